//! Who answers whom, what is said again, what is never answered; and how it all looks.

use palabre::engine::Dialect;

use super::packets::{Packets, notes};
use super::server;
use super::shark::{self, Told};

/// `TEXTE id=1 seq=3 "bonjour"`.
const TEXT: &[u8] = b"\x78\x08\x00\x18\x00\x3b\x13\x7b\x73\x53\x7b\xab\x90";
/// `REPONSE_TEXTE id=255 seq=3`.
const TEXT_REPLY: &[u8] = b"\x87\xf8\x00\x18";
/// `DEMANDER_LISTE_MESSAGERIE id=1 seq=5`.
const LIST_ROOMS: &[u8] = b"\x28\x08\x00\x28";

/// The values of these fields in one message.
fn values<'t>(told: &'t Told, names: &[&str]) -> Vec<Option<&'t str>> {
    names.iter().map(|name| told.value(&format!("palabre.{name}"))).collect()
}

#[test]
fn m1_m13_answers_copies_and_silence_are_told_apart() {
    if !shark::is_here() {
        return;
    }
    let (client, server, mut packets) = (Packets::client(0), server(Dialect::Msp), Packets::default());
    for (from_client, bytes) in
        [(true, TEXT), (true, TEXT), (false, TEXT_REPLY), (false, TEXT_REPLY), (true, LIST_ROOMS)]
    {
        let (from, to) = if from_client { (client, server) } else { (server, client) };
        packets.datagram(from, to, bytes);
    }
    let told = shark::messages(&packets.save("links-msp.pcap"), &["-2"]);
    let names = ["retransmission", "response_in", "response_to", "time", "answer_again"];
    let found: Vec<_> = told.iter().map(|told| values(told, &names)).collect();
    let expected = [
        [None, Some("3"), None, None, None],
        [Some("1"), Some("3"), None, None, None],
        [None, None, Some("1"), Some("0.002000000"), None],
        [None, None, Some("1"), Some("0.003000000"), Some("3")],
        [None; 5],
    ];
    assert_eq!(found, expected);
    let silent: Vec<_> = told.iter().map(|told| told.value("palabre.unanswered").is_some()).collect();
    assert_eq!(silent, [false, false, false, false, true]);
}

#[test]
fn s5_an_answer_belongs_to_the_side_that_asked_under_its_number() {
    if !shark::is_here() {
        return;
    }
    let (client, server, mut packets) = (Packets::client(0), server(Dialect::Shen), Packets::default());
    let ack = b"\x01\x42\x80\x00";
    for (from_client, bytes) in [
        // 22 of the client and 23 of the server, both under 5.
        (true, &b"\x01\x45\x80\x20\x00\x02\x42\x6f\x6e"[..]),
        (false, b"\x01\x45\xc0\x20\x00\x02\x42\x6f\x6e"),
        (true, ack),
        (false, ack),
        // 14 of the server under 6, which it asks; the client's ACK.
        (false, b"\x01\x83\x80\x00"),
        (true, b"\x01\x82\x80\x00"),
    ] {
        let (from, to) = if from_client { (client, server) } else { (server, client) };
        packets.datagram(from, to, bytes);
    }
    let told = shark::messages(&packets.save("links-shen.pcap"), &["-2"]);
    let found: Vec<_> = told.iter().map(|told| values(told, &["response_in", "response_to"])).collect();
    let (asked, answered) = (|frame| [Some(frame), None], |frame| [None, Some(frame)]);
    assert_eq!(found, [asked("4"), asked("3"), answered("2"), answered("1"), asked("6"), answered("5")]);
}

#[test]
fn u2_u5_a_text_that_is_said_again_on_another_connection_is_known() {
    if !shark::is_here() {
        return;
    }
    let (server, mut packets) = (server(Dialect::Stumtp), Packets::default());
    let mut talk = packets.open(Packets::client(0), server);
    talk.say(&mut packets, b"\x010\x02LOGIN \"alice\"\x03");
    talk.answer(&mut packets, b"\x010\x02SESSION \"5f0c\"\x03\x011\x02DISPLAY_ROOM\x03");
    talk.say(&mut packets, b"\x011\x061\x02MSG \"public\" \"alice\" \"a\"\x03");
    talk.end(&mut packets);
    let mut talk = packets.open(Packets::client(1), server);
    talk.say(&mut packets, b"\x010\x061\x02RESUME \"5f0c\"\x03");
    talk.answer(&mut packets, b"\x010\x02SESSION \"5f0c\"\x03");
    talk.say(&mut packets, b"\x011\x02MSG \"public\" \"alice\" \"a\"\x03");
    talk.answer(&mut packets, b"\x01\x061\x03");
    let told = shark::messages(&packets.save("links-stumtp.pcap"), &["-2"]);
    let names = ["retransmission", "response_in", "response_to"];
    let found: Vec<_> = told.iter().map(|told| values(told, &names)).collect();
    let expected = [
        [None, Some("4"), None],
        [None, None, Some("3")],
        [None, Some("5"), None],
        [None, Some("12"), Some("4")],
        [None, Some("10"), None],
        [None, None, Some("9")],
        [Some("5"), Some("12"), None],
        [None, None, Some("5")],
    ];
    assert_eq!(found, expected);
}

