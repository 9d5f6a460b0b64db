//! A server, five people and the network between them, in virtual time.
//!
//! In: what people do, the time. Out: [`Happening`]s, in order. Must not know the story, nor how it is shown.
//!
//! Server and clients are the real ones, down to the last bit: only the sockets and the clock are made up.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use palabre::client::{self, Ask, Client, Event, Ticket};
use palabre::dialect::msp::{Body, Kind, Message};
use palabre::engine::{self, Server};
use palabre::ids::ListenerId;
use palabre::netsim::{Conditions, Counters, Network};
use palabre::time::Instant;
use palabre::wire::Scratch;

/// The people, by number.
pub(super) const PEOPLE: [&str; 5] = ["Alice", "Björn", "Chidi", "Dunja", "Emre"];

/// Somebody on the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    Server,
    Person(usize),
}

/// Something that happened.
#[derive(Debug)]
pub(super) enum Happening {
    /// A datagram was put on the wire.
    Sent { from: Node, to: Node, what: What, attempt: u32, lost: bool },
    /// A client has something to tell its user.
    Event { who: usize, event: Event },
}

/// What a datagram carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Somebody's words.
    Text(String),
    /// Another request.
    Request(Kind),
    /// The answer to somebody's words.
    TextAnswer,
    /// Another answer.
    Answer,
}

/// All of it.
#[derive(Debug)]
pub(super) struct World {
    pub(super) now: Instant,
    network: Network,
    server: Server,
    people: Vec<Option<Client>>,
    seeds: fastrand::Rng,
    asked: u64,
    /// How often each request was sent.
    attempts: BTreeMap<(Node, Node, Kind, u16), u32>,
    retransmissions: u64,
    happened: VecDeque<Happening>,
}

impl World {
    /// A server with nobody on it yet, and a network that treats everybody alike.
    pub(super) fn new(seed: u64, conditions: Conditions) -> Self {
        let mut seeds = fastrand::Rng::with_seed(seed);
        let mut network = Network::new(seeds.u64(..));
        network.set_default(conditions);
        Self {
            now: Instant::ZERO,
            network,
            server: Server::new(engine::Config::msp(), seeds.u64(..)),
            people: PEOPLE.iter().map(|_| None).collect(),
            seeds,
            asked: 0,
            attempts: BTreeMap::new(),
            retransmissions: 0,
            happened: VecDeque::new(),
        }
    }

    /// Somebody starts a client.
    pub(super) fn arrive(&mut self, who: usize) {
        let name = PEOPLE.get(who).copied().unwrap_or_default();
        let config = client::Config::new(name, address(Node::Server));
        let client = Client::new(config, self.seeds.u64(..), self.now);
        if let Some(place) = self.people.get_mut(who) {
            *place = Some(client);
        }
        self.drain_client(who);
    }

    /// Somebody wants something.
    pub(super) fn ask(&mut self, who: usize, ask: Ask) {
        self.asked += 1;
        let (now, ticket) = (self.now, Ticket(self.asked));
        if let Some(client) = self.client_mut(who) {
            client.handle_input(now, client::Input::Ask(ticket, ask));
        }
        self.drain_client(who);
    }

    /// Nothing gets through to somebody or from him any more.
    pub(super) fn cut(&mut self, who: usize) {
        self.network.isolate(address(Node::Person(who)));
    }

    /// It does again.
    pub(super) fn heal(&mut self, who: usize) {
        self.network.rejoin(address(Node::Person(who)));
    }

    /// When [`World::run`] has something to do next.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let clients = self.people.iter().flatten().filter_map(Client::poll_timeout);
        clients.chain(self.network.poll_timeout()).chain(self.server.poll_timeout()).min()
    }

    /// Lets happen what is due at `now`.
    pub(super) fn run(&mut self, now: Instant) {
        self.now = now;
        while let Some(arrived) = self.network.poll(now) {
            match node(arrived.to) {
                Node::Server => {
                    let (listener, from, bytes) = (ListenerId(0), arrived.from, &arrived.bytes);
                    self.server.handle_input(now, engine::Input::Datagram { listener, from, bytes });
                    self.drain_server();
                }
                Node::Person(who) => {
                    if let Some(client) = self.client_mut(who) {
                        let (from, bytes) = (arrived.from, &arrived.bytes);
                        client.handle_input(now, client::Input::Datagram { from, bytes });
                    }
                    self.drain_client(who);
                }
            }
        }
        if self.server.poll_timeout().is_some_and(|due| due <= now) {
            self.server.handle_timeout(now);
            self.drain_server();
        }
        for who in 0..self.people.len() {
            let due = |client: &&mut Client| client.poll_timeout().is_some_and(|due| due <= now);
            if let Some(client) = self.client_mut(who).filter(due) {
                client.handle_timeout(now);
                self.drain_client(who);
            }
        }
    }

    /// What has happened and was not told yet.
    pub(super) fn poll_happening(&mut self) -> Option<Happening> {
        self.happened.pop_front()
    }

    /// Whether nobody wants anything that has not been done.
    pub(super) fn is_idle(&self) -> bool {
        self.people.iter().flatten().all(Client::is_idle)
    }

    /// Requests that were sent more than once, each time but the first.
    pub(super) const fn retransmissions(&self) -> u64 {
        self.retransmissions
    }

    /// What the network did.
    pub(super) const fn counters(&self) -> Counters {
        self.network.counters()
    }

    fn client_mut(&mut self, who: usize) -> Option<&mut Client> {
        self.people.get_mut(who)?.as_mut()
    }

    fn drain_client(&mut self, who: usize) {
        while let Some(output) = self.client_mut(who).and_then(Client::poll_output) {
            match output {
                client::Output::Event(event) => self.happened.push_back(Happening::Event { who, event }),
                client::Output::Datagram { to, payload } => {
                    self.send(Node::Person(who), node(to), &payload.to_vec());
                }
            }
        }
    }

    fn drain_server(&mut self) {
        while let Some(output) = self.server.poll_output() {
            if let engine::Output::Datagram(datagram) = output {
                self.send(Node::Server, node(datagram.to), &datagram.payload.to_vec());
            }
        }
    }

    fn send(&mut self, from: Node, to: Node, bytes: &[u8]) {
        let lost_before = self.network.counters().lost;
        self.network.send(self.now, address(from), address(to), bytes);
        let lost = self.network.counters().lost > lost_before;
        let mut scratch = Scratch::new();
        let Ok(message) = Message::decode(bytes, &mut scratch) else { return };
        let kind = message.kind();
        let what = match message.body {
            Body::Text { text, .. } | Body::Relay { text, .. } if !text.is_empty() => What::Text(text.into()),
            Body::TextReply => What::TextAnswer,
            _ if kind.is_request() => What::Request(kind),
            _ => What::Answer,
        };
        let mut attempt = 1;
        if kind.is_request() {
            let attempts = self.attempts.entry((from, to, kind, message.seq)).or_default();
            *attempts += 1;
            attempt = *attempts;
            self.retransmissions += u64::from(attempt > 1);
        }
        self.happened.push_back(Happening::Sent { from, to, what, attempt, lost });
    }
}

/// Addresses for documentation, so that nobody takes them for real ones.
fn address(node: Node) -> SocketAddr {
    let host = match node {
        Node::Server => 254,
        Node::Person(who) => u8::try_from(who).unwrap_or(u8::MAX).saturating_add(1),
    };
    SocketAddr::from(([192, 0, 2, host], 7401))
}

fn node(address: SocketAddr) -> Node {
    (0..PEOPLE.len()).map(Node::Person).find(|node| self::address(*node) == address).unwrap_or(Node::Server)
}
