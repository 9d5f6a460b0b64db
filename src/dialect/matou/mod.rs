//! Matou: seventeen messages, byte by byte over TCP, without any length around them.
//!
//! In: the bytes of a stream, or a [`Message`] to send. Out: whole messages, or bytes. Must not know whether a message is
//! allowed now, nor who has which name.
//!
//! A stream goes through a [`crate::wire::Deframer`] of [`Frames`], which refuses what is too long as soon as that can be
//! told; what comes out is decoded by [`Message::decode`].
mod decode;
mod dissect;
mod encode;
mod fields;
mod framing;
mod kind;
mod message;
mod names;
mod text;

pub use dissect::dissect;
pub use encode::Unencodable;
pub use fields::{
    ACCEPTED_WORDS, ADDRESS, ADDRESS_SIZE, FILE_SIZE_HIGH, FILE_SIZE_LOW, NUMBERS, Part, STRINGS, Str,
};
pub use framing::{BadFrame, Frames, LONGEST_MESSAGE, Way, Why};
pub use kind::{ErrorCode, Kind};
pub use message::{Message, Ports};
pub use names::{LONGEST_FILE_NAME, LONGEST_NAME, folded, is_name, legal};
pub use text::{LONGEST_TEXT, carried, is_text};
