//! What we ask of a peer, repeated until it is answered.
//!
//! In: requests, answers, the time, signs of life. Out: what to put on the wire now ([`Sender::poll_transmit`]) and
//! what will not be asked any more ([`Sender::poll_lost`]). Must not know what a payload says.
//!
//! A request is in flight (its timer runs), parked (M tries were in vain; it waits for a sign of life, M17), or waits
//! for its lane. The state table is in `spec/msp-states.md`.

use std::collections::{BTreeMap, VecDeque};

use super::avoided::Avoided;
use super::flight::{Evidence, Flight, State};
use super::inflight::InFlight;
use super::lanes::{Age, Lanes, Quota};
use super::request::{Lane, Lost, Patience, Request, Transmit};
use super::rto::{Rto, Timing};
use super::seq::Seq;
use crate::time::{Duration, Instant};

/// A receiver knows the last 512 numbers (S6); some are skipped.
const MOST_BETWEEN: u16 = 384;

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
    /// What is [held](Flight::is_held), and its bytes.
    held: BTreeMap<Age, Seq<BITS>>,
    held_bytes: usize,
    /// All that are [parked](State::Parked), lingering ones too.
    parked: usize,
}

impl<const BITS: u32, P> Sender<BITS, P> {
    /// A lingering request is sent again at most this often, and not more often than any other.
    const LINGER_GAP: Duration = Duration::from_secs(1);

    /// A sender whose first request bears the number `first`.
    #[must_use]
    pub fn new(timing: Timing, quota: Quota, first: Seq<BITS>) -> Self {
        Self {
            timing,
            quota,
            next: first,
            order: 0,
            flights: InFlight::new(None),
            lanes: Lanes::new(),
            ready: VecDeque::new(),
            lost: VecDeque::new(),
            wake: None,
            held: BTreeMap::new(),
            held_bytes: 0,
            parked: 0,
        }
    }

    /// The same, which gives no number that it is told to avoid.
    pub(super) fn avoiding(self, avoided: Option<Box<Avoided<BITS>>>) -> Self {
        Self { flights: InFlight::new(avoided), ..self }
    }

    /// The numbers it avoids.
    pub(super) fn avoided(&mut self) -> Option<&mut Avoided<BITS>> {
        self.flights.avoided()
    }

    /// Forgets all requests; a sender whose first one bears `first` takes its place.
    pub(super) fn restart(&mut self, timing: Timing, first: Seq<BITS>) {
        let fresh = Self::new(timing, self.quota, first);
        let avoided = std::mem::replace(self, fresh).flights.into_avoided();
        self.flights = InFlight::new(avoided);
    }

    /// Sends `request`, now or when its lane is free. While texts are parked no lane starts anything new.
    ///
    /// When all numbers are taken, a request of a lane waits for one; one without a lane is [lost](Lost::Overflow).
    pub fn send(&mut self, request: Request<P>) {
        self.order = self.order.wrapping_add(1);
        match request.lane {
            Some(lane) if !self.may_start() || self.lanes.waits(lane) || !self.lanes.occupy(lane) => {
                self.lanes.push(lane, self.order, request);
                self.enforce_quota();
            }
            _ => self.launch(self.order, request),
        }
    }

    /// The next request to put on the wire, until there is none.
    pub fn poll_transmit(&mut self, now: Instant, rto: &Rto) -> Option<Transmit<'_, BITS, P>> {
        loop {
            let Some(seq) = self.ready.pop_front().map(|seq| self.renumbered(seq))? else { continue };
            // Answered or dropped since it was made ready: its number may even be somebody else's by now.
            if self.flights.find(seq).is_none_or(|flight| flight.state != State::Ready) {
                continue;
            }
            let flight = self.flights.find_mut(seq)?;
            flight.sent = Some((flight.sent.map_or(now, |(first, _)| first), now));
            if flight.attempt == 0 {
                flight.round = now;
            }
            flight.attempt = flight.attempt.saturating_add(1);
            if flight.lingers() {
                flight.state = State::Parked;
                self.parked += 1;
            } else {
                let mut due = now + rto.gap(&self.timing, flight.attempt);
                if flight.attempt >= self.timing.tries {
                    // The estimate may have changed on the way: the tries span at least M × T all the same (M13).
                    due = due.max(flight.round + self.timing.span());
                }
                flight.state = State::Waiting(due);
                self.wake = Some(self.wake.map_or(due, |wake| wake.min(due)));
            }
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
        let evidence = flight.evidence(now);
        Some((flight.request.payload, evidence))
    }

    /// Stops asking: the request that bears `seq` is forgotten, and its lane goes on.
    pub fn cancel(&mut self, seq: Seq<BITS>) -> Option<P> {
        self.remove(seq).map(|flight| flight.request.payload)
    }

