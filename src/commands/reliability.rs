//! Options that a server and a client of one link share.
//!
//! In: arguments, the dialect that is spoken. Out: how to repeat there, and whether datagrams carry a checksum. Must not
//! know who asks.

use std::time::Duration;

use clap::{Args, ValueEnum};
use palabre::engine::{Dialect, Integrity, Listener};
use palabre::reliable::{Policy, Timing};

use super::Failure;
use super::values::duration;

/// An answer is remembered for 180 s: what comes later than that would be executed twice.
const LONGEST_SPAN: Duration = Duration::from_secs(120);

/// How requests are repeated, and what guards datagrams.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Options of the link")]
pub(crate) struct ReliabilityOptions {
    /// Wait so long for an answer before asking again: 1ms to 60s
    /// [default: 100ms for msp, 2s for shen, which allows no less
    /// but in a laboratory]
    #[arg(long, value_name = "DURATION", value_parser = timer, verbatim_doc_comment)]
    retransmit_timer: Option<Duration>,
    /// Ask so often in all before giving up: 1 to 100
    /// [default: 10 for msp, 5 for shen]
    #[arg(long, value_name = "NUMBER", value_parser = tries, verbatim_doc_comment)]
    tries: Option<u32>,
    /// Do not adapt the timer to the link; for shen it never is
    #[arg(long)]
    fixed_timer: bool,
    /// End every datagram with a checksum; both ends must agree
    #[arg(long, value_enum, value_name = "KIND", default_value_t)]
    integrity: IntegrityKind,
}

impl ReliabilityOptions {
    /// How requests are repeated in `dialect` (M13, S6): as it has it itself, but for what was given.
    ///
    /// # Errors
    /// When one request would be repeated for longer than the other end remembers what it answered (M32).
    pub(crate) fn timing(&self, dialect: Dialect) -> Result<Timing, Failure> {
        let own = Listener::of(dialect).timing;
        let timing = Timing {
            timer: self.retransmit_timer.unwrap_or(own.timer),
            tries: self.tries.unwrap_or(own.tries),
            policy: if self.fixed_timer { Policy::Fixed } else { own.policy },
        };
        if timing.span() > LONGEST_SPAN {
            return Err(Failure::Usage(format!(
                "{} tries of {:?} ({}) are more than the {} s for which a request may be repeated: lower \
                 --tries or --retransmit-timer",
                timing.tries,
                timing.timer,
                dialect.name(),
                LONGEST_SPAN.as_secs()
            )));
        }
        Ok(timing)
    }

    /// What guards datagrams (M16).
    pub(crate) const fn integrity(&self) -> Integrity {
        self.integrity.integrity()
    }
}

// Not documentation: clap would make a page of it.
// None is the plain format; Crc32 appends the four bytes of M16.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum IntegrityKind {
    #[default]
    None,
    Crc32,
}

impl IntegrityKind {
    /// The same in the engine's words.
    pub(crate) const fn integrity(self) -> Integrity {
        match self {
            Self::None => Integrity::None,
            Self::Crc32 => Integrity::Crc32,
        }
    }
}

fn timer(text: &str) -> Result<Duration, String> {
    duration(text, Duration::from_millis(1)..=Duration::from_secs(60), "1ms to 60s")
}

fn tries(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (1..=100).contains(number));
    number.ok_or_else(|| "it must be a whole number from 1 to 100".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_is_as_each_dialect_has_it() {
        let options = |retransmit_timer, tries| ReliabilityOptions {
            retransmit_timer,
            tries,
            fixed_timer: false,
            integrity: IntegrityKind::None,
        };
        let timing = |options: &ReliabilityOptions, dialect| options.timing(dialect).ok();
        let (none, some) = (options(None, None), options(Some(Duration::from_millis(20)), Some(7)));
        assert_eq!(timing(&none, Dialect::Msp), Some(Listener::msp().timing));
        assert_eq!(timing(&none, Dialect::Shen), Some(Listener::shen().timing));
        for (dialect, policy) in [(Dialect::Msp, Policy::Adaptive), (Dialect::Shen, Policy::Fixed)] {
            let given = Timing { timer: Duration::from_millis(20), tries: 7, policy };
            assert_eq!(timing(&some, dialect), Some(given), "S6: Shen's timer is never adapted");
        }
        assert_eq!(timing(&options(Some(Duration::from_secs(30)), None), Dialect::Msp), None);
        assert!(timing(&options(Some(Duration::from_secs(24)), None), Dialect::Shen).is_some());
    }

    #[test]
    fn a_timer_is_read_with_its_unit_and_has_limits() {
        for (text, millis) in [("100ms", 100), ("1.5s", 1_500), ("2s", 2_000), ("1ms", 1), ("1m", 60_000)] {
            assert_eq!(timer(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "100", "0ms", "999us", "60.001s", "-1s", "1 fortnight", "s"] {
            assert!(timer(text).is_err(), "{text}");
        }
    }
}
