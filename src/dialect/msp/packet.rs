//! A message encoded once for many receivers.
//!
//! In: who speaks and what. Out: a [`Packet`], to be stamped for each of them. Must not know the receivers.

use super::encode::encode;
use super::header::HEADER_BITS;
use super::{Body, Unencodable};
use crate::wire::Packet;

/// Where NUM_SEQ ends within the first four bytes.
const SEQ_SHIFT: u32 = 32 - HEADER_BITS;

/// Encodes a message without its NUM_SEQ.
///
/// # Errors
/// As [`super::Message::encode`].
pub fn packet(user: u8, body: &Body<'_>) -> Result<Packet, Unencodable> {
    let mut bytes = Vec::with_capacity(room(body));
    encode(user, 0, body, &mut bytes)?;
    Ok(Packet::new(body.kind().code(), SEQ_SHIFT, &bytes))
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
