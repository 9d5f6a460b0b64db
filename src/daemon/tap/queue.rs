//! What is captured waits here until it is written: so much and no more.
//!
//! In: records, from the loop. Out: the same, to the thread that writes them, and how many are missing. Must never wait.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::{Builder, JoinHandle};

use super::parts::Parts;
use super::thread::{Work, write_all};
use crate::capture::{Event, Header, Seen};

/// How many records may wait, and how many bytes.
const MOST: usize = 8_192;
const MOST_BYTES: usize = 32 << 20;
/// What a record takes besides what it holds.
const RECORD: usize = 256;

/// A record on its way.
#[derive(Debug)]
pub(super) struct Item {
    /// How many records are missing before it.
    pub(super) lost: u64,
    /// When the last of those was, or it is, in microseconds since 1970.
    pub(super) at: u64,
    /// `None`: only some are missing.
    pub(super) event: Option<Event>,
    /// What was counted for it.
    pub(super) cost: usize,
}

/// The end of the queue that the loop has.
#[derive(Debug)]
pub(super) struct Queue {
    /// `None`: nothing is captured any more.
    sender: Option<SyncSender<Item>>,
    /// How many bytes wait.
    waiting: Arc<AtomicUsize>,
    /// How many records are missing since the last that went in, and when the last of them was.
    lost: u64,
    lost_at: u64,
    thread: Option<JoinHandle<()>>,
}

impl Queue {
    /// Makes the first file and starts the thread that writes.
    pub(super) fn begin(parts: Parts, limit: u64, header: Header) -> io::Result<Self> {
        let (sender, items) = sync_channel(MOST);
        let waiting = Arc::new(AtomicUsize::new(0));
        let first = parts.begin()?;
        let work = Work { items, waiting: Arc::clone(&waiting), parts, limit, header };
        let thread = Builder::new().name("capture".into()).spawn(move || write_all(work, first))?;
        Ok(Self { sender: Some(sender), waiting, lost: 0, lost_at: 0, thread: Some(thread) })
    }

    /// One more record; if there is no room, it is missing.
    pub(super) fn push(&mut self, event: Event) {
        let Some(sender) = &self.sender else { return };
        let (at, cost) = (event.at, cost(&event));
        if self.waiting.load(Relaxed).saturating_add(cost) > MOST_BYTES {
            return self.lose(at);
        }
        self.waiting.fetch_add(cost, Relaxed);
        match sender.try_send(Item { lost: self.lost, at, event: Some(event), cost }) {
            Ok(()) => self.lost = 0,
            Err(TrySendError::Full(_)) => {
                self.waiting.fetch_sub(cost, Relaxed);
                self.lose(at);
            }
            // It has said why.
            Err(TrySendError::Disconnected(_)) => self.sender = None,
        }
    }

    /// Whether nothing is written any more.
    pub(super) const fn is_over(&self) -> bool {
        self.sender.is_none()
    }

    fn lose(&mut self, at: u64) {
        self.lost = self.lost.saturating_add(1);
        self.lost_at = at;
    }
}

impl Drop for Queue {
    /// All that waits is written first.
    fn drop(&mut self) {
        if let Some(sender) = self.sender.take()
            && self.lost > 0
        {
            // If it cannot be sent, the thread has ended.
            let _ = sender.send(Item { lost: self.lost, at: self.lost_at, event: None, cost: 0 });
        }
        if let Some(thread) = self.thread.take() {
            // It ends by itself, now that nobody sends any more.
            let _ = thread.join();
        }
    }
}

fn cost(event: &Event) -> usize {
    let held = match &event.seen {
        Seen::Datagram { bytes, .. } | Seen::Bytes { bytes, .. } => bytes.len(),
        Seen::Note(line) => line.len(),
        _ => 0,
    };
    let comments = event.comments.iter().map(String::len).fold(0, usize::saturating_add);
    held.saturating_add(comments).saturating_add(RECORD)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue() -> (Queue, std::sync::mpsc::Receiver<Item>) {
        let (sender, items) = sync_channel(MOST);
        let waiting = Arc::new(AtomicUsize::new(0));
        (Queue { sender: Some(sender), waiting, lost: 0, lost_at: 0, thread: None }, items)
    }

    fn note(at: u64, length: usize) -> Event {
        Event { packet: 0, at, comments: Vec::new(), seen: Seen::Note("a".repeat(length)) }
    }

    #[test]
    fn what_finds_no_room_is_missing_and_the_next_that_does_says_how_many() {
        let (mut queue, items) = queue();
        for at in 0..MOST as u64 + 3 {
            queue.push(note(at, 1));
        }
        assert_eq!(items.recv().unwrap().lost, 0);
        queue.push(note(9_000, 1));
        let last = items.try_iter().last().unwrap();
        assert_eq!((last.lost, last.at), (3, 9_000));
        queue.push(note(9_001, 1));
        assert_eq!(items.recv().unwrap().lost, 0, "it is said once");
    }

    #[test]
    fn records_that_are_too_large_together_are_missing_and_those_at_the_end_are_said_to_be() {
        let (mut queue, items) = queue();
        for at in 0..4 {
            queue.push(note(at, 10 << 20));
        }
        drop(queue);
        let told: Vec<_> = items.iter().map(|item| (item.at, item.lost, item.event.is_some())).collect();
        assert_eq!(told, [(0, 0, true), (1, 0, true), (2, 0, true), (3, 1, false)]);
    }

    #[test]
    fn it_is_over_when_nobody_writes_any_more() {
        let (mut queue, items) = queue();
        drop(items);
        assert!(!queue.is_over());
        queue.push(note(1, 1));
        assert!(queue.is_over());
    }
}
