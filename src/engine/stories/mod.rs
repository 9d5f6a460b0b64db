//! Stories: what its messages mean to the server, and how it says what the rooms want told.
//!
//! In: whole messages of a connection, notices. Out: commands to the rooms, messages. Must not know streams of bytes.
//!
//! STUMTP carries the same language (U6): what is said to somebody goes through [`Server::stories_say`], which knows how
//! each seat carries it.
mod asking;
mod commands;
mod exchange;
mod files;
mod lending;
mod meeting;
mod meetings;
mod moves;
mod notices;
mod receive;
mod say;
mod sequences;
mod sharing;

pub(super) use receive::{Talk, connection_refused, login_is_late};
pub(super) use say::Spoken;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Server;
use crate::ids::{ConnectionId, UserId};
use crate::time::Instant;

/// Files, sequences, meetings, and who has just been moved.
#[derive(Debug, Default)]
pub(super) struct State {
    exchange: exchange::Exchange,
    /// Where those who are not in the public room were told that they are.
    places: BTreeMap<UserId, Arc<str>>,
    /// Until when words that name no room stay unsaid, of those who were moved out of a private room (B10).
    hushed: BTreeMap<UserId, Instant>,
}

impl State {
    /// When [`Server::stories_due`] has something to do.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.exchange.poll_timeout()
    }
}

impl State {
    /// A connection has taken what waited for it, or is gone: no file is on its way there any more.
    pub(super) fn returned(&mut self, by: ConnectionId) {
        self.exchange.files.returned(by);
    }
}

impl Server {
    /// A user of Stories or STUMTP leaves the server: what he began, and what was asked of him, is void.
    pub(super) fn stories_left(&mut self, now: Instant, user: UserId) {
        self.exchange_left(now, user, true);
        self.stories.places.remove(&user);
        self.stories.hushed.remove(&user);
    }

    /// Does what is due.
    pub(super) fn stories_due(&mut self, now: Instant) {
        self.exchange_due(now);
    }
}
