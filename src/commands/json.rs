//! What several subcommands print as JSON, in the same words.
//!
//! In: fields, and what is wrong with a message. Out: JSON in ASCII. Must not know any field.
//!
//! A value is a number, a string, or `{"hex": …}` where the wire has a string that is not UTF-8.

use std::fmt::Write;

use palabre::dissect::Wrong;
use palabre::wire::{FieldRow, Value as Wire};
use serde_json::{Value, json};

use super::hex;

/// `[{"bit", "bits", "name", "value", "meaning"}]`.
pub(super) fn fields(rows: &[FieldRow]) -> String {
    let rows: Vec<_> = rows.iter().map(field).collect();
    format!("[{}]", rows.join(","))
}

/// `{"bit", "field", "why"}`, or `null` where nothing is wrong.
pub(super) fn error(wrong: Option<&Wrong>) -> String {
    wrong.map_or("null".into(), |Wrong { bit, field, why }| {
        object(&[("bit", json!(bit)), ("field", json!(field)), ("why", json!(why))])
    })
}

fn field(row: &FieldRow) -> String {
    let value = match &row.value {
        Wire::Number(number) => json!(number),
        Wire::Text(text) => json!(text),
        Wire::Bytes(bytes) => json!({ "hex": hex::digits(bytes) }),
    };
    object(&[
        ("bit", json!(row.bit)),
        ("bits", json!(row.bits)),
        ("name", json!(row.name)),
        ("value", value),
        ("meaning", json!(row.meaning)),
    ])
}

/// Its keys stand in the order in which people read them.
pub(super) fn object(members: &[(&str, Value)]) -> String {
    let members: Vec<_> = members.iter().map(|(key, value)| format!("{}:{value}", json!(key))).collect();
    format!("{{{}}}", members.join(","))
}

/// JSON may hold characters that terminals obey, such as U+009B. Outside ASCII they can only be in strings, where each
/// may as well be written as an escape.
pub(super) fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() && c != '\u{7f}' {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}
