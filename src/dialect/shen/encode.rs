//! From a message to a datagram.
//!
//! In: a sequence number and a [`Body`]. Out: bytes at the end of a vector, or why there are none. Must not know who gets
//! them.

use super::Body;
use crate::wire::Packet;

/// Why a message cannot be put into a datagram. Each is a fault of the caller, not of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unencodable;

/// Encodes a message without its sequence number.
///
/// # Errors
/// As [`super::Message::encode`].
pub fn packet(body: &Body<'_>) -> Result<Packet, Unencodable> {
    let mut bytes = Vec::new();
    encode(0, body, &mut bytes)?;
    Ok(Packet::new(body.kind().code(), 22, &bytes))
}

pub(super) fn encode(_seq: u16, _body: &Body<'_>, _out: &mut Vec<u8>) -> Result<(), Unencodable> {
    Err(Unencodable)
}
