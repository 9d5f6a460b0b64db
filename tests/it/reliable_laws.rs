//! What holds for any number and on any way, however bad.
//!
//! In: numbers made up by proptest; stories made up from seeds. Out: the number, or the seed, for which something fails.
//! `PALABRE_SEED=7` replays one story of each kind. Must not know the links' insides.

use palabre::reliable::{Patience, Policy, Quota, Seq, Timing};
use palabre::time::{Duration, Instant};
use proptest::prelude::*;

use crate::reliable_channel::{Channel, Conditions, Item, Story};
use crate::reliable_skip::SHEN;

proptest! {
    #[test]
    fn numbers_of_16_bits_count_as_integers_do_modulo_65536(a: u16, near in 0_u16..4, other: u16) {
        counts_as_integers_do::<16>(a, a.wrapping_add(near))?;
        counts_as_integers_do::<16>(a, a.wrapping_sub(near))?;
        counts_as_integers_do::<16>(a, a.wrapping_add(0x7ffe).wrapping_add(near))?;
        counts_as_integers_do::<16>(u16::MAX.wrapping_add(near), a)?;
        counts_as_integers_do::<16>(a, other)?;
    }

    #[test]
    fn numbers_of_10_bits_count_as_integers_do_modulo_1024(a: u16, near in 0_u16..4, other: u16) {
        counts_as_integers_do::<10>(a, a.wrapping_add(near))?;
        counts_as_integers_do::<10>(a, a.wrapping_sub(near))?;
        counts_as_integers_do::<10>(a, a.wrapping_add(0x1fe).wrapping_add(near))?;
        counts_as_integers_do::<10>(0x3ff_u16.wrapping_add(near), a)?;
        counts_as_integers_do::<10>(a, other)?;
    }
}

fn counts_as_integers_do<const BITS: u32>(a: u16, b: u16) -> Result<(), TestCaseError> {
    let circle = 1_i64 << BITS;
    let (seq_a, seq_b) = (Seq::<BITS>::wrapping(a), Seq::<BITS>::wrapping(b));
    let (a, b) = (i64::from(a) % circle, i64::from(b) % circle);
    let steps = (b - a).rem_euclid(circle);
    prop_assert_eq!(i64::from(seq_a.value()), a);
    prop_assert_eq!(i64::from(seq_a.next().value()), (a + 1) % circle);
    prop_assert_eq!(i64::from(seq_a.distance(seq_b)), steps);
    prop_assert_eq!(seq_a.is_before(seq_b), steps > 0 && steps < circle / 2);
    prop_assert!(!(seq_a.is_before(seq_b) && seq_b.is_before(seq_a)));
    prop_assert_eq!(Seq::<BITS>::new(seq_a.value()), Some(seq_a));
    Ok(())
}

/// M13, M14, M17, M22: few enough wait that none has to go.
#[test]
fn every_request_is_carried_out_once_in_the_order_of_its_lane_and_answered_or_reported_lost() {
    for seed in seeds(300) {
        let story = tell::<16>(seed, 150, Quota::default());
        assert!(story.had_no_room.is_empty(), "seed {seed}: {:?}", story.had_no_room);
    }
}

/// S6: each story goes around the circle of numbers four times.
#[test]
fn the_same_holds_while_numbers_of_10_bits_wrap_many_times() {
    for seed in seeds(30) {
        tell::<10>(seed, 4_000, Quota::default());
    }
}

/// S5, S6: the same with Shen's timer, numbers that the other side uses too, and as many requests.
#[test]
fn s6_the_same_holds_with_2_seconds_and_5_tries_while_numbers_wrap_and_those_of_the_peer_are_skipped() {
    for seed in seeds(30) {
        let mut chance = fastrand::Rng::with_seed(seed ^ 0x5eed);
        let conditions = conditions(&mut chance);
        let channel = Channel::<10>::new(seed, chance.u16(..), SHEN, Quota::default(), conditions).skips();
        let story = converse(seed, &mut chance, channel, 4_000, Duration::from_millis(200));
        assert!(story.had_no_room.is_empty(), "seed {seed}: {:?}", story.had_no_room);
    }
}

