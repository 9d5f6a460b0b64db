//! Who is on the server, as type 29 says it (S4).
//!
//! In: who asks. Out: entries, in pages. Must not change anything but the handles of guests, who get one when they are
//! listed.

use std::net::{SocketAddr, SocketAddrV4};

use crate::dialect::shen::{Body, Entry, entry, packet, pages};
use crate::engine::config::Packed;
use crate::engine::outgoing::{Outgoing, Purpose};
use crate::engine::traffic::Asked;
use crate::engine::{Dialect, DropReason, Server};
use crate::ids::{PeerId, RoomId, UserId};
use crate::reliable::Request;
use crate::time::Instant;
use crate::vocab::Mode;

impl Server {
    /// Everybody but the asker, as the original's example has it (S20). The first page is the answer; the others follow
    /// under numbers of our own, unless those of his last list are still on their way: who asks from a forged address shall
    /// not have ever more sent there.
    pub(super) fn shen_list(&mut self, now: Instant, id: PeerId, asker: UserId, asked: Asked) {
        let users: Vec<UserId> = self.rooms.users().map(|(user, _)| user).collect();
        let others = users.into_iter().filter(|user| *user != asker);
        let entries = others.filter_map(|user| self.shen_entry(now, user, asker)).collect();
        let mut pages = pages(entries).into_iter();
        self.shen_answer(now, id, asked, Body::List(pages.next().unwrap_or_default()));
        let Some(peer) = self.peers.get_mut(id).filter(|peer| peer.pages == 0) else { return };
        for page in pages {
            match packet(&Body::List(page)) {
                Ok(packet) => {
                    peer.link.send(Request::new(Outgoing { packet, purpose: Purpose::Page }));
                    peer.pages += 1;
                }
                Err(_) => self.stats.drop(DropReason::Unencodable),
            }
        }
    }

    /// What a list says of `user` to `asker`: his address too, where the asker may send to it (S13).
    pub(super) fn shen_entry(&mut self, now: Instant, user: UserId, asker: UserId) -> Option<Entry<'static>> {
        let side = self.sides.of_mut(Dialect::Shen);
        let handle = side.number_if_free(now, &self.peers, user)?;
        let listed = self.rooms.user(user)?;
        let name = side.user_name(&self.rooms, user, &listed.name);
        let room = listed.room.and_then(|id| Some((id, self.rooms.room(id)?)));
        let shown = room.map(|(id, room)| (id, side.room_name(&self.rooms, id, &room.name)));
        let is_ours = self.rooms.user(asker)?.room == listed.room;
        let address = room
            .filter(|(_, room)| is_ours && room.mode == Mode::Direct)
            .and_then(|_| self.shen_address(user));
        let room = shown.as_ref().map(|(id, name)| (handle_of(*id), &**name));
        Some(entry(room, handle, &name, address))
    }

    /// Where members of a decentralised room who speak this protocol send to; `None` for who has no IPv4 address or speaks
    /// another one: he is reached through the server.
    fn shen_address(&self, user: UserId) -> Option<SocketAddrV4> {
        let peer = self.peers.get(self.peers.of(user)?).filter(|peer| peer.dialect == Packed::Shen)?;
        match SocketAddr::new(peer.address.ip().to_canonical(), peer.address.port()) {
            SocketAddr::V4(address) => Some(address),
            SocketAddr::V6(_) => None,
        }
    }
}

/// The handle of a private room: its number (S3).
pub(super) fn handle_of(room: RoomId) -> u16 {
    u16::try_from(room.number()).unwrap_or(0)
}
