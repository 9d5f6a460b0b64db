//! The 29 bits that every message starts with.
//!
//! ```text
//!  0                   1                   2
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 ...
//! +---------+---------------+-------------------------------+-----
//! | TYPE 5  |   ID_USER 8   |          NUM_SEQ 16           | data
//! +---------+---------------+-------------------------------+-----
//! ```
//!
//! In: a datagram, or the three numbers. Out: the three numbers, or 29 bits; the data start in the middle of the fourth
//! byte. Must not know what the data are.

use super::Kind;
use crate::wire::{BitReader, BitWriter, Fault, Field, Malformed, Trace};

/// The type of the message; 0 and 31 are reserved.
pub(super) const TYPE: Field = Field::new("TYPE", 5);
/// Who speaks (M2).
pub(super) const ID_USER: Field = Field::new("ID_USER", 8);
/// The number of the request; its response repeats it (M1).
pub(super) const NUM_SEQ: Field = Field::new("NUM_SEQ", 16);

/// How many bits the header has.
pub const HEADER_BITS: u32 = TYPE.bits + ID_USER.bits + NUM_SEQ.bits;

/// What every message says first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The type of the message.
    pub kind: Kind,
    /// Who speaks: a user's id, [`super::SERVER`] or [`super::NOBODY`] (M2).
    pub user: u8,
    /// The number of the request.
    pub seq: u16,
}

impl Header {
    /// Reads the header; the data come next.
    ///
    /// # Errors
    /// When there are fewer than 29 bits, or the type is reserved.
    #[inline(always)]
    pub fn decode<T: Trace>(reader: &mut BitReader<'_, T>) -> Result<Self, Malformed> {
        let bit = reader.bit();
        let code = reader.u8(TYPE)?;
        let Some(kind) = Kind::from_code(code) else {
            let fault = Fault::Reserved(u64::from(code));
            return Err(Malformed { field: TYPE.name, bit, fault });
        };
        reader.meaning(&kind);
        Ok(Self { kind, user: reader.u8(ID_USER)?, seq: reader.u16(NUM_SEQ)? })
    }

    /// Writes the header; the data come next.
    #[inline(always)]
    pub fn encode(self, writer: &mut BitWriter<'_>) {
        writer.put(TYPE, self.kind.code());
        writer.put(ID_USER, self.user);
        writer.put(NUM_SEQ, self.seq);
    }
}

/// The header of a datagram that may not be a message: enough to tell its sender which of his requests is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawHeader {
    /// The 5 bits of TYPE, reserved or not.
    pub code: u8,
    /// ID_USER.
    pub user: u8,
    /// NUM_SEQ.
    pub seq: u16,
}

impl RawHeader {
    /// Looks at the first 29 bits; `None` when there are fewer.
    #[must_use]
    pub fn peek(datagram: &[u8]) -> Option<Self> {
        let mut reader = BitReader::new(datagram);
        let code = reader.u8(TYPE).ok()?;
        Some(Self { code, user: reader.u8(ID_USER).ok()?, seq: reader.u16(NUM_SEQ).ok()? })
    }

    /// The type of message; `None` when it is reserved.
    #[must_use]
    pub const fn kind(self) -> Option<Kind> {
        Kind::from_code(self.code)
    }
}
