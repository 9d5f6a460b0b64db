//! A client alone at a desk, with a scripted server and scripted members around it, in virtual time.
//!
//! In: what the server and the members say, what the user asks. Out: what the client sent and told, in order. Must not
//! know a real server.

use std::collections::VecDeque;
use std::net::SocketAddr;

use palabre::client::{Ask, Client, Config, Event, Input, Output, Ticket};
use palabre::dialect::msp::{
    Access, AccessStatus, Body, Capabilities, DirectoryEntry, Kind, Message, Name, Peer, RegisterStatus,
    Registration, SERVER,
};
use palabre::time::{Duration, Instant};
use palabre::wire::Scratch;

/// The client's id, once it has one.
pub(crate) const OURS: u8 = 7;

pub(crate) fn server() -> SocketAddr {
    ([192, 0, 2, 1], 7401).into()
}

/// Where the members of decentralised rooms are, by number.
pub(crate) fn place(n: u8) -> SocketAddr {
    ([192, 0, 2, 100 + n], 40_000).into()
}

pub(crate) fn name(text: &str) -> Name<'_> {
    Name::new(text).unwrap()
}

pub(crate) fn say(text: &str) -> Ask {
    Ask::Say(text.into())
}

pub(crate) fn text(text: &str) -> Body<'_> {
    Body::Text { text: text.into(), order: None }
}

/// A client, and what it has sent and told and nobody has looked at.
pub(crate) struct Desk {
    pub(crate) client: Client,
    pub(crate) now: Instant,
    pub(crate) config: Config,
    sent: VecDeque<(SocketAddr, Message<'static>)>,
    told: VecDeque<Event>,
    tickets: u64,
}

impl Desk {
    /// A client that has just begun to register as "alice".
    pub(crate) fn new() -> Self {
        Self::with(Config::new("alice", server()))
    }

    pub(crate) fn with(config: Config) -> Self {
        let now = Instant::from_secs(1);
        let client = Client::new(config.clone(), 5, now);
        let (sent, told) = (VecDeque::new(), VecDeque::new());
        let mut desk = Self { client, now, config, sent, told, tickets: 0 };
        desk.drain();
        desk
    }

    /// A client that is registered, with all extensions, in an empty public room.
    pub(crate) fn registered() -> Self {
        Self::registered_with(
            Capabilities::NOTIFICATIONS.with(Capabilities::DIRECTORY).with(Capabilities::RELAY),
        )
    }

    pub(crate) fn registered_with(capabilities: Capabilities) -> Self {
        let mut desk = Self::new();
        desk.gets_registered(capabilities);
        desk
    }

    pub(crate) fn gets_registered(&mut self, capabilities: Capabilities) {
        let connect = self.asks(Kind::Connect);
        self.is_answered(&connect, accepted());
        let hello = self.asks(Kind::Hello);
        self.is_answered(&hello, Body::HelloReply { version: 1, capabilities });
        if capabilities.has(Capabilities::DIRECTORY) {
            self.reads_directory(&[]);
        }
        assert_eq!(self.tells(), Event::Registered { id: OURS });
    }

    /// Is asked who is there, and says it.
    #[track_caller]
    pub(crate) fn reads_directory(&mut self, people: &[(u8, &str)]) {
        let asked = self.asks(Kind::Directory);
        let entries = people.iter().map(|(id, user)| DirectoryEntry { id: *id, user: name(user) }).collect();
        self.is_answered(&asked, Body::DirectoryReply(entries));
    }

    /// Joins a central room.
    #[track_caller]
    pub(crate) fn joins(&mut self, room: &str) {
        self.wants(Ask::Join(room.into()));
        let asked = self.asks(Kind::JoinRoom);
        self.is_answered(&asked, Body::JoinRoomReply(Access::Central(AccessStatus::Joined)));
        self.reads_directory(&[]);
        assert!(matches!(self.tells(), Event::Answered { .. }));
    }

    pub(crate) fn wants(&mut self, ask: Ask) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.client.handle_input(self.now, Input::Ask(ticket, ask));
        self.drain();
        ticket
    }

