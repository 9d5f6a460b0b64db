//! The one clock.
//!
//! In: nothing. Out: the time since the daemon started, and when that was. Must not know who asks.

use crate::time::Instant;

/// A clock that only moves forward; its origin is when it was made.
#[derive(Debug)]
#[expect(
    clippy::disallowed_types,
    reason = "the one clock of the daemon; everybody else gets the time as an argument"
)]
pub(crate) struct Clock {
    origin: std::time::Instant,
    /// The same in microseconds since 1970, as the wall clock had it. It is read this once: it may be set, and go back.
    origin_micros: u64,
}

impl Clock {
    #[expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "as above")]
    pub(crate) fn start() -> Self {
        let since_1970 = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH);
        let origin_micros =
            since_1970.map_or(0, |since| u64::try_from(since.as_micros()).unwrap_or(u64::MAX));
        Self { origin: std::time::Instant::now(), origin_micros }
    }

    /// When its origin was: microseconds since 1970.
    pub(crate) const fn origin_micros(&self) -> u64 {
        self.origin_micros
    }

    /// The time now. A turn of the loop reads it twice: when something woke it, and before it looks what is due.
    pub(crate) fn now(&self) -> Instant {
        Instant::ZERO + self.origin.elapsed()
    }
}
