//! The simulated network keeps its word: seeds reproduce, probabilities hold, order and cuts are what they seem.
//!
//! In: datagrams between made-up addresses. Out: what arrives. Must not know any protocol.

use std::net::{Ipv4Addr, SocketAddr};

use palabre::netsim::{Burst, Conditions, Counters, Delivery, Line, Network, Rate};
use palabre::time::{Duration, Instant};
use proptest::prelude::*;

const PERFECT: Conditions = Conditions {
    loss: 0.0,
    burst: None,
    duplicate: 0.0,
    reorder: 0.0,
    reorder_delay: Duration::ZERO,
    delay: Duration::ZERO,
    jitter: Duration::ZERO,
    corrupt: 0.0,
    rate: None,
};

fn node(last: u8) -> SocketAddr {
    (Ipv4Addr::new(192, 0, 2, last), 7401).into()
}

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Sends `count` numbered datagrams from node 1 to node 2, one each millisecond, and waits for all.
fn run(seed: u64, conditions: Conditions, count: u32) -> (Vec<Delivery>, Counters) {
    let mut net = Network::new(seed);
    net.set_default(conditions);
    for number in 0..count {
        net.send(at(number.into()), node(1), node(2), &number.to_be_bytes());
    }
    (drain(&mut net), net.counters())
}

/// Everything that is still to arrive, taken when it arrives.
fn drain(net: &mut Network) -> Vec<Delivery> {
    let mut arrived = Vec::new();
    while let Some(now) = net.poll_timeout() {
        arrived.extend(std::iter::from_fn(|| net.poll(now)));
        assert!(net.poll_timeout().is_none_or(|next| next > now));
    }
    arrived
}

fn numbers(arrived: &[Delivery]) -> Vec<u32> {
    arrived.iter().map(|delivery| u32::from_be_bytes(delivery.bytes[..].try_into().unwrap())).collect()
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    let rough = Conditions {
        loss: 0.1,
        burst: Some(Burst { begin: 0.05, end: 0.2, loss: 0.8 }),
        duplicate: 0.1,
        reorder: 0.1,
        reorder_delay: millis(30),
        delay: millis(10),
        jitter: millis(7),
        corrupt: 0.1,
        rate: Some(Rate { bits: 40_000, queue: 30 }),
    };
    assert_eq!(run(1, rough, 500), run(1, rough, 500));
    assert_ne!(run(1, rough, 500), run(2, rough, 500));
}

#[test]
fn by_default_the_network_is_perfect() {
    assert_eq!(Conditions::default(), PERFECT);
    let (arrived, counters) = run(3, PERFECT, 100);
    assert_eq!(numbers(&arrived), (0..100).collect::<Vec<_>>());
    assert!(arrived.iter().zip(0..).all(|(delivery, number)| delivery.at == at(number)));
    assert_eq!(counters, Counters { sent: 100, delivered: 100, ..Counters::default() });
}

#[test]
fn without_jitter_and_reordering_the_order_is_kept_also_among_those_that_arrive_together() {
    let mut net = Network::new(4);
    net.set_default(Conditions { delay: millis(50), ..PERFECT });
    for number in 0..100_u32 {
        net.send(at(u64::from(number) / 10), node(1), node(2), &number.to_be_bytes());
    }
    assert_eq!(net.poll(at(49)), None);
    assert_eq!(net.in_flight(), 100);
    assert_eq!(numbers(&drain(&mut net)), (0..100).collect::<Vec<_>>());
}

#[test]
fn chances_come_out_near_their_probability() {
    const SENT: u32 = 20_000;
    // Five standard deviations: a right network is outside once in two million seeds, a wrong one nearly always.
    let near = |count: u64, share: f64| {
        let (expected, variance) = (share * f64::from(SENT), share * (1.0 - share) * f64::from(SENT));
        assert!((count as f64 - expected).abs() < 5.0 * variance.sqrt(), "{count} for {expected}");
    };
    for share in [0.01, 0.1, 0.5] {
        let (arrived, counters) = run(5, Conditions { loss: share, ..PERFECT }, SENT);
        near(counters.lost, share);
        assert_eq!(arrived.len() as u64, u64::from(SENT) - counters.lost);

        let (arrived, counters) = run(6, Conditions { duplicate: share, ..PERFECT }, SENT);
        near(counters.duplicated, share);
        assert_eq!(arrived.len() as u64, u64::from(SENT) + counters.duplicated);

        near(run(7, Conditions { corrupt: share, ..PERFECT }, SENT).1.corrupted, share);
        near(run(8, Conditions { reorder: share, ..PERFECT }, SENT).1.reordered, share);
    }
}

