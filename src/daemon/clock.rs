//! The one clock.
//!
//! In: nothing. Out: the time since the daemon started. Must not know who asks.

use crate::time::Instant;

/// A clock that only moves forward; its origin is when it was made.
#[derive(Debug)]
#[expect(
    clippy::disallowed_types,
    reason = "the one clock of the daemon; everybody else gets the time as an argument"
)]
pub(crate) struct Clock {
    origin: std::time::Instant,
}

impl Clock {
    #[expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "as above")]
    pub(crate) fn start() -> Self {
        Self { origin: std::time::Instant::now() }
    }

    /// The time now. A turn of the loop reads it twice: when something woke it, and before it looks what is due.
    pub(crate) fn now(&self) -> Instant {
        Instant::ZERO + self.origin.elapsed()
    }
}
