//! Whatever happens to a server that speaks all five protocols, some things hold.
//!
//! In: bytes that are read as a story: connections that open, say something in any pieces, read or do not, end or die; a
//! datagram now and then; time. Out: nothing, or a panic that says which law broke. Must not know the rules of chat.
//!
//! The laws: no panic; a timeout moves forward; the server writes only to what is open, and only what its dialect can read;
//! what waits for a reader is bounded; everybody is in one room; the same story with the same seed gives the same outputs;
//! when all connections are gone and the sessions have lapsed, all is over.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use palabre::dialect::{matou, msp, shen, stories, stumtp};
use palabre::engine::{Config, Dialect, Input, Listener, Output, Server};
use palabre::ids::{ConnectionId, ListenerId};
use palabre::time::{Duration, Instant};
use palabre::wire::{Deframer, Framing, Scratch, Terminated};

#[path = "engine_five_words.rs"]
mod words;

pub(crate) use words::Story;

/// Plays the story in `data` on two servers side by side, and checks the laws after each step.
pub fn run(data: &[u8]) {
    let mut story = Story::new(data);
    let mut play = Play::new(u64::from(story.byte()));
    while !story.is_over() {
        play.step(&mut story);
        play.check_rooms();
    }
    play.all_die();
    play.waits(Duration::from_secs(1_500));
    assert_eq!(play.server.poll_timeout(), None, "nobody is here, and nothing is left to do");
    assert_eq!(play.server.rooms().users().count(), 0);
}

/// The listeners, in the order of the configuration.
const MATOU: usize = 2;
const STORIES: usize = 3;
const STUMTP: usize = 4;

/// What is read of what the server writes, as its dialect has it.
enum Ears {
    Matou(Deframer<matou::Frames>),
    Stories(Option<(stories::Form, Deframer<stories::StoriesFraming>)>),
    Stumtp(Deframer<Terminated>),
}

/// The far end of a connection.
struct Wire {
    listener: usize,
    ears: Ears,
    /// The first bytes that were sent, which say the form of Stories.
    first: Vec<u8>,
    waiting: usize,
    reads: bool,
    wanted: bool,
    token: String,
    sent: u64,
    seen: u64,
}

struct Play {
    server: Server,
    twin: Server,
    now: Instant,
    opened: u64,
    wires: BTreeMap<ConnectionId, Wire>,
    backlog: usize,
}

impl Play {
    fn new(seed: u64) -> Self {
        let mut config = Config::new(Dialect::ALL.map(Listener::of).into());
        // Small limits, so that a short story meets them.
        config.limits.connections = 12;
        config.limits.connections_of_address = 5;
        config.limits.max_frame = 4_096;
        config.limits.max_text = 600;
        config.limits.backlog = 2_000;
        let backlog = config.limits.backlog;
        Self {
            server: Server::new(config.clone(), seed),
            twin: Server::new(config, seed),
            now: Instant::from_secs(1),
            opened: 0,
            wires: BTreeMap::new(),
            backlog,
        }
    }

    fn step(&mut self, story: &mut Story<'_>) {
        let connection = story.below(self.wires.len().max(1));
        let connection = self.wires.keys().nth(connection).copied();
        match (story.below(16), connection) {
            (0, _) | (_, None) => self.opens(story),
            (1, _) => self.waits(Duration::from_millis(u64::from(story.u16()))),
            (2, _) if story.below(8) == 0 => self.waits(Duration::from_secs(u64::from(story.byte()) * 4)),
            (3, _) => self.datagram(story),
            (4, Some(connection)) if story.below(4) == 0 => self.gone(connection, story.below(2) == 0),
            (5, Some(connection)) => self.turns(connection),
            (6, Some(connection)) => {
                let len = story.below(40);
                let bytes = story.take(len).to_vec();
                self.sends(connection, &bytes);
            }
            (7, _) if story.byte() == 0xff => self.input(Input::Stop),
            (_, Some(connection)) => self.says(connection, story),
        }
    }

