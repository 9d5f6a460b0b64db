//! What MSP's lists say: rooms, people, addresses.
//!
//! In: who asks. Out: bodies of answers, with the names and ids by which MSP knows everybody. Must not change anything but
//! the numbers of guests, who get one when they are listed (M20).

use crate::dialect::msp::{
    Access, AccessStatus, Body, DirectoryEntry, Known, NOBODY, Name, Peer, RoomEntry, SERVER, name, room_name,
};
use crate::engine::peers::Peers;
use crate::engine::side::Side;
use crate::engine::{Dialect, Server};
use crate::ids::{RoomId, UserId};
use crate::rooms::RoomManager;
use crate::time::Instant;
use crate::vocab::Mode;

/// A list says in 8 bits how long it is (M6).
const LONGEST_LIST: usize = 255;

/// Who and what is meant by the numbers and names of MSP.
pub(super) struct Meant<'a> {
    side: &'a Side,
    peers: &'a Peers,
    rooms: &'a RoomManager,
}

impl Known for Meant<'_> {
    fn user_of(&self, id: u8) -> Option<UserId> {
        self.side.user_of(self.peers, id.into())
    }

    fn user(&self, name: &str) -> Option<UserId> {
        self.side.find_user(self.rooms, name)
    }

    fn room(&self, name: &str) -> Option<RoomId> {
        self.side.find_room(self.rooms, name)
    }
}

impl Server {
    pub(super) const fn meant(&self) -> Meant<'_> {
        Meant { side: self.sides.of(Dialect::Msp), peers: &self.peers, rooms: &self.rooms }
    }

    /// The mode of the room that a refused move was about (M8: it decides the form of the answer).
    pub(super) fn mode_of(&self, asked: &Body<'_>) -> Mode {
        let (Body::JoinRoom { room } | Body::SwitchRoom { room }) = asked else { return Mode::Central };
        let room = room_name(room).and_then(|room| self.meant().room(room));
        room.and_then(|room| self.rooms.room(room)).map_or(Mode::Central, |room| room.mode)
    }

    /// The answer to a move that succeeded: in a decentralised room, with the addresses of the others (M8, M11).
    pub(super) fn access(&mut self, user: UserId, room: RoomId) -> Access<'static> {
        let status = AccessStatus::Joined;
        if self.rooms.room(room).is_none_or(|room| room.mode == Mode::Central) {
            return Access::Central(status);
        }
        let members = self.rooms.members(room).to_vec();
        let others = members.into_iter().filter(|member| *member != user);
        let peers = others
            .take(LONGEST_LIST)
            .filter_map(|member| Some(Peer { address: self.reachable_at(member), user: self.shown(member)? }))
            .collect();
        Access::Direct { status, peers }
    }

    pub(super) fn list_rooms(&mut self) -> Body<'static> {
        let side = self.sides.of_mut(Dialect::Msp);
        let entries = self.rooms.rooms().take(LONGEST_LIST).map(|(id, room)| RoomEntry {
            mode: room.mode,
            room: name(&side.room_name(&self.rooms, id, &room.name)).into_owned(),
            members: u8::try_from(room.members().len()).unwrap_or(u8::MAX),
        });
        Body::RoomList(entries.collect())
    }

    /// Who is in a room; the empty name is the whole server (M6).
    pub(super) fn list_users(&mut self, room: &Name<'_>) -> Body<'static> {
        let users: Vec<UserId> = if room.as_bytes().is_empty() {
            self.rooms.users().map(|(user, _)| user).take(LONGEST_LIST).collect()
        } else {
            let room = room_name(room).and_then(|room| self.meant().room(room));
            room.map_or(&[][..], |room| self.rooms.members(room)).to_vec()
        };
        Body::UserList(users.into_iter().filter_map(|user| self.shown(user)).collect())
    }

    /// Who has an id; [`NOBODY`] asks for everybody in one's room.
    pub(super) fn directory(&mut self, now: Instant, user: UserId, who: u8) -> Body<'static> {
        let users: Vec<UserId> = match who {
            NOBODY => {
                let room = self.rooms.user(user).and_then(|user| user.room);
                let present = room.map_or(self.rooms.public(), |room| self.rooms.members(room));
                present.iter().copied().take(LONGEST_LIST).collect()
            }
            SERVER => Vec::new(),
            number => self.meant().user_of(number).into_iter().collect(),
        };
        let entries = users.into_iter().filter_map(|user| {
            Some(DirectoryEntry { id: self.listed_id(now, user)?, user: self.shown(user)? })
        });
        Body::DirectoryReply(entries.collect())
    }

    /// The id of somebody who is listed; a guest for whom no id is free has none, and is left out (M20).
    fn listed_id(&mut self, now: Instant, user: UserId) -> Option<u8> {
        let number = self.sides.of_mut(Dialect::Msp).number_if_free(now, &self.peers, user)?;
        u8::try_from(number).ok()
    }

    /// What MSP calls a user.
    fn shown(&mut self, user: UserId) -> Option<Name<'static>> {
        let side = self.sides.of_mut(Dialect::Msp);
        let shown = side.user_name(&self.rooms, user, &self.rooms.user(user)?.name);
        Some(name(&shown).into_owned())
    }
}
