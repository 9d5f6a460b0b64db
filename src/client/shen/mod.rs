//! The client's Shen: how each wish is said, what datagrams and answers mean, and what this protocol leaves open for a
//! while: an application, a vote, a proposal, a list that goes on.
//!
//! In: wishes, datagrams, the time. Out: messages; what was said, in the words of `tongue`. Must not know how a request is
//! repeated.

mod list;
mod moves;
mod receive;
mod replies;
mod wish;

pub(super) use wish::{decision, parts, receipt};

use std::collections::VecDeque;
use std::net::SocketAddrV4;

use super::jobs::{Job, Locate};
use super::questions::{Asked, Offer};
use super::{Answer, Ask, Client, Event, Refused, Ticket};
use crate::dialect::msp::ErrorCode;
use crate::dialect::shen::Kind;
use crate::time::{Duration, Instant};
use crate::vocab::Mode;
use list::Pages;

/// How long others may take to decide (S9, S10), and some air for what is told late.
const DECISION: Duration = Duration::from_secs(75);

/// What is open between us and the server.
#[derive(Debug, Default)]
pub(super) struct Speech {
    /// A room whose manager decides whether we come in (S9).
    applied: Option<Pending<String>>,
    /// Whether the server has moved us, and we do not know yet where to.
    adrift: bool,
    /// Whether we were let in before we knew that somebody had to decide.
    granted: bool,
    /// The manager has let us in, and we do not know yet what the room is like.
    admitted: Option<Ticket>,
    /// Our latest requests that were answered or given up: what answers them now is no request.
    answered: VecDeque<(u16, Kind, Instant)>,
    /// Who came into our room while its list was asked for: the answer may be older than that.
    newcomers: Vec<(String, SocketAddrV4)>,
    /// The mode that the others are asked about for our room (S10).
    vote: Option<Pending<Mode>>,
    /// The room we want to invite to, when we have chosen its mode (S8).
    offered: Option<Proposal>,
    /// The room that people are invited to.
    proposal: Option<Proposal>,
    /// The pages of a list that may not be all (S4).
    pages: Option<Pages>,
    /// Whether a list was asked for again, because what came may have been no list.
    asked_again: bool,
    /// The room we are coming into, and how its texts travel, as the invitation said.
    told: Option<(String, Mode)>,
    /// The handle of the private room we are in, once a list has told it; 0 before.
    handle: u16,
    /// How often we have asked whether we are in the room we accepted to come into.
    asked_in: u32,
}

/// Something that others decide.
#[derive(Debug)]
struct Pending<T> {
    ticket: Ticket,
    until: Instant,
    what: T,
}

/// A room that is not open yet.
#[derive(Debug, Default)]
struct Proposal {
    users: Vec<String>,
    mode: Option<Mode>,
    name: Option<String>,
    /// Until when people may still be coming.
    until: Option<Instant>,
    /// The rooms there were before the mode was chosen: it is none of these.
    before: Vec<String>,
}

impl Speech {
    /// Whether nobody decides about what the user wanted.
    pub(super) const fn is_idle(&self) -> bool {
        self.applied.is_none() && self.vote.is_none()
    }

    /// The job that needed the list is given up.
    pub(super) fn forget_pages(&mut self) {
        self.pages = None;
        self.asked_again = false;
    }

    /// We know where we are.
    pub(super) fn has_arrived(&mut self) {
        self.newcomers.clear();
        self.adrift = false;
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let applied = self.applied.as_ref().map(|pending| pending.until);
        let vote = self.vote.as_ref().map(|pending| pending.until);
        let pages = self.pages.as_ref().map(|pages| pages.quiet);
        [applied, vote, pages].into_iter().flatten().min()
    }
}

impl Client {
    /// Does what is due: a list is complete, nobody has decided.
    pub(super) fn shen_timeout(&mut self, now: Instant) {
        if let Some(pages) = self.shen.pages.take_if(|pages| pages.quiet <= now) {
            self.listed(now, pages);
        }
        let applied = self.shen.applied.take_if(|pending| pending.until <= now).map(|pending| pending.ticket);
        let vote = self.shen.vote.take_if(|pending| pending.until <= now).map(|pending| pending.ticket);
        for ticket in applied.into_iter().chain(vote) {
            self.tell(Event::Answered { ticket, answer: Answer::Unanswered });
        }
    }

    /// Nothing is open any more: what was asked has no answer.
    pub(super) fn shen_forget(&mut self) {
        let open = std::mem::take(&mut self.shen);
        let applied = open.applied.map(|pending| pending.ticket);
        for ticket in applied.into_iter().chain(open.vote.map(|pending| pending.ticket)) {
            self.tell(Event::Answered { ticket, answer: Answer::Unanswered });
        }
    }

    /// Why `job` has to be refused: others are still deciding about us, and what they decide is told without saying which
    /// decision it is. Were two open, nobody could tell in which room we are.
    pub(super) fn undecided(&self, job: &Job) -> Option<Refused> {
        let Job::Users(_, ask) = job else { return None };
        let is_join = matches!(ask, Ask::Join(_) | Ask::Switch(_));
        let is_choice = matches!(ask, Ask::ChooseMode(_));
        let until = self.shen.proposal.as_ref().and_then(|proposal| proposal.until);
        let why = if self.shen.applied.is_some() && (is_join || is_choice) {
            "the manager of a room is still deciding about you"
        } else if (is_join || is_choice) && until.is_some_and(|until| until > self.last_now) {
            "the people you invited are still being asked"
        } else {
            return None;
        };
        Some(Refused::Error(ErrorCode::NOT_ALLOWED, why.into()))
    }
}

/// One who comes asks where the one who invited him is: nobody tells him otherwise that he is in.
pub(super) fn follow_up(ticket: Ticket, offer: &Offer) -> Option<Job> {
    match &offer.what {
        Asked::Invitation { by, mode, handle, .. } => Some(Job::Locate(Locate {
            ticket: Some(ticket),
            with: vec![by.clone()],
            name: None,
            handle: *handle,
            before: Vec::new(),
            proof: None,
            mode: *mode,
            tries: 0,
        })),
        Asked::Consent => None,
    }
}
