//! A table with a server and raw MSP clients around it: virtual time, direct delivery, so that tests read like a trace.
//!
//! In: what each client does. Out: what each client got, checked on the spot. Must not know what the server should do:
//! a client here remembers nothing but its id and the next number it will use.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;

use crate::engine_words::{connect, create, encoded, name, registered, text};
use palabre::dialect::msp::{
    Body, Capabilities, Event as Happening, Kind, Message, RegisterStatus, Registration, SERVER,
};
use palabre::engine::{Config, Counter, DropReason, Event, Input, Output, Server};
use palabre::ids::ListenerId;
use palabre::time::{Duration, Instant};
use palabre::vocab::Mode;
use palabre::wire::{Payload, Scratch};

/// What the way between a client and the server does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Way {
    /// Everything arrives, and what the server asks is acknowledged at once. A 13 is not: that is for a person.
    #[default]
    Open,
    /// What the server sends arrives, but nothing is acknowledged.
    Mute,
    /// Nothing the server sends arrives.
    Cut,
}

/// The server's end of one client's socket.
#[derive(Debug, Default)]
struct Port {
    way: Way,
    id: u8,
    inbox: VecDeque<Message<'static>>,
    /// What the server ever sent there, also what was lost on a way that is cut.
    datagrams: usize,
    bytes: usize,
    last: Vec<u8>,
}

type Place = (ListenerId, SocketAddr);

struct World {
    server: Server,
    config: Config,
    now: Instant,
    ports: BTreeMap<Place, Port>,
    events: Vec<Event>,
    /// The kinds of what the server sent, to anybody, in order.
    spoken: Vec<Kind>,
}

impl World {
    fn receives(&mut self, place: Place, bytes: &[u8]) {
        let sealed = self.config.listeners[place.0.0].integrity.seal(Payload::new(bytes)).to_vec();
        self.receives_as_it_is(place, &sealed);
    }

    fn receives_as_it_is(&mut self, (listener, from): Place, bytes: &[u8]) {
        self.server.handle_input(self.now, Input::Datagram { listener, from, bytes });
        self.settle();
    }

    /// Delivers what the server has to say, and what is acknowledged at once, until all is quiet.
    fn settle(&mut self) {
        let mut acknowledged = Vec::new();
        while let Some(output) = self.server.poll_output() {
            let sent = match output {
                Output::Event(event) => {
                    self.events.push(event);
                    continue;
                }
                Output::Datagram(sent) => sent,
            };
            let place = (sent.listener, sent.to);
            let integrity = self.config.listeners[sent.listener.0].integrity;
            let port = self.ports.get_mut(&place).expect("the server writes only to whom it has met");
            port.datagrams += 1;
            port.bytes += sent.payload.len();
            port.last = integrity.open(&sent.payload.to_vec()).expect("a checksum that fits").to_vec();
            let message = Message::decode(&port.last, &mut Scratch::new()).unwrap().into_owned();
            self.spoken.push(message.kind());
            if port.way == Way::Cut {
                continue;
            }
            if let Body::ConnectReply(Registration::Registered { status: RegisterStatus::Accepted, id }) =
                message.body
            {
                port.id = id;
            }
            if port.way == Way::Open {
                acknowledged
                    .extend(acknowledgement(&message.body).map(|body| (place, port.id, message.seq, body)));
            }
            port.inbox.push_back(message);
        }
        for (place, user, seq, body) in acknowledged {
            self.receives(place, &encoded(user, seq, body));
        }
    }
}

/// The server and the time.
pub(crate) struct Table(Rc<RefCell<World>>);

impl Table {
    pub(crate) fn new() -> Self {
        Self::with(Config::msp())
    }

    pub(crate) fn with(config: Config) -> Self {
        let server = Server::new(config.clone(), 7);
        let (now, ports) = (Instant::from_secs(1), BTreeMap::new());
        let world = World { server, config, now, ports, events: Vec::new(), spoken: Vec::new() };
        Self(Rc::new(RefCell::new(world)))
    }

