//! The requests of the last 1,024 numbers (M32).
//!
//! In: requests and answers, as [`Receiver`](super::Receiver) has them. Out: its verdicts. Must not know what a request
//! says.
//!
//! Each is remembered for a limited time, and long answers only up to a number of bytes: a peer decides neither how long
//! nor how much we remember.

use super::receiver::{LongAnswers, Verdict};
use super::seq::Seq;
use crate::time::{Duration, Instant};

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

#[derive(Debug)]
pub(super) struct Window<const BITS: u32, A> {
    /// Slot `number % WINDOW`, in pages that are made when they are first written.
    pages: Vec<Vec<Option<Remembered<BITS, A>>>>,
    /// The furthest number that was remembered, or the last one if the peer began to count from somewhere else.
    newest: Option<(Seq<BITS>, Position)>,
    long: LongAnswers<(Seq<BITS>, Position)>,
}

impl<const BITS: u32, A> Window<BITS, A> {
    const WINDOW: usize = 1024;
    const PAGE: usize = 32;
    /// A number that comes so far ahead of all others is not from the sender's next requests.
    const REACH: Position = Self::WINDOW as Position / 2;

    pub(super) const fn new() -> Self {
        Self { pages: Vec::new(), newest: None, long: LongAnswers::new() }
    }

    pub(super) fn check(
        &self,
        now: Instant,
        lifetime: Duration,
        seq: Seq<BITS>,
        mark: u32,
    ) -> Verdict<'_, A> {
        let known = self.slot(seq).filter(|known| now.since(known.at) <= lifetime);
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

    pub(super) fn remember(
        &mut self,
        now: Instant,
        seq: Seq<BITS>,
        mark: u32,
        answer: Option<A>,
        long: usize,
    ) {
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
        self.long.push((seq, position), long);
        while let Some((seq, position)) = self.long.pop_excess(Self::WINDOW) {
            if let Some(slot) = self.slot_mut(seq) {
                slot.take_if(|known| known.position == position);
            }
        }
    }

    pub(super) fn answer(&mut self, seq: Seq<BITS>, mark: u32, answer: A) {
        let known = self.slot_mut(seq).and_then(Option::as_mut);
        if let Some(known) = known.filter(|known| known.seq == seq && known.mark == mark) {
            known.answer = Some(answer);
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
