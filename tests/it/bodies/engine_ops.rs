//! Whatever happens to a server, some things hold.
//!
//! In: bytes that are read as a story: datagrams, good, mutated and random, from a few addresses, and time. Out: nothing,
//! or a panic that says which law broke. Must not know the rules of chat: only the laws that no story may break.
//!
//! The laws: no panic; a timeout moves forward; a stranger gets at most three bytes more than he sent, each time (M15);
//! the server writes only to those who wrote to it, and only what decodes; the same story with the same seed gives the
//! same outputs.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use palabre::dialect::msp::{
    Body, Capabilities, ErrorCode, Event, Message, Name, RegisterStatus, Registration,
};
use palabre::engine::{Config, Input, Listener, Output, Rate, Server};
use palabre::ids::ListenerId;
use palabre::reliable::Quota;
use palabre::time::{Duration, Instant};
use palabre::vocab::Mode;
use palabre::wire::{Integrity, Payload, Scratch};

type Place = (ListenerId, SocketAddr);

/// Plays the story in `data` on two servers side by side, and checks the laws after each step.
pub fn run(data: &[u8]) {
    let mut story = Story { left: data };
    let seed = u64::from(story.byte());
    let mut play = Play::new(seed);
    while !story.left.is_empty() {
        play.step(&mut story);
    }
    // Whatever was begun comes to an end: everybody falls silent, is removed, and all ids have rested.
    play.waits(Duration::from_secs(600));
    assert_eq!(play.server.poll_timeout(), None, "nobody is here, and nothing is left to do");
    assert_eq!(play.server.rooms().users().count(), 0);
}

/// The bytes of the story; zeros when they are used up.
struct Story<'a> {
    left: &'a [u8],
}

impl<'a> Story<'a> {
    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    fn u16(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }

    fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, left) = self.left.split_at(len.min(self.left.len()));
        self.left = left;
        taken
    }
}

