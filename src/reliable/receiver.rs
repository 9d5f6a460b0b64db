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

/// A number as it would stand on the wire if it had 64 bits and did not wrap.
type Position = u64;

#[derive(Debug)]
struct Remembered<const BITS: u32, A> {
    seq: Seq<BITS>,
    position: Position,
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
    /// The furthest number that was remembered, or the last one if the peer began to count from somewhere else.
    newest: Option<(Seq<BITS>, Position)>,
    long: VecDeque<(Seq<BITS>, Position, usize)>,
    long_bytes: usize,
}

impl<const BITS: u32, A> Receiver<BITS, A> {
    const WINDOW: usize = if BITS > 10 { 1024 } else { 1 << (BITS - 1) };
    const PAGE: usize = 32;
    /// Bytes of long answers that are kept.
    const LONG_BYTES: usize = 64 << 10;
    /// A number that comes so far ahead of all others is not from the sender's next requests.
    const REACH: Position = Self::WINDOW as Position / 2;

    /// A memory that forgets an answer `lifetime` after the request came.
    #[must_use]
    pub const fn new(lifetime: Duration) -> Self {
        Self { lifetime, pages: Vec::new(), newest: None, long: VecDeque::new(), long_bytes: 0 }
    }

    /// What to do with the request that bears `seq`. `mark` is what else tells requests apart: the type in MSP.
    #[must_use]
    pub fn check(&self, now: Instant, seq: Seq<BITS>, mark: u32) -> Verdict<'_, A> {
        let known = self.slot(seq).filter(|known| now.since(known.at) <= self.lifetime);
        let Some(known) = known else { return Verdict::New };
        let (position, newest) = self.position(seq);
        if position < known.position {
            // What lies ahead of the newest number was remembered before the peer began to count from somewhere else.
            let superseded = known.position <= newest && !Self::is_renumbered(position, newest);
            return if superseded { Verdict::Stale } else { Verdict::New };
        }
        // The same number a whole circle later is another request; unless it is an old one still repeated after others
        // went half around, which then seems to lie far ahead.
        let same = position == known.position || known.seq == seq && position > newest + Self::REACH;
        if !same || known.mark != mark {
            return Verdict::New;
        }
        known.answer.as_ref().map_or(Verdict::Pending, Verdict::Again)
    }

    /// Remembers that the request `seq`, `mark` came, and its answer if it is known already.
    ///
    /// `long` is the answer's size in bytes when it is one that may be forgotten early, 0 otherwise.
    pub fn remember(&mut self, now: Instant, seq: Seq<BITS>, mark: u32, answer: Option<A>, long: usize) {
        let (position, newest) = self.position(seq);
        if self.newest.is_none() || position > newest || Self::is_renumbered(position, newest) {
            self.newest = Some((seq, position));
        }
        let (page, index) = Self::place(seq);
        if self.pages.len() <= page {
            self.pages.resize_with(page + 1, Vec::new);
        }
        let Some(page) = self.pages.get_mut(page) else { return };
        if page.is_empty() {
            page.resize_with(Self::PAGE, || None);
        }
        if let Some(slot) = page.get_mut(index) {
            *slot = Some(Remembered { seq, position, mark, at: now, answer });
        }
        if long > 0 {
            self.long.push_back((seq, position, long));
            self.long_bytes += long;
            self.trim();
        }
    }

    /// Gives the answer to a request that was remembered without one.
    pub fn answer(&mut self, seq: Seq<BITS>, mark: u32, answer: A) {
        let known = self.slot_mut(seq).and_then(Option::as_mut);
        if let Some(known) = known.filter(|known| known.seq == seq && known.mark == mark) {
            known.answer = Some(answer);
        }
    }

    /// Forgets the oldest long answers until the others keep the bound. Those that a newer number has replaced count until
    /// their turn comes, so no more than the window are listed.
    fn trim(&mut self) {
        while self.long_bytes > Self::LONG_BYTES || self.long.len() > Self::WINDOW {
            let Some((seq, position, bytes)) = self.long.pop_front() else { return };
            self.long_bytes -= bytes;
            if let Some(slot) = self.slot_mut(seq) {
                slot.take_if(|known| known.position == position);
            }
        }
    }

    /// A number that lies far behind is not old: a peer that counts from somewhere else now must not find us deaf.
    const fn is_renumbered(position: Position, newest: Position) -> bool {
        position + 4 * (Self::WINDOW as Position) < newest
    }

    /// Where `seq` stands, as near to the newest number as can be, and where that one stands.
    fn position(&self, seq: Seq<BITS>) -> (Position, Position) {
        let Some((newest, position)) = self.newest else {
            // One circle from the start, so that earlier numbers have their place too.
            let position = (1 << BITS) + Position::from(seq.value());
            return (position, position);
        };
        if newest.is_before(seq) {
            (position + Position::from(newest.distance(seq)), position)
        } else {
            (position.saturating_sub(seq.distance(newest).into()), position)
        }
    }

    fn slot(&self, seq: Seq<BITS>) -> Option<&Remembered<BITS, A>> {
        let (page, index) = Self::place(seq);
        self.pages.get(page)?.get(index)?.as_ref()
    }

    fn slot_mut(&mut self, seq: Seq<BITS>) -> Option<&mut Option<Remembered<BITS, A>>> {
        let (page, index) = Self::place(seq);
        self.pages.get_mut(page)?.get_mut(index)
    }

    const fn place(seq: Seq<BITS>) -> (usize, usize) {
        let slot = seq.value() as usize % Self::WINDOW;
        (slot / Self::PAGE, slot % Self::PAGE)
    }
}
