//! One UDP socket that listens.
//!
//! In: an address; datagrams to send. Out: datagrams that came. Must not know what they mean.

use std::io;
use std::net::SocketAddr;

use log::warn;
use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, Socket, Type};

use super::faults::Faults;
use super::outbox::Outbox;
use crate::engine::Datagram;
use crate::time::Instant;

/// What we ask the system to hold for us, in bytes, each way; it gives what it allows.
const SOCKET_BUFFER: usize = 4 << 20;
/// Less than this is the system's own default anyway.
const LEAST_SOCKET_BUFFER: usize = 128 << 10;

/// A listening socket, what waits to be sent from it, and what went wrong.
#[derive(Debug)]
pub(super) struct UdpListener {
    socket: UdpSocket,
    address: SocketAddr,
    token: Token,
    outbox: Outbox,
    faults: Faults,
    /// There may be datagrams to read: the poll tells only once when some have come.
    readable: bool,
    /// Whether the poll was asked to tell when the socket can send.
    watched: bool,
}

impl UdpListener {
    /// Binds a socket and has `registry` watch it.
    pub(super) fn bind(address: SocketAddr, registry: &Registry, token: Token) -> io::Result<Self> {
        let mut socket = open(address)?;
        registry.register(&mut socket, token, Interest::READABLE)?;
        let address = socket.local_addr()?;
        let (outbox, faults) = (Outbox::default(), Faults::default());
        Ok(Self { socket, address, token, outbox, faults, readable: true, watched: false })
    }

    /// The address, with the real port.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The poll says that there is something to read.
    pub(super) const fn wake(&mut self) {
        self.readable = true;
    }

    /// Whether there may be more to read.
    pub(super) const fn is_readable(&self) -> bool {
        self.readable
    }

    /// Whether something waits to be sent.
    pub(super) fn has_backlog(&self) -> bool {
        !self.outbox.is_empty()
    }

    /// Reads one datagram: how long it is and where it came from. `None`: not now.
    ///
    /// Some systems report here that a peer could not be reached. Such an error concerns one earlier datagram, so it is
    /// noted and reading goes on; the caller's budget bounds how often.
    pub(super) fn receive(&mut self, now: Instant, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
        match self.socket.recv_from(buffer) {
            Ok(received) => return Some(received),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.readable = false,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                if let Some(before) = self.faults.note(now, "receive", &error) {
                    warn!("receiving on {}: {error} ({before} more since the last such line)", self.address);
                }
            }
        }
        None
    }

    /// Sends a datagram, now or when the socket can.
    pub(super) fn send(&mut self, now: Instant, datagram: Datagram) {
        let (socket, to) = (&self.socket, datagram.to);
        if let Err(error) = self.outbox.send(datagram, |bytes, to| socket.send_to(bytes, to)) {
            refused(&mut self.faults, now, to, &error);
        }
    }

    /// Sends what waits.
    pub(super) fn flush(&mut self, now: Instant) {
        let Self { socket, outbox, faults, .. } = self;
        outbox.flush(|bytes, to| socket.send_to(bytes, to), |to, error| refused(faults, now, to, error));
    }

    /// Asks the poll to tell when the socket can send, for as long as something waits.
    pub(super) fn watch(&mut self, registry: &Registry) -> io::Result<()> {
        let wanted = self.has_backlog();
        if wanted != self.watched {
            let interest = if wanted { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
            registry.reregister(&mut self.socket, self.token, interest)?;
            self.watched = wanted;
        }
        Ok(())
    }

    /// What this socket has lost so far, by name.
    pub(super) const fn losses(&self) -> [(&'static str, u64); 2] {
        [("send queue full", self.outbox.overflow()), ("socket errors", self.faults.total())]
    }
}

fn refused(faults: &mut Faults, now: Instant, to: SocketAddr, error: &io::Error) {
    if let Some(before) = faults.note(now, "send", error) {
        warn!("sending to {to}: {error} ({before} more since the last such line)");
    }
}

#[expect(
    clippy::disallowed_types,
    reason = "one step on the way from socket2 to mio; the core sees no socket"
)]
pub(crate) fn open(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        // IPv4 has listeners of its own: one peer must not have two addresses.
        socket.set_only_v6(true)?;
    }
    enlarge(|size| socket.set_recv_buffer_size(size));
    enlarge(|size| socket.set_send_buffer_size(size));
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(UdpSocket::from_std(std::net::UdpSocket::from(socket)))
}

/// Some systems cut down what is too much, others refuse it: ask for half then.
fn enlarge(set: impl Fn(usize) -> io::Result<()>) {
    let mut size = SOCKET_BUFFER;
    while size >= LEAST_SOCKET_BUFFER && set(size).is_err() {
        size /= 2;
    }
}
