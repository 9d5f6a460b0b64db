//! From a message to a datagram.
//!
//! In: the header's numbers and a [`Body`]. Out: bytes at the end of a vector, or why there are none. Must not know who
//! gets them. The order of the fields is that of `decode.rs`, line by line.

use core::fmt;
use std::net::SocketAddrV4;

use super::fields::{
    ACCESS_STATUS, CAPABILITIES, CAPACITY, CREATE_STATUS, DECLINED, DIRECTORY_COUNT, DISCONNECT_REFUSED,
    ERROR_CODE, EVENT, IPV4, KEEP_ALIVE_ERROR, LEAVE_REFUSED, MODE, ORDER, PEER_COUNT, PORT, REASON_LENGTH,
    RECIPIENT, REFUSED_TYPE, REGISTER_STATUS, ROOM, ROOM_COUNT, TEXT_LENGTH, USER, USER_COUNT, USER_NAME,
    VERSION,
};
use super::{
    Access, Body, DELIMITER, DirectoryEntry, ErrorCode, Event, Header, Kind, Name, Peer, Registration,
    RoomEntry,
};
use crate::vocab::Mode;
use crate::wire::{BitWriter, Field};

/// Why a message cannot be put into a datagram. Each is a fault of the caller, not of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unencodable {
    /// A text or a reason is longer than its length field can say.
    TooLong {
        /// How many bytes it has.
        bytes: usize,
        /// How many it may have.
        most: usize,
    },
    /// A list has more entries than its count can say (M6).
    TooMany {
        /// How many entries it has; 255 is the most.
        entries: usize,
    },
    /// TYPE_REFUSE has five bits.
    RefusedType(u8),
}

impl fmt::Display for Unencodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { bytes, most } => write!(f, "a text of {bytes} bytes, where {most} are the most"),
            Self::TooMany { entries } => write!(f, "a list of {entries} entries, where 255 are the most"),
            Self::RefusedType(code) => write!(f, "the type {code}, where 31 is the highest"),
        }
    }
}

impl core::error::Error for Unencodable {}

/// Appends a message to `out`; on failure `out` is as it was.
#[inline]
pub(super) fn encode(user: u8, seq: u16, body: &Body<'_>, out: &mut Vec<u8>) -> Result<(), Unencodable> {
    match body {
        Body::Text { text, order } => encode_text(user, seq, text, *order, out),
        _ => encode_any(user, seq, body, out),
    }
}

/// The most frequent: a function of its own, in which the place of each bit is known when it is compiled.
#[inline(never)]
fn encode_text(
    user: u8,
    seq: u16,
    text: &str,
    order: Option<u8>,
    out: &mut Vec<u8>,
) -> Result<(), Unencodable> {
    let len = text_length(text)?;
    let mut writer = BitWriter::new(out);
    Header { kind: Kind::Text, user, seq }.encode(&mut writer);
    writer.put(TEXT_LENGTH, len);
    writer.bytes_here(text.as_bytes());
    put_order(&mut writer, order);
    writer.finish();
    Ok(())
}

#[inline(never)]
fn encode_any(user: u8, seq: u16, body: &Body<'_>, out: &mut Vec<u8>) -> Result<(), Unencodable> {
    let start = out.len();
    let mut writer = BitWriter::new(out);
    Header { kind: body.kind(), user, seq }.encode(&mut writer);
    match put_body(&mut writer, body) {
        Ok(()) => {
            writer.finish();
            Ok(())
        }
        Err(why) => {
            out.truncate(start);
            Err(why)
        }
    }
}

fn put_body(writer: &mut BitWriter<'_>, body: &Body<'_>) -> Result<(), Unencodable> {
    match body {
        Body::Connect { name: Some(name) } => put_name(writer, name),
        Body::Connect { name: None }
        | Body::ListRooms
        | Body::InviteReply
        | Body::TextReply
        | Body::LeaveRoom
        | Body::Disconnect
        | Body::NotificationReply => {}
        Body::ConnectReply(registration) => put_registration(writer, *registration),
        Body::CreateRoom { mode, room, capacity } => {
            put_mode(writer, *mode);
            put_name(writer, room);
            writer.put(CAPACITY, *capacity);
        }
        Body::CreateRoomReply { status, room } => {
            writer.put(CREATE_STATUS, status.code());
            writer.put(ROOM, *room);
        }
        Body::JoinRoom { room: name }
        | Body::SwitchRoom { room: name }
        | Body::ListUsers { room: name }
        | Body::Invite { user: name } => put_name(writer, name),
        Body::JoinRoomReply(access) | Body::SwitchRoomReply(access) => put_access(writer, access)?,
        Body::Offer { by, mode, room } => {
            put_name(writer, by);
            put_mode(writer, *mode);
            put_name(writer, room);
        }
        Body::OfferReply { declined } => writer.put(DECLINED, *declined),
        Body::Text { text, order } => put_chat(writer, text, *order)?,
        Body::LeaveRoomReply { refused } => writer.put(LEAVE_REFUSED, *refused),
        Body::DisconnectReply { refused } => writer.put(DISCONNECT_REFUSED, *refused),
        Body::Hello { version, capabilities } | Body::HelloReply { version, capabilities } => {
            writer.put(VERSION, *version);
            writer.put(CAPABILITIES, capabilities.0);
        }
        Body::Directory { user } => writer.put(USER, *user),
        Body::RoomList(rooms) => put_list(writer, ROOM_COUNT, rooms, put_room_entry)?,
        Body::UserList(users) => put_list(writer, USER_COUNT, users, put_name)?,
        Body::DirectoryReply(entries) => put_list(writer, DIRECTORY_COUNT, entries, put_directory_entry)?,
        Body::Notification(event) => put_event(writer, event),
        Body::Relay { to, text, order } => {
            writer.put(RECIPIENT, *to);
            put_chat(writer, text, *order)?;
        }
        Body::Error { refused, code, reason } => put_error(writer, *refused, *code, reason)?,
    }
    Ok(())
}

