//! Whatever happens to a server, some things hold.
//!
//! In: bytes that are read as a story: datagrams, good, mutated and random, from a few addresses, and time. Out: nothing,
//! or a panic that says which law broke. Must not know the rules of chat: only the laws that no story may break.
//!
//! The laws: no panic; a timeout moves forward; a stranger gets at most three bytes more than he sent, each time (M15), or
//! in Shen's protocol a line of words (S18); the server writes only to those who wrote to it, and only what decodes;
//! everybody is in one room, and a manager in his; the same story with the same seed gives the same outputs; in the end all
//! is over.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use palabre::dialect::{msp, shen};
use palabre::engine::{Config, Dialect, Input, Listener, Output, Rate, Server};
use palabre::ids::ListenerId;
use palabre::reliable::Quota;
use palabre::time::{Duration, Instant};
use palabre::wire::{Integrity, Payload, Scratch};

#[path = "engine_words.rs"]
mod words;

use words::{Said, Story};

type Place = (ListenerId, SocketAddr);

/// Plays the story in `data` on two servers side by side, and checks the laws after each step.
pub fn run(data: &[u8]) {
    let mut story = Story::new(data);
    let seed = u64::from(story.byte());
    let mut play = Play::new(seed);
    while !story.is_over() {
        play.step(&mut story);
        play.check_rooms();
    }
    // Whatever was begun comes to an end: everybody falls silent, is removed, and all ids have rested.
    play.waits(Duration::from_secs(600));
    assert_eq!(play.server.poll_timeout(), None, "nobody is here, and nothing is left to do");
    assert_eq!(play.server.rooms().users().count(), 0);
}

/// What is known of one address from outside.
#[derive(Default)]
struct Client {
    /// The id that the server gave him; 0 for who is not registered. Shen's protocol tells none: there it is 1.
    id: u8,
    /// Whether the server ever accepted it: then it is no stranger any more.
    was_accepted: bool,
    received: u64,
    sent: u64,
    /// The last request of the server, to be answered or mocked.
    asked: Option<(u16, Said)>,
    seq: u16,
    last: Vec<u8>,
}

impl Client {
    fn hears_msp(&mut self, bytes: &[u8]) {
        use msp::{Body, ErrorCode, RegisterStatus, Registration};
        let mut scratch = Scratch::new();
        let Ok(message) = msp::Message::decode(bytes, &mut scratch) else {
            panic!("the server sent what is no message: {bytes:02x?}")
        };
        match message.body {
            Body::ConnectReply(Registration::Registered { status: RegisterStatus::Accepted, id }) => {
                (self.id, self.was_accepted) = (id, true);
            }
            Body::ConnectReply(Registration::KeepAlive { error: true })
            | Body::Error { code: ErrorCode::NOT_REGISTERED, .. } => self.id = 0,
            body if body.kind().is_request() => {
                self.asked = Some((message.seq, Said::Msp(body.into_owned())));
            }
            _ => {}
        }
    }

    fn hears_shen(&mut self, bytes: &[u8]) {
        use shen::{Body, Kind};
        let mut scratch = Scratch::new();
        let Ok(message) = shen::Message::decode(bytes, &mut scratch) else {
            panic!("the server sent what is no message: {bytes:02x?}")
        };
        match message.body {
            Body::Plain { kind: Kind::ConnectRefused, .. } => self.id = 0,
            // Only who is registered, or just was, is acknowledged.
            Body::Plain { kind: Kind::Ack, .. } => (self.id, self.was_accepted) = (1, true),
            body => self.asked = Some((message.seq, Said::Shen(body.into_owned()))),
        }
    }
}

struct Play {
    server: Server,
    twin: Server,
    now: Instant,
    places: Vec<Place>,
    clients: BTreeMap<Place, Client>,
}

const SEALED: ListenerId = ListenerId(1);
const SHEN: ListenerId = ListenerId(2);
const SHEN_SEALED: ListenerId = ListenerId(3);

/// The longest line that a stranger gets in Shen's protocol.
const LONGEST_WORDS: u64 = 80;

impl Play {
    fn new(seed: u64) -> Self {
        let mut config = Config::msp();
        config.listeners.push(Listener { integrity: Integrity::Crc32, ..Listener::msp() });
        config.listeners.push(Listener::shen());
        config.listeners.push(Listener { integrity: Integrity::Crc32, ..Listener::shen() });
        // Small limits, so that a short story meets them.
        config.limits.requests = Rate { per_second: 2, burst: 8 };
        config.limits.mailbox = Quota { items: 4, bytes: 1_000 };
        config.limits.max_text = 300;
        let places = ["192.0.2.1:1000", "192.0.2.1:1001", "192.0.2.2:1000", "[2001:db8::1]:1000"]
            .into_iter()
            .filter_map(|address| address.parse().ok())
            .flat_map(|address| {
                [ListenerId(0), SEALED, SHEN, SHEN_SEALED].map(|listener| (listener, address))
            })
            .collect();
        Self {
            server: Server::new(config.clone(), seed),
            twin: Server::new(config, seed),
            now: Instant::from_secs(1),
            places,
            clients: BTreeMap::new(),
        }
    }

