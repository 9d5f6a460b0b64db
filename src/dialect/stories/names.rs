//! Names of people and rooms.
//!
//! In: a text. Out: whether it can be a name (B3). Must not know whether anybody has it.

/// The most bytes of a name (B3).
pub const LONGEST_NAME: usize = 32;

/// Whether the text can be the name of a user or a room: 1 to 32 bytes, no control character, and no bar, which would end
/// it in the style of the bars (B3).
#[must_use]
pub fn is_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.len()) && !text.chars().any(|c| c == '|' || c.is_control())
}
