//! Names of people and rooms.
//!
//! In: a text. Out: whether it can be a name (B3). Must not know whether anybody has it.

/// The most bytes of a name (B3).
pub const LONGEST_NAME: usize = 32;
/// The most bytes of the name of a room that somebody else has made, or that was configured (B4).
pub const LONGEST_ROOM_NAME: usize = 64;

/// Whether the text can be the name of a user or a room: 1 to 32 bytes, no control character, and no bar, which would end
/// it in the style of the bars (B3).
#[must_use]
pub fn is_name(text: &str) -> bool {
    fits(text, LONGEST_NAME)
}

/// Whether the text can be the name of a room that is there already: the same, but for up to 64 bytes (B4).
#[must_use]
pub fn is_room_name(text: &str) -> bool {
    fits(text, LONGEST_ROOM_NAME)
}

fn fits(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && !text.chars().any(|c| c == '|' || c.is_control())
}
