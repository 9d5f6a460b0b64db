//! Fields, and who watches them being read.
//!
//! In: what a reader met: which field, where, which value. Out: whatever the watcher makes of it. Must not change what
//! is read: a traced decode and a plain one are the same code.

use core::fmt;

/// A field's wire name and width, stated once and used by both directions.
///
/// For a string the width is that of one of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name in the specification.
    pub name: &'static str,
    /// How wide, 1..=[`Field::WIDEST`].
    pub bits: u32,
    /// Whether a string of them says something in words. Bytes that do not are never shown as text, even where they could
    /// be.
    pub is_text: bool,
}

impl Field {
    /// The widest number: what one 64-bit load holds wherever in a byte the number starts.
    pub const WIDEST: u32 = 57;

    /// A field of `bits` bits. A width that cannot be read is refused when the constant is compiled.
    #[must_use]
    pub const fn new(name: &'static str, bits: u32) -> Self {
        assert!(1 <= bits && bits <= Self::WIDEST, "a field has 1 to 57 bits");
        Self { name, bits, is_text: true }
    }

    /// One of a string of bytes that say nothing in words, as those of an address.
    #[must_use]
    pub const fn octet(name: &'static str) -> Self {
        Self { name, bits: 8, is_text: false }
    }
}

/// Sees each field as it is read: how a dissector lists them. A field that cannot be read is not seen.
pub trait Trace {
    /// A number was read: `bit` is where it starts.
    fn number(&mut self, field: Field, bit: usize, value: u64);

    /// A string was read: it starts at `bit` and takes up `bits`, its delimiter included; `value` is without.
    fn bytes(&mut self, field: Field, bit: usize, bits: usize, value: &[u8]);

    /// What the value just read means, in the words of the specification or in plain ones.
    fn meaning(&mut self, words: &dyn fmt::Display);
}

/// Nobody watches, at no cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTrace;

impl Trace for NoTrace {
    #[inline(always)]
    fn number(&mut self, _: Field, _: usize, _: u64) {}

    #[inline(always)]
    fn bytes(&mut self, _: Field, _: usize, _: usize, _: &[u8]) {}

    #[inline(always)]
    fn meaning(&mut self, _: &dyn fmt::Display) {}
}

impl<T: Trace> Trace for &mut T {
    fn number(&mut self, field: Field, bit: usize, value: u64) {
        (**self).number(field, bit, value);
    }

    fn bytes(&mut self, field: Field, bit: usize, bits: usize, value: &[u8]) {
        (**self).bytes(field, bit, bits, value);
    }

    fn meaning(&mut self, words: &dyn fmt::Display) {
        (**self).meaning(words);
    }
}
