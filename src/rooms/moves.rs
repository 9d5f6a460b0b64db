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
        self.moved_himself(user);
        self.step_in(user, to, effects);
    }

    /// Moves somebody into a private room when another lets him in or comes to him: he may not know it yet (M21). The
    /// caller tells him, by [`Notice::Opened`] or [`Notice::Admitted`].
    pub(super) fn move_unasked(&mut self, user: UserId, to: RoomId, effects: &mut Vec<Effect>) {
        let was_private = self.users.user(user).is_some_and(|user| user.room.is_some());
        self.step_out(user, effects);
        if let Some(mover) = self.users.user_mut(user) {
            mover.awareness.moved_unasked(was_private);
        }
        self.step_in(user, Some(to), effects);
    }

    /// He has gone where he wanted to be: he knows it (M21), and does not wait at another door any more (S9).
    pub(super) fn moved_himself(&mut self, user: UserId) {
        self.questions.withdraw_admission(user);
        if let Some(user) = self.users.user_mut(user) {
            user.awareness.moved_himself();
        }
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
        if let Some(room) = from {
            self.outlive(user, room, effects);
        }
    }

    /// Puts somebody who is in no room into one and tells those who are there already.
    pub(super) fn step_in(&mut self, user: UserId, to: Option<RoomId>, effects: &mut Vec<Effect>) {
        self.arrive(user, to, self.present(to).to_vec(), effects);
    }

    /// As [`Self::step_in`], but only `audience` is told.
    pub(super) fn arrive(
        &mut self,
        user: UserId,
        to: Option<RoomId>,
        audience: Vec<UserId>,
        effects: &mut Vec<Effect>,
    ) {
        tell(effects, audience, Notice::Joined { user, room: to });
        match to {
            None => self.public.push(user),
            Some(id) => {
                if let Some(room) = self.rooms.room_mut(id) {
                    room.push(user);
                }
                // He is there now: whoever asked him in has what he asked for (M9).
                if let Some(invitation) = self.questions.invitation(user, id) {
                    self.questions.take(invitation);
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

    /// Somebody has left a private room. It may end (M7), have to be managed by another (S11) or have its vote decided
    /// (S10).
    fn outlive(&mut self, leaver: UserId, id: RoomId, effects: &mut Vec<Effect>) {
        let Some(room) = self.rooms.room(id) else { return };
        if room.is_over() {
            self.close(id, Ending::Alone, None, effects);
        } else if room.manager() == Some(leaver) {
            self.succeed(leaver, id, effects);
        } else {
            self.leaves_the_vote(leaver, id, effects);
        }
    }
}

/// Tells some users something; telling nobody is no effect.
pub(super) fn tell(effects: &mut Vec<Effect>, to: Vec<UserId>, notice: Notice) {
    if !to.is_empty() {
        effects.push(Effect { to, notice });
    }
}
