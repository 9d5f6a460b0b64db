//! What the server does without being asked: it repeats, probes, lets go, says goodbye.
//!
//! In: the time, and requests that came to nothing. Out: datagrams, departures. Must not know what a text says.

use super::{Outgoing, Purpose};
use crate::dialect::msp::{Body, Capabilities, Event as MspEvent};
use crate::engine::deadlines::Deadline;
use crate::engine::{Counter, Datagram, Departure, DropReason, Event, Output, Server};
use crate::ids::PeerId;
use crate::reliable::{Lost, Request};
use crate::time::{Duration, Instant};
use crate::wire::Payload;

/// The gap before the first wake-up probe; it doubles up to the second one (M33).
const FIRST_WAKE_GAP: Duration = Duration::from_secs(1);
const LAST_WAKE_GAP: Duration = Duration::from_secs(16);

impl Server {
    /// Puts on the wire what a link has ready, and sees to it that its next deadline is kept.
    pub(in crate::engine) fn pump(&mut self, now: Instant, id: PeerId) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        let integrity = self.config.integrity(peer.listener);
        let (listener, to) = (peer.listener, peer.address);
        let mut closed_offers = Vec::new();
        while let Some(sent) = peer.link.poll_transmit(now) {
            let outgoing = sent.payload;
            if let (Purpose::Offer(invitation), Some(user)) = (outgoing.purpose, peer.user)
                && !self.rooms.is_open(user, invitation)
            {
                closed_offers.push(sent.seq);
                continue;
            }
            let payload = Payload::shared(outgoing.packet.stamp(sent.seq.value()), outgoing.packet.tail());
            let payload = integrity.seal(payload);
            self.outputs.push_back(Output::Datagram(Datagram { listener, to, payload }));
            self.stats.add(Counter::Sent);
            if sent.attempt > 1 {
                self.stats.add(Counter::Retransmissions);
            }
        }
        for seq in closed_offers {
            peer.link.cancel(seq);
        }
        while let Some(lost) = peer.link.poll_lost() {
            match lost {
                Lost::GivenUp(outgoing) => {
                    self.stats.drop(DropReason::Unanswered);
                    self.losses.push_back((id, outgoing));
                }
                Lost::Overflow(outgoing) => {
                    self.stats.drop(DropReason::MailboxFull);
                    if outgoing.purpose == Purpose::Text {
                        peer.texts_lost = peer.texts_lost.saturating_add(1);
                    }
                    self.losses.push_back((id, outgoing));
                }
            }
        }
        self.arm(now, id);
    }

    fn arm(&mut self, now: Instant, id: PeerId) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        let mut wanted = [None, None];
        if let Some(due) = peer.link.poll_timeout().filter(|due| peer.armed.is_none_or(|armed| *due < armed))
        {
            peer.armed = Some(due);
            wanted[0] = Some((due, Deadline::Retransmit(id)));
        }
        if peer.link.holds() && peer.wake.is_none() {
            let due = now + FIRST_WAKE_GAP;
            peer.wake = Some((due, FIRST_WAKE_GAP));
            wanted[1] = Some((due, Deadline::WakeUp(id)));
        }
        for (at, what) in wanted.into_iter().flatten() {
            self.peers.deadlines.push(at, what);
        }
    }

    pub(in crate::engine) fn retransmit(&mut self, now: Instant, id: PeerId) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        // An entry that an earlier one has overtaken must not start a second chain of entries.
        if peer.armed.take_if(|armed| *armed <= now).is_some() {
            peer.link.handle_timeout(now);
            self.pump(now, id);
        }
    }

    /// A request of ours came to nothing.
    pub(in crate::engine) fn lost(&mut self, now: Instant, id: PeerId, lost: &Outgoing) {
        if let Purpose::NameProbe(since) = lost.purpose
            && self.peers.get(id).is_some_and(|peer| peer.user.is_some() && peer.heard <= since)
        {
            return self.depart(now, id, Departure::Unanswered);
        }
        if lost.purpose == Purpose::Text
            && let Some(user) = self.peers.get(id).and_then(|peer| peer.user)
            && let Some(user) = self.rooms.user(user)
        {
            self.outputs.push_back(Output::Event(Event::TextsDropped { name: user.name.clone() }));
        }
        self.closed_or_probed(id, lost.purpose);
    }

    /// Texts wait for somebody who was silent: ask whether he is back, more and more seldom (M33).
    pub(in crate::engine) fn wake_up(&mut self, now: Instant, id: PeerId) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        // An entry from before he was last heard from comes too early: another one is on its way.
        let Some((_, gap)) = peer.wake.filter(|(due, _)| *due <= now && peer.link.holds()) else { return };
        let gap = (gap * 2).min(LAST_WAKE_GAP);
        peer.wake = Some((now + gap, gap));
        let probed = peer.probed;
        self.peers.deadlines.push(now + gap, Deadline::WakeUp(id));
        if !probed {
            self.probe(id, Purpose::WakeUp);
            self.pump(now, id);
        }
    }

    /// A peer that was not heard from for three keep-alives is gone (M5).
    pub(in crate::engine) fn judge_silence(&mut self, now: Instant, id: PeerId) {
        let Some(peer) = self.peers.get(id).filter(|peer| peer.user.is_some()) else { return };
        let gone_at = peer.heard + self.config.limits.silence;
        if now < gone_at {
            self.peers.deadlines.push(gone_at, Deadline::Silence(id));
        } else {
            self.depart(now, id, Departure::Silent);
        }
    }

    /// The operator stops the server: those who can read it are told (event 7).
    pub(in crate::engine) fn stop(&mut self, now: Instant) {
        let Ok(goodbye) = Outgoing::from_server(&Body::Notification(MspEvent::Stopping), Purpose::Stop)
        else {
            return;
        };
        let readers: Vec<PeerId> = self
            .peers
            .iter()
            .filter(|(_, peer)| peer.user.is_some() && peer.capabilities.has(Capabilities::NOTIFICATIONS))
            .map(|(id, _)| id)
            .collect();
        self.stopping = Some(readers.iter().copied().collect());
        for id in readers {
            if let Some(peer) = self.peers.get_mut(id) {
                peer.link.send(Request::new(goodbye.clone()));
                self.pump(now, id);
            }
        }
    }
}
