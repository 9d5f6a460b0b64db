//! The one cursor that writes bits.
//!
//! In: numbers and strings. Out: bytes at the end of a vector, most significant bit first, the last one filled up with
//! zeros. Must not know what the fields mean, nor whether they may be sent.

use super::Field;
use super::reader::short_window;
use super::shift::append_shifted;

/// Writes fields one after the other at the end of a vector. [`BitWriter::finish`] writes the last bits.
#[derive(Debug)]
#[must_use = "the last bits are written by `finish`"]
pub struct BitWriter<'v> {
    out: &'v mut Vec<u8>,
    /// Bits that are not written yet, from the most significant on; zeros below them.
    pending: u64,
    /// How many, at most 63: they are written eight bytes at a time.
    count: u32,
}

impl<'v> BitWriter<'v> {
    /// A cursor behind the last byte of `out`.
    #[inline]
    pub const fn new(out: &'v mut Vec<u8>) -> Self {
        Self { out, pending: 0, count: 0 }
    }

    /// Writes a number. Bits above the field's width are not written: the caller has checked that there are none.
    #[inline(always)]
    pub fn put(&mut self, field: Field, value: impl Into<u64>) {
        let value = value.into();
        debug_assert!(value >> field.bits == 0, "{} holds {} bits", field.name, field.bits);
        self.push(field.bits, value << (64 - field.bits));
    }

    /// Writes a string as it is.
    #[inline(never)]
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.bytes_here(bytes);
    }

    /// [`Self::bytes`], compiled into the caller: faster, and much more code, unless the caller knows where in a byte
    /// the string starts.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "what has no first eight bytes has under eight")]
    pub(crate) fn bytes_here(&mut self, bytes: &[u8]) {
        let Some(first) = bytes.first_chunk() else {
            return self.push(8 * bytes.len() as u32, short_window(bytes));
        };
        // The start of the string fills up what is pending to eight bytes; the rest goes from there to the vector.
        let filled = self.pending | u64::from_be_bytes(*first) >> self.count;
        let (used, skip) = ((64 - self.count) as usize / 8, (64 - self.count) as usize % 8);
        let rest = bytes.get(used..).unwrap_or_default();
        self.make_room(8 + rest.len());
        self.out.extend_from_slice(&filled.to_be_bytes());
        append_shifted(rest, skip, self.out);
        self.count %= 8;
        self.pending = match (self.count, bytes.last()) {
            (1.., Some(last)) => u64::from(*last) << (64 - self.count),
            _ => 0,
        };
    }

    /// Fills up the last byte with zeros and writes it.
    #[inline]
    pub fn finish(self) {
        let bytes = self.pending.to_be_bytes();
        let [first, ..] = bytes;
        let count = self.count.div_ceil(8) as usize;
        if count == 1 {
            self.out.push(first);
        } else if self.out.capacity() - self.out.len() >= bytes.len() {
            // To write all eight and take some back is faster than to write as many as there are.
            let end = self.out.len() + count;
            self.out.extend_from_slice(&bytes);
            self.out.truncate(end);
        } else {
            self.out.extend(bytes.into_iter().take(count));
        }
    }

    /// Takes the first `bits`, 0..=57, of `value`; the others are zero.
    #[inline(always)]
    fn push(&mut self, bits: u32, value: u64) {
        self.pending |= value >> self.count;
        self.count += bits;
        if self.count >= 64 {
            self.out.extend_from_slice(&self.pending.to_be_bytes());
            self.count -= 64;
            // Under 58 bits were taken, so the shift is under 58 too.
            self.pending = value << (bits - self.count);
        }
    }

    /// Makes room for `bytes` bytes; where that takes a larger vector, for the last few fields as well.
    #[inline(always)]
    fn make_room(&mut self, bytes: usize) {
        if self.out.capacity() - self.out.len() < bytes {
            self.out.reserve(bytes + ROOM_BEHIND);
        }
    }
}

/// More than the fields behind a string have in most messages.
const ROOM_BEHIND: usize = 16;

#[cfg(test)]
mod tests {
    use super::{BitWriter, Field};

    #[test]
    fn a_vector_that_is_just_large_enough_is_not_reallocated() {
        for len in 0..200 {
            for bits in 1..=57 {
                let wanted = (bits as usize + len * 8).div_ceil(8);
                let mut out = Vec::with_capacity(wanted);
                let room = out.capacity();
                let mut writer = BitWriter::new(&mut out);
                writer.put(Field::new("number", bits), 1_u8);
                writer.bytes(&vec![0xff; len]);
                writer.finish();
                assert_eq!((out.len(), out.capacity()), (wanted, room), "{bits} bits and {len} bytes");
            }
        }
    }
}
