//! Somebody who speaks MSP, datagram by datagram.
//!
//! In: what to ask, what to wait for. Out: messages that came. He asks until he is answered; texts and notifications are
//! acknowledged as they come, an offer when the script answers it. Must not know what the server should do.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use palabre::dialect::msp::{
    Body, Capabilities, ErrorCode, Event, Kind, Message, NOBODY, Name, RegisterStatus, Registration, SERVER,
};
use palabre::vocab::Mode;
use palabre::wire::{Integrity, Payload, Scratch};

use super::packets::{Attention, Ear, Tongue};

/// T of the protocol, and half of M.
const AGAIN: Duration = Duration::from_millis(100);
const TRIES: usize = 5;

/// What he answered, or will answer, to what the server asked under a number.
type Answers = Arc<Mutex<BTreeMap<(u16, Kind), Option<Vec<u8>>>>>;

pub(super) struct Msp {
    ear: Ear<Listener>,
    integrity: Integrity,
    id: Arc<AtomicU8>,
    answers: Answers,
    next: Cell<u16>,
}

pub(super) struct Listener {
    integrity: Integrity,
    id: Arc<AtomicU8>,
    answers: Answers,
}

impl Tongue for Listener {
    type Message = Message<'static>;

    fn hears(
        &mut self,
        datagram: &[u8],
        attention: Attention,
    ) -> (Option<Message<'static>>, Option<Vec<u8>>) {
        // A bad link may have damaged it.
        let opened = self.integrity.open(datagram);
        let Some(Ok(message)) =
            opened.map(|bytes| Message::decode(bytes, &mut Scratch::new()).map(Message::into_owned))
        else {
            return (None, None);
        };
        if !message.kind().is_request() {
            return (Some(message), None);
        }
        let mut answers = self.answers.lock().expect("nobody panics");
        let key = (message.seq, message.kind());
        if let Some(answer) = answers.get(&key).filter(|_| attention == Attention::Awake) {
            return (None, answer.clone());
        }
        if attention != Attention::Awake {
            return (Some(message), None);
        }
        let body = match message.body {
            Body::Text { .. } => Some(Body::TextReply),
            Body::Notification(_) => Some(Body::NotificationReply),
            _ => None,
        };
        let id = self.id.load(Ordering::SeqCst);
        let answer = body.map(|body| sealed(self.integrity, id, message.seq, body));
        answers.insert(key, answer.clone());
        (Some(message), answer)
    }
}

impl Msp {
    /// Somebody whom nobody knows yet.
    pub(super) fn stranger(server: SocketAddr, integrity: Integrity) -> Self {
        let own = if server.is_ipv4() { "127.0.0.1" } else { "::1" };
        let (id, answers) = (Arc::new(AtomicU8::new(NOBODY)), Answers::default());
        let listener = Listener { integrity, id: Arc::clone(&id), answers: Arc::clone(&answers) };
        Self { ear: Ear::at(own, server, listener), integrity, id, answers, next: Cell::new(1) }
    }

    /// Somebody who is registered.
    #[track_caller]
    pub(super) fn on(server: SocketAddr, who: &str) -> Self {
        Self::with(server, who, Integrity::None)
    }

    /// The same, with a checksum.
    #[track_caller]
    pub(super) fn with(server: SocketAddr, who: &str, integrity: Integrity) -> Self {
        let own = Self::stranger(server, integrity);
        let answer = own.asks(connect(who));
        assert!(own.takes_id(&answer), "{who}: {answer:?}");
        own
    }

    /// Takes the id that a registration gives, if it gives one.
    pub(super) fn takes_id(&self, answer: &Body<'_>) -> bool {
        let Body::ConnectReply(Registration::Registered { status: RegisterStatus::Accepted, id }) = answer
        else {
            return false;
        };
        self.id.store(*id, Ordering::SeqCst);
        true
    }

    /// He can read notifications.
    #[track_caller]
    pub(super) fn says_hello(&self) {
        let answer = self.asks(Body::Hello { version: 1, capabilities: Capabilities(7) });
        assert!(matches!(answer, Body::HelloReply { .. }), "{answer:?}");
    }

    pub(super) fn id(&self) -> u8 {
        self.id.load(Ordering::SeqCst)
    }

    pub(super) fn is(&self, attention: Attention) {
        self.ear.is(attention);
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.ear.address()
    }

