//! How each wish is said in MSP.
//!
//! In: a [`Wish`], receipts, decisions. Out: packets and payloads. Must not know when it is said, nor how often.

use crate::client::jobs::Job;
use crate::client::questions::Offer;
use crate::client::tongue::{Receipt, Wish};
use crate::client::{Ask, Client, Refused};
use crate::dialect::msp::{Body, Capabilities, ErrorCode, Message, Name, packet};
use crate::wire::{Packet, Payload};

/// The longest text that a datagram of 65,507 bytes carries beside header, length and checksum, and some air.
const LONGEST_TEXT: usize = 65_000;

impl Client {
    pub(in crate::client) fn msp_packet(&self, wish: Wish<'_>) -> Result<Packet, Refused> {
        let body = match wish {
            Wish::Register => Body::Connect { name: Some(name(&self.config.name)?) },
            Wish::StillHere => Body::Connect { name: None },
            Wish::Job(job) => self.body(job)?,
            Wish::Straight(text) => Body::Text { text: text.into(), order: None },
            Wish::Relay { to, text } => {
                let to = u8::try_from(to).map_err(|_| Refused::BadName)?;
                Body::Relay { to, text: text.into(), order: None }
            }
        };
        packet(self.msp.id, &body).map_err(|_| Refused::BadName)
    }

    /// The message that asks for `job`.
    fn body<'j>(&'j self, job: &'j Job) -> Result<Body<'j>, Refused> {
        Ok(match job {
            Job::Hello => Body::Hello {
                version: 1,
                capabilities: Capabilities::NOTIFICATIONS
                    .with(Capabilities::DIRECTORY)
                    .with(Capabilities::RELAY),
            },
            Job::Directory(user) => Body::Directory { user: u8::try_from(*user).unwrap_or_default() },
            Job::Refresh => {
                let room = self.room.as_ref().ok_or(Refused::NotInPrivateRoom)?;
                Body::JoinRoom { room: name(&room.name)? }
            }
            Job::Home => Body::LeaveRoom,
            Job::Orphan { .. } | Job::Find(..) | Job::Locate(_) => return Err(no_word()),
            Job::Users(_, ask) => match ask {
                Ask::Say(text) if text.len() > LONGEST_TEXT => return Err(Refused::BadName),
                Ask::Say(text) => Body::Text { text: text.into(), order: None },
                Ask::Create { room, mode, capacity } => {
                    Body::CreateRoom { mode: *mode, room: name(room)?, capacity: *capacity }
                }
                Ask::Join(room) => Body::JoinRoom { room: name(room)? },
                Ask::Switch(room) => Body::SwitchRoom { room: name(room)? },
                Ask::Leave => Body::LeaveRoom,
                Ask::Invite(user) => Body::Invite { user: name(user)? },
                Ask::ListRooms => Body::ListRooms,
                Ask::ListUsers(room) => Body::ListUsers { room: name(room.as_deref().unwrap_or(""))? },
                Ask::Disconnect => Body::Disconnect,
                Ask::Answer { .. }
                | Ask::Tell { .. }
                | Ask::ChooseMode(_)
                | Ask::ChangeMode(_)
                | Ask::Name(_)
                | Ask::Rename(_)
                | Ask::Dissolve => return Err(no_word()),
            },
        })
    }

    pub(in crate::client) fn msp_receipt(&self, seq: u16, what: Receipt) -> Payload {
        self.encode(
            seq,
            &match what {
                Receipt::Text => Body::TextReply,
                Receipt::News => Body::NotificationReply,
            },
        )
    }

    pub(in crate::client) fn msp_decision(&self, offer: &Offer, accept: bool) -> Payload {
        self.encode(offer.seq, &Body::OfferReply { declined: !accept })
    }

    /// A short response of ours; those always fit their fields.
    pub(super) fn encode(&self, seq: u16, body: &Body<'_>) -> Payload {
        let mut bytes = Vec::with_capacity(Payload::HEAD);
        let message = Message { user: self.msp.id, seq, body: body.clone() };
        let encoded = message.encode(&mut bytes);
        debug_assert!(encoded.is_ok(), "a short response fits");
        Payload::new(&bytes)
    }
}

fn name(text: &str) -> Result<Name<'_>, Refused> {
    Name::new(text).ok_or(Refused::BadName)
}

fn no_word() -> Refused {
    Refused::Error(ErrorCode::NOT_ALLOWED, "this protocol has no word for it".into())
}
