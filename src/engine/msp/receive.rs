//! From a datagram to a request that is new, or a response that was waited for.
//!
//! In: the bytes and where they came from. Out: registrations, calls of `requests`, answers to strangers. Must not
//! know what a request does.

use crate::dialect::msp::{
    Body, ErrorCode, Kind, Message, Name, RawHeader, RegisterStatus, Registration, SERVER, error, user_name,
};
use crate::engine::config::Packed;
use crate::engine::outgoing::Purpose;
use crate::engine::peers;
use crate::engine::presence::Registered;
use crate::engine::traffic::Source;
use crate::engine::{Counter, DropReason, Integrity, Server};
use crate::ids::PeerId;
use crate::reliable::Verdict;
use crate::time::Instant;
use crate::wire::{Malformed, Payload};

/// What the server may send to a stranger however little he sent: three bytes more than a header (M15).
const LONGEST_TO_STRANGERS: usize = 7;

impl Server {
    /// A datagram came to an MSP listener.
    pub(in crate::engine) fn msp_datagram(
        &mut self,
        now: Instant,
        source: Source,
        integrity: Integrity,
        bytes: &[u8],
    ) {
        let Some(bytes) = integrity.open(bytes) else { return self.stats.drop(DropReason::BadChecksum) };
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
        let Some(id) = self.live_peer_of(source, message.user) else {
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

    /// Somebody wants to be known under `name`.
    fn connect(&mut self, now: Instant, source: Source, seq: u16, name: &Name<'_>) {
        let by = peers::Registration { seq, mark: 0 };
        if let Some(id) = self.registered_by(now, source, by, name.as_bytes()) {
            let Some(payload) = self.accepted(seq, id) else { return };
            return self.answer_again(now, id, payload);
        }
        match self.may_register(now, source) {
            Ok(true) => {}
            Ok(false) => return,
            Err(id) => {
                if let Some(payload) = self.encode(seq, too_many_requests(Kind::Connect.code())) {
                    self.send(id, payload);
                }
                return;
            }
        }
        let registered = user_name(name).map(|name| self.register(now, source, Packed::Msp, by, name));
        let status = match registered {
            Some(Registered::As(id)) => {
                if let Some(payload) = self.accepted(seq, id) {
                    self.send(id, payload);
                }
                return self.announce(id);
            }
            Some(Registered::NameTaken) => RegisterStatus::NameTaken,
            Some(Registered::Full) => RegisterStatus::ServerFull,
            None => RegisterStatus::InvalidName,
        };
        let refusal = Body::ConnectReply(Registration::Registered { status, id: 0 });
        if let Some(payload) = self.encode(seq, refusal) {
            self.send_to(source, payload);
        }
    }

    fn accepted(&mut self, seq: u16, id: PeerId) -> Option<Payload> {
        let id = u8::try_from(self.peers.get(id)?.number).ok()?;
        let status = RegisterStatus::Accepted;
        self.encode(seq, Body::ConnectReply(Registration::Registered { status, id }))
    }

    /// The peer that has this id and speaks from this address, unless it is gone.
    fn live_peer_of(&self, source: Source, user: u8) -> Option<PeerId> {
        self.live_peer(source).filter(|id| self.has_id(*id, user))
    }

    fn has_id(&self, id: PeerId, user: u8) -> bool {
        self.peers.get(id).is_some_and(|peer| peer.number == u16::from(user))
    }

    fn request(&mut self, now: Instant, id: PeerId, message: &Message<'_>) {
        let (kind, seq) = (message.kind(), message.seq);
        if self.is_news(now, id, (seq, kind.code().into())) {
            if self.may_ask(now, id) {
                self.execute(now, id, message);
            } else {
                self.answer(now, id, kind, seq, too_many_requests(kind.code()));
            }
        }
    }

    /// Answers a request and remembers the answer, so that a repetition gets the same bytes (M13).
    pub(super) fn answer(&mut self, now: Instant, id: PeerId, kind: Kind, seq: u16, body: Body<'_>) {
        let is_list = is_list(&body);
        let Some(payload) = self.encode(seq, body) else { return };
        let long = if is_list { payload.len() } else { 0 };
        self.answer_once(now, id, (seq, kind.code().into()), payload, long);
    }

    fn response(&mut self, now: Instant, id: PeerId, message: &Message<'_>) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        let seq = message.seq;
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
            Purpose::Question(question) => {
                let accept = matches!(message.body, Body::OfferReply { declined: false });
                self.offer_answered(now, id, question, accept);
            }
            purpose => self.over(id, purpose),
        }
    }

    /// A message of somebody who has no such id here: a repetition of one who has just left, or a stranger's (M4, M24).
    fn not_registered(&mut self, now: Instant, source: Source, message: &Message<'_>) {
        let kind = message.kind();
        if !kind.is_request() {
            return self.stats.drop(DropReason::UnexpectedResponse);
        }
        let former = self.peers.at(source.listener, source.address);
        if let Some(id) = former.filter(|id| self.has_id(*id, message.user)) {
            let known =
                self.peers.get_mut(id).map(|peer| peer.link.check(now, message.seq, kind.code().into()));
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

    /// Answers somebody of whom nothing is remembered, if his kind has not been answered too often (M15).
    pub(super) fn answer_stranger(&mut self, now: Instant, source: Source, seq: u16, body: Body<'_>) {
        if !self.admit_stranger(now, source) {
            return;
        }
        if let Some(payload) = self.encode(seq, body) {
            self.send_to(source, payload);
        }
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
        let Some(id) = self.live_peer_of(source, header.user) else {
            return self.answer_stranger(now, source, header.seq, error(header.code, code, ""));
        };
        self.heard(now, id);
        let answer = if self.may_ask(now, id) {
            error(header.code, code, why.to_string())
        } else {
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
