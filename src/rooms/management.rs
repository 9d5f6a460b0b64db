//! What becomes of a room as a whole: its name, its manager, its end (S11).
//!
//! In: who renames, leaves or dissolves. Out: the new state, and who is told. Must not know how members are asked.

use std::sync::Arc;

use crate::ids::{RoomId, UserId};
use crate::vocab::{Ability, Effect, Ending, Notice, Outcome, Refusal};

use super::RoomManager;
use super::moves::tell;
use super::room::Lifetime;

impl RoomManager {
    /// S11: any member may give his room another name, unless it was configured.
    pub(super) fn rename(
        &mut self,
        by: UserId,
        name: &str,
        effects: &mut Vec<Effect>,
    ) -> Result<Outcome, Refusal> {
        let id = self.aware_member_room(by)?;
        let room = self.rooms.room(id).ok_or(Refusal::NotInPrivateRoom)?;
        if &*room.name == name {
            return Ok(Outcome::Done);
        }
        if room.lifetime == Lifetime::Permanent {
            // Its name is the operator's: people look for it there (B4).
            return Err(Refusal::Denied);
        }
        let others = room.members().iter().copied().filter(|&member| member != by).collect();
        let name = self.rooms.rename(id, name)?;
        tell(effects, others, Notice::Renamed { room: id, name });
        Ok(Outcome::Done)
    }

    /// S11: the manager ends the room. He goes by himself, the others are moved (M21).
    pub(super) fn dissolve(&mut self, by: UserId, effects: &mut Vec<Effect>) -> Result<Outcome, Refusal> {
        let id = self.managed_room(by)?;
        self.close(id, Ending::Dissolved, Some(by), effects);
        Ok(Outcome::Done)
    }

    /// S11: the manager has left. The one longest in the room who can be asked takes his place, if there is one.
    pub(super) fn succeed(&mut self, before: UserId, id: RoomId, effects: &mut Vec<Effect>) {
        self.end_vote(id);
        let manager = self.present(Some(id)).iter().copied().find(|&member| self.can_be_asked(member));
        self.rooms.set_manager(id, manager);
        match manager {
            Some(manager) => {
                tell(effects, vec![manager], Notice::Manages { room: id });
                self.ask_next_manager(before, manager, id, effects);
            }
            None => self.admit_all_soon(before, id),
        }
    }

    /// Ends a room. Those who were left in it are back in the public one, and all but `by`, who ends it himself, may not
    /// know it yet (M21). They were together and are: only the others in the public room are told that they come.
    pub(super) fn close(&mut self, id: RoomId, why: Ending, by: Option<UserId>, effects: &mut Vec<Effect>) {
        self.end_vote(id);
        let Some(room) = self.rooms.close(id) else { return };
        let moved = room.members().iter().copied().filter(|&member| Some(member) != by).collect();
        tell(effects, moved, Notice::Closed { room: id, name: Arc::clone(&room.name), why });
        let there_before = self.public.clone();
        for &member in room.members() {
            if Some(member) == by {
                self.moved_himself(member);
            } else if let Some(user) = self.users.user_mut(member) {
                user.awareness.moved_unasked(true);
            }
            self.arrive(member, None, there_before.clone(), effects);
        }
        if let Some(manager) = room.manager() {
            self.turn_away(manager, id, effects);
        }
    }

    /// The room somebody manages, if he knows that he is in it (M21).
    pub(super) fn managed_room(&self, by: UserId) -> Result<RoomId, Refusal> {
        let id = self.aware_member_room(by)?;
        let manager = self.rooms.room(id).and_then(super::Room::manager);
        if manager == Some(by) { Ok(id) } else { Err(Refusal::NotManager) }
    }

    /// Whether his protocol has words for questions: only such a one can manage a room or vote.
    pub(super) fn can_be_asked(&self, user: UserId) -> bool {
        self.users.user(user).is_some_and(|user| user.ability == Ability::Asked)
    }
}
