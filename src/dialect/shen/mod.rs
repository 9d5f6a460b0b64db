//! Shen's protocol: twenty-nine messages, packed bit by bit into UDP datagrams.
//!
//! In: a datagram, or a [`Message`] to send. Out: the [`Message`], or bytes. Must not know whether a message is new,
//! allowed or sensible.
mod decode;
mod dissect;
mod encode;
mod fields;
mod header;
mod kind;
mod message;

pub use dissect::dissect;
pub use encode::{Unencodable, packet};
pub use header::{HEADER_BITS, MOST_TEXT, RawHeader};
pub use kind::{Format, Kind};
pub use message::{Body, Entry, Message};
