//! What messages are made of: entries of lists, answers with cases, events.
//!
//! In: fields. Out: plain data. Must not know bits, nor which room or user is meant.

use std::net::SocketAddrV4;

use super::{AccessStatus, EventKind, Name, RegisterStatus};
use crate::vocab::Mode;

/// What REPONSE_CONNEXION says, told apart by length (M3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// To a first CONNEXION.
    Registered {
        /// How it went.
        status: RegisterStatus,
        /// The client's id, 0 when it gets none.
        id: u8,
    },
    /// To a later one.
    KeepAlive {
        /// The client is not known and has to register anew (M4).
        error: bool,
    },
}

/// One room of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomEntry<'a> {
    /// How its texts travel.
    pub mode: Mode,
    /// Its name.
    pub room: Name<'a>,
    /// How many members it has.
    pub members: u8,
}

/// One member of a decentralised room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer<'a> {
    /// Where to send texts; 0.0.0.0:0 when only the server can reach him (M11).
    pub address: SocketAddrV4,
    /// His name.
    pub user: Name<'a>,
}

/// What the answer to a move says (M8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access<'a> {
    /// MODE 0: the server relays.
    Central(AccessStatus),
    /// MODE 1: one talks to the others directly.
    Direct {
        /// How the move went.
        status: AccessStatus,
        /// The other members, at most 255; none when the move failed.
        peers: Vec<Peer<'a>>,
    },
}

impl<'a> Access<'a> {
    /// How the move went.
    #[must_use]
    pub const fn status(&self) -> AccessStatus {
        match self {
            Self::Central(status) | Self::Direct { status, .. } => *status,
        }
    }

    /// How the texts of the room travel.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        match self {
            Self::Central(_) => Mode::Central,
            Self::Direct { .. } => Mode::Direct,
        }
    }

    /// The other members as far as they are listed.
    #[must_use]
    pub fn peers(&self) -> &[Peer<'a>] {
        match self {
            Self::Central(_) => &[],
            Self::Direct { peers, .. } => peers,
        }
    }
}

/// One user of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryEntry<'a> {
    /// His id.
    pub id: u8,
    /// His name.
    pub user: Name<'a>,
}

/// What a NOTIFICATION tells (M12).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// Somebody came into one's room.
    Joined {
        /// His id.
        id: u8,
        /// Where to send texts; 0.0.0.0:0 in a centralised room.
        address: SocketAddrV4,
        /// His name.
        user: Name<'a>,
    },
    /// Somebody left one's room.
    Left {
        /// His id.
        id: u8,
        /// His name.
        user: Name<'a>,
    },
    /// One's room is no more.
    Closed {
        /// Its name.
        room: Name<'a>,
    },
    /// The texts of one's room travel in another way now.
    ModeChanged(Mode),
    /// One's room has another name now.
    Renamed {
        /// The new name.
        room: Name<'a>,
    },
    /// An invitation one made was declined.
    Declined {
        /// The name of the one invited.
        user: Name<'a>,
    },
    /// The server stops.
    Stopping,
}

impl Event<'_> {
    /// What sort of event it is.
    #[must_use]
    pub const fn kind(&self) -> EventKind {
        match self {
            Self::Joined { .. } => EventKind::Joined,
            Self::Left { .. } => EventKind::Left,
            Self::Closed { .. } => EventKind::Closed,
            Self::ModeChanged(_) => EventKind::ModeChanged,
            Self::Renamed { .. } => EventKind::Renamed,
            Self::Declined { .. } => EventKind::Declined,
            Self::Stopping => EventKind::Stopping,
        }
    }
}
