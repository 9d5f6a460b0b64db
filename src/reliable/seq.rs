//! Sequence numbers that wrap.
//!
//! In: a number as it stands on the wire. Out: [`Seq`], checked for its width. Must not know what is numbered.
//!
//! There is no `PartialOrd` on purpose: an order that wraps is not transitive. What can be asked is how many steps it
//! takes to get from one number to another.

/// A sequence number of `BITS` bits (1..=16), which wraps from its highest value to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seq<const BITS: u32>(u16);

impl<const BITS: u32> Seq<BITS> {
    const MASK: u16 = {
        assert!(BITS >= 1 && BITS <= 16, "a sequence number has 1 to 16 bits");
        u16::MAX >> (16 - BITS)
    };

    /// The number `value`, if it fits the width.
    #[must_use]
    pub const fn new(value: u16) -> Option<Self> {
        if value <= Self::MASK { Some(Self(value)) } else { None }
    }

    /// The number that the lowest bits of `value` make.
    #[must_use]
    pub const fn wrapping(value: u16) -> Self {
        Self(value & Self::MASK)
    }

    /// The number as it stands on the wire.
    #[must_use]
    pub const fn value(self) -> u16 {
        self.0
    }

    /// The number after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self::wrapping(self.0.wrapping_add(1))
    }

    /// How many steps of [`Seq::next`] lead from this number to `later`.
    #[must_use]
    pub const fn distance(self, later: Self) -> u16 {
        later.0.wrapping_sub(self.0) & Self::MASK
    }

    /// Whether `other` lies ahead of this number rather than behind it: less than half the circle away (RFC 1982).
    #[must_use]
    pub const fn is_before(self, other: Self) -> bool {
        let steps = self.distance(other);
        steps != 0 && steps <= Self::MASK >> 1
    }
}
