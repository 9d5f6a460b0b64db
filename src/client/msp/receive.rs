//! MSP datagrams that come: from the server, from members of our decentralised room, from anybody else.
//!
//! In: bytes and where they came from. Out: requests of others that are new, responses that were waited for. Must not
//! know what a response means for what the user wants: `replies` does.

use std::net::SocketAddr;

use crate::client::jobs::Job;
use crate::client::questions::Asked;
use crate::client::receive::FromMember;
use crate::client::tongue::Receipt;
use crate::client::{Client, Doubt, Event, Speaker};
use crate::dialect::msp::{self, Body, ErrorCode, Message, RawHeader, SERVER, error};
use crate::time::{Duration, Instant};

/// An invitation may be answered at any time: if it is not open any more, access is refused (M22).
const FOR_EVER: Duration = Duration::from_secs(u32::MAX as u64);

impl Client {
    pub(in crate::client) fn msp_datagram(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        let mut scratch = std::mem::take(&mut self.scratch);
        match Message::decode(bytes, &mut scratch) {
            Ok(message) if from == self.config.server => self.server_says(now, &message),
            Ok(message) => {
                let what = match &message.body {
                    Body::Text { text, order: None } => FromMember::Text(text),
                    Body::TextReply => FromMember::Receipt,
                    _ => FromMember::Other,
                };
                self.member_says(now, from, (message.seq, message.kind().code().into()), &what);
            }
            Err(_) if from == self.config.server => self.malformed(bytes),
            Err(_) => self.drop(),
        }
        self.scratch = scratch;
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
        let answer = self.encode(header.seq, &error(header.code, code, ""));
        self.send(self.config.server, answer);
    }

    fn server_says(&mut self, now: Instant, message: &Message<'_>) {
        self.server_heard(now);
        if !message.kind().is_request() {
            return self.response(now, message);
        }
        let (seq, mark) = (message.seq, message.kind().code().into());
        if !self.is_new(now, seq, mark) {
            return;
        }
        match &message.body {
            Body::Text { text, order: None } => {
                let receipt = self.receipt(seq, Receipt::Text);
                self.reply(now, seq, mark, receipt);
                self.heard(message.user, text);
            }
            Body::Offer { by, mode, room } => {
                let (by, room, mode) = (by.to_string(), room.to_string(), *mode);
                let what = Asked::Invitation { by: by.clone(), room: room.clone(), handle: 0, mode };
                let invitation = self.asked(now, seq, mark, FOR_EVER, what);
                self.tell(Event::Invited { invitation, by, room, mode });
            }
            Body::Notification(msp::Event::Closed { room }) => {
                self.displaced(now, seq, mark);
                self.room_closed(&room.to_string());
            }
            Body::Notification(event) => {
                let receipt = self.receipt(seq, Receipt::News);
                self.reply(now, seq, mark, receipt);
                self.notified(event);
            }
            _ => {
                self.drop();
                let refusal = self.encode(seq, &error(message.kind().code(), ErrorCode::NOT_ALLOWED, ""));
                self.reply(now, seq, mark, refusal);
            }
        }
    }

    /// A text that came through the server.
    fn heard(&mut self, author: u8, text: &str) {
        if text.is_empty() {
            return;
        }
        if author == SERVER {
            return self.tell(Event::Heard { from: Speaker::Server, text: text.into() });
        }
        let number = author.into();
        if self.names.is_waiting(number) {
            self.names.wait(number, text.into());
            return;
        }
        match self.names.name(number).map(String::from) {
            Some(name) => self.passed_on(name, text),
            // Before BONJOUR is answered nobody knows whether the server can tell: it is asked when it can.
            None if self.has_directory() || self.is_greeting() => {
                self.names.wait(number, text.into());
                self.ask_directory(number);
            }
            None => self.tell(Event::Heard { from: Speaker::Unnamed(author), text: text.into() }),
        }
    }

    /// What the user is told about texts whose author is known now, or will not be.
    pub(in crate::client) fn release(&mut self, author: u16) {
        let name = self.names.name(author).map(String::from);
        for text in self.names.release(author) {
            match (&name, u8::try_from(author)) {
                (Some(name), _) => self.passed_on(name.clone(), &text),
                (None, Ok(id)) => self.tell(Event::Heard { from: Speaker::Unnamed(id), text }),
                (None, Err(_)) => {}
            }
        }
    }

    fn notified(&mut self, event: &msp::Event<'_>) {
        match event {
            msp::Event::Joined { id, user, .. } => {
                self.names.learn((*id).into(), user.to_string());
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
                    self.tell(Event::ModeChanged(*mode));
                }
                self.members_changed();
            }
            msp::Event::Renamed { room } => self.room_renamed(room.to_string()),
            msp::Event::Declined { user } => self.tell(Event::Declined(user.to_string())),
            msp::Event::Stopping => self.server_stops(),
        }
    }

    /// A room has another name: ours, but while we are asking for one nobody can tell. The name that we ask for may be
    /// another room's by now, even if it is our own (M8), or the news is of the one we come into.
    fn room_renamed(&mut self, name: String) {
        if self.current.as_ref().is_some_and(|job| job.moves() || *job == Job::Refresh) {
            self.doubt = Some(Doubt::Crossed);
        }
        if let Some(room) = &mut self.room {
            let former = std::mem::replace(&mut room.name, name.clone());
            self.msp.renamed(former);
            self.tell(Event::Renamed(name));
        }
    }

    /// A room has closed. If we have moved by ourselves since, it is not ours any more. A name that no room of ours had may
    /// be one that ours was given without our knowing, or the one we are about to enter: that news yields to texts where
    /// too much waits (M31).
    fn room_closed(&mut self, name: &str) {
        let has_it = self.room.as_ref().is_some_and(|ours| ours.name == name || self.msp.was_called(name));
        let is_next = self.current.as_ref().and_then(Job::target) == Some(name);
        let is_unknown = !is_next && !self.msp.was_left(name);
        let is_moving = self.current.as_ref().is_some_and(Job::moves);
        match self.room {
            Some(_) if has_it => self.lose_room(Doubt::Closed(name.into())),
            Some(_) if is_unknown => self.lose_room(Doubt::Crossed),
            None if is_unknown && is_moving => self.doubt = Some(Doubt::Crossed),
            _ if is_next => self.doubt = Some(Doubt::Closed(name.into())),
            _ => {}
        }
    }
}
