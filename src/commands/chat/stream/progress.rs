//! How far files are.
//!
//! In: how much of a file is done, the time. Out: a line that is rewritten, or one for each quarter. Must not know where
//! files come from.

use std::collections::BTreeMap;

use palabre::client::stream::Way;
use palabre::time::{Duration, Instant};

use crate::commands::chat::escape;
use crate::commands::chat::front::Front;

/// Files smaller than this are done before anybody looks.
const WORTH_IT: u64 = 256 << 10;
/// How long a line is left as it is.
const GAP: Duration = Duration::from_millis(250);
/// The longest name that is shown, in characters, and the width of a bar: together they fit a terminal.
const LONGEST_NAME: usize = 24;
const WIDTH: u64 = 20;

/// The files that are under way.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Of each, how many quarters were shown.
    quarters: BTreeMap<(String, bool), u64>,
    rewritten: Option<Instant>,
}

/// How much of a file is done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Done<'a> {
    pub(super) name: &'a str,
    pub(super) way: Way,
    pub(super) done: u64,
    pub(super) total: u64,
}

impl Progress {
    /// Shows it, but not too often.
    pub(super) fn show(&mut self, front: &mut dyn Front, now: Instant, file: Done<'_>) {
        let Done { name, way, done, total } = file;
        if total < WORTH_IT {
            return;
        }
        let shown = shortened(&escape::text(name));
        let is_over = done >= total;
        let verb = if way == Way::In { "receiving" } else { "sending" };
        if front.rewrites() {
            if is_over || done == 0 || self.rewritten.is_none_or(|last| now.since(last) >= GAP) {
                self.rewritten = Some(now);
                let bar = bar(done, total);
                front.rewrite(&format!("{verb} {shown} {bar} {:>3} %", part(done, total, 100)));
            }
            return;
        }
        let key = (name.to_owned(), way == Way::In);
        let quarter = part(done, total, 4);
        let last = self.quarters.insert(key.clone(), quarter);
        if is_over {
            self.quarters.remove(&key);
        }
        if done == 0 {
            front.notice(&format!("{verb} {shown}: {total} bytes"));
        } else if last.unwrap_or_default() < quarter {
            front.notice(&format!("{verb} {shown}: {} %", quarter.saturating_mul(25)));
        }
    }
}

/// Of so many parts, how many are done.
fn part(done: u64, total: u64, parts: u64) -> u64 {
    let part = u128::from(done).saturating_mul(parts.into()).checked_div(total.into());
    part.and_then(|part| u64::try_from(part).ok()).unwrap_or(parts).min(parts)
}

fn bar(done: u64, total: u64) -> String {
    let full = part(done, total, WIDTH);
    (0..WIDTH).map(|at| if at < full { '█' } else { '░' }).collect()
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        None => name.into(),
        Some((end, _)) => format!("{}…", name.split_at(end).0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::chat::front::Typed;
    use crate::commands::chat::words::Place;

    /// A front that keeps what it is shown.
    struct Shown(Vec<String>, bool);

    impl Front for Shown {
        fn next(&mut self, _: &Place) -> Option<Typed> {
            None
        }
        fn heard(&mut self, _: &str, _: &str) {}
        fn answer(&mut self, _: &str) {}
        fn notice(&mut self, line: &str) {
            self.0.push(line.into());
        }
        fn rewrites(&self) -> bool {
            self.1
        }
        fn hint_to_speak(&self, _: &Place) -> String {
            String::new()
        }
        fn shows_place(&self) -> bool {
            false
        }
        fn is_deaf(&self) -> bool {
            false
        }
        fn stop(&mut self) {}
    }

    fn shown(rewrites: bool) -> Vec<String> {
        let (mut progress, mut front, total) = (Progress::default(), Shown(Vec::new(), rewrites), 1 << 20);
        for hundredth in 0..=100_u64 {
            let file = Done { name: "a", way: Way::In, done: total * hundredth / 100, total };
            progress.show(&mut front, Instant::from_millis(hundredth * 10), file);
        }
        front.0
    }

    #[test]
    fn through_pipes_each_quarter_has_a_line() {
        let quarters = [25, 50, 75, 100].map(|quarter| format!("receiving a: {quarter} %"));
        assert_eq!(shown(false), [&["receiving a: 1048576 bytes".to_owned()], &quarters[..]].concat());
    }

    #[test]
    fn at_a_terminal_a_line_is_rewritten_a_few_times_a_second() {
        let lines = shown(true);
        assert_eq!(lines.len(), 5, "{lines:?}");
        assert_eq!(lines[2], "receiving a ██████████░░░░░░░░░░  50 %");
    }

    #[test]
    fn parts_of_any_size_are_whole_numbers_of_what_there_is() {
        for (done, total, percent) in
            [(0, 0, 100), (0, 9, 0), (1, 3, 33), (3, 3, 100), (u64::MAX - 1, u64::MAX, 99), (5, 3, 100)]
        {
            assert_eq!(part(done, total, 100), percent);
        }
    }
}
