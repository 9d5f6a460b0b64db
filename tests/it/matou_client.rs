//! Raw Matou clients at a server in virtual time.
//!
//! In: what each client does. Out: what each client got, checked on the spot. Must not know what the server should do: a
//! client here remembers nothing.

use palabre::dialect::matou::{ErrorCode, Frames, Message, Way};
use palabre::engine::{Config, Dialect, Listener};
use palabre::ids::ListenerId;
use palabre::wire::{Deframer, Scratch};

use crate::served::Served;
use crate::streamed::Line;

/// A server where Matou is spoken, and nothing else.
pub(crate) fn served() -> Served {
    Served::new(Config::new(vec![Listener::of(Dialect::Matou)]))
}

/// One client.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) line: Line,
}

impl Client {
    /// At an address of its own; it has not said anything yet.
    pub(crate) fn new(served: &Served, listener: ListenerId) -> Self {
        Self { line: Line::new(served, listener) }
    }

    /// At this address.
    pub(crate) fn from(served: &Served, listener: ListenerId, address: &str) -> Self {
        Self { line: Line::from(served, listener, address.parse().unwrap()) }
    }

    /// The same, signed in; what it heard of that is checked and forgotten.
    #[track_caller]
    pub(crate) fn joins(served: &Served, listener: ListenerId, name: &str) -> Self {
        let client = Self::new(served, listener);
        client.signs_in(name);
        client
    }

    #[track_caller]
    pub(crate) fn signs_in(&self, name: &str) {
        self.sends(&connect(name));
        self.hears(&[Message::Connected { accepted: true }, arrived(name)]);
    }

    #[track_caller]
    pub(crate) fn sends(&self, message: &Message<'_>) {
        self.line.sends(&encoded(message));
    }

    #[track_caller]
    pub(crate) fn says(&self, text: &str) {
        self.sends(&Message::Say { text: text.into() });
    }

    /// All that came since this was asked last; it must be whole messages.
    #[track_caller]
    pub(crate) fn heard(&self) -> Vec<Message<'static>> {
        let stream = self.line.heard();
        let mut deframer = Deframer::new(Frames { way: Way::ToClient });
        let (mut rest, mut messages) = (&stream[..], Vec::new());
        while let Some(bytes) = deframer.next(&mut rest).expect("messages to a client") {
            let mut scratch = Scratch::new();
            let message = Message::decode(&bytes, &mut scratch).expect("a message");
            messages.push(message.into_owned());
        }
        assert_eq!(deframer.held(), 0, "half a message");
        messages
    }

    /// Exactly these came, in this order.
    #[track_caller]
    pub(crate) fn hears(&self, messages: &[Message<'_>]) {
        assert_eq!(self.heard(), messages);
    }

    #[track_caller]
    pub(crate) fn hears_nothing(&self) {
        self.hears(&[]);
    }

    /// These came, and then the end.
    #[track_caller]
    pub(crate) fn is_closed_after(&self, messages: &[Message<'_>]) {
        self.hears(messages);
        assert!(self.line.is_closed());
    }

    /// Nothing came that would matter, and the connection is open.
    #[track_caller]
    pub(crate) fn is_here(&self) {
        self.says("here");
        assert!(matches!(self.heard().last(), Some(Message::Said { text, .. }) if text == "here"));
        assert!(!self.line.is_closed());
    }
}

/// The bytes of a message.
#[track_caller]
pub(crate) fn encoded(message: &Message<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    message.encode(&mut bytes).expect("encodes");
    bytes
}

pub(crate) fn connect(name: &str) -> Message<'_> {
    Message::Connect { name: name.into() }
}

pub(crate) fn arrived(name: &str) -> Message<'_> {
    Message::Arrived { name: name.into() }
}

pub(crate) fn left(name: &str) -> Message<'_> {
    Message::Left { name: name.into() }
}

pub(crate) fn said<'a>(author: &'a str, text: &'a str) -> Message<'a> {
    Message::Said { author: author.into(), text: text.into() }
}

pub(crate) fn ask(name: &str) -> Message<'_> {
    Message::Ask { name: name.into() }
}

pub(crate) fn asked(name: &str) -> Message<'_> {
    Message::Asked { name: name.into() }
}

pub(crate) fn accept(name: &str) -> Message<'_> {
    Message::Accept { name: name.into() }
}

pub(crate) fn offer(name: &str, messages: i32, files: i32) -> Message<'_> {
    Message::Offer { name: name.into(), ports: palabre::dialect::matou::Ports { messages, files } }
}

pub(crate) const UNKNOWN: Message<'static> = Message::Error(ErrorCode::Unknown);
pub(crate) const NOT_CONNECTED: Message<'static> = Message::Error(ErrorCode::NotConnected);
pub(crate) const NOT_ASKED: Message<'static> = Message::Error(ErrorCode::NotAsked);
pub(crate) const REFUSED: Message<'static> = Message::Connected { accepted: false };
