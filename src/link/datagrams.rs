//! A bad link for datagrams.
//!
//! In: datagrams of clients and of the target. Out: the same, as far as the network in between lets them. Must not know
//! what is in them.

use std::io;
use std::net::SocketAddr;

use mio::event::Event;
use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};

use super::clients::Clients;
use super::{Carrier, LISTENER, OTHER_WAY, Totals, Traffic};
use crate::daemon::clock::Clock;
use crate::daemon::open_udp;
use crate::netsim::{Conditions, Network};
use crate::time::Instant;

/// More than any UDP datagram, so that none is cut.
const RECEIVE_BUFFER: usize = 65_536;
/// How many datagrams of one socket are taken in one turn.
const BUDGET: usize = 128;
/// How many copies may be under way each way, and how many bytes.
const MOST_COPIES: usize = 65_536;
const MOST_BYTES: usize = 64 << 20;

/// One way, and what the system did with what arrived.
#[derive(Debug)]
struct Way {
    net: Network,
    /// For whom there was no socket.
    unserved: u64,
    /// What the system did not take.
    failed: u64,
    bytes: u64,
}

/// The listening socket, the clients, and the network both ways.
#[derive(Debug)]
pub(super) struct Datagrams {
    front: UdpSocket,
    address: SocketAddr,
    target: SocketAddr,
    clients: Clients,
    there: Way,
    back: Way,
    /// There may be datagrams of clients to read: the poll tells only once.
    is_readable: bool,
    buffer: Vec<u8>,
}

impl Datagrams {
    pub(super) fn bind(
        listen: SocketAddr,
        target: SocketAddr,
        seed: u64,
        [there, back]: [Conditions; 2],
        registry: &Registry,
    ) -> io::Result<Self> {
        let mut front = open_udp(listen)?;
        registry.register(&mut front, LISTENER, Interest::READABLE)?;
        let address = front.local_addr()?;
        Ok(Self {
            front,
            address,
            target,
            clients: Clients::new(target),
            there: Way::new(seed, there),
            back: Way::new(seed ^ OTHER_WAY, back),
            is_readable: true,
            buffer: vec![0; RECEIVE_BUFFER],
        })
    }

    /// Takes what clients have sent. The time is read for each, after it has come: none is held up for less than it ought
    /// to be.
    fn hear_clients(&mut self, clock: &Clock, registry: &Registry) {
        for _ in 0..BUDGET {
            match self.front.recv_from(&mut self.buffer) {
                Ok((length, from)) => {
                    let (now, bytes) = (clock.now(), self.buffer.get(..length).unwrap_or_default());
                    match self.clients.welcome(now, from, registry) {
                        Ok(()) => self.there.net.send(now, from, self.target, bytes),
                        Err(_) => self.there.unserved = self.there.unserved.wrapping_add(1),
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.is_readable = false;
                    return;
                }
                // It concerns one earlier datagram.
                Err(_) => {}
            }
        }
    }

    fn hear_target(&mut self, clock: &Clock, token: Token) {
        for _ in 0..BUDGET {
            let Some((length, client)) = self.clients.receive(token, &mut self.buffer) else { return };
            let now = clock.now();
            self.clients.heard(now, token);
            self.back.net.send(now, self.target, client, self.buffer.get(..length).unwrap_or_default());
        }
    }

    fn pass_on(&mut self, now: Instant) {
        let Self { front, clients, there, back, .. } = self;
        while let Some(arrived) = there.net.poll(now) {
            there.note(&clients.send(arrived.from, &arrived.bytes));
        }
        while let Some(arrived) = back.net.poll(now) {
            back.note(&front.send_to(&arrived.bytes, arrived.to));
        }
    }
}

impl Carrier for Datagrams {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn wake(&mut self, event: &Event) {
        if event.token() == LISTENER {
            self.is_readable = true;
        } else {
            self.clients.wake(event.token());
        }
    }

    fn turn(&mut self, clock: &Clock, registry: &Registry) {
        if self.is_readable {
            self.hear_clients(clock, registry);
        }
        for token in self.clients.readable() {
            self.hear_target(clock, token);
        }
        self.pass_on(clock.now());
        self.clients.drop_silent(clock.now());
    }

    fn due(&self) -> Option<Instant> {
        [self.there.net.poll_timeout(), self.back.net.poll_timeout(), self.clients.due()]
            .into_iter()
            .flatten()
            .min()
    }

    fn is_busy(&self) -> bool {
        self.is_readable || self.clients.is_readable()
    }

    fn totals(&self) -> Totals {
        let [clients, come, gone] = self.clients.counts();
        let (there, back) = (self.there.traffic(), self.back.traffic());
        Totals { there, back, clients, come, gone, ..Totals::default() }
    }
}

impl Way {
    fn new(seed: u64, conditions: Conditions) -> Self {
        let mut net = Network::new(seed);
        net.set_default(conditions);
        // Also: it remembers nothing of those who are gone.
        net.share();
        net.limit(MOST_COPIES, MOST_BYTES);
        Self { net, unserved: 0, failed: 0, bytes: 0 }
    }

    /// What became of a delivery. A full socket is no reason to wait: whoever sends datagrams expects losses.
    fn note(&mut self, sent: &io::Result<usize>) {
        match sent {
            Ok(length) => {
                self.bytes = self.bytes.wrapping_add(u64::try_from(*length).unwrap_or(u64::MAX));
            }
            Err(_) => self.failed = self.failed.wrapping_add(1),
        }
    }

    fn traffic(&self) -> Traffic {
        let counters = self.net.counters();
        Traffic {
            sent: counters.sent.wrapping_add(self.unserved),
            lost: counters.lost,
            overflowed: counters.overflowed,
            doubled: counters.duplicated,
            overtaken: counters.reordered,
            damaged: counters.corrupted,
            delivered: counters.delivered.saturating_sub(self.failed),
            refused: self.failed.wrapping_add(self.unserved),
            under_way: u64::try_from(self.net.in_flight()).unwrap_or(u64::MAX),
            bytes: self.bytes,
        }
    }
}
