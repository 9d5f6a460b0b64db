//! What goes into a client of a protocol over TCP and what comes out of it.
//!
//! In and out: plain data. Inputs borrow; outputs own what they need and name the channel or the file they are about. What
//! people want and are told is in `talk`.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::talk::{Ask, Event};
use crate::client::Ticket;

/// A connection, or a socket that listens for some. The client numbers those it asks for; whoever keeps the sockets
/// numbers those that others open, from [`Channel::FIRST_ACCEPTED`] on. A number is never used again, but for
/// [`Channel::SERVER`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel(pub u32);

impl Channel {
    /// The connection to the server: each new one has this number, too.
    pub const SERVER: Self = Self(0);
    /// The first connection that somebody else has opened.
    pub const FIRST_ACCEPTED: Self = Self(1 << 31);
}

/// A file that is read or written outside. The client numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// The most bytes of an [`Input::Piece`].
pub const PIECE: usize = 64 << 10;

/// Something that happened outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// A connection we wanted is there.
    Opened(Channel),
    /// A channel came to nothing, or has ended by a fault. It is gone.
    Failed {
        /// Which.
        channel: Channel,
        /// Why, in words of the system.
        why: String,
    },
    /// Bytes came.
    Bytes {
        /// On which connection.
        channel: Channel,
        /// Some, in their order; any number at a time.
        bytes: &'a [u8],
    },
    /// All bytes that this connection was given are on their way.
    Written(Channel),
    /// The other side has ended the connection. It is gone.
    Closed(Channel),
    /// A socket listens, as we wanted.
    Listening {
        /// Which.
        channel: Channel,
        /// On this port.
        port: u16,
    },
    /// Somebody has connected to a socket of ours that listens.
    Accepted {
        /// The one that listens; it goes on.
        listener: Channel,
        /// The new connection.
        channel: Channel,
        /// Who.
        from: SocketAddr,
    },
    /// A file we wanted to read is open.
    FileOpened {
        /// Which.
        file: FileId,
        /// Its name without its folders.
        name: String,
        /// Its size in bytes.
        size: u64,
    },
    /// The next bytes of a file that is read, at most [`PIECE`]; none at all at its end.
    Piece {
        /// Which.
        file: FileId,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// A file that was received is complete, under a name of its own.
    Kept {
        /// Which.
        file: FileId,
        /// Where it is.
        path: PathBuf,
    },
    /// A file cannot be read or written any more. It is gone.
    FileFailed {
        /// Which.
        file: FileId,
        /// Why, in words of the system.
        why: String,
    },
    /// The user wants something.
    Ask(Ticket, Ask),
}

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Open a connection: [`Input::Opened`] or [`Input::Failed`] follows.
    Connect {
        /// What to call it.
        channel: Channel,
        /// To where.
        to: SocketAddr,
    },
    /// Listen on any free port of the address by which the server knows us: [`Input::Listening`] or [`Input::Failed`]
    /// follows.
    Listen {
        /// What to call it.
        channel: Channel,
    },
    /// Send bytes: [`Input::Written`] follows when all are on their way.
    Bytes {
        /// On which connection.
        channel: Channel,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Close a connection after what it was given, or stop to listen. Nothing more is heard of it.
    Close(Channel),
    /// Open a file to read: [`Input::FileOpened`] or [`Input::FileFailed`] follows.
    Open {
        /// What to call it.
        file: FileId,
        /// Where it is.
        path: PathBuf,
    },
    /// Read the next bytes of a file: [`Input::Piece`] follows.
    Read(FileId),
    /// Begin a file among the downloads. It gets its name when it is complete: the one given, made safe.
    Save {
        /// What to call it.
        file: FileId,
        /// What somebody else calls it.
        name: String,
    },
    /// Write the next bytes of that file.
    Write {
        /// Which.
        file: FileId,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// The file is complete and as it should be: [`Input::Kept`] follows.
    Keep(FileId),
    /// Forget a file: what was read or half written of it is not wanted.
    Forget(FileId),
    /// Something the user may want to know.
    Event(Event),
}
