//! What is due when, in order.
//!
//! In: keys, each with the time at which it is due. Out: the keys whose time has come, the earliest first. Must not
//! know what happens then.

use std::collections::BTreeSet;

use crate::time::Instant;

/// Keys by their time; of those due at the same time the smallest comes first.
#[derive(Debug)]
pub(super) struct Deadlines<K>(BTreeSet<(Instant, K)>);

impl<K> Default for Deadlines<K> {
    fn default() -> Self {
        Self(BTreeSet::new())
    }
}

impl<K: Copy + Ord> Deadlines<K> {
    pub(super) fn add(&mut self, at: Instant, key: K) {
        self.0.insert((at, key));
    }

    pub(super) fn remove(&mut self, at: Instant, key: K) {
        self.0.remove(&(at, key));
    }

    /// When the first is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.0.first().map(|&(at, _)| at)
    }

    /// The first, if it is due at `now`. It stays in the list until it is removed.
    pub(super) fn due(&self, now: Instant) -> Option<K> {
        self.0.first().filter(|&&(at, _)| at <= now).map(|&(_, key)| key)
    }
}
