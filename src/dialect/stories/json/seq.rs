//! The number or string by which a client knows what it has begun (B6).
//!
//! In: a JSON string or integer. Out: the same, the way it came. Must not know what it stands for.

use core::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

/// The most bytes of a `seq` that is a string.
pub const MOST_SEQ: usize = 64;

/// A `seq`: it goes back the way it came, so `7` and `"7"` are two.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seq {
    /// An integer; on the wire those of `i64` and of `u64`.
    Number(i128),
    /// A string of at most [`MOST_SEQ`] bytes.
    Text(String),
}

impl From<u64> for Seq {
    fn from(number: u64) -> Self {
        Self::Number(number.into())
    }
}

impl From<&str> for Seq {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl fmt::Display for Seq {
    /// Without quotes, as in the label of a file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl Serialize for Seq {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => match (i64::try_from(*number), u64::try_from(*number)) {
                (Ok(number), _) => serializer.serialize_i64(number),
                (_, Ok(number)) => serializer.serialize_u64(number),
                _ => serializer.serialize_i128(*number),
            },
        }
    }
}

impl<'de> Deserialize<'de> for Seq {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SeqVisitor)
    }
}

struct SeqVisitor;

impl Visitor<'_> for SeqVisitor {
    type Value = Seq;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an integer or a string of at most {MOST_SEQ} bytes")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Seq, E> {
        Ok(Seq::Number(number.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Seq, E> {
        Ok(Seq::Number(number.into()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Seq, E> {
        if text.len() > MOST_SEQ {
            return Err(E::invalid_length(text.len(), &self));
        }
        Ok(Seq::Text(text.into()))
    }
}
