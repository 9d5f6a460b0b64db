//! What goes into the server and what comes out of it.
//!
//! In and out: plain data. Inputs borrow; outputs own what they need and name where it goes, so that a shell keeps no
//! memory between two of them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::config::Dialect;
use crate::ids::{ConnectionId, ListenerId};
use crate::wire::Payload;

/// Something that happened outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// A datagram came.
    Datagram {
        /// To which listener.
        listener: ListenerId,
        /// From where.
        from: SocketAddr,
        /// All its bytes.
        bytes: &'a [u8],
    },
    /// A stream listener has accepted a connection.
    Opened {
        /// Which listener.
        listener: ListenerId,
        /// The connection's number; never used before.
        connection: ConnectionId,
        /// From where.
        from: SocketAddr,
    },
    /// Bytes came on a connection.
    Bytes {
        /// Which.
        connection: ConnectionId,
        /// They follow all that came before; any number of them.
        bytes: &'a [u8],
    },
    /// The socket of a connection has taken bytes of what [`Output::Bytes`] gave for it, in order.
    Written {
        /// Which.
        connection: ConnectionId,
        /// How many since this was said last.
        bytes: usize,
    },
    /// The other end sends nothing more; it may still read. [`Output::Close`] will follow.
    Ended {
        /// Which.
        connection: ConnectionId,
    },
    /// A connection is gone: reset, or closed by the shell. Nothing about it follows.
    Closed {
        /// Which.
        connection: ConnectionId,
    },
    /// The operator stops the server: everybody is told (event 7, or words), then [`Event::Stopped`] comes. On slow links
    /// that can take long; a shell that cannot wait need not.
    Stop,
}

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send a datagram.
    Datagram(Datagram),
    /// Write bytes to a connection, after all that were given before.
    Bytes {
        /// Which.
        connection: ConnectionId,
        /// What. Others may have a share in it.
        bytes: Arc<[u8]>,
    },
    /// Read from a connection, or let its bytes wait in the network until told otherwise. New connections are read.
    Reading {
        /// Which.
        connection: ConnectionId,
        /// Whether to read it.
        wanted: bool,
    },
    /// The server has done with a connection: its number is not known any more.
    Close {
        /// Which.
        connection: ConnectionId,
        /// Write first what was given before, or close at once.
        flush: bool,
    },
    /// Something the operator may want to read.
    Event(Event),
}

/// A datagram to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// From which listener.
    pub listener: ListenerId,
    /// To where.
    pub to: SocketAddr,
    /// Its bytes.
    pub payload: Payload,
}

/// Why somebody is not on the server any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// He said so.
    Disconnected,
    /// He was silent for too long (M5).
    Silent,
    /// Somebody wanted his name, and he did not answer (M4).
    Unanswered,
    /// He never spoke, and his id was needed (M15).
    Unspoken,
    /// He came again under another name (M4).
    Renamed,
    /// He came again under the same name: his program has restarted (M4).
    Restarted,
    /// He broke the rules of his connection, or did not read what was sent to him (A6).
    Expelled,
    /// His session was without a connection for too long, or too much waited for it (U5).
    Lapsed,
}

/// Something the operator may want to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody registered.
    Arrived {
        /// His name.
        name: Arc<str>,
        /// What he speaks.
        dialect: Dialect,
        /// His number there: an id or a handle; `None` where people have none.
        id: Option<u16>,
        /// His address.
        from: SocketAddr,
    },
    /// Somebody is not on the server any more.
    Departed {
        /// His name.
        name: Arc<str>,
        /// The number he had, where people have one.
        id: Option<u16>,
        /// Why.
        why: Departure,
    },
    /// A name of Shen's protocol belongs to an address from now on (S7): to be saved with the others
    /// ([`Server::registry`](super::Server::registry)).
    NameClaimed {
        /// The name.
        name: Arc<str>,
        /// The address.
        address: IpAddr,
    },
    /// Texts for somebody are being dropped: too many wait for him (M17). This is said once; how many there were he is
    /// told when he is back, and the counters say of all.
    TextsDropped {
        /// His name.
        name: Arc<str>,
    },
    /// After [`Input::Stop`]: nothing is left to wait for.
    Stopped,
}
