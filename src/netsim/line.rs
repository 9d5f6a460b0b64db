//! A line that takes its time: what is sent over it leaves one after the other, so many bits a second.
//!
//! In: how long each datagram is, and when it wants to leave. Out: when its last bit has left, or that the queue in front
//! of the line is full. Must not know what is sent, nor what becomes of it beyond the line.

use crate::time::{Duration, Instant};

const NANOS: u128 = 1_000_000_000;

/// How fast a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Bits a second; 0 counts as 1.
    pub bits: u64,
    /// How many bytes may be in front of the line, those that are just leaving among them. Who finds the line idle may
    /// always leave, however long it is.
    pub queue: u64,
}

/// One line, and what waits for it.
///
/// It remembers only when it will be idle: with a constant rate that says also how many bytes wait.
///
/// ```
/// use palabre::netsim::{Line, Rate};
/// use palabre::time::Instant;
/// let slow = Rate { bits: 8_000, queue: 1_500 };
/// let mut line = Line::default();
/// assert_eq!(line.leave(Instant::ZERO, 1_000, slow), Some(Instant::from_secs(1)));
/// assert_eq!(line.leave(Instant::ZERO, 500, slow), Some(Instant::from_millis(1_500)));
/// assert_eq!(line.leave(Instant::ZERO, 1, slow), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// In nanoseconds after the origin: at a gigabit a second, a byte takes eight.
    idle_at: u128,
}

impl Line {
    /// When the last bit of something `length` bytes long has left, if it comes in front of the line now. `None`: it does
    /// not fit, and the line is as before.
    pub fn leave(&mut self, now: Instant, length: usize, rate: Rate) -> Option<Instant> {
        let length = u128::try_from(length).unwrap_or(u128::MAX);
        let waiting = self.waiting(now, rate);
        if waiting > 0 && length.saturating_add(waiting.into()) > u128::from(rate.queue) {
            return None;
        }
        let takes = length.saturating_mul(8 * NANOS).div_ceil(rate.bits.max(1).into());
        self.idle_at = self.idle_at.max(nanos(now)).saturating_add(takes);
        Some(Instant::from_micros(u64::try_from(self.idle_at.div_ceil(1_000)).unwrap_or(u64::MAX)))
    }

    /// How many bytes are still in front of the line, a part of one counted as one.
    #[must_use]
    pub fn waiting(&self, now: Instant, rate: Rate) -> u64 {
        let left = self.idle_at.saturating_sub(nanos(now));
        u64::try_from(left.saturating_mul(rate.bits.max(1).into()).div_ceil(8 * NANOS)).unwrap_or(u64::MAX)
    }
}

fn nanos(at: Instant) -> u128 {
    Duration::from_micros(at.as_micros()).as_nanos()
}
