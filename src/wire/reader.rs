//! The one cursor that reads bits.
//!
//! In: a datagram. Out: numbers and strings, most significant bit first, or [`Malformed`]. It never reads past the end
//! and [`BitReader::finish`] refuses what nobody read. Must not know what the fields mean.

use super::shift::{copy_anywhere, copy_shifted, shifted};
use super::{Arena, Fault, Field, Malformed, NoTrace, Trace};

/// Reads fields one after the other, wherever in a byte they start.
#[derive(Clone, Debug)]
pub struct BitReader<'d, T: Trace = NoTrace> {
    bytes: &'d [u8],
    /// The next bit to read, at most `end`.
    at: usize,
    /// How many bits there are.
    end: usize,
    /// The bits from there on, from the most significant down; the datagram is followed by zeros.
    window: u64,
    /// How many of them were loaded.
    loaded: usize,
    trace: T,
}

impl<'d> BitReader<'d> {
    /// A cursor at the first bit of `bytes`.
    #[inline]
    #[must_use]
    pub const fn new(bytes: &'d [u8]) -> Self {
        Self::with_trace(bytes, NoTrace)
    }
}

impl<'d, T: Trace> BitReader<'d, T> {
    /// A cursor that reports each field it reads to `trace`.
    #[inline(always)]
    pub const fn with_trace(bytes: &'d [u8], trace: T) -> Self {
        Self { bytes, at: 0, end: bytes.len().saturating_mul(8), window: 0, loaded: 0, trace }
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
        self.end - self.at
    }

    /// The next number, right-aligned.
    ///
    /// # Errors
    /// [`Fault::Short`] when the datagram ends before the field does.
    #[inline(always)]
    pub fn take(&mut self, field: Field) -> Result<u64, Malformed> {
        let wanted = field.bits as usize;
        if wanted > self.left() {
            return Err(self.short(field, wanted));
        }
        if wanted > self.loaded {
            self.load();
        }
        let value = self.window >> (64 - field.bits);
        self.trace.number(field, self.at, value);
        self.window <<= wanted;
        self.loaded -= wanted;
        self.at += wanted;
        Ok(value)
    }

    /// The next number, for a field of at most 8 bits.
    ///
    /// # Errors
    /// As [`Self::take`].
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the field is no wider than the result")]
    pub fn u8(&mut self, field: Field) -> Result<u8, Malformed> {
        debug_assert!(field.bits <= 8);
        Ok(self.take(field)? as u8)
    }

    /// The next number, for a field of at most 16 bits.
    ///
    /// # Errors
    /// As [`Self::take`].
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the field is no wider than the result")]
    pub fn u16(&mut self, field: Field) -> Result<u16, Malformed> {
        debug_assert!(field.bits <= 16);
        Ok(self.take(field)? as u16)
    }

    /// The next number, for a field of at most 32 bits.
    ///
    /// # Errors
    /// As [`Self::take`].
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the field is no wider than the result")]
    pub fn u32(&mut self, field: Field) -> Result<u32, Malformed> {
        debug_assert!(field.bits <= 32);
        Ok(self.take(field)? as u32)
    }

    /// The next bit.
    ///
    /// # Errors
    /// As [`Self::take`].
    #[inline(always)]
    pub fn flag(&mut self, field: Field) -> Result<bool, Malformed> {
        debug_assert!(field.bits == 1);
        Ok(self.take(field)? != 0)
    }

