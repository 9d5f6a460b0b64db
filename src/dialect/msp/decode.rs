//! From a datagram to a message.
//!
//! In: the bits, and room for the strings. Out: a [`Message`], or the first thing that is wrong. Must not know who watches,
//! nor what a name or a number is worth: only the canonical form counts (M3).

use std::borrow::Cow;
use std::net::{Ipv4Addr, SocketAddrV4};

use super::fields::{
    ACCESS_STATUS, CAPABILITIES, CAPACITY, CREATE_STATUS, DECLINED, DIRECTORY_COUNT, DISCONNECT_REFUSED,
    ERROR_CODE, EVENT, IPV4, KEEP_ALIVE_ERROR, LEAVE_REFUSED, MODE, ORDER, PEER_COUNT, PORT, REASON,
    REASON_LENGTH, RECIPIENT, REFUSED_TYPE, REGISTER_STATUS, ROOM, ROOM_COUNT, ROOM_NAME, TEXT, TEXT_LENGTH,
    USER, USER_COUNT, USER_NAME, VERSION,
};
use super::{
    Access, AccessStatus, Body, Capabilities, CreateStatus, DELIMITER, DirectoryEntry, ErrorCode, Event,
    EventKind, Header, Kind, Message, Name, Peer, RegisterStatus, Registration, RoomEntry,
};
use crate::vocab::Mode;
use crate::wire::{Arena, BitReader, Fault, Field, Malformed, Trace};

/// Reads one datagram.
pub(super) struct Decoder<'d, 's, T: Trace> {
    reader: BitReader<'d, T>,
    arena: Arena<'s>,
}

impl<'d, 's, T: Trace> Decoder<'d, 's, T> {
    pub(super) const fn new(reader: BitReader<'d, T>, arena: Arena<'s>) -> Self {
        Self { reader, arena }
    }

