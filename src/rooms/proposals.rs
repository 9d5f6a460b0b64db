//! Rooms that are proposed and not open yet (S8): one a person.
//!
//! In: who wants which people in a room. Out: [`Proposal`]s, and those whose mode nobody chose in time. Must not know
//! the people who are asked, nor whether the name is free.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ids::{QuestionId, UserId};
use crate::time::Instant;
use crate::vocab::Mode;

use super::deadlines::Deadlines;

/// Names a proposal for good: another one of the same person has another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ProposalId(u64);

/// How far a proposal has come.
#[derive(Debug)]
pub(super) enum Stage {
    /// The mode is to be chosen.
    Intended {
        /// Whom to ask then.
        users: Vec<UserId>,
        /// The latest time to choose.
        until: Instant,
    },
    /// People are asked. Somebody is still to answer, or the proposal would have ended.
    Out {
        /// How the texts of the room will travel.
        mode: Mode,
        /// The invitations that wait.
        asked: BTreeSet<QuestionId>,
    },
}

/// A room that somebody wants to open.
#[derive(Debug)]
pub(super) struct Proposal {
    pub(super) by: UserId,
    /// Reserved as soon as there is one.
    pub(super) name: Option<Arc<str>>,
    pub(super) capacity: u8,
    pub(super) most_rooms: usize,
    pub(super) stage: Stage,
}

impl Proposal {
    /// Whether the mode is chosen and people are asked.
    pub(super) const fn is_out(&self) -> bool {
        matches!(self.stage, Stage::Out { .. })
    }
}

/// All proposals.
#[derive(Debug, Default)]
pub(super) struct Proposals {
    by_id: BTreeMap<ProposalId, Proposal>,
    by_person: BTreeMap<UserId, ProposalId>,
    /// Only of those whose mode is to be chosen.
    deadlines: Deadlines<ProposalId>,
    next: u64,
}

impl Proposals {
    /// Notes a proposal. The caller has ended the one its author had before.
    pub(super) fn add(&mut self, proposal: Proposal) {
        let id = ProposalId(self.next);
        self.next = self.next.wrapping_add(1);
        if let Stage::Intended { until, .. } = proposal.stage {
            self.deadlines.add(until, id);
        }
        self.by_person.insert(proposal.by, id);
        self.by_id.insert(id, proposal);
    }

    /// The proposal of this person.
    pub(super) fn id_of(&self, by: UserId) -> Option<ProposalId> {
        self.by_person.get(&by).copied()
    }

    pub(super) fn get(&self, id: ProposalId) -> Option<&Proposal> {
        self.by_id.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: ProposalId) -> Option<&mut Proposal> {
        self.by_id.get_mut(&id)
    }

    /// The people are asked now: nothing is left to be chosen in time.
    pub(super) fn send_out(
        &mut self,
        id: ProposalId,
        name: Arc<str>,
        mode: Mode,
        asked: BTreeSet<QuestionId>,
    ) {
        let Some(proposal) = self.by_id.get_mut(&id) else { return };
        if let Stage::Intended { until, .. } = proposal.stage {
            self.deadlines.remove(until, id);
        }
        proposal.name = Some(name);
        proposal.stage = Stage::Out { mode, asked };
    }

    /// An invitation is not open any more. Whether that was the last of its proposal.
    pub(super) fn was_last(&mut self, id: ProposalId, question: QuestionId) -> bool {
        match self.by_id.get_mut(&id).map(|proposal| &mut proposal.stage) {
            Some(Stage::Out { asked, .. }) => {
                asked.remove(&question);
                asked.is_empty()
            }
            Some(Stage::Intended { .. }) | None => false,
        }
    }

    /// Ends a proposal.
    pub(super) fn take(&mut self, id: ProposalId) -> Option<Proposal> {
        let proposal = self.by_id.remove(&id)?;
        self.by_person.remove(&proposal.by);
        if let Stage::Intended { until, .. } = proposal.stage {
            self.deadlines.remove(until, id);
        }
        Some(proposal)
    }

    /// Ends a proposal whose mode should have been chosen before `now`.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<Proposal> {
        let id = self.deadlines.due(now)?;
        self.take(id)
    }

    /// When the next one whose mode is not chosen ends.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.next()
    }
}
