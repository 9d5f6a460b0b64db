//! Whatever people of both dialects do to one server, some things hold.
//!
//! In: bytes that are read as a story: requests and answers of both dialects, good, repeated and mutated, and time. Out:
//! nothing, or a panic that says which law broke. Must not know the rules of chat: only the laws that no story may break.
//!
//! The laws: no panic; a timeout moves forward; the server writes only to those who wrote to it, and only what decodes;
//! everybody is in one room, and a manager in his; the same story gives the same outputs; in the end all is over.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use palabre::dialect::{msp, shen};
use palabre::engine::{Config, Input, Listener, Output, Rate, Server};
use palabre::ids::ListenerId;
use palabre::reliable::Quota;
use palabre::time::{Duration, Instant};
use palabre::vocab::Mode;
use palabre::wire::Scratch;

/// Plays the story in `data` on two servers side by side, and checks the laws after each step.
pub fn run(data: &[u8]) {
    let mut story = Story { left: data };
    let mut play = Play::new(u64::from(story.byte()));
    while !story.left.is_empty() {
        play.step(&mut story);
    }
    // Whatever was begun comes to an end: everybody falls silent, is asked in vain, removed, and all numbers have rested.
    play.waits(Duration::from_secs(600));
    assert_eq!(play.server.poll_timeout(), None, "nobody is here, and nothing is left to do");
    assert_eq!(play.server.rooms().users().count(), 0);
}

/// The bytes of the story; zeros when they are used up.
struct Story<'a> {
    left: &'a [u8],
}

impl Story<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, left)) = self.left.split_first() else { return 0 };
        self.left = left;
        *first
    }

    fn below(&mut self, limit: u8) -> u8 {
        self.byte() % limit
    }

    fn one_of<'n>(&mut self, names: &[&'n str]) -> &'n str {
        names.get(usize::from(self.byte()) % names.len()).copied().unwrap_or_default()
    }

    fn mode(&mut self) -> Mode {
        if self.byte() & 1 == 0 { Mode::Central } else { Mode::Direct }
    }
}

/// What somebody at one address knows.
#[derive(Default)]
struct Client {
    id: u8,
    seq: u16,
    /// The numbers of what the server sent last, and whether that was a text.
    asked: Vec<(u16, bool)>,
    last: Vec<u8>,
}

struct Play {
    server: Server,
    twin: Server,
    now: Instant,
    clients: BTreeMap<SocketAddr, Client>,
}

/// Half of the addresses speak MSP.
const PEOPLE: u8 = 8;

fn speaks_msp(address: SocketAddr) -> bool {
    address.port().is_multiple_of(2)
}

fn listener(address: SocketAddr) -> ListenerId {
    ListenerId(usize::from(!speaks_msp(address)))
}

impl Play {
    fn new(seed: u64) -> Self {
        let mut config = Config::new(vec![Listener::msp(), Listener::shen()]);
        // Small limits, so that a short story meets them.
        config.limits.requests = Rate { per_second: 20, burst: 40 };
        config.limits.mailbox = Quota { items: 6, bytes: 3_000 };
        let (server, twin) = (Server::new(config.clone(), seed), Server::new(config, seed));
        Self { server, twin, now: Instant::from_secs(1), clients: BTreeMap::new() }
    }