    /// A table where these are registered, in this order, and what they heard of each other is forgotten.
    pub(crate) fn of<const N: usize>(names: [&str; N]) -> (Self, [Client; N]) {
        let table = Self::new();
        let clients = names.map(|name| table.joins(name));
        table.forgets_all();
        (table, clients)
    }

    /// The same, for clients who read NOTIFICATION.
    pub(crate) fn of_readers<const N: usize>(names: [&str; N]) -> (Self, [Client; N]) {
        let (table, clients) = Self::of(names);
        clients.iter().for_each(Client::says_hello);
        (table, clients)
    }

    /// A client at an address of its own that has not said anything yet.
    pub(crate) fn stranger(&self) -> Client {
        let number = self.0.borrow().ports.len() + 1;
        let (network, host) = if number < 256 { ("192.0.2", number) } else { ("198.51.100", number - 255) };
        self.stranger_at(ListenerId(0), &format!("{network}.{host}:{}", 40_000 + number))
    }

    pub(crate) fn stranger_at(&self, listener: ListenerId, address: &str) -> Client {
        let place = (listener, address.parse().unwrap());
        self.0.borrow_mut().ports.entry(place).or_default();
        Client { world: Rc::clone(&self.0), place, next: Cell::new(1) }
    }

    /// A client at an address of its own that has registered.
    #[track_caller]
    pub(crate) fn joins(&self, name: &str) -> Client {
        let client = self.stranger();
        client.registers(name);
        client
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

    pub(crate) fn stops(&self) {
        let mut world = self.0.borrow_mut();
        let now = world.now;
        world.server.handle_input(now, Input::Stop);
        world.settle();
    }

    /// What the operator was told since the last time.
    pub(crate) fn events(&self) -> Vec<Event> {
        std::mem::take(&mut self.0.borrow_mut().events)
    }

    /// What the server sent since the last time, to anybody, in order.
    pub(crate) fn spoken(&self) -> Vec<Kind> {
        std::mem::take(&mut self.0.borrow_mut().spoken)
    }

    pub(crate) fn counted(&self, counter: Counter) -> u64 {
        self.0.borrow().server.stats().count(counter)
    }

    pub(crate) fn dropped(&self, reason: DropReason) -> u64 {
        self.0.borrow().server.stats().dropped(reason)
    }

    pub(crate) fn forgets_all(&self) {
        self.0.borrow_mut().ports.values_mut().for_each(|port| port.inbox.clear());
    }
}

/// One raw client.
pub(crate) struct Client {
    world: Rc<RefCell<World>>,
    place: Place,
    next: Cell<u16>,
}

impl Client {
    pub(crate) fn id(&self) -> u8 {
        self.port(|port| port.id)
    }

    /// Another program, or another person, at the same address; its numbers begin at `first`.
    pub(crate) fn again_from(&self, first: u16) -> Self {
        Self { world: Rc::clone(&self.world), place: self.place, next: Cell::new(first) }
    }

    pub(crate) fn is(&self, way: Way) {
        self.port(|port| port.way = way);
    }

    /// Sends a request under the next number, and says which that was.
    pub(crate) fn sends(&self, body: Body<'_>) -> u16 {
        let seq = self.next.get();
        self.next.set(seq.wrapping_add(1));
        self.sends_as(self.id(), seq, body);
        seq
    }

    pub(crate) fn sends_as(&self, user: u8, seq: u16, body: Body<'_>) {
        self.sends_bytes(&encoded(user, seq, body));
    }

    /// Sends these bytes, with a checksum where the listener wants one.
    pub(crate) fn sends_bytes(&self, bytes: &[u8]) {
        self.world.borrow_mut().receives(self.place, bytes);
    }

    pub(crate) fn sends_raw(&self, bytes: &[u8]) {
        self.world.borrow_mut().receives_as_it_is(self.place, bytes);
    }

