//! How people change rooms, and who is told of it.
//!
//! In: a user and where he goes, already allowed. Out: the new state and its [`Effect`]s; what leaves is told before
//! what comes, and nobody is told of his own doing. Must not know why he goes, nor refuse anything.

use std::sync::Arc;

use crate::ids::{RoomId, UserId};
use crate::vocab::{Effect, Ending, Notice};

use super::RoomManager;

impl RoomManager {
    /// Moves somebody by his own wish, out of the room he is in and into another one (`None` is the public one).
    pub(super) fn move_to(&mut self, user: UserId, to: Option<RoomId>, effects: &mut Vec<Effect>) {
        self.step_out(user, effects);
        if let Some(mover) = self.users.user_mut(user) {
            mover.awareness.moved_himself();
        }
        self.step_in(user, to, effects);
    }

    /// Takes somebody out of the room he is in and tells those who stay. It may end the room (M7).
    pub(super) fn step_out(&mut self, user: UserId, effects: &mut Vec<Effect>) {
        let Some(leaver) = self.users.user(user) else { return };
        let (from, name) = (leaver.room, Arc::clone(&leaver.name));
        match from {
            None => self.public.retain(|&other| other != user),
            Some(room) => {
                if let Some(room) = self.rooms.room_mut(room) {
                    room.remove(user);
                }
            }
        }
        tell(effects, self.present(from).to_vec(), Notice::Left { user, name });
        if let Some(room) = from.filter(|&id| self.rooms.room(id).is_some_and(super::Room::is_over)) {
            self.close(room, effects);
        }
    }

    /// Puts somebody who is in no room into one and tells those who are there already.
    pub(super) fn step_in(&mut self, user: UserId, to: Option<RoomId>, effects: &mut Vec<Effect>) {
        tell(effects, self.present(to).to_vec(), Notice::Joined { user, room: to });
        match to {
            None => self.public.push(user),
            Some(id) => {
                if let Some(room) = self.rooms.room_mut(id) {
                    room.push(user);
                }
                // He is there now: whoever asked him in has what he asked for (M9).
                if let Some(invitation) = self.invitations.find(user, id) {
                    self.invitations.take(invitation);
                }
            }
        }
        if let Some(user) = self.users.user_mut(user) {
            user.room = to;
        }
    }

    /// Who is in a room, in the order they joined it. Nobody, if there is no such room.
    pub(super) fn present(&self, room: Option<RoomId>) -> &[UserId] {
        match room {
            None => &self.public,
            Some(id) => self.rooms.room(id).map_or(&[], super::Room::members),
        }
    }

    /// Ends a room. Those who were left in it are back in the public one, and may not know it yet (M21).
    fn close(&mut self, id: RoomId, effects: &mut Vec<Effect>) {
        let Some(room) = self.rooms.close(id) else { return };
        tell(
            effects,
            room.members().to_vec(),
            Notice::Closed { room: id, name: Arc::clone(&room.name), why: Ending::Alone },
        );
        for &member in room.members() {
            if let Some(member) = self.users.user_mut(member) {
                member.awareness.moved_unasked();
            }
            self.step_in(member, None, effects);
        }
    }
}

/// Tells some users something; telling nobody is no effect.
pub(super) fn tell(effects: &mut Vec<Effect>, to: Vec<UserId>, notice: Notice) {
    if !to.is_empty() {
        effects.push(Effect { to, notice });
    }
}
