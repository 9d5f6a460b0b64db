//! The stream client with sockets, files and a clock.
//!
//! In: what the user wants. Out: what happens. Must not know terminals.
//!
//! A file is read and written a piece at a time between other things, and each connection gets its turn: a message never
//! waits for a file on another connection.

mod files;
mod sockets;

use std::collections::VecDeque;
use std::io;

use mio::Poll;

use super::{Ask, Channel, Config, Event, Input, Output, StreamClient};
use crate::client::Ticket;
use crate::client::driver::Waker;
use crate::daemon::clock::Clock;
use crate::daemon::seed::seed;
use crate::time::{Duration, Instant};
use files::{Done, Files, Job};
use sockets::{Happened, Sockets, WAKER};

/// Bytes that wait for the disk before those who send more are not read.
const BACKLOG: usize = 1 << 20;

/// A client, its connections, its files and its clock.
///
/// Nothing happens between two calls of [`StreamDriver::poll`]: call it again and again. Once [`Event::Disconnected`],
/// [`Event::NotRegistered`] or [`Event::Lost`] has come, only what was pending is left to come.
#[derive(Debug)]
pub struct StreamDriver {
    client: StreamClient,
    clock: Clock,
    poll: Poll,
    ready: mio::Events,
    sockets: Sockets,
    files: Files,
    waker: Waker,
    woken: bool,
    events: VecDeque<Event>,
    last_ticket: u64,
}

impl StreamDriver {
    /// Begins to connect. Whether that succeeds is told by [`Event::Registered`] or [`Event::NotRegistered`].
    ///
    /// # Errors
    /// When the system gives nothing to wait with.
    pub fn connect(config: Config) -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), WAKER)?;
        let clock = Clock::start();
        let files = Files::new(config.downloads.clone());
        let mut driver = Self {
            client: StreamClient::new(config, seed(), clock.now()),
            clock,
            poll,
            ready: mio::Events::with_capacity(64),
            sockets: Sockets::default(),
            files,
            waker,
            woken: false,
            events: VecDeque::new(),
            last_ticket: 0,
        };
        driver.drain();
        Ok(driver)
    }

    /// Asks for something; the events about it quote the ticket.
    pub fn ask(&mut self, ask: Ask) -> Ticket {
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        self.input(Input::Ask(ticket, ask));
        ticket
    }

    /// The next event. `None` when none came for `timeout` (`None` waits for ever), when a [`Waker`] was used, or when a
    /// signal came.
    ///
    /// # Errors
    /// When the system can no longer say which connection is ready.
    pub fn poll(&mut self, timeout: Option<Duration>) -> io::Result<Option<Event>> {
        let deadline = timeout.map(|timeout| self.clock.now() + timeout);
        loop {
            // What was read is told before more is read: a server that talks fast fills no memory.
            if self.events.is_empty() {
                self.wait(deadline)?;
                self.turn();
            }
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
    pub const fn client(&self) -> &StreamClient {
        &self.client
    }

    fn is_full(&self) -> bool {
        self.files.backlog() > BACKLOG
    }

    /// Waits for bytes, a wake-up, a deadline.
    fn wait(&mut self, deadline: Option<Instant>) -> io::Result<()> {
        let busy = self.woken || self.files.is_busy() || self.sockets.is_busy(self.is_full());
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
                _ => self.sockets.is_ready(event),
            }
        }
        Ok(())
    }

    /// A piece of each connection, and a piece of a file.
    fn turn(&mut self) {
        for channel in self.sockets.channels() {
            let is_full = self.is_full() && channel != Channel::SERVER;
            for happened in self.sockets.turn(self.poll.registry(), channel, is_full) {
                self.happened(channel, happened);
            }
        }
        match self.files.step() {
            None => {}
            Some(Done::Opened(file, name, size)) => self.input(Input::FileOpened { file, name, size }),
            Some(Done::Piece(file, bytes)) => self.input(Input::Piece { file, bytes: &bytes }),
            Some(Done::Kept(file, path)) => self.input(Input::Kept { file, path }),
            Some(Done::Failed(file, why)) => self.input(Input::FileFailed { file, why }),
        }
    }

    fn happened(&mut self, channel: Channel, happened: Happened) {
        match happened {
            Happened::Opened => self.input(Input::Opened(channel)),
            Happened::Bytes(bytes) => self.input(Input::Bytes { channel, bytes: &bytes }),
            Happened::Written => self.input(Input::Written(channel)),
            Happened::Closed => self.input(Input::Closed(channel)),
            Happened::Failed(why) => self.input(Input::Failed { channel, why }),
            Happened::Accepted(accepted, from) => {
                self.input(Input::Accepted { listener: channel, channel: accepted, from });
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

    fn input(&mut self, input: Input<'_>) {
        self.client.handle_input(self.clock.now(), input);
        self.drain();
    }

    /// Does what the client wants done. What fails at once is told to it after that.
    fn drain(&mut self) {
        while let Some(output) = self.client.poll_output() {
            let registry = self.poll.registry();
            let failed = match output {
                Output::Event(event) => {
                    self.events.push_back(event);
                    None
                }
                Output::Connect { channel, to } => {
                    let begun = self.sockets.connect(registry, channel, to);
                    begun.err().map(|error| (channel, error.to_string()))
                }
                Output::Listen { channel } => match self.sockets.listen(registry, channel) {
                    Ok(port) => {
                        self.client.handle_input(self.clock.now(), Input::Listening { channel, port });
                        None
                    }
                    Err(error) => Some((channel, error.to_string())),
                },
                Output::Bytes { channel, bytes } if !self.sockets.send(channel, &bytes) => {
                    self.sockets.close(channel);
                    Some((channel, "the other side does not read".into()))
                }
                Output::Close(channel) => {
                    self.sockets.close(channel);
                    None
                }
                output => {
                    self.file(output);
                    None
                }
            };
            if let Some((channel, why)) = failed {
                self.client.handle_input(self.clock.now(), Input::Failed { channel, why });
            }
        }
    }

    fn file(&mut self, output: Output) {
        self.files.add(match output {
            Output::Open { file, path } => Job::Open(file, path),
            Output::Read(file) => Job::Read(file),
            Output::Save { file, name } => Job::Save(file, name),
            Output::Write { file, bytes } => Job::Write(file, bytes, 0),
            Output::Keep(file) => Job::Keep(file),
            Output::Forget(file) => Job::Forget(file),
            // All others are done where they come out.
            _ => return,
        });
    }
}