#[test]
fn answers_in_streams_come_in_the_order_of_their_requests() {
    if !shark::is_here() {
        return;
    }
    let mut packets = Packets::default();
    let mut talk = packets.open(Packets::client(0), server(Dialect::Stories));
    talk.say(&mut packets, b"LOGIN \"alice\"\nJOIN_ROOM \"x\"\n");
    talk.answer(&mut packets, b"DISPLAY_ROOM \"room1\"\nSYSTEM \"bob a rejoint le chat\"\n");
    talk.answer(&mut packets, b"KO \"cette room n'existe pas\"\n");
    let mut talk = packets.open(Packets::client(1), server(Dialect::Matou));
    talk.say(&mut packets, b"\0\0\0\x01\0\0\0\x05Minou");
    talk.answer(&mut packets, b"\0\0\0\x02\x01");
    let told = shark::messages(&packets.save("links-streams.pcap"), &["-2"]);
    let found: Vec<_> = told.iter().map(|told| values(told, &["response_in", "response_to"])).collect();
    let (asked, answered) = (|frame| [Some(frame), None], |frame| [None, Some(frame)]);
    let expected =
        [asked("4"), asked("5"), answered("3"), [None; 2], answered("3"), asked("9"), answered("8")];
    assert_eq!(found, expected);
}

#[test]
fn a14_between_two_people_the_bytes_of_a_file_are_no_messages() {
    if !shark::is_here() {
        return;
    }
    let (from, to) = (Packets::client(0), Packets::client(1));
    let mut packets = Packets::default();
    let file = b"\0\0\0\x0e\0\0\0\x01a\0\0\0\0\0\0\0\x0a0123456789\0\0\0\x10";
    packets.stream(from, to, file, &[3, 20, 1]);
    let decode_as = format!("tcp.port=={},palabre.matou", to.port());
    let told = shark::messages(&packets.save("links-file.pcap"), &["-2", "-d", &decode_as]);
    let names: Vec<_> = told.iter().filter_map(|told| told.value("palabre.message")).collect();
    assert_eq!(names, ["PVFILE", "PVDISCO"]);
    let bytes: String = told.iter().filter_map(|told| told.value("palabre.file")).collect();
    assert_eq!(bytes.replace(':', ""), "30313233343536373839");
}

#[test]
fn a_text_looks_like_this() {
    if !shark::is_here() {
        return;
    }
    let mut packets = Packets::default();
    packets.datagram(Packets::client(0), server(Dialect::Msp), TEXT);
    let capture = packets.save("look.pcap");
    let tree = "\
MSP (palabre): TEXTE
    [Message: TEXTE]
    TYPE: TEXTE (15) [bits 0 to 4]
    ID_USER: 1 [bits 5 to 12]
    NUM_SEQ: 3 [bits 13 to 28]
    CHAT_LONGUEUR: 7 [bits 29 to 44]
    CHAT: bonjour [bits 45 to 100]
    padding: 0 [bits 101 to 103]";
    let found = shark::print(&capture, &["-V"]);
    assert!(found.contains(tree), "{found}");
    let line = shark::print(&capture, &["-T", "fields", "-e", "_ws.col.Protocol", "-e", "_ws.col.Info"]);
    assert_eq!(line, "MSP\tTEXTE id=1 seq=3 \"bonjour\"\n");
    let filtered =
        shark::print(&capture, &["-Y", "palabre.msp.num_seq == 3 && palabre.msp.chat == \"bonjour\""]);
    assert_eq!(filtered.lines().count(), 1);
}

#[test]
fn notes_of_our_own_captures_are_shown_and_those_of_others_are_not_taken_for_them() {
    if !shark::is_here() {
        return;
    }
    let lines = ["timer", "lost 12", "too long", "event alice came"];
    let told = shark::messages(&notes("notes.pcapng", "palabre-engine", &lines), &[]);
    let found: Vec<_> = told.iter().map(|told| values(told, &["note.text", "note.kind"])).collect();
    let kinds = ["timer", "lost", "too long", "event"];
    let expected: Vec<_> =
        lines.iter().zip(kinds).map(|(line, kind)| vec![Some(*line), Some(kind)]).collect();
    assert_eq!(found, expected);
    assert_eq!(shark::messages(&notes("others.pcapng", "radio", &lines), &[]).len(), 0);
}