    fn opens(&mut self, story: &mut Story<'_>) {
        let listener = [MATOU, STORIES, STUMTP][story.below(3)];
        let from = SocketAddr::from(([192, 0, 2, (story.byte() & 3) + 1], 1_000));
        self.opened += 1;
        let connection = ConnectionId(self.opened);
        let ears = match listener {
            MATOU => Ears::Matou(Deframer::new(matou::Frames { way: matou::Way::ToClient })),
            STORIES => Ears::Stories(None),
            _ => Ears::Stumtp(Deframer::new(stumtp::FRAMING)),
        };
        let (first, token) = (Vec::new(), String::new());
        let (waiting, sent, seen) = (0, 0, 0);
        let wire = Wire { listener, ears, first, waiting, reads: true, wanted: true, token, sent, seen };
        self.wires.insert(connection, wire);
        self.input(Input::Opened { listener: ListenerId(listener), connection, from });
    }

    /// Says something sensible, in pieces.
    fn says(&mut self, connection: ConnectionId, story: &mut Story<'_>) {
        let Some(wire) = self.wires.get_mut(&connection) else { return };
        let mut bytes = match wire.listener {
            MATOU => story.matou(),
            STORIES => story.stories(),
            _ => {
                wire.sent += u64::from(story.below(8) > 0);
                let token = if story.below(2) == 0 { &*wire.token } else { "00" };
                story.stumtp(wire.sent, wire.seen, token)
            }
        };
        if story.below(16) == 0 {
            let (at, bit) = (story.below(64), story.below(8));
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << bit;
            }
        }
        let cut = story.below(bytes.len().max(1));
        let (before, after) = bytes.split_at(cut.min(bytes.len()));
        self.sends(connection, before);
        self.sends(connection, after);
    }

    fn sends(&mut self, connection: ConnectionId, bytes: &[u8]) {
        let Some(wire) = self.wires.get_mut(&connection) else { return };
        let missing = 4_usize.saturating_sub(wire.first.len());
        wire.first.extend(bytes.iter().take(missing));
        self.input(Input::Bytes { connection, bytes });
    }

    /// Reads on, or stops reading.
    fn turns(&mut self, connection: ConnectionId) {
        if let Some(wire) = self.wires.get_mut(&connection) {
            wire.reads = !wire.reads;
        }
        self.take();
    }

    fn gone(&mut self, connection: ConnectionId, politely: bool) {
        if politely {
            return self.input(Input::Ended { connection });
        }
        self.wires.remove(&connection);
        self.input(Input::Closed { connection });
    }

    fn all_die(&mut self) {
        while let Some(connection) = self.wires.keys().next().copied() {
            self.gone(connection, false);
        }
    }

    /// Somebody of the other two says something, too.
    fn datagram(&mut self, story: &mut Story<'_>) {
        let (listener, host) = (story.below(2), story.byte() & 1);
        let from = SocketAddr::from(([198, 51, 100, host + 1], 1_000));
        let bytes = if listener == 0 { story.msp() } else { story.shen() };
        self.input(Input::Datagram { listener: ListenerId(listener), from, bytes: &bytes });
    }

    fn input(&mut self, input: Input<'_>) {
        self.server.handle_input(self.now, input);
        self.twin.handle_input(self.now, input);
        self.drain();
        self.take();
    }

    /// What was written is taken by those who read.
    fn take(&mut self) {
        let takes = |wire: &Wire| wire.reads && wire.waiting > 0;
        while let Some((&connection, wire)) = self.wires.iter_mut().find(|(_, wire)| takes(wire)) {
            let bytes = std::mem::take(&mut wire.waiting);
            self.server.handle_input(self.now, Input::Written { connection, bytes });
            self.twin.handle_input(self.now, Input::Written { connection, bytes });
            self.drain();
        }
    }

    fn waits(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let next = self.server.poll_timeout().filter(|next| *next <= end);
            self.now = next.unwrap_or(end).max(self.now);
            self.server.handle_timeout(self.now);
            self.twin.handle_timeout(self.now);
            let after = self.server.poll_timeout();
            assert!(after.is_none_or(|after| after > self.now), "a timeout must move forward");
            self.drain();
            self.take();
            if next.is_none() {
                return;
            }
        }
    }

    /// Everybody is in exactly one room.
    fn check_rooms(&self) {
        let rooms = self.server.rooms();
        let private: usize = rooms.rooms().map(|(_, room)| room.members().len()).sum();
        assert_eq!(rooms.public().len() + private, rooms.users().count());
    }

    fn drain(&mut self) {
        assert_eq!(self.server.poll_timeout(), self.twin.poll_timeout());
        while let Some(output) = self.server.poll_output() {
            assert_eq!(Some(&output), self.twin.poll_output().as_ref(), "the same story, the same outputs");
            match output {
                Output::Datagram(_) | Output::Event(_) => {}
                Output::Reading { connection, wanted } => {
                    let Some(wire) = self.wires.get_mut(&connection) else {
                        panic!("{connection:?} is gone")
                    };
                    assert_ne!(std::mem::replace(&mut wire.wanted, wanted), wanted, "said once");
                }
                Output::Close { connection, .. } => {
                    assert!(self.wires.remove(&connection).is_some(), "{connection:?} is gone");
                }
                Output::Bytes { connection, bytes } => {
                    let Some(wire) = self.wires.get_mut(&connection) else {
                        panic!("{connection:?} is gone")
                    };
                    wire.waiting += bytes.len();
                    // One message beyond the limit is found out before it is dropped, and the longest has its size.
                    assert!(wire.waiting <= self.backlog * 4 + 70_000, "{} bytes wait", wire.waiting);
                    wire.hears(&bytes);
                }
            }
        }
        assert_eq!(self.twin.poll_output(), None);
    }
}

