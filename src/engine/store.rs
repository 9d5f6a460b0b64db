//! Where the bytes of files are kept (B5).
//!
//! In: records and bytes, each file under the hash of what is in it. Out: the same bytes, or why not. Must not know rooms,
//! limits or who may fetch: the index of files decides that, and checks what it gets.

use core::fmt;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::dialect::stories::json::Seq;

/// What is in a file: the SHA-256 of its bytes. It is written as 64 lower-case hexadecimal digits, which every file system
/// takes as a name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ContentId([u8; 32]);

/// A file somebody has sent to a room: all there is to know about it but its bytes.
///
/// `name`, `room`, `uploader` and `seq` are words of strangers: to show, never to be part of a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// One a file, never used twice: what came later has the higher one.
    pub number: u64,
    /// The sender's name for what he began.
    pub seq: Seq,
    /// The file's name, as given: 1 to 255 bytes.
    pub name: String,
    /// The room it was sent to, as it was called then; `None` is the public room.
    pub room: Option<String>,
    /// Who sent it.
    pub uploader: String,
    /// What is in it.
    pub content: ContentId,
    /// How many bytes, at most 16 MiB.
    pub size: u64,
    /// Their CRC-32 (IEEE).
    pub crc32: u32,
}

/// Why a store does not do what it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The bytes are not there.
    Missing,
    /// The place where they are kept does not work: in words, for the operator.
    Failed(String),
}

/// A place for files. The core has [`MemoryStore`]; a daemon may have one that outlives it.
///
/// The calls return when they are done: what waits for a disk makes the server wait with it.
pub trait FileStore: fmt::Debug + Send {
    /// What is kept from before, in the order of their numbers. Asked once, at the start. A record that cannot be read is
    /// left out.
    ///
    /// # Errors
    /// [`StoreError::Failed`]: nothing can be told; the server starts without files.
    fn records(&mut self) -> Result<Vec<FileRecord>, StoreError>;

    /// Keeps a file. The bytes are those the record tells of. Several records may have the same content: it is kept once.
    ///
    /// # Errors
    /// [`StoreError::Failed`]: then nothing of it is kept.
    fn store(&mut self, record: &FileRecord, bytes: Vec<u8>) -> Result<(), StoreError>;

    /// The bytes of a file. They need not be checked: whoever asks does.
    ///
    /// # Errors
    /// [`StoreError::Missing`] for a file that is not kept, [`StoreError::Failed`] when it cannot be read.
    fn fetch(&mut self, record: &FileRecord) -> Result<Cow<'_, [u8]>, StoreError>;

    /// Forgets a file; its content too, unless another record has the same. To forget what is not kept is no fault.
    ///
    /// # Errors
    /// [`StoreError::Failed`]: it may still be there at the next start.
    fn remove(&mut self, record: &FileRecord) -> Result<(), StoreError>;
}

/// Keeps files in memory: they go with the server.
#[derive(Debug, Default)]
pub struct MemoryStore {
    /// By number: which content.
    records: BTreeMap<u64, FileRecord>,
    contents: BTreeMap<ContentId, Content>,
}

/// Some bytes, and how many files have them.
struct Content {
    bytes: Vec<u8>,
    files: usize,
}

impl ContentId {
    /// What these bytes are called.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<ContentId> for String {
    fn from(id: ContentId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for ContentId {
    type Error = NotAContentId;

    fn try_from(text: String) -> Result<Self, NotAContentId> {
        text.parse()
    }
}

impl FromStr for ContentId {
    type Err = NotAContentId;

    /// Only the form it is written in: one content has one name.
    fn from_str(text: &str) -> Result<Self, NotAContentId> {
        let mut id = [0; 32];
        if text.len() != 64 {
            return Err(NotAContentId);
        }
        for (byte, digits) in id.iter_mut().zip(text.as_bytes().chunks(2)) {
            for digit in digits {
                let value = match digit {
                    b'0'..=b'9' => digit - b'0',
                    b'a'..=b'f' => digit - b'a' + 10,
                    _ => return Err(NotAContentId),
                };
                *byte = (*byte << 4) | value;
            }
        }
        Ok(Self(id))
    }
}

/// A text that is not 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAContentId;

impl fmt::Display for NotAContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not 64 lower-case hexadecimal digits")
    }
}

impl core::error::Error for NotAContentId {}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the file is not there"),
            Self::Failed(why) => write!(f, "the store of files does not work: {why}"),
        }
    }
}

impl core::error::Error for StoreError {}

impl FileStore for MemoryStore {
    fn records(&mut self) -> Result<Vec<FileRecord>, StoreError> {
        Ok(self.records.values().cloned().collect())
    }

    fn store(&mut self, record: &FileRecord, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.remove(record)?;
        let content = self.contents.entry(record.content).or_insert(Content { bytes, files: 0 });
        content.files = content.files.saturating_add(1);
        self.records.insert(record.number, record.clone());
        Ok(())
    }

    fn fetch(&mut self, record: &FileRecord) -> Result<Cow<'_, [u8]>, StoreError> {
        let content = self.contents.get(&record.content).ok_or(StoreError::Missing)?;
        Ok(Cow::Borrowed(&content.bytes))
    }

    fn remove(&mut self, record: &FileRecord) -> Result<(), StoreError> {
        let Some(kept) = self.records.remove(&record.number) else { return Ok(()) };
        if let Some(content) = self.contents.get_mut(&kept.content) {
            content.files = content.files.saturating_sub(1);
            if content.files == 0 {
                self.contents.remove(&kept.content);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Content {
    /// Without the bytes: they are many.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of {} files", self.bytes.len(), self.files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: u64, bytes: &[u8]) -> FileRecord {
        FileRecord {
            number,
            seq: Seq::from(7),
            name: "../été.txt".into(),
            room: None,
            uploader: "ana".into(),
            content: ContentId::of(bytes),
            size: 3,
            crc32: crc32fast::hash(bytes),
        }
    }

    #[test]
    fn b5_one_content_is_kept_once_until_the_last_file_that_has_it_goes() {
        let mut store = MemoryStore::default();
        let (first, second) = (record(1, b"abc"), record(2, b"abc"));
        store.store(&first, b"abc".to_vec()).unwrap();
        store.store(&second, b"abc".to_vec()).unwrap();
        assert_eq!(
            (store.contents.len(), store.records().unwrap()),
            (1, vec![first.clone(), second.clone()])
        );
        store.remove(&first).unwrap();
        store.remove(&first).unwrap();
        assert_eq!(store.fetch(&second).unwrap(), &b"abc"[..]);
        store.remove(&second).unwrap();
        assert_eq!(store.fetch(&second), Err(StoreError::Missing));
    }

    #[test]
    fn a_record_is_the_same_after_it_was_written_down() {
        let written = serde_json::to_string(&record(1, b"abc")).unwrap();
        assert!(
            written
                .contains(r#""content":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#)
        );
        assert_eq!(serde_json::from_str::<FileRecord>(&written).unwrap(), record(1, b"abc"));
        assert!(serde_json::from_str::<FileRecord>(&written.replace("ba78", "BA78")).is_err());
    }
}
