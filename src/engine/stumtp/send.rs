//! What goes to somebody who speaks STUMTP: numbered and kept, or plainly.
//!
//! In: texts. Out: frames on his connection, if he has one. Must not know what a text says.

use std::borrow::Cow;
use std::sync::Arc;

use crate::dialect::stories::{self, Answer, Style};
use crate::dialect::stumtp::{Head, LONGEST_TEXT, carried, words};
use crate::engine::{DropReason, Server};
use crate::ids::{ConnectionId, UserId};
use crate::reliable::MOST_WAITING;
use crate::time::Instant;

/// The most bytes that wait for an acknowledgement of one who has a connection: one who reads may take 50 ms to give it
/// (U4), and a room can say much in that time.
const MOST_ON_THE_WAY: usize = 16 << 20;

/// There are too many connections: says so, before this one is closed.
pub(in crate::engine) fn connection_refused(server: &mut Server, now: Instant, id: ConnectionId) {
    server.stumtp_answers(now, id, &Answer::Error { why: stories::words::FULL.into() }, false);
}

/// Nobody has signed in in time: says so, before the connection is closed.
pub(in crate::engine) fn login_is_late(server: &mut Server, now: Instant, id: ConnectionId) {
    server.stumtp_answers(now, id, &Answer::Error { why: stories::words::TOO_LATE.into() }, false);
}

impl Server {
    /// Sends one message of Stories' language to somebody: in his session, now or when it has a connection again; plainly
    /// to one who speaks so. The text is without its end, and can be shared with other receivers.
    pub(in crate::engine) fn stumtp_send(&mut self, now: Instant, user: UserId, text: &Arc<[u8]>) {
        let connection = self.peers.seats.get(user).and_then(|seat| seat.connection);
        let text = self.stumtp_carries(text);
        let Some(kept) = self.stumtp.kept.get_mut(&user).filter(|kept| !kept.is_plain) else {
            return self.stumtp_write(now, connection, &Head::default(), Some(&text));
        };
        let size = text.len().saturating_add(Head::numbered(kept.session.last(), None).as_bytes().len());
        let most = if connection.is_some() { MOST_ON_THE_WAY } else { MOST_WAITING };
        let Ok(number) = kept.session.send_within(most, Arc::clone(&text), size) else {
            // Its user cannot be told everything any more: he is let go when this step is over.
            self.stats.drop(DropReason::MailboxFull);
            self.stumtp.overflowed.insert(user);
            return;
        };
        if connection.is_some() {
            let head = Head::numbered(number, kept.session.ride());
            self.stumtp_write(now, connection, &head, Some(&text));
        }
    }

    /// The next message to this user tells him that somebody else has moved him: that is reported to the rooms when he has
    /// acknowledged it (M21). False where nothing will be acknowledged.
    pub(in crate::engine) fn stumtp_moves(&mut self, user: UserId) -> bool {
        let Some(kept) = self.stumtp.kept.get_mut(&user) else { return false };
        kept.moves.push_back(kept.session.last().saturating_add(1));
        true
    }

    /// An acknowledgement that found no message to ride on (U4).
    pub(super) fn stumtp_acknowledges(&mut self, now: Instant, user: UserId) {
        let connection = self.peers.seats.get(user).and_then(|seat| seat.connection);
        let ack = self.stumtp.kept.get_mut(&user).and_then(|kept| kept.session.handle_timeout(now));
        if let Some(ack) = ack {
            self.stumtp_write(now, connection, &Head::ack(ack), None);
        }
    }

    /// Says something outside the numbering (U5).
    pub(super) fn stumtp_says_aside(&mut self, now: Instant, id: ConnectionId, ack: Option<u64>, text: &str) {
        let text = carried(text).as_bytes().into();
        self.stumtp_write(now, Some(id), &Head::numbered(0, ack), Some(&text));
    }

    /// Says that something is not done, in the form in which it came: in a frame with a number, or plainly.
    pub(super) fn stumtp_answers(
        &mut self,
        now: Instant,
        id: ConnectionId,
        answer: &Answer<'_>,
        framed: bool,
    ) {
        let Some(text) = answer.text(Style::Quoted) else { return };
        if framed {
            return self.stumtp_says_aside(now, id, None, &text);
        }
        let text = carried(&text).as_bytes().into();
        self.stumtp_write(now, Some(id), &Head::default(), Some(&text));
    }

    /// Sends again what was not acknowledged, on a new connection.
    pub(super) fn stumtp_sends_again(&mut self, now: Instant, user: UserId, id: ConnectionId) {
        let Some(kept) = self.stumtp.kept.get(&user) else { return };
        let again: Vec<_> =
            kept.session.unacknowledged().map(|(number, text)| (number, Arc::clone(text))).collect();
        for (number, text) in again {
            self.stumtp_write(now, Some(id), &Head::numbered(number, None), Some(&text));
        }
    }

    fn stumtp_write(
        &mut self,
        now: Instant,
        id: Option<ConnectionId>,
        head: &Head,
        text: Option<&Arc<[u8]>>,
    ) {
        let Some(id) = id else { return };
        let head = head.as_bytes().into();
        match text {
            Some(text) => {
                let end = Arc::clone(&self.stumtp.end.0);
                self.write(now, id, &[head, Arc::clone(text), end]);
            }
            None => self.write(now, id, &[head]),
        }
    }

    /// The text as it can be sent: as it is, and shared, nearly always.
    fn stumtp_carries(&mut self, text: &Arc<[u8]>) -> Arc<[u8]> {
        if text.len() > LONGEST_TEXT {
            self.stats.drop(DropReason::Unencodable);
            let why = Answer::Refused { why: words::ANSWER_TOO_LONG.into() };
            return why.text(Style::Quoted).unwrap_or_default().into_bytes().into();
        }
        match carried(&String::from_utf8_lossy(text)) {
            Cow::Borrowed(_) => Arc::clone(text),
            Cow::Owned(text) => text.into_bytes().into(),
        }
    }
}
