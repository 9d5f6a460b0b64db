//! How much of a file is done.
//!
//! In: its bytes, the time. Out: how far it is, now and then; its size and CRC-32 at the end. Must not know whether they
//! come or go.

use crate::client::stream::talk::{Event, Way};
use crate::client::stream::tongue::Desk;
use crate::time::{Duration, Instant};

/// How long the user is left without news of a file that is so large that a hundredth of it takes long.
const GAP: Duration = Duration::from_secs(1);

/// A file that comes or goes.
#[derive(Debug)]
pub(super) struct Progress {
    name: String,
    way: Way,
    done: u64,
    total: u64,
    crc: crc32fast::Hasher,
    told: Instant,
    /// What was told last, in hundredths of the whole.
    hundredths: u64,
}

impl Progress {
    /// A file begins.
    pub(super) fn begin(now: Instant, desk: &mut Desk, name: &str, way: Way, total: u64) -> Self {
        let (name, crc) = (name.to_owned(), crc32fast::Hasher::new());
        let progress = Self { name, way, done: 0, total, crc, told: now, hundredths: 0 };
        progress.tell(desk);
        progress
    }

    /// As many of these bytes as belong to the file.
    pub(super) fn take<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let left = usize::try_from(self.total.saturating_sub(self.done)).unwrap_or(usize::MAX);
        bytes.get(..left).unwrap_or(bytes)
    }

    /// These bytes are done; tells it, but not too often.
    pub(super) fn advance(&mut self, now: Instant, desk: &mut Desk, bytes: &[u8]) {
        self.crc.update(bytes);
        self.done = self.done.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        let whole = u128::from(self.total).max(1);
        let hundredths = u128::from(self.done).saturating_mul(100).checked_div(whole).unwrap_or(0);
        let hundredths = u64::try_from(hundredths).unwrap_or(100);
        if hundredths > self.hundredths || now.since(self.told) >= GAP {
            (self.hundredths, self.told) = (hundredths, now);
            self.tell(desk);
        }
    }

    /// Whether that was the last.
    pub(super) const fn is_done(&self) -> bool {
        self.done >= self.total
    }

    /// Its name, its size, and the CRC-32 of what was done of it.
    pub(super) fn result(&self) -> (String, u64, u32) {
        (self.name.clone(), self.total, self.crc.clone().finalize())
    }

    fn tell(&self, desk: &mut Desk) {
        let (name, way) = (self.name.clone(), self.way);
        desk.tell(Event::Progress { name, way, done: self.done, total: self.total });
    }
}
