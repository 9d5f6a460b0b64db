//! What a line of hex turned out to be.
//!
//! In: a line, what it speaks, and what is appended to datagrams. Out: [`Findings`]. Must not know how they are shown.

use palabre::dissect::{Dissection, Wrong, dissect, messages};
use palabre::engine::{Dialect, Integrity};

use crate::commands::hex;

/// All that is known about one message of a line.
#[derive(Debug)]
pub(super) struct Findings {
    /// The message as plain hex digits; the line itself where it is not hex.
    pub(super) input: String,
    /// How many bytes there are, and what they are; where the line is not hex, why not.
    pub(super) found: Result<(usize, Dissection), String>,
}

impl Findings {
    /// Looks at one line: a datagram, or as many messages of a stream as there are.
    pub(super) fn of(text: &str, dialect: Dialect, integrity: Integrity) -> Vec<Self> {
        let found = |message: &[u8]| Self {
            input: hex::digits(message),
            found: Ok((message.len(), dissect(dialect, integrity, message))),
        };
        match hex::parse(text) {
            Ok(bytes) => messages(dialect, &bytes).into_iter().map(found).collect(),
            Err(why) => vec![Self { input: text.into(), found: Err(format!("not hex: {why}")) }],
        }
    }

    /// Whether it cannot be read to its end.
    pub(super) fn is_wrong(&self) -> bool {
        self.wrong().is_some() || self.found.is_err()
    }

    /// What is wrong with the message.
    pub(super) fn wrong(&self) -> Option<&Wrong> {
        self.found.as_ref().ok()?.1.error.as_ref()
    }
}
