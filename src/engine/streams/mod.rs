//! The server's connections, whatever is spoken on them: they open, bring bytes, take bytes, end.
//!
//! In: what the shell says of connections. Out: whole messages for the dialects; bytes, closings. Must not know what a
//! message says.

mod backlog;
mod connection;
mod read;
mod seats;
mod write;

pub(super) use connection::{Connection, Connections};
pub(super) use seats::{Seat, Seats};

use std::net::SocketAddr;
use std::sync::Arc;

use super::config::{Carriage, Streamed};
use super::deadlines::Deadline;
use super::{Counter, Departure, Dialect, DropReason, Event, Output, Server, matou, stories, stumtp};
use crate::ids::{ConnectionId, ListenerId, UserId};
use crate::time::Instant;
use crate::vocab::{Ability, Refusal};

impl Server {
    /// A connection was accepted. One too many is told so and closed.
    pub(super) fn opened(&mut self, now: Instant, listener: ListenerId, id: ConnectionId, from: SocketAddr) {
        self.stats.add(Counter::Connections);
        let found = self.config.listeners.get(listener.0).map(|listener| listener.dialect.carriage());
        let Some(Carriage::Stream(dialect)) = found else {
            self.stats.drop(DropReason::NoSuchListener);
            return self.outputs.push_back(Output::Close { connection: id, flush: false });
        };
        let limits = &self.config.limits;
        let most = (limits.connections, limits.connections_of_address);
        let is_full = !self.connections.has_room(from.ip(), most);
        self.connections.insert(id, Connection::new(dialect, from, limits.max_frame));
        if is_full {
            self.stats.drop(DropReason::TooManyConnections);
            self.refuse_connection(now, id, dialect);
            return self.close(id, true);
        }
        self.await_login(now, id);
    }

    /// A person has so long to say who he is, from now on.
    pub(super) fn await_login(&mut self, now: Instant, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        let due = now + login_time(connection.dialect);
        if let Some(before) = connection.login_by.replace(due) {
            self.peers.deadlines.take_back(before, Deadline::Login(id));
        }
        self.peers.deadlines.push(due, Deadline::Login(id));
    }

    /// Nobody has said who he is in time.
    pub(super) fn judge_login(&mut self, now: Instant, id: ConnectionId) {
        let is_late = |connection: &&Connection| connection.login_by.is_some_and(|by| by <= now);
        let Some(dialect) = self.connections.get(id).filter(is_late).map(|found| found.dialect) else {
            return;
        };
        self.stats.drop(DropReason::NoLogin);
        match dialect {
            Streamed::Matou => matou::login_is_late(self, now, id),
            Streamed::Stories => stories::login_is_late(self, now, id),
            Streamed::Stumtp => stumtp::login_is_late(self, now, id),
        }
        self.close(id, true);
    }

    fn refuse_connection(&mut self, now: Instant, id: ConnectionId, dialect: Streamed) {
        match dialect {
            Streamed::Matou => matou::connection_refused(self, now, id),
            Streamed::Stories => stories::connection_refused(self, now, id),
            Streamed::Stumtp => stumtp::connection_refused(self, now, id),
        }
    }