    /// The whole datagram, to its last bit.
    #[inline]
    pub(super) fn message(mut self) -> Result<Message<'s>, Malformed> {
        let Header { kind, user, seq } = Header::decode(&mut self.reader)?;
        let body = self.body(kind)?;
        self.reader.finish()?;
        Ok(Message { user, seq, body })
    }

    fn body(&mut self, kind: Kind) -> Result<Body<'s>, Malformed> {
        Ok(match kind {
            Kind::Connect => Body::Connect { name: self.registering()? },
            Kind::ConnectReply => Body::ConnectReply(self.registration()?),
            Kind::CreateRoom => {
                Body::CreateRoom { mode: self.mode()?, room: self.room()?, capacity: self.number(CAPACITY)? }
            }
            Kind::CreateRoomReply => {
                let status = self.coded(CREATE_STATUS, CreateStatus::from_code)?;
                Body::CreateRoomReply { status, room: self.number(ROOM)? }
            }
            Kind::ListRooms => Body::ListRooms,
            Kind::RoomList => Body::RoomList(self.list(ROOM_COUNT, Self::room_entry)?),
            Kind::JoinRoom => Body::JoinRoom { room: self.room()? },
            Kind::JoinRoomReply => Body::JoinRoomReply(self.access()?),
            Kind::ListUsers => Body::ListUsers { room: self.room()? },
            Kind::UserList => Body::UserList(self.list(USER_COUNT, Self::user)?),
            Kind::Invite => Body::Invite { user: self.user()? },
            Kind::InviteReply => Body::InviteReply,
            Kind::Offer => Body::Offer { by: self.user()?, mode: self.mode()?, room: self.room()? },
            Kind::OfferReply => Body::OfferReply { declined: self.reader.flag(DECLINED)? },
            Kind::Text => Body::Text { text: self.chat()?, order: self.order()? },
            Kind::TextReply => Body::TextReply,
            Kind::SwitchRoom => Body::SwitchRoom { room: self.room()? },
            Kind::SwitchRoomReply => Body::SwitchRoomReply(self.access()?),
            Kind::LeaveRoom => Body::LeaveRoom,
            Kind::LeaveRoomReply => Body::LeaveRoomReply { refused: self.reader.flag(LEAVE_REFUSED)? },
            Kind::Disconnect => Body::Disconnect,
            Kind::DisconnectReply => Body::DisconnectReply { refused: self.reader.flag(DISCONNECT_REFUSED)? },
            Kind::Hello => Body::Hello { version: self.number(VERSION)?, capabilities: self.capabilities()? },
            Kind::HelloReply => {
                Body::HelloReply { version: self.number(VERSION)?, capabilities: self.capabilities()? }
            }
            Kind::Directory => Body::Directory { user: self.number(USER)? },
            Kind::DirectoryReply => Body::DirectoryReply(self.list(DIRECTORY_COUNT, Self::directory_entry)?),
            Kind::Notification => Body::Notification(self.event()?),
            Kind::NotificationReply => Body::NotificationReply,
            Kind::Relay => {
                Body::Relay { to: self.number(RECIPIENT)?, text: self.chat()?, order: self.order()? }
            }
            Kind::Error => self.error()?,
        })
    }

    /// A keep-alive has no data: what is left is under a byte, where the shortest name has its '#'.
    fn registering(&mut self) -> Result<Option<Name<'s>>, Malformed> {
        if self.reader.left() < 8 { Ok(None) } else { self.user().map(Some) }
    }

    /// One bit and the padding, or ten bits: told apart by whether a byte is left.
    fn registration(&mut self) -> Result<Registration, Malformed> {
        if self.reader.left() < 8 {
            return Ok(Registration::KeepAlive { error: self.reader.flag(KEEP_ALIVE_ERROR)? });
        }
        let status = self.coded(REGISTER_STATUS, RegisterStatus::from_code)?;
        Ok(Registration::Registered { status, id: self.number(USER)? })
    }

    fn access(&mut self) -> Result<Access<'s>, Malformed> {
        let mode = self.mode()?;
        let status = self.coded(ACCESS_STATUS, AccessStatus::from_code)?;
        Ok(match mode {
            Mode::Central => Access::Central(status),
            Mode::Direct => Access::Direct { status, peers: self.list(PEER_COUNT, Self::peer)? },
        })
    }

    fn event(&mut self) -> Result<Event<'s>, Malformed> {
        Ok(match self.coded(EVENT, EventKind::from_code)? {
            EventKind::Joined => {
                Event::Joined { id: self.number(USER)?, address: self.address()?, user: self.user()? }
            }
            EventKind::Left => Event::Left { id: self.number(USER)?, user: self.user()? },
            EventKind::Closed => Event::Closed { room: self.room()? },
            EventKind::ModeChanged => Event::ModeChanged(self.mode()?),
            EventKind::Renamed => Event::Renamed { room: self.room()? },
            EventKind::Declined => Event::Declined { user: self.user()? },
            EventKind::Stopping => Event::Stopping,
        })
    }

    fn error(&mut self) -> Result<Body<'s>, Malformed> {
        let refused = self.number(REFUSED_TYPE)?;
        if let Some(kind) = Kind::from_code(refused) {
            self.reader.meaning(&kind);
        }
        let code = ErrorCode(self.number(ERROR_CODE)?);
        self.reader.meaning(&code);
        let len = self.number(REASON_LENGTH)?;
        let reason = self.reader.text(REASON, usize::from(len), &mut self.arena)?;
        Ok(Body::Error { refused, code, reason: Cow::Borrowed(reason) })
    }

    fn chat(&mut self) -> Result<Cow<'s, str>, Malformed> {
        let len = self.reader.u16(TEXT_LENGTH)?;
        self.reader.text(TEXT, usize::from(len), &mut self.arena).map(Cow::Borrowed)
    }

    /// CHAT ends three bits before a byte does: with ORDRE a byte more is left (M18).
    fn order(&mut self) -> Result<Option<u8>, Malformed> {
        if self.reader.left() < 8 { Ok(None) } else { self.number(ORDER).map(Some) }
    }

    fn room_entry(&mut self) -> Result<RoomEntry<'s>, Malformed> {
        Ok(RoomEntry { mode: self.mode()?, room: self.room()?, members: self.number(USER_COUNT)? })
    }

    fn peer(&mut self) -> Result<Peer<'s>, Malformed> {
        Ok(Peer { address: self.address()?, user: self.user()? })
    }

    fn directory_entry(&mut self) -> Result<DirectoryEntry<'s>, Malformed> {
        Ok(DirectoryEntry { id: self.number(USER)?, user: self.user()? })
    }

    fn address(&mut self) -> Result<SocketAddrV4, Malformed> {
        let ip = Ipv4Addr::from_bits(self.reader.u32(IPV4)?);
        self.reader.meaning(&ip);
        Ok(SocketAddrV4::new(ip, self.reader.u16(PORT)?))
    }

    fn mode(&mut self) -> Result<Mode, Malformed> {
        let mode = if self.reader.flag(MODE)? { Mode::Direct } else { Mode::Central };
        self.reader.meaning(match mode {
            Mode::Central => &"centralised",
            Mode::Direct => &"decentralised",
        });
        Ok(mode)
    }

    fn capabilities(&mut self) -> Result<Capabilities, Malformed> {
        let capabilities = Capabilities(self.reader.u16(CAPABILITIES)?);
        self.reader.meaning(&capabilities);
        Ok(capabilities)
    }

    fn user(&mut self) -> Result<Name<'s>, Malformed> {
        self.name(USER_NAME)
    }

    fn room(&mut self) -> Result<Name<'s>, Malformed> {
        self.name(ROOM_NAME)
    }

    #[inline]
    fn name(&mut self, field: Field) -> Result<Name<'s>, Malformed> {
        self.reader.until(field, DELIMITER, Name::LONGEST, &mut self.arena).map(Name::from_wire)
    }

    #[inline]
    fn number(&mut self, field: Field) -> Result<u8, Malformed> {
        self.reader.u8(field)
    }

    /// A number that must have a meaning.
    fn coded<C: core::fmt::Display>(
        &mut self,
        field: Field,
        from_code: fn(u8) -> Option<C>,
    ) -> Result<C, Malformed> {
        let bit = self.reader.bit();
        let code = self.number(field)?;
        let Some(value) = from_code(code) else {
            return Err(Malformed { field: field.name, bit, fault: Fault::Reserved(u64::from(code)) });
        };
        self.reader.meaning(&value);
        Ok(value)
    }

    /// A count, then that many entries. Memory is taken for no more of them than the datagram can hold: the smallest
    /// entry is a '#'.
    fn list<E>(
        &mut self,
        count: Field,
        entry: fn(&mut Self) -> Result<E, Malformed>,
    ) -> Result<Vec<E>, Malformed> {
        let count = usize::from(self.number(count)?);
        let mut entries = Vec::with_capacity(count.min(self.reader.left() / 8));
        for _ in 0..count {
            entries.push(entry(self)?);
        }
        Ok(entries)
    }
}
