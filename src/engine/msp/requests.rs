//! What the server does when a registered client asks for something.
//!
//! In: a request that is new and within its author's rate. Out: exactly one answer, and commands to the rooms. Must not
//! know numbers, repetitions or checksums.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use crate::dialect::msp::{
    Access, AccessStatus, Body, Capabilities, CreateStatus, DirectoryEntry, ErrorCode, Kind, Known, Message,
    NOBODY, Peer, Registration, RoomEntry, SERVER, command, error, name, refused, room_name,
};
use crate::engine::peers::Peers;
use crate::engine::{Counter, Departure, Server};
use crate::ids::{PeerId, QuestionId, RoomId, UserId};
use crate::rooms::RoomManager;
use crate::time::Instant;
use crate::vocab::{Command, Mode, Outcome, Refusal};

/// The version of the extensions that BONJOUR agrees on.
const VERSION: u8 = 1;
/// What this server can do beyond the original text.
const CAPABILITIES: Capabilities =
    Capabilities::NOTIFICATIONS.with(Capabilities::DIRECTORY).with(Capabilities::RELAY);
/// A list says in 8 bits how long it is (M6).
const LONGEST_LIST: usize = 255;

/// Who and what is meant by the numbers and names of MSP.
struct Meant<'a> {
    peers: &'a Peers,
    rooms: &'a RoomManager,
}

impl Known for Meant<'_> {
    fn user_of(&self, id: u8) -> Option<UserId> {
        self.peers.user_of(id)
    }

    fn user(&self, name: &str) -> Option<UserId> {
        self.rooms.find(name)
    }

    fn room(&self, name: &str) -> Option<RoomId> {
        self.rooms.find_room(name)
    }
}

impl Server {
    /// Carries out a request and answers it.
    pub(super) fn execute(&mut self, now: Instant, id: PeerId, message: &Message<'_>) {
        let (kind, seq) = (message.kind(), message.seq);
        let Some(user) = self.peers.get(id).and_then(|peer| peer.user) else { return };
        let body = match &message.body {
            Body::Connect { .. } => Body::ConnectReply(Registration::KeepAlive { error: false }),
            Body::ListRooms => self.list_rooms(),
            Body::ListUsers { room } => {
                let names = if room.as_bytes().is_empty() {
                    self.names(self.rooms.users().map(|(user, _)| user))
                } else {
                    let room = room_name(room).and_then(|room| self.rooms.find_room(room));
                    self.names(room.map_or(&[][..], |room| self.rooms.members(room)).iter().copied())
                };
                Body::UserList(names)
            }
            Body::Hello { capabilities, .. } => self.hello(id, *capabilities),
            Body::Directory { user: who } => self.directory(user, *who),
            Body::Disconnect => {
                // Answered first: afterwards the peer only repeats what it remembers.
                self.answer(now, id, kind, seq, Body::DisconnectReply { refused: false });
                return self.depart(now, id, Departure::Disconnected);
            }
            Body::Text { .. } | Body::Relay { .. } => self.say(now, id, message),
            Body::Offer { .. } | Body::Notification(_) => {
                error(kind.code(), ErrorCode::NOT_ALLOWED, "only the server says this")
            }
            asked => {
                let command = command(asked, &Meant { peers: &self.peers, rooms: &self.rooms });
                let done = command
                    .unwrap_or(Err(Refusal::NoSuchUser))
                    .and_then(|command| self.rooms.apply(now, user, command, &mut self.effects));
                self.outcome(user, kind, asked, done)
            }
        };
        self.answer(now, id, kind, seq, body);
    }

