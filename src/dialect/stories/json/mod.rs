//! The JSON messages of Stories (B5 to B8).
//!
//! In: the text of a message, or a message to send. Out: the message, or its text. Must not know who sends it, nor whether
//! it is allowed.
mod seq;

pub use seq::{MOST_SEQ, Seq};
