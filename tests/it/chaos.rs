//! Hundreds of made-up evenings in a bad network, each judged as a whole.
//!
//! In: seeds. Out: nothing, or the seed of the run in which something went wrong, with the line that replays it. Must not
//! know a socket or wait for anything.
//!
//! `PALABRE_SEED=0x2a cargo test chaos -- --nocapture` replays one run with all that happens in it;
//! `PALABRE_SEEDS=10000` makes more of them.
//!
//! Covered: M4, M5, M7 to M14, M16, M17, M21, M22, M27, M28, M31, all at once.

use std::panic::{AssertUnwindSafe, catch_unwind};

use palabre::time::Duration;

use crate::sim::scenario;
use crate::sim::verdict::Figures;

const SEEDS: u64 = 1_000;

/// What a run came to, and how much virtual time it took; or what went wrong.
type Outcome = Result<(Figures, Duration), String>;

#[test]
fn m13_m14_m17_m21_m28_whatever_happens_each_accepted_text_is_heard_once_by_the_right_people_or_reported() {
    if let Some(seed) = number("PALABRE_SEED") {
        let outcome = run(seed, true);
        println!("seed {seed:#x}: {outcome:?}");
        assert!(outcome.is_ok());
        return;
    }
    let seeds = number("PALABRE_SEEDS").unwrap_or(SEEDS);
    let began = wall_clock();
    let halves = [0, 1].map(|first| {
        std::thread::spawn(move || (first..seeds).step_by(2).map(|seed| run(seed, false)).collect::<Vec<_>>())
    });
    let outcomes: Vec<Outcome> = halves.into_iter().flat_map(|half| half.join().unwrap()).collect();
    let wrong: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    for one in wrong.iter().take(40) {
        println!("{one}");
    }
    let runs: Vec<_> = outcomes.iter().flatten().collect();
    let length: Duration = runs.iter().map(|(_, length)| *length).sum();
    println!("{} runs, {}", runs.len(), summary(&runs));
    println!("{:.0} virtual seconds a second", length.as_secs_f64() / began.elapsed().as_secs_f64());
    assert!(wrong.is_empty(), "{} of {seeds} seeds, the first: {}", wrong.len(), wrong[0]);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 1_000..1_010 {
        assert_eq!(run(seed, false), run(seed, false), "seed {seed}");
    }
}

/// Lives through one seed; when something is wrong, says how to see it again.
fn run(seed: u64, trace: bool) -> Outcome {
    let outcome = catch_unwind(AssertUnwindSafe(|| scenario::run(seed, trace)));
    let outcome = outcome.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        Err(words.or(panic.downcast_ref::<&str>().copied()).unwrap_or("panicked").to_string())
    });
    outcome.map_err(|wrong| {
        format!(
            "seed {seed:#x}: {wrong}\n    PALABRE_SEED={seed:#x} cargo test --no-default-features --test it \
             chaos::m13 -- --nocapture"
        )
    })
}

fn summary(runs: &[&(Figures, Duration)]) -> String {
    let sum = |figure: fn(&Figures) -> usize| runs.iter().map(|(figures, _)| figure(figures)).sum::<usize>();
    format!(
        "{} texts, {} delivered, {} heard ({} twice), {} relayed, {} dropped, {} registrations, {} ended by silence",
        sum(|f| f.texts),
        sum(|f| f.delivered),
        sum(|f| f.hearings),
        sum(|f| f.heard_twice),
        sum(|f| f.relayed),
        sum(|f| f.dropped),
        sum(|f| f.sessions),
        sum(|f| f.silent_departures),
    )
}

#[expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "only to print how fast it went")]
fn wall_clock() -> std::time::Instant {
    std::time::Instant::now()
}

/// A number in the environment, decimal or 0x hexadecimal.
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let parsed = text.strip_prefix("0x").map_or_else(|| text.parse(), |hex| u64::from_str_radix(hex, 16));
    Some(parsed.unwrap_or_else(|_| panic!("{name}={text} is no number")))
}
