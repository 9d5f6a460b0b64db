//! Invitations that wait for an answer, and when they stop waiting.
//!
//! In: who asks whom into which room, and when. Out: what became of each. Must not know whether a room or an inviter
//! is still there: it asks its caller, or hands the question back to him.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ids::{QuestionId, RoomId, UserId};
use crate::time::{Duration, Instant};

/// How long somebody may think about an invitation (M9).
pub const INVITATION_LIFETIME: Duration = Duration::from_secs(60);

/// The most unanswered invitations one person can have (M9).
pub const MAX_INVITATIONS: usize = 32;

/// Somebody was asked into a room and has not answered.
#[derive(Clone, Debug)]
pub(super) struct Invitation {
    /// The first who asked him into this room.
    pub(super) by: UserId,
    pub(super) to: UserId,
    pub(super) room: RoomId,
    /// Kept, so that one who accepts after the room has closed can be told which room it was.
    pub(super) room_name: Arc<str>,
    expires: Instant,
}

/// All that were made and not answered, in the order they were made. All live equally long, so this is also the order
/// in which they run out.
#[derive(Debug, Default)]
pub(super) struct Invitations {
    open: BTreeMap<QuestionId, Invitation>,
    by_invitee: BTreeSet<(UserId, QuestionId)>,
    next: u64,
}

impl Invitations {
    /// Notes an invitation made at `now`. The caller has seen to it that there is space ([`Self::make_space`]).
    pub(super) fn add(
        &mut self,
        now: Instant,
        by: UserId,
        to: UserId,
        room: (RoomId, Arc<str>),
    ) -> QuestionId {
        let id = QuestionId(self.next);
        self.next = self.next.wrapping_add(1);
        let (room, room_name) = room;
        self.open.insert(id, Invitation { by, to, room, room_name, expires: now + INVITATION_LIFETIME });
        self.by_invitee.insert((to, id));
        id
    }

    /// Whether one more can be noted for `to`. One whose room has closed waits only to be answered politely: the oldest
    /// such gives way, so that nobody can use up another's 32 by opening and closing rooms.
    pub(super) fn make_space(&mut self, to: UserId, is_open: impl Fn(RoomId) -> bool) -> bool {
        if self.of(to).count() < MAX_INVITATIONS {
            return true;
        }
        let dead = self.of(to).find(|(_, invitation)| !is_open(invitation.room)).map(|(id, _)| id);
        dead.and_then(|id| self.take(id)).is_some()
    }

    /// The invitation of `to` into `room`, if one waits.
    pub(super) fn find(&self, to: UserId, room: RoomId) -> Option<QuestionId> {
        self.of(to).find(|(_, invitation)| invitation.room == room).map(|(id, _)| id)
    }

    /// Whether the invitation `id` waits for the answer of `to`.
    pub(super) fn is_open(&self, to: UserId, id: QuestionId) -> bool {
        self.open.get(&id).is_some_and(|invitation| invitation.to == to)
    }

    /// The room that the invitation `id` is for, while it waits.
    pub(super) fn room(&self, id: QuestionId) -> Option<RoomId> {
        self.open.get(&id).map(|invitation| invitation.room)
    }

    /// Ends the invitation `id`, if it was made to `to`.
    pub(super) fn answer(&mut self, to: UserId, id: QuestionId) -> Option<Invitation> {
        if self.is_open(to, id) { self.take(id) } else { None }
    }

    /// Ends the oldest invitation of `to`, whichever it is.
    pub(super) fn take_of(&mut self, to: UserId) -> Option<Invitation> {
        let (id, _) = self.of(to).next()?;
        self.take(id)
    }

    /// Ends an invitation that has run out at `now`, the oldest first.
    pub(super) fn take_expired(&mut self, now: Instant) -> Option<Invitation> {
        let (&id, _) = self.open.first_key_value().filter(|(_, oldest)| oldest.expires <= now)?;
        self.take(id)
    }

    /// When the next one runs out.
    pub(super) fn next_expiry(&self) -> Option<Instant> {
        self.open.first_key_value().map(|(_, oldest)| oldest.expires)
    }

    /// Ends an invitation.
    pub(super) fn take(&mut self, id: QuestionId) -> Option<Invitation> {
        let invitation = self.open.remove(&id)?;
        self.by_invitee.remove(&(invitation.to, id));
        Some(invitation)
    }

    /// What waits for an answer of `to`, oldest first.
    fn of(&self, to: UserId) -> impl Iterator<Item = (QuestionId, &Invitation)> {
        let all = (to, QuestionId(0))..=(to, QuestionId(u64::MAX));
        self.by_invitee.range(all).filter_map(|&(_, id)| Some((id, self.open.get(&id)?)))
    }
}
