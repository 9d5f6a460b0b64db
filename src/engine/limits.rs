//! Who may ask how often.
//!
//! In: the time, and for strangers the address they claim. Out: yes or no. Must not know what is asked.

use std::net::IpAddr;

use super::config::Rate;
use crate::time::Instant;

/// A token bucket in virtual time: it stores when it will be full again, so an idle one costs nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bucket {
    full_at: Instant,
}

impl Bucket {
    /// Takes one token, if there is one.
    pub(super) fn take(&mut self, now: Instant, rate: Rate) -> bool {
        let token = 1_000_000 / u64::from(rate.per_second.max(1));
        let missing = self.full_at.as_micros().saturating_sub(now.as_micros());
        if missing > token.saturating_mul(u64::from(rate.burst.max(1) - 1)) {
            return false;
        }
        self.full_at = Instant::from_micros(now.as_micros().saturating_add(missing).saturating_add(token));
        true
    }
}

/// The buckets of those who are not registered: a fixed number, shared by the networks that fall on the same one.
///
/// Addresses of strangers may be forged, so nothing is stored per address. Which networks share a bucket depends on a
/// secret, so nobody can choose whom to crowd out.
#[derive(Debug)]
pub(super) struct Strangers {
    secret: u64,
    networks: Vec<Bucket>,
    all: Bucket,
}

impl Strangers {
    const BUCKETS: usize = 1024;

    pub(super) fn new(secret: u64) -> Self {
        Self { secret, networks: vec![Bucket::default(); Self::BUCKETS], all: Bucket::default() }
    }

    /// Whether a stranger at `from` may be answered now.
    pub(super) fn admit(&mut self, now: Instant, from: IpAddr, network: Rate, all: Rate) -> bool {
        let bucket = self.bucket(from);
        self.networks.get_mut(bucket).is_some_and(|bucket| bucket.take(now, network))
            && self.all.take(now, all)
    }

    fn bucket(&self, from: IpAddr) -> usize {
        // Else all of IPv4 would be one network to a listener that hears both.
        let network = match from.to_canonical() {
            IpAddr::V4(v4) => u64::from(u32::from(v4)),
            IpAddr::V6(v6) => u64::from_be_bytes(v6.octets().first_chunk().copied().unwrap_or_default()),
        };
        // One round of a multiply-and-fold hash, keyed: enough to spread, cheap enough for a flood.
        let mixed = (network ^ self.secret).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let folded =
            (mixed ^ (mixed >> 29) ^ self.secret.rotate_left(17)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        usize::try_from(folded >> 54).unwrap_or(0) % Self::BUCKETS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Duration;

    const RATE: Rate = Rate { per_second: 50, burst: 200 };

    #[test]
    fn m15_a_bucket_gives_its_burst_then_its_rate() {
        let mut bucket = Bucket::default();
        let start = Instant::from_secs(1);
        let burst = (0..1_000).filter(|_| bucket.take(start, RATE)).count();
        assert_eq!(burst, 200);
        let later = start + Duration::from_secs(2);
        let refilled = (0..1_000).filter(|_| bucket.take(later, RATE)).count();
        assert_eq!(refilled, 100);
    }

    #[test]
    fn m15_one_network_of_strangers_does_not_use_up_the_share_of_others() {
        let mut strangers = Strangers::new(7);
        let rate = Rate { per_second: 1, burst: 10 };
        let all = Rate { per_second: 1_000, burst: 1_000 };
        let flood: IpAddr = [192, 0, 2, 1].into();
        let admitted = (0..500).filter(|_| strangers.admit(Instant::ZERO, flood, rate, all)).count();
        assert_eq!(admitted, 10);
        assert!(strangers.admit(Instant::ZERO, [198, 51, 100, 7].into(), rate, all));
        let mapped = |last| IpAddr::from(std::net::Ipv4Addr::new(192, 0, 2, last).to_ipv6_mapped());
        assert!(!strangers.admit(Instant::ZERO, mapped(1), rate, all), "the same one, heard over IPv6");
        assert!(strangers.admit(Instant::ZERO, mapped(200), rate, all));
    }
}
