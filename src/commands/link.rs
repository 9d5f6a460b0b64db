//! Options that a server and a client of one link share.
//!
//! In: arguments. Out: how to repeat, and whether datagrams carry a checksum. Must not know who asks.

use std::time::Duration;

use clap::{Args, ValueEnum};
use jiff::SignedDuration;
use palabre::engine::Integrity;
use palabre::reliable::{Policy, Timing};

use super::Failure;

/// An answer is remembered for 180 s: what comes later than that would be executed twice.
const LONGEST_SPAN: Duration = Duration::from_secs(120);

/// How requests are repeated, and what guards datagrams.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Options of the link")]
pub(crate) struct LinkOptions {
    /// Wait so long for an answer before asking again: 1ms to 60s
    #[arg(long, value_name = "DURATION", default_value = "100ms", value_parser = timer)]
    retransmit_timer: Duration,
    /// Ask so often in all before giving up: 1 to 100
    #[arg(long, value_name = "NUMBER", default_value = "10", value_parser = tries)]
    tries: u32,
    /// Do not adapt the timer to the link
    #[arg(long)]
    fixed_timer: bool,
    /// End every datagram with a checksum; both ends must agree
    #[arg(long, value_enum, value_name = "KIND", default_value_t)]
    integrity: IntegrityKind,
}

impl LinkOptions {
    /// How requests are repeated (M13).
    ///
    /// # Errors
    /// When one request would be repeated for longer than the other end remembers what it answered (M32).
    pub(crate) fn timing(&self) -> Result<Timing, Failure> {
        let policy = if self.fixed_timer { Policy::Fixed } else { Policy::Adaptive };
        let timing = Timing { timer: self.retransmit_timer, tries: self.tries, policy };
        if timing.span() > LONGEST_SPAN {
            return Err(Failure::Usage(format!(
                "{} tries of {:?} are more than the {} s for which a request may be repeated: lower --tries or \
                 --retransmit-timer",
                timing.tries,
                timing.timer,
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
    let range = Duration::from_millis(1)..=Duration::from_secs(60);
    let duration: SignedDuration =
        text.parse().map_err(|_| String::from("a duration has a unit, as 100ms, 1.5s or 2s"))?;
    Duration::try_from(duration)
        .ok()
        .filter(|duration| range.contains(duration))
        .ok_or_else(|| "it must be from 1ms to 60s".into())
}

fn tries(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (1..=100).contains(number));
    number.ok_or_else(|| "it must be a whole number from 1 to 100".into())
}

#[cfg(test)]
mod tests {
    use super::*;

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
