//! What a datagram carries, as far as people notice.
//!
//! In: a datagram, its protocol, who sent it. Out: [`What`] it is, and by what a repetition is known. Must not know who
//! gets it.

use palabre::dialect::{msp, shen};
use palabre::engine::Dialect;
use palabre::wire::Scratch;

/// What a datagram carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Somebody's words.
    Text(String),
    /// Another request, and what it is about if it is one of those that people notice.
    Request(Option<&'static str>),
    /// The answer to somebody's words.
    TextAnswer,
    /// Another answer.
    Answer,
}

/// What all copies of a request have in common: type, where there are types, and number.
pub(super) type Key = (u8, u64);

/// No type has this code.
const NONE: Key = (u8::MAX, 0);

/// A datagram that was looked into.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) what: What,
    /// None for an answer.
    pub(super) key: Option<Key>,
    /// An answer to a text would answer one of these.
    pub(super) texts: [Key; 2],
}

/// Looks into a datagram; `None` if it is malformed.
pub(super) fn look_into(dialect: Dialect, by_server: bool, bytes: &[u8]) -> Option<Seen> {
    let mut scratch = Scratch::new();
    match dialect {
        Dialect::Msp => Some(msp_datagram(&msp::Message::decode(bytes, &mut scratch).ok()?)),
        _ => Some(shen_datagram(&shen::Message::decode(bytes, &mut scratch).ok()?, by_server)),
    }
}

fn msp_datagram(message: &msp::Message<'_>) -> Seen {
    use msp::{Body, Kind};
    let kind = message.kind();
    let what = match &message.body {
        Body::Text { text, .. } | Body::Relay { text, .. } if !text.is_empty() => {
            What::Text(text.to_string())
        }
        Body::TextReply => What::TextAnswer,
        _ if kind.is_request() => What::Request(match kind {
            Kind::Connect => Some("registration"),
            Kind::CreateRoom => Some("a room to be made"),
            Kind::Invite | Kind::Offer => Some("invitation"),
            Kind::JoinRoom => Some("access to a room"),
            Kind::Disconnect => Some("goodbye"),
            _ => None,
        }),
        _ => What::Answer,
    };
    Seen { what, key: kind.is_request().then_some((kind.code(), message.seq.into())), texts: [NONE; 2] }
}

/// Whether a message of Shen's protocol is a request depends on who sends it; the answers to texts look like all others,
/// but for their numbers.
fn shen_datagram(message: &shen::Message<'_>, by_server: bool) -> Seen {
    use shen::{Body, Kind};
    let kind = message.body.kind();
    let what = match &message.body {
        Body::Speech { text, .. } if !text.is_empty() => What::Text(shen::said(text).0.into()),
        Body::Plain { kind: Kind::Ack, .. } => What::Answer,
        _ => What::Request(match kind {
            Kind::Connect => Some("registration"),
            Kind::Invite => Some("invitation"),
            Kind::ChooseMode => Some("choice of the mode"),
            Kind::NameRoom => Some("name of the room"),
            Kind::Granted => Some("the room is open"),
            Kind::Join => Some("access to a room"),
            Kind::Disconnect => Some("goodbye"),
            _ => None,
        }),
    };
    let is_answer = match kind {
        Kind::Ack | Kind::ConnectRefused | Kind::ModeOffer | Kind::NoSuchReceiver => true,
        Kind::Accept | Kind::Decline => !by_server,
        // A first page answers; it cannot be told from a further one.
        Kind::UserList => by_server,
        _ => false,
    };
    let what = if is_answer { What::Answer } else { what };
    let texts = [Kind::Send, Kind::Relay].map(|text| (text.code(), message.seq.into()));
    Seen {
        what,
        key: (!is_answer).then_some((kind.code(), message.seq.into())),
        texts: if is_answer { texts } else { [NONE; 2] },
    }
}
