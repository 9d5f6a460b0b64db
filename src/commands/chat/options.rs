//! The options of `/create`.
//!
//! In: what stands behind the command. Out: a name as it was written, what was chosen. Must not know what a name may be.

use palabre::vocab::Mode;

/// The most members a room can have.
const MOST_MEMBERS: u8 = 254;

/// A name and what was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Options<'a> {
    pub(super) name: &'a str,
    pub(super) mode: Mode,
    pub(super) capacity: u8,
}

impl<'a> Options<'a> {
    /// The options stand before or after the name; what looks like one inside a name is meant when the name is quoted.
    pub(super) fn read(arguments: &'a str) -> Result<Self, String> {
        let (mut mode, mut capacity) = (Mode::Central, MOST_MEMBERS);
        let mut rest = arguments;
        loop {
            let (before, last) = last_word(rest);
            let (first, after) = first_word(rest);
            if last == "--p2p" {
                (mode, rest) = (Mode::Direct, before);
            } else if last_word(before).1 == "--max" {
                (capacity, rest) = (members(last)?, last_word(before).0);
            } else if first == "--p2p" {
                (mode, rest) = (Mode::Direct, after);
            } else if first == "--max" {
                let (count, after) = first_word(after);
                (capacity, rest) = (members(count)?, after);
            } else {
                break;
            }
        }
        if !rest.starts_with('"')
            && let Some(unknown) = rest.split_whitespace().find(|word| word.starts_with("--"))
        {
            return Err(format!(
                "{unknown}: options are --p2p and --max N, after the name; quote a name like that"
            ));
        }
        Ok(Self { name: rest, mode, capacity })
    }
}

fn members(count: &str) -> Result<u8, String> {
    let count = count.parse().ok().filter(|count| (2..=MOST_MEMBERS).contains(count));
    count.ok_or_else(|| format!("--max takes a number from 2 to {MOST_MEMBERS}"))
}

/// The first word, and what follows it.
pub(super) fn first_word(text: &str) -> (&str, &str) {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (first, rest.trim_start())
}

fn last_word(text: &str) -> (&str, &str) {
    let (rest, last) = text.rsplit_once(char::is_whitespace).unwrap_or(("", text));
    (rest.trim_end(), last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_stand_on_either_side_of_the_name() {
        for (arguments, name, mode, capacity) in [
            ("lol", "lol", Mode::Central, 254),
            ("les amis  d'ici --p2p", "les amis  d'ici", Mode::Direct, 254),
            ("--max 2 --p2p lol", "lol", Mode::Direct, 2),
            ("--p2p lol --max 9", "lol", Mode::Direct, 9),
            ("\"--p2p 3\"", "\"--p2p 3\"", Mode::Central, 254),
            ("--p2p", "", Mode::Direct, 254),
        ] {
            assert_eq!(Options::read(arguments), Ok(Options { name, mode, capacity }), "{arguments}");
        }
        for arguments in ["a --b", "a --max", "a --max 1", "a --max 255", "a --max x"] {
            assert!(Options::read(arguments).is_err(), "{arguments}");
        }
    }
}