/// What is known of one address from outside.
#[derive(Default)]
struct Client {
    id: u8,
    /// Whether the server ever accepted it: then it is no stranger any more.
    was_accepted: bool,
    received: u64,
    sent: u64,
    /// The last request of the server, to be answered or mocked.
    asked: Option<(u16, Body<'static>)>,
    seq: u16,
    last: Vec<u8>,
}

struct Play {
    server: Server,
    twin: Server,
    now: Instant,
    places: Vec<Place>,
    clients: BTreeMap<Place, Client>,
}

const SEALED: ListenerId = ListenerId(1);

impl Play {
    fn new(seed: u64) -> Self {
        let mut config = Config::msp();
        config.listeners.push(Listener { integrity: Integrity::Crc32, ..Listener::msp() });
        // Small limits, so that a short story meets them.
        config.limits.requests = Rate { per_second: 2, burst: 8 };
        config.limits.mailbox = Quota { items: 4, bytes: 1_000 };
        config.limits.max_text = 300;
        let places = ["192.0.2.1:1000", "192.0.2.1:1001", "192.0.2.2:1000", "[2001:db8::1]:1000"]
            .into_iter()
            .filter_map(|address| address.parse().ok())
            .flat_map(|address| [(ListenerId(0), address), (SEALED, address)])
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
        let body = if client.id == 0 { registration(story) } else { request(story) };
        client.seq = client.seq.wrapping_add(1);
        let user = match story.below(16) {
            0 => story.byte(),
            _ => client.id,
        };
        let bytes = encoded(user, client.seq, body);
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
        let answer = match (story.below(8), asked) {
            (0, _) => Body::Error { refused: story.byte() & 31, code: ErrorCode(1), reason: "".into() },
            (_, Body::Text { .. }) => Body::TextReply,
            (_, Body::Offer { .. }) => Body::OfferReply { declined: story.byte() & 1 == 0 },
            _ => Body::NotificationReply,
        };
        let bytes = encoded(client.id, seq, answer);
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
            assert!(
                answered <= sealed.len() as u64 + 3,
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

    fn drain(&mut self) {
        assert_eq!(self.server.poll_timeout(), self.twin.poll_timeout());
        while let Some(output) = self.server.poll_output() {
            assert_eq!(Some(&output), self.twin.poll_output().as_ref(), "the same story, the same outputs");
            let Output::Datagram(sent) = output else { continue };
            let place = (sent.listener, sent.to);
            let bytes = sent.payload.to_vec();
            let Some(client) = self.clients.get_mut(&place) else { panic!("nobody wrote from {place:?}") };
            client.sent += bytes.len() as u64;
            let mut scratch = Scratch::new();
            let opened = integrity(place).open(&bytes).map(|plain| Message::decode(plain, &mut scratch));
            let Some(Ok(message)) = opened else {
                panic!("the server sent what is no message: {bytes:02x?}")
            };
            match message.body {
                Body::ConnectReply(Registration::Registered { status: RegisterStatus::Accepted, id }) => {
                    (client.id, client.was_accepted) = (id, true);
                }
                Body::ConnectReply(Registration::KeepAlive { error: true })
                | Body::Error { code: ErrorCode::NOT_REGISTERED, .. } => client.id = 0,
                body if body.kind().is_request() => client.asked = Some((message.seq, body.into_owned())),
                _ => {}
            }
        }
        assert_eq!(self.twin.poll_output(), None);
        assert_eq!(self.server.stats(), self.twin.stats());
    }
}

fn integrity(place: Place) -> Integrity {
    if place.0 == SEALED { Integrity::Crc32 } else { Integrity::None }
}

/// Who is not known yet mostly registers, or the story would be one of strangers.
fn registration(story: &mut Story<'_>) -> Body<'static> {
    if story.below(8) == 0 { request(story) } else { Body::Connect { name: Some(who(story)) } }
}

fn request(story: &mut Story<'_>) -> Body<'static> {
    let room = |story: &mut Story<'_>| some_name(&["den", "lair", "hut", "\n"], story);
    let mode = |story: &mut Story<'_>| if story.byte() & 1 == 0 { Mode::Central } else { Mode::Direct };
    match story.below(20) {
        0 | 1 => Body::Connect { name: Some(who(story)) },
        2 | 3 => Body::Text { text: some_text(story), order: None },
        4 => Body::Connect { name: None },
        5 | 6 => Body::CreateRoom { mode: mode(story), room: room(story), capacity: story.byte() % 4 },
        7 | 8 => Body::JoinRoom { room: room(story) },
        9 => Body::SwitchRoom { room: room(story) },
        10 => Body::LeaveRoom,
        11 | 12 => Body::Invite { user: who(story) },
        13 => Body::Hello { version: 1, capabilities: Capabilities(story.u16()) },
        14 => Body::Relay { to: story.byte() % 10, text: some_text(story), order: None },
        15 => match story.below(6) {
            0 => Body::ListRooms,
            1 => Body::ListUsers { room: room(story) },
            2 => Body::Directory { user: story.byte() % 10 },
            3 => Body::Disconnect,
            4 => Body::Notification(Event::Stopping),
            _ => Body::ListUsers { room: who(story) },
        },
        _ => Body::Text { text: some_text(story), order: None },
    }
}

fn who(story: &mut Story<'_>) -> Name<'static> {
    some_name(&["ann", "bob", "cy", "dan", "eve", "fay", "gus", "", "much too long"], story)
}

fn some_name(names: &[&'static str], story: &mut Story<'_>) -> Name<'static> {
    names.get(story.below(names.len())).and_then(|text| Name::new(text)).unwrap_or_default()
}

fn some_text(story: &mut Story<'_>) -> std::borrow::Cow<'static, str> {
    "words ".repeat(story.below(60)).into()
}

fn encoded(user: u8, seq: u16, body: Body<'static>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = Message { user, seq, body }.encode(&mut bytes);
    assert_eq!(written, Ok(()), "the story writes what can be written");
    bytes
}
