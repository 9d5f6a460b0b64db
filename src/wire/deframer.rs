//! The messages in a stream of bytes, however the network has cut it.
//!
//! In: pieces of a stream, of any size; a [`Framing`], which knows where a message ends. Out: whole messages, one at a
//! time. Must not know any protocol, nor where the bytes come from.
//!
//! It takes from a piece only what belongs to the message at hand, so it never holds more than one, and one that is in a
//! single piece is never copied.

use std::borrow::Cow;

/// Where the message at hand ends, as far as it can be told.
pub trait Framing {
    /// Why a stream cannot be read on.
    type Error;

    /// What to do with `fresh`, the bytes that follow those that are `held` of the same message; `fresh` is never empty.
    ///
    /// # Errors
    /// When the message is longer than it may be, as soon as that is known, or is none.
    fn step(&mut self, held: &[u8], fresh: &[u8]) -> Result<Step, Self::Error>;
}

/// What to take of the fresh bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Take so many, at least one, and go on: the message has more.
    Part(usize),
    /// Take so many: they end the message.
    Last(usize),
}

/// Puts messages together.
#[derive(Clone, Debug, Default)]
pub struct Deframer<F> {
    framing: F,
    held: Vec<u8>,
    /// The message handed out last is still in `held`.
    is_spent: bool,
}

impl<F: Framing> Deframer<F> {
    /// At the start of a stream.
    #[must_use]
    pub const fn new(framing: F) -> Self {
        Self { framing, held: Vec::new(), is_spent: false }
    }

    /// The next whole message, with what marks its end. What it takes is cut off the front of `input`; `None` when all of
    /// that was taken and the message has more.
    ///
    /// # Errors
    /// What the framing says. The stream cannot be read on then.
    pub fn next<'held, 'piece: 'held>(
        &'held mut self,
        input: &mut &'piece [u8],
    ) -> Result<Option<Cow<'held, [u8]>>, F::Error> {
        self.forget_spent();
        while !input.is_empty() {
            let step = self.framing.step(&self.held, input)?;
            let (Step::Part(count) | Step::Last(count)) = step;
            let (taken, rest) = input.split_at_checked(count).unwrap_or((input, &[]));
            *input = rest;
            match step {
                Step::Last(_) if self.held.is_empty() => return Ok(Some(Cow::Borrowed(taken))),
                Step::Last(_) => {
                    self.held.extend_from_slice(taken);
                    self.is_spent = true;
                    return Ok(Some(Cow::Borrowed(&self.held)));
                }
                Step::Part(_) => self.held.extend_from_slice(taken),
            }
        }
        Ok(None)
    }

    /// How many bytes of an unfinished message are held.
    #[must_use]
    pub fn held(&self) -> usize {
        if self.is_spent { 0 } else { self.held.len() }
    }

    /// The framing, to look at.
    pub const fn framing(&self) -> &F {
        &self.framing
    }

    fn forget_spent(&mut self) {
        if std::mem::take(&mut self.is_spent) {
            self.held.clear();
            // A large message must not keep its memory for ever.
            self.held.shrink_to(4_096);
        }
    }
}

/// Messages that end with a byte which is nowhere else in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminated {
    /// That byte.
    pub end: u8,
    /// The most bytes before it.
    pub longest: usize,
}

/// A message that is longer than it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// How long it may be, in bytes.
    pub longest: usize,
    /// How long it says it is, where it does.
    pub announced: Option<u64>,
}

impl core::fmt::Display for TooLong {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.announced {
            Some(announced) => write!(f, "a message of {announced} bytes; the longest has {}", self.longest),
            None => write!(f, "a message of more than {} bytes", self.longest),
        }
    }
}

impl core::error::Error for TooLong {}

impl Framing for Terminated {
    type Error = TooLong;

    fn step(&mut self, held: &[u8], fresh: &[u8]) -> Result<Step, TooLong> {
        let end = fresh.iter().position(|byte| *byte == self.end);
        if held.len().saturating_add(end.unwrap_or(fresh.len())) > self.longest {
            return Err(TooLong { longest: self.longest, announced: None });
        }
        Ok(end.map_or(Step::Part(fresh.len()), |end| Step::Last(end.saturating_add(1))))
    }
}

/// Messages behind their length: 4 bytes, the most significant first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefixed {
    /// The most bytes after the length.
    pub longest: usize,
}

impl Prefixed {
    /// The bytes of the length itself.
    pub const PREFIX: usize = 4;
}

impl Framing for Prefixed {
    type Error = TooLong;

    fn step(&mut self, held: &[u8], fresh: &[u8]) -> Result<Step, TooLong> {
        let mut prefix = held.iter().chain(fresh).copied();
        let prefix: [Option<u8>; Self::PREFIX] = core::array::from_fn(|_| prefix.next());
        let [Some(a), Some(b), Some(c), Some(d)] = prefix else { return Ok(Step::Part(fresh.len())) };
        let announced = u32::from_be_bytes([a, b, c, d]);
        let size = usize::try_from(announced).unwrap_or(usize::MAX);
        if size > self.longest {
            return Err(TooLong { longest: self.longest, announced: Some(announced.into()) });
        }
        let missing = size.saturating_add(Self::PREFIX).saturating_sub(held.len());
        Ok(if missing <= fresh.len() { Step::Last(missing) } else { Step::Part(fresh.len()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all<F: Framing>(framing: F, pieces: &[&[u8]]) -> Result<Vec<Vec<u8>>, F::Error> {
        let (mut deframer, mut found) = (Deframer::new(framing), Vec::new());
        for piece in pieces {
            let mut rest = *piece;
            while let Some(message) = deframer.next(&mut rest)? {
                found.push(message.into_owned());
            }
        }
        Ok(found)
    }

    #[test]
    fn messages_come_out_whole_however_the_stream_is_cut() {
        let stream = b"\0\0\0\x02hi\0\0\0\0\0\0\0\x03you";
        let whole = all(Prefixed { longest: 3 }, &[stream]).unwrap();
        assert_eq!(whole, [&b"\0\0\0\x02hi"[..], b"\0\0\0\0", b"\0\0\0\x03you"]);
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(all(Prefixed { longest: 3 }, &bytes).unwrap(), whole);
        let lines = all(Terminated { end: b'\n', longest: 4 }, &[b"ab\n\nab", b"cd\nx"]).unwrap();
        assert_eq!(lines, [&b"ab\n"[..], b"\n", b"abcd\n"]);
    }

    #[test]
    fn a_length_is_judged_as_soon_as_it_is_there_and_no_more_than_the_longest_is_held() {
        let too_long = TooLong { longest: 3, announced: Some(4) };
        assert_eq!(all(Prefixed { longest: 3 }, &[b"\0\0\0\x04"]), Err(too_long));
        let endless = TooLong { longest: 3, announced: None };
        assert_eq!(all(Terminated { end: 3, longest: 3 }, &[b"ab", b"cd"]), Err(endless));
        assert_eq!(all(Terminated { end: 3, longest: 3 }, &[b"ab", b"c"]), Ok(Vec::new()));
    }

    #[test]
    fn a_message_handed_out_is_not_held_any_more() {
        let mut deframer = Deframer::new(Terminated { end: 3, longest: 9 });
        assert_eq!(deframer.next(&mut &b"ab"[..]), Ok(None));
        assert_eq!(deframer.held(), 2);
        assert_eq!(deframer.next(&mut &b"c\x03"[..]).unwrap().as_deref(), Some(&b"abc\x03"[..]));
        assert_eq!(deframer.held(), 0);
    }
}
