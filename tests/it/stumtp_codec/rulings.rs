//! U1 and U7, as far as the codec keeps them.

use palabre::dialect::stumtp::{
    FRAMING, Frame, Head, LONGEST_HEAD, LONGEST_TEXT, Tail, Unencodable, carried, decode, dissect,
};
use palabre::wire::{Deframer, Fault};

use super::encoded;

#[test]
fn u1_a_text_that_holds_a_mark_is_not_sent_as_it_is() {
    for mark in [1, 2, 3, 6] {
        let text = format!("a{}b", char::from(mark));
        assert_eq!(Tail::new(&text), Err(Unencodable::Mark(mark)));
        assert_eq!(carried(&text), "a b");
        let mut out = b"before".to_vec();
        assert!(Frame::Plain(&text).encode(&mut out).is_err());
        assert_eq!(out, b"before");
    }
}

#[test]
fn u1_no_other_character_is_changed() {
    let text: String = ('\0'..=char::MAX).collect();
    let changed: Vec<_> = text.chars().zip(carried(&text).chars()).filter(|(a, b)| a != b).collect();
    assert_eq!(changed, [('\u{1}', ' '), ('\u{2}', ' '), ('\u{3}', ' '), ('\u{6}', ' ')]);
}

#[test]
fn u1_many_receivers_share_one_text() {
    let text = Tail::new("bonjour").unwrap();
    for id in [1, 10, 100] {
        let unit = [Head::numbered(id, None).as_bytes(), text.clone().as_bytes()].concat();
        assert_eq!(decode(&unit), Ok(Frame::Numbered { id, ack: None, text: "bonjour" }));
    }
    assert!(std::sync::Arc::ptr_eq(text.shared(), text.clone().shared()));
}

#[test]
fn u1_the_longest_head_is_as_long_as_it_is_said_to_be() {
    assert_eq!(Head::numbered(u64::MAX, Some(u64::MAX)).as_bytes().len(), LONGEST_HEAD);
    assert!(Head::ack(u64::MAX).as_bytes().ends_with(b"5\x03"));
}

#[test]
fn u7_the_longest_text_passes_with_the_longest_head_and_no_longer_one_does() {
    let text = "x".repeat(LONGEST_TEXT);
    let frame = Frame::Numbered { id: u64::MAX, ack: Some(u64::MAX), text: &text };
    let unit = encoded(frame);
    assert_eq!(decode(&unit), Ok(frame));
    let mut rest = &unit[..];
    assert!(Deframer::new(FRAMING).next(&mut rest).unwrap().is_some());

    let longer = "x".repeat(LONGEST_TEXT + 1);
    assert_eq!(Tail::new(&longer), Err(Unencodable::TooLong(LONGEST_TEXT + 1)));
    let unit = [Head::numbered(1, None).as_bytes(), longer.as_bytes(), b"\x03"].concat();
    let refused = decode(&unit).unwrap_err();
    assert_eq!((refused.id, refused.why.fault), (Some(1), Fault::Leftover { bits: 8 }));
    let endless = "x".repeat(LONGEST_TEXT + LONGEST_HEAD + 1);
    assert!(Deframer::new(FRAMING).next(&mut endless.as_bytes()).is_err());
}

#[test]
fn u7_it_is_said_where_a_unit_is_wrong() {
    let whys = [
        (&b"\x0118446744073709551616\x02x\x03"[..], "at bit 8, id: the number does not fit 64 bits"),
        (b"\x015\x02a\x06b\x03", "at bit 32, text: the value 6 is reserved"),
        (b"\x015\x02caf\xe9\x03", "at bit 48, text: not UTF-8"),
        (b"\x015 \x02x\x03", "at bit 16, STX: the value 32 is reserved"),
        (b"\x01", "at bit 8, id: 8 bits are wanted, 0 are left"),
    ];
    for (unit, why) in whys {
        assert_eq!(decode(unit).map_err(|refused| refused.to_string()), Err(why.into()));
    }
}

#[test]
fn each_field_is_shown_in_its_place() {
    let (rows, result) = dissect(b"\x0142\x067\x02caf\xc3\xa9\x03");
    let shown: Vec<_> = rows.iter().map(|row| format!("{} {} {}", row.bit, row.name, row.value)).collect();
    let wanted =
        ["0 SOH 1", "8 id 42", "24 ACK 6", "32 acknowledged 7", "40 STX 2", "48 text \"café\"", "88 ETX 3"];
    assert_eq!((shown, result), (wanted.map(String::from).to_vec(), Ok(())));
}
