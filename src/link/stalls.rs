//! Times when nothing passes, and other things that happen now and then, by a seed.
//!
//! In: how often, how long, the time. Out: how much of that time the link has worked. Must not know connections.

use crate::time::{Duration, Instant};

/// How often nothing passes, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stalls {
    /// How long the link works between two stalls, on average: each time another time, by chance.
    pub every: Duration,
    /// How long each stall lasts.
    pub lasting: Duration,
}

/// A clock that stands still while the link does: what is under way during a stall arrives later by all of it, and a slow
/// line sends nothing meanwhile.
#[derive(Debug)]
pub(super) struct Working {
    chance: fastrand::Rng,
    stalls: Option<Stalls>,
    /// When the next stall begins, or the present one has begun.
    begins: Instant,
    /// How long it has stood still before that.
    stood: Duration,
    count: u64,
}

impl Working {
    pub(super) fn new(seed: u64, stalls: Option<Stalls>) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        let begins =
            Instant::ZERO + stalls.map_or(Duration::MAX, |stalls| now_and_then(&mut chance, stalls.every));
        Self { chance, stalls, begins, stood: Duration::ZERO, count: 0 }
    }

    /// How much of the time until `now` the link has worked. `now` never goes back from call to call.
    pub(super) fn read(&mut self, now: Instant) -> Instant {
        while let Some(stalls) = self.stalls
            && self.begins + stalls.lasting <= now
        {
            let gap = now_and_then(&mut self.chance, stalls.every);
            // An average gap of nothing would stall for ever, and this loop with it.
            self.begins = self.begins + stalls.lasting.max(Duration::from_millis(1)) + gap;
            self.stood = self.stood.saturating_add(stalls.lasting);
            self.count = self.count.wrapping_add(1);
        }
        Instant::ZERO + (now.min(self.begins) - Instant::ZERO).saturating_sub(self.stood)
    }

    /// When this clock shows `working` at the earliest, as far as is known at `now`.
    pub(super) fn real(&self, working: Instant) -> Instant {
        let real = working + self.stood;
        let stands =
            self.stalls.filter(|_| real > self.begins).map_or(Duration::ZERO, |stalls| stalls.lasting);
        real + stands
    }

    /// How many stalls there were until the last [`Self::read`].
    pub(super) const fn count(&self) -> u64 {
        self.count
    }
}

/// How long until something that happens by chance, so often on average, happens again.
pub(super) fn now_and_then(chance: &mut fastrand::Rng, mean: Duration) -> Duration {
    let share = -(1.0 - chance.f64()).ln();
    Duration::try_from_secs_f64(mean.as_secs_f64() * share).unwrap_or(mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn without_stalls_the_link_works_all_the_time() {
        let mut working = Working::new(1, None);
        for at in [0, 1, 1_000_000].map(Instant::from_secs) {
            assert_eq!((working.read(at), working.real(at), working.count()), (at, at, 0));
        }
    }

    #[test]
    fn the_link_stands_still_for_its_share_of_the_time_and_never_goes_back() {
        let stalls = Stalls { every: millis(300), lasting: millis(100) };
        let (mut working, mut before) = (Working::new(2, Some(stalls)), Instant::ZERO);
        for at in (0..1_000_000).map(Instant::from_millis) {
            let read = working.read(at);
            assert!(read >= before && read - before <= millis(1));
            assert!(
                working.real(read) >= Instant::ZERO + (at - Instant::ZERO).saturating_sub(stalls.lasting)
            );
            before = read;
        }
        // A thousand seconds: about 2,500 stalls. A fifth more or less would be ten standard deviations.
        assert!((2_000..3_000).contains(&working.count()), "{}", working.count());
        let stood = Instant::from_secs(1_000) - before;
        assert!((millis(200_000)..millis(300_000)).contains(&stood), "{stood:?}");
    }

    #[test]
    fn what_is_due_when_a_stall_begins_is_due_when_it_is_over() {
        let stalls = Stalls { every: millis(300), lasting: millis(100) };
        let mut working = Working::new(3, Some(stalls));
        let begins = working.begins;
        assert_eq!(working.read(begins + millis(40)), begins, "it stands");
        let due = begins + millis(5);
        assert_eq!(working.real(due), begins + millis(105));
        assert!(working.read(begins + millis(104)) < due);
        assert_eq!(
            working.read(begins + millis(105)),
            due,
            "no stall is so short after another with this seed"
        );
    }
}
