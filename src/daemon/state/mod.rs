//! What outlives the daemon, in a directory of its own: files people have sent, names that belong to somebody.
//!
//! In: a directory. Out: what was there, and a place for more. Must not know who sends or claims anything.
//!
//! ```text
//! DIR/lock               held while a daemon runs: two must not share a directory
//! DIR/names.jsonl        the names of Shen's protocol and their addresses (S7), a line each
//! DIR/files/HASH         what is in a file (B5), under the SHA-256 of it in hexadecimal digits
//! DIR/files/NUMBER.json  what is known of it besides
//! ```
//!
//! No word of a stranger is part of a path. Everything is readable by the daemon's user alone, written under another name
//! first, and never through a symbolic link.

mod files;
mod names;

use core::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::engine::Registry;
pub use files::DirectoryStore;
pub(super) use names::Names;

/// Why a directory cannot be used. Its words name the file and, where there is one, the line.
#[derive(Debug)]
pub enum StateError {
    /// The system refuses.
    System {
        /// What it was asked to look at.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Another daemon uses the directory.
    InUse(PathBuf),
    /// A part of it is a link, or no file, or no directory.
    Foreign(PathBuf),
    /// A file was not written by a daemon, or changed since.
    Broken {
        /// Which.
        path: PathBuf,
        /// Where in it; from 1.
        line: usize,
        /// What is wrong there.
        why: String,
    },
}

/// An opened directory.
#[derive(Debug)]
pub(super) struct State {
    /// Locked for as long as it is open.
    _lock: File,
    pub(super) names: Names,
}

/// What an earlier daemon has left: the names that are taken, and the files.
#[derive(Debug, Default)]
pub(super) struct Left {
    pub(super) registry: Registry,
    pub(super) files: Option<DirectoryStore>,
}

impl State {
    /// Opens a directory, and makes what is not there.
    pub(super) fn open(path: &Path) -> Result<(Self, Left), StateError> {
        make_directory(path)?;
        let lock = lock(path.join("lock"))?;
        let (names, registry) = Names::open(path)?;
        let files = DirectoryStore::open(&path.join("files"))?;
        Ok((Self { _lock: lock, names }, Left { registry, files: Some(files) }))
    }
}

fn lock(path: PathBuf) -> Result<File, StateError> {
    is_file(&path)?;
    let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = opened.map_err(|source| StateError::System { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(StateError::InUse(path)),
        Err(fs::TryLockError::Error(source)) => Err(StateError::System { path, source }),
    }
}

/// A directory that is there afterwards, for the daemon's user alone if it was not there before.
fn make_directory(path: &Path) -> Result<(), StateError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| StateError::System { path: path.into(), source })
}

/// Whether a file is there: a plain one, for anything else is not ours.
fn is_file(path: &Path) -> Result<bool, StateError> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(true),
        Ok(_) => Err(StateError::Foreign(path.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(StateError::System { path: path.into(), source }),
    }
}

/// What a file is called until it is whole.
const UNFINISHED: &str = "tmp";

/// Writes a file under another name and renames it, so that it is there as a whole or not at all.
fn write_whole(path: &Path, bytes: &[u8], endures: bool) -> io::Result<()> {
    let unfinished = path.with_added_extension(UNFINISHED);
    remove_if_there(&unfinished)?;
    let write = || {
        // A new one only: it cannot be a link to somewhere else.
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
        file.write_all(bytes)?;
        if endures {
            file.sync_all()?;
        }
        fs::rename(&unfinished, path)
    };
    write().inspect_err(|_| {
        // What is left of it would be removed at the next start anyway.
        let _ = fs::remove_file(&unfinished);
    })
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System { path, source } => write!(f, "cannot use {}: {source}", path.display()),
            Self::InUse(path) => write!(
                f,
                "{} is locked: another daemon uses that directory; stop it or choose another directory",
                path.display()
            ),
            Self::Foreign(path) => {
                write!(
                    f,
                    "{} is not what should be there: a link, or no plain file; move it away",
                    path.display()
                )
            }
            Self::Broken { path, line, why } => {
                write!(f, "{}, line {line}: {why}; mend the line or move the file away", path.display())
            }
        }
    }
}

impl std::error::Error for StateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::System { source, .. } => Some(source),
            Self::InUse(_) | Self::Foreign(_) | Self::Broken { .. } => None,
        }
    }
}
