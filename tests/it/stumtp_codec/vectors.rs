//! Every entry of `spec/stumtp-vectors.json`.

use palabre::dialect::stumtp::{Frame, decode};
use serde_json::Value;

use super::encoded;
use crate::codec::from_hex;

/// The entries of one list, and the bytes of each.
fn entries(list: &str) -> Vec<(Value, Vec<u8>)> {
    let file: Value = serde_json::from_str(include_str!("../../../spec/stumtp-vectors.json")).expect("JSON");
    let entries = file[list].as_array().expect("a list").clone();
    assert!(entries.len() >= 3, "{list}");
    entries.into_iter().map(|entry| (entry.clone(), from_hex(entry["hex"].as_str().unwrap()))).collect()
}

#[test]
fn u1_every_valid_vector_decodes_to_what_it_says_and_back() {
    for (entry, unit) in entries("valid") {
        let decoded = &entry["decoded"];
        let (id, ack, text) = (decoded["id"].as_u64(), decoded["ack"].as_u64(), decoded["text"].as_str());
        let wanted = match (id, ack, text) {
            (Some(id), ack, Some(text)) => Frame::Numbered { id, ack, text },
            (None, None, Some(text)) => Frame::Plain(text),
            (None, Some(ack), None) => Frame::Ack(ack),
            _ => panic!("{entry}"),
        };
        assert_eq!(decode(&unit), Ok(wanted), "{entry}");
        assert_eq!(encoded(wanted), unit, "{entry}");
    }
}

#[test]
fn u1_what_is_written_otherwise_than_we_write_it_is_read_all_the_same() {
    for (entry, unit) in entries("lenient") {
        let frame = decode(&unit).unwrap_or_else(|why| panic!("{entry}: {why}"));
        assert_eq!(encoded(frame), from_hex(entry["sent"].as_str().unwrap()), "{entry}");
    }
}

#[test]
fn u1_a_text_that_is_refused_has_a_head_that_counts() {
    for (entry, unit) in entries("refused") {
        let refused = decode(&unit).expect_err("refused");
        assert_eq!((entry["id"].as_u64(), entry["ack"].as_u64()), (refused.id, refused.ack), "{entry}");
        assert_eq!(refused.why.field, "text", "{entry}");
    }
}

#[test]
fn u7_what_has_no_head_to_go_by_says_neither_number() {
    for (entry, unit) in entries("malformed") {
        let refused = decode(&unit).expect_err("malformed");
        // Only the end of the frame is missing.
        let unended = unit == b"\x015\x02x";
        assert_eq!((refused.id, refused.ack), (unended.then_some(5), None), "{entry}");
    }
}
