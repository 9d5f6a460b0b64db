//! Why a text is none of the JSON messages.
//!
//! In: what was found. Out: a value that says what is wrong, and of which message, as far as that could be read. Must not
//! know how anybody is told.

use core::fmt;

use super::Seq;

/// A text that is no message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its `seq`, if that can be read.
    pub seq: Option<Seq>,
    /// Its `type`, if that can be read and is one of those there are.
    pub kind: Option<&'static str>,
    /// What is wrong.
    pub wrong: Wrong,
    /// The same in words, in English as the parser has them.
    pub words: String,
}

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is no JSON object, or something follows it.
    NotJson,
    /// There is no message of its `type`.
    UnknownType,
    /// A field is missing, twice there, or not what it should be.
    Fields,
    /// It is longer than a message of its type may be.
    TooLong,
}

impl Wrong {
    /// The `code` of the ERROR that says so (B11).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotJson => "json",
            Self::UnknownType => "type",
            Self::Fields => "fields",
            Self::TooLong => "too-long",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl core::error::Error for Fault {}
