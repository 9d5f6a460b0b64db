//! The requests received last, by number and content (S6).
//!
//! In: requests and answers, as [`Receiver`](super::Receiver) has them. Out: its verdicts. Must not know in which order the
//! peer gives its numbers.
//!
//! A number alone proves nothing here: a peer may begin again at 0, jump, or use a number twice, and must be heard. So a
//! repetition is what has the number and the mark of one of the last 512 requests, and all else is new. The price: a copy
//! that is later than that is carried out again. What is not decided yet is known however many others come meanwhile.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::receiver::{LongAnswers, Verdict};
use super::seq::Seq;
use crate::time::{Duration, Instant};

/// A number and what else tells requests apart.
type Key = (u16, u32);

/// The place of a request among all that were received.
type Turn = u64;

#[derive(Debug)]
struct Known<A> {
    turn: Turn,
    /// With this turn it is forgotten; none while it is undecided.
    end: Option<Turn>,
    at: Instant,
    answer: Option<A>,
}

#[derive(Debug)]
pub(super) struct Recent<const BITS: u32, A> {
    known: BTreeMap<Key, Known<A>>,
    turn: Turn,
    /// What is answered, behind the turn with which it is forgotten. One whose own turn is not that of its key any more has
    /// been replaced; so too below.
    answered: BTreeSet<(Turn, (Turn, Key))>,
    undecided: VecDeque<(Turn, Key)>,
    long: LongAnswers<(Turn, Key)>,
}

impl<const BITS: u32, A> Recent<BITS, A> {
    /// As many are remembered, and as many more that are undecided.
    const MOST: usize = 1 << (BITS - 1);
    /// What was decided just now, or came again, comes once more if the answer is lost: it is remembered for so many turns
    /// more. They are fewer, because its number has been in use for long and is soon given to another request.
    const A_WHILE: Turn = Self::MOST as Turn / 2;

    pub(super) const fn new() -> Self {
        Self {
            known: BTreeMap::new(),
            turn: 0,
            answered: BTreeSet::new(),
            undecided: VecDeque::new(),
            long: LongAnswers::new(),
        }
    }

    /// What is still asked is still known.
    pub(super) fn check(
        &mut self,
        now: Instant,
        lifetime: Duration,
        seq: Seq<BITS>,
        mark: u32,
    ) -> Verdict<'_, A> {
        let key = (seq.value(), mark);
        let Some(known) = self.known.get_mut(&key).filter(|known| now.since(known.at) <= lifetime) else {
            return Verdict::New;
        };
        if let Some(end) = &mut known.end {
            self.answered.remove(&(*end, (known.turn, key)));
            *end = self.turn.saturating_add(Self::A_WHILE).max(*end);
            self.answered.insert((*end, (known.turn, key)));
        }
        known.answer.as_ref().map_or(Verdict::Pending, Verdict::Again)
    }

    pub(super) fn remember(
        &mut self,
        now: Instant,
        seq: Seq<BITS>,
        mark: u32,
        answer: Option<A>,
        long: usize,
    ) {
        self.turn = self.turn.wrapping_add(1);
        let (key, turn) = ((seq.value(), mark), self.turn);
        let end = answer.is_some().then(|| Self::end_of(turn));
        match end {
            Some(end) => _ = self.answered.insert((end, (turn, key))),
            None => self.undecided.push_back((turn, key)),
        }
        self.known.insert(key, Known { turn, end, at: now, answer });
        self.long.push((turn, key), long);
        self.forget();
    }

    /// The answer to a request that was remembered: its first, or another one for its repetitions from now on.
    pub(super) fn answer(&mut self, seq: Seq<BITS>, mark: u32, answer: A) {
        let key = (seq.value(), mark);
        let Some(known) = self.known.get_mut(&key) else { return };
        if known.answer.replace(answer).is_none() {
            let own = (known.turn, key);
            let end = Self::end_of(known.turn).max(self.turn.saturating_add(Self::A_WHILE));
            known.end = Some(end);
            self.undecided.retain(|other| *other != own);
            self.answered.insert((end, own));
        }
    }

    const fn end_of(turn: Turn) -> Turn {
        turn.saturating_add(Self::MOST as Turn)
    }

    fn forget(&mut self) {
        while self.answered.first().is_some_and(|(end, _)| *end <= self.turn) {
            if let Some((_, old)) = self.answered.pop_first() {
                self.drop_if_current(old);
            }
        }
        while self.undecided.len() > Self::MOST {
            if let Some(old) = self.undecided.pop_front() {
                self.drop_if_current(old);
            }
        }
        while let Some(old) = self.long.pop_excess(Self::MOST) {
            self.drop_if_current(old);
        }
    }

    fn drop_if_current(&mut self, (turn, key): (Turn, Key)) {
        if self.known.get(&key).is_some_and(|known| known.turn == turn) {
            self.known.remove(&key);
        }
    }
}
