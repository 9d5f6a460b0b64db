//! How long things took, in constant memory.
//!
//! In: times in microseconds. Out: how many there were, quantiles to an eighth, counts by doubling. Must not know what
//! took so long.
//!
//! Each doubling of time has eight buckets of the same width, so a time is known to an eighth of itself.

/// Buckets of a doubling.
const STEPS: usize = 8;
/// The longest time that has a bucket of its own: 71 minutes; what took longer is counted as this.
const LONGEST: u64 = u32::MAX as u64;
const BUCKETS: usize = 30 * STEPS;

/// Times, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Empty until there is one: most that could have times have none.
    counts: Vec<u64>,
    count: u64,
}

impl Histogram {
    /// Something took so many microseconds.
    pub fn record(&mut self, micros: u64) {
        if self.counts.is_empty() {
            self.counts = vec![0; BUCKETS];
        }
        if let Some(count) = self.counts.get_mut(bucket(micros)) {
            *count = count.saturating_add(1);
            self.count = self.count.saturating_add(1);
        }
    }

    /// All that is in `other` too.
    pub fn add(&mut self, other: &Self) {
        if self.counts.is_empty() {
            self.counts.clone_from(&other.counts);
        } else {
            for (count, more) in self.counts.iter_mut().zip(&other.counts) {
                *count = count.saturating_add(*more);
            }
        }
        self.count = self.count.saturating_add(other.count);
    }

    /// How many times there are.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The time, in microseconds, that so many of a hundred did not exceed: the middle of its bucket. `None` when there
    /// is none at all.
    #[must_use]
    pub fn percentile(&self, percent: u32) -> Option<u64> {
        let wanted = u128::from(self.count).saturating_mul(percent.min(100).into()).div_ceil(100).max(1);
        let mut seen = 0_u128;
        let found = self.counts.iter().position(|count| {
            seen = seen.saturating_add(u128::from(*count));
            seen >= wanted
        })?;
        let (first, next) = (lower(found), lower(found.saturating_add(1)));
        Some(first.saturating_add(next.saturating_sub(first) / 2))
    }

    /// From the first doubling that has times to the last: its shortest time in microseconds, and how many. All below 8
    /// microseconds are one.
    #[must_use]
    pub fn doublings(&self) -> Vec<(u64, u64)> {
        let all: Vec<_> = self
            .counts
            .chunks(STEPS)
            .enumerate()
            .map(|(index, counts)| (lower(index.saturating_mul(STEPS)), counts.iter().sum::<u64>()))
            .collect();
        let filled = |&(_, count): &(u64, u64)| count > 0;
        let (first, last) = (all.iter().position(filled), all.iter().rposition(filled));
        first.zip(last).and_then(|(first, last)| all.get(first..=last)).unwrap_or_default().to_vec()
    }
}

fn bucket(micros: u64) -> usize {
    let micros = micros.min(LONGEST);
    let doublings = micros.checked_ilog2().unwrap_or(0).saturating_sub(STEPS.ilog2());
    let within = usize::try_from(micros >> doublings).unwrap_or(0);
    usize::try_from(doublings).unwrap_or(0).saturating_mul(STEPS).saturating_add(within)
}

/// The shortest time of a bucket.
fn lower(bucket: usize) -> u64 {
    let doublings = (bucket / STEPS).saturating_sub(1);
    let within = bucket.saturating_sub(doublings.saturating_mul(STEPS));
    u64::try_from(within).unwrap_or(0) << doublings.min(40)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_is_known_to_an_eighth() {
        let mut last = 0;
        for micros in (0..200_000).chain((1..32).map(|bits| (1 << bits) - 1)) {
            let found = bucket(micros);
            assert!(found < BUCKETS);
            let (first, next) = (lower(found), lower(found + 1));
            assert!((first..next).contains(&micros), "{micros}: {first}..{next}");
            assert!(next - first <= (micros / 8).max(1), "{micros}: {first}..{next}");
            last = last.max(found);
        }
        assert_eq!(bucket(u64::MAX), bucket(LONGEST));
        assert!(bucket(LONGEST) < BUCKETS && bucket(LONGEST) >= last);
    }

    #[test]
    fn quantiles_and_doublings() {
        let mut times = Histogram::default();
        assert_eq!((times.percentile(50), times.doublings()), (None, vec![]));
        (0..98).for_each(|_| times.record(1_000));
        times.record(2_000);
        times.record(100_000);
        assert_eq!(times.percentile(50), times.percentile(98));
        let middle = times.percentile(50).unwrap();
        assert!((937..=1_063).contains(&middle), "{middle}");
        assert!((1_800..=2_200).contains(&times.percentile(99).unwrap()));
        assert!(times.percentile(100).unwrap() > 90_000);
        let doublings = times.doublings();
        assert_eq!((doublings[0], doublings[1]), ((512, 98), (1_024, 1)));
        assert_eq!(doublings.last(), Some(&(65_536, 1)));
        let mut both = Histogram::default();
        both.add(&times);
        both.add(&times);
        assert_eq!((both.count(), both.percentile(50)), (200, times.percentile(50)));
    }
}
