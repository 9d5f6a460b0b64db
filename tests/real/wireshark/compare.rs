//! What the dissector should show, by `palabre decode`.
//!
//! In: messages as bytes; what was shown. Out: nothing, or the first difference. Must not know captures.

use std::net::IpAddr;

use palabre::dialect::{matou, stories, stumtp};
use palabre::dissect::{Dissection, dissect};
use palabre::engine::{Dialect, Integrity};
use palabre::wire::{Deframer, FieldRow, Framing, Value};

use super::shark::{Shown, Told};

/// The messages in the bytes of a stream: whole ones, and the one after which it cannot be read on.
pub(crate) fn pieces(dialect: Dialect, bytes: &[u8]) -> Vec<&[u8]> {
    match dialect {
        Dialect::Msp | Dialect::Shen => vec![bytes],
        Dialect::Matou => cut(matou::Frames::default(), bytes),
        Dialect::Stories => {
            cut(stories::StoriesFraming::answers(stories::form(bytes), stories::DEFAULT_LIMIT), bytes)
        }
        Dialect::Stumtp => cut(stumtp::FRAMING, bytes),
    }
}

fn cut(framing: impl Framing, bytes: &[u8]) -> Vec<&[u8]> {
    let (mut pieces, mut rest, mut deframer) = (Vec::new(), bytes, Deframer::new(framing));
    while !rest.is_empty() {
        let mut after = rest;
        match deframer.next(&mut after) {
            Ok(Some(message)) => pieces.extend(rest.get(..message.len())),
            Ok(None) => return pieces,
            Err(_) => {
                pieces.push(rest);
                return pieces;
            }
        }
        rest = after;
    }
    pieces
}

/// A line that is longer is cut by Wireshark: what stands at its end is not there to compare.
const LONG: usize = 200;

/// Compares one message.
#[track_caller]
pub(crate) fn compare(dialect: Dialect, integrity: Integrity, bytes: &[u8], told: &Told) {
    let right = dissect(dialect, integrity, bytes);
    let context = || format!("frame {}: {told:#?}\n{bytes:02x?}\n{right:#?}", told.frame);
    assert_eq!(told.protocol, format!("palabre.{}", dialect.name()), "{}", context());
    assert_eq!(told.value("palabre.message"), right.message, "{}", context());
    let wrong = right.error.as_ref();
    let expected = wrong.map(|wrong| (wrong.bit.to_string(), wrong.field, escaped(&wrong.why)));
    let found = told.value("palabre.malformed.bit").map(|bit| {
        let [field, why] = ["field", "why"].map(|name| told.value(&format!("palabre.malformed.{name}")));
        (bit.to_owned(), field.unwrap_or_default(), why.unwrap_or_default().to_owned())
    });
    assert_eq!(found, expected, "{}", context());
    let prefix = format!("palabre.{}.", dialect.name());
    let shown: Vec<&Shown> = told.fields.iter().filter(|field| field.name.starts_with(&prefix)).collect();
    assert_eq!(shown.len(), right.fields.len(), "{}", context());
    for (row, field) in right.fields.iter().zip(shown) {
        assert!(is_shown(dialect, &right, row, field), "{row:?} is shown as {field:?}\n{}", context());
    }
}

fn is_shown(dialect: Dialect, whole: &Dissection, row: &FieldRow, shown: &Shown) -> bool {
    let is_place = row.bits == 0 || shown.bytes == place(row);
    let is_bits = dialect.is_streamed()
        || row.bits == 0
        || shown.line.len() > LONG
        || shown.line.ends_with(&format!("[bits {} to {}]", row.bit, row.bit + row.bits - 1));
    shown.name == name(dialect, row)
        && shown.line.replacen(" [truncated]", "", 1).starts_with(&format!("{}: ", row.name))
        && is_place
        && is_bits
        && is_value(whole, row, shown)
        && is_meaning(row, shown)
}

/// The bytes that hold a field.
fn place(row: &FieldRow) -> (usize, usize) {
    let (first, end) = (row.bit / 8, (row.bit + row.bits).div_ceil(8));
    (first, end - first)
}

/// The name to filter by.
fn name(dialect: Dialect, row: &FieldRow) -> String {
    let mut name = String::new();
    for c in row.name.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => name.push(c),
            _ if name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    let is_v6 = row.name == "Address" && row.meaning.as_ref().is_some_and(|address| address.contains(':'));
    format!("palabre.{}.{}{}", dialect.name(), name.trim_end_matches('_'), if is_v6 { "6" } else { "" })
}

fn is_value(whole: &Dissection, row: &FieldRow, shown: &Shown) -> bool {
    let value = &*shown.value;
    match (&row.value, row.name) {
        (_, "IP_ADRESS" | "Address") => {
            let [shown, right] =
                [Some(value), row.meaning.as_deref()].map(|text| text?.parse::<IpAddr>().ok());
            right.is_some() && shown == right
        }
        (Value::Number(number), _) => value == number.to_string(),
        (Value::Bytes(_), "CRC-32") => value == format!("0x{}", row.value) && whole.error.is_none(),
        (Value::Text(text), _) => value == escaped(text),
        (Value::Bytes(_), _) => value == row.value.to_string(),
    }
}

/// The words of `decode` are in the line, where that is not too long to be shown as a whole.
fn is_meaning(row: &FieldRow, shown: &Shown) -> bool {
    let Some(meaning) = row.meaning.as_deref() else { return true };
    let is_short = meaning.len() <= 60 && !meaning.contains(char::is_control);
    let is_elsewhere = matches!(row.name, "IP_ADRESS" | "Address") || shown.line.len() > LONG || !is_short;
    is_elsewhere
        || shown.line.contains(&*format!("({meaning})"))
        || shown.line.contains(&format!("{meaning} ("))
}

/// As tshark writes a value.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\0' => out.push('\u{2400}'),
            '\t' | '\n' | '\r' => out.push(c),
            c if c.is_ascii_control() => out.push_str(&format!("\\x{:x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}
