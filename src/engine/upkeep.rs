//! What the server does without being asked: it repeats, probes, lets go, says goodbye.
//!
//! In: the time, and requests that came to nothing. Out: datagrams, departures. Must not know what a text says.

use std::collections::BTreeSet;

use super::config::{Packed, Streamed};
use super::deadlines::Deadline;
use super::outgoing::{Outgoing, Purpose};
use super::peers::{Peer, Put};
use super::{Counter, Datagram, Departure, DropReason, Event, Output, Server, msp, shen};
use crate::ids::PeerId;
use crate::reliable::{Lost, Request};
use crate::time::{Duration, Instant};
use crate::wire::{Packet, Payload};

/// The gap before the first wake-up probe; it doubles up to the second one (M33).
const FIRST_WAKE_GAP: Duration = Duration::from_secs(1);
const LAST_WAKE_GAP: Duration = Duration::from_secs(16);
/// How long the number of a question is known after it was put, and how many questions of one person are: more than can
/// be open.
const KNOWN_QUESTION: Duration = Duration::from_secs(90);
const MOST_QUESTIONS: usize = 256;

/// What people on connections are told when the server stops.
const STOPPING: &str = "the server stops";

impl Server {
    /// Puts on the wire what a link has ready, and sees to it that its next deadline is kept.
    pub(super) fn pump(&mut self, now: Instant, id: PeerId) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        let integrity = self.config.integrity(peer.listener);
        let (listener, to) = (peer.listener, peer.address);
        self.withdraw_closed_questions(now, id);
        let Some(peer) = self.peers.get_mut(id) else { return };
        while let Some(sent) = peer.link.poll_transmit(now) {
            let outgoing = sent.payload;
            if let Purpose::Question(question) = outgoing.purpose {
                if !peer.questions.iter().any(|put| put.question == question) {
                    peer.questions.push(Put { question, seq: sent.seq, at: now });
                }
                // It stays asked, so that an acceptance is answered, but nobody need be disturbed about it any more.
                if !self.rooms.leads_somewhere(question) {
                    continue;
                }
            }
            let payload = Payload::shared(outgoing.packet.stamp(sent.seq), outgoing.packet.tail());
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

    /// Stops asking what is not open any more, so that what waits for a person stays as short as the list of his open
    /// questions, even if he never answers.
    fn withdraw_closed_questions(&mut self, now: Instant, id: PeerId) {
        let Some(Peer { questions, link, user: Some(user), .. }) = self.peers.get_mut(id) else { return };
        questions.retain(|put| {
            if self.rooms.is_open(*user, put.question) {
                return true;
            }
            let asked = link.in_flight(put.seq).map(|asked| asked.purpose);
            if asked == Some(Purpose::Question(put.question)) {
                link.cancel(put.seq);
            }
            // It is known for a while: an answer that is late must not pass for one to another question.
            now.since(put.at) < KNOWN_QUESTION
        });
        let too_many = questions.len().saturating_sub(MOST_QUESTIONS);
        questions.drain(..too_many);
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

    pub(super) fn retransmit(&mut self, now: Instant, id: PeerId) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        // An entry that an earlier one has overtaken must not start a second chain of entries.
        if peer.armed.take_if(|armed| *armed <= now).is_some() {
            peer.link.handle_timeout(now);
            self.pump(now, id);
        }
    }

    /// A request of ours came to nothing.
    pub(super) fn lost(&mut self, now: Instant, id: PeerId, lost: Outgoing) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        let Some(user) = peer.user else { return };
        match lost.purpose {
            // One that is lost as soon as it is made found no number, and never left.
            Purpose::NameProbe(since) if peer.heard <= since && since < now => {
                self.depart(now, id, Departure::Unanswered);
            }
            Purpose::SilenceProbe(since) if peer.heard <= since => self.depart(now, id, Departure::Silent),
            Purpose::Text => {
                if peer.texts_lost == 0 {
                    let name = peer.name.clone();
                    self.outputs.push_back(Output::Event(Event::TextsDropped { name }));
                }
                peer.texts_lost = peer.texts_lost.saturating_add(1);
            }
            Purpose::Missed(texts) => peer.texts_lost = peer.texts_lost.saturating_add(texts),
            Purpose::Moved(number) => {
                // Not for good: he may not speak before he knows. Of several the last one stands for all: it is the room
                // he may think he is in.
                let kept = peer.moved.take();
                let several = kept.is_some();
                let is_older =
                    |kept: &Outgoing| matches!(kept.purpose, Purpose::Moved(other) if other > number);
                peer.moved = kept.filter(is_older).or(Some(lost));
                if several {
                    self.rooms.told(user);
                }
            }
            purpose => self.over(id, purpose),
        }
    }