    /// Asks until he is answered.
    #[track_caller]
    pub(super) fn asks(&self, body: Body<'_>) -> Body<'static> {
        let seq = self.next.get();
        self.next.set(seq.wrapping_add(1));
        self.asks_as(seq, body)
    }

    /// Asks a few times. `None`: he is not answered.
    pub(super) fn tries(&self, body: Body<'_>) -> Option<Body<'static>> {
        let seq = self.next.get();
        self.next.set(seq.wrapping_add(1));
        let datagram = sealed(self.integrity, self.id(), seq, body);
        (0..TRIES).find_map(|_| {
            self.ear.sends(&datagram);
            self.ear.next(AGAIN, |message| is_answer(message, seq)).map(|message| message.body)
        })
    }

    /// Asks under a number of his choice.
    #[track_caller]
    pub(super) fn asks_as(&self, seq: u16, body: Body<'_>) -> Body<'static> {
        let datagram = sealed(self.integrity, self.id(), seq, body);
        self.insists(seq, &datagram)
    }

    /// Sends a message that is one already until it is answered.
    #[track_caller]
    pub(super) fn insists(&self, seq: u16, datagram: &[u8]) -> Body<'static> {
        self.ear.insists(datagram, AGAIN, |message| is_answer(message, seq)).body
    }

    /// Says something to his room, or to all.
    #[track_caller]
    pub(super) fn says(&self, words: &str) {
        let answer = self.asks(text(words));
        assert_eq!(answer, Body::TextReply, "{words}");
    }

    /// Sends once, and waits for nothing.
    pub(super) fn sends_as(&self, seq: u16, body: Body<'_>) {
        self.ear.sends(&sealed(self.integrity, self.id(), seq, body));
    }

    /// Sends these bytes as they are.
    pub(super) fn sends_raw(&self, bytes: &[u8]) {
        self.ear.sends(bytes);
    }

    /// The next answer under this number.
    #[track_caller]
    pub(super) fn answer_to(&self, seq: u16) -> Body<'static> {
        self.gets(|message| is_answer(message, seq)).body
    }

    #[track_caller]
    pub(super) fn gets(&self, wanted: impl Fn(&Message<'_>) -> bool) -> Message<'static> {
        self.ear.gets(|message| wanted(message))
    }

    /// Whether such a message comes within this time.
    pub(super) fn gets_within(&self, limit: Duration, wanted: impl Fn(&Message<'_>) -> bool) -> bool {
        self.ear.next(limit, |message| wanted(message)).is_some()
    }

    /// The next text of this author, which is this one.
    #[track_caller]
    pub(super) fn hears(&self, words: &str, author: u8) {
        self.gets(|message| message.user == author && message.body == text(words));
    }

    /// The server says something with these words in it.
    #[track_caller]
    pub(super) fn is_told(&self, words: &str) {
        self.gets(|message| {
            message.user == SERVER && matches!(&message.body, Body::Text { text, .. } if text.contains(words))
        });
    }

    #[track_caller]
    pub(super) fn is_notified(&self, wanted: impl Fn(&Event<'_>) -> bool) {
        self.gets(|message| matches!(&message.body, Body::Notification(event) if wanted(event)));
    }

    /// An invitation comes; its number.
    #[track_caller]
    pub(super) fn is_invited(&self) -> u16 {
        self.gets(|message| message.kind() == Kind::Offer).seq
    }

    /// Answers an invitation, and its copies.
    pub(super) fn answers_offer(&self, seq: u16, declined: bool) {
        let datagram = sealed(self.integrity, self.id(), seq, Body::OfferReply { declined });
        self.ear.sends(&datagram);
        self.answers.lock().expect("nobody panics").insert((seq, Kind::Offer), Some(datagram));
    }

    /// Leaves the server.
    #[track_caller]
    pub(super) fn leaves(&self) {
        assert_eq!(self.asks(Body::Disconnect), Body::DisconnectReply { refused: false });
    }

    /// What the server asked before means nothing any more: he starts afresh.
    pub(super) fn starts_afresh(&self) {
        self.answers.lock().expect("nobody panics").clear();
        self.ear.forgets();
    }
}

fn is_answer(message: &Message<'_>, seq: u16) -> bool {
    message.seq == seq && !message.kind().is_request()
}

pub(super) fn encoded(user: u8, seq: u16, body: Body<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    Message { user, seq, body }.encode(&mut bytes).expect("a message that can be written");
    bytes
}

fn sealed(integrity: Integrity, user: u8, seq: u16, body: Body<'_>) -> Vec<u8> {
    integrity.seal(Payload::new(&encoded(user, seq, body))).to_vec()
}

pub(super) fn name(text: &str) -> Name<'_> {
    Name::new(text).expect("a name")
}

pub(super) fn connect(who: &str) -> Body<'_> {
    Body::Connect { name: Some(name(who)) }
}

pub(super) fn text(words: &str) -> Body<'_> {
    Body::Text { text: words.into(), order: None }
}

pub(super) fn create(room: &str, mode: Mode, capacity: u8) -> Body<'_> {
    Body::CreateRoom { mode, room: name(room), capacity }
}

pub(super) fn join(room: &str) -> Body<'_> {
    Body::JoinRoom { room: name(room) }
}

pub(super) fn invite(user: &str) -> Body<'_> {
    Body::Invite { user: name(user) }
}

/// The answer is an ERREUR with this code.
#[track_caller]
pub(super) fn refused(answer: &Body<'_>, wanted: ErrorCode) {
    assert!(matches!(answer, Body::Error { code, .. } if *code == wanted), "{wanted}: {answer:?}");
}
