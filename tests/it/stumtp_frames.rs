//! U1 and U7 at the server: plain clients, refused texts, streams that go on and streams that cannot.

use palabre::engine::DropReason;
use palabre::time::Duration;

use crate::stumtp_client::{Talker, served};

const NOTHING: [&str; 0] = [];

#[test]
fn u1_who_speaks_plainly_is_answered_plainly_and_nothing_is_kept_for_him() {
    let served = served();
    let (mut alice, mut bob) = (Talker::plainly(&served, "alice"), Talker::signed_in(&served, "bob"));
    assert_eq!(alice.heard(), ["SYSTEM \"bob a rejoint le chat\""]);
    alice.says_plainly("MSG \"public\" \"alice\" \"bonjour\"");
    bob.says(1, "MSG \"public\" \"bob\" \"salut\"");
    assert_eq!(alice.heard(), ["OK", "MSG \"public\" \"bob\" \"salut\""]);
    assert_eq!(bob.heard(), ["2 MSG \"public\" \"alice\" \"bonjour\"", "3^1 OK"]);
    alice.says(1, "MSG \"public\" \"alice\" \"numéro un\"");
    assert_eq!(alice.heard(), ["0 KO \"pas de session : LOGIN avec l'identifiant 0 d'abord\""]);
    alice.line.dies();
    assert_eq!(bob.heard(), ["4 SYSTEM \"alice a quitté le chat\""], "his session ends with his connection");
}

#[test]
fn u1_a_plain_message_in_a_session_is_taken_and_answered_plainly() {
    let served = served();
    let (mut alice, mut bob) = (Talker::signed_in(&served, "alice"), Talker::signed_in(&served, "bob"));
    alice.heard();
    alice.says_plainly("MSG \"public\" \"alice\" \"sans numéro\"");
    assert_eq!(alice.heard(), ["OK"]);
    assert_eq!(bob.heard(), ["2 MSG \"public\" \"alice\" \"sans numéro\""]);
    bob.says(1, "MSG \"public\" \"bob\" \"avec\"");
    assert_eq!(alice.heard(), ["3 MSG \"public\" \"bob\" \"avec\""], "what others say keeps its number");
}

#[test]
fn u1_a_text_that_is_refused_is_used_up_and_acknowledged() {
    let served = served();
    let (mut alice, mut bob) = (Talker::signed_in(&served, "alice"), Talker::signed_in(&served, "bob"));
    alice.heard();
    for (number, byte) in [(1, 1_u8), (2, 2), (3, 6), (4, 0xff)] {
        let frame = [format!("\u{1}{number}\u{2}MSG a").as_bytes(), &[byte], b"b\x03"].concat();
        alice.line.sends(&frame);
        let heard = alice.heard();
        let wanted = format!("{}^{number} ERROR \"", number + 2);
        assert!(heard.len() == 1 && heard[0].starts_with(&wanted), "{heard:?}");
    }
    alice.says(5, "MSG \"public\" \"alice\" \"bien\"");
    assert_eq!(bob.heard(), ["2 MSG \"public\" \"alice\" \"bien\""]);
    assert_eq!(served.dropped(DropReason::Malformed), 4);
}

#[test]
fn u1_the_marks_that_others_say_become_spaces() {
    let served = served();
    let (mut bob, mut carol) = (Talker::signed_in(&served, "bob"), Talker::plainly(&served, "carol"));
    let alice = crate::streamed::Line::new(&served, palabre::ids::ListenerId(3));
    let text = "MSG|a\u{1}b\u{2}c\u{3}d\u{6}e\u{7}";
    for text in ["LOGIN|alice", text] {
        let mut frame = u32::try_from(text.len()).unwrap().to_be_bytes().to_vec();
        frame.extend_from_slice(text.as_bytes());
        alice.sends(&frame);
    }
    let wanted = "MSG \"public\" \"alice\" \"a b c d e\u{7}\"";
    assert_eq!(bob.heard().last().and_then(|heard| heard.split_once(' ')).map(|heard| heard.1), Some(wanted));
    assert_eq!(carol.heard().last().map(String::as_str), Some(wanted));
}

