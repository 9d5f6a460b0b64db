//! A second decoder, written for reading rather than for speed: bit by bit with `bitvec`, from the diagrams alone.

use bitvec::field::BitField;
use bitvec::prelude::{BitSlice, Msb0};
use palabre::dialect::shen::{Body, Entry, Kind, Message};
use palabre::vocab::Mode;

/// The message in a datagram; `None` when it is malformed.
pub(super) fn decode(datagram: &[u8]) -> Option<Message<'static>> {
    let mut bits = Bits(BitSlice::from_slice(datagram));
    let (seq, code, length) = (bits.number(10)?, bits.number(8)?, bits.number(10)?);
    let kind = Kind::from_code(u8::try_from(code).ok()?)?;
    let body = match code {
        1..=21 => Body::Plain { kind, text: bits.line(length)?.into() },
        22 | 23 => Body::Speech {
            kind,
            emitter: bits.number(10)?,
            receiver: bits.number(10)?,
            text: bits.line(length)?.into(),
        },
        24..=28 => {
            let private = [false, true].get(usize::from(bits.number(2)?)).copied()?;
            let mode = [Mode::Central, Mode::Direct].get(usize::from(bits.number(2)?)).copied()?;
            Body::Room { kind, private, mode, room: bits.number(10)?, text: bits.line(length)?.into() }
        }
        _ => Body::List(bits.entries(length)?),
    };
    (bits.0.len() < 8 && bits.0.not_any()).then_some(Message { seq, body })
}

struct Bits<'d>(&'d BitSlice<u8, Msb0>);

impl Bits<'_> {
    fn number(&mut self, width: usize) -> Option<u16> {
        let number = self.0.get(..width)?.load_be();
        self.0 = &self.0[width..];
        Some(number)
    }

    fn bytes(&mut self, count: usize) -> Option<Vec<u8>> {
        (0..count).map(|_| self.number(8).map(|byte| byte as u8)).collect()
    }

    fn line(&mut self, length: u16) -> Option<String> {
        if length == 0 && self.0.len() < 8 {
            return Some(String::new());
        }
        let mut text = self.bytes(usize::from(length) + 1)?;
        if text.last() == Some(&b'\n') {
            text.pop();
            if text.last() == Some(&b'\r') {
                text.pop();
            }
        }
        Some(characters(text))
    }

    fn entries(&mut self, length: u16) -> Option<Vec<Entry<'static>>> {
        let mut entries = Vec::new();
        let mut sum = 0;
        while self.0.len() >= 8 {
            let (room, status, user, count) =
                (self.number(10)?, self.number(1)?, self.number(12)?, self.number(9)?);
            let text = characters(self.bytes(usize::from(count))?);
            entries.push(Entry { room, private: status == 1, user, text: text.into() });
            sum += usize::from(count);
        }
        (sum.saturating_sub(1) == usize::from(length)).then_some(entries)
    }
}

fn characters(text: Vec<u8>) -> String {
    String::from_utf8(text)
        .unwrap_or_else(|latin| latin.as_bytes().iter().map(|byte| *byte as char).collect())
}
