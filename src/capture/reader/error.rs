//! What stops the reading of a capture.
//!
//! In: what is wrong, and where. Out: a sentence for people. Must not know formats.

use core::fmt;
use std::io;

/// Why a capture, or the rest of it, cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub(super) what: String,
    pub(super) packets: u64,
    pub(super) byte: u64,
}

impl Unreadable {
    /// How many packets stand before the place.
    #[must_use]
    pub const fn packets(&self) -> u64 {
        self.packets
    }

    /// Where in the file: the first byte of what cannot be read, from 0.
    #[must_use]
    pub const fn byte(&self) -> u64 {
        self.byte
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {}, after packet {})", self.what, self.byte, self.packets)
    }
}

impl core::error::Error for Unreadable {}

/// The same, before it is known how many packets there were.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) what: String,
    pub(super) byte: u64,
}

impl Fault {
    pub(super) fn new(byte: u64, what: impl Into<String>) -> Self {
        Self { what: what.into(), byte }
    }

    /// The file ends where more is announced.
    pub(super) fn cut(byte: u64) -> Self {
        Self::new(
            byte,
            "the file ends in the middle of a packet or block: what stood before it has been told",
        )
    }

    /// A length that cannot be: what follows it cannot be found.
    pub(super) fn damaged(byte: u64, what: &str, length: u32) -> Self {
        Self::new(
            byte,
            format!(
                "{what} would have {length} bytes: the file is damaged here, and the rest cannot be read"
            ),
        )
    }

    pub(super) fn io(byte: u64, error: &io::Error) -> Self {
        Self::new(byte, format!("cannot be read: {error}"))
    }

    pub(super) fn after(self, packets: u64) -> Unreadable {
        Unreadable { what: self.what, packets, byte: self.byte }
    }
}
