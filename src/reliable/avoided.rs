//! The numbers that requests of the peer bear, so that ours do not (S5).
//!
//! In: such numbers, and the time. Out: whether a number is one of them. Must not know what bears it.
//!
//! Shen's responses do not say that they are responses: a 15 may answer request 7, or be a request of its own under the
//! number 7. So a number is avoided while the peer may wait for an answer to it. MSP has types for responses; there nothing
//! is avoided.

use std::collections::{BTreeMap, BTreeSet};

use super::seq::Seq;
use crate::time::{Duration, Instant};

#[derive(Debug)]
pub(super) struct Avoided<const BITS: u32> {
    /// How long the peer may wait for an answer: all its tries.
    span: Duration,
    /// How long an undecided request is remembered.
    memory: Duration,
    /// The last time anything was heard.
    now: Instant,
    until: BTreeMap<u16, Instant>,
    /// The same, the first to be free again in front.
    by_time: BTreeSet<(Instant, u16)>,
}

impl<const BITS: u32> Avoided<BITS> {
    /// As many numbers as are avoided at most: a peer that asks very fast must leave us some.
    pub(super) const MOST: usize = if BITS > 10 { 256 } else { 1 << BITS.saturating_sub(2) };

    pub(super) const fn new(span: Duration, memory: Duration) -> Self {
        Self { span, memory, now: Instant::ZERO, until: BTreeMap::new(), by_time: BTreeSet::new() }
    }

    pub(super) fn contains(&self, seq: Seq<BITS>) -> bool {
        self.until.contains_key(&seq.value())
    }

    /// A request of the peer has come under this number, perhaps again.
    pub(super) fn is_asked(&mut self, now: Instant, seq: Seq<BITS>) {
        self.expire(now);
        let until = now + self.span;
        // Undecided: it is avoided for longer already.
        if self.until.get(&seq.value()).is_none_or(|known| *known < until) {
            self.keep(seq, until);
        }
    }

    /// The request under this number has to wait for a person.
    pub(super) fn is_undecided(&mut self, now: Instant, seq: Seq<BITS>) {
        self.expire(now);
        self.keep(seq, now + self.memory);
    }

    /// It is decided. The answer may be lost, and then the peer goes on asking for a while.
    pub(super) fn is_decided(&mut self, seq: Seq<BITS>) {
        let until = self.now + self.span;
        if self.until.get(&seq.value()).is_some_and(|known| *known > until) {
            self.keep(seq, until);
        }
    }

    /// Frees the numbers whose time is over.
    pub(super) fn expire(&mut self, now: Instant) {
        self.now = now;
        while self.by_time.first().is_some_and(|(until, _)| *until < now) {
            self.free_first();
        }
    }

    fn keep(&mut self, seq: Seq<BITS>, until: Instant) {
        if let Some(before) = self.until.insert(seq.value(), until) {
            self.by_time.remove(&(before, seq.value()));
        }
        self.by_time.insert((until, seq.value()));
        if self.by_time.len() > Self::MOST {
            self.free_first();
        }
    }

    fn free_first(&mut self) {
        if let Some((_, value)) = self.by_time.pop_first() {
            self.until.remove(&value);
        }
    }
}
