//! What a peer asked of us, and what we answered.
//!
//! In: numbers of requests as they come, and the answers once they are known. Out: whether a request is new, still
//! being decided, or to be answered again with the same bytes (M13). Must not know what a request says.
//!
//! The last 1,024 numbers are remembered (half the circle for a narrower number), each for a limited time, and long
//! answers only up to a number of bytes (M32): a peer decides neither how long nor how much we remember.

use std::collections::VecDeque;

use super::seq::Seq;
use crate::time::{Duration, Instant};

/// What is to be done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'a, A> {
    /// It has not been seen: carry it out.
    New,
    /// It is a repetition, and its answer is not known yet: wait.
    Pending,
    /// It is a repetition: answer it again.
    Again(&'a A),
    /// It is older than what is remembered: drop it.
    Stale,
}

#[derive(Debug)]
struct Remembered<const BITS: u32, A> {
    seq: Seq<BITS>,
    mark: u32,
    at: Instant,
    answer: Option<A>,
}

/// The receiving half of a [`Link`](super::Link).
#[derive(Debug)]
pub struct Receiver<const BITS: u32, A> {
    lifetime: Duration,
    /// Slot `number % WINDOW`, in pages that are made when they are first written.
    pages: Vec<Vec<Option<Remembered<BITS, A>>>>,
    long: VecDeque<(Seq<BITS>, usize)>,
    long_bytes: usize,
}

impl<const BITS: u32, A> Receiver<BITS, A> {
    const WINDOW: usize = if BITS > 10 { 1024 } else { 1 << (BITS - 1) };
    const PAGE: usize = 32;
    /// Bytes of long answers that are kept.
    const LONG_BYTES: usize = 64 << 10;

    /// A memory that forgets an answer `lifetime` after the request came.
    #[must_use]
    pub const fn new(lifetime: Duration) -> Self {
        Self { lifetime, pages: Vec::new(), long: VecDeque::new(), long_bytes: 0 }
    }

    /// What to do with the request that bears `seq`. `mark` is what else tells requests apart: the type in MSP.
    #[must_use]
    pub fn check(&self, now: Instant, seq: Seq<BITS>, mark: u32) -> Verdict<'_, A> {
        let (page, index) = Self::place(seq);
        let Some(Some(known)) = self.pages.get(page).and_then(|page| page.get(index)) else {
            return Verdict::New;
        };
        if now.since(known.at) > self.lifetime {
            Verdict::New
        } else if known.seq != seq {
            if Self::is_stale(seq, known.seq) { Verdict::Stale } else { Verdict::New }
        } else if known.mark != mark {
            Verdict::New
        } else {
            known.answer.as_ref().map_or(Verdict::Pending, Verdict::Again)
        }
    }

    /// Remembers that the request `seq`, `mark` came, and its answer if it is known already.
    ///
    /// `long` is the answer's size in bytes when it is one that may be forgotten early, 0 otherwise.
    pub fn remember(&mut self, now: Instant, seq: Seq<BITS>, mark: u32, answer: Option<A>, long: usize) {
        let (page, index) = Self::place(seq);
        if self.pages.len() <= page {
            self.pages.resize_with(page + 1, Vec::new);
        }
        let Some(page) = self.pages.get_mut(page) else { return };
        if page.is_empty() {
            page.resize_with(Self::PAGE, || None);
        }
        if let Some(slot) = page.get_mut(index) {
            *slot = Some(Remembered { seq, mark, at: now, answer });
        }
        if long > 0 {
            self.long.push_back((seq, long));
            self.long_bytes += long;
            self.trim();
        }
    }

    /// Gives the answer to a request that was remembered without one.
    pub fn answer(&mut self, seq: Seq<BITS>, mark: u32, answer: A) {
        let (page, index) = Self::place(seq);
        let slot = self.pages.get_mut(page).and_then(|page| page.get_mut(index)).and_then(Option::as_mut);
        if let Some(known) = slot.filter(|known| known.seq == seq && known.mark == mark) {
            known.answer = Some(answer);
        }
    }

    fn trim(&mut self) {
        while self.long_bytes > Self::LONG_BYTES {
            let Some((seq, bytes)) = self.long.pop_front() else { return };
            self.long_bytes -= bytes;
            let (page, index) = Self::place(seq);
            if let Some(slot) = self.pages.get_mut(page).and_then(|page| page.get_mut(index)) {
                slot.take_if(|known| known.seq == seq);
            }
        }
    }

    /// Whether a number is older than what its slot has held since. One that lies far behind is not old: a peer that
    /// counts from somewhere else now must not find us deaf.
    const fn is_stale(seq: Seq<BITS>, known: Seq<BITS>) -> bool {
        seq.is_before(known) && seq.distance(known) as usize <= 4 * Self::WINDOW
    }

    const fn place(seq: Seq<BITS>) -> (usize, usize) {
        let slot = seq.value() as usize % Self::WINDOW;
        (slot / Self::PAGE, slot % Self::PAGE)
    }
}