/// M31: what has to go is reported, and the rest keeps its order.
#[test]
fn the_same_holds_where_there_is_room_for_few() {
    let mut dropped = 0;
    for seed in seeds(100) {
        dropped += tell::<16>(seed, 150, Quota { items: 4, bytes: 1_000 }).had_no_room.len();
    }
    assert!(dropped > 100 || std::env::var_os("PALABRE_SEED").is_some(), "only {dropped} had no room");
}

#[test]
fn the_same_seed_tells_the_same_story() {
    for seed in 0..5 {
        assert_eq!(tell::<16>(seed, 100, Quota::default()), tell::<16>(seed, 100, Quota::default()));
    }
}

fn seeds(count: u64) -> Vec<u64> {
    match std::env::var("PALABRE_SEED") {
        Ok(seed) => vec![seed.parse().expect("PALABRE_SEED is a number")],
        Err(_) => (0..count).collect(),
    }
}

/// Asks so many requests over a way as bad as the seed wants it, and checks what became of each.
#[track_caller]
fn tell<const BITS: u32>(seed: u64, count: usize, quota: Quota) -> Story {
    let mut chance = fastrand::Rng::with_seed(seed ^ 0x5eed);
    let timing = Timing {
        timer: Duration::from_millis(100),
        tries: chance.u32(2..=10),
        policy: if chance.bool() { Policy::Adaptive } else { Policy::Fixed },
    };
    let conditions = conditions(&mut chance);
    let first = chance.u16(..).max(u16::MAX - 500);
    let channel = Channel::<BITS>::new(seed, first, timing, quota, conditions);
    converse(seed, &mut chance, channel, count, Duration::from_millis(40))
}

fn conditions(chance: &mut fastrand::Rng) -> Conditions {
    Conditions {
        loss: [0, 5, 20, 50][chance.usize(..4)],
        duplicate: [0, 10, 50][chance.usize(..3)],
        delay: Duration::from_millis(chance.u64(0..=150)),
        jitter: Duration::from_millis([0, 5, 200][chance.usize(..3)]),
        outage: Duration::from_secs(chance.u64(0..=5)),
    }
}

/// Asks all that, with pauses shorter than `pause`.
#[track_caller]
fn converse<const BITS: u32>(
    seed: u64,
    chance: &mut fastrand::Rng,
    mut channel: Channel<BITS>,
    count: usize,
    pause: Duration,
) -> Story {
    let mut now = Instant::ZERO;
    let mut items = Vec::new();
    for id in 0..count {
        let item = match chance.u32(..10) {
            0 => Item { id, lane: None, patience: Patience::Linger },
            1 => Item { id, lane: None, patience: Patience::GiveUp },
            2 => Item { id, lane: Some(0), patience: Patience::GiveUp },
            _ => Item { id, lane: Some(chance.u16(1..6)), patience: Patience::Park },
        };
        if channel.does_skip() && chance.bool() {
            channel.is_asked_by_the_other(chance.u16(..8));
        }
        items.push(item);
        channel.ask(item);
        now = now + Duration::from_micros(chance.u64(0..pause.as_micros() as u64));
        channel.run_until(now);
        if channel.pending() > 100 {
            channel.run_until_pending(20);
            now = now.max(channel.story.end);
        }
    }
    channel.run_until_pending(0);
    judge(seed, &items, &channel.story);
    channel.story
}

#[track_caller]
fn judge(seed: u64, items: &[Item], story: &Story) {
    let times = |list: &[usize]| {
        let mut times = vec![0_u32; items.len()];
        list.iter().for_each(|id| times[*id] += 1);
        times
    };
    let (executed, answered) = (times(&story.executed), times(&story.answered));
    let (given_up, had_no_room) = (times(&story.given_up), times(&story.had_no_room));
    for item in items {
        let id = item.id;
        let why = format!("seed {seed}: {item:?}");
        assert_eq!(answered[id] + given_up[id] + had_no_room[id], 1, "{why}: one end");
        assert!(executed[id] <= 1, "{why}: carried out {} times", executed[id]);
        assert!(executed[id] >= answered[id], "{why}: answered, but not carried out");
        assert!(given_up[id] == 0 || item.patience == Patience::GiveUp, "{why}: given up");
    }
    for lane in 0..6 {
        // A text that was given up, or had to go, may still be on its way when the next one leaves.
        let of_lane =
            story.executed.iter().filter(|id| items[**id].lane == Some(lane) && answered[**id] == 1);
        assert!(of_lane.is_sorted(), "seed {seed}: lane {lane} lost its order");
    }
}
