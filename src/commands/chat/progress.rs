//! How far files are.
//!
//! In: how much of a file is done, the time. Out: a line that is rewritten, or one for each quarter. Must not know where
//! files come from.

use std::collections::BTreeMap;

use palabre::client::stream::Way;
use palabre::time::{Duration, Instant};

use super::escape;
use super::front::Front;

/// How long a line is left as it is.
const GAP: Duration = Duration::from_millis(250);
/// The longest name that is shown, in characters, and the width of a bar: together they fit a terminal.
const LONGEST_NAME: usize = 24;
const WIDTH: u64 = 20;

/// What is shown of the files that are under way.
#[derive(Debug, Default)]
pub(super) struct Bars {
    quarters: BTreeMap<(bool, String), u64>,
    rewritten: Option<Instant>,
}

impl Bars {
    /// So much of a file is done.
    pub(super) fn show(
        &mut self,
        front: &mut dyn Front,
        now: Instant,
        name: &str,
        way: Way,
        done: u64,
        total: u64,
    ) {
        let shown = shortened(&escape::text(name));
        let is_done = done >= total;
        let verb = if way == Way::In { "receiving" } else { "sending" };
        if front.rewrites() {
            if is_done || done == 0 || self.rewritten.is_none_or(|last| now.since(last) >= GAP) {
                self.rewritten = Some(now);
                let bar = bar(done, total);
                front.rewrite(&format!("{verb} {shown} {bar} {:>3} %", part(done, total, 100)));
            }
            return;
        }
        let key = (way == Way::In, name.to_owned());
        let quarter = part(done, total, 4);
        let last = self.quarters.insert(key.clone(), quarter);
        if is_done {
            self.quarters.remove(&key);
        }
        if done == 0 && !is_done {
            front.notice(&format!("{verb} {shown}: {}", size_of(total)));
        } else if last.unwrap_or_default() < quarter {
            front.notice(&format!("{verb} {shown}: {} %", quarter.saturating_mul(25)));
        }
    }
}

/// A number of bytes, as people read it.
pub(super) fn size_of(bytes: u64) -> String {
    if bytes == 1 { "1 byte".into() } else { format!("{bytes} bytes") }
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

    #[test]
    fn parts_of_any_size_are_whole_numbers_of_what_there_is() {
        for (done, total, percent) in
            [(0, 0, 100), (0, 9, 0), (1, 3, 33), (3, 3, 100), (u64::MAX - 1, u64::MAX, 99), (5, 3, 100)]
        {
            assert_eq!(part(done, total, 100), percent);
        }
        assert_eq!(bar(1, 2), "██████████░░░░░░░░░░");
    }
}
