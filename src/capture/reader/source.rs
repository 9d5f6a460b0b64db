//! The bytes of a file, so many at a time.
//!
//! In: an `io::Read`. Out: pieces of the length that was asked for, and where they stand. Must not know what they mean.

use std::io::{ErrorKind, Read};

use super::error::Fault;

/// How much is read at once.
const CHUNK: usize = 1 << 18;

/// Reads pieces out of a buffer that grows only with what is really there.
#[derive(Debug)]
pub(super) struct Source<R> {
    inner: R,
    buffer: Vec<u8>,
    /// What was taken last.
    taken: usize,
    /// Where the next piece begins.
    start: usize,
    /// Where what was read ends.
    end: usize,
    position: u64,
}

impl<R: Read> Source<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, buffer: vec![0; CHUNK], taken: 0, start: 0, end: 0, position: 0 }
    }

    /// Where the next piece begins, in bytes from the beginning of the file.
    pub(super) const fn position(&self) -> u64 {
        self.position
    }

    /// Takes the next `wanted` bytes, or what is left; says whether these are all.
    pub(super) fn take(&mut self, wanted: usize) -> Result<bool, Fault> {
        while self.end.saturating_sub(self.start) < wanted {
            if self.fill()? == 0 {
                break;
            }
        }
        let length = wanted.min(self.end.saturating_sub(self.start));
        self.taken = self.start;
        self.start = self.start.saturating_add(length);
        self.position = self.position.saturating_add(length as u64);
        Ok(length == wanted)
    }

    /// What was taken last.
    pub(super) fn taken(&self) -> &[u8] {
        self.buffer.get(self.taken..self.start).unwrap_or_default()
    }

    /// Passes over `wanted` bytes; says whether there were so many.
    pub(super) fn skip(&mut self, mut wanted: u64) -> Result<bool, Fault> {
        while wanted > 0 {
            let piece = usize::try_from(wanted).unwrap_or(CHUNK).min(CHUNK);
            if !self.take(piece)? {
                return Ok(false);
            }
            wanted = wanted.saturating_sub(piece as u64);
        }
        Ok(true)
    }

    fn fill(&mut self) -> Result<usize, Fault> {
        if self.end == self.buffer.len() {
            if self.start == 0 {
                self.buffer.resize(self.buffer.len().saturating_mul(2), 0);
            } else {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end = self.end.saturating_sub(self.start);
                self.start = 0;
            }
        }
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        loop {
            match self.inner.read(room) {
                Ok(count) => {
                    self.end = self.end.saturating_add(count.min(room.len()));
                    return Ok(count);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Fault::io(self.position, &error)),
            }
        }
    }
}
