//! One connection over a link: the client's and the one to the target.
//!
//! In: two sockets, the ways between them, the time. Out: bytes, ends and resets passed on. Must not know other
//! connections, nor what is in the bytes.

use std::io::{self, Read, Write};
use std::net::Shutdown;

use mio::event::Event;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use socket2::SockRef;

use super::course::Course;
use super::pipe::{Arrived, Piece, Pipe};
use crate::daemon::clock::Clock;
use crate::time::{Duration, Instant};

/// How often one socket is read in one turn.
const BUDGET: usize = 16;

/// One of its two ends.
#[derive(Debug)]
pub(super) struct Side {
    socket: TcpStream,
    /// There may be something to read: the poll tells only once.
    is_readable: bool,
    /// It may take something.
    is_writable: bool,
    /// Writing has failed: an end that is read now is none.
    is_broken: bool,
}

/// Both ends, and what is under way between them.
#[derive(Debug)]
pub(super) struct Connection {
    client: Side,
    target: Side,
    there: Half,
    back: Half,
    /// When it is cut.
    pub(super) cut_at: Option<Instant>,
}

/// One way of it.
#[derive(Debug, Default)]
struct Half {
    pipe: Pipe,
    /// The end of what there is to read, or a reset, has been read.
    is_read: bool,
    /// The end has been passed on.
    is_ended: bool,
}

/// How far a connection is after its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// There may be more.
    Open,
    /// Both ends have said all and heard all.
    Over,
    /// One end has broken it, and the other one is to know.
    Broken,
}

/// What came of writing.
enum Wrote {
    /// What could be written.
    Enough,
    /// Nothing: the end is gone.
    Failed,
    /// A reset is to be passed on.
    Reset,
}

impl Connection {
    /// `target` may not be connected yet.
    pub(super) fn new(client: TcpStream, target: TcpStream, cut_at: Option<Instant>) -> Self {
        let (there, back) = (Half::default(), Half::default());
        Self { client: Side::new(client, true), target: Side::new(target, false), there, back, cut_at }
    }

    /// Has `registry` watch both ends, the client's by the first token.
    pub(super) fn watch(&mut self, registry: &Registry, [client, target]: [Token; 2]) -> io::Result<()> {
        let both = Interest::READABLE | Interest::WRITABLE;
        registry.register(&mut self.client.socket, client, both)?;
        registry.register(&mut self.target.socket, target, both)
    }

    /// The poll says that there is something to do for the client's end, or for the target's.
    pub(super) fn wake(&mut self, is_client: bool, event: &Event) {
        let side = if is_client { &mut self.client } else { &mut self.target };
        side.is_readable |= event.is_readable() || event.is_read_closed() || event.is_error();
        side.is_writable |= event.is_writable() || event.is_write_closed() || event.is_error();
    }

    /// Reads what there is room for, and writes what has arrived.
    pub(super) fn turn(&mut self, clock: &Clock, courses: &mut [Course; 2], buffer: &mut [u8]) -> Fate {
        let [there, back] = courses;
        self.there.read(&mut self.client, clock, there, buffer);
        self.back.read(&mut self.target, clock, back, buffer);
        let now = clock.now();
        match self.there.write(&mut self.target, now, there) {
            Wrote::Enough => {}
            Wrote::Failed => self.back.reset_after_end(now, back),
            Wrote::Reset => return Fate::Broken,
        }
        match self.back.write(&mut self.client, now, back) {
            Wrote::Enough => {}
            Wrote::Failed => self.there.reset_after_end(now, there),
            Wrote::Reset => return Fate::Broken,
        }
        if self.there.is_ended && self.back.is_ended { Fate::Over } else { Fate::Open }
    }

    /// Whether it is to be read again at once.
    pub(super) fn is_busy(&self) -> bool {
        self.there.wants(&self.client) || self.back.wants(&self.target)
    }

