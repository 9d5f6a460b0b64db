//! One connection, and all of them.
//!
//! In: what is known of a connection. Out: plain data, and how many there are of an address. Must not know what is done
//! with it.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use super::backlog::Backlog;
use crate::dialect::matou;
use crate::dialect::stories::StoriesFraming;
use crate::dialect::stumtp::FRAMING;
use crate::engine::config::Streamed;
use crate::engine::stories::Talk;
use crate::ids::{ConnectionId, UserId};
use crate::time::Instant;
use crate::wire::{Deframer, Terminated};

/// Puts the messages of a connection together, each dialect in its own way.
#[derive(Debug)]
pub(in crate::engine) enum Reader {
    Matou(Deframer<matou::Frames>),
    Stories(Deframer<StoriesFraming>),
    Stumtp(Deframer<Terminated>),
}

impl Reader {
    fn new(dialect: Streamed, max_frame: usize) -> Self {
        match dialect {
            Streamed::Matou => Self::Matou(Deframer::new(matou::Frames { way: matou::Way::ToServer })),
            Streamed::Stories => Self::Stories(Deframer::new(StoriesFraming::new(max_frame))),
            Streamed::Stumtp => Self::Stumtp(Deframer::new(FRAMING)),
        }
    }

    /// How many bytes of a message that is not whole are here.
    pub(super) fn held(&self) -> usize {
        match self {
            Self::Matou(deframer) => deframer.held(),
            Self::Stories(deframer) => deframer.held(),
            Self::Stumtp(deframer) => deframer.held(),
        }
    }
}

/// A message of which only a part is here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Half {
    /// When its first byte came.
    pub(super) since: Instant,
    /// When it was last seen to grow.
    pub(super) grew: Instant,
    /// For when its judgement is entered.
    pub(super) armed: Instant,
}

/// One stream to a remote socket.
#[derive(Debug)]
pub(in crate::engine) struct Connection {
    pub(in crate::engine) dialect: Streamed,
    pub(in crate::engine) from: SocketAddr,
    /// Who has signed in on it.
    pub(in crate::engine) user: Option<UserId>,
    /// Stories: how it speaks.
    pub(in crate::engine) talk: Talk,
    /// When somebody must have signed in; `None` when somebody has.
    pub(super) login_by: Option<Instant>,
    /// `None` while its messages are being carried out.
    pub(super) reader: Option<Reader>,
    pub(super) half: Option<Half>,
    /// How many bytes of that are here.
    held: usize,
    pub(super) backlog: Backlog,
    /// When its reader must have taken something, and how much it had taken when that was entered.
    pub(super) reads_by: Option<(Instant, u64)>,
    /// The same for one that is not read.
    pub(super) stuck_by: Option<(Instant, u64)>,
    /// All that was ever taken.
    pub(super) taken: u64,
    /// What came while it was not read, to be looked at when it is again.
    pub(super) unread: VecDeque<u8>,
    pub(super) paused: bool,
    /// Nothing comes after `unread`.
    pub(super) ends: bool,
}

impl Connection {
    pub(super) fn new(dialect: Streamed, from: SocketAddr, max_frame: usize) -> Self {
        Self {
            dialect,
            from,
            user: None,
            talk: Talk::default(),
            login_by: None,
            reader: Some(Reader::new(dialect, max_frame)),
            half: None,
            held: 0,
            backlog: Backlog::default(),
            reads_by: None,
            stuck_by: None,
            taken: 0,
            unread: VecDeque::new(),
            paused: false,
            ends: false,
        }
    }

    /// Whether nothing that was written to it waits for its socket.
    pub(in crate::engine) const fn has_taken_all(&self) -> bool {
        self.backlog.total() == 0
    }

    /// Whether its messages wait until it has taken what waits for it.
    pub(super) const fn is_paused(&self) -> bool {
        self.paused
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(in crate::engine) struct Connections {
    by_id: BTreeMap<ConnectionId, Connection>,
    of_address: BTreeMap<IpAddr, usize>,
    /// The bytes of all messages of which only a part is here.
    held: usize,
}

impl Connections {
    /// Whether one more may be open from this address: `most` of all and of one address.
    pub(super) fn has_room(&self, from: IpAddr, most: (usize, usize)) -> bool {
        let of_this = self.of_address.get(&from.to_canonical()).copied().unwrap_or(0);
        self.by_id.len() < most.0 && of_this < most.1
    }

    pub(super) fn insert(&mut self, id: ConnectionId, connection: Connection) {
        *self.of_address.entry(connection.from.ip().to_canonical()).or_default() += 1;
        self.by_id.insert(id, connection);
    }

    pub(super) fn remove(&mut self, id: ConnectionId) -> Option<Connection> {
        let connection = self.by_id.remove(&id)?;
        self.held = self.held.saturating_sub(connection.held);
        let address = connection.from.ip().to_canonical();
        if let Some(count) = self.of_address.get_mut(&address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.of_address.remove(&address);
            }
        }
        Some(connection)
    }

    pub(in crate::engine) fn get(&self, id: ConnectionId) -> Option<&Connection> {
        self.by_id.get(&id)
    }

    pub(in crate::engine) fn get_mut(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        self.by_id.get_mut(&id)
    }

    /// So many bytes of half a message are held for a connection now; how many are held for all.
    pub(super) fn holds(&mut self, id: ConnectionId, bytes: usize) -> usize {
        if let Some(connection) = self.by_id.get_mut(&id) {
            let before = std::mem::replace(&mut connection.held, bytes);
            self.held = self.held.saturating_sub(before).saturating_add(bytes);
        }
        self.held
    }

    /// All, in the order they came.
    pub(in crate::engine) fn ids(&self) -> impl Iterator<Item = ConnectionId> {
        self.by_id.keys().copied()
    }
}
