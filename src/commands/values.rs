//! How values are written that several subcommands take.
//!
//! In: text. Out: addresses, seeds, times, sizes; or what to write instead. Must not know what they are for.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::SignedDuration;

/// Names are not looked up: a daemon that starts before the network is up must not wait for it.
pub(super) fn socket_address(text: &str) -> Result<SocketAddr, String> {
    let local = text
        .strip_prefix("localhost:")
        .and_then(|port| port.parse().ok())
        .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    local.or_else(|| text.parse().ok()).ok_or_else(|| {
        format!("{text:?} is no address and port: write 127.0.0.1:7401, [::1]:7401 or localhost:7401")
    })
}

/// A seed, decimal or hexadecimal after `0x`.
pub(super) fn seed(text: &str) -> Result<u64, String> {
    let (digits, radix) = text.strip_prefix("0x").map_or((text, 10), |digits| (digits, 16));
    let is_number = digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
    u64::from_str_radix(digits, radix)
        .ok()
        .filter(|_| is_number)
        .ok_or_else(|| format!("{text:?} is no seed: write a number below 2^64, or 0x and up to 16 digits"))
}

/// A time with its unit; `words` say what `range` is.
pub(super) fn duration(text: &str, range: RangeInclusive<Duration>, words: &str) -> Result<Duration, String> {
    let duration: SignedDuration =
        text.parse().map_err(|_| String::from("a duration has a unit, as 50ms, 1.5s or 2m"))?;
    let fits = Duration::try_from(duration).ok().filter(|duration| range.contains(duration));
    fits.ok_or_else(|| format!("it must be from {words}"))
}

/// A number with at most nine digits behind its point, times its unit; what is less than one is cut off.
pub(super) fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    let (_, unit) = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digits = u32::try_from(part.len()).ok().filter(|digits| (1..=9).contains(digits))?;
    let (whole, part): (u64, u64) = (whole.parse().ok()?, part.parse().ok()?);
    let part = part.checked_mul(*unit)? / 10_u64.checked_pow(digits)?;
    whole.checked_mul(*unit)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_numeric_or_localhost_and_has_a_port() {
        for (text, address) in [
            ("127.0.0.1:7401", "127.0.0.1:7401"),
            ("0.0.0.0:0", "0.0.0.0:0"),
            ("[::1]:7401", "[::1]:7401"),
            ("localhost:65535", "127.0.0.1:65535"),
        ] {
            assert_eq!(socket_address(text), Ok(address.parse().unwrap()), "{text}");
        }
        for text in ["", "7401", "127.0.0.1", "::1:7401", "localhost", "localhost:65536", "example.org:1"] {
            assert!(socket_address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_seed_is_decimal_or_hexadecimal() {
        for (text, number) in [("0", 0), ("42", 42), ("0x2a", 42), ("0xffffffffffffffff", u64::MAX)] {
            assert_eq!(seed(text), Ok(number), "{text}");
        }
        for text in ["", "0x", "+1", "0x+1", "-1", "2a", "18446744073709551616", "0x10000000000000000"] {
            assert!(seed(text).is_err(), "{text}");
        }
    }
}
