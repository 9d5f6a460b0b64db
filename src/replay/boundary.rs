//! One direction of a stream: where its messages end, and where it can be read on after something is missing.
//!
//! In: bytes, gaps. Out: whole messages, or what is passed over and why. Must not know who speaks.

use std::borrow::Cow;

use crate::dialect::stories::{self, StoriesFraming};
use crate::dialect::{matou, stumtp};
use crate::engine::Dialect;
use crate::wire::{Framing, Prefixed, Step, Terminated};

/// One direction of a stream.
#[derive(Debug)]
pub(super) struct Direction {
    framing: Frames,
    /// The message at hand.
    held: Vec<u8>,
    skip: Skip,
}

/// What comes out of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<'i> {
    /// A whole message.
    Message(Cow<'i, [u8]>),
    /// It cannot be read on here: why, and how far it is passed over.
    PassedOver(String),
}

#[derive(Clone, Copy, Debug)]
enum Frames {
    Matou(matou::Frames),
    Stories(StoriesFraming),
    Stumtp(Terminated),
}

/// What is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Skip {
    Nothing,
    /// So many bytes: of a file, or of a message that is not whole.
    Bytes(u64),
    /// Up to this byte and with it.
    To(u8),
    /// Everything.
    Rest,
}

impl Direction {
    /// At a message's beginning. `form` is how the other direction of a stream of Stories marks its messages, if that is
    /// known; `None` at the start of a connection, whose first bytes say it.
    pub(super) fn new(dialect: Dialect, form: Option<stories::Form>) -> Self {
        let limit = stories::DEFAULT_LIMIT;
        let framing = match (dialect, form) {
            (Dialect::Matou, _) => Frames::Matou(matou::Frames::default()),
            (Dialect::Stumtp, _) => Frames::Stumtp(stumtp::FRAMING),
            (_, Some(form)) => Frames::Stories(StoriesFraming::answers(form, limit)),
            (_, None) => Frames::Stories(StoriesFraming::new(limit)),
        };
        Self { framing, held: Vec::new(), skip: Skip::Nothing }
    }

    /// How messages of Stories are marked here, once that is known.
    pub(super) const fn form(&self) -> Option<stories::Form> {
        match &self.framing {
            Frames::Stories(framing) => framing.form(),
            _ => None,
        }
    }

    /// How many bytes of a message are held.
    pub(super) const fn held(&self) -> usize {
        self.held.len()
    }

