//! Votes and confirmations (B6).
//!
//! In: who begins one, who answers. Out: questions and results for those concerned. Must not know when an answer counts.

use super::exchange::No;
use super::sequences::{Fault, Over};
use crate::dialect::stories::json::{
    Ack, Begin, Complete, Confirm, ConfirmRequest, Outcome, Reply, SequenceResult, Vote, VoteRequest, words,
};
use crate::engine::Server;
use crate::ids::UserId;
use crate::time::{Duration, Instant};

/// How many seconds a question is open, unless its initiator says otherwise, and at most (B6).
const USUAL: u64 = 30;
const LONGEST: u64 = 300;
/// The most bytes that the details of a question have, as they are sent on (B11).
const MOST_DETAILS: usize = 16 << 10;

impl Server {
    /// Begins a sequence.
    pub(super) fn json_begin(&mut self, now: Instant, user: UserId, begin: Begin) -> Result<(), No> {
        let timeout = seconds(begin.timeout)?;
        if begin.details.to_string().len() > MOST_DETAILS {
            return Err(("too-long", words::TOO_LONG));
        }
        if begin.room.as_ref().is_some_and(|room| !self.stories_is_in(user, room)) {
            return Err(("room", words::NOT_YOUR_ROOM));
        }
        match begin.action.as_str() {
            "VOTE" => self.json_begin_vote(now, user, begin, timeout),
            "CONFIRM" => self.json_begin_confirm(now, user, begin, timeout),
            _ => Err(("action", words::NO_SUCH_ACTION)),
        }
    }

    /// Somebody votes.
    pub(super) fn json_vote(&mut self, now: Instant, user: UserId, vote: &Vote) -> Result<(), No> {
        let from = self.meant_initiator(vote.from.as_deref())?;
        let over = self.stories.exchange.sequences.vote(user, &vote.seq, from, vote.vote).map_err(no)?;
        if let Some(over) = over {
            self.json_over(now, over);
        }
        Ok(())
    }

    /// Somebody answers a question to him alone.
    pub(super) fn json_confirm(&mut self, now: Instant, user: UserId, confirm: &Confirm) -> Result<(), No> {
        let from = self.meant_initiator(confirm.from.as_deref())?;
        let over = self.stories.exchange.sequences.confirm(user, &confirm.seq, from, confirm.ok);
        if let Some(over) = over.map_err(no)? {
            self.json_over(now, over);
        }
        Ok(())
    }

    /// A sequence is over: those who were asked hear how a vote went, then the initiator is free again.
    pub(super) fn json_over(&mut self, now: Instant, over: Over) {
        if let (Outcome::Votes(counts), Some(from)) = (over.outcome, self.stories_name(over.initiator)) {
            let (seq, from) = (over.seq.clone(), from.to_string());
            let result = Reply::SequenceResult(SequenceResult { seq, from, counts });
            for other in over.others {
                self.json_say(now, other, &result);
            }
        }
        let complete = Reply::Complete(Complete { seq: over.seq, result: over.outcome });
        self.json_say(now, over.initiator, &complete);
    }

    fn json_begin_vote(&mut self, now: Instant, user: UserId, begin: Begin, timeout: u64) -> Result<(), No> {
        let (Some(room), Some(from)) = (begin.room, self.stories_name(user)) else {
            return Err(("room", words::NOT_YOUR_ROOM));
        };
        let place = self.rooms.user(user).and_then(|user| user.room);
        // Who has no words for it cannot vote, and is not waited for.
        let voters: Vec<UserId> =
            self.others_of(user).into_iter().filter(|other| self.speaks_json(*other)).collect();
        let until = now + Duration::from_secs(timeout);
        let sequences = &mut self.stories.exchange.sequences;
        let over = sequences.begin_vote(until, (user, place), &begin.seq, &voters).map_err(no)?;
        self.json_say(now, user, &Reply::Ack(Ack { seq: begin.seq.clone() }));
        let (seq, from, details) = (begin.seq, from.to_string(), begin.details);
        let request = Reply::VoteRequest(VoteRequest { seq, room, from, details, timeout });
        for voter in voters {
            self.json_say(now, voter, &request);
        }
        if let Some(over) = over {
            self.json_over(now, over);
        }
        Ok(())
    }

    fn json_begin_confirm(
        &mut self,
        now: Instant,
        user: UserId,
        begin: Begin,
        timeout: u64,
    ) -> Result<(), No> {
        if self.stories.exchange.sequences.is_busy(user) {
            return Err(no(Fault::Busy));
        }
        let to = begin.to.as_deref().and_then(|name| self.json_user(name));
        let (Some(to), Some(from)) = (to, self.stories_name(user)) else {
            return Err(("user", words::NO_SUCH_USER));
        };
        if to == user {
            return Err(("self", words::YOURSELF));
        }
        let until = now + Duration::from_secs(timeout);
        self.stories.exchange.sequences.begin_confirm(until, user, &begin.seq, to).map_err(no)?;
        self.json_say(now, user, &Reply::Ack(Ack { seq: begin.seq.clone() }));
        let (seq, from, details) = (begin.seq, from.to_string(), begin.details);
        self.json_say(now, to, &Reply::ConfirmRequest(ConfirmRequest { seq, from, details, timeout }));
        Ok(())
    }

    /// Whose question an answer means, if it says so.
    fn meant_initiator(&self, from: Option<&str>) -> Result<Option<UserId>, No> {
        let Some(name) = from else { return Ok(None) };
        self.json_user(name).map(Some).ok_or(no(Fault::Unknown))
    }
}

/// Whole seconds; a part of one counts as one.
fn seconds(timeout: Option<f64>) -> Result<u64, No> {
    const BAD: No = ("fields", words::BAD_TIMEOUT);
    let Some(timeout) = timeout else { return Ok(USUAL) };
    let wanted = Duration::try_from_secs_f64(timeout.min(301.0)).map_err(|_| BAD)?;
    let whole = wanted.as_secs().saturating_add(u64::from(wanted.subsec_nanos() > 0));
    if whole == 0 { Err(BAD) } else { Ok(whole.min(LONGEST)) }
}

const fn no(fault: Fault) -> No {
    match fault {
        Fault::Busy => ("busy", words::BUSY),
        Fault::Unknown => ("unknown", words::NO_SUCH_SEQUENCE),
        Fault::Foreign => ("foreign", words::NOT_ASKED),
        Fault::Double => ("double", words::VOTED),
        Fault::Ambiguous => ("ambiguous", words::AMBIGUOUS),
    }
}
