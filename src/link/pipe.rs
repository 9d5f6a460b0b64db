//! What is under way on one way of one connection.
//!
//! In: bytes, the end of them or a reset, each with the time it arrives. Out: the same in the same order, not before that
//! time. Must not know sockets, nor how the time is found.

use std::collections::VecDeque;

use crate::time::Instant;

/// With so many bytes under way nothing more is read.
const MOST_BYTES: usize = 256 << 10;
/// The same for pieces: they may be short.
const MOST_PIECES: usize = 4_096;

/// One thing under way.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Something to write.
    Bytes(Vec<u8>),
    /// Nothing more will come.
    End,
    /// The connection is broken.
    Reset,
}

/// The pieces in their order.
#[derive(Debug, Default)]
pub(super) struct Pipe {
    pieces: VecDeque<(Instant, Piece)>,
    /// How much of the first one is written already.
    written: usize,
    waiting: usize,
    /// When the last one arrives: none overtakes another.
    last: Instant,
    /// Nobody takes what comes.
    is_closed: bool,
}

impl Pipe {
    /// Whether more may be read.
    pub(super) fn has_room(&self) -> bool {
        self.waiting < MOST_BYTES && self.pieces.len() < MOST_PIECES
    }

    /// How many bytes are under way.
    pub(super) const fn waiting(&self) -> usize {
        self.waiting
    }

    /// Sends a piece on its way. How many bytes of it are lost.
    pub(super) fn push(&mut self, arrives: Instant, piece: Piece) -> usize {
        let length = if let Piece::Bytes(bytes) = &piece { bytes.len() } else { 0 };
        if self.is_closed && piece != Piece::Reset {
            return length;
        }
        self.last = self.last.max(arrives);
        self.waiting = self.waiting.saturating_add(length);
        self.pieces.push_back((self.last, piece));
        0
    }

    /// When the first piece arrives.
    pub(super) fn due(&self) -> Option<Instant> {
        self.pieces.front().map(|(at, _)| *at)
    }

    /// Whether the first piece is a reset.
    pub(super) fn is_reset_next(&self) -> bool {
        matches!(self.pieces.front(), Some((_, Piece::Reset)))
    }

    /// What has arrived by `now` and is not written yet.
    pub(super) fn front(&self, now: Instant) -> Option<Arrived<'_>> {
        let (_, piece) = self.pieces.front().filter(|(at, _)| *at <= now)?;
        Some(match piece {
            Piece::Bytes(bytes) => Arrived::Bytes(bytes.get(self.written..).unwrap_or_default()),
            Piece::End => Arrived::End,
            Piece::Reset => Arrived::Reset,
        })
    }

    /// So many bytes of what [`Self::front`] gave are written; an end is written with 0.
    pub(super) fn wrote(&mut self, count: usize) {
        self.waiting = self.waiting.saturating_sub(count);
        self.written = self.written.saturating_add(count);
        let is_done = match self.pieces.front() {
            Some((_, Piece::Bytes(bytes))) => bytes.len() <= self.written,
            _ => true,
        };
        if is_done {
            self.pieces.pop_front();
            self.written = 0;
        }
    }

    /// Nobody takes anything any more, but for a reset. How many bytes that were under way are lost.
    pub(super) fn close(&mut self) -> usize {
        self.is_closed = true;
        self.written = 0;
        self.pieces.retain(|(_, piece)| *piece == Piece::Reset);
        std::mem::take(&mut self.waiting)
    }
}

/// What is to be passed on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Arrived<'a> {
    /// So much is not written yet.
    Bytes(&'a [u8]),
    /// As [`Piece::End`].
    End,
    /// As [`Piece::Reset`].
    Reset,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    #[test]
    fn nothing_arrives_before_its_time_or_before_what_was_sent_earlier() {
        let mut pipe = Pipe::default();
        pipe.push(at(20), Piece::Bytes(b"slow".into()));
        pipe.push(at(10), Piece::Bytes(b"fast".into()));
        pipe.push(at(5), Piece::End);
        assert_eq!((pipe.waiting(), pipe.due(), pipe.front(at(19))), (8, Some(at(20)), None));
        assert_eq!(pipe.front(at(20)), Some(Arrived::Bytes(b"slow")));
        pipe.wrote(1);
        assert_eq!(pipe.front(at(20)), Some(Arrived::Bytes(b"low")));
        pipe.wrote(3);
        assert_eq!((pipe.front(at(20)), pipe.waiting()), (Some(Arrived::Bytes(b"fast")), 4));
        pipe.wrote(4);
        assert_eq!(pipe.front(at(20)), Some(Arrived::End));
        pipe.wrote(0);
        assert_eq!((pipe.front(at(20)), pipe.due(), pipe.waiting()), (None, None, 0));
    }

    #[test]
    fn with_enough_bytes_or_pieces_under_way_there_is_no_room() {
        let mut pipe = Pipe::default();
        pipe.push(at(0), Piece::Bytes(vec![0; MOST_BYTES - 1]));
        assert!(pipe.has_room());
        pipe.push(at(0), Piece::Bytes(vec![0]));
        assert!(!pipe.has_room());
        pipe.wrote(1);
        assert!(pipe.has_room(), "one byte of the first piece is gone");

        let mut pipe = Pipe::default();
        for _ in 0..MOST_PIECES {
            assert!(pipe.has_room());
            pipe.push(at(0), Piece::Bytes(vec![0]));
        }
        assert!(!pipe.has_room());
    }

    #[test]
    fn a_closed_pipe_loses_all_but_a_reset() {
        let mut pipe = Pipe::default();
        pipe.push(at(0), Piece::Bytes(b"three".into()));
        pipe.wrote(2);
        assert_eq!(pipe.close(), 3);
        assert_eq!(pipe.push(at(0), Piece::Bytes(b"more".into())), 4);
        pipe.push(at(0), Piece::End);
        pipe.push(at(0), Piece::Reset);
        assert_eq!((pipe.front(at(0)), pipe.waiting()), (Some(Arrived::Reset), 0));
    }
}
