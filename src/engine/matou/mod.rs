//! Matou: what its messages mean to the server, and how it says what the rooms want told.
//!
//! In: whole messages of a connection, notices. Out: commands to the rooms, messages. Must not know streams of bytes.

mod notices;
mod private;
mod receive;
mod requests;

pub(super) use notices::Spoken;

use super::Server;
use crate::dialect::matou::{ErrorCode, Message};
use crate::ids::{ConnectionId, UserId};
use crate::time::Instant;
use private::Private;

/// What the server calls itself where it has something to say (A4); nobody else can have this name.
pub(super) const SERVER: &str = "palabre";

/// What is asked of people and not answered yet.
#[derive(Debug, Default)]
pub(super) struct State {
    private: Private,
}

impl State {
    /// When [`Server::matou_due`] has something to do.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.private.poll_timeout()
    }
}

/// There are too many connections: says so, before this one is closed (A10).
pub(super) fn connection_refused(server: &mut Server, now: Instant, id: ConnectionId) {
    server.matou_write(now, id, &Message::Error(ErrorCode::Unknown));
}

/// Nobody has signed in in time, and nobody is told: there are no words for it (A9).
pub(super) const fn login_is_late(_server: &mut Server, _now: Instant, _id: ConnectionId) {}

impl Server {
    /// A user of this dialect leaves the server: what he asked for, and what was asked of him, is void.
    pub(super) fn matou_left(&mut self, user: UserId) {
        self.matou.private.forget(user);
    }

    /// Does what is due.
    pub(super) fn matou_due(&mut self, now: Instant) {
        self.matou.private.expire(now);
    }
}
