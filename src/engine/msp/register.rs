//! Who is registered: CONNEXION under a name, and departures (M4, M5, M15).
//!
//! In: a name and the address that asks for it; an end. Out: peers and users that come and go. Must not know what they do
//! in between.

use super::receive::{Source, too_many_requests};
use super::{Outgoing, Purpose};
use crate::dialect::msp::{Body, Capabilities, Kind, Name, RegisterStatus, Registration, user_name};
use crate::engine::deadlines::Deadline;
use crate::engine::limits::Bucket;
use crate::engine::peers::Peer;
use crate::engine::{Counter, Departure, DropReason, Event, Output, Server};
use crate::ids::PeerId;
use crate::reliable::{Link, Request};
use crate::time::{Duration, Instant};
use crate::vocab::Ability;
use crate::wire::Payload;

/// How long a copy of a CONNEXION is known for what it is: as long as any other (M32).
const MEMORY: Duration = Link::<16, Outgoing, Payload>::MEMORY;

impl Server {
    /// Somebody wants to be known under `name`.
    pub(super) fn connect(&mut self, now: Instant, source: Source, seq: u16, name: &Name<'_>) {
        let former = self.peers.at(source.listener, source.address);
        if let Some((id, number)) = former.and_then(|id| Some((id, self.registered_by(now, id, seq, name)?)))
        {
            let Some(payload) = self.encode(seq, accepted(number)) else { return };
            return self.answer_again(now, id, payload);
        }
        let live = former.filter(|id| self.peers.get(*id).is_some_and(|peer| peer.user.is_some()));
        if !self.may_register(now, source, seq, live) {
            return;
        }
        let Some(text) = user_name(name) else {
            return self.refuse_registration(source, seq, RegisterStatus::InvalidName);
        };
        match (self.rooms.find(text).and_then(|user| self.peers.of(user)), live) {
            (Some(holder), Some(id)) if holder == id => self.restart(now, id, seq, text),
            (Some(holder), _) => {
                self.probe_holder(now, holder);
                self.refuse_registration(source, seq, RegisterStatus::NameTaken);
            }
            (None, _) => self.register(now, source, seq, text, former),
        }
    }

    /// The id of a peer that was registered by this very CONNEXION: the answer was lost, or the network made a copy.
    ///
    /// That of the program which had the address before counts too. A late copy of it would start the present one afresh,
    /// which believes to be in its private room while the server takes it for a public one (M21).
    fn registered_by(&self, now: Instant, id: PeerId, seq: u16, name: &Name<'_>) -> Option<u8> {
        let peer = self.peers.get(id)?;
        // Another name is another person, whatever the number (M4): programs may all begin at 1.
        let is_same = peer.name.as_bytes() == name.as_bytes()
            && (peer.connected_by == seq || peer.connected_before_by == Some(seq))
            && now.since(peer.since) <= MEMORY;
        is_same.then_some(peer.id)
    }

    /// Whether a CONNEXION that is no repetition may be carried out now: it is a request like any other of one who is
    /// registered, and one more message of a stranger otherwise (M15).
    fn may_register(&mut self, now: Instant, source: Source, seq: u16, live: Option<PeerId>) -> bool {
        let Some(id) = live else { return self.admit_stranger(now, source) };
        let rate = self.config.limits.requests;
        let may = self.peers.get_mut(id).is_some_and(|peer| peer.requests.take(now, rate));
        self.stats.add(Counter::Requests);
        if !may {
            self.stats.add(Counter::OverRate);
            if let Some(payload) = self.encode(seq, too_many_requests(Kind::Connect.code())) {
                self.send_to(source, payload);
            }
        }
        may
    }

    fn refuse_registration(&mut self, source: Source, seq: u16, status: RegisterStatus) {
        let refusal = Body::ConnectReply(Registration::Registered { status, id: 0 });
        if let Some(payload) = self.encode(seq, refusal) {
            self.send_to(source, payload);
        }
    }

    /// Takes in a newcomer. Whoever was at his address before under another name is given up for him, but only if there
    /// is an id for the new name: who cannot change his name keeps the one he has.
    fn register(&mut self, now: Instant, source: Source, seq: u16, name: &str, former: Option<PeerId>) {
        let before = former
            .and_then(|id| self.peers.get(id))
            .map(|peer| (peer.requests, (&*peer.name == name).then_some(peer.connected_by)));
        let Some(number) = self.free_id(now) else {
            return self.refuse_registration(source, seq, RegisterStatus::ServerFull);
        };
        if let Some(id) = former {
            self.depart(now, id, Departure::Renamed);
        }
        let Ok(user) = self.rooms.enter(now, name, Ability::Told, &mut self.effects) else {
            // Its name was checked by this dialect's rules, which are narrower than those of the rooms.
            self.peers.ids.give_back(number);
            return self.refuse_registration(source, seq, RegisterStatus::InvalidName);
        };
        let (requests, connected_before_by) = before.unwrap_or_default();
        let peer = Peer {
            listener: source.listener,
            address: source.address,
            id: number,
            name: name.into(),
            user: Some(user),
            link: self.new_link(source),
            capabilities: Capabilities::default(),
            connected_by: seq,
            connected_before_by,
            since: now,
            heard: now,
            spoke: false,
            name_probed: false,
            wake_probed: false,
            wake: None,
            texts_lost: 0,
            closing: None,
            offers: Vec::new(),
            requests,
            repeats: Bucket::default(),
            armed: None,
        };
        let id = self.peers.insert(peer);
        self.peers.deadlines.push(now + self.config.limits.silence, Deadline::Silence(id));
        self.arrive(id);
    }

