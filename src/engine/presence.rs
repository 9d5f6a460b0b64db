//! Who is on the server: arrivals, restarts, departures (M4, M5, M15, S7).
//!
//! In: a name and the address that asks for it; an end. Out: peers and users that come and go. Must not know how either
//! is said on a wire.

use std::sync::Arc;

use super::config::Packed;
use super::deadlines::Deadline;
use super::limits::Bucket;
use super::outgoing::{Outgoing, Purpose};
use super::peers::{Peer, Registration};
use super::traffic::Source;
use super::{Counter, Departure, DropReason, Event, Output, Server};
use crate::dialect::msp::Capabilities;
use crate::ids::{PeerId, UserId};
use crate::reliable::{AnyLink, Request};
use crate::time::{Duration, Instant};
use crate::vocab::Ability;
use crate::wire::Payload;

/// How a registration went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Registered {
    /// This peer is registered now, as a newcomer or afresh.
    As(PeerId),
    /// Somebody has the name; he was asked whether he is still there.
    NameTaken,
    /// There is no number left.
    Full,
}

impl Server {
    /// Takes in whoever asks for `name`, which this dialect can carry.
    pub(super) fn register(
        &mut self,
        now: Instant,
        source: Source,
        dialect: Packed,
        by: Registration,
        name: &str,
    ) -> Registered {
        let former = self.peers.at(source.listener, source.address);
        if let Some(holder) = self.rooms.find(name) {
            let holder = self.peers.of(holder);
            if let Some(id) = holder.filter(|holder| former == Some(*holder)) {
                return self.restart(now, id, by, name);
            }
            if let Some(holder) = holder {
                self.probe_holder(now, holder);
            }
            return Registered::NameTaken;
        }
        if self.sides.of(dialect.into()).users.is_alias(name) {
            return Registered::NameTaken;
        }
        self.newcomer(now, source, dialect, by, name)
    }

    /// The peer that was registered by this very request: the answer was lost, or the network made a copy.
    ///
    /// That of the program which had the address before counts too. A late copy of it would start the present one afresh,
    /// which believes to be in its private room while the server takes it for a public one (M21).
    pub(super) fn registered_by(
        &self,
        now: Instant,
        source: Source,
        by: Registration,
        name: &[u8],
    ) -> Option<PeerId> {
        let id = self.peers.at(source.listener, source.address)?;
        let peer = self.peers.get(id)?;
        // Another name is another person, whatever the number (M4): programs may all begin at 1.
        let is_same = peer.name.as_bytes() == name
            && (peer.registered_by == by || peer.registered_before_by == Some(by))
            && now.since(peer.since) <= self.copies_last(peer);
        is_same.then_some(id)
    }

    /// For how long a copy of a registration is known for what it is: as long as that of any request (M32). With 10 bits
    /// programs that begin at the same number are no rare thing: there, one who has left may come again the same way, T
    /// after he came first.
    fn copies_last(&self, peer: &Peer) -> Duration {
        match peer.dialect {
            Packed::Shen if peer.user.is_none() => self.config.timing(peer.listener).timer,
            Packed::Msp | Packed::Shen => AnyLink::<Outgoing, Payload>::MEMORY,
        }
    }

    /// Whether a registration that is no repetition may be carried out now: it is a request like any other of one who is
    /// registered, and one more message of a stranger otherwise (M15). The error is the peer that asks too often.
    pub(super) fn may_register(&mut self, now: Instant, source: Source) -> Result<bool, PeerId> {
        let Some(id) = self.live_peer(source) else { return Ok(self.admit_stranger(now, source)) };
        self.stats.add(Counter::Requests);
        if self.may_ask(now, id) { Ok(true) } else { Err(id) }
    }

