//! How MSP says what the rooms want told.
//!
//! In: notices. Out: requests to a peer. Must not know why something happened, nor how a request is repeated.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use crate::dialect::msp::{Body, Capabilities, Event, SERVER, name, packet, words};
use crate::engine::config::Packed;
use crate::engine::outgoing::{Outgoing, Purpose};
use crate::engine::peers::Peer;
use crate::engine::tell::{Said, own_lane};
use crate::engine::{Dialect, DropReason, Server};
use crate::ids::{PeerId, RoomId, UserId};
use crate::reliable::{Patience, Request};
use crate::time::Instant;
use crate::vocab::{Mode, Notice, Question};
use crate::wire::Packet;

impl Server {
    /// What somebody said, for all who hear it. A guest whose id was somebody else's until now is introduced first.
    pub(in crate::engine) fn msp_text(&mut self, now: Instant, said: Said<'_>) -> Vec<Request<Outgoing>> {
        let Some(author) = self.msp_id(now, said.author) else { return self.spoken_for(said) };
        let introduced = self.sides.of_mut(Dialect::Msp).numbers.introduces(said.author);
        let body = Body::Text { text: said.text.into(), order: None };
        let Ok(packet) = packet(author, &body) else {
            self.stats.drop(DropReason::Unencodable);
            return Vec::new();
        };
        let text = Outgoing { packet, purpose: Purpose::Text }.in_lane_of(author.into());
        let introduction = introduced.then(|| self.introduction(now, said.author)).flatten();
        introduction.into_iter().chain([text]).collect()
    }

    /// The text of a guest for whom there is no id, as MSP's own people have them all (M20): the server says it for him.
    fn spoken_for(&mut self, said: Said<'_>) -> Vec<Request<Outgoing>> {
        let Some(author) = self.rooms.user(said.author) else { return Vec::new() };
        let side = self.sides.of_mut(Dialect::Msp);
        let author = side.user_name(&self.rooms, said.author, &author.name);
        let packet = self.counted(words_of_server(&format!("{author}: {}", said.text)));
        let request = packet
            .map(|packet| Outgoing { packet, purpose: Purpose::Text }.in_own_lane(own_lane(Packed::Msp)));
        request.into_iter().collect()
    }

    /// Tells those who know an id by its former holder whose it is now. It goes where his texts go, so it comes first.
    fn introduction(&mut self, now: Instant, user: UserId) -> Option<Request<Outgoing>> {
        let event = self.joined(now, user, None)?;
        let Event::Joined { id, .. } = event else { return None };
        let packet = packet(SERVER, &Body::Notification(event)).ok()?;
        Some(Outgoing { packet, purpose: Purpose::Notice }.in_lane_of(id.into()))
    }

    /// The request that tells somebody what has happened; `None` when there is nothing to say.
    pub(in crate::engine) fn msp_notice(
        &mut self,
        now: Instant,
        id: PeerId,
        notice: &Notice,
        purpose: Purpose,
    ) -> Option<Request<Outgoing>> {
        if let Notice::Asked { question, what } = notice {
            return self.offer(what, Purpose::Question(*question));
        }
        let (body, purpose) = match self.event(now, notice) {
            Some(event) => {
                let reads = self.peers.get(id)?.capabilities.has(Capabilities::NOTIFICATIONS);
                (if reads { Body::Notification(event) } else { text(words(&event)) }, purpose)
            }
            None => (text(self.in_words(notice)?), Purpose::Words),
        };
        let packet = self.counted(packet(SERVER, &body).ok())?;
        Some(Outgoing { packet, purpose }.in_own_lane(own_lane(Packed::Msp)))
    }

    fn offer(&mut self, what: &Question, purpose: Purpose) -> Option<Request<Outgoing>> {
        let Question::Invitation { by, name: inviter, room, room_name, mode } = what else { return None };
        let side = self.sides.of_mut(Dialect::Msp);
        let by = side.user_name(&self.rooms, *by, inviter);
        let room = match room {
            Some(room) => side.room_name(&self.rooms, *room, room_name),
            None => side.rooms.fit(room_name).into(),
        };
        let offer = Body::Offer { by: name(&by), mode: *mode, room: name(&room) };
        let packet = self.counted(packet(SERVER, &offer).ok())?;
        Some(Request::new(Outgoing { packet, purpose }).with_patience(Patience::Linger))
    }

