//! The thread that writes a capture.
//!
//! In: records. Out: files, each ended when it is large enough. Must not hold up the loop, nor end it: what the disk refuses
//! is logged once, and nothing is captured any more.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};

use log::{info, warn};

use super::parts::Parts;
use super::queue::Item;
use crate::capture::{Event, Header, Seen, Writer};
use crate::daemon::clock::Clock;
use crate::time::{Duration, Instant};

/// How much is written at once.
const BUFFER: usize = 256 << 10;
/// How old what waits to be written may get.
const FLUSH: Duration = Duration::from_secs(1);

/// What the thread is given.
pub(super) struct Work {
    pub(super) items: Receiver<Item>,
    /// How many bytes wait.
    pub(super) waiting: Arc<AtomicUsize>,
    pub(super) parts: Parts,
    /// How large a file may get, in bytes.
    pub(super) limit: u64,
    pub(super) header: Header,
    /// Goes when all is written, or nothing more will be.
    pub(super) done: SyncSender<()>,
}

/// Writes all records until nobody sends any more. `first`: the file; a pipe or a device is opened here, for that may take
/// until somebody reads it.
pub(super) fn write_all(work: Work, first: Option<File>) {
    let (path, _done) = (work.parts.path().to_path_buf(), work.done.clone());
    let first = first.map_or_else(|| work.parts.begin(), Ok);
    match first.and_then(|first| Capture::begin(work, first)).and_then(Capture::run) {
        Ok(0) => {}
        Ok(lost) => info!("{lost} records are missing in {}: they came too fast", path.display()),
        Err(error) => warn!("cannot write {}: {error}: nothing is captured any more", path.display()),
    }
}

struct Capture {
    work: Work,
    writer: Writer<BufWriter<File>>,
    /// How large this part was when it began.
    begun: u64,
    /// How many records are missing in this part, and in all before it.
    lost: u64,
    lost_before: u64,
    clock: Clock,
    /// When what was written must be in the file; `None`: it is.
    flush_by: Option<Instant>,
}

impl Capture {
    fn begin(work: Work, first: File) -> io::Result<Self> {
        let mut writer = Writer::new(BufWriter::with_capacity(BUFFER, first), &work.header)?;
        // So that a file is a capture from the start, and a full disk is noticed.
        writer.flush()?;
        let begun = writer.written();
        let (clock, flush_by) = (Clock::start(), None);
        Ok(Self { work, writer, begun, lost: 0, lost_before: 0, clock, flush_by })
    }

    /// How many records are missing in all.
    fn run(mut self) -> io::Result<u64> {
        loop {
            match self.next() {
                Ok(item) => self.write(item)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.flush()?;
        }
        let total = self.lost.saturating_add(self.lost_before);
        self.writer.finish(self.lost)?.flush()?;
        Ok(total)
    }

    /// The next record; where all is in the file, however long it takes.
    fn next(&self) -> Result<Item, RecvTimeoutError> {
        match self.flush_by {
            Some(by) => self.work.items.recv_timeout(by - self.clock.now()),
            None => self.work.items.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn write(&mut self, item: Item) -> io::Result<()> {
        let Item { lost, at, record, cost } = item;
        if lost > 0 {
            self.lost = self.lost.saturating_add(lost);
            let seen = Seen::Note(format!("lost {lost}"));
            self.writer.write(&Event { packet: 0, at, comments: Vec::new(), seen })?;
        }
        if let Some(record) = record {
            self.writer.write(&record.into_event())?;
        }
        self.work.waiting.fetch_sub(cost, Relaxed);
        // A long head must not make every record a part of its own.
        let limit = self.work.limit.max(self.begun.saturating_mul(2));
        if self.writer.written() >= limit && self.work.parts.can_be_moved() {
            self.begin_part()?;
        }
        Ok(())
    }

    fn begin_part(&mut self) -> io::Result<()> {
        self.writer.finish_part(self.lost)?;
        self.lost_before = self.lost_before.saturating_add(std::mem::take(&mut self.lost));
        let next = self.work.parts.begin()?;
        self.writer.begin_part(BufWriter::with_capacity(BUFFER, next))?;
        self.begun = self.writer.written();
        Ok(())
    }

    /// Writes what has waited for a second.
    fn flush(&mut self) -> io::Result<()> {
        let now = self.clock.now();
        if *self.flush_by.get_or_insert(now + FLUSH) > now {
            return Ok(());
        }
        self.flush_by = None;
        self.writer.flush()
    }
}