    /// Whoever was at this address before under another name is given up, but only if there is a number for the new name:
    /// who cannot change his name keeps the one he has.
    fn newcomer(
        &mut self,
        now: Instant,
        source: Source,
        dialect: Packed,
        by: Registration,
        name: &str,
    ) -> Registered {
        let former = self.peers.at(source.listener, source.address);
        let before = former
            .and_then(|id| self.peers.get(id))
            .map(|peer| (peer.requests, (&*peer.name == name).then_some(peer.registered_by)));
        let Some(number) = self.free_number(now, dialect) else { return Registered::Full };
        if let Some(id) = former {
            self.depart(now, id, Departure::Renamed);
        }
        let ability = ability(dialect);
        let Ok(user) = self.rooms.enter(now, name, ability, &mut self.effects) else {
            // Its name was checked by this dialect's rules, which are narrower than those of the rooms.
            self.sides.of_mut(dialect.into()).numbers.give_back(number);
            return Registered::NameTaken;
        };
        self.arriving = Some(user);
        let (requests, registered_before_by) = before.unwrap_or_default();
        let peer = Peer {
            dialect,
            listener: source.listener,
            address: source.address,
            number,
            name: name.into(),
            user: Some(user),
            link: self.new_link(source, dialect, by),
            registered_by: by,
            registered_before_by,
            since: now,
            heard: now,
            spoke: false,
            name_probed: false,
            wake_probed: false,
            wake: None,
            texts_lost: 0,
            moved: None,
            questions: Vec::new(),
            requests,
            repeats: Bucket::default(),
            armed: None,
            capabilities: Capabilities::default(),
            pages: 0,
            waiting: Vec::new(),
        };
        let id = self.peers.insert(peer);
        self.sides.of_mut(dialect.into()).numbers.settle(number, id);
        self.peers.deadlines.push(now + self.config.limits.silence, Deadline::Silence(id));
        Registered::As(id)
    }

    /// The same address and name under a new number: the program has started again and remembers nothing. It keeps its
    /// number; its sequence numbers and ours, its memory and its mailbox start afresh, and it is in the public room (M4).
    fn restart(&mut self, now: Instant, id: PeerId, by: Registration, name: &str) -> Registered {
        self.leave_rooms(now, id, Departure::Restarted);
        let Some(Peer { listener, address, dialect, .. }) = self.peers.get(id) else {
            return Registered::NameTaken;
        };
        let dialect = *dialect;
        let link = self.new_link(Source { listener: *listener, address: *address }, dialect, by);
        // Its name has just become free.
        let Ok(user) = self.rooms.enter(now, name, ability(dialect), &mut self.effects) else {
            self.rest(now, id);
            return Registered::NameTaken;
        };
        self.arriving = Some(user);
        self.peers.bind(user, id);
        if let Some(peer) = self.peers.get_mut(id) {
            peer.user = Some(user);
            peer.link = link;
            peer.capabilities = Capabilities::default();
            peer.registered_before_by = Some(peer.registered_by);
            peer.registered_by = by;
            (peer.since, peer.heard, peer.spoke) = (now, now, false);
            (peer.name_probed, peer.wake_probed) = (false, false);
            (peer.texts_lost, peer.moved, peer.pages) = (0, None, 0);
            peer.questions.clear();
            peer.waiting.clear();
        }
        self.stop_waking(id);
        Registered::As(id)
    }

    /// Tells the operator that somebody is here.
    pub(super) fn announce(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get(id) else { return };
        let (dialect, number, name, from) = (peer.dialect, peer.number, peer.name.clone(), peer.address);
        let (dialect, id) = (dialect.into(), Some(number));
        self.outputs.push_back(Output::Event(Event::Arrived { name, dialect, id, from }));
    }

    /// A number for a newcomer; when none is free, that of a guest (M20), or of somebody who never spoke (M15).
    fn free_number(&mut self, now: Instant, dialect: Packed) -> Option<u16> {
        let (peers, numbers) = (&self.peers, &mut self.sides.of_mut(dialect.into()).numbers);
        let number = numbers.take(now);
        let number = number.or_else(|| numbers.take_from_guests(|guest| peers.heard(guest)));
        if number.is_some() {
            return number;
        }
        let patience = self.config.limits.unspoken;
        let silent = |peer: &Peer| {
            peer.dialect == dialect && peer.user.is_some() && !peer.spoke && now.since(peer.since) >= patience
        };
        let (id, _) =
            self.peers.iter().filter(|(_, peer)| silent(peer)).min_by_key(|(_, peer)| peer.since)?;
        self.leave_rooms(now, id, Departure::Unspoken);
        self.forget(id);
        self.sides.of_mut(dialect.into()).numbers.take(now)
    }

