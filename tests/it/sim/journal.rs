//! What was said, accepted and heard, noted as it happens; what must never happen is objected to at once.
//!
//! In: everything the world sees. Out: the records for the verdict; a panic that names time and culprit. Must not know why
//! anything was done.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use palabre::client::{Ask, Fate, Ticket};
use palabre::engine::{Dialect, Server};
use palabre::ids::RoomId;
use palabre::netsim::Delivery;
use palabre::rooms::User;
use palabre::time::Instant;

use super::known::Known;
use super::person::Place;
use super::texts::tag_of;
use super::wire::{Spoken, Wire};

/// Which way something came to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    Server,
    Direct,
}

/// A client's program: its node, and which start of it.
pub(crate) type Program = (usize, u32);

/// A part of a text: its first byte, and the one behind its last.
pub(crate) type Part = (usize, usize);

/// A text that a user asked his client to say.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) by: Program,
    /// The one it is for; `None` is everybody in the room.
    pub(crate) to: Option<usize>,
    pub(crate) ticket: Ticket,
    pub(crate) at: Instant,
    /// The room it is meant for, by name.
    pub(crate) means: Place,
    pub(crate) fate: Option<(Instant, Fate)>,
    pub(crate) accepted: Vec<Accepted>,
    pub(crate) heard: Vec<Heard>,
    /// Copies that came to a client straight from the author.
    pub(crate) straight: Vec<(Instant, Program, Part)>,
    /// Copies that came to a client from the server.
    pub(crate) passed_on: Vec<(Instant, Program)>,
}

impl Said {
    pub(crate) fn whole(&self) -> Part {
        (0, self.text.len())
    }

    /// Whether a program has heard this part of it, in however many parts.
    pub(crate) fn was_heard(&self, by: Program, part: Part) -> bool {
        let mut reached = part.0;
        while reached < part.1 {
            let next = |heard: &&Heard| heard.by == by && heard.part.0 <= reached && heard.part.1 > reached;
            let Some(heard) = self.heard.iter().find(next) else { return false };
            reached = heard.part.1;
        }
        true
    }
}

/// A text, or a part of one, that the server has taken.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) at: Instant,
    pub(crate) part: Part,
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
    pub(crate) part: Part,
}

/// A time that somebody spent in a room, as the server has it.
#[derive(Clone, Debug)]
pub(crate) struct Stay {
    pub(crate) node: usize,
    pub(crate) session: u64,
    pub(crate) room: Option<RoomId>,
    pub(crate) from: Instant,
    pub(crate) until: Option<Instant>,
}

