//! The 28 bits that every message starts with.
//!
//! ```text
//!  0                   1                   2
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 ...
//! +-------------------+---------------+-------------------+----
//! |    NUM_SEQ 10     |    TYPE 8     |  TEXT_LENGTH 10   | ...
//! +-------------------+---------------+-------------------+----
//! ```
//!
//! In: a datagram, or the numbers. Out: the numbers, or 28 bits; what the type's format adds starts in the middle of the
//! fourth byte. Must not know what comes next, but for how many bits it has.

use core::fmt;

use super::{Kind, Unencodable};
use crate::wire::{BitReader, BitWriter, Fault, Field, Malformed, Trace};

/// The number of the request; its response repeats it (S5).
pub(super) const NUM_SEQ: Field = Field::new("NUM_SEQ", 10);
/// The type of the message; 0 and 30 to 255 are reserved.
pub(super) const TYPE: Field = Field::new("TYPE", 8);
/// How many bytes of text there are, minus one; 0 also where there are none (S1).
pub(super) const TEXT_LENGTH: Field = Field::new("TEXT_LENGTH", 10);

/// How many bits the header has.
pub const HEADER_BITS: u32 = NUM_SEQ.bits + TYPE.bits + TEXT_LENGTH.bits;

/// Where TEXT_LENGTH starts.
pub(super) const TEXT_LENGTH_BIT: usize = (NUM_SEQ.bits + TYPE.bits) as usize;

/// The most bytes of text that a message has, the ends of lines among them (S1).
pub const MOST_TEXT: usize = 1 << TEXT_LENGTH.bits;

/// What every message says first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) seq: u16,
    pub(super) kind: Kind,
    /// How many bytes of text there are, 0..=[`MOST_TEXT`]; those of all entries of a list together.
    pub(super) text: usize,
}

impl Header {
    /// Reads the header. A length of 0 is that of one byte and of none: what is left of the datagram decides (S1).
    #[inline(always)]
    pub(super) fn decode<T: Trace>(reader: &mut BitReader<'_, T>) -> Result<Self, Malformed> {
        let seq = reader.u16(NUM_SEQ)?;
        let bit = reader.bit();
        let code = reader.u8(TYPE)?;
        let Some(kind) = Kind::from_code(code) else {
            return Err(Malformed { field: TYPE.name, bit, fault: Fault::Reserved(u64::from(code)) });
        };
        reader.meaning(&kind);
        let length = reader.u16(TEXT_LENGTH)?;
        let room = reader.left().saturating_sub(kind.format().bits() as usize);
        let text = if length == 0 && room < 8 { 0 } else { usize::from(length).saturating_add(1) };
        reader.meaning(&Bytes(text));
        Ok(Self { seq, kind, text })
    }

    /// Writes the header; what the format adds comes next.
    #[inline(always)]
    pub(super) fn encode(self, writer: &mut BitWriter<'_>) -> Result<(), Unencodable> {
        if self.text > MOST_TEXT {
            return Err(Unencodable::TooLong { bytes: self.text, most: MOST_TEXT });
        }
        Unencodable::check(NUM_SEQ, self.seq)?;
        writer.put(NUM_SEQ, self.seq);
        writer.put(TYPE, self.kind.code());
        writer.put(TEXT_LENGTH, self.text.saturating_sub(1) as u64);
        Ok(())
    }
}

/// What a length of one less means.
struct Bytes(usize);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("no text"),
            1 => f.write_str("1 byte"),
            bytes => write!(f, "{bytes} bytes"),
        }
    }
}

/// The header of a datagram that may not be a message: enough to count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawHeader {
    /// NUM_SEQ, 0..=1023.
    pub seq: u16,
    /// The 8 bits of TYPE, reserved or not.
    pub code: u8,
}

impl RawHeader {
    /// Looks at the header; `None` when there are fewer than 28 bits.
    #[must_use]
    pub fn peek(datagram: &[u8]) -> Option<Self> {
        let mut reader = BitReader::new(datagram);
        let raw = Self { seq: reader.u16(NUM_SEQ).ok()?, code: reader.u8(TYPE).ok()? };
        reader.u16(TEXT_LENGTH).ok().map(|_| raw)
    }

    /// The type of message; `None` when it is reserved.
    #[must_use]
    pub const fn kind(self) -> Option<Kind> {
        Kind::from_code(self.code)
    }
}
