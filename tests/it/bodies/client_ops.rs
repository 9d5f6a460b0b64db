//! Whatever is said to a client, some things hold.
//!
//! In: bytes that are read as a story: what a user asks, what a server and members say, true or not, and time. Out:
//! nothing, or a panic that says which law broke. Must not know the rules of chat: only the laws that no story may break.
//!
//! The laws: no panic; a timeout moves forward; what a client sends decodes, and goes to the server or to an address the
//! server named; each thing that was asked gets exactly one last word; the same story gives the same outputs.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use palabre::client::{Ask, Client, Config, Event, Fate, Input, Invitation, Output, Ticket};
use palabre::dialect::msp::{
    Access, AccessStatus, Body, Capabilities, CreateStatus, DirectoryEntry, ErrorCode, Event as Notice,
    Message, Name, Peer, RegisterStatus, Registration, RoomEntry, SERVER,
};
use palabre::time::{Duration, Instant};
use palabre::vocab::Mode;
use palabre::wire::Scratch;

const NAMES: [&str; 6] = ["ann", "bob", "cy", "dan", "hut", "den"];

/// Plays the story in `data` on two clients side by side, and checks the laws after each step.
pub fn run(data: &[u8]) {
    let mut story = Story { left: data };
    let mut play = Play::new(u64::from(story.byte()));
    while !story.left.is_empty() {
        play.step(&mut story);
    }
    play.ends();
}

/// The bytes of the story; zeros when they are used up.
struct Story<'a> {
    left: &'a [u8],
}

impl<'a> Story<'a> {
    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }

    fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, left) = self.left.split_at(len.min(self.left.len()));
        self.left = left;
        taken
    }

    fn name(&mut self) -> &'static str {
        NAMES.get(self.below(NAMES.len())).copied().unwrap_or("ann")
    }

    fn wire_name(&mut self) -> Name<'static> {
        Name::new(self.name()).unwrap_or_default()
    }

    fn mode(&mut self) -> Mode {
        if self.byte() & 1 == 0 { Mode::Central } else { Mode::Direct }
    }

    fn text(&mut self) -> String {
        "words ".repeat(self.below(4))
    }
}

struct Play {
    client: Client,
    twin: Client,
    now: Instant,
    server: SocketAddr,
    /// Requests that came to the server, newest last, and the one that came to a member last.
    asked: Vec<Message<'static>>,
    asked_member: Option<(SocketAddr, u16)>,
    members: BTreeSet<SocketAddr>,
    open: BTreeSet<Ticket>,
    goodbyes: BTreeSet<Ticket>,
    tickets: u64,
    seq: u16,
    last: Vec<u8>,
}

impl Play {
    fn new(seed: u64) -> Self {
        let server = SocketAddr::from(([192, 0, 2, 1], 7401));
        let now = Instant::from_secs(1);
        let client = || Client::new(Config::new("alice", server), seed, now);
        let mut play = Self {
            client: client(),
            twin: client(),
            now,
            server,
            asked: Vec::new(),
            asked_member: None,
            members: BTreeSet::new(),
            open: BTreeSet::new(),
            goodbyes: BTreeSet::new(),
            tickets: 0,
            seq: 0,
            last: Vec::new(),
        };
        play.drain();
        play
    }

    fn step(&mut self, story: &mut Story<'_>) {
        match story.below(16) {
            0 => self.waits(Duration::from_millis(u64::from(story.byte()))),
            1 => self.waits(Duration::from_millis(u64::from(story.byte()) * 50)),
            2 => {
                let len = story.below(48);
                let bytes = story.take(len).to_vec();
                let from = if story.byte() & 1 == 0 { self.server } else { place(story.byte()) };
                self.gets(from, &bytes);
            }
            3 => self.gets_again(story),
            4..=7 => self.is_answered(story),
            8..=9 => self.is_told(story),
            10 => self.member_says(story),
            _ => self.wants(story),
        }
    }

    fn wants(&mut self, story: &mut Story<'_>) {
        let room = story.name().into();
        let ask = match story.below(16) {
            0 => Ask::Create { room, mode: story.mode(), capacity: story.byte() },
            1 => Ask::Join(room),
            2 => Ask::Switch(room),
            3 => Ask::Leave,
            4 => Ask::Invite(room),
            5 | 6 => {
                let accept = story.byte() & 1 == 0;
                Ask::Answer { invitation: Invitation(u64::from(story.byte() % 4)), accept }
            }
            7 => Ask::ListRooms,
            8 => Ask::ListUsers(Some(room)),
            9 if story.byte() == 0 => Ask::Disconnect,
            10 => Ask::Join("d#n".into()),
            _ => Ask::Say(story.text()),
        };
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.open.insert(ticket);
        if ask == Ask::Disconnect {
            self.goodbyes.insert(ticket);
        }
        self.client.handle_input(self.now, Input::Ask(ticket, ask.clone()));
        self.twin.handle_input(self.now, Input::Ask(ticket, ask));
        self.drain();
    }

