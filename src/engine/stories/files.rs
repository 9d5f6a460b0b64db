//! The files people have sent to their rooms (B5).
//!
//! In: files, who wants which, rooms that are gone. Out: records and bytes, or why not. Must not know where the bytes are
//! kept, who is in which room, nor how anybody is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::lending::Lending;
use crate::dialect::stories::json::Seq;
use crate::engine::{ContentId, FileRecord, FileStore, Limits, MemoryStore, StoreError};
use crate::ids::{ConnectionId, RoomId};

/// The longest name, in bytes.
const LONGEST_NAME: usize = 255;

/// Where a file was sent to: a private room, or the public one.
pub(super) type Place = Option<RoomId>;

/// What comes with a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent<'a> {
    pub(super) seq: &'a Seq,
    pub(super) name: &'a str,
    /// What the private room is called.
    pub(super) room: Option<&'a str>,
    pub(super) uploader: &'a str,
}

/// Why a file is not taken or not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The name is empty, too long, or has control characters.
    Name,
    /// It has too many bytes.
    TooLarge,
    /// There is none that could be meant.
    NotFound,
    /// Its bytes are not those that were sent; it is forgotten.
    Damaged,
    /// The store does not work.
    Store,
    /// Too much is on its way to others.
    Busy,
}

/// All files, and where each belongs.
#[derive(Debug)]
pub(in crate::engine) struct Files {
    store: Box<dyn FileStore>,
    /// By number: the oldest first.
    kept: BTreeMap<u64, (Place, FileRecord)>,
    next: u64,
    bytes: u64,
    lending: Lending,
}

impl Default for Files {
    /// None, in memory.
    fn default() -> Self {
        let (store, lending) = (Box::new(MemoryStore::default()), Lending::default());
        Self { store, kept: BTreeMap::new(), next: 0, bytes: 0, lending }
    }
}

impl Files {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Those that `store` has kept, in rooms that exist: `find` says which room has a name. The others are forgotten.
    pub(in crate::engine) fn new(
        mut store: Box<dyn FileStore>,
        limits: &Limits,
        find: impl Fn(&str) -> Option<RoomId>,
    ) -> Self {
        let records = store.records().unwrap_or_default();
        let next = records.iter().map(|record| record.number).max().map_or(0, |last| last.saturating_add(1));
        let mut files = Self { store, next, ..Self::default() };
        for record in records {
            let place = record.room.as_deref().map(&find);
            let is_twice = files.kept.contains_key(&record.number);
            match place {
                Some(None) => forget(files.store.as_mut(), &record),
                _ if is_twice => {}
                place => files.keep(place.flatten(), record),
            }
        }
        files.make_room(limits, 0, 0);
        files
    }

    /// Keeps a file; the oldest go for it, if need be. The answer is its size.
    ///
    /// # Errors
    /// [`Fault::Name`], [`Fault::TooLarge`] and [`Fault::Store`].
    pub(super) fn add(
        &mut self,
        limits: &Limits,
        place: Place,
        sent: Sent<'_>,
        bytes: Vec<u8>,
    ) -> Result<u64, Fault> {
        if !is_label(sent.name) {
            return Err(Fault::Name);
        }
        if bytes.len() > limits.max_file {
            return Err(Fault::TooLarge);
        }
        let size = u64::try_from(bytes.len()).map_err(|_| Fault::TooLarge)?;
        let record = FileRecord {
            number: self.next,
            seq: sent.seq.clone(),
            name: sent.name.into(),
            room: sent.room.map(Into::into),
            uploader: sent.uploader.into(),
            content: ContentId::of(&bytes),
            size,
            crc32: crc32fast::hash(&bytes),
        };
        self.next = self.next.saturating_add(1);
        self.make_room(limits, 1, size);
        self.store.store(&record, bytes).map_err(|_| Fault::Store)?;
        self.keep(place, record);
        Ok(size)
    }

