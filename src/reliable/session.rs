//! One conversation over many connections: messages are numbered, kept until they are acknowledged, and taken once.
//!
//! In: messages to send, numbers of messages and of acknowledgements that came, the time. Out: a number for each message,
//! what is to be sent again on a new connection, whether what came is new, which acknowledgement is owed. Must not know what
//! a message says, nor what a connection is made of.
//!
//! Both ends hold one (U2 to U5). A connection delivers in order or breaks: so a number beyond the next one cannot be put
//! right on the same connection, but on a new one everything is sent again that was not acknowledged.

use std::collections::VecDeque;

use crate::time::{Duration, Instant};

/// How long an acknowledgement waits for a message that carries it (U4).
pub const ACK_DELAY: Duration = Duration::from_millis(50);
/// The most bytes that wait for an acknowledgement while there is no connection (U5).
pub const MOST_WAITING: usize = 1 << 20;

/// What a number that came means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The next one: to be taken.
    New,
    /// It was taken before: to be dropped.
    Seen,
    /// One before it is missing: to be dropped, and the connection with it.
    Gap,
}

/// An acknowledgement of what was never sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeverSent;

/// More would wait than may: the message comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full<T>(pub T);

/// One end of a conversation.
#[derive(Clone, Debug)]
pub struct Session<T> {
    /// Sent or to be sent, not acknowledged: the first bears the number after `acknowledged`.
    waiting: VecDeque<(T, usize)>,
    bytes: usize,
    /// The last number of ours that the other end has acknowledged.
    acknowledged: u64,
    /// The last number of the other end's that was taken.
    seen: u64,
    /// Since when an acknowledgement is owed.
    owed: Option<Instant>,
}

impl<T> Default for Session<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Session<T> {
    /// Nothing was said yet: the first message of either side bears 1.
    #[must_use]
    pub const fn new() -> Self {
        Self { waiting: VecDeque::new(), bytes: 0, acknowledged: 0, seen: 0, owed: None }
    }

    /// Keeps a message of `size` bytes until it is acknowledged, and says which number it bears.
    ///
    /// # Errors
    /// When more than [`MOST_WAITING`] bytes would wait.
    pub fn send(&mut self, message: T, size: usize) -> Result<u64, Full<T>> {
        self.send_within(MOST_WAITING, message, size)
    }

    /// The same, where as many as `most` bytes may wait: what is on its way to somebody who reads is acknowledged soon.
    ///
    /// # Errors
    /// When more than that would wait.
    pub fn send_within(&mut self, most: usize, message: T, size: usize) -> Result<u64, Full<T>> {
        let bytes = self.bytes.saturating_add(size);
        if bytes > most {
            return Err(Full(message));
        }
        self.bytes = bytes;
        self.waiting.push_back((message, size));
        Ok(self.last())
    }

    /// The other end has every message up to `number`: those that waited are over, and given back in order.
    ///
    /// # Errors
    /// When no message bore that number yet; nothing changes then.
    pub fn acknowledged(&mut self, number: u64) -> Result<impl Iterator<Item = T> + use<'_, T>, NeverSent> {
        if number > self.last() {
            return Err(NeverSent);
        }
        let fresh = number.saturating_sub(self.acknowledged);
        self.acknowledged = self.acknowledged.saturating_add(fresh);
        // No more than wait: their count fits.
        let count = usize::try_from(fresh).unwrap_or(usize::MAX).min(self.waiting.len());
        let sizes: usize = self.waiting.iter().take(count).map(|(_, size)| size).sum();
        self.bytes = self.bytes.saturating_sub(sizes);
        Ok(self.waiting.drain(..count).map(|(message, _)| message))
    }

    /// A message with this number came. An acknowledgement is owed from then on, but not for a gap.
    pub fn receive(&mut self, now: Instant, number: u64) -> Arrival {
        let arrival = if number <= self.seen {
            Arrival::Seen
        } else if number.checked_sub(self.seen) == Some(1) {
            self.seen = number;
            Arrival::New
        } else {
            return Arrival::Gap;
        };
        self.owed.get_or_insert(now);
        arrival
    }

    /// What the message that goes out now carries: nothing unless something came since the last one.
    pub fn ride(&mut self) -> Option<u64> {
        self.owed.take().map(|_| self.seen)
    }

    /// When an acknowledgement has to go alone.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.owed.map(|since| since + ACK_DELAY)
    }

    /// The acknowledgement that has to go alone now.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<u64> {
        if self.poll_timeout().is_some_and(|due| due <= now) { self.ride() } else { None }
    }

    /// There is no connection any more: the next one starts with what was [`Self::seen`], so nothing is owed.
    pub const fn disconnected(&mut self) {
        self.owed = None;
    }

    /// All that is to be sent on a new connection, in order, each with its number.
    pub fn unacknowledged(&self) -> impl Iterator<Item = (u64, &T)> {
        (self.acknowledged.saturating_add(1)..).zip(self.waiting.iter().map(|(message, _)| message))
    }

    /// The last number of the other end's that was taken; 0 when none was.
    #[must_use]
    pub const fn seen(&self) -> u64 {
        self.seen
    }

    /// The last number that was given; 0 when none was.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.acknowledged.saturating_add(self.waiting.len() as u64)
    }

    /// Whether the other end has neither sent nor acknowledged anything yet.
    #[must_use]
    pub const fn is_unheard(&self) -> bool {
        self.seen == 0 && self.acknowledged == 0
    }

    /// How many bytes wait for an acknowledgement.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }
}
