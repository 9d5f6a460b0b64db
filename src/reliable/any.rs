//! A link of either width, for those who talk in several protocols.
//!
//! In and out: as [`Link`], with numbers as they stand on the wire. Must not know which protocol has which width.
//!
//! [`Link`] has the width in its type, so that numbers of different widths never meet. Here the two widths there are stand
//! side by side, so that whoever holds many links, or either, writes the rest once.

use super::link::Link;
use super::request::{Lane, Lost, Request};
use super::rto::Timing;
use super::seq::Seq;
use super::{Quota, Verdict};
use crate::time::{Duration, Instant};

/// A [`Link`] with numbers of 16 or of 10 bits.
#[derive(Debug)]
pub enum AnyLink<P, A> {
    /// 16 bits: MSP.
    Wide(Link<16, P, A>),
    /// 10 bits: Shen's protocol.
    Narrow(Link<10, P, A>),
}

/// A request to put on the wire now.
#[derive(Debug, PartialEq, Eq)]
pub struct Sent<'a, P> {
    /// The number it bears.
    pub seq: u16,
    /// Which try this is, 1..=M.
    pub attempt: u32,
    /// What to send.
    pub payload: &'a P,
}

/// Does the same with whichever it is.
macro_rules! either {
    ($any:expr, $link:ident => $done:expr) => {
        match $any {
            AnyLink::Wide($link) => $done,
            AnyLink::Narrow($link) => $done,
        }
    };
}

impl<P, A> AnyLink<P, A> {
    /// How long an answer is remembered: the same for both widths.
    pub const MEMORY: Duration = Link::<16, P, A>::MEMORY;

    /// A link with numbers of 16 bits: see [`Link::with_quota`].
    #[must_use]
    pub fn wide(timing: Timing, quota: Quota, first: u16) -> Self {
        Self::Wide(Link::with_quota(timing, quota, first))
    }

    /// A link with numbers of 10 bits that [skips](Link::skipping) those of the peer: where both directions number their
    /// requests on one circle, and a response does not say that it is one (S5).
    #[must_use]
    pub fn narrow(timing: Timing, quota: Quota, first: u16) -> Self {
        Self::Narrow(Link::with_quota(timing, quota, first).skipping())
    }

    /// See [`Link::send`].
    pub fn send(&mut self, request: Request<P>) {
        either!(self, link => link.send(request));
    }

    /// See [`Link::poll_transmit`].
    pub fn poll_transmit(&mut self, now: Instant) -> Option<Sent<'_, P>> {
        either!(self, link => {
            let sent = link.poll_transmit(now)?;
            Some(Sent { seq: sent.seq.value(), attempt: sent.attempt, payload: sent.payload })
        })
    }

    /// See [`Link::poll_lost`].
    pub fn poll_lost(&mut self) -> Option<Lost<P>> {
        either!(self, link => link.poll_lost())
    }

    /// See [`Link::in_flight`].
    #[must_use]
    pub fn in_flight(&self, seq: u16) -> Option<&P> {
        either!(self, link => link.in_flight(Seq::wrapping(seq)))
    }

    /// See [`Link::answered`].
    pub fn answered(&mut self, now: Instant, seq: u16) -> Option<P> {
        either!(self, link => link.answered(now, Seq::wrapping(seq)))
    }

    /// See [`Link::cancel`].
    pub fn cancel(&mut self, seq: u16) -> Option<P> {
        either!(self, link => link.cancel(Seq::wrapping(seq)))
    }

    /// See [`Link::sent_in`].
    #[must_use]
    pub fn sent_in(&self, lane: Lane) -> Option<u16> {
        either!(self, link => link.sent_in(lane).map(Seq::value))
    }

    /// See [`Link::cancel_lane`].
    pub fn cancel_lane(&mut self, lane: Lane) -> Vec<P> {
        either!(self, link => link.cancel_lane(lane))
    }

    /// See [`Link::far_number`].
    #[must_use]
    pub const fn far_number(&self) -> u16 {
        either!(self, link => link.far_number())
    }

    /// See [`Link::next_number`].
    #[must_use]
    pub const fn next_number(&self) -> u16 {
        either!(self, link => link.next_number())
    }

    /// See [`Link::stop_asking`].
    pub fn stop_asking(&mut self, timing: Timing, first: u16) {
        either!(self, link => link.stop_asking(timing, first));
    }

    /// See [`Link::heard`].
    pub fn heard(&mut self, now: Instant) {
        either!(self, link => link.heard(now));
    }

    /// See [`Link::check`].
    pub fn check(&mut self, now: Instant, seq: u16, mark: u32) -> Verdict<'_, A> {
        either!(self, link => link.check(now, Seq::wrapping(seq), mark))
    }

    /// See [`Link::remember`].
    pub fn remember(&mut self, now: Instant, seq: u16, mark: u32, answer: Option<A>, long: usize) {
        either!(self, link => link.remember(now, Seq::wrapping(seq), mark, answer, long));
    }

    /// See [`Link::answer`].
    pub fn answer(&mut self, seq: u16, mark: u32, answer: A) {
        either!(self, link => link.answer(Seq::wrapping(seq), mark, answer));
    }

    /// See [`Link::handle_timeout`].
    pub fn handle_timeout(&mut self, now: Instant) {
        either!(self, link => link.handle_timeout(now));
    }

    /// See [`Link::in_vain`].
    pub fn in_vain(&mut self) {
        either!(self, link => link.in_vain());
    }

    /// See [`Link::poll_timeout`].
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        either!(self, link => link.poll_timeout())
    }

    /// See [`Link::holds`].
    #[must_use]
    pub fn holds(&self) -> bool {
        either!(self, link => link.holds())
    }

    /// See [`Link::pending`].
    #[must_use]
    pub fn pending(&self) -> usize {
        either!(self, link => link.pending())
    }

    /// See [`Link::round_trip`].
    #[must_use]
    pub fn round_trip(&self) -> Option<Duration> {
        either!(self, link => link.round_trip())
    }
}
