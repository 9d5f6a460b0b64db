//! A message encoded once for many receivers.
//!
//! In: its bytes, and where its sequence number stands. Out: bytes that all receivers share, and for each of them four
//! bytes of its own. Must not know the receivers, nor what the bytes say.
//!
//! In both bit-packed protocols the sequence number touches none but the first four bytes: the rest is the same for
//! everybody.

use std::sync::Arc;

/// How many bytes of a message differ between receivers.
const HEAD_BYTES: usize = 4;

/// A message without its sequence number: a few bytes and a shared rest. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    kind: u8,
    /// How far the sequence number's last bit stands from the head's.
    shift: u32,
    /// The first four bytes, with the sequence number zero.
    head: u32,
    tail: Arc<[u8]>,
}

impl Packet {
    /// A message whose sequence number is zero so far and ends `shift` bits, 0..=22, before the end of the fourth byte.
    /// `kind` is the number of its type. A message is never shorter than four bytes; were it, zeros would fill it up.
    #[must_use]
    pub fn new(kind: u8, shift: u32, bytes: &[u8]) -> Self {
        let (head, tail) = bytes.split_first_chunk().unwrap_or((&[0; HEAD_BYTES], &[]));
        Self { kind, shift, head: u32::from_be_bytes(*head), tail: tail.into() }
    }

    /// The first four bytes for one receiver; [`Packet::tail`] follows.
    #[inline]
    #[must_use]
    pub const fn stamp(&self, seq: u16) -> [u8; HEAD_BYTES] {
        (self.head | (seq as u32) << self.shift).to_be_bytes()
    }

    /// The bytes behind the first four, shared by all receivers.
    #[inline]
    #[must_use]
    pub const fn tail(&self) -> &Arc<[u8]> {
        &self.tail
    }

    /// The number of its type, for whoever judges what answers it.
    #[inline]
    #[must_use]
    pub const fn kind(&self) -> u8 {
        self.kind
    }
}
