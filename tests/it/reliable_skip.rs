//! S5: a number that an open request of the peer bears is not given to a request of ours.
//!
//! In: traces of numbers that come and numbers that are given. Out: assertions on the latter. Must not know the link's
//! insides.

use std::collections::{BTreeMap, BTreeSet};

use palabre::reliable::{Link, Patience, Policy, Request, Timing};
use palabre::time::{Duration, Instant};
use proptest::prelude::*;

use crate::reliable_trace::{at, number};

type Shen = Link<10, usize, ()>;

/// T = 2 s, M = 5.
pub(crate) const SHEN: Timing = Timing { timer: Duration::from_secs(2), tries: 5, policy: Policy::Fixed };
const SPAN: u64 = 10_000;
const MARK: u32 = 22;

fn link(first: u16) -> Shen {
    Link::new(SHEN, first).skipping()
}

/// The number that the next request gets; it is answered at once.
#[track_caller]
fn gives(link: &mut Shen, now: Instant) -> u16 {
    link.send(Request::new(0));
    let seq = link.poll_transmit(now).expect("a number").seq;
    assert_eq!(link.answered(now, seq), Some(0));
    seq.value()
}

fn is_asked(link: &mut Shen, now: Instant, seq: u16) {
    link.heard(now);
    let _ = link.check(now, number(seq), MARK);
}

#[test]
fn s5_a_number_that_came_in_a_request_is_skipped_until_its_tries_are_over_and_then_given_again() {
    let mut link = link(7);
    is_asked(&mut link, at(0), 7);
    is_asked(&mut link, at(0), 9);
    assert_eq!(gives(&mut link, at(0)), 8);
    link.stop_asking(SHEN, 7);
    assert_eq!(gives(&mut link, at(SPAN)), 8, "who starts afresh has not forgotten what the peer asks");
    assert_eq!(gives(&mut link, at(SPAN)), 10);
    link.stop_asking(SHEN, 7);
    link.heard(at(SPAN + 1));
    assert_eq!(gives(&mut link, at(SPAN + 1)), 7);
}

#[test]
fn s5_a_request_that_is_repeated_is_open_for_longer() {
    let mut link = link(7);
    is_asked(&mut link, at(0), 7);
    is_asked(&mut link, at(8_000), 7);
    link.heard(at(SPAN + 8_000));
    assert_eq!(gives(&mut link, at(SPAN + 8_000)), 8);
    link.stop_asking(SHEN, 7);
    link.heard(at(SPAN + 8_001));
    assert_eq!(gives(&mut link, at(SPAN + 8_001)), 7);
}

#[test]
fn s5_a_question_that_is_not_decided_keeps_its_number_and_a_moment_longer() {
    let mut link = link(7);
    is_asked(&mut link, at(0), 7);
    link.remember(at(0), number(7), MARK, None, 0);
    link.heard(at(60_000));
    assert_eq!(gives(&mut link, at(60_000)), 8);
    link.answer(number(7), MARK, ());
    link.stop_asking(SHEN, 7);
    link.heard(at(60_000 + SPAN));
    assert_eq!(gives(&mut link, at(60_000 + SPAN)), 8, "the answer may be lost");
    link.stop_asking(SHEN, 7);
    link.heard(at(60_001 + SPAN));
    assert_eq!(gives(&mut link, at(60_001 + SPAN)), 7);
}

#[test]
fn s5_a_question_that_is_never_decided_keeps_its_number_no_longer_than_it_is_remembered() {
    let mut link = link(7);
    link.remember(at(0), number(7), MARK, None, 0);
    link.heard(at(180_001));
    assert_eq!(gives(&mut link, at(180_001)), 7);
}

#[test]
fn s5_of_more_than_256_numbers_the_latest_are_skipped() {
    let mut link = link(0);
    for seq in 0..257 {
        is_asked(&mut link, at(seq), u16::try_from(seq).expect("a small number"));
    }
    assert_eq!(gives(&mut link, at(300)), 0);
    assert_eq!(gives(&mut link, at(300)), 257);
}

