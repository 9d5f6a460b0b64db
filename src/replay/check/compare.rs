//! One thing the server says, beside what the capture has in its place.
//!
//! In: an [`Event`] made of an output, then those of the capture. Out: whether they fit. Must not know what a message says.

use std::net::SocketAddr;

use crate::capture::{Event, Seen};

/// How the comment begins that says why something was dropped.
pub(super) const DROPPED: &str = "dropped: ";

/// What the server has to say next.
#[derive(Debug)]
pub(super) struct Waiting {
    event: Event,
    /// How many of its bytes the capture has brought: a stream comes in pieces.
    matched: usize,
}

/// Whether something of the capture is what the server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// All of it.
    Wholly,
    /// The beginning of it.
    Partly,
    /// It is not.
    Not,
}

impl Waiting {
    pub(super) const fn new(event: Event) -> Self {
        Self { event, matched: 0 }
    }

    /// The capture has this in its place.
    pub(super) fn meets(&mut self, captured: &Event) -> Fit {
        if self.event.at != captured.at || !dropped(captured).is_empty() {
            return Fit::Not;
        }
        let fits = match (&self.event.seen, &captured.seen) {
            (Seen::Bytes { from, to, bytes, .. }, Seen::Bytes { from: f, to: t, bytes: piece, pushed }) => {
                let left = bytes.get(self.matched..).unwrap_or_default();
                if (from, to) != (f, t) || !left.starts_with(piece) || (*pushed && left.len() > piece.len()) {
                    return Fit::Not;
                }
                self.matched = self.matched.saturating_add(piece.len());
                return if *pushed { Fit::Wholly } else { Fit::Partly };
            }
            (expected, captured) => expected == captured,
        };
        if fits && self.matched == 0 { Fit::Wholly } else { Fit::Not }
    }

    /// All of it, and how many of its bytes the capture has brought.
    pub(super) fn into_parts(self) -> (Event, usize) {
        (self.event, self.matched)
    }

    /// When it is the short beginning of a message whose rest comes by itself: from whom, to whom, and what.
    pub(super) fn into_head(self) -> Option<Head> {
        const LONGEST: usize = 64;
        match self.event.seen {
            Seen::Bytes { from, to, bytes, .. } if bytes.len() <= LONGEST => Some((from, to, bytes)),
            _ => None,
        }
    }
}

/// What was said last on a stream: who says it, to whom, and the bytes.
pub(super) type Head = (SocketAddr, SocketAddr, Vec<u8>);

/// The comments that say what was dropped, in the order of the alphabet.
pub(super) fn dropped(event: &Event) -> Vec<String> {
    let mut dropped: Vec<_> =
        event.comments.iter().filter(|comment| comment.starts_with(DROPPED)).cloned().collect();
    dropped.sort_unstable();
    dropped
}
