//! One request that bears a number: where it stands between its first try and its end.
//!
//! In: a request, the times it is sent at. Out: what its answer tells about the way to the peer. Must not know how many
//! other requests there are.

use super::request::{Patience, Request};
use crate::time::{Duration, Instant};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// To be sent at the next [`Sender::poll_transmit`](super::Sender::poll_transmit).
    Ready,
    /// Sent; to be sent again, or given up, at this time.
    Waiting(Instant),
    /// All tries were in vain; it waits for a sign of life.
    Parked,
}

#[derive(Debug)]
pub(super) struct Flight<P> {
    pub(super) request: Request<P>,
    /// Its place among all requests that were ever given to the sender.
    pub(super) order: u64,
    pub(super) state: State,
    pub(super) attempt: u32,
    /// When the first try left, and the last.
    pub(super) sent: Option<(Instant, Instant)>,
    /// When the first try of those that `attempt` counts left.
    pub(super) round: Instant,
    /// Whether there were tries before those that `attempt` counts.
    pub(super) repeated: bool,
}

/// What an answer tells about the way to the peer and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// There was one try: this is how long it took.
    RoundTrip(Duration),
    /// There were more, and nobody can tell which of them was answered (Karn). How long ago the first and the last left.
    Ambiguous(Duration, Duration),
    /// A person was asked, who took his time; or it was never sent.
    Nothing,
}

impl<P> Flight<P> {
    pub(super) const fn new(order: u64, request: Request<P>) -> Self {
        Self {
            request,
            order,
            state: State::Ready,
            attempt: 0,
            sent: None,
            round: Instant::ZERO,
            repeated: false,
        }
    }

    /// Whether it waits for a sign of life and keeps the lanes waiting too (M17).
    pub(super) fn is_held(&self) -> bool {
        self.state == State::Parked && self.request.patience == Patience::Park
    }

    /// Whether its M tries are over and it is only sent again, once, when the peer is heard from (M22).
    pub(super) fn lingers(&self) -> bool {
        self.repeated && self.request.patience == Patience::Linger
    }

    /// How long ago the last try left.
    pub(super) fn silence(&self, now: Instant) -> Duration {
        self.sent.map_or(Duration::ZERO, |(_, last)| now.since(last))
    }

    /// What it tells that the answer came `now`.
    pub(super) fn evidence(&self, now: Instant) -> Evidence {
        match self.sent {
            Some(_) if self.request.patience == Patience::Linger => Evidence::Nothing,
            Some((first, _)) if self.attempt == 1 && !self.repeated => Evidence::RoundTrip(now.since(first)),
            Some((first, last)) => Evidence::Ambiguous(now.since(first), now.since(last)),
            None => Evidence::Nothing,
        }
    }
}
