//! What was said, accepted and heard, noted as it happens; what must never happen is objected to at once.
//!
//! In: everything the world sees. Out: the records for the verdict; a panic that names time and culprit. Must not know why
//! anything was done.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use palabre::client::{Ask, Fate, Ticket};
use palabre::dialect::msp::{Body, Message};
use palabre::engine::Integrity;
use palabre::ids::RoomId;
use palabre::netsim::Delivery;
use palabre::rooms::RoomManager;
use palabre::time::Instant;
use palabre::wire::Scratch;

use super::person::Place;

/// Which way something came to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    Server,
    Direct,
}

/// A client's program: its node, and which start of it.
pub(crate) type Program = (usize, u32);

/// A text that a user asked his client to say.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) by: Program,
    pub(crate) ticket: Ticket,
    pub(crate) at: Instant,
    /// The room it is meant for, by name.
    pub(crate) means: Place,
    pub(crate) fate: Option<(Instant, Fate)>,
    pub(crate) accepted: Vec<Accepted>,
    pub(crate) heard: Vec<Heard>,
    /// Copies that came to a client straight from the author.
    pub(crate) straight: Vec<(Instant, Program)>,
    /// Copies that came to a client from the server.
    pub(crate) passed_on: Vec<(Instant, Program)>,
}

/// A text that the server has taken.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) at: Instant,
    /// The registration of the author.
    pub(crate) session: u64,
    pub(crate) is_relay: bool,
    /// The registrations that have to hear it.
    pub(crate) hearers: Vec<(usize, u64)>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard {
    pub(crate) at: Instant,
    pub(crate) by: Program,
    pub(crate) via: Via,
}

/// A time that somebody spent in a room, as the server has it.
#[derive(Clone, Debug)]
pub(crate) struct Stay {
    pub(crate) node: usize,
    pub(crate) session: u64,
    pub(crate) room: Option<RoomId>,
    pub(crate) name: Place,
    pub(crate) from: Instant,
    pub(crate) until: Option<Instant>,
}

/// A registration on the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Session {
    pub(crate) program: Program,
    pub(crate) id: u8,
    pub(crate) since: Instant,
    pub(crate) ended: Option<Instant>,
    /// Whether his mailbox lost texts, and of how many he was told.
    pub(crate) dropped: bool,
    pub(crate) told_of: usize,
}

/// Everything that is known.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    names: Vec<String>,
    by_address: BTreeMap<SocketAddr, usize>,
    pub(crate) said: Vec<Said>,
    by_text: BTreeMap<String, usize>,
    by_ticket: BTreeMap<(Program, Ticket), usize>,
    lives: BTreeMap<usize, u32>,
    pub(crate) sessions: Vec<Session>,
    /// The registration each node has now.
    pub(crate) current: BTreeMap<usize, u64>,
    pub(crate) stays: Vec<Stay>,
    pub(super) staying: BTreeMap<usize, usize>,
    /// The latest text that a program heard of another one, in one registration and one room.
    pub(super) order: BTreeMap<(Program, Program, u64, Place), Ticket>,
    /// Whom a client named as coming into or leaving its room, and when.
    pub(crate) moves: Vec<(Instant, Program, String, bool)>,
    pub(crate) asked: usize,
    pub(crate) silent_departures: usize,
    /// Copies from before a registration that came just after it, and so through a fresh memory (M4).
    pub(crate) strays: usize,
    /// Texts that arrived a second time where the protocol cannot tell (M27).
    pub(crate) heard_twice: usize,
    pub(crate) digest: u64,
    trace: bool,
}

impl Journal {
    pub(crate) fn new(nodes: impl Iterator<Item = (String, SocketAddr)>, trace: bool) -> Self {
        let mut journal = Self { trace, digest: 0xcbf2_9ce4_8422_2325, ..Self::default() };
        for (n, (name, address)) in nodes.enumerate() {
            journal.names.push(name);
            journal.by_address.insert(address, n);
            journal.by_address.insert((address.ip(), address.port() + 1).into(), n);
        }
        journal
    }

    pub(crate) fn node_at(&self, address: SocketAddr) -> Option<usize> {
        self.by_address.get(&address).copied()
    }

