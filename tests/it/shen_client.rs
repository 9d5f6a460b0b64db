//! Raw clients of Shen's protocol at a server in virtual time.
//!
//! In: what each client does. Out: what each client got, checked on the spot. Must not know what the server should do: a
//! client here remembers nothing but the next number it will use and which of its requests are open.
//!
//! Nothing is acknowledged by itself, so that a test shows every datagram; a client whose way is [`Way::Open`] does
//! acknowledge what is no question for a person.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;

use palabre::dialect::shen::{Body, Entry, Kind, Message, listed, relayed, words};
use palabre::engine::{Config, Listener};
use palabre::ids::ListenerId;
use palabre::time::Duration;
use palabre::vocab::Mode;
use palabre::wire::Scratch;

use crate::served::{Ears, Place, Served, Way};

/// Whoever sits at one address.
#[derive(Debug, Default)]
struct Seat {
    inbox: VecDeque<Message<'static>>,
    /// The numbers of requests that have no answer yet: nothing else tells a response from a request (S5).
    open: BTreeSet<u16>,
}

impl Ears for Seat {
    fn hears(&mut self, way: Way, datagram: &[u8]) -> Option<Vec<u8>> {
        let message = decoded(datagram);
        if way == Way::Cut {
            return None;
        }
        let is_answer = message.kind() == Kind::Ack || self.open.contains(&message.seq);
        let at_once = way == Way::Open && !is_answer && !is_question(&message.body);
        let acknowledgement = at_once.then(|| encoded(message.seq, ack("")));
        self.open.remove(&message.seq);
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
}

impl Table {
    pub(crate) fn new() -> Self {
        Self::at(&Served::new(Config::new(vec![Listener::shen()])), ListenerId(0))
    }

    /// A table at this listener of a server, where others may have theirs.
    pub(crate) fn at(served: &Served, listener: ListenerId) -> Self {
        Self { served: served.clone(), listener, seats: RefCell::default() }
    }

    /// A table where these are registered, in this order.
    pub(crate) fn of<const N: usize>(names: [&str; N]) -> (Self, [Client; N]) {
        let table = Self::new();
        let clients = names.map(|name| table.joins(name));
        (table, clients)
    }

    /// A client at an address of its own that has not said anything yet.
    pub(crate) fn stranger(&self) -> Client {
        self.stranger_at(&self.served.fresh_address().to_string())
    }

    pub(crate) fn stranger_at(&self, address: &str) -> Client {
        let place = (self.listener, address.parse().unwrap());
        let seat = Rc::clone(self.seats.borrow_mut().entry(place).or_default());
        self.served.seat(place, Rc::clone(&seat) as Rc<RefCell<dyn Ears>>);
        self.served.port(place).way = Way::Mute;
        Client { served: self.served.clone(), place, seat, next: Cell::new(0) }
    }

    /// A client at an address of its own that has registered, under the number 0.
    #[track_caller]
    pub(crate) fn joins(&self, name: &str) -> Client {
        let client = self.stranger();
        client.registers(name);
        client
    }

    pub(crate) const fn served(&self) -> &Served {
        &self.served
    }

    /// Time passes; whatever is due on the way is done when it is due.
    pub(crate) fn passes(&self, time: Duration) {
        self.served.passes(time);
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
    pub(crate) fn is(&self, way: Way) {
        self.served.port(self.place).way = way;
    }

    /// Where datagrams to it go.
    pub(crate) fn address(&self) -> SocketAddr {
        self.place.1
    }

    /// Its next request bears this number.
    pub(crate) fn counts_from(&self, seq: u16) {
        self.next.set(seq);
    }

    /// Sends a request under the next number, and says which that was.
    pub(crate) fn sends(&self, body: Body<'_>) -> u16 {
        let seq = self.next.get();
        self.next.set((seq + 1) % 1_024);
        self.sends_as(seq, body);
        seq
    }

    /// Sends a request under this number, perhaps again.
    pub(crate) fn sends_as(&self, seq: u16, body: Body<'_>) {
        self.seat.borrow_mut().open.insert(seq);
        self.sends_bytes(&encoded(seq, body));
    }

    pub(crate) fn sends_bytes(&self, bytes: &[u8]) {
        self.served.receives(self.place, bytes);
    }

    /// Sends a request and takes its answer out of the inbox.
    #[track_caller]
    pub(crate) fn asks(&self, body: Body<'_>) -> Body<'static> {
        let seq = self.sends(body);
        let mut seat = self.seat.borrow_mut();
        let at = seat.inbox.iter().position(|message| message.seq == seq).expect("an answer");
        seat.inbox.remove(at).expect("what was found").body
    }

    #[track_caller]
    pub(crate) fn registers(&self, name: &str) {
        assert_eq!(self.asks(Body::plain(Kind::Connect, name)), ack(""), "{name}");
    }

    /// Asks for the list; it has one page.
    #[track_caller]
    pub(crate) fn lists(&self) -> Vec<Entry<'static>> {
        match self.asks(Body::plain(Kind::ListUsers, "")) {
            Body::List(entries) => entries,
            other => panic!("no list: {other:?}"),
        }
    }

    /// The handle of somebody else, as the list has it (S3).
    #[track_caller]
    pub(crate) fn handle_of(&self, name: &str) -> u16 {
        let is_he = |entry: &&Entry<'_>| listed(entry).expect("an entry").user == name;
        self.lists().iter().find(is_he).expect("somebody of that name").user
    }

    /// The same, from a list that may have several pages, which are acknowledged.
    #[track_caller]
    pub(crate) fn handle_of_in_pages(&self, name: &str) -> u16 {
        let seq = self.sends(Body::plain(Kind::ListUsers, ""));
        let mut handle = None;
        for page in self.takes_all() {
            let Body::List(entries) = page.body else { panic!("no list: {page:?}") };
            let is_he = |entry: &&Entry<'_>| listed(entry).expect("an entry").user == name;
            handle = handle.or(entries.iter().find(is_he).map(|entry| entry.user));
            if page.seq != seq {
                self.acks(page.seq);
            }
        }
        handle.expect("somebody of that name")
    }

    /// Invites these, chooses the mode and names the room; they have been asked then.
    #[track_caller]
    pub(crate) fn proposes(&self, users: &str, mode: Mode, room: &str) {
        assert_eq!(self.asks(invite(users)), Body::plain(Kind::ModeOffer, words::MODES));
        // Before the mode is chosen, so that nobody can accept before it has its name.
        assert_eq!(self.asks(room_body(Kind::NameRoom, Mode::Central, room)), ack(""));
        assert_eq!(self.asks(room_body(Kind::ChooseMode, mode, "")), ack(""));
    }

    /// Takes all that lies in the inbox.
    pub(crate) fn takes_all(&self) -> Vec<Message<'static>> {
        self.seat.borrow_mut().inbox.drain(..).collect()
    }