    /// The file somebody in this room means: by its label `<seq>_<name>`, by its `seq` and name, or else the newest of that
    /// name. Of several that could be meant it is the newest.
    pub(super) fn find(&self, place: Place, name: &str, seq: Option<&Seq>) -> Option<&FileRecord> {
        let here = || {
            let all = self.kept.values().rev();
            all.filter(move |(of, _)| *of == place).map(|(_, record)| record)
        };
        here()
            .find(|record| label_is(record, name))
            .or_else(|| here().find(|record| record.name == name && seq == Some(&record.seq)))
            .or_else(|| here().find(|record| record.name == name))
    }

    /// The bytes of a file that was found, in base64. One that is damaged or missing is forgotten.
    ///
    /// # Errors
    /// [`Fault::Damaged`], [`Fault::NotFound`], [`Fault::Store`] and [`Fault::Busy`].
    pub(super) fn fetch(
        &mut self,
        limits: &Limits,
        to: ConnectionId,
        number: u64,
    ) -> Result<Arc<[u8]>, Fault> {
        let Some((_, record)) = self.kept.get(&number) else { return Err(Fault::NotFound) };
        if let Some(lent) = self.lending.share(to, record.content) {
            return Ok(lent);
        }
        let fault = match self.store.fetch(record) {
            Ok(bytes) if is_intact(record, &bytes) => {
                let lent = self.lending.lend(limits.files_on_the_way, to, record.content, &bytes);
                return lent.ok_or(Fault::Busy);
            }
            Ok(_) => Fault::Damaged,
            Err(StoreError::Missing) => Fault::NotFound,
            Err(StoreError::Failed(_)) => return Err(Fault::Store),
        };
        self.drop(number);
        Err(fault)
    }

    /// What this connection was given has arrived, or never will.
    pub(super) fn returned(&mut self, by: ConnectionId) {
        self.lending.returned(by);
    }

    /// Forgets the files of rooms that are gone.
    pub(super) fn forget_rooms(&mut self, exists: impl Fn(RoomId) -> bool) {
        let is_gone = |place: &Place| place.is_some_and(|room| !exists(room));
        let gone = self.kept.iter().filter(|(_, (place, _))| is_gone(place));
        let gone: Vec<u64> = gone.map(|(number, _)| *number).collect();
        gone.into_iter().for_each(|number| self.drop(number));
    }

    /// Makes room for so many more files of so many bytes: the oldest go.
    fn make_room(&mut self, limits: &Limits, files: usize, size: u64) {
        while self.kept.len().saturating_add(files) > limits.files
            || self.bytes.saturating_add(size) > limits.file_bytes
        {
            let Some(oldest) = self.kept.keys().next().copied() else { return };
            self.drop(oldest);
        }
    }

    fn keep(&mut self, place: Place, record: FileRecord) {
        self.bytes = self.bytes.saturating_add(record.size);
        self.kept.insert(record.number, (place, record));
    }

    fn drop(&mut self, number: u64) {
        if let Some((_, record)) = self.kept.remove(&number) {
            self.bytes = self.bytes.saturating_sub(record.size);
            forget(self.store.as_mut(), &record);
        }
    }
}

/// The label of a file: unlike its name it says which of several it is.
pub(super) fn label(record: &FileRecord) -> String {
    format!("{}_{}", record.seq, record.name)
}

fn label_is(record: &FileRecord, text: &str) -> bool {
    text.len() > record.name.len() && text.ends_with(record.name.as_str()) && text == label(record)
}

fn is_label(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len()) && !name.chars().any(char::is_control)
}

fn is_intact(record: &FileRecord, bytes: &[u8]) -> bool {
    u64::try_from(bytes.len()) == Ok(record.size) && crc32fast::hash(bytes) == record.crc32
}

/// A store that cannot forget has it still at the next start: then it is judged again.
fn forget(store: &mut dyn FileStore, record: &FileRecord) {
    let _ = store.remove(record);
}
