//! Files people have sent, in a directory (B5).
//!
//! In: records and bytes. Out: the same after a restart. Must not know rooms, limits or who may fetch: the index of files
//! decides that, and checks what it gets.
//!
//! What is written is not forced onto the disk: that would make everybody wait for one file. A daemon that dies leaves
//! whole files all the same; after the machine has lost its power one may be torn, which is noticed and reported.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use log::warn;

use super::{StateError, UNFINISHED, is_file, make_directory, remove_if_there, write_whole};
use crate::engine::{ContentId, FileRecord, FileStore, StoreError};

/// More than any record has.
const LONGEST_RECORD: u64 = 64 << 10;
const RECORD: &str = "json";

/// A store of files that outlives the daemon: a directory with the contents under their hashes, and a record beside them
/// for each file.
///
/// What is torn, or is not ours, is reported, skipped and left where it is.
#[derive(Debug)]
pub struct DirectoryStore {
    directory: PathBuf,
    /// What is kept, by number.
    records: BTreeMap<u64, FileRecord>,
}

/// What an entry of the directory is, by its name.
#[derive(Debug, PartialEq, Eq)]
enum Entry {
    Record(u64),
    Content(ContentId),
    /// A file that was never finished.
    Unfinished,
    Foreign,
}

impl DirectoryStore {
    /// Opens a directory; makes it, for this user alone, if it is not there.
    ///
    /// # Errors
    /// When it cannot be made, or is no directory.
    pub fn open(directory: &Path) -> Result<Self, StateError> {
        make_directory(directory)?;
        let path = directory.to_path_buf();
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => Ok(Self { directory: path, records: BTreeMap::new() }),
            Ok(_) => Err(StateError::Foreign(path)),
            Err(source) => Err(StateError::System { path, source }),
        }
    }

    fn scan(&mut self) -> io::Result<()> {
        let (mut numbers, mut contents) = (BTreeSet::new(), BTreeSet::new());
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            match kind(&entry.file_name().to_string_lossy()) {
                Entry::Record(number) => {
                    numbers.insert(number);
                }
                Entry::Content(content) => {
                    contents.insert(content);
                }
                Entry::Unfinished => remove_if_there(&entry.path())?,
                Entry::Foreign => warn!("{:?} is no file of mine: I leave it alone", entry.path()),
            }
        }
        self.records.clear();
        for number in numbers {
            let path = self.record_path(number);
            match self.read_record(number) {
                Ok(record) => {
                    self.records.insert(number, record);
                }
                Err(why) => warn!("{path:?} is skipped: {why}"),
            }
        }
        for content in contents {
            if !self.has(content) {
                warn!("{:?} belongs to no file that is known: I leave it alone", self.content_path(content));
            }
        }
        Ok(())
    }

    /// A record whose content is there too, or why not.
    fn read_record(&self, number: u64) -> Result<FileRecord, String> {
        let text = read(&self.record_path(number), LONGEST_RECORD).map_err(|error| error.to_string())?;
        let record: FileRecord = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
        if record.number != number {
            return Err(format!("it tells of the file {}", record.number));
        }
        let path = self.content_path(record.content);
        let found = fs::symlink_metadata(&path).map_err(|error| format!("{path:?}: {error}"))?;
        if !found.is_file() || found.len() != record.size {
            return Err(format!("{path:?} is not the {} bytes it should be", record.size));
        }
        Ok(record)
    }

    fn has(&self, content: ContentId) -> bool {
        self.records.values().any(|record| record.content == content)
    }

    /// Removes a content that no record has any more.
    fn tidy(&self, content: ContentId) -> io::Result<()> {
        if self.has(content) { Ok(()) } else { remove_if_there(&self.content_path(content)) }
    }

    fn content_path(&self, content: ContentId) -> PathBuf {
        self.directory.join(content.to_string())
    }

    fn record_path(&self, number: u64) -> PathBuf {
        self.directory.join(format!("{number}.{RECORD}"))
    }

    /// In the words of a store.
    fn failed(&self, error: &io::Error) -> StoreError {
        StoreError::Failed(format!("{}: {error}", self.directory.display()))
    }
}

impl FileStore for DirectoryStore {
    fn records(&mut self) -> Result<Vec<FileRecord>, StoreError> {
        self.scan().map_err(|error| self.failed(&error))?;
        Ok(self.records.values().cloned().collect())
    }

    fn store(&mut self, record: &FileRecord, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.remove(record)?;
        let write = || {
            let text = serde_json::to_vec(record)?;
            write_whole(&self.content_path(record.content), &bytes, false)?;
            write_whole(&self.record_path(record.number), &text, false)
        };
        if let Err(error) = write() {
            // The reason it failed for is the one to tell.
            let _ = self.tidy(record.content);
            return Err(self.failed(&error));
        }
        self.records.insert(record.number, record.clone());
        Ok(())
    }

    fn fetch(&mut self, record: &FileRecord) -> Result<Cow<'_, [u8]>, StoreError> {
        if !self.records.contains_key(&record.number) {
            return Err(StoreError::Missing);
        }
        match read(&self.content_path(record.content), record.size.saturating_add(1)) {
            Ok(bytes) => Ok(Cow::Owned(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::Missing),
            Err(error) => Err(self.failed(&error)),
        }
    }

    fn remove(&mut self, record: &FileRecord) -> Result<(), StoreError> {
        let Some(kept) = self.records.remove(&record.number) else { return Ok(()) };
        // The record first: without it a content is litter, without its content a record is a lie.
        let removed = remove_if_there(&self.record_path(kept.number)).and_then(|()| self.tidy(kept.content));
        removed.map_err(|error| self.failed(&error))
    }
}

fn kind(name: &str) -> Entry {
    if let Ok(content) = name.parse() {
        return Entry::Content(content);
    }
    match name.rsplit_once('.') {
        Some((finished, UNFINISHED)) if kind(finished) != Entry::Foreign => Entry::Unfinished,
        // As it is written, so that one file has one name: no sign, no zero before it.
        Some((number, RECORD)) => match number.parse::<u64>() {
            Ok(parsed) if parsed.to_string() == number => Entry::Record(parsed),
            _ => Entry::Foreign,
        },
        _ => Entry::Foreign,
    }
}

/// At most so many bytes of a plain file.
fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    match is_file(path) {
        Ok(true) => {}
        Ok(false) => return Err(io::ErrorKind::NotFound.into()),
        Err(why) => return Err(io::Error::other(why)),
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_ours_is_known_by_its_name() {
        let content = ContentId::of(b"abc");
        assert_eq!(kind(&content.to_string()), Entry::Content(content));
        assert_eq!(kind("7.json"), Entry::Record(7));
        assert_eq!(kind("18446744073709551615.json"), Entry::Record(u64::MAX));
        for unfinished in [&format!("{content}.tmp"), "7.json.tmp"] {
            assert_eq!(kind(unfinished), Entry::Unfinished);
        }
        let foreign =
            ["", "7", "07.json", "+7.json", "-7.json", "7.JSON", "x.tmp", ".tmp", "a.tmp.tmp", "ABC"];
        for name in foreign {
            assert_eq!(kind(name), Entry::Foreign, "{name:?}");
        }
    }
}
