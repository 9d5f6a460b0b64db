//! A client of Shen's protocol alone at a desk, with a scripted server around it, in virtual time.
//!
//! In: what the server says, what the user asks. Out: what the client sent and told, in order. Must not know a real server.

use std::collections::VecDeque;
use std::net::SocketAddr;

use palabre::client::{Ask, Client, Config, Event, Input, Output, Ticket};
use palabre::dialect::shen::{Body, Kind, Message, entry, relayed};
use palabre::time::{Duration, Instant};
use palabre::wire::Scratch;

pub(crate) fn server() -> SocketAddr {
    ([192, 0, 2, 1], 7403).into()
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A client, and what it has sent and told and nobody has looked at.
pub(crate) struct ShenDesk {
    pub(crate) client: Client,
    now: Instant,
    sent: VecDeque<(SocketAddr, Message<'static>)>,
    told: VecDeque<Event>,
    tickets: u64,
}

impl ShenDesk {
    /// A client that has just begun to register as "sheng".
    pub(crate) fn new() -> Self {
        let now = Instant::from_secs(1);
        let client = Client::new(Config::shen("sheng", server()), 5, now);
        let mut desk = Self { client, now, sent: VecDeque::new(), told: VecDeque::new(), tickets: 0 };
        desk.drain();
        desk
    }

    pub(crate) fn registered() -> Self {
        let mut desk = Self::new();
        let connect = desk.asks(Kind::Connect);
        desk.acknowledges(&connect, "");
        assert_eq!(desk.tells(), Event::Registered { id: 0 });
        desk
    }

    /// Is in the centralised room "lol" with lucy.
    pub(crate) fn inside() -> Self {
        let mut desk = Self::registered();
        desk.wants(Ask::Join("lol".into()));
        let join = desk.asks(Kind::Join);
        desk.acknowledges(&join, "Bienvenue sheng");
        let list = desk.asks(Kind::ListUsers);
        desk.is_answered(&list, Body::List(vec![entry(Some((3, "lol")), 9, "lucy", None)]));
        assert!(matches!(desk.tells(), Event::Answered { .. }));
        desk
    }

    pub(crate) fn wants(&mut self, ask: Ask) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.client.handle_input(self.now, Input::Ask(ticket, ask));
        self.drain();
        ticket
    }

    /// The next thing that the client sends to the server. What it only repeats is passed over.
    #[track_caller]
    pub(crate) fn asks(&mut self, kind: Kind) -> Message<'static> {
        let (_, next) = self.sent.pop_front().expect("something sent");
        assert_eq!(next.kind(), kind, "{next:?}");
        self.sent.retain(|(_, other)| *other != next);
        next
    }

    #[track_caller]
    pub(crate) fn sends_nothing(&self) {
        assert_eq!(self.sent, []);
    }

    /// How many datagrams of a kind were sent, repetitions too; all are passed over.
    pub(crate) fn count(&mut self, kind: Kind) -> usize {
        let before = self.sent.len();
        self.sent.retain(|(_, message)| message.kind() != kind);
        before - self.sent.len()
    }

    #[track_caller]
    pub(crate) fn tells(&mut self) -> Event {
        self.told.pop_front().expect("an event")
    }

    #[track_caller]
    pub(crate) fn tells_nothing(&self) {
        assert_eq!(self.told, []);
    }

    pub(crate) fn is_answered(&mut self, asked: &Message<'_>, body: Body<'_>) {
        self.hears(asked.seq, body);
    }

    pub(crate) fn acknowledges(&mut self, asked: &Message<'_>, text: &str) {
        self.hears(asked.seq, Body::plain(Kind::Ack, text));
    }

    /// The server says something under this number.
    pub(crate) fn hears(&mut self, seq: u16, body: Body<'_>) {
        self.hears_from(server(), seq, body);
    }

    pub(crate) fn hears_from(&mut self, from: SocketAddr, seq: u16, body: Body<'_>) {
        let mut bytes = Vec::new();
        Message { seq, body }.encode(&mut bytes).unwrap();
        self.client.handle_input(self.now, Input::Datagram { from, bytes: &bytes });
        self.drain();
    }

    /// Time passes, and all that is due happens.
    pub(crate) fn passes(&mut self, wait: Duration) {
        let end = self.now + wait;
        while let Some(due) = self.client.poll_timeout().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.client.handle_timeout(self.now);
            assert!(self.client.poll_timeout().is_none_or(|next| next > self.now));
            self.drain();
        }
        self.now = end;
    }

    fn drain(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Event(event) => self.told.push_back(event),
                Output::Datagram { to, payload } => {
                    let bytes = payload.to_vec();
                    let mut scratch = Scratch::new();
                    let message = Message::decode(&bytes, &mut scratch).expect("what a client sends decodes");
                    self.sent.push_back((to, message.into_owned()));
                }
            }
        }
    }
}

/// A number that no request of the client bears yet.
pub(crate) fn far(asked: &Message<'_>) -> u16 {
    (asked.seq + 300) % 1024
}

pub(crate) fn words(text: &str) -> Body<'_> {
    Body::Speech { kind: Kind::Relay, emitter: 0, receiver: 0, text: text.into() }
}

pub(crate) fn said(text: &str, author: &str) -> Body<'static> {
    Body::Speech { kind: Kind::Relay, emitter: 9, receiver: 0, text: relayed(text, author).into() }
}

pub(crate) fn invitation(by: &str) -> Body<'static> {
    let text = format!("{by} vous invite messagerie").into();
    Body::Room { kind: Kind::Invite, private: true, mode: palabre::vocab::Mode::Central, room: 0, text }
}