#[test]
fn s5_a_request_that_has_not_been_sent_yet_gets_another_number_when_the_peer_uses_its_own() {
    let mut link = link(7);
    link.send(Request::new(70));
    link.send(Request::new(80));
    is_asked(&mut link, at(0), 7);
    let sent = |link: &mut Shen| link.poll_transmit(at(0)).map(|sent| (sent.seq.value(), *sent.payload));
    assert_eq!([sent(&mut link), sent(&mut link), sent(&mut link)], [Some((9, 70)), Some((8, 80)), None]);
    is_asked(&mut link, at(0), 9);
    link.handle_timeout(at(2_000));
    let again = link.poll_transmit(at(2_000)).map(|sent| sent.seq.value());
    assert_eq!(again, Some(8));
    let again = link.poll_transmit(at(2_000)).map(|sent| sent.seq.value());
    assert_eq!(again, Some(9), "the peer may have carried it out under this number");
}

/// Both at their most: 127 requests that stay, and 256 numbers of the peer in the worst places.
#[test]
fn s5_there_is_a_number_however_many_are_skipped_and_in_flight() {
    let mut link = link(0);
    for id in 0..127 {
        link.send(Request::new(id).with_patience(Patience::Linger));
    }
    while link.poll_transmit(at(0)).is_some() {}
    // The places that are left are 127..=255, twice within half a circle. Of the last one only the first is free.
    for seq in (127..255).chain(383..511) {
        is_asked(&mut link, at(1), seq);
    }
    assert_eq!(gives(&mut link, at(1)), 255);
    is_asked(&mut link, at(2), 255);
    assert_eq!(gives(&mut link, at(2)), 511, "256..=382 are taken, 383..=510 are skipped");
}

#[test]
fn m13_a_link_that_does_not_skip_gives_numbers_whatever_the_peer_asks() {
    let mut link: Link<16, usize, ()> = Link::new(Timing::default(), 7);
    let _ = link.check(at(0), number(7), MARK);
    link.remember(at(0), number(7), MARK, None, 0);
    link.send(Request::new(0));
    assert_eq!(link.poll_transmit(at(0)).map(|sent| sent.seq.value()), Some(7));
}

/// What the numbers of a skipping link must be, in the simplest words.
#[derive(Default)]
struct Model {
    next: u16,
    alive: BTreeSet<u16>,
    /// When each number came last.
    came: BTreeMap<u16, u64>,
}

impl Model {
    fn is_asked(&mut self, now: u64, seq: u16) {
        self.came.insert(seq, now);
        self.came.retain(|_, came| *came + SPAN >= now);
    }

    fn is_given(&mut self, now: u64, seq: u16) -> Result<(), TestCaseError> {
        prop_assert!(seq.wrapping_sub(self.next) & 0x3ff < 511, "{} to {seq} is half around", self.next);
        prop_assert!(self.alive.insert(seq), "{seq} is alive already");
        self.came.retain(|_, came| *came + SPAN >= now);
        let later = self.came.get(&seq).map(|mine| self.came.values().filter(|other| *other >= mine).count());
        prop_assert!(later.is_none_or(|later| later > 256), "{seq} is open at {now}");
        self.next = (seq + 1) & 0x3ff;
        Ok(())
    }
}

proptest! {
    #[test]
    fn s5_whatever_comes_no_number_is_given_that_is_alive_or_open(
        first in 0_u16..1_024,
        steps in prop::collection::vec((0_u8..8, 0_u16..1_024, 0_u64..150), 1..1_500),
    ) {
        let mut link = link(first);
        let mut model = Model { next: first, ..Model::default() };
        let mut now = 0;
        for (what, seq, pause) in steps {
            now += pause;
            link.heard(at(now));
            match what {
                // Half of what the peer asks bears the numbers that we would give next.
                0..3 => {
                    let seq = if seq % 2 == 0 { seq } else { (model.next + seq % 8) & 0x3ff };
                    is_asked(&mut link, at(now), seq);
                    model.is_asked(now, seq);
                }
                3..6 => {
                    link.send(Request::new(0).with_patience(Patience::Linger));
                    let full = model.alive.len() == 128;
                    // As many as can be in flight already: the next one waits for nobody and is lost.
                    prop_assert_eq!(link.poll_lost().is_some(), full);
                }
                _ => {
                    let oldest = model.alive.range(seq..).next().or_else(|| model.alive.first()).copied();
                    if let Some(seq) = oldest {
                        prop_assert_eq!(link.answered(at(now), number(seq)), Some(0));
                        model.alive.remove(&seq);
                    }
                }
            }
            while let Some(sent) = link.poll_transmit(at(now)) {
                if sent.attempt == 1 {
                    model.is_given(now, sent.seq.value())?;
                }
            }
        }
    }
}
