//! Findings as a table that fits 80 columns.
//!
//! In: findings. Out: text in which nothing from the wire can reach the terminal unescaped. Must not know any field.

use std::fmt::Write;

use palabre::dissect::Wrong;
use palabre::wire::{FieldRow, Value};

use super::findings::Findings;

const COLUMNS: usize = 80;
/// A value is given at least this much, however long names are; a longer one has its meaning below itself.
const LEAST_VALUE: usize = 16;

/// A title, a row for each field, and what is wrong.
pub(super) fn table(findings: &Findings) -> String {
    let mut out = String::new();
    match &findings.found {
        Ok((bytes, found)) => {
            let (plural, message) = (if *bytes == 1 { "" } else { "s" }, found.message);
            line(&mut out, &format!("{}, {bytes} byte{plural}", message.unwrap_or("unknown message")));
            if !found.fields.is_empty() {
                rows(&mut out, &found.fields);
            }
            if let Some(Wrong { bit, field, why }) = &found.error {
                line(&mut out, &format!("malformed: at bit {bit}, {field}: {why}"));
            }
        }
        Err(why) => {
            line(&mut out, &format!("{:?}", findings.input));
            line(&mut out, why);
        }
    }
    out
}

fn rows(out: &mut String, fields: &[FieldRow]) {
    let name_width = fields.iter().map(|row| row.name.len()).max().unwrap_or(0).max("field".len());
    let value_width = fields
        .iter()
        .filter(|row| row.meaning.is_some())
        .map(|row| row.value.to_string().chars().count())
        .filter(|width| *width <= LEAST_VALUE)
        .max()
        .unwrap_or(0)
        .max("value".len());
    line(
        out,
        &format!("{:>7} {:>6}  {:name_width$}  {:value_width$}  meaning", "bit", "bits", "field", "value"),
    );
    for row in fields {
        let start = format!("{:>7} {:>6}  {:name_width$}  ", row.bit, row.bits, row.name);
        let value = row.value.to_string();
        match &row.meaning {
            Some(meaning) if value.chars().count() > LEAST_VALUE => {
                wrapped(out, &start, &value);
                wrapped(out, &" ".repeat(start.chars().count()), &escaped(meaning));
            }
            Some(meaning) => line(out, &format!("{start}{value:value_width$}  {}", escaped(meaning))),
            None if matches!(row.value, Value::Number(_)) => line(out, &format!("{start}{value}")),
            None => wrapped(out, &start, &value),
        }
    }
}

/// A value that may be too long for its line goes on below itself.
fn wrapped(out: &mut String, start: &str, value: &str) {
    let indent = start.chars().count();
    let width = COLUMNS.saturating_sub(indent).max(LEAST_VALUE);
    let characters: Vec<char> = value.chars().collect();
    for (index, part) in characters.chunks(width).enumerate() {
        let part: String = part.iter().collect();
        let start = if index == 0 { start } else { "" };
        line(out, &format!("{start:indent$}{part}"));
    }
}

/// Meanings are words of the specification, some with an apostrophe; where one quotes the wire, it does so escaped.
fn escaped(meaning: &str) -> String {
    meaning.escape_debug().to_string().replace("\\'", "'")
}

fn line(out: &mut String, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}", text.trim_end());
}
