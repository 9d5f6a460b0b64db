//! A link as a test sees it: what it sends at which time, written down like a trace.
//!
//! In: requests, answers, signs of life, times in milliseconds. Out: assertions. Must not know the link's insides.

use palabre::reliable::{Lane, Link, Lost, Patience, Policy, Quota, Rank, Request, Seq, Timing};
use palabre::time::{Duration, Instant};

/// One try on the wire: its number, which try it is, what it says.
pub(crate) type Try = (u16, u32, &'static str);

pub(crate) const fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

/// T = 100 ms, never anything else.
pub(crate) const fn fixed(tries: u32) -> Timing {
    Timing { timer: Duration::from_millis(100), tries, policy: Policy::Fixed }
}

/// T = 100 ms until the round trip is known.
pub(crate) const fn adaptive(tries: u32) -> Timing {
    Timing { timer: Duration::from_millis(100), tries, policy: Policy::Adaptive }
}

pub(crate) struct Peer<const BITS: u32 = 16> {
    pub(crate) link: Link<BITS, &'static str, &'static str>,
    /// The last time it was looked at.
    pub(crate) last_seen: Instant,
}

/// A peer of whom nothing is known. What it is asked bears the numbers 1, 2 …
pub(crate) fn peer(timing: Timing) -> Peer {
    Peer { link: Link::new(timing, 1), last_seen: Instant::ZERO }
}

/// The same, for whom no more than this may wait.
pub(crate) fn peer_with_room_for(items: usize, bytes: usize) -> Peer {
    Peer { link: Link::with_quota(fixed(2), Quota { items, bytes }, 1), last_seen: Instant::ZERO }
}

impl<const BITS: u32> Peer<BITS> {
    /// A request in no lane, that is given up after M tries.
    pub(crate) fn is_asked(&mut self, what: &'static str) {
        self.link.send(Request::new(what));
    }

    /// A text of 10 bytes in an author's lane, that waits for a silent peer.
    pub(crate) fn is_told(&mut self, lane: u16, text: &'static str) {
        self.link.send(told(lane, text));
    }

    /// The same, but it is the first to go when too much waits.
    pub(crate) fn is_notified(&mut self, lane: u16, text: &'static str) {
        self.link.send(told(lane, text).with_rank(Rank::Notice));
    }

    /// A question for a person.
    pub(crate) fn is_invited(&mut self, what: &'static str) {
        self.link.send(Request::new(what).with_patience(Patience::Linger));
    }

    /// At this time exactly these are sent, in this order; and then nothing more is due.
    #[track_caller]
    pub(crate) fn gets(&mut self, now: Instant, expected: &[Try]) {
        assert_eq!(self.sent(now), expected, "at {now}");
    }

    /// At this time nothing is sent.
    #[track_caller]
    pub(crate) fn gets_nothing(&mut self, now: Instant) {
        self.gets(now, &[]);
    }

    /// All tries of one request that are made from now on until nothing is due any more, and when.
    #[track_caller]
    pub(crate) fn gets_in_time(&mut self) -> Vec<(Instant, Try)> {
        let mut all = Vec::new();
        while let Some(due) = self.link.poll_timeout() {
            all.extend(self.sent(due).into_iter().map(|sent| (due, sent)));
        }
        all
    }

    /// The answer to the request with this number comes; this is what was asked.
    #[track_caller]
    pub(crate) fn answers(&mut self, now: Instant, seq: u16, asked: &str) {
        assert_eq!(self.link.answered(now, number(seq)), Some(asked), "at {now}");
    }

    /// An answer to nothing that is asked.
    #[track_caller]
    pub(crate) fn answers_in_vain(&mut self, now: Instant, seq: u16) {
        assert_eq!(self.link.answered(now, number(seq)), None, "at {now}");
    }

    pub(crate) fn gives_a_sign_of_life(&mut self, now: Instant) {
        self.link.heard(now);
    }

    /// These were given up after M tries, since the last time anything was said to be lost.
    #[track_caller]
    pub(crate) fn never_answered(&mut self, expected: &[&'static str]) {
        let expected: Vec<_> = expected.iter().copied().map(Lost::GivenUp).collect();
        assert_eq!(self.lost(), expected);
    }

    /// These had to go because too much waited, since the last time anything was said to be lost.
    #[track_caller]
    pub(crate) fn had_no_room_for(&mut self, expected: &[&'static str]) {
        let expected: Vec<_> = expected.iter().copied().map(Lost::Overflow).collect();
        assert_eq!(self.lost(), expected);
    }

    /// Nothing is asked, and nothing was lost.
    #[track_caller]
    pub(crate) fn is_left_in_peace(&mut self) {
        assert_eq!((self.link.pending(), self.link.poll_timeout()), (0, None));
        assert_eq!(self.lost(), []);
    }

    fn lost(&mut self) -> Vec<Lost<&'static str>> {
        std::iter::from_fn(|| self.link.poll_lost()).collect()
    }

    /// What is sent at this time.
    #[track_caller]
    pub(crate) fn sent(&mut self, now: Instant) -> Vec<Try> {
        let mut sent = Vec::new();
        self.last_seen = now;
        self.link.handle_timeout(now);
        while let Some(one) = self.link.poll_transmit(now) {
            sent.push((one.seq.value(), one.attempt, *one.payload));
        }
        let next = self.link.poll_timeout();
        assert!(next.is_none_or(|next| next > now), "at {now} the next deadline is {next:?}");
        sent
    }
}

pub(crate) fn number<const BITS: u32>(value: u16) -> Seq<BITS> {
    Seq::new(value).expect("a number of this width")
}

fn told(lane: u16, text: &'static str) -> Request<&'static str> {
    Request::new(text).in_lane(Lane(lane), 10).with_patience(Patience::Park)
}
