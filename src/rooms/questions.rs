//! Questions that wait for an answer, and when they stop waiting: invitations (M9, S8), admissions (S9), votes (S10).
//!
//! In: who is asked what, and until when. Out: the question, when it is answered, withdrawn or has run out. Must not
//! know what follows from an answer, nor whether what a question is about is still there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ids::{QuestionId, RoomId, UserId};
use crate::time::{Duration, Instant};

use super::deadlines::Deadlines;
use super::proposals::ProposalId;

/// How long somebody may think about a question (M9, S8, S9, S10), and about the mode of a room he proposes (S8).
pub const QUESTION_LIFETIME: Duration = Duration::from_secs(60);

/// The most unanswered invitations one person can have (M9).
pub const MAX_INVITATIONS: usize = 32;

/// Where an invitation leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// Into a private room; it may have closed meanwhile.
    Room(RoomId),
    /// Into a room that opens when the first accepts; the proposal may be withdrawn meanwhile.
    Proposal(ProposalId),
}

/// What somebody has to decide.
#[derive(Clone, Debug)]
pub(super) enum Matter {
    /// Whether he comes.
    Invitation {
        /// The first who asked him into this room.
        by: UserId,
        into: Destination,
        /// As he was told it: one who accepts in vain has to be told which room it was.
        room_name: Arc<str>,
    },
    /// Whether `user` may come into the room he manages.
    Admission { user: UserId, room: RoomId },
    /// Whether he agrees to another mode of his room.
    Vote { room: RoomId },
}

/// Somebody was asked and has not answered.
#[derive(Clone, Debug)]
pub(super) struct OpenQuestion {
    pub(super) id: QuestionId,
    pub(super) to: UserId,
    pub(super) matter: Matter,
    pub(super) until: Instant,
}

/// All that were asked and not answered. Bounded: 32 invitations a person, one admission an applicant, and one vote a
/// member, because a room has one vote at a time.
#[derive(Debug, Default)]
pub(super) struct Questions {
    open: BTreeMap<QuestionId, OpenQuestion>,
    by_person: BTreeSet<(UserId, QuestionId)>,
    by_applicant: BTreeMap<UserId, QuestionId>,
    deadlines: Deadlines<QuestionId>,
    next: u64,
}

impl Questions {
    /// Notes a question that waits until `until`. For an invitation the caller has seen to it that there is space
    /// ([`Self::make_space`]); an older admission of the same applicant is withdrawn.
    pub(super) fn ask(&mut self, until: Instant, to: UserId, matter: Matter) -> QuestionId {
        let id = QuestionId(self.next);
        self.next = self.next.wrapping_add(1);
        if let Matter::Admission { user, .. } = matter {
            self.withdraw_admission(user);
            self.by_applicant.insert(user, id);
        }
        self.open.insert(id, OpenQuestion { id, to, matter, until });
        self.by_person.insert((to, id));
        self.deadlines.add(until, id);
        id
    }

    /// Whether one more invitation can be noted for `to`. One that leads nowhere any more waits only to be answered
    /// politely: the oldest such gives way, so that nobody can use up another's 32 by opening and closing rooms.
    pub(super) fn make_space(&mut self, to: UserId, leads: impl Fn(Destination) -> bool) -> bool {
        let destination = |open: &OpenQuestion| match open.matter {
            Matter::Invitation { into, .. } => Some((open.id, into)),
            Matter::Admission { .. } | Matter::Vote { .. } => None,
        };
        let invitations = || self.of(to).filter_map(destination);
        if invitations().count() < MAX_INVITATIONS {
            return true;
        }
        let dead = invitations().find(|&(_, into)| !leads(into)).map(|(id, _)| id);
        dead.and_then(|id| self.take(id)).is_some()
    }

    /// The invitation of `to` into `room`, if one waits.
    pub(super) fn invitation(&self, to: UserId, room: RoomId) -> Option<QuestionId> {
        let is_it = |open: &&OpenQuestion| matches!(open.matter, Matter::Invitation { into, .. } if into == Destination::Room(room));
        self.of(to).find(is_it).map(|open| open.id)
    }

    /// Where somebody waits to be let in.
    pub(super) fn applies_for(&self, user: UserId) -> Option<RoomId> {
        match self.open(*self.by_applicant.get(&user)?)?.matter {
            Matter::Admission { room, .. } => Some(room),
            Matter::Invitation { .. } | Matter::Vote { .. } => None,
        }
    }

    /// He does not want to come in any more.
    pub(super) fn withdraw_admission(&mut self, user: UserId) {
        if let Some(&id) = self.by_applicant.get(&user) {
            self.take(id);
        }
    }

    /// Ends the oldest question to `manager` whether somebody may come into `room`.
    pub(super) fn take_admission(&mut self, manager: UserId, room: RoomId) -> Option<OpenQuestion> {
        let is_it = |open: &&OpenQuestion| matches!(open.matter, Matter::Admission { room: into, .. } if into == room);
        let id = self.of(manager).find(is_it)?.id;
        self.take(id)
    }

    /// What was proposed is a room now: the invitation leads there.
    pub(super) fn redirect(&mut self, id: QuestionId, room: RoomId) {
        if let Some(OpenQuestion { matter: Matter::Invitation { into, .. }, .. }) = self.open.get_mut(&id) {
            *into = Destination::Room(room);
        }
    }

    /// The question `id`, while it waits.
    pub(super) fn open(&self, id: QuestionId) -> Option<&OpenQuestion> {
        self.open.get(&id)
    }

    /// Whether the question `id` waits for the answer of `to`.
    pub(super) fn is_open(&self, to: UserId, id: QuestionId) -> bool {
        self.open(id).is_some_and(|open| open.to == to)
    }

    /// Ends the oldest question of `to`, whichever it is.
    pub(super) fn take_of(&mut self, to: UserId) -> Option<OpenQuestion> {
        let id = self.of(to).next()?.id;
        self.take(id)
    }

    /// Ends the question `id`, if it was put to `to`.
    pub(super) fn answer(&mut self, to: UserId, id: QuestionId) -> Option<OpenQuestion> {
        if self.is_open(to, id) { self.take(id) } else { None }
    }

    /// Ends a question.
    pub(super) fn take(&mut self, id: QuestionId) -> Option<OpenQuestion> {
        let open = self.open.remove(&id)?;
        self.by_person.remove(&(open.to, id));
        self.deadlines.remove(open.until, id);
        if let Matter::Admission { user, .. } = open.matter {
            self.by_applicant.remove(&user);
        }
        Some(open)
    }

    /// Ends a question that has run out at `now`, the first to run out first.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<OpenQuestion> {
        let id = self.deadlines.due(now)?;
        self.take(id)
    }

    /// When the next one runs out.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.next()
    }

    /// What waits for an answer of `to`, oldest first.
    pub(super) fn of(&self, to: UserId) -> impl Iterator<Item = &OpenQuestion> {
        let all = (to, QuestionId(0))..=(to, QuestionId(u64::MAX));
        self.by_person.range(all).filter_map(|&(_, id)| self.open.get(&id))
    }
}