    pub(crate) fn node_called(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|other| other == name)
    }

    /// Every address that a client may have.
    pub(crate) fn places(&self) -> impl Iterator<Item = SocketAddr> {
        self.by_address.keys().copied()
    }

    pub(crate) fn name_of(&self, n: usize) -> &str {
        &self.names[n]
    }

    pub(crate) fn node_count(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn find_text(&self, text: &str) -> Option<usize> {
        self.by_text.get(text).copied()
    }

    pub(crate) fn text_of(&self, by: Program, ticket: Ticket) -> usize {
        self.by_ticket[&(by, ticket)]
    }

    pub(crate) fn life_of(&self, n: usize) -> u32 {
        self.lives.get(&n).copied().unwrap_or(0)
    }

    /// Adds a line to the trace, and always to the digest by which two runs are compared.
    pub(crate) fn note(&mut self, now: Instant, line: impl FnOnce() -> String) {
        let line = line();
        for byte in line.bytes().chain(now.as_micros().to_be_bytes()) {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        if self.trace {
            trace(now, &line);
        }
    }

    /// Something happened that must not.
    pub(crate) fn object(&self, now: Instant, wrong: &str) -> ! {
        panic!("at {now} s: {wrong}");
    }

    pub(crate) fn started(&mut self, now: Instant, n: usize, life: u32) {
        self.lives.insert(n, life);
        self.note(now, || format!("u{n} starts, life {life}"));
    }

    pub(crate) fn delivered(&mut self, now: Instant, arrived: &Delivery, integrity: Integrity) {
        for byte in &arrived.bytes {
            self.digest = (self.digest ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        if !self.trace {
            return;
        }
        self.note(now, || {
            let message = Message::decode(integrity.open(&arrived.bytes).unwrap_or(&[]), &mut Scratch::new())
                .map(|message| format!("{message:?}"));
            let shown = message.unwrap_or_else(|_| format!("{:02x?}", arrived.bytes));
            format!("  {} -> {} {shown}", arrived.from, arrived.to)
        });
    }

    pub(crate) fn asked(&mut self, now: Instant, by: Program, ticket: Ticket, ask: &Ask, means: Place) {
        self.note(now, || format!("{by:?} asks {ticket:?} {ask:?} in {means:?}"));
        self.asked += 1;
        let Ask::Say(text) = ask else { return };
        let (accepted, heard) = (Vec::new(), Vec::new());
        let (straight, passed_on) = (Vec::new(), Vec::new());
        self.by_text.insert(text.clone(), self.said.len());
        self.by_ticket.insert((by, ticket), self.said.len());
        self.said.push(Said { by, ticket, at: now, means, fate: None, accepted, heard, straight, passed_on });
    }

    /// A text came to a client: from the server, or straight from its author, whom the client may know or not.
    pub(crate) fn came(&mut self, now: Instant, to: Program, via: Via, integrity: Integrity, bytes: &[u8]) {
        let Some(bytes) = integrity.open(bytes) else { return };
        let mut scratch = Scratch::new();
        let Ok(Message { body: Body::Text { text, .. }, .. }) = Message::decode(bytes, &mut scratch) else {
            return;
        };
        if let Some(said) = self.by_text.get(text.as_ref()).copied() {
            match via {
                Via::Direct => self.said[said].straight.push((now, to)),
                Via::Server => self.said[said].passed_on.push((now, to)),
            }
        }
    }

    /// The server has taken a text: into the room it was meant for, once in a registration (M13, M21, M28).
    pub(crate) fn accepted(&mut self, now: Instant, from: SocketAddr, bytes: &[u8], rooms: &RoomManager) {
        let mut scratch = Scratch::new();
        let message = Message::decode(bytes, &mut scratch).expect("the server took it");
        let (text, to) = match &message.body {
            Body::Text { text, .. } => (text, None),
            Body::Relay { text, to, .. } => (text, Some(*to)),
            other => self.object(now, &format!("counted as a text: {other:?}")),
        };
        let Some(n) = self.by_text.get(text.as_ref()).copied() else {
            self.object(now, &format!("nobody said {text}"));
        };
        let by = self.said[n].by.0;
        if self.node_at(from) != Some(by) {
            self.object(now, &format!("{text} came from {from}"));
        }
        let author = rooms.find(&self.names[by]).expect("the author is registered");
        let room = rooms.user(author).and_then(|user| user.room);
        let place = room.and_then(|room| rooms.room(room)).map(|room| room.name.to_string());
        if place != self.said[n].means {
            self.object(
                now,
                &format!("{text} was meant for {:?}, and is said in {place:?}", self.said[n].means),
            );
        }
        let present = room.map_or(rooms.public(), |room| rooms.members(room));
        let others = present.iter().filter(|user| **user != author);
        let hearers: Vec<_> = others
            .filter_map(|user| self.node_called(&rooms.user(*user)?.name))
            .filter_map(|node| Some((node, *self.current.get(&node)?)))
            .filter(|(_, session)| to.is_none_or(|to| self.sessions[*session as usize].id == to))
            .collect();
        let session = self.current[&by];
        let twice = self.said[n].accepted.iter().any(|other| {
            other.session == session && other.hearers.iter().any(|hearer| hearers.contains(hearer))
        });
        if twice {
            self.object(now, &format!("{text} is said twice"));
        }
        self.note(now, || format!("  accepted for {hearers:?}"));
        self.said[n].accepted.push(Accepted { at: now, session, is_relay: to.is_some(), hearers });
    }
}

#[expect(clippy::print_stdout, reason = "a replayed run is there to be read")]
fn trace(now: Instant, line: &str) {
    println!("{now} {line}");
}
