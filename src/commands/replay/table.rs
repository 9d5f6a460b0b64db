//! Two messages side by side.
//!
//! In: rows of two values. Out: a table of at most 100 columns, in which nothing from the wire can reach the terminal
//! unescaped. Must not know what the rows are about.

use palabre::replay::check::Row;

use super::paragraph::COLUMNS;
use super::words::cut;
use crate::commands::style::{Look, Style};

const HEADS: [&str; 2] = ["the server says", "the capture has"];
/// What a side without a value has.
const NOTHING: &str = "–";
/// How much of what is the same is shown before the first character that differs.
const BEFORE: usize = 12;

/// The rows, those that differ marked.
pub(super) fn table(rows: &[Row], style: Style) -> String {
    let names = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let width = COLUMNS.saturating_sub(names + 6) / 2;
    let mut out = String::new();
    let mut line = |mark: &str, name: &str, [left, right]: [&str; 2], look: Option<Look>| {
        let line = format!("{mark:1} {name:names$}  {left:width$}  {right}");
        let line = line.trim_end();
        match look {
            Some(look) => out.push_str(&style.paint(look, line)),
            None => out.push_str(line),
        }
        out.push('\n');
    };
    line("", "", HEADS, Some(Look::Dim));
    for row in rows {
        let values = [&row.expected, &row.captured].map(|value| value.as_deref().map(harmless));
        let from = first_difference(&values);
        let shown =
            values.map(|value| value.map_or_else(|| NOTHING.into(), |value| part(&value, from, width)));
        let (mark, look) = if row.differs() { ("*", Some(Look::Red)) } else { ("", None) };
        line(mark, row.name, [&shown[0], &shown[1]], look);
    }
    out
}

/// Texts of messages are escaped already; notes may not be.
fn harmless(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            ' '..='~' => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
    }
    out
}

/// From which character on two values differ.
fn first_difference(values: &[Option<String>; 2]) -> usize {
    match values {
        [Some(a), Some(b)] if a != b => a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count(),
        _ => 0,
    }
}

/// A value, or as much of it around this character as there is room for.
fn part(value: &str, from: usize, width: usize) -> String {
    let length = value.chars().count();
    let skipped = from.saturating_sub(BEFORE);
    if length <= width || skipped == 0 {
        return cut(value, width);
    }
    let rest: String = value.chars().skip(skipped).collect();
    format!("…{}", cut(&rest, width.saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_long_values_the_place_is_shown_where_they_differ() {
        let value = |last: &str| Some(format!("{}{last}", "ab".repeat(80)));
        let rows = [
            Row { name: "bytes", expected: value("x"), captured: value("y") },
            Row { name: "to", expected: Some("\u{1b}[2J".into()), captured: None },
        ];
        let shown = table(&rows, Style::plain());
        let lines: Vec<_> = shown.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() <= COLUMNS), "{shown}");
        assert!(lines[1].starts_with("* bytes  …abababababab"), "{shown}");
        assert!(lines[1].contains("abx ") && lines[1].ends_with("aby"), "{shown}");
        assert!(lines[2].contains("\\u{1b}[2J") && lines[2].ends_with(NOTHING), "{shown}");
    }
}
