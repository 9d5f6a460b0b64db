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
}

impl Backlog {
    /// One more message waits.
    pub(super) fn push(&mut self, size: usize) {
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
        }
    }

    /// All bytes that wait.
    pub(super) const fn total(&self) -> usize {
        self.total
    }

    /// Those that wait behind the message being written (A6).
    pub(super) fn behind_the_first(&self) -> usize {
        self.total.saturating_sub(self.messages.front().copied().unwrap_or(0))
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
}
