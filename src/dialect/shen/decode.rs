//! From a datagram to a message.
//!
//! In: the bits, and room for the texts. Out: a [`Message`], or the first thing that is wrong. Must not know who watches,
//! nor what a name or a number is worth.

use std::borrow::Cow;

use super::fields::{
    EMITTER, LENGTH, MODE, MODE_WORDS, PRIVACY_WORDS, RECEIVER, ROOM, STATE, STATUS, TEXT, USER,
};
use super::header::{Header, TEXT_LENGTH, TEXT_LENGTH_BIT};
use super::{Body, Entry, Format, Kind, Message};
use crate::vocab::Mode;
use crate::wire::{Arena, BitReader, Fault, Field, Malformed, Scratch, Trace};

/// The message in a datagram, its texts in `scratch`, its fields reported to `trace`.
pub(super) fn decode<'s, T: Trace>(
    datagram: &[u8],
    scratch: &'s mut Scratch,
    trace: T,
) -> Result<Message<'s>, Malformed> {
    let arena = scratch.arena(datagram.len());
    Decoder { reader: BitReader::with_trace(datagram, trace), arena }.message()
}

/// Reads one datagram.
struct Decoder<'d, 's, T: Trace> {
    reader: BitReader<'d, T>,
    arena: Arena<'s>,
}

impl<'s, T: Trace> Decoder<'_, 's, T> {
    /// The whole datagram, to its last bit.
    #[inline(always)]
    fn message(mut self) -> Result<Message<'s>, Malformed> {
        let header = Header::decode(&mut self.reader)?;
        let body = match header.kind.format() {
            Format::Plain => Body::Plain { kind: header.kind, text: self.line(header.text)? },
            Format::Speech => self.speech(header.kind, header.text)?,
            Format::Room => self.room(header.kind, header.text)?,
            Format::List => Body::List(self.list(header.text)?),
        };
        self.reader.finish()?;
        Ok(Message { seq: header.seq, body })
    }

    fn speech(&mut self, kind: Kind, text: usize) -> Result<Body<'s>, Malformed> {
        let (emitter, receiver) = (self.reader.u16(EMITTER)?, self.reader.u16(RECEIVER)?);
        Ok(Body::Speech { kind, emitter, receiver, text: self.line(text)? })
    }

    fn room(&mut self, kind: Kind, text: usize) -> Result<Body<'s>, Malformed> {
        let private = self.one_of(STATE, PRIVACY_WORDS, [false, true])?;
        let mode = self.one_of(MODE, MODE_WORDS, [Mode::Central, Mode::Direct])?;
        let room = self.reader.u16(ROOM)?;
        Ok(Body::Room { kind, private, mode, room, text: self.line(text)? })
    }

    /// Entries to the end of the datagram, whose texts have `total` bytes together. The padding has under a byte.
    #[inline(never)]
    fn list(&mut self, total: usize) -> Result<Vec<Entry<'s>>, Malformed> {
        let mut entries = Vec::new();
        let mut bytes = 0_usize;
        while self.reader.left() >= 8 {
            let (entry, len) = self.entry()?;
            entries.push(entry);
            bytes = bytes.saturating_add(len);
        }
        // Texts that are all empty have no bytes to count, and a length of 0 all the same (S1).
        if bytes.max(entries.len().min(1)) != total {
            let fault = Fault::Disagrees(total.saturating_sub(1) as u64);
            return Err(Malformed { field: TEXT_LENGTH.name, bit: TEXT_LENGTH_BIT, fault });
        }
        Ok(entries)
    }

    /// An entry, and how many bytes its text has on the wire.
    fn entry(&mut self) -> Result<(Entry<'s>, usize), Malformed> {
        let room = self.reader.u16(ROOM)?;
        let private = self.one_of(STATUS, PRIVACY_WORDS, [false, true])?;
        let user = self.reader.u16(USER)?;
        let len = usize::from(self.reader.u16(LENGTH)?);
        let bytes = self.bytes(len)?;
        let text = self.text(bytes);
        Ok((Entry { room, private, user, text }, len))
    }

    /// A text without the end of its line (S2).
    fn line(&mut self, len: usize) -> Result<Cow<'s, str>, Malformed> {
        if len == 0 {
            return Ok(Cow::Borrowed(""));
        }
        let bytes = self.bytes(len)?;
        let line = bytes.strip_suffix(b"\n").map_or(bytes, |line| line.strip_suffix(b"\r").unwrap_or(line));
        Ok(self.text(line))
    }

    #[inline(never)]
    fn bytes(&mut self, len: usize) -> Result<&'s [u8], Malformed> {
        self.reader.bytes(TEXT, len, &mut self.arena)
    }

    /// UTF-8, or else Latin-1, in which every byte is the character of the same number (S14).
    fn text(&mut self, bytes: &'s [u8]) -> Cow<'s, str> {
        if let Ok(text) = core::str::from_utf8(bytes) {
            return Cow::Borrowed(text);
        }
        let text: String = bytes.iter().copied().map(char::from).collect();
        self.reader.meaning(&format_args!("Latin-1: {text}"));
        Cow::Owned(text)
    }

    /// A number that means one of a few things: the first of them by 0, the next by 1.
    fn one_of<V>(&mut self, field: Field, words: [&str; 2], values: [V; 2]) -> Result<V, Malformed> {
        let bit = self.reader.bit();
        let code = self.reader.u8(field)?;
        let Some((words, value)) = words.into_iter().zip(values).nth(usize::from(code)) else {
            return Err(Malformed { field: field.name, bit, fault: Fault::Reserved(u64::from(code)) });
        };
        self.reader.meaning(&words);
        Ok(value)
    }
}
