//! The rulings of the specification that the codec is bound by, one by one.

use palabre::dialect::msp::{
    Access, AccessStatus, Body, Capabilities, DirectoryEntry, ErrorCode, Event, Kind, Message, NOBODY, Name,
    RawHeader, Registration, SERVER, Unencodable, room_name, user_name,
};
use palabre::wire::{Fault, Scratch};

use super::{decoded, drawn, encoded, from_hex, to_hex};

fn name(text: &str) -> Name<'_> {
    Name::new(text).expect("can travel")
}

fn said(body: Body<'_>) -> Message<'_> {
    Message { user: SERVER, seq: 1, body }
}

#[test]
fn m1_odd_types_ask_and_even_types_answer() {
    assert_eq!(Kind::ALL.len(), 30);
    for kind in Kind::ALL {
        assert_eq!(kind.is_request(), kind.code() % 2 == 1, "{kind}");
        let answer = match kind.code() {
            29 => Some(16),
            odd if odd % 2 == 1 => Some(odd + 1),
            _ => None,
        };
        assert_eq!(kind.response().map(Kind::code), answer, "{kind}");
        assert_eq!(Kind::from_code(kind.code()), Some(*kind));
    }
    assert_eq!([0, 31, 32, 255].map(Kind::from_code), [None; 4]);
}

#[test]
fn m1_a_reserved_type_can_still_be_named_in_the_refusal() {
    for (hex, code) in [("00000008", 0), ("f8000008", 31), ("f80000", 31)] {
        let bytes = from_hex(hex);
        assert!(decoded(&bytes).is_err());
        let raw = RawHeader::peek(&bytes);
        assert_eq!(
            raw.map(|raw| (raw.code, raw.seq, raw.kind())),
            (bytes.len() > 3).then_some((code, 1, None))
        );
    }
}

#[test]
fn m2_every_id_can_speak() {
    for user in [NOBODY, 1, 254, SERVER] {
        let message = Message { user, seq: 65_535, body: Body::TextReply };
        assert_eq!(decoded(&encoded(&message)), Ok(message));
    }
}

#[test]
fn m3_connexion_and_its_reply_are_told_apart_by_length() {
    let first = encoded(&said(Body::Connect { name: Some(name("")) }));
    let later = encoded(&said(Body::Connect { name: None }));
    assert_eq!((first.len(), later.len()), (5, 4));
    let fine = encoded(&said(Body::ConnectReply(Registration::KeepAlive { error: false })));
    assert_eq!(fine.len(), 4);
    let nine_bits = [fine, vec![0x00, 0x00]].concat();
    assert_eq!(decoded(&nine_bits).unwrap_err().fault, Fault::Leftover { bits: 9 });
}

#[test]
fn m3_what_is_wrong_is_said_in_words() {
    let cases = [
        ("", "at bit 0, TYPE: 5 bits are wanted, 0 are left"),
        ("080000", "at bit 13, NUM_SEQ: 16 bits are wanted, 11 are left"),
        ("f8000008", "at bit 0, TYPE: the value 31 is reserved"),
        ("08080011", "at bit 29, padding: the padding is not zero"),
        ("2808002800", "at bit 29, padding: the message is over, 11 bits follow"),
        ("0800000b0b634b1b", "at bit 29, USER_NAME: no delimiter after at most 255 bytes"),
        ("78080018003b137b73537bab", "at bit 45, CHAT: 56 bits are wanted, 51 are left"),
        ("780800180017fff0", "at bit 45, CHAT: not UTF-8"),
        ("47f80033", "at bit 30, STATUT_ACCES: the value 3 is reserved"),
        ("dff800080000", "at bit 29, EVENEMENT: the value 0 is reserved"),
    ];
    for (hex, words) in cases {
        assert_eq!(decoded(&from_hex(hex)).unwrap_err().to_string(), words, "{hex}");
    }
}

#[test]
fn m3_a_name_on_the_wire_has_at_most_255_bytes() {
    let longest = "n".repeat(255);
    let message = said(Body::JoinRoom { room: name(&longest) });
    let mut bytes = encoded(&message);
    assert_eq!(decoded(&bytes), Ok(message.into_owned()));
    // One 'n' more, in the same place within a byte.
    let one_more = bytes[4];
    bytes.insert(4, one_more);
    assert_eq!(decoded(&bytes).unwrap_err().fault, Fault::Unterminated { longest: 255 });
    assert_eq!(Name::new(&"n".repeat(256)), None);
    assert_eq!(Name::new("a#b"), None);
}

#[test]
fn m3_names_are_judged_by_bytes_encoding_and_characters() {
    let good = |bytes: &'static [u8]| {
        let name = Name::from_bytes(bytes).unwrap();
        (user_name(&name).is_some(), room_name(&name).is_some())
    };
    assert_eq!(good(b"alice"), (true, true));
    assert_eq!(good("éloïse-a".as_bytes()), (true, true), "ten bytes");
    assert_eq!(good("éloïse-ab".as_bytes()), (false, true), "eleven bytes");
    assert_eq!(good(b"with space"), (true, true));
    assert_eq!(good(&[b'r'; 50]), (false, true));
    assert_eq!(good(&[b'r'; 51]), (false, false));
    for bad in [&b""[..], b"\xff", b"a\nb", b"a\0", b"\x7f", "\u{85}".as_bytes()] {
        assert_eq!(good(bad), (false, false), "{bad:?}");
    }
}

