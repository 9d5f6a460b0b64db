//! A server, five people of two protocols and the network between them, in virtual time.
//!
//! In: what people do, the time. Out: [`Happening`]s, in order. Must not know the story, nor how it is shown.
//!
//! Server and clients are the real ones, down to the last bit: only the sockets and the clock are made up.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use palabre::client::{self, Ask, Client, Event, Ticket};
use palabre::engine::{self, Dialect, Listener, Server};
use palabre::ids::ListenerId;
use palabre::netsim::{Conditions, Counters, Network};
use palabre::reliable::{Policy, Timing};
use palabre::time::{Duration, Instant};

use super::what::{Key, Seen, What, look_into};

/// The people, by number.
pub(super) const PEOPLE: [&str; 5] = ["Alice", "Björn", "Chidi", "Dunja", "Emre"];

/// What each of them speaks.
const SPEAK: [Dialect; PEOPLE.len()] =
    [Dialect::Msp, Dialect::Msp, Dialect::Shen, Dialect::Msp, Dialect::Shen];

/// What the server speaks.
const LISTEN: [Dialect; 2] = [Dialect::Msp, Dialect::Shen];

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
    attempts: BTreeMap<(Node, Node, Key), u32>,
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
            server: Server::new(engine::Config::new(LISTEN.map(listener).into()), seeds.u64(..)),
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
        let server = server(dialect(who));
        let mut config = match dialect(who) {
            Dialect::Msp => client::Config::new(name, server),
            _ => client::Config::shen(name, server),
        };
        config.timing = listener(dialect(who)).timing;
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
        self.network.isolate(address(who));
    }

    /// It does again.
    pub(super) fn heal(&mut self, who: usize) {
        self.network.rejoin(address(who));
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
                    let (listener, from, bytes) = (listener_at(arrived.to), arrived.from, &arrived.bytes);
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
                    self.send(address(who), to, dialect(who), &payload.to_vec());
                }
            }
        }
    }

    fn drain_server(&mut self) {
        while let Some(output) = self.server.poll_output() {
            if let engine::Output::Datagram(datagram) = output {
                let (from, to) = (listener_address(datagram.listener), datagram.to);
                let Node::Person(who) = node(to) else { continue };
                self.send(from, to, dialect(who), &datagram.payload.to_vec());
            }
        }
    }

    fn send(&mut self, from: SocketAddr, to: SocketAddr, dialect: Dialect, bytes: &[u8]) {
        let lost_before = self.network.counters().lost;
        self.network.send(self.now, from, to, bytes);
        let lost = self.network.counters().lost > lost_before;
        let (from, to) = (node(from), node(to));
        let Some(Seen { mut what, key, texts }) = look_into(dialect, from == Node::Server, bytes) else {
            return;
        };
        if texts.iter().any(|text| self.attempts.contains_key(&(to, from, *text))) {
            what = What::TextAnswer;
        }
        let mut attempt = 1;
        if let Some(key) = key {
            let attempts = self.attempts.entry((from, to, key)).or_default();
            *attempts += 1;
            attempt = *attempts;
            self.retransmissions += u64::from(attempt > 1);
        }
        self.happened.push_back(Happening::Sent { from, to, what, attempt, lost });
    }
}

/// What somebody speaks.
pub(super) fn dialect(who: usize) -> Dialect {
    SPEAK.get(who).copied().unwrap_or(Dialect::Msp)
}

/// Shen's timer would be 2 s: on this network a laboratory's setting tells the same story sooner.
fn listener(dialect: Dialect) -> Listener {
    match dialect {
        Dialect::Msp => Listener::msp(),
        _ => {
            let timing = Timing { timer: Duration::from_millis(100), tries: 10, policy: Policy::Fixed };
            Listener { timing, ..Listener::shen() }
        }
    }
}

/// Addresses for documentation, so that nobody takes them for real ones.
fn address(who: usize) -> SocketAddr {
    let host = u8::try_from(who).unwrap_or(u8::MAX).saturating_add(1);
    SocketAddr::from(([192, 0, 2, host], 40_000))
}

/// Where the server listens for a protocol.
fn server(dialect: Dialect) -> SocketAddr {
    let port = if dialect == Dialect::Msp { 7401 } else { 7403 };
    SocketAddr::from(([192, 0, 2, 254], port))
}

fn listener_at(address: SocketAddr) -> ListenerId {
    ListenerId(LISTEN.iter().position(|dialect| server(*dialect) == address).unwrap_or_default())
}

fn listener_address(listener: ListenerId) -> SocketAddr {
    server(LISTEN.get(listener.0).copied().unwrap_or(Dialect::Msp))
}

fn node(address: SocketAddr) -> Node {
    let who = (0..PEOPLE.len()).find(|who| self::address(*who) == address);
    who.map_or(Node::Server, Node::Person)
}
