//! The rulings of the specification that the codec is bound by, one by one.

use palabre::dialect::shen::{
    Body, Entry, Format, Kind, MOST_TEXT, Message, RawHeader, Unencodable, dissect,
};
use palabre::vocab::Mode;
use palabre::wire::Fault;

use super::{decoded, encoded};
use crate::codec::{drawn, from_hex, shown, to_hex};

fn message(body: Body<'static>) -> Message<'static> {
    Message { seq: 1, body }
}

fn ack(text: &str) -> Message<'static> {
    message(Body::plain(Kind::Ack, text.to_owned()))
}

fn entry(text: &str) -> Entry<'static> {
    Entry { room: 0, private: false, user: 1, text: text.to_owned().into() }
}

/// The header of number 1 in bits.
fn head(kind: Kind, length: u16) -> String {
    format!("0000000001 {:08b} {length:010b}", kind.code())
}

#[test]
fn s1_each_of_the_four_formats_is_laid_out_as_the_table_says() {
    assert_eq!(Kind::ALL.len(), 29);
    for kind in Kind::ALL {
        let format = match kind.code() {
            1..=21 => Format::Plain,
            22 | 23 => Format::Speech,
            24..=28 => Format::Room,
            _ => Format::List,
        };
        assert_eq!((kind.format(), Kind::from_code(kind.code())), (format, Some(*kind)));
    }
    assert_eq!([0, 30, 31, 255].map(Kind::from_code), [None; 4]);

    let line = "01100001 00001101 00001010";
    let (kind, text) = (Kind::Send, "a".into());
    let cases = [
        (Body::plain(Kind::Ack, "a"), format!("{} {line}", head(Kind::Ack, 2))),
        (
            Body::Speech { kind, emitter: 1, receiver: 1023, text },
            format!("{} 0000000001 1111111111 {line}", head(kind, 2)),
        ),
        (
            Body::Room {
                kind: Kind::RenameRoom,
                private: true,
                mode: Mode::Direct,
                room: 100,
                text: "a".into(),
            },
            format!("{} 01 01 0001100100 {line}", head(Kind::RenameRoom, 2)),
        ),
        (
            Body::List(vec![
                Entry { room: 5, private: true, user: 4095, text: "a".into() },
                Entry { room: 0, private: false, user: 2, text: "".into() },
                Entry { room: 0, private: false, user: 3, text: "bb".into() },
            ]),
            format!(
                "{} 0000000101 1 111111111111 000000001 01100001 0000000000 0 000000000010 000000000 \
                 0000000000 0 000000000011 000000010 01100010 01100010",
                head(Kind::UserList, 2)
            ),
        ),
    ];
    for (body, picture) in cases {
        let message = message(body);
        assert_eq!(to_hex(&encoded(&message)), to_hex(&drawn(&picture)), "{picture}");
        assert_eq!(decoded(&drawn(&picture)), Ok(message));
    }
}