    fn step(&mut self, story: &mut Story<'_>) {
        let choice = story.below(20);
        let place = self.places.get(story.below(self.places.len())).copied();
        let Some(place) = place else { return };
        match choice {
            0 => self.waits(Duration::from_millis(u64::from(story.byte()))),
            1 => match story.byte() {
                0..=2 => self.waits(Duration::from_millis(u64::from(story.u16()) * 4)),
                tens => self.waits(Duration::from_millis(u64::from(tens) * 20)),
            },
            2 => {
                let len = story.below(64);
                let bytes = story.take(len).to_vec();
                self.arrives(place, &bytes);
            }
            3 => self.repeats(place, story),
            4..=8 => self.acknowledges(place, story),
            9 if story.byte() == 0xff => self.input(Input::Stop),
            _ => self.asks(place, story),
        }
    }

    /// Sends a request under the next number, sometimes under another id or as a mutation of itself.
    fn asks(&mut self, place: Place, story: &mut Story<'_>) {
        let client = self.clients.entry(place).or_default();
        let said = story.says(dialect(place), client.id != 0);
        client.seq = client.seq.wrapping_add(1);
        let user = match story.below(16) {
            0 => story.byte(),
            _ => client.id,
        };
        let bytes = said.encoded(user, client.seq);
        client.last.clone_from(&bytes);
        self.arrives(place, &bytes);
    }

    /// Sends its last datagram again, with some bits changed or none.
    fn repeats(&mut self, place: Place, story: &mut Story<'_>) {
        let mut bytes = self.clients.get(&place).map(|client| client.last.clone()).unwrap_or_default();
        for _ in 0..story.below(3) {
            let (at, bit) = (story.below(64), story.below(8));
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << bit;
            }
        }
        self.arrives(place, &bytes);
    }

    /// Answers what the server asked last, rightly or not.
    fn acknowledges(&mut self, place: Place, story: &mut Story<'_>) {
        let Some(client) = self.clients.get(&place) else { return };
        let Some((seq, asked)) = client.asked.clone() else { return };
        let bytes = story.answers(asked).encoded(client.id, seq);
        self.arrives(place, &bytes);
    }

    fn arrives(&mut self, place: Place, bytes: &[u8]) {
        let sealed = integrity(place).seal(Payload::new(bytes)).to_vec();
        let client = self.clients.entry(place).or_default();
        let (was_accepted, before) = (client.was_accepted, client.sent);
        client.received += sealed.len() as u64;
        self.input(Input::Datagram { listener: place.0, from: place.1, bytes: &sealed });
        let client = self.clients.entry(place).or_default();
        if !was_accepted && !client.was_accepted {
            let answered = client.sent - before;
            let line = if dialect(place) == Dialect::Shen { LONGEST_WORDS } else { 0 };
            assert!(
                answered <= line.max(sealed.len() as u64 + 3),
                "a stranger got {answered} bytes for {}",
                sealed.len()
            );
        }
    }

    fn input(&mut self, input: Input<'_>) {
        self.server.handle_input(self.now, input);
        self.twin.handle_input(self.now, input);
        self.drain();
    }

    fn waits(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let next = self.server.poll_timeout().filter(|next| *next <= end);
            // What is overdue is done now: time never goes back.
            self.now = next.unwrap_or(end).max(self.now);
            self.server.handle_timeout(self.now);
            self.twin.handle_timeout(self.now);
            let after = self.server.poll_timeout();
            assert!(after.is_none_or(|after| after > self.now), "a timeout must move forward");
            self.drain();
            if next.is_none() {
                return;
            }
        }
    }

    /// Everybody is in exactly one room; a room is never empty, and is managed by a member.
    fn check_rooms(&self) {
        let rooms = self.server.rooms();
        let mut present = rooms.public().len();
        for (_, room) in rooms.rooms() {
            let members = room.members();
            let fits = room.capacity.is_none_or(|most| members.len() <= usize::from(most));
            assert!(!members.is_empty() && fits);
            assert!(room.manager().is_none_or(|manager| members.contains(&manager)));
            present += members.len();
        }
        assert_eq!(present, rooms.users().count());
    }

    fn drain(&mut self) {
        assert_eq!(self.server.poll_timeout(), self.twin.poll_timeout());
        while let Some(output) = self.server.poll_output() {
            assert_eq!(Some(&output), self.twin.poll_output().as_ref(), "the same story, the same outputs");
            let Output::Datagram(sent) = output else { continue };
            let place = (sent.listener, sent.to);
            let bytes = sent.payload.to_vec();
            let Some(client) = self.clients.get_mut(&place) else { panic!("nobody wrote from {place:?}") };
            client.sent += bytes.len() as u64;
            let Some(plain) = integrity(place).open(&bytes) else { panic!("unsealed: {bytes:02x?}") };
            match dialect(place) {
                Dialect::Msp => client.hears_msp(plain),
                _ => client.hears_shen(plain),
            }
        }
        assert_eq!(self.twin.poll_output(), None);
        assert_eq!(self.server.stats(), self.twin.stats());
    }
}

const fn integrity(place: Place) -> Integrity {
    if matches!(place.0, SEALED | SHEN_SEALED) { Integrity::Crc32 } else { Integrity::None }
}

const fn dialect(place: Place) -> Dialect {
    if matches!(place.0, SHEN | SHEN_SEALED) { Dialect::Shen } else { Dialect::Msp }
}
