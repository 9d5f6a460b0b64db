//! What others have to decide, and what a person decides about a question of the rooms.
//!
//! In: requests that are undecided, decisions. Out: the answer in time, or an answer without words after 1.5 s and the
//! decision under a number of our own (S9, S10). Must not know who decides.

use super::requests::done;
use crate::dialect::shen::{Body, words};
use crate::engine::Server;
use crate::engine::deadlines::Deadline;
use crate::engine::outgoing::Purpose;
use crate::engine::traffic::Asked;
use crate::ids::{PeerId, QuestionId, UserId};
use crate::time::{Duration, Instant};
use crate::vocab::{Command, Refusal};

/// How long a request waits for the decision of others before it is answered without one: less than T, so that it is not
/// repeated.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// What a request waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaited {
    /// A manager lets one in, or not.
    Admission,
    /// All agree to another mode, or not.
    Vote,
}

/// A request that others have to decide.
#[derive(Debug)]
pub(in crate::engine) struct Waiting {
    asked: Asked,
    awaited: Awaited,
    until: Instant,
}

impl Server {
    /// Others decide about this request: it is answered when they have, or after a while.
    pub(super) fn await_decision(&mut self, now: Instant, id: PeerId, asked: Asked, awaited: Awaited) {
        let (seq, mark) = asked;
        let until = now + PATIENCE;
        if let Some(peer) = self.peers.get_mut(id) {
            peer.link.remember(now, seq, mark, None, 0);
            peer.waiting.push(Waiting { asked, awaited, until });
            self.peers.deadlines.push(until, Deadline::Undecided(id));
        }
    }

    /// Answers without words what has waited long enough.
    pub(in crate::engine) fn answer_undecided(&mut self, now: Instant, id: PeerId) {
        let Some(peer) = self.peers.get_mut(id).filter(|peer| peer.user.is_some()) else { return };
        let due: Vec<_> = peer.waiting.extract_if(.., |waiting| waiting.until <= now).collect();
        for waiting in due {
            self.answer_waiting(id, waiting.asked, done());
        }
    }

    /// Others have decided: true when a request still waited for it, which is answered by `body` now.
    pub(super) fn decided(&mut self, id: PeerId, awaited: Awaited, body: Body<'_>) -> bool {
        let Some(peer) = self.peers.get_mut(id) else { return false };
        // Of several the last one counts: it has replaced the others.
        let Some(index) = peer.waiting.iter().rposition(|waiting| waiting.awaited == awaited) else {
            return false;
        };
        let waiting = peer.waiting.remove(index);
        self.answer_waiting(id, waiting.asked, body);
        true
    }

    fn answer_waiting(&mut self, id: PeerId, asked: Asked, body: Body<'_>) {
        let (seq, mark) = asked;
        let Some(payload) = self.shen_encode(seq, body) else { return };
        if let Some(peer) = self.peers.get_mut(id) {
            peer.link.answer(seq, mark, payload.clone());
        }
        self.send(id, payload);
    }

    /// Which question somebody answers under a number of his own: the oldest that is still open to him (S5). If it is the
    /// number of one that was put to him a short while ago, he means that one, open or not.
    pub(super) fn question_meant(&self, id: PeerId, user: UserId, seq: u16) -> Option<QuestionId> {
        let put = self.peers.get(id)?.questions.iter().rev().find(|put| put.seq == seq);
        put.map(|put| put.question).or_else(|| self.rooms.oldest_question(user))
    }

    /// Somebody has decided about a question.
    pub(super) fn shen_decide(&mut self, now: Instant, id: PeerId, question: QuestionId, accept: bool) {
        let Some(user) = self.peers.user(id) else { return };
        let command = Command::Answer { question, accept };
        let answered = self.rooms.apply(now, user, command, &mut self.effects);
        let is_in_public = self.rooms.user(user).is_some_and(|user| user.room.is_none());
        if answered == Err(Refusal::NoSuchInvitation) && accept && is_in_public {
            self.say(id, words::INVITATION_OVER, Purpose::Words);
        }
    }
}