#[test]
fn m6_a_list_has_at_most_255_entries() {
    let users = |count| said(Body::UserList(vec![name("u"); count]));
    assert_eq!(decoded(&encoded(&users(255))), Ok(users(255)));
    let mut out = vec![0x7f];
    assert_eq!(users(256).encode(&mut out), Err(Unencodable::TooMany { entries: 256 }));
    assert_eq!(out, [0x7f], "what was there stays");
}

#[test]
fn m6_a_count_without_entries_takes_no_memory_for_them() {
    let bytes = from_hex("57f80037f8");
    assert_eq!(decoded(&bytes).unwrap_err().field, "USER_NAME");
}

#[test]
fn m8_a_failed_move_into_a_decentralised_room_still_counts_its_peers() {
    let failed = Access::Direct { status: AccessStatus::RoomFull, peers: Vec::new() };
    assert_eq!(to_hex(&encoded(&said(Body::JoinRoomReply(failed)))), "47f8000e00");
    let bytes = from_hex("47f8000e");
    assert_eq!(decoded(&bytes).unwrap_err().field, "NOMBRE_CLIENTS");
}

/// What the published vectors leave out, bit by bit: type, ID_USER 11111111, NUM_SEQ 1, then the data.
#[test]
fn m12_extensions_are_laid_out_as_the_table_says() {
    let head = "11111111 0000000000000001";
    let cases = [
        (
            Body::HelloReply { version: 1, capabilities: Capabilities(0x8) },
            "11000 HEAD 00000001 0000000000001000",
        ),
        (Body::NotificationReply, "11100 HEAD"),
        (
            Body::DirectoryReply(vec![DirectoryEntry { id: 2, user: name("b") }]),
            "11010 HEAD 00000001 00000010 01100010 00100011",
        ),
        (
            Body::Notification(Event::Joined {
                id: 3,
                address: "1.2.3.4:5".parse().unwrap(),
                user: name("c"),
            }),
            "11011 HEAD 00001 00000011 00000001000000100000001100000100 0000000000000101 01100011 00100011",
        ),
        (
            Body::Notification(Event::Left { id: 3, user: name("c") }),
            "11011 HEAD 00010 00000011 01100011 00100011",
        ),
        (Body::Notification(Event::Closed { room: name("d") }), "11011 HEAD 00011 01100100 00100011"),
        (Body::Notification(Event::ModeChanged(palabre::vocab::Mode::Direct)), "11011 HEAD 00100 1"),
        (Body::Notification(Event::Renamed { room: name("e") }), "11011 HEAD 00101 01100101 00100011"),
        (Body::Notification(Event::Declined { user: name("f") }), "11011 HEAD 00110 01100110 00100011"),
        (Body::Notification(Event::Stopping), "11011 HEAD 00111"),
    ];
    for (body, picture) in cases {
        let drawn = drawn(&picture.replace("HEAD", head));
        let message = said(body);
        assert_eq!(to_hex(&encoded(&message)), to_hex(&drawn), "{picture}");
        assert_eq!(decoded(&drawn), Ok(message));
    }
}

#[test]
fn m18_texts_with_and_without_order_are_told_apart_by_length() {
    let text = |order| Message { user: 1, seq: 3, body: Body::Text { text: "salut".into(), order } };
    let relay = |order| said(Body::Relay { to: 2, text: "salut".into(), order });
    for build in [&text as &dyn Fn(Option<u8>) -> Message<'static>, &relay] {
        let (plain, ordered) = (encoded(&build(None)), encoded(&build(Some(200))));
        assert_eq!(plain.len() + 1, ordered.len());
        assert_eq!(decoded(&plain), Ok(build(None)));
        assert_eq!(decoded(&ordered), Ok(build(Some(200))));
        let longer = [ordered, vec![0]].concat();
        assert_eq!(decoded(&longer).unwrap_err().fault, Fault::Leftover { bits: 11 });
    }
}

#[test]
fn what_no_length_field_can_say_is_not_sent() {
    let refuse = |body: Body<'static>| {
        let mut out = vec![0x7f];
        let why = said(body).encode(&mut out).unwrap_err();
        assert_eq!(out, [0x7f], "what was there stays");
        why
    };
    let long = || "x".repeat(65_536).into();
    let too_long = Unencodable::TooLong { bytes: 65_536, most: 65_535 };
    assert_eq!(refuse(Body::Text { text: long(), order: None }), too_long);
    assert_eq!(refuse(Body::Relay { to: 1, text: long(), order: Some(1) }), too_long);
    let error = |refused, reason: String| Body::Error { refused, code: ErrorCode(1), reason: reason.into() };
    assert_eq!(refuse(error(1, "x".repeat(256))), Unencodable::TooLong { bytes: 256, most: 255 });
    assert_eq!(refuse(error(32, String::new())), Unencodable::RefusedType(32));
}

#[test]
fn what_a_scratch_held_before_decides_nothing() {
    let text = |text: &'static str| said(Body::Text { text: text.into(), order: None });
    let (before, after) = (encoded(&text("ééééé")), encoded(&text("a")));
    let mut scratch = Scratch::new();
    Message::decode(&before, &mut scratch).unwrap();
    // Behind the 'a' stands the second half of an 'é' now.
    assert_eq!(Message::decode(&after, &mut scratch), Ok(text("a")));
}

#[test]
fn the_longest_text_travels() {
    let message = said(Body::Text { text: "é".repeat(32_767).into(), order: Some(0) });
    assert_eq!(decoded(&encoded(&message)), Ok(message));
}
