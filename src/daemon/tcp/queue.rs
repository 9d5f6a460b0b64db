//! Bytes on their way to a connection whose socket may be full for a moment.
//!
//! In: bytes that others may have a share in; a socket, as a function that takes several slices at once. Out: how many
//! bytes it took. Must not know what sort of socket it is, nor when it becomes writable.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::Arc;

/// How many pieces one call hands to the socket: enough that small messages do not cost a call each.
const PIECES: usize = 64;

/// A queue in front of a socket. How much may wait in it is the engine's business.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pieces: VecDeque<Arc<[u8]>>,
    /// How much of the first piece is written.
    offset: usize,
}

impl Queue {
    /// More to write, after all that waits.
    pub(super) fn push(&mut self, bytes: Arc<[u8]>) {
        if !bytes.is_empty() {
            self.pieces.push_back(bytes);
        }
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Forgets what waits: how many bytes that was.
    pub(super) fn forget(&mut self) -> usize {
        let bytes: usize = self.pieces.iter().map(|piece| piece.len()).sum();
        self.pieces.clear();
        bytes.saturating_sub(std::mem::take(&mut self.offset))
    }

    /// Writes what waits until the socket is full or nothing is left: how many bytes it took.
    ///
    /// # Errors
    /// What the socket said when it is good for nothing any more. That it is full is no error: then something still waits.
    pub(super) fn write_to(
        &mut self,
        mut socket: impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let mut total = 0_usize;
        while !self.is_empty() {
            match self.attempt(&mut socket) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(taken) => {
                    total = total.saturating_add(taken);
                    self.advance(taken);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(total)
    }

    fn attempt(&self, socket: &mut impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>) -> io::Result<usize> {
        let mut slices = [IoSlice::new(&[]); PIECES];
        let mut offset = self.offset;
        let mut count = 0;
        for (slice, piece) in slices.iter_mut().zip(&self.pieces) {
            *slice = IoSlice::new(piece.get(offset..).unwrap_or_default());
            offset = 0;
            count += 1;
        }
        socket(slices.get(..count).unwrap_or_default())
    }

    fn advance(&mut self, taken: usize) {
        self.offset = self.offset.saturating_add(taken);
        while let Some(first) = self.pieces.front() {
            if self.offset < first.len() {
                return;
            }
            self.offset -= first.len();
            self.pieces.pop_front();
        }
        self.offset = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(pieces: &[&[u8]]) -> Queue {
        let mut queue = Queue::default();
        pieces.iter().for_each(|piece| queue.push(Arc::from(*piece)));
        queue
    }

    /// A socket with room for so many bytes.
    fn take(heard: &mut Vec<u8>, mut room: usize) -> impl FnMut(&[IoSlice<'_>]) -> io::Result<usize> {
        move |slices| {
            let before = heard.len();
            for byte in slices.iter().flat_map(|slice| slice.iter()).take(room) {
                heard.push(*byte);
            }
            let taken = heard.len() - before;
            room -= taken;
            if taken == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(taken) }
        }
    }

    #[test]
    fn however_little_the_socket_takes_at_a_time_the_bytes_arrive_once_and_in_order() {
        for room in 1..=10 {
            let mut queue = queue(&[b"ab", b"", b"c", b"defg", b"hi"]);
            let mut heard = Vec::new();
            let mut turns = Vec::new();
            while !queue.is_empty() {
                turns.push(queue.write_to(take(&mut heard, room)).expect("full is no error"));
            }
            assert_eq!((heard.as_slice(), turns.iter().sum()), (&b"abcdefghi"[..], 9));
            assert_eq!(turns.len(), 9_usize.div_ceil(room), "each turn takes what there is room for");
        }
    }

    #[test]
    fn many_small_pieces_go_in_few_calls() {
        let mut queue = queue(&[&b"x"[..]; PIECES * 2 + 1]);
        let mut calls = Vec::new();
        let taken = queue.write_to(|slices| {
            calls.push(slices.len());
            Ok(slices.iter().map(|slice| slice.len()).sum())
        });
        assert_eq!((taken.expect("it takes all"), calls), (PIECES * 2 + 1, vec![PIECES, PIECES, 1]));
    }

    #[test]
    fn an_interrupted_write_is_tried_again_and_a_broken_socket_is_an_error() {
        let mut queue = queue(&[b"abc"]);
        let mut calls = 0;
        let broken = queue.write_to(|_| {
            calls += 1;
            match calls {
                1 => Err(io::ErrorKind::Interrupted.into()),
                2 => Ok(1),
                _ => Err(io::ErrorKind::BrokenPipe.into()),
            }
        });
        assert_eq!((calls, broken.map_err(|error| error.kind())), (3, Err(io::ErrorKind::BrokenPipe)));
        let nothing = queue.write_to(|_| Ok(0));
        assert_eq!(nothing.map_err(|error| error.kind()), Err(io::ErrorKind::WriteZero), "it must not spin");
    }
}
