//! S6: a duplicate is a request whose number is among the last 512 received and whose bytes are the same.
//!
//! In: numbers and marks of requests as they come. Out: assertions on what is to be done with them. Must not know how they
//! are remembered.

use std::collections::BTreeMap;

use palabre::reliable::{Receiver, Verdict};
use palabre::time::Duration;
use proptest::prelude::*;

use crate::reliable_trace::{at, number};

type Memory = Receiver<10, usize>;

fn memory() -> Memory {
    Receiver::new(Duration::from_secs(180))
}

/// A request that is new and is answered at once.
#[track_caller]
fn executed(memory: &mut Memory, seq: u16, bytes: u32, answer: usize) {
    assert_eq!(memory.check(at(0), number(seq), bytes), Verdict::New, "{seq}, {bytes}");
    memory.remember(at(0), number(seq), bytes, Some(answer), 0);
}

#[test]
fn s6_a_repeated_request_is_answered_again_and_not_carried_out_again() {
    let mut memory = memory();
    executed(&mut memory, 7, 0xaa, 70);
    executed(&mut memory, 8, 0xbb, 80);
    assert_eq!(memory.check(at(2_000), number(7), 0xaa), Verdict::Again(&70));
    assert_eq!(memory.check(at(180_000), number(7), 0xaa), Verdict::Again(&70));
    assert_eq!(memory.check(at(180_001), number(7), 0xaa), Verdict::New);
}

#[test]
fn s6_other_bytes_under_the_same_number_are_another_request_and_late_copies_of_both_are_known() {
    let mut memory = memory();
    executed(&mut memory, 7, 0xaa, 1);
    executed(&mut memory, 7, 0xbb, 2);
    assert_eq!(memory.check(at(1), number(7), 0xaa), Verdict::Again(&1));
    assert_eq!(memory.check(at(1), number(7), 0xbb), Verdict::Again(&2));
}

#[test]
fn s6_the_last_512_received_are_remembered_and_those_before_are_new() {
    let mut memory = memory();
    executed(&mut memory, 1_000, 0xaa, 0);
    for n in 1..512 {
        executed(&mut memory, 0, n, 0);
    }
    assert_eq!(memory.check(at(0), number(1_000), 0xaa), Verdict::Again(&0));
    // It was asked again, and may be once more.
    for n in 512..768 {
        executed(&mut memory, 0, n, 0);
    }
    assert_eq!(memory.check(at(0), number(1_000), 0xaa), Verdict::New);
}

/// S6: an independent client counts as it likes.
#[test]
fn s6_a_peer_that_jumps_back_or_ahead_or_begins_again_at_0_is_heard() {
    for jump in [0_u16, 1, 88, 255, 256, 511, 512, 513, 600, 700, 1_023] {
        let mut memory = memory();
        for n in 0..=600 {
            executed(&mut memory, n, 0xaa, 0);
        }
        for n in 0..600 {
            executed(&mut memory, (jump + n) % 1_024, 0xbb, 1);
        }
    }
}

#[test]
fn s6_a_request_that_is_repeated_is_known_while_it_is_repeated() {
    let mut memory = memory();
    executed(&mut memory, 5, 24, 42);
    for n in 0..2_550 {
        if n >= 510 && n % 255 == 0 {
            assert_eq!(memory.check(at(0), number(5), 24), Verdict::Again(&42), "{n}");
        }
        executed(&mut memory, 6, n, 0);
    }
    executed(&mut memory, 6, 3_000, 0);
    assert_eq!(memory.check(at(0), number(5), 24), Verdict::New);
}

/// S5, S6: a person may think while hundreds of texts come, and a copy of the question must not become a second one.
#[test]
fn s6_a_question_is_pending_however_much_comes_until_it_is_decided() {
    let mut memory = memory();
    memory.remember(at(0), number(5), 24, None, 0);
    for n in 6..2_006_u16 {
        executed(&mut memory, n % 1_024, 0xaa + u32::from(n / 1_024), 0);
        assert_eq!(memory.check(at(0), number(5), 24), Verdict::Pending, "after {n}");
    }
    memory.answer(number(5), 23, 1);
    memory.answer(number(6), 24, 1);
    assert_eq!(memory.check(at(0), number(5), 24), Verdict::Pending, "those were other questions");
    memory.answer(number(5), 24, 42);
    assert_eq!(memory.check(at(0), number(5), 24), Verdict::Again(&42));
}

