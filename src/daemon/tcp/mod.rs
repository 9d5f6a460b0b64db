//! All TCP connections: who is to be read, who is to be written to, who is being let go.
//!
//! In: accepted sockets; what the engine and the poll say of a connection. Out: what came of it, one step at a time. Must
//! not know what bytes mean.

mod connection;
mod listener;
mod queue;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use mio::event::Event;
use mio::net::TcpStream;
use mio::{Registry, Token};

use crate::ids::ConnectionId;
use crate::time::{Duration, Instant};
use connection::Connection;
pub(super) use connection::{FLUSH, LINGER, Step};
pub(crate) use listener::TcpListener;

/// Their tokens begin here; those of listeners are below.
const FIRST_TOKEN: usize = 1 << 16;
/// How many may be on their way out. Beyond that the one who has had the longest is dropped: else those who are refused
/// could use up all descriptors.
const MOST_LEAVING: usize = 256;
/// The most bytes that the system holds for one reader; no more than may wait for him in all.
const SEND_BUFFER: usize = 256 << 10;
/// How often writing is tried without a word of the poll, at most.
const NUDGE: Duration = Duration::from_secs(1);

/// All connections, also those the engine has done with.
#[derive(Debug)]
pub(super) struct Streams {
    connections: BTreeMap<Token, Connection>,
    /// The next token: never one that was used.
    next: usize,
    /// Whom to read, in turn; nobody is here twice.
    readers: VecDeque<Token>,
    /// For whom there is something to write or to close.
    writers: BTreeSet<Token>,
    /// Whose interest may have changed.
    changed: BTreeSet<Token>,
    /// Who is being let go, by when each is dropped at the latest.
    leaving: BTreeSet<(Instant, Token)>,
    /// When all were last written to.
    nudged: Instant,
    /// How many bytes the system may hold for one reader.
    send_buffer: usize,
}

impl Streams {
    /// Where so many bytes may wait for one reader.
    pub(super) fn new(backlog: usize) -> Self {
        Self {
            send_buffer: SEND_BUFFER.min(backlog),
            connections: BTreeMap::new(),
            next: FIRST_TOKEN,
            readers: VecDeque::new(),
            writers: BTreeSet::new(),
            changed: BTreeSet::new(),
            leaving: BTreeSet::new(),
            nudged: Instant::ZERO,
        }
    }

    /// One more: its number.
    pub(super) fn insert(&mut self, socket: TcpStream) -> ConnectionId {
        let token = Token(self.next);
        self.next = self.next.wrapping_add(1);
        self.connections.insert(token, Connection::new(socket, self.send_buffer));
        self.changed.insert(token);
        ConnectionId(token.0 as u64)
    }

    /// Whether there are none, not even such as are being let go.
    pub(super) fn is_empty(&self) -> bool {
        self.connections.is_empty()
    }

    /// The poll has something to say of a connection. `Some`: it is over, and the engine knew it.
    pub(super) fn wake(&mut self, event: &Event) -> Option<ConnectionId> {
        let token = event.token();
        let connection = self.connections.get_mut(&token)?;
        if event.is_writable() || event.is_write_closed() {
            connection.wake_writer();
            self.writers.insert(token);
        }
        if event.is_readable() || event.is_read_closed() || event.is_error() {
            connection.wake_reader();
        }
        if !connection.is_readable() && event.is_error() && connection.is_broken() {
            return self.remove(token);
        }
        self.enqueue(token);
        None
    }

    /// How many are to be read.
    pub(super) fn readers(&self) -> usize {
        self.readers.len()
    }

    /// Whose turn it is to be read.
    pub(super) fn next_reader(&mut self) -> Option<ConnectionId> {
        let token = self.readers.pop_front()?;
        if let Some(connection) = self.connections.get_mut(&token) {
            connection.has_its_turn();
        }
        Some(ConnectionId(token.0 as u64))
    }

    /// Has the others read first.
    pub(super) fn read_again_later(&mut self, id: ConnectionId) {
        if let Some(token) = token(id) {
            self.enqueue(token);
        }
    }

    /// Reads a piece into `buffer`. After [`Step::Gone`] its number is not known any more.
    pub(super) fn read(&mut self, id: ConnectionId, buffer: &mut [u8]) -> Step {
        let Some(token) = token(id) else { return Step::Nothing };
        let Some(connection) = self.connections.get_mut(&token).filter(|found| found.is_readable()) else {
            return Step::Nothing;
        };
        match connection.read(buffer) {
            Step::Gone => self.remove(token).map_or(Step::Nothing, |_| Step::Gone),
            Step::Ended => {
                self.changed.insert(token);
                Step::Ended
            }
            step => step,
        }
    }

