//! What a datagram says, in either protocol, as far as the shadow model has to know.
//!
//! In: bytes. Out: texts, numbers, lines of a trace. Must not know who sent them.

use palabre::client::Protocol;
use palabre::dialect::{msp, shen};
use palabre::engine::{Dialect, Integrity};
use palabre::wire::Scratch;

/// How the datagrams of one protocol are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wire {
    pub(crate) protocol: Protocol,
    pub(crate) integrity: Integrity,
}

/// A text on the wire: what is said, and the number of the one it is for, unless it is for all.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Spoken {
    pub(crate) text: String,
    pub(crate) to: Option<u16>,
}

impl Wire {
    pub(crate) fn dialect(self) -> Dialect {
        match self.protocol {
            Protocol::Msp => Dialect::Msp,
            Protocol::Shen => Dialect::Shen,
        }
    }

    /// The text in a datagram that somebody said; the line that names its author is none of it.
    pub(crate) fn spoken(self, bytes: &[u8]) -> Option<Spoken> {
        let bytes = self.integrity.open(bytes)?;
        let mut scratch = Scratch::new();
        let (text, to) = match self.protocol {
            Protocol::Msp => match msp::Message::decode(bytes, &mut scratch).ok()?.body {
                msp::Body::Text { text, .. } => (text.to_string(), None),
                msp::Body::Relay { text, to, .. } => (text.to_string(), Some(u16::from(to))),
                _ => return None,
            },
            Protocol::Shen => match shen::Message::decode(bytes, &mut scratch).ok()?.body {
                shen::Body::Speech { kind: shen::Kind::Send, receiver, text, .. } => {
                    (text.to_string(), Some(receiver).filter(|to| *to > 0))
                }
                shen::Body::Speech { emitter: 1.., text, .. } => (shen::said(&text).0.into(), None),
                _ => return None,
            },
        };
        Some(Spoken { text, to })
    }

    /// The number of a request in Shen's protocol that carries a text: responses have none of their own.
    pub(crate) fn narrow_number(self, bytes: &[u8]) -> Option<u16> {
        let bytes = self.integrity.open(bytes).filter(|_| self.protocol == Protocol::Shen)?;
        let mut scratch = Scratch::new();
        let message = shen::Message::decode(bytes, &mut scratch).ok()?;
        matches!(message.body, shen::Body::Speech { .. }).then_some(message.seq)
    }

    /// Whether this tells somebody of Shen's protocol that he is in another private room now.
    pub(crate) fn grants(self, bytes: &[u8]) -> bool {
        let bytes = self.integrity.open(bytes).filter(|_| self.protocol == Protocol::Shen).unwrap_or(&[]);
        let mut scratch = Scratch::new();
        let message = shen::Message::decode(bytes, &mut scratch);
        message.is_ok_and(|message| message.kind() == shen::Kind::Granted)
    }

    pub(crate) fn show(self, bytes: &[u8]) -> String {
        let plain = self.integrity.open(bytes).unwrap_or(&[]);
        let mut scratch = Scratch::new();
        let shown = match self.protocol {
            Protocol::Msp => msp::Message::decode(plain, &mut scratch).map(|message| format!("{message:?}")),
            Protocol::Shen => {
                shen::Message::decode(plain, &mut scratch).map(|message| format!("{message:?}"))
            }
        };
        shown.unwrap_or_else(|_| format!("{bytes:02x?}"))
    }
}

/// Counts how often the numbers of one direction begin anew.
#[derive(Debug, Default)]
pub(crate) struct Wraps {
    newest: Option<u16>,
    pub(crate) count: usize,
}

impl Wraps {
    /// A request under this number is sent, perhaps again.
    pub(crate) fn sent(&mut self, seq: u16) {
        let newest = *self.newest.get_or_insert(seq);
        let ahead = seq.wrapping_sub(newest) % 1_024;
        if (1..512).contains(&ahead) {
            self.newest = Some(seq);
            self.count += usize::from(seq < newest);
        }
    }
}
