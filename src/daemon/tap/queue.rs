//! What is captured waits here until it is written: so much and no more.
//!
//! In: records, from the loop. Out: the same, to the thread that writes them, and how many are missing. Must never wait.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::Builder;

use log::warn;

use super::parts::Parts;
use super::thread::{Work, write_all};
use crate::capture::{Header, Record, Seen};

/// How many records may wait, and how many bytes.
const MOST: usize = 8_192;
const MOST_BYTES: usize = 64 << 20;
/// What a record takes besides what it holds.
const RECORD: usize = 256;

/// How long the end of a capture is waited for, in tenths of a second: a disk may be stuck, and nobody may read a pipe.
const TENTHS: u32 = 50;
const TENTH: std::time::Duration = std::time::Duration::from_millis(100);

/// A record on its way.
#[derive(Debug)]
pub(super) struct Item {
    /// How many records are missing before it.
    pub(super) lost: u64,
    /// When the last of those was, or it is, in microseconds since 1970.
    pub(super) at: u64,
    /// `None`: only some are missing.
    pub(super) record: Option<Record>,
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
    /// Where in memory the bytes are in which the last record that went in had a share.
    shared: Option<usize>,
    /// Ends when all is written, or nothing more will be.
    done: Receiver<()>,
}

impl Queue {
    /// Makes the first file and starts the thread that writes.
    pub(super) fn begin(parts: Parts, limit: u64, header: Header) -> io::Result<Self> {
        let (sender, items) = sync_channel(MOST);
        let waiting = Arc::new(AtomicUsize::new(0));
        let first = parts.begin_at_once()?;
        let (end, done) = sync_channel(0);
        let work = Work { items, waiting: Arc::clone(&waiting), parts, limit, header, done: end };
        Builder::new().name("capture".into()).spawn(move || write_all(work, first))?;
        Ok(Self { sender: Some(sender), waiting, lost: 0, lost_at: 0, shared: None, done })
    }

    /// One more record; if there is no room, it is missing.
    pub(super) fn push(&mut self, record: Record) {
        let Some(sender) = &self.sender else { return };
        let (at, cost) = (record.event().at, self.cost(&record));
        let shared = place(&record);
        if self.waiting.load(Relaxed).saturating_add(cost) > MOST_BYTES {
            return self.lose(at);
        }
        self.waiting.fetch_add(cost, Relaxed);
        match sender.try_send(Item { lost: self.lost, at, record: Some(record), cost }) {
            Ok(()) => {
                self.lost = 0;
                self.shared = shared.or(self.shared);
            }
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

    /// What a record takes. Of bytes that go to many, one after the other, the first has counted: they are held once, and
    /// are written before all that is pushed later.
    fn cost(&self, record: &Record) -> usize {
        let event = record.event();
        let held = match (&event.seen, record.shared()) {
            (_, Some(_)) if place(record).is_some_and(|place| Some(place) == self.shared) => 0,
            (_, Some(shared)) => shared.len(),
            (Seen::Datagram { bytes, .. } | Seen::Bytes { bytes, .. }, None) => bytes.len(),
            (Seen::Note(line), None) => line.len(),
            _ => 0,
        };
        let comments = event.comments.iter().map(String::len).fold(0, usize::saturating_add);
        held.saturating_add(comments).saturating_add(RECORD)
    }

    fn lose(&mut self, at: u64) {
        self.lost = self.lost.saturating_add(1);
        self.lost_at = at;
    }
}

impl Drop for Queue {
    /// All that waits is written first, if that can be done in reasonable time.
    fn drop(&mut self) {
        // Without it the thread has ended by itself.
        let Some(sender) = self.sender.take() else { return };
        let lost = Item { lost: self.lost, at: self.lost_at, record: None, cost: 0 };
        let mut last = (lost.lost > 0).then_some((sender, lost));
        for _ in 0..TENTHS {
            last = last.and_then(|(sender, lost)| match sender.try_send(lost) {
                Err(TrySendError::Full(lost)) => Some((sender, lost)),
                // The thread ends by itself, now that nobody sends any more.
                _ => None,
            });
            if self.done.recv_timeout(TENTH) == Err(RecvTimeoutError::Disconnected) {
                return;
            }
        }
        warn!("the end of the capture is missing: it could not be written in {} s", TENTHS / 10);
    }
}

/// Where the bytes are that are shared. The short head of a message, which goes before them, is each reader's own.
fn place(record: &Record) -> Option<usize> {
    let shared = record.shared().filter(|shared| shared.len() > RECORD)?;
    Some(Arc::as_ptr(shared).addr())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Event, Recorder};
    use crate::engine::{Input, Output};
    use crate::ids::{ConnectionId, ListenerId};
    use crate::time::Instant;

    fn queue() -> (Queue, Receiver<Item>) {
        let (sender, items) = sync_channel(MOST);
        let waiting = Arc::new(AtomicUsize::new(0));
        (
            Queue {
                sender: Some(sender),
                waiting,
                lost: 0,
                lost_at: 0,
                shared: None,
                done: sync_channel(0).1,
            },
            items,
        )
    }

    fn note(at: u64, length: usize) -> Record {
        Event { packet: 0, at, comments: Vec::new(), seen: Seen::Note("a".repeat(length)) }.into()
    }

    /// A server that says `bytes` to people on 40 connections, as they are, or a copy of his own to each.
    fn says_to_all(queue: &mut Queue, bytes: &Arc<[u8]>, is_shared: bool) {
        let mut recorder = Recorder::new(0, vec![([127, 0, 0, 1], 7402).into()]);
        for number in 1..=40 {
            let (listener, connection) = (ListenerId(0), ConnectionId(number.into()));
            let from = ([127, 0, 0, 1], 40_000 + number).into();
            let opened = Input::Opened { listener, connection, from };
            queue.push(recorder.input(Instant::ZERO, &opened, Vec::new()).unwrap().into());
            for bytes in
                [vec![0; 4].into(), if is_shared { Arc::clone(bytes) } else { bytes.to_vec().into() }]
            {
                let said = Output::Bytes { connection, bytes };
                queue.push(recorder.said(Instant::ZERO, &said, Vec::new()).unwrap());
            }
        }
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
            queue.push(note(at, 20 << 20));
        }
        drop(queue);
        let told: Vec<_> = items.iter().map(|item| (item.at, item.lost, item.record.is_some())).collect();
        assert_eq!(told, [(0, 0, true), (1, 0, true), (2, 0, true), (3, 1, false)]);
    }

    #[test]
    fn a_file_that_goes_to_many_counts_once() {
        let (mut shared, items) = queue();
        says_to_all(&mut shared, &vec![7; 24 << 20].into(), true);
        drop(shared);
        let told: Vec<_> = items.iter().map(|item| (item.lost, item.record.unwrap())).collect();
        assert!(told.len() == 120 && told.iter().all(|(lost, _)| *lost == 0));
        let last = told.into_iter().last().unwrap().1.into_event();
        assert!(matches!(&last.seen, Seen::Bytes { bytes, .. } if bytes.len() == 24 << 20));

        let (mut each, items) = queue();
        says_to_all(&mut each, &vec![7; 2 << 20].into(), false);
        drop(each);
        assert!(items.iter().map(|item| item.lost).sum::<u64>() > 0, "so much is held, and no more");
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
