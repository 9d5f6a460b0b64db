//! What the receiving half remembers: repetitions are answered again, not carried out again.
//!
//! In: numbers of requests as they come. Out: assertions on what is to be done with them. Must not know the link's insides.

use palabre::reliable::{Link, Receiver, Verdict};
use palabre::time::{Duration, Instant};

use crate::reliable_trace::{at, fixed, number};

/// The type of a text in MSP, and of a question for a person.
const TEXT: u32 = 15;
const OFFER: u32 = 13;

type Memory = Receiver<16, u32>;

fn memory() -> Memory {
    Receiver::new(Duration::from_secs(180))
}

/// A request that is new and is answered at once.
#[track_caller]
fn executed<const BITS: u32>(memory: &mut Receiver<BITS, u32>, now: Instant, seq: u16, answer: u32) {
    assert_eq!(memory.check(now, number(seq), TEXT), Verdict::New, "{seq}");
    memory.remember(now, number(seq), TEXT, Some(answer), 0);
}

#[test]
fn m13_a_repeated_request_gets_the_same_answer_and_is_not_carried_out_again() {
    let mut memory = memory();
    executed(&mut memory, at(0), 7, 70);
    executed(&mut memory, at(1), 8, 80);
    assert_eq!(memory.check(at(100), number(7), TEXT), Verdict::Again(&70));
    assert_eq!(memory.check(at(200), number(7), TEXT), Verdict::Again(&70));
    assert_eq!(memory.check(at(200), number(8), TEXT), Verdict::Again(&80));
}

/// M13: the type tells requests apart as well. S6: so do the bytes.
#[test]
fn m13_the_same_number_with_another_mark_is_another_request() {
    let mut memory = memory();
    executed(&mut memory, at(0), 7, 70);
    assert_eq!(memory.check(at(1), number(7), OFFER), Verdict::New);
}

#[test]
fn m22_a_question_is_pending_until_the_person_decides() {
    let mut memory = memory();
    memory.remember(at(0), number(7), OFFER, None, 0);
    assert_eq!(memory.check(at(100), number(7), OFFER), Verdict::Pending);
    memory.answer(number(7), TEXT, 1);
    memory.answer(number(8), OFFER, 1);
    memory.answer(number(7 + 1_024), OFFER, 1);
    assert_eq!(memory.check(at(100), number(7), OFFER), Verdict::Pending, "those were other questions");
    memory.answer(number(7), OFFER, 42);
    assert_eq!(memory.check(at(200), number(7), OFFER), Verdict::Again(&42));
}

#[test]
fn m32_an_answer_is_remembered_for_180_seconds() {
    let mut link: Link<16, (), u32> = Link::new(fixed(10), 0);
    link.remember(at(0), number(7), TEXT, Some(70), 0);
    assert_eq!(link.check(at(180_000), number(7), TEXT), Verdict::Again(&70));
    assert_eq!(link.check(at(180_001), number(7), TEXT), Verdict::New);
}

#[test]
fn m32_the_last_1024_numbers_are_remembered_and_older_ones_are_stale() {
    let mut memory = memory();
    for n in 0..1_025_u16 {
        executed(&mut memory, at(0), n.wrapping_sub(500), n.into());
    }
    let oldest = 0_u16.wrapping_sub(500);
    assert_eq!(memory.check(at(0), number(oldest), TEXT), Verdict::Stale);
    assert_eq!(memory.check(at(0), number(oldest.wrapping_add(1)), TEXT), Verdict::Again(&1));
    assert_eq!(memory.check(at(0), number(524), TEXT), Verdict::Again(&1_024));
}

#[test]
fn s6_of_numbers_of_10_bits_the_last_512_are_remembered_around_the_wrap() {
    let mut memory: Receiver<10, u32> = Receiver::new(Duration::from_secs(180));
    for n in 0..3_000_u16 {
        executed(&mut memory, at(0), n % 1_024, n.into());
    }
    for n in 3_000 - 512..3_000_u16 {
        assert_eq!(memory.check(at(1), number(n % 1_024), TEXT), Verdict::Again(&u32::from(n)));
    }
}

