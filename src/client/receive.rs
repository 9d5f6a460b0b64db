//! Datagrams that come: from the server, from members of our decentralised room, from anybody else.
//!
//! In: bytes and where they came from. Out: requests of others that are new, responses that were waited for. Must not
//! know what a response means for what the user wants: `replies` does.

use std::net::SocketAddr;

use super::jobs::Job;
use super::members::{Latest, Way};
use super::session::State;
use super::{Client, Doubt, Event, Invitation, Offer, Speaker};
use crate::dialect::msp::{
    self, Body, Capabilities, ErrorCode, Kind, Message, Name, RawHeader, SERVER, error,
};
use crate::reliable::{Seq, Verdict};
use crate::time::Instant;
use crate::wire::Payload;

/// Invitations that can wait for an answer at once; the oldest is forgotten.
const MOST_OFFERS: usize = 32;

/// How many times M × T a text may take that came straight only once until it comes through the server too (M27): its
/// author's timer may have grown, and what he gives to the server may be lost and repeated both ways.
const TURNING: u32 = 15;

impl Client {
    pub(super) fn datagram(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        let Some(bytes) = self.config.integrity.open(bytes) else { return self.drop() };
        let mut scratch = std::mem::take(&mut self.scratch);
        match Message::decode(bytes, &mut scratch) {
            Ok(message) if from == self.config.server => self.server_says(now, &message),
            Ok(message) => self.member_says(now, from, &message),
            Err(_) if from == self.config.server => self.malformed(bytes),
            Err(_) => self.drop(),
        }
        self.scratch = scratch;
    }

    const fn drop(&mut self) {
        self.dropped = self.dropped.saturating_add(1);
    }

    /// The server's requests that are no messages are answered, nothing else is (M26).
    fn malformed(&mut self, bytes: &[u8]) {
        self.drop();
        let Some(header) = RawHeader::peek(bytes) else { return };
        let code = match header.kind() {
            None => ErrorCode::UNKNOWN_TYPE,
            Some(kind) if kind.is_request() => ErrorCode::MALFORMED,
            Some(_) => return,
        };
        self.answer(self.config.server, header.seq, &error(header.code, code, ""));
    }

    fn server_says(&mut self, now: Instant, message: &Message<'_>) {
        self.server_heard(now);
        if !message.kind().is_request() {
            return self.response(now, message);
        }
        // What comes before we are registered may bear numbers of an earlier registration (M4): remembering those could
        // make us deaf to the present ones. The server asks again.
        if self.state != State::Registered {
            return self.drop();
        }
        match self.link.check(now, Seq::wrapping(message.seq), message.kind().code().into()) {
            Verdict::Again(answer) => {
                let answer = answer.clone();
                self.send(self.config.server, answer);
            }
            Verdict::Pending => {}
            Verdict::Stale => self.drop(),
            Verdict::New => self.request_of_server(now, message),
        }
    }

    fn request_of_server(&mut self, now: Instant, message: &Message<'_>) {
        let (seq, kind) = (message.seq, message.kind());
        let refusal = match &message.body {
            Body::Text { order: None, .. } | Body::Notification(_) => None,
            Body::Offer { by, mode, room } => {
                self.link.remember(now, Seq::wrapping(seq), kind.code().into(), None, 0);
                return self.offered(seq, by, *mode, room);
            }
            _ => Some(error(kind.code(), ErrorCode::NOT_ALLOWED, "")),
        };
        match (refusal, &message.body) {
            (Some(refusal), _) => {
                self.drop();
                self.reply(now, seq, kind, &refusal);
            }
            (None, Body::Text { text, .. }) => {
                self.reply(now, seq, kind, &Body::TextReply);
                self.heard(message.user, text);
            }
            (None, Body::Notification(msp::Event::Closed { room })) => {
                self.link.remember(now, Seq::wrapping(seq), kind.code().into(), None, 0);
                self.closings.push(seq);
                self.room_closed(&room.to_string());
            }
            (None, Body::Notification(event)) => {
                self.reply(now, seq, kind, &Body::NotificationReply);
                self.notified(event);
            }
            _ => {}
        }
    }

    fn offered(&mut self, seq: u16, by: &Name<'_>, mode: crate::vocab::Mode, room: &Name<'_>) {
        self.next_offer += 1;
        let invitation = Invitation(self.next_offer);
        self.offers.insert(invitation, Offer { seq, room: room.to_string() });
        if self.offers.len() > MOST_OFFERS {
            self.offers.pop_first();
        }
        self.tell(Event::Invited { invitation, by: by.to_string(), room: room.to_string(), mode });
    }

    /// A text that came through the server.
    fn heard(&mut self, author: u8, text: &str) {
        if text.is_empty() {
            return;
        }
        if author == SERVER {
            return self.tell(Event::Heard { from: Speaker::Server, text: text.into() });
        }
        if self.names.is_waiting(author) {
            self.names.wait(author, text.into());
            return;
        }
        match self.names.name(author).map(String::from) {
            Some(name) => {
                if !self.came_straight(&name, text) {
                    self.tell(Event::Heard { from: Speaker::Named(name), text: text.into() });
                }
            }
            // Before BONJOUR is answered nobody knows whether the server can tell: it is asked when it can.
            None if self.capabilities.has(Capabilities::DIRECTORY) || self.is_greeting() => {
                self.names.wait(author, text.into());
                self.ask_directory(author);
            }
            None => self.tell(Event::Heard { from: Speaker::Unnamed(author), text: text.into() }),
        }
    }

