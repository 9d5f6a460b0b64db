//! The connections of a client, and the sockets on which it listens.
//!
//! In: what to open, send and close; what the system says is ready. Out: what happened. Must not know what bytes mean.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr};

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};

use super::super::Channel;

/// The token of the waker; channels have those after it.
pub(super) const WAKER: Token = Token(0);
/// How much is read at once: everybody gets his turn.
const READ: usize = 64 << 10;
/// The most bytes that may wait for a peer, beyond the greatest message there is.
const MOST_WAITING: usize = 64 << 20;
/// The most connections at a time.
const MOST_CHANNELS: usize = 256;

/// What happened to a channel.
#[derive(Debug)]
pub(super) enum Happened {
    Opened,
    Bytes(Vec<u8>),
    Written,
    Closed,
    Failed(String),
    Accepted(Channel, SocketAddr),
}

/// One connection.
#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    is_open: bool,
    readable: bool,
    writable: bool,
    out: VecDeque<u8>,
    /// Somebody waits to be told that all is written.
    owes_word: bool,
    /// It was given bytes, ever: the system must not throw them away when it closes.
    has_sent: bool,
    /// It closes when all is written: nothing more is told about it.
    is_closing: bool,
}

/// All channels.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    connections: BTreeMap<Channel, Connection>,
    listeners: BTreeMap<Channel, (TcpListener, bool)>,
    accepted: u32,
    buffer: Vec<u8>,
}

impl Sockets {
    /// Begins to connect.
    pub(super) fn connect(
        &mut self,
        registry: &Registry,
        channel: Channel,
        to: SocketAddr,
    ) -> io::Result<()> {
        self.add(registry, channel, TcpStream::connect(to)?, false)
    }

    /// Listens on any free port of the address that the server sees; says which.
    pub(super) fn listen(&mut self, registry: &Registry, channel: Channel) -> io::Result<u16> {
        let ours = self.connections.get(&Channel::SERVER).and_then(|server| server.stream.local_addr().ok());
        let ip = ours.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ours| ours.ip());
        let mut listener = TcpListener::bind(SocketAddr::new(ip, 0))?;
        let port = listener.local_addr()?.port();
        registry.register(&mut listener, token(channel), Interest::READABLE)?;
        self.listeners.insert(channel, (listener, false));
        Ok(port)
    }

    /// Gives bytes to a connection, and says whether it takes them.
    pub(super) fn send(&mut self, channel: Channel, bytes: &[u8]) -> bool {
        let Some(connection) = self.connections.get_mut(&channel) else { return true };
        connection.out.extend(bytes);
        (connection.owes_word, connection.has_sent) = (true, true);
        connection.out.len() <= MOST_WAITING
    }

    /// Ends a channel, a connection after what it was given. One that was given nothing is gone at once: strangers who are
    /// turned away take up no room.
    pub(super) fn close(&mut self, channel: Channel) {
        self.listeners.remove(&channel);
        if let Some(connection) = self.connections.get_mut(&channel) {
            connection.is_closing = true;
            connection.owes_word = true;
            if !connection.is_open || !connection.has_sent {
                self.connections.remove(&channel);
            }
        }
    }

    /// The system says that this one may be ready.
    pub(super) fn is_ready(&mut self, event: &mio::event::Event) {
        let Some(channel) = channel(event.token()) else { return };
        if let Some(connection) = self.connections.get_mut(&channel) {
            connection.readable |= event.is_readable() || event.is_read_closed() || event.is_error();
            connection.writable |= event.is_writable() || event.is_write_closed() || event.is_error();
        }
        if let Some((_, ready)) = self.listeners.get_mut(&channel) {
            *ready = true;
        }
    }

    /// Whether a turn may find something to do. Others than the server are not read while `is_full`.
    pub(super) fn is_busy(&self, is_full: bool) -> bool {
        let connections = self.connections.iter().any(|(channel, connection)| {
            (connection.is_open && connection.readable && !(is_full && *channel != Channel::SERVER))
                || (connection.writable && (connection.owes_word || !connection.is_open))
        });
        connections || self.listeners.values().any(|(_, ready)| *ready)
    }

    /// The channels there are, for a turn.
    pub(super) fn channels(&self) -> Vec<Channel> {
        self.connections.keys().chain(self.listeners.keys()).copied().collect()
    }

    /// What has happened to one of them: one thing a turn, of each kind.
    pub(super) fn turn(&mut self, registry: &Registry, channel: Channel, is_full: bool) -> Vec<Happened> {
        if self.listeners.contains_key(&channel) {
            return self.accept(registry, channel);
        }
        let mut happened = Vec::new();
        let Some(connection) = self.connections.get_mut(&channel) else { return happened };
        let mut result = connection.open(&mut happened);
        if result.is_ok() && connection.is_open && connection.readable && !is_full {
            self.buffer.resize(READ, 0);
            result = connection.read(&mut self.buffer, &mut happened);
        }
        if result.is_ok() && connection.is_open && connection.writable {
            result = connection.write(&mut happened);
        }
        let is_closing = connection.is_closing;
        match result {
            Ok(()) if !happened.iter().any(|one| matches!(one, Happened::Closed)) => {}
            Ok(()) => drop(self.connections.remove(&channel)),
            Err(error) => {
                happened.push(Happened::Failed(error.to_string()));
                self.connections.remove(&channel);
            }
        }
        if is_closing {
            happened.clear();
        }
        happened
    }

    fn accept(&mut self, registry: &Registry, listener: Channel) -> Vec<Happened> {
        let Some((socket, ready)) = self.listeners.get_mut(&listener) else { return Vec::new() };
        match socket.accept() {
            Ok((stream, from)) => {
                if self.connections.len() >= MOST_CHANNELS {
                    return Vec::new();
                }
                let channel = Channel(Channel::FIRST_ACCEPTED.0 | self.accepted);
                self.accepted = self.accepted.wrapping_add(1) & (Channel::FIRST_ACCEPTED.0 - 1);
                match self.add(registry, channel, stream, true) {
                    Ok(()) => vec![Happened::Accepted(channel, from)],
                    Err(_) => Vec::new(),
                }
            }
            Err(error) => {
                *ready = error.kind() == io::ErrorKind::Interrupted;
                Vec::new()
            }
        }
    }

    fn add(
        &mut self,
        registry: &Registry,
        channel: Channel,
        stream: TcpStream,
        open: bool,
    ) -> io::Result<()> {
        let mut stream = stream;
        registry.register(&mut stream, token(channel), Interest::READABLE | Interest::WRITABLE)?;
        if open {
            // A word must not wait for the next.
            let _ = stream.set_nodelay(true);
        }
        let connection = Connection {
            stream,
            is_open: open,
            readable: open,
            writable: open,
            out: VecDeque::new(),
            owes_word: false,
            has_sent: false,
            is_closing: false,
        };
        self.connections.insert(channel, connection);
        Ok(())
    }
}

