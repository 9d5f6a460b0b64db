//! What the operator reads.
//!
//! In: events and totals. Out: log lines. Must not know any text that people say; names come from peers and are escaped.

use std::collections::BTreeMap;

use log::{debug, info};

use crate::capture::event_words;
use crate::engine::{Event, Stats};
use crate::time::{Duration, Instant};

/// How often growing drop counters are logged.
const INTERVAL: Duration = Duration::from_secs(60);

/// Tells once a minute which drop counters have grown.
#[derive(Debug)]
pub(super) struct Report {
    due: Instant,
    last: BTreeMap<&'static str, u64>,
}

impl Report {
    pub(super) fn new(now: Instant) -> Self {
        Self { due: now + INTERVAL, last: BTreeMap::new() }
    }

    /// When the next line is due.
    pub(super) const fn due(&self) -> Instant {
        self.due
    }

    /// The line that is due at `now`: what has grown since the last one, by how much. `None` when nothing has.
    pub(super) fn line(
        &mut self,
        now: Instant,
        counters: impl Iterator<Item = (&'static str, u64)>,
    ) -> Option<String> {
        self.due = now + INTERVAL;
        let mut totals = BTreeMap::new();
        for (name, count) in counters {
            let total: &mut u64 = totals.entry(name).or_default();
            *total = total.wrapping_add(count);
        }
        let grown: Vec<_> = totals
            .iter()
            .map(|(name, total)| (name, total.wrapping_sub(self.last.get(name).copied().unwrap_or(0))))
            .filter(|(_, more)| *more > 0)
            .map(|(name, more)| format!("{more} {name}"))
            .collect();
        self.last = totals;
        (!grown.is_empty()).then(|| grown.join(", "))
    }
}

/// Logs what happened. What one peer can cause often is for `debug`: its number is in the minute's line.
pub(super) fn log_event(event: &Event) {
    let words = event_words(event);
    match event {
        Event::Arrived { .. } | Event::Departed { .. } => info!("{words}"),
        Event::NameClaimed { .. } | Event::TextsDropped { .. } | Event::Stopped => debug!("{words}"),
    }
}

/// All totals that are not zero, for the last line.
pub(super) fn totals(stats: &Stats) -> String {
    let counted: Vec<_> = stats
        .counters()
        .chain(stats.drops())
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    if counted.is_empty() { "nothing happened".into() } else { counted.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minutes_line_names_what_has_grown_and_nothing_else() {
        let mut report = Report::new(Instant::ZERO);
        assert_eq!(report.due(), Instant::from_secs(60));
        let minute = |n: u64| Instant::from_secs(60 * n);
        let first =
            report.line(minute(1), [("too short", 2), ("bad checksum", 0), ("too short", 1)].into_iter());
        assert_eq!(first.as_deref(), Some("3 too short"));
        assert_eq!(report.line(minute(2), [("too short", 3), ("bad checksum", 0)].into_iter()), None);
        let third = report.line(minute(3), [("too short", 4), ("bad checksum", 7)].into_iter());
        assert_eq!(third.as_deref(), Some("7 bad checksum, 1 too short"));
        assert_eq!(report.due(), minute(4));
    }
}