    /// A text, for everybody in the room or for one member of it.
    fn say(&mut self, now: Instant, id: PeerId, message: &Message<'_>) -> Body<'static> {
        let kind = message.kind();
        let (Body::Text { text, order } | Body::Relay { text, order, .. }) = &message.body else {
            return error(kind.code(), ErrorCode::UNKNOWN_TYPE, "");
        };
        if order.is_some() {
            return error(kind.code(), ErrorCode::NOT_ALLOWED, "pipelining was not agreed");
        }
        if text.len() > self.config.limits.max_text {
            let longest = self.config.limits.max_text;
            return error(
                kind.code(),
                ErrorCode::TEXT_TOO_LONG,
                format!("a text has at most {longest} bytes"),
            );
        }
        if text.is_empty() {
            return Body::TextReply;
        }
        let Some(user) = self.peers.get(id).and_then(|peer| peer.user) else { return Body::TextReply };
        let said = command(&message.body, &Meant { peers: &self.peers, rooms: &self.rooms })
            .unwrap_or(Err(Refusal::NoSuchUser))
            .and_then(|command| self.rooms.apply(now, user, command, &mut self.effects));
        match said {
            Ok(_) => {
                self.stats.add(Counter::Texts);
                Body::TextReply
            }
            Err(why) => refused(kind, why, Mode::Central),
        }
    }

    /// Somebody has decided about an invitation. His answer has no answer of its own: what goes wrong is told in words.
    pub(super) fn offer_answered(&mut self, now: Instant, id: PeerId, invitation: QuestionId, accept: bool) {
        let Some(user) = self.peers.get(id).and_then(|peer| peer.user) else { return };
        let command = Command::Answer { question: invitation, accept };
        let came_too_late =
            self.rooms.apply(now, user, command, &mut self.effects) == Err(Refusal::NoSuchInvitation);
        // One who is in a private room may have come into this one by asking for it (M22): he misses nothing.
        let is_in_public = self.rooms.user(user).is_some_and(|user| user.room.is_none());
        if came_too_late && accept && is_in_public {
            self.tell_in_words(id, "that invitation is not open any more");
        }
    }

    fn outcome(
        &self,
        user: UserId,
        kind: Kind,
        asked: &Body<'_>,
        done: Result<Outcome, Refusal>,
    ) -> Body<'static> {
        match (kind, done) {
            (_, Err(why)) => refused(kind, why, self.mode_of(asked)),
            (Kind::CreateRoom, Ok(Outcome::In(room))) => Body::CreateRoomReply {
                status: CreateStatus::Created,
                room: u8::try_from(room.number()).unwrap_or(u8::MAX),
            },
            (Kind::JoinRoom, Ok(Outcome::In(room))) => Body::JoinRoomReply(self.access(user, room)),
            (Kind::SwitchRoom, Ok(Outcome::In(room))) => Body::SwitchRoomReply(self.access(user, room)),
            (Kind::LeaveRoom, Ok(_)) => Body::LeaveRoomReply { refused: false },
            (_, Ok(_)) => Body::InviteReply,
        }
    }

    /// The mode of the room that a refused move was about (M8: it decides the form of the answer).
    fn mode_of(&self, asked: &Body<'_>) -> Mode {
        let (Body::JoinRoom { room } | Body::SwitchRoom { room }) = asked else { return Mode::Central };
        let room = room_name(room).and_then(|room| self.rooms.find_room(room));
        room.and_then(|room| self.rooms.room(room)).map_or(Mode::Central, |room| room.mode)
    }

    /// The answer to a move that succeeded: in a decentralised room, with the addresses of the others (M8, M11).
    fn access(&self, user: UserId, room: RoomId) -> Access<'static> {
        let status = AccessStatus::Joined;
        if self.rooms.room(room).is_none_or(|room| room.mode == Mode::Central) {
            return Access::Central(status);
        }
        let others = self.rooms.members(room).iter().copied().filter(|member| *member != user);
        let peers = others
            .take(LONGEST_LIST)
            .filter_map(|member| {
                let name = name(&self.rooms.user(member)?.name).into_owned();
                Some(Peer { address: self.reachable_at(member), user: name })
            })
            .collect();
        Access::Direct { status, peers }
    }

    /// Where the members of a decentralised room send to; 0.0.0.0:0 for who has no IPv4 address (M11).
    pub(super) fn reachable_at(&self, user: UserId) -> SocketAddrV4 {
        let peer = self.peers.of(user).and_then(|peer| self.peers.get(peer));
        match peer.map(|peer| SocketAddr::new(peer.address.ip().to_canonical(), peer.address.port())) {
            Some(SocketAddr::V4(address)) => address,
            _ => SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0),
        }
    }

    fn list_rooms(&self) -> Body<'static> {
        let entry = |room: &crate::rooms::Room| RoomEntry {
            mode: room.mode,
            room: name(&room.name).into_owned(),
            members: u8::try_from(room.members().len()).unwrap_or(u8::MAX),
        };
        Body::RoomList(self.rooms.rooms().take(LONGEST_LIST).map(|(_, room)| entry(room)).collect())
    }

    fn names(&self, users: impl Iterator<Item = UserId>) -> Vec<crate::dialect::msp::Name<'static>> {
        users
            .filter_map(|user| self.rooms.user(user))
            .map(|user| name(&user.name).into_owned())
            .take(LONGEST_LIST)
            .collect()
    }

    fn hello(&mut self, id: PeerId, theirs: Capabilities) -> Body<'static> {
        let capabilities = theirs.common(CAPABILITIES);
        if let Some(peer) = self.peers.get_mut(id) {
            peer.capabilities = capabilities;
        }
        Body::HelloReply { version: VERSION, capabilities }
    }

    fn directory(&self, user: UserId, who: u8) -> Body<'static> {
        let entry = |user: UserId| {
            let name = name(&self.rooms.user(user)?.name).into_owned();
            Some(DirectoryEntry { id: self.peers.number_of(user)?, user: name })
        };
        let entries = match who {
            NOBODY => {
                let room = self.rooms.user(user).and_then(|user| user.room);
                let present = room.map_or(self.rooms.public(), |room| self.rooms.members(room));
                present.iter().filter_map(|user| entry(*user)).take(LONGEST_LIST).collect()
            }
            SERVER => Vec::new(),
            number => self.peers.user_of(number).and_then(entry).into_iter().collect(),
        };
        Body::DirectoryReply(entries)
    }
}
