//! The trailer that tells whether a link has changed a datagram (M16).
//!
//! In: the bytes of a datagram. Out: the CRC-32 (IEEE) of them, or the bytes before a trailer that matches. Must not
//! know what is inside, nor whether the link is configured to have trailers. It guards against noise, not people.

use crc32fast::Hasher;
use serde::{Deserialize, Serialize};

use super::Payload;

/// Whether the datagrams of a link carry a checksum (M16).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Integrity {
    /// They do not: the plain format.
    #[default]
    None,
    /// Four bytes of CRC-32 at the end of each; what does not match is dropped.
    Crc32,
}

impl Integrity {
    /// The message in a datagram that came; `None` when the datagram is not as its sender wrote it.
    #[must_use]
    pub fn open(self, datagram: &[u8]) -> Option<&[u8]> {
        match self {
            Self::None => Some(datagram),
            Self::Crc32 => open(datagram),
        }
    }

    /// A datagram to send.
    #[must_use]
    pub fn seal(self, payload: Payload) -> Payload {
        match self {
            Self::None => payload,
            Self::Crc32 => payload.sealed(),
        }
    }
}

/// How many bytes the trailer has.
pub const TRAILER_BYTES: usize = 4;

/// The trailer of a datagram that is given in pieces, big-endian.
///
/// ```
/// use palabre::wire::{open, trailer};
/// let mut datagram = b"bonjour".to_vec();
/// datagram.extend(trailer(&[b"bon", b"jour"]));
/// assert_eq!(open(&datagram), Some(&b"bonjour"[..]));
/// ```
#[must_use]
pub fn trailer(pieces: &[&[u8]]) -> [u8; TRAILER_BYTES] {
    let mut hasher = Hasher::new();
    for piece in pieces {
        hasher.update(piece);
    }
    hasher.finalize().to_be_bytes()
}

/// The bytes before the trailer; `None` when it does not match or there is none.
#[must_use]
pub fn open(datagram: &[u8]) -> Option<&[u8]> {
    let (bytes, found) = datagram.split_last_chunk()?;
    (*found == trailer(&[bytes])).then_some(bytes)
}
