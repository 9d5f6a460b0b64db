//! STUMTP: sessions that outlive their connections, and the frames they travel in (U1 to U7).
//!
//! In: whole frames of a connection; requests and answers of Stories' language. Out: the one for the other. Must not know
//! what a request means.

use super::Server;
use crate::ids::{ConnectionId, UserId};
use crate::time::Instant;
use crate::wire::TooLong;

/// The sessions.
#[derive(Debug, Default)]
pub(super) struct State {}

impl State {
    /// When [`Server::stumtp_due`] has something to do.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        None
    }
}

/// There are too many connections: says so, before this one is closed.
pub(super) const fn connection_refused(_server: &mut Server, _now: Instant, _id: ConnectionId) {}

/// Nobody has signed in in time: says so, before the connection is closed.
pub(super) const fn login_is_late(_server: &mut Server, _now: Instant, _id: ConnectionId) {}

impl Server {
    /// A whole frame has come, with its end.
    pub(super) fn stumtp_message(&mut self, _now: Instant, _id: ConnectionId, _frame: &[u8]) {}

    /// What comes is no frame: nothing after it can be read.
    pub(super) fn stumtp_fault(&mut self, now: Instant, id: ConnectionId, _fault: TooLong) {
        self.expel(now, id, true);
    }

    /// Sends one message of Stories' language to a session, now or when it has a connection again. The text can be
    /// shared with other receivers.
    pub(super) fn stumtp_send(&mut self, _now: Instant, _user: UserId, _text: &std::sync::Arc<[u8]>) {}

    /// The connection of a session is gone, or about to be closed: the session waits for the next one (U5).
    pub(super) fn stumtp_detached(&mut self, _now: Instant, _user: UserId, _id: ConnectionId) {}

    /// Does what is due.
    pub(super) fn stumtp_due(&mut self, _now: Instant) {}
}