    /// Asks somebody whose name is wanted whether he is still there.
    fn probe_holder(&mut self, now: Instant, holder: PeerId) {
        let Some(peer) = self.peers.get_mut(holder) else { return };
        // Shen's protocol has no message for this but a text: who was just heard need not be asked (S17).
        let timer = self.config.timing(peer.listener).timer;
        if peer.dialect == Packed::Shen && now.since(peer.heard) < timer {
            return;
        }
        if !std::mem::replace(&mut peer.name_probed, true) {
            self.probe(holder, Purpose::NameProbe(now));
            self.pump(now, holder);
        }
    }

    /// Sends a text without words, which is acknowledged but never shown (M11, S17).
    pub(super) fn probe(&mut self, id: PeerId, purpose: Purpose) {
        let Some(packet) = self.peers.get(id).map(|peer| peer.dialect).and_then(Self::empty_text) else {
            return;
        };
        if let Some(peer) = self.peers.get_mut(id) {
            peer.link.send(Request::new(Outgoing { packet, purpose }));
        }
    }

    /// A peer is gone: the others are told, and its number rests. One who was gone already stays so.
    pub(super) fn depart(&mut self, now: Instant, id: PeerId, why: Departure) {
        if self.peers.user(id).is_some() {
            self.leave_rooms(now, id, why);
            self.rest(now, id);
        }
    }

    /// A number is not used again for a while (M5). Until then what its former holder repeats is answered (M24).
    fn rest(&mut self, now: Instant, id: PeerId) {
        self.peers.deadlines.push(now + self.config.limits.id_rest, Deadline::Rested(id));
    }

    /// A peer that has rested is forgotten, and its number is free.
    pub(super) fn forget(&mut self, id: PeerId) {
        if let Some(peer) = self.peers.remove(id) {
            self.sides.of_mut(peer.dialect.into()).numbers.give_back(peer.number);
        }
    }

    /// Takes the user behind a peer out of the rooms, and forgets what the peer was still to be asked.
    fn leave_rooms(&mut self, now: Instant, id: PeerId, why: Departure) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        let Some(user) = peer.user.take() else { return };
        let timing = self.config.timing(peer.listener);
        let (number, name): (u16, Arc<str>) = (peer.number, peer.name.clone());
        (0..peer.link.pending()).for_each(|_| self.stats.drop(DropReason::ReceiverGone));
        peer.link.stop_asking(timing, peer.link.far_number());
        if let Some(stopping) = &mut self.stopping {
            stopping.remove(&id);
        }
        self.leave(now, user);
        self.outputs.push_back(Output::Event(Event::Departed { name, id: Some(number), why }));
    }

    /// Takes a user out of the rooms; the others are told, and nobody knows him any more.
    pub(super) fn leave(&mut self, now: Instant, user: UserId) {
        self.rooms.exit(now, user, &mut self.effects);
        // The notices quote numbers and names, which are known only as long as the peer is.
        self.deliver(now);
        self.forget_user(now, user);
    }

    /// His names and numbers mean nobody any more.
    pub(super) fn forget_user(&mut self, now: Instant, user: UserId) {
        let rest = self.config.limits.id_rest;
        for side in self.sides.iter_mut() {
            side.numbers.guest_left(now, user, rest);
            side.users.forget(user);
        }
    }

    /// Our numbers begin anywhere, but far from those that somebody at this address has just seen: copies of what he was
    /// asked may still arrive, and what is asked now must not be taken for them (M4).
    fn new_link(&mut self, at: Source, dialect: Packed, by: Registration) -> AnyLink<Outgoing, Payload> {
        let former = self.peers.at(at.listener, at.address).and_then(|id| self.peers.get(id));
        let former = former.map(|peer| peer.link.next_number());
        let (timing, quota) = (self.config.timing(at.listener), self.config.limits.mailbox);
        match dialect {
            Packed::Msp => AnyLink::wide(timing, quota, former.unwrap_or_else(|| self.random.u16(..))),
            // Both directions share the number circle (S5): far from the client's numbers, too.
            Packed::Shen => {
                AnyLink::narrow(timing, quota, former.unwrap_or_else(|| by.seq.wrapping_add(512)))
            }
        }
    }
}

/// Whether people of this dialect can be asked something.
const fn ability(dialect: Packed) -> Ability {
    match dialect {
        Packed::Msp => Ability::Told,
        Packed::Shen => Ability::Asked,
    }
}
