//! What the server does without being asked: it repeats, probes, lets go, says goodbye.
//!
//! In: the time, and requests that came to nothing. Out: datagrams, departures. Must not know what a text says.

use std::collections::BTreeSet;

use super::{Outgoing, Purpose};
use crate::dialect::msp::{Body, Capabilities, Event as MspEvent, words};
use crate::engine::deadlines::Deadline;
use crate::engine::peers::Peer;
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
        self.withdraw_closed_offers(id);
        let Some(peer) = self.peers.get_mut(id) else { return };
        while let Some(sent) = peer.link.poll_transmit(now) {
            let outgoing = sent.payload;
            if let Purpose::Offer(invitation) = outgoing.purpose {
                if !peer.offers.contains(&(invitation, sent.seq)) {
                    peer.offers.push((invitation, sent.seq));
                }
                // It stays asked, so that an acceptance is answered, but nobody need be disturbed about it any more.
                if !self.rooms.leads_somewhere(invitation) {
                    continue;
                }
            }
            let payload = Payload::shared(outgoing.packet.stamp(sent.seq.value()), outgoing.packet.tail());
            let payload = integrity.seal(payload);
            self.outputs.push_back(Output::Datagram(Datagram { listener, to, payload }));
            self.stats.add(Counter::Sent);
            if sent.attempt > 1 {
                self.stats.add(Counter::Retransmissions);
            }
        }
        while let Some(lost) = peer.link.poll_lost() {
            let (reason, outgoing) = match lost {
                Lost::GivenUp(outgoing) => (DropReason::Unanswered, outgoing),
                Lost::Overflow(outgoing) => (DropReason::MailboxFull, outgoing),
            };
            self.stats.drop(reason);
            self.losses.push_back((id, outgoing));
        }
        self.arm(now, id);
    }

    /// Stops asking about invitations that are not open any more, so that what waits for a person stays as short as the
    /// list of his open invitations, even if he never answers.
    fn withdraw_closed_offers(&mut self, id: PeerId) {
        let Some(Peer { offers, link, user: Some(user), .. }) = self.peers.get_mut(id) else { return };
        offers.retain(|(invitation, seq)| {
            let is_open = self.rooms.is_open(*user, *invitation);
            let asked = link.in_flight(*seq).map(|asked| asked.purpose);
            if !is_open && asked == Some(Purpose::Offer(*invitation)) {
                link.cancel(*seq);
            }
            is_open
        });
    }

    fn arm(&mut self, now: Instant, id: PeerId) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        let due = peer.link.poll_timeout();
        if let Some(due) = due.filter(|due| peer.armed.is_none_or(|armed| *due < armed)) {
            if let Some(later) = peer.armed.replace(due) {
                self.peers.deadlines.take_back(later, Deadline::Retransmit(id));
            }
            self.peers.deadlines.push(due, Deadline::Retransmit(id));
        }
        let Some(peer) = self.peers.get_mut(id) else { return };
        if peer.link.holds() && peer.wake.is_none() {
            let due = now + FIRST_WAKE_GAP;
            peer.wake = Some((due, FIRST_WAKE_GAP));
            self.peers.deadlines.push(due, Deadline::WakeUp(id));
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
    pub(in crate::engine) fn lost(&mut self, now: Instant, id: PeerId, lost: Outgoing) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        let Some(user) = peer.user else { return };
        match lost.purpose {
            Purpose::NameProbe(since) if peer.heard <= since => self.depart(now, id, Departure::Unanswered),
            Purpose::Text => {
                if peer.texts_lost == 0 {
                    let name = peer.name.clone();
                    self.outputs.push_back(Output::Event(Event::TextsDropped { name }));
                }
                peer.texts_lost = peer.texts_lost.saturating_add(1);
            }
            Purpose::Missed(texts) => peer.texts_lost = peer.texts_lost.saturating_add(texts),
            Purpose::Closing(number) => {
                // Not for good: he may not speak before he knows. Of several the last one stands for all: it is the room
                // he may think he is in.
                let kept = peer.closing.take();
                let several = kept.is_some();
                let is_older =
                    |kept: &Outgoing| matches!(kept.purpose, Purpose::Closing(other) if other > number);
                peer.closing = kept.filter(is_older).or(Some(lost));
                if several {
                    self.rooms.told(user);
                }
            }
            purpose => self.over(id, purpose),
        }
    }

    /// Texts wait for somebody who was silent: ask whether he is back, more and more seldom (M33).
    pub(in crate::engine) fn wake_up(&mut self, now: Instant, id: PeerId) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        let Some((_, gap)) = peer.wake.take_if(|(due, _)| *due <= now) else { return };
        if !peer.link.holds() {
            // What was held has been dropped; what came in its place may be held yet.
            return;
        }
        let gap = (gap * 2).min(LAST_WAKE_GAP);
        peer.wake = Some((now + gap, gap));
        // One probe at a time is enough to hear that he is back.
        let is_probed = peer.name_probed || peer.wake_probed;
        peer.wake_probed |= !is_probed;
        self.peers.deadlines.push(now + gap, Deadline::WakeUp(id));
        if !is_probed {
            self.probe(id, Purpose::WakeUp);
            self.pump(now, id);
        }
    }

    /// Nobody need be asked whether he is back: he is, or has started afresh.
    pub(super) fn stop_waking(&mut self, id: PeerId) {
        if let Some((due, _)) = self.peers.get_mut(id).and_then(|peer| peer.wake.take()) {
            self.peers.deadlines.take_back(due, Deadline::WakeUp(id));
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

    /// The operator stops the server: everybody is told, by event 7 or in words (M12).
    pub(in crate::engine) fn stop(&mut self, now: Instant) {
        let event = MspEvent::Stopping;
        let words = Body::Text { text: words(&event).into(), order: None };
        let (Ok(notification), Ok(words)) = (
            Outgoing::from_server(&Body::Notification(event), Purpose::Stop),
            Outgoing::from_server(&words, Purpose::Stop),
        ) else {
            return;
        };
        let here = self.peers.iter().filter(|(_, peer)| peer.user.is_some());
        let told: BTreeSet<PeerId> = here.map(|(id, _)| id).collect();
        self.stopping = Some(told.clone());
        for id in told {
            if let Some(peer) = self.peers.get_mut(id) {
                let reads = peer.capabilities.has(Capabilities::NOTIFICATIONS);
                let goodbye = if reads { &notification } else { &words };
                peer.link.send(Request::new(goodbye.clone()));
                self.pump(now, id);
            }
        }
    }
}
