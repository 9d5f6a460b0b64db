//! S6: a duplicate is a request whose number is among the last 512 received and whose bytes are the same.
//!
//! In: numbers and marks of requests as they come. Out: assertions on what is to be done with them. Must not know how they
//! are remembered.

use std::collections::VecDeque;

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
    executed(&mut memory, 0, 512, 0);
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

/// S5, S6: a person may think while hundreds of texts come, and a copy of the question must not become a second one.
#[test]
fn s6_a_question_is_pending_however_much_comes_until_it_is_decided_and_then_counts_as_the_last() {
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
    for n in 0..511 {
        executed(&mut memory, 6, 1_000 + n, 0);
        assert_eq!(memory.check(at(0), number(5), 24), Verdict::Again(&42));
    }
    executed(&mut memory, 6, 2_000, 0);
    assert_eq!(memory.check(at(0), number(5), 24), Verdict::New);
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

proptest! {
    /// The ruling, word by word: numbers and bytes from a few, so that all kinds of coincidence happen.
    #[test]
    fn s6_what_is_a_duplicate_is_what_the_ruling_says(
        requests in prop::collection::vec((0_u16..40, 0_u32..40), 1..3_000),
    ) {
        let mut memory = memory();
        let mut received: VecDeque<(u16, u32, usize)> = VecDeque::new();
        for (id, (seq, bytes)) in requests.into_iter().enumerate() {
            let known = received.iter().find(|(s, b, _)| (*s, *b) == (seq, bytes)).map(|(_, _, id)| id);
            let expected = known.map_or(Verdict::New, Verdict::Again);
            prop_assert_eq!(memory.check(at(0), number(seq), bytes), expected);
            if known.is_none() {
                memory.remember(at(0), number(seq), bytes, Some(id), 0);
                received.push_back((seq, bytes, id));
                if received.len() > 512 {
                    received.pop_front();
                }
            }
        }
    }
}
