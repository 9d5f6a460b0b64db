//! How Shen's protocol says what the rooms want told.
//!
//! In: notices. Out: requests to a peer. Must not know why something happened, nor how a request is repeated.

use super::decisions::Awaited;
use super::lists::handle_of;
use super::requests::{denied, done, not_admitted};
use crate::dialect::shen::{Body, Kind, longest_relayed, packet, relayed, words};
use crate::engine::config::Packed;
use crate::engine::outgoing::{Outgoing, Purpose};
use crate::engine::tell::{Said, own_lane};
use crate::engine::{Dialect, DropReason, Server};
use crate::ids::{PeerId, QuestionId, RoomId, UserId};
use crate::reliable::{Patience, Request};
use crate::time::Instant;
use crate::vocab::{Ability, Ending, Mode, Notice, Question, Refusal};
use crate::wire::Packet;

impl Server {
    /// What somebody said, in as many parts as it takes (S14).
    pub(in crate::engine) fn shen_text(
        &mut self,
        now: Instant,
        to: &[UserId],
        said: Said<'_>,
    ) -> Vec<Request<Outgoing>> {
        let side = self.sides.of_mut(Dialect::Shen);
        // Who finds no handle is heard all the same: the text names him, only nobody can answer to him alone (S16).
        let emitter = side.number_of(now, &self.peers, said.author).unwrap_or(0);
        let Some(author) = self.rooms.user(said.author) else { return Vec::new() };
        let author = side.user_name(&self.rooms, said.author, &author.name);
        let receiver = to.first().filter(|_| said.alone);
        let receiver = receiver.and_then(|to| side.number_of(now, &self.peers, *to)).unwrap_or(0);
        let mut parts = Vec::new();
        let mut rest = said.text;
        while !rest.is_empty() {
            let (part, after) = rest.split_at(rest.floor_char_boundary(longest_relayed(author.len())));
            rest = after;
            let text = relayed(part, &author).into();
            let body = Body::Speech { kind: Kind::Relay, emitter, receiver, text };
            let Ok(packet) = packet(&body) else {
                self.stats.drop(DropReason::Unencodable);
                continue;
            };
            parts.push(Outgoing { packet, purpose: Purpose::Text }.in_lane_of(emitter));
        }
        parts
    }

    /// The requests that tell somebody what has happened; none when there is nothing to say, or when it is the answer to
    /// a request of his that still waited.
    pub(in crate::engine) fn shen_notice(
        &mut self,
        now: Instant,
        id: PeerId,
        notice: &Notice,
        purpose: Purpose,
    ) -> Vec<Request<Outgoing>> {
        let body = match notice {
            Notice::Asked { question, what } => return self.shen_question(*question, what),
            Notice::Joined { user, room: Some(room) } => return self.shen_joined(now, id, *user, *room),
            Notice::Left { user, .. } => return self.shen_left(now, id, *user),
            Notice::Admitted { .. } => {
                let welcome = self.welcome(id);
                if self.decided(id, Awaited::Admission, welcome) {
                    return Vec::new();
                }
                Body::plain(Kind::Granted, "")
            }
            Notice::NotAdmitted { why } => {
                if self.decided(id, Awaited::Admission, not_admitted(*why)) {
                    return Vec::new();
                }
                if *why == Refusal::RoomFull { not_admitted(*why) } else { denied() }
            }
            Notice::VoteOver { mode, agreed } => {
                if self.decided(id, Awaited::Vote, if *agreed { done() } else { denied() }) {
                    return Vec::new();
                }
                if *agreed { self.mode_changed(id, *mode) } else { denied() }
            }
            Notice::ModeChanged { mode, .. } => self.mode_changed(id, *mode),
            notice => match self.shen_body(notice) {
                Some(body) => body,
                None => return Vec::new(),
            },
        };
        self.shen_own(&body, purpose)
    }

