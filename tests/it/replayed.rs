//! A story in a test: what was seen, in the order of time, and what is told about it.

use std::net::SocketAddr;

use palabre::capture::{Event, Seen};
use palabre::dialect::{matou, msp, shen};
use palabre::engine::Dialect;
use palabre::replay::{End, Item, Mark, Message, Ports, Row, Story, What};

/// When captures begin: microseconds since 1970.
pub(crate) const START: u64 = 1_700_000_000_000_000;

/// A story being told.
pub(crate) struct Tale {
    pub(crate) story: Story,
    packet: u64,
}

impl Tale {
    pub(crate) fn new() -> Self {
        Self::with(Ports::default())
    }

    pub(crate) fn with(ports: Ports) -> Self {
        Self { story: Story::new(ports), packet: 0 }
    }

    /// Something is seen `at` microseconds after the start; all that is told then.
    pub(crate) fn seen(&mut self, at: u64, seen: Seen) -> Vec<Item> {
        self.remarked(at, seen, &[])
    }

    /// The same, with what the capture remarks.
    pub(crate) fn remarked(&mut self, at: u64, seen: Seen, comments: &[&str]) -> Vec<Item> {
        self.packet += 1;
        let comments = comments.iter().map(|comment| (*comment).to_owned()).collect();
        self.story.hear(Event { packet: self.packet, at: START + at, comments, seen });
        self.told()
    }

    /// A datagram; the message that is told last.
    #[track_caller]
    pub(crate) fn datagram(&mut self, at: u64, from: &str, to: &str, bytes: &[u8]) -> Message {
        let seen = datagram(from, to, bytes);
        message(self.seen(at, seen).pop().expect("a datagram is told"))
    }

    /// The marks of a datagram.
    #[track_caller]
    pub(crate) fn marks(&mut self, at: u64, from: &str, to: &str, bytes: &[u8]) -> Vec<Mark> {
        self.datagram(at, from, to, bytes).marks
    }

    /// Bytes of a stream: the messages in them, by name, with their marks.
    #[track_caller]
    pub(crate) fn bytes(&mut self, at: u64, from: &str, to: &str, bytes: &[u8]) -> Vec<Message> {
        let items = self.seen(at, bytes_of(from, to, bytes));
        items.into_iter().map(message).collect()
    }

    pub(crate) fn opened(&mut self, at: u64, from: &str, to: &str) -> Vec<Item> {
        self.seen(at, Seen::Opened { from: address(from), to: address(to) })
    }

    /// What is told at the end.
    pub(crate) fn end(&mut self) -> Vec<Item> {
        self.story.end();
        self.told()
    }

    /// The only row of the summary.
    #[track_caller]
    pub(crate) fn row(&self) -> Row {
        let mut rows = self.story.summary().rows;
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows.remove(0)
    }

    fn told(&mut self) -> Vec<Item> {
        core::iter::from_fn(|| self.story.next()).collect()
    }
}

#[track_caller]
pub(crate) fn message(item: Item) -> Message {
    match item.what {
        What::Message(message) => message,
        other => panic!("no message: {other:?}"),
    }
}

/// Somebody's name, or his address.
pub(crate) fn who(end: &End) -> String {
    end.name.as_ref().map_or_else(|| end.address.to_string(), |name| name.as_ref().to_owned())
}

pub(crate) fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

pub(crate) fn datagram(from: &str, to: &str, bytes: &[u8]) -> Seen {
    Seen::Datagram { from: address(from), to: address(to), bytes: bytes.to_vec(), missing: 0 }
}

pub(crate) fn bytes_of(from: &str, to: &str, bytes: &[u8]) -> Seen {
    Seen::Bytes { from: address(from), to: address(to), bytes: bytes.to_vec(), pushed: true }
}

/// A message of MSP.
pub(crate) fn of_msp(user: u8, seq: u16, body: msp::Body<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    msp::Message { user, seq, body }.encode(&mut bytes).expect("it can be encoded");
    bytes
}

/// TEXTE of MSP.
pub(crate) fn texte(user: u8, seq: u16, text: &str) -> Vec<u8> {
    of_msp(user, seq, msp::Body::Text { text: text.into(), order: None })
}

/// REPONSE_TEXTE of MSP.
pub(crate) fn reponse(user: u8, seq: u16) -> Vec<u8> {
    of_msp(user, seq, msp::Body::TextReply)
}

/// Somebody registers with MSP under a number, 100 ms before `at`, which is answered at once.
pub(crate) fn registers(tale: &mut Tale, at: u64, client: &str, name: &str, seq: u16) {
    let wanted = msp::Name::new(name);
    tale.datagram(at, client, "192.0.2.9:7401", &of_msp(0, seq, msp::Body::Connect { name: wanted }));
    let status = msp::Registration::Registered { status: msp::RegisterStatus::Accepted, id: 1 };
    tale.datagram(at + 100, "192.0.2.9:7401", client, &of_msp(255, seq, msp::Body::ConnectReply(status)));
}

/// A plain message of Shen's protocol.
pub(crate) fn of_shen(seq: u16, kind: shen::Kind, text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let message = shen::Message { seq, body: shen::Body::plain(kind, text) };
    message.encode(&mut bytes).expect("it can be encoded");
    bytes
}

/// A message of Matou.
pub(crate) fn of_matou(message: &matou::Message<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    message.encode(&mut bytes).expect("it can be encoded");
    bytes
}

/// The names of messages.
pub(crate) fn names(messages: &[Message]) -> Vec<&'static str> {
    messages.iter().map(|message| message.dissection.message.unwrap_or("?")).collect()
}

/// What was passed over, in words.
pub(crate) fn passed_over(items: &[Item]) -> Vec<String> {
    let why = |item: &Item| match &item.what {
        What::PassedOver { why, .. } => Some(why.clone()),
        _ => None,
    };
    items.iter().filter_map(why).collect()
}

/// The dialects of rows.
pub(crate) fn dialects(story: &Story) -> Vec<Dialect> {
    story.summary().rows.iter().map(|row| row.dialect).collect()
}
