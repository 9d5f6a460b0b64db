//! What follows from an answer, and from none.
//!
//! In: questions that are answered, or have run out, or whose addressee has left. Out: what each kind of question
//! brings about then. Must not know who asked, beyond whom to tell.

use std::sync::Arc;

use crate::ids::{QuestionId, UserId};
use crate::vocab::{Effect, Notice, Outcome, Refusal};

use super::RoomManager;
use super::moves::tell;
use super::questions::{Destination, Matter, OpenQuestion};

impl RoomManager {
    /// An answer may have no reply of its own on the wire, so what it leads to is told by notices.
    pub(super) fn answer(
        &mut self,
        by: UserId,
        id: QuestionId,
        accept: bool,
        effects: &mut Vec<Effect>,
    ) -> Result<Outcome, Refusal> {
        let question = self.questions.answer(by, id).ok_or(Refusal::NoSuchInvitation)?;
        if !accept {
            self.decline(&question, effects);
            return Ok(Outcome::Done);
        }
        match question.matter {
            Matter::Invitation { into, room_name, .. } => {
                return self.come(by, into, effects).or_else(|why| {
                    tell(effects, vec![by], Notice::CouldNotJoin { room: room_name, why });
                    Ok(Outcome::Done)
                });
            }
            Matter::Admission { user, room } => self.admit(user, room, effects),
            Matter::Vote { room } => self.agrees(by, room, effects),
        }
        Ok(Outcome::Done)
    }

    /// No, or no answer in time. For an invitation into a room the inviter is told, unless he has left the server or the
    /// room has closed: then there is nothing to decline (M9). Of a proposal only the end counts (S8).
    pub(super) fn decline(&mut self, question: &OpenQuestion, effects: &mut Vec<Effect>) {
        match question.matter {
            Matter::Invitation { by, into: Destination::Room(room), .. } => {
                let still_there = self.users.user(by).is_some() && self.rooms.room(room).is_some();
                if let Some(user) = self.users.user(question.to).filter(|_| still_there) {
                    let name = Arc::clone(&user.name);
                    tell(effects, vec![by], Notice::Declined { user: question.to, name });
                }
            }
            Matter::Invitation { into: Destination::Proposal(proposal), .. } => {
                if self.proposals.was_last(proposal, question.id) {
                    self.give_up(proposal, Refusal::Denied, effects);
                }
            }
            Matter::Admission { user, .. } => {
                tell(effects, vec![user], Notice::NotAdmitted { why: Refusal::Denied });
            }
            Matter::Vote { room } => self.decide(room, false, effects),
        }
    }

    /// M9, S8: to accept is to join.
    fn come(&mut self, by: UserId, into: Destination, effects: &mut Vec<Effect>) -> Result<Outcome, Refusal> {
        let room = match into {
            Destination::Room(room) => room,
            Destination::Proposal(proposal) => self.open_proposed(proposal, effects)?,
        };
        self.join_unasked(by, room, effects)
    }
}
