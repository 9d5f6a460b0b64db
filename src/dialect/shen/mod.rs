//! Shen's protocol: twenty-nine messages, packed bit by bit into UDP datagrams.
//!
//! In: a datagram, or a [`Message`] to send. Out: the [`Message`], or bytes. Must not know whether a message is new,
//! allowed or sensible.
mod authors;
mod decode;
mod dissect;
mod encode;
mod fields;
mod header;
mod kind;
mod lists;
mod message;
mod names;
pub mod words;

pub use authors::{LONGEST_TEXT, longest_relayed, relayed, said};
pub use dissect::dissect;
pub use encode::{Unencodable, packet};
pub use fields::{ENTRY, MODE_WORDS, NUMBERS, PRIVACY_WORDS, STRINGS};
pub use header::{HEADER_BITS, MOST_TEXT, RawHeader};
pub use kind::{Format, Kind};
pub use lists::{Listed, PUBLIC_ROOM, entry, listed, pages};
pub use message::{Body, Entry, Message};
pub use names::{LONGEST_NAME, LONGEST_NAME_BYTES, names, room_name, user_name};