#[test]
fn u7_a_header_that_cannot_be_read_is_an_error_and_the_stream_goes_on() {
    let served = served();
    let mut alice = Talker::signed_in(&served, "alice");
    for unit in
        ["\u{1}x\u{2}a\u{3}", "\u{1}99999999999999999999\u{2}a\u{3}", "\u{1}1\u{6}\u{2}a\u{3}", "\u{1}1\u{3}"]
    {
        alice.line.sends(unit.as_bytes());
        let heard = alice.heard();
        assert!(heard.len() == 1 && heard[0].starts_with("0 ERROR \""), "{heard:?}");
    }
    alice.line.sends(b"a\x06b\x03");
    assert_eq!(alice.heard(), ["ERROR \"le texte contient un octet 1, 2, 3 ou 6\""], "it came plainly");
    alice.says(1, "JOIN_ROOM \"room1\"");
    assert_eq!(alice.heard(), ["2^1 OK"], "no number was used up");
}

#[test]
fn u7_a_message_that_is_too_long_closes_the_connection_and_the_session_goes_on() {
    let served = served();
    let (mut alice, mut bob) = (Talker::signed_in(&served, "alice"), Talker::signed_in(&served, "bob"));
    alice.heard();
    alice.line.sends(&[&b"\x011\x02"[..], &vec![b'x'; 70_000]].concat());
    assert_eq!(alice.heard(), ["0 ERROR \"message trop long\""]);
    assert!(alice.line.is_closed());
    assert_eq!(bob.heard(), NOTHING);
    let mut again = alice.resumes(&served, 2);
    assert_eq!(again.heard(), ["0^0 SESSION"]);
    let mut carol = Talker::plainly(&served, "carol");
    carol.line.sends(&vec![b'x'; 70_000]);
    assert_eq!(carol.heard(), ["ERROR \"message trop long\""]);
    assert_eq!(bob.heard().last().map(String::as_str), Some("3 SYSTEM \"carol a quitté le chat\""));
}

#[test]
fn u7_half_a_message_and_then_nothing_for_60_s_closes_the_connection_and_the_session_goes_on() {
    let served = served();
    let mut alice = Talker::signed_in(&served, "alice");
    alice.line.sends(b"\x011\x02MSG ");
    served.passes(Duration::from_secs(59));
    assert!(!alice.line.is_closed());
    served.passes(Duration::from_secs(1));
    assert!(alice.line.is_closed());
    assert_eq!(alice.heard(), NOTHING);
    let mut again = alice.resumes(&served, 1);
    again.says(1, "JOIN_ROOM \"room1\"");
    assert_eq!(again.heard(), ["0^0 SESSION", "2^1 OK"]);
}

#[test]
fn u7_who_does_not_sign_in_within_30_s_is_closed() {
    let served = served();
    let mut silent = Talker::new(&served);
    silent.says_plainly("MSG \"public\" \"x\" \"y\"");
    assert_eq!(silent.heard(), ["KO \"LOGIN d'abord\""]);
    served.passes(Duration::from_secs(30));
    assert_eq!(silent.heard(), ["ERROR \"pas de LOGIN à temps\""]);
    assert!(silent.line.is_closed());
}

#[test]
fn u1_frames_that_come_byte_by_byte_or_together_are_the_same_frames() {
    let (one, many) = (served(), served());
    let stream = "\u{1}0\u{2}LOGIN \"alice\"\u{3}\u{1}1\u{6}1\u{2}MSG \"public\" \"alice\" \"é\"\u{3}\u{1}x\u{3}\u{1}\u{6}2\u{3}";
    let (mut whole, mut bytes) = (Talker::new(&one), Talker::new(&many));
    whole.line.sends(stream.as_bytes());
    bytes.line.dribbles(stream.as_bytes());
    let heard = whole.heard();
    assert_eq!(heard.len(), 4, "{heard:?}");
    assert_eq!(heard, bytes.heard());
}
