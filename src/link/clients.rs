//! The clients of a link for datagrams: each has a socket of its own towards the target.
//!
//! In: the addresses datagrams come from. Out: sockets; answers of the target and for whom they are. Must not know what
//! becomes of a datagram on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};

use super::{LISTENER, MOST_CLIENTS};
use crate::time::{Duration, Instant};

/// How long a client may be silent.
const LONGEST_SILENCE: Duration = Duration::from_secs(600);

#[derive(Debug)]
struct Client {
    socket: UdpSocket,
    address: SocketAddr,
    /// When something last came from it or for it.
    last: Instant,
}

/// Everybody who has sent something lately.
#[derive(Debug)]
pub(super) struct Clients {
    target: SocketAddr,
    clients: BTreeMap<Token, Client>,
    tokens: BTreeMap<SocketAddr, Token>,
    silent: BTreeSet<(Instant, Token)>,
    /// Whose socket may have something to read: the poll tells only once.
    readable: BTreeSet<Token>,
    /// The last token given; none is given twice.
    last_token: usize,
    come: u64,
    gone: u64,
}

impl Clients {
    pub(super) const fn new(target: SocketAddr) -> Self {
        Self {
            target,
            clients: BTreeMap::new(),
            tokens: BTreeMap::new(),
            silent: BTreeSet::new(),
            readable: BTreeSet::new(),
            last_token: LISTENER.0,
            come: 0,
            gone: 0,
        }
    }

    /// A datagram has come from there: gives it a socket if it has none. When there are too many, or no descriptor is
    /// left, the one who has been silent for the longest goes.
    pub(super) fn welcome(&mut self, now: Instant, from: SocketAddr, registry: &Registry) -> io::Result<()> {
        if let Some(&token) = self.tokens.get(&from) {
            self.heard(now, token);
            return Ok(());
        }
        if self.clients.len() >= MOST_CLIENTS {
            self.drop_most_silent();
        }
        let mut socket = match open(self.target) {
            Err(_) if self.drop_most_silent() => open(self.target)?,
            opened => opened?,
        };
        self.last_token = self.last_token.wrapping_add(1);
        let token = Token(self.last_token);
        registry.register(&mut socket, token, Interest::READABLE)?;
        self.clients.insert(token, Client { socket, address: from, last: now });
        self.tokens.insert(from, token);
        self.silent.insert((now, token));
        self.come = self.come.wrapping_add(1);
        Ok(())
    }

    /// Sends what `from` has sent to the target.
    pub(super) fn send(&self, from: SocketAddr, bytes: &[u8]) -> io::Result<usize> {
        let client = self.tokens.get(&from).and_then(|token| self.clients.get(token));
        let socket = &client.ok_or(io::ErrorKind::NotConnected)?.socket;
        match socket.send(bytes) {
            // That is the answer to an earlier one, which the system tells here instead of sending this one.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => socket.send(bytes),
            other => other,
        }
    }

    /// The poll says that there is something to read.
    pub(super) fn wake(&mut self, token: Token) {
        if self.clients.contains_key(&token) {
            self.readable.insert(token);
        }
    }

    /// Whether a read would be of use.
    pub(super) fn is_readable(&self) -> bool {
        !self.readable.is_empty()
    }

    /// Whom to read in this turn.
    pub(super) fn readable(&self) -> Vec<Token> {
        self.readable.iter().copied().collect()
    }

    /// Reads one answer: how long it is, and for whom. `None`: not now. That the target cannot be reached is no reason to
    /// do anything: the client would not hear of it over a bad link either.
    pub(super) fn receive(&mut self, token: Token, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
        let client = self.clients.get(&token);
        let received = client.map(|client| (client.socket.recv(buffer), client.address));
        match received {
            Some((Ok(length), address)) => return Some((length, address)),
            Some((Err(error), _)) if error.kind() != io::ErrorKind::WouldBlock => {}
            _ => {
                self.readable.remove(&token);
            }
        }
        None
    }

    /// Something has come from it or for it.
    pub(super) fn heard(&mut self, now: Instant, token: Token) {
        if let Some(client) = self.clients.get_mut(&token) {
            self.silent.remove(&(client.last, token));
            client.last = now;
            self.silent.insert((now, token));
        }
    }

    /// When the next one has been silent for too long.
    pub(super) fn due(&self) -> Option<Instant> {
        self.silent.first().map(|(last, _)| *last + LONGEST_SILENCE)
    }

    /// Lets those go who have been silent for too long.
    pub(super) fn drop_silent(&mut self, now: Instant) {
        while self.due().is_some_and(|due| due <= now) {
            self.drop_most_silent();
        }
    }

    /// How many there are, how many have come, how many had to go.
    pub(super) fn counts(&self) -> [u64; 3] {
        [u64::try_from(self.clients.len()).unwrap_or(u64::MAX), self.come, self.gone]
    }

    /// Whether there was one.
    fn drop_most_silent(&mut self) -> bool {
        let Some((_, token)) = self.silent.pop_first() else { return false };
        self.readable.remove(&token);
        if let Some(client) = self.clients.remove(&token) {
            self.tokens.remove(&client.address);
        }
        self.gone = self.gone.wrapping_add(1);
        true
    }
}

/// Whether what is sent to `target` comes to a socket that listens there: it may listen at all addresses of this machine.
pub(super) fn leads_to(target: SocketAddr, listening: SocketAddr) -> bool {
    // The system sends to an address of its own from the same.
    let is_here =
        || open(target).and_then(|socket| socket.local_addr()).is_ok_and(|own| own.ip() == target.ip());
    target == listening
        || target.port() == listening.port()
            && listening.is_ipv4() == target.is_ipv4()
            && listening.ip().is_unspecified()
            && is_here()
}

/// A socket that hears the target alone.
fn open(target: SocketAddr) -> io::Result<UdpSocket> {
    let any: SocketAddr = match target {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = crate::daemon::open_udp(any)?;
    socket.connect(target)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use mio::Poll;

    use super::*;

    fn client(port: u16) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, port).into()
    }

    #[test]
    fn the_longest_silent_goes_when_there_is_no_room_and_after_ten_minutes() {
        let poll = Poll::new().unwrap();
        // Nothing is sent: no port of this machine is used but the ones the system chooses.
        let mut clients = Clients::new(client(9));
        for port in 1..=3 {
            clients.welcome(Instant::from_secs(port.into()), client(port), poll.registry()).unwrap();
        }
        clients.welcome(Instant::from_secs(4), client(1), poll.registry()).unwrap();
        assert!(clients.drop_most_silent());
        assert_eq!(clients.counts(), [2, 3, 1]);
        assert!(clients.tokens.contains_key(&client(1)) && !clients.tokens.contains_key(&client(2)));
        assert_eq!(clients.due(), Some(Instant::from_secs(603)));
        clients.drop_silent(Instant::from_secs(602));
        assert_eq!(clients.counts(), [2, 3, 1]);
        clients.drop_silent(Instant::from_secs(603));
        assert_eq!(clients.counts(), [1, 3, 2]);
        clients.drop_silent(Instant::from_secs(604));
        assert_eq!((clients.counts(), clients.due()), ([0, 3, 3], None));
        assert!(clients.send(client(1), b"late").is_err());
    }
}
