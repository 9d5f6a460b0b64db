//! From the bytes of one message to the message.
//!
//! In: the bytes, and room for the strings. Out: a [`Message`], or the first thing that is wrong. Must not know who watches,
//! nor what a name or a number is worth.

use std::borrow::Cow;
use std::net::IpAddr;

use super::fields::{
    ACCEPTED, ACCEPTED_WORDS, ADDRESS, ADDRESS_SIZE, CODE, FILE_NAME, FILE_PORT, FILE_SIZE_HIGH,
    FILE_SIZE_LOW, MESSAGE, MESSAGE_PORT, Str, TYPE, USERNAME,
};
use super::{ErrorCode, Kind, Message, Ports};
use crate::wire::{Arena, BitReader, Fault, Field, Malformed, Scratch, Trace};

/// The message that the bytes are, its strings in `scratch`, its fields reported to `trace`.
pub(super) fn decode<'s, T: Trace>(
    bytes: &[u8],
    scratch: &'s mut Scratch,
    trace: T,
) -> Result<Message<'s>, Malformed> {
    let arena = scratch.arena(bytes.len());
    Decoder { reader: BitReader::with_trace(bytes, trace), arena }.message()
}

/// Reads one message.
struct Decoder<'d, 's, T: Trace> {
    reader: BitReader<'d, T>,
    arena: Arena<'s>,
}

impl<'s, T: Trace> Decoder<'_, 's, T> {
    /// The whole message, to its last byte.
    fn message(mut self) -> Result<Message<'s>, Malformed> {
        let message = match self.code(TYPE, Kind::from_code)? {
            Kind::Error => Message::Error(self.code(CODE, ErrorCode::from_code)?),
            Kind::Connect => Message::Connect { name: self.name()? },
            Kind::Connected => Message::Connected { accepted: self.accepted()? },
            Kind::Arrived => Message::Arrived { name: self.name()? },
            Kind::Say => Message::Say { text: self.string(MESSAGE)? },
            Kind::Said => Message::Said { author: self.name()?, text: self.string(MESSAGE)? },
            Kind::Left => Message::Left { name: self.name()? },
            Kind::Ask => Message::Ask { name: self.name()? },
            Kind::Asked => Message::Asked { name: self.name()? },
            Kind::Accept => Message::Accept { name: self.name()? },
            Kind::Offer => Message::Offer { name: self.name()?, ports: self.ports()? },
            Kind::Expect => Message::Expect { name: self.name()?, address: self.address()? },
            Kind::Meet => {
                Message::Meet { name: self.name()?, address: self.address()?, ports: self.ports()? }
            }
            Kind::Private => Message::Private { text: self.string(MESSAGE)? },
            Kind::File => Message::File { name: self.string(FILE_NAME)?, size: self.file_size()? },
            Kind::SignOut => Message::SignOut,
            Kind::PrivateSignOut => Message::PrivateSignOut,
        };
        self.reader.finish()?;
        Ok(message)
    }

    /// A number that has a name.
    fn code<V: core::fmt::Display>(
        &mut self,
        field: Field,
        known: impl Fn(u8) -> Option<V>,
    ) -> Result<V, Malformed> {
        let bit = self.reader.bit();
        let number = self.reader.u32(field)?;
        let value = u8::try_from(number).ok().and_then(known).ok_or(reserved(field, bit, number))?;
        self.reader.meaning(&value);
        Ok(value)
    }

    fn accepted(&mut self) -> Result<bool, Malformed> {
        let bit = self.reader.bit();
        let [taken, given] = ACCEPTED_WORDS;
        let (accepted, words) = match self.reader.u8(ACCEPTED)? {
            0 => (false, taken),
            1 => (true, given),
            other => return Err(reserved(ACCEPTED, bit, other.into())),
        };
        self.reader.meaning(&words);
        Ok(accepted)
    }

    fn name(&mut self) -> Result<Cow<'s, str>, Malformed> {
        self.string(USERNAME)
    }

    fn string(&mut self, string: Str) -> Result<Cow<'s, str>, Malformed> {
        let bytes = self.size(string.size, |size| size <= string.longest)?;
        self.reader.text(string.text, bytes, &mut self.arena).map(Cow::Borrowed)
    }

    fn address(&mut self) -> Result<IpAddr, Malformed> {
        let bit = self.reader.bit();
        let size = self.size(ADDRESS_SIZE, |size| size == 4 || size == 16)?;
        let bytes = self.reader.bytes(ADDRESS, size, &mut self.arena)?;
        let address = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
        let address = address.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from));
        // The size was judged before: this cannot fail.
        let fault = Fault::Short { wanted: 128, left: size.saturating_mul(8) };
        let address = address.map_err(|_| Malformed { field: ADDRESS.name, bit, fault })?;
        self.reader.meaning(&address);
        Ok(address)
    }

    fn ports(&mut self) -> Result<Ports, Malformed> {
        let messages = self.reader.u32(MESSAGE_PORT)?.cast_signed();
        let files = self.reader.u32(FILE_PORT)?.cast_signed();
        Ok(Ports { messages, files })
    }

    fn file_size(&mut self) -> Result<u64, Malformed> {
        let bit = self.reader.bit();
        let high = self.reader.u32(FILE_SIZE_HIGH)?;
        if high.cast_signed() < 0 {
            return Err(reserved(FILE_SIZE_HIGH, bit, high));
        }
        let size = u64::from(high) << 32 | u64::from(self.reader.u32(FILE_SIZE_LOW)?);
        self.reader.meaning(&format_args!("{size} bytes"));
        Ok(size)
    }

    /// A number of bytes; what is negative is a very large one.
    fn size(&mut self, field: Field, is_good: impl Fn(usize) -> bool) -> Result<usize, Malformed> {
        let bit = self.reader.bit();
        let number = self.reader.u32(field)?;
        usize::try_from(number).ok().filter(|size| is_good(*size)).ok_or(reserved(field, bit, number))
    }
}

const fn reserved(field: Field, bit: usize, number: u32) -> Malformed {
    Malformed { field: field.name, bit, fault: Fault::Reserved(number as u64) }
}