    fn step(&mut self, story: &mut Story<'_>) {
        let address: SocketAddr = ([192, 0, 2, 1], 1_000 + u16::from(story.below(PEOPLE))).into();
        match story.below(16) {
            0 => self.waits(Duration::from_millis(u64::from(story.byte()) * 4)),
            1 => {
                let factor = if story.below(16) == 0 { 1_000 } else { 50 };
                self.waits(Duration::from_millis(u64::from(story.byte()) * factor));
            }
            2 => {
                let mut bytes = self.clients.entry(address).or_default().last.clone();
                for _ in 0..story.below(3) {
                    let (at, bit) = (usize::from(story.below(40)), story.below(8));
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= 1 << bit;
                    }
                }
                self.arrives(address, &bytes);
            }
            3..=7 => self.answers(address, story),
            _ => self.asks(address, story),
        }
    }

    fn asks(&mut self, address: SocketAddr, story: &mut Story<'_>) {
        let client = self.clients.entry(address).or_default();
        client.seq = client.seq.wrapping_add(1);
        let mut bytes = Vec::new();
        let written = if speaks_msp(address) {
            let body = if client.id == 0 { msp_registration(story) } else { msp_request(story) };
            msp::Message { user: client.id, seq: client.seq, body }.encode(&mut bytes).is_ok()
        } else {
            shen::Message { seq: client.seq % 1_024, body: shen_request(story) }.encode(&mut bytes).is_ok()
        };
        assert!(written, "the story writes what can be written");
        client.last.clone_from(&bytes);
        self.arrives(address, &bytes);
    }

    /// Answers one of the things the server asked last, rightly or not.
    fn answers(&mut self, address: SocketAddr, story: &mut Story<'_>) {
        let client = self.clients.entry(address).or_default();
        let nth = usize::from(story.below(4));
        let Some((seq, is_text)) = client.asked.iter().rev().nth(nth).copied() else { return };
        let mut bytes = Vec::new();
        let choice = story.below(8);
        let written = if speaks_msp(address) {
            let body = match choice {
                0 => msp::Body::OfferReply { declined: true },
                1 | 2 if !is_text => msp::Body::OfferReply { declined: false },
                _ if is_text => msp::Body::TextReply,
                _ => msp::Body::NotificationReply,
            };
            msp::Message { user: client.id, seq, body }.encode(&mut bytes).is_ok()
        } else {
            let (kind, text) = match choice {
                0 => (shen::Kind::Decline, ""),
                1 | 2 => (shen::Kind::Accept, ""),
                3 => (shen::Kind::Ack, shen::words::AGREED),
                4 => (shen::Kind::Ack, "non"),
                _ => (shen::Kind::Ack, ""),
            };
            shen::Message { seq, body: shen::Body::plain(kind, text) }.encode(&mut bytes).is_ok()
        };
        assert!(written, "the story writes what can be written");
        self.arrives(address, &bytes);
    }

    fn arrives(&mut self, address: SocketAddr, bytes: &[u8]) {
        let input = Input::Datagram { listener: listener(address), from: address, bytes };
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
            assert!(
                self.server.poll_timeout().is_none_or(|after| after > self.now),
                "a timeout must move forward"
            );
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
            assert_eq!(sent.listener, listener(sent.to));
            let Some(client) = self.clients.get_mut(&sent.to) else {
                panic!("nobody wrote from {}", sent.to)
            };
            client.hears(speaks_msp(sent.to), &sent.payload.to_vec());
        }
        assert_eq!(self.twin.poll_output(), None);
        assert_eq!(self.server.stats(), self.twin.stats());
        self.check_rooms();
    }

    /// Everybody is in exactly one room; a room is never empty, and is managed by a member.
    fn check_rooms(&self) {
        let rooms = self.server.rooms();
        let mut present = rooms.public().len();
        for (_, room) in rooms.rooms() {
            let members = room.members();
            assert!(!members.is_empty() && members.len() <= usize::from(room.capacity));
            assert!(room.manager().is_none_or(|manager| members.contains(&manager)));
            present += members.len();
        }
        assert_eq!(present, rooms.users().count());
    }
}

impl Client {
    fn hears(&mut self, is_msp: bool, bytes: &[u8]) {
        let mut scratch = Scratch::new();
        if !is_msp {
            let message = shen::Message::decode(bytes, &mut scratch);
            let Ok(message) = message else { panic!("the server sent what is no message: {bytes:02x?}") };
            return self.is_asked(message.seq, true);
        }
        let message = msp::Message::decode(bytes, &mut scratch);
        let Ok(message) = message else { panic!("the server sent what is no message: {bytes:02x?}") };
        match message.body {
            msp::Body::ConnectReply(msp::Registration::Registered {
                status: msp::RegisterStatus::Accepted,
                id,
            }) => self.id = id,
            msp::Body::ConnectReply(msp::Registration::KeepAlive { error: true })
            | msp::Body::Error { code: msp::ErrorCode::NOT_REGISTERED, .. } => self.id = 0,
            body if body.kind().is_request() => {
                self.is_asked(message.seq, matches!(body, msp::Body::Text { .. }));
            }
            _ => {}
        }
    }

