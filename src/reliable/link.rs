//! One peer as seen from here: what we ask of it, what it asks of us, how far away it is.
//!
//! In and out: as [`Sender`] and [`Receiver`], which it holds together with the round-trip estimate. Must not know
//! addresses, names or messages.

use super::avoided::Avoided;
use super::flight::Evidence;
use super::lanes::Quota;
use super::receiver::{Receiver, Verdict};
use super::request::{Lane, Lost, Request, Transmit};
use super::rto::{Rto, Timing};
use super::sender::Sender;
use super::seq::Seq;
use crate::time::{Duration, Instant};

/// A reliable link over sequence numbers of `BITS` bits, for requests `P` and remembered answers `A`.
///
/// After each [`Link::send`], [`Link::answered`], [`Link::heard`], [`Link::cancel`] or [`Link::handle_timeout`],
/// drain [`Link::poll_transmit`] and [`Link::poll_lost`]. Time never goes back.
#[derive(Debug)]
pub struct Link<const BITS: u32, P, A> {
    sender: Sender<BITS, P>,
    receiver: Receiver<BITS, A>,
    rto: Rto,
}

impl<const BITS: u32, P, A> Link<BITS, P, A> {
    /// How long an answer is remembered (M32): longer than the silence after which a peer is gone, and all tries.
    pub const MEMORY: Duration = Duration::from_secs(180);

    /// A link to a peer of whom nothing is known; our first request will bear the lowest bits of `first`.
    #[must_use]
    pub fn new(timing: Timing, first: u16) -> Self {
        Self::with_quota(timing, Quota::default(), first)
    }

    /// The same, with another limit on what may wait.
    #[must_use]
    pub fn with_quota(timing: Timing, quota: Quota, first: u16) -> Self {
        Self {
            sender: Sender::new(timing, quota, Seq::wrapping(first)),
            receiver: Receiver::new(Self::MEMORY),
            rto: Rto::default(),
        }
    }

    /// The same, for a protocol whose responses do not say that they are responses (S5): a number that came in a request
    /// of the peer within the last M × T, or whose answer is [not known yet](Link::remember), is not given to a request of
    /// ours; of more than 256 such numbers the latest count. At most an eighth of all numbers are in flight then.
    #[must_use]
    pub fn skipping(self) -> Self {
        let avoided = Avoided::new(self.sender.timing().span(), Self::MEMORY);
        Self { sender: self.sender.avoiding(Some(Box::new(avoided))), ..self }
    }

    /// Asks something of the peer: see [`Sender::send`].
    pub fn send(&mut self, request: Request<P>) {
        self.sender.send(request);
    }

    /// The next request to put on the wire: see [`Sender::poll_transmit`].
    pub fn poll_transmit(&mut self, now: Instant) -> Option<Transmit<'_, BITS, P>> {
        self.sender.poll_transmit(now, &self.rto)
    }

    /// The next request that will not be sent any more: see [`Sender::poll_lost`].
    pub fn poll_lost(&mut self) -> Option<Lost<P>> {
        self.sender.poll_lost()
    }

    /// The request that bears `seq`, so that its answer can be judged before it is [taken](Link::answered).
    #[must_use]
    pub fn in_flight(&self, seq: Seq<BITS>) -> Option<&P> {
        self.sender.in_flight(seq)
    }

    /// The answer to `seq` came: gives its request back, and learns from the time it took.
    pub fn answered(&mut self, now: Instant, seq: Seq<BITS>) -> Option<P> {
        let (payload, evidence) = self.sender.answered(now, seq)?;
        match evidence {
            Evidence::RoundTrip(rtt) => self.rto.sample(rtt),
            Evidence::Ambiguous(first, last) => self.rto.ambiguous(self.sender.timing(), first, last),
            Evidence::Nothing => {}
        }
        Some(payload)
    }

    /// Stops asking: see [`Sender::cancel`].
    pub fn cancel(&mut self, seq: Seq<BITS>) -> Option<P> {
        self.sender.cancel(seq)
    }

    /// What was sent of a lane: see [`Sender::sent_in`].
    #[must_use]
    pub fn sent_in(&self, lane: Lane) -> Option<Seq<BITS>> {
        self.sender.sent_in(lane)
    }

    /// Forgets a lane: see [`Sender::cancel_lane`].
    pub fn cancel_lane(&mut self, lane: Lane) -> Vec<P> {
        self.sender.cancel_lane(lane)
    }

    /// A number half a circle away from those that were used lately: where a link in place of this one begins, so that
    /// copies of what this one asked are not taken for what that one asks.
    #[must_use]
    pub const fn far_number(&self) -> u16 {
        Seq::<BITS>::wrapping(self.sender.next().value().wrapping_add(1 << (BITS - 1))).value()
    }

    /// The number from which the next request looks for a free one.
    #[must_use]
    pub const fn next_number(&self) -> u16 {
        self.sender.next().value()
    }

    /// Forgets everything we still ask, and starts numbering at `first`. What we answered stays remembered.
    pub fn stop_asking(&mut self, timing: Timing, first: u16) {
        self.sender.restart(timing, Seq::wrapping(first));
    }

    /// The peer gave a sign of life: see [`Sender::heard`].
    pub fn heard(&mut self, now: Instant) {
        if let Some(avoided) = self.sender.avoided() {
            avoided.expire(now);
        }
        self.sender.heard(now);
    }

    /// What to do with a request of the peer: see [`Receiver::check`]. A [skipping](Link::skipping) link skips its number.
    #[must_use]
    pub fn check(&mut self, now: Instant, seq: Seq<BITS>, mark: u32) -> Verdict<'_, A> {
        if let Some(avoided) = self.sender.avoided() {
            avoided.is_asked(now, seq);
        }
        self.receiver.check(now, seq, mark)
    }

    /// Remembers a request of the peer: see [`Receiver::remember`].
    pub fn remember(&mut self, now: Instant, seq: Seq<BITS>, mark: u32, answer: Option<A>, long: usize) {
        if let Some(avoided) = self.sender.avoided().filter(|_| answer.is_none()) {
            avoided.is_undecided(now, seq);
        }
        self.receiver.remember(now, seq, mark, answer, long);
    }

    /// Answers a request of the peer later: see [`Receiver::answer`].
    pub fn answer(&mut self, seq: Seq<BITS>, mark: u32, answer: A) {
        if let Some(avoided) = self.sender.avoided() {
            avoided.is_decided(seq);
        }
        self.receiver.answer(seq, mark, answer);
    }

    /// Repeats, parks or gives up what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.sender.handle_timeout(now);
    }

    /// All tries of a request were in vain, and it is to be asked anew: see [`Rto::in_vain`].
    pub fn in_vain(&mut self) {
        self.rto.in_vain(self.sender.timing());
    }

    /// When [`Link::handle_timeout`] is wanted at the earliest. After it, and after draining, this lies ahead.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.sender.poll_timeout()
    }

    /// Whether texts wait for a sign of life from the peer (M17).
    #[must_use]
    pub fn holds(&self) -> bool {
        self.sender.holds()
    }

    /// Requests in flight, parked or waiting.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.sender.pending()
    }

    /// The smoothed round-trip time, once it is known.
    #[must_use]
    pub fn round_trip(&self) -> Option<Duration> {
        self.rto.round_trip()
    }
}
