//! The people who came on connections.
//!
//! In: who signs in and out. Out: what is known of each. Must not know what they say.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::engine::config::Streamed;
use crate::ids::{ConnectionId, UserId};
use crate::time::Instant;

/// Somebody who came on a connection.
#[derive(Debug)]
pub(in crate::engine) struct Seat {
    pub(in crate::engine) dialect: Streamed,
    pub(in crate::engine) name: Arc<str>,
    /// `None` while a session waits for its next connection (U5).
    pub(in crate::engine) connection: Option<ConnectionId>,
    /// Where he is, or was last.
    pub(in crate::engine) from: SocketAddr,
    /// When he was last heard.
    pub(in crate::engine) heard: Instant,
}

impl Seat {
    pub(super) const fn new(
        dialect: Streamed,
        name: Arc<str>,
        connection: ConnectionId,
        from: SocketAddr,
        now: Instant,
    ) -> Self {
        Self { dialect, name, connection: Some(connection), from, heard: now }
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(in crate::engine) struct Seats {
    by_user: BTreeMap<UserId, Seat>,
}

impl Seats {
    pub(super) fn insert(&mut self, user: UserId, seat: Seat) {
        self.by_user.insert(user, seat);
    }

    pub(super) fn remove(&mut self, user: UserId) -> Option<Seat> {
        self.by_user.remove(&user)
    }

    /// All of them, in the order they came.
    pub(in crate::engine) fn users(&self) -> Vec<UserId> {
        self.by_user.keys().copied().collect()
    }

    pub(in crate::engine) fn get(&self, user: UserId) -> Option<&Seat> {
        self.by_user.get(&user)
    }

    pub(in crate::engine) fn get_mut(&mut self, user: UserId) -> Option<&mut Seat> {
        self.by_user.get_mut(&user)
    }
}