#[test]
fn loss_of_one_loses_all_and_what_is_no_probability_is_taken_for_the_nearest() {
    for always in [1.0, 7.0, f64::INFINITY] {
        assert_eq!(run(9, Conditions { loss: always, ..PERFECT }, 100).1.lost, 100);
    }
    for never in [0.0, -1.0, f64::NAN] {
        assert_eq!(run(9, Conditions { loss: never, ..PERFECT }, 100).1.lost, 0);
    }
}

#[test]
fn a_burst_loses_neighbours_together() {
    let burst = Some(Burst { begin: 0.01, end: 0.1, loss: 1.0 });
    let (arrived, counters) = run(10, Conditions { burst, ..PERFECT }, 20_000);
    // The way is bad for 10 datagrams on average, one time in 11: about 1,818 lost, in about 182 gaps.
    assert!((1_300..2_400).contains(&counters.lost), "{} lost", counters.lost);
    let gaps = numbers(&arrived).windows(2).filter(|pair| pair[1] - pair[0] > 1).count();
    assert!((120..260).contains(&gaps), "{gaps} gaps");
}

#[test]
fn a_copy_that_is_held_up_is_overtaken() {
    let late = Conditions { reorder: 0.2, reorder_delay: millis(5), ..PERFECT };
    let (arrived, counters) = run(11, late, 200);
    let overtaken = numbers(&arrived).windows(2).filter(|pair| pair[0] > pair[1]).count();
    assert!(counters.reordered > 0 && overtaken > 0);
    let delays = arrived.iter().zip(numbers(&arrived)).map(|(delivery, sent)| delivery.at - at(sent.into()));
    assert!(delays.clone().all(|delay| delay == Duration::ZERO || delay == millis(5)));
    assert_eq!(delays.filter(|&delay| delay == millis(5)).count() as u64, counters.reordered);
}

#[test]
fn jitter_adds_between_nothing_and_all_of_itself() {
    let shaky = Conditions { delay: millis(10), jitter: millis(4), ..PERFECT };
    let (arrived, _) = run(12, shaky, 2_000);
    let delays: Vec<Duration> =
        arrived.iter().zip(numbers(&arrived)).map(|(delivery, sent)| delivery.at - at(sent.into())).collect();
    assert!(delays.iter().all(|&delay| (millis(10)..=millis(14)).contains(&delay)));
    assert!(delays.iter().any(|&delay| delay < millis(11)) && delays.iter().any(|&delay| delay > millis(13)));
}

#[test]
fn a_corrupt_copy_has_exactly_one_bit_flipped_and_an_empty_one_is_left_alone() {
    let mut net = Network::new(13);
    net.set_default(Conditions { corrupt: 1.0, duplicate: 1.0, ..PERFECT });
    for _ in 0..100 {
        net.send(at(0), node(1), node(2), &[0; 9]);
    }
    let ones = |delivery: &Delivery| delivery.bytes.iter().map(|byte| byte.count_ones()).sum::<u32>();
    assert!(drain(&mut net).iter().all(|delivery| ones(delivery) == 1));
    assert_eq!(net.counters().corrupted, 200);

    net.send(at(1), node(1), node(2), &[]);
    assert_eq!(drain(&mut net).len(), 2);
    assert_eq!(net.counters().corrupted, 200);
}

#[test]
fn each_way_has_its_own_conditions() {
    let mut net = Network::new(14);
    net.set_default(Conditions { delay: millis(5), ..PERFECT });
    net.set(node(1), node(2), Conditions { loss: 1.0, ..PERFECT });
    net.set_both(node(2), node(3), Conditions { delay: millis(1), ..PERFECT });
    for (from, to) in [(1, 2), (2, 1), (2, 3), (3, 2), (3, 1)] {
        net.send(at(0), node(from), node(to), &[from]);
    }
    let arrived: Vec<_> = drain(&mut net).into_iter().map(|it| (it.at, it.from, it.to)).collect();
    let expected = [(1, 2, 3), (1, 3, 2), (5, 2, 1), (5, 3, 1)];
    assert_eq!(arrived, expected.map(|(when, from, to)| (at(when), node(from), node(to))));
}

