//! A message encoded once for many receivers.
//!
//! In: who speaks and what. Out: bytes that all receivers share, and for each of them four bytes of its own. Must not
//! know the receivers.
//!
//! The header has 29 bits, so NUM_SEQ touches none but the first four bytes: the rest is the same for everybody.

use std::sync::Arc;

use super::encode::encode;
use super::header::HEADER_BITS;
use super::{Body, Kind, Unencodable};

/// How many bytes of a message differ between receivers.
const HEAD_BYTES: usize = 4;
/// Where NUM_SEQ ends within the head.
const SEQ_SHIFT: u32 = u32::BITS - HEADER_BITS;

/// A message without its NUM_SEQ: a few bytes and a shared rest. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    kind: Kind,
    /// The first four bytes, with NUM_SEQ zero.
    head: [u8; HEAD_BYTES],
    tail: Arc<[u8]>,
}

impl Packet {
    /// Encodes a message.
    ///
    /// # Errors
    /// As [`super::Message::encode`].
    pub fn new(user: u8, body: &Body<'_>) -> Result<Self, Unencodable> {
        let mut bytes = Vec::with_capacity(room(body));
        encode(user, 0, body, &mut bytes)?;
        // A header fills the head: the fallback is never taken.
        let (head, tail) = bytes.split_first_chunk().unwrap_or((&[0; HEAD_BYTES], &[]));
        Ok(Self { kind: body.kind(), head: *head, tail: tail.into() })
    }

    /// The first four bytes for one receiver; [`Packet::tail`] follows.
    #[inline]
    #[must_use]
    pub const fn stamp(&self, seq: u16) -> [u8; HEAD_BYTES] {
        (u32::from_be_bytes(self.head) | (seq as u32) << SEQ_SHIFT).to_be_bytes()
    }

    /// The bytes behind the first four, shared by all receivers.
    #[inline]
    #[must_use]
    pub const fn tail(&self) -> &Arc<[u8]> {
        &self.tail
    }

    /// The type of the message.
    #[inline]
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }
}

/// As many bytes as a text takes; enough for most of the rest.
fn room(body: &Body<'_>) -> usize {
    match body {
        Body::Text { text, .. } | Body::Relay { text, .. } => text.len().saturating_add(FIXED_BYTES),
        _ => 64,
    }
}

/// No less than the fields around a text have.
const FIXED_BYTES: usize = 16;