/// A registration on the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Session {
    pub(crate) program: Program,
    pub(crate) dialect: Dialect,
    pub(crate) id: u16,
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
    by_tag: BTreeMap<String, usize>,
    by_ticket: BTreeMap<(Program, Ticket), usize>,
    lives: BTreeMap<usize, u32>,
    pub(crate) sessions: Vec<Session>,
    /// The registration each node has now.
    pub(crate) current: BTreeMap<usize, u64>,
    pub(crate) stays: Vec<Stay>,
    pub(super) staying: BTreeMap<usize, usize>,
    pub(crate) known: Known,
    /// What a program heard last of another one, in one registration and one room: the text, and how far it went.
    pub(super) order: BTreeMap<(Program, Program, u64, Place), (Ticket, usize)>,
    /// Whom a client named as coming into or leaving its room, and when.
    pub(crate) moves: Vec<(Instant, Program, usize, bool)>,
    /// When each program heard last that it was moved, and when it sent each part of a text first.
    moved: BTreeMap<Program, Instant>,
    sent: BTreeMap<(usize, usize), Instant>,
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

    /// Who has this name; in MSP it may be the beginning of his own.
    pub(crate) fn node_called(&self, name: &str) -> Option<usize> {
        let exact = self.names.iter().position(|other| other == name);
        exact.or_else(|| self.names.iter().position(|other| name.len() == 10 && other.starts_with(name)))
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

    /// Which text this is, or which part of which one.
    pub(crate) fn find_text(&self, text: &str) -> Option<(usize, Part)> {
        let (tag, at) = tag_of(text)?;
        let said = *self.by_tag.get(tag)?;
        let part = (at, at + text.len());
        (self.said[said].text.get(part.0..part.1) == Some(text)).then_some((said, part))
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

    pub(crate) fn delivered(&mut self, now: Instant, arrived: &Delivery, wire: Wire) {
        for byte in &arrived.bytes {
            self.digest = (self.digest ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        if self.trace {
            self.note(now, || format!("  {} -> {} {}", arrived.from, arrived.to, wire.show(&arrived.bytes)));
        }
    }

    pub(crate) fn asked(&mut self, now: Instant, by: Program, ticket: Ticket, ask: &Ask, means: Place) {
        self.note(now, || format!("{by:?} asks {ticket:?} {ask:?} in {means:?}"));
        self.asked += 1;
        let (text, to) = match ask {
            Ask::Say(text) => (text, None),
            Ask::Tell { user, text } => (text, Some(self.node_called(user).expect("people tell nodes"))),
            _ => return,
        };
        let (accepted, heard) = (Vec::new(), Vec::new());
        let (straight, passed_on) = (Vec::new(), Vec::new());
        let (tag, _) = tag_of(text).expect("people say what can be recognised");
        self.by_tag.insert(tag.into(), self.said.len());
        self.by_ticket.insert((by, ticket), self.said.len());
        let text = text.clone();
        let said =
            Said { text, by, to, ticket, at: now, means, fate: None, accepted, heard, straight, passed_on };
        self.said.push(said);
    }

    /// A client sends something to the server.
    pub(crate) fn sends(&mut self, now: Instant, spoken: Option<Spoken>) {
        if let Some((said, part)) = spoken.and_then(|spoken| self.find_text(&spoken.text)) {
            self.sent.entry((said, part.0)).or_insert(now);
        }
    }

    /// A client hears that it was moved into a private room.
    pub(crate) fn hears_of_move(&mut self, now: Instant, by: Program) {
        self.moved.insert(by, now);
    }

    /// A text came to a client: from the server, or straight from its author, whom the client may know or not.
    pub(crate) fn came(&mut self, now: Instant, to: Program, via: Via, spoken: Option<Spoken>) {
        let Some((said, part)) = spoken.and_then(|spoken| self.find_text(&spoken.text)) else { return };
        match via {
            Via::Direct => self.said[said].straight.push((now, to, part)),
            Via::Server => self.said[said].passed_on.push((now, to)),
        }
    }

    /// The server has taken a text: into the room it was meant for, once in a registration (M13, M21, M28, S12).
    pub(crate) fn accepted(
        &mut self,
        now: Instant,
        from: SocketAddr,
        Spoken { text, to }: &Spoken,
        dialect: Dialect,
        server: &Server,
    ) {
        let rooms = server.rooms();
        let Some((n, part)) = self.find_text(text) else {
            self.object(now, &format!("nobody said {text}"));
        };
        let (author, by) = (self.said[n].by, self.said[n].by.0);
        if self.node_at(from) != Some(by) {
            self.object(now, &format!("{text} came from {from}"));
        }
        let user = rooms.find(&self.names[by]).expect("the author is registered");
        let room = rooms.user(user).and_then(|user| user.room);
        let to = to.map(|to| server.holder(dialect, to));
        let is_known = self.known.is(room, author, &self.said[n].means) || self.was_public(n, part);
        if !is_known && !to.is_some_and(|to| self.was_with(n, to.and_then(|to| rooms.user(to)))) {
            let place = room.and_then(|room| rooms.room(room)).map(|room| room.name.to_string());
            self.object(
                now,
                &format!("{text} was meant for {:?}, and is said in {place:?}", self.said[n].means),
            );
        }
        let present = room.map_or(rooms.public(), |room| rooms.members(room));
        let others =
            present.iter().filter(|other| **other != user && to.is_none_or(|to| to == Some(**other)));
        let hearers: Vec<_> = others
            .filter_map(|user| self.node_called(&rooms.user(*user)?.name))
            .filter_map(|node| Some((node, *self.current.get(&node)?)))
            .collect();
        if let Some(meant) = self.said[n].to
            && hearers.iter().any(|(node, _)| *node != meant)
        {
            self.object(now, &format!("{text} is for u{meant} alone, and is said to {hearers:?}"));
        }
        let session = self.current[&by];
        let overlaps = |other: &Accepted| other.part.0 < part.1 && part.0 < other.part.1;
        let twice = self.said[n].accepted.iter().any(|other| {
            other.session == session
                && overlaps(other)
                && other.hearers.iter().any(|hearer| hearers.contains(hearer))
        });
        if twice {
            self.object(now, &format!("{text} is said twice"));
        }
        self.note(now, || format!("  accepted for {hearers:?}"));
        self.said[n].accepted.push(Accepted { at: now, part, session, is_relay: to.is_some(), hearers });
    }

    /// In Shen's protocol a text for one person names nobody's room (S12). One that his author passes on to a member of a
    /// decentralised room (S13) may arrive when both have left it: it reaches whom it was meant for.
    fn was_with(&self, n: usize, to: Option<&User>) -> bool {
        let said = &self.said[n];
        let Some(to) = to.and_then(|to| self.node_called(&to.name)) else { return false };
        let stays = self.stays.iter().filter(|stay| stay.node == to);
        said.to.is_none() && stays.into_iter().any(|stay| self.known.is(stay.room, said.by, &said.means))
    }

    /// S27: what somebody said to the public room may be heard in the private one into which he was moved meanwhile, if
    /// he had not heard of that.
    fn was_public(&self, n: usize, part: Part) -> bool {
        let said = &self.said[n];
        let here = self.staying.get(&said.by.0).map(|stay| &self.stays[*stay]);
        let mut before = self.stays.iter().filter(|stay| stay.node == said.by.0).rev().skip(1);
        let (Some(here), Some(before), None) = (here, before.next(), &said.means) else { return false };
        let knew = self.moved.get(&said.by).filter(|heard| **heard >= here.from);
        let sent = self.sent.get(&(n, part.0));
        before.session == here.session
            && before.room.is_none()
            && sent.is_some_and(|sent| knew.is_none_or(|knew| sent <= knew))
    }
}

#[expect(clippy::print_stdout, reason = "a replayed run is there to be read")]
fn trace(now: Instant, line: &str) {
    println!("{now} {line}");
}