fn put_registration(writer: &mut BitWriter<'_>, registration: Registration) {
    match registration {
        Registration::Registered { status, id } => {
            writer.put(REGISTER_STATUS, status.code());
            writer.put(USER, id);
        }
        Registration::KeepAlive { error } => writer.put(KEEP_ALIVE_ERROR, error),
    }
}

fn put_access(writer: &mut BitWriter<'_>, access: &Access<'_>) -> Result<(), Unencodable> {
    put_mode(writer, access.mode());
    writer.put(ACCESS_STATUS, access.status().code());
    if let Access::Direct { peers, .. } = access {
        put_list(writer, PEER_COUNT, peers, put_peer)?;
    }
    Ok(())
}

/// A count, then that many entries.
fn put_list<E>(
    writer: &mut BitWriter<'_>,
    count: Field,
    entries: &[E],
    put_entry: fn(&mut BitWriter<'_>, &E),
) -> Result<(), Unencodable> {
    let number = u8::try_from(entries.len());
    writer.put(count, number.map_err(|_| Unencodable::TooMany { entries: entries.len() })?);
    for entry in entries {
        put_entry(writer, entry);
    }
    Ok(())
}

fn put_room_entry(writer: &mut BitWriter<'_>, entry: &RoomEntry<'_>) {
    put_mode(writer, entry.mode);
    put_name(writer, &entry.room);
    writer.put(USER_COUNT, entry.members);
}

fn put_peer(writer: &mut BitWriter<'_>, peer: &Peer<'_>) {
    put_address(writer, peer.address);
    put_name(writer, &peer.user);
}

fn put_directory_entry(writer: &mut BitWriter<'_>, entry: &DirectoryEntry<'_>) {
    writer.put(USER, entry.id);
    put_name(writer, &entry.user);
}

fn put_event(writer: &mut BitWriter<'_>, event: &Event<'_>) {
    writer.put(EVENT, event.kind().code());
    match event {
        Event::Joined { id, address, user } => {
            writer.put(USER, *id);
            put_address(writer, *address);
            put_name(writer, user);
        }
        Event::Left { id, user } => {
            writer.put(USER, *id);
            put_name(writer, user);
        }
        Event::Closed { room: name } | Event::Renamed { room: name } | Event::Declined { user: name } => {
            put_name(writer, name);
        }
        Event::ModeChanged(mode) => put_mode(writer, *mode),
        Event::Stopping => {}
    }
}

fn put_chat(writer: &mut BitWriter<'_>, text: &str, order: Option<u8>) -> Result<(), Unencodable> {
    writer.put(TEXT_LENGTH, text_length(text)?);
    writer.bytes(text.as_bytes());
    put_order(writer, order);
    Ok(())
}

#[inline(always)]
fn put_order(writer: &mut BitWriter<'_>, order: Option<u8>) {
    if let Some(order) = order {
        writer.put(ORDER, order);
    }
}

#[inline(always)]
fn text_length(text: &str) -> Result<u16, Unencodable> {
    let bytes = text.len();
    u16::try_from(bytes).map_err(|_| Unencodable::TooLong { bytes, most: usize::from(u16::MAX) })
}

fn put_error(
    writer: &mut BitWriter<'_>,
    refused: u8,
    code: ErrorCode,
    reason: &str,
) -> Result<(), Unencodable> {
    if refused >> REFUSED_TYPE.bits != 0 {
        return Err(Unencodable::RefusedType(refused));
    }
    let most = usize::from(u8::MAX);
    let len = u8::try_from(reason.len()).map_err(|_| Unencodable::TooLong { bytes: reason.len(), most })?;
    writer.put(REFUSED_TYPE, refused);
    writer.put(ERROR_CODE, code.0);
    writer.put(REASON_LENGTH, len);
    writer.bytes(reason.as_bytes());
    Ok(())
}

fn put_address(writer: &mut BitWriter<'_>, address: SocketAddrV4) {
    writer.put(IPV4, address.ip().to_bits());
    writer.put(PORT, address.port());
}

fn put_mode(writer: &mut BitWriter<'_>, mode: Mode) {
    writer.put(MODE, mode == Mode::Direct);
}

fn put_name(writer: &mut BitWriter<'_>, name: &Name<'_>) {
    writer.bytes(name.as_bytes());
    writer.put(USER_NAME, DELIMITER);
}
