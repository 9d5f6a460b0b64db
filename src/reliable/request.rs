//! What a caller gives to a sender, and what it gets back.
//!
//! In and out: plain data. Must not know how it is sent.

use super::seq::Seq;

/// Requests in one lane reach the peer in the order they were given; lanes do not wait for each other (M14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lane(pub u16);

/// Which of two waiting requests is dropped first when too many wait: the lower one (M31).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// News that a list can replace.
    Notice,
    /// Somebody's words.
    Text,
}

/// What happens to a request after M tries without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// It is given up and reported.
    GiveUp,
    /// It waits until the peer is heard from and gets M tries more under its old number; its lane waits with it (M17).
    Park,
    /// It waits for a person: it is sent once more when the peer is heard from, at most once a second, until it is
    /// answered or [cancelled](super::Sender::cancel) (M22).
    Linger,
}

/// Something to ask of the peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request<P> {
    /// What to send; the sender does not look at it.
    pub payload: P,
    /// What it counts against the quota while it waits, in bytes.
    pub size: usize,
    /// The lane whose order it keeps, if any.
    pub lane: Option<Lane>,
    /// What happens after M tries.
    pub patience: Patience,
    /// What goes first when too much waits.
    pub rank: Rank,
}

impl<P> Request<P> {
    /// A request outside all lanes that is given up after M tries.
    #[must_use]
    pub const fn new(payload: P) -> Self {
        Self { payload, size: 0, lane: None, patience: Patience::GiveUp, rank: Rank::Text }
    }

    /// The same, in order with the others of `lane`; `size` bytes count while it waits.
    #[must_use]
    pub fn in_lane(self, lane: Lane, size: usize) -> Self {
        Self { lane: Some(lane), size, ..self }
    }

    /// The same, with another patience.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// The same, with another rank.
    #[must_use]
    pub fn with_rank(self, rank: Rank) -> Self {
        Self { rank, ..self }
    }
}

/// A request to put on the wire now.
#[derive(Debug, PartialEq, Eq)]
pub struct Transmit<'a, const BITS: u32, P> {
    /// The number it bears.
    pub seq: Seq<BITS>,
    /// Which try this is, 1..=M; again from 1 after it was parked.
    pub attempt: u32,
    /// What to send.
    pub payload: &'a P,
}

/// A request that will not be sent any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost<P> {
    /// M tries were in vain.
    GivenUp(P),
    /// Too much waited, and this was the first to go.
    Overflow(P),
}
