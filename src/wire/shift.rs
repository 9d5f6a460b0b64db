//! Copying bytes that do not start on a byte.
//!
//! In: a slice and how many of its first bits to skip, 1..=7. Out: the bytes that start after them. Must not know
//! fields. Both directions of every string go through here, so it is written for the vectoriser: a plain walk over two
//! slices of the same length, one a byte ahead of the other.

/// Byte `i` of the result is made of the last `8 - skip` bits of byte `i` and the first `skip` bits of byte `i + 1`:
/// one byte fewer than `from` has.
#[inline]
pub(super) fn shifted(from: &[u8], skip: usize) -> impl Iterator<Item = u8> + '_ {
    let ahead = from.get(1..).unwrap_or_default();
    // The masks change nothing: they tell the compiler that no shift reaches 8.
    let (left, right) = (skip & 7, 8_usize.wrapping_sub(skip) & 7);
    from.iter().zip(ahead).map(move |(high, low)| high << left | low >> right)
}

/// Fills `to` with the bytes that start `skip` bits into `from`.
#[inline]
pub(super) fn copy_shifted(from: &[u8], skip: usize, to: &mut [u8]) {
    for (to, byte) in to.iter_mut().zip(shifted(from, skip)) {
        *to = byte;
    }
}
