//! From a unit of the stream to a frame.
//!
//! In: the bytes up to and with the end of text. Out: a [`Frame`], or [`Refused`]: what is wrong, and what its head says
//! all the same. Must not know who watches, nor which number is next.

use core::fmt;

use super::frame::{ACK, ETX, Frame, LONGEST_TEXT, SOH, STX, is_mark};
use crate::wire::{Fault, Field, Malformed};

const START_MARK: Field = Field::new("SOH", 8);
const ACK_MARK: Field = Field::new("ACK", 8);
const TEXT_MARK: Field = Field::new("STX", 8);
const END_MARK: Field = Field::new("ETX", 8);
const ID: Field = Field::new("id", 8);
const ACKNOWLEDGED: Field = Field::new("acknowledged", 8);
const TEXT: Field = Field::new("text", 8);

/// The bytes with a meaning of their own, for those who describe the protocol elsewhere.
pub const MARKS: &[Field] = &[START_MARK, ACK_MARK, TEXT_MARK, END_MARK];
/// The numbers of 64 bits. They are written in digits: the width is that of one.
pub const DECIMALS: &[Field] = &[ID, ACKNOWLEDGED];
/// The texts.
pub const STRINGS: &[Field] = &[TEXT];

/// A unit that is not a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The number it bears, when its head can be read: it is used up (U1). `None` for a plain text too.
    pub id: Option<u64>,
    /// What it acknowledges, when its head can be read.
    pub ack: Option<u64>,
    /// The first thing that is wrong.
    pub why: Malformed,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.why.fmt(f)
    }
}

impl core::error::Error for Refused {}

/// What a field holds: for those who watch.
pub(super) enum Read<'a> {
    /// One byte that marks where something starts or ends.
    Mark(u8),
    /// A number.
    Number(u64),
    /// A text.
    Text(&'a str),
}

/// The frame in a unit, which ends with its end of text.
///
/// Leading zeros of a number are read over (U1 says digits).
///
/// # Errors
/// The first thing that keeps the unit from being a frame.
pub fn decode(unit: &[u8]) -> Result<Frame<'_>, Refused> {
    decode_with(unit, |_, _, _, _| {})
}

/// The same, each field reported: its name, at which byte it starts, how many bytes it has, what it holds.
pub(super) fn decode_with<'a>(
    unit: &'a [u8],
    watch: impl FnMut(&'static str, usize, usize, &Read<'a>),
) -> Result<Frame<'a>, Refused> {
    Decoder { unit, at: 0, watch }.frame()
}

struct Decoder<'a, W> {
    unit: &'a [u8],
    /// The next byte to read.
    at: usize,
    watch: W,
}

impl<'a, W: FnMut(&'static str, usize, usize, &Read<'a>)> Decoder<'a, W> {
    fn frame(mut self) -> Result<Frame<'a>, Refused> {
        let headless = |why| Refused { id: None, ack: None, why };
        if self.peek() != Some(SOH) {
            let text = self.text().map_err(headless)?;
            return self.end().map(|()| Frame::Plain(text)).map_err(headless);
        }
        let (id, ack) = self.head().map_err(headless)?;
        let Some(id) = id else {
            return self.end().map(|()| Frame::Ack(ack.unwrap_or_default())).map_err(headless);
        };
        let rest = self.text().and_then(|text| self.end().map(|()| text));
        rest.map(|text| Frame::Numbered { id, ack, text }).map_err(|why| Refused { id: Some(id), ack, why })
    }

    /// The numbers; without an id it is an acknowledgement alone.
    fn head(&mut self) -> Result<(Option<u64>, Option<u64>), Malformed> {
        self.mark(START_MARK, SOH)?;
        let id = if self.peek() == Some(ACK) { None } else { Some(self.number(ID)?) };
        let ack = match self.peek() {
            Some(ACK) => {
                self.mark(ACK_MARK, ACK)?;
                Some(self.number(ACKNOWLEDGED)?)
            }
            _ => None,
        };
        if id.is_some() {
            self.mark(TEXT_MARK, STX)?;
        }
        Ok((id, ack))
    }

    fn number(&mut self, field: Field) -> Result<u64, Malformed> {
        let start = self.at;
        let mut value = 0_u64;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            let digit = u64::from(digit.saturating_sub(b'0'));
            let next = value.checked_mul(10).and_then(|tens| tens.checked_add(digit));
            value = next.ok_or_else(|| malformed(field, start, Fault::TooWide { bits: u64::BITS }))?;
            self.at = self.at.saturating_add(1);
        }
        if self.at == start {
            return Err(self.unexpected(field));
        }
        self.watched(field, start, &Read::Number(value));
        Ok(value)
    }

    fn mark(&mut self, field: Field, mark: u8) -> Result<(), Malformed> {
        if self.peek() != Some(mark) {
            return Err(self.unexpected(field));
        }
        let start = self.at;
        self.at = self.at.saturating_add(1);
        self.watched(field, start, &Read::Mark(mark));
        Ok(())
    }

    /// Everything up to the last byte, which is the end of the text.
    fn text(&mut self) -> Result<&'a str, Malformed> {
        let start = self.at;
        let end = self.unit.len().saturating_sub(usize::from(self.unit.last() == Some(&ETX))).max(start);
        let bytes = self.unit.get(start..end).unwrap_or_default();
        let marked = bytes.iter().position(|byte| is_mark(*byte));
        if let Some((offset, byte)) = marked.and_then(|offset| Some((offset, *bytes.get(offset)?))) {
            let fault = Fault::Reserved(u64::from(byte));
            return Err(malformed(TEXT, start.saturating_add(offset), fault));
        }
        if bytes.len() > LONGEST_TEXT {
            let bits = bytes.len().saturating_sub(LONGEST_TEXT).saturating_mul(8);
            return Err(malformed(TEXT, start.saturating_add(LONGEST_TEXT), Fault::Leftover { bits }));
        }
        let text = core::str::from_utf8(bytes)
            .map_err(|wrong| malformed(TEXT, start.saturating_add(wrong.valid_up_to()), Fault::NotUtf8))?;
        self.at = end;
        self.watched(TEXT, start, &Read::Text(text));
        Ok(text)
    }

    fn end(&mut self) -> Result<(), Malformed> {
        self.mark(END_MARK, ETX)?;
        match self.unit.len().saturating_sub(self.at) {
            0 => Ok(()),
            left => Err(malformed(END_MARK, self.at, Fault::Leftover { bits: left.saturating_mul(8) })),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.unit.get(self.at).copied()
    }

    /// Another byte than the field begins with, or none at all.
    fn unexpected(&self, field: Field) -> Malformed {
        let fault =
            self.peek().map_or(Fault::Short { wanted: 8, left: 0 }, |byte| Fault::Reserved(byte.into()));
        malformed(field, self.at, fault)
    }

    fn watched(&mut self, field: Field, start: usize, read: &Read<'a>) {
        (self.watch)(field.name, start, self.at.saturating_sub(start), read);
    }
}

const fn malformed(field: Field, byte: usize, fault: Fault) -> Malformed {
    Malformed { field: field.name, bit: byte.saturating_mul(8), fault }
}
