//! What we ask of a peer, repeated until it is answered.
//!
//! In: requests, answers, the time, signs of life. Out: what to put on the wire now ([`Sender::poll_transmit`]) and
//! what will not be asked any more ([`Sender::poll_lost`]). Must not know what a payload says.
//!
//! A request is in flight (its timer runs), parked (M tries were in vain; it waits for a sign of life, M17), or waits
//! for its lane. The state table is in `spec/msp-states.md`.

use std::collections::VecDeque;

use super::inflight::InFlight;
use super::lanes::{Lane, Lanes, Quota};
use super::request::{Lost, Patience, Request, Transmit};
use super::rto::{Rto, Timing};
use super::seq::Seq;
use crate::time::{Duration, Instant};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// To be sent at the next [`Sender::poll_transmit`].
    Ready,
    /// Sent; to be sent again, or given up, at this time.
    Waiting(Instant),
    /// Sent in vain until this time.
    Parked(Instant),
}

#[derive(Debug)]
struct Flight<P> {
    request: Request<P>,
    order: u64,
    state: State,
    attempt: u32,
    /// When the first try left, and the last.
    sent: Option<(Instant, Instant)>,
    /// Whether there were tries before those that `attempt` counts.
    repeated: bool,
}

/// What an answer tells about the way to the peer and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// There was one try: this is how long it took.
    RoundTrip(Duration),
    /// There were more, and nobody can tell which of them was answered (Karn). How long ago the first and the last left.
    Ambiguous(Duration, Duration),
    /// A person was asked, who took his time.
    Nothing,
}

/// The sending half of a [`Link`](super::Link).
#[derive(Debug)]
pub struct Sender<const BITS: u32, P> {
    timing: Timing,
    quota: Quota,
    next: Seq<BITS>,
    order: u64,
    flights: InFlight<BITS, Flight<P>>,
    lanes: Lanes<P>,
    ready: VecDeque<Seq<BITS>>,
    lost: VecDeque<Lost<P>>,
    /// Not later than the earliest `Waiting`; may be earlier, after an answer came.
    wake: Option<Instant>,
    /// Parked requests that count against the quota, their bytes, and all that wait for a sign of life.
    parked: (usize, usize),
    stalled: usize,
}

impl<const BITS: u32, P> Sender<BITS, P> {
    /// A lingering request is sent again at most this often.
    const LINGER_GAP: Duration = Duration::from_secs(1);

    /// A sender whose first request bears the number `first`.
    #[must_use]
    pub fn new(timing: Timing, quota: Quota, first: Seq<BITS>) -> Self {
        Self {
            timing,
            quota,
            next: first,
            order: 0,
            flights: InFlight::new(),
            lanes: Lanes::new(),
            ready: VecDeque::new(),
            lost: VecDeque::new(),
            wake: None,
            parked: (0, 0),
            stalled: 0,
        }
    }

    /// Sends `request`, now or when its lane is free. While texts are parked no lane starts anything new.
    pub fn send(&mut self, request: Request<P>) {
        self.order = self.order.wrapping_add(1);
        match request.lane {
            Some(lane) if self.holds() || self.lanes.waits(lane) || !self.lanes.occupy(lane) => {
                self.lanes.push(lane, self.order, request);
                self.enforce_quota();
            }
            _ => self.launch(self.order, request),
        }
    }

