//! A server, its clients and the network between them; the earliest event comes first.
//!
//! In: what users ask, what becomes of links and programs. Out: one event at a time, noted in the journal. Must not know
//! what ought to happen: the journal and the verdict do.

use std::net::SocketAddr;

use palabre::client::{self, Ask, Client, Ticket};
use palabre::engine::{self, Counter, Input, Integrity, Output, Server};
use palabre::ids::ListenerId;
use palabre::netsim::{Delivery, Network};
use palabre::time::Instant;

use super::journal::{Journal, Via};
use super::person::Person;

/// A place in the network where a client runs, or will run again.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) address: SocketAddr,
    pub(crate) client: Option<Client>,
    pub(crate) person: Person,
    /// How often a client was started here.
    pub(crate) life: u32,
    next_ticket: u64,
    /// The numbers under which its programs registered.
    numbers: Vec<Vec<u8>>,
}

/// What a world is made of.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) seed: u64,
    pub(crate) engine: engine::Config,
    pub(crate) client: client::Config,
    pub(crate) clients: usize,
    pub(crate) trace: bool,
}

impl Setup {
    fn integrity(&self) -> Integrity {
        self.client.integrity
    }
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) net: Network,
    pub(crate) server: Server,
    pub(crate) nodes: Vec<Node>,
    pub(crate) journal: Journal,
    setup: Setup,
    seeds: fastrand::Rng,
}

impl World {
    /// A server and addresses; no client runs yet.
    pub(crate) fn new(setup: Setup) -> Self {
        let mut seeds = fastrand::Rng::with_seed(setup.seed);
        let nodes: Vec<_> = (0..setup.clients)
            .map(|n| Node {
                name: format!("u{n}"),
                address: SocketAddr::from(([192, 0, 2, 10 + n as u8], 40_000)),
                client: None,
                person: Person::default(),
                life: 0,
                next_ticket: 0,
                numbers: Vec::new(),
            })
            .collect();
        Self {
            now: Instant::from_secs(1),
            net: Network::new(seeds.u64(..)),
            server: Server::new(setup.engine.clone(), seeds.u64(..)),
            journal: Journal::new(nodes.iter().map(|node| (node.name.clone(), node.address)), setup.trace),
            nodes,
            seeds,
            setup,
        }
    }

    /// Starts a client, in place of the one that ran there; maybe it gets another port, and then meets its own ghost (M4).
    pub(crate) fn start(&mut self, n: usize, elsewhere: bool) {
        let node = &mut self.nodes[n];
        node.life += 1;
        node.address.set_port(40_000 + u16::from(elsewhere));
        node.person = Person::default();
        let config = client::Config { name: node.name.clone(), ..self.setup.client.clone() };
        // One in 65,536 programs begins with the very CONNEXION of its predecessor, which nobody can tell from a copy (M4).
        let client = loop {
            let mut client = Client::new(config.clone(), self.seeds.u64(..), self.now);
            let Some(client::Output::Datagram { payload, .. }) = client.poll_output() else { continue };
            if !node.numbers.contains(&payload.to_vec()) {
                node.numbers.push(payload.to_vec());
                self.net.send(self.now, node.address, self.setup.client.server, &payload.to_vec());
                break client;
            }
        };
        node.client = Some(client);
        self.journal.started(self.now, n, node.life);
        self.drain_client(n, Via::Server);
    }

    /// Ends a client's program without a word.
    pub(crate) fn kill(&mut self, n: usize) {
        self.nodes[n].client = None;
        self.journal.note(self.now, || format!("u{n} is killed"));
    }

    /// Somebody wants something of his client, if one runs.
    pub(crate) fn ask(&mut self, n: usize, ask: Ask) {
        let node = &mut self.nodes[n];
        let Some(client) = node.client.as_mut().filter(|_| !node.person.has_ended) else { return };
        let ticket = Ticket(node.next_ticket);
        node.next_ticket += 1;
        let means = node.person.means();
        self.journal.asked(self.now, (n, node.life), ticket, &ask, means);
        node.person.asks(ticket, &ask);
        client.handle_input(self.now, client::Input::Ask(ticket, ask));
        self.drain_client(n, Via::Server);
    }

