//! Who is registered: CONNEXION under a name, and departures (M4, M5, M15).
//!
//! In: a name and the address that asks for it; an end. Out: peers and users that come and go. Must not know what they do
//! in between.

use super::receive::Source;
use super::{Outgoing, Purpose};
use crate::dialect::msp::{Body, Capabilities, Kind, Name, RegisterStatus, Registration, user_name};
use crate::engine::deadlines::Deadline;
use crate::engine::limits::Bucket;
use crate::engine::peers::Peer;
use crate::engine::{Counter, Departure, Event, Output, Server};
use crate::ids::PeerId;
use crate::reliable::{Link, Request, Seq, Verdict};
use crate::time::Instant;

impl Server {
    /// Somebody wants to be known under `name`.
    pub(super) fn connect(&mut self, now: Instant, source: Source, seq: u16, name: &Name<'_>) {
        let former = self.peers.at(source.listener, source.address);
        if let Some(id) = former {
            // The same request again: the answer was lost, or the network made a copy. It must not start anything.
            let kind = Kind::Connect.code().into();
            let check = self.peers.get(id).map(|peer| peer.link.check(now, Seq::wrapping(seq), kind));
            if let Some(Verdict::Again(answer)) = check {
                let answer = answer.clone();
                self.stats.add(Counter::Repeats);
                return self.send(id, answer);
            }
        }
        if !self.admit_stranger(now, source) {
            return;
        }
        let live = former.filter(|id| self.peers.get(*id).is_some_and(|peer| peer.user.is_some()));
        let Some(text) = user_name(name) else {
            return self.refuse_registration(source, seq, RegisterStatus::InvalidName);
        };
        match (self.rooms.find(text).and_then(|user| self.peers.of(user)), live) {
            (Some(holder), Some(id)) if holder == id => self.restart(now, id, seq, text),
            (Some(holder), _) => {
                self.probe_holder(now, holder);
                self.refuse_registration(source, seq, RegisterStatus::NameTaken);
            }
            (None, live) => {
                if let Some(id) = live {
                    self.depart(now, id, Departure::Renamed);
                }
                self.register(now, source, seq, text);
            }
        }
    }

    fn refuse_registration(&mut self, source: Source, seq: u16, status: RegisterStatus) {
        let refusal = Body::ConnectReply(Registration::Registered { status, id: 0 });
        if let Some(payload) = self.encode(seq, &refusal) {
            self.send_to(source, payload);
        }
    }

    fn register(&mut self, now: Instant, source: Source, seq: u16, name: &str) {
        let Some(number) = self.free_id(now) else {
            return self.refuse_registration(source, seq, RegisterStatus::ServerFull);
        };
        let Ok(user) = self.rooms.enter(now, name, &mut self.effects) else {
            // Its name was checked by this dialect's rules, which are narrower than those of the rooms.
            self.peers.ids.give_back(number);
            return self.refuse_registration(source, seq, RegisterStatus::InvalidName);
        };
        let peer = Peer {
            listener: source.listener,
            address: source.address,
            id: number,
            user: Some(user),
            link: self.new_link(),
            capabilities: Capabilities::default(),
            since: now,
            heard: now,
            spoke: false,
            probed: false,
            wake: None,
            texts_lost: 0,
            requests: Bucket::default(),
            armed: None,
        };
        let id = self.peers.insert(peer);
        self.peers.deadlines.push(now + self.config.limits.silence, Deadline::Silence(id));
        self.welcome(now, id, seq, name);
    }

    /// The same address and name under a new number: the program has started again and remembers nothing. It keeps its
    /// id; its numbers and ours, its memory and its mailbox start afresh, and it is in the public room (M4).
    fn restart(&mut self, now: Instant, id: PeerId, seq: u16, name: &str) {
        let link = self.new_link();
        self.leave_rooms(now, id, Departure::Restarted);
        let Ok(user) = self.rooms.enter(now, name, &mut self.effects) else { return };
        self.peers.bind(user, id);
        if let Some(peer) = self.peers.get_mut(id) {
            peer.user = Some(user);
            peer.link = link;
            peer.capabilities = Capabilities::default();
            (peer.since, peer.heard, peer.spoke) = (now, now, false);
            (peer.probed, peer.wake, peer.texts_lost) = (false, None, 0);
        }
        self.welcome(now, id, seq, name);
    }

    fn welcome(&mut self, now: Instant, id: PeerId, seq: u16, name: &str) {
        let Some(peer) = self.peers.get(id) else { return };
        let (number, from) = (peer.id, peer.address);
        let accepted = Registration::Registered { status: RegisterStatus::Accepted, id: number };
        self.answer(now, id, Kind::Connect, seq, &Body::ConnectReply(accepted));
        self.outputs.push_back(Output::Event(Event::Arrived { name: name.into(), id: number, from }));
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
        if self.peers.get(holder).is_some_and(|peer| !peer.probed) {
            self.probe(holder, Purpose::NameProbe(now));
            self.pump(now, holder);
        }
    }

    /// Sends an empty TEXTE, which is acknowledged but never shown (M11).
    pub(super) fn probe(&mut self, id: PeerId, purpose: Purpose) {
        let probe = Body::Text { text: "".into(), order: None };
        let Ok(outgoing) = Outgoing::from_server(&probe, purpose) else { return };
        if let Some(peer) = self.peers.get_mut(id) {
            peer.probed = true;
            peer.link.send(Request::new(outgoing));
        }
    }

    /// A peer is gone: the others are told, and its id rests (M5). Until then what it repeats is answered (M24).
    pub(super) fn depart(&mut self, now: Instant, id: PeerId, why: Departure) {
        self.leave_rooms(now, id, why);
        let rest = self.config.limits.id_rest;
        self.peers.deadlines.push(now + rest, Deadline::Rested(id));
    }

    /// Takes the user behind a peer out of the rooms, and forgets what the peer was still to be asked.
    fn leave_rooms(&mut self, now: Instant, id: PeerId, why: Departure) {
        let first = self.random.u16(..);
        let timing = self.config.timing;
        let Some(peer) = self.peers.get_mut(id) else { return };
        let Some(user) = peer.user.take() else { return };
        let number = peer.id;
        peer.link.stop_asking(timing, first);
        if let Some(stopping) = &mut self.stopping {
            stopping.remove(&id);
        }
        let name = self.rooms.user(user).map(|user| user.name.clone()).unwrap_or_default();
        self.rooms.exit(now, user, &mut self.effects);
        // The notices quote the id, which is known only as long as the peer is.
        self.deliver(now);
        self.outputs.push_back(Output::Event(Event::Departed { name, id: number, why }));
    }

    fn new_link(&mut self) -> Link<16, Outgoing, crate::wire::Payload> {
        Link::with_quota(self.config.timing, self.config.limits.mailbox, self.random.u16(..))
    }
}
