//! Two links with a bad way between them, in virtual time: one asks, the other carries out and answers.
//!
//! In: a seed, how bad the way is, what is asked when. Out: what was sent, carried out, answered and lost. Must not know
//! the links' insides. What must hold at every step is asserted here; what must hold at the end, by the caller.

use std::collections::{BTreeMap, VecDeque};

use palabre::reliable::{Lane, Link, Lost, Patience, Quota, Request, Seq, Timing, Verdict};
use palabre::time::{Duration, Instant};

/// What one request says: which it is, and where its like are in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) id: usize,
    pub(crate) lane: Option<u16>,
    pub(crate) patience: Patience,
}

/// How a way treats what is sent over it, in both directions; chances in percent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conditions {
    pub(crate) loss: u32,
    pub(crate) duplicate: u32,
    pub(crate) delay: Duration,
    /// How much longer than `delay` it may take: later ones overtake earlier ones by it.
    pub(crate) jitter: Duration,
    /// Of each ten seconds, how long nothing gets through.
    pub(crate) outage: Duration,
}

#[derive(Clone, Copy, Debug)]
enum Packet<const BITS: u32> {
    Request(Seq<BITS>, Item),
    Answer(Seq<BITS>, usize),
    /// Anything else the answering side says.
    SignOfLife,
}

/// What has happened to the requests so far, each named by its id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Story {
    pub(crate) sends: u64,
    pub(crate) executed: Vec<usize>,
    pub(crate) answered: Vec<usize>,
    pub(crate) given_up: Vec<usize>,
    pub(crate) had_no_room: Vec<usize>,
    pub(crate) end: Instant,
}

pub(crate) struct Channel<const BITS: u32> {
    timing: Timing,
    skips: bool,
    asking: Link<BITS, Item, ()>,
    answering: Link<BITS, (), usize>,
    conditions: Conditions,
    chance: fastrand::Rng,
    now: Instant,
    under_way: BTreeMap<(Instant, u64), Packet<BITS>>,
    sent: u64,
    /// Questions that wait for a person, and when he decides.
    undecided: VecDeque<(Instant, Seq<BITS>, usize)>,
    sign_of_life: Instant,
    /// Which request bears each number that is alive.
    alive: BTreeMap<u16, usize>,
    /// The numbers that the answering side has asked something under, and when.
    foreign: BTreeMap<u16, Instant>,
    pub(crate) story: Story,
}

/// All requests look alike to the receiver, as texts do in MSP.
const MARK: u32 = 15;
const THINKING: Duration = Duration::from_secs(3);
const BETWEEN_SIGNS_OF_LIFE: Duration = Duration::from_millis(700);

impl<const BITS: u32> Channel<BITS> {
    pub(crate) fn new(seed: u64, first: u16, timing: Timing, quota: Quota, conditions: Conditions) -> Self {
        Self {
            timing,
            skips: false,
            asking: Link::with_quota(timing, quota, first),
            answering: Link::new(timing, 0),
            conditions,
            chance: fastrand::Rng::with_seed(seed),
            now: Instant::ZERO,
            under_way: BTreeMap::new(),
            sent: 0,
            undecided: VecDeque::new(),
            sign_of_life: Instant::ZERO,
            alive: BTreeMap::new(),
            foreign: BTreeMap::new(),
            story: Story::default(),
        }
    }

    /// Requests that are in flight, parked or waiting.
    pub(crate) fn pending(&self) -> usize {
        self.asking.pending()
    }

    /// Asks this now.
    pub(crate) fn ask(&mut self, item: Item) {
        let request = Request { lane: item.lane.map(Lane), size: 10, ..Request::new(item) };
        self.asking.send(request.with_patience(item.patience));
        self.drain();
    }

    /// From now on the asking side does not use the numbers that the other side asks under (S5).
    pub(crate) fn skips(mut self) -> Self {
        self.asking = self.asking.skipping();
        self.skips = true;
        self
    }

    pub(crate) const fn does_skip(&self) -> bool {
        self.skips
    }

    /// The answering side asks something too, under the number that is so far from the next one of the asking side.
    pub(crate) fn is_asked_by_the_other(&mut self, offset: u16) {
        let seq = Seq::<BITS>::wrapping(self.asking.next_number().wrapping_add(offset));
        self.asking.heard(self.now);
        let _ = self.asking.check(self.now, seq, MARK);
        self.foreign.insert(seq.value(), self.now);
        self.drain();
    }

    /// Lets time pass until then.
    pub(crate) fn run_until(&mut self, end: Instant) {
        while let Some(next) = self.next_event().filter(|next| *next <= end) {
            self.step(next);
        }
        self.now = end;
    }

