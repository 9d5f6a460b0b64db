//! What the sockets bring is carried to the engine, and what the engine wants done to the sockets.
//!
//! In: readiness of sockets. Out: inputs of the engine, datagrams, bytes, log lines. Must not know what they mean.

use log::debug;
use mio::event::Event as Readiness;

use super::listening::Listening;
use super::report::log_event;
use super::run::{Daemon, SIGNAL};
use super::signals::Signals;
use super::tcp::Step;
use crate::engine::{Event, Input, Output};
use crate::ids::{ConnectionId, ListenerId};

/// How many datagrams one listener may bring in a turn, so that a busy one holds up neither the others nor the timers.
pub(super) const BUDGET: usize = 256;
/// How many connections one listener may bring in a turn.
const ACCEPTS: usize = 64;
/// How much is read of a connection at once: the engine answers it before more is read.
const PIECE: usize = 16 << 10;
/// How many pieces of one connection are read before the others have their turn.
const PIECES: usize = 4;
/// How many bytes of all connections are read in a turn, so that the timers are served.
const TURN: usize = 1 << 20;
/// What it costs of that to look at a connection at all.
const LOOK: usize = 1 << 10;

impl Daemon {
    /// The poll has something to say of a socket.
    pub(super) fn wake(&mut self, readiness: &Readiness) {
        let token = readiness.token();
        if token == SIGNAL {
            if self.signals.as_mut().is_some_and(Signals::came) {
                self.stop();
            }
            return;
        }
        match self.listeners.get_mut(token.0) {
            Some(Listening::Udp(listener)) => {
                listener.wake();
                listener.flush(self.now);
            }
            Some(Listening::Tcp(listener)) => listener.wake(),
            None => {
                if let Some(gone) = self.streams.wake(readiness) {
                    self.closed(gone);
                }
                self.drain();
            }
        }
    }

    /// Reads some of what there is to read.
    pub(super) fn read(&mut self) {
        for index in 0..self.listeners.len() {
            match self.listeners.get(index) {
                Some(Listening::Udp(_)) => self.receive(index),
                Some(Listening::Tcp(_)) => self.accept(index),
                None => {}
            }
        }
        let mut left = TURN;
        // Each has its turn once: who has more to say waits behind the others, for the next turn perhaps.
        for _ in 0..self.streams.readers() {
            if left == 0 {
                break;
            }
            let Some(connection) = self.streams.next_reader() else { break };
            left = left.saturating_sub(LOOK + self.read_from(connection));
            self.streams.read_again_later(connection);
        }
    }

    /// Has the engine's wishes carried out, until it has none.
    pub(super) fn drain(&mut self) {
        loop {
            while let Some(output) = self.server.poll_output() {
                self.carry_out(output);
            }
            // Written after all wishes of one input: small messages for one reader leave in one call.
            match self.streams.write_next(self.now) {
                None => return,
                Some((connection, Step::Bytes(bytes))) => {
                    self.server.handle_input(self.now, Input::Written { connection, bytes });
                }
                Some((connection, _)) => {
                    debug!("connection {} broke while it was written to", connection.0);
                    self.server.handle_input(self.now, Input::Closed { connection });
                }
            }
        }
    }

    /// A connection is gone of which the engine knows.
    pub(super) fn closed(&mut self, connection: ConnectionId) {
        self.server.handle_input(self.now, Input::Closed { connection });
        self.drain();
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Datagram(datagram) => {
                let listener = self.listeners.get_mut(datagram.listener.0);
                if let Some(listener) = listener.and_then(Listening::udp) {
                    listener.send(self.now, datagram);
                }
            }
            Output::Bytes { connection, bytes } => self.streams.push(connection, bytes),
            Output::Reading { connection, wanted } => self.streams.want(connection, wanted),
            Output::Close { connection, flush } => self.streams.close(self.now, connection, flush),
            Output::Event(event) => {
                self.stopped |= event == Event::Stopped;
                if let (Event::NameClaimed { .. }, Some(state)) = (&event, &mut self.state) {
                    state.names.grown(self.now);
                }
                log_event(&event);
            }
        }
    }

    fn receive(&mut self, index: usize) {
        for _ in 0..BUDGET {
            let listener = self.listeners.get_mut(index).and_then(Listening::udp);
            let Some(listener) = listener.filter(|listener| listener.is_readable()) else { return };
            let Some((length, from)) = listener.receive(self.now, &mut self.buffer) else { continue };
            let bytes = self.buffer.get(..length).unwrap_or_default();
            let listener = ListenerId(index);
            self.server.handle_input(self.now, Input::Datagram { listener, from, bytes });
            self.drain();
        }
    }

    fn accept(&mut self, index: usize) {
        for _ in 0..ACCEPTS {
            let listener = self.listeners.get_mut(index).and_then(Listening::tcp);
            let Some(listener) = listener.filter(|listener| listener.is_readable()) else { return };
            let Some((socket, from)) = listener.accept(self.now) else { continue };
            let connection = self.streams.insert(socket);
            let listener = ListenerId(index);
            self.server.handle_input(self.now, Input::Opened { listener, connection, from });
            self.drain();
        }
    }

    /// Reads some pieces of a connection: how many bytes in all.
    fn read_from(&mut self, connection: ConnectionId) -> usize {
        let mut total = 0_usize;
        for _ in 0..PIECES {
            let Some(buffer) = self.buffer.get_mut(..PIECE) else { break };
            match self.streams.read(connection, buffer) {
                Step::Nothing => break,
                Step::Bytes(count) => {
                    total = total.saturating_add(count);
                    let bytes = self.buffer.get(..count).unwrap_or_default();
                    self.server.handle_input(self.now, Input::Bytes { connection, bytes });
                }
                Step::Ended => self.server.handle_input(self.now, Input::Ended { connection }),
                Step::Gone => {
                    debug!("connection {} broke while it was read", connection.0);
                    self.server.handle_input(self.now, Input::Closed { connection });
                }
            }
            self.drain();
        }
        total
    }
}
