//! What goes into the server and what comes out of it.
//!
//! In and out: plain data. Inputs borrow; outputs own what they need and name where it goes, so that a shell keeps no
//! memory between two of them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::config::Dialect;
use crate::ids::ListenerId;
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
    /// The operator stops the server: everybody is told (event 7, or words), then [`Event::Stopped`] comes. On slow links
    /// that can take long; a shell that cannot wait need not.
    Stop,
}

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send a datagram.
    Datagram(Datagram),
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
        /// His number there: an id or a handle.
        id: u16,
        /// His address.
        from: SocketAddr,
    },
    /// Somebody is not on the server any more.
    Departed {
        /// His name.
        name: Arc<str>,
        /// The number he had.
        id: u16,
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
