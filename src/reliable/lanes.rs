//! What waits its turn: one queue a lane, one request of a lane in flight at a time.
//!
//! In: requests whose lane is busy. Out: the next of a lane when it is free; the oldest of all when room is needed.
//! Must not know numbers or timers.

use std::collections::{BTreeMap, VecDeque};

use bitvec::prelude::BitVec;
use serde::{Deserialize, Serialize};

use super::request::{Lane, Rank, Request};

/// How much may wait for one receiver (M17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Requests.
    pub items: usize,
    /// The sum of their sizes, in bytes.
    pub bytes: usize,
}

impl Default for Quota {
    /// 256 requests, 1 MiB.
    fn default() -> Self {
        Self { items: 256, bytes: 1 << 20 }
    }
}

/// What decides who goes first when room is needed: rank, then the order in which requests were given.
pub(super) type Age = (Rank, u64);

#[derive(Debug)]
pub(super) struct Lanes<P> {
    busy: BitVec,
    waiting: BTreeMap<Lane, VecDeque<(u64, Request<P>)>>,
    /// All that wait, the first to go first: an overflow must not cost a search.
    by_age: BTreeMap<Age, Lane>,
    bytes: usize,
}

impl<P> Lanes<P> {
    pub(super) const fn new() -> Self {
        Self { busy: BitVec::EMPTY, waiting: BTreeMap::new(), by_age: BTreeMap::new(), bytes: 0 }
    }

    /// How many requests wait, and their bytes.
    pub(super) fn load(&self) -> (usize, usize) {
        (self.by_age.len(), self.bytes)
    }

    /// Marks `lane` as having a request in flight; false when it had one already.
    pub(super) fn occupy(&mut self, lane: Lane) -> bool {
        let index = usize::from(lane.0);
        if self.busy.len() <= index {
            self.busy.resize(index + 1, false);
        }
        !self.busy.replace(index, true)
    }

    pub(super) fn release(&mut self, lane: Lane) {
        if let Some(mut busy) = self.busy.get_mut(usize::from(lane.0)) {
            *busy = false;
        }
    }

    pub(super) fn push(&mut self, lane: Lane, order: u64, request: Request<P>) {
        self.by_age.insert((request.rank, order), lane);
        self.bytes += request.size;
        self.waiting.entry(lane).or_default().push_back((order, request));
    }

    /// Whether `lane` has requests waiting.
    pub(super) fn waits(&self, lane: Lane) -> bool {
        !self.waiting.is_empty() && self.waiting.contains_key(&lane)
    }

    pub(super) fn pop(&mut self, lane: Lane) -> Option<(u64, Request<P>)> {
        if self.waiting.is_empty() {
            return None;
        }
        self.take_at(lane, 0)
    }

    /// Takes one out of its lane, wherever it stands there.
    pub(super) fn take(&mut self, lane: Lane, (_, order): Age) -> Option<Request<P>> {
        let index = self.waiting.get(&lane)?.binary_search_by_key(&order, |(order, _)| *order).ok()?;
        self.take_at(lane, index).map(|(_, request)| request)
    }

    /// The lanes that have requests waiting and none in flight, the one whose turn came first in front.
    pub(super) fn startable(&self) -> Vec<Lane> {
        let free = |lane: &Lane| self.busy.get(usize::from(lane.0)).is_none_or(|busy| !*busy);
        let mut lanes: Vec<_> = self
            .waiting
            .iter()
            .filter(|(lane, _)| free(lane))
            .filter_map(|(lane, queue)| queue.front().map(|(order, _)| (*order, *lane)))
            .collect();
        lanes.sort_unstable();
        lanes.into_iter().map(|(_, lane)| lane).collect()
    }

    /// The request to drop first: the oldest of the lowest rank.
    pub(super) fn first_to_go(&self) -> Option<(Age, Lane)> {
        self.by_age.first_key_value().map(|(age, lane)| (*age, *lane))
    }

    fn take_at(&mut self, lane: Lane, index: usize) -> Option<(u64, Request<P>)> {
        let queue = self.waiting.get_mut(&lane)?;
        let (order, request) = queue.remove(index)?;
        if queue.is_empty() {
            self.waiting.remove(&lane);
        }
        self.by_age.remove(&(request.rank, order));
        self.bytes -= request.size;
        Some((order, request))
    }
}
