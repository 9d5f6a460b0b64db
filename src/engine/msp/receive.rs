//! From a datagram to a request that is new, or a response that was waited for.
//!
//! In: the bytes and where they came from. Out: calls of `register`, `requests`, `notices`; answers to strangers. Must not
//! know what a request does.

use std::net::SocketAddr;

use super::Purpose;
use crate::dialect::msp::{Body, ErrorCode, Kind, Message, RawHeader, Registration, SERVER, error};
use crate::engine::{Counter, Datagram, DropReason, Integrity, Output, Rate, Server};
use crate::ids::{ListenerId, PeerId};
use crate::reliable::{Seq, Verdict};
use crate::time::Instant;
use crate::wire::{Malformed, Payload};

/// What the server may send to a stranger however little he sent: three bytes more than a header (M15).
const LONGEST_TO_STRANGERS: usize = 7;

/// Where a datagram came from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    pub(super) listener: ListenerId,
    pub(super) address: SocketAddr,
}

impl Server {
    /// A datagram came to an MSP listener.
    pub(in crate::engine) fn msp_datagram(
        &mut self,
        now: Instant,
        listener: ListenerId,
        integrity: Integrity,
        address: SocketAddr,
        bytes: &[u8],
    ) {
        let Some(bytes) = integrity.open(bytes) else { return self.stats.drop(DropReason::BadChecksum) };
        let source = Source { listener, address };
        let mut scratch = std::mem::take(&mut self.scratch);
        match Message::decode(bytes, &mut scratch) {
            Ok(message) => self.message(now, source, &message),
            Err(why) => self.malformed(now, source, bytes, &why),
        }
        self.scratch = scratch;
    }

    fn message(&mut self, now: Instant, source: Source, message: &Message<'_>) {
        if let Body::Connect { name: Some(name) } = &message.body {
            return self.connect(now, source, message.seq, name);
        }
        let Some(id) = self.live_peer(source, message.user) else {
            return self.not_registered(now, source, message);
        };
        self.heard(now, id);
        if message.kind().is_request() {
            self.request(now, id, message);
        } else {
            self.response(now, id, message);
        }
        self.pump(now, id);
    }

    /// The peer that has this id and speaks from this address, unless it is gone.
    fn live_peer(&self, source: Source, user: u8) -> Option<PeerId> {
        let id = self.peers.find(user, source.listener, source.address)?;
        self.peers.get(id).filter(|peer| peer.user.is_some()).map(|_| id)
    }

    /// A peer gave a sign of life, whatever it was.
    fn heard(&mut self, now: Instant, id: PeerId) {
        if let Some(peer) = self.peers.get_mut(id) {
            peer.heard = now;
            peer.spoke = true;
            peer.link.heard(now);
        }
        self.stop_waking(id);
        self.tell_what_was_dropped(id);
    }

    fn request(&mut self, now: Instant, id: PeerId, message: &Message<'_>) {
        let rate = self.config.limits.requests;
        let Some(peer) = self.peers.get_mut(id) else { return };
        match peer.link.check(now, Seq::wrapping(message.seq), message.kind().code().into()) {
            Verdict::Again(answer) => {
                let answer = answer.clone();
                return self.answer_again(now, id, answer);
            }
            Verdict::Pending => return self.stats.drop(DropReason::StillDeciding),
            Verdict::Stale => return self.stats.drop(DropReason::StaleNumber),
            Verdict::New => {}
        }
        self.stats.add(Counter::Requests);
        if peer.requests.take(now, rate) {
            self.execute(now, id, message);
        } else {
            self.stats.add(Counter::OverRate);
            self.answer(now, id, message.kind(), message.seq, too_many_requests(message.kind().code()));
        }
    }

    /// Answers a request and remembers the answer, so that a repetition gets the same bytes (M13).
    pub(super) fn answer(&mut self, now: Instant, id: PeerId, kind: Kind, seq: u16, body: Body<'_>) {
        let is_list = is_list(&body);
        let Some(payload) = self.encode(seq, body) else { return };
        let long = if is_list { payload.len() } else { 0 };
        if let Some(peer) = self.peers.get_mut(id) {
            peer.link.remember(now, Seq::wrapping(seq), kind.code().into(), Some(payload.clone()), long);
        }
        self.send(id, payload);
    }

    fn response(&mut self, now: Instant, id: PeerId, message: &Message<'_>) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        let seq = Seq::wrapping(message.seq);
        let asked = peer.link.in_flight(seq).and_then(|asked| Kind::from_code(asked.packet.kind()));
        let refused = match &message.body {
            Body::Error { refused, .. } => asked.filter(|kind| kind.code() == *refused),
            _ => None,
        };
        if refused.is_none() && asked.and_then(Kind::response) != Some(message.kind()) {
            return self.stats.drop(DropReason::UnexpectedResponse);
        }
        let Some(asked) = peer.link.answered(now, seq) else { return };
        if refused.is_some() {
            self.stats.drop(DropReason::RefusedByPeer);
        }
        match asked.purpose {
            Purpose::Text if refused.is_none() => self.stats.add(Counter::Deliveries),
            Purpose::Offer(invitation) => {
                let accept = matches!(message.body, Body::OfferReply { declined: false });
                self.offer_answered(now, id, invitation, accept);
            }
            purpose => self.over(id, purpose),
        }
    }

