//! Matou: what its messages mean to the server, and how it says what the rooms want told.
//!
//! In: whole messages of a connection, notices. Out: commands to the rooms, messages. Must not know streams of bytes.

use std::sync::Arc;

use super::Server;
use super::tell::Said;
use crate::ids::{ConnectionId, UserId};
use crate::time::Instant;
use crate::vocab::Notice;
use crate::wire::TooLong;

/// What the server calls itself where it has something to say (A4); nobody else can have this name.
pub(super) const SERVER: &str = "palabre";

/// What is asked of people and not answered yet.
#[derive(Debug, Default)]
pub(super) struct State {}

impl State {
    /// When [`Server::matou_due`] has something to do.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        None
    }
}

/// A text in as many messages as it takes, shared by all who hear it.
#[derive(Debug, Default)]
pub(super) struct Spoken {
    _parts: Option<Vec<Arc<[u8]>>>,
}

/// There are too many connections: says so, before this one is closed.
pub(super) const fn connection_refused(_server: &mut Server, _now: Instant, _id: ConnectionId) {}

/// Nobody has signed in in time: says so, before the connection is closed.
pub(super) const fn login_is_late(_server: &mut Server, _now: Instant, _id: ConnectionId) {}

impl Server {
    /// A whole message has come.
    pub(super) fn matou_message(&mut self, _now: Instant, _id: ConnectionId, _message: &[u8]) {}

    /// What comes is no message: nothing after it can be read.
    pub(super) fn matou_fault(&mut self, now: Instant, id: ConnectionId, _fault: TooLong) {
        self.expel(now, id, true);
    }

    /// Somebody says something that this user hears.
    pub(super) fn matou_text(&mut self, _now: Instant, _to: UserId, _said: Said<'_>, _spoken: &mut Spoken) {}

    /// Something has happened that this user is to know. (`self.arriving` is who came onto the server just now; who is
    /// not in the rooms any more has left it.) One who is moved is to be reported: `self.rooms.told`.
    pub(super) fn matou_notice(&mut self, _now: Instant, _to: UserId, _notice: &Notice) {}

    /// The server says something itself to this user.
    pub(super) fn matou_says(&mut self, _now: Instant, _to: UserId, _words: &str) {}

    /// A user of this dialect leaves the server: what he asked for, and what was asked of him, is void.
    pub(super) fn matou_left(&mut self, _user: UserId) {}

    /// Does what is due.
    pub(super) fn matou_due(&mut self, _now: Instant) {}
}
