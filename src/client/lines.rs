//! A link of either width: our two protocols number their messages with 16 bits and with 10.
//!
//! In and out: as [`Link`], with numbers as they stand on the wire. Must not know what is asked over it.

use super::Protocol;
use crate::reliable::{Lane, Link, Lost, Request, Seq, Timing, Verdict};
use crate::time::{Duration, Instant};
use crate::wire::Payload;

/// A link to the server, or to a member of our room.
#[derive(Debug)]
pub(super) enum Lines<P> {
    /// MSP's numbers.
    Wide(Link<16, P, Payload>),
    /// Those of Shen's protocol.
    Narrow(Link<10, P, Payload>),
}

/// The same done with whichever it is.
macro_rules! either {
    ($lines:expr, $link:ident => $done:expr) => {
        match $lines {
            Lines::Wide($link) => $done,
            Lines::Narrow($link) => $done,
        }
    };
}

impl<P> Lines<P> {
    pub(super) fn new(protocol: Protocol, timing: Timing, first: u16) -> Self {
        match protocol {
            Protocol::Msp => Self::Wide(Link::new(timing, first)),
            // Its responses do not say that they are responses: numbers of both sides must not meet (S5).
            Protocol::Shen => Self::Narrow(Link::new(timing, first).skipping()),
        }
    }

    pub(super) fn send(&mut self, request: Request<P>) {
        either!(self, link => link.send(request));
    }

    /// The next request to put on the wire, and its number.
    pub(super) fn poll_transmit(&mut self, now: Instant) -> Option<(u16, &P)> {
        either!(self, link => link.poll_transmit(now).map(|sent| (sent.seq.value(), sent.payload)))
    }

    pub(super) fn poll_lost(&mut self) -> Option<Lost<P>> {
        either!(self, link => link.poll_lost())
    }

    pub(super) fn in_flight(&self, seq: u16) -> Option<&P> {
        either!(self, link => link.in_flight(Seq::wrapping(seq)))
    }

    pub(super) fn answered(&mut self, now: Instant, seq: u16) -> Option<P> {
        either!(self, link => link.answered(now, Seq::wrapping(seq)))
    }

    pub(super) fn cancel_lane(&mut self, lane: Lane) -> Vec<P> {
        either!(self, link => link.cancel_lane(lane))
    }

    pub(super) const fn far_number(&self) -> u16 {
        either!(self, link => link.far_number())
    }

    pub(super) fn stop_asking(&mut self, timing: Timing, first: u16) {
        either!(self, link => link.stop_asking(timing, first));
    }

    pub(super) fn heard(&mut self, now: Instant) {
        either!(self, link => link.heard(now));
    }

    pub(super) fn check(&mut self, now: Instant, seq: u16, mark: u32) -> Verdict<'_, Payload> {
        either!(self, link => link.check(now, Seq::wrapping(seq), mark))
    }

    pub(super) fn remember(&mut self, now: Instant, seq: u16, mark: u32, answer: Option<Payload>) {
        either!(self, link => link.remember(now, Seq::wrapping(seq), mark, answer, 0));
    }

    pub(super) fn answer(&mut self, seq: u16, mark: u32, answer: Payload) {
        either!(self, link => link.answer(Seq::wrapping(seq), mark, answer));
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        either!(self, link => link.handle_timeout(now));
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        either!(self, link => link.poll_timeout())
    }

    pub(super) fn in_vain(&mut self) {
        either!(self, link => link.in_vain());
    }

    pub(super) fn holds(&self) -> bool {
        either!(self, link => link.holds())
    }

    pub(super) fn round_trip(&self) -> Option<Duration> {
        either!(self, link => link.round_trip())
    }
}
