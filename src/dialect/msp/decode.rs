//! From a datagram to a message.
//!
//! In: the bits, and room for the strings. Out: a [`Message`], or the first thing that is wrong. Must not know who
//! watches, nor what a name or a number is worth: only the canonical form counts (M3).

use std::borrow::Cow;
use std::net::{Ipv4Addr, SocketAddrV4};

use super::fields::{
    ACCESS_STATUS, CAPABILITIES, CAPACITY, CREATE_STATUS, DECLINED, DIRECTORY_COUNT, DISCONNECT_REFUSED,
    ERROR_CODE, EVENT, IPV4, KEEP_ALIVE_ERROR, LEAVE_REFUSED, MODE, MODE_WORDS, ORDER, PEER_COUNT, PORT,
    REASON, REASON_LENGTH, RECIPIENT, REFUSED_TYPE, REGISTER_STATUS, ROOM, ROOM_COUNT, ROOM_NAME, TEXT,
    TEXT_LENGTH, USER, USER_COUNT, USER_NAME, VERSION,
};
use super::{
    Access, AccessStatus, Body, Capabilities, CreateStatus, DELIMITER, DirectoryEntry, ErrorCode, Event,
    EventKind, Header, Kind, Message, Name, Peer, RawHeader, RegisterStatus, Registration, RoomEntry,
};
use crate::vocab::Mode;
use crate::wire::{Arena, BitReader, Fault, Field, Malformed, Scratch, Trace};

/// The message in a datagram, its strings in `scratch`, its fields reported to `trace`.
pub(super) fn decode<'s, T: Trace>(
    datagram: &[u8],
    scratch: &'s mut Scratch,
    trace: T,
) -> Result<Message<'s>, Malformed> {
    if RawHeader::peek(datagram).is_some_and(|header| header.code == Kind::Text.code()) {
        decode_text(datagram, scratch, trace)
    } else {
        Decoder::new(datagram, scratch, trace).message()
    }
}

/// The most frequent: a function of its own, in which the place of each bit is known when it is compiled.
#[inline(never)]
fn decode_text<'s, T: Trace>(
    datagram: &[u8],
    scratch: &'s mut Scratch,
    trace: T,
) -> Result<Message<'s>, Malformed> {
    let mut decoder = Decoder::new(datagram, scratch, trace);
    let header = Header::decode(&mut decoder.reader)?;
    let len = decoder.reader.u16(TEXT_LENGTH)?;
    let text = decoder.reader.text_here(TEXT, usize::from(len), &mut decoder.arena)?;
    let order = decoder.order()?;
    decoder.reader.finish()?;
    let body = Body::Text { text: Cow::Borrowed(text), order };
    Ok(Message { user: header.user, seq: header.seq, body })
}

/// Reads one datagram.
struct Decoder<'d, 's, T: Trace> {
    reader: BitReader<'d, T>,
    arena: Arena<'s>,
}

impl<'d, 's, T: Trace> Decoder<'d, 's, T> {
    #[inline(always)]
    fn new(datagram: &'d [u8], scratch: &'s mut Scratch, trace: T) -> Self {
        Self { reader: BitReader::with_trace(datagram, trace), arena: scratch.arena(datagram.len()) }
    }

