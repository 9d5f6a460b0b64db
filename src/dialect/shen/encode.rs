//! From a message to a datagram.
//!
//! In: a sequence number and a [`Body`]. Out: bytes at the end of a vector, or why there are none. Must not know who gets
//! them. The order of the fields is that of `decode.rs`.

use core::fmt;

use super::fields::{EMITTER, LENGTH, MODE, RECEIVER, ROOM, STATE, STATUS, USER};
use super::header::{Header, NUM_SEQ};
use super::{Body, Entry, Kind};
use crate::vocab::Mode;
use crate::wire::{BitWriter, Field, Packet};

/// Why a message cannot be put into a datagram. Each is a fault of the caller, not of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unencodable {
    /// A text is longer than its length field can say; the end of its line counts (S1, S2).
    TooLong {
        /// How many bytes it would have on the wire.
        bytes: usize,
        /// How many it may have.
        most: usize,
    },
    /// A number is wider than its field.
    TooWide {
        /// The wire name of the field.
        field: &'static str,
        /// The number.
        value: u16,
    },
    /// The body is not of the format that its type has.
    WrongFormat(Kind),
}

impl Unencodable {
    /// Whether a number fits its field.
    #[inline]
    pub(super) const fn check(field: Field, value: u16) -> Result<(), Self> {
        if (value as u64) >> field.bits == 0 {
            Ok(())
        } else {
            Err(Self::TooWide { field: field.name, value })
        }
    }
}

impl fmt::Display for Unencodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { bytes, most } => write!(f, "a text of {bytes} bytes, where {most} are the most"),
            Self::TooWide { field, value } => write!(f, "the number {value} does not fit {field}"),
            Self::WrongFormat(kind) => write!(f, "the type {} has another format", kind.code()),
        }
    }
}

impl core::error::Error for Unencodable {}

/// Encodes a message once for many receivers: without its sequence number, which is stamped for each of them.
///
/// # Errors
/// As [`super::Message::encode`].
pub fn packet(body: &Body<'_>) -> Result<Packet, Unencodable> {
    let mut bytes = Vec::with_capacity(MOST_FIXED_BYTES.saturating_add(wire_bytes(body)));
    encode(0, body, &mut bytes)?;
    Ok(Packet::new(body.kind().code(), SEQ_SHIFT, &bytes))
}

/// Where NUM_SEQ ends within the first four bytes.
const SEQ_SHIFT: u32 = 32 - NUM_SEQ.bits;
/// As many bytes as the fields before a text have, and the padding.
const MOST_FIXED_BYTES: usize = 8;
/// What ends a text (S2).
const END: &str = "\r\n";

/// Appends a message to `out`; on failure `out` is as it was.
pub(super) fn encode(seq: u16, body: &Body<'_>, out: &mut Vec<u8>) -> Result<(), Unencodable> {
    let start = out.len();
    let mut writer = BitWriter::new(out);
    match put(&mut writer, seq, body) {
        Ok(()) => {
            writer.finish();
            Ok(())
        }
        Err(why) => {
            out.truncate(start);
            Err(why)
        }
    }
}

fn put(writer: &mut BitWriter<'_>, seq: u16, body: &Body<'_>) -> Result<(), Unencodable> {
    let kind = body.kind();
    if kind.format() != body.format() {
        return Err(Unencodable::WrongFormat(kind));
    }
    Header { seq, kind, text: wire_bytes(body) }.encode(writer)?;
    match body {
        Body::Plain { text, .. } => put_line(writer, text),
        Body::Speech { emitter, receiver, text, .. } => {
            put_number(writer, EMITTER, *emitter)?;
            put_number(writer, RECEIVER, *receiver)?;
            put_line(writer, text);
        }
        Body::Room { private, mode, room, text, .. } => {
            writer.put(STATE, *private);
            writer.put(MODE, *mode == Mode::Direct);
            put_number(writer, ROOM, *room)?;
            put_line(writer, text);
        }
        Body::List(entries) => entries.iter().try_for_each(|entry| put_entry(writer, entry))?,
    }
    Ok(())
}

fn put_entry(writer: &mut BitWriter<'_>, entry: &Entry<'_>) -> Result<(), Unencodable> {
    let bytes = entry.text.len();
    let too_long = Unencodable::TooLong { bytes, most: Entry::MOST_TEXT };
    let len = u16::try_from(bytes).ok().filter(|_| bytes <= Entry::MOST_TEXT).ok_or(too_long)?;
    put_number(writer, ROOM, entry.room)?;
    writer.put(STATUS, entry.private);
    put_number(writer, USER, entry.user)?;
    put_number(writer, LENGTH, len)?;
    writer.bytes(entry.text.as_bytes());
    Ok(())
}

fn put_number(writer: &mut BitWriter<'_>, field: Field, value: u16) -> Result<(), Unencodable> {
    Unencodable::check(field, value)?;
    writer.put(field, value);
    Ok(())
}

/// A text and the end of its line; where there is no text there is no line.
fn put_line(writer: &mut BitWriter<'_>, text: &str) {
    if !text.is_empty() {
        writer.bytes(text.as_bytes());
        writer.bytes(END.as_bytes());
    }
}

/// How many bytes of text a message has on the wire.
fn wire_bytes(body: &Body<'_>) -> usize {
    match body {
        Body::Plain { text, .. } | Body::Speech { text, .. } | Body::Room { text, .. } => match text.len() {
            0 => 0,
            bytes => bytes.saturating_add(END.len()),
        },
        Body::List(entries) => entries.iter().map(|entry| entry.text.len()).sum(),
    }
}
