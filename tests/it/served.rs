//! A server in virtual time with the ports of its clients around it: direct delivery, so that tests read like a trace.
//!
//! In: datagrams, time. Out: what the server sends, each datagram to whoever sits at that port. Must not know any dialect:
//! the clients of `msp_client` and `shen_client` do, and may sit at one server together.

use std::cell::{RefCell, RefMut};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;

use palabre::capture::{self, Header};
use palabre::engine::{Config, Counter, DropReason, Event, Input, Output, Registry, Server};
use palabre::ids::{ConnectionId, ListenerId};
use palabre::time::{Duration, Instant};
use palabre::wire::Payload;

use super::taped::Tape;

/// What the way between a client and the server does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Way {
    /// Everything arrives, and what the server asks is acknowledged at once, unless it is a question for a person.
    #[default]
    Open,
    /// What the server sends arrives, but nothing is acknowledged.
    Mute,
    /// Nothing the server sends arrives.
    Cut,
}

/// One of the server's addresses, and a client's.
pub(crate) type Place = (ListenerId, SocketAddr);

/// Whoever listens at a port.
pub(crate) trait Ears {
    /// The server has sent this datagram, its checksum taken off. What is acknowledged at once comes back as a datagram.
    /// It has to be sound also when it is lost on the way.
    fn hears(&mut self, way: Way, datagram: &[u8]) -> Option<Vec<u8>>;

    /// What was heard is forgotten.
    fn forget(&mut self);
}

/// The server's end of one client's socket.
pub(crate) struct Port {
    pub(crate) way: Way,
    ears: Rc<RefCell<dyn Ears>>,
    /// What the server ever sent there, also what was lost on a way that is cut.
    pub(crate) datagrams: usize,
    pub(crate) bytes: usize,
    pub(crate) last: Vec<u8>,
}

struct World {
    server: Tape,
    config: Config,
    now: Instant,
    ports: BTreeMap<Place, Port>,
    events: Vec<Event>,
    pipes: BTreeMap<ConnectionId, Pipe>,
}

/// The server's end of one connection.
#[derive(Default)]
pub(crate) struct Pipe {
    /// All that was written to it and not looked at yet.
    pub(crate) written: Vec<u8>,
    /// What its socket has not taken yet.
    pub(crate) waiting: usize,
    /// Whether the far end reads: then everything is taken at once.
    pub(crate) reads: bool,
    /// Whether the server wants to hear more on it.
    pub(crate) is_read: bool,
    /// Whether the server has closed it, and lets it take what waits.
    pub(crate) closed: Option<bool>,
}

impl Pipe {
    fn is_given(&mut self, bytes: &[u8]) {
        assert!(self.closed.is_none(), "nothing is written after the end");
        self.written.extend_from_slice(bytes);
        self.waiting += bytes.len();
    }
}

/// The server and the time; its copies are the same.
#[derive(Clone)]
pub(crate) struct Served(Rc<RefCell<World>>);

impl Served {
    pub(crate) fn new(config: Config) -> Self {
        Self::on(config.clone(), Tape::new(config, 7))
    }

    /// The same, and its capture is kept.
    pub(crate) fn captured(config: Config, seed: u64) -> Self {
        let mut tape = Tape::new(config.clone(), seed);
        tape.keep();
        Self::on(config, tape)
    }

    /// This server, which has this configuration and has not met anybody yet.
    pub(crate) fn of(config: Config, server: Server) -> Self {
        let tape = Tape::unknown(&config, server);
        Self::on(config, tape)
    }

    fn on(config: Config, server: Tape) -> Self {
        let (now, ports) = (Instant::from_secs(1), BTreeMap::new());
        Self(Rc::new(RefCell::new(World {
            server,
            config,
            now,
            ports,
            events: Vec::new(),
            pipes: BTreeMap::new(),
        })))
    }

    /// An address of its own for one more client.
    pub(crate) fn fresh_address(&self) -> SocketAddr {
        let number = self.0.borrow().ports.len() + 1;
        let (network, host) = match number.checked_sub(256) {
            None => ("192.0.2".to_owned(), number),
            Some(beyond) => (format!("198.51.{}", 100 + beyond / 255), beyond % 255 + 1),
        };
        format!("{network}.{host}:{}", 40_000 + number).parse().unwrap()
    }

    /// Opens a port for `ears`, if there is none at this place.
    pub(crate) fn seat(&self, place: Place, ears: Rc<RefCell<dyn Ears>>) {
        let port = Port { way: Way::Open, ears, datagrams: 0, bytes: 0, last: Vec::new() };
        self.0.borrow_mut().ports.entry(place).or_insert(port);
    }

