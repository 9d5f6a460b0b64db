//! Somebody who speaks Shen's protocol, datagram by datagram.
//!
//! In: what to ask, what to wait for. Out: messages that came. He asks until he is answered; what is no question for a
//! person is acknowledged as it comes. Must not know what the server should do.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use palabre::dialect::shen::{Body, Kind, Message, listed, relayed, words};
use palabre::vocab::Mode;
use palabre::wire::{Integrity, Payload, Scratch};

use super::packets::{Attention, Ear, Tongue};

/// A quarter of T: a foreign client may be less patient than the server.
const AGAIN: Duration = Duration::from_millis(500);

/// What both the script and the listener know.
#[derive(Default)]
struct Known {
    /// The numbers of his own requests: nothing else tells a response from a request (S5).
    asked: BTreeSet<u16>,
    /// What he answered, or will answer, to what the server asked.
    answers: BTreeMap<(u16, Vec<u8>), Option<Vec<u8>>>,
    /// Answers by number, to questions.
    decided: BTreeMap<u16, Vec<u8>>,
}

pub(super) struct Shen {
    ear: Ear<Listener>,
    integrity: Integrity,
    known: Arc<Mutex<Known>>,
    next: Cell<u16>,
}

pub(super) struct Listener {
    integrity: Integrity,
    known: Arc<Mutex<Known>>,
}

impl Tongue for Listener {
    type Message = Message<'static>;

    fn hears(
        &mut self,
        datagram: &[u8],
        attention: Attention,
    ) -> (Option<Message<'static>>, Option<Vec<u8>>) {
        let opened = self.integrity.open(datagram);
        let Some(Ok(message)) =
            opened.map(|bytes| Message::decode(bytes, &mut Scratch::new()).map(Message::into_owned))
        else {
            return (None, None);
        };
        let mut known = self.known.lock().expect("nobody panics");
        if message.kind() == Kind::Ack || known.asked.contains(&message.seq) || attention != Attention::Awake
        {
            return (Some(message), None);
        }
        let key = (message.seq, datagram.to_vec());
        if let Some(answer) = known.answers.get(&key) {
            let answer = answer.clone().or_else(|| known.decided.get(&message.seq).cloned());
            return (None, answer);
        }
        let answer = (!is_question(&message.body)).then(|| sealed(self.integrity, message.seq, ack("")));
        known.answers.insert(key, answer.clone());
        (Some(message), answer)
    }
}

impl Shen {
    pub(super) fn stranger(server: SocketAddr, integrity: Integrity) -> Self {
        Self::stranger_from("127.0.0.1", server, integrity)
    }

    pub(super) fn stranger_from(own: &str, server: SocketAddr, integrity: Integrity) -> Self {
        let known = Arc::new(Mutex::new(Known::default()));
        let listener = Listener { integrity, known: Arc::clone(&known) };
        Self { ear: Ear::at(own, server, listener), integrity, known, next: Cell::new(0) }
    }

    /// Somebody who is registered, under the number 0.
    #[track_caller]
    pub(super) fn on(server: SocketAddr, name: &str) -> Self {
        Self::with(server, name, Integrity::None)
    }

    #[track_caller]
    pub(super) fn with(server: SocketAddr, name: &str, integrity: Integrity) -> Self {
        let own = Self::stranger(server, integrity);
        assert_eq!(own.asks(plain(Kind::Connect, name)), ack(""), "{name}");
        own
    }

    pub(super) fn is(&self, attention: Attention) {
        self.ear.is(attention);
    }

    /// His next request bears this number.
    pub(super) fn counts_from(&self, seq: u16) {
        self.next.set(seq);
    }

    /// The number of his next request.
    pub(super) fn counts(&self) -> u16 {
        let seq = self.next.get();
        self.next.set((seq + 1) % 1_024);
        seq
    }

