//! Every field between header and text, with its name and its width. The header's stand in `header.rs`.
//!
//! ```text
//! format 2   | EMITTER 10 | RECEIVER 10 | TEXT
//! format 3   | STATE 2 | MODE 2 | ROOM 10 | TEXT
//! format 4   | ROOM 10 | STATUS 1 | USER 12 | LENGTH 9 | TEXT |   as often as there are entries
//! ```
//!
//! In: nothing. Out: constants that decode, encode and the dissector share. The width of a text is that of a byte.

use super::Format;
use super::header::{NUM_SEQ, TEXT_LENGTH, TYPE};
use crate::wire::Field;

/// The handle of the one who speaks (S3).
pub(super) const EMITTER: Field = Field::new("EMITTER", 10);
/// The handle of the one spoken to (S3).
pub(super) const RECEIVER: Field = Field::new("RECEIVER", 10);
/// 0: about the public room. 1: about a private one.
pub(super) const STATE: Field = Field::new("STATE", 2);
/// How the texts of a room travel: 0 centralised, 1 decentralised.
pub(super) const MODE: Field = Field::new("MODE", 2);
/// The handle of a private room, 0 for none (S3).
pub(super) const ROOM: Field = Field::new("ROOM", 10);
/// Whether the one listed is in a private room (S4).
pub(super) const STATUS: Field = Field::new("STATUS", 1);
/// The handle of the one listed (S3).
pub(super) const USER: Field = Field::new("USER", 12);
/// How many bytes of text the entry has.
pub(super) const LENGTH: Field = Field::new("LENGTH", 9);
/// The text of the message, or of the entry.
pub(super) const TEXT: Field = Field::new("TEXT", 8);

/// What the first two values of STATE and the two of STATUS mean, in their order.
pub const PRIVACY_WORDS: [&str; 2] = ["public", "private"];
/// What the first two values of MODE mean, in their order.
pub const MODE_WORDS: [&str; 2] = ["centralised", "decentralised"];

/// Every field that holds a number, for those who describe the protocol elsewhere.
pub const NUMBERS: &[Field] =
    &[NUM_SEQ, TYPE, TEXT_LENGTH, EMITTER, RECEIVER, STATE, MODE, ROOM, STATUS, USER, LENGTH];
/// Every field that holds a text.
pub const STRINGS: &[Field] = &[TEXT];
/// What stands before the text of an entry of a list.
pub const ENTRY: &[Field] = &[ROOM, STATUS, USER, LENGTH];

impl Format {
    /// The fields between header and text; of a list, those before the first entry.
    #[must_use]
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Plain | Self::List => &[],
            Self::Speech => &[EMITTER, RECEIVER],
            Self::Room => &[STATE, MODE, ROOM],
        }
    }

    /// How many bits those have.
    pub(super) const fn bits(self) -> u32 {
        match self {
            Self::Plain | Self::List => 0,
            Self::Speech => const { width(Self::Speech.fields()) },
            Self::Room => const { width(Self::Room.fields()) },
        }
    }
}

const fn width(mut fields: &[Field]) -> u32 {
    let mut bits = 0;
    while let [first, rest @ ..] = fields {
        bits += first.bits;
        fields = rest;
    }
    bits
}
