//! One connection to a server in virtual time, driven by hand: bytes there, bytes back.
//!
//! In: bytes in any pieces, ends. Out: what the server wrote. Must not know any dialect: the clients of each are made of it.

use std::net::SocketAddr;

use palabre::engine::Input;
use palabre::ids::{ConnectionId, ListenerId};

use super::served::Served;

/// A connection; its copies are the same.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) served: Served,
    connection: ConnectionId,
}

impl Line {
    /// From an address of its own.
    pub(crate) fn new(served: &Served, listener: ListenerId) -> Self {
        // The addresses of clients in datagrams are of other networks.
        let [high, low] = u16::try_from(served.pipes() + 1).unwrap().to_be_bytes();
        Self::from(served, listener, SocketAddr::from(([203, 0, high, low], 50_000)))
    }

    pub(crate) fn from(served: &Served, listener: ListenerId, from: SocketAddr) -> Self {
        Self { served: served.clone(), connection: served.opens(listener, from) }
    }

    /// Sends bytes in one piece.
    pub(crate) fn sends(&self, bytes: &[u8]) {
        self.served.stream(self.connection, Input::Bytes { connection: self.connection, bytes });
    }

    /// Sends bytes one by one.
    pub(crate) fn dribbles(&self, bytes: &[u8]) {
        bytes.chunks(1).for_each(|byte| self.sends(byte));
    }

    /// Sends nothing more, and still reads.
    pub(crate) fn ends(&self) {
        self.served.stream(self.connection, Input::Ended { connection: self.connection });
    }

    /// Is gone without a word.
    pub(crate) fn dies(&self) {
        self.served.stream(self.connection, Input::Closed { connection: self.connection });
        self.served.pipe(self.connection).closed.get_or_insert(false);
    }

    /// All that came since this was asked last.
    pub(crate) fn heard(&self) -> Vec<u8> {
        std::mem::take(&mut self.served.pipe(self.connection).written)
    }

    /// Whether the server has closed it.
    pub(crate) fn is_closed(&self) -> bool {
        self.served.pipe(self.connection).closed.is_some()
    }

    /// Whether the server wants to hear more.
    pub(crate) fn is_read(&self) -> bool {
        self.served.pipe(self.connection).is_read
    }

    /// Stops reading, or reads again.
    pub(crate) fn reads(&self, reads: bool) {
        self.served.pipe(self.connection).reads = reads;
        self.served.goes_on();
    }

    /// Takes so many bytes of what waits, no more.
    pub(crate) fn takes(&self, bytes: usize) {
        let connection = self.connection;
        self.served.pipe(connection).waiting -= bytes;
        self.served.stream(connection, Input::Written { connection, bytes });
    }
}
