//! One address the daemon listens on, by datagrams or by connections.
//!
//! In: an address and how its dialect travels. Out: a socket of the right kind. Must not know what comes.

use std::io;
use std::net::SocketAddr;

use mio::{Registry, Token};

use super::tcp::TcpListener;
use super::udp::UdpListener;
use crate::engine::Dialect;
use crate::time::Instant;

/// A socket that listens.
#[derive(Debug)]
pub(super) enum Listening {
    /// For datagrams.
    Udp(UdpListener),
    /// For connections.
    Tcp(TcpListener),
}

impl Listening {
    /// Binds a socket for this dialect and has `registry` watch it.
    pub(super) fn bind(
        dialect: Dialect,
        address: SocketAddr,
        registry: &Registry,
        token: Token,
    ) -> io::Result<Self> {
        if dialect.is_streamed() {
            TcpListener::bind(address, registry, token).map(Self::Tcp)
        } else {
            UdpListener::bind(address, registry, token).map(Self::Udp)
        }
    }

    /// The address, with the real port.
    pub(super) const fn address(&self) -> SocketAddr {
        match self {
            Self::Udp(listener) => listener.address(),
            Self::Tcp(listener) => listener.address(),
        }
    }

    /// What is under the dialect there.
    pub(super) const fn transport(&self) -> &'static str {
        match self {
            Self::Udp(_) => "udp",
            Self::Tcp(_) => "tcp",
        }
    }

    /// Whether there may be more to read, or somebody to accept.
    pub(super) fn is_readable(&self) -> bool {
        match self {
            Self::Udp(listener) => listener.is_readable(),
            Self::Tcp(listener) => listener.is_readable(),
        }
    }

    /// When it is to be looked at again though the poll says nothing.
    pub(super) const fn due(&self) -> Option<Instant> {
        match self {
            Self::Udp(_) => None,
            Self::Tcp(listener) => listener.due(),
        }
    }

    /// Whether datagrams wait to be sent.
    pub(super) fn has_backlog(&self) -> bool {
        match self {
            Self::Udp(listener) => listener.has_backlog(),
            Self::Tcp(_) => false,
        }
    }

    /// What this socket has lost so far, by name.
    pub(super) const fn losses(&self) -> [(&'static str, u64); 2] {
        match self {
            Self::Udp(listener) => listener.losses(),
            Self::Tcp(listener) => listener.losses(),
        }
    }

    /// The socket for datagrams, if it is one.
    pub(super) const fn udp(&mut self) -> Option<&mut UdpListener> {
        match self {
            Self::Udp(listener) => Some(listener),
            Self::Tcp(_) => None,
        }
    }

    /// The socket for connections, if it is one.
    pub(super) const fn tcp(&mut self) -> Option<&mut TcpListener> {
        match self {
            Self::Udp(_) => None,
            Self::Tcp(listener) => Some(listener),
        }
    }
}
