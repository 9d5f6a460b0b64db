//! A network that loses, repeats, delays and damages datagrams, always in the same way for the same seed.
//!
//! In: datagrams, with the time each is sent; the conditions of each way; cuts. Out: deliveries in order of time. Must
//! not know what is in a datagram, nor read a clock: tests run it on virtual time, a tool on the real one.

mod line;

use core::net::SocketAddr;
use std::collections::{BTreeMap, BTreeSet};

pub use line::{Line, Rate};

use crate::time::{Duration, Instant};

/// How one way, from one address to another, treats what is sent over it. The default is a perfect way: nothing is
/// lost and nothing takes any time.
///
/// Probabilities are 0 to 1; less counts as 0, more as 1, what is no number as 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Conditions {
    /// How likely a datagram is lost.
    pub loss: f64,
    /// Times when it is lost more often than that.
    pub burst: Option<Burst>,
    /// How likely a datagram that is not lost arrives twice.
    pub duplicate: f64,
    /// How likely a copy is held up by `reorder_delay`, so that later ones overtake it.
    pub reorder: f64,
    /// How long such a copy is held up.
    pub reorder_delay: Duration,
    /// How long every copy takes.
    pub delay: Duration,
    /// How much longer a copy takes at most; each draws its own share of it, so this too lets one overtake another.
    pub jitter: Duration,
    /// How likely a copy arrives with one bit flipped.
    pub corrupt: f64,
    /// How fast datagrams leave, one after the other; `None`: all at once. What is lost by chance has left before, and
    /// what arrives twice was doubled afterwards. What finds the queue full draws no chance.
    pub rate: Option<Rate>,
}

/// A way that is good or bad for a while, in turns (the model of Gilbert and Elliott): it may change before each
/// datagram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Burst {
    /// How likely a good way turns bad.
    pub begin: f64,
    /// How likely a bad way turns good.
    pub end: f64,
    /// How likely a datagram is lost while the way is bad; while it is good, [`Conditions::loss`] holds.
    pub loss: f64,
}

/// A datagram that has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// When it arrived.
    pub at: Instant,
    /// Who sent it.
    pub from: SocketAddr,
    /// Who gets it.
    pub to: SocketAddr,
    /// What arrived; one bit of it may be wrong.
    pub bytes: Vec<u8>,
}

/// What has happened so far. Always `sent + duplicated == lost + overflowed + delivered +` [`Network::in_flight`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Datagrams given to [`Network::send`].
    pub sent: u64,
    /// Copies that will never arrive, by chance or because the way was cut.
    pub lost: u64,
    /// Datagrams for which there was no room: in front of a line that has a [`Rate`], or under way ([`Network::limit`]).
    pub overflowed: u64,
    /// Copies added.
    pub duplicated: u64,
    /// Copies held up by [`Conditions::reorder_delay`].
    pub reordered: u64,
    /// Copies with a bit flipped.
    pub corrupted: u64,
    /// Copies handed out.
    pub delivered: u64,
}

#[derive(Debug, Default)]
struct Way {
    conditions: Option<Conditions>,
    is_bad: bool,
    line: Line,
}

type Ways = BTreeMap<(SocketAddr, SocketAddr), Way>;

/// The network between any number of addresses.
///
/// # Contract
/// - `now` never goes back from call to call.
/// - After [`Self::poll`] has returned `None`, [`Self::poll_timeout`] is `None` or later than its `now`.
/// - The same seed and the same calls give the same deliveries.
///
/// ```
/// use palabre::netsim::{Conditions, Network};
/// use palabre::time::{Duration, Instant};
/// let (a, b) = ("192.0.2.1:1".parse()?, "192.0.2.2:2".parse()?);
/// let mut net = Network::new(7);
/// net.set_default(Conditions { delay: Duration::from_millis(20), ..Conditions::default() });
/// net.send(Instant::ZERO, a, b, b"hello");
/// assert_eq!(net.poll_timeout(), Some(Instant::from_millis(20)));
/// assert_eq!(net.poll(Instant::from_millis(20)).map(|arrived| arrived.bytes), Some(b"hello".to_vec()));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Debug)]
pub struct Network {
    chance: fastrand::Rng,
    default: Conditions,
    ways: Ways,
    cuts: BTreeSet<(SocketAddr, SocketAddr)>,
    isolated: BTreeSet<SocketAddr>,
    /// Copies under way by arrival and, among those that arrive together, by order of sending.
    under_way: BTreeMap<(Instant, u64), Delivery>,
    copies: u64,
    /// How many bytes are under way.
    bytes: usize,
    /// How many copies and how many bytes may be under way.
    most: (usize, usize),
    /// The one way that stands for all others.
    shared: Option<Way>,
    counters: Counters,
}

