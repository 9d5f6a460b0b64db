//! From a message to bytes.
//!
//! In: a [`Message`]. Out: bytes at the end of a vector, or why there are none. Must not know who gets them. The order of
//! the fields is that of `decode.rs`.

use core::fmt;
use std::net::IpAddr;

use super::fields::{FILE_NAME, MESSAGE, Str, USERNAME};
use super::{Message, Ports};

/// Why a message cannot be sent. Each is a fault of the caller, not of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unencodable {
    /// A string is longer than it may be.
    TooLong {
        /// Which, by its wire name.
        field: &'static str,
        /// How many bytes it has.
        bytes: usize,
        /// How many it may have.
        most: usize,
    },
    /// A file is larger than [`i64::MAX`] bytes.
    FileSize(u64),
}

impl fmt::Display for Unencodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { field, bytes, most } => {
                write!(f, "{field} of {bytes} bytes, where {most} are the most")
            }
            Self::FileSize(size) => write!(f, "a file of {size} bytes"),
        }
    }
}

impl core::error::Error for Unencodable {}

/// Appends a message to `out`; on failure `out` is as it was.
pub(super) fn encode(message: &Message<'_>, out: &mut Vec<u8>) -> Result<(), Unencodable> {
    let start = out.len();
    let result = put(message, out);
    if result.is_err() {
        out.truncate(start);
    }
    result
}

fn put(message: &Message<'_>, out: &mut Vec<u8>) -> Result<(), Unencodable> {
    put_number(out, message.kind().code().into());
    match message {
        Message::Error(code) => put_number(out, code.code().into()),
        Message::Connected { accepted } => out.push(u8::from(*accepted)),
        Message::Connect { name }
        | Message::Arrived { name }
        | Message::Left { name }
        | Message::Ask { name }
        | Message::Asked { name }
        | Message::Accept { name } => put_string(out, USERNAME, name)?,
        Message::Say { text } | Message::Private { text } => put_string(out, MESSAGE, text)?,
        Message::Said { author, text } => {
            put_string(out, USERNAME, author)?;
            put_string(out, MESSAGE, text)?;
        }
        Message::Offer { name, ports } => {
            put_string(out, USERNAME, name)?;
            put_ports(out, *ports);
        }
        Message::Expect { name, address } => {
            put_string(out, USERNAME, name)?;
            put_address(out, *address);
        }
        Message::Meet { name, address, ports } => {
            put_string(out, USERNAME, name)?;
            put_address(out, *address);
            put_ports(out, *ports);
        }
        Message::File { name, size } => {
            put_string(out, FILE_NAME, name)?;
            let size = i64::try_from(*size).map_err(|_| Unencodable::FileSize(*size))?;
            out.extend_from_slice(&size.to_be_bytes());
        }
        Message::SignOut | Message::PrivateSignOut => {}
    }
    Ok(())
}

fn put_string(out: &mut Vec<u8>, string: Str, text: &str) -> Result<(), Unencodable> {
    let (bytes, most) = (text.len(), string.longest);
    let too_long = Unencodable::TooLong { field: string.text.name, bytes, most };
    let size = i32::try_from(bytes).ok().filter(|_| bytes <= most).ok_or(too_long)?;
    put_number(out, size);
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

fn put_address(out: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => {
            put_number(out, 4);
            out.extend_from_slice(&address.octets());
        }
        IpAddr::V6(address) => {
            put_number(out, 16);
            out.extend_from_slice(&address.octets());
        }
    }
}

fn put_ports(out: &mut Vec<u8>, ports: Ports) {
    put_number(out, ports.messages);
    put_number(out, ports.files);
}

fn put_number(out: &mut Vec<u8>, number: i32) {
    out.extend_from_slice(&number.to_be_bytes());
}