#[test]
fn a_cut_loses_all_both_ways_also_what_is_under_way_until_it_is_healed() {
    let mut net = Network::new(15);
    net.set_default(Conditions { delay: millis(10), ..PERFECT });
    net.send(at(0), node(1), node(2), b"under way");
    net.cut(node(2), node(1));
    net.send(at(1), node(1), node(2), b"there");
    net.send(at(1), node(2), node(1), b"back");
    net.send(at(1), node(1), node(3), b"elsewhere");
    let arrived = drain(&mut net);
    assert_eq!(arrived.iter().map(|it| &it.bytes[..]).collect::<Vec<_>>(), [b"elsewhere"]);
    assert_eq!(net.counters().lost, 3);

    net.heal(node(1), node(2));
    net.send(at(20), node(2), node(1), b"again");
    assert_eq!(drain(&mut net).len(), 1);
}

#[test]
fn an_isolated_node_reaches_nobody_and_rejoining_leaves_other_cuts_alone() {
    let mut net = Network::new(16);
    net.cut(node(1), node(3));
    net.isolate(node(1));
    for (from, to) in [(1, 2), (2, 1), (3, 1), (2, 3), (1, 1)] {
        net.send(at(0), node(from), node(to), &[from, to]);
    }
    let arrived: Vec<_> = drain(&mut net).into_iter().map(|it| it.bytes).collect();
    assert_eq!(arrived, [vec![2, 3], vec![1, 1]]);

    net.rejoin(node(1));
    net.send(at(1), node(1), node(2), b"hello");
    net.send(at(1), node(1), node(3), b"hello");
    assert_eq!(drain(&mut net).len(), 1);
}

/// One byte a millisecond.
const SLOW: u64 = 8_000;

#[test]
fn with_a_rate_datagrams_leave_one_after_the_other() {
    let mut net = Network::new(17);
    let rate = Some(Rate { bits: SLOW, queue: 1_000 });
    net.set_default(Conditions { rate, delay: millis(100), ..PERFECT });
    for (when, length) in [(0, 10), (0, 20), (5, 30), (500, 40)] {
        net.send(at(when), node(1), node(2), &vec![0; length]);
    }
    let arrived: Vec<_> = drain(&mut net).into_iter().map(|it| (it.at, it.bytes.len())).collect();
    assert_eq!(arrived, [(110, 10), (130, 20), (160, 30), (640, 40)].map(|(when, it)| (at(when), it)));
}

#[test]
fn what_finds_the_queue_full_is_lost_and_counted_apart_and_an_idle_line_takes_anything() {
    let mut net = Network::new(18);
    let rate = Some(Rate { bits: SLOW, queue: 30 });
    net.set_default(Conditions { rate, ..PERFECT });
    let sends = [(0, 100), (0, 1), (69, 1), (70, 1), (71, 30), (80, 9), (80, 2)];
    for (when, length) in sends {
        net.send(at(when), node(1), node(2), &vec![0; length]);
    }
    // At 70 ms, 30 bytes of the first are left and one more is too many; at 80 ms, 20.
    let arrived: Vec<_> = drain(&mut net).into_iter().map(|it| (it.at, it.bytes.len())).collect();
    assert_eq!(arrived, [(100, 100), (109, 9)].map(|(when, it)| (at(when), it)));
    assert_eq!(net.counters(), Counters { sent: 7, overflowed: 5, delivered: 2, ..Counters::default() });
}

#[test]
fn a_rate_draws_no_chance_and_what_is_lost_has_taken_its_time_on_the_line() {
    let fates = |rate| numbers(&run(19, Conditions { loss: 0.3, rate, ..PERFECT }, 300).0);
    let fast = Some(Rate { bits: u64::MAX, queue: 0 });
    assert_eq!(fates(None), fates(Some(Rate { bits: SLOW, queue: u64::MAX })));
    assert_eq!(fates(None), fates(fast));

    let mut net = Network::new(20);
    let rate = Some(Rate { bits: SLOW, queue: 1_000 });
    net.set_default(Conditions { loss: 1.0, rate, ..PERFECT });
    net.send(at(0), node(1), node(2), &[0; 50]);
    net.set_default(Conditions { rate, ..PERFECT });
    net.send(at(0), node(1), node(2), &[0; 50]);
    assert_eq!(net.poll_timeout(), Some(at(100)));
}

