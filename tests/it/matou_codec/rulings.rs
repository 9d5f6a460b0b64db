//! What the rulings say of names, texts, sizes and ports.

use palabre::dialect::matou::{
    Message, Ports, Unencodable, carried, dissect, folded, is_name, is_text, legal,
};

use super::{decoded, encoded};
use crate::codec::shown;

#[test]
fn a1_a_name_has_1_to_32_bytes_of_letters_and_digits_of_the_basic_plane() {
    let letters = ["Minou", "a", "0", "Zoé", "Ζωή", "老虎", "ǅ", "ʰ", "٣", "５", "ﬁ", "ª", "ı"];
    for name in letters.into_iter().chain([&*"x".repeat(32), &"é".repeat(16)]) {
        assert!(is_name(name), "{name}");
    }
    let marks =
        ["", " ", "a b", "a_b", "a-b", "#", "a\0", "a\n", "\u{85}", "e\u{301}", "Ⅷ", "½", "²", "_", "€"];
    for name in marks.into_iter().chain([&*"x".repeat(33), &"é".repeat(17), "🐈", "𝐌inou", "𐐀", "\u{feff}a"])
    {
        assert!(!is_name(name), "{name}");
    }
    assert!(('\0'..='\u{10ffff}').filter(|c| legal(*c)).all(|c| c.is_alphanumeric() && c <= '\u{ffff}'));
}

#[test]
fn a1_names_that_differ_in_letter_case_alone_are_the_same() {
    for (one, other) in [("Minou", "mINOU"), ("ZOÉ", "zoé"), ("ΣΣ", "σς"), ("ǅ", "ǆ"), ("ı", "I"), ("K", "k")]
    {
        assert_eq!(folded(one), folded(other), "{one} {other}");
    }
    for (one, other) in [("Minou", "Minou1"), ("Zoé", "Zoe"), ("ß", "ss"), ("a", "á")] {
        assert_ne!(folded(one), folded(other), "{one} {other}");
    }
}

#[test]
fn a3_a_text_has_1_to_512_bytes_and_no_control_character() {
    for text in ["a", " ", "ça va ? 🐈", "\u{a0}", "\u{2028}", "\u{202e}"] {
        assert!(is_text(text), "{text:?}");
    }
    assert!(is_text(&"x".repeat(512)) && is_text(&"🐈".repeat(128)));
    for text in ["", "a\n", "\t", "\r", "\0", "\u{1b}[2J", "\u{7f}", "\u{80}", "\u{9b}", "\u{9f}"] {
        assert!(!is_text(text), "{text:?}");
    }
    assert!(!is_text(&"x".repeat(513)));
}

#[test]
fn a3_a_text_of_another_protocol_is_spaced_and_split_at_characters() {
    let parts = |text: &str| carried(text).collect::<Vec<_>>();
    assert_eq!(parts("a\tb\r\nc\u{9b}d\u{7f}"), ["a b  c d "]);
    assert_eq!(parts(""), [""; 0]);
    let long = "x".repeat(511) + "é" + "y";
    assert_eq!(parts(&long), ["x".repeat(511), "éy".into()]);
    assert_eq!(parts(&"🐈".repeat(200)).iter().map(String::len).collect::<Vec<_>>(), [512, 288]);
}

#[test]
fn a4_ports_are_1_to_65535_and_others_are_read_all_the_same() {
    for (messages, files, wanted) in [
        (1, 65_535, Some((1, 65_535))),
        (0, 1, None),
        (1, 0, None),
        (65_536, 1, None),
        (1, -1, None),
        (i32::MIN, i32::MAX, None),
    ] {
        let offer = Message::Offer { name: "Felix".into(), ports: Ports { messages, files } };
        assert_eq!(decoded(&encoded(&offer)), Ok(offer));
        assert_eq!(Ports { messages, files }.numbers(), wanted);
    }
}

#[test]
fn what_cannot_be_sent_is_said_in_words() {
    let why = |message: Message<'_>| message.encode(&mut Vec::new()).unwrap_err();
    let name = why(Message::Arrived { name: "é".repeat(17).into() });
    assert_eq!(name, Unencodable::TooLong { field: "Username", bytes: 34, most: 32 });
    assert_eq!(name.to_string(), "Username of 34 bytes, where 32 are the most");
    let file = |name: String, size| Message::File { name: name.into(), size };
    assert_eq!(why(file("x".repeat(65), 1)).to_string(), "Filename of 65 bytes, where 64 are the most");
    assert_eq!(why(file("x".into(), 1 << 63)).to_string(), "a file of 9223372036854775808 bytes");
}

#[test]
fn a6_what_is_wrong_with_a_whole_message_is_said_in_words() {
    let cases: [(&[u8], &str); 8] = [
        (b"", "at bit 0, Type: 32 bits are wanted, 0 are left"),
        (b"\0\0\0\x11", "at bit 0, Type: the value 17 is reserved"),
        (b"\x01\0\0\x01", "at bit 0, Type: the value 16777217 is reserved"),
        (b"\0\0\0\0\0\0\0\x03", "at bit 32, Code: the value 3 is reserved"),
        (b"\0\0\0\x02\x02", "at bit 32, Acceptation: the value 2 is reserved"),
        (b"\0\0\0\x04\0\0\0\x02a\xff", "at bit 72, Message: not UTF-8"),
        (b"\0\0\0\x01\0\0\0\x02a", "at bit 64, Username: 16 bits are wanted, 8 are left"),
        (b"\0\0\0\x0f\0", "at bit 32, padding: the message is over, 8 bits follow"),
    ];
    for (bytes, words) in cases {
        assert_eq!(decoded(bytes).unwrap_err().to_string(), words);
    }
}

#[test]
fn every_field_is_shown_with_its_meaning() {
    let rows = |message: &Message<'_>| dissect(&encoded(message)).0.iter().map(shown).collect::<Vec<_>>();
    let meet = Message::Meet {
        name: "Minou".into(),
        address: [192, 0, 2, 6].into(),
        ports: (40_001, 40_002).into(),
    };
    let shown = [
        "0+32 Type 12 (PVCOESTADST)",
        "32+32 SizeUsername 5",
        "64+40 Username \"Minou\"",
        "104+32 SizeAddress 4",
        "136+32 Address c0000206 (192.0.2.6)",
        "168+32 PortMessage 40001",
        "200+32 PortFile 40002",
    ];
    assert_eq!(rows(&meet), shown);
    assert_eq!(rows(&Message::Connected { accepted: true })[1], "32+8 Acceptation 1 (accepted)");
    // Those of 127.0.0.1 could be a text too.
    let expect = rows(&Message::Expect { name: "a".into(), address: [127, 0, 0, 1].into() });
    assert_eq!(expect[4], "104+32 Address 7f000001 (127.0.0.1)");
    let file = rows(&Message::File { name: "a".into(), size: (1 << 32) + 5 });
    assert_eq!(file[3..], ["72+32 SizeFile (high) 1", "104+32 SizeFile (low) 5 (4294967301 bytes)"]);
}