    /// When it has something to do though the poll says nothing.
    pub(super) fn due(&self, [there, back]: &[Course; 2]) -> Option<Instant> {
        let there = self.there.due(&self.target).map(|due| there.working.real(due));
        let back = self.back.due(&self.client).map(|due| back.working.real(due));
        [there, back, self.cut_at].into_iter().flatten().min()
    }

    /// How many bytes are under way to the target, and back.
    pub(super) fn under_way(&self) -> [u64; 2] {
        [&self.there, &self.back].map(|half| as_count(half.pipe.waiting()))
    }

    /// Gives both descriptors back at once; the ends are told by a reset.
    pub(super) fn abort(self) {
        for side in [self.client, self.target] {
            let _ = SockRef::from(&side.socket).set_linger(Some(Duration::ZERO));
        }
    }
}

impl Side {
    fn new(socket: TcpStream, is_writable: bool) -> Self {
        // Delay is the business of the link.
        let _ = socket.set_nodelay(true);
        Self { socket, is_readable: false, is_writable, is_broken: false }
    }
}

impl Half {
    fn wants(&self, from: &Side) -> bool {
        from.is_readable && !self.is_read && self.pipe.has_room()
    }

    fn due(&self, to: &Side) -> Option<Instant> {
        let is_reset = self.pipe.is_reset_next();
        self.pipe.due().filter(|_| to.is_writable || is_reset)
    }

    /// The time is read for each piece, after it has come: none is held up for less than it ought to be.
    fn read(&mut self, from: &mut Side, clock: &Clock, course: &mut Course, buffer: &mut [u8]) {
        for _ in 0..BUDGET {
            if !self.wants(from) {
                return;
            }
            let read = from.socket.read(buffer);
            let now = clock.now();
            match read {
                Ok(0) if !from.is_broken => self.end(now, course, Piece::End),
                Ok(count @ 1..) => {
                    course.traffic.sent = course.traffic.sent.wrapping_add(as_count(count));
                    for piece in buffer.get(..count).unwrap_or_default().chunks(course.piece()) {
                        self.push(now, course, Piece::Bytes(piece.into()));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => from.is_readable = false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(_) | Err(_) => self.end(now, course, Piece::Reset),
            }
        }
    }

    fn end(&mut self, now: Instant, course: &mut Course, piece: Piece) {
        self.is_read = true;
        self.push(now, course, piece);
    }

    fn push(&mut self, now: Instant, course: &mut Course, piece: Piece) {
        let length = if let Piece::Bytes(bytes) = &piece { bytes.len() } else { 0 };
        let working = course.working.read(now);
        let lost = self.pipe.push(course.arrival(working, length), piece);
        course.traffic.lost = course.traffic.lost.wrapping_add(as_count(lost));
    }

    fn write(&mut self, to: &mut Side, now: Instant, course: &mut Course) -> Wrote {
        let working = course.working.read(now);
        while let Some(arrived) = self.pipe.front(working) {
            match arrived {
                Arrived::Reset => return Wrote::Reset,
                _ if !to.is_writable => break,
                Arrived::End => {
                    // Who is gone already need not be told.
                    let _ = to.socket.shutdown(Shutdown::Write);
                    self.is_ended = true;
                    self.pipe.wrote(0);
                }
                Arrived::Bytes(bytes) => match to.socket.write(bytes) {
                    Ok(count) => {
                        course.traffic.delivered = course.traffic.delivered.wrapping_add(as_count(count));
                        self.pipe.wrote(count);
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => to.is_writable = false,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(_) => {
                        course.traffic.lost = course.traffic.lost.wrapping_add(as_count(self.pipe.close()));
                        // What it said before may still be there to be read, and a reset behind it.
                        (to.is_broken, to.is_readable) = (true, true);
                        return Wrote::Failed;
                    }
                },
            }
        }
        Wrote::Enough
    }

    /// Its end could not be written to. If all it had to say was read before, only this tells of it.
    fn reset_after_end(&mut self, now: Instant, course: &mut Course) {
        if self.is_read {
            self.push(now, course, Piece::Reset);
        }
    }
}

/// A length as counters have it.
pub(super) fn as_count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
