//! Fields of a message on a line.
//!
//! In: rows of a dissection. Out: pieces `NAME value meaning`; what says nothing new is left out. Must not know dialects.

use palabre::dissect::Dissection;
use palabre::wire::{FieldRow, Value};

use super::paragraph::Paragraph;
use super::words::{cut, escaped};

/// How often a message may go on below itself before the rest of its fields is only counted.
const MOST_LINES: usize = 3;
/// The least a value is given, however long its field's name is.
const LEAST: usize = 12;

/// How much of a message is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Much {
    /// Its number: the rest has been told before.
    Number,
    /// As much as some lines hold.
    Some,
    /// Everything.
    All,
}

/// Writes them, in order.
pub(super) fn write(found: &Dissection, paragraph: &mut Paragraph<'_>, much: Much) {
    let is_named = found.message.is_some();
    let is_told = |row: &&FieldRow| match much {
        Much::Number => matches!(row.name, "NUM_SEQ" | "id"),
        _ => !(is_quiet(row.name) || is_named && is_kind(row.name)),
    };
    let mut rows = found.fields.iter().filter(is_told);
    while let Some(row) = rows.next() {
        paragraph.piece(&piece(row, paragraph.width()), None);
        if much != Much::All && paragraph.lines() > MOST_LINES {
            let left = rows.count();
            if left > 0 {
                paragraph.piece(&format!("… {left} more"), None);
            }
            return;
        }
    }
}

/// Whether a field says what the name of a message says, where it has one.
fn is_kind(name: &str) -> bool {
    matches!(name, "TYPE" | "Type" | "COMMAND")
}

/// Whether a field says nothing that others do not: lengths, what stands between fields, a checksum that matches.
fn is_quiet(name: &str) -> bool {
    let is_size = name.starts_with("Size") && !name.starts_with("SizeFile ");
    matches!(name, "LINE_END" | "SOH" | "STX" | "ETX" | "ACK" | "padding" | "CRC-32")
        || is_size
        || name.ends_with("LENGTH")
        || name.ends_with("LONGUEUR")
}

fn piece(row: &FieldRow, width: usize) -> String {
    // What words say needs no name.
    let name = if matches!(row.name, "ARGUMENT" | "JSON" | "text") { "" } else { row.name };
    let gap = usize::from(!name.is_empty());
    let room = width.saturating_sub(name.chars().count()).saturating_sub(gap).max(LEAST);
    let value = match (&row.value, &row.meaning) {
        (Value::Number(number), _) => number.to_string(),
        // What it means is what people call it: an address, a text in Latin-1.
        (_, Some(meaning)) => plain(meaning, room),
        // These have quotation marks of their own.
        (Value::Text(text), None) if matches!(row.name, "JSON" | "text") => plain(text, room),
        (Value::Text(text), None) => quoted(text, room),
        (Value::Bytes(bytes), None) => cut(&hex(bytes, room), room),
    };
    let mut piece = if name.is_empty() { value } else { format!("{name} {value}") };
    if let Some(meaning) = row.meaning.as_deref().filter(|_| matches!(row.value, Value::Number(_))) {
        piece.push(' ');
        piece.push_str(&escaped(meaning));
    }
    cut(&piece, width)
}

/// As it is, in at most `room` columns; no more of it is looked at.
fn plain(text: &str, room: usize) -> String {
    let some: String = text.chars().take(room.saturating_add(1)).collect();
    cut(&escaped(&some), room)
}

/// Between quotation marks, in at most `room` columns; an ellipsis stands for the rest.
fn quoted(text: &str, room: usize) -> String {
    let inside = room.saturating_sub(2);
    let mut out = String::from('"');
    let mut columns = 0_usize;
    for c in text.chars() {
        let escaped = escaped(c.encode_utf8(&mut [0; 4]));
        let escaped = if c == '"' { "\\\"".into() } else { escaped };
        let width = escaped.chars().count();
        if columns.saturating_add(width) > inside {
            while columns >= inside && inside > 0 {
                out.pop();
                columns = columns.saturating_sub(1);
            }
            out.push('…');
            break;
        }
        columns = columns.saturating_add(width);
        out.push_str(&escaped);
    }
    out.push('"');
    out
}

fn hex(bytes: &[u8], room: usize) -> String {
    // No more than is shown.
    let shown = bytes.get(..room.min(bytes.len())).unwrap_or(bytes);
    crate::commands::hex::digits(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_quoted_escaped_and_cut() {
        assert_eq!(quoted("bonjour", 9), "\"bonjour\"");
        assert_eq!(quoted("bonjour !", 9), "\"bonjou…\"");
        assert_eq!(quoted("a\"b\\c\u{7}", 40), "\"a\\\"b\\\\c\\u{7}\"");
        assert!(quoted(&"\u{1b}".repeat(9), 12).chars().count() <= 12);
    }

    #[test]
    fn an_address_is_told_as_people_write_it() {
        let meaning = Some(String::from("127.0.0.1"));
        for value in [Value::Text("\u{7f}\0\0\u{1}".into()), Value::Bytes(vec![127, 0, 0, 1])] {
            let row = FieldRow { bit: 0, bits: 32, name: "Address", value, meaning: meaning.clone() };
            assert_eq!(piece(&row, 40), "Address 127.0.0.1");
        }
    }

    #[test]
    fn lengths_and_what_stands_between_fields_are_left_out() {
        for quiet in ["CHAT_LONGUEUR", "TEXT_LENGTH", "LENGTH", "SizeUsername", "padding", "ETX"] {
            assert!(is_quiet(quiet), "{quiet}");
        }
        for told in ["NUM_SEQ", "CHAT", "SizeFile (low)", "NUM_MAX", "NUM_CLIENT", "ROOM"] {
            assert!(!is_quiet(told), "{told}");
        }
    }
}
