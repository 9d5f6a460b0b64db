//! Sessions of STUMTP, told: numbers that come again on another connection.

use palabre::capture::Seen;
use palabre::replay::Mark;

use crate::replayed::{Tale, address, names, passed_over, who};

const SERVER: &str = "192.0.2.9:7400";
const FIRST: &str = "192.0.2.1:50000";
const SECOND: &str = "192.0.2.1:50001";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn numbered(id: u64, text: &str) -> Vec<u8> {
    format!("\u{1}{id}\u{2}{text}\u{3}").into_bytes()
}

fn signs_in(tale: &mut Tale) {
    tale.opened(0, FIRST, SERVER);
    tale.bytes(10, FIRST, SERVER, &numbered(0, r#"LOGIN "lucy""#));
    let session = numbered(0, &format!("SESSION \"{TOKEN}\""));
    let told = tale.bytes(30, SERVER, FIRST, &[session, numbered(1, r#"DISPLAY_ROOM "room1""#)].concat());
    assert_eq!(names(&told), ["numbered text", "numbered text"]);
    assert_eq!(who(&told[0].to), "lucy");
    assert_eq!(told[1].marks, [Mark::Answers { packet: 2, after: 20, tries: 1, is_late: false }]);
}

#[test]
fn u3_what_is_sent_again_after_resume_is_told_as_such() {
    let mut tale = Tale::new();
    signs_in(&mut tale);
    tale.bytes(100, FIRST, SERVER, &numbered(1, r#"MSG "public" "lucy" "salut""#));
    tale.seen(200, Seen::Reset { from: address(FIRST), to: address(SERVER) });

    tale.opened(1_000, SECOND, SERVER);
    let resume = format!("\u{1}0\u{6}1\u{2}RESUME \"{TOKEN}\"\u{3}");
    tale.bytes(1_010, SECOND, SERVER, resume.as_bytes());
    let told = tale.bytes(1_020, SERVER, SECOND, &numbered(0, &format!("SESSION \"{TOKEN}\"")));
    assert_eq!(who(&told[0].to), "lucy", "the token says who it is");
    let again = numbered(1, r#"MSG "public" "lucy" "salut""#);
    let next = numbered(2, r#"MSG "public" "lucy" "encore""#);
    let told = tale.bytes(1_100, SECOND, SERVER, &[again, next].concat());
    assert_eq!(told[0].marks, [Mark::Again { packet: 4, attempt: 2, after: 1_000 }]);
    assert_eq!(told[1].marks, []);
    let told = tale.bytes(1_200, SERVER, SECOND, &numbered(2, "OK"));
    assert_eq!(told[0].marks, [], "nobody can say for sure what it answers");
    let row = tale.row();
    assert_eq!((row.sent.messages, row.sent.resent), (5, 1));
}

#[test]
fn u7_a_stream_with_a_hole_is_read_on_behind_the_next_end_of_text() {
    let mut tale = Tale::new();
    signs_in(&mut tale);
    let seen = Seen::Missing { from: address(SERVER), to: address(FIRST), bytes: 9 };
    let why = passed_over(&tale.seen(40, seen));
    assert_eq!(why, ["9 bytes are missing: it is passed over up to the next end of a message"]);
    let told = tale.bytes(50, SERVER, FIRST, &[b"rest\x03".to_vec(), numbered(3, "SYSTEM \"x\"")].concat());
    assert_eq!(told.len(), 1);
}

#[test]
fn u7_a_unit_that_is_too_long_is_passed_over_up_to_its_end() {
    let mut tale = Tale::new();
    signs_in(&mut tale);
    let long = vec![b'x'; 70_000];
    let seen = |bytes: &[u8]| crate::replayed::bytes_of(FIRST, SERVER, bytes);
    let why = passed_over(&tale.seen(40, seen(&long)));
    assert_eq!(why.len(), 1, "{why:?}");
    assert!(why[0].contains("more than 65579 bytes"), "{why:?}");
    let told = tale.bytes(50, FIRST, SERVER, &[b"x\x03".to_vec(), numbered(1, "QUIT")].concat());
    assert_eq!(names(&told), ["numbered text"]);
}

#[test]
fn a_plain_client_is_known_by_name_too() {
    let mut tale = Tale::new();
    tale.opened(0, FIRST, SERVER);
    tale.bytes(10, FIRST, SERVER, b"LOGIN \"bob\"\x03");
    let told = tale.bytes(30, SERVER, FIRST, b"DISPLAY_ROOM \"room1\"\x03");
    assert_eq!((names(&told), who(&told[0].to)), (vec!["plain text"], "bob".into()));
}
