//! What goes to a remote socket whatever it speaks, and how much of it.
//!
//! In: encoded answers, where a datagram came from. Out: datagrams, within the limits. Must not know messages.

use std::net::SocketAddr;

use super::{Counter, Datagram, DropReason, Output, Rate, Server};
use crate::ids::{ListenerId, PeerId};
use crate::reliable::Verdict;
use crate::time::Instant;
use crate::wire::Payload;

/// What tells a request of a peer from its others: its number, and what else its dialect looks at (M13, S6).
pub(super) type Asked = (u16, u32);

/// Where a datagram came from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    pub(super) listener: ListenerId,
    pub(super) address: SocketAddr,
}

impl Server {
    /// A peer gave a sign of life, whatever it was.
    pub(super) fn heard(&mut self, now: Instant, id: PeerId) {
        if let Some(peer) = self.peers.get_mut(id) {
            peer.heard = now;
            peer.spoke = true;
            peer.link.heard(now);
        }
        self.stop_waking(id);
        self.tell_what_was_dropped(id);
    }

    /// Whether a request of a registered peer is new. One that was answered before is answered again.
    pub(super) fn is_news(&mut self, now: Instant, id: PeerId, asked: Asked) -> bool {
        let (seq, mark) = asked;
        let Some(peer) = self.peers.get_mut(id) else { return false };
        match peer.link.check(now, seq, mark) {
            Verdict::New => {
                self.stats.add(Counter::Requests);
                return true;
            }
            Verdict::Again(answer) => {
                let answer = answer.clone();
                self.answer_again(now, id, answer);
            }
            Verdict::Pending => self.stats.drop(DropReason::StillDeciding),
            Verdict::Stale => self.stats.drop(DropReason::StaleNumber),
        }
        false
    }

    /// Whether a registered peer may have one more request carried out now (M15).
    pub(super) fn may_ask(&mut self, now: Instant, id: PeerId) -> bool {
        let rate = self.config.limits.requests;
        let may = self.peers.get_mut(id).is_some_and(|peer| peer.requests.take(now, rate));
        if !may {
            self.stats.add(Counter::OverRate);
        }
        may
    }

    /// Answers a request and remembers the answer, so that a repetition gets the same bytes (M13). `long` is its size if
    /// it may be forgotten early (M32), 0 otherwise.
    pub(super) fn answer_once(
        &mut self,
        now: Instant,
        id: PeerId,
        asked: Asked,
        answer: Payload,
        long: usize,
    ) {
        let (seq, mark) = asked;
        if let Some(peer) = self.peers.get_mut(id) {
            peer.link.remember(now, seq, mark, Some(answer.clone()), long);
        }
        self.send(id, answer);
    }

    /// Answers a repeated request with the same bytes (M13). They are bounded too: who repeats what brings a long answer
    /// could have it sent to an address that is not his.
    pub(super) fn answer_again(&mut self, now: Instant, id: PeerId, answer: Payload) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        let (rate, tries) = (self.config.limits.requests, self.config.timing(peer.listener).tries.max(1));
        let all_tries = Rate {
            per_second: rate.per_second.saturating_mul(tries),
            burst: rate.burst.saturating_mul(tries),
        };
        if peer.repeats.take(now, all_tries) {
            self.stats.add(Counter::Repeats);
            self.send(id, answer);
        } else {
            self.stats.drop(DropReason::RepeatOverRate);
        }
    }

    /// Whether somebody who is not registered may have an answer now.
    pub(super) fn admit_stranger(&mut self, now: Instant, source: Source) -> bool {
        self.stats.add(Counter::Strangers);
        let limits = &self.config.limits;
        let (network, all) = (limits.strangers_of_a_network, limits.strangers);
        let admitted = self.strangers.admit(now, source.address.ip(), network, all);
        if !admitted {
            self.stats.drop(DropReason::StrangerOverRate);
        }
        admitted
    }

    /// The peer that speaks from this address, unless it is gone.
    pub(super) fn live_peer(&self, source: Source) -> Option<PeerId> {
        let id = self.peers.at(source.listener, source.address)?;
        self.peers.user(id).map(|_| id)
    }

    /// Sends to a registered peer.
    pub(super) fn send(&mut self, id: PeerId, payload: Payload) {
        if let Some(peer) = self.peers.get(id) {
            self.send_to(Source { listener: peer.listener, address: peer.address }, payload);
        }
    }

    pub(super) fn send_to(&mut self, to: Source, payload: Payload) {
        self.stats.add(Counter::Sent);
        let integrity = self.config.integrity(to.listener);
        let payload = integrity.seal(payload);
        let datagram = Datagram { listener: to.listener, to: to.address, payload };
        self.outputs.push_back(Output::Datagram(datagram));
    }
}
