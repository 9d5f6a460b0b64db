//! One connection, from its acceptance until its descriptor is given back.
//!
//! In: bytes to write, whether to read, how to close. Out: bytes that came, how many were taken, its end. Must not know
//! what they mean.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::sync::Arc;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use socket2::{SockRef, TcpKeepalive};

use super::queue::Queue;
use crate::time::{Duration, Instant};

/// After how much silence the other end is asked whether it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(60);
/// How often that is asked again; who does not answer nine times is gone, and his name is free.
const ASK_AGAIN: Duration = Duration::from_secs(15);
/// How long one who is let go may take nothing of what waits for him, and how long he may take for all of it.
pub(in crate::daemon) const FLUSH: Duration = Duration::from_secs(5);
const LONGEST_FLUSH: Duration = Duration::from_secs(60);
/// How long, and for how many bytes, he is listened to afterwards: with bytes left unread, closing would be a reset, and
/// a reset destroys our last words on their way.
pub(in crate::daemon) const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 64 << 10;

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The engine knows it.
    Open,
    /// The engine has done with it; something waits to be written until then.
    Flushing { by: Instant, last: Instant },
    /// All is written and said to be all; what still comes is thrown away, so long and so much.
    Lingering { by: Instant, bytes: usize },
}

/// What a step has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::daemon) enum Step {
    /// Nothing the engine should know.
    Nothing,
    /// So many bytes: read into the buffer, or taken by the socket.
    Bytes(usize),
    /// The other end sends nothing more.
    Ended,
    /// It is over: the descriptor may go.
    Gone,
}

/// A connected socket and what waits for it.
#[derive(Debug)]
pub(super) struct Connection {
    socket: TcpStream,
    queue: Queue,
    phase: Phase,
    /// Whether the engine wants to read.
    wanted: bool,
    /// There may be something to read: the poll tells only once.
    readable: bool,
    /// The socket may take something.
    writable: bool,
    /// It is among those who wait to be read.
    queued: bool,
    /// Its end has been read.
    ended: bool,
    /// Nobody hears what is written, but what was said before is here to be read.
    is_deaf: bool,
    /// What the poll was asked for.
    watched: Option<Interest>,
}

