//! The connections over TCP, as far as people notice what the network does to them.
//!
//! In: pieces to carry, the time. Out: the same pieces in order, and a report of each try. Must not know what is in a
//! piece.
//!
//! A segment that is lost comes again after [`RETRY`], as often as it takes; those behind it are there in time and wait.
//! Real TCP is as kind as this at best: it doubles that time with each try.

use std::collections::{BTreeMap, VecDeque};

use palabre::ids::ConnectionId;
use palabre::netsim::Conditions;
use palabre::time::{Duration, Instant};

/// How long it takes to notice that a segment is lost.
const RETRY: Duration = Duration::from_millis(200);

/// One way of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Way {
    pub(super) connection: ConnectionId,
    pub(super) to_server: bool,
}

/// What a segment carries.
#[derive(Debug)]
pub(super) enum Piece {
    /// The beginning of the connection.
    Open,
    Bytes(Vec<u8>),
    /// Its end.
    End,
}

/// What became of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Report {
    /// It was sent: attempt 1 is the first.
    Tried { attempt: u32, lost: bool },
    /// It is there, and waits for one before it.
    Waits,
}

/// What the network did to segments.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counters {
    /// Each time one was sent.
    pub(super) sent: u64,
    pub(super) lost: u64,
    /// Those that were there and could not be read yet.
    pub(super) waited: u64,
    /// The longest time one of them waited.
    pub(super) longest: Duration,
}

/// A segment on its way. `L` is what its sender knows it by.
#[derive(Debug)]
struct Segment<L> {
    way: Way,
    number: u64,
    piece: Piece,
    label: L,
}

/// What is to be done with one.
#[derive(Debug)]
enum Step {
    Try(u32),
    Arrive,
}

/// How far one way of a connection is.
#[derive(Debug, Default)]
struct Progress {
    sent: u64,
    taken: u64,
    /// The network keeps the order of what it does not lose.
    last: Instant,
    /// Those that are there before others, and since when.
    early: BTreeMap<u64, (Instant, Piece)>,
}

/// All connections.
#[derive(Debug)]
pub(super) struct Lines<L> {
    chance: fastrand::Rng,
    conditions: Conditions,
    ways: BTreeMap<Way, Progress>,
    due: BTreeMap<(Instant, u64), (Step, Segment<L>)>,
    steps: u64,
    ready: VecDeque<(Way, Piece)>,
    reports: VecDeque<(Way, L, Report)>,
    counters: Counters,
}

impl<L: Clone> Lines<L> {
    /// No connection yet; a network that treats everybody alike.
    pub(super) fn new(seed: u64, conditions: Conditions) -> Self {
        Self {
            chance: fastrand::Rng::with_seed(seed),
            conditions,
            ways: BTreeMap::new(),
            due: BTreeMap::new(),
            steps: 0,
            ready: VecDeque::new(),
            reports: VecDeque::new(),
            counters: Counters::default(),
        }
    }

    /// From now on there is such a connection.
    pub(super) fn open(&mut self, connection: ConnectionId) {
        for to_server in [true, false] {
            self.ways.insert(Way { connection, to_server }, Progress::default());
        }
    }

    /// Sends a segment. One that belongs to a broken connection is lost for ever.
    pub(super) fn send(&mut self, now: Instant, way: Way, piece: Piece, label: L) {
        let Some(progress) = self.ways.get_mut(&way) else {
            self.counters.sent += 1;
            self.counters.lost += 1;
            return self.reports.push_back((way, label, Report::Tried { attempt: 1, lost: true }));
        };
        let number = progress.sent;
        progress.sent += 1;
        self.attempt(now, Segment { way, number, piece, label }, 1);
    }

    /// A connection breaks off: nothing that is under way arrives, and neither end is told.
    pub(super) fn break_off(&mut self, connection: ConnectionId) {
        self.ways.retain(|way, _| way.connection != connection);
        self.ready.retain(|(way, _)| way.connection != connection);
        for (_, (step, segment)) in
            self.due.extract_if(.., |_, (_, segment)| segment.way.connection == connection)
        {
            // One that waits to be sent again has been reported as lost.
            if matches!(step, Step::Arrive) {
                self.counters.lost += 1;
                let lost = Report::Tried { attempt: 1, lost: true };
                self.reports.push_back((segment.way, segment.label, lost));
            }
        }
    }

