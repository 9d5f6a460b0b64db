//! When something has to happen, and what.
//!
//! In: times and names of things to do. Out: those that are due, earliest first. Must not know how they are done.
//!
//! Entries are never taken back: whoever is called for something that has moved looks up its real time and asks again.
//! So an answer that stops a timer costs nothing here.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::ids::PeerId;
use crate::time::Instant;

/// What may be due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deadline {
    /// A request to this peer was not answered in time (M13).
    Retransmit(PeerId),
    /// This peer may have been silent for too long (M5).
    Silence(PeerId),
    /// Texts wait for this peer, who was silent: ask whether it is there (M33).
    WakeUp(PeerId),
    /// This peer is gone, and its id has rested enough (M5).
    Rested(PeerId),
}

#[derive(Debug, Default)]
pub(super) struct Deadlines {
    heap: BinaryHeap<Reverse<(Instant, Deadline)>>,
}

impl Deadlines {
    pub(super) fn push(&mut self, at: Instant, what: Deadline) {
        self.heap.push(Reverse((at, what)));
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// The earliest entry that is due at `now`.
    pub(super) fn pop(&mut self, now: Instant) -> Option<Deadline> {
        self.next().filter(|at| *at <= now)?;
        self.heap.pop().map(|Reverse((_, what))| what)
    }
}