    fn is_asked(&mut self, seq: u16, is_text: bool) {
        self.asked.push((seq, is_text));
        if self.asked.len() > 4 {
            self.asked.remove(0);
        }
    }
}

const MSP_NAMES: [&str; 4] = ["ann", "bob", "x,y", "Jean-Bapti"];
const SHEN_NAMES: [&str; 6] = ["bob", "Cy", "x_y", "Jean-Baptiste Poquelin", "a#b", "Jean-Baptiste Lully"];
const ROOMS: [&str; 4] = ["den", "a,b", "a_b", "#"];

fn msp_registration(story: &mut Story<'_>) -> msp::Body<'static> {
    msp::Body::Connect { name: msp::Name::new(story.one_of(&MSP_NAMES)) }
}

fn msp_request(story: &mut Story<'_>) -> msp::Body<'static> {
    let who = |story: &mut Story<'_>| {
        let names = ["bob", "ann", "Cy", "x_y", "Jean-Bapti", "Jean-Bapt2", "a_b"];
        msp::Name::new(story.one_of(&names)).unwrap_or_default()
    };
    let room = |story: &mut Story<'_>| msp::Name::new(story.one_of(&ROOMS)).unwrap_or_default();
    match story.below(14) {
        0 => msp_registration(story),
        1 | 2 => {
            msp::Body::CreateRoom { mode: story.mode(), room: room(story), capacity: 2 + story.below(4) }
        }
        3 | 4 => msp::Body::JoinRoom { room: room(story) },
        5 => msp::Body::LeaveRoom,
        6 | 7 => msp::Body::Invite { user: who(story) },
        8 => msp::Body::Hello { version: 1, capabilities: msp::Capabilities(story.byte().into()) },
        9 => msp::Body::Relay { to: story.below(9), text: "pst".into(), order: None },
        10 => match story.below(4) {
            0 => msp::Body::ListRooms,
            1 => msp::Body::Directory { user: story.below(9) },
            2 => msp::Body::Disconnect,
            _ => msp::Body::ListUsers { room: room(story) },
        },
        _ => msp::Body::Text { text: "words ".repeat(usize::from(story.byte())).into(), order: None },
    }
}

fn shen_request(story: &mut Story<'_>) -> shen::Body<'static> {
    use shen::{Body, Kind};
    let names = |story: &mut Story<'_>| {
        let names =
            ["bob, Cy", "ann", "x_y", "Cy,Jean-Baptiste Lully", "a#b, nobody", "Jean-Baptiste Poquelin"];
        story.one_of(&names)
    };
    match story.below(16) {
        0..=2 => Body::plain(Kind::Connect, story.one_of(&SHEN_NAMES)),
        3 => {
            let kinds =
                [Kind::ListUsers, Kind::CountRooms, Kind::CountMembers, Kind::Disconnect, Kind::Dissolve];
            Body::plain(kinds.get(usize::from(story.below(5))).copied().unwrap_or(Kind::Leave), "")
        }
        4 => Body::plain(Kind::Leave, ""),
        5 | 6 => Body::plain(Kind::Join, story.one_of(&ROOMS)),
        7 => Body::plain(if story.byte() & 1 == 0 { Kind::Accept } else { Kind::Decline }, ""),
        8..=12 => {
            let kinds = [
                Kind::Invite,
                Kind::ChooseMode,
                Kind::ChooseMode,
                Kind::ChangeMode,
                Kind::NameRoom,
                Kind::RenameRoom,
            ];
            let kind = kinds.get(usize::from(story.below(6))).copied().unwrap_or(Kind::Invite);
            let text = if kind == Kind::Invite { names(story) } else { story.one_of(&ROOMS) };
            let (mode, room) = (story.mode(), story.below(3).into());
            Body::Room { kind, private: true, mode, room, text: text.into() }
        }
        _ => {
            let text = "mots ".repeat(usize::from(story.byte()) % 200).into();
            Body::Speech { kind: Kind::Send, emitter: 0, receiver: story.below(9).into(), text }
        }
    }
}