    /// The other end sends nothing more (`Ended`), or the connection is gone. What was said before it has been answered.
    pub(super) fn ended(&mut self, now: Instant, id: ConnectionId, is_gone: bool) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        if !is_gone && connection.is_paused() {
            // What it has said is not all carried out yet: its end comes after that.
            connection.ends = true;
            return;
        }
        let (dialect, user) = (connection.dialect, connection.user);
        if is_gone {
            self.forget_connection(id);
        }
        match (dialect, user) {
            // A session outlives its connection.
            (Streamed::Stumtp, Some(user)) => self.stumtp_detached(now, user, id),
            (_, Some(user)) => self.sign_out(now, user, Departure::Disconnected),
            (_, None) => {}
        }
        self.close(id, true);
    }

    /// Somebody on a connection says who he is.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`] and [`Refusal::BadName`]; what its dialect allows was checked before.
    pub(super) fn sign_in(&mut self, now: Instant, id: ConnectionId, name: &str) -> Result<UserId, Refusal> {
        let Some(connection) = self.connections.get(id) else { return Err(Refusal::NoSuchUser) };
        let (dialect, from) = (connection.dialect, connection.from);
        let side = &self.sides.of(dialect.into()).users;
        if side.is_alias(name) || side.is_reserved(name) {
            return Err(Refusal::NameTaken);
        }
        let user = self.rooms.enter(now, name, Ability::Told, &mut self.effects)?;
        self.arriving = Some(user);
        let name: Arc<str> = name.into();
        let seat = Seat::new(dialect, Arc::clone(&name), id, from, now);
        self.peers.seats.insert(user, seat);
        if let Some(connection) = self.connections.get_mut(id) {
            connection.user = Some(user);
            if let Some(by) = connection.login_by.take() {
                self.peers.deadlines.take_back(by, Deadline::Login(id));
            }
        }
        let dialect: Dialect = dialect.into();
        self.outputs.push_back(Output::Event(Event::Arrived { name, dialect, id: None, from }));
        Ok(user)
    }

    /// Somebody who came on a connection leaves the server. His connection stays open, without him.
    pub(super) fn sign_out(&mut self, now: Instant, user: UserId, why: Departure) {
        let Some(name) = self.unseat(now, user) else { return };
        self.leave(now, user);
        self.outputs.push_back(Output::Event(Event::Departed { name, id: None, why }));
    }

    /// The same when the server stops, and nobody is told.
    pub(super) fn sign_out_unheard(&mut self, now: Instant, user: UserId) {
        if self.unseat(now, user).is_some() {
            self.rooms.exit(now, user, &mut Vec::new());
            self.forget_user(now, user);
        }
    }

    fn unseat(&mut self, now: Instant, user: UserId) -> Option<Arc<str>> {
        let seat = self.peers.seats.remove(user)?;
        if let Some(connection) = seat.connection.and_then(|id| self.connections.get_mut(id)) {
            connection.user = None;
        }
        match seat.dialect {
            Streamed::Matou => self.matou_left(user),
            Streamed::Stories => self.stories_left(now, user),
            Streamed::Stumtp => {
                self.stumtp_left(user);
                self.stories_left(now, user);
            }
        }
        Some(seat.name)
    }

    /// Somebody who is on the server goes on by another connection, on which nobody has signed in.
    pub(super) fn take_seat(&mut self, user: UserId, id: ConnectionId) {
        self.rise(user);
        let Some(connection) = self.connections.get_mut(id) else { return };
        let Some(seat) = self.peers.seats.get_mut(user) else { return };
        (seat.connection, seat.from) = (Some(id), connection.from);
        connection.user = Some(user);
        if let Some(by) = connection.login_by.take() {
            self.peers.deadlines.take_back(by, Deadline::Login(id));
        }
    }

    /// Somebody stays on the server without a connection. Says which one he had, if it is still there: it is nobody's now.
    pub(super) fn rise(&mut self, user: UserId) -> Option<ConnectionId> {
        let id = self.peers.seats.get_mut(user)?.connection.take()?;
        self.connections.get_mut(id)?.user = None;
        Some(id)
    }

    /// The server has done with a connection; what was written to it before still goes when it is flushed. A person on it
    /// has left, or found another one, before.
    pub(super) fn close(&mut self, id: ConnectionId, flush: bool) {
        if self.forget_connection(id) {
            self.outputs.push_back(Output::Close { connection: id, flush });
        }
    }

    fn forget_connection(&mut self, id: ConnectionId) -> bool {
        let Some(connection) = self.connections.remove(id) else { return false };
        let due = [
            connection.login_by.map(|at| (at, Deadline::Login(id))),
            connection.half.map(|half| (half.armed, Deadline::Half(id))),
            connection.reads_by.map(|(at, _)| (at, Deadline::Reader(id))),
            connection.stuck_by.map(|(at, _)| (at, Deadline::Paused(id))),
        ];
        for (at, what) in due.into_iter().flatten() {
            self.peers.deadlines.take_back(at, what);
        }
        self.stories.returned(id);
        true
    }

    /// A connection brings or takes too little: it is closed. A session waits for its next one, anybody else leaves.
    pub(super) fn let_go(&mut self, now: Instant, id: ConnectionId, flush: bool) {
        match self.connections.get(id).map(|connection| (connection.dialect, connection.user)) {
            Some((Streamed::Stumtp, Some(user))) => {
                self.stumtp_detached(now, user, id);
                self.close(id, flush);
            }
            _ => self.expel(now, id, flush),
        }
    }

    /// Somebody on a connection broke its rules: he leaves, and it is closed.
    pub(super) fn expel(&mut self, now: Instant, id: ConnectionId, flush: bool) {
        let Some(user) = self.connections.get(id).map(|connection| connection.user) else { return };
        if let Some(user) = user {
            self.sign_out(now, user, Departure::Expelled);
        }
        self.close(id, flush);
    }
}

/// How long a person has to say who he is (B1). Matou's program asks him for his name when the connection is open (A9).
const fn login_time(dialect: Streamed) -> crate::time::Duration {
    crate::time::Duration::from_secs(match dialect {
        Streamed::Matou => 120,
        Streamed::Stories | Streamed::Stumtp => 30,
    })
}
