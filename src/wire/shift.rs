//! Copying bytes that do not start on a byte.
//!
//! In: a slice and how many of its first bits to skip, 0..=7. Out: the bytes that start after them, in a slice or at the
//! end of a vector. Must not know fields. Both directions of every string go through here.
//!
//! ```text
//! from      | a a a b b b b b | c c c d d d d d | e e e …        skip = 3
//! to                | b b b b b c c c | d d d d d e e e | …
//! ```
//!
//! It is written for the vectoriser. The skip is a constant of the inner functions, as vectors are shifted faster by a
//! constant than by a variable. They work on whole blocks, the largest that the string can fill; the last block ends
//! where the string does and overlaps the one before, so that there is no remainder to copy byte by byte.

/// Byte `i` of the result is made of the last `8 - skip` bits of byte `i` of `from` and the first `skip` bits of byte
/// `i + 1`, with `skip` in 1..=7. There is one byte fewer of them than `from` has.
#[inline]
pub(super) fn shifted(from: &[u8], skip: usize) -> impl Iterator<Item = u8> + '_ {
    let ahead = from.get(1..).unwrap_or_default();
    from.iter().zip(ahead).map(move |(high, low)| merge(*high, *low, skip))
}

/// Fills `to` with the bytes that start `skip` bits into `from`. The caller has checked that there are enough.
///
/// It is compiled into the caller, for whom the skip may be a constant; elsewhere there is [`copy_anywhere`].
#[inline(always)]
pub(super) fn copy_shifted(from: &[u8], skip: usize, to: &mut [u8]) {
    match skip {
        0 => {
            if let Some(from) = from.get(..to.len()) {
                to.copy_from_slice(from);
            }
        }
        1 => copy::<1>(from, to),
        2 => copy::<2>(from, to),
        3 => copy::<3>(from, to),
        4 => copy::<4>(from, to),
        5 => copy::<5>(from, to),
        6 => copy::<6>(from, to),
        _ => copy::<7>(from, to),
    }
}

/// [`copy_shifted`] for where the skip is not known before.
#[inline(never)]
pub(super) fn copy_anywhere(from: &[u8], skip: usize, to: &mut [u8]) {
    copy_shifted(from, skip, to);
}

/// Appends to `out` all whole bytes that start `skip` bits into `from`. The caller has made room for them.
///
/// It is compiled into the caller, as [`copy_shifted`] is.
#[inline(always)]
pub(super) fn append_shifted(from: &[u8], skip: usize, out: &mut Vec<u8>) {
    match skip {
        0 => out.extend_from_slice(from),
        1 => append::<1>(from, out),
        2 => append::<2>(from, out),
        3 => append::<3>(from, out),
        4 => append::<4>(from, out),
        5 => append::<5>(from, out),
        6 => append::<6>(from, out),
        _ => append::<7>(from, out),
    }
}

#[inline(always)]
fn copy<const SKIP: usize>(from: &[u8], to: &mut [u8]) {
    let Some(from) = from.get(..=to.len()) else { return };
    if !(copy_blocks::<SKIP, 64>(from, to)
        || copy_blocks::<SKIP, 16>(from, to)
        || copy_blocks::<SKIP, 8>(from, to))
    {
        for (to, byte) in to.iter_mut().zip(shifted(from, SKIP)) {
            *to = byte;
        }
    }
}

#[inline(always)]
fn append<const SKIP: usize>(from: &[u8], out: &mut Vec<u8>) {
    if !(append_blocks::<SKIP, 64>(from, out)
        || append_blocks::<SKIP, 16>(from, out)
        || append_blocks::<SKIP, 8>(from, out))
    {
        out.extend(shifted(from, SKIP));
    }
}

/// Whether there was enough for a block of `N` bytes.
#[inline(always)]
fn copy_blocks<const SKIP: usize, const N: usize>(from: &[u8], to: &mut [u8]) -> bool {
    let Some((blocks, last)) = blocks::<SKIP, N>(from) else { return false };
    if let Some(to) = to.last_chunk_mut() {
        *to = last;
    }
    for (to, block) in to.as_chunks_mut().0.iter_mut().zip(blocks) {
        *to = block;
    }
    true
}

/// Whether there was enough for a block of `N` bytes.
#[inline(always)]
fn append_blocks<const SKIP: usize, const N: usize>(from: &[u8], out: &mut Vec<u8>) -> bool {
    let Some((blocks, last)) = blocks::<SKIP, N>(from) else { return false };
    let end = out.len() + from.len() - 1;
    for block in blocks {
        out.extend_from_slice(&block);
    }
    // Takes back as much as the last block overlaps.
    out.truncate(end - N);
    out.extend_from_slice(&last);
    true
}

/// All whole blocks of the result, and the `N` bytes it ends with; `None` when it is shorter than a block.
#[inline(always)]
fn blocks<const SKIP: usize, const N: usize>(
    from: &[u8],
) -> Option<(impl Iterator<Item = [u8; N]> + '_, [u8; N])> {
    let ((_, high), (_, low)) = (from.split_last()?, from.split_first()?);
    let last = merge_blocks::<SKIP, N>(high.last_chunk()?, low.last_chunk()?);
    let pairs = high.as_chunks().0.iter().zip(low.as_chunks().0);
    Some((pairs.map(|(high, low)| merge_blocks::<SKIP, N>(high, low)), last))
}

/// `N` is a multiple of eight.
#[inline(always)]
fn merge_blocks<const SKIP: usize, const N: usize>(high: &[u8; N], low: &[u8; N]) -> [u8; N] {
    let mut block = [0; N];
    let eights = high.as_chunks().0.iter().zip(low.as_chunks().0);
    for (to, (high, low)) in block.as_chunks_mut().0.iter_mut().zip(eights) {
        *to = merge_eight::<SKIP>(*high, *low);
    }
    block
}

/// [`merge`] for eight bytes at once. The mask takes off what a shift of all eight carries from one into the next.
#[inline(always)]
const fn merge_eight<const SKIP: usize>(high: [u8; 8], low: [u8; 8]) -> [u8; 8] {
    let mask = u64::from_ne_bytes([0xff << SKIP; 8]);
    let high = u64::from_ne_bytes(high) << SKIP & mask;
    let low = u64::from_ne_bytes(low) >> (8 - SKIP) & !mask;
    (high | low).to_ne_bytes()
}

/// The masks change nothing: they tell the compiler that no shift reaches 8.
#[inline(always)]
const fn merge(high: u8, low: u8, skip: usize) -> u8 {
    high << (skip & 7) | low >> (8_usize.wrapping_sub(skip) & 7)
}

#[cfg(test)]
mod tests {
    use super::{append_shifted, copy_shifted};

    #[test]
    fn m3_every_length_is_copied_and_appended_from_every_bit() {
        let from: Vec<u8> = (0..300_u32).map(|i| (i * 151 + i / 7).to_be_bytes()[3]).collect();
        for skip in 0..8 {
            for len in 0..=200 {
                let wanted: Vec<u8> = (0..len)
                    .map(|i| (u16::from_be_bytes([from[i], from[i + 1]]) << skip).to_be_bytes()[0])
                    .collect();
                let mut to = vec![0xaa; len];
                copy_shifted(&from, skip, &mut to);
                assert_eq!(to, wanted, "{len} bytes copied, {skip} bits skipped");
                let mut out = vec![0x55; 3];
                append_shifted(&from[..len + usize::from(skip > 0)], skip, &mut out);
                assert_eq!(out[..3], [0x55; 3], "what was there stays");
                assert_eq!(out[3..], wanted, "{len} bytes appended, {skip} bits skipped");
            }
        }
    }
}