impl Connection {
    /// Takes over an accepted socket, for whose reader the system may hold so many bytes: what waits beyond them waits
    /// here, where it is counted (A6). Options that the system refuses are done without.
    pub(super) fn new(socket: TcpStream, send_buffer: usize) -> Self {
        let options = SockRef::from(&socket);
        let _ = options.set_send_buffer_size(send_buffer);
        let _ =
            options.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEP_ALIVE).with_interval(ASK_AGAIN));
        let _ = socket.set_nodelay(true);
        let (queue, phase) = (Queue::default(), Phase::Open);
        Self {
            socket,
            queue,
            phase,
            wanted: true,
            readable: false,
            writable: true,
            queued: false,
            ended: false,
            is_deaf: false,
            watched: None,
        }
    }

    /// Whether the engine knows it.
    pub(super) fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// When it is dropped at the latest, if it is to be closed.
    pub(super) const fn due(&self) -> Option<Instant> {
        match self.phase {
            Phase::Open => None,
            Phase::Flushing { by, .. } | Phase::Lingering { by, .. } => Some(by),
        }
    }

    /// The poll says that something may be read.
    pub(super) const fn wake_reader(&mut self) {
        self.readable = true;
    }

    /// The poll says that something may be written.
    pub(super) const fn wake_writer(&mut self) {
        self.writable = true;
    }

    /// Whether a read would be of use.
    pub(super) fn is_readable(&self) -> bool {
        self.readable && !self.ended && self.listens()
    }

    /// Whether it is to wait for its turn to be read: not if it does already.
    pub(super) fn takes_a_turn(&mut self) -> bool {
        self.is_readable() && !std::mem::replace(&mut self.queued, true)
    }

    /// Its turn has come.
    pub(super) const fn has_its_turn(&mut self) {
        self.queued = false;
    }

    /// Whether the engine wants to read it.
    pub(super) const fn want(&mut self, wanted: bool) {
        // What came meanwhile may have been told by the poll when nobody listened.
        self.readable |= wanted && !self.wanted;
        self.wanted = wanted;
    }

    /// More to write.
    pub(super) fn push(&mut self, bytes: Arc<[u8]>) {
        self.queue.push(bytes);
    }

    /// Reads into `buffer`. What comes after the engine has done with it is thrown away.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Step {
        loop {
            let read = (&self.socket).read(buffer);
            match (read, &mut self.phase) {
                (Err(error), _) if error.kind() == io::ErrorKind::Interrupted => {}
                (Err(error), _) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.readable = false;
                    return Step::Nothing;
                }
                (Err(_), _) | (Ok(0), Phase::Lingering { .. }) => return Step::Gone,
                (Ok(0), _) => {
                    self.ended = true;
                    return Step::Ended;
                }
                (Ok(count), Phase::Lingering { bytes, .. }) => {
                    *bytes = bytes.saturating_sub(count);
                    return if *bytes == 0 { Step::Gone } else { Step::Nothing };
                }
                (Ok(count), _) => return Step::Bytes(count),
            }
        }
    }

    /// Writes what the socket takes now.
    pub(super) fn flush(&mut self, now: Instant) -> Step {
        let mut step = Step::Nothing;
        if self.writable && !self.queue.is_empty() {
            match self.queue.write_to(|slices| (&self.socket).write_vectored(slices)) {
                Ok(0) => {}
                Ok(taken) => {
                    step = Step::Bytes(taken);
                    if let Phase::Flushing { by, last } = &mut self.phase {
                        *by = (now + FLUSH).min(*last);
                    }
                }
                Err(error) if self.is_open() && !self.ended && is_reset(&error) => self.is_deaf = true,
                Err(_) => return Step::Gone,
            }
            if self.is_deaf {
                // It counts as taken: his last words may wait behind it, and his end comes after them.
                step = Step::Bytes(self.queue.forget());
                self.readable = true;
            }
            self.writable = self.queue.is_empty();
        }
        if matches!(self.phase, Phase::Flushing { .. }) && self.queue.is_empty() {
            if self.socket.shutdown(Shutdown::Write).is_err() || self.ended {
                return Step::Gone;
            }
            self.phase = Phase::Lingering { by: now + LINGER, bytes: LINGER_BYTES };
            self.readable = true;
        }
        if self.is_open() { step } else { Step::Nothing }
    }

    /// The engine has done with it; what waits is still written.
    pub(super) fn leave(&mut self, now: Instant) {
        self.phase = Phase::Flushing { by: now + FLUSH, last: now + LONGEST_FLUSH };
    }

    /// Whether something waits to be written.
    pub(super) fn has_more(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Something waits: the socket may take some of it, though the poll says nothing until it takes much.
    pub(super) fn nudge(&mut self) -> bool {
        self.writable |= !self.queue.is_empty();
        !self.queue.is_empty()
    }

    /// Gives the descriptor back at once; the other end is told by a reset that not all has arrived.
    pub(super) fn abort(self) {
        let _ = SockRef::from(&self.socket).set_linger(Some(Duration::ZERO));
    }

    /// What went wrong while nobody read or wrote.
    pub(super) fn is_broken(&self) -> bool {
        !matches!(self.socket.take_error(), Ok(None))
    }

    /// Asks the poll for what is of use now.
    pub(super) fn watch(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        let reading = (self.listens() && !self.ended).then_some(Interest::READABLE);
        let writing = (!self.queue.is_empty()).then_some(Interest::WRITABLE);
        let wanted = match (reading, writing) {
            (Some(reading), Some(writing)) => Some(reading | writing),
            (one, other) => one.or(other),
        };
        match (self.watched, wanted) {
            (before, after) if before == after => {}
            (None, Some(interest)) => registry.register(&mut self.socket, token, interest)?,
            (_, Some(interest)) => registry.reregister(&mut self.socket, token, interest)?,
            (_, None) => registry.deregister(&mut self.socket)?,
        }
        self.watched = wanted;
        Ok(())
    }

    /// Whether what comes is read, be it to be thrown away.
    const fn listens(&self) -> bool {
        match self.phase {
            Phase::Open => self.wanted,
            Phase::Flushing { .. } => false,
            Phase::Lingering { .. } => true,
        }
    }
}

/// Whether the other end is gone, and not just out of reach for a moment.
fn is_reset(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset)
}
