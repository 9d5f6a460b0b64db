//! What a peer asked of us, and what we answered.
//!
//! In: numbers of requests as they come, and the answers once they are known. Out: whether a request is new, still
//! being decided, or to be answered again with the same bytes (M13). Must not know what a request says.
//!
//! Two ways to remember, because two things are asked of it. Wide numbers tell by themselves what is old: a [`Window`] of
//! numbers (M32). There are too few narrow ones for that, and their peer counts as it likes: what was received [`Recent`]ly,
//! by number and content (S6).

use std::collections::VecDeque;

use super::recent::Recent;
use super::seq::Seq;
use super::window::Window;
use crate::time::{Duration, Instant};

/// What is to be done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'a, A> {
    /// It has not been seen: carry it out.
    New,
    /// It is a repetition, and its answer is not known yet: wait.
    Pending,
    /// It is a repetition: answer it again.
    Again(&'a A),
    /// It is older than what is remembered: drop it. Never said of numbers of up to 10 bits.
    Stale,
}

/// The receiving half of a [`Link`](super::Link).
#[derive(Debug)]
pub struct Receiver<const BITS: u32, A> {
    lifetime: Duration,
    memory: Memory<BITS, A>,
}

#[derive(Debug)]
enum Memory<const BITS: u32, A> {
    Wide(Window<BITS, A>),
    Narrow(Recent<BITS, A>),
}

impl<const BITS: u32, A> Receiver<BITS, A> {
    /// A memory that forgets an answer `lifetime` after the request came.
    #[must_use]
    pub const fn new(lifetime: Duration) -> Self {
        let memory = if BITS > 10 { Memory::Wide(Window::new()) } else { Memory::Narrow(Recent::new()) };
        Self { lifetime, memory }
    }

    /// What to do with the request that bears `seq`. `mark` is what else tells requests apart: the type in MSP, a checksum
    /// of the bytes in Shen's protocol. What comes again may be remembered for longer.
    #[must_use]
    pub fn check(&mut self, now: Instant, seq: Seq<BITS>, mark: u32) -> Verdict<'_, A> {
        match &mut self.memory {
            Memory::Wide(window) => window.check(now, self.lifetime, seq, mark),
            Memory::Narrow(recent) => recent.check(now, self.lifetime, seq, mark),
        }
    }

    /// Remembers that the request `seq`, `mark` came, and its answer if it is known already.
    ///
    /// `long` is the answer's size in bytes when it is one that may be forgotten early, 0 otherwise.
    pub fn remember(&mut self, now: Instant, seq: Seq<BITS>, mark: u32, answer: Option<A>, long: usize) {
        match &mut self.memory {
            Memory::Wide(window) => window.remember(now, seq, mark, answer, long),
            Memory::Narrow(recent) => recent.remember(now, seq, mark, answer, long),
        }
    }

    /// Gives the answer to a request that was remembered without one.
    pub fn answer(&mut self, seq: Seq<BITS>, mark: u32, answer: A) {
        match &mut self.memory {
            Memory::Wide(window) => window.answer(seq, mark, answer),
            Memory::Narrow(recent) => recent.answer(seq, mark, answer),
        }
    }
}

/// Which long answers are remembered, each by a key that no other request ever has, and how long they are together (M32).
#[derive(Debug)]
pub(super) struct LongAnswers<K> {
    oldest_first: VecDeque<(K, usize)>,
    bytes: usize,
}

impl<K> LongAnswers<K> {
    /// Bytes of long answers that are kept.
    const MOST_BYTES: usize = 64 << 10;

    pub(super) const fn new() -> Self {
        Self { oldest_first: VecDeque::new(), bytes: 0 }
    }

    pub(super) fn push(&mut self, key: K, bytes: usize) {
        if bytes > 0 {
            self.oldest_first.push_back((key, bytes));
            self.bytes += bytes;
        }
    }

    /// The oldest one, if all of them are too long together, or more than `most`. Those that a newer request has replaced
    /// count until their turn comes.
    pub(super) fn pop_excess(&mut self, most: usize) -> Option<K> {
        if self.bytes <= Self::MOST_BYTES && self.oldest_first.len() <= most {
            return None;
        }
        let (key, bytes) = self.oldest_first.pop_front()?;
        self.bytes -= bytes;
        Some(key)
    }
}
