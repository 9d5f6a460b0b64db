//! The one cursor that reads bits.
//!
//! In: a datagram. Out: numbers and strings, most significant bit first, or [`Malformed`]. It never reads past the end
//! and [`BitReader::finish`] refuses what nobody read. Must not know what the fields mean.

use super::shift::{copy_shifted, shifted};
use super::{Arena, Fault, Field, Malformed, NoTrace, Trace};

/// Reads fields one after the other, wherever in a byte they start.
#[derive(Clone, Debug)]
pub struct BitReader<'d, T: Trace = NoTrace> {
    bytes: &'d [u8],
    /// The next bit to read; at most `8 * bytes.len()`.
    at: usize,
    trace: T,
}

impl<'d> BitReader<'d> {
    /// A cursor at the first bit of `bytes`.
    #[inline]
    #[must_use]
    pub const fn new(bytes: &'d [u8]) -> Self {
        Self { bytes, at: 0, trace: NoTrace }
    }
}

impl<'d, T: Trace> BitReader<'d, T> {
    /// A cursor that reports each field it reads to `trace`.
    pub const fn with_trace(bytes: &'d [u8], trace: T) -> Self {
        Self { bytes, at: 0, trace }
    }

    /// Where the next field starts: bits from the first.
    #[inline]
    #[must_use]
    pub const fn bit(&self) -> usize {
        self.at
    }

    /// How many bits nobody has read yet, padding included.
    #[inline]
    #[must_use]
    pub const fn left(&self) -> usize {
        self.bytes.len().saturating_mul(8).saturating_sub(self.at)
    }

    /// The next number, right-aligned.
    ///
    /// # Errors
    /// [`Fault::Short`] when the datagram ends before the field does.
    #[inline]
    pub fn take(&mut self, field: Field) -> Result<u64, Malformed> {
        let wanted = field.bits as usize;
        if wanted > self.left() {
            return Err(self.short(field, wanted));
        }
        let value = self.window() << (self.at & 7) >> (64 - field.bits);
        self.trace.number(field, self.at, value);
        self.at += wanted;
        Ok(value)
    }

    /// The next number, for a field of at most 8 bits.
    ///
    /// # Errors
    /// As [`Self::take`].
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the field is no wider than the result")]
    pub fn u8(&mut self, field: Field) -> Result<u8, Malformed> {
        debug_assert!(field.bits <= 8);
        Ok(self.take(field)? as u8)
    }

    /// The next number, for a field of at most 16 bits.
    ///
    /// # Errors
    /// As [`Self::take`].
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the field is no wider than the result")]
    pub fn u16(&mut self, field: Field) -> Result<u16, Malformed> {
        debug_assert!(field.bits <= 16);
        Ok(self.take(field)? as u16)
    }

    /// The next number, for a field of at most 32 bits.
    ///
    /// # Errors
    /// As [`Self::take`].
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the field is no wider than the result")]
    pub fn u32(&mut self, field: Field) -> Result<u32, Malformed> {
        debug_assert!(field.bits <= 32);
        Ok(self.take(field)? as u32)
    }

    /// The next bit.
    ///
    /// # Errors
    /// As [`Self::take`].
    #[inline]
    pub fn flag(&mut self, field: Field) -> Result<bool, Malformed> {
        debug_assert!(field.bits == 1);
        Ok(self.take(field)? != 0)
    }

