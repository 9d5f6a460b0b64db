//! The remote sockets the server talks with.
//!
//! In: registrations and departures. Out: the peer behind an address or a user. Must not know what they say.
//!
//! A peer that is gone lingers until its number has rested, to answer what is repeated from its memory (M24).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use slab::Slab;

use super::config::Packed;
use super::deadlines::Deadlines;
use super::limits::Bucket;
use super::outgoing::Outgoing;
use super::shen::Waiting;
use super::streams::Seats;
use crate::dialect::msp::Capabilities;
use crate::ids::{Key, ListenerId, PeerId, QuestionId, UserId};
use crate::reliable::AnyLink;
use crate::time::{Duration, Instant};
use crate::wire::Payload;

/// One remote socket that registered.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) dialect: Packed,
    pub(super) listener: ListenerId,
    pub(super) address: SocketAddr,
    /// Its own number in its dialect: an id or a handle.
    pub(super) number: u16,
    pub(super) name: Arc<str>,
    /// `None` once it is gone.
    pub(super) user: Option<UserId>,
    pub(super) link: AnyLink<Outgoing, Payload>,
    /// The request that registered it, and the one that registered the program which was here before it under the same
    /// name (M4).
    pub(super) registered_by: Registration,
    pub(super) registered_before_by: Option<Registration>,
    /// Since when it is registered, and when it was heard from last.
    pub(super) since: Instant,
    pub(super) heard: Instant,
    /// Whether anything came after its registration (M15).
    pub(super) spoke: bool,
    /// Whether a probe is out because somebody wants its name (M4), and one because it is silent (M33, S17).
    pub(super) name_probed: bool,
    pub(super) wake_probed: bool,
    /// When the next wake-up probe is due, and the gap before it; `None` while nothing waits for it (M33).
    pub(super) wake: Option<(Instant, Duration)>,
    /// Texts its mailbox lost and it has not been told of (M31).
    pub(super) texts_lost: u32,
    /// The notice that it was moved, dropped from its mailbox: to be told before it may speak again (M21).
    pub(super) moved: Option<Outgoing>,
    /// The questions put to it.
    pub(super) questions: Vec<Put>,
    pub(super) requests: Bucket,
    /// How often it is answered from memory (M15).
    pub(super) repeats: Bucket,
    /// The earliest time its link is scheduled for.
    pub(super) armed: Option<Instant>,
    /// MSP: the extensions that both sides have.
    pub(super) capabilities: Capabilities,
    /// Shen: pages of a list that are on their way (S4).
    pub(super) pages: usize,
    /// Shen: requests that others have to decide, answered when they have or soon (S9, S10).
    pub(super) waiting: Vec<Waiting>,
}

/// A question put to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Put {
    pub(super) question: QuestionId,
    /// The number it bears.
    pub(super) seq: u16,
    /// When it was put first.
    pub(super) at: Instant,
}

/// What tells one registering request from another: its number, and what else its dialect looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Registration {
    pub(super) seq: u16,
    pub(super) mark: u32,
}

/// All of them, by slot, by address and by user.
#[derive(Debug)]
pub(super) struct Peers {
    slots: Slab<(u32, Peer)>,
    generation: u32,
    by_address: BTreeMap<(ListenerId, SocketAddr), PeerId>,
    /// By the slot of the user.
    by_user: Vec<Option<(UserId, PeerId)>>,
    pub(super) deadlines: Deadlines,
    /// Those who came on connections instead.
    pub(super) seats: Seats,
}

impl Peers {
    pub(super) fn new() -> Self {
        Self {
            slots: Slab::new(),
            generation: 0,
            by_address: BTreeMap::new(),
            by_user: Vec::new(),
            deadlines: Deadlines::default(),
            seats: Seats::default(),
        }
    }

    pub(super) fn insert(&mut self, peer: Peer) -> PeerId {
        self.generation = self.generation.wrapping_add(1);
        let (address, user) = ((peer.listener, peer.address), peer.user);
        let slot = self.slots.insert((self.generation, peer));
        let id = PeerId(Key { slot: u32::try_from(slot).unwrap_or(u32::MAX), generation: self.generation });
        self.by_address.insert(address, id);
        if let Some(user) = user {
            self.bind(user, id);
        }
        id
    }

    /// Notes that `user` is reached through `peer`.
    pub(super) fn bind(&mut self, user: UserId, peer: PeerId) {
        if self.by_user.len() <= user.slot() {
            self.by_user.resize(user.slot() + 1, None);
        }
        if let Some(entry) = self.by_user.get_mut(user.slot()) {
            *entry = Some((user, peer));
        }
    }

    /// Forgets a peer for good.
    pub(super) fn remove(&mut self, id: PeerId) -> Option<Peer> {
        let address = self.get(id).map(|peer| (peer.listener, peer.address))?;
        if self.by_address.get(&address) == Some(&id) {
            self.by_address.remove(&address);
        }
        self.slots.try_remove(id.slot()).map(|(_, peer)| peer)
    }

    pub(super) fn get(&self, id: PeerId) -> Option<&Peer> {
        self.slots
            .get(id.slot())
            .filter(|(generation, _)| *generation == id.0.generation)
            .map(|(_, peer)| peer)
    }

    pub(super) fn get_mut(&mut self, id: PeerId) -> Option<&mut Peer> {
        let slot = self.slots.get_mut(id.slot())?;
        (slot.0 == id.0.generation).then_some(&mut slot.1)
    }

    /// The user behind a peer, unless it is gone.
    pub(super) fn user(&self, id: PeerId) -> Option<UserId> {
        self.get(id)?.user
    }

    /// The peer that speaks from this address, or did until a moment ago.
    pub(super) fn at(&self, listener: ListenerId, from: SocketAddr) -> Option<PeerId> {
        self.by_address.get(&(listener, from)).copied()
    }

    /// The peer through which a user is reached, also just after he has left the rooms.
    pub(super) fn of(&self, user: UserId) -> Option<PeerId> {
        let (owner, peer) = (*self.by_user.get(user.slot())?)?;
        (owner == user).then_some(peer)
    }

    /// Whether somebody is on the server, however he came.
    pub(super) fn is_here(&self, user: UserId) -> bool {
        let is_peer = || self.of(user).and_then(|peer| self.user(peer)).is_some();
        self.seats.get(user).is_some() || is_peer()
    }

    /// When somebody was heard last.
    pub(super) fn heard(&self, user: UserId) -> Instant {
        let peer = || self.of(user).and_then(|peer| self.get(peer)).map(|peer| peer.heard);
        self.seats.get(user).map(|seat| seat.heard).or_else(peer).unwrap_or(Instant::ZERO)
    }

    /// All peers, gone ones too.
    pub(super) fn iter(&self) -> impl Iterator<Item = (PeerId, &Peer)> {
        self.slots.iter().map(|(slot, (generation, peer))| {
            let slot = u32::try_from(slot).unwrap_or(u32::MAX);
            (PeerId(Key { slot, generation: *generation }), peer)
        })
    }
}
