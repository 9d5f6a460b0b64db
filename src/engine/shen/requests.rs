//! What the server does when a registered client of Shen's protocol asks for something.
//!
//! In: a request that is new and within its author's rate. Out: one answer, now or when others have decided, and commands
//! to the rooms. Must not know repetitions or checksums.

use super::decisions::Awaited;
use crate::dialect::shen::{Body, Kind, Message, names, room_name, words};
use crate::engine::traffic::Asked;
use crate::engine::{Counter, Departure, Dialect, Server};
use crate::ids::{PeerId, UserId};
use crate::time::Instant;
use crate::vocab::{Command, Mode, Outcome, Refusal};

/// The most members a room made in this protocol may have, and the most private rooms there may be for one to be made
/// (table 1 of the original).
const MOST_MEMBERS: u8 = 100;
const MOST_ROOMS: usize = 100;

impl Server {
    /// Carries out a request and answers it.
    pub(super) fn shen_execute(&mut self, now: Instant, id: PeerId, message: &Message<'_>, asked: Asked) {
        let Some(user) = self.peers.user(id) else { return };
        let answer = match &message.body {
            Body::Plain { kind: Kind::Disconnect, .. } => {
                // Answered first: afterwards the peer only repeats what it remembers.
                self.shen_answer(now, id, asked, done());
                return self.depart(now, id, Departure::Disconnected);
            }
            Body::Plain { kind: Kind::ListUsers, .. } => return self.shen_list(now, id, user, asked),
            Body::Plain { kind: Kind::Join, text } => return self.shen_join(now, id, user, text, asked),
            Body::Plain { kind: kind @ (Kind::Accept | Kind::Decline), .. } => {
                if let Some(question) = self.question_meant(id, user, message.seq) {
                    self.shen_decide(now, id, question, *kind == Kind::Accept);
                }
                done()
            }
            Body::Plain { kind: Kind::Leave, .. } => {
                // Who is in the public room already has what he wants.
                let _ = self.rooms.apply(now, user, Command::Leave, &mut self.effects);
                done()
            }
            Body::Plain { kind: Kind::CountRooms, .. } => count(self.rooms.rooms().count()),
            Body::Plain { kind: Kind::CountMembers, .. } => {
                let room = self.rooms.user(user).and_then(|user| user.room);
                count(room.map_or(self.rooms.public(), |room| self.rooms.members(room)).len())
            }
            Body::Plain { .. } => self.shen_does(now, user, Command::Dissolve),
            Body::Speech { receiver, text, .. } => self.shen_say(now, user, *receiver, text),
            Body::Room { kind: Kind::Invite, room, text, .. } => self.shen_invite(now, user, *room, text),
            Body::Room { kind: Kind::ChooseMode, mode, .. } => {
                self.shen_does(now, user, Command::Choose { mode: *mode })
            }
            Body::Room { kind: Kind::ChangeMode, mode, .. } => {
                return self.shen_change_mode(now, id, user, *mode, asked);
            }
            Body::Room { kind, text, .. } => self.shen_name(now, user, *kind, text),
            Body::List(_) => return,
        };
        self.shen_answer(now, id, asked, answer);
    }

