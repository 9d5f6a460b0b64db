//! A server, people of five protocols and the network between them, in virtual time.
//!
//! In: what people do, the time. Out: [`Happening`]s, in order. Must not know the story, nor how it is shown.
//!
//! Server and clients are the real ones, down to the last bit: only the sockets and the clock are made up.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;

use palabre::client::{self, Ask, Client, Ticket};
use palabre::engine::{self, Dialect, Server};
use palabre::netsim::{Conditions, Counters, Network};
use palabre::time::Instant;

use super::lines::{self, Lines};
use super::people::{
    Node, PEOPLE, address, dialect, listener_address, listener_at, listeners, node, streamed,
};
use super::person::{Person, Told};
use super::streams::{Batch, Label};
use super::what::{Key, Seen, What, look_into};

/// Something that happened.
#[derive(Debug)]
pub(super) enum Happening {
    /// A message was put on the wire.
    Sent { from: Node, to: Node, what: What, attempt: u32, lost: bool },
    /// A message has come, and cannot be read before one that was lost.
    Waits { from: Node, to: Node, what: What },
    /// A client has something to tell its user.
    Event { who: usize, event: Told },
}

/// All of it.
#[derive(Debug)]
pub(super) struct World {
    pub(super) now: Instant,
    network: Network,
    pub(super) lines: Lines<Label>,
    pub(super) server: Server,
    people: Vec<Option<Person>>,
    /// Who has opened each connection there ever was.
    pub(super) callers: Vec<usize>,
    /// Who has a connection no more and cannot have one.
    pub(super) cut_off: BTreeSet<usize>,
    seeds: fastrand::Rng,
    asked: u64,
    /// How often each request was sent.
    attempts: BTreeMap<(Node, Node, Key), u32>,
    retransmissions: u64,
    pub(super) happened: VecDeque<Happening>,
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
            lines: Lines::new(seeds.u64(..), conditions),
            server: Server::new(engine::Config::new(listeners()), seeds.u64(..)),
            people: PEOPLE.iter().map(|_| None).collect(),
            callers: Vec::new(),
            cut_off: BTreeSet::new(),
            seeds,
            asked: 0,
            attempts: BTreeMap::new(),
            retransmissions: 0,
            happened: VecDeque::new(),
        }
    }

    /// Somebody starts a client.
    pub(super) fn arrive(&mut self, who: usize) {
        let person = Person::new(who, self.seeds.u64(..), self.now);
        if let Some(place) = self.people.get_mut(who) {
            *place = Some(person);
        }
        self.drain_person(who);
    }

    /// Somebody wants something.
    pub(super) fn ask(&mut self, who: usize, ask: Ask) {
        self.asked += 1;
        let (now, ticket) = (self.now, Ticket(self.asked));
        if let Some(person) = self.person_mut(who) {
            person.ask(now, ticket, ask);
        }
        self.drain_person(who);
    }

    /// Nothing gets through to somebody or from him any more.
    pub(super) fn cut(&mut self, who: usize) {
        if streamed(who).is_some() {
            self.cut_off.insert(who);
            self.cut_line(who);
        } else {
            self.network.isolate(address(who));
        }
    }

    /// It does again.
    pub(super) fn heal(&mut self, who: usize) {
        self.cut_off.remove(&who);
        self.network.rejoin(address(who));
    }

    /// When [`World::run`] has something to do next.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let people = self.people.iter().flatten().filter_map(Person::poll_timeout);
        let network = self.network.poll_timeout().into_iter().chain(self.lines.poll_timeout());
        people.chain(network).chain(self.server.poll_timeout()).min()
    }

    /// Lets happen what is due at `now`.
    pub(super) fn run(&mut self, now: Instant) {
        self.now = now;
        self.deliver();
        while let Some((way, piece)) = self.lines.poll(now) {
            self.report();
            self.arrived(way, piece);
        }
        self.report();
        if self.server.poll_timeout().is_some_and(|due| due <= now) {
            self.server.handle_timeout(now);
            self.drain_server();
        }
        for who in 0..self.people.len() {
            let due = |person: &&mut Person| person.poll_timeout().is_some_and(|due| due <= now);
            if let Some(person) = self.person_mut(who).filter(due) {
                person.handle_timeout(now);
                self.drain_person(who);
            }
        }
    }

    /// What has happened and was not told yet.
    pub(super) fn poll_happening(&mut self) -> Option<Happening> {
        self.happened.pop_front()
    }

    /// Whether nobody wants anything that has not been done.
    pub(super) fn is_idle(&self) -> bool {
        self.people.iter().flatten().all(Person::is_idle)
    }

    /// Datagrams of requests that were sent more than once, each time but the first.
    pub(super) const fn retransmissions(&self) -> u64 {
        self.retransmissions
    }

    /// What the network did to datagrams.
    pub(super) const fn counters(&self) -> Counters {
        self.network.counters()
    }

    /// What the network did to segments.
    pub(super) const fn line_counters(&self) -> lines::Counters {
        self.lines.counters()
    }

    pub(super) fn person(&self, who: usize) -> Option<&Person> {
        self.people.get(who)?.as_ref()
    }

    pub(super) fn person_mut(&mut self, who: usize) -> Option<&mut Person> {
        self.people.get_mut(who)?.as_mut()
    }

    /// Does what somebody's client wants done.
    pub(super) fn drain_person(&mut self, who: usize) {
        loop {
            match self.person_mut(who) {
                Some(Person::Packed(client)) => {
                    let Some(output) = client.poll_output() else { break };
                    self.do_packed(who, output);
                }
                Some(Person::Streamed(client, _)) => {
                    let Some(output) = client.poll_output() else { break };
                    self.do_streamed(who, output);
                }
                None => break,
            }
        }
    }

    /// Does what the server wants done.
    pub(super) fn drain_server(&mut self) {
        loop {
            let mut batch = Batch::default();
            while let Some(output) = self.server.poll_output() {
                match output {
                    engine::Output::Datagram(datagram) => {
                        let (from, to) = (listener_address(datagram.listener), datagram.to);
                        let Node::Person(who) = node(to) else { continue };
                        self.send(from, to, dialect(who), &datagram.payload.to_vec());
                    }
                    engine::Output::Bytes { connection, bytes } => batch.write(connection, &bytes),
                    engine::Output::Close { connection, .. } => batch.close(connection),
                    // It keeps what it has not read yet; nobody here sends too much of it.
                    engine::Output::Reading { .. } | engine::Output::Event(_) => {}
                }
            }
            if batch.is_empty() {
                break;
            }
            self.put(batch);
        }
    }

    /// Says how often a request has been sent by now, this time included.
    pub(super) fn count(&mut self, from: Node, to: Node, key: Key) -> u32 {
        let attempts = self.attempts.entry((from, to, key)).or_default();
        *attempts = attempts.saturating_add(1);
        *attempts
    }

    fn deliver(&mut self) {
        let now = self.now;
        while let Some(arrived) = self.network.poll(now) {
            let (from, bytes) = (arrived.from, &arrived.bytes);
            match node(arrived.to) {
                Node::Server => {
                    let listener = listener_at(arrived.to);
                    self.server.handle_input(now, engine::Input::Datagram { listener, from, bytes });
                    self.drain_server();
                }
                Node::Person(who) => {
                    if let Some(client) = self.packed_client(who) {
                        client.handle_input(now, client::Input::Datagram { from, bytes });
                    }
                    self.drain_person(who);
                }
            }
        }
    }

    fn packed_client(&mut self, who: usize) -> Option<&mut Client> {
        match self.person_mut(who)? {
            Person::Packed(client) => Some(client),
            Person::Streamed(..) => None,
        }
    }

    fn do_packed(&mut self, who: usize, output: client::Output) {
        match output {
            client::Output::Event(event) => {
                self.happened.push_back(Happening::Event { who, event: Told::Packed(event) });
            }
            client::Output::Datagram { to, payload } => {
                self.send(address(who), to, dialect(who), &payload.to_vec());
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
        let attempt = key.map_or(1, |key| self.count(from, to, key));
        self.retransmissions += u64::from(attempt > 1);
        self.happened.push_back(Happening::Sent { from, to, what, attempt, lost });
    }
}