    /// Whether a text that comes through the server is one that came straight before: its author had no answer, and has
    /// given it to the server in the end (M27).
    fn came_straight(&mut self, author: &str, text: &str) -> bool {
        // He turns to the server after all his tries. A text that came only once, and long before, was answered in time:
        // this one says the same again.
        let (now, soon) = (self.last_now, self.config.timing.span() * TURNING);
        let Some(member) = self.members.get_mut(author) else { return false };
        let same =
            |latest: &mut Latest| latest.text == text && (latest.copies > 1 || now.since(latest.at) < soon);
        member.latest.take_if(same).is_some()
    }

    fn notified(&mut self, event: &msp::Event<'_>) {
        match event {
            msp::Event::Joined { id, user, .. } => {
                self.names.learn(*id, user.to_string());
                self.members_changed();
                self.tell(Event::Joined(user.to_string()));
            }
            msp::Event::Left { user, .. } => {
                self.members_changed();
                self.tell(Event::Left(user.to_string()));
            }
            msp::Event::Closed { room } => self.room_closed(&room.to_string()),
            msp::Event::ModeChanged(mode) => {
                if let Some(room) = &mut self.room {
                    room.mode = *mode;
                }
                self.members_changed();
            }
            msp::Event::Renamed { room: name } => {
                if let Some(room) = &mut self.room {
                    room.name = name.to_string();
                }
            }
            msp::Event::Declined { user } => self.tell(Event::Declined(user.to_string())),
            msp::Event::Stopping => self.server_stops(),
        }
    }

    /// A room has closed. If we have moved by ourselves since, it is not ours any more.
    fn room_closed(&mut self, name: &str) {
        let is_ours = self.room.as_ref().is_some_and(|ours| ours.name == name);
        let is_next = self.current.as_ref().and_then(Job::target) == Some(name);
        if is_ours || is_next {
            self.doubt = Some(Doubt::Closed(name.into()));
        }
        if is_ours {
            self.room = None;
            self.abandon_room();
            self.names.forget();
            self.ask_directory(msp::NOBODY);
            self.tell(Event::Closed(name.into()));
        }
    }

    /// A datagram of somebody who is not the server: only fellow members of a decentralised room are answered (M11).
    fn member_says(&mut self, now: Instant, from: SocketAddr, message: &Message<'_>) {
        let Some(name) = self.members.at(from) else {
            self.drop();
            if message.kind() == Kind::Text {
                self.stranger_speaks(now);
            }
            return;
        };
        let Some(member) = self.members.get_mut(&name) else { return };
        member.link.heard(now);
        let seq = Seq::wrapping(message.seq);
        match &message.body {
            Body::TextReply => {
                let Some(direct) = member.link.answered(now, seq) else { return self.drop() };
                member.way = Way::Direct;
                if let Some((ticket, _)) = direct.text {
                    self.settle(ticket, None);
                }
            }
            Body::Text { text, order: None } => {
                let kind = Kind::Text.code().into();
                match member.link.check(now, seq, kind) {
                    Verdict::New => {
                        let answer = self.encode(message.seq, &Body::TextReply);
                        self.text_of_member(now, &name, message.seq, text, answer.clone());
                        self.send(from, answer);
                    }
                    Verdict::Again(answer) => {
                        let answer = answer.clone();
                        if let Some(latest) =
                            member.latest.as_mut().filter(|latest| latest.seq == message.seq)
                        {
                            latest.copies = latest.copies.saturating_add(1);
                        }
                        self.send(from, answer);
                    }
                    Verdict::Pending | Verdict::Stale => self.drop(),
                }
            }
            _ => self.drop(),
        }
    }

    fn text_of_member(&mut self, now: Instant, name: &str, seq: u16, text: &str, answer: Payload) {
        let Some(member) = self.members.get_mut(name) else { return };
        member.link.remember(now, Seq::wrapping(seq), Kind::Text.code().into(), Some(answer), 0);
        if !text.is_empty() {
            member.latest = Some(Latest { seq, text: text.into(), copies: 1, at: now });
            self.tell(Event::Heard { from: Speaker::Named(name.into()), text: text.into() });
        }
    }

    /// Answers what is not remembered.
    fn answer(&mut self, to: SocketAddr, seq: u16, body: &Body<'_>) {
        let answer = self.encode(seq, body);
        self.send(to, answer);
    }

    /// A short response of ours; those always fit their fields.
    pub(super) fn encode(&self, seq: u16, body: &Body<'_>) -> Payload {
        let mut bytes = Vec::with_capacity(Payload::HEAD);
        let message = Message { user: self.id, seq, body: body.clone() };
        let encoded = message.encode(&mut bytes);
        debug_assert!(encoded.is_ok(), "a short response fits");
        Payload::new(&bytes)
    }

    /// What the user is told about texts whose author is known now, or will not be.
    pub(super) fn release(&mut self, author: u8) {
        let name = self.names.name(author).map(String::from);
        for text in self.names.release(author) {
            let from = name.clone().map_or(Speaker::Unnamed(author), Speaker::Named);
            if !name.as_deref().is_some_and(|name| self.came_straight(name, &text)) {
                self.tell(Event::Heard { from, text });
            }
        }
    }
}
