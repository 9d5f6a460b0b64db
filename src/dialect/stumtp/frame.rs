//! What stands between two ends of text.
//!
//! ```text
//! numbered text    SOH id STX text ETX           01 decimal digits 02 UTF-8 03
//!                  SOH id ACK id STX text ETX    01 decimal digits 06 decimal digits 02 UTF-8 03
//! acknowledgement  SOH ACK id ETX                01 06 decimal digits 03
//! plain text       text ETX                      UTF-8 03
//! ```
//!
//! In: nothing. Out: [`Frame`], and the bytes and limits that both directions share. Must not know sessions.

use crate::wire::Terminated;

/// Starts a frame that has a number.
pub(super) const SOH: u8 = 0x01;
/// Starts the text behind a number.
pub(super) const STX: u8 = 0x02;
/// Ends every frame.
pub(super) const ETX: u8 = 0x03;
/// Starts the number of an acknowledged message.
pub(super) const ACK: u8 = 0x06;

/// The most bytes of a text (U7).
pub const LONGEST_TEXT: usize = 64 * 1024;
/// The most bytes before the text that we send: three marks and two numbers of 20 digits.
pub const LONGEST_HEAD: usize = 43;

/// How a stream is cut into units: a text of the greatest length fits with its head (U7).
pub const FRAMING: Terminated = Terminated { end: ETX, longest: LONGEST_TEXT.saturating_add(LONGEST_HEAD) };

/// One unit of the stream (U1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A text without a number: nothing promises its delivery.
    Plain(&'a str),
    /// A text with its number.
    Numbered {
        /// The number: 0 for what is outside the numbering (U5), or 1, 2, 3 … (U2).
        id: u64,
        /// Every message of the other side up to this one has arrived.
        ack: Option<u64>,
        /// The text, which may be empty.
        text: &'a str,
    },
    /// Every message of the other side up to this one has arrived, and there is nothing to say.
    Ack(u64),
}

impl Frame<'_> {
    /// What it is called, for people.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Plain(_) => "plain text",
            Self::Numbered { .. } => "numbered text",
            Self::Ack(_) => "acknowledgement",
        }
    }
}

/// Whether a unit wants to be a frame with a number: otherwise it is a plain text.
#[must_use]
pub fn is_framed(unit: &[u8]) -> bool {
    unit.first() == Some(&SOH)
}

/// Whether a byte has a meaning of its own, so that no text may hold it (U1).
pub(super) const fn is_mark(byte: u8) -> bool {
    matches!(byte, SOH | STX | ETX | ACK)
}