    /// When [`Lines::poll`] has something to do next.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.due.first_key_value().map(|(&(at, _), _)| at)
    }

    /// The next piece that has arrived by `now`, each way in the order of sending.
    pub(super) fn poll(&mut self, now: Instant) -> Option<(Way, Piece)> {
        loop {
            if let Some(arrived) = self.ready.pop_front() {
                return Some(arrived);
            }
            let next = self.due.first_entry().filter(|next| next.key().0 <= now)?;
            match next.remove() {
                (Step::Try(attempt), segment) => self.attempt(now, segment, attempt),
                (Step::Arrive, segment) => self.arrive(now, segment),
            }
        }
    }

    /// What has become of segments, in order.
    pub(super) fn poll_report(&mut self) -> Option<(Way, L, Report)> {
        self.reports.pop_front()
    }

    /// What the network did.
    pub(super) const fn counters(&self) -> Counters {
        self.counters
    }

    fn attempt(&mut self, now: Instant, segment: Segment<L>, attempt: u32) {
        let Some(progress) = self.ways.get_mut(&segment.way) else { return };
        let lost = self.chance.f64() < self.conditions.loss;
        let most = u64::try_from(self.conditions.jitter.as_micros()).unwrap_or_default();
        let jitter = Duration::from_micros(self.chance.u64(..=most));
        self.counters.sent += 1;
        self.reports.push_back((segment.way, segment.label.clone(), Report::Tried { attempt, lost }));
        let (at, step) = if lost {
            self.counters.lost += 1;
            (now + RETRY, Step::Try(attempt.saturating_add(1)))
        } else {
            progress.last = progress.last.max(now + self.conditions.delay + jitter);
            (progress.last, Step::Arrive)
        };
        self.due.insert((at, self.steps), (step, segment));
        self.steps += 1;
    }

    fn arrive(&mut self, now: Instant, segment: Segment<L>) {
        let Segment { way, number, piece, label } = segment;
        let Some(progress) = self.ways.get_mut(&way) else { return };
        progress.early.insert(number, (now, piece));
        if number > progress.taken {
            self.counters.waited += 1;
            return self.reports.push_back((way, label, Report::Waits));
        }
        while let Some((since, piece)) = progress.early.remove(&progress.taken) {
            self.counters.longest = self.counters.longest.max(now.since(since));
            progress.taken += 1;
            self.ready.push_back((way, piece));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: ConnectionId = ConnectionId(0);
    const WAY: Way = Way { connection: LINE, to_server: true };

    fn lines(seed: u64, loss: f64) -> Lines<u8> {
        let (delay, jitter) = (Duration::from_millis(25), Duration::from_millis(20));
        let mut lines = Lines::new(seed, Conditions { loss, delay, jitter, ..Conditions::default() });
        lines.open(LINE);
        lines
    }

    fn send(lines: &mut Lines<u8>, label: u8) {
        lines.send(Instant::ZERO, WAY, Piece::Bytes(vec![label]), label);
    }

    /// What arrives, and when.
    fn arrivals(lines: &mut Lines<u8>) -> Vec<(Instant, u8)> {
        let mut arrived = Vec::new();
        while let Some(now) = lines.poll_timeout() {
            while let Some((_, piece)) = lines.poll(now) {
                let Piece::Bytes(bytes) = piece else { continue };
                arrived.extend(bytes.into_iter().map(|byte| (now, byte)));
            }
        }
        arrived
    }

    #[test]
    fn everything_arrives_once_and_in_order_whatever_is_lost() {
        for seed in 0..100 {
            let mut lines = lines(seed, 0.5);
            (0..50).for_each(|label| send(&mut lines, label));
            let bytes: Vec<u8> = arrivals(&mut lines).into_iter().map(|(_, byte)| byte).collect();
            assert_eq!(bytes, (0..50).collect::<Vec<u8>>(), "seed {seed}");
        }
    }

    #[test]
    fn a_lost_segment_comes_200_ms_later_and_those_behind_it_wait() {
        let mut lines = lines(1, 1.0);
        send(&mut lines, 1);
        lines.conditions.loss = 0.0;
        send(&mut lines, 2);
        let arrived = arrivals(&mut lines);
        let [(first, 1), (second, 2)] = arrived.as_slice() else { panic!("{arrived:?}") };
        assert!(*first >= Instant::from_millis(225) && *first <= Instant::from_millis(245), "{first}");
        assert_eq!(first, second);
        let reports: Vec<_> =
            std::iter::from_fn(|| lines.poll_report()).map(|(_, label, what)| (label, what)).collect();
        let tried = |attempt, lost| Report::Tried { attempt, lost };
        let expected = [(1, tried(1, true)), (2, tried(1, false)), (2, Report::Waits), (1, tried(2, false))];
        assert_eq!(reports, expected);
        assert_eq!(lines.counters().waited, 1);
    }

    #[test]
    fn nothing_arrives_on_a_line_that_has_broken() {
        let mut lines = lines(1, 0.0);
        send(&mut lines, 1);
        lines.break_off(LINE);
        send(&mut lines, 2);
        assert_eq!(arrivals(&mut lines), []);
        assert_eq!((lines.counters().sent, lines.counters().lost), (2, 2));
    }
}
