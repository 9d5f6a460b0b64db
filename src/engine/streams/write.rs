//! What goes to a connection, and how much may wait there.
//!
//! In: encoded messages; how much the socket has taken. Out: bytes for the shell; the end of those who do not read. Must
//! not know what a message says.

use std::sync::Arc;

use crate::engine::deadlines::Deadline;
use crate::engine::{Counter, DropReason, Output, Server};
use crate::ids::{ConnectionId, UserId};
use crate::time::{Duration, Instant};

/// So many times the backlog at which a reader has to go on, he is let go at once. Far more than a burst of many texts:
/// who reads all the time must not be let go because others talk faster for a moment.
const MOST: usize = 16;
/// How long one who is not read, because too much waits for him, may take nothing: else one who asks and never reads, or
/// has said his last word already, would be here for ever.
const STUCK: Duration = Duration::from_secs(120);

impl Server {
    /// Writes one message, in pieces of which others may have a share. A reader for whom too much waits is let go.
    pub(in crate::engine) fn write(&mut self, now: Instant, id: ConnectionId, pieces: &[Arc<[u8]>]) {
        let limits = &self.config.limits;
        let Some(connection) = self.connections.get_mut(id) else { return };
        connection.backlog.push(pieces.iter().map(|piece| piece.len()).sum());
        for bytes in pieces.iter().filter(|piece| !piece.is_empty()).cloned() {
            self.outputs.push_back(Output::Bytes { connection: id, bytes });
        }
        self.stats.add(Counter::MessagesSent);
        let waiting = connection.backlog.behind_the_first();
        if waiting > limits.backlog && connection.reads_by.is_none() {
            let due = now + limits.idle_reader;
            connection.reads_by = Some((due, connection.taken));
            self.peers.deadlines.push(due, Deadline::Reader(id));
        }
        if waiting > limits.backlog.saturating_mul(MOST) {
            self.overwhelmed.insert(id);
        }
    }

    /// Writes one message to the connection of somebody, if he has one.
    pub(in crate::engine) fn write_to(&mut self, now: Instant, user: UserId, pieces: &[Arc<[u8]>]) {
        if let Some(id) = self.peers.seats.get(user).and_then(|seat| seat.connection) {
            self.write(now, id, pieces);
        }
    }

    /// The socket has taken so many bytes.
    pub(in crate::engine) fn written(&mut self, now: Instant, id: ConnectionId, bytes: usize) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        connection.backlog.taken(bytes);
        connection.taken = connection.taken.wrapping_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        if connection.backlog.behind_the_first() <= self.config.limits.backlog
            && let Some((due, _)) = connection.reads_by.take()
        {
            self.peers.deadlines.take_back(due, Deadline::Reader(id));
        }
        if !self.must_pause(id) {
            self.stories.returned(id);
        }
        self.resume(now, id);
    }

    /// Too much waits for a reader: he must have taken something since that was seen first (A6).
    pub(in crate::engine) fn judge_reader(&mut self, now: Instant, id: ConnectionId) {
        let patience = self.config.limits.idle_reader;
        let Some(connection) = self.connections.get_mut(id) else { return };
        let Some((_, before)) = connection.reads_by.take() else { return };
        if connection.taken == before {
            return self.abandon(now, id);
        }
        connection.reads_by = Some((now + patience, connection.taken));
        self.peers.deadlines.push(now + patience, Deadline::Reader(id));
    }

    /// A connection is not read from now on: whoever is at its other end must go on taking something.
    pub(super) fn watch_paused(&mut self, now: Instant, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        let due = now + STUCK;
        if let Some((before, _)) = connection.stuck_by.replace((due, connection.taken)) {
            self.peers.deadlines.take_back(before, Deadline::Paused(id));
        }
        self.peers.deadlines.push(due, Deadline::Paused(id));
    }

    /// He may have taken nothing all the time.
    pub(in crate::engine) fn judge_paused(&mut self, now: Instant, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        let Some((_, before)) = connection.stuck_by.take() else { return };
        if connection.taken == before {
            return self.abandon(now, id);
        }
        self.watch_paused(now, id);
    }

    /// Lets go of those for whom far too much waits.
    pub(in crate::engine) fn abandon_overwhelmed(&mut self, now: Instant) {
        while let Some(id) = self.overwhelmed.pop_first() {
            self.abandon(now, id);
        }
    }

    /// One who does not read is let go; what waits for him will never arrive.
    fn abandon(&mut self, now: Instant, id: ConnectionId) {
        self.stats.drop(DropReason::IdleReader);
        self.let_go(now, id, false);
    }
}
