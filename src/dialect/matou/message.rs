//! A whole message: its type, and what it carries.
//!
//! In: the bytes of one message, or the parts. Out: [`Message`], or bytes. Must not know who sends it to whom.

use std::borrow::Cow;
use std::net::IpAddr;

use super::decode::decode;
use super::encode::{Unencodable, encode};
use super::{ErrorCode, Kind};
use crate::wire::{Malformed, NoTrace, Scratch};

/// One message. Strings are UTF-8 and no longer than they may be; whether a name or a text keeps the rules, [`super::is_name`]
/// and [`super::is_text`] say.
///
/// ```
/// use palabre::dialect::matou::Message;
/// use palabre::wire::Scratch;
///
/// let said = Message::Said { author: "Minou".into(), text: "miaou".into() };
/// let mut bytes = Vec::new();
/// said.encode(&mut bytes)?;
/// assert_eq!(bytes, *b"\0\0\0\x05\0\0\0\x05Minou\0\0\0\x05miaou");
/// assert_eq!(Message::decode(&bytes, &mut Scratch::new())?, said);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// ERROR.
    Error(ErrorCode),
    /// COREQ.
    Connect {
        /// The name one wants.
        name: Cow<'a, str>,
    },
    /// CORES.
    Connected {
        /// Whether one has the name.
        accepted: bool,
    },
    /// CONOTIF.
    Arrived {
        /// Who is here.
        name: Cow<'a, str>,
    },
    /// MSG.
    Say {
        /// What is said.
        text: Cow<'a, str>,
    },
    /// MSGBC.
    Said {
        /// Who says it.
        author: Cow<'a, str>,
        /// What is said.
        text: Cow<'a, str>,
    },
    /// DISCONOTIF.
    Left {
        /// Who is gone.
        name: Cow<'a, str>,
    },
    /// PVCOREQ.
    Ask {
        /// Whom one wants to speak with.
        name: Cow<'a, str>,
    },
    /// PVCOREQNOTIF.
    Asked {
        /// Who wants to speak with one.
        name: Cow<'a, str>,
    },
    /// PVCOACC.
    Accept {
        /// Who asked.
        name: Cow<'a, str>,
    },
    /// PVCOPORT.
    Offer {
        /// Who accepted.
        name: Cow<'a, str>,
        /// Where one waits for him.
        ports: Ports,
    },
    /// PVCOESTASRC.
    Expect {
        /// Who accepted.
        name: Cow<'a, str>,
        /// From where he comes.
        address: IpAddr,
    },
    /// PVCOESTADST.
    Meet {
        /// Who asked.
        name: Cow<'a, str>,
        /// Where he is.
        address: IpAddr,
        /// Where he waits there.
        ports: Ports,
    },
    /// PVMSG.
    Private {
        /// What is said.
        text: Cow<'a, str>,
    },
    /// PVFILE.
    File {
        /// The name of the file, as its sender gives it: not to be trusted.
        name: Cow<'a, str>,
        /// How many bytes of the file follow the message, at most [`i64::MAX`].
        size: u64,
    },
    /// DISCO.
    SignOut,
    /// PVDISCO.
    PrivateSignOut,
}

/// Two ports as they stand on the wire, where they may be any numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// For messages.
    pub messages: i32,
    /// For files.
    pub files: i32,
}

impl Ports {
    /// The ports for messages and for files, when both are ports: 1..=65535 (A4).
    #[must_use]
    pub fn numbers(self) -> Option<(u16, u16)> {
        let port = |number| u16::try_from(number).ok().filter(|port| *port > 0);
        port(self.messages).zip(port(self.files))
    }
}

impl From<(u16, u16)> for Ports {
    fn from((messages, files): (u16, u16)) -> Self {
        Self { messages: messages.into(), files: files.into() }
    }
}

impl Message<'_> {
    /// The message that `bytes` are, from the first to the last. Its strings are in `scratch`.
    ///
    /// # Errors
    /// The first thing that keeps the bytes from being a message.
    pub fn decode<'s>(bytes: &[u8], scratch: &'s mut Scratch) -> Result<Message<'s>, Malformed> {
        decode(bytes, scratch, NoTrace)
    }

    /// Appends the message to `out`. On failure `out` is as it was.
    ///
    /// # Errors
    /// When a string is longer than it may be, or a file larger than can be said.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Unencodable> {
        encode(self, out)
    }

    /// The type of the message.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Error(_) => Kind::Error,
            Self::Connect { .. } => Kind::Connect,
            Self::Connected { .. } => Kind::Connected,
            Self::Arrived { .. } => Kind::Arrived,
            Self::Say { .. } => Kind::Say,
            Self::Said { .. } => Kind::Said,
            Self::Left { .. } => Kind::Left,
            Self::Ask { .. } => Kind::Ask,
            Self::Asked { .. } => Kind::Asked,
            Self::Accept { .. } => Kind::Accept,
            Self::Offer { .. } => Kind::Offer,
            Self::Expect { .. } => Kind::Expect,
            Self::Meet { .. } => Kind::Meet,
            Self::Private { .. } => Kind::Private,
            Self::File { .. } => Kind::File,
            Self::SignOut => Kind::SignOut,
            Self::PrivateSignOut => Kind::PrivateSignOut,
        }
    }

    /// The same message, borrowed from nowhere.
    #[must_use]
    pub fn into_owned(self) -> Message<'static> {
        match self {
            Self::Error(code) => Message::Error(code),
            Self::Connect { name } => Message::Connect { name: owned(name) },
            Self::Connected { accepted } => Message::Connected { accepted },
            Self::Arrived { name } => Message::Arrived { name: owned(name) },
            Self::Say { text } => Message::Say { text: owned(text) },
            Self::Said { author, text } => Message::Said { author: owned(author), text: owned(text) },
            Self::Left { name } => Message::Left { name: owned(name) },
            Self::Ask { name } => Message::Ask { name: owned(name) },
            Self::Asked { name } => Message::Asked { name: owned(name) },
            Self::Accept { name } => Message::Accept { name: owned(name) },
            Self::Offer { name, ports } => Message::Offer { name: owned(name), ports },
            Self::Expect { name, address } => Message::Expect { name: owned(name), address },
            Self::Meet { name, address, ports } => Message::Meet { name: owned(name), address, ports },
            Self::Private { text } => Message::Private { text: owned(text) },
            Self::File { name, size } => Message::File { name: owned(name), size },
            Self::SignOut => Message::SignOut,
            Self::PrivateSignOut => Message::PrivateSignOut,
        }
    }
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}
