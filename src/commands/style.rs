//! Colours on standard output, where they are welcome.
//!
//! In: words. Out: the same with or without ANSI colours. Must not know what the words mean.

use std::env;
use std::fmt::Display;
use std::io::{self, IsTerminal};

/// Whether there are colours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    colours: bool,
}

/// How something is shown: the parameter of an ANSI "select graphic rendition".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Dim = 2,
    Bold = 1,
    Red = 31,
    Green = 32,
    Yellow = 33,
    Blue = 34,
    Magenta = 35,
    Cyan = 36,
}

impl Style {
    /// Colours, when standard output is a terminal that has them, and nobody has set `NO_COLOR`.
    pub(crate) fn of_stdout() -> Self {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
        Self { colours: io::stdout().is_terminal() && !is_dumb && !is_set("NO_COLOR") }
    }

    /// None, whatever reads it.
    #[cfg(test)]
    pub(crate) const fn plain() -> Self {
        Self { colours: false }
    }

    /// Words in this look.
    pub(crate) fn paint(self, look: Look, words: impl Display) -> String {
        if self.colours { format!("\u{1b}[{}m{words}\u{1b}[0m", look as u8) } else { words.to_string() }
    }
}

/// The same look for the same name, and different ones for most others.
pub(crate) fn look_of(name: &str) -> Look {
    const LOOKS: [Look; 6] = [Look::Cyan, Look::Green, Look::Yellow, Look::Magenta, Look::Blue, Look::Red];
    let sum = name.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    LOOKS.get(sum % LOOKS.len()).copied().unwrap_or(Look::Bold)
}
