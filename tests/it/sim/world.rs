//! A server, its clients and the network between them; the earliest event comes first.
//!
//! In: what users ask, what becomes of links and programs. Out: one event at a time, noted in the journal. Must not know
//! what ought to happen: the journal and the verdict do.

use std::net::SocketAddr;

use palabre::client::{self, Ask, Client, Protocol, Ticket};
use palabre::engine::{self, Counter, Input, Output};
use palabre::ids::ListenerId;
use palabre::netsim::{Delivery, Network};
use palabre::time::Instant;

use super::journal::{Journal, Via};
use super::person::{Decisions, Person};
use super::texts::unique;
use super::wire::{Wire, Wraps};
use crate::taped::Tape;

/// A place in the network where a client runs, or will run again.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) protocol: Protocol,
    pub(crate) address: SocketAddr,
    pub(crate) client: Option<Client>,
    pub(crate) person: Person,
    /// How often a client was started here.
    pub(crate) life: u32,
    next_ticket: u64,
    /// The numbers under which its programs registered.
    numbers: Vec<Vec<u8>>,
    /// How often the numbers under which it speaks, and is spoken to, began anew.
    wraps: [Wraps; 2],
}

impl Node {
    /// What people of `protocol` call the one who is here: MSP has no place for longer names.
    pub(crate) fn shown_to(&self, protocol: Protocol) -> String {
        let longest = if protocol == Protocol::Msp { 10 } else { self.name.len() };
        self.name.chars().take(longest).collect()
    }
}

/// What a world is made of.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) seed: u64,
    pub(crate) engine: engine::Config,
    /// How clients of each protocol are set up.
    pub(crate) msp: client::Config,
    pub(crate) shen: client::Config,
    /// What is spoken at each node.
    pub(crate) nodes: Vec<Protocol>,
    pub(crate) trace: bool,
}

impl Setup {
    fn client(&self, protocol: Protocol) -> &client::Config {
        match protocol {
            Protocol::Msp => &self.msp,
            Protocol::Shen => &self.shen,
        }
    }

    fn wire(&self, protocol: Protocol) -> Wire {
        Wire { protocol, integrity: self.client(protocol).integrity }
    }

    /// Listeners are in this order.
    fn places(&self) -> [SocketAddr; 2] {
        [self.msp.server, self.shen.server]
    }
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) net: Network,
    pub(crate) server: Tape,
    pub(crate) nodes: Vec<Node>,
    pub(crate) journal: Journal,
    pub(crate) decisions: Decisions,
    setup: Setup,
    seeds: fastrand::Rng,
}