impl Wire {
    fn hears(&mut self, bytes: &[u8]) {
        match &mut self.ears {
            Ears::Matou(deframer) => {
                for message in whole(deframer, bytes) {
                    let mut scratch = Scratch::new();
                    let read = matou::Message::decode(&message, &mut scratch);
                    assert!(read.is_ok(), "{message:02x?}: {read:?}");
                }
            }
            Ears::Stories(ears) => {
                let form =
                    || stories::Form::of(self.first.iter().copied()).unwrap_or(stories::Form::Prefixed);
                let (form, deframer) = ears.get_or_insert_with(|| {
                    let form = form();
                    (form, Deframer::new(stories::StoriesFraming::answers(form, 1 << 20)))
                });
                for frame in whole(deframer, bytes) {
                    let Ok(text) = core::str::from_utf8(form.content(&frame)) else { panic!("{frame:02x?}") };
                    assert!(!text.is_empty(), "an empty frame");
                    let read = stories::Answer::parse(text);
                    assert!(matches!(read, Ok(Some(_))), "{text:?}: {read:?}");
                }
            }
            Ears::Stumtp(deframer) => {
                for unit in whole(deframer, bytes) {
                    match stumtp::decode(&unit) {
                        Ok(stumtp::Frame::Numbered { id, text, .. }) => {
                            self.seen = self.seen.max(id);
                            if let Some(token) = text.strip_prefix("SESSION ") {
                                token.trim_matches('"').clone_into(&mut self.token);
                            }
                        }
                        Ok(_) => {}
                        Err(why) => panic!("{unit:02x?}: {why:?}"),
                    }
                }
            }
        }
    }
}

/// The messages that are whole now.
fn whole<F: Framing<Error: core::fmt::Debug>>(deframer: &mut Deframer<F>, bytes: &[u8]) -> Vec<Vec<u8>> {
    let (mut rest, mut messages) = (bytes, Vec::new());
    loop {
        match deframer.next(&mut rest) {
            Ok(Some(message)) => messages.push(message.into_owned()),
            Ok(None) => return messages,
            Err(why) => panic!("the server wrote what cannot be read: {why:?}"),
        }
    }
}

/// Something in each of the two protocols over datagrams, from somebody who may not be known.
pub(crate) fn said_in_datagrams(dialect: Dialect, name: &str, text: &str, seq: u16) -> Vec<u8> {
    let mut bytes = Vec::new();
    let is_written = if dialect == Dialect::Msp {
        let body = match msp::Name::new(name).filter(|_| seq % 4 == 1) {
            Some(name) => msp::Body::Connect { name: Some(name) },
            None => msp::Body::Text { text: text.into(), order: None },
        };
        msp::Message { user: (seq % 5) as u8, seq, body }.encode(&mut bytes).is_ok()
    } else {
        let body = match seq % 4 {
            1 => shen::Body::plain(shen::Kind::Connect, name),
            2 => shen::Body::plain(shen::Kind::Join, "room1"),
            _ => shen::Body::Speech { kind: shen::Kind::Send, emitter: 0, receiver: 0, text: text.into() },
        };
        shen::Message { seq: seq % 1_024, body }.encode(&mut bytes).is_ok()
    };
    assert!(is_written, "the story writes what can be written");
    bytes
}