    pub(crate) fn server_place(&self) -> SocketAddr {
        self.setup.client.server
    }

    /// A text like no other.
    pub(crate) fn unique_text(&self, n: usize) -> String {
        format!("u{n}.{}#{}", self.nodes[n].life, self.nodes[n].next_ticket)
    }

    /// Lets happen what happens at the earliest time, if that is not after `until`; false when nothing does.
    pub(crate) fn step(&mut self, until: Instant) -> bool {
        let clients = self.nodes.iter().filter_map(|node| node.client.as_ref()?.poll_timeout());
        let next =
            [self.net.poll_timeout(), self.server.poll_timeout()].into_iter().flatten().chain(clients).min();
        let Some(next) = next.filter(|next| *next <= until) else {
            self.now = self.now.max(until);
            return false;
        };
        self.now = self.now.max(next);
        while let Some(delivery) = self.net.poll(self.now) {
            self.deliver(&delivery);
        }
        if self.server.poll_timeout().is_some_and(|due| due <= self.now) {
            self.server.handle_timeout(self.now);
            assert!(
                self.server.poll_timeout().is_none_or(|due| due > self.now),
                "the server's time stands still"
            );
            self.drain_server();
        }
        for n in 0..self.nodes.len() {
            let Some(client) = &mut self.nodes[n].client else { continue };
            if client.poll_timeout().is_some_and(|due| due <= self.now) {
                client.handle_timeout(self.now);
                assert!(
                    client.poll_timeout().is_none_or(|due| due > self.now),
                    "a client's time stands still"
                );
                self.drain_client(n, Via::Server);
            }
        }
        true
    }

    fn deliver(&mut self, arrived: &Delivery) {
        let server = self.setup.client.server;
        self.journal.delivered(self.now, arrived, self.setup.integrity());
        if arrived.to == server {
            return self.reaches_server(arrived);
        }
        let Some(n) = self.journal.node_at(arrived.to) else { return };
        let via = if arrived.from == server { Via::Server } else { Via::Direct };
        let node = &mut self.nodes[n];
        let Some(client) = node.client.as_mut().filter(|_| node.address == arrived.to) else { return };
        let integrity = self.setup.client.integrity;
        self.journal.came(self.now, (n, node.life), via, integrity, &arrived.bytes);
        client.handle_input(self.now, client::Input::Datagram { from: arrived.from, bytes: &arrived.bytes });
        self.drain_client(n, via);
    }

    fn reaches_server(&mut self, arrived: &Delivery) {
        let before = self.server.stats().count(Counter::Texts);
        let datagram = Input::Datagram { listener: ListenerId(0), from: arrived.from, bytes: &arrived.bytes };
        self.server.handle_input(self.now, datagram);
        let accepted = self.server.stats().count(Counter::Texts) - before;
        if accepted > 0 {
            let opened = self.setup.integrity().open(&arrived.bytes).expect("an accepted text is intact");
            self.journal.accepted(self.now, arrived.from, opened, self.server.rooms());
        }
        self.drain_server();
    }

    fn drain_server(&mut self) {
        while let Some(output) = self.server.poll_output() {
            match output {
                Output::Datagram(datagram) => {
                    let bytes = datagram.payload.to_vec();
                    self.net.send(self.now, self.setup.client.server, datagram.to, &bytes);
                }
                Output::Event(event) => self.journal.server_event(self.now, &event),
            }
        }
        self.journal.look_at_rooms(self.now, self.server.rooms());
    }

    fn drain_client(&mut self, n: usize, via: Via) {
        let node = &mut self.nodes[n];
        let Some(client) = &mut node.client else { return };
        while let Some(output) = client.poll_output() {
            match output {
                client::Output::Datagram { to, payload } => {
                    self.net.send(self.now, node.address, to, &payload.to_vec());
                }
                client::Output::Event(event) => {
                    self.journal.client_event(self.now, (n, node.life), &event, via);
                    if let Err(wrong) = node.person.is_told(&event) {
                        self.journal.object(self.now, &format!("{}: {wrong}", node.name));
                    }
                }
            }
        }
    }
}