impl World {
    /// A server and addresses; no client runs yet.
    pub(crate) fn new(setup: Setup) -> Self {
        let mut seeds = fastrand::Rng::with_seed(setup.seed);
        let nodes: Vec<_> = (0..)
            .zip(&setup.nodes)
            .map(|(n, protocol)| Node {
                // Every other one who speaks Shen's protocol has a name that MSP has to shorten.
                name: match protocol {
                    Protocol::Shen if n % 2 == 1 => format!("u{n}-d'Outremer"),
                    _ => format!("u{n}"),
                },
                protocol: *protocol,
                address: SocketAddr::from(([192, 0, 2, 10 + n], 40_000)),
                client: None,
                person: Person::default(),
                life: 0,
                next_ticket: 0,
                numbers: Vec::new(),
                wraps: Default::default(),
            })
            .collect();
        Self {
            now: Instant::from_secs(1),
            net: Network::new(seeds.u64(..)),
            server: Tape::new(setup.engine.clone(), seeds.u64(..)),
            journal: Journal::new(nodes.iter().map(|node| (node.name.clone(), node.address)), setup.trace),
            nodes,
            decisions: Decisions::default(),
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
        let config = client::Config { name: node.name.clone(), ..self.setup.client(node.protocol).clone() };
        // One in 65,536 programs begins with the very CONNEXION of its predecessor, which nobody can tell from a copy (M4).
        let client = loop {
            let mut client = Client::new(config.clone(), self.seeds.u64(..), self.now);
            let Some(client::Output::Datagram { payload, .. }) = client.poll_output() else { continue };
            if !node.numbers.contains(&payload.to_vec()) {
                node.numbers.push(payload.to_vec());
                self.net.send(self.now, node.address, config.server, &payload.to_vec());
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

    /// Where the server is reached from a node.
    pub(crate) fn server_place(&self, n: usize) -> SocketAddr {
        self.setup.client(self.nodes[n].protocol).server
    }

    /// Every place where the server is.
    pub(crate) fn server_places(&self) -> [SocketAddr; 2] {
        self.setup.places()
    }

    /// A text like no other, of its shortest length or of this one.
    pub(crate) fn unique_text(&self, n: usize, length: usize) -> String {
        unique(&format!("u{n}.{}#{}", self.nodes[n].life, self.nodes[n].next_ticket), length)
    }

    /// How often numbers began anew in the direction where they did so least, at the node where they did most.
    pub(crate) fn wraps(&self) -> usize {
        self.nodes
            .iter()
            .filter_map(|node| node.wraps.iter().map(|wraps| wraps.count).min())
            .max()
            .unwrap_or(0)
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
        let listener = self.setup.places().iter().position(|place| *place == arrived.to);
        let node = self.journal.node_at(if listener.is_some() { arrived.from } else { arrived.to });
        let Some(n) = node else { return };
        let wire = self.setup.wire(self.nodes[n].protocol);
        self.journal.delivered(self.now, arrived, wire);
        if let Some(listener) = listener {
            return self.reaches_server(ListenerId(listener), arrived, wire);
        }
        let via = if self.setup.places().contains(&arrived.from) { Via::Server } else { Via::Direct };
        let node = &mut self.nodes[n];
        let Some(client) = node.client.as_mut().filter(|_| node.address == arrived.to) else { return };
        self.journal.came(self.now, (n, node.life), via, wire.spoken(&arrived.bytes));
        if wire.grants(&arrived.bytes) {
            self.journal.hears_of_move(self.now, (n, node.life));
        }
        client.handle_input(self.now, client::Input::Datagram { from: arrived.from, bytes: &arrived.bytes });
        self.drain_client(n, via);
    }

    fn reaches_server(&mut self, listener: ListenerId, arrived: &Delivery, wire: Wire) {
        let before = self.server.stats().count(Counter::Texts);
        let datagram = Input::Datagram { listener, from: arrived.from, bytes: &arrived.bytes };
        self.server.handle_input(self.now, datagram);
        let accepted = self.server.stats().count(Counter::Texts) - before;
        if accepted > 0 {
            let spoken = wire.spoken(&arrived.bytes).expect("an accepted text is intact");
            self.journal.accepted(self.now, arrived.from, &spoken, wire.dialect(), &self.server);
        }
        self.drain_server();
    }

    fn drain_server(&mut self) {
        while let Some(output) = self.server.poll_output(self.now) {
            match output {
                Output::Datagram(datagram) => {
                    let bytes = datagram.payload.to_vec();
                    if let Some(n) = self.journal.node_at(datagram.to) {
                        self.count_wraps(n, 1, &bytes);
                    }
                    let from = self.setup.places()[datagram.listener.0];
                    self.net.send(self.now, from, datagram.to, &bytes);
                }
                Output::Event(event) => self.journal.server_event(self.now, &event),
                stream => panic!("nobody opened a connection: {stream:?}"),
            }
        }
        self.journal.look_at_rooms(self.now, self.server.rooms());
    }

    fn count_wraps(&mut self, n: usize, direction: usize, bytes: &[u8]) {
        let node = &mut self.nodes[n];
        if let Some(seq) = self.setup.wire(node.protocol).narrow_number(bytes) {
            node.wraps[direction].sent(seq);
        }
    }

    fn drain_client(&mut self, n: usize, via: Via) {
        let server = self.server_place(n);
        loop {
            let node = &mut self.nodes[n];
            let Some(output) = node.client.as_mut().and_then(Client::poll_output) else { return };
            match output {
                client::Output::Datagram { to, payload } => {
                    self.net.send(self.now, node.address, to, &payload.to_vec());
                    if to == server {
                        let wire = self.setup.wire(node.protocol);
                        self.journal.sends(self.now, wire.spoken(&payload.to_vec()));
                        self.count_wraps(n, 0, &payload.to_vec());
                    }
                }
                client::Output::Event(event) => {
                    self.journal.client_event(self.now, (n, node.life), &event, via);
                    if let Err(wrong) = node.person.is_told(&event, &mut self.decisions) {
                        self.journal.object(self.now, &format!("{}: {wrong}", node.name));
                    }
                }
            }
        }
    }
}
