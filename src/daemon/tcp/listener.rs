//! One TCP socket that listens.
//!
//! In: an address. Out: connections that came, and what the system said when it could not give one. Must not know what is
//! done with a connection.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};

use log::warn;
use mio::net::{TcpListener as Socket, TcpStream};
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, Type};

use crate::daemon::faults::Faults;
use crate::time::{Duration, Instant};

/// How many connections the system may hold for us until we look.
const BACKLOG: i32 = 1_024;
/// How long nobody is accepted after an error that may last.
const PAUSE: Duration = Duration::from_millis(100);
/// EMFILE: this process has no descriptor left. The number is the same on all Unix systems.
const NONE_OF_OURS: i32 = 24;
/// ENFILE: the whole system has none left.
const NONE_AT_ALL: i32 = 23;

/// A listening socket and what went wrong there.
#[derive(Debug)]
pub(crate) struct TcpListener {
    /// `None` once nobody is to come any more.
    socket: Option<Socket>,
    address: SocketAddr,
    faults: Faults,
    /// How many were closed at once because there was no descriptor for them.
    turned_away: u64,
    /// Somebody may wait to be accepted: the poll tells only once when some have come.
    readable: bool,
    /// Nobody is accepted before.
    paused_until: Option<Instant>,
    /// A descriptor to give up when there is no other, so that one more can be accepted and closed: else those who come
    /// would wait for nothing.
    spare: Option<OwnedFd>,
}

/// What came of trying to accept somebody.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// Nobody waits.
    Nobody,
    /// This one is gone already; the next one may not be.
    Next,
    /// There are no descriptors left.
    NoDescriptor,
    /// It may not be over soon.
    Pause,
}

impl TcpListener {
    /// Binds a socket, listens, and has `registry` watch it.
    pub(crate) fn bind(address: SocketAddr, registry: &Registry, token: Token) -> io::Result<Self> {
        let mut socket = open(address)?;
        registry.register(&mut socket, token, Interest::READABLE)?;
        let address = socket.local_addr()?;
        let spare = duplicate(&socket);
        Ok(Self {
            socket: Some(socket),
            address,
            faults: Faults::default(),
            turned_away: 0,
            readable: true,
            paused_until: None,
            spare,
        })
    }

    /// The address, with the real port.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The poll says that somebody may have come.
    pub(crate) const fn wake(&mut self) {
        self.readable = true;
    }

    /// Whether somebody may be accepted now.
    pub(crate) fn is_readable(&self) -> bool {
        self.readable && self.socket.is_some() && self.paused_until.is_none()
    }

    /// When a pause is over.
    pub(crate) const fn due(&self) -> Option<Instant> {
        self.paused_until
    }

    /// Goes on if a pause is over by `now`.
    pub(crate) fn resume(&mut self, now: Instant) {
        self.paused_until.take_if(|until| *until <= now);
    }

    /// Nobody is to come any more.
    pub(crate) fn close(&mut self) {
        self.socket = None;
        self.spare = None;
        self.paused_until = None;
    }

    /// Accepts one who has come. `None`: not now; the caller's budget bounds how often it is tried.
    pub(crate) fn accept(&mut self, now: Instant) -> Option<(TcpStream, SocketAddr)> {
        let error = match self.socket.as_ref()?.accept() {
            Ok(accepted) => return Some(accepted),
            Err(error) => error,
        };
        match judge(&error) {
            Verdict::Nobody => {
                self.readable = false;
                return None;
            }
            Verdict::Next => {}
            Verdict::NoDescriptor => self.turn_away(now),
            Verdict::Pause => self.paused_until = Some(now + PAUSE),
        }
        if let Some(before) = self.faults.note(now, "accept", &error) {
            warn!("accepting on {}: {error} ({before} more since the last such line)", self.address);
        }
        None
    }

    /// What this socket has lost so far, by name.
    pub(crate) const fn losses(&self) -> [(&'static str, u64); 2] {
        [("accept errors", self.faults.total()), ("turned away without a descriptor", self.turned_away)]
    }

    /// Gives up the spare descriptor for a moment to accept one and close it.
    fn turn_away(&mut self, now: Instant) {
        let Some(socket) = &self.socket else { return };
        let had_one = self.spare.take().is_some();
        let accepted = had_one.then(|| socket.accept());
        let done = matches!(accepted, Some(Ok(_)));
        drop(accepted);
        self.spare = duplicate(socket);
        if done {
            self.turned_away = self.turned_away.wrapping_add(1);
        } else {
            self.paused_until = Some(now + PAUSE);
        }
    }
}

/// Errors of `accept` that belong to one who tried and gave up are reported there too.
fn judge(error: &io::Error) -> Verdict {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::WouldBlock => Verdict::Nobody,
        Kind::Interrupted
        | Kind::ConnectionAborted
        | Kind::ConnectionReset
        | Kind::HostUnreachable
        | Kind::NetworkUnreachable
        | Kind::NetworkDown
        | Kind::TimedOut => Verdict::Next,
        _ if matches!(error.raw_os_error(), Some(NONE_OF_OURS | NONE_AT_ALL)) => Verdict::NoDescriptor,
        _ => Verdict::Pause,
    }
}

/// A copy of a descriptor needs no file to open: it is there in an empty root directory too.
fn duplicate(socket: &Socket) -> Option<OwnedFd> {
    socket.as_fd().try_clone_to_owned().ok()
}

#[expect(
    clippy::disallowed_types,
    reason = "one step on the way from socket2 to mio; the core sees no socket"
)]
fn open(address: SocketAddr) -> io::Result<Socket> {
    let socket = socket2::Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        // IPv4 has listeners of its own: one person must not have two addresses.
        socket.set_only_v6(true)?;
    }
    // A restart must not wait until the system has forgotten the connections before it.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(Socket::from_std(std::net::TcpListener::from(socket)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_one_who_gave_up_costs_one_try_and_one_that_may_last_costs_a_pause() {
        let of = |code| judge(&io::Error::from_raw_os_error(code));
        assert_eq!(judge(&io::ErrorKind::WouldBlock.into()), Verdict::Nobody);
        assert_eq!(judge(&io::ErrorKind::ConnectionAborted.into()), Verdict::Next);
        assert_eq!([of(NONE_OF_OURS), of(NONE_AT_ALL)], [Verdict::NoDescriptor, Verdict::NoDescriptor]);
        assert_eq!(of(12), Verdict::Pause, "no memory");
    }
}