    /// The server answers something that was asked of it, mostly the latest, mostly as it should.
    fn is_answered(&mut self, story: &mut Story<'_>) {
        let back = story.below(8).saturating_sub(5);
        let Some(index) = self.asked.len().checked_sub(1 + back) else { return };
        let Some(asked) = self.asked.get(index).cloned() else { return };
        let body = match story.below(10) {
            0 => Body::Error {
                refused: asked.kind().code(),
                code: ErrorCode(story.byte() % 10),
                reason: "".into(),
            },
            1 => answer(story, &Body::ListRooms),
            _ => answer(story, &asked.body),
        };
        self.says(self.server, SERVER, asked.seq, body);
    }

    fn is_told(&mut self, story: &mut Story<'_>) {
        let (id, user, room) = (story.byte() % 8, story.wire_name(), story.wire_name());
        let text = story.text().into();
        let body = match story.below(10) {
            0 | 1 => Body::Offer { by: user, mode: story.mode(), room },
            2 => Body::Notification(Notice::Joined { id, address: v4(place(id)), user }),
            3 => Body::Notification(Notice::Left { id, user }),
            4 | 5 => Body::Notification(Notice::Closed { room }),
            6 => Body::Notification(match story.below(4) {
                0 => Notice::ModeChanged(story.mode()),
                1 => Notice::Renamed { room },
                2 => Notice::Declined { user },
                _ => Notice::Stopping,
            }),
            _ => Body::Text { text, order: None },
        };
        self.seq = self.seq.wrapping_add(u16::from(story.below(8) > 0));
        let speaker = if matches!(body, Body::Text { .. }) && id > 0 { id } else { SERVER };
        self.says(self.server, speaker, self.seq, body);
    }

    fn member_says(&mut self, story: &mut Story<'_>) {
        if let (Some((member, seq)), 1..) = (self.asked_member, story.below(3)) {
            return self.says(member, story.byte(), seq, Body::TextReply);
        }
        let (from, seq) = (place(story.byte() % 4), u16::from(story.byte() % 8));
        let text = story.text().into();
        self.says(from, story.byte(), seq, Body::Text { text, order: None });
    }

    fn says(&mut self, from: SocketAddr, user: u8, seq: u16, body: Body<'static>) {
        let mut bytes = Vec::new();
        let written = Message { user, seq, body }.encode(&mut bytes);
        assert_eq!(written, Ok(()), "the story writes what can be written");
        self.last.clone_from(&bytes);
        self.gets(from, &bytes);
    }

    /// The last datagram comes again, with some bits changed or none.
    fn gets_again(&mut self, story: &mut Story<'_>) {
        let mut bytes = self.last.clone();
        for _ in 0..story.below(3) {
            let (at, bit) = (story.below(64), story.below(8));
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << bit;
            }
        }
        self.gets(self.server, &bytes);
    }

    /// The addresses that the server names, in a mutated list too.
    fn learns_places(&mut self, bytes: &[u8]) {
        let mut scratch = Scratch::new();
        if let Ok(message) = Message::decode(bytes, &mut scratch)
            && let Body::JoinRoomReply(access) | Body::SwitchRoomReply(access) = &message.body
        {
            self.members.extend(access.peers().iter().map(|peer| SocketAddr::from(peer.address)));
        }
    }

    fn gets(&mut self, from: SocketAddr, bytes: &[u8]) {
        if from == self.server {
            self.learns_places(bytes);
        }
        self.client.handle_input(self.now, Input::Datagram { from, bytes });
        self.twin.handle_input(self.now, Input::Datagram { from, bytes });
        self.drain();
    }

    fn waits(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let next = self.client.poll_timeout().filter(|next| *next <= end);
            self.now = next.unwrap_or(end).max(self.now);
            self.client.handle_timeout(self.now);
            self.twin.handle_timeout(self.now);
            let after = self.client.poll_timeout();
            assert!(after.is_none_or(|after| after > self.now), "a timeout must move forward");
            self.drain();
            if next.is_none() {
                return;
            }
        }
    }

    /// Nobody says anything any more: whatever was asked comes to an end.
    fn ends(&mut self) {
        for _ in 0..120 {
            if self.open.is_empty() {
                break;
            }
            self.waits(Duration::from_secs(5));
        }
        assert!(self.client.is_idle(), "something is still being done");
        assert!(self.open.is_empty(), "no last word on {:?}", self.open);
    }

    fn drain(&mut self) {
        assert_eq!(self.client.poll_timeout(), self.twin.poll_timeout());
        while let Some(output) = self.client.poll_output() {
            assert_eq!(Some(&output), self.twin.poll_output().as_ref(), "the same story, the same outputs");
            match output {
                Output::Event(event) => self.hears_of(&event),
                Output::Datagram { to, payload } => {
                    let bytes = payload.to_vec();
                    let mut scratch = Scratch::new();
                    let Ok(message) = Message::decode(&bytes, &mut scratch) else {
                        panic!("the client sent what is no message: {bytes:02x?}")
                    };
                    assert!(to == self.server || self.members.contains(&to), "nobody named {to}");
                    if !message.kind().is_request() {
                        continue;
                    }
                    if to == self.server {
                        self.asked.push(message.into_owned());
                    } else {
                        self.asked_member = Some((to, message.seq));
                    }
                }
            }
        }
        assert_eq!(self.twin.poll_output(), None);
    }

    fn hears_of(&mut self, event: &Event) {
        match event {
            Event::Text { fate: Fate::Delayed, .. } => {}
            Event::Text { ticket, .. } | Event::Answered { ticket, .. } => {
                assert!(self.open.remove(ticket), "a second last word on {ticket:?}");
            }
            // The last word on a goodbye names no ticket.
            Event::Disconnected => {
                let goodbye = self.goodbyes.pop_first();
                assert!(goodbye.is_some_and(|ticket| self.open.remove(&ticket)), "gone without a goodbye");
            }
            _ => {}
        }
    }
}