    /// The same address and name under a new number: the program has started again and remembers nothing. It keeps its
    /// id; its numbers and ours, its memory and its mailbox start afresh, and it is in the public room (M4).
    fn restart(&mut self, now: Instant, id: PeerId, seq: u16, name: &str) {
        self.leave_rooms(now, id, Departure::Restarted);
        let Some(Peer { listener, address, .. }) = self.peers.get(id) else { return };
        let link = self.new_link(Source { listener: *listener, address: *address });
        // Its name has just become free.
        let Ok(user) = self.rooms.enter(now, name, Ability::Told, &mut self.effects) else {
            return self.rest(now, id);
        };
        self.peers.bind(user, id);
        if let Some(peer) = self.peers.get_mut(id) {
            peer.user = Some(user);
            peer.link = link;
            peer.capabilities = Capabilities::default();
            peer.connected_before_by = Some(peer.connected_by);
            peer.connected_by = seq;
            (peer.since, peer.heard, peer.spoke) = (now, now, false);
            (peer.name_probed, peer.wake_probed) = (false, false);
            (peer.texts_lost, peer.closing) = (0, None);
            peer.offers.clear();
        }
        self.stop_waking(id);
        self.arrive(id);
    }

    fn arrive(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get(id) else { return };
        let (number, seq, name, from) = (peer.id, peer.connected_by, peer.name.clone(), peer.address);
        if let Some(payload) = self.encode(seq, accepted(number)) {
            self.send(id, payload);
        }
        self.outputs.push_back(Output::Event(Event::Arrived { name, id: number, from }));
    }

    /// An id for a newcomer; when none is free, that of somebody who never spoke (M15).
    fn free_id(&mut self, now: Instant) -> Option<u8> {
        if let Some(number) = self.peers.ids.take() {
            return Some(number);
        }
        let patience = self.config.limits.unspoken;
        let silent = |peer: &Peer| peer.user.is_some() && !peer.spoke && now.since(peer.since) >= patience;
        let (id, _) =
            self.peers.iter().filter(|(_, peer)| silent(peer)).min_by_key(|(_, peer)| peer.since)?;
        self.leave_rooms(now, id, Departure::Unspoken);
        self.peers.remove(id);
        self.peers.ids.take()
    }

    /// Asks somebody whose name is wanted whether he is still there.
    fn probe_holder(&mut self, now: Instant, holder: PeerId) {
        let Some(peer) = self.peers.get_mut(holder) else { return };
        if !std::mem::replace(&mut peer.name_probed, true) {
            self.probe(holder, Purpose::NameProbe(now));
            self.pump(now, holder);
        }
    }

    /// Sends an empty TEXTE, which is acknowledged but never shown (M11).
    pub(super) fn probe(&mut self, id: PeerId, purpose: Purpose) {
        let probe = Body::Text { text: "".into(), order: None };
        let Ok(outgoing) = Outgoing::from_server(&probe, purpose) else { return };
        if let Some(peer) = self.peers.get_mut(id) {
            peer.link.send(Request::new(outgoing));
        }
    }

    /// A peer is gone: the others are told, and its id rests. One who was gone already stays so.
    pub(super) fn depart(&mut self, now: Instant, id: PeerId, why: Departure) {
        if self.peers.get(id).is_some_and(|peer| peer.user.is_some()) {
            self.leave_rooms(now, id, why);
            self.rest(now, id);
        }
    }

    /// An id is not used again for a while (M5). Until then what its former holder repeats is answered (M24).
    fn rest(&mut self, now: Instant, id: PeerId) {
        self.peers.deadlines.push(now + self.config.limits.id_rest, Deadline::Rested(id));
    }

    /// Takes the user behind a peer out of the rooms, and forgets what the peer was still to be asked.
    fn leave_rooms(&mut self, now: Instant, id: PeerId, why: Departure) {
        let timing = self.config.timing;
        let Some(peer) = self.peers.get_mut(id) else { return };
        let Some(user) = peer.user.take() else { return };
        let (number, name) = (peer.id, peer.name.clone());
        (0..peer.link.pending()).for_each(|_| self.stats.drop(DropReason::ReceiverGone));
        peer.link.stop_asking(timing, peer.link.far_number());
        if let Some(stopping) = &mut self.stopping {
            stopping.remove(&id);
        }
        self.rooms.exit(now, user, &mut self.effects);
        // The notices quote the id, which is known only as long as the peer is.
        self.deliver(now);
        self.outputs.push_back(Output::Event(Event::Departed { name, id: number, why }));
    }

    /// Our numbers begin anywhere, but far from those that somebody at this address has just seen: copies of what he was
    /// asked may still arrive, and what is asked now must not be taken for them (M4).
    fn new_link(&mut self, at: Source) -> Link<16, Outgoing, Payload> {
        let former = self.peers.at(at.listener, at.address).and_then(|id| self.peers.get(id));
        let first = former.map(|peer| peer.link.next_number());
        let first = first.unwrap_or_else(|| self.random.u16(..));
        Link::with_quota(self.config.timing, self.config.limits.mailbox, first)
    }
}

const fn accepted(id: u8) -> Body<'static> {
    Body::ConnectReply(Registration::Registered { status: RegisterStatus::Accepted, id })
}