    /// What needs nothing but the notice.
    fn shen_body(&mut self, notice: &Notice) -> Option<Body<'static>> {
        let side = self.sides.of_mut(Dialect::Shen);
        Some(match notice {
            Notice::Opened { .. } => Body::plain(Kind::Granted, ""),
            Notice::NotOpened { .. } => denied(),
            Notice::Closed { why: Ending::Alone, .. } => Body::plain(Kind::Closed, words::ALONE),
            Notice::Closed { why: Ending::Dissolved, .. } => Body::plain(Kind::Closed, words::DISSOLVED),
            Notice::Declined { user, name } => {
                spoken(words::does_not_come(&side.user_name(&self.rooms, *user, name)))
            }
            Notice::CouldNotJoin { why: Refusal::RoomFull, .. } => {
                Body::plain(Kind::RoomFull, words::ROOM_FULL)
            }
            Notice::CouldNotJoin { .. } => Body::plain(Kind::Ended, words::ENDED),
            Notice::Renamed { room, name } => {
                spoken(words::renamed(&side.room_name(&self.rooms, *room, name)))
            }
            Notice::Manages { .. } => spoken(words::MANAGER.into()),
            _ => return None,
        })
    }

    fn shen_question(&mut self, question: QuestionId, what: &Question) -> Vec<Request<Outgoing>> {
        let side = self.sides.of_mut(Dialect::Shen);
        let body = match what {
            Question::Invitation { by, name, room, mode, .. } => Body::Room {
                kind: Kind::Invite,
                private: true,
                mode: *mode,
                room: room.map_or(0, handle_of),
                text: words::invited(&side.user_name(&self.rooms, *by, name)).into(),
            },
            Question::Admission { user, name } => {
                spoken(words::asks_to_enter(&side.user_name(&self.rooms, *user, name)))
            }
            Question::Vote { .. } => spoken(words::VOTE.into()),
        };
        let Some(packet) = self.shen_counted(&body) else { return Vec::new() };
        let outgoing = Outgoing { packet, purpose: Purpose::Question(question) };
        vec![Request::new(outgoing).with_patience(Patience::Linger)]
    }

    /// The protocol has no word for somebody who comes. But members of a decentralised room have to know where he is
    /// (S13), and a manager who was not asked is told (S9).
    fn shen_joined(
        &mut self,
        now: Instant,
        id: PeerId,
        user: UserId,
        room: RoomId,
    ) -> Vec<Request<Outgoing>> {
        let Some((hearer, joined)) = self.peers.user(id).zip(self.rooms.room(room)) else {
            return Vec::new();
        };
        let (is_direct, manages) = (joined.mode == Mode::Direct, joined.manager() == Some(hearer));
        let mut told = Vec::new();
        if is_direct {
            // He is no line of a list that can do without him.
            self.sides.of_mut(Dialect::Shen).number_of(now, &self.peers, user);
        }
        if is_direct && let Some(entry) = self.shen_entry(now, user, hearer) {
            told.extend(self.shen_own(&Body::List(vec![entry]), Purpose::Notice));
        }
        if manages
            && let Some(joiner) = self.rooms.user(user)
            && joiner.ability == Ability::Told
        {
            let shown = self.sides.of_mut(Dialect::Shen).user_name(&self.rooms, user, &joiner.name);
            told.extend(self.shen_own(&spoken(words::joined(&shown)), Purpose::Words));
        }
        told
    }

    /// So too for somebody who goes: members of a decentralised room must not go on sending him what they say (S13). Who
    /// has left the server is in no list.
    fn shen_left(&mut self, now: Instant, id: PeerId, user: UserId) -> Vec<Request<Outgoing>> {
        let Some(hearer) = self.peers.user(id) else { return Vec::new() };
        let room = self.rooms.user(hearer).and_then(|user| user.room);
        if room.and_then(|room| self.rooms.room(room)).is_none_or(|room| room.mode == Mode::Central) {
            return Vec::new();
        }
        let entry = self.shen_entry(now, user, hearer);
        entry.map_or_else(Vec::new, |entry| self.shen_own(&Body::List(vec![entry]), Purpose::Notice))
    }

    fn mode_changed(&self, id: PeerId, mode: Mode) -> Body<'static> {
        let user = self.peers.user(id).and_then(|user| self.rooms.user(user));
        let room = user.and_then(|user| user.room).map_or(0, handle_of);
        Body::Room { kind: Kind::ChangeMode, private: true, mode, room, text: "".into() }
    }

    fn shen_own(&mut self, body: &Body<'_>, purpose: Purpose) -> Vec<Request<Outgoing>> {
        let packet = self.shen_counted(body);
        let request = packet.map(|packet| Outgoing { packet, purpose }.in_own_lane(own_lane(Packed::Shen)));
        request.into_iter().collect()
    }

    fn shen_counted(&mut self, body: &Body<'_>) -> Option<Packet> {
        let packet = packet(body).ok();
        if packet.is_none() {
            self.stats.drop(DropReason::Unencodable);
        }
        packet
    }
}

/// What a peer is told when the server stops.
pub(in crate::engine) fn goodbye() -> Option<Packet> {
    words_of_server(words::STOPPING)
}

/// A text without words.
pub(in crate::engine) fn empty_text() -> Option<Packet> {
    words_of_server("")
}

/// Something that the server says itself.
pub(in crate::engine) fn words_of_server(words: &str) -> Option<Packet> {
    packet(&spoken(words.into())).ok()
}

/// How many texts somebody has missed.
pub(in crate::engine) fn missed(texts: u32) -> String {
    words::dropped(texts.into())
}

/// A text of the server itself: its EMITTER is 0 (S14).
fn spoken(text: String) -> Body<'static> {
    Body::Speech { kind: Kind::Relay, emitter: 0, receiver: 0, text: text.into() }
}
