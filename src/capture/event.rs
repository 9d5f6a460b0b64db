//! What a capture tells, one thing after the other.
//!
//! In: nothing. Out: plain data that owns what it holds. Must not know formats of files, nor protocols.

use std::net::SocketAddr;

/// One thing that a capture tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The number of its packet in the file, from 1. One packet may bring several events, or none.
    pub packet: u64,
    /// When it was captured, in microseconds since 1970.
    pub at: u64,
    /// What was remarked about the packet; stands at the first of its events.
    pub comments: Vec<String>,
    /// What it is.
    pub seen: Seen,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A UDP datagram, whole, or as much of it as was captured.
    Datagram {
        /// From where.
        from: SocketAddr,
        /// To where.
        to: SocketAddr,
        /// Its bytes.
        bytes: Vec<u8>,
        /// How many more it had: the capture kept only the beginning of each packet.
        missing: usize,
    },
    /// `from` opens a connection to `to`. What was said between these two before belongs to an earlier one.
    Opened {
        /// Who opens it: the client.
        from: SocketAddr,
        /// Who listens.
        to: SocketAddr,
    },
    /// The next bytes of a stream, each once and in order.
    Bytes {
        /// Who said them.
        from: SocketAddr,
        /// To whom.
        to: SocketAddr,
        /// They follow all that came before.
        bytes: Vec<u8>,
        /// Whether what was written together ends with them.
        pushed: bool,
    },
    /// Bytes of a stream that the capture does not have; the next ones follow them.
    Missing {
        /// Who said them.
        from: SocketAddr,
        /// To whom.
        to: SocketAddr,
        /// How many.
        bytes: u64,
    },
    /// `from` has taken more bytes of what `to` said.
    Acknowledged {
        /// Who has them.
        from: SocketAddr,
        /// Who said them.
        to: SocketAddr,
        /// How many since the last time.
        bytes: u64,
    },
    /// `from` can take more, or not for now.
    Window {
        /// Who.
        from: SocketAddr,
        /// Of whom.
        to: SocketAddr,
        /// Whether he can.
        is_open: bool,
    },
    /// `from` says nothing more; comes after all his bytes.
    Ended {
        /// Who.
        from: SocketAddr,
        /// To whom.
        to: SocketAddr,
    },
    /// `from` ends the connection at once.
    Reset {
        /// Who.
        from: SocketAddr,
        /// To whom.
        to: SocketAddr,
    },
    /// A line that palabre's own captures have between packets.
    Note(String),
    /// A packet that cannot be read, and why. The next one may be well.
    Broken(String),
    /// A packet of something else than UDP and TCP over IP; in a few words, of what.
    Foreign(&'static str),
}

impl Seen {
    /// From whom it is, and to whom; `None` for what is between nobody.
    #[must_use]
    pub const fn ends(&self) -> Option<(SocketAddr, SocketAddr)> {
        match self {
            Self::Datagram { from, to, .. }
            | Self::Opened { from, to }
            | Self::Bytes { from, to, .. }
            | Self::Missing { from, to, .. }
            | Self::Acknowledged { from, to, .. }
            | Self::Window { from, to, .. }
            | Self::Ended { from, to }
            | Self::Reset { from, to } => Some((*from, *to)),
            Self::Note(_) | Self::Broken(_) | Self::Foreign(_) => None,
        }
    }

    /// The same, to be called otherwise.
    pub(crate) const fn ends_mut(&mut self) -> Option<(&mut SocketAddr, &mut SocketAddr)> {
        match self {
            Self::Datagram { from, to, .. }
            | Self::Opened { from, to }
            | Self::Bytes { from, to, .. }
            | Self::Missing { from, to, .. }
            | Self::Acknowledged { from, to, .. }
            | Self::Window { from, to, .. }
            | Self::Ended { from, to }
            | Self::Reset { from, to } => Some((from, to)),
            Self::Note(_) | Self::Broken(_) | Self::Foreign(_) => None,
        }
    }
}
