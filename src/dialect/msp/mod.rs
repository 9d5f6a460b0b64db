//! MSP, the messaging session protocol: thirty messages, packed bit by bit into UDP datagrams.
//!
//! In: a datagram, or a [`Message`] to send. Out: the [`Message`], or bytes; for each accepted datagram there is exactly
//! one message and the other way round (M3). Must not know whether a message is new, allowed or sensible.
mod body;
mod decode;
mod dissect;
mod encode;
mod fields;
mod header;
mod kind;
mod meaning;
mod message;
mod names;
mod owned;
mod packet;
mod parts;
mod status;

pub use body::Body;
pub use dissect::dissect;
pub use encode::Unencodable;
pub use fields::{MODE_WORDS, NUMBERS, STRINGS};
pub use header::{HEADER_BITS, Header, RawHeader};
pub use kind::Kind;
pub use meaning::{Known, command, error, name, refused, words};
pub use message::Message;
pub use names::{DELIMITER, Name, room_name, user_name};
pub use packet::packet;
pub use parts::{Access, DirectoryEntry, Event, Peer, Registration, RoomEntry};
pub use status::{AccessStatus, Capabilities, CreateStatus, ErrorCode, EventKind, RegisterStatus};

/// ID_USER of what the server says for itself (M2).
pub const SERVER: u8 = 0xff;
/// ID_USER of a client that has none yet.
pub const NOBODY: u8 = 0x00;
