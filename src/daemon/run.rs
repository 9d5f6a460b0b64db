//! The loop: wait, read, do what is due, send.
//!
//! In: settings, the time, a signal. Out: a server that runs until it is stopped. Must not know what a datagram or a
//! connection brings: `carry` does.

use std::io;
use std::net::SocketAddr;

use log::{info, warn};
use mio::{Events, Poll, Token};

use super::clock::Clock;
use super::listening::Listening;
use super::report::{Report, totals};
use super::seed::seed;
use super::settings::{BindError, Settings};
use super::signals::{Signals, Stopper};
use super::state::{Left, State};
use super::tap::{Parts, Tapped, header};
use super::tcp::{FLUSH, LINGER, Streams, TcpListener};
use crate::engine::{Config, Input, Server};
use crate::time::{Duration, Instant};

/// Listeners have the tokens from 0, connections those after them.
pub(super) const SIGNAL: Token = Token(usize::MAX);
/// More than any UDP datagram, so that none is cut.
const RECEIVE_BUFFER: usize = 65_536;
/// How many sockets the poll tells of at once.
const EVENTS: usize = 256;
/// How much longer than all tries of a request the goodbye may take.
const STOP_MARGIN: Duration = Duration::from_secs(1);
/// How long those are waited for, at most, who do not acknowledge the goodbye.
const LONGEST_GOODBYE: Duration = Duration::from_secs(5);

/// A server that listens.
///
/// Nothing a peer or the network does ends it: errors of sockets are counted, and logged at most once a minute a kind.
#[derive(Debug)]
pub struct Daemon {
    poll: Poll,
    pub(super) listeners: Vec<Listening>,
    pub(super) streams: Streams,
    pub(super) signals: Option<Signals>,
    clock: Clock,
    /// As the clock was last read.
    pub(super) now: Instant,
    pub(super) server: Tapped,
    pub(super) buffer: Vec<u8>,
    report: Report,
    pub(super) state: Option<State>,
    /// How long saying goodbye may take.
    stop_patience: Duration,
    /// Once it is stopping: when it ends at the latest.
    stop_by: Option<Instant>,
    pub(super) stopped: bool,
}

impl Daemon {
    /// Binds all listeners, or none. Datagrams are kept by the system until [`Daemon::run`].
    ///
    /// # Errors
    /// When an address cannot be listened on, or there is none; when what an earlier daemon has left cannot be used.
    pub fn bind(settings: &Settings) -> Result<Self, BindError> {
        let Settings { addresses, config, state, seed: chosen, capture } = settings;
        match (addresses.len(), config.listeners.len()) {
            (0, 0) => return Err(BindError::NoListener),
            (addresses, listeners) if addresses != listeners => {
                return Err(BindError::Unmatched { addresses, listeners });
            }
            _ => {}
        }
        let failed = |source| BindError::Capture {
            path: capture.as_ref().map(|capture| capture.path.clone()).unwrap_or_default(),
            source,
        };
        // What is there is not touched before all listeners are bound: it may be the capture of a daemon that runs.
        let parts = capture.as_ref().map(|capture| Parts::at(&capture.path)).transpose().map_err(failed)?;
        let opened = state.as_deref().map(State::open).transpose().map_err(BindError::State)?;
        let (state, left) = opened.unzip();
        let Left { registry, files } = left.unwrap_or_default();
        let poll = Poll::new().map_err(BindError::Poll)?;
        let mut listeners = Vec::new();
        for (index, (&address, listener)) in addresses.iter().zip(&config.listeners).enumerate() {
            let dialect = listener.dialect;
            let listener = Listening::bind(dialect, address, poll.registry(), Token(index))
                .map_err(|source| BindError::Address { dialect, address, source })?;
            listeners.push(listener);
        }
        let clock = Clock::start();
        let now = clock.now();
        let seed = chosen.unwrap_or_else(seed);
        let server = Server::with_registry(config.clone(), seed, registry);
        let server = match files {
            Some(files) => server.with_store(Box::new(files)),
            None => server,
        };
        let mut server = Tapped::new(server);
        if let (Some(parts), Some(capture)) = (parts, capture) {
            let addresses = listeners.iter().map(Listening::address).collect();
            let header = header(&server, config.clone(), seed, clock.origin_micros(), addresses);
            server.capture(parts, capture.limit, header).map_err(failed)?;
        }
        Ok(Self {
            poll,
            listeners,
            streams: Streams::new(config.limits.backlog),
            signals: None,
            server,
            state,
            buffer: vec![0; RECEIVE_BUFFER],
            report: Report::new(now),
            clock,
            now,
            stop_patience: stop_patience(config),
            stop_by: None,
            stopped: false,
        })
    }