    /// Asks until he is answered.
    #[track_caller]
    pub(super) fn asks(&self, body: Body<'_>) -> Body<'static> {
        let seq = self.counts();
        self.asks_as(seq, body)
    }

    /// The same under a number of his choice, perhaps once more.
    #[track_caller]
    pub(super) fn asks_as(&self, seq: u16, body: Body<'_>) -> Body<'static> {
        let datagram = self.begins(seq, body);
        self.ear.insists(&datagram, AGAIN, |message| message.seq == seq).body
    }

    /// Asks, again and again, until the other is told these words because of it; under which number.
    #[track_caller]
    pub(super) fn asks_until(&self, seq: u16, body: &Body<'_>, other: &Self, words: &str) -> u16 {
        let datagram = self.begins(seq, body.clone());
        for _ in 0..40 {
            self.ear.sends(&datagram);
            let told = |message: &Message<'_>| matches!(&message.body, Body::Speech { emitter: 0, text, .. } if *text == words);
            if let Some(message) = other.ear.next(AGAIN, |message| told(message)) {
                return message.seq;
            }
        }
        panic!("nobody asks {words:?}")
    }

    /// Asks once and does not wait.
    pub(super) fn sends_as(&self, seq: u16, body: Body<'_>) {
        let datagram = self.begins(seq, body);
        self.ear.sends(&datagram);
    }

    fn begins(&self, seq: u16, body: Body<'_>) -> Vec<u8> {
        self.known.lock().expect("nobody panics").asked.insert(seq);
        sealed(self.integrity, seq, body)
    }

    pub(super) fn sends_raw(&self, bytes: &[u8]) {
        self.ear.sends(bytes);
    }

    #[track_caller]
    pub(super) fn gets(&self, wanted: impl Fn(&Message<'_>) -> bool) -> Message<'static> {
        self.ear.gets(|message| wanted(message))
    }

    /// The server asks this of him, or tells him; under which number.
    #[track_caller]
    pub(super) fn is_asked(&self, kind: Kind) -> u16 {
        let asked = |message: &Message<'_>| {
            message.kind() == kind && !self.known.lock().expect("nobody panics").asked.contains(&message.seq)
        };
        self.gets(asked).seq
    }

    /// The server says this; under which number.
    #[track_caller]
    pub(super) fn is_told(&self, words: &str) -> u16 {
        self.gets(|message| matches!(&message.body, Body::Speech { emitter: 0, text, .. } if *text == words))
            .seq
    }

    /// Somebody says this.
    #[track_caller]
    pub(super) fn hears(&self, words: &str, author: &str) {
        let words = relayed(words, author);
        self.gets(|message| matches!(&message.body, Body::Speech { text, .. } if *text == words));
    }

    /// Answers what the server asked, and its copies.
    pub(super) fn answers(&self, seq: u16, body: Body<'_>) {
        let datagram = sealed(self.integrity, seq, body);
        self.ear.sends(&datagram);
        self.known.lock().expect("nobody panics").decided.insert(seq, datagram);
    }

    pub(super) fn accepts(&self, seq: u16) {
        self.answers(seq, plain(Kind::Accept, ""));
    }

    /// The handle of somebody else, as the list has it (S3).
    #[track_caller]
    pub(super) fn handle_of(&self, name: &str) -> u16 {
        let Body::List(entries) = self.asks(plain(Kind::ListUsers, "")) else { panic!("no list") };
        let found = entries.iter().find(|entry| listed(entry).is_some_and(|listed| listed.user == name));
        found.expect("somebody of that name").user
    }

    /// Invites these, names the room and chooses the mode.
    #[track_caller]
    pub(super) fn proposes(&self, users: &str, mode: Mode, room: &str) {
        assert_eq!(self.asks(invite(users)), plain(Kind::ModeOffer, words::MODES));
        assert_eq!(self.asks(room_body(Kind::NameRoom, Mode::Central, room)), ack(""));
        assert_eq!(self.asks(room_body(Kind::ChooseMode, mode, "")), ack(""));
    }

    /// He and a guest are in a room of his.
    #[track_caller]
    pub(super) fn opens(&self, guest: &Self, name: &str, mode: Mode, room: &str) {
        self.proposes(name, mode, room);
        guest.accepts(guest.is_asked(Kind::Invite));
        self.is_asked(Kind::Granted);
    }

    #[track_caller]
    pub(super) fn leaves(&self) {
        assert_eq!(self.asks(plain(Kind::Disconnect, "")), ack(""));
    }
}

pub(super) fn plain(kind: Kind, text: &str) -> Body<'_> {
    Body::plain(kind, text)
}

pub(super) fn ack(text: &str) -> Body<'_> {
    Body::plain(Kind::Ack, text)
}

/// A text for the owner of this handle, or for all in the room.
pub(super) fn send(receiver: u16, text: &str) -> Body<'_> {
    Body::Speech { kind: Kind::Send, emitter: 0, receiver, text: text.into() }
}

/// An invitation to a room that does not exist yet.
pub(super) fn invite(users: &str) -> Body<'_> {
    Body::Room { kind: Kind::Invite, private: false, mode: Mode::Central, room: 0, text: users.into() }
}

/// What else is said of one's own private room.
pub(super) fn room_body(kind: Kind, mode: Mode, text: &str) -> Body<'_> {
    Body::Room { kind, private: true, mode, room: 0, text: text.into() }
}

pub(super) fn encoded(seq: u16, body: Body<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    Message { seq, body }.encode(&mut bytes).expect("a message that can be written");
    bytes
}

fn sealed(integrity: Integrity, seq: u16, body: Body<'_>) -> Vec<u8> {
    integrity.seal(Payload::new(&encoded(seq, body))).to_vec()
}

/// Whether a person has to decide it (S8, S9, S10).
fn is_question(body: &Body<'_>) -> bool {
    match body {
        Body::Room { kind, .. } => *kind == Kind::Invite,
        Body::Speech { emitter: 0, text, .. } => *text == words::VOTE || text.ends_with(" demande d'entrer"),
        _ => false,
    }
}