    pub(crate) fn port(&self, place: Place) -> RefMut<'_, Port> {
        RefMut::map(self.0.borrow_mut(), |world| world.ports.get_mut(&place).expect("a client has a port"))
    }

    /// Opens a connection from this address.
    pub(crate) fn opens(&self, listener: ListenerId, from: SocketAddr) -> ConnectionId {
        let mut world = self.0.borrow_mut();
        let connection = ConnectionId(world.pipes.len() as u64 + 1);
        world.pipes.insert(connection, Pipe { reads: true, is_read: true, ..Pipe::default() });
        world.hears(Input::Opened { listener, connection, from });
        connection
    }

    /// Something happens to a connection: bytes, its end. What the server has closed is deaf.
    pub(crate) fn stream(&self, connection: ConnectionId, input: Input<'_>) {
        let mut world = self.0.borrow_mut();
        if world.pipes[&connection].closed.is_none() {
            world.hears(input);
        }
    }

    pub(crate) fn pipe(&self, connection: ConnectionId) -> RefMut<'_, Pipe> {
        RefMut::map(self.0.borrow_mut(), |world| world.pipes.get_mut(&connection).expect("it was opened"))
    }

    /// How many connections were ever opened.
    pub(crate) fn pipes(&self) -> usize {
        self.0.borrow().pipes.len()
    }

    /// The far ends that read again take what waits.
    pub(crate) fn goes_on(&self) {
        self.0.borrow_mut().take();
    }

    /// Sends these bytes to the server, with a checksum where the listener wants one.
    pub(crate) fn receives(&self, place: Place, bytes: &[u8]) {
        self.0.borrow_mut().receives(place, bytes);
    }

    pub(crate) fn receives_as_it_is(&self, place: Place, bytes: &[u8]) {
        self.0.borrow_mut().receives_as_it_is(place, bytes);
    }

    pub(crate) fn now(&self) -> Instant {
        self.0.borrow().now
    }

    /// Time passes; whatever is due on the way is done when it is due.
    pub(crate) fn passes(&self, time: Duration) {
        let end = self.now() + time;
        loop {
            let mut world = self.0.borrow_mut();
            let next = world.server.poll_timeout().filter(|next| *next <= end);
            world.now = next.unwrap_or(end).max(world.now);
            let now = world.now;
            world.server.handle_timeout(now);
            assert!(world.server.poll_timeout().is_none_or(|next| next > now), "a timeout must move forward");
            world.settle();
            if next.is_none() {
                return;
            }
        }
    }

    /// Time passes, and nobody looks whether something is due.
    pub(crate) fn oversleeps(&self, time: Duration) {
        let mut world = self.0.borrow_mut();
        world.now = world.now + time;
    }

    pub(crate) fn stops(&self) {
        let mut world = self.0.borrow_mut();
        let now = world.now;
        world.server.handle_input(now, Input::Stop);
        world.settle();
    }

    /// The names and their addresses, to be saved (S7).
    pub(crate) fn registry(&self) -> Registry {
        self.0.borrow().server.registry().clone()
    }

    /// The capture of all so far.
    pub(crate) fn capture(&self) -> (Header, Vec<capture::Event>) {
        self.0.borrow().server.capture()
    }

    /// What the operator was told since the last time.
    pub(crate) fn events(&self) -> Vec<Event> {
        std::mem::take(&mut self.0.borrow_mut().events)
    }

    pub(crate) fn counted(&self, counter: Counter) -> u64 {
        self.0.borrow().server.stats().count(counter)
    }

    pub(crate) fn dropped(&self, reason: DropReason) -> u64 {
        self.0.borrow().server.stats().dropped(reason)
    }

    /// All clients forget what they heard.
    pub(crate) fn forgets_all(&self) {
        self.0.borrow().ports.values().for_each(|port| port.ears.borrow_mut().forget());
    }
}

impl World {
    fn receives(&mut self, place: Place, bytes: &[u8]) {
        let sealed = self.config.listeners[place.0.0].integrity.seal(Payload::new(bytes)).to_vec();
        self.receives_as_it_is(place, &sealed);
    }

    fn hears(&mut self, input: Input<'_>) {
        self.server.handle_input(self.now, input);
        self.settle();
    }

    fn receives_as_it_is(&mut self, (listener, from): Place, bytes: &[u8]) {
        self.server.handle_input(self.now, Input::Datagram { listener, from, bytes });
        self.settle();
    }

    /// Delivers what the server has to say, and what is acknowledged at once, until all is quiet.
    fn settle(&mut self) {
        let mut acknowledged = Vec::new();
        while let Some(output) = self.server.poll_output(self.now) {
            let sent = match output {
                Output::Event(event) => {
                    self.events.push(event);
                    continue;
                }
                Output::Datagram(sent) => sent,
                Output::Bytes { connection, bytes } => {
                    self.pipes.get_mut(&connection).expect("an open connection").is_given(&bytes);
                    continue;
                }
                Output::Reading { connection, wanted } => {
                    self.pipes.get_mut(&connection).expect("an open connection").is_read = wanted;
                    continue;
                }
                Output::Close { connection, flush } => {
                    let pipe = self.pipes.get_mut(&connection).expect("an open connection");
                    assert!(pipe.closed.replace(flush).is_none(), "closed once");
                    continue;
                }
            };
            let place = (sent.listener, sent.to);
            let integrity = self.config.listeners[sent.listener.0].integrity;
            let port = self.ports.get_mut(&place).expect("the server writes only to whom it has met");
            port.datagrams += 1;
            port.bytes += sent.payload.len();
            port.last = integrity.open(&sent.payload.to_vec()).expect("a checksum that fits").to_vec();
            let acknowledgement = port.ears.borrow_mut().hears(port.way, &port.last);
            acknowledged.extend(acknowledgement.map(|bytes| (place, bytes)));
        }
        for (place, bytes) in acknowledged {
            self.receives(place, &bytes);
        }
        self.take();
    }

    /// What was written to connections whose far ends read is taken.
    fn take(&mut self) {
        let takes = |pipe: &Pipe| pipe.reads && pipe.waiting > 0;
        while let Some((&connection, pipe)) = self.pipes.iter_mut().find(|(_, pipe)| takes(pipe)) {
            let bytes = std::mem::take(&mut pipe.waiting);
            if pipe.closed.is_none() {
                self.server.handle_input(self.now, Input::Written { connection, bytes });
                self.settle();
            }
        }
    }
}
