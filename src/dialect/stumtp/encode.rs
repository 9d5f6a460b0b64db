//! From a frame to bytes.
//!
//! In: numbers, a text. Out: bytes, or why there are none. A text is encoded once for all its receivers: only the [`Head`]
//! differs, the [`Tail`] is shared. Must not know who gets them.

use core::fmt;
use std::borrow::Cow;
use std::sync::Arc;

use super::frame::{ACK, ETX, Frame, LONGEST_HEAD, LONGEST_TEXT, SOH, STX, is_mark};

/// Why a text cannot be sent. Each is a fault of the caller, not of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unencodable {
    /// It has so many bytes, more than [`LONGEST_TEXT`].
    TooLong(usize),
    /// It holds this byte, one of 1, 2, 3 and 6: see [`carried`].
    Mark(u8),
}

impl fmt::Display for Unencodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(bytes) => write!(f, "a text of {bytes} bytes, where {LONGEST_TEXT} are the most"),
            Self::Mark(byte) => write!(f, "a text cannot hold the byte {byte}"),
        }
    }
}

impl core::error::Error for Unencodable {}

/// A text as it can be carried: bytes 1, 2, 3 and 6 become spaces (U1).
#[must_use]
pub fn carried(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(is_mark) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if u8::try_from(c).is_ok_and(is_mark) { ' ' } else { c }).collect())
}

/// What stands before a text, or an acknowledgement up to its end. A plain text has none: [`Head::default`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    bytes: [u8; LONGEST_HEAD],
    len: usize,
}

impl Head {
    /// In front of a text with a number, and what it acknowledges beside.
    #[must_use]
    pub fn numbered(id: u64, ack: Option<u64>) -> Self {
        let mut head = Self::default();
        head.push(SOH);
        head.number(id);
        if let Some(ack) = ack {
            head.push(ACK);
            head.number(ack);
        }
        head.push(STX);
        head
    }

    /// A whole frame that only acknowledges.
    #[must_use]
    pub fn ack(ack: u64) -> Self {
        let mut head = Self::default();
        head.push(SOH);
        head.push(ACK);
        head.number(ack);
        head.push(ETX);
        head
    }

    /// Its bytes, at most [`LONGEST_HEAD`].
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&self.bytes)
    }

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len = self.len.saturating_add(1);
        }
    }

    fn number(&mut self, number: u64) {
        number.to_string().bytes().for_each(|digit| self.push(digit));
    }
}

impl Default for Head {
    fn default() -> Self {
        Self { bytes: [0; LONGEST_HEAD], len: 0 }
    }
}

/// A text and its end, encoded: to clone it is to share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail(Arc<[u8]>);

impl Tail {
    /// A text that stands on the wire as it is.
    ///
    /// # Errors
    /// When it is too long, or holds a byte that marks something.
    pub fn new(text: &str) -> Result<Self, Unencodable> {
        let bytes = text.as_bytes();
        if bytes.len() > LONGEST_TEXT {
            return Err(Unencodable::TooLong(bytes.len()));
        }
        match bytes.iter().find(|byte| is_mark(**byte)) {
            Some(mark) => Err(Unencodable::Mark(*mark)),
            None => Ok(Self(bytes.iter().copied().chain([ETX]).collect())),
        }
    }

    /// Its bytes, the end of text among them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same bytes, to share.
    #[must_use]
    pub const fn shared(&self) -> &Arc<[u8]> {
        &self.0
    }
}

impl Frame<'_> {
    /// Appends the frame to `out`. On failure `out` is as it was.
    ///
    /// # Errors
    /// When the text cannot be sent.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Unencodable> {
        let (head, text) = match *self {
            Self::Plain(text) => (Head::default(), text),
            Self::Numbered { id, ack, text } => (Head::numbered(id, ack), text),
            Self::Ack(ack) => {
                out.extend_from_slice(Head::ack(ack).as_bytes());
                return Ok(());
            }
        };
        let tail = Tail::new(text)?;
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(tail.as_bytes());
        Ok(())
    }
}
