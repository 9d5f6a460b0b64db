//! Which of what a capture has was told to the server, and in the engine's words.
//!
//! In: what was seen, what the server says of connections. Out: inputs of the engine, or why there is none. Must not know
//! what bytes mean.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::capture::Seen;
use crate::engine::{Config, Input, Output};
use crate::ids::{ConnectionId, ListenerId};

/// The listeners and the connections that are open.
#[derive(Debug)]
pub(super) struct Lines {
    /// Where each listener is, and whether streams come there.
    listeners: Vec<(SocketAddr, bool)>,
    /// By the peer's address and the listener's.
    open: BTreeMap<(SocketAddr, SocketAddr), ConnectionId>,
    ends: BTreeMap<ConnectionId, (SocketAddr, SocketAddr)>,
    opened: u64,
}

/// What something is to the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The server was told it.
    Told,
    /// The server said it.
    Said,
    /// Neither: it follows from the rest.
    Nothing,
}

impl Lines {
    pub(super) fn new(addresses: &[SocketAddr], config: &Config) -> Self {
        let streamed = config.listeners.iter().map(|listener| listener.dialect.is_streamed());
        Self {
            listeners: addresses.iter().copied().zip(streamed).collect(),
            open: BTreeMap::new(),
            ends: BTreeMap::new(),
            opened: 0,
        }
    }

    /// Where each listener is.
    pub(super) fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.listeners.iter().map(|(address, _)| *address)
    }

    /// Whose address this is.
    pub(super) fn listener(&self, address: SocketAddr, is_streamed: bool) -> Option<ListenerId> {
        self.listeners.iter().position(|known| *known == (address, is_streamed)).map(ListenerId)
    }

    /// What this is. `waits`: the server has said something that the capture has still to bring.
    ///
    /// # Errors
    /// When it cannot be checked: why.
    pub(super) fn role(&self, seen: &Seen, waits: bool) -> Result<Role, String> {
        let (to, is_streamed) = match seen {
            Seen::Datagram { missing, .. } if *missing > 0 => {
                return Err(format!("{missing} bytes of the datagram are not in the capture"));
            }
            Seen::Datagram { to, .. } => (to, false),
            Seen::Opened { to, .. }
            | Seen::Bytes { to, .. }
            | Seen::Ended { to, .. }
            | Seen::Reset { to, .. } => (to, true),
            // What the server acknowledges it has been told.
            Seen::Acknowledged { to, .. } if self.listener(*to, true).is_none() => return Ok(Role::Nothing),
            Seen::Acknowledged { .. } => return Ok(Role::Told),
            _ => return self.other(seen),
        };
        let is_told = self.listener(*to, is_streamed).is_some();
        // Between two listeners: what the server says stands before what it is told next.
        let is_said = self.is_from_us(seen, is_streamed) && waits;
        Ok(if is_told && !is_said { Role::Told } else { Role::Said })
    }

    fn other(&self, seen: &Seen) -> Result<Role, String> {
        match seen {
            Seen::Window { from, .. } if self.listener(*from, true).is_some() => Ok(Role::Said),
            Seen::Window { .. } => Err("a peer of a captured server does not close his window".into()),
            Seen::Missing { bytes, .. } => Err(format!("{bytes} bytes of the stream are not in the capture")),
            Seen::Broken(why) => Err(format!("it cannot be read: {why}")),
            Seen::Foreign(what) => Err(format!("it is {what}, which no capture of palabre has")),
            Seen::Note(note) => note_role(note),
            _ => Ok(Role::Nothing),
        }
    }

    fn is_from_us(&self, seen: &Seen, is_streamed: bool) -> bool {
        super::difference::from(seen).is_some_and(|from| self.listener(from, is_streamed).is_some())
    }

    /// What the server was told, in its own words; `None`: the time.
    ///
    /// # Errors
    /// When it could not have been told this.
    pub(super) fn input<'a>(&mut self, seen: &'a Seen) -> Result<Option<Input<'a>>, String> {
        let input = match seen {
            Seen::Datagram { from, to, bytes, .. } => {
                let listener = self.listener(*to, false).ok_or(NOBODY)?;
                Input::Datagram { listener, from: *from, bytes }
            }
            Seen::Opened { from, to } => {
                let listener = self.listener(*to, true).ok_or(NOBODY)?;
                if self.open.contains_key(&(*from, *to)) {
                    return Err(format!("the connection from {from} is open already"));
                }
                self.opened = self.opened.saturating_add(1);
                let connection = ConnectionId(self.opened);
                self.open.insert((*from, *to), connection);
                self.ends.insert(connection, (*from, *to));
                Input::Opened { listener, connection, from: *from }
            }
            Seen::Bytes { from, to, bytes, .. } => {
                Input::Bytes { connection: self.known(*from, *to)?, bytes }
            }
            Seen::Acknowledged { from, to, bytes } => {
                let bytes = usize::try_from(*bytes).map_err(|_| NOBODY)?;
                Input::Written { connection: self.known(*from, *to)?, bytes }
            }
            Seen::Ended { from, to } => Input::Ended { connection: self.known(*from, *to)? },
            Seen::Reset { from, to } => Input::Closed { connection: self.known(*from, *to)? },
            Seen::Note(note) if note == "stop" => Input::Stop,
            _ => return Ok(None),
        };
        Ok(Some(input))
    }

    fn known(&self, from: SocketAddr, to: SocketAddr) -> Result<ConnectionId, String> {
        let known = self.open.get(&(from, to)).copied();
        known.ok_or_else(|| format!("the server has no connection from {from} at this time"))
    }

    /// The server knows it now.
    pub(super) fn is_told(&mut self, seen: &Seen) {
        if let Seen::Reset { from, to } = seen
            && let Some(gone) = self.open.remove(&(*from, *to))
        {
            self.ends.remove(&gone);
        }
    }

    /// The server has said this.
    pub(super) fn is_said(&mut self, output: &Output) {
        if let Output::Close { connection, .. } = output
            && let Some(ends) = self.ends.remove(connection)
        {
            self.open.remove(&ends);
        }
    }
}

const NOBODY: &str = "nobody of this server could have heard it";

fn note_role(note: &str) -> Result<Role, String> {
    match note.split_once(' ').map_or(note, |(word, _)| word) {
        "timer" | "stop" => Ok(Role::Told),
        "event" => Ok(Role::Said),
        // The server does not hear what is too long: no socket brings it.
        "too" if note == "too long" => Ok(Role::Said),
        "lost" => {
            let number = note.split_once(' ').map_or("some", |(_, number)| number);
            Err(format!("{number} records are lost here: the server was faster than the disk"))
        }
        _ => Err(format!("the note {note:?} is unknown")),
    }
}
