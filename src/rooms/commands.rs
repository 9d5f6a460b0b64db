//! What each command does, and when it is refused.
//!
//! In: a command of a user who is on the server. Out: an [`Outcome`] and [`Effect`]s, or a [`Refusal`] and nothing at
//! all: everything is checked before anything changes. Must not know how a command was encoded.

use std::sync::Arc;

use crate::ids::{QuestionId, RoomId, UserId};
use crate::time::Instant;
use crate::vocab::{Effect, Mode, Notice, Outcome, Question, Refusal};

use super::RoomManager;
use super::invitations::Invitation;
use super::moves::tell;

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

    /// M11: to one fellow member of a decentralised room.
    pub(super) fn say_to(
        &self,
        by: UserId,
        to: UserId,
        text: &str,
        effects: &mut Vec<Effect>,
    ) -> Result<Outcome, Refusal> {
        let id = self.aware_user_room(by)?.ok_or(Refusal::NotInPrivateRoom)?;
        let room = self.rooms.room(id).ok_or(Refusal::NotInPrivateRoom)?;
        if room.mode != Mode::Direct {
            return Err(Refusal::NotDecentralised);
        }
        if to == by || !room.members().contains(&to) {
            return Err(Refusal::NoSuchUser);
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

    /// M8: the room he is in already is joined by doing nothing.
    pub(super) fn join(
        &mut self,
        by: UserId,
        room: RoomId,
        effects: &mut Vec<Effect>,
    ) -> Result<Outcome, Refusal> {
        self.join_id(by, room, effects)
    }

    /// Back to the public room. One who does not know yet that he is there (M21) has what he asks for, and now knows.
    pub(super) fn leave(&mut self, by: UserId, effects: &mut Vec<Effect>) -> Result<Outcome, Refusal> {
        let user = self.users.user_mut(by).ok_or(Refusal::NoSuchUser)?;
        if user.room.is_some() {
            self.move_to(by, None, effects);
        } else if user.is_unaware() {
            user.awareness.moved_himself();
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
        let id = inviter.room.ok_or(Refusal::NotInPrivateRoom)?;
        let room = self.rooms.room(id).ok_or(Refusal::NotInPrivateRoom)?;
        self.users.user(to).ok_or(Refusal::NoSuchUser)?;
        if room.members().contains(&to) {
            return Err(Refusal::AlreadyMember);
        }
        if self.invitations.find(to, id).is_some() {
            return Ok(Outcome::Done);
        }
        if !self.invitations.make_space(to, |room| self.rooms.room(room).is_some()) {
            return Err(Refusal::TooManyInvitations);
        }
        let invitation = self.invitations.add(now, by, to, (id, Arc::clone(&room.name)));
        let (name, room_name) = (Arc::clone(&inviter.name), Arc::clone(&room.name));
        let what = Question::Invitation { by, name, room: Some(id), room_name, mode: room.mode };
        tell(effects, vec![to], Notice::Asked { question: invitation, what });
        Ok(Outcome::Done)
    }

    /// M9: to accept is to join. The answer has no reply of its own on the wire, so failure is told by a notice.
    pub(super) fn answer(
        &mut self,
        by: UserId,
        id: QuestionId,
        accept: bool,
        effects: &mut Vec<Effect>,
    ) -> Result<Outcome, Refusal> {
        let invitation = self.invitations.answer(by, id).ok_or(Refusal::NoSuchInvitation)?;
        if !accept {
            self.decline(&invitation, effects);
            return Ok(Outcome::Done);
        }
        self.join_id(by, invitation.room, effects).or_else(|why| {
            tell(effects, vec![by], Notice::CouldNotJoin { room: invitation.room_name, why });
            Ok(Outcome::Done)
        })
    }

    /// Tells the inviter, unless he has left the server or the room has closed: then there is nothing to decline.
    pub(super) fn decline(&self, invitation: &Invitation, effects: &mut Vec<Effect>) {
        let still_there =
            self.users.user(invitation.by).is_some() && self.rooms.room(invitation.room).is_some();
        if let Some(user) = self.users.user(invitation.to).filter(|_| still_there) {
            tell(
                effects,
                vec![invitation.by],
                Notice::Declined { user: invitation.to, name: Arc::clone(&user.name) },
            );
        }
    }

    fn join_id(&mut self, by: UserId, id: RoomId, effects: &mut Vec<Effect>) -> Result<Outcome, Refusal> {
        let room = self.rooms.room(id).ok_or(Refusal::NoSuchRoom)?;
        if !room.members().contains(&by) {
            if room.is_full() {
                return Err(Refusal::RoomFull);
            }
            self.move_to(by, Some(id), effects);
        }
        Ok(Outcome::In(id))
    }

    /// The room somebody speaks in, if he knows which one it is (M21).
    fn aware_user_room(&self, by: UserId) -> Result<Option<RoomId>, Refusal> {
        let user = self.users.user(by).ok_or(Refusal::NoSuchUser)?;
        if user.is_unaware() { Err(Refusal::NotToldYet) } else { Ok(user.room) }
    }
}
