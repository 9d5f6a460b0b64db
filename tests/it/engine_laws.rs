//! Laws of the server that no story may break, on stories nobody thought of.
//!
//! In: random bytes. Out: nothing, or the shortest story that breaks a law. Must not know what a story means: see
//! `bodies/engine_ops.rs`.

use proptest::prelude::*;

use crate::bodies::engine_ops::run;

#[test]
fn no_story_is_a_story_too() {
    run(&[]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_story_breaks_a_law(story in proptest::collection::vec(any::<u8>(), 0..3_000)) {
        run(&story);
    }
}

/// Proptest prefers variety; these are longer, so that mailboxes fill and ids come round.
#[test]
fn no_long_story_breaks_a_law() {
    for seed in 0..6 {
        let mut random = fastrand::Rng::with_seed(seed);
        let story: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(10_000).collect();
        run(&story);
    }
}
