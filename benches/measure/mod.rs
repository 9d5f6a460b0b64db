//! A small way to measure that is fair to all contenders.
//!
//! In: closures that do something a given number of times. Out: a table of medians. The contenders of one group take
//! turns, many rounds of them, so that what else the machine does falls on all alike; the median leaves out what falls
//! on one. Without `--bench` (as under `cargo test --benches`) or with `--test`, everything runs once, to see that it runs.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "measuring reads a clock and prints"
)]

use std::hint::black_box;
use std::time::Instant;

/// How long one contender works in one round.
const ROUND_NANOS: f64 = 20_000.0;

/// Measures groups of contenders and prints each as a table.
pub(crate) struct Measure {
    rounds: usize,
    only: Option<String>,
}

/// Contenders that are compared with the first of them.
pub(crate) struct Group<'f> {
    title: String,
    contenders: Vec<Contender<'f>>,
}

struct Contender<'f> {
    name: String,
    /// Works this many times.
    work: Box<dyn FnMut(u64) + 'f>,
    /// How many times a round is.
    batch: u64,
    /// Nanoseconds a time, one for each round.
    taken: Vec<f64>,
}

impl Measure {
    /// Reads the command line: `--test` for a single round, a word to pick the groups whose title has it.
    pub(crate) fn from_args() -> Self {
        let args: Vec<String> = std::env::args().skip(1).collect();
        let given = |flag: &str| args.iter().any(|arg| arg == flag);
        let rounds = if given("--test") || !given("--bench") { 1 } else { 201 };
        Self { rounds, only: args.into_iter().find(|arg| !arg.starts_with('-')) }
    }

    /// Measures one group and prints it: median, fastest round, and the ratio to the first contender's median. Gives the
    /// medians back, none when the group was not picked.
    pub(crate) fn run(&self, mut group: Group<'_>) -> Vec<f64> {
        let mut medians = Vec::new();
        if self.only.as_ref().is_some_and(|word| !group.title.contains(word)) {
            return medians;
        }
        if self.rounds > 1 {
            group.contenders.iter_mut().for_each(Contender::find_batch);
        }
        for _ in 0..self.rounds {
            group.contenders.iter_mut().for_each(Contender::take_turn);
        }
        println!("{:<44} {:>10} {:>10} {:>8}", group.title, "median ns", "best ns", "ratio");
        let mut first = None;
        for contender in &mut group.contenders {
            contender.taken.sort_by(f64::total_cmp);
            let best = contender.taken.first().copied().unwrap_or_default();
            let median = contender.taken.get(contender.taken.len() / 2).copied().unwrap_or_default();
            let ratio = median / *first.get_or_insert(median);
            println!("  {:<42} {median:>10.1} {best:>10.1} {ratio:>8.2}", contender.name);
            medians.push(median);
        }
        medians
    }
}

impl<'f> Group<'f> {
    /// A group without contenders.
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), contenders: Vec::new() }
    }

    /// Adds a contender. What `work` gives back counts as used.
    #[must_use]
    pub(crate) fn with<R>(mut self, name: impl Into<String>, mut work: impl FnMut() -> R + 'f) -> Self {
        let work = Box::new(move |times| {
            for _ in 0..times {
                black_box(work());
            }
        });
        self.contenders.push(Contender { name: name.into(), work, batch: 1, taken: Vec::new() });
        self
    }
}

impl Contender<'_> {
    /// Finds out how many times fill a round, and warms up. One slow time is no proof: the first of all is slow.
    fn find_batch(&mut self) {
        while (0..5).any(|_| self.time() < ROUND_NANOS) {
            self.batch *= 2;
        }
    }

    fn take_turn(&mut self) {
        let nanos = self.time();
        self.taken.push(nanos / self.batch as f64);
    }

    fn time(&mut self) -> f64 {
        let start = Instant::now();
        (self.work)(self.batch);
        start.elapsed().as_nanos() as f64
    }
}