    /// Lets time pass until at most so many requests are left.
    pub(crate) fn run_until_pending(&mut self, most: usize) {
        while self.pending() > most {
            let next = self.next_event().expect("while something is asked something will happen");
            self.step(next);
            assert!(self.now < Instant::from_secs(24 * 3_600), "{} are left after a day", self.pending());
        }
        self.story.end = self.now;
    }

    fn next_event(&self) -> Option<Instant> {
        let arrival = self.under_way.first_key_value().map(|((when, _), _)| *when);
        let decision = self.undecided.front().map(|(when, ..)| *when);
        let sign_of_life = (self.pending() > 0).then_some(self.sign_of_life);
        [arrival, decision, sign_of_life, self.asking.poll_timeout()].into_iter().flatten().min()
    }

    fn step(&mut self, now: Instant) {
        self.now = self.now.max(now);
        while let Some(entry) = self.under_way.first_entry().filter(|entry| entry.key().0 <= self.now) {
            let packet = entry.remove();
            self.arrives(packet);
        }
        while let Some((_, seq, id)) = self.undecided.front().copied().filter(|(when, ..)| *when <= self.now)
        {
            self.undecided.pop_front();
            self.answering.answer(seq, MARK, id);
            self.transmit(Packet::Answer(seq, id));
        }
        if self.sign_of_life <= self.now {
            self.sign_of_life = self.now + BETWEEN_SIGNS_OF_LIFE;
            self.transmit(Packet::SignOfLife);
        }
        self.asking.handle_timeout(self.now);
        self.drain();
        let next = self.asking.poll_timeout();
        assert!(next.is_none_or(|next| next > self.now), "at {} the next deadline is {next:?}", self.now);
    }

    fn arrives(&mut self, packet: Packet<BITS>) {
        match packet {
            Packet::Request(seq, item) => self.is_asked(seq, item),
            Packet::SignOfLife => self.asking.heard(self.now),
            Packet::Answer(seq, id) => {
                self.asking.heard(self.now);
                if let Some(asked) = self.asking.answered(self.now, seq) {
                    assert_eq!(asked.id, id, "number {}: the answer is that of another request", seq.value());
                    assert_eq!(self.alive.remove(&seq.value()), Some(id));
                    self.story.answered.push(id);
                }
            }
        }
        self.drain();
    }

    fn is_asked(&mut self, seq: Seq<BITS>, item: Item) {
        match self.answering.check(self.now, seq, MARK) {
            Verdict::Again(id) => {
                let id = *id;
                self.transmit(Packet::Answer(seq, id));
            }
            Verdict::Pending | Verdict::Stale => {}
            Verdict::New => {
                self.story.executed.push(item.id);
                if item.patience == Patience::Linger {
                    self.answering.remember(self.now, seq, MARK, None, 0);
                    self.undecided.push_back((self.now + THINKING, seq, item.id));
                } else {
                    self.answering.remember(self.now, seq, MARK, Some(item.id), 0);
                    self.transmit(Packet::Answer(seq, item.id));
                }
            }
        }
    }

    /// Puts on the wire what is ready, and notes what is lost.
    fn drain(&mut self) {
        while let Some(one) = self.asking.poll_transmit(self.now) {
            let (seq, item) = (one.seq, *one.payload);
            let is_first = !self.alive.contains_key(&seq.value());
            if let Some(came) = self.foreign.get(&seq.value()).filter(|_| is_first) {
                let open = self.now.since(*came) <= self.timing.span();
                assert!(!open, "number {} is that of an open request of the other side", seq.value());
            }
            let owner = *self.alive.entry(seq.value()).or_insert(item.id);
            assert_eq!(owner, item.id, "number {} is alive twice", seq.value());
            self.story.sends += 1;
            self.transmit(Packet::Request(seq, item));
        }
        while let Some(lost) = self.asking.poll_lost() {
            let (list, id) = match lost {
                Lost::GivenUp(item) => (&mut self.story.given_up, item.id),
                Lost::Overflow(item) => (&mut self.story.had_no_room, item.id),
            };
            list.push(id);
            self.alive.retain(|_, owner| *owner != id);
        }
    }

    fn transmit(&mut self, packet: Packet<BITS>) {
        let out = self.now.as_micros() % 10_000_000 < self.conditions.outage.as_micros() as u64;
        if out || self.happens(self.conditions.loss) {
            return;
        }
        let copies = if self.happens(self.conditions.duplicate) { 2 } else { 1 };
        for _ in 0..copies {
            let jitter = self.chance.u64(..=self.conditions.jitter.as_micros() as u64);
            self.sent += 1;
            let when = self.now + self.conditions.delay + Duration::from_micros(jitter);
            self.under_way.insert((when, self.sent), packet);
        }
    }

    fn happens(&mut self, percent: u32) -> bool {
        self.chance.u32(..100) < percent
    }
}
