//! What comes on the file channel of a private connection: a header, then as many bytes as it says, again and again.
//!
//! In: pieces of the stream, of any size. Out: what begins, its bytes as they come, its end. Must not know where files are
//! kept, nor whether their names are safe: they are those that a stranger chose.
//!
//! Nothing of a file is held here, so its size is but a number: one that no disk could hold costs nothing.

use crate::dialect::matou::{Frames, Message, Way};
use crate::wire::{Deframer, Scratch};

/// The file channel, seen by the one who reads it.
#[derive(Debug)]
pub(super) struct Incoming {
    frames: Deframer<Frames>,
    scratch: Scratch,
    /// How many bytes of the file that has begun are still to come.
    left: Option<u64>,
}

/// Something that has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Arrival<'a> {
    /// A file begins. Its name is not safe.
    Begins { name: String, size: u64 },
    /// Some of its bytes, at least one.
    Bytes(&'a [u8]),
    /// It is complete.
    Ends,
    /// The other end closes the private connection.
    SignOff,
}

impl Incoming {
    pub(super) fn new() -> Self {
        let frames = Deframer::new(Frames { way: Way::Files });
        Self { frames, scratch: Scratch::new(), left: None }
    }

    /// The next thing in `input`; what it takes is cut off the front. `None` when all of that was taken.
    ///
    /// # Errors
    /// What is wrong with a header, in words. The channel cannot be read on then.
    pub(super) fn next<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Arrival<'a>>, String> {
        match self.left {
            Some(0) => {
                self.left = None;
                Ok(Some(Arrival::Ends))
            }
            Some(left) if !input.is_empty() => {
                let count = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                let (bytes, rest) = input.split_at_checked(count).unwrap_or((input, &[]));
                *input = rest;
                self.left = Some(left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(left)));
                Ok(Some(Arrival::Bytes(bytes)))
            }
            Some(_) => Ok(None),
            None => self.header(input),
        }
    }

    /// Whether the other end may close now without anything being cut off.
    pub(super) fn is_between_files(&self) -> bool {
        self.left.is_none() && self.frames.held() == 0
    }

    fn header<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Arrival<'a>>, String> {
        let Some(bytes) = self.frames.next(input).map_err(|bad| bad.to_string())? else { return Ok(None) };
        match Message::decode(&bytes, &mut self.scratch).map_err(|malformed| malformed.to_string())? {
            Message::File { name, size } => {
                self.left = Some(size);
                Ok(Some(Arrival::Begins { name: name.into_owned(), size }))
            }
            // The framing lets nothing else through.
            _ => Ok(Some(Arrival::SignOff)),
        }
    }
}
