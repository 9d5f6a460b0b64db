//! Which numbers of a small range are free.
//!
//! In: who wants one, who gives one back. Out: a number from 1 to the last one. Must not know who has which, nor how long
//! a number rests: a number that rests has simply not been given back yet.

use bitvec::prelude::BitVec;

/// The free numbers; they are handed out round-robin, so that a freed one is used again as late as possible.
#[derive(Debug)]
pub(super) struct IdPool {
    /// By number; 0 is never given.
    taken: BitVec,
    latest: usize,
}

impl IdPool {
    const FIRST: usize = 1;

    /// All numbers from 1 to `last` are free.
    pub(super) fn new(last: u16) -> Self {
        let last = usize::from(last);
        Self { taken: BitVec::repeat(false, last + 1), latest: last }
    }

    /// The next free number after the one handed out last.
    pub(super) fn take(&mut self) -> Option<u16> {
        let after = (self.latest + 1..self.taken.len()).chain(Self::FIRST..=self.latest);
        let number = after.into_iter().find(|number| self.taken.get(*number).is_some_and(|taken| !*taken))?;
        self.taken.set(number, true);
        self.latest = number;
        u16::try_from(number).ok()
    }

    /// `number` may be handed out again.
    pub(super) fn give_back(&mut self, number: u16) {
        if let Some(mut taken) = self.taken.get_mut(usize::from(number)) {
            *taken = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m5_ids_go_round_and_254_are_all() {
        let mut pool = IdPool::new(254);
        let ids: Vec<_> = std::iter::from_fn(|| pool.take()).collect();
        assert_eq!(ids, (1..=254).collect::<Vec<u16>>());
        pool.give_back(7);
        pool.give_back(3);
        assert_eq!((pool.take(), pool.take(), pool.take()), (Some(3), Some(7), None));
    }

    #[test]
    fn m5_a_freed_id_comes_last() {
        let mut pool = IdPool::new(254);
        let first = pool.take().unwrap();
        pool.give_back(first);
        assert_eq!(pool.take(), Some(first + 1));
    }
}
