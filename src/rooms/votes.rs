//! Votes about the mode of a room (S10): all others have to agree.
//!
//! In: the mode a manager wants, what the members say, who leaves, the time. Out: questions, and the decision. Must not
//! know why somebody leaves.

use std::collections::BTreeMap;

use crate::ids::{QuestionId, RoomId, UserId};
use crate::time::Instant;
use crate::vocab::{Effect, Mode, Notice, Outcome, Question, Refusal};

use super::RoomManager;
use super::deadlines::Deadlines;
use super::moves::tell;
use super::questions::{Matter, QUESTION_LIFETIME};

/// The members are asked whether the mode of their room may change.
#[derive(Debug)]
pub(super) struct Vote {
    mode: Mode,
    until: Instant,
    /// Who was asked, is still there and has not answered.
    asked: BTreeMap<UserId, QuestionId>,
    /// Who could only be told, and is still there: they have until the end to leave.
    told: Vec<UserId>,
}

/// All votes: one a room.
#[derive(Debug, Default)]
pub(super) struct Votes {
    by_room: BTreeMap<RoomId, Vote>,
    deadlines: Deadlines<RoomId>,
}

impl Votes {
    fn add(&mut self, room: RoomId, vote: Vote) {
        self.deadlines.add(vote.until, room);
        self.by_room.insert(room, vote);
    }

    fn take(&mut self, room: RoomId) -> Option<Vote> {
        let vote = self.by_room.remove(&room)?;
        self.deadlines.remove(vote.until, room);
        Some(vote)
    }

    /// The room whose vote is over at `now`.
    pub(super) fn due(&self, now: Instant) -> Option<RoomId> {
        self.deadlines.due(now)
    }

    /// When the next vote is over.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.next()
    }
}

impl RoomManager {
    /// S10: puts another mode to the vote of all others.
    pub(super) fn change_mode(
        &mut self,
        now: Instant,
        by: UserId,
        mode: Mode,
        effects: &mut Vec<Effect>,
    ) -> Result<Outcome, Refusal> {
        let id = self.managed_room(by)?;
        let room = self.rooms.room(id).ok_or(Refusal::NotInPrivateRoom)?;
        if room.mode == mode {
            return Ok(Outcome::Done);
        }
        if self.votes.by_room.contains_key(&id) {
            return Err(Refusal::VoteOpen);
        }
        let others = room.members().iter().copied().filter(|&member| member != by);
        let (voters, told): (Vec<UserId>, Vec<UserId>) = others.partition(|&user| self.can_be_asked(user));
        if voters.is_empty() && told.is_empty() {
            self.rooms.set_mode(id, mode);
            return Ok(Outcome::Done);
        }
        let until = now + QUESTION_LIFETIME;
        let mut asked = BTreeMap::new();
        for to in voters {
            let question = self.questions.ask(until, to, Matter::Vote { room: id });
            asked.insert(to, question);
            tell(effects, vec![to], Notice::Asked { question, what: Question::Vote { mode } });
        }
        tell(effects, told.clone(), Notice::VoteHeld { mode });
        self.votes.add(id, Vote { mode, until, asked, told });
        Ok(Outcome::Undecided)
    }

    /// A member has agreed; the last one decides.
    pub(super) fn agrees(&mut self, user: UserId, room: RoomId, effects: &mut Vec<Effect>) {
        if let Some(vote) = self.votes.by_room.get_mut(&room) {
            vote.asked.remove(&user);
        }
        self.decide_if_all_agree(room, effects);
    }

    /// A member who leaves does not count any more. That may decide it.
    pub(super) fn leaves_the_vote(&mut self, user: UserId, room: RoomId, effects: &mut Vec<Effect>) {
        let Some(vote) = self.votes.by_room.get_mut(&room) else { return };
        vote.told.retain(|&other| other != user);
        if let Some(question) = vote.asked.remove(&user) {
            self.questions.take(question);
        }
        self.decide_if_all_agree(room, effects);
    }

    /// The vote is over: the mode changes if all agreed.
    pub(super) fn decide(&mut self, id: RoomId, agreed: bool, effects: &mut Vec<Effect>) {
        let Some(mode) = self.end_vote(id) else { return };
        let Some(room) = self.rooms.room(id) else { return };
        let manager = room.manager();
        if agreed {
            let others = room.members().iter().copied().filter(|&member| Some(member) != manager).collect();
            self.rooms.set_mode(id, mode);
            tell(effects, others, Notice::ModeChanged { room: id, mode });
        }
        tell(effects, manager.into_iter().collect(), Notice::VoteOver { mode, agreed });
    }

    /// Ends a vote without a word, and says which mode it was about: nobody need answer any more.
    pub(super) fn end_vote(&mut self, room: RoomId) -> Option<Mode> {
        let vote = self.votes.take(room)?;
        for question in vote.asked.into_values() {
            self.questions.take(question);
        }
        Some(vote.mode)
    }

    fn decide_if_all_agree(&mut self, room: RoomId, effects: &mut Vec<Effect>) {
        let all_agree = |vote: &Vote| vote.asked.is_empty() && vote.told.is_empty();
        if self.votes.by_room.get(&room).is_some_and(all_agree) {
            self.decide(room, true, effects);
        }
    }
}
