//! Datagrams that come, as far as both protocols treat them alike.
//!
//! In: bytes and where they came from; requests of the server and of members of our decentralised room, once they are
//! understood. Out: answers, events. Must not know any wire: `tongue` finds who does.

use std::net::SocketAddr;

use super::members::{Latest, Way};
use super::session::State;
use super::tongue::Receipt;
use super::{Client, Doubt, Event, Speaker};
use crate::reliable::{Policy, Verdict};
use crate::time::Instant;
use crate::wire::Payload;

/// How many times M × T a text may take that came straight only once until it comes through the server too (M27): its
/// author's timer may have grown, and what he gives to the server may be lost and repeated both ways.
const TURNING: u32 = 15;
/// The same where timers never grow: his tries, those to the server, the server's, and some air.
const FIXED_TURNING: u32 = 4;

/// What a member of our decentralised room may say to us.
pub(super) enum FromMember<'m> {
    /// A text; an empty one is a probe (M11).
    Text(&'m str),
    /// He has our text.
    Receipt,
    /// Nothing that members say to each other.
    Other,
}

impl Client {
    pub(super) fn datagram(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        match self.config.integrity.open(bytes) {
            Some(bytes) => self.understand(now, from, bytes),
            None => self.drop(),
        }
    }

    pub(super) const fn drop(&mut self) {
        self.dropped = self.dropped.saturating_add(1);
    }

    /// Whether a request of the server is to be carried out. What is repeated is answered as before.
    pub(super) fn is_new(&mut self, now: Instant, seq: u16, mark: u32) -> bool {
        // What comes before we are registered may bear numbers of an earlier registration (M4): remembering those could
        // make us deaf to the present ones. The server asks again.
        if self.state != State::Registered {
            self.drop();
            return false;
        }
        match self.link.check(now, seq, mark) {
            Verdict::New => return true,
            Verdict::Again(answer) => {
                let answer = answer.clone();
                self.send(self.config.server, answer);
            }
            Verdict::Pending => {}
            Verdict::Stale => self.drop(),
        }
        false
    }

    /// Answers a request of the server, and remembers the answer for its repetitions (M13).
    pub(super) fn reply(&mut self, now: Instant, seq: u16, mark: u32, answer: Payload) {
        self.link.remember(now, seq, mark, Some(answer.clone()), 0);
        self.send(self.config.server, answer);
    }

    /// The server has moved us. It hears that we know when no text that was meant for where we were is on its way (M21).
    pub(super) fn displaced(&mut self, now: Instant, seq: u16, mark: u32) {
        self.link.remember(now, seq, mark, None, 0);
        self.closings.push((seq, mark));
    }

    /// Whether a text that comes through the server is one that came straight before: its author had no answer, and has
    /// given it to the server in the end (M27).
    pub(super) fn came_straight(&mut self, author: &str, text: &str) -> bool {
        // He turns to the server after all his tries. A text that came only once, and long before, was answered in time:
        // this one says the same again.
        let turning = match self.config.timing.policy {
            Policy::Adaptive => TURNING,
            Policy::Fixed => FIXED_TURNING,
        };
        let (now, soon) = (self.last_now, self.config.timing.span() * turning);
        let Some(member) = self.members.get_mut(author) else { return false };
        let same =
            |latest: &mut Latest| latest.text == text && (latest.copies > 1 || now.since(latest.at) < soon);
        member.latest.take_if(same).is_some()
    }

    /// A text came through the server.
    pub(super) fn passed_on(&mut self, author: String, text: &str) {
        if !self.came_straight(&author, text) {
            self.tell(Event::Heard { from: Speaker::Named(author), text: text.into() });
        }
    }

    /// Our room is no more, and we are in the public one.
    pub(super) fn lose_room(&mut self, doubt: Doubt) {
        self.doubt = Some(doubt);
        if let Some(room) = self.room.take() {
            self.abandon_room();
            self.numbers_changed();
            self.msp.has_left(Some(room.name.clone()));
            self.tell(Event::Closed(room.name));
        }
    }

    /// A datagram of somebody who is not the server: only fellow members of a decentralised room are answered (M11).
    pub(super) fn member_says(
        &mut self,
        now: Instant,
        from: SocketAddr,
        (seq, mark): (u16, u32),
        what: &FromMember<'_>,
    ) {
        let Some(name) = self.members.at(from) else {
            self.drop();
            if matches!(what, FromMember::Text(_)) {
                self.stranger_speaks(now);
            }
            return;
        };
        let Some(member) = self.members.get_mut(&name) else { return };
        member.link.heard(now);
        match what {
            FromMember::Receipt => {
                let Some(direct) = member.link.answered(now, seq) else { return self.drop() };
                member.way = Way::Direct;
                if let Some((ticket, _)) = direct.text {
                    self.settle(ticket, None);
                }
            }
            FromMember::Text(text) => match member.link.check(now, seq, mark) {
                Verdict::New => {
                    let answer = self.receipt(seq, Receipt::Text);
                    self.text_of_member(now, &name, (seq, mark), text, answer.clone());
                    self.send(from, answer);
                }
                Verdict::Again(answer) => {
                    let answer = answer.clone();
                    if let Some(latest) = member.latest.as_mut().filter(|latest| latest.seq == seq) {
                        latest.copies = latest.copies.saturating_add(1);
                    }
                    self.send(from, answer);
                }
                Verdict::Pending | Verdict::Stale => self.drop(),
            },
            FromMember::Other => self.drop(),
        }
    }

    fn text_of_member(
        &mut self,
        now: Instant,
        name: &str,
        (seq, mark): (u16, u32),
        text: &str,
        answer: Payload,
    ) {
        let Some(member) = self.members.get_mut(name) else { return };
        member.link.remember(now, seq, mark, Some(answer), 0);
        if !text.is_empty() {
            member.latest = Some(Latest { seq, text: text.into(), copies: 1, at: now });
            self.tell(Event::Heard { from: Speaker::Named(name.into()), text: text.into() });
        }
    }
}
