//! The 254 numbers that people have on the wire (M5).
//!
//! In: who wants one, who gives one back. Out: a number from 1 to 254. Must not know who has which, nor how long a
//! number rests: a number that rests has simply not been given back yet.

use bitvec::{BitArr, bitarr};

/// Which ids are free; they are handed out round-robin, so that a freed one is used again as late as possible.
#[derive(Debug)]
pub(super) struct IdPool {
    taken: BitArr!(for 256),
    last: u8,
}

impl IdPool {
    /// 0 means "not registered", 255 the server.
    const FIRST: u8 = 1;
    const LAST: u8 = 254;

    pub(super) fn new() -> Self {
        Self { taken: bitarr![0; 256], last: Self::LAST }
    }

    /// The next free id after the one handed out last.
    pub(super) fn take(&mut self) -> Option<u8> {
        let after = (self.last.saturating_add(1)..=Self::LAST).chain(Self::FIRST..=self.last);
        let id =
            after.into_iter().find(|id| self.taken.get(usize::from(*id)).is_some_and(|taken| !*taken))?;
        self.taken.set(usize::from(id), true);
        self.last = id;
        Some(id)
    }

    /// `id` may be handed out again.
    pub(super) fn give_back(&mut self, id: u8) {
        self.taken.set(usize::from(id), false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m5_ids_go_round_and_254_are_all() {
        let mut pool = IdPool::new();
        let ids: Vec<_> = std::iter::from_fn(|| pool.take()).collect();
        assert_eq!(ids, (1..=254).collect::<Vec<u8>>());
        pool.give_back(7);
        pool.give_back(3);
        assert_eq!((pool.take(), pool.take(), pool.take()), (Some(3), Some(7), None));
    }

    #[test]
    fn m5_a_freed_id_comes_last() {
        let mut pool = IdPool::new();
        let first = pool.take().unwrap();
        pool.give_back(first);
        assert_eq!(pool.take(), Some(first + 1));
    }
}
