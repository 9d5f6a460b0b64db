//! Times, names and counts as people read them.
//!
//! In: numbers, strings from the wire. Out: words in which nothing can reach the terminal unescaped. Must not know lines.

use jiff::Timestamp;
use palabre::replay::{End, Role};

/// A day and a time of it, in UTC.
pub(super) fn clock(micros: u64) -> String {
    let time = i64::try_from(micros).ok().and_then(|micros| Timestamp::from_microsecond(micros).ok());
    time.map_or_else(|| format!("{micros} µs"), |time| time.strftime("%Y-%m-%d %H:%M:%S%.6f UTC").to_string())
}

/// How long something took: three digits say enough.
pub(super) fn span(micros: u64) -> String {
    let thousandths = |unit: &str| {
        let (whole, part) = (micros / 1_000, micros % 1_000);
        match whole {
            0..=9 => format!("{whole}.{:02} {unit}", part / 10),
            10..=99 => format!("{whole}.{} {unit}", part / 100),
            _ => format!("{whole} {unit}"),
        }
    };
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => thousandths("ms"),
        _ => {
            let (seconds, part) = (micros / 1_000_000, micros % 1_000_000);
            match seconds {
                0..=9 => format!("{seconds}.{:02} s", part / 10_000),
                10..=99 => format!("{seconds}.{} s", part / 100_000),
                _ => format!("{seconds} s"),
            }
        }
    }
}

/// Seconds since the beginning.
pub(super) fn since(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// Who somebody is, in at most so many characters.
pub(super) fn who(end: &End, most: usize) -> String {
    match (&end.name, end.role) {
        (Some(name), _) => cut(&escaped(name), most),
        (None, Role::Server) => "server".into(),
        (None, Role::Client) => cut(&end.address.to_string(), most),
    }
}

/// Nothing in it that a terminal obeys. Quotation marks do no harm.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' '..='~' if c != '\\' => out.push(c),
            '\'' | '"' => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
    }
    out
}

/// The same, or its beginning and an ellipsis: at most `most` characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.into(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// How many of something there are.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_say_how_long_it_took() {
        for (micros, words) in [
            (0, "0 µs"),
            (999, "999 µs"),
            (1_000, "1.00 ms"),
            (23_456, "23.4 ms"),
            (345_678, "345 ms"),
            (1_234_567, "1.23 s"),
            (61_000_000, "61.0 s"),
            (3_600_000_000, "3600 s"),
        ] {
            assert_eq!(span(micros), words);
        }
        assert_eq!(clock(1_700_000_000_123_456), "2023-11-14 22:13:20.123456 UTC");
        assert_eq!(clock(u64::MAX), "18446744073709551615 µs");
    }

    #[test]
    fn names_from_the_wire_do_no_harm() {
        assert_eq!(escaped("l'\u{1b}[2J\u{202e}é\\\n"), "l'\\u{1b}[2J\\u{202e}é\\\\\\n");
        assert_eq!((cut("abcdef", 6), cut("abcdef", 4)), ("abcdef".into(), "abc…".into()));
    }
}
