//! What each command does, and when it is refused.
//!
//! In: a command of a user who is on the server. Out: an [`Outcome`] and [`Effect`]s, or a [`Refusal`] and nothing at
//! all: everything is checked before anything changes. Must not know how a command was encoded.

use std::sync::Arc;

use crate::ids::{RoomId, UserId};
use crate::time::Instant;
use crate::vocab::{Effect, Mode, Notice, Outcome, Question, Refusal};

use super::RoomManager;
use super::moves::tell;
use super::proposals::Proposals;
use super::questions::{Destination, Matter, QUESTION_LIFETIME};
use super::room::{Lifetime, Rooms};

impl RoomManager {
    /// M10: to everybody else in the room he is in, and to nobody outside.
    pub(super) fn say(&self, by: UserId, text: &str, effects: &mut Vec<Effect>) -> Result<Outcome, Refusal> {
        let room = self.aware_user_room(by)?;
        let present = self.present(room);
        // The one thing the server does most: one allocation for all who hear it, one for the text.
        let mut to = Vec::with_capacity(present.len());
        to.extend(present.iter().copied().filter(|&hearer| hearer != by));
        if !to.is_empty() {
            tell(effects, to, Notice::Text { author: by, text: Arc::from(text), alone: false });
        }
        Ok(Outcome::Done)
    }

    /// M11, S12: to one other person in the room he is in, and to nobody outside.
    pub(super) fn say_to(
        &self,
        by: UserId,
        to: UserId,
        text: &str,
        effects: &mut Vec<Effect>,
    ) -> Result<Outcome, Refusal> {
        let room = self.aware_user_room(by)?;
        let hearer = self.users.user(to).filter(|_| to != by).ok_or(Refusal::NoSuchUser)?;
        if hearer.room != room {
            return Err(Refusal::Elsewhere);
        }
        tell(effects, vec![to], Notice::Text { author: by, text: Arc::from(text), alone: true });
        Ok(Outcome::Done)
    }

    /// M7: the creator is the first member.
    pub(super) fn create(
        &mut self,
        by: UserId,
        name: &str,
        mode: Mode,
        capacity: u8,
        effects: &mut Vec<Effect>,
    ) -> Result<Outcome, Refusal> {
        let room = self.rooms.open(name, mode, capacity)?;
        self.move_to(by, Some(room), effects);
        Ok(Outcome::In(room))
    }

    /// B4: a room that lives until it is empty; its creator is the first member.
    pub(super) fn open(
        &mut self,
        by: UserId,
        name: &str,
        effects: &mut Vec<Effect>,
    ) -> Result<Outcome, Refusal> {
        let room = self.rooms.open_lasting(name, Lifetime::Occupied)?;
        self.move_to(by, Some(room), effects);
        Ok(Outcome::In(room))
    }

    /// Back to the public room. One who does not know yet that he is there (M21) has what he asks for, and now knows.
    pub(super) fn leave(&mut self, by: UserId, effects: &mut Vec<Effect>) -> Result<Outcome, Refusal> {
        let user = self.users.user(by).ok_or(Refusal::NoSuchUser)?;
        if user.room.is_some() {
            self.move_to(by, None, effects);
        } else if user.is_unaware() {
            self.moved_himself(by);
        } else {
            return Err(Refusal::NotInPrivateRoom);
        }
        Ok(Outcome::Done)
    }

    /// M9: any member may invite anybody who is not one.
    pub(super) fn invite(
        &mut self,
        now: Instant,
        by: UserId,
        to: UserId,
        effects: &mut Vec<Effect>,
    ) -> Result<Outcome, Refusal> {
        let inviter = self.users.user(by).ok_or(Refusal::NoSuchUser)?;
        let id = self.aware_member_room(by)?;
        let room = self.rooms.room(id).ok_or(Refusal::NotInPrivateRoom)?;
        self.users.user(to).ok_or(Refusal::NoSuchUser)?;
        if room.members().contains(&to) {
            return Err(Refusal::AlreadyMember);
        }
        if self.questions.invitation(to, id).is_some() {
            return Ok(Outcome::Done);
        }
        let (name, room_name, mode) = (Arc::clone(&inviter.name), Arc::clone(&room.name), room.mode);
        if !self.make_space(to) {
            return Err(Refusal::TooManyInvitations);
        }
        let into = Destination::Room(id);
        let matter = Matter::Invitation { by, into, room_name: Arc::clone(&room_name) };
        let question = self.questions.ask(now + QUESTION_LIFETIME, to, matter);
        let what = Question::Invitation { by, name, room: Some(id), room_name, mode };
        tell(effects, vec![to], Notice::Asked { question, what });
        Ok(Outcome::Done)
    }

    /// Whether one more invitation can be put to him (M9).
    pub(super) fn make_space(&mut self, to: UserId) -> bool {
        let Self { questions, rooms, proposals, .. } = self;
        questions.make_space(to, |into| is_there(rooms, proposals, into))
    }

    /// Whether there is still something that an invitation leads to.
    pub(super) fn leads(&self, into: Destination) -> bool {
        is_there(&self.rooms, &self.proposals, into)
    }

    /// The private room somebody is in, if he knows that he is in it (M21).
    pub(super) fn aware_member_room(&self, by: UserId) -> Result<RoomId, Refusal> {
        let user = self.users.user(by).ok_or(Refusal::NoSuchUser)?;
        let room = user.room.ok_or(Refusal::NotInPrivateRoom)?;
        if user.is_unaware() { Err(Refusal::NotToldYet) } else { Ok(room) }
    }

    /// The room somebody speaks in, if he knows which one it is (M21).
    fn aware_user_room(&self, by: UserId) -> Result<Option<RoomId>, Refusal> {
        let user = self.users.user(by).ok_or(Refusal::NoSuchUser)?;
        if user.is_unaware() { Err(Refusal::NotToldYet) } else { Ok(user.room) }
    }
}

fn is_there(rooms: &Rooms, proposals: &Proposals, into: Destination) -> bool {
    match into {
        Destination::Room(room) => rooms.room(room).is_some(),
        Destination::Proposal(proposal) => proposals.get(proposal).is_some(),
    }
}
