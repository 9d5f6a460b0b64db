//! Stories: what its messages mean to the server, and how it says what the rooms want told.
//!
//! In: whole messages of a connection, notices. Out: commands to the rooms, messages. Must not know streams of bytes.
//!
//! STUMTP carries the same language (U6): what is said to somebody goes through `stories_say`, which knows how each seat
//! carries it.

mod files;
mod meetings;
mod sequences;

use super::Server;
use super::tell::Said;
use crate::ids::{ConnectionId, UserId};
use crate::time::Instant;
use crate::vocab::Notice;
use crate::wire::TooLong;

/// Files, sequences, meetings, and who has just been moved.
#[derive(Debug, Default)]
pub(super) struct State {}

impl State {
    /// When [`Server::stories_due`] has something to do.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        None
    }
}

/// A text in the forms it was told in so far, shared by all who hear it so.
#[derive(Debug, Default)]
pub(super) struct Spoken {}

/// There are too many connections: says so, before this one is closed.
pub(super) const fn connection_refused(_server: &mut Server, _now: Instant, _id: ConnectionId) {}

/// Nobody has signed in in time: says so, before the connection is closed.
pub(super) const fn login_is_late(_server: &mut Server, _now: Instant, _id: ConnectionId) {}

impl Server {
    /// A whole message has come.
    pub(super) fn stories_message(&mut self, _now: Instant, _id: ConnectionId, _message: &[u8]) {}

    /// What comes is no message: nothing after it can be read.
    pub(super) fn stories_fault(&mut self, now: Instant, id: ConnectionId, _fault: TooLong) {
        self.expel(now, id, true);
    }

    /// Carries out one request of somebody who has signed in, over STUMTP too (U6), and answers it.
    #[expect(dead_code, reason = "STUMTP calls it")]
    pub(super) fn stories_request(&mut self, _now: Instant, _user: UserId, _text: &str) {}

    /// Carries out a JSON request of somebody who has signed in, and answers it.
    #[expect(dead_code, reason = "the executor calls it")]
    pub(super) fn stories_json(&mut self, _now: Instant, _user: UserId, _text: &str) {}

    /// Somebody says something that this user hears.
    pub(super) fn stories_text(&mut self, _now: Instant, _to: UserId, _said: Said<'_>, _spoken: &mut Spoken) {
    }

    /// Something has happened that this user is to know. (`self.arriving` is who came onto the server just now; who is
    /// not in the rooms any more has left it.) One who is moved is to be reported: `self.rooms.told`.
    pub(super) fn stories_notice(&mut self, _now: Instant, _to: UserId, _notice: &Notice) {}

    /// The server says something itself to this user: SYSTEM (B9).
    pub(super) fn stories_system(&mut self, _now: Instant, _to: UserId, _words: &str) {}

    /// A user of Stories or STUMTP leaves the server: what he began, and what was asked of him, is void.
    pub(super) fn stories_left(&mut self, _now: Instant, _user: UserId) {}

    /// Does what is due.
    pub(super) fn stories_due(&mut self, _now: Instant) {}
}
