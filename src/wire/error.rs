//! Why some bytes are not a message.
//!
//! In: the field that was being read, where it stands, what is wrong. Out: [`Malformed`], a value to count or to
//! answer, with words for people. Must not know whether anybody is told.

use core::fmt;

/// Bytes that are not a message: the first thing wrong with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The wire name of the field that could not be read.
    pub field: &'static str,
    /// Where that field, or the wrong part of it, starts: bits from the datagram's first.
    pub bit: usize,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The datagram ends before the field does.
    Short {
        /// How many bits the field needs.
        wanted: usize,
        /// How many there are.
        left: usize,
    },
    /// A delimited string has no delimiter within its longest length, or none at all.
    Unterminated {
        /// The longest it may be, in bytes, without its delimiter.
        longest: usize,
    },
    /// A text is not UTF-8.
    NotUtf8,
    /// A text begins like a JSON object and is none.
    NotJson,
    /// A number written in digits is greater than its type can hold.
    TooWide {
        /// How many bits that has.
        bits: u32,
    },
    /// The value has no meaning here.
    Reserved(u64),
    /// The value says something else than what follows it.
    Disagrees(u64),
    /// The message is over and whole bytes follow.
    Leftover {
        /// How many bits follow, the padding among them.
        bits: usize,
    },
    /// A bit that fills up the last byte is not zero.
    Padding,
}

impl fmt::Display for Malformed {
    /// One line for people: `at bit 45, CHAT: 56 bits are wanted, 40 are left`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at bit {}, {}: {}", self.bit, self.field, self.fault)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { wanted, left } => write!(f, "{wanted} bits are wanted, {left} are left"),
            Self::Unterminated { longest } => {
                write!(f, "no delimiter after at most {longest} bytes")
            }
            Self::NotUtf8 => f.write_str("not UTF-8"),
            Self::NotJson => f.write_str("not a JSON object"),
            Self::TooWide { bits } => write!(f, "the number does not fit {bits} bits"),
            Self::Reserved(value) => write!(f, "the value {value} is reserved"),
            Self::Disagrees(value) => write!(f, "the value {value} disagrees with what follows"),
            Self::Leftover { bits } => write!(f, "the message is over, {bits} bits follow"),
            Self::Padding => f.write_str("the padding is not zero"),
        }
    }
}

impl core::error::Error for Malformed {}