    /// Sends a request and takes its answer out of the inbox.
    #[track_caller]
    pub(crate) fn asks(&self, body: Body<'_>) -> Body<'static> {
        let seq = self.sends(body);
        self.answer_to(seq).expect("an answer")
    }

    /// Takes the answer to `seq` out of the inbox. It is the server's, and so it says (M2).
    #[track_caller]
    pub(crate) fn answer_to(&self, seq: u16) -> Option<Body<'static>> {
        let is_answer = |message: &Message<'_>| message.seq == seq && !message.kind().is_request();
        let answer = self.port(|port| {
            let at = port.inbox.iter().position(is_answer)?;
            port.inbox.remove(at)
        })?;
        assert_eq!(answer.user, SERVER);
        Some(answer.body)
    }

    #[track_caller]
    pub(crate) fn registers(&self, name: &str) {
        let answer = self.asks(connect(name));
        assert_eq!(answer, registered(RegisterStatus::Accepted, self.id()), "{name}");
    }

    pub(crate) fn says_hello(&self) {
        let capabilities = Capabilities::NOTIFICATIONS;
        let answer = self.asks(Body::Hello { version: 1, capabilities });
        assert_eq!(answer, Body::HelloReply { version: 1, capabilities });
    }

    #[track_caller]
    pub(crate) fn says(&self, words: &str) {
        assert_eq!(self.asks(text(words)), Body::TextReply);
    }

    #[track_caller]
    pub(crate) fn creates(&self, room: &str, mode: Mode) {
        let answer = self.asks(create(room, mode, 10));
        assert!(matches!(answer, Body::CreateRoomReply { room: 1.., .. }), "{answer:?}");
    }

    /// The next thing in the inbox.
    #[track_caller]
    pub(crate) fn gets(&self) -> Message<'static> {
        self.port(|port| port.inbox.pop_front()).expect("something in the inbox")
    }

    #[track_caller]
    pub(crate) fn gets_nothing(&self) {
        self.port(|port| assert!(port.inbox.is_empty(), "{:?}", port.inbox));
    }

    #[track_caller]
    pub(crate) fn hears(&self, words: &str, from: &Self) {
        let got = self.gets();
        assert_eq!((got.user, got.body), (from.id(), text(words)));
    }

    #[track_caller]
    pub(crate) fn is_told(&self, words: &str) {
        let got = self.gets();
        assert_eq!((got.user, got.body), (SERVER, text(words)));
    }

    #[track_caller]
    pub(crate) fn is_notified(&self, event: Happening<'_>) {
        let got = self.gets();
        assert_eq!((got.user, got.body), (SERVER, Body::Notification(event)));
    }

    /// Gets an offer, and says under which number.
    #[track_caller]
    pub(crate) fn is_invited(&self, by: &str, mode: Mode, room: &str) -> u16 {
        let got = self.gets();
        assert_eq!((got.user, got.body), (SERVER, Body::Offer { by: name(by), mode, room: name(room) }));
        got.seq
    }

    pub(crate) fn answers_offer(&self, seq: u16, declined: bool) {
        self.sends_as(self.id(), seq, Body::OfferReply { declined });
    }

    pub(crate) fn forgets(&self) {
        self.port(|port| port.inbox.clear());
    }

    /// Takes all that lies in the inbox.
    pub(crate) fn takes_all(&self) -> Vec<Message<'static>> {
        self.port(|port| port.inbox.drain(..).collect())
    }

    /// The last datagram the server sent here.
    pub(crate) fn last_bytes(&self) -> Vec<u8> {
        self.port(|port| port.last.clone())
    }

    /// How many datagrams the server sent here, and their bytes.
    pub(crate) fn traffic(&self) -> (usize, usize) {
        self.port(|port| (port.datagrams, port.bytes))
    }

    fn port<T>(&self, look: impl FnOnce(&mut Port) -> T) -> T {
        look(self.world.borrow_mut().ports.get_mut(&self.place).expect("a client has a port"))
    }
}

fn acknowledgement(body: &Body<'_>) -> Option<Body<'static>> {
    match body {
        Body::Text { .. } => Some(Body::TextReply),
        Body::Notification(_) => Some(Body::NotificationReply),
        _ => None,
    }
}
