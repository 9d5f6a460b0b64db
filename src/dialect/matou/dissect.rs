//! A message field by field, for people who want to see every byte.
//!
//! In: the bytes of one message, good or bad. Out: a row for each field that could be read, in order, and what was wrong with
//! the next one. It is the decoder itself that is watched, so this cannot disagree with it. Must not know how rows are shown.

use super::decode::decode;
use crate::wire::{FieldRow, Malformed, Rows, Scratch};

/// The fields of a message up to the first that is wrong, and what is wrong with it.
pub fn dissect(bytes: &[u8]) -> (Vec<FieldRow>, Result<(), Malformed>) {
    let mut rows = Rows::default();
    let mut scratch = Scratch::new();
    let result = decode(bytes, &mut scratch, &mut rows).map(|_| ());
    (rows.0, result)
}
