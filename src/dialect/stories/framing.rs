//! Frames: where a text ends in a stream (B1).
//!
//! In: the bytes of a connection, or a text to send. Out: where a frame ends, its text; or the bytes of a frame. Must not
//! know what a text says.

use crate::wire::{Framing, Prefixed, Step, Terminated, TooLong};

/// The most bytes of a text, unless something else is configured (B1): a file of 16 MiB in base64, and what is around it.
pub const DEFAULT_LIMIT: usize = 24 << 20;
/// No limit can be above this: a length that looks like four capitals has to be too long, or it would mean two things.
pub const MOST_LIMIT: usize = 1 << 30;

/// How the end of a text is marked. A connection keeps to the one it begins with, in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// By its length in bytes before it: 32 bits, the most significant first.
    Prefixed,
    /// By LF after it, the form that is older than frames. A CR before the LF is none of the text.
    Lines,
}

impl Form {
    /// The form of a connection, by its first bytes: four ASCII capitals begin a command, not a length. `None` while there
    /// are fewer than four bytes.
    pub fn of(first: impl IntoIterator<Item = u8>) -> Option<Self> {
        let mut first = first.into_iter();
        let first: [Option<u8>; Prefixed::PREFIX] = core::array::from_fn(|_| first.next());
        let [Some(a), Some(b), Some(c), Some(d)] = first else { return None };
        let is_lines = [a, b, c, d].iter().all(u8::is_ascii_uppercase);
        Some(if is_lines { Self::Lines } else { Self::Prefixed })
    }

    /// What is in a whole frame: the frame without what marks its end.
    #[must_use]
    pub fn content(self, frame: &[u8]) -> &[u8] {
        match self {
            Self::Prefixed => frame.get(Prefixed::PREFIX..).unwrap_or_default(),
            Self::Lines => {
                let line = frame.strip_suffix(b"\n").unwrap_or(frame);
                line.strip_suffix(b"\r").unwrap_or(line)
            }
        }
    }
}

/// Where the frames of a connection end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoriesFraming {
    longest: usize,
    form: Option<Form>,
}

impl StoriesFraming {
    /// At the start of a connection whose first bytes will say its form. A text has at most `longest` bytes, and never more
    /// than [`MOST_LIMIT`].
    #[must_use]
    pub fn new(longest: usize) -> Self {
        Self { longest: longest.min(MOST_LIMIT), form: None }
    }

    /// At the start of a connection whose form is known: that of the answers.
    #[must_use]
    pub fn answers(form: Form, longest: usize) -> Self {
        Self { form: Some(form), ..Self::new(longest) }
    }

    /// The form of the connection, once its first bytes have said it.
    #[must_use]
    pub const fn form(&self) -> Option<Form> {
        self.form
    }
}

impl Default for StoriesFraming {
    fn default() -> Self {
        Self::new(DEFAULT_LIMIT)
    }
}

impl Framing for StoriesFraming {
    type Error = TooLong;

    fn step(&mut self, held: &[u8], fresh: &[u8]) -> Result<Step, TooLong> {
        if self.form.is_none() {
            self.form = Form::of(held.iter().chain(fresh).copied());
        }
        match self.form {
            None => Ok(Step::Part(fresh.len())),
            Some(Form::Prefixed) => Prefixed { longest: self.longest }.step(held, fresh),
            Some(Form::Lines) => Terminated { end: b'\n', longest: self.longest }.step(held, fresh),
        }
    }
}

/// Appends the frame of a text to `out`. In a line, the line ends inside the text become spaces. An empty text is never
/// sent: nothing is appended then (B1). Nor is a text whose length has no 32 bits.
pub fn frame(form: Form, text: &str, out: &mut Vec<u8>) {
    if text.is_empty() {
        return;
    }
    match form {
        Form::Prefixed => {
            let Ok(length) = u32::try_from(text.len()) else { return };
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        Form::Lines => {
            let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
            out.extend(text.bytes().map(|byte| if is_end(&byte) { b' ' } else { byte }));
            out.push(b'\n');
        }
    }
}

/// What stands before and after a text of so many bytes without line ends; `None` when no frame can hold it.
#[must_use]
pub fn around(form: Form, length: usize) -> Option<(Vec<u8>, &'static [u8])> {
    match form {
        Form::Prefixed => u32::try_from(length).ok().map(|length| (length.to_be_bytes().to_vec(), &b""[..])),
        Form::Lines => Some((Vec::new(), b"\n")),
    }
}