    /// The number of the request of `lane` whose answer may be on its way: it was sent, and is not answered.
    #[must_use]
    pub fn sent_in(&self, lane: Lane) -> Option<Seq<BITS>> {
        let mut flights = self.flights.iter();
        flights
            .find(|(_, flight)| flight.request.lane == Some(lane) && flight.sent.is_some())
            .map(|(seq, _)| seq)
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
        if self.parked == 0 {
            return;
        }
        let gap = Self::LINGER_GAP.max(self.timing.timer);
        let mut again: Vec<_> = self
            .flights
            .iter()
            .filter(|(_, flight)| flight.state == State::Parked)
            .filter(|(_, flight)| flight.is_held() || flight.silence(now) >= gap)
            .map(|(seq, flight)| (flight.order, seq))
            .collect();
        again.sort_unstable_by_key(|(order, _)| *order);
        let held = self.holds();
        for (_, seq) in again {
            self.resume(seq);
        }
        if held {
            self.start_lanes();
        }
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
            self.exhaust(seq);
        }
        self.enforce_quota();
    }

    /// The number from which the next request looks for a free one.
    #[must_use]
    pub const fn next(&self) -> Seq<BITS> {
        self.next
    }

    /// How it repeats.
    #[must_use]
    pub const fn timing(&self) -> &Timing {
        &self.timing
    }

    /// When [`Sender::handle_timeout`] has something to do at the earliest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.wake
    }

    /// Whether texts wait for a sign of life from the peer.
    #[must_use]
    pub fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// Requests in flight, parked or waiting.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.flights.len() + self.lanes.load().0
    }

    /// Whether a lane may start something new, if it is free.
    fn may_start(&self) -> bool {
        !self.holds() && !self.flights.is_full() && !self.is_stretched()
    }

    /// Where there are few numbers, whether so many have been given since one that waits for its answer that its receiver
    /// may soon have forgotten it, and would take a repetition for something new (S6). What waits for a person, or has no
    /// lane, does not count.
    fn is_stretched(&self) -> bool {
        let is_old = |(seq, flight): (Seq<BITS>, &Flight<P>)| {
            flight.request.lane.is_some() && seq.distance(self.next) > MOST_BETWEEN
        };
        BITS <= 12 && self.flights.iter().any(is_old)
    }

    fn launch(&mut self, order: u64, request: Request<P>) {
        match self.flights.insert(self.next, Flight::new(order, request)) {
            Ok(seq) => {
                self.next = seq.next();
                self.ready.push_back(seq);
            }
            Err(flight) => self.lost.push_back(Lost::Overflow(flight.request.payload)),
        }
    }

    /// The number of a request that is to be sent: another one if it was never sent and the peer has used its number since.
    fn renumbered(&mut self, seq: Seq<BITS>) -> Option<Seq<BITS>> {
        if !self.flights.avoids(seq) || self.flights.find(seq).is_none_or(|flight| flight.sent.is_some()) {
            return Some(seq);
        }
        let flight = self.flights.remove(seq)?;
        // There is room: that of the old number.
        let seq = self.flights.insert(self.next, flight).ok()?;
        self.next = seq.next();
        Some(seq)
    }

    fn start_next(&mut self, lane: Lane) {
        if let Some((order, request)) = self.lanes.pop(lane) {
            self.lanes.occupy(lane);
            self.launch(order, request);
        }
    }

    fn start_lanes(&mut self) {
        if self.may_start() {
            for lane in self.lanes.startable() {
                if self.may_start() {
                    self.start_next(lane);
                }
            }
        }
    }

    fn remove(&mut self, seq: Seq<BITS>) -> Option<Flight<P>> {
        let could_start = self.may_start();
        self.unpark(seq);
        let flight = self.flights.remove(seq)?;
        if self.flights.len() == 0 {
            self.wake = None;
        }
        if let Some(lane) = flight.request.lane {
            self.lanes.release(lane);
            if could_start {
                self.start_next(lane);
            }
        }
        if !could_start {
            self.start_lanes();
        }
        Some(flight)
    }

    fn exhaust(&mut self, seq: Seq<BITS>) {
        let Some(flight) = self.flights.find_mut(seq) else { return };
        if flight.request.patience == Patience::GiveUp {
            if let Some(flight) = self.remove(seq) {
                self.lost.push_back(Lost::GivenUp(flight.request.payload));
            }
            return;
        }
        flight.state = State::Parked;
        flight.repeated = true;
        self.parked += 1;
        if flight.is_held() {
            self.held.insert((flight.request.rank, flight.order), seq);
            self.held_bytes += flight.request.size;
        }
    }

    fn resume(&mut self, seq: Seq<BITS>) {
        self.unpark(seq);
        let Some(flight) = self.flights.find_mut(seq) else { return };
        let tries = if flight.lingers() { 1 } else { self.timing.tries };
        flight.attempt = self.timing.tries.saturating_sub(tries);
        flight.state = State::Ready;
        self.ready.push_back(seq);
    }

    /// Takes the request out of the counts of those that wait for a sign of life, if it was one.
    fn unpark(&mut self, seq: Seq<BITS>) {
        let Some(flight) = self.flights.find(seq).filter(|flight| flight.state == State::Parked) else {
            return;
        };
        self.parked -= 1;
        if flight.is_held() {
            self.held.remove(&(flight.request.rank, flight.order));
            self.held_bytes -= flight.request.size;
        }
    }

    fn enforce_quota(&mut self) {
        loop {
            let (items, bytes) = self.lanes.load();
            if items + self.held.len() <= self.quota.items && bytes + self.held_bytes <= self.quota.bytes {
                return;
            }
            let waiting = self.lanes.first_to_go();
            let held = self.held.first_key_value().map(|(age, seq)| (*age, *seq));
            let dropped = match (waiting, held) {
                (Some((age, lane)), held) if held.is_none_or(|(oldest, _)| age < oldest) => {
                    self.lanes.take(lane, age).map(|request| request.payload)
                }
                (_, Some((_, seq))) => self.remove(seq).map(|flight| flight.request.payload),
                _ => None,
            };
            let Some(payload) = dropped else { return };
            self.lost.push_back(Lost::Overflow(payload));
        }
    }
}
