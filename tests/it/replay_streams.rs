//! Connections, told: messages however the network has cut them, and what becomes of a stream with a hole.

use palabre::capture::Seen;
use palabre::dialect::matou;
use palabre::dialect::stories::{self, Form};
use palabre::engine::{Dialect, Listener};
use palabre::replay::{Item, Mark, Role, What};
use proptest::prelude::*;

use crate::replayed::{Tale, address, bytes_of, message, names, of_matou, passed_over, who};

const MATOU: &str = "192.0.2.9:7404";
const STORIES: &str = "192.0.2.9:7402";
const MINOU: &str = "192.0.2.1:50000";

fn framed(form: Form, texts: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    texts.iter().for_each(|text| stories::frame(form, text, &mut bytes));
    bytes
}

fn missing(from: &str, to: &str, bytes: u64) -> Seen {
    Seen::Missing { from: address(from), to: address(to), bytes }
}

const fn answers(packet: u64, after: u64) -> Mark {
    Mark::Answers { packet, after, tries: 1, is_late: false }
}

#[test]
fn somebody_of_matou_has_his_name_from_cores() {
    let mut tale = Tale::new();
    tale.opened(0, MINOU, MATOU);
    let refused = of_matou(&matou::Message::Connected { accepted: false });
    let accepted = of_matou(&matou::Message::Connected { accepted: true });
    let connect = |name: &'static str| of_matou(&matou::Message::Connect { name: name.into() });
    tale.bytes(1, MINOU, MATOU, &connect("Felix"));
    let told = tale.bytes(5, MATOU, MINOU, &refused);
    assert_eq!((who(&told[0].to), &told[0].marks[..]), (MINOU.into(), &[answers(2, 4)][..]));
    tale.bytes(10, MINOU, MATOU, &connect("Minou"));
    let arrived = of_matou(&matou::Message::Arrived { name: "Minou".into() });
    let told = tale.bytes(15, MATOU, MINOU, &[accepted, arrived].concat());
    assert_eq!(names(&told), ["CORES", "CONOTIF"]);
    assert_eq!((who(&told[0].to), &told[0].marks[..]), ("Minou".into(), &[answers(4, 5)][..]));
    assert_eq!(tale.row().who, palabre::replay::Who::Named("Minou".into()));
}

#[test]
fn the_bytes_of_a_file_are_no_messages() {
    let mut tale = Tale::new();
    tale.opened(0, MINOU, MATOU);
    let file = of_matou(&matou::Message::File { name: "chat.png".into(), size: 5 });
    let end = of_matou(&matou::Message::PrivateSignOut);
    let told = tale.bytes(1, MINOU, MATOU, &[&file[..], b"\x7f\x7f\x7f"].concat());
    assert_eq!(names(&told), ["PVFILE"]);
    // One of the last two is missing.
    let items = tale.seen(2, missing(MINOU, MATOU, 1));
    assert_eq!(passed_over(&items), ["1 byte is missing of what is not told anyway"]);
    assert_eq!(names(&tale.bytes(3, MINOU, MATOU, &[b"\x7f", &end[..]].concat())), ["PVDISCO"]);
}

#[test]
fn matou_cannot_be_read_on_behind_a_hole() {
    let mut tale = Tale::new();
    let text = of_matou(&matou::Message::Say { text: "miaou".into() });
    tale.bytes(0, MINOU, MATOU, &text);
    let items = tale.seen(1, missing(MINOU, MATOU, 4));
    assert_eq!(passed_over(&items), ["4 bytes are missing: the rest of it is passed over"]);
    assert_eq!(tale.seen(2, bytes_of(MINOU, MATOU, &text)), []);
    let said = of_matou(&matou::Message::Said { author: "Minou".into(), text: "miaou".into() });
    assert_eq!(names(&tale.bytes(3, MATOU, MINOU, &said)), ["MSGBC"], "the other direction can");
    tale.opened(4, MINOU, MATOU);
    assert_eq!(names(&tale.bytes(5, MINOU, MATOU, &text)), ["MSG"], "and so can the next connection");
}

#[test]
fn what_is_no_message_is_told_and_the_rest_passed_over() {
    let mut tale = Tale::new();
    let items = tale.seen(0, bytes_of(MINOU, MATOU, b"GET / HTTP/1.1\r\n\r\n"));
    let why = passed_over(&items);
    assert!(why[0].ends_with("the rest of it is passed over"), "{why:?}");
    assert_eq!((items.len(), why.len()), (1, 1));
}

