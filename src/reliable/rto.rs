//! How long to wait for an answer before asking again.
//!
//! In: measured round-trip times, answers that tell nothing. Out: the gap after each try. Must not know what was sent.
//!
//! RFC 6298's estimate with two changes that ruling M13 asks for: the floor is 5 ms, and before anything is known the
//! wait is the protocol's own T. M30 gives the exact gaps.

use serde::{Deserialize, Serialize};

use crate::time::Duration;

/// Whether the gaps follow the measured round-trip time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// They do, once it is known (M13, M30).
    Adaptive,
    /// They are always T, as the original text has it.
    Fixed,
}

/// How a sender repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// T: the gap between two tries while nothing better is known. More than zero.
    pub timer: Duration,
    /// M: how often a request is sent in all. At least 1.
    pub tries: u32,
    /// Whether to measure.
    pub policy: Policy,
}

impl Default for Timing {
    /// The protocol's: T = 100 ms, M = 10, adaptive.
    fn default() -> Self {
        Self { timer: Duration::from_millis(100), tries: 10, policy: Policy::Adaptive }
    }
}

impl Timing {
    /// The least time that all tries of one request take: M × T.
    #[must_use]
    pub fn span(&self) -> Duration {
        self.timer.saturating_mul(self.tries.max(1))
    }
}

/// The round-trip time of one link, as far as it is known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rto {
    smoothed: Option<Duration>,
    variation: Duration,
    /// What the first gap is at least, since answers have told that the estimate is too short.
    raised: Option<Duration>,
}

impl Rto {
    const FLOOR: Duration = Duration::from_millis(5);
    /// So that the tries of one request take less time than its receiver remembers (M32).
    const CEILING: Duration = Duration::from_secs(10);
    const FIRST_CEILING: Duration = Duration::from_secs(1);
    const GRANULARITY: Duration = Duration::from_millis(1);

    /// The smoothed round-trip time, once there was an answer to a first try.
    #[must_use]
    pub fn round_trip(&self) -> Option<Duration> {
        self.smoothed
    }

    /// An answer to a first try came after `rtt`.
    pub fn sample(&mut self, rtt: Duration) {
        self.raised = None;
        let Some(smoothed) = self.smoothed else {
            self.smoothed = Some(rtt);
            self.variation = rtt / 2;
            return;
        };
        self.variation = (self.variation * 3 + smoothed.abs_diff(rtt)) / 4;
        self.smoothed = Some((smoothed * 7 + rtt) / 8);
    }

    /// An answer came after more than one try, the first of them `since_first` ago and the last `since_last` ago. Nobody
    /// knows to which (Karn), so it is no sample. But if it came at a time when none of them could have been answered,
    /// the estimate is too short, and would stay so: a link slower than the gap never answers a first try in time.
    pub fn ambiguous(&mut self, timing: &Timing, since_first: Duration, since_last: Duration) {
        if [since_first, since_last].into_iter().any(|rtt| self.is_plausible(rtt)) {
            return;
        }
        // The round trip cannot have taken longer than all of it. While nothing is known the first gap stays below a
        // second (the one RFC 6298 starts with): a link that only loses much must not be waited for ever longer.
        let ceiling = if self.smoothed.is_some() { Self::CEILING } else { Self::FIRST_CEILING };
        let doubled = (self.first_gap(timing) * 2).min(since_first).min(ceiling);
        self.raised = Some(doubled.max(timing.timer));
    }

    /// All tries of a request were in vain. While nothing is known the link may be so slow that no answer can come before
    /// the request is given up: wait longer next time.
    pub fn in_vain(&mut self, timing: &Timing) {
        if self.smoothed.is_none() {
            self.raised = Some((self.first_gap(timing) * 2).min(Self::FIRST_CEILING).max(timing.timer));
        }
    }

    /// Whether an answer to something sent so long ago is what the estimate leads to expect. Below the floor all times
    /// are alike: a computer's own delays are in them.
    fn is_plausible(&self, rtt: Duration) -> bool {
        self.smoothed.is_some_and(|known| {
            let least = if known <= Self::FLOOR { Duration::ZERO } else { known / 2 };
            (least..=(known * 2).max(Self::FLOOR)).contains(&rtt)
        })
    }

