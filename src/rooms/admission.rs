//! Who comes into a room that is there already (M8, S9).
//!
//! In: who wants in, and what the manager says. Out: a move, a question to the manager, or a refusal. Must not know how
//! long the one who asks is kept waiting for an answer on his wire.

use std::sync::Arc;

use crate::ids::{RoomId, UserId};
use crate::time::Instant;
use crate::vocab::{Ability, Effect, Notice, Outcome, Question, Refusal};

use super::RoomManager;
use super::moves::tell;
use super::questions::{Matter, QUESTION_LIFETIME};

impl RoomManager {
    /// M8, S9: a manager is asked first, unless somebody has invited the newcomer, or he could not wait for the answer.
    /// The room he is in already is joined by doing nothing.
    pub(super) fn join(
        &mut self,
        now: Instant,
        by: UserId,
        id: RoomId,
        effects: &mut Vec<Effect>,
    ) -> Result<Outcome, Refusal> {
        let user = self.users.user(by).ok_or(Refusal::NoSuchUser)?;
        let room = self.rooms.room(id).ok_or(Refusal::NoSuchRoom)?;
        let walks_in = user.room == Some(id)
            || user.ability == Ability::Told
            || self.questions.invitation(by, id).is_some();
        let Some(manager) = room.manager().filter(|_| !walks_in) else {
            return self.join_unasked(by, id, effects);
        };
        if self.questions.applies_for(by) == Some(id) {
            return Ok(Outcome::Undecided);
        }
        if room.is_full() {
            return Err(Refusal::RoomFull);
        }
        self.ask_to_admit(now + QUESTION_LIFETIME, manager, (by, id), effects);
        Ok(Outcome::Undecided)
    }

    /// Into a room whose manager need not be asked.
    pub(super) fn join_unasked(
        &mut self,
        by: UserId,
        id: RoomId,
        effects: &mut Vec<Effect>,
    ) -> Result<Outcome, Refusal> {
        let room = self.rooms.room(id).ok_or(Refusal::NoSuchRoom)?;
        if !room.members().contains(&by) {
            if room.is_full() {
                return Err(Refusal::RoomFull);
            }
            self.move_to(by, Some(id), effects);
        }
        Ok(Outcome::In(id))
    }

    /// S9: the manager lets somebody in, or there is none any more who could object. The newcomer is moved by another's
    /// doing: M21 holds.
    pub(super) fn admit(&mut self, user: UserId, id: RoomId, effects: &mut Vec<Effect>) {
        let why = match self.rooms.room(id) {
            None => Refusal::NoSuchRoom,
            Some(room) if room.is_full() => Refusal::RoomFull,
            Some(_) => {
                self.move_unasked(user, id, effects);
                return tell(effects, vec![user], Notice::Admitted { room: id });
            }
        };
        tell(effects, vec![user], Notice::NotAdmitted { why });
    }

    /// S9: those who wait for the answer of one who manages the room no longer wait for that of the next.
    pub(super) fn ask_next_manager(
        &mut self,
        before: UserId,
        manager: UserId,
        id: RoomId,
        effects: &mut Vec<Effect>,
    ) {
        while let Some(open) = self.questions.take_admission(before, id) {
            if let Matter::Admission { user, room } = open.matter {
                self.ask_to_admit(open.until, manager, (user, room), effects);
            }
        }
    }

    /// S9: nobody manages the room any more. Those who wait come in as soon as what is going on is over: one of them may
    /// leave a room for this that somebody is just moving into.
    pub(super) fn admit_all_soon(&mut self, before: UserId, id: RoomId) {
        while let Some(open) = self.questions.take_admission(before, id) {
            if let Matter::Admission { user, room } = open.matter {
                self.admitted.push_back((user, room));
            }
        }
    }

    /// Lets in those for whom there is nobody left to ask. One who comes may leave a room without a manager behind.
    pub(super) fn admit_waiting(&mut self, effects: &mut Vec<Effect>) {
        while let Some((user, room)) = self.admitted.pop_front() {
            self.admit(user, room, effects);
        }
    }

    /// The room is gone: those who wait for its manager's answer need not wait.
    pub(super) fn turn_away(&mut self, manager: UserId, id: RoomId, effects: &mut Vec<Effect>) {
        while let Some(open) = self.questions.take_admission(manager, id) {
            if let Matter::Admission { user, .. } = open.matter {
                tell(effects, vec![user], Notice::NotAdmitted { why: Refusal::NoSuchRoom });
            }
        }
    }

    fn ask_to_admit(
        &mut self,
        until: Instant,
        manager: UserId,
        (user, room): (UserId, RoomId),
        effects: &mut Vec<Effect>,
    ) {
        let Some(name) = self.users.user(user).map(|user| Arc::clone(&user.name)) else { return };
        let question = self.questions.ask(until, manager, Matter::Admission { user, room });
        tell(effects, vec![manager], Notice::Asked { question, what: Question::Admission { user, name } });
    }
}
