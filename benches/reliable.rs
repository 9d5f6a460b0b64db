//! The reliability layer by itself: requests sent and answered, requests remembered and answered again.
//!
//! In: nothing. Out: nanoseconds a request. The lossy rows lose every third datagram and so pay for timers and repetitions.
#![expect(clippy::expect_used, reason = "a bench that meets the unexpected must fail loudly")]

mod measure;

use measure::{Group, Measure};
use palabre::reliable::{Lane, Link, Patience, Request, Seq, Timing, Verdict};
use palabre::time::{Duration, Instant};

type TestLink = Link<16, u32, u32>;

/// A request goes out in a lane and is answered.
fn round_trip(link: &mut TestLink, now: &mut Instant, lane: u16) {
    *now = *now + Duration::from_micros(50);
    link.send(Request::new(7).in_lane(Lane(lane), 100).with_patience(Patience::Park));
    let seq = link.poll_transmit(*now).expect("a free lane").seq;
    link.answered(*now, seq).expect("it is in flight");
}

/// The same when `lost` tries get no answer.
fn lossy_trip(link: &mut TestLink, now: &mut Instant, lost: u32) {
    link.send(Request::new(7));
    for _ in 0..lost {
        link.poll_transmit(*now).expect("a try");
        *now = link.poll_timeout().expect("a deadline");
        link.handle_timeout(*now);
    }
    let seq = link.poll_transmit(*now).expect("a try").seq;
    link.answered(*now, seq).expect("it is in flight");
}

/// A request of the peer is new, is remembered, and comes again.
fn remembered(link: &mut TestLink, now: &mut Instant, seq: &mut u16) {
    *seq = seq.wrapping_add(1);
    *now = *now + Duration::from_micros(50);
    let number = Seq::wrapping(*seq);
    assert_eq!(link.check(*now, number, 15), Verdict::New);
    link.remember(*now, number, 15, Some(16), 0);
    assert_eq!(link.check(*now, number, 15), Verdict::Again(&16));
}

/// A link with 252 requests in flight, each in a lane of its own: a public room whose every member has just spoken.
fn crowded() -> TestLink {
    let mut link = TestLink::new(Timing::default(), 1);
    for lane in 1..=252 {
        link.send(Request::new(7).in_lane(Lane(lane), 100).with_patience(Patience::Park));
    }
    while link.poll_transmit(Instant::ZERO).is_some() {}
    link
}

fn main() {
    let measure = Measure::from_args();
    let (mut idle, mut busy) = (TestLink::new(Timing::default(), 1), crowded());
    let (mut now, mut later) = (Instant::ZERO, Instant::ZERO);
    measure.run(
        Group::new("a request sent and answered")
            .with("nothing else in flight", || round_trip(&mut idle, &mut now, 0))
            .with("252 others in flight", || round_trip(&mut busy, &mut later, 0)),
    );

    let (mut link, mut now) = (TestLink::new(Timing::default(), 1), Instant::ZERO);
    let (mut second, mut then) = (TestLink::new(Timing::default(), 1), Instant::ZERO);
    measure.run(
        Group::new("a request sent again until answered")
            .with("the first try is answered", || lossy_trip(&mut link, &mut now, 0))
            .with("the third try is answered", || lossy_trip(&mut second, &mut then, 2)),
    );

    let (mut link, mut now, mut seq) = (TestLink::new(Timing::default(), 1), Instant::ZERO, 0);
    measure.run(
        Group::new("a request of the peer")
            .with("new, remembered, and answered again", || remembered(&mut link, &mut now, &mut seq)),
    );
}