    /// The next `len` bytes, moved into `arena` so that they start on a byte.
    ///
    /// # Errors
    /// [`Fault::Short`] when the datagram, or the arena, has fewer.
    #[inline]
    pub fn bytes<'s>(
        &mut self,
        field: Field,
        len: usize,
        arena: &mut Arena<'s>,
    ) -> Result<&'s [u8], Malformed> {
        let wanted = len.saturating_mul(8);
        if wanted > self.left() {
            return Err(self.short(field, wanted));
        }
        let to = arena.take(len).ok_or_else(|| self.short(field, wanted))?;
        self.copy(to);
        self.trace.bytes(field, self.at, wanted, to);
        self.at += wanted;
        Ok(to)
    }

    /// The next `len` bytes, which must be UTF-8, moved into `arena`.
    ///
    /// # Errors
    /// [`Fault::Short`], or [`Fault::NotUtf8`] with the place of the first byte that is wrong.
    #[inline]
    pub fn text<'s>(
        &mut self,
        field: Field,
        len: usize,
        arena: &mut Arena<'s>,
    ) -> Result<&'s str, Malformed> {
        let start = self.at;
        let bytes = self.bytes(field, len, arena)?;
        core::str::from_utf8(bytes).map_err(|wrong| Malformed {
            field: field.name,
            bit: start + wrong.valid_up_to() * 8,
            fault: Fault::NotUtf8,
        })
    }

    /// The bytes before the next `delimiter`, at most `longest` of them, moved into `arena`; the delimiter is passed.
    ///
    /// # Errors
    /// [`Fault::Unterminated`] when there is no delimiter, or not in time.
    #[inline]
    pub fn until<'s>(
        &mut self,
        field: Field,
        delimiter: u8,
        longest: usize,
        arena: &mut Arena<'s>,
    ) -> Result<&'s [u8], Malformed> {
        let whole = (self.left() / 8).min(longest.saturating_add(1));
        let unterminated =
            Malformed { field: field.name, bit: self.at, fault: Fault::Unterminated { longest } };
        let len = self.position(delimiter, whole).ok_or(unterminated)?;
        let to = arena.take(len).ok_or(unterminated)?;
        self.copy(to);
        let bits = len.saturating_add(1).saturating_mul(8);
        self.trace.bytes(field, self.at, bits, to);
        self.at += bits;
        Ok(to)
    }

    /// Tells the watcher what the value just read means.
    #[inline]
    pub fn meaning(&mut self, words: &dyn core::fmt::Display) {
        self.trace.meaning(words);
    }

    /// Ends the message: nothing may be left but the zeros that fill up the last byte.
    ///
    /// # Errors
    /// [`Fault::Leftover`] when a whole byte or more is left, [`Fault::Padding`] when a bit that is left is set.
    #[inline]
    pub fn finish(mut self) -> Result<(), Malformed> {
        let (bit, bits) = (self.at, self.left());
        if bits >= 8 {
            return Err(Malformed { field: PADDING, bit, fault: Fault::Leftover { bits } });
        }
        let Ok(width @ 1..) = u32::try_from(bits) else { return Ok(()) };
        match self.take(Field { name: PADDING, bits: width })? {
            0 => Ok(()),
            _ => Err(Malformed { field: PADDING, bit, fault: Fault::Padding }),
        }
    }

    /// The 64 bits from the start of the byte that holds the next bit; zeros where the datagram is over.
    #[inline]
    fn window(&self) -> u64 {
        let rest = self.bytes.get(self.at / 8..).unwrap_or_default();
        match rest.first_chunk() {
            Some(chunk) => u64::from_be_bytes(*chunk),
            None => last_window(rest),
        }
    }

    /// What is to be copied starts here; `skip` bits of its first byte were read before.
    #[inline]
    fn rest(&self) -> (&'d [u8], usize) {
        (self.bytes.get(self.at / 8..).unwrap_or_default(), self.at & 7)
    }

    /// Fills `to` from here. The caller has checked that there is enough.
    #[inline]
    fn copy(&self, to: &mut [u8]) {
        match self.rest() {
            (rest, 0) => {
                if let Some(from) = rest.get(..to.len()) {
                    to.copy_from_slice(from);
                }
            }
            (rest, skip) => copy_shifted(rest, skip, to),
        }
    }

    /// How many bytes stand before the first `wanted` one, among the next `whole`.
    #[inline]
    fn position(&self, wanted: u8, whole: usize) -> Option<usize> {
        match self.rest() {
            (rest, 0) => rest.iter().take(whole).position(|byte| *byte == wanted),
            (rest, skip) => shifted(rest, skip).take(whole).position(|byte| byte == wanted),
        }
    }

    #[cold]
    fn short(&self, field: Field, wanted: usize) -> Malformed {
        Malformed { field: field.name, bit: self.at, fault: Fault::Short { wanted, left: self.left() } }
    }
}

/// Under eight bytes, as the first of a 64-bit number.
#[inline]
fn last_window(rest: &[u8]) -> u64 {
    let (window, _) =
        rest.iter().fold((0, 56), |(window, shift), byte| (window | u64::from(*byte) << shift, shift - 8));
    window
}

/// What fills up the last byte has no name in any specification.
const PADDING: &str = "padding";
