//! When something has to happen, and what.
//!
//! In: times and names of things to do. Out: those that are due, earliest first. Must not know how they are done.
//!
//! What has moved to a later time is left alone: whoever is called for it looks up its real time and asks again, so an
//! answer that stops a timer costs nothing here. What has moved to an earlier time is [taken back](Deadlines::take_back)
//! first. So a peer never has two entries of a kind, however it behaves; but for requests that others decide, of which it
//! has as many as it may ask in 1.5 s.

use std::collections::BTreeSet;

use crate::ids::{ConnectionId, PeerId};
use crate::time::Instant;

/// What may be due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deadline {
    /// A request to this peer was not answered in time (M13).
    Retransmit(PeerId),
    /// This peer may have been silent for too long (M5).
    Silence(PeerId),
    /// Texts wait for this peer, who was silent: ask whether it is there (M33).
    WakeUp(PeerId),
    /// This peer is gone, and its number has rested enough (M5).
    Rested(PeerId),
    /// A request of this peer that others have to decide gets an answer now, whether they have or not (S9, S10).
    Undecided(PeerId),
    /// Nobody may have signed in on this connection (B1).
    Login(ConnectionId),
    /// Half a message may have waited on this connection for too long (A6, B1, U7).
    Half(ConnectionId),
    /// Too much waits for the reader of this connection: he must go on reading (A6).
    Reader(ConnectionId),
    /// This connection is not read because too much waits for its reader: he must take something (A6).
    Paused(ConnectionId),
}

#[derive(Debug, Default)]
pub(super) struct Deadlines {
    entries: BTreeSet<(Instant, Deadline)>,
}

impl Deadlines {
    pub(super) fn push(&mut self, at: Instant, what: Deadline) {
        self.entries.insert((at, what));
    }

    pub(super) fn take_back(&mut self, at: Instant, what: Deadline) {
        self.entries.remove(&(at, what));
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.entries.first().map(|(at, _)| *at)
    }

    /// The earliest entry that is due at `now`.
    pub(super) fn pop(&mut self, now: Instant) -> Option<Deadline> {
        self.next().filter(|at| *at <= now)?;
        self.entries.pop_first().map(|(_, what)| what)
    }
}

#[cfg(test)]
mod tests {
    use crate::dialect::msp::{Body, Message, Name};
    use crate::engine::{Config, Input, Output, Server};
    use crate::ids::ListenerId;
    use crate::time::{Duration, Instant};
    use crate::wire::Scratch;

    /// The one who has this id sends from the port of the same number.
    fn sends(server: &mut Server, now: Instant, id: u8, message: &Message<'_>) {
        let mut bytes = Vec::new();
        message.encode(&mut bytes).unwrap();
        let from = ([192, 0, 2, 1], u16::from(id)).into();
        server.handle_input(now, Input::Datagram { listener: ListenerId(0), from, bytes: &bytes });
    }

    /// One who acknowledges some texts at once and one never makes his next deadline jump back and forth.
    #[test]
    fn however_a_peer_answers_it_has_at_most_one_entry_of_a_kind() {
        let mut server = Server::new(Config::msp(), 7);
        let mut now = Instant::from_secs(1);
        for (id, name) in [(1, "alice"), (2, "bob"), (3, "carol")] {
            let body = Body::Connect { name: Name::new(name) };
            sends(&mut server, now, id, &Message { user: 0, seq: 0, body });
        }
        for seq in 1..2_000 {
            let author = if seq % 100 == 1 { 1 } else { 3 };
            let body = Body::Text { text: "words".into(), order: None };
            sends(&mut server, now, author, &Message { user: author, seq, body });
            while let Some(output) = server.poll_output() {
                let Output::Datagram(sent) = output else { continue };
                let bytes = sent.payload.to_vec();
                let mut scratch = Scratch::new();
                let message = Message::decode(&bytes, &mut scratch).unwrap();
                let to = u8::try_from(sent.to.port()).unwrap();
                let is_ignored = to == 2 && message.user == 1;
                if message.kind().is_request() && !is_ignored {
                    let answer = Message { user: to, seq: message.seq, body: Body::TextReply };
                    sends(&mut server, now, to, &answer);
                }
            }
            now = now + Duration::from_millis(11);
            server.handle_timeout(now);
            let entries = server.peers.deadlines.entries.len();
            assert!(entries <= 9, "{entries} for three peers and three kinds");
        }
    }
}