    /// What NOTIFICATION has a number for.
    fn event(&mut self, now: Instant, notice: &Notice) -> Option<Event<'static>> {
        let owned = |text: &str| name(text).into_owned();
        Some(match notice {
            Notice::Joined { user, room } => return self.joined(now, *user, *room),
            Notice::Left { user, name } => {
                let id = self.msp_id(now, *user).unwrap_or_default();
                let side = self.sides.of_mut(Dialect::Msp);
                Event::Left { id, user: owned(&side.user_name(&self.rooms, *user, name)) }
            }
            Notice::Closed { room, name, .. } => {
                let side = self.sides.of_mut(Dialect::Msp);
                Event::Closed { room: owned(&side.room_name(&self.rooms, *room, name)) }
            }
            Notice::Declined { user, name } => {
                let side = self.sides.of_mut(Dialect::Msp);
                Event::Declined { user: owned(&side.user_name(&self.rooms, *user, name)) }
            }
            Notice::ModeChanged { mode, .. } => Event::ModeChanged(*mode),
            Notice::Renamed { room, name } => {
                let side = self.sides.of_mut(Dialect::Msp);
                Event::Renamed { room: owned(&side.room_name(&self.rooms, *room, name)) }
            }
            _ => return None,
        })
    }

    /// What it has none for.
    fn in_words(&self, notice: &Notice) -> Option<String> {
        Some(match notice {
            Notice::CouldNotJoin { room, why } => {
                format!("you could not join {}: {why}", self.sides.of(Dialect::Msp).rooms.fit(room))
            }
            Notice::VoteHeld { mode } => {
                let how = match mode {
                    Mode::Central => "go through the server",
                    Mode::Direct => "go straight from member to member",
                };
                format!(
                    "the manager asks whether the texts of this room shall {how}: \
                     who does not leave within 60 s agrees"
                )
            }
            _ => return None,
        })
    }

    fn joined(&mut self, now: Instant, user: UserId, room: Option<RoomId>) -> Option<Event<'static>> {
        let decentralised =
            room.and_then(|room| self.rooms.room(room)).is_some_and(|room| room.mode == Mode::Direct);
        let address =
            if decentralised { self.reachable_at(user) } else { SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0) };
        let id = self.msp_id(now, user)?;
        let side = self.sides.of_mut(Dialect::Msp);
        let user_name = side.user_name(&self.rooms, user, &self.rooms.user(user)?.name);
        Some(Event::Joined { id, address, user: name(&user_name).into_owned() })
    }

    /// Where the members of a decentralised room send to; 0.0.0.0:0 for who has no IPv4 address or does not speak MSP
    /// (M11).
    pub(super) fn reachable_at(&self, user: UserId) -> SocketAddrV4 {
        let peer = self.peers.of(user).and_then(|peer| self.peers.get(peer));
        let peer = peer.filter(|peer| peer.dialect == Packed::Msp);
        match peer.map(|peer| SocketAddr::new(peer.address.ip().to_canonical(), peer.address.port())) {
            Some(SocketAddr::V4(address)) => address,
            _ => SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0),
        }
    }

    /// The id by which MSP knows a user.
    pub(super) fn msp_id(&mut self, now: Instant, user: UserId) -> Option<u8> {
        let number = self.sides.of_mut(Dialect::Msp).number_of(now, &self.peers, user)?;
        u8::try_from(number).ok()
    }

    fn counted(&mut self, packet: Option<Packet>) -> Option<Packet> {
        if packet.is_none() {
            self.stats.drop(DropReason::Unencodable);
        }
        packet
    }
}

/// What a peer is told when the server stops.
pub(in crate::engine) fn goodbye(peer: &Peer) -> Option<Packet> {
    let reads = peer.capabilities.has(Capabilities::NOTIFICATIONS);
    let event = Event::Stopping;
    let body = if reads { Body::Notification(event) } else { text(words(&event)) };
    packet(SERVER, &body).ok()
}

/// A text without words.
pub(in crate::engine) fn empty_text() -> Option<Packet> {
    words_of_server("")
}

/// Something that the server says itself.
pub(in crate::engine) fn words_of_server(words: &str) -> Option<Packet> {
    packet(SERVER, &text(words.into())).ok()
}

/// How many texts somebody has missed.
pub(in crate::engine) fn missed(texts: u32) -> String {
    let what = match texts {
        1 => "a text for you was dropped".into(),
        texts => format!("{texts} texts for you were dropped"),
    };
    format!("{what}: too many waited while you were away")
}

fn text(words: String) -> Body<'static> {
    Body::Text { text: words.into(), order: None }
}