    /// The next thing that the client asks of the server. What it only repeats, or answers, is passed over.
    #[track_caller]
    pub(crate) fn asks(&mut self, kind: Kind) -> Message<'static> {
        let next = self.next_to(server(), |message| message.kind().is_request());
        assert_eq!(next.as_ref().map(Message::kind), Some(kind), "{next:?}");
        let next = next.unwrap();
        self.sent.retain(|(to, other)| *to != server() || *other != next);
        next
    }

    /// The next thing that the client answers to somebody.
    #[track_caller]
    pub(crate) fn answers(&mut self, to: SocketAddr, seq: u16) -> Body<'static> {
        let answer = self.next_to(to, |message| !message.kind().is_request() && message.seq == seq);
        answer.expect("an answer").body
    }

    /// The next request that goes to a member. What is only repeated is passed over.
    #[track_caller]
    pub(crate) fn asks_member(&mut self, n: u8) -> Message<'static> {
        let next =
            self.next_to(place(n), |message| message.kind().is_request()).expect("a request to a member");
        self.sent.retain(|(to, other)| *to != place(n) || *other != next);
        next
    }

    /// How many datagrams of a kind went to somebody since this was last asked, answers too; all are passed over.
    pub(crate) fn count(&mut self, to: SocketAddr, kind: Kind) -> usize {
        let before = self.sent.len();
        self.sent.retain(|(there, message)| *there != to || message.kind() != kind);
        before - self.sent.len()
    }

    /// Nothing is asked of the server.
    #[track_caller]
    pub(crate) fn asks_nothing(&self) {
        let asked = self.sent.iter().find(|(to, message)| *to == server() && message.kind().is_request());
        assert_eq!(asked, None);
    }

    /// The next event.
    #[track_caller]
    pub(crate) fn tells(&mut self) -> Event {
        self.told.pop_front().expect("an event")
    }

    #[track_caller]
    pub(crate) fn tells_nothing(&self) {
        assert_eq!(self.told, []);
    }

    pub(crate) fn is_answered(&mut self, asked: &Message<'_>, body: Body<'_>) {
        self.hears(server(), &Message { user: SERVER, seq: asked.seq, body });
    }

    /// The server asks something, under a number of its own.
    pub(crate) fn is_asked(&mut self, seq: u16, user: u8, body: Body<'_>) {
        self.hears(server(), &Message { user, seq, body });
    }

    pub(crate) fn hears(&mut self, from: SocketAddr, message: &Message<'_>) {
        let mut bytes = Vec::new();
        message.encode(&mut bytes).unwrap();
        self.gets(from, &bytes);
    }

    pub(crate) fn gets(&mut self, from: SocketAddr, bytes: &[u8]) {
        self.client.handle_input(self.now, Input::Datagram { from, bytes });
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

    fn next_to(&mut self, to: SocketAddr, wanted: impl Fn(&Message<'_>) -> bool) -> Option<Message<'static>> {
        let index = self.sent.iter().position(|(there, message)| *there == to && wanted(message))?;
        self.sent.remove(index).map(|(_, message)| message)
    }

    fn drain(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Event(event) => self.told.push_back(event),
                Output::Datagram { to, payload } => {
                    let bytes = payload.to_vec();
                    let mut scratch = Scratch::new();
                    let opened = self.config.integrity.open(&bytes).expect("sealed as the server wants it");
                    let message = Message::decode(opened, &mut scratch).expect("what a client sends decodes");
                    self.sent.push_back((to, message.into_owned()));
                }
            }
        }
    }
}

pub(crate) fn accepted() -> Body<'static> {
    Body::ConnectReply(Registration::Registered { status: RegisterStatus::Accepted, id: OURS })
}

/// The members of a decentralised room, as its list has them.
pub(crate) fn members(who: &[(&'static str, Option<u8>)]) -> Access<'static> {
    let peers = who.iter().map(|(user, n)| {
        let address = match n.map(place) {
            Some(SocketAddr::V4(address)) => address,
            _ => std::net::SocketAddrV4::new(std::net::Ipv4Addr::UNSPECIFIED, 0),
        };
        Peer { address, user: name(user) }
    });
    Access::Direct { status: AccessStatus::Joined, peers: peers.collect() }
}
