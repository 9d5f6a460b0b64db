//! Every line of `spec/shen-vectors.json`: the worked scenarios of the original.

use palabre::dialect::shen::{Body, Message, dissect};
use palabre::vocab::Mode;
use palabre::wire::{FieldRow, Value as Field};
use serde_json::Value;

use super::{decoded, encoded};
use crate::codec::{from_hex, to_hex};

fn lines() -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../../../spec/shen-vectors.json")).expect("JSON");
    file["lines"].as_array().expect("a list").clone()
}

fn datagram(line: &Value) -> Vec<u8> {
    from_hex(line["hex"].as_str().expect("hex"))
}

fn texts<'m>(message: &'m Message<'_>) -> Vec<&'m str> {
    match &message.body {
        Body::Plain { text, .. } | Body::Speech { text, .. } | Body::Room { text, .. } => vec![text],
        Body::List(entries) => entries.iter().map(|entry| &*entry.text).collect(),
    }
}

#[test]
fn s1_every_vector_decodes_to_what_it_says() {
    assert_eq!(lines().len(), 54);
    for line in lines() {
        let message = decoded(&datagram(&line)).unwrap_or_else(|why| panic!("{line}: {why}"));
        assert_eq!(line["seq"], message.seq, "{line}");
        assert_eq!(line["type"], message.kind().code(), "{line}");
        let text = line["text"].as_str().unwrap();
        // One text ends with LF: it is not a part of what is said (S2).
        assert_eq!(texts(&message).concat(), text.strip_suffix('\n').unwrap_or(text), "{line}");
        match message.body {
            Body::Plain { .. } => {}
            Body::Speech { emitter, receiver, .. } => assert_eq!((emitter, receiver), (0, 0), "{line}"),
            Body::Room { private, mode, room, .. } => {
                let wanted = if line["what"] == "changer la mode" { Mode::Direct } else { Mode::Central };
                assert_eq!((private, mode, room), (true, wanted, 0), "{line}");
            }
            Body::List(entries) => {
                let shown: Vec<_> = entries.iter().map(|one| (one.room, one.private, one.user)).collect();
                assert_eq!(shown, [(0, false, 1)], "{line}");
            }
        }
    }
}

/// The lengths that the original prints are those of S1, but for three misprints: "nom de recepteur n'existe pas" has
/// 29 bytes and 29 (the length without the minus one), "fermer cette messagerie…" has 51 and 34 (its decimal digits?), and
/// "ggwp" has 4 and 4.
#[test]
fn s1_the_length_on_the_wire_is_the_one_the_original_prints_but_for_three_misprints() {
    let mut misprints = Vec::new();
    for line in lines() {
        let (rows, result) = dissect(&datagram(&line));
        assert_eq!(result, Ok(()), "{line}");
        let Some(Field::Number(length)) = values(&rows, "TEXT_LENGTH").next() else { panic!("{line}") };
        let texts: Vec<u8> = values(&rows, "TEXT").flat_map(bytes).collect();
        assert_eq!(to_hex(&texts), line["text_hex"], "{line}");
        assert_eq!(*length as usize, texts.len().saturating_sub(1), "{line}");
        if line["length_in_original"].as_u64().is_some_and(|printed| printed != *length) {
            misprints.push((line["text"].clone(), line["length_in_original"].clone(), *length));
        }
        assert_eq!(line.get("note").is_some(), misprints.last().is_some_and(|last| last.0 == line["text"]));
    }
    assert_eq!(
        misprints,
        [
            ("nom de recepteur n'existe pas".into(), 29.into(), 28),
            ("fermer cette messagerie car il reste seule personne".into(), 34.into(), 50),
            ("ggwp".into(), 4.into(), 3),
        ]
    );
}

/// What the fields of one name hold.
fn values<'r>(rows: &'r [FieldRow], name: &str) -> impl Iterator<Item = &'r Field> {
    rows.iter().filter(move |row| row.name == name).map(|row| &row.value)
}

fn bytes(value: &Field) -> Vec<u8> {
    match value {
        Field::Text(text) => text.clone().into_bytes(),
        Field::Bytes(bytes) => bytes.clone(),
        Field::Number(number) => panic!("{number} is not a text"),
    }
}

/// The original's examples leave CRLF out where its own sections ask for it: what we send has it.
#[test]
fn s2_every_vector_is_encoded_with_crlf_or_without_text_to_the_bit() {
    for line in lines() {
        let bytes = datagram(&line);
        let message = decoded(&bytes).unwrap();
        let again = encoded(&message);
        assert_eq!(decoded(&again).as_ref(), Ok(&message), "{line}");
        assert_eq!(encoded(&decoded(&again).unwrap()), again, "{line}");
        if line["text"] == "" || message.kind().code() == 29 {
            assert_eq!(again, bytes, "{line}");
        } else {
            let (rows, _) = dissect(&again);
            let text = rows.iter().find(|row| row.name == "TEXT").map(|row| row.value.to_string());
            assert!(text.is_some_and(|text| text.ends_with("\\r\\n\"")), "{line}");
        }
    }
}

#[test]
fn s1_every_truncation_and_every_flipped_bit_is_refused_or_another_message() {
    let mut refused = 0;
    for line in lines() {
        let bytes = datagram(&line);
        let cut = (0..bytes.len()).map(|len| bytes[..len].to_vec());
        let flipped = (0..bytes.len() * 8).map(|bit| {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
            bytes
        });
        for changed in cut.chain(flipped) {
            match decoded(&changed) {
                Ok(message) => assert_eq!(decoded(&encoded(&message)), Ok(message)),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 1_000, "{refused}");
}
