//! The remote sockets the server talks with.
//!
//! In: registrations and departures. Out: the peer behind an id, an address or a user. Must not know what they say.
//!
//! A peer that is gone lingers until its id has rested, to answer what is repeated from its memory (M24).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use slab::Slab;

use super::deadlines::Deadlines;
use super::idpool::IdPool;
use super::limits::Bucket;
use super::msp::Outgoing;
use crate::dialect::msp::Capabilities;
use crate::ids::{Key, ListenerId, PeerId, QuestionId, UserId};
use crate::reliable::{Link, Seq};
use crate::time::{Duration, Instant};
use crate::wire::Payload;

/// One remote socket that registered.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) listener: ListenerId,
    pub(super) address: SocketAddr,
    pub(super) id: u8,
    pub(super) name: Arc<str>,
    /// `None` once it is gone.
    pub(super) user: Option<UserId>,
    pub(super) link: Link<16, Outgoing, Payload>,
    pub(super) capabilities: Capabilities,
    /// NUM_SEQ of its CONNEXION, and of that of the program which was here before it under the same name (M4).
    pub(super) connected_by: u16,
    pub(super) connected_before_by: Option<u16>,
    /// Since when it is registered, and when it was heard from last.
    pub(super) since: Instant,
    pub(super) heard: Instant,
    /// Whether anything came after its CONNEXION (M15).
    pub(super) spoke: bool,
    /// Whether a probe is out because somebody wants its name (M4), and one because texts wait for it (M33).
    pub(super) name_probed: bool,
    pub(super) wake_probed: bool,
    /// When the next wake-up probe is due, and the gap before it; `None` while nothing waits for it (M33).
    pub(super) wake: Option<(Instant, Duration)>,
    /// Texts its mailbox lost and it has not been told of (M31).
    pub(super) texts_lost: u32,
    /// The notice that its room has closed, dropped from its mailbox: to be told before it may speak again (M21).
    pub(super) closing: Option<Outgoing>,
    /// The offers it has not answered, and their numbers.
    pub(super) offers: Vec<(QuestionId, Seq<16>)>,
    pub(super) requests: Bucket,
    /// How often it is answered from memory (M15).
    pub(super) repeats: Bucket,
    /// The earliest time its link is scheduled for.
    pub(super) armed: Option<Instant>,
}

/// All of them, by slot, by id and by address.
#[derive(Debug)]
pub(super) struct Peers {
    slots: Slab<(u32, Peer)>,
    generation: u32,
    /// The peer that has, or last had, each id (M23: one space for all listeners).
    by_id: Vec<Option<PeerId>>,
    by_address: BTreeMap<(ListenerId, SocketAddr), PeerId>,
    /// By the slot of the user.
    by_user: Vec<Option<(UserId, PeerId)>>,
    pub(super) ids: IdPool,
    pub(super) deadlines: Deadlines,
}

impl Peers {
    pub(super) fn new() -> Self {
        Self {
            slots: Slab::new(),
            generation: 0,
            by_id: vec![None; 256],
            by_address: BTreeMap::new(),
            by_user: Vec::new(),
            ids: IdPool::new(),
            deadlines: Deadlines::default(),
        }
    }

    pub(super) fn insert(&mut self, peer: Peer) -> PeerId {
        self.generation = self.generation.wrapping_add(1);
        let (address, number, user) = ((peer.listener, peer.address), peer.id, peer.user);
        let slot = self.slots.insert((self.generation, peer));
        let id = PeerId(Key { slot: u32::try_from(slot).unwrap_or(u32::MAX), generation: self.generation });
        if let Some(entry) = self.by_id.get_mut(usize::from(number)) {
            *entry = Some(id);
        }
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
    pub(super) fn remove(&mut self, id: PeerId) {
        let Some(peer) = self.get(id) else { return };
        let (address, number) = ((peer.listener, peer.address), peer.id);
        if self.by_address.get(&address) == Some(&id) {
            self.by_address.remove(&address);
        }
        if let Some(entry) = self.by_id.get_mut(usize::from(number)) {
            entry.take_if(|owner| *owner == id);
        }
        self.ids.give_back(number);
        self.slots.remove(id.slot());
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

    /// The peer whose id this is, if it speaks from this address. It may be gone already.
    pub(super) fn find(&self, number: u8, listener: ListenerId, from: SocketAddr) -> Option<PeerId> {
        let id = (*self.by_id.get(usize::from(number))?)?;
        self.get(id).filter(|peer| peer.address == from && peer.listener == listener).map(|_| id)
    }

    /// The peer that speaks from this address, or did until a moment ago.
    pub(super) fn at(&self, listener: ListenerId, from: SocketAddr) -> Option<PeerId> {
        self.by_address.get(&(listener, from)).copied()
    }

    /// The user who has this id on the wire.
    pub(super) fn user_of(&self, number: u8) -> Option<UserId> {
        let id = (*self.by_id.get(usize::from(number))?)?;
        self.get(id)?.user
    }

    /// The peer through which a user is reached, also just after he has left the rooms.
    pub(super) fn of(&self, user: UserId) -> Option<PeerId> {
        let (owner, peer) = (*self.by_user.get(user.slot())?)?;
        (owner == user).then_some(peer)
    }

    /// The id of a user on the wire.
    pub(super) fn number_of(&self, user: UserId) -> Option<u8> {
        self.get(self.of(user)?).map(|peer| peer.id)
    }

    /// All peers, gone ones too.
    pub(super) fn iter(&self) -> impl Iterator<Item = (PeerId, &Peer)> {
        self.slots.iter().map(|(slot, (generation, peer))| {
            let slot = u32::try_from(slot).unwrap_or(u32::MAX);
            (PeerId(Key { slot, generation: *generation }), peer)
        })
    }
}
