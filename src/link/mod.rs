//! A bad link for anybody's datagrams and connections, on real sockets.
//!
//! In: [`Settings`]: where to listen, where to pass things on to, how bad each way is, a seed. Out: a [`Link`] that is
//! given its turns, and [`Totals`]. Must not know what passes: bytes are lost, held up and damaged, and never read.
//!
//! ```text
//! client ─▶ listening socket ─▶ there ─▶ a socket for each client ─▶ target
//! client ◀─ listening socket ◀─ back  ◀─ a socket for each client ◀─ target
//! ```
//!
//! Each way has its own chance, drawn from the seed: what becomes of the requests does not depend on the answers. So the
//! same datagrams, sent one after the other, meet the same fate each time.
//!
//! ```no_run
//! use palabre::link::{Carries, Link, Settings};
//! use palabre::netsim::Conditions;
//! use palabre::time::{Duration, Instant};
//!
//! let bad = Conditions { loss: 0.2, delay: Duration::from_millis(50), ..Conditions::default() };
//! let carries = Carries::Datagrams { there: bad, back: bad };
//! let (listen, to) = ("127.0.0.1:0".parse()?, "127.0.0.1:7401".parse()?);
//! let mut link = Link::bind(&Settings { listen, to, seed: 7, carries })?;
//! println!("listening {}", link.address());
//! while link.now() < Instant::from_secs(10) {
//!     link.turn(Instant::from_secs(10))?;
//! }
//! println!("{} lost", link.totals().there.lost);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod clients;
mod connection;
mod course;
mod datagrams;
mod pipe;
mod stalls;
mod streams;
mod totals;

use core::fmt::Debug;
use std::io;
use std::net::SocketAddr;

use mio::event::Event;
use mio::{Events, Poll, Registry, Token};

use crate::daemon::clock::Clock;
use crate::daemon::signals::Signals;
use crate::netsim::Conditions;
use crate::time::{Duration, Instant};
pub use course::Flow;
use datagrams::Datagrams;
pub use stalls::Stalls;
use streams::Streams;
pub use totals::{Totals, Traffic};

const SIGNAL: Token = Token(usize::MAX);
const LISTENER: Token = Token(0);
/// How many clients may be served at a time.
pub const MOST_CLIENTS: usize = 1_024;
/// How many sockets the poll tells of at once.
const EVENTS: usize = 256;
/// The chance of the way back is another one than that of the way there.
const OTHER_WAY: u64 = 0x9E37_79B9_7F4A_7C15;

/// What a link is made of.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Where clients come; the port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Where to what they send is passed on.
    pub to: SocketAddr,
    /// The same number makes the same choices.
    pub seed: u64,
    /// What passes, and what becomes of it.
    pub carries: Carries,
}

/// What passes over a link, and what becomes of it on the way to the target and back.
#[derive(Clone, Copy, Debug)]
pub enum Carries {
    /// UDP. All clients share one line each way, and its bad times.
    Datagrams {
        /// From clients to the target.
        there: Conditions,
        /// From the target to clients.
        back: Conditions,
    },
    /// TCP. All connections share one line each way, and its stalls.
    Streams {
        /// From clients to the target.
        there: Flow,
        /// From the target to clients.
        back: Flow,
        /// How long a connection lives on average until it is reset; `None`: as long as its ends want.
        cut_every: Option<Duration>,
    },
}

/// A link that listens. Nothing a client, the target or the network does ends it.
#[derive(Debug)]
pub struct Link {
    poll: Poll,
    events: Events,
    clock: Clock,
    signals: Option<Signals>,
    is_stopped: bool,
    carrier: Box<dyn Carrier>,
}

/// What both kinds of link can do.
trait Carrier: Debug {
    /// Where it listens.
    fn address(&self) -> SocketAddr;
    /// The poll says that there is something to do.
    fn wake(&mut self, event: &Event);
    /// Takes what has come, within a budget, and passes on what is due.
    fn turn(&mut self, clock: &Clock, registry: &Registry);
    /// When the next turn is to come though the poll says nothing.
    fn due(&self) -> Option<Instant>;
    /// Whether the next turn is to come at once.
    fn is_busy(&self) -> bool;
    /// What has happened so far.
    fn totals(&self) -> Totals;
}

impl Link {
    /// Binds the listening socket. Its clock begins now, at [`Instant::ZERO`].
    ///
    /// # Errors
    /// When the address cannot be listened on, or is the target itself.
    pub fn bind(settings: &Settings) -> io::Result<Self> {
        let poll = Poll::new()?;
        let Settings { listen, to, seed, carries } = *settings;
        let carrier: Box<dyn Carrier> = match carries {
            Carries::Datagrams { there, back } => {
                Box::new(Datagrams::bind(listen, to, seed, [there, back], poll.registry())?)
            }
            Carries::Streams { there, back, cut_every } => {
                Box::new(Streams::bind(listen, to, seed, [there, back], cut_every, poll.registry())?)
            }
        };
        if clients::leads_to(to, carrier.address()) {
            let words = format!("{to} is there too, and the link would send everything to itself");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, words));
        }
        let (events, clock) = (Events::with_capacity(EVENTS), Clock::start());
        Ok(Self { poll, events, clock, signals: None, is_stopped: false, carrier })
    }

    /// Where it listens, with the real port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.carrier.address()
    }

    /// From now on SIGTERM and SIGINT make [`Self::is_stopped`] true. A second signal ends the process at once.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn stop_on_signals(&mut self) -> io::Result<()> {
        self.signals = Some(Signals::catch(self.poll.registry(), SIGNAL)?);
        Ok(())
    }

    /// Whether a signal has come.
    #[must_use]
    pub const fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// How long ago it was bound.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Waits until there is something to do, but not beyond `until`; then does some of it.
    ///
    /// # Errors
    /// When the system can no longer say which sockets are ready.
    pub fn turn(&mut self, until: Instant) -> io::Result<()> {
        let due = self.carrier.due().map_or(until, |due| due.min(until));
        let patience = if self.carrier.is_busy() { Duration::ZERO } else { due - self.clock.now() };
        match self.poll.poll(&mut self.events, Some(patience)) {
            // What the events say then is old.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.events.clear(),
            other => other?,
        }
        for event in &self.events {
            if event.token() == SIGNAL {
                self.is_stopped |= self.signals.as_mut().is_some_and(Signals::came);
            } else {
                self.carrier.wake(event);
            }
        }
        self.carrier.turn(&self.clock, self.poll.registry());
        Ok(())
    }

    /// What has happened so far.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.carrier.totals()
    }
}