    /// What is to be written: it goes with the next [`Streams::write_next`].
    pub(super) fn push(&mut self, id: ConnectionId, bytes: Arc<[u8]>) {
        let Some(token) = token(id) else { return };
        if let Some(connection) = self.connections.get_mut(&token) {
            connection.push(bytes);
            self.writers.insert(token);
        }
    }

    /// Writes to one for whom there is something: who, and what came of it. `None` when there is nobody.
    pub(super) fn write_next(&mut self, now: Instant) -> Option<(ConnectionId, Step)> {
        while let Some(token) = self.writers.pop_first() {
            let Some(connection) = self.connections.get_mut(&token) else { continue };
            let due = connection.due();
            let step = connection.flush(now);
            self.changed.insert(token);
            if connection.due() != due {
                self.entered(token, due);
            }
            self.enqueue(token);
            let id = ConnectionId(token.0 as u64);
            match step {
                Step::Gone if self.remove(token).is_some() => return Some((id, Step::Gone)),
                Step::Bytes(_) => return Some((id, step)),
                _ => {}
            }
        }
        None
    }

    /// Whether the engine wants to read it.
    pub(super) fn want(&mut self, id: ConnectionId, wanted: bool) {
        let Some(token) = token(id) else { return };
        if let Some(connection) = self.connections.get_mut(&token) {
            connection.want(wanted);
            self.changed.insert(token);
            self.enqueue(token);
        }
    }

    /// The engine has done with it.
    pub(super) fn close(&mut self, now: Instant, id: ConnectionId, flush: bool) {
        let Some(token) = token(id) else { return };
        if !flush {
            if let Some(connection) = self.take(token) {
                connection.abort();
            }
            return;
        }
        let Some(connection) = self.connections.get_mut(&token).filter(|found| found.is_open()) else {
            return;
        };
        connection.leave(now);
        self.entered(token, None);
        self.writers.insert(token);
        if self.leaving.len() > MOST_LEAVING
            && let Some((_, longest)) = self.leaving.pop_first()
        {
            self.take(longest);
        }
    }

    /// Tries to write to all for whom something waits: the poll tells of a slow reader only now and then, and whoever
    /// judges him must know of each byte he has taken.
    pub(super) fn nudge(&mut self, now: Instant) {
        if now.since(self.nudged) >= NUDGE {
            self.nudged = now;
            let slow = self.connections.iter_mut().filter_map(|(token, slow)| slow.nudge().then_some(*token));
            self.writers.extend(slow);
        }
    }

    /// When the next one is dropped who had the time to go.
    pub(super) fn due(&self) -> Option<Instant> {
        self.leaving.first().map(|(due, _)| *due)
    }

    /// Drops those who had the time to go.
    pub(super) fn drop_overdue(&mut self, now: Instant) {
        while let Some((_, token)) = self.leaving.first().copied().filter(|(due, _)| *due <= now) {
            // If something waits for him here yet, he is to know that it is lost. What the system has it still delivers.
            if let Some(connection) = self.take(token)
                && connection.has_more()
            {
                connection.abort();
            }
        }
    }

    /// Asks the poll for what is of use now. `Some`: one for whom that failed, who is gone, and whom the engine knew.
    pub(super) fn watch_next(&mut self, registry: &Registry) -> Option<ConnectionId> {
        while let Some(token) = self.changed.pop_first() {
            let Some(connection) = self.connections.get_mut(&token) else { continue };
            if connection.watch(registry, token).is_err()
                && let Some(known) = self.remove(token)
            {
                return Some(known);
            }
        }
        None
    }

    /// Enters the time until which one who is let go has, in place of the one `before`.
    fn entered(&mut self, token: Token, before: Option<Instant>) {
        if let Some(before) = before {
            self.leaving.remove(&(before, token));
        }
        if let Some(due) = self.connections.get(&token).and_then(Connection::due) {
            self.leaving.insert((due, token));
        }
    }

    fn enqueue(&mut self, token: Token) {
        if self.connections.get_mut(&token).is_some_and(Connection::takes_a_turn) {
            self.readers.push_back(token);
        }
    }

    /// Gives its descriptor back. `Some`: the engine knew it, and is to know.
    fn remove(&mut self, token: Token) -> Option<ConnectionId> {
        self.take(token).filter(Connection::is_open).map(|_| ConnectionId(token.0 as u64))
    }

    fn take(&mut self, token: Token) -> Option<Connection> {
        let connection = self.connections.remove(&token)?;
        if let Some(due) = connection.due() {
            self.leaving.remove(&(due, token));
        }
        Some(connection)
    }
}

/// The poll's word for a connection.
fn token(id: ConnectionId) -> Option<Token> {
    usize::try_from(id.0).ok().map(Token)
}

#[cfg(test)]
#[path = "loopback_test.rs"]
mod tests;