impl Network {
    /// A network in which every way is perfect until told otherwise.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            chance: fastrand::Rng::with_seed(seed),
            default: Conditions::default(),
            ways: BTreeMap::new(),
            cuts: BTreeSet::new(),
            isolated: BTreeSet::new(),
            under_way: BTreeMap::new(),
            copies: 0,
            bytes: 0,
            most: (usize::MAX, usize::MAX),
            shared: None,
            counters: Counters::default(),
        }
    }

    /// Sets the conditions of all ways that have none of their own.
    pub fn set_default(&mut self, conditions: Conditions) {
        self.default = conditions;
    }

    /// From now on all ways are one, as where all hear the same radio: they have the conditions of
    /// [`Self::set_default`], one line, and bad times together. What [`Self::set`] said is not heeded.
    pub fn share(&mut self) {
        self.shared.get_or_insert_default();
    }

    /// Bounds what is under way. A datagram that finds so many copies, or so many bytes with its own, has overflowed; a
    /// second copy of one that found room is not refused.
    pub const fn limit(&mut self, copies: usize, bytes: usize) {
        self.most = (copies, bytes);
    }

    /// Gives the way from one address to another its own conditions. What is under way already is not touched.
    pub fn set(&mut self, from: SocketAddr, to: SocketAddr, conditions: Conditions) {
        self.ways.entry((from, to)).or_default().conditions = Some(conditions);
    }

    /// As [`Self::set`], there and back.
    pub fn set_both(&mut self, a: SocketAddr, b: SocketAddr, conditions: Conditions) {
        self.set(a, b, conditions);
        self.set(b, a, conditions);
    }

    /// Cuts both ways between two addresses. A cut is felt when a datagram is sent and when it would arrive.
    pub fn cut(&mut self, a: SocketAddr, b: SocketAddr) {
        self.cuts.insert((a.min(b), a.max(b)));
    }

    /// Mends what [`Self::cut`] has cut.
    pub fn heal(&mut self, a: SocketAddr, b: SocketAddr) {
        self.cuts.remove(&(a.min(b), a.max(b)));
    }

    /// Cuts an address off from all others.
    pub fn isolate(&mut self, node: SocketAddr) {
        self.isolated.insert(node);
    }

    /// Ends what [`Self::isolate`] began. Cuts made one by one stay.
    pub fn rejoin(&mut self, node: SocketAddr) {
        self.isolated.remove(&node);
    }

    /// Sends a datagram. What becomes of it is decided now, except for a cut that is made later.
    pub fn send(&mut self, now: Instant, from: SocketAddr, to: SocketAddr, bytes: &[u8]) {
        count(&mut self.counters.sent);
        if !self.has_room(bytes.len()) {
            count(&mut self.counters.overflowed);
            return;
        }
        let (conditions, loss) = self.weather(from, to);
        if self.is_cut(from, to) {
            count(&mut self.counters.lost);
            return;
        }
        let Some(left) = self.leave(now, from, to, bytes.len(), conditions.rate) else {
            count(&mut self.counters.overflowed);
            return;
        };
        if self.happens(loss) {
            count(&mut self.counters.lost);
            return;
        }
        self.dispatch(left, from, to, bytes, &conditions);
        if self.happens(conditions.duplicate) {
            count(&mut self.counters.duplicated);
            self.dispatch(left, from, to, bytes, &conditions);
        }
    }

    /// When [`Self::poll`] has something to look at next. It may turn out to be lost by a cut.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.under_way.first_key_value().map(|(&(at, _), _)| at)
    }

    /// The next datagram that has arrived by `now`; in order of arrival, and of sending where two arrive together.
    pub fn poll(&mut self, now: Instant) -> Option<Delivery> {
        loop {
            let next = self.under_way.first_entry().filter(|next| next.key().0 <= now)?;
            let delivery = next.remove();
            self.bytes = self.bytes.saturating_sub(delivery.bytes.len());
            if !self.is_cut(delivery.from, delivery.to) {
                count(&mut self.counters.delivered);
                return Some(delivery);
            }
            count(&mut self.counters.lost);
        }
    }

    /// What has happened so far.
    #[must_use]
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// How many copies are under way.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.under_way.len()
    }

    /// How many bytes are under way.
    #[must_use]
    pub const fn bytes_in_flight(&self) -> usize {
        self.bytes
    }

    fn has_room(&self, length: usize) -> bool {
        let (copies, bytes) = self.most;
        self.under_way.len() < copies && self.bytes.saturating_add(length) <= bytes
    }

    /// When a datagram has left; `None` when the queue in front of the way is full.
    fn leave(
        &mut self,
        now: Instant,
        from: SocketAddr,
        to: SocketAddr,
        length: usize,
        rate: Option<Rate>,
    ) -> Option<Instant> {
        let Some(rate) = rate else { return Some(now) };
        way(&mut self.shared, &mut self.ways, from, to).line.leave(now, length, rate)
    }

    /// The conditions of a way, and how likely the next datagram is lost on it.
    fn weather(&mut self, from: SocketAddr, to: SocketAddr) -> (Conditions, f64) {
        let way = way(&mut self.shared, &mut self.ways, from, to);
        let conditions = way.conditions.unwrap_or(self.default);
        let Some(burst) = conditions.burst else { return (conditions, conditions.loss) };
        let turn = if way.is_bad { burst.end } else { burst.begin };
        way.is_bad ^= self.chance.f64() < turn;
        (conditions, if way.is_bad { burst.loss } else { conditions.loss })
    }

    /// Sends one copy on its way.
    fn dispatch(
        &mut self,
        left: Instant,
        from: SocketAddr,
        to: SocketAddr,
        bytes: &[u8],
        conditions: &Conditions,
    ) {
        let mut at = left + conditions.delay + self.share_of(conditions.jitter);
        if self.happens(conditions.reorder) {
            count(&mut self.counters.reordered);
            at = at + conditions.reorder_delay;
        }
        let mut bytes = bytes.to_vec();
        if self.happens(conditions.corrupt) {
            self.flip_a_bit(&mut bytes);
        }
        self.bytes = self.bytes.saturating_add(bytes.len());
        self.under_way.insert((at, self.copies), Delivery { at, from, to, bytes });
        count(&mut self.copies);
    }

    /// An empty datagram has no bit to flip.
    fn flip_a_bit(&mut self, bytes: &mut [u8]) {
        if bytes.is_empty() {
            return;
        }
        let (index, bit) = (self.chance.usize(..bytes.len()), self.chance.u8(..8));
        if let Some(byte) = bytes.get_mut(index) {
            *byte ^= 1 << bit;
            count(&mut self.counters.corrupted);
        }
    }

    fn share_of(&mut self, jitter: Duration) -> Duration {
        let most = u64::try_from(jitter.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.chance.u64(..=most))
    }

    fn happens(&mut self, probability: f64) -> bool {
        self.chance.f64() < probability
    }

    fn is_cut(&self, a: SocketAddr, b: SocketAddr) -> bool {
        let apart = a != b && (self.isolated.contains(&a) || self.isolated.contains(&b));
        apart || self.cuts.contains(&(a.min(b), a.max(b)))
    }
}

/// The way from one address to another: the shared one, if there is one.
fn way<'a>(shared: &'a mut Option<Way>, ways: &'a mut Ways, from: SocketAddr, to: SocketAddr) -> &'a mut Way {
    shared.as_mut().unwrap_or_else(|| ways.entry((from, to)).or_default())
}

const fn count(counter: &mut u64) {
    *counter = counter.wrapping_add(1);
}