#[test]
fn b1_the_first_bytes_of_a_client_say_the_form_of_both_directions() {
    for form in [Form::Prefixed, Form::Lines] {
        let mut tale = Tale::new();
        tale.opened(0, MINOU, STORIES);
        let login = framed(form, &[r#"LOGIN "minou""#]);
        let (start, rest) = login.split_at(2);
        assert_eq!(tale.bytes(1, MINOU, STORIES, start), []);
        assert_eq!(names(&tale.bytes(2, MINOU, STORIES, rest)), ["LOGIN"], "{form:?}");
        let answer = framed(form, &[r#"DISPLAY_ROOM "room1""#, r#"{"type":"ERROR"}"#]);
        let told = tale.bytes(9, STORIES, MINOU, &answer);
        assert_eq!(names(&told), ["DISPLAY_ROOM", "JSON"]);
        assert_eq!((who(&told[0].to), &told[0].marks[..]), ("minou".into(), &[answers(3, 7)][..]));
    }
}

#[test]
fn commands_between_quotation_marks_are_answered_in_their_order() {
    let mut tale = Tale::new();
    tale.opened(0, MINOU, STORIES);
    let asked =
        [r#"LOGIN "minou""#, r#"JOIN_ROOM "nowhere""#, r#"{"type":"GET_FILE"}"#, r#"JOIN_ROOM "room1""#];
    tale.bytes(1, MINOU, STORIES, &framed(Form::Lines, &asked));
    let said = [r#"DISPLAY_ROOM "room1""#, r#"SYSTEM "news""#, r#"KO "why""#, "OK", "OK"];
    let told = tale.bytes(5, STORIES, MINOU, &framed(Form::Lines, &said));
    let marks: Vec<_> = told.iter().map(|message| message.marks.len()).collect();
    assert_eq!(marks, [1, 0, 1, 1, 0], "the last OK answers nothing that is known");
    let sent = tale.row().sent;
    assert_eq!((sent.messages, sent.requests, sent.answered), (4, 3, 3));
}

#[test]
fn behind_a_hole_nobody_knows_which_command_is_answered() {
    let mut tale = Tale::new();
    tale.opened(0, MINOU, STORIES);
    let asked = [r#"LOGIN "minou""#, r#"JOIN_ROOM "nowhere""#, r#"JOIN_ROOM "room1""#];
    tale.bytes(1, MINOU, STORIES, &framed(Form::Prefixed, &asked));
    let said = framed(Form::Prefixed, &[r#"DISPLAY_ROOM "room1""#, r#"KO "why""#]);
    let (there, lacking) = said.split_at(said.len() - 8);
    tale.bytes(2, STORIES, MINOU, there);
    tale.seen(3, missing(STORIES, MINOU, lacking.len() as u64));
    let told = tale.bytes(4, STORIES, MINOU, &framed(Form::Prefixed, &["OK"]));
    assert_eq!((names(&told), &told[0].marks[..]), (vec!["OK"], &[][..]));
}

#[test]
fn who_is_known_by_a_comment_is_matched_all_the_same() {
    let mut tale = Tale::new();
    tale.story.learn(&crate::replay_ports::header(&[STORIES], vec![Listener::of(Dialect::Stories)]));
    let said = |from, to, text| bytes_of(from, to, &framed(Form::Lines, &[text]));
    let told = tale.remarked(1, said(MINOU, STORIES, r#"LOGIN "minou""#), &["peer Minou"]);
    assert_eq!(who(&message(told[0].clone()).from), "Minou", "as the capture says");
    let told = tale.remarked(4, said(STORIES, MINOU, r#"DISPLAY_ROOM "room1""#), &["peer Minou"]);
    let answer = message(told[0].clone());
    assert_eq!((who(&answer.to), &answer.marks[..]), ("minou".into(), &[answers(1, 3)][..]));
}

#[test]
fn between_bars_nothing_says_done_so_only_the_name_is_learnt() {
    let mut tale = Tale::new();
    tale.opened(0, MINOU, STORIES);
    tale.bytes(1, MINOU, STORIES, &framed(Form::Lines, &["LOGIN|minou", "ROOM|chats"]));
    let told = tale.bytes(5, STORIES, MINOU, &framed(Form::Lines, &["ERROR|name", "SYSTEM|news"]));
    assert_eq!(who(&told[0].to), MINOU, "refused");
    tale.bytes(6, MINOU, STORIES, &framed(Form::Lines, &["LOGIN|minou"]));
    let told = tale.bytes(7, STORIES, MINOU, &framed(Form::Lines, &["SYSTEM|minou a rejoint la room chats"]));
    assert_eq!((who(&told[0].to), &told[0].marks[..]), ("minou".into(), &[][..]));
}

#[test]
fn a_hole_inside_a_frame_costs_that_frame_alone() {
    let mut tale = Tale::new();
    tale.opened(0, MINOU, STORIES);
    let frames = framed(Form::Prefixed, &["LOGIN|minou", "MSG|a long text with a hole", "MSG|the next one"]);
    let first = tale.bytes(1, MINOU, STORIES, &frames[..25]);
    assert_eq!(names(&first), ["LOGIN"]);
    let items = tale.seen(2, missing(MINOU, STORIES, 7));
    assert_eq!(passed_over(&items), ["7 bytes are missing: a message is passed over"]);
    let told = tale.bytes(3, MINOU, STORIES, &frames[32..]);
    assert_eq!(told.len(), 1);
    assert!(format!("{:?}", told[0].dissection.fields).contains("the next one"));
}

#[test]
fn lines_are_read_on_behind_the_next_line_end() {
    let mut tale = Tale::new();
    tale.opened(0, MINOU, STORIES);
    tale.bytes(1, MINOU, STORIES, b"LOGIN|minou\nMSG|a lo");
    let why = passed_over(&tale.seen(2, missing(MINOU, STORIES, 70)));
    assert_eq!(why, ["70 bytes are missing: it is passed over up to the next end of a message"]);
    assert_eq!(names(&tale.bytes(3, MINOU, STORIES, b"ng text\nMSG|whole\n")), ["MSG"]);
}

#[test]
fn a_stream_that_ends_within_a_message_is_told() {
    let mut tale = Tale::new();
    tale.opened(0, MINOU, STORIES);
    tale.bytes(1, MINOU, STORIES, b"LOGIN|minou\nMSG|a lo");
    let items = tale.seen(2, Seen::Ended { from: address(MINOU), to: address(STORIES) });
    assert_eq!(passed_over(&items), ["it ends within a message, of which 8 bytes are there"]);
    assert!(matches!(items[1].what, What::Ended { .. }));
    let reset = tale.seen(3, Seen::Reset { from: address(STORIES), to: address(MINOU) });
    assert!(matches!(reset[..], [Item { what: What::Reset { .. }, .. }]), "{reset:?}");
}

proptest! {
    #[test]
    fn any_cut_of_a_stream_tells_the_same_messages(cuts in prop::collection::vec(1_usize..40, 1..20)) {
        let stream: Vec<u8> = [
            matou::Message::Connect { name: "Minou".into() },
            matou::Message::Say { text: "miaou".into() },
            matou::Message::File { name: "f".into(), size: 3 },
        ].iter().flat_map(of_matou).chain(*b"abc").chain(of_matou(&matou::Message::SignOut)).collect();
        let (mut tale, mut told, mut rest) = (Tale::new(), Vec::new(), &stream[..]);
        for cut in cuts.iter().cycle() {
            let (piece, after) = rest.split_at((*cut).min(rest.len()));
            told.extend(tale.bytes(1, MINOU, MATOU, piece));
            rest = after;
            if rest.is_empty() { break }
        }
        prop_assert_eq!(names(&told), ["COREQ", "MSG", "PVFILE", "DISCO"]);
    }

    #[test]
    fn nothing_that_a_capture_may_hold_stops_a_story(
        events in prop::collection::vec((0_usize..9, 0_usize..4, prop::collection::vec(any::<u8>(), 0..60), any::<u32>()), 0..60)
    ) {
        let mut tale = Tale::new();
        let mut count = 0;
        for (what, port, bytes, number) in events {
            let server = format!("192.0.2.9:{}", 7400 + port);
            let (from, to) = if number % 2 == 0 { (MINOU, &*server) } else { (&*server, MINOU) };
            let (a, b) = (address(from), address(to));
            let seen = match what {
                0 | 1 => Seen::Datagram { from: a, to: b, bytes, missing: (number % 3) as usize },
                2 => Seen::Opened { from: a, to: b },
                3..=5 => Seen::Bytes { from: a, to: b, bytes, pushed: true },
                6 => Seen::Missing { from: a, to: b, bytes: number.into() },
                7 => Seen::Ended { from: a, to: b },
                _ => Seen::Reset { from: a, to: b },
            };
            count += tale.seen(u64::from(number % 7_000_000), seen).len();
        }
        count += tale.end().len();
        prop_assert!(count < 10_000);
        prop_assert!(tale.story.summary().rows.len() <= 60);
    }
}

#[test]
fn a4_two_clients_of_matou_are_heard_where_the_server_has_sent_them() {
    let mut tale = Tale::new();
    let (door, felix, signed_in) = ("192.0.2.6:40001", "192.0.2.7:50001", "192.0.2.7:50000");
    assert_eq!(tale.opened(0, felix, door), [], "anybody could be there");
    let connect = matou::Message::Connect { name: "Felix".into() };
    tale.bytes(1, signed_in, MATOU, &of_matou(&connect));
    tale.bytes(1, MATOU, signed_in, &of_matou(&matou::Message::Connected { accepted: true }));
    let meet = matou::Message::Meet {
        name: "Minou".into(),
        address: "192.0.2.6".parse().unwrap(),
        ports: (40_001, 40_002).into(),
    };
    tale.bytes(1, MATOU, signed_in, &of_matou(&meet));
    assert_eq!(tale.opened(2, felix, door).len(), 1);
    let told = tale.bytes(3, door, felix, &of_matou(&matou::Message::Private { text: "psst".into() }));
    assert_eq!((names(&told), told[0].from.role), (vec!["PVMSG"], Role::Client));
    assert_eq!((who(&told[0].from), who(&told[0].to)), ("Minou".into(), "Felix".into()));
    let both = palabre::replay::Who::Both("Felix".into(), "Minou".into());
    assert!(tale.story.summary().rows.iter().any(|row| row.who == both));
}
