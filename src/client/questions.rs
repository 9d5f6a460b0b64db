//! Questions that the server asks and a person answers: invitations, and in Shen's protocol admissions and votes.
//!
//! In: questions, decisions. Out: events, answers that are remembered, for one who comes the way to know that he is in.
//! Must not know how a question or an answer looks.

use super::jobs::Job;
use super::tongue::Wish;
use super::{Answer, Ask, Client, Doubt, Event, Invitation, Refused, Ticket};
use crate::time::{Duration, Instant};
use crate::vocab::Mode;

/// Questions that can wait for an answer at once; the oldest is forgotten.
const MOST_OFFERS: usize = 32;

/// A question that we have not answered yet: the number and the mark of the request, and what is asked.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    pub(super) seq: u16,
    pub(super) mark: u32,
    /// Until when it may be answered.
    pub(super) until: Instant,
    pub(super) what: Asked,
}

#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// Whether we come into a room. Its name may be empty, and its handle 0, where the protocol does not tell them.
    Invitation { by: String, room: String, handle: u16, mode: Mode },
    /// Whether we agree to something.
    Consent,
}

impl Client {
    /// The server asks something that a person decides: it is answered when he has.
    pub(super) fn asked(
        &mut self,
        now: Instant,
        seq: u16,
        mark: u32,
        patience: Duration,
        what: Asked,
    ) -> Invitation {
        self.link.remember(now, seq, mark, None, 0);
        self.next_offer += 1;
        let question = Invitation(self.next_offer);
        self.offers.insert(question, Offer { seq, mark, until: now + patience, what });
        if self.offers.len() > MOST_OFFERS {
            self.offers.pop_first();
        }
        question
    }

    /// Answers a question. One who comes also asks for access, which succeeds whether or not the answer got through, and
    /// brings the addresses of a decentralised room (M22).
    pub(super) fn answer_question(
        &mut self,
        now: Instant,
        ticket: Ticket,
        question: Invitation,
        accept: bool,
    ) {
        let Some(offer) = self.offers.remove(&question).filter(|offer| now <= offer.until) else {
            if accept {
                self.abandon_texts();
            }
            return self.refuse(ticket, Refused::NoSuchInvitation);
        };
        let is_invitation = matches!(offer.what, Asked::Invitation { .. });
        let next = self.follow_up(ticket, &offer).filter(|_| accept);
        let next = next.filter(|job| self.packet(Wish::Job(job)).is_ok());
        let accept = accept && (next.is_some() || !is_invitation);
        let decision = self.decision(&offer, accept);
        self.link.remember(now, offer.seq, offer.mark, Some(decision.clone()), 0);
        self.send(self.config.server, decision);
        match next {
            Some(job) => {
                self.accepted = Some((ticket, offer));
                self.start(now, job);
            }
            None => self.tell(Event::Answered { ticket, answer: Answer::Done }),
        }
    }

    /// Whether this agrees to something, and so leads nowhere.
    pub(super) fn is_consent(&self, job: &Job) -> bool {
        let Job::Users(_, Ask::Answer { invitation, .. }) = job else { return false };
        self.offers.get(invitation).is_some_and(|offer| matches!(offer.what, Asked::Consent))
    }

    /// Our coming has led somewhere, or nowhere. If the server asks again, it must not be told once more that we come: it
    /// would move us when we do not expect it (M28). If it led nowhere, our answer may have moved us all the same, into a
    /// room that was full or gone a moment later: then we ask for the room we were in, which changes nothing if we still
    /// are (M8).
    pub(super) fn conclude_acceptance(&mut self, ticket: Ticket, came: bool) {
        let Some((_, offer)) = self.accepted.take_if(|(accepting, _)| *accepting == ticket) else { return };
        let declined = self.decision(&offer, false);
        self.link.answer(offer.seq, offer.mark, declined);
        if came || self.doubt.is_some() {
            return;
        }
        if self.room.is_some() && self.can_ask_for_our_room() {
            self.queue.push_front(Job::Refresh);
        } else {
            self.doubt = Some(Doubt::Unanswered);
        }
    }
}
