//! The files of a capture: the one that is written, and the one before it.
//!
//! In: a path. Out: an empty file there; what was there before has another name. Must not know what is in them.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Where a capture is written.
#[derive(Debug)]
pub(in crate::daemon) struct Parts {
    path: PathBuf,
    /// A pipe or a device: it is written to as it is, without end.
    is_special: bool,
}

impl Parts {
    /// Looks whether a file can be there. Nothing is changed yet.
    ///
    /// # Errors
    /// When its directory is not there, or it is a directory itself.
    pub(in crate::daemon) fn at(path: &Path) -> io::Result<Self> {
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        if !fs::metadata(directory.unwrap_or_else(|| Path::new(".")))?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let found = fs::metadata(path).ok();
        if path.file_name().is_none() || found.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(Self { path: path.into(), is_special: found.is_some_and(|found| !found.is_file()) })
    }

    /// Makes the first file, if it can be done at once.
    pub(super) fn begin_at_once(&self) -> io::Result<Option<File>> {
        if self.is_special { Ok(None) } else { self.begin().map(Some) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a part can end and another begin.
    pub(super) const fn can_be_moved(&self) -> bool {
        !self.is_special
    }

    /// An empty file. What is there already becomes the older one.
    pub(super) fn begin(&self) -> io::Result<File> {
        if !self.is_special && fs::symlink_metadata(&self.path).is_ok() {
            fs::rename(&self.path, older(&self.path))?;
        }
        self.create()
    }

    /// It tells what people say: it is for this user alone, and never a link to somewhere else.
    fn create(&self) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(!self.is_special).mode(0o600).open(&self.path)
    }
}

/// `talk.1.pcapng` for `talk.pcapng`.
fn older(path: &Path) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_os_string();
    name.push(".1");
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_older_file_has_a_one_before_its_ending() {
        for (path, expected) in [
            ("talk.pcapng", "talk.1.pcapng"),
            ("/var/log/talk.pcapng", "/var/log/talk.1.pcapng"),
            ("talk", "talk.1"),
            ("a.b/talk", "a.b/talk.1"),
            ("a.b.pcapng", "a.b.1.pcapng"),
        ] {
            assert_eq!(older(Path::new(path)), Path::new(expected));
        }
    }

    #[test]
    fn a_place_where_no_file_can_be_is_refused() {
        for path in ["/", "/dev", "no such directory/talk.pcapng", "Cargo.toml/talk.pcapng"] {
            assert!(Parts::at(Path::new(path)).is_err(), "{path}");
        }
        assert!(!Parts::at(Path::new("/dev/full")).unwrap().can_be_moved());
        assert!(Parts::at(Path::new("talk.pcapng")).unwrap().can_be_moved());
    }
}
