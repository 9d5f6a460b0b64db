//! What comes on a connection of STUMTP, once its end is found (U1 to U4, U7).
//!
//! In: units of the stream. Out: requests for the executor of Stories' language, each once and in order; complaints. Must
//! not know what a request means, nor how a session begins.

use crate::dialect::stories::Answer;
use crate::dialect::stumtp::{Frame, Refused, decode, is_framed, words};
use crate::engine::{DropReason, Server};
use crate::ids::{ConnectionId, UserId};
use crate::reliable::Arrival;
use crate::time::Instant;
use crate::wire::TooLong;

impl Server {
    /// A whole frame has come, with its end.
    pub(in crate::engine) fn stumtp_message(&mut self, now: Instant, id: ConnectionId, unit: &[u8]) {
        let Some(connection) = self.connections.get(id) else { return };
        let user = connection.user;
        let frame = decode(unit);
        match (frame, user) {
            (Ok(Frame::Plain(text)), None) => self.stumtp_opens_plainly(now, id, text),
            (Ok(Frame::Plain(text)), Some(user)) => self.stumtp_asks_plainly(now, user, text),
            (Ok(Frame::Numbered { id: 0, ack, text }), _) => self.stumtp_opens(now, id, ack, text),
            (Ok(Frame::Numbered { id: number, ack, text }), Some(user)) => {
                self.stumtp_numbered(now, (id, user), (number, ack), Ok(text));
            }
            (Ok(Frame::Ack(ack)), Some(user)) => self.stumtp_acknowledged(now, (id, user), Some(ack)),
            // What was said to one who has just signed out is acknowledged by nobody.
            (Ok(Frame::Ack(_)), None) => {}
            (Ok(Frame::Numbered { .. }), None) => self.stumtp_refuses(now, id, words::NO_NUMBERS),
            (Err(refused), user) => self.stumtp_refused(now, id, user, refused, unit),
        }
    }

    /// What comes has no end where it must have one: nothing after it can be read. A session goes on by another connection.
    pub(in crate::engine) fn stumtp_fault(&mut self, now: Instant, id: ConnectionId, _fault: TooLong) {
        self.stats.drop(DropReason::Malformed);
        self.stumtp_gives_up(now, id, words::TOO_LONG);
    }

    /// Says what is not done, and why, outside the numbering.
    pub(super) fn stumtp_refuses(&mut self, now: Instant, id: ConnectionId, why: &str) {
        self.stumtp_answers(now, id, &Answer::Refused { why: why.into() }, true);
    }

    /// A message with a number: taken once, and in order. One whose text is refused is used up all the same (U1).
    fn stumtp_numbered(
        &mut self,
        now: Instant,
        (id, user): (ConnectionId, UserId),
        (number, ack): (u64, Option<u64>),
        text: Result<&str, &'static str>,
    ) {
        self.stumtp_acknowledged(now, (id, user), ack);
        let Some(kept) = self.stumtp.kept.get_mut(&user) else {
            return self.stumtp_refuses(now, id, words::NO_NUMBERS);
        };
        let arrival = kept.session.receive(now, number);
        self.stumtp.arm(user);
        match (arrival, text) {
            (Arrival::New, Ok(text)) => self.stories_request(now, user, text),
            (Arrival::New, Err(why)) => self.stories_say(now, user, &Answer::Error { why: why.into() }),
            (Arrival::Seen, _) => {}
            // Only a new connection can bring what is missing: there it is sent again (U3).
            (Arrival::Gap, _) => self.stumtp_gives_up(now, id, words::GAP),
        }
    }

    /// A message without a number of one who has signed in: what is answered at once is answered so (U1).
    fn stumtp_asks_plainly(&mut self, now: Instant, user: UserId, text: &str) {
        self.stumtp_is_plain(user, true);
        self.stories_request(now, user, text);
        self.stumtp_is_plain(user, false);
    }

    fn stumtp_is_plain(&mut self, user: UserId, is_plain: bool) {
        if let Some(kept) = self.stumtp.kept.get_mut(&user) {
            kept.is_plain = is_plain;
        }
    }

    /// The other end has taken every message up to this one.
    fn stumtp_acknowledged(&mut self, now: Instant, (id, user): (ConnectionId, UserId), ack: Option<u64>) {
        let Some(ack) = ack else { return };
        if !self.stumtp_takes_ack(user, ack) {
            self.stats.drop(DropReason::UnexpectedResponse);
            let why = words::NEVER_SENT.into();
            self.stumtp_answers(now, id, &Answer::Error { why }, true);
        }
    }

    /// The same; false when nothing with that number was ever sent.
    pub(super) fn stumtp_takes_ack(&mut self, user: UserId, ack: u64) -> bool {
        let Some(kept) = self.stumtp.kept.get_mut(&user) else { return false };
        match kept.session.acknowledged(ack) {
            Ok(over) => drop(over),
            Err(_) => return false,
        }
        while kept.moves.front().is_some_and(|number| *number <= ack) {
            kept.moves.pop_front();
            self.rooms.told(user);
        }
        true
    }

    /// A unit that is no frame. The stream goes on behind its end (U7).
    fn stumtp_refused(
        &mut self,
        now: Instant,
        id: ConnectionId,
        user: Option<UserId>,
        refused: Refused,
        unit: &[u8],
    ) {
        self.stats.drop(DropReason::Malformed);
        let why = words::refused(refused.why);
        match (user, refused.id) {
            (Some(user), Some(number @ 1..)) => {
                self.stumtp_numbered(now, (id, user), (number, refused.ack), Err(why));
            }
            _ => {
                let framed = is_framed(unit);
                self.stumtp_answers(now, id, &Answer::Error { why: why.into() }, framed);
            }
        }
    }

    /// Nothing on this connection can be put right.
    fn stumtp_gives_up(&mut self, now: Instant, id: ConnectionId, why: &str) {
        let user = self.connections.get(id).and_then(|connection| connection.user);
        let framed = user.is_some_and(|user| self.stumtp.kept.contains_key(&user));
        self.stumtp_answers(now, id, &Answer::Error { why: why.into() }, framed);
        if let Some(user) = user {
            self.stumtp_detached(now, user, id);
        }
        self.close(id, true);
    }
}
