//! One way of a link for connections: when what is read now may be written.
//!
//! In: how slow the way is; how much is read, and when. Out: when it arrives. Must not know sockets, nor whose bytes they
//! are.

use super::Traffic;
use super::stalls::{Stalls, Working};
use crate::netsim::{Line, Rate};
use crate::time::{Duration, Instant};

/// How long a piece is that leaves a slow line at once: about a packet of a real one.
const PACKET: usize = 1_400;

/// How slow one way is for streams. Nothing is lost or overtaken: TCP would repair that before anybody sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// How long everything takes.
    pub delay: Duration,
    /// How much longer it takes at most; each piece draws its share, but none overtakes another.
    pub jitter: Duration,
    /// How many bits a second leave; `None`: all at once. What has to wait is not lost.
    pub rate: Option<u64>,
    /// Times when nothing passes.
    pub stalls: Option<Stalls>,
}

/// A way and how far it is.
#[derive(Debug)]
pub(super) struct Course {
    flow: Flow,
    chance: fastrand::Rng,
    line: Line,
    pub(super) working: Working,
    pub(super) traffic: Traffic,
}

impl Course {
    /// Ways with the same `stall_seed` stall at the same times.
    pub(super) fn new(seed: u64, stall_seed: u64, flow: Flow) -> Self {
        Self {
            flow,
            chance: fastrand::Rng::with_seed(seed),
            line: Line::default(),
            working: Working::new(stall_seed, flow.stalls),
            traffic: Traffic::default(),
        }
    }

    /// How long the pieces are into which what is read is to be cut.
    pub(super) const fn piece(&self) -> usize {
        if self.flow.rate.is_some() { PACKET } else { usize::MAX }
    }

    /// When so many bytes, read at `working` by the clock of this way, arrive by the same clock.
    pub(super) fn arrival(&mut self, working: Instant, length: usize) -> Instant {
        let rate = self.flow.rate.map(|bits| Rate { bits, queue: u64::MAX });
        let left = rate.and_then(|rate| self.line.leave(working, length, rate)).unwrap_or(working);
        let most = u64::try_from(self.flow.jitter.as_micros()).unwrap_or(u64::MAX);
        left + self.flow.delay + Duration::from_micros(self.chance.u64(..=most))
    }
}
