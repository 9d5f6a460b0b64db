//! What several subcommands print as JSON, in the same words.
//!
//! In: fields, and what is wrong with a message. Out: JSON in ASCII. Must not know any field.
//!
//! A value is a number, a string, or `{"hex": …}` where the wire has bytes that are no text, or a string that is not UTF-8.

use std::borrow::Cow;
use std::fmt::Write;

use palabre::dissect::Wrong;
use palabre::wire::{FieldRow, Value as Wire};
use serde_json::{Value, json};

use super::hex;

/// `[{"bit", "bits", "name", "value", "meaning"}]`.
pub(super) fn fields(rows: &[FieldRow]) -> String {
    // A capture has millions of them: nothing is made for one that is not written.
    let mut out = String::with_capacity(2 + rows.len() * 64);
    out.push('[');
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        field(&mut out, row);
    }
    out.push(']');
    out
}

/// `{"bit", "field", "why"}`, or `null` where nothing is wrong.
pub(super) fn error(wrong: Option<&Wrong>) -> String {
    wrong.map_or("null".into(), |Wrong { bit, field, why }| {
        object(&[("bit", json!(bit)), ("field", json!(field)), ("why", json!(why))])
    })
}

fn field(out: &mut String, row: &FieldRow) {
    let FieldRow { bit, bits, name, value, meaning } = row;
    // Writing to a string cannot fail.
    let _ = write!(out, r#"{{"bit":{bit},"bits":{bits},"name":{},"value":"#, json!(name));
    let _ = match value {
        Wire::Number(number) => write!(out, "{number}"),
        Wire::Text(text) => write!(out, "{}", json!(text)),
        Wire::Bytes(bytes) => write!(out, r#"{{"hex":"{}"}}"#, hex::digits(bytes)),
    };
    let _ = match meaning {
        Some(words) => write!(out, r#","meaning":{}}}"#, json!(words)),
        None => out.write_str(r#","meaning":null}"#),
    };
}

/// Its keys, plain words of ours, stand in the order in which people read them.
pub(super) fn object(members: &[(&str, Value)]) -> String {
    let mut out = String::from("{");
    for (index, (key, value)) in members.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let _ = write!(out, r#"{comma}"{key}":{value}"#);
    }
    out.push('}');
    out
}

/// JSON may hold characters that terminals obey, such as U+009B. Outside ASCII they can only be in strings, where each
/// may as well be written as an escape.
pub(super) fn ascii(json: &str) -> Cow<'_, str> {
    if json.bytes().all(|byte| byte.is_ascii() && byte != 0x7f) {
        return json.into();
    }
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
    out.into()
}
