//! From a datagram to a request that is new, or a response that was waited for.
//!
//! In: the bytes and where they came from. Out: registrations, calls of `requests`, answers. Must not know what a request
//! does.
//!
//! The protocol has no word for a message that cannot be read or that is one too many: those are dropped, counted, and
//! repeated by their sender.

use crate::dialect::shen::{Body, Kind, Message, RawHeader, user_name, words};
use crate::engine::config::Packed;
use crate::engine::outgoing::{Outgoing, Purpose};
use crate::engine::peers::Registration;
use crate::engine::presence::Registered;
use crate::engine::traffic::{Asked, Source};
use crate::engine::{Counter, DropReason, Event, Integrity, Output, Server};
use crate::ids::PeerId;
use crate::reliable::Verdict;
use crate::time::Instant;
use crate::wire::Payload;

impl Server {
    /// A datagram came to a listener of Shen's protocol.
    pub(in crate::engine) fn shen_datagram(
        &mut self,
        now: Instant,
        source: Source,
        integrity: Integrity,
        bytes: &[u8],
    ) {
        let Some(bytes) = integrity.open(bytes) else { return self.stats.drop(DropReason::BadChecksum) };
        let mut scratch = std::mem::take(&mut self.scratch);
        match Message::decode(bytes, &mut scratch) {
            Ok(message) => self.shen_message(now, source, &message, crc32fast::hash(bytes)),
            Err(_) if RawHeader::peek(bytes).is_none() => self.stats.drop(DropReason::TooShort),
            Err(_) => self.shen_malformed(now, source),
        }
        self.scratch = scratch;
    }

    fn shen_malformed(&mut self, now: Instant, source: Source) {
        self.stats.drop(DropReason::Malformed);
        if let Some(id) = self.live_peer(source) {
            self.heard(now, id);
            self.pump(now, id);
        }
    }

    fn shen_message(&mut self, now: Instant, source: Source, message: &Message<'_>, mark: u32) {
        if let Body::Plain { kind: Kind::Connect, text } = &message.body {
            return self.shen_connect(now, source, (message.seq, mark), text);
        }
        let Some(id) = self.live_peer(source) else {
            return self.shen_not_registered(now, source, message, mark);
        };
        self.heard(now, id);
        match message.kind() {
            Kind::Ack => self.shen_response(now, id, message, mark),
            Kind::Accept | Kind::Decline if self.is_question(id, message.seq) => {
                self.shen_response(now, id, message, mark);
            }
            kind if is_clients_request(kind) => self.shen_request(now, id, message, mark),
            _ => self.stats.drop(DropReason::UnexpectedResponse),
        }
        self.pump(now, id);
    }

    /// Somebody wants to be known under `name`.
    fn shen_connect(&mut self, now: Instant, source: Source, asked: Asked, name: &str) {
        let (seq, mark) = asked;
        let by = Registration { seq, mark };
        if let Some(id) = self.registered_by(now, source, by, name.as_bytes()) {
            let Some(payload) = self.shen_encode(seq, Body::plain(Kind::Ack, "")) else { return };
            return self.answer_again(now, id, payload);
        }
        match self.may_register(now, source) {
            Ok(true) => {}
            Ok(false) => return,
            Err(_) => return self.stats.drop(DropReason::RequestOverRate),
        }
        let Some(name) = user_name(name) else { return self.shen_refuse(source, seq, words::BAD_NAME) };
        let address = source.address.ip();
        let registered = match self.registry.allows(name, address) {
            true => self.register(now, source, Packed::Shen, by, name),
            false => Registered::NameTaken,
        };
        match registered {
            Registered::As(id) => {
                if let Some(payload) = self.shen_encode(seq, Body::plain(Kind::Ack, "")) {
                    self.answer_once(now, id, asked, payload, 0);
                }
                self.announce(id);
                if self.registry.claim(name, address) {
                    self.outputs.push_back(Output::Event(Event::NameClaimed { name: name.into(), address }));
                }
            }
            Registered::Full => self.shen_refuse(source, seq, words::SERVER_FULL),
            Registered::NameTaken => self.shen_refuse(source, seq, words::NAME_TAKEN),
        }
    }

    fn shen_refuse(&mut self, source: Source, seq: u16, words: &str) {
        if let Some(payload) = self.shen_encode(seq, Body::plain(Kind::ConnectRefused, words)) {
            self.send_to(source, payload);
        }
    }