impl Connection {
    /// Looks whether it has come about.
    fn open(&mut self, happened: &mut Vec<Happened>) -> io::Result<()> {
        if self.is_open || !self.writable {
            return Ok(());
        }
        if let Some(error) = self.stream.take_error()? {
            return Err(error);
        }
        match self.stream.peer_addr() {
            Ok(_) => {
                let _ = self.stream.set_nodelay(true);
                self.is_open = true;
                self.readable = true;
                happened.push(Happened::Opened);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                self.writable = false;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn read(&mut self, buffer: &mut [u8], happened: &mut Vec<Happened>) -> io::Result<()> {
        match self.stream.read(buffer) {
            Ok(0) => happened.push(Happened::Closed),
            Ok(length) => happened.push(Happened::Bytes(buffer.get(..length).unwrap_or_default().into())),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.readable = false,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Writes what goes, a few pieces at most.
    fn write(&mut self, happened: &mut Vec<Happened>) -> io::Result<()> {
        let (front, _) = self.out.as_slices();
        if !front.is_empty() {
            match self.stream.write(front) {
                Ok(length) => drop(self.out.drain(..length)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.writable = false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if self.out.is_empty() {
            if std::mem::take(&mut self.owes_word) {
                happened.push(Happened::Written);
            }
            if self.out.capacity() > READ {
                self.out.shrink_to(READ);
            }
            if self.is_closing {
                // What the other side still sends is read and forgotten, or the system would throw away what we sent.
                let _ = self.stream.shutdown(Shutdown::Write);
            }
        }
        Ok(())
    }
}

fn token(channel: Channel) -> Token {
    Token(usize::try_from(channel.0).unwrap_or(usize::MAX - 1).saturating_add(WAKER.0 + 1))
}

fn channel(token: Token) -> Option<Channel> {
    u32::try_from(token.0.checked_sub(WAKER.0 + 1)?).ok().map(Channel)
}
