//! The server's side of MSP: what it does with each message, and how it says what the rooms want told.
//!
//! In: datagrams of one listener. Out: datagrams, commands to the rooms. Must not know sockets or how a bit is packed.
//!
//! `receive` finds out who speaks and whether it is new, `register` and `requests` carry out, `notices` tells others,
//! `upkeep` repeats, probes and lets go.

mod notices;
mod receive;
mod register;
mod requests;
mod upkeep;

use crate::dialect::msp::{Body, SERVER, Unencodable, packet};
use crate::ids::QuestionId;
use crate::reliable::Lane;
use crate::time::Instant;
use crate::wire::Packet;

/// The lane of what the server says for itself; an author's lane is his id (M14).
const OWN_LANE: Lane = Lane(SERVER as u16);

/// A request of ours, encoded once however many receivers it has.
#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    packet: Packet,
    purpose: Purpose,
}

/// Why we ask, and so what its answer, or its failure, means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// To pass on what somebody said.
    Text,
    /// To say something ourselves.
    Words,
    /// To tell how many texts were dropped while somebody was away (M31).
    Missed(u32),
    /// To tell what happened.
    Notice,
    /// To tell somebody that his room has closed: until he knows, his texts are not published (M21).
    /// The number tells which of two came later.
    Closing(u64),
    /// To pass on an invitation.
    Offer(QuestionId),
    /// To see whether somebody whose name is wanted is still there (M4). Since when we wonder.
    NameProbe(Instant),
    /// To see whether somebody for whom texts wait is back (M33).
    WakeUp,
    /// To say goodbye.
    Stop,
}

impl Outgoing {
    /// Encodes what the server says for itself.
    fn from_server(body: &Body<'_>, purpose: Purpose) -> Result<Self, Unencodable> {
        Ok(Self { packet: packet(SERVER, body)?, purpose })
    }

    /// What it counts while it waits: its text, or near enough.
    fn size(&self) -> usize {
        self.packet.tail().len()
    }
}
