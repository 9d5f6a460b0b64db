//! The connections between server and people.
//!
//! In: what the ends write and what the network brings. Out: bytes for the other end, [`Happening`]s. Must not know
//! datagrams, nor when a segment is lost.

use std::collections::BTreeMap;

use palabre::client::stream::{Channel, Input, Output, StreamClient};
use palabre::engine;
use palabre::ids::ConnectionId;

use super::carried;
use super::lines::{Piece, Report, Way};
use super::people::{Node, dialect, listener_at, name, server};
use super::person::{Person, Told};
use super::what::What;
use super::world::{Happening, World};

/// What a segment is known by: its messages, and how often each was sent in other segments, and in this one.
pub(super) type Label = Vec<(What, u32)>;

/// What the server wants done with connections, put together: what is written at once travels at once.
#[derive(Debug, Default)]
pub(super) struct Batch {
    written: BTreeMap<ConnectionId, Vec<u8>>,
    closed: Vec<ConnectionId>,
}

impl Batch {
    pub(super) fn write(&mut self, connection: ConnectionId, bytes: &[u8]) {
        self.written.entry(connection).or_default().extend_from_slice(bytes);
    }

    pub(super) fn close(&mut self, connection: ConnectionId) {
        self.closed.push(connection);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.written.is_empty() && self.closed.is_empty()
    }
}

impl World {
    /// Somebody's connection breaks off, and he has no other until [`World::heal`]. The server is not told.
    pub(super) fn cut_line(&mut self, who: usize) {
        if let Some(line) = self.hang_up(who) {
            self.lines.break_off(line);
            self.report();
            self.stream_input(who, Input::Failed { channel: Channel::SERVER, why: "no connection".into() });
            self.drain_person(who);
        }
    }

    /// A piece has arrived at one end.
    pub(super) fn arrived(&mut self, way: Way, piece: Piece) {
        let Some(who) = self.caller(way.connection) else { return };
        if way.to_server {
            self.arrived_at_server(who, way.connection, &piece);
            return self.drain_server();
        }
        // His client has given that one up, if it is not the one he has now.
        if self.person(who).and_then(Person::line) != Some(way.connection) {
            return;
        }
        match piece {
            Piece::Open => self.stream_input(who, Input::Opened(Channel::SERVER)),
            Piece::Bytes(bytes) => {
                self.stream_input(who, Input::Bytes { channel: Channel::SERVER, bytes: &bytes });
            }
            Piece::End => {
                self.hang_up(who);
                self.stream_input(who, Input::Closed(Channel::SERVER));
            }
        }
        self.drain_person(who);
    }

    fn arrived_at_server(&mut self, who: usize, connection: ConnectionId, piece: &Piece) {
        let input = match piece {
            Piece::Open => {
                let listener = listener_at(server(dialect(who)));
                let from = super::people::address(who);
                self.send_piece(Way { connection, to_server: false }, Piece::Open);
                engine::Input::Opened { listener, connection, from }
            }
            Piece::Bytes(bytes) => engine::Input::Bytes { connection, bytes },
            Piece::End => engine::Input::Ended { connection },
        };
        self.server.handle_input(self.now, input);
    }

    /// Does what the server wants done with connections.
    pub(super) fn put(&mut self, batch: Batch) {
        for (connection, bytes) in batch.written {
            let written = engine::Input::Written { connection, bytes: bytes.len() };
            self.server.handle_input(self.now, written);
            self.send_piece(Way { connection, to_server: false }, Piece::Bytes(bytes));
        }
        for connection in batch.closed {
            self.send_piece(Way { connection, to_server: false }, Piece::End);
        }
    }

    /// Does what a client with a connection wants done. There are no files in the story, nor private connections.
    pub(super) fn do_streamed(&mut self, who: usize, output: Output) {
        match output {
            Output::Event(event) => {
                self.happened.push_back(Happening::Event { who, event: Told::Streamed(event) });
            }
            Output::Connect { channel, .. } if self.cut_off.contains(&who) => {
                self.stream_input(who, Input::Failed { channel, why: "no connection".into() });
            }
            Output::Connect { .. } => self.call(who),
            Output::Bytes { channel, bytes } => {
                if let Some(connection) = self.person(who).and_then(Person::line) {
                    self.send_piece(Way { connection, to_server: true }, Piece::Bytes(bytes));
                    self.stream_input(who, Input::Written(channel));
                }
            }
            Output::Close(_) => {
                if let Some(connection) = self.hang_up(who) {
                    self.send_piece(Way { connection, to_server: true }, Piece::End);
                }
            }
            _ => {}
        }
    }

    /// Tells what has become of segments.
    pub(super) fn report(&mut self) {
        while let Some((way, label, report)) = self.lines.poll_report() {
            let Some(who) = self.caller(way.connection) else { continue };
            let (from, to) = ends(who, way);
            for (what, before) in label {
                self.happened.push_back(match report {
                    Report::Tried { attempt, lost } => {
                        Happening::Sent { from, to, what, attempt: before.saturating_add(attempt), lost }
                    }
                    Report::Waits => Happening::Waits { from, to, what },
                });
            }
        }
    }

    fn call(&mut self, who: usize) {
        let connection = ConnectionId(u64::try_from(self.callers.len()).unwrap_or(u64::MAX));
        self.callers.push(who);
        if let Some(Person::Streamed(_, line)) = self.person_mut(who) {
            *line = Some(connection);
        }
        self.lines.open(connection);
        self.send_piece(Way { connection, to_server: true }, Piece::Open);
    }

    fn hang_up(&mut self, who: usize) -> Option<ConnectionId> {
        match self.person_mut(who) {
            Some(Person::Streamed(_, line)) => line.take(),
            _ => None,
        }
    }

    fn send_piece(&mut self, way: Way, piece: Piece) {
        let Some(who) = self.caller(way.connection) else { return };
        let (from, to) = ends(who, way);
        let messages = match &piece {
            Piece::Bytes(bytes) => carried::look_into(dialect(who), !way.to_server, name(who), bytes),
            Piece::Open if way.to_server => vec![(What::Request(Some("a connection")), None)],
            Piece::Open | Piece::End => Vec::new(),
        };
        let mut label = Label::new();
        for (what, key) in messages {
            let before = key.map_or(0, |key| self.count(from, to, key).saturating_sub(1));
            label.push((what, before));
        }
        self.lines.send(self.now, way, piece, label);
        self.report();
    }

    fn stream_input(&mut self, who: usize, input: Input<'_>) {
        let now = self.now;
        if let Some(client) = self.stream_client(who) {
            client.handle_input(now, input);
        }
    }

    fn stream_client(&mut self, who: usize) -> Option<&mut StreamClient> {
        match self.person_mut(who)? {
            Person::Streamed(client, _) => Some(client),
            Person::Packed(_) => None,
        }
    }

    /// Whose connection this is, or was.
    fn caller(&self, connection: ConnectionId) -> Option<usize> {
        self.callers.get(usize::try_from(connection.0).ok()?).copied()
    }
}

/// Who sends, and who gets it.
const fn ends(who: usize, way: Way) -> (Node, Node) {
    if way.to_server { (Node::Person(who), Node::Server) } else { (Node::Server, Node::Person(who)) }
}