#[test]
fn s1_no_text_and_one_byte_of_text_are_told_apart_by_what_is_left() {
    let speech = |text| Body::Speech { kind: Kind::Send, emitter: 0, receiver: 0, text };
    let room =
        |text| Body::Room { kind: Kind::ChooseMode, private: true, mode: Mode::Central, room: 0, text };
    let plain = |text| Body::Plain { kind: Kind::Ack, text };
    let fields =
        [("", &plain as &dyn Fn(_) -> Body<'static>), (&"0".repeat(20), &speech), ("01000000000000", &room)];
    for (fields, body) in fields {
        let none = body("".into());
        let start = format!("{} {fields}", head(none.kind(), 0));
        assert_eq!(encoded(&message(none.clone())), drawn(&start));
        assert_eq!(decoded(&drawn(&start)), Ok(message(none.clone())));
        assert_eq!(decoded(&drawn(&format!("{start} 01100001"))), Ok(message(body("a".into()))));
        // One byte that is the end of a line: it was there, and says nothing.
        assert_eq!(decoded(&drawn(&format!("{start} 00001010"))), Ok(message(none)));
        let two = drawn(&format!("{start} 01100001 01100001"));
        assert!(matches!(decoded(&two).unwrap_err().fault, Fault::Leftover { .. }));
    }
}

#[test]
fn s1_a_text_has_at_most_1024_bytes() {
    let longest = "x".repeat(MOST_TEXT - 2);
    let bytes = encoded(&ack(&longest));
    assert_eq!(bytes.len(), 4 + 1024);
    assert_eq!(decoded(&bytes), Ok(ack(&longest)));
    let mut out = vec![0x7f];
    let why = ack(&"x".repeat(MOST_TEXT - 1)).encode(&mut out);
    assert_eq!(why, Err(Unencodable::TooLong { bytes: 1025, most: 1024 }));
    assert_eq!(out, [0x7f], "what was there stays");
    // A sender that leaves CRLF out has room for two more.
    let full = drawn(&format!("{} {}", head(Kind::Ack, 1023), "01111000".repeat(1024)));
    assert_eq!(decoded(&full), Ok(ack(&"x".repeat(1024))));
}

#[test]
fn s1_a_list_counts_the_bytes_of_all_its_texts() {
    let list = |entries| message(Body::List(entries));
    assert_eq!(to_hex(&encoded(&list(vec![]))), "00474000");
    let full = list(vec![entry(&"a".repeat(511)), entry(&"b".repeat(511)), entry("cc")]);
    assert_eq!(decoded(&encoded(&full)), Ok(full));
    let mut out = vec![0x7f];
    let over = list(vec![entry(&"a".repeat(511)), entry(&"b".repeat(511)), entry("ccc")]).encode(&mut out);
    assert_eq!(over, Err(Unencodable::TooLong { bytes: 1025, most: 1024 }));
    let wide = list(vec![entry(&"a".repeat(512))]).encode(&mut out);
    assert_eq!(wide, Err(Unencodable::TooLong { bytes: 512, most: 511 }));
    assert_eq!(out, [0x7f], "what was there stays");

    // The same entry under a length that is not its own.
    for (length, good) in [(0, false), (1, true), (2, false), (1023, false)] {
        let bytes = format!("{} {:023b} 000000010 0110000101100001", head(Kind::UserList, length), 1);
        assert_eq!(decoded(&drawn(&bytes)).is_ok(), good, "{length}");
    }
    let nothing = decoded(&drawn(&head(Kind::UserList, 5))).unwrap_err();
    assert_eq!(nothing.to_string(), "at bit 18, TEXT_LENGTH: the value 5 disagrees with what follows");
    let empty = list(vec![entry(""), entry("")]);
    assert_eq!(decoded(&encoded(&empty)), Ok(empty));
}

#[test]
fn s2_a_text_is_sent_with_crlf_and_taken_with_crlf_lf_or_nothing() {
    let sent = |bytes: &[u8]| {
        let text: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
        decoded(&drawn(&format!("{} {text}", head(Kind::Ack, bytes.len() as u16 - 1))))
    };
    for bytes in [&b"salut\r\n"[..], b"salut\n", b"salut"] {
        assert_eq!(sent(bytes), Ok(ack("salut")));
    }
    assert_eq!(to_hex(&encoded(&ack("salut"))), "00428067 3616c75740d0a0".replace(' ', ""));
    assert_eq!(sent(b"\r\n"), Ok(ack("")));
    // Only one end of a line is taken off, and a CR alone is none.
    assert_eq!(sent(b"a\n\r\n"), Ok(ack("a\n")));
    assert_eq!(sent(b"a\n\n"), Ok(ack("a\n")));
    assert_eq!(sent(b"a\r"), Ok(ack("a\r")));
    for text in ["", "a", "a\r", "a\n", "a\r\n", "\r", "\n", "\r\n", "a\r\nb"] {
        assert_eq!(decoded(&encoded(&ack(text))), Ok(ack(text)), "{text:?}");
    }
}

#[test]
fn s2_entries_of_a_list_have_no_end_of_line_to_take_off() {
    let list = message(Body::List(vec![entry("publique, Lucy\r\n")]));
    assert_eq!(decoded(&encoded(&list)), Ok(list));
}

#[test]
fn s3_handles_have_ten_bits_and_those_of_a_list_twelve() {
    let refuse = |body: Body<'static>, seq| Message { seq, body }.encode(&mut Vec::new()).unwrap_err();
    let speech = |emitter, receiver| Body::Speech { kind: Kind::Relay, emitter, receiver, text: "x".into() };
    let too_wide = |field, value| Unencodable::TooWide { field, value };
    assert_eq!(refuse(speech(1024, 0), 0), too_wide("EMITTER", 1024));
    assert_eq!(refuse(speech(0, 1024), 0), too_wide("RECEIVER", 1024));
    assert_eq!(refuse(speech(0, 0), 1024), too_wide("NUM_SEQ", 1024));
    assert_eq!(refuse(Body::List(vec![Entry { user: 4096, ..entry("x") }]), 0), too_wide("USER", 4096));
    assert_eq!(refuse(Body::List(vec![Entry { room: 1024, ..entry("x") }]), 0), too_wide("ROOM", 1024));
    assert_eq!(refuse(Body::plain(Kind::Send, "x"), 0), Unencodable::WrongFormat(Kind::Send));
    let widest = Message { seq: 1023, body: speech(1023, 1023) };
    assert_eq!(decoded(&encoded(&widest)), Ok(widest));
}

#[test]
fn s14_bytes_that_are_not_utf8_are_latin_1_one_by_one_text() {
    let bits = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:08b}")).collect::<String>();
    let of = |bytes: &[u8]| {
        decoded(&drawn(&format!("{} {}", head(Kind::Ack, bytes.len() as u16 - 1), bits(bytes))))
    };
    assert_eq!(of("privée\r\n".as_bytes()), Ok(ack("privée")));
    assert_eq!(of(b"priv\xe9e\r\n"), Ok(ack("privée")));
    assert_eq!(of(b"\xff\x1f"), Ok(ack("ÿ\u{1f}")));
    // A single wrong byte, and the whole text is read that way.
    assert_eq!(of(b"\xc3\xa9\xe9"), Ok(ack("Ã©é")));
    // In a list each text is judged alone.
    let picture = format!(
        "{} {:023b} {:09b} {} {:023b} {:09b} {}",
        head(Kind::UserList, 2),
        1,
        1,
        bits(b"\xe9"),
        2,
        2,
        bits("é".as_bytes()),
    );
    let Body::List(entries) = decoded(&drawn(&picture)).unwrap().body else { panic!("a list") };
    assert_eq!(entries.iter().map(|entry| &*entry.text).collect::<Vec<_>>(), ["é", "é"]);
}

#[test]
fn what_is_wrong_is_said_in_words() {
    let cases = [
        ("", "at bit 0, NUM_SEQ: 10 bits are wanted, 0 are left"),
        ("0040", "at bit 10, TYPE: 8 bits are wanted, 6 are left"),
        ("004280", "at bit 18, TEXT_LENGTH: 10 bits are wanted, 6 are left"),
        ("00400000", "at bit 10, TYPE: the value 0 is reserved"),
        ("00478000", "at bit 10, TYPE: the value 30 is reserved"),
        ("007fc000", "at bit 10, TYPE: the value 255 is reserved"),
        ("00428001", "at bit 28, padding: the padding is not zero"),
        ("0042801061", "at bit 28, TEXT: 16 bits are wanted, 12 are left"),
        ("00428006161610", "at bit 36, padding: the message is over, 20 bits follow"),
        ("00458000", "at bit 28, EMITTER: 10 bits are wanted, 4 are left"),
        ("004600080000", "at bit 28, STATE: the value 2 is reserved"),
        ("004600020000", "at bit 30, MODE: the value 2 is reserved"),
        ("0047400000", "at bit 39, USER: 12 bits are wanted, 1 are left"),
    ];
    for (hex, words) in cases {
        assert_eq!(decoded(&from_hex(hex)).unwrap_err().to_string(), words, "{hex}");
    }
}

#[test]
fn what_cannot_be_sent_is_said_in_words() {
    let why = |body: Body<'static>| message(body).encode(&mut Vec::new()).unwrap_err().to_string();
    let long = Body::plain(Kind::Ack, "x".repeat(1023));
    assert_eq!(why(long), "a text of 1025 bytes, where 1024 are the most");
    let wide = Body::List(vec![Entry { user: 4096, ..entry("x") }]);
    assert_eq!(why(wide), "the number 4096 does not fit USER");
    assert_eq!(why(Body::plain(Kind::UserList, "")), "the type 29 has another format");
}

#[test]
fn a_header_can_be_looked_at_where_there_is_no_message() {
    let peek = |hex| RawHeader::peek(&from_hex(hex)).map(|raw| (raw.seq, raw.code, raw.kind()));
    assert_eq!(peek("00400000"), Some((1, 0, None)));
    assert_eq!(peek("ffc28fff"), Some((1023, 10, Some(Kind::Ack))));
    assert_eq!(peek("ffc28f"), None);
}

#[test]
fn every_field_is_shown_with_its_meaning() {
    let rows = |hex| dissect(&from_hex(hex)).0.iter().map(shown).collect::<Vec<_>>();
    let speech = [
        "0+10 NUM_SEQ 4",
        "10+8 TYPE 23 (Serveur diffuse un message)",
        "18+10 TEXT_LENGTH 1 (2 bytes)",
        "28+10 EMITTER 1",
        "38+10 RECEIVER 2",
        "48+16 TEXT \"ok\"",
    ];
    assert_eq!(rows("0105c01004026f6b"), speech);
    let room = [
        "18+10 TEXT_LENGTH 0 (no text)",
        "28+2 STATE 1 (private)",
        "30+2 MODE 1 (decentralised)",
        "32+10 ROOM 0",
        "42+6 padding 0",
    ];
    assert_eq!(rows("008680050000")[2..], room);
    let list = [
        "28+10 ROOM 0",
        "38+1 STATUS 0 (public)",
        "39+12 USER 1",
        "51+9 LENGTH 14",
        "60+112 TEXT \"publique, Lucy\"",
        "172+4 padding 0",
    ];
    assert_eq!(rows("00c740d0000020e7075626c697175652c204c7563790")[3..], list);
    let latin_1 = ["18+10 TEXT_LENGTH 2 (3 bytes)", "28+24 TEXT e90d0a (Latin-1: é)", "52+4 padding 0"];
    assert_eq!(rows("0042802e90d0a0")[2..], latin_1);
}