    /// How many datagrams the server sent here, their bytes, and the last of them.
    pub(crate) fn traffic(&self) -> (usize, usize, Vec<u8>) {
        let port = self.served.port(self.place);
        (port.datagrams, port.bytes, port.last.clone())
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

    /// The next thing in the inbox is this answer to the request `seq`.
    #[track_caller]
    pub(crate) fn is_answered(&self, seq: u16, body: Body<'_>) {
        assert_eq!(self.gets(), Message { seq, body });
    }

    /// The next thing in the inbox is this request of the server; says under which number, which is that of no open
    /// request of this client (S5).
    #[track_caller]
    pub(crate) fn is_asked(&self, body: Body<'_>) -> u16 {
        let got = self.gets();
        let seq = got.seq;
        assert_eq!(got, Message { seq, body });
        assert!(!self.seat.borrow().open.contains(&seq), "{seq} is open");
        seq
    }

    /// The server has passed on what the owner of this handle said: to all, or to this client alone.
    #[track_caller]
    pub(crate) fn hears(&self, text: &str, (author, emitter): (&str, u16), receiver: u16) -> u16 {
        let text = relayed(text, author).into();
        self.is_asked(Body::Speech { kind: Kind::Relay, emitter, receiver, text })
    }

    /// The server has said, or asked, something itself.
    #[track_caller]
    pub(crate) fn is_told(&self, text: &str) -> u16 {
        self.is_asked(Body::Speech { kind: Kind::Relay, emitter: 0, receiver: 0, text: text.into() })
    }

    /// An invitation has come; says under which number.
    #[track_caller]
    pub(crate) fn is_invited(&self, by: &str) -> u16 {
        let got = self.gets();
        let Body::Room { kind: Kind::Invite, private: true, text, .. } = &got.body else {
            panic!("no invitation: {got:?}")
        };
        assert_eq!(*text, words::invited(by));
        got.seq
    }

    /// Confirms that a request of the server was received.
    pub(crate) fn acks(&self, seq: u16) {
        self.answers(seq, ack(""));
    }

    /// Answers a request of the server.
    pub(crate) fn answers(&self, seq: u16, body: Body<'_>) {
        self.sends_bytes(&encoded(seq, body));
    }

    pub(crate) fn accepts(&self, seq: u16) {
        self.answers(seq, Body::plain(Kind::Accept, ""));
    }
}

pub(crate) fn plain(kind: Kind, text: &str) -> Body<'_> {
    Body::plain(kind, text)
}

pub(crate) fn ack(text: &str) -> Body<'_> {
    Body::plain(Kind::Ack, text)
}

/// A text for the owner of this handle, or for all in the room.
pub(crate) fn send(receiver: u16, text: &str) -> Body<'_> {
    Body::Speech { kind: Kind::Send, emitter: 0, receiver, text: text.into() }
}

/// An invitation to a room that does not exist yet.
pub(crate) fn invite(users: &str) -> Body<'_> {
    Body::Room { kind: Kind::Invite, private: false, mode: Mode::Central, room: 0, text: users.into() }
}

/// What else is said of one's own private room.
pub(crate) fn room_body(kind: Kind, mode: Mode, text: &str) -> Body<'_> {
    Body::Room { kind, private: true, mode, room: 0, text: text.into() }
}

pub(crate) fn encoded(seq: u16, body: Body<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    Message { seq, body }.encode(&mut bytes).unwrap();
    bytes
}

/// What the server has sent: it can be read, and is as short and plain as it can be.
fn decoded(datagram: &[u8]) -> Message<'static> {
    let message = Message::decode(datagram, &mut Scratch::new()).unwrap().into_owned();
    assert_eq!(encoded(message.seq, message.body.clone()), datagram, "{message:?}");
    message
}

/// Whether a person has to decide it (S8, S9, S10).
fn is_question(body: &Body<'_>) -> bool {
    match body {
        Body::Room { kind, .. } => *kind == Kind::Invite,
        Body::Speech { emitter: 0, text, .. } => *text == words::VOTE || text.ends_with(" demande d'entrer"),
        _ => false,
    }
}