    /// How long to wait after try number `done` (1 is the first) before the next one, or before giving up.
    #[must_use]
    pub fn gap(&self, timing: &Timing, done: u32) -> Duration {
        if timing.policy == Policy::Fixed {
            return timing.timer;
        }
        let first = self.first_gap(timing);
        let Some(short) = timing.timer.checked_sub(first) else { return first };
        match timing.tries {
            0 | 1 => timing.timer,
            tries => first + short * 2 * done.saturating_sub(1) / (tries - 1),
        }
    }

    fn first_gap(&self, timing: &Timing) -> Duration {
        let estimate = match self.smoothed {
            Some(smoothed) => (smoothed + (self.variation * 4).max(Self::GRANULARITY)).max(Self::FLOOR),
            None => timing.timer,
        };
        estimate.max(self.raised.unwrap_or_default()).min(Self::CEILING.max(timing.timer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m30_gaps_of_a_fast_link_grow_and_add_up_to_m_times_t() {
        let timing = Timing::default();
        let mut rto = Rto::default();
        rto.sample(Duration::from_micros(300));
        let gaps: Vec<_> = (1..=timing.tries).map(|done| rto.gap(&timing, done)).collect();
        assert_eq!(gaps[0], Duration::from_millis(5));
        assert!(gaps.windows(2).all(|two| two[0] < two[1]), "{gaps:?}");
        let span: Duration = gaps.iter().sum();
        assert!(span.abs_diff(timing.span()) < Duration::from_micros(1), "{span:?}");
    }

    #[test]
    fn m30_a_link_slower_than_t_is_learnt_by_doubling() {
        let timing = Timing::default();
        let mut rto = Rto::default();
        let slow = Duration::from_millis(600);
        let mut answers = 0;
        while rto.gap(&timing, 1) < slow {
            rto.ambiguous(&timing, slow, Duration::ZERO);
            answers += 1;
        }
        assert_eq!(answers, 3, "100, 200, 400, 600 ms");
        rto.sample(slow);
        assert!(rto.gap(&timing, 1) >= slow);
        assert_eq!(rto.gap(&timing, 1), rto.gap(&timing, 9));
    }

    #[test]
    fn m30_on_a_fast_link_that_loses_much_every_short_time_is_plausible() {
        let timing = Timing::default();
        let mut rto = Rto::default();
        rto.sample(Duration::from_micros(2_700));
        let gap = rto.gap(&timing, 1);
        rto.ambiguous(&timing, gap * 3, Duration::from_micros(200));
        assert_eq!(rto.gap(&timing, 1), gap);
    }

    #[test]
    fn m30_a_link_slower_than_all_tries_is_given_more_time() {
        let timing = Timing::default();
        let mut rto = Rto::default();
        rto.in_vain(&timing);
        assert_eq!(rto.gap(&timing, 1), Duration::from_millis(200));
        (0..9).for_each(|_| rto.in_vain(&timing));
        assert_eq!(rto.gap(&timing, 1), Duration::from_secs(1));
        rto.sample(Duration::from_millis(10));
        rto.in_vain(&timing);
        assert!(rto.gap(&timing, 1) < timing.timer, "what is known stays known in an outage");
    }

    #[test]
    fn m30_a_link_that_loses_much_is_not_taken_for_a_slow_one() {
        let timing = Timing::default();
        let mut rto = Rto::default();
        let rtt = Duration::from_millis(40);
        rto.sample(rtt);
        let gap = rto.gap(&timing, 1);
        for _ in 0..20 {
            rto.ambiguous(&timing, gap + rtt, rtt);
        }
        assert_eq!(rto.gap(&timing, 1), gap, "the last try was answered, as the estimate says");
    }

    #[test]
    fn m13_the_fixed_timer_never_changes() {
        let timing = Timing { policy: Policy::Fixed, ..Timing::default() };
        let mut rto = Rto::default();
        rto.sample(Duration::from_secs(2));
        rto.ambiguous(&timing, Duration::from_secs(3), Duration::ZERO);
        assert_eq!(rto.gap(&timing, 7), timing.timer);
    }
}
