//! What the server asks of a peer, and why.
//!
//! In: an encoded message and a purpose. Out: plain data. Must not know how it is sent or in which dialect.

use crate::ids::QuestionId;
use crate::reliable::{Lane, Patience, Rank, Request};
use crate::time::Instant;
use crate::wire::Packet;

/// A request of ours, encoded once however many receivers it has.
#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    pub(super) packet: Packet,
    pub(super) purpose: Purpose,
}

/// Why we ask, and so what its answer, or its failure, means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To pass on what somebody said.
    Text,
    /// To say something ourselves.
    Words,
    /// To tell how many texts were dropped while somebody was away (M31).
    Missed(u32),
    /// To tell what happened.
    Notice,
    /// To tell somebody that he is in another room than he may think: until he knows, his texts are not published (M21).
    /// The number tells which of two came later.
    Moved(u64),
    /// To send a further page of a list (S4).
    Page,
    /// To put a question to a person, who may take his time.
    Question(QuestionId),
    /// To see whether somebody whose name is wanted is still there (M4). Since when we wonder.
    NameProbe(Instant),
    /// To see whether somebody for whom texts wait is back (M33).
    WakeUp,
    /// To see whether somebody whose dialect has no keep-alive is still there (S17). Since when we wonder.
    SilenceProbe(Instant),
    /// To say goodbye.
    Stop,
}

impl Outgoing {
    /// What it counts while it waits: its text, or near enough.
    pub(super) fn size(&self) -> usize {
        self.packet.tail().len()
    }

    /// What the server says itself keeps its order, and yields to people's texts when a mailbox is full (M31).
    pub(super) fn in_own_lane(self, lane: Lane) -> Request<Self> {
        let size = self.size();
        let rank = if self.purpose == Purpose::Notice { Rank::Notice } else { Rank::Text };
        Request::new(self).in_lane(lane, size).with_patience(Patience::Park).with_rank(rank)
    }

    /// What somebody said, in order with what else he said.
    pub(super) fn in_lane_of(self, author: u16) -> Request<Self> {
        let size = self.size();
        Request::new(self).in_lane(Lane(author), size).with_patience(Patience::Park)
    }
}
