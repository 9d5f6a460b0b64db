//! Where the strings of one datagram are put while it is looked at.
//!
//! In: how many bytes the datagram has. Out: disjoint pieces of one buffer that is kept from datagram to datagram, so
//! that decoding does not allocate. Must not know what the pieces hold.

use core::mem;

use super::reader::BLOCK;

/// A buffer to decode into, as large as the largest datagram it has met.
#[derive(Clone, Debug, Default)]
pub struct Scratch(Vec<u8>);

impl Scratch {
    /// An empty one: it grows when it is first used.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// One that does not grow for datagrams of at most `bytes` bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self(vec![0; bytes.saturating_add(BLOCK)])
    }

    /// Room for the strings of one datagram of `bytes` bytes, and to fill up a block behind the last of them. What was
    /// decoded into it before is over.
    #[inline]
    pub fn arena(&mut self, bytes: usize) -> Arena<'_> {
        let bytes = bytes.saturating_add(BLOCK);
        if self.0.len() < bytes {
            self.grow(bytes);
        }
        Arena { free: &mut self.0 }
    }

    #[cold]
    fn grow(&mut self, bytes: usize) {
        self.0.resize(bytes, 0);
    }
}

/// The part of a [`Scratch`] that no string of the present datagram has taken yet.
#[derive(Debug)]
pub struct Arena<'s> {
    free: &'s mut [u8],
}

impl<'s> Arena<'s> {
    /// How many bytes nobody has.
    #[inline]
    #[must_use]
    pub const fn free(&self) -> usize {
        self.free.len()
    }

    /// `len` bytes that nobody else has; `None` when fewer are free. They hold what an earlier datagram left there.
    #[inline]
    pub fn take(&mut self, len: usize) -> Option<&'s mut [u8]> {
        if len > self.free.len() {
            return None;
        }
        let (taken, free) = mem::take(&mut self.free).split_at_mut(len);
        self.free = free;
        Some(taken)
    }
}
