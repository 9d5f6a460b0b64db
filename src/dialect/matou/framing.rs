//! Where a message ends, judged as early as that can be done (A6).
//!
//! In: the bytes of a message so far; the [`Way`] they travel. Out: how many of them to take, or [`BadFrame`]: which message
//! it was and why it is none. Must not know whether somebody is signed in, nor what is answered.

use core::fmt;

use super::fields::Part;
use super::{Kind, LONGEST_NAME, LONGEST_TEXT};
use crate::wire::{Framing, Step};

/// The most bytes of a message: a MSGBC of the longest name and the longest text.
pub const LONGEST_MESSAGE: usize = 4 + 4 + LONGEST_NAME + 4 + LONGEST_TEXT;

/// Which way messages travel, and so which of them may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// From a client to the server.
    ToServer,
    /// From the server to a client.
    ToClient,
    /// Between two clients, on the channel for messages.
    Messages,
    /// Between two clients, on the channel for files. The bytes of a file are not messages: whoever reads them takes them
    /// off the stream after each PVFILE, as many as it says.
    Files,
    /// Unknown: for those who look on.
    #[default]
    Any,
}

impl Way {
    /// Whether messages of a type may travel this way.
    #[must_use]
    pub const fn carries(self, kind: Kind) -> bool {
        match kind {
            Kind::Connect | Kind::Say | Kind::Ask | Kind::Accept | Kind::Offer | Kind::SignOut => {
                matches!(self, Self::ToServer | Self::Any)
            }
            Kind::Error
            | Kind::Connected
            | Kind::Arrived
            | Kind::Said
            | Kind::Left
            | Kind::Asked
            | Kind::Expect
            | Kind::Meet => matches!(self, Self::ToClient | Self::Any),
            Kind::Private => matches!(self, Self::Messages | Self::Any),
            Kind::File => matches!(self, Self::Files | Self::Any),
            // The public text does not say on which of the two channels it is sent.
            Kind::PrivateSignOut => matches!(self, Self::Messages | Self::Files | Self::Any),
        }
    }
}

/// The messages of a stream that travels one way.
///
/// ```
/// use palabre::dialect::matou::{Frames, Message, Way};
/// use palabre::wire::{Deframer, Scratch};
///
/// let mut stream = Vec::new();
/// Message::Connect { name: "Minou".into() }.encode(&mut stream)?;
/// Message::SignOut.encode(&mut stream)?;
///
/// let mut deframer = Deframer::new(Frames { way: Way::ToServer });
/// let mut rest = &stream[..];
/// while let Some(message) = deframer.next(&mut rest)? {
///     println!("{:?}", Message::decode(&message, &mut Scratch::new())?);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frames {
    /// Which way that is.
    pub way: Way,
}

/// Why a stream cannot be read on, and what its last message was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadFrame {
    /// The type of the message, if it has one: what is answered depends on it.
    pub kind: Option<Kind>,
    /// What is wrong.
    pub why: Why,
}

/// What is wrong with a message that has not even come as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// There is no type of this number.
    UnknownType(i32),
    /// Messages of this type do not travel this way.
    Misplaced,
    /// A size is below zero.
    Negative(i64),
    /// A size is above what it may be.
    Excessive {
        /// What the message says.
        size: i32,
        /// What it may say, in bytes.
        most: usize,
    },
    /// No address has so many bytes.
    AddressSize(i32),
}

impl Framing for Frames {
    type Error = BadFrame;

    fn step(&mut self, held: &[u8], fresh: &[u8]) -> Result<Step, BadFrame> {
        let seen = Seen { held, fresh };
        let Some(number) = seen.bytes(0).map(i32::from_be_bytes) else { return Ok(Step::Part(fresh.len())) };
        let kind = Kind::of(number).ok_or(BadFrame { kind: None, why: Why::UnknownType(number) })?;
        let bad = |why| BadFrame { kind: Some(kind), why };
        if !self.way.carries(kind) {
            return Err(bad(Why::Misplaced));
        }
        let mut end = TYPE_BYTES;
        for part in kind.parts() {
            match seen.end_of(*part, end).map_err(bad)? {
                Some(next) => end = next,
                None => return Ok(Step::Part(fresh.len())),
            }
        }
        let missing = end.saturating_sub(held.len());
        Ok(if missing <= fresh.len() { Step::Last(missing) } else { Step::Part(fresh.len()) })
    }
}

/// How many bytes the type has, and a size.
const TYPE_BYTES: usize = 4;

/// The bytes of the message at hand, in two pieces.
struct Seen<'s> {
    held: &'s [u8],
    fresh: &'s [u8],
}

impl Seen<'_> {
    /// Where a part ends that starts at `at`; `None` while that cannot be told.
    fn end_of(&self, part: Part, at: usize) -> Result<Option<usize>, Why> {
        let bytes = match part {
            Part::Fixed(fields) => Some(fields.iter().map(|field| field.bits as usize / 8).sum()),
            Part::Str(string) => self.sized(at, |size| match usize::try_from(size) {
                Ok(bytes) if bytes <= string.longest => Ok(bytes),
                _ => Err(Why::Excessive { size, most: string.longest }),
            })?,
            Part::Address => self.sized(at, |size| match size {
                4 => Ok(4),
                16 => Ok(16),
                _ => Err(Why::AddressSize(size)),
            })?,
            Part::FileSize => match self.bytes(at).map(i64::from_be_bytes) {
                Some(size) if size < 0 => return Err(Why::Negative(size)),
                size => size.map(|_| 8),
            },
        };
        Ok(bytes.map(|bytes| at.saturating_add(bytes)))
    }

    /// How many bytes a size and what it announces have, `judge` allowing.
    fn sized(&self, at: usize, judge: impl Fn(i32) -> Result<usize, Why>) -> Result<Option<usize>, Why> {
        let Some(size) = self.bytes(at).map(i32::from_be_bytes) else { return Ok(None) };
        if size < 0 {
            return Err(Why::Negative(size.into()));
        }
        judge(size).map(|bytes| Some(bytes.saturating_add(TYPE_BYTES)))
    }

    /// The bytes from `at` on, when they are all there.
    fn bytes<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        let mut all = self.held.iter().chain(self.fresh).skip(at).copied();
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = all.next()?;
        }
        Some(bytes)
    }
}

impl fmt::Display for BadFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(kind) = self.kind {
            write!(f, "{kind}: ")?;
        }
        match self.why {
            Why::UnknownType(number) => write!(f, "no message has the type {number}"),
            Why::Misplaced => f.write_str("it does not travel this way"),
            Why::Negative(size) => write!(f, "the size {size} is negative"),
            Why::Excessive { size, most } => write!(f, "the size {size}, where {most} is the most"),
            Why::AddressSize(size) => write!(f, "an address of {size} bytes"),
        }
    }
}

impl core::error::Error for BadFrame {}
