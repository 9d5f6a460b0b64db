//! Questions to the room and to one alone (B6).
//!
//! In: what the user asks and answers, what the server says of it. Out: requests, questions for the user. Must not know
//! how a text is carried.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::talk::Conversation;
use crate::client::Ticket;
use crate::client::stream::talk::{Answer, Count, Event, Question, QuestionId};
use crate::client::stream::tongue::Desk;
use crate::dialect::stories::json::{
    Ballot, Begin, Complete, Confirm, ConfirmRequest, Counts, Outcome, Request, Seq, SequenceResult, Vote,
    VoteRequest,
};

/// How many questions of others are remembered.
const MOST_QUESTIONS: usize = 256;

/// A question of somebody else.
#[derive(Debug)]
struct Open {
    seq: Seq,
    from: String,
    is_vote: bool,
}

/// What we ask, and what we are asked.
#[derive(Debug, Default)]
pub(super) struct Votes {
    ours: BTreeMap<Seq, Ticket>,
    open: BTreeMap<QuestionId, Open>,
}

impl Votes {
    pub(super) fn is_idle(&self) -> bool {
        self.ours.is_empty()
    }

    /// There is no server any more.
    pub(super) fn end(&mut self, desk: &mut Desk) {
        for ticket in std::mem::take(&mut self.ours).into_values() {
            desk.answer(ticket, Answer::Unanswered);
        }
    }
}

impl Conversation {
    pub(super) fn begin_vote(&mut self, desk: &mut Desk, ticket: Ticket, question: &str) {
        let seq = self.seq();
        let begin = Request::BeginSequence(Begin {
            seq: seq.clone(),
            action: "VOTE".into(),
            room: Some(self.place().into()),
            to: None,
            details: json!({ "question": question }),
            timeout: None,
        });
        match self.say_json(&begin) {
            Ok(()) => drop(self.votes.ours.insert(seq, ticket)),
            Err(why) => desk.answer(ticket, Answer::Refused(why.to_string())),
        }
    }

    /// The user has an answer; whether there is such a question.
    pub(super) fn answer_vote(&mut self, question: QuestionId, accept: bool) -> bool {
        let Some(Open { seq, from, is_vote }) = self.votes.open.remove(&question) else { return false };
        let from = Some(from);
        let request = if is_vote {
            Request::Vote(Vote { seq, vote: if accept { Ballot::Yes } else { Ballot::No }, from })
        } else {
            Request::Confirm(Confirm { seq, ok: accept, from })
        };
        self.say_json(&request).is_ok()
    }

    pub(super) fn vote_wanted(&mut self, desk: &mut Desk, request: VoteRequest) {
        let what = Question::Vote(question(&request.details));
        self.asked(desk, Open { seq: request.seq, from: request.from, is_vote: true }, what);
    }

    pub(super) fn confirm_wanted(&mut self, desk: &mut Desk, request: ConfirmRequest) {
        let what = Question::Confirm(question(&request.details));
        self.asked(desk, Open { seq: request.seq, from: request.from, is_vote: false }, what);
    }

    /// A vote of somebody else is over.
    pub(super) fn vote_over(&mut self, desk: &mut Desk, result: &SequenceResult) {
        let is_it = |open: &Open| open.seq == result.seq && open.from == result.from;
        let open = self.votes.open.iter().find(|(_, open)| is_it(open)).map(|(id, _)| *id);
        if let Some(id) = open {
            self.votes.open.remove(&id);
            desk.tell(Event::Moot(id));
        }
        desk.tell(Event::Voted { by: result.from.clone(), count: count(result.counts) });
    }

    /// A question of ours is over.
    pub(super) fn sequence_complete(&mut self, desk: &mut Desk, complete: &Complete) {
        let Some(ticket) = self.votes.ours.remove(&complete.seq) else { return };
        desk.answer(
            ticket,
            match complete.result {
                Outcome::Votes(counts) => Answer::Voted(count(counts)),
                Outcome::Confirmed { ok, absent } => Answer::Voted(Count {
                    yes: u64::from(ok && !absent),
                    no: u64::from(!ok && !absent),
                    absent: u64::from(absent),
                }),
            },
        );
    }

    /// The server says that this came to nothing; whether it is one of these.
    pub(super) fn vote_failed(&mut self, desk: &mut Desk, seq: &Seq, why: &str) -> bool {
        let ticket = self.votes.ours.remove(seq);
        if let Some(ticket) = ticket {
            desk.answer(ticket, Answer::Refused(why.into()));
        }
        ticket.is_some()
    }

    fn asked(&mut self, desk: &mut Desk, open: Open, what: Question) {
        let question = QuestionId(self.question());
        desk.tell(Event::Question { question, by: open.from.clone(), what });
        self.votes.open.insert(question, open);
        if self.votes.open.len() > MOST_QUESTIONS
            && let Some((oldest, _)) = self.votes.open.pop_first()
        {
            desk.tell(Event::Moot(oldest));
        }
    }
}

/// What is asked, in words: whatever others put there.
fn question(details: &Value) -> String {
    let words = match details {
        Value::Object(fields) => fields.get("question").and_then(Value::as_str),
        details => details.as_str(),
    };
    words.map_or_else(|| details.to_string(), str::to_owned)
}

fn count(counts: Counts) -> Count {
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    Count { yes: number(counts.yes), no: number(counts.no), absent: number(counts.absent) }
}
