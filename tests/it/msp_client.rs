//! Raw MSP clients at a server in virtual time.
//!
//! In: what each client does. Out: what each client got, checked on the spot. Must not know what the server should do:
//! a client here remembers nothing but its id and the next number it will use.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::engine_words::{connect, create, encoded, name, registered, text};
pub(crate) use crate::served::Way;
use crate::served::{Ears, Place, Served};
use palabre::dialect::msp::{
    Body, Capabilities, Event as Happening, Kind, Message, RegisterStatus, Registration, SERVER,
};
use palabre::engine::{Config, Counter, DropReason, Event};
use palabre::ids::ListenerId;
use palabre::time::Duration;
use palabre::vocab::Mode;
use palabre::wire::Scratch;

/// Whoever sits at one address.
#[derive(Debug, Default)]
struct Seat {
    id: u8,
    inbox: VecDeque<Message<'static>>,
    /// The kinds of what the server sent, to anybody, in order.
    spoken: Rc<RefCell<Vec<Kind>>>,
}

impl Ears for Seat {
    fn hears(&mut self, way: Way, datagram: &[u8]) -> Option<Vec<u8>> {
        let message = Message::decode(datagram, &mut Scratch::new()).unwrap().into_owned();
        self.spoken.borrow_mut().push(message.kind());
        if way == Way::Cut {
            return None;
        }
        if let Body::ConnectReply(Registration::Registered { status: RegisterStatus::Accepted, id }) =
            message.body
        {
            self.id = id;
        }
        let acknowledgement = acknowledgement(&message.body).filter(|_| way == Way::Open);
        let acknowledgement = acknowledgement.map(|body| encoded(self.id, message.seq, body));
        self.inbox.push_back(message);
        acknowledgement
    }

    fn forget(&mut self) {
        self.inbox.clear();
    }
}

/// The server, the time, and the clients at one of its addresses.
pub(crate) struct Table {
    served: Served,
    listener: ListenerId,
    seats: RefCell<BTreeMap<Place, Rc<RefCell<Seat>>>>,
    spoken: Rc<RefCell<Vec<Kind>>>,
}

impl Table {
    pub(crate) fn new() -> Self {
        Self::with(Config::msp())
    }

    pub(crate) fn with(config: Config) -> Self {
        Self::at(&Served::new(config), ListenerId(0))
    }

    /// A table at this listener of a server, where others may have theirs.
    pub(crate) fn at(served: &Served, listener: ListenerId) -> Self {
        Self { served: served.clone(), listener, seats: RefCell::default(), spoken: Rc::default() }
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
        self.stranger_at(self.listener, &self.served.fresh_address().to_string())
    }

    pub(crate) fn stranger_at(&self, listener: ListenerId, address: &str) -> Client {
        let place = (listener, address.parse().unwrap());
        let mut seats = self.seats.borrow_mut();
        let fresh = || Rc::new(RefCell::new(Seat { spoken: Rc::clone(&self.spoken), ..Seat::default() }));
        let seat = Rc::clone(seats.entry(place).or_insert_with(fresh));
        self.served.seat(place, Rc::clone(&seat) as Rc<RefCell<dyn Ears>>);
        Client { served: self.served.clone(), place, seat, next: Cell::new(1) }
    }

    /// A client at an address of its own that has registered.
    #[track_caller]
    pub(crate) fn joins(&self, name: &str) -> Client {
        let client = self.stranger();
        client.registers(name);
        client
    }

    /// Time passes; whatever is due on the way is done when it is due.
    pub(crate) fn passes(&self, time: Duration) {
        self.served.passes(time);
    }

    pub(crate) fn stops(&self) {
        self.served.stops();
    }

    /// What the operator was told since the last time.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.served.events()
    }

    /// What the server sent here since the last time, to anybody, in order.
    pub(crate) fn spoken(&self) -> Vec<Kind> {
        std::mem::take(&mut self.spoken.borrow_mut())
    }

    pub(crate) fn counted(&self, counter: Counter) -> u64 {
        self.served.counted(counter)
    }

    pub(crate) fn dropped(&self, reason: DropReason) -> u64 {
        self.served.dropped(reason)
    }

    pub(crate) fn forgets_all(&self) {
        self.served.forgets_all();
    }
}

/// One raw client.
pub(crate) struct Client {
    served: Served,
    place: Place,
    seat: Rc<RefCell<Seat>>,
    next: Cell<u16>,
}

impl Client {
    pub(crate) fn id(&self) -> u8 {
        self.seat.borrow().id
    }

    /// Another program, or another person, at the same address; its numbers begin at `first`.
    pub(crate) fn again_from(&self, first: u16) -> Self {
        let (served, seat) = (self.served.clone(), Rc::clone(&self.seat));
        Self { served, place: self.place, seat, next: Cell::new(first) }
    }

    pub(crate) fn is(&self, way: Way) {
        self.served.port(self.place).way = way;
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
        self.served.receives(self.place, bytes);
    }

    pub(crate) fn sends_raw(&self, bytes: &[u8]) {
        self.served.receives_as_it_is(self.place, bytes);
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
        let mut seat = self.seat.borrow_mut();
        let at = seat.inbox.iter().position(is_answer)?;
        let answer = seat.inbox.remove(at)?;
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
        self.seat.borrow_mut().inbox.pop_front().expect("something in the inbox")
    }

    #[track_caller]
    pub(crate) fn gets_nothing(&self) {
        let seat = self.seat.borrow();
        assert!(seat.inbox.is_empty(), "{:?}", seat.inbox);
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
        self.seat.borrow_mut().forget();
    }

    /// Takes all that lies in the inbox.
    pub(crate) fn takes_all(&self) -> Vec<Message<'static>> {
        self.seat.borrow_mut().inbox.drain(..).collect()
    }

    /// The last datagram the server sent here.
    pub(crate) fn last_bytes(&self) -> Vec<u8> {
        self.served.port(self.place).last.clone()
    }

    /// How many datagrams the server sent here, and their bytes.
    pub(crate) fn traffic(&self) -> (usize, usize) {
        let port = self.served.port(self.place);
        (port.datagrams, port.bytes)
    }
}

fn acknowledgement(body: &Body<'_>) -> Option<Body<'static>> {
    match body {
        Body::Text { .. } => Some(Body::TextReply),
        Body::Notification(_) => Some(Body::NotificationReply),
        _ => None,
    }
}
