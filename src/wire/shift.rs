//! Copying bytes that do not start on a byte.
//!
//! In: a slice and how many of its first bits to skip, 1..=7. Out: the bytes that start after them. Must not know
//! fields. Both directions of every string go through here, so it is written for the vectoriser: eight bytes at a
//! time, as plain loops over slices that are one byte apart.
//!
//! ```text
//! from      | a a a b b b b b | c c c d d d d d | e e e …        skip = 3
//! to                | b b b b b c c c | d d d d d e e e | …
//! ```

/// Byte `i` of the result is made of the last `8 - skip` bits of byte `i` of `from` and the first `skip` bits of byte
/// `i + 1`. There is one byte fewer of them than `from` has.
#[inline]
pub(super) fn shifted(from: &[u8], skip: usize) -> impl Iterator<Item = u8> + '_ {
    let ahead = from.get(1..).unwrap_or_default();
    // The masks change nothing: they tell the compiler that no shift reaches 8.
    let (left, right) = (skip & 7, 8_usize.wrapping_sub(skip) & 7);
    from.iter().zip(ahead).map(move |(high, low)| high << left | low >> right)
}

/// Fills `to` with the bytes that start `skip` bits into `from`, which has at least one byte more.
#[inline]
pub(super) fn copy_shifted(from: &[u8], skip: usize, to: &mut [u8]) {
    let (Some(high), Some(low)) = (from.get(..to.len()), from.get(1..=to.len())) else { return };
    let merge = Merge::new(skip);
    if let (Some(to), Some(high), Some(low)) = (to.last_chunk_mut(), high.last_chunk(), low.last_chunk()) {
        // The last eight bytes, which the loop below may overlap, so that it has no remainder to care for.
        *to = merge.eight(high, low);
    } else {
        for (to, byte) in to.iter_mut().zip(shifted(from, skip)) {
            *to = byte;
        }
    }
    let eights = high.as_chunks().0.iter().zip(low.as_chunks().0);
    for (to, (high, low)) in to.as_chunks_mut().0.iter_mut().zip(eights) {
        *to = merge.eight(high, low);
    }
}

/// How to make eight bytes of eight and the eight that start a byte later.
#[derive(Clone, Copy)]
struct Merge {
    left: usize,
    right: usize,
    /// In each byte, the bits that come from the former eight.
    mask: u64,
}

impl Merge {
    #[inline]
    const fn new(skip: usize) -> Self {
        let (left, right) = (skip & 7, 8_usize.wrapping_sub(skip) & 7);
        Self { left, right, mask: u64::from_ne_bytes([0xff << left; 8]) }
    }

    /// The mask takes off what a shift of all eight carries from one byte into the next.
    #[inline]
    const fn eight(self, high: &[u8; 8], low: &[u8; 8]) -> [u8; 8] {
        let high = u64::from_ne_bytes(*high) << self.left & self.mask;
        let low = u64::from_ne_bytes(*low) >> self.right & !self.mask;
        (high | low).to_ne_bytes()
    }
}