    /// The next request to put on the wire, until there is none.
    pub fn poll_transmit(&mut self, now: Instant, rto: &Rto) -> Option<Transmit<'_, BITS, P>> {
        loop {
            let seq = self.ready.pop_front()?;
            // Answered or dropped since it was made ready: its number may even be somebody else's by now.
            if self.flights.find(seq).is_none_or(|flight| flight.state != State::Ready) {
                continue;
            }
            let flight = self.flights.find_mut(seq)?;
            flight.attempt = flight.attempt.saturating_add(1);
            flight.sent = Some((flight.sent.map_or(now, |(first, _)| first), now));
            let due = now + rto.gap(&self.timing, flight.attempt);
            flight.state = State::Waiting(due);
            self.wake = Some(self.wake.map_or(due, |wake| wake.min(due)));
            return Some(Transmit { seq, attempt: flight.attempt, payload: &flight.request.payload });
        }
    }

    /// The next request that will not be sent any more, until there is none.
    pub fn poll_lost(&mut self) -> Option<Lost<P>> {
        self.lost.pop_front()
    }

    /// The request that bears `seq`, if one does.
    #[must_use]
    pub fn in_flight(&self, seq: Seq<BITS>) -> Option<&P> {
        self.flights.find(seq).map(|flight| &flight.request.payload)
    }

    /// The answer to `seq` came: gives its request back, with what the time it took tells.
    pub(super) fn answered(&mut self, now: Instant, seq: Seq<BITS>) -> Option<(P, Evidence)> {
        let flight = self.remove(seq)?;
        let evidence = match flight.sent {
            Some((first, _)) if flight.attempt == 1 && !flight.repeated => {
                Evidence::RoundTrip(now.since(first))
            }
            Some((first, last)) => Evidence::Ambiguous(now.since(first), now.since(last)),
            None => Evidence::Nothing,
        };
        let asked_a_person = flight.request.patience == Patience::Linger;
        let evidence = if asked_a_person { Evidence::Nothing } else { evidence };
        Some((flight.request.payload, evidence))
    }

    /// Stops asking: the request that bears `seq` is forgotten, and its lane goes on.
    pub fn cancel(&mut self, seq: Seq<BITS>) -> Option<P> {
        self.remove(seq).map(|flight| flight.request.payload)
    }

    /// Forgets all requests of `lane`, in flight or waiting, and gives them back in order.
    pub fn cancel_lane(&mut self, lane: Lane) -> Vec<P> {
        let in_flight = |(_, flight): &(_, &Flight<P>)| flight.request.lane == Some(lane);
        let seq = self.flights.iter().find(in_flight).map(|(seq, _)| seq);
        let mut cancelled = Vec::new();
        let mut rest = Vec::new();
        while let Some((_, request)) = self.lanes.pop(lane) {
            rest.push(request.payload);
        }
        cancelled.extend(seq.and_then(|seq| self.cancel(seq)));
        cancelled.append(&mut rest);
        cancelled
    }

    /// The peer was heard from: what was parked gets M tries more, what lingers one.
    pub fn heard(&mut self, now: Instant) {
        if self.stalled == 0 {
            return;
        }
        let mut again: Vec<_> = self
            .flights
            .iter()
            .filter(|(_, flight)| match (flight.state, flight.request.patience) {
                (State::Parked(since), Patience::Linger) => now.since(since) >= Self::LINGER_GAP,
                (state, _) => matches!(state, State::Parked(_)),
            })
            .map(|(seq, flight)| (flight.order, seq))
            .collect();
        again.sort_unstable_by_key(|(order, _)| *order);
        for (_, seq) in again {
            self.resume(seq);
        }
        self.start_lanes();
    }

    /// Repeats, parks or gives up what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.wake.is_none_or(|wake| wake > now) {
            return;
        }
        self.wake = None;
        let mut exhausted = Vec::new();
        for (seq, flight) in self.flights.iter_mut() {
            let State::Waiting(due) = flight.state else { continue };
            if due > now {
                self.wake = Some(self.wake.map_or(due, |wake| wake.min(due)));
            } else if flight.attempt < self.timing.tries {
                flight.state = State::Ready;
                self.ready.push_back(seq);
            } else {
                exhausted.push((flight.order, seq));
            }
        }
        exhausted.sort_unstable_by_key(|(order, _)| *order);
        for (_, seq) in exhausted {
            self.exhaust(now, seq);
        }
        self.enforce_quota();
    }

    /// When [`Sender::handle_timeout`] has something to do at the earliest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.wake
    }

    /// Whether texts wait for a sign of life from the peer.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.parked.0 > 0
    }

    /// How it repeats.
    #[must_use]
    pub const fn timing(&self) -> &Timing {
        &self.timing
    }

    /// Requests in flight, parked or waiting.
    #[must_use]
    pub const fn pending(&self) -> usize {
        self.flights.len() + self.lanes.load().0
    }

    fn launch(&mut self, order: u64, request: Request<P>) {
        let flight = Flight { request, order, state: State::Ready, attempt: 0, sent: None, repeated: false };
        match self.flights.insert(self.next, flight) {
            Ok(seq) => {
                self.next = seq.next();
                self.ready.push_back(seq);
            }
            Err(flight) => {
                if let Some(lane) = flight.request.lane {
                    self.lanes.release(lane);
                }
                self.lost.push_back(Lost::Overflow(flight.request.payload));
            }
        }
    }

    fn start_next(&mut self, lane: Lane) {
        if let Some((order, request)) = self.lanes.pop(lane) {
            self.lanes.occupy(lane);
            self.launch(order, request);
        }
    }

    fn remove(&mut self, seq: Seq<BITS>) -> Option<Flight<P>> {
        let flight = self.flights.remove(seq)?;
        if self.flights.len() == 0 {
            self.wake = None;
        }
        let held = self.holds();
        self.forget_parked(flight.state, flight.request.patience, flight.request.size);
        if let Some(lane) = flight.request.lane {
            self.lanes.release(lane);
            if !held {
                self.start_next(lane);
            }
        }
        if held {
            self.start_lanes();
        }
        Some(flight)
    }

    fn start_lanes(&mut self) {
        if !self.holds() {
            for lane in self.lanes.startable() {
                self.start_next(lane);
            }
        }
    }

    fn exhaust(&mut self, now: Instant, seq: Seq<BITS>) {
        let Some(flight) = self.flights.find_mut(seq) else { return };
        if flight.request.patience == Patience::GiveUp {
            if let Some(flight) = self.remove(seq) {
                self.lost.push_back(Lost::GivenUp(flight.request.payload));
            }
            return;
        }
        flight.state = State::Parked(now);
        flight.repeated = true;
        self.stalled += 1;
        if flight.request.patience == Patience::Park {
            self.parked.0 += 1;
            self.parked.1 += flight.request.size;
        }
    }

    fn resume(&mut self, seq: Seq<BITS>) {
        let Some(flight) = self.flights.find_mut(seq) else { return };
        let tries = if flight.request.patience == Patience::Linger { 1 } else { self.timing.tries };
        flight.attempt = self.timing.tries.saturating_sub(tries);
        let (state, patience, size) = (flight.state, flight.request.patience, flight.request.size);
        flight.state = State::Ready;
        self.ready.push_back(seq);
        self.forget_parked(state, patience, size);
    }

    fn forget_parked(&mut self, state: State, patience: Patience, size: usize) {
        if !matches!(state, State::Parked(_)) {
            return;
        }
        self.stalled -= 1;
        if patience == Patience::Park {
            self.parked.0 -= 1;
            self.parked.1 -= size;
        }
    }

    fn enforce_quota(&mut self) {
        loop {
            let (items, bytes) = self.lanes.load();
            if items + self.parked.0 <= self.quota.items && bytes + self.parked.1 <= self.quota.bytes {
                return;
            }
            let parked = self
                .flights
                .iter()
                .filter(|(_, flight)| {
                    matches!(flight.state, State::Parked(_)) && flight.request.patience == Patience::Park
                })
                .map(|(seq, flight)| (flight.request.rank, flight.order, seq))
                .min_by_key(|(rank, order, _)| (*rank, *order));
            let dropped = match (self.lanes.first_to_go(), parked) {
                (Some((rank, order, place)), parked)
                    if parked.is_none_or(|(r, o, _)| (rank, order) < (r, o)) =>
                {
                    self.lanes.take(place).map(|(_, request)| request.payload)
                }
                (_, Some((_, _, seq))) => self.remove(seq).map(|flight| flight.request.payload),
                _ => None,
            };
            let Some(payload) = dropped else { return };
            self.lost.push_back(Lost::Overflow(payload));
        }
    }
}
