//! A unit of the stream field by field, for people who want to see every byte.
//!
//! In: a unit, good or bad. Out: a row for each field that could be read, in order, and what was wrong with the next one.
//! It is the decoder itself that is watched, so this cannot disagree with it. Must not know how rows are shown.

use super::decode::{Read, decode_with};
use crate::wire::{FieldRow, Malformed, Value};

/// The fields of a unit up to the first that is wrong, and what is wrong with it.
pub fn dissect(unit: &[u8]) -> (Vec<FieldRow>, Result<(), Malformed>) {
    let mut rows = Vec::new();
    let result = decode_with(unit, |name, start, bytes, read| {
        let value = match read {
            Read::Mark(mark) => Value::Number(u64::from(*mark)),
            Read::Number(number) => Value::Number(*number),
            Read::Text(text) => Value::Text((*text).into()),
        };
        let (bit, bits) = (start.saturating_mul(8), bytes.saturating_mul(8));
        rows.push(FieldRow { bit, bits, name, value, meaning: None });
    });
    (rows, result.map(|_| ()).map_err(|refused| refused.why))
}
