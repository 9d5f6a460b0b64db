//! A whole message: its number, its type, and what its format carries.
//!
//! In: a datagram, or the parts. Out: [`Message`], or bytes. Must not know addresses, nor whether it came before.

use std::borrow::Cow;

use super::decode::decode;
use super::encode::{Unencodable, encode};
use super::{Format, Kind};
use crate::vocab::Mode;
use crate::wire::{Malformed, NoTrace, Scratch};

/// One message.
///
/// ```
/// use palabre::dialect::shen::{Body, Kind, Message};
/// use palabre::wire::Scratch;
///
/// let connect = Message { seq: 1, body: Body::plain(Kind::Connect, "Sheng") };
/// let mut datagram = Vec::new();
/// connect.encode(&mut datagram)?;
/// assert_eq!(datagram, [0x00, 0x40, 0x40, 0x65, 0x36, 0x86, 0x56, 0xe6, 0x70, 0xd0, 0xa0]);
/// assert_eq!(Message::decode(&datagram, &mut Scratch::new())?, connect);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// The sequence number, 0..=1023: a response repeats that of its request (S5).
    pub seq: u16,
    /// The rest.
    pub body: Body<'a>,
}

/// The data of a message. Texts are without the CRLF that ends them on the wire (S2), and may be borrowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// Types 1 to 21.
    Plain {
        /// Which.
        kind: Kind,
        /// The text; may be empty.
        text: Cow<'a, str>,
    },
    /// Types 22 and 23.
    Speech {
        /// Which.
        kind: Kind,
        /// The handle of the one who speaks, 0..=1023; 0 is "unset", or the server.
        emitter: u16,
        /// The handle of the one spoken to, 0..=1023; 0 is everybody in one's room.
        receiver: u16,
        /// What is said.
        text: Cow<'a, str>,
    },
    /// Types 24 to 28.
    Room {
        /// Which.
        kind: Kind,
        /// STATE: whether it is about a private room.
        private: bool,
        /// MODE.
        mode: Mode,
        /// The handle of a private room, 0..=1023; 0 is none.
        room: u16,
        /// Names, words, or nothing.
        text: Cow<'a, str>,
    },
    /// Type 29.
    List(Vec<Entry<'a>>),
}

/// One line of a list (S4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The handle of the room he is in, 0..=1023; 0 is the public one.
    pub room: u16,
    /// STATUS: whether that is a private one.
    pub private: bool,
    /// His own handle, 0..=4095.
    pub user: u16,
    /// "room, user" or "room, user, ip:port"; at most [`Entry::MOST_TEXT`] bytes, no end of line.
    pub text: Cow<'a, str>,
}

impl Message<'_> {
    /// The message in a datagram. Its texts are in `scratch`; only lists and texts in Latin-1 need memory of their own.
    ///
    /// # Errors
    /// The first thing that keeps the datagram from being a message.
    pub fn decode<'s>(datagram: &[u8], scratch: &'s mut Scratch) -> Result<Message<'s>, Malformed> {
        decode(datagram, scratch, NoTrace)
    }

    /// Appends the message to `out`. On failure `out` is as it was.
    ///
    /// # Errors
    /// When a text or a list is longer than its length field can say, a number wider than its field, or a body's format
    /// is not that of its type.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Unencodable> {
        encode(self.seq, &self.body, out)
    }

    /// The type of the message.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.body.kind()
    }
}

impl Message<'_> {
    /// The same message, borrowed from nowhere.
    #[must_use]
    pub fn into_owned(self) -> Message<'static> {
        Message { seq: self.seq, body: self.body.into_owned() }
    }
}

impl<'a> Body<'a> {
    /// A message of format 1.
    #[must_use]
    pub fn plain(kind: Kind, text: impl Into<Cow<'a, str>>) -> Self {
        Self::Plain { kind, text: text.into() }
    }

    /// The type of the message.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Plain { kind, .. } | Self::Speech { kind, .. } | Self::Room { kind, .. } => *kind,
            Self::List(_) => Kind::UserList,
        }
    }

    /// The format it is written in: where it is not that of the type, there is nothing to send.
    pub(super) const fn format(&self) -> Format {
        match self {
            Self::Plain { .. } => Format::Plain,
            Self::Speech { .. } => Format::Speech,
            Self::Room { .. } => Format::Room,
            Self::List(_) => Format::List,
        }
    }

    /// The same body, borrowed from nowhere.
    #[must_use]
    pub fn into_owned(self) -> Body<'static> {
        match self {
            Self::Plain { kind, text } => Body::Plain { kind, text: owned(text) },
            Self::Speech { kind, emitter, receiver, text } => {
                Body::Speech { kind, emitter, receiver, text: owned(text) }
            }
            Self::Room { kind, private, mode, room, text } => {
                Body::Room { kind, private, mode, room, text: owned(text) }
            }
            Self::List(entries) => Body::List(entries.into_iter().map(Entry::into_owned).collect()),
        }
    }
}

impl Entry<'_> {
    /// The most bytes of text an entry has.
    pub const MOST_TEXT: usize = 511;

    /// The same entry, borrowed from nowhere.
    #[must_use]
    pub fn into_owned(self) -> Entry<'static> {
        Entry { room: self.room, private: self.private, user: self.user, text: owned(self.text) }
    }
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}