#[test]
fn a_request_that_overtook_others_does_not_make_them_stale() {
    let mut memory = memory();
    executed(&mut memory, at(0), 1_000, 0);
    executed(&mut memory, at(0), 60, 0);
    executed(&mut memory, at(0), 999, 0);
    executed(&mut memory, at(0), 65_000, 0);
    assert_eq!(memory.check(at(0), number(60), TEXT), Verdict::Again(&0));
}

/// A question that waits for a person keeps its number while thousands of others come and go: it is known all the time,
/// and afterwards the numbers it kept from being used are not taken for old ones.
#[test]
fn m22_a_number_that_lives_long_is_known_throughout_and_does_no_harm_afterwards() {
    let mut memory = memory();
    memory.remember(at(0), number(5), OFFER, None, 0);
    executed(&mut memory, at(0), 13, 13);
    // 40,000 numbers in a minute, none of them in the places of 5 and 13: the sender skips what shares a place with 5.
    for n in 14..40_000_u16 {
        if n % 8 != 5 {
            executed(&mut memory, at(60), n, 0);
        }
        if n % 1_000 == 0 {
            assert_eq!(memory.check(at(60), number(5), OFFER), Verdict::Pending, "after {n}");
        }
    }
    executed(&mut memory, at(60), 5 + 39 * 1_024 + 64, 1);
    executed(&mut memory, at(60), 13 + 39 * 1_024 + 64, 1);
    executed(&mut memory, at(61), 5 + 40 * 1_024, 1);
    executed(&mut memory, at(61), 13 + 40 * 1_024, 1);
}

#[test]
fn m13_the_same_number_a_whole_circle_later_is_a_new_request() {
    let mut memory: Receiver<10, u32> = Receiver::new(Duration::from_secs(180));
    // The number that shares a place with 5 was given up and never came.
    for n in 0..1_024_u16 {
        if n != 5 + 512 {
            executed(&mut memory, at(0), n, 0);
        }
    }
    for n in 0..1_024_u16 {
        executed(&mut memory, at(0), n, 1);
    }
    assert_eq!(memory.check(at(0), number(5 + 512), TEXT), Verdict::Again(&1));
}

#[test]
fn m4_a_peer_that_begins_to_count_from_somewhere_else_is_heard() {
    let mut memory = memory();
    for n in 0..2_000 {
        executed(&mut memory, at(0), n, 0);
    }
    for n in 60_000..65_000 {
        executed(&mut memory, at(1), n, 1);
    }
    assert_eq!(memory.check(at(1), number(64_999), TEXT), Verdict::Again(&1));
    assert_eq!(memory.check(at(1), number(63_000), TEXT), Verdict::Stale);
}

#[test]
fn m32_long_answers_take_64_kib_together_and_the_oldest_is_forgotten_first() {
    let mut memory = memory();
    memory.remember(at(0), number(1), TEXT, Some(1), 0);
    memory.remember(at(0), number(2), TEXT, Some(2), 30_000);
    memory.remember(at(0), number(3), TEXT, Some(3), 35_536);
    assert_eq!(memory.check(at(0), number(2), TEXT), Verdict::Again(&2), "65,536 bytes just fit");
    memory.remember(at(0), number(4), TEXT, Some(4), 1);
    assert_eq!(memory.check(at(0), number(2), TEXT), Verdict::New);
    assert_eq!(memory.check(at(0), number(3), TEXT), Verdict::Again(&3));
    assert_eq!(memory.check(at(0), number(1), TEXT), Verdict::Again(&1), "a short one is not touched");
    memory.remember(at(0), number(5), TEXT, Some(5), 100_000);
    assert_eq!(memory.check(at(0), number(5), TEXT), Verdict::New, "more than all there is room for");
    assert_eq!(memory.check(at(0), number(1), TEXT), Verdict::Again(&1));
}

/// Forgetting an old long answer must not take what has come into its place since.
#[test]
fn m32_a_newer_request_in_the_place_of_a_long_answer_stays_when_that_one_is_forgotten() {
    let mut memory: Receiver<10, u32> = Receiver::new(Duration::from_secs(180));
    memory.remember(at(0), number(1), TEXT, Some(1), 60_000);
    for n in 2..1_025_u16 {
        executed(&mut memory, at(0), n % 1_024, 0);
    }
    executed(&mut memory, at(0), 1, 2);
    memory.remember(at(0), number(2), TEXT, Some(3), 10_000);
    assert_eq!(memory.check(at(0), number(1), TEXT), Verdict::Again(&2));
}