#[test]
fn each_way_has_its_own_line_and_a_shared_one_serves_all() {
    let rate = Some(Rate { bits: SLOW, queue: 1_000 });
    let arrivals = |is_shared| {
        let mut net = Network::new(21);
        if is_shared {
            net.share();
        }
        net.set_default(Conditions { rate, ..PERFECT });
        net.set(node(1), node(3), Conditions { loss: 1.0, ..PERFECT });
        for (from, to) in [(1, 2), (2, 1), (1, 3)] {
            net.send(at(0), node(from), node(to), &[0; 10]);
        }
        drain(&mut net).into_iter().map(|it| it.at).collect::<Vec<_>>()
    };
    assert_eq!(arrivals(false), [at(10), at(10)]);
    assert_eq!(arrivals(true), [at(10), at(20), at(30)]);
}

#[test]
fn what_is_under_way_is_bounded_by_copies_and_by_bytes() {
    for most in [(3, usize::MAX), (usize::MAX, 35)] {
        let mut net = Network::new(22);
        net.set_default(Conditions { delay: millis(1), duplicate: 1.0, ..PERFECT });
        net.limit(most.0, most.1);
        for _ in 0..9 {
            net.send(at(0), node(1), node(2), &[0; 10]);
        }
        // Two found room; their second copies are not refused.
        assert_eq!((net.in_flight(), net.bytes_in_flight(), net.counters().overflowed), (4, 40, 7));
        drain(&mut net);
        net.send(at(2), node(1), node(2), &[0; 10]);
        assert_eq!((net.in_flight(), net.counters().overflowed), (2, 7));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_line_is_never_faster_than_its_rate_and_never_holds_more_than_its_queue(
        bits in 1..10_000_000_u64,
        queue in 0..5_000_u64,
        sends in prop::collection::vec((0..20_000_u64, 0..2_000_usize), 1..40),
    ) {
        let rate = Rate { bits, queue };
        let (mut line, mut now, mut last, mut busy) = (Line::default(), at(0), at(0), at(0));
        for (gap, length) in sends {
            now = now + Duration::from_micros(gap);
            let waiting = line.waiting(now, rate);
            let Some(left) = line.leave(now, length, rate) else {
                prop_assert!(waiting > 0 && waiting + length as u64 > queue);
                prop_assert_eq!(line.waiting(now, rate), waiting);
                continue;
            };
            prop_assert!(waiting == 0 || waiting + length as u64 <= queue);
            // Each takes its own time behind those before it; a microsecond is the finest there is.
            let takes = Duration::from_nanos(length as u64 * 8_000_000_000 / bits);
            busy = busy.max(now) + takes;
            prop_assert!(left >= last && left >= busy, "{left} {last} {busy}");
            last = left;
        }
    }

    #[test]
    fn every_copy_is_counted_and_arrivals_are_in_order_of_time(
        seed: u64,
        chances in prop::array::uniform4(0.0..1.0_f64),
        delays in prop::array::uniform3(0..50_u64),
        half_way in 0..60_u64,
        rate in prop::option::of((0..20_000_u64, 0..10_u64)),
        most in 1..40_usize,
    ) {
        let [loss, duplicate, reorder, corrupt] = chances;
        let rate = rate.map(|(bits, queue)| Rate { bits, queue });
        let [delay, jitter, reorder_delay] = delays.map(millis);
        let mut net = Network::new(seed);
        net.set_default(Conditions {
            loss, burst: None, duplicate, reorder, reorder_delay, delay, jitter, corrupt, rate,
        });
        net.limit(most, usize::MAX);
        for number in 0..60_u8 {
            net.send(at(number.into()), node(1), node(2 + number % 3), &[number]);
        }
        let mut arrived: Vec<_> = std::iter::from_fn(|| net.poll(at(half_way))).collect();
        prop_assert!(net.poll_timeout().is_none_or(|next| next > at(half_way)));
        net.isolate(node(2));
        let sum = |net: &Network| {
            let Counters { lost, overflowed, delivered, .. } = net.counters();
            lost + overflowed + delivered + net.in_flight() as u64
        };
        prop_assert_eq!(sum(&net), 60 + net.counters().duplicated);
        arrived.extend(drain(&mut net));
        prop_assert_eq!(sum(&net), 60 + net.counters().duplicated);
        prop_assert_eq!(net.bytes_in_flight(), 0);
        prop_assert_eq!(arrived.len() as u64, net.counters().delivered);
        prop_assert!(arrived.is_sorted_by_key(|delivery| delivery.at));
    }
}
