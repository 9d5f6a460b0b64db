//! How a room is proposed, named and opened (S8).
//!
//! In: whom somebody wants in a room, the mode, the first who accepts. Out: invitations, the room, or the news that
//! there is none. Must not know what else can be asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ids::{RoomId, UserId};
use crate::time::Instant;
use crate::vocab::{Effect, Mode, Notice, Outcome, Question, Refusal};

use super::RoomManager;
use super::moves::tell;
use super::proposals::{Proposal, ProposalId, Stage};
use super::questions::{Destination, Matter, QUESTION_LIFETIME};
use super::room::{MAX_ROOMS, check_capacity};

impl RoomManager {
    /// S8: who is asked is looked at when the mode is chosen; until then they can come and go.
    pub(super) fn propose(
        &mut self,
        now: Instant,
        by: UserId,
        users: &[UserId],
        capacity: u8,
        most_rooms: usize,
    ) -> Result<Outcome, Refusal> {
        check_capacity(capacity)?;
        if self.proposal_of(by).is_some_and(|(_, proposal)| proposal.is_out()) {
            return Err(Refusal::ProposalOpen);
        }
        self.withdraw_proposal(by);
        let mut wanted = BTreeSet::from([by]);
        let users = users.iter().copied().filter(|&user| wanted.insert(user)).collect();
        let stage = Stage::Intended { users, until: now + QUESTION_LIFETIME };
        let most_rooms = most_rooms.min(MAX_ROOMS);
        self.proposals.add(Proposal { by, name: None, capacity, most_rooms, stage });
        Ok(Outcome::Done)
    }

    /// S8: asks the people. The choice itself succeeds, even if nothing comes of it: that is told by a notice.
    pub(super) fn choose(
        &mut self,
        now: Instant,
        by: UserId,
        mode: Mode,
        effects: &mut Vec<Effect>,
    ) -> Result<Outcome, Refusal> {
        let inviter = Arc::clone(&self.users.user(by).ok_or(Refusal::NoSuchUser)?.name);
        let (id, proposal) = self.proposal_of(by).ok_or(Refusal::NothingProposed)?;
        let Stage::Intended { users, .. } = &proposal.stage else { return Err(Refusal::NothingProposed) };
        if self.rooms.count() >= proposal.most_rooms {
            self.give_up(id, Refusal::TooManyRooms, effects);
            return Ok(Outcome::Done);
        }
        let (users, name) = (users.clone(), proposal.name.clone());
        let users: Vec<UserId> = users.into_iter().filter(|&user| self.can_be_invited(user)).collect();
        if users.is_empty() {
            self.give_up(id, Refusal::NoSuchUser, effects);
            return Ok(Outcome::Done);
        }
        let name = name.unwrap_or_else(|| self.rooms.reserve_any());
        let mut asked = BTreeSet::new();
        for to in users {
            let into = Destination::Proposal(id);
            let matter = Matter::Invitation { by, into, room_name: Arc::clone(&name) };
            let question = self.questions.ask(now + QUESTION_LIFETIME, to, matter);
            asked.insert(question);
            let (name, room_name) = (Arc::clone(&inviter), Arc::clone(&name));
            let what = Question::Invitation { by, name, room: None, room_name, mode };
            tell(effects, vec![to], Notice::Asked { question, what });
        }
        self.proposals.send_out(id, name, mode, asked);
        Ok(Outcome::Done)
    }

    /// S8: the name is reserved from now on. Without a proposal it is the room one is in that gets the name.
    pub(super) fn name(
        &mut self,
        by: UserId,
        name: &str,
        effects: &mut Vec<Effect>,
    ) -> Result<Outcome, Refusal> {
        let Some(id) = self.proposals.id_of(by) else { return self.rename(by, name, effects) };
        let Some(proposal) = self.proposals.get_mut(id) else { return Err(Refusal::NothingProposed) };
        if proposal.name.as_deref() != Some(name) {
            let name = self.rooms.reserve(name)?;
            if let Some(before) = proposal.name.replace(name) {
                self.rooms.release(&before);
            }
        }
        Ok(Outcome::Done)
    }

    /// S8: the first has accepted. The room opens with the one who proposed it in it, who manages it. He did not move by
    /// himself: M21 holds.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`] if the proposal has ended, [`Refusal::TooManyRooms`], after which it has.
    pub(super) fn open_proposed(
        &mut self,
        id: ProposalId,
        effects: &mut Vec<Effect>,
    ) -> Result<RoomId, Refusal> {
        let proposal = self.proposals.take(id).ok_or(Refusal::NoSuchRoom)?;
        let (Some(name), Stage::Out { mode, asked }) = (proposal.name, proposal.stage) else {
            return Err(Refusal::NoSuchRoom);
        };
        self.rooms.release(&name);
        let opened = if self.rooms.count() < proposal.most_rooms {
            self.rooms.open(&name, mode, proposal.capacity)
        } else {
            Err(Refusal::TooManyRooms)
        };
        let by = proposal.by;
        let room = opened.inspect_err(|&why| tell(effects, vec![by], Notice::NotOpened { why }))?;
        self.rooms.set_manager(room, Some(by).filter(|&by| self.can_be_asked(by)));
        self.move_unasked(by, room, effects);
        tell(effects, vec![by], Notice::Opened { room });
        for question in asked {
            self.questions.redirect(question, room);
        }
        Ok(room)
    }

    /// Ends a proposal of which nothing came, and says so.
    pub(super) fn give_up(&mut self, id: ProposalId, why: Refusal, effects: &mut Vec<Effect>) {
        if let Some(proposal) = self.proposals.take(id) {
            self.forget_name(&proposal);
            tell(effects, vec![proposal.by], Notice::NotOpened { why });
        }
    }

    /// Ends somebody's proposal without a word. Those who were asked already learn it when they accept.
    pub(super) fn withdraw_proposal(&mut self, by: UserId) {
        if let Some(proposal) = self.proposals.id_of(by).and_then(|id| self.proposals.take(id)) {
            self.forget_name(&proposal);
        }
    }

    /// The room that was proposed is not opened: others can have its name.
    pub(super) fn forget_name(&mut self, proposal: &Proposal) {
        if let Some(name) = &proposal.name {
            self.rooms.release(name);
        }
    }

    fn proposal_of(&self, by: UserId) -> Option<(ProposalId, &Proposal)> {
        let id = self.proposals.id_of(by)?;
        Some((id, self.proposals.get(id)?))
    }

    /// Whether he is here and has not more invitations than one can have.
    fn can_be_invited(&mut self, user: UserId) -> bool {
        self.users.user(user).is_some() && self.make_space(user)
    }
}