    /// Texts wait for somebody who was silent: ask whether he is back, more and more seldom (M33).
    pub(super) fn wake_up(&mut self, now: Instant, id: PeerId) {
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

    /// The server need not ask for `purpose` any more, whether it was answered or given up.
    pub(super) fn over(&mut self, id: PeerId, purpose: Purpose) {
        match purpose {
            Purpose::Moved(_) => {
                if let Some(user) = self.peers.user(id) {
                    self.rooms.told(user);
                }
            }
            Purpose::NameProbe(_) => {
                if let Some(peer) = self.peers.get_mut(id) {
                    peer.name_probed = false;
                }
            }
            Purpose::WakeUp => {
                if let Some(peer) = self.peers.get_mut(id) {
                    peer.wake_probed = false;
                }
            }
            Purpose::Stop => {
                if let Some(stopping) = &mut self.stopping {
                    stopping.remove(&id);
                }
            }
            Purpose::Page => {
                if let Some(peer) = self.peers.get_mut(id) {
                    peer.pages = peer.pages.saturating_sub(1);
                }
            }
            Purpose::Text
            | Purpose::Words
            | Purpose::Missed(_)
            | Purpose::Notice
            | Purpose::Question(_)
            | Purpose::SilenceProbe(_) => {}
        }
    }

    /// Nobody need be asked whether he is back: he is, or has started afresh.
    pub(super) fn stop_waking(&mut self, id: PeerId) {
        if let Some((due, _)) = self.peers.get_mut(id).and_then(|peer| peer.wake.take()) {
            self.peers.deadlines.take_back(due, Deadline::WakeUp(id));
        }
    }

    /// A peer that was not heard from for three keep-alives is gone (M5). Where clients have no keep-alive it is asked
    /// first (S17).
    pub(super) fn judge_silence(&mut self, now: Instant, id: PeerId) {
        let silence = self.config.limits.silence;
        let Some(peer) = self.peers.get_mut(id).filter(|peer| peer.user.is_some()) else { return };
        let gone_at = peer.heard + silence;
        if now < gone_at {
            return self.peers.deadlines.push(gone_at, Deadline::Silence(id));
        }
        match peer.dialect {
            Packed::Msp => self.depart(now, id, Departure::Silent),
            Packed::Shen => {
                self.peers.deadlines.push(now + silence, Deadline::Silence(id));
                self.probe(id, Purpose::SilenceProbe(now));
                self.pump(now, id);
            }
        }
    }

    /// The operator stops the server: everybody is told, by event 7 or in words (M12).
    pub(super) fn stop(&mut self, now: Instant) {
        self.stop_streams(now);
        let here = self.peers.iter().filter(|(_, peer)| peer.user.is_some());
        let told: BTreeSet<PeerId> = here.map(|(id, _)| id).collect();
        self.stopping = Some(told.clone());
        for id in told {
            let packet = self.peers.get(id).and_then(|peer| match peer.dialect {
                Packed::Msp => msp::goodbye(peer),
                Packed::Shen => shen::goodbye(),
            });
            if let (Some(packet), Some(peer)) = (packet, self.peers.get_mut(id)) {
                peer.link.send(Request::new(Outgoing { packet, purpose: Purpose::Stop }));
                self.pump(now, id);
            }
        }
    }

    /// The same for those on connections, which are closed.
    fn stop_streams(&mut self, now: Instant) {
        let open: Vec<_> = self.connections.ids().collect();
        for id in open {
            let seat = self.connections.get(id).map(|connection| (connection.dialect, connection.user));
            match seat {
                Some((Streamed::Matou, Some(user))) => self.matou_says(now, user, STOPPING),
                Some((Streamed::Stories | Streamed::Stumtp, Some(user))) => {
                    self.stories_stops(now, user);
                }
                _ => {}
            }
            self.close(id, true);
        }
        // Nobody need hear that each of them leaves: all are told that the server stops.
        for user in self.peers.seats.users() {
            self.sign_out_unheard(now, user);
        }
    }

    /// A text without words, as this dialect has it.
    pub(super) fn empty_text(dialect: Packed) -> Option<Packet> {
        match dialect {
            Packed::Msp => msp::empty_text(),
            Packed::Shen => shen::empty_text(),
        }
    }
}
