//! What others wrote, made safe to print on a line of its own.
//!
//! In: names and texts of strangers. Out: the same without what could move a cursor, break a line or turn its direction.
//! Must not know where it is printed.

use std::borrow::Cow;

/// A text on one line: `\n` for a line break, `\u{1b}` for an escape.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    escape(text, is_unsafe)
}

/// A name, which cannot look like the end of `<name>` either.
pub(super) fn name(name: &str) -> Cow<'_, str> {
    escape(name, |c| is_unsafe(c) || matches!(c, '<' | '>'))
}

/// The beginning of a text, quoted.
pub(super) fn excerpt(whole: &str) -> String {
    const LONGEST: usize = 60;
    match whole.char_indices().nth(LONGEST) {
        None => format!("\"{}\"", text(whole)),
        Some((end, _)) => format!("\"{}…\"", text(whole.split_at(end).0)),
    }
}

fn escape(text: &str, is_unsafe: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_unsafe) {
        return text.into();
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            // These have no short form of their own.
            '<' | '>' if is_unsafe(c) => safe.extend(c.escape_unicode()),
            c if is_unsafe(c) => safe.extend(c.escape_default()),
            c => safe.push(c),
        }
    }
    safe.into()
}

/// Control characters; what turns the direction of writing; what ends a line or hides in it.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
            | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_harm_a_terminal_is_shown_as_what_it_is() {
        assert_eq!(text("red \u{1b}[31m\u{9b}0m"), "red \\u{1b}[31m\\u{9b}0m");
        assert_eq!(text("two\nlines\r\u{2028}"), "two\\nlines\\r\\u{2028}");
        assert_eq!(text("\u{202e}live\u{2069}"), "\\u{202e}live\\u{2069}");
        assert_eq!(name("bob> hi"), "bob\\u{3e} hi");
    }

    #[test]
    fn ordinary_writing_stays_as_it_is() {
        for ordinary in ["déjà vu 漢字 👩‍👩‍👧 שלום", "a <b> C:\\new 'q' \"q\"", ""] {
            assert_eq!(text(ordinary), ordinary);
        }
    }

    #[test]
    fn an_excerpt_ends_between_characters() {
        assert_eq!(excerpt("é\n"), "\"é\\n\"");
        assert_eq!(excerpt(&"é".repeat(61)), format!("\"{}…\"", "é".repeat(60)));
    }
}