    /// The addresses of the listeners, in the order of the settings, with their real ports.
    pub fn local_addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.listeners.iter().map(Listening::address)
    }

    /// From now on SIGTERM and SIGINT stop the daemon: those who can read it are told, then [`Daemon::run`] returns. A
    /// second signal ends the process at once.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn stop_on_signals(&mut self) -> io::Result<()> {
        self.bell()?.catch_more()
    }

    /// What another thread stops the daemon by, as a signal would.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn stopper(&mut self) -> io::Result<Stopper> {
        self.bell()?.stopper()
    }

    /// Serves until it is stopped: after a signal, when everybody who can read it knows and all connections are closed, or
    /// M × T + 1 s later (8 s where there are connections).
    ///
    /// # Errors
    /// When the system can no longer say which sockets are ready.
    pub fn run(&mut self) -> io::Result<()> {
        for listener in &self.listeners {
            info!("listening on {}/{}", listener.address(), listener.transport());
        }
        let mut events = Events::with_capacity(EVENTS);
        while !self.is_over() {
            self.turn(&mut events)?;
        }
        self.save_names();
        self.server.finish();
        info!("stopped: {}", totals(self.server.stats()));
        Ok(())
    }

    fn bell(&mut self) -> io::Result<&mut Signals> {
        let bell = match self.signals.take() {
            Some(bell) => bell,
            None => Signals::open(self.poll.registry(), SIGNAL)?,
        };
        Ok(self.signals.insert(bell))
    }

    /// Waits until there is something to do, and does some of it.
    fn turn(&mut self, events: &mut Events) -> io::Result<()> {
        match self.poll.poll(events, Some(self.patience())) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        self.now = self.clock.now();
        for event in events.iter() {
            self.wake(event);
        }
        self.read();
        // Reading a full budget takes time, and what is due is served on every turn.
        self.now = self.clock.now();
        self.do_what_is_due();
        self.watch()
    }

    /// Stopped, and nothing waits to be sent; or stopping for too long.
    fn is_over(&self) -> bool {
        let flushed = self.streams.is_empty() && !self.listeners.iter().any(Listening::has_backlog);
        (self.stopped && flushed) || self.stop_by.is_some_and(|by| by <= self.now)
    }

    /// How long the poll may wait.
    fn patience(&self) -> Duration {
        if self.streams.readers() > 0 || self.listeners.iter().any(Listening::is_readable) {
            return Duration::ZERO;
        }
        let own = [self.server.poll_timeout(), self.stop_by, Some(self.report.due()), self.streams.due()];
        let pauses = self.listeners.iter().map(Listening::due);
        let due = own.into_iter().chain(pauses).chain([self.names_due()]).flatten().min();
        due.map_or(Duration::ZERO, |due| due - self.now)
    }

    pub(super) fn stop(&mut self) {
        if self.stop_by.is_none() {
            info!("stopping: a second signal ends me at once");
            self.stop_by = Some(self.now + self.stop_patience);
            self.listeners.iter_mut().filter_map(Listening::tcp).for_each(TcpListener::close);
            self.server.handle_input(self.now, Input::Stop);
            self.drain();
        }
    }

    fn do_what_is_due(&mut self) {
        if self.server.poll_timeout().is_some_and(|due| due <= self.now) {
            self.streams.nudge(self.now);
            self.drain();
            self.server.handle_timeout(self.now);
            self.drain();
        }
        self.streams.drop_overdue(self.now);
        for listener in self.listeners.iter_mut().filter_map(Listening::tcp) {
            listener.resume(self.now);
        }
        if self.names_due().is_some_and(|due| due <= self.now) {
            self.save_names();
        }
        if self.report.due() <= self.now {
            let losses = self.listeners.iter().flat_map(Listening::losses);
            if let Some(line) = self.report.line(self.now, self.server.stats().drops().chain(losses)) {
                info!("dropped in the last minute: {line}");
            }
        }
    }

    fn names_due(&self) -> Option<Instant> {
        self.state.as_ref().and_then(|state| state.names.due())
    }

    fn save_names(&mut self) {
        if let Some(state) = &mut self.state
            && let Err(error) = state.names.save(self.now, self.server.registry())
        {
            warn!("cannot save to whom the names of Shen's protocol belong: {error}");
        }
    }

    /// Asks the poll for what is of use now.
    fn watch(&mut self) -> io::Result<()> {
        for listener in self.listeners.iter_mut().filter_map(Listening::udp) {
            listener.watch(self.poll.registry())?;
        }
        while let Some(gone) = self.streams.watch_next(self.poll.registry()) {
            self.closed(gone);
        }
        Ok(())
    }
}

/// As long as the tries of the goodbye take on the slowest listener, within reason; as long as the last words of a
/// connection take.
fn stop_patience(config: &Config) -> Duration {
    let longest = config.listeners.iter().map(|listener| {
        if listener.dialect.is_streamed() {
            FLUSH + LINGER
        } else {
            listener.timing.span().min(LONGEST_GOODBYE)
        }
    });
    longest.max().unwrap_or_default() + STOP_MARGIN
}

#[cfg(test)]
#[path = "run_test.rs"]
mod tests;
