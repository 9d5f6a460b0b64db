//! The fields of a datagram, written down as they are read.
//!
//! In: what a reader reports. Out: a row for each field, in order. Must not know how rows are shown.

use core::fmt;

use super::{Field, Trace};

/// One field of a datagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRow {
    /// Where it starts: bits from the first.
    pub bit: usize,
    /// How many bits it takes up; the delimiter of a string is among them.
    pub bits: usize,
    /// Its wire name; `padding` for the bits that fill up the last byte.
    pub name: &'static str,
    /// What it holds.
    pub value: Value,
    /// What that means, where a number has a meaning: `CREATION_VALIDEE`.
    pub meaning: Option<String>,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Number(u64),
    /// A string of UTF-8, without its delimiter.
    Text(String),
    /// Bytes that are no text, and a string that is not UTF-8.
    Bytes(Vec<u8>),
}

impl fmt::Display for Value {
    /// Numbers in decimal, texts quoted and escaped, other bytes in hex.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Bytes(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}

/// Writes down what is read.
#[derive(Clone, Debug, Default)]
pub struct Rows(pub Vec<FieldRow>);

impl Trace for Rows {
    fn number(&mut self, field: Field, bit: usize, value: u64) {
        let bits = field.bits as usize;
        self.0.push(FieldRow { bit, bits, name: field.name, value: Value::Number(value), meaning: None });
    }

    fn bytes(&mut self, field: Field, bit: usize, bits: usize, value: &[u8]) {
        let value = match core::str::from_utf8(value) {
            Ok(text) if field.is_text => Value::Text(text.into()),
            _ => Value::Bytes(value.into()),
        };
        self.0.push(FieldRow { bit, bits, name: field.name, value, meaning: None });
    }

    fn meaning(&mut self, words: &dyn fmt::Display) {
        if let Some(row) = self.0.last_mut() {
            row.meaning = Some(words.to_string());
        }
    }
}
