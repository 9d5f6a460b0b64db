//! How the values of `palabre link` are written.
//!
//! In: text. Out: shares, times, bits a second, bytes; or what to write instead. Must not know what they are for.

use std::time::Duration;

use palabre::netsim::Burst;

use crate::commands::values::{duration, scaled};

const MOST_BITS: u64 = 100_000_000_000;
const MOST_QUEUE: u64 = 64 << 20;

/// `20%` or `20`: of a hundred.
pub(super) fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).parse().ok();
    let share = number.filter(|number| (0.0..=100.0).contains(number)).map(|number: f64| number / 100.0);
    share.ok_or_else(|| "it must be from 0% to 100%, as 20% or 20".into())
}

/// `5%,20%,80%`: begin, end, loss meanwhile.
pub(super) fn burst(text: &str) -> Result<Burst, String> {
    let parts: Vec<_> = text.split(',').map(percent).collect::<Result<_, _>>()?;
    match parts[..] {
        [begin, end, loss] => Ok(Burst { begin, end, loss }),
        _ => Err(
            "it takes three, as 5%,20%,80%: how likely bad times begin, how likely they end, and the loss \
                  meanwhile"
                .into(),
        ),
    }
}

/// `0ms` to `60s`.
pub(super) fn short_time(text: &str) -> Result<Duration, String> {
    duration(text, Duration::ZERO..=Duration::from_secs(60), "0ms to 60s")
}

/// `1ms` to `24h`.
pub(super) fn long_time(text: &str) -> Result<Duration, String> {
    duration(text, Duration::from_millis(1)..=Duration::from_secs(86_400), "1ms to 24h")
}

/// `9600bit`, `64kbit`, `1.5mbit` or `1gbit`.
pub(super) fn bits_a_second(text: &str) -> Result<u64, String> {
    let units = [("bit", 1), ("kbit", 1_000), ("mbit", 1_000_000), ("gbit", 1_000_000_000)];
    scaled(text, &units).filter(|bits| (1..=MOST_BITS).contains(bits)).ok_or_else(|| {
        "it is a number of bits a second up to 100gbit, as 9600bit, 64kbit or 1.5mbit (not kbps or kB, which \
         people read in two ways)"
            .into()
    })
}

/// `16000`, `16kB` or `16KiB`.
pub(super) fn bytes_of_queue(text: &str) -> Result<u64, String> {
    let units = [("", 1), ("b", 1), ("kb", 1_000), ("mb", 1_000_000), ("kib", 1 << 10), ("mib", 1 << 20)];
    scaled(text, &units)
        .filter(|bytes| (1..=MOST_QUEUE).contains(bytes))
        .ok_or_else(|| "it is a number of bytes up to 64MiB, as 16000, 16kB or 16KiB".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_of_a_hundred_with_or_without_its_sign() {
        for (text, share) in [("20%", 0.2), ("20", 0.2), ("0.5%", 0.005), ("0", 0.0), ("100%", 1.0)] {
            assert_eq!(percent(text), Ok(share), "{text}");
        }
        for text in ["", "%", "-1", "100.1%", "NaN", "inf", "20%%", "20 %", "a fifth"] {
            assert!(percent(text).is_err(), "{text}");
        }
        assert_eq!(burst("5%,20,80%"), Ok(Burst { begin: 0.05, end: 0.2, loss: 0.8 }));
        for text in ["", "5%", "5%,20%", "5%,20%,80%,1%", "5%,20%,180%", "5%;20%;80%"] {
            assert!(burst(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_rate_is_in_bits_and_what_could_mean_bytes_is_refused() {
        for (text, bits) in [
            ("9600bit", 9_600),
            ("64kbit", 64_000),
            ("1.5mbit", 1_500_000),
            ("0.0000015Mbit", 1),
            ("1Gbit", 1_000_000_000),
            ("100gbit", MOST_BITS),
        ] {
            assert_eq!(bits_a_second(text), Ok(bits), "{text}");
        }
        for text in [
            "",
            "64",
            "kbit",
            "0bit",
            "0.1bit",
            "64kbps",
            "64kb",
            "64kB",
            "64kbit/s",
            "101gbit",
            "-1bit",
            ".kbit",
            "1.kbit",
            ".5kbit",
            "1.2.3kbit",
            "18446744073709551616bit",
            "18446744073709551615gbit",
            "1.0000000001kbit",
            "1 kbit",
            "1e3bit",
            "é",
        ] {
            assert!(bits_a_second(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_queue_is_in_bytes() {
        for (text, bytes) in
            [("1", 1), ("16000", 16_000), ("16kB", 16_000), ("16KiB", 16_384), ("1.5MiB", 1_572_864)]
        {
            assert_eq!(bytes_of_queue(text), Ok(bytes), "{text}");
        }
        for text in ["", "0", "65MiB", "16 kB", "16kbit", "many"] {
            assert!(bytes_of_queue(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_has_a_unit_and_limits() {
        assert_eq!(short_time("0ms"), Ok(Duration::ZERO));
        assert_eq!(short_time("1.5s"), Ok(Duration::from_millis(1_500)));
        assert_eq!(long_time("24h"), Ok(Duration::from_secs(86_400)));
        for text in ["", "50", "-1ms", "61s", "soon"] {
            assert!(short_time(text).is_err(), "{text}");
        }
        for text in ["0ms", "25h"] {
            assert!(long_time(text).is_err(), "{text}");
        }
    }
}
