//! The requests received last, by number and content (S6).
//!
//! In: requests and answers, as [`Receiver`](super::Receiver) has them. Out: its verdicts. Must not know in which order the
//! peer gives its numbers.
//!
//! A number alone proves nothing here: a peer may begin again at 0, jump, or use a number twice, and must be heard. So a
//! repetition is what has the number and the mark of one of the last 512 requests, and all else is new. The price: a copy
//! that is later than that is carried out again. What is not decided yet is known however many others come meanwhile.

use std::collections::{BTreeMap, VecDeque};

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
    at: Instant,
    answer: Option<A>,
}

#[derive(Debug)]
pub(super) struct Recent<const BITS: u32, A> {
    known: BTreeMap<Key, Known<A>>,
    turn: Turn,
    /// In the order of their turns. One whose turn is not that of its key any more has been replaced.
    answered: VecDeque<(Turn, Key)>,
    undecided: VecDeque<(Turn, Key)>,
    long: LongAnswers<(Turn, Key)>,
}

impl<const BITS: u32, A> Recent<BITS, A> {
    /// As many are remembered, and as many more that are undecided.
    const MOST: usize = 1 << (BITS - 1);

    pub(super) const fn new() -> Self {
        Self {
            known: BTreeMap::new(),
            turn: 0,
            answered: VecDeque::new(),
            undecided: VecDeque::new(),
            long: LongAnswers::new(),
        }
    }

    pub(super) fn check(
        &self,
        now: Instant,
        lifetime: Duration,
        seq: Seq<BITS>,
        mark: u32,
    ) -> Verdict<'_, A> {
        match self.known.get(&(seq.value(), mark)).filter(|known| now.since(known.at) <= lifetime) {
            Some(known) => known.answer.as_ref().map_or(Verdict::Pending, Verdict::Again),
            None => Verdict::New,
        }
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
        let queue = if answer.is_some() { &mut self.answered } else { &mut self.undecided };
        queue.push_back((turn, key));
        self.known.insert(key, Known { turn, at: now, answer });
        self.long.push((turn, key), long);
        self.forget();
    }

    /// However many others came while a person thought about it: its turn is now.
    pub(super) fn answer(&mut self, seq: Seq<BITS>, mark: u32, answer: A) {
        let key = (seq.value(), mark);
        if let Some(known) = self.known.get_mut(&key) {
            self.undecided.retain(|(_, other)| *other != key);
            *known = Known { turn: self.turn, at: known.at, answer: Some(answer) };
            self.answered.push_back((self.turn, key));
        }
    }

    fn forget(&mut self) {
        while let Some(old) = self
            .answered
            .front()
            .copied()
            .filter(|(turn, _)| turn.saturating_add(Self::MOST as Turn) <= self.turn)
        {
            self.answered.pop_front();
            self.drop_if_current(old);
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