    /// The whole datagram, to its last bit.
    ///
    /// Each arm ends the message by itself, so that it is written where the caller wants it: to move it there from
    /// another place takes as long as to decode a short one.
    #[inline(always)]
    fn message(mut self) -> Result<Message<'s>, Malformed> {
        let this = &mut self;
        let header = Header::decode(&mut this.reader)?;
        match header.kind {
            Kind::Connect => end(header, Body::Connect { name: this.registering()? }, this),
            Kind::ConnectReply => end(header, Body::ConnectReply(this.registration()?), this),
            Kind::CreateRoom => end(header, this.create_room()?, this),
            Kind::CreateRoomReply => end(header, this.create_room_reply()?, this),
            Kind::ListRooms => end(header, Body::ListRooms, this),
            Kind::RoomList => end(header, Body::RoomList(this.list(ROOM_COUNT, Self::room_entry)?), this),
            Kind::JoinRoom => end(header, Body::JoinRoom { room: this.room()? }, this),
            Kind::JoinRoomReply => end(header, Body::JoinRoomReply(this.access()?), this),
            Kind::ListUsers => end(header, Body::ListUsers { room: this.room()? }, this),
            Kind::UserList => end(header, Body::UserList(this.list(USER_COUNT, Self::user)?), this),
            Kind::Invite => end(header, Body::Invite { user: this.user()? }, this),
            Kind::InviteReply => end(header, Body::InviteReply, this),
            Kind::Offer => end(header, this.offer()?, this),
            Kind::OfferReply => end(header, Body::OfferReply { declined: this.reader.flag(DECLINED)? }, this),
            Kind::Text => end(header, Body::Text { text: this.chat()?, order: this.order()? }, this),
            Kind::TextReply => end(header, Body::TextReply, this),
            Kind::SwitchRoom => end(header, Body::SwitchRoom { room: this.room()? }, this),
            Kind::SwitchRoomReply => end(header, Body::SwitchRoomReply(this.access()?), this),
            Kind::LeaveRoom => end(header, Body::LeaveRoom, this),
            Kind::LeaveRoomReply => {
                end(header, Body::LeaveRoomReply { refused: this.reader.flag(LEAVE_REFUSED)? }, this)
            }
            Kind::Disconnect => end(header, Body::Disconnect, this),
            Kind::DisconnectReply => {
                end(header, Body::DisconnectReply { refused: this.reader.flag(DISCONNECT_REFUSED)? }, this)
            }
            Kind::Hello => {
                let (version, capabilities) = this.hello()?;
                end(header, Body::Hello { version, capabilities }, this)
            }
            Kind::HelloReply => {
                let (version, capabilities) = this.hello()?;
                end(header, Body::HelloReply { version, capabilities }, this)
            }
            Kind::Directory => end(header, Body::Directory { user: this.number(USER)? }, this),
            Kind::DirectoryReply => {
                end(header, Body::DirectoryReply(this.list(DIRECTORY_COUNT, Self::directory_entry)?), this)
            }
            Kind::Notification => end(header, Body::Notification(this.event()?), this),
            Kind::NotificationReply => end(header, Body::NotificationReply, this),
            Kind::Relay => end(header, this.relay()?, this),
            Kind::Error => end(header, this.error()?, this),
        }
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

    fn create_room(&mut self) -> Result<Body<'s>, Malformed> {
        let (mode, room) = (self.mode()?, self.room()?);
        Ok(Body::CreateRoom { mode, room, capacity: self.number(CAPACITY)? })
    }

    fn create_room_reply(&mut self) -> Result<Body<'s>, Malformed> {
        let status = self.coded(CREATE_STATUS, CreateStatus::from_code)?;
        Ok(Body::CreateRoomReply { status, room: self.number(ROOM)? })
    }

    fn offer(&mut self) -> Result<Body<'s>, Malformed> {
        Ok(Body::Offer { by: self.user()?, mode: self.mode()?, room: self.room()? })
    }

    fn relay(&mut self) -> Result<Body<'s>, Malformed> {
        let to = self.number(RECIPIENT)?;
        Ok(Body::Relay { to, text: self.chat()?, order: self.order()? })
    }

    fn hello(&mut self) -> Result<(u8, Capabilities), Malformed> {
        let version = self.number(VERSION)?;
        let capabilities = Capabilities(self.reader.u16(CAPABILITIES)?);
        self.reader.meaning(&capabilities);
        Ok((version, capabilities))
    }

    #[inline(never)]
    fn access(&mut self) -> Result<Access<'s>, Malformed> {
        let mode = self.mode()?;
        let status = self.coded(ACCESS_STATUS, AccessStatus::from_code)?;
        Ok(match mode {
            Mode::Central => Access::Central(status),
            Mode::Direct => Access::Direct { status, peers: self.list(PEER_COUNT, Self::peer)? },
        })
    }

    #[inline(never)]
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

    #[inline(never)]
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
    #[inline(always)]
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
        let [central, direct] = MODE_WORDS;
        self.reader.meaning(match mode {
            Mode::Central => &central,
            Mode::Direct => &direct,
        });
        Ok(mode)
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

/// Nothing may follow the body.
#[inline(always)]
fn end<'s, T: Trace>(
    header: Header,
    body: Body<'s>,
    decoder: &mut Decoder<'_, 's, T>,
) -> Result<Message<'s>, Malformed> {
    decoder.reader.finish()?;
    Ok(Message { user: header.user, seq: header.seq, body })
}
