//! Findings as one line of JSON.
//!
//! In: findings. Out: `{"input", "message", "fields": [{"bit", "bits", "name", "value", "meaning"}], "error": null or
//! {"bit", "field", "why"}}`. Must not know any field.
//!
//! A value is a number, a string, or `{"hex": …}` where the wire has a string that is not UTF-8.

use std::fmt::Write;

use palabre::dialect::msp::{FieldRow, Value as Wire};
use serde_json::{Value, json};

use super::findings::Findings;
use super::hex;

/// The object, and a line end.
pub(super) fn line(findings: &Findings) -> String {
    let error = findings.error.as_ref();
    let object = json!({
        "input": findings.input,
        "message": findings.message,
        "fields": findings.fields.iter().map(field).collect::<Vec<_>>(),
        "error": error.map(|wrong| json!({ "bit": wrong.bit, "field": wrong.field, "why": wrong.why })),
    });
    ascii(&object.to_string()) + "\n"
}

fn field(row: &FieldRow) -> Value {
    let value = match &row.value {
        Wire::Number(number) => json!(number),
        Wire::Text(text) => json!(text),
        Wire::Bytes(bytes) => json!({ "hex": hex::digits(bytes) }),
    };
    json!({ "bit": row.bit, "bits": row.bits, "name": row.name, "value": value, "meaning": row.meaning })
}

/// JSON may hold characters that terminals obey, such as U+009B. Outside ASCII they can only be in strings, where each
/// may as well be written as an escape.
fn ascii(json: &str) -> String {
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
