//! Names, and lists of names.
//!
//! In: a text. Out: the name or the names in it, for those that keep the rules (S15). Must not know whether anybody has
//! a name.

/// The most characters of a name (S15).
pub const LONGEST_NAME: usize = 30;
/// The most bytes of a name (S15).
pub const LONGEST_NAME_BYTES: usize = 64;

/// The text as the name of a user: 1 to 30 characters and at most 64 bytes, no comma, no control character; otherwise
/// `None` (S15).
#[must_use]
pub fn user_name(text: &str) -> Option<&str> {
    good(text)
}

/// The text as the name of a room, by the same rules (S15).
#[must_use]
pub fn room_name(text: &str) -> Option<&str> {
    good(text)
}

/// The names of an invitation, "a, b,c", in their order (S8). Spaces around a name are not a part of it; what is empty
/// is none. Whether they keep the rules, [`user_name`] says.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(|name| name.trim_matches(' ')).filter(|name| !name.is_empty())
}

fn good(text: &str) -> Option<&str> {
    // Bytes first: a long text is not counted through.
    let fits = (1..=LONGEST_NAME_BYTES).contains(&text.len()) && text.chars().count() <= LONGEST_NAME;
    (fits && !text.chars().any(|c| c == ',' || c.is_control())).then_some(text)
}
