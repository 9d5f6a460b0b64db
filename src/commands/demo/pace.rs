//! The virtual clock tied to the real one.
//!
//! In: points of virtual time. Out: nothing; it returns when they have come. Must not know what happens then.

use std::thread;
use std::time::Duration;

use palabre::time::Instant;

/// How fast virtual time passes.
#[derive(Debug)]
#[expect(clippy::disallowed_types, reason = "the demonstration runs in real time")]
pub(super) struct Pace {
    origin: std::time::Instant,
    speed: f64,
}

impl Pace {
    /// Virtual time runs `speed` times as fast as real time, or as fast as it can when that is zero.
    #[expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "as above")]
    pub(super) fn start(speed: f64) -> Self {
        Self { origin: std::time::Instant::now(), speed }
    }

    /// Waits until `at`.
    pub(super) fn wait_for(&self, at: Instant) {
        if self.speed <= 0.0 {
            return;
        }
        let Ok(due) = Duration::try_from_secs_f64(at.since(Instant::ZERO).as_secs_f64() / self.speed) else {
            return;
        };
        while let Some(left) = due.checked_sub(self.origin.elapsed()).filter(|left| !left.is_zero()) {
            // It may return early.
            thread::park_timeout(left);
        }
    }
}
