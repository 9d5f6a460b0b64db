//! Hundreds of made-up evenings in a bad network, each judged as a whole.
//!
//! In: seeds. Out: nothing, or the seed of the run in which something went wrong, with the line that replays it. Must not
//! know a socket or wait for anything.
//!
//! `PALABRE_SEED=0x2a cargo test chaos -- --nocapture` replays one run with all that happens in it;
//! `PALABRE_SEEDS=10000` makes more of them.
//!
//! Covered: M4, M5, M7 to M14, M16, M17, M21, M22, M27, M28, M31, and with people of both protocols S3 to S14, all at
//! once.

use std::panic::{AssertUnwindSafe, catch_unwind};

use palabre::time::Duration;

use crate::sim::scenario;
use crate::sim::setting::Cast;
use crate::sim::verdict::Figures;

/// How many evenings with people of one protocol, and with people of both.
const ALIKE: u64 = 1_000;
const MIXED: u64 = 500;

/// One in so many mixed evenings is one of people who talk without end.
const TALKATIVE: u64 = 25;

/// What a run came to, and how much virtual time it took; or what went wrong.
type Outcome = Result<(Figures, Duration), String>;

#[test]
fn m13_m14_m17_m21_m28_whatever_happens_each_accepted_text_is_heard_once_by_the_right_people_or_reported() {
    sweep("chaos::m13", ALIKE, |_| Cast::Msp);
}

#[test]
fn s6_s8_s9_s10_s12_s13_people_of_both_protocols_have_the_same_guarantees_in_the_same_rooms() {
    let runs = sweep("chaos::s6", MIXED, mixed);
    let sum = |figure: fn(&Figures) -> usize| runs.iter().map(|(figures, _)| figure(figures)).sum::<usize>();
    if number("PALABRE_SEED").is_none() {
        assert!(sum(|f| usize::from(f.wraps > 2)) >= 5, "numbers of 10 bits begin anew again and again");
        assert!(sum(|f| f.decisions.opened) > 0 && sum(|f| f.decisions.not_opened) > 0, "rooms are proposed");
        assert!(
            sum(|f| f.decisions.admitted) > 0 && sum(|f| f.decisions.turned_away) > 0,
            "people are let in"
        );
        assert!(sum(|f| f.mode_changes) > 0, "people agree to other modes");
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 1_000..1_010 {
        assert_eq!(run("", seed, Cast::Msp, false), run("", seed, Cast::Msp, false), "seed {seed}");
        assert_eq!(run("", seed, Cast::Mixed, false), run("", seed, Cast::Mixed, false), "seed {seed}");
    }
}

fn mixed(seed: u64) -> Cast {
    if seed % TALKATIVE == TALKATIVE - 1 { Cast::Talkative } else { Cast::Mixed }
}

/// Lives through one seed, or through many; nothing may be wrong with any of them.
#[expect(clippy::print_stdout, reason = "what a sweep came to is there to be read")]
fn sweep(test: &'static str, usual: u64, cast: fn(u64) -> Cast) -> Vec<(Figures, Duration)> {
    if let Some(seed) = number("PALABRE_SEED") {
        let outcome = run(test, seed, cast(seed), true);
        println!("seed {seed:#x}: {outcome:?}");
        return vec![outcome.unwrap()];
    }
    let seeds = number("PALABRE_SEEDS").unwrap_or(usual);
    let began = wall_clock();
    let one_by_one = move |first: u64| {
        (first..seeds).step_by(2).map(|seed| run(test, seed, cast(seed), false)).collect::<Vec<_>>()
    };
    let halves = [0, 1].map(|first| std::thread::spawn(move || one_by_one(first)));
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
    outcomes.into_iter().flatten().collect()
}

/// Lives through one seed; when something is wrong, says how to see it again.
fn run(test: &str, seed: u64, cast: Cast, trace: bool) -> Outcome {
    let outcome = catch_unwind(AssertUnwindSafe(|| scenario::run(seed, cast, trace)));
    let outcome = outcome.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        Err(words.or(panic.downcast_ref::<&str>().copied()).unwrap_or("panicked").to_string())
    });
    outcome.map_err(|wrong| {
        format!(
            "seed {seed:#x}: {wrong}\n    PALABRE_SEED={seed:#x} cargo test --no-default-features --test it \
             {test} -- --nocapture"
        )
    })
}

fn summary(runs: &[&(Figures, Duration)]) -> String {
    let sum = |figure: fn(&Figures) -> usize| runs.iter().map(|(figures, _)| figure(figures)).sum::<usize>();
    format!(
        "{} texts, {} delivered, {} heard ({} twice), {} relayed, {} dropped, {} registrations, {} ended by silence, \
         {} and {} proposals, {} and {} applications, {} changes of mode, {} times 1,024 numbers",
        sum(|f| f.texts),
        sum(|f| f.delivered),
        sum(|f| f.hearings),
        sum(|f| f.heard_twice),
        sum(|f| f.relayed),
        sum(|f| f.dropped),
        sum(|f| f.sessions),
        sum(|f| f.silent_departures),
        sum(|f| f.decisions.opened),
        sum(|f| f.decisions.not_opened),
        sum(|f| f.decisions.admitted),
        sum(|f| f.decisions.turned_away),
        sum(|f| f.mode_changes),
        sum(|f| f.wraps),
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
