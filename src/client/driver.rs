//! A client on a real socket: for those who want events, not datagrams and deadlines.
//!
//! In: what the user wants; datagrams of one UDP socket, the time. Out: [`Event`]s. Must not know terminals, nor what a
//! datagram means. It is the one file of the client that touches the outside, and is built with the feature `net`.
//!
//! ```
//! use palabre::client::driver::Driver;
//! use palabre::client::{Ask, Config, Event, Fate};
//! use palabre::daemon::{Daemon, Settings};
//! use palabre::time::Duration;
//!
//! let mut daemon = Daemon::bind(&Settings::msp(["127.0.0.1:0".parse()?]))?;
//! let server = daemon.local_addresses().next().ok_or("it listens")?;
//! std::thread::spawn(move || daemon.run());
//!
//! let mut alice = Driver::connect(Config::new("alice", server))?;
//! let bonjour = alice.ask(Ask::Say("bonjour".into()));
//! let mut delivered = false;
//! while let Some(event) = alice.poll(Some(Duration::from_secs(10)))? {
//!     if event == (Event::Text { ticket: bonjour, fate: Fate::Delivered }) {
//!         delivered = true;
//!         break;
//!     }
//! }
//! assert!(delivered);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use mio::net::UdpSocket;
use mio::{Interest, Poll, Registry, Token};

use super::{Ask, Client, Config, Event, Input, Output, Ticket};
use crate::daemon::clock::Clock;
use crate::daemon::seed::seed;
use crate::time::{Duration, Instant};

const SOCKET: Token = Token(0);
const WAKER: Token = Token(1);
/// More than any UDP datagram, so that none is cut.
const RECEIVE_BUFFER: usize = 65_536;
/// How many datagrams a turn reads at most, so that the timers are served whatever comes.
const BUDGET: usize = 64;

/// A client, its socket and its clock.
///
/// Nothing happens between two calls of [`Driver::poll`]: call it again and again, and at least every few milliseconds
/// while something is under way, or what has to be repeated is repeated late. Once [`Event::Disconnected`] or
/// [`Event::NotRegistered`] has come, only what was pending is left to come.
#[derive(Debug)]
pub struct Driver {
    client: Client,
    clock: Clock,
    poll: Poll,
    ready: mio::Events,
    socket: UdpSocket,
    /// There may be datagrams to read: the poll tells only once when some have come.
    readable: bool,
    waker: Waker,
    woken: bool,
    events: VecDeque<Event>,
    buffer: Vec<u8>,
    datagram: Vec<u8>,
    last_ticket: u64,
    fault: Option<io::Error>,
}

/// Ends the poll of a driver, such as [`Driver::poll`], from another thread. Clones wake the same driver.
#[derive(Clone, Debug)]
pub struct Waker(Arc<mio::Waker>);

impl Waker {
    pub(super) fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        mio::Waker::new(registry, token).map(Arc::new).map(Self)
    }

    /// Has the poll that waits, or the next one, return `None` after the events that are there.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn wake(&self) -> io::Result<()> {
        self.0.wake()
    }
}

impl Driver {
    /// Opens a socket and begins to register. Whether that succeeds is told by [`Event::Registered`] or
    /// [`Event::NotRegistered`].
    ///
    /// # Errors
    /// When the system gives no socket.
    pub fn connect(config: Config) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut socket = UdpSocket::bind(any_address_towards(config.server))?;
        poll.registry().register(&mut socket, SOCKET, Interest::READABLE)?;
        let waker = Waker::new(poll.registry(), WAKER)?;
        let clock = Clock::start();
        let mut driver = Self {
            client: Client::new(config, seed(), clock.now()),
            clock,
            poll,
            ready: mio::Events::with_capacity(16),
            socket,
            readable: true,
            waker,
            woken: false,
            events: VecDeque::new(),
            buffer: vec![0; RECEIVE_BUFFER],
            datagram: Vec::new(),
            last_ticket: 0,
            fault: None,
        };
        driver.drain();
        Ok(driver)
    }

    /// Asks for something; the events about it quote the ticket.
    pub fn ask(&mut self, ask: Ask) -> Ticket {
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        self.client.handle_input(self.clock.now(), Input::Ask(ticket, ask));
        self.drain();
        ticket
    }

    /// The next event. `None` when none came for `timeout` (`None` waits for ever), when a [`Waker`] was used, or when a
    /// signal came.
    ///
    /// # Errors
    /// When the system can no longer say whether the socket is ready.
    pub fn poll(&mut self, timeout: Option<Duration>) -> io::Result<Option<Event>> {
        let deadline = timeout.map(|timeout| self.clock.now() + timeout);
        loop {
            self.wait(deadline)?;
            self.read();
            self.do_what_is_due();
            if let Some(event) = self.events.pop_front() {
                return Ok(Some(event));
            }
            let late = deadline.is_some_and(|deadline| deadline <= self.clock.now());
            if std::mem::take(&mut self.woken) || late {
                return Ok(None);
            }
        }
    }

    /// What ends a wait from another thread.
    #[must_use]
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// The time by the clock that the client has, for deadlines of one's own.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Whether nothing that was asked is still being done, and all events were taken.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.events.is_empty() && self.client.is_idle()
    }

    /// The client, to look at.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// The last error of the socket, if there was one. It ended nothing: what could not be sent counts as lost.
    #[must_use]
    pub const fn fault(&self) -> Option<&io::Error> {
        self.fault.as_ref()
    }

    /// Waits for a datagram, a wake-up, a deadline.
    fn wait(&mut self, deadline: Option<Instant>) -> io::Result<()> {
        let busy = self.readable || self.woken || !self.events.is_empty();
        let patience = if busy {
            Some(Duration::ZERO)
        } else {
            let due = [deadline, self.client.poll_timeout()].into_iter().flatten().min();
            due.map(|due| due - self.clock.now())
        };
        match self.poll.poll(&mut self.ready, patience) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                self.woken = true;
                return Ok(());
            }
            result => result?,
        }
        for event in &self.ready {
            match event.token() {
                WAKER => self.woken = true,
                _ => self.readable = true,
            }
        }
        Ok(())
    }

    fn read(&mut self) {
        for _ in 0..BUDGET {
            if !self.readable {
                break;
            }
            match self.socket.recv_from(&mut self.buffer) {
                Ok((length, from)) => {
                    let bytes = self.buffer.get(..length).unwrap_or_default();
                    self.client.handle_input(self.clock.now(), Input::Datagram { from, bytes });
                    self.drain();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.readable = false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Some systems report here that nobody listens where a datagram went. Somebody may later.
                Err(error) => self.fault = Some(error),
            }
        }
    }

    fn do_what_is_due(&mut self) {
        let now = self.clock.now();
        if self.client.poll_timeout().is_some_and(|due| due <= now) {
            self.client.handle_timeout(now);
            self.drain();
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Event(event) => self.events.push_back(event),
                Output::Datagram { to, payload } => {
                    self.datagram.clear();
                    payload.copy_to(&mut self.datagram);
                    // What does not go now is as good as lost on the way: it is sent again.
                    if let Err(error) = self.socket.send_to(&self.datagram, to)
                        && error.kind() != io::ErrorKind::WouldBlock
                    {
                        self.fault = Some(error);
                    }
                }
            }
        }
    }
}

/// Any port of any address from which `server` can be reached.
const fn any_address_towards(server: SocketAddr) -> SocketAddr {
    let ip = match server {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    SocketAddr::new(ip, 0)
}