    /// The next thing in `input`, which loses what was taken; `None` when all of it was.
    pub(super) fn next<'i>(&mut self, input: &mut &'i [u8]) -> Option<Next<'i>> {
        self.pass_over(input);
        while !input.is_empty() {
            match self.framing.step(&self.held, input) {
                Ok(Step::Part(count)) => self.held.extend_from_slice(cut(input, count)),
                Ok(Step::Last(count)) => {
                    let taken = cut(input, count);
                    let message = if self.held.is_empty() {
                        Cow::Borrowed(taken)
                    } else {
                        self.held.extend_from_slice(taken);
                        Cow::Owned(core::mem::take(&mut self.held))
                    };
                    if let Frames::Matou(_) = self.framing {
                        self.skip = file(&message).map_or(Skip::Nothing, Skip::Bytes);
                    }
                    return Some(Next::Message(message));
                }
                Err(why) => {
                    let words = self.lose(&why);
                    self.pass_over(input);
                    return Some(Next::PassedOver(words));
                }
            }
        }
        None
    }

    /// So many bytes are not there.
    pub(super) fn miss(&mut self, bytes: u64) -> String {
        let are = if bytes == 1 { "byte is" } else { "bytes are" };
        let why = format!("{bytes} {are} missing");
        match self.skip {
            Skip::Bytes(left) if bytes <= left => {
                self.skip_bytes(left.saturating_sub(bytes));
                format!("{why} of what is not told anyway")
            }
            Skip::To(_) | Skip::Rest => format!("{why} of what is passed over"),
            _ => match self.left() {
                Some(left) if bytes <= left => {
                    self.held = Vec::new();
                    self.skip_bytes(left.saturating_sub(bytes));
                    format!("{why}: a message is passed over")
                }
                _ => self.lose(&why),
            },
        }
    }

    /// There is no memory for the message at hand.
    pub(super) fn give_up(&mut self) -> String {
        let (held, left) = (self.held.len(), self.left());
        let why = format!("a message of more than {held} bytes is too long to be put together");
        match left {
            Some(left) => {
                self.held = Vec::new();
                self.skip_bytes(left);
                why
            }
            None => self.lose(&why),
        }
    }

    /// Nothing more comes: what is wrong with that.
    pub(super) fn end(&self) -> Option<String> {
        match self.skip {
            Skip::Bytes(left) => {
                Some(format!("it ends {left} {} too early", if left == 1 { "byte" } else { "bytes" }))
            }
            _ if self.held.is_empty() => None,
            _ => {
                let (count, are) =
                    (self.held.len(), if self.held.len() == 1 { "byte is" } else { "bytes are" });
                Some(format!("it ends within a message, of which {count} {are} there"))
            }
        }
    }

    /// How many bytes the message at hand still has, where its length says it.
    fn left(&self) -> Option<u64> {
        if self.form() != Some(stories::Form::Prefixed) {
            return None;
        }
        let size = u32::from_be_bytes(*self.held.first_chunk()?);
        let end = u64::from(size).saturating_add(Prefixed::PREFIX as u64);
        Some(end.saturating_sub(self.held.len() as u64))
    }

    /// Nobody knows where the message at hand ends, or what it is.
    fn lose(&mut self, why: &dyn core::fmt::Display) -> String {
        self.held = Vec::new();
        self.skip = match self.framing {
            Frames::Stumtp(framing) => Skip::To(framing.end),
            Frames::Stories(framing) if framing.form() == Some(stories::Form::Lines) => Skip::To(b'\n'),
            _ => Skip::Rest,
        };
        match self.skip {
            Skip::Rest => format!("{why}: the rest of it is passed over"),
            _ => format!("{why}: it is passed over up to the next end of a message"),
        }
    }

    fn skip_bytes(&mut self, bytes: u64) {
        self.skip = if bytes == 0 { Skip::Nothing } else { Skip::Bytes(bytes) };
    }

    fn pass_over(&mut self, input: &mut &[u8]) {
        match self.skip {
            Skip::Nothing => {}
            Skip::Bytes(left) => {
                let taken = cut(input, usize::try_from(left).unwrap_or(usize::MAX)).len();
                self.skip_bytes(left.saturating_sub(taken as u64));
            }
            Skip::To(end) => {
                let found = input.iter().position(|byte| *byte == end);
                cut(input, found.map_or(usize::MAX, |at| at.saturating_add(1)));
                if found.is_some() {
                    self.skip = Skip::Nothing;
                }
            }
            Skip::Rest => *input = &[],
        }
    }
}

impl Frames {
    fn step(&mut self, held: &[u8], fresh: &[u8]) -> Result<Step, String> {
        match self {
            Self::Matou(framing) => framing.step(held, fresh).map_err(|why| why.to_string()),
            Self::Stories(framing) => framing.step(held, fresh).map_err(|why| why.to_string()),
            Self::Stumtp(framing) => framing.step(held, fresh).map_err(|why| why.to_string()),
        }
    }
}

/// At most so many bytes off the front.
fn cut<'i>(input: &mut &'i [u8], count: usize) -> &'i [u8] {
    let (taken, rest) = input.split_at_checked(count).unwrap_or((input, &[]));
    *input = rest;
    taken
}

/// How many bytes of a file follow a message of Matou.
fn file(message: &[u8]) -> Option<u64> {
    if matou::Kind::peek(message) != Some(matou::Kind::File) {
        return None;
    }
    let size = message.last_chunk().map(|size| u64::from_be_bytes(*size))?;
    (size > 0).then_some(size)
}
