//! The one cursor that writes bits.
//!
//! In: numbers and strings. Out: bytes at the end of a vector, most significant bit first, the last one filled up with
//! zeros. Must not know what the fields mean, nor whether they may be sent.

use super::Field;
use super::shift::copy_shifted;

/// Writes fields one after the other at the end of a vector. [`BitWriter::finish`] writes the last bits.
#[derive(Debug)]
#[must_use = "the last bits are written by `finish`"]
pub struct BitWriter<'v> {
    out: &'v mut Vec<u8>,
    /// Bits that are not written yet, from the most significant on; zeros below them.
    pending: u64,
    /// How many, at most 31.
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
        if field.bits > 32 {
            self.push(field.bits - 32, value >> 32);
            self.push(32, value);
        } else {
            self.push(field.bits, value);
        }
    }

    /// Writes a string as it is.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.flush();
        let (Some((first, _)), Some(last)) = (bytes.split_first(), bytes.last()) else { return };
        if self.count == 0 {
            self.out.extend_from_slice(bytes);
            return;
        }
        let [pending, ..] = self.pending.to_be_bytes();
        self.out.push(pending | first >> self.count);
        let start = self.out.len();
        self.out.resize(start + bytes.len() - 1, 0);
        if let Some(to) = self.out.get_mut(start..) {
            copy_shifted(bytes, 8 - self.count as usize, to);
        }
        self.pending = u64::from(*last) << (64 - self.count);
    }

    /// Fills up the last byte with zeros and writes it.
    #[inline]
    pub fn finish(mut self) {
        self.flush();
        if self.count > 0 {
            let [last, ..] = self.pending.to_be_bytes();
            self.out.push(last);
        }
    }

    /// Takes the low `bits`, 1..=32, of `value`.
    #[inline(always)]
    fn push(&mut self, bits: u32, value: u64) {
        self.pending |= value << (64 - bits) >> self.count;
        self.count += bits;
        if self.count >= 32 {
            let [a, b, c, d, ..] = self.pending.to_be_bytes();
            self.out.extend_from_slice(&[a, b, c, d]);
            self.pending <<= 32;
            self.count -= 32;
        }
    }

    /// Writes the whole bytes that are pending: never more than three.
    #[inline]
    fn flush(&mut self) {
        while self.count >= 8 {
            let [first, ..] = self.pending.to_be_bytes();
            self.out.push(first);
            self.pending <<= 8;
            self.count -= 8;
        }
    }
}
