//! What was written to a connection and its socket has not taken yet.
//!
//! In: sizes of messages, and how many bytes were taken. Out: how much waits. Must not know the bytes: the shell has them.

use std::collections::VecDeque;

/// The messages that wait, by their sizes.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    /// What is left of each, in order. Only the first can be in parts.
    messages: VecDeque<usize>,
    total: usize,
    /// The bytes of large messages behind the first.
    large: usize,
}

/// A message of more bytes than this is a file, and its reader has asked for it: it does not count against him that it
/// waits behind something small. He is given one at a time, for he is not read while it waits.
const LARGE: usize = 1 << 20;

impl Backlog {
    /// One more message waits.
    pub(super) fn push(&mut self, size: usize) {
        if size > LARGE && !self.messages.is_empty() {
            self.large = self.large.saturating_add(size);
        }
        self.messages.push_back(size);
        self.total = self.total.saturating_add(size);
    }

    /// The socket has taken so many bytes.
    pub(super) fn taken(&mut self, bytes: usize) {
        self.total = self.total.saturating_sub(bytes);
        let mut left = bytes;
        while let Some(first) = self.messages.front_mut() {
            if *first > left {
                *first -= left;
                return;
            }
            left -= *first;
            self.messages.pop_front();
            if let Some(first) = self.messages.front().filter(|first| **first > LARGE) {
                self.large = self.large.saturating_sub(*first);
            }
        }
    }

    /// All bytes that wait.
    pub(super) const fn total(&self) -> usize {
        self.total
    }

    /// Those that wait behind the message being written (A6), without files.
    pub(super) fn behind_the_first(&self) -> usize {
        let first = self.messages.front().copied().unwrap_or(0);
        self.total.saturating_sub(first).saturating_sub(self.large)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a6_the_message_being_written_does_not_count() {
        let mut backlog = Backlog::default();
        [100, 5, 7].into_iter().for_each(|size| backlog.push(size));
        assert_eq!((backlog.total(), backlog.behind_the_first()), (112, 12));
        backlog.taken(40);
        assert_eq!((backlog.total(), backlog.behind_the_first()), (72, 12));
        backlog.taken(62);
        assert_eq!((backlog.total(), backlog.behind_the_first()), (10, 7));
        backlog.taken(99);
        assert_eq!((backlog.total(), backlog.behind_the_first()), (0, 0));
    }

    #[test]
    fn a6_b5_a_file_one_has_asked_for_does_not_count_wherever_it_waits() {
        let mut backlog = Backlog::default();
        [100, 9 << 20, 7].into_iter().for_each(|size| backlog.push(size));
        assert_eq!((backlog.total(), backlog.behind_the_first()), ((9 << 20) + 107, 7));
        backlog.taken(100);
        assert_eq!(backlog.behind_the_first(), 7);
        backlog.taken(9 << 20);
        assert_eq!((backlog.total(), backlog.behind_the_first()), (7, 0));
        backlog.push(5);
        assert_eq!(backlog.behind_the_first(), 5);
    }
}
