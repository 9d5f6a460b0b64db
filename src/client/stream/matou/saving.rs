//! Files that have come as a whole, and get their name.
//!
//! In: what became of them. Out: events. Must not know from whom they are, nor whether he is still there.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::client::stream::io::FileId;
use crate::client::stream::talk::Event;
use crate::client::stream::tongue::Desk;

/// The files that get their name: what each is called by its sender, its size, its CRC-32.
#[derive(Debug, Default)]
pub(super) struct Saving(BTreeMap<FileId, (String, u64, u32)>);

impl Saving {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A file is complete.
    pub(super) fn begin(&mut self, file: FileId, what: (String, u64, u32)) {
        self.0.insert(file, what);
    }

    /// It has its name.
    pub(super) fn kept(&mut self, desk: &mut Desk, file: FileId, path: PathBuf) {
        if let Some((_, size, crc)) = self.0.remove(&file) {
            desk.tell(Event::FileSaved { path, size, crc });
        }
    }

    /// It gets none; false when it is no file of these.
    pub(super) fn failed(&mut self, desk: &mut Desk, file: FileId, why: &str) -> bool {
        let Some((name, ..)) = self.0.remove(&file) else { return false };
        desk.tell(Event::FileLost { name, why: why.into() });
        true
    }
}
