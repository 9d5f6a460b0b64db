//! What the server does when a registered client asks for something.
//!
//! In: a request that is new and within its author's rate. Out: exactly one answer, and commands to the rooms. Must not
//! know numbers, repetitions or checksums.

use crate::dialect::msp::{
    Body, Capabilities, CreateStatus, ErrorCode, Kind, Message, Registration, command, error, refused,
    room_name,
};
use crate::engine::outgoing::Purpose;
use crate::engine::{Counter, Departure, Dialect, Server};
use crate::ids::{PeerId, QuestionId, UserId};
use crate::time::Instant;
use crate::vocab::{Command, Mode, Outcome, Refusal};

/// The version of the extensions that BONJOUR agrees on.
const VERSION: u8 = 1;
/// What this server can do beyond the original text.
const CAPABILITIES: Capabilities =
    Capabilities::NOTIFICATIONS.with(Capabilities::DIRECTORY).with(Capabilities::RELAY);

impl Server {
    /// Carries out a request and answers it.
    pub(super) fn execute(&mut self, now: Instant, id: PeerId, message: &Message<'_>) {
        let (kind, seq) = (message.kind(), message.seq);
        let Some(user) = self.peers.get(id).and_then(|peer| peer.user) else { return };
        let body = match &message.body {
            Body::Connect { .. } => Body::ConnectReply(Registration::KeepAlive { error: false }),
            Body::ListRooms => self.list_rooms(),
            Body::ListUsers { room } => self.list_users(room),
            Body::Hello { capabilities, .. } => self.hello(id, *capabilities),
            Body::Directory { user: who } => self.directory(now, user, *who),
            Body::Disconnect => {
                // Answered first: afterwards the peer only repeats what it remembers.
                self.answer(now, id, kind, seq, Body::DisconnectReply { refused: false });
                return self.depart(now, id, Departure::Disconnected);
            }
            Body::Text { .. } | Body::Relay { .. } => self.text(now, id, message),
            Body::Offer { .. } | Body::Notification(_) => {
                error(kind.code(), ErrorCode::NOT_ALLOWED, "only the server says this")
            }
            asked => {
                let done = self.carry_out(now, user, asked);
                self.outcome(user, kind, asked, done)
            }
        };
        self.answer(now, id, kind, seq, body);
    }

    /// A text, for everybody in the room or for one member of it.
    fn text(&mut self, now: Instant, id: PeerId, message: &Message<'_>) -> Body<'static> {
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
        match self.carry_out(now, user, &message.body) {
            Ok(_) => {
                self.stats.add(Counter::Texts);
                Body::TextReply
            }
            Err(why) => refused(kind, why, Mode::Central),
        }
    }

    fn carry_out(&mut self, now: Instant, user: UserId, asked: &Body<'_>) -> Result<Outcome, Refusal> {
        let room = self.rooms.user(user).and_then(|user| user.room);
        if room.is_none() && matches!(asked, Body::Invite { .. }) {
            // Also where nobody has the name (M9).
            return Err(Refusal::NotInPrivateRoom);
        }
        if let Some((question, accept)) = self.comes_by_invitation(user, asked) {
            let answer = Command::Answer { question, accept };
            let came = self.rooms.apply(now, user, answer, &mut self.effects)?;
            return if matches!(came, Outcome::In(_)) { Ok(came) } else { Err(Refusal::NoSuchRoom) };
        }
        let command = command(asked, &self.meant()).unwrap_or(Err(Refusal::NoSuchUser))?;
        match command {
            // Only members who talk to each other have texts passed on one by one (M11).
            Command::SayTo { .. } => match room.and_then(|room| self.rooms.room(room)) {
                None => return Err(Refusal::NotInPrivateRoom),
                Some(room) if room.mode == Mode::Central => return Err(Refusal::NotDecentralised),
                Some(_) => {}
            },
            Command::Create { room, .. } if self.sides.of(Dialect::Msp).is_room_alias(&self.rooms, room) => {
                return Err(Refusal::NameTaken);
            }
            _ => {}
        }
        self.rooms.apply(now, user, command, &mut self.effects)
    }

    /// M22 where there is no room of the name he was told: of a room that opens only when somebody comes (S8) he is the
    /// first, even if his answer is still on its way. If it has another name by now he hears that there is no such room;
    /// then that answer must not move him any more.
    fn comes_by_invitation(&self, user: UserId, asked: &Body<'_>) -> Option<(QuestionId, bool)> {
        let (Body::JoinRoom { room } | Body::SwitchRoom { room }) = asked else { return None };
        let (name, side) = (room_name(room)?, self.sides.of(Dialect::Msp));
        if side.find_room(&self.rooms, name).is_some() {
            return None;
        }
        self.rooms.invited_as(user, |told| side.rooms.fit(told) == name)
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
            self.say(id, "that invitation is not open any more", Purpose::Words);
        }
    }

    fn outcome(
        &mut self,
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

    fn hello(&mut self, id: PeerId, theirs: Capabilities) -> Body<'static> {
        let capabilities = theirs.common(CAPABILITIES);
        if let Some(peer) = self.peers.get_mut(id) {
            peer.capabilities = capabilities;
        }
        Body::HelloReply { version: VERSION, capabilities }
    }
}