/// An answer to `asked` that is of the right kind, and true or not.
fn answer(story: &mut Story<'_>, asked: &Body<'_>) -> Body<'static> {
    match asked {
        Body::Connect { name: Some(_) } => {
            let status = match story.below(12) {
                0 => RegisterStatus::NameTaken,
                1 => RegisterStatus::ServerFull,
                _ => RegisterStatus::Accepted,
            };
            Body::ConnectReply(Registration::Registered { status, id: story.byte() })
        }
        Body::Connect { name: None } => {
            Body::ConnectReply(Registration::KeepAlive { error: story.below(4) == 0 })
        }
        Body::Hello { .. } => {
            let capabilities = Capabilities(if story.below(4) == 0 { story.byte().into() } else { 7 });
            Body::HelloReply { version: 1, capabilities }
        }
        Body::CreateRoom { .. } => {
            let status = if story.below(4) == 0 { CreateStatus::NameTaken } else { CreateStatus::Created };
            Body::CreateRoomReply { status, room: 1 }
        }
        Body::JoinRoom { .. } => Body::JoinRoomReply(access(story)),
        Body::SwitchRoom { .. } => Body::SwitchRoomReply(access(story)),
        Body::LeaveRoom => Body::LeaveRoomReply { refused: story.byte() & 1 == 0 },
        Body::Disconnect => Body::DisconnectReply { refused: story.byte() & 1 == 0 },
        Body::Invite { .. } => Body::InviteReply,
        Body::ListUsers { .. } => Body::UserList(vec![story.wire_name()]),
        Body::Directory { .. } => {
            let count = story.below(4);
            let entry =
                |story: &mut Story<'_>| DirectoryEntry { id: story.byte() % 8, user: story.wire_name() };
            Body::DirectoryReply((0..count).map(|_| entry(story)).collect())
        }
        Body::Text { .. } | Body::Relay { .. } => Body::TextReply,
        _ => Body::RoomList(vec![RoomEntry {
            mode: story.mode(),
            room: story.wire_name(),
            members: story.byte(),
        }]),
    }
}

fn access(story: &mut Story<'_>) -> Access<'static> {
    let status = match story.below(8) {
        0 => AccessStatus::NoSuchRoom,
        1 => AccessStatus::RoomFull,
        _ => AccessStatus::Joined,
    };
    if story.byte() & 1 == 0 {
        return Access::Central(status);
    }
    let count = story.below(4);
    let peer = |story: &mut Story<'_>| Peer { address: v4(place(story.byte() % 4)), user: story.wire_name() };
    Access::Direct { status, peers: (0..count).map(|_| peer(story)).collect() }
}

/// Where somebody may be; number 3 has no address.
fn place(n: u8) -> SocketAddr {
    if n == 3 { ([0, 0, 0, 0], 0).into() } else { ([192, 0, 2, 100], 1_000 + u16::from(n)).into() }
}

fn v4(address: SocketAddr) -> SocketAddrV4 {
    match address {
        SocketAddr::V4(address) => address,
        SocketAddr::V6(_) => SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0),
    }
}
