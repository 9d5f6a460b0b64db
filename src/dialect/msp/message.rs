//! A whole message: who speaks, under which number, and what.
//!
//! In: a datagram, or the parts. Out: [`Message`], or bytes. Must not know addresses, nor whether it came before.

use super::decode::decode;
use super::encode::encode;
use super::{Body, Header, Kind, Unencodable};
use crate::wire::{Malformed, NoTrace, Scratch};

/// One message.
///
/// ```
/// use palabre::dialect::msp::{Body, Message};
/// use palabre::wire::Scratch;
///
/// let text = Message { user: 1, seq: 3, body: Body::Text { text: "bonjour".into(), order: None } };
/// let mut datagram = Vec::new();
/// text.encode(&mut datagram)?;
/// assert_eq!(datagram, [0x78, 0x08, 0x00, 0x18, 0x00, 0x3b, 0x13, 0x7b, 0x73, 0x53, 0x7b, 0xab, 0x90]);
/// assert_eq!(Message::decode(&datagram, &mut Scratch::new())?, text);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// ID_USER: who speaks (M2).
    pub user: u8,
    /// NUM_SEQ: a response repeats that of its request (M1).
    pub seq: u16,
    /// The rest.
    pub body: Body<'a>,
}

impl Message<'_> {
    /// The message in a datagram. Its strings are in `scratch`, where only lists need memory of their own: a text is
    /// decoded without any allocation.
    ///
    /// # Errors
    /// The first thing that keeps the datagram from being the canonical form of a message (M3).
    pub fn decode<'s>(datagram: &[u8], scratch: &'s mut Scratch) -> Result<Message<'s>, Malformed> {
        decode(datagram, scratch, NoTrace)
    }

    /// Appends the message to `out`, which is not reallocated when it has room enough. On failure `out` is as it was.
    ///
    /// # Errors
    /// When a text or a list is longer than its length field can say, or a refused type is no type.
    #[inline]
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Unencodable> {
        encode(self.user, self.seq, &self.body, out)
    }

    /// The type of the message.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.body.kind()
    }

    /// The first 29 bits.
    #[must_use]
    pub const fn header(&self) -> Header {
        Header { kind: self.kind(), user: self.user, seq: self.seq }
    }

    /// The same message, borrowed from nowhere.
    #[must_use]
    pub fn into_owned(self) -> Message<'static> {
        Message { user: self.user, seq: self.seq, body: self.body.into_owned() }
    }
}