    /// A text, for everybody in the room or for one person in it (S12, S14).
    fn shen_say(&mut self, now: Instant, user: UserId, receiver: u16, text: &str) -> Body<'static> {
        // A text without words is a probe.
        if text.is_empty() {
            return done();
        }
        let command = match receiver {
            0 => Ok(Command::Say { text }),
            handle => {
                let to = self.sides.of(Dialect::Shen).user_of(&self.peers, handle);
                to.map(|to| Command::SayTo { to, text }).ok_or(Refusal::NoSuchUser)
            }
        };
        let said = command.and_then(|command| self.rooms.apply(now, user, command, &mut self.effects));
        match said {
            Ok(_) => {
                self.stats.add(Counter::Texts);
                done()
            }
            Err(Refusal::NoSuchUser) => Body::plain(Kind::NoSuchReceiver, words::NO_SUCH_RECEIVER),
            Err(_) => Body::plain(Kind::Elsewhere, words::ELSEWHERE),
        }
    }

    /// S9: he is let in, or others decide.
    fn shen_join(&mut self, now: Instant, id: PeerId, user: UserId, text: &str, asked: Asked) {
        let room = room_name(text).and_then(|name| self.sides.of(Dialect::Shen).find_room(&self.rooms, name));
        let Some(room) = room else {
            let unknown = Body::plain(Kind::NoSuchReceiver, words::NO_SUCH_ROOM);
            return self.shen_answer(now, id, asked, unknown);
        };
        let answer = match self.rooms.apply(now, user, Command::Join { room }, &mut self.effects) {
            Ok(Outcome::Undecided) => return self.await_decision(now, id, asked, Awaited::Admission),
            Ok(_) => self.welcome(id),
            Err(why) => not_admitted(why),
        };
        self.shen_answer(now, id, asked, answer);
    }

    /// S8: names to be asked into a room that does not exist yet; with the handle of one's own room, into that one (S19).
    fn shen_invite(&mut self, now: Instant, user: UserId, room: u16, text: &str) -> Body<'static> {
        let side = self.sides.of(Dialect::Shen);
        let users: Vec<UserId> = names(text).filter_map(|name| side.find_user(&self.rooms, name)).collect();
        let own = self.rooms.user(user).and_then(|user| user.room);
        if own.is_some_and(|own| room != 0 && own.number() == usize::from(room)) {
            let mut invite = |guest| {
                self.rooms.apply(now, user, Command::Invite { user: guest }, &mut self.effects).is_ok()
            };
            let asked = users.into_iter().filter(|guest| invite(*guest)).count();
            return if asked > 0 { done() } else { denied() };
        }
        let proposal = Command::Propose { users: &users, capacity: MOST_MEMBERS, most_rooms: MOST_ROOMS };
        match self.rooms.apply(now, user, proposal, &mut self.effects) {
            Ok(_) => Body::plain(Kind::ModeOffer, words::MODES),
            Err(_) => denied(),
        }
    }

    fn shen_change_mode(&mut self, now: Instant, id: PeerId, user: UserId, mode: Mode, asked: Asked) {
        let answer = match self.rooms.apply(now, user, Command::ChangeMode { mode }, &mut self.effects) {
            Ok(Outcome::Undecided) => return self.await_decision(now, id, asked, Awaited::Vote),
            Ok(_) => done(),
            Err(_) => denied(),
        };
        self.shen_answer(now, id, asked, answer);
    }

    /// S8, S11: a name for the room that is proposed, or another one for the room he is in.
    fn shen_name(&mut self, now: Instant, user: UserId, kind: Kind, text: &str) -> Body<'static> {
        let Some(room) = room_name(text) else { return denied() };
        if self.sides.of(Dialect::Shen).is_room_alias(&self.rooms, room) {
            return denied();
        }
        let command = if kind == Kind::NameRoom { Command::Name { room } } else { Command::Rename { room } };
        let own = self.rooms.user(user).and_then(|user| user.room);
        let own = own.and_then(|own| Some((own, self.rooms.room(own)?.name.clone())));
        let answer = self.shen_does(now, user, command);
        if let Some((own, before)) = own
            && self.rooms.room(own).is_some_and(|room| room.name != before)
        {
            // Whatever alias the room had was made of its former name.
            self.sides.iter_mut().for_each(|side| side.rooms.forget(own));
        }
        answer
    }

    fn shen_does(&mut self, now: Instant, user: UserId, command: Command<'_>) -> Body<'static> {
        match self.rooms.apply(now, user, command, &mut self.effects) {
            Ok(_) => done(),
            Err(_) => denied(),
        }
    }

    /// What one is told who is let in (S9).
    pub(super) fn welcome(&self, id: PeerId) -> Body<'static> {
        let name = self.peers.get(id).map(|peer| &*peer.name).unwrap_or_default();
        Body::plain(Kind::Ack, words::welcome(name))
    }
}

/// An ACK without words.
pub(super) fn done() -> Body<'static> {
    Body::plain(Kind::Ack, "")
}

/// No.
pub(super) fn denied() -> Body<'static> {
    Body::plain(Kind::Denied, "")
}

/// Why one does not get into a room.
pub(super) fn not_admitted(why: Refusal) -> Body<'static> {
    match why {
        Refusal::RoomFull => Body::plain(Kind::RoomFull, words::ROOM_FULL),
        Refusal::NoSuchRoom => Body::plain(Kind::NoSuchReceiver, words::NO_SUCH_ROOM),
        _ => denied(),
    }
}

fn count(number: usize) -> Body<'static> {
    Body::plain(Kind::Ack, number.to_string())
}
