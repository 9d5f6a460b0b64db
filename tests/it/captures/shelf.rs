//! The files of the folder, read.
//!
//! In: a folder. Out: each capture with its events. Must not know what is in them.

use std::path::{Path, PathBuf};

use palabre::capture::{Event, Header, Reader};

/// In what these hold, bits were changed on the way and nobody noticed: what they seem to say proves nothing.
pub(super) const MESSY: &[&str] = &["msp-damaged.pcapng"];

/// One file.
pub(super) struct Capture {
    pub(super) name: String,
    pub(super) size: usize,
    pub(super) bytes: Vec<u8>,
    pub(super) header: Header,
    pub(super) events: Vec<Event>,
}

impl Capture {
    #[track_caller]
    pub(super) fn read(name: &str, bytes: &[u8]) -> Self {
        let mut reader = Reader::open(bytes).unwrap_or_else(|why| panic!("{name}: {why}"));
        let mut events = Vec::new();
        while let Some(event) = reader.next().unwrap_or_else(|why| panic!("{name}: {why}")) {
            events.push(event);
        }
        let header = reader.header().cloned().unwrap_or_else(|| panic!("{name}: palabre did not write it"));
        Self { name: name.into(), size: bytes.len(), bytes: bytes.into(), header, events }
    }
}

pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures")
}

/// All of them, by name.
#[track_caller]
pub(super) fn shelf() -> Vec<Capture> {
    let mut found: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pcapng"))
        .map(|path| {
            Capture::read(path.file_name().unwrap().to_str().unwrap(), &std::fs::read(&path).unwrap())
        })
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(!found.is_empty(), "the captures are where they are looked for");
    found
}
