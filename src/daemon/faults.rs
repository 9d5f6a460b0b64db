//! What the network refused: counted always, logged seldom.
//!
//! In: errors of sockets. Out: log lines, at most one a minute for each kind of error. Must not know what is done about
//! one: none of them ends the daemon.

use std::collections::BTreeMap;
use std::io;

use crate::time::{Duration, Instant};

/// How long one kind of error is kept quiet after it was logged.
const QUIET: Duration = Duration::from_secs(60);

/// The errors of one socket, by kind.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// By what was attempted and the system's number for the error: a few dozen kinds at most.
    kinds: BTreeMap<(&'static str, Option<i32>), Kind>,
    total: u64,
}

#[derive(Debug)]
struct Kind {
    logged: Instant,
    /// How many came since then.
    since: u64,
}

impl Faults {
    /// Notes an error; `Some` when a line about its kind may be logged: how many came unlogged before this one.
    pub(super) fn note(&mut self, now: Instant, attempt: &'static str, error: &io::Error) -> Option<u64> {
        self.total = self.total.wrapping_add(1);
        let key = (attempt, error.raw_os_error());
        let Some(kind) = self.kinds.get_mut(&key) else {
            self.kinds.insert(key, Kind { logged: now, since: 0 });
            return Some(0);
        };
        if now - kind.logged < QUIET {
            kind.since = kind.since.saturating_add(1);
            return None;
        }
        kind.logged = now;
        Some(std::mem::take(&mut kind.since))
    }

    /// How many errors there were.
    pub(super) const fn total(&self) -> u64 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_error_may_be_logged_once_a_minute_and_each_is_counted() {
        let mut faults = Faults::default();
        let unreachable = io::Error::from_raw_os_error(101);
        let too_long = io::Error::from_raw_os_error(90);
        let at = Instant::from_secs;
        assert_eq!(faults.note(at(1), "send", &unreachable), Some(0));
        assert_eq!(faults.note(at(2), "send", &unreachable), None);
        assert_eq!(faults.note(at(2), "send", &too_long), Some(0), "another kind has a minute of its own");
        assert_eq!(faults.note(at(60), "send", &unreachable), None);
        assert_eq!(faults.note(at(61), "send", &unreachable), Some(2), "two were kept quiet");
        assert_eq!(faults.note(at(62), "send", &unreachable), None);
        assert_eq!(faults.total(), 6);
    }
}