    /// The next `len` bytes, moved into `arena` so that they start on a byte.
    ///
    /// # Errors
    /// [`Fault::Short`] when the datagram, or the arena, has fewer.
    #[inline(always)]
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
        self.jump(wanted);
        Ok(to)
    }

    /// The next `len` bytes, which must be UTF-8, moved into `arena`.
    ///
    /// # Errors
    /// [`Fault::Short`], or [`Fault::NotUtf8`] with the place of the first byte that is wrong.
    #[inline(never)]
    pub fn text<'s>(
        &mut self,
        field: Field,
        len: usize,
        arena: &mut Arena<'s>,
    ) -> Result<&'s str, Malformed> {
        self.text_here(field, len, arena)
    }

    /// [`Self::text`], compiled into the caller: faster, and much more code, unless the caller knows where in a byte the
    /// text starts.
    #[inline(always)]
    pub(crate) fn text_here<'s>(
        &mut self,
        field: Field,
        len: usize,
        arena: &mut Arena<'s>,
    ) -> Result<&'s str, Malformed> {
        let wanted = len.saturating_mul(8);
        if wanted > self.left() {
            return Err(self.short(field, wanted));
        }
        // The check is fastest on whole blocks. Zeros are characters of their own: they make no bad text good.
        let padded =
            Some(len.next_multiple_of(BLOCK)).filter(|padded| *padded <= arena.free()).unwrap_or(len);
        let block = arena.take(padded).ok_or_else(|| self.short(field, wanted))?;
        if let Some(end) = block.last_chunk_mut::<BLOCK>() {
            // More zeros than needed, but as many each time: faster than to count them.
            *end = [0; BLOCK];
        }
        if let Some(to) = block.get_mut(..len) {
            self.copy(to);
        }
        let valid = simdutf8::basic::from_utf8(block).ok().and_then(|block| block.get(..len));
        let text = valid.ok_or_else(|| not_utf8(field, self.at, block))?;
        self.trace.bytes(field, self.at, wanted, text.as_bytes());
        self.jump(wanted);
        Ok(text)
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
        let (rest, skip) = self.rest();
        copy_anywhere(rest, skip, to);
        let bits = len.saturating_add(1).saturating_mul(8);
        self.trace.bytes(field, self.at, bits, to);
        self.jump(bits);
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
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the padding has under 8 bits")]
    pub fn finish(&mut self) -> Result<(), Malformed> {
        let (bit, bits) = (self.at, self.left());
        let fault = match (bits, self.bytes.last()) {
            (8.., _) => Fault::Leftover { bits },
            (1.., Some(last)) => {
                let value = last & !(0xff << bits);
                self.trace.number(
                    Field { bits: bits as u32, ..Field::new(PADDING, 1) },
                    bit,
                    u64::from(value),
                );
                if value == 0 {
                    return Ok(());
                }
                Fault::Padding
            }
            _ => return Ok(()),
        };
        Err(Malformed { field: PADDING, bit, fault })
    }

    /// Loads the window anew, from the byte that holds the next bit.
    #[inline(always)]
    fn load(&mut self) {
        let (rest, skip) = self.rest();
        let window = match (rest.first_chunk(), self.bytes.last_chunk()) {
            (Some(chunk), _) => u64::from_be_bytes(*chunk),
            // The last eight bytes, without those before the rest: a field is wanted, so there is a rest.
            (None, Some(chunk)) => u64::from_be_bytes(*chunk) << (64 - 8 * rest.len()),
            (None, None) => short_window(rest),
        };
        self.window = window << skip;
        self.loaded = 64 - skip;
    }

    /// Passes over bits that were not read through the window.
    #[inline(always)]
    const fn jump(&mut self, bits: usize) {
        self.at += bits;
        self.loaded = 0;
    }

    /// What is to be copied starts here; `skip` bits of its first byte were read before.
    #[inline(always)]
    fn rest(&self) -> (&'d [u8], usize) {
        (self.bytes.get(self.at / 8..).unwrap_or_default(), self.at & 7)
    }

    /// Fills `to` from here. The caller has checked that there is enough.
    #[inline(always)]
    fn copy(&self, to: &mut [u8]) {
        let (rest, skip) = self.rest();
        copy_shifted(rest, skip, to);
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
pub(super) fn short_window(rest: &[u8]) -> u64 {
    match (rest.first_chunk(), rest.last_chunk()) {
        // Four bytes from the front and four from the back: what both have is the same.
        (Some(front), Some(back)) => {
            let (front, back) = (u32::from_be_bytes(*front), u32::from_be_bytes(*back));
            u64::from(front) << 32 | u64::from(back) << (64 - 8 * rest.len())
        }
        _ => {
            rest.iter().zip([56, 48, 40]).fold(0, |window, (byte, shift)| window | u64::from(*byte) << shift)
        }
    }
}

/// Looks for the place that the fast check does not tell.
#[cold]
fn not_utf8(field: Field, start: usize, block: &[u8]) -> Malformed {
    let valid = core::str::from_utf8(block).map_or_else(|wrong| wrong.valid_up_to(), str::len);
    Malformed { field: field.name, bit: start + valid * 8, fault: Fault::NotUtf8 }
}

/// How many bytes the check of an encoding looks at in one go.
pub(super) const BLOCK: usize = 64;
/// What fills up the last byte has no name in any specification.
const PADDING: &str = "padding";

#[cfg(test)]
mod tests {
    use super::{BitReader, Field};
    use crate::wire::Scratch;

    #[test]
    fn m3_a_text_is_read_where_less_than_a_block_is_free_behind_it() {
        let mut scratch = Scratch::new();
        for len in [0, 1, 63, 64, 65, 127, 128, 200] {
            // Left from before: it must not be taken for a part of the text.
            let mut before = scratch.arena(300);
            before.take(before.free()).unwrap().fill(0xff);
            let mut arena = scratch.arena(300);
            arena.take(arena.free() - len - 5).unwrap();
            let bytes = vec![b'a'; len];
            let text = BitReader::new(&bytes).text(Field::new("text", 8), len, &mut arena);
            assert_eq!(text.map(str::len), Ok(len));
        }
    }
}
