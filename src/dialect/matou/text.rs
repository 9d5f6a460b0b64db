//! What may be said.
//!
//! In: a text, of this protocol or of another. Out: whether it may be said here (A3), and what becomes of it where it may
//! not. Must not know who says it.

/// The most bytes of a text (A3).
pub const LONGEST_TEXT: usize = 512;

/// Whether a text may be said as it is: 1 to 512 bytes, no control character (A3).
#[must_use]
pub fn is_text(text: &str) -> bool {
    (1..=LONGEST_TEXT).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// What a text of another protocol becomes here: each control character a space, and as many parts as it takes, split
/// between characters (A3). An empty text has none.
pub fn carried(text: &str) -> impl Iterator<Item = String> {
    let mut rest = text;
    core::iter::from_fn(move || {
        let (part, more) = rest.split_at_checked(end_of_part(rest))?;
        rest = more;
        (!part.is_empty()).then(|| part.replace(char::is_control, " "))
    })
}

/// How many bytes the first part has. A control character has one byte or two, a space one: a part does not grow.
fn end_of_part(text: &str) -> usize {
    text.char_indices()
        .map(|(at, c)| at.saturating_add(c.len_utf8()))
        .take_while(|end| *end <= LONGEST_TEXT)
        .last()
        .unwrap_or_default()
}
