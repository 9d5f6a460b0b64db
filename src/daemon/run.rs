//! The loop: wait, read, do what is due, send.
//!
//! In: readiness of sockets, the time, a signal. Out: datagrams, log lines. Must not know what a datagram means.

use std::io;
use std::net::SocketAddr;

use log::info;
use mio::{Events, Poll, Token};

use super::clock::Clock;
use super::report::{Report, log_event, totals};
use super::seed::seed;
use super::settings::{BindError, Settings};
use super::signals::Signals;
use super::udp::UdpListener;
use crate::engine::{Config, Event, Input, Output, Server};
use crate::ids::ListenerId;
use crate::time::{Duration, Instant};

/// Listeners have the tokens from 0.
const SIGNAL: Token = Token(usize::MAX);
/// More than any UDP datagram, so that none is cut.
const RECEIVE_BUFFER: usize = 65_536;
/// How many datagrams one listener may bring in a turn, so that a busy one holds up neither the others nor the timers.
const BUDGET: usize = 256;
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
    listeners: Vec<UdpListener>,
    signals: Option<Signals>,
    clock: Clock,
    /// As the clock was last read.
    now: Instant,
    server: Server,
    buffer: Vec<u8>,
    report: Report,
    /// How long saying goodbye may take.
    stop_patience: Duration,
    /// Once it is stopping: when it ends at the latest.
    stop_by: Option<Instant>,
    stopped: bool,
}

impl Daemon {
    /// Binds all listeners, or none. Datagrams are kept by the system until [`Daemon::run`].
    ///
    /// # Errors
    /// When an address cannot be listened on, or there is none.
    pub fn bind(settings: &Settings) -> Result<Self, BindError> {
        let Settings { addresses, config } = settings;
        match (addresses.len(), config.listeners.len()) {
            (0, 0) => return Err(BindError::NoListener),
            (addresses, listeners) if addresses != listeners => {
                return Err(BindError::Unmatched { addresses, listeners });
            }
            _ => {}
        }
        let poll = Poll::new().map_err(BindError::Poll)?;
        let mut listeners = Vec::new();
        for (index, &address) in addresses.iter().enumerate() {
            let listener = UdpListener::bind(address, poll.registry(), Token(index))
                .map_err(|source| BindError::Address { address, source })?;
            listeners.push(listener);
        }
        let clock = Clock::start();
        let now = clock.now();
        Ok(Self {
            poll,
            listeners,
            signals: None,
            server: Server::new(config.clone(), seed()),
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
        self.listeners.iter().map(UdpListener::address)
    }

    /// From now on SIGTERM and SIGINT stop the daemon: those who can read it are told, then [`Daemon::run`] returns. A
    /// second signal ends the process at once.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn stop_on_signals(&mut self) -> io::Result<()> {
        self.signals = Some(Signals::catch(self.poll.registry(), SIGNAL)?);
        Ok(())
    }

    /// Serves until it is stopped: after a signal, when everybody who can read it knows, or M × T + 1 s later.
    ///
    /// # Errors
    /// When the system can no longer say which sockets are ready.
    pub fn run(&mut self) -> io::Result<()> {
        for address in self.local_addresses() {
            info!("listening on {address}/udp");
        }
        let mut events = Events::with_capacity(64);
        while !self.is_over() {
            self.turn(&mut events)?;
        }
        info!("stopped: {}", totals(self.server.stats()));
        Ok(())
    }

    /// Waits until there is something to do, and does some of it.
    fn turn(&mut self, events: &mut Events) -> io::Result<()> {
        match self.poll.poll(events, Some(self.patience())) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        self.now = self.clock.now();
        for event in events.iter() {
            self.wake(event.token());
        }
        self.read();
        // Reading a full budget takes time, and what is due is served on every turn.
        self.now = self.clock.now();
        self.do_what_is_due();
        self.listeners.iter_mut().try_for_each(|listener| listener.watch(self.poll.registry()))
    }

    /// Stopped, and nothing waits to be sent; or stopping for too long.
    fn is_over(&self) -> bool {
        let flushed = !self.listeners.iter().any(UdpListener::has_backlog);
        (self.stopped && flushed) || self.stop_by.is_some_and(|by| by <= self.now)
    }

    /// How long the poll may wait.
    fn patience(&self) -> Duration {
        if self.listeners.iter().any(UdpListener::is_readable) {
            return Duration::ZERO;
        }
        let due = [self.server.poll_timeout(), self.stop_by, Some(self.report.due())];
        due.into_iter().flatten().min().map_or(Duration::ZERO, |due| due - self.now)
    }

    fn wake(&mut self, token: Token) {
        if token == SIGNAL {
            if self.signals.as_mut().is_some_and(Signals::came) {
                self.stop();
            }
        } else if let Some(listener) = self.listeners.get_mut(token.0) {
            listener.wake();
            listener.flush(self.now);
        }
    }

    fn stop(&mut self) {
        if self.stop_by.is_none() {
            info!("stopping: a second signal ends me at once");
            self.stop_by = Some(self.now + self.stop_patience);
            self.server.handle_input(self.now, Input::Stop);
            self.drain();
        }
    }

    fn read(&mut self) {
        for index in 0..self.listeners.len() {
            for _ in 0..BUDGET {
                let Some(listener) = self.listeners.get_mut(index).filter(|listener| listener.is_readable())
                else {
                    break;
                };
                let Some((length, from)) = listener.receive(self.now, &mut self.buffer) else { continue };
                let bytes = self.buffer.get(..length).unwrap_or_default();
                let listener = ListenerId(index);
                self.server.handle_input(self.now, Input::Datagram { listener, from, bytes });
                self.drain();
            }
        }
    }

    fn do_what_is_due(&mut self) {
        if self.server.poll_timeout().is_some_and(|due| due <= self.now) {
            self.server.handle_timeout(self.now);
            self.drain();
        }
        if self.report.due() <= self.now {
            let losses = self.listeners.iter().flat_map(UdpListener::losses);
            if let Some(line) = self.report.line(self.now, self.server.stats().drops().chain(losses)) {
                info!("dropped in the last minute: {line}");
            }
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.server.poll_output() {
            match output {
                Output::Datagram(datagram) => {
                    if let Some(listener) = self.listeners.get_mut(datagram.listener.0) {
                        listener.send(self.now, datagram);
                    }
                }
                Output::Bytes { .. } | Output::Reading { .. } | Output::Close { .. } => {}
                Output::Event(event) => {
                    self.stopped |= event == Event::Stopped;
                    log_event(&event);
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "run_test.rs"]
mod tests;

/// As long as the tries of the goodbye take on the slowest listener, within reason.
fn stop_patience(config: &Config) -> Duration {
    let spans = config.listeners.iter().map(|listener| listener.timing.span());
    spans.max().unwrap_or_default().min(LONGEST_GOODBYE) + STOP_MARGIN
}