#[test]
fn s6_a_decided_question_is_known_for_512_requests_in_all_and_for_256_after_the_decision() {
    for (before, after, known) in [(0, 511, true), (0, 512, false), (500, 255, true), (500, 256, false)] {
        let mut memory = memory();
        memory.remember(at(0), number(5), 24, None, 0);
        (0..before).for_each(|n| executed(&mut memory, 6, n, 0));
        memory.answer(number(5), 24, 42);
        (0..after).for_each(|n| executed(&mut memory, 7, n, 0));
        let expected = if known { Verdict::Again(&42) } else { Verdict::New };
        assert_eq!(memory.check(at(0), number(5), 24), expected, "{before} before, {after} after");
    }
}

#[test]
fn s6_a_peer_that_asks_what_nobody_decides_does_not_fill_the_memory() {
    let mut memory = memory();
    for n in 0..513 {
        memory.remember(at(0), number(0), n, None, 0);
    }
    assert_eq!(memory.check(at(0), number(0), 0), Verdict::New, "512 are kept");
    assert_eq!(memory.check(at(0), number(0), 1), Verdict::Pending);
}

#[test]
fn m32_long_answers_take_64_kib_together_with_narrow_numbers_too() {
    let mut memory = memory();
    memory.remember(at(0), number(1), 29, Some(1), 40_000);
    memory.remember(at(0), number(2), 10, Some(2), 0);
    memory.remember(at(0), number(3), 29, Some(3), 25_536);
    assert_eq!(memory.check(at(0), number(1), 29), Verdict::Again(&1), "65,536 bytes just fit");
    memory.remember(at(0), number(4), 29, Some(4), 1);
    assert_eq!(memory.check(at(0), number(1), 29), Verdict::New);
    assert_eq!(memory.check(at(0), number(2), 10), Verdict::Again(&2), "a short one is not touched");
    assert_eq!(memory.check(at(0), number(3), 29), Verdict::Again(&3));
}

#[test]
fn s6_another_answer_takes_the_place_of_the_first_and_is_known_as_long() {
    let mut memory = memory();
    memory.remember(at(0), number(7), 1, Some(10), 0);
    memory.answer(number(7), 1, 20);
    assert_eq!(memory.check(at(0), number(7), 1), Verdict::Again(&20));
    (8..519).for_each(|seq| memory.remember(at(0), number(seq), 1, Some(0), 0));
    assert_eq!(memory.check(at(0), number(7), 1), Verdict::Again(&20));
    let mut later = memory;
    later.remember(at(0), number(600), 1, Some(0), 0);
    later.remember(at(0), number(601), 1, Some(0), 0);
    // The copy above has made it known for a while longer, the second answer has not.
    (602..900).for_each(|seq| later.remember(at(0), number(seq), 1, Some(0), 0));
    assert_eq!(later.check(at(0), number(7), 1), Verdict::New);
}

proptest! {
    /// Numbers and bytes from a few, so that all kinds of coincidence happen. The last 512 that were carried out are known, as
    /// the ruling has it, and for 256 more what came again.
    #[test]
    fn s6_what_is_a_duplicate_is_what_the_ruling_says(
        requests in prop::collection::vec((0_u16..40, 0_u32..40), 1..3_000),
    ) {
        let mut memory = memory();
        // How many requests will have been carried out when it is forgotten, and its answer.
        let mut received: BTreeMap<(u16, u32), (usize, usize)> = BTreeMap::new();
        let mut carried_out = 0;
        for (id, (seq, bytes)) in requests.into_iter().enumerate() {
            let known = received.get(&(seq, bytes)).filter(|(end, _)| carried_out < *end).copied();
            let answer = known.map(|(_, answer)| answer);
            let expected = answer.as_ref().map_or(Verdict::New, Verdict::Again);
            prop_assert_eq!(memory.check(at(0), number(seq), bytes), expected);
            let (end, answer) = match known {
                Some((end, answer)) => (end.max(carried_out + 256), answer),
                None => {
                    memory.remember(at(0), number(seq), bytes, Some(id), 0);
                    carried_out += 1;
                    (carried_out + 512, id)
                }
            };
            received.insert((seq, bytes), (end, answer));
        }
    }
}