    /// A message of somebody who is not registered: a repetition of one who has just left, or a stranger's. He learns that
    /// the server does not know him (S18).
    fn shen_not_registered(&mut self, now: Instant, source: Source, message: &Message<'_>, mark: u32) {
        if !is_clients_request(message.kind()) {
            return self.stats.drop(DropReason::UnexpectedResponse);
        }
        let former = self.peers.at(source.listener, source.address);
        if let Some(id) = former
            && let Some(Verdict::Again(answer)) =
                self.peers.get_mut(id).map(|peer| peer.link.check(now, message.seq, mark))
            && answer.len() <= LONGEST_TO_STRANGERS
        {
            let answer = answer.clone();
            return self.answer_again(now, id, answer);
        }
        if self.admit_stranger(now, source) {
            self.shen_refuse(source, message.seq, "");
        }
    }

    /// Whether this number is borne by a question of ours that waits for its answer (S5).
    fn is_question(&self, id: PeerId, seq: u16) -> bool {
        let asked = self.peers.get(id).and_then(|peer| peer.link.in_flight(seq));
        asked.is_some_and(|asked| matches!(asked.purpose, Purpose::Question(_)))
    }

    fn shen_response(&mut self, now: Instant, id: PeerId, message: &Message<'_>, mark: u32) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        let Some(asked) = peer.link.answered(now, message.seq) else {
            return self.stats.drop(DropReason::UnexpectedResponse);
        };
        match asked.purpose {
            Purpose::Text => self.stats.add(Counter::Deliveries),
            Purpose::Question(question) => {
                if message.kind() != Kind::Ack {
                    // A copy of it must not pass for an answer to another question.
                    peer.link.remember(now, message.seq, mark, None, 0);
                }
                if let Some(accept) = decision(&asked, &message.body) {
                    self.shen_decide(now, id, question, accept);
                }
            }
            purpose => self.over(id, purpose),
        }
    }

    fn shen_request(&mut self, now: Instant, id: PeerId, message: &Message<'_>, mark: u32) {
        let asked = (message.seq, mark);
        if self.is_news(now, id, asked) {
            if self.may_ask(now, id) {
                self.shen_execute(now, id, message, asked);
            } else {
                self.stats.drop(DropReason::RequestOverRate);
            }
        }
    }

    /// Answers a request, and remembers the answer (S6).
    pub(super) fn shen_answer(&mut self, now: Instant, id: PeerId, asked: Asked, body: Body<'_>) {
        let is_list = matches!(body, Body::List(_));
        let Some(payload) = self.shen_encode(asked.0, body) else { return };
        let long = if is_list { payload.len() } else { 0 };
        self.answer_once(now, id, asked, payload, long);
    }

    /// A response of the server; `None`, counted, when it cannot be encoded.
    pub(super) fn shen_encode(&mut self, seq: u16, body: Body<'_>) -> Option<Payload> {
        self.encoded.clear();
        if (Message { seq, body }).encode(&mut self.encoded).is_err() {
            self.stats.drop(DropReason::Unencodable);
            return None;
        }
        Some(Payload::new(&self.encoded))
    }
}

/// What the server may send to a stranger however little he sent: a header.
const LONGEST_TO_STRANGERS: usize = 4;

/// What the answer to a question decides: a question in words is answered in words, too; an ACK without any only says that
/// it was received (S5, S9).
fn decision(asked: &Outgoing, answer: &Body<'_>) -> Option<bool> {
    match answer {
        Body::Plain { kind: Kind::Accept, .. } => Some(true),
        Body::Plain { kind: Kind::Decline, .. } => Some(false),
        Body::Plain { text, .. } if asked.packet.kind() == Kind::Relay.code() && !text.is_empty() => {
            Some(words::is_agreement(text))
        }
        _ => None,
    }
}

/// What clients ask of the server (S5).
const fn is_clients_request(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Connect
            | Kind::Disconnect
            | Kind::ListUsers
            | Kind::Accept
            | Kind::Decline
            | Kind::Leave
            | Kind::Join
            | Kind::Dissolve
            | Kind::CountRooms
            | Kind::CountMembers
            | Kind::Send
            | Kind::Invite
            | Kind::ChooseMode
            | Kind::ChangeMode
            | Kind::NameRoom
            | Kind::RenameRoom
    )
}
