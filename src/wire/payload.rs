//! The bytes of one datagram to send, in pieces that can be shared.
//!
//! In: a head of a few bytes, a tail that many datagrams have in common. Out: the whole, to copy into a buffer. Must
//! not know what the bytes mean.

use std::sync::Arc;

use super::integrity::{TRAILER_BYTES, trailer};

/// A datagram that owns its bytes: a short head of its own, a tail shared with others, a checksum if one was asked for.
///
/// A text for 253 receivers is 253 heads and one tail; a short answer is a head alone and allocates nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    head: [u8; Self::HEAD],
    head_len: u8,
    trailer: Option<[u8; TRAILER_BYTES]>,
    tail: Option<Arc<[u8]>>,
}

impl Payload {
    /// The most bytes that fit a head.
    pub const HEAD: usize = 10;

    /// `bytes` as a datagram of its own; short ones are kept inline.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        match bytes.split_at_checked(Self::HEAD) {
            None | Some((_, [])) => Self::inline(bytes, None),
            Some((head, tail)) => Self::inline(head, Some(Arc::from(tail))),
        }
    }

    /// `head` in front of a tail that others share.
    #[must_use]
    pub fn shared(head: [u8; 4], tail: &Arc<[u8]>) -> Self {
        Self::inline(&head, (!tail.is_empty()).then(|| Arc::clone(tail)))
    }

    /// The same with the checksum of M16 at its end.
    #[must_use]
    pub fn sealed(self) -> Self {
        let trailer = Some(trailer(&self.pieces()[..2]));
        Self { trailer, ..self }
    }

    /// The number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pieces().iter().map(|piece| piece.len()).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends all bytes to `out`.
    pub fn copy_to(&self, out: &mut Vec<u8>) {
        for piece in self.pieces() {
            out.extend_from_slice(piece);
        }
    }

    /// All bytes, in a buffer of their own.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len());
        self.copy_to(&mut bytes);
        bytes
    }

    fn inline(bytes: &[u8], tail: Option<Arc<[u8]>>) -> Self {
        let mut head = [0; Self::HEAD];
        let mut head_len = 0;
        for (to, from) in head.iter_mut().zip(bytes) {
            *to = *from;
            head_len += 1;
        }
        Self { head, head_len, trailer: None, tail }
    }

    fn pieces(&self) -> [&[u8]; 3] {
        let head = self.head.get(..usize::from(self.head_len)).unwrap_or(&self.head);
        [head, self.tail.as_deref().unwrap_or(&[]), self.trailer.as_ref().map_or(&[], <[u8; 4]>::as_slice)]
    }
}