    /// The server need not ask for `purpose` any more, whether it was answered or given up.
    pub(super) fn over(&mut self, id: PeerId, purpose: Purpose) {
        match purpose {
            Purpose::Closing(_) => {
                if let Some(user) = self.peers.get(id).and_then(|peer| peer.user) {
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
            Purpose::Text | Purpose::Words | Purpose::Missed(_) | Purpose::Notice | Purpose::Offer(_) => {}
        }
    }

    /// A message of somebody who has no such id here: a repetition of one who has just left, or a stranger's (M4, M24).
    fn not_registered(&mut self, now: Instant, source: Source, message: &Message<'_>) {
        let kind = message.kind();
        if !kind.is_request() {
            return self.stats.drop(DropReason::UnexpectedResponse);
        }
        if let Some(id) = self.peers.find(message.user, source.listener, source.address) {
            let known = self
                .peers
                .get_mut(id)
                .map(|peer| peer.link.check(now, Seq::wrapping(message.seq), kind.code().into()));
            if let Some(Verdict::Again(answer)) = known.filter(is_bare) {
                let answer = answer.clone();
                return self.answer_again(now, id, answer);
            }
        }
        let answer = match message.body {
            Body::Connect { .. } => Body::ConnectReply(Registration::KeepAlive { error: true }),
            _ => error(kind.code(), ErrorCode::NOT_REGISTERED, ""),
        };
        self.answer_stranger(now, source, message.seq, answer);
    }

    /// Answers a repeated request with the same bytes (M13). They are bounded too: who repeats what brings a long answer
    /// could have it sent to an address that is not his.
    pub(super) fn answer_again(&mut self, now: Instant, id: PeerId, answer: Payload) {
        let (rate, tries) = (self.config.limits.requests, self.config.timing.tries.max(1));
        let all_tries = Rate {
            per_second: rate.per_second.saturating_mul(tries),
            burst: rate.burst.saturating_mul(tries),
        };
        if self.peers.get_mut(id).is_some_and(|peer| peer.repeats.take(now, all_tries)) {
            self.stats.add(Counter::Repeats);
            self.send(id, answer);
        } else {
            self.stats.drop(DropReason::RepeatOverRate);
        }
    }

    /// Answers somebody of whom nothing is remembered, if his kind has not been answered too often (M15).
    pub(super) fn answer_stranger(&mut self, now: Instant, source: Source, seq: u16, body: Body<'_>) {
        if !self.admit_stranger(now, source) {
            return;
        }
        if let Some(payload) = self.encode(seq, body) {
            self.send_to(source, payload);
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

    /// A datagram that is no message: its sender is told, if it can be told and was not an answer itself (M26).
    fn malformed(&mut self, now: Instant, source: Source, bytes: &[u8], why: &Malformed) {
        let Some(header) = RawHeader::peek(bytes) else { return self.stats.drop(DropReason::TooShort) };
        let code = match header.kind() {
            None => ErrorCode::UNKNOWN_TYPE,
            Some(kind) if kind.is_request() => ErrorCode::MALFORMED,
            Some(_) => return self.stats.drop(DropReason::MalformedResponse),
        };
        self.stats.add(Counter::Malformed);
        let Some(id) = self.live_peer(source, header.user) else {
            return self.answer_stranger(now, source, header.seq, error(header.code, code, ""));
        };
        self.heard(now, id);
        let rate = self.config.limits.requests;
        let answer = if self.peers.get_mut(id).is_some_and(|peer| peer.requests.take(now, rate)) {
            error(header.code, code, why.to_string())
        } else {
            self.stats.add(Counter::OverRate);
            too_many_requests(header.code)
        };
        if let Some(payload) = self.encode(header.seq, answer) {
            self.send(id, payload);
        }
        self.pump(now, id);
    }

    /// A response of the server; `None`, counted, when it cannot be encoded.
    pub(super) fn encode(&mut self, seq: u16, body: Body<'_>) -> Option<Payload> {
        self.encoded.clear();
        if (Message { user: SERVER, seq, body }).encode(&mut self.encoded).is_err() {
            self.stats.drop(DropReason::Unencodable);
            return None;
        }
        Some(Payload::new(&self.encoded))
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

/// What one gets who asks faster than he may (M15). It has no words: whoever is over his rate may not be who he says, and
/// the answer should not be longer than what he was charged for.
pub(super) fn too_many_requests(refused: u8) -> Body<'static> {
    error(refused, ErrorCode::TOO_MANY_REQUESTS, "")
}

/// Whether an answer may be forgotten early: it is long, and its request may be carried out again (M32). A refusal may
/// not, however long its words.
const fn is_list(answer: &Body<'_>) -> bool {
    matches!(
        answer,
        Body::RoomList(_)
            | Body::UserList(_)
            | Body::DirectoryReply(_)
            | Body::JoinRoomReply(_)
            | Body::SwitchRoomReply(_)
    )
}

/// Whether a remembered answer may go to somebody who is not registered any more: he is a stranger, and the shortest of
/// his messages has four bytes (M15). That of DECONNEXION may.
fn is_bare(known: &Verdict<'_, Payload>) -> bool {
    matches!(known, Verdict::Again(answer) if answer.len() <= LONGEST_TO_STRANGERS)
}
