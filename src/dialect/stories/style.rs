//! The two ways to write a command and its arguments (B2).
//!
//! In: a text. Out: its command word, its style and its arguments; or what is wrong with it; or the text that says a
//! command. Must not know which commands there are.

use core::fmt;
use std::borrow::Cow;

/// How a command and its arguments are written. The style of a LOGIN is that of all answers (B2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `COMMAND "arg" "arg"`; in an argument `\"` and `\\` stand for a quotation mark and a backslash.
    Quoted,
    /// `COMMAND|arg|arg`.
    Bar,
}

/// Why a text is not a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is nothing in it.
    Empty,
    /// It does not begin with a command.
    NoCommand,
    /// An argument has no quotation mark at its end.
    Unterminated,
    /// There is something outside the quotation marks.
    Unquoted,
    /// There are more arguments or fewer than the command has.
    Arguments {
        /// How many it has.
        wanted: usize,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("nothing was asked"),
            Self::NoCommand => f.write_str("this does not begin with a command"),
            Self::Unterminated => f.write_str("a quotation mark is missing"),
            Self::Unquoted => f.write_str("arguments stand between quotation marks"),
            Self::Arguments { wanted: 1 } => f.write_str("this command has 1 argument"),
            Self::Arguments { wanted } => write!(f, "this command has {wanted} arguments"),
        }
    }
}

impl core::error::Error for Fault {}

/// A text, taken apart where its arguments begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) style: Style,
    /// The command, in the letter case it came in.
    pub(super) word: &'a str,
    /// All after it; in the style of bars, after the bar.
    pub(super) rest: &'a str,
}

impl<'a> Parts<'a> {
    /// Takes a text apart. What comes first of the two delimiters says the style.
    pub(super) fn of(text: &'a str) -> (Style, Result<Self, Fault>) {
        let text = text.trim_start();
        let delimiter = text.find(['|', '"']);
        let (before, after) = text.split_at(delimiter.unwrap_or(text.len()));
        let (style, word, rest) = match after.strip_prefix('|') {
            Some(rest) => (Style::Bar, before.trim_end(), rest),
            None if after.is_empty() => {
                let (word, rest) = before.split_at(before.find(char::is_whitespace).unwrap_or(before.len()));
                (Style::Quoted, word, rest)
            }
            None => (Style::Quoted, before.trim_end(), after),
        };
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let parts = if text.is_empty() {
            Err(Fault::Empty)
        } else if word.is_empty() || !word.chars().all(is_word) {
            Err(Fault::NoCommand)
        } else {
            Ok(Self { style, word, rest })
        };
        (style, parts)
    }

    /// The arguments, where the command has exactly so many. Spaces around one between bars are none of it: it is a name.
    pub(super) fn arguments<const N: usize>(&self) -> Result<[Cow<'a, str>; N], Fault> {
        let mut found: [Cow<'a, str>; N] = core::array::from_fn(|_| Cow::Borrowed(""));
        let mut rest = Some(self.rest);
        for slot in &mut found {
            *slot = self.next(&mut rest)?.ok_or(Fault::Arguments { wanted: N })?;
        }
        match self.next(&mut rest)? {
            None => Ok(found),
            Some(_) => Err(Fault::Arguments { wanted: N }),
        }
    }

    /// The next argument, cut off the front of `rest`; `None` when there is none.
    pub(super) fn next(&self, rest: &mut Option<&'a str>) -> Result<Option<Cow<'a, str>>, Fault> {
        let Some(text) = *rest else { return Ok(None) };
        match self.style {
            Style::Bar => {
                let (argument, left) = text.split_once('|').map_or((text, None), |(a, b)| (a, Some(b)));
                *rest = left;
                Ok(Some(Cow::Borrowed(argument.trim())))
            }
            Style::Quoted => {
                let text = text.trim_start();
                if text.is_empty() {
                    *rest = None;
                    return Ok(None);
                }
                let (argument, left) = quoted(text.strip_prefix('"').ok_or(Fault::Unquoted)?)?;
                *rest = Some(left);
                Ok(Some(argument))
            }
        }
    }
}

/// Says a command.
pub(super) fn said<'s>(style: Style, word: &str, arguments: impl IntoIterator<Item = &'s str>) -> String {
    let mut out = word.to_owned();
    for argument in arguments {
        match style {
            Style::Quoted => {
                out.push_str(" \"");
                for c in argument.chars() {
                    if matches!(c, '"' | '\\') {
                        out.push('\\');
                    }
                    out.push(c);
                }
                out.push('"');
            }
            Style::Bar => {
                out.push('|');
                // A bar would end the argument; this one only looks like it (B8).
                out.extend(argument.chars().map(|c| if c == '|' { '¦' } else { c }));
            }
        }
    }
    out
}

/// An argument without its quotation marks, and what is after it; the first mark is gone already. A backslash before
/// anything else than a mark or a backslash is just that.
fn quoted(text: &str) -> Result<(Cow<'_, str>, &str), Fault> {
    let mut owned: Option<String> = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        let (before, after) = text.split_at_checked(at).unwrap_or_default();
        if c == '"' {
            let rest = after.strip_prefix('"').unwrap_or_default();
            return Ok((owned.map_or(Cow::Borrowed(before), Cow::Owned), rest));
        }
        let is_escape = c == '\\' && after.as_bytes().get(1).is_some_and(|next| matches!(next, b'"' | b'\\'));
        let meant = if is_escape {
            owned.get_or_insert_with(|| before.to_owned());
            chars.next().map_or(c, |(_, next)| next)
        } else {
            c
        };
        if let Some(owned) = &mut owned {
            owned.push(meant);
        }
    }
    Err(Fault::Unterminated)
}
