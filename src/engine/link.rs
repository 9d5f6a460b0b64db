//! One peer's link, whatever the width of its dialect's sequence numbers.
//!
//! In and out: as [`reliable::Link`], with numbers as they stand on the wire. Must not know what is sent.
//!
//! `reliable` has the width in the type, so that numbers of different widths never meet; here the two widths there are
//! stand side by side, so that everything else in the engine is written once.

use super::outgoing::Outgoing;
use crate::reliable::{self, Lost, Quota, Request, Seq, Timing, Verdict};
use crate::time::Instant;
use crate::wire::Payload;

/// A link with numbers of 16 bits (MSP) or 10 (Shen's protocol).
#[derive(Debug)]
pub(super) enum Link {
    Wide(reliable::Link<16, Outgoing, Payload>),
    Narrow(reliable::Link<10, Outgoing, Payload>),
}

/// A request to put on the wire now.
#[derive(Debug)]
pub(super) struct Sent<'a> {
    pub(super) seq: u16,
    pub(super) attempt: u32,
    pub(super) outgoing: &'a Outgoing,
}

/// Does the same with either link.
macro_rules! either {
    ($link:expr, $inner:ident => $does:expr) => {
        match $link {
            Link::Wide($inner) => $does,
            Link::Narrow($inner) => $does,
        }
    };
}

impl Link {
    /// How long an answer is remembered: the same for both widths.
    pub(super) const MEMORY: crate::time::Duration = reliable::Link::<16, Outgoing, Payload>::MEMORY;

    pub(super) fn wide(timing: Timing, quota: Quota, first: u16) -> Self {
        Self::Wide(reliable::Link::with_quota(timing, quota, first))
    }

    pub(super) fn narrow(timing: Timing, quota: Quota, first: u16) -> Self {
        // A response does not say that it is one there (S5).
        Self::Narrow(reliable::Link::with_quota(timing, quota, first).skipping())
    }

    pub(super) fn send(&mut self, request: Request<Outgoing>) {
        either!(self, link => link.send(request));
    }

    pub(super) fn poll_transmit(&mut self, now: Instant) -> Option<Sent<'_>> {
        either!(self, link => {
            let sent = link.poll_transmit(now)?;
            Some(Sent { seq: sent.seq.value(), attempt: sent.attempt, outgoing: sent.payload })
        })
    }

    pub(super) fn poll_lost(&mut self) -> Option<Lost<Outgoing>> {
        either!(self, link => link.poll_lost())
    }

    pub(super) fn in_flight(&self, seq: u16) -> Option<&Outgoing> {
        either!(self, link => link.in_flight(Seq::wrapping(seq)))
    }

    pub(super) fn answered(&mut self, now: Instant, seq: u16) -> Option<Outgoing> {
        either!(self, link => link.answered(now, Seq::wrapping(seq)))
    }

    pub(super) fn cancel(&mut self, seq: u16) -> Option<Outgoing> {
        either!(self, link => link.cancel(Seq::wrapping(seq)))
    }

    pub(super) const fn far_number(&self) -> u16 {
        either!(self, link => link.far_number())
    }

    pub(super) const fn next_number(&self) -> u16 {
        either!(self, link => link.next_number())
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

    pub(super) fn remember(
        &mut self,
        now: Instant,
        seq: u16,
        mark: u32,
        answer: Option<Payload>,
        long: usize,
    ) {
        either!(self, link => link.remember(now, Seq::wrapping(seq), mark, answer, long));
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

    pub(super) fn holds(&self) -> bool {
        either!(self, link => link.holds())
    }

    pub(super) fn pending(&self) -> usize {
        either!(self, link => link.pending())
    }
}
