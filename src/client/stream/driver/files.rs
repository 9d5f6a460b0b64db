//! Files that are sent and received, a piece at a time.
//!
//! In: what to open, read, write and keep. Out: inputs for the client. Must not know why.
//!
//! Each step takes at most one piece, so that nothing waits long for a disk. A file that is received has a hidden name of
//! its own until it is complete, and takes no other's name then.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::super::names;
use super::super::{FileId, PIECE};

/// How many names are tried for a file, and for its hidden form.
const MOST_NAMES: u32 = 10_000;

/// What is to be done with a file.
#[derive(Debug)]
pub(super) enum Job {
    Open(FileId, PathBuf),
    Read(FileId),
    Save(FileId, String),
    Write(FileId, Vec<u8>, usize),
    Keep(FileId),
    Forget(FileId),
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Done {
    Opened(FileId, String, u64),
    Piece(FileId, Vec<u8>),
    Kept(FileId, PathBuf),
    Failed(FileId, String),
}

/// A file that is received.
#[derive(Debug)]
struct Saved {
    handle: File,
    hidden: PathBuf,
    name: String,
}

/// All files at hand.
#[derive(Debug)]
pub(super) struct Files {
    downloads: PathBuf,
    jobs: VecDeque<Job>,
    /// The bytes that wait to be written.
    backlog: usize,
    read: BTreeMap<FileId, File>,
    saved: BTreeMap<FileId, Saved>,
}

impl Files {
    pub(super) const fn new(downloads: PathBuf) -> Self {
        Self { downloads, jobs: VecDeque::new(), backlog: 0, read: BTreeMap::new(), saved: BTreeMap::new() }
    }

    /// Something is to be done, after what is to be done already.
    pub(super) fn add(&mut self, job: Job) {
        match job {
            Job::Forget(file) => {
                self.jobs.retain(|job| job.file() != file);
                self.backlog = self.jobs.iter().map(Job::size).sum();
                self.forget(file);
            }
            job => {
                self.backlog += job.size();
                self.jobs.push_back(job);
            }
        }
    }

    /// Whether something is to be done.
    pub(super) fn is_busy(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// The bytes that wait to be written.
    pub(super) const fn backlog(&self) -> usize {
        self.backlog
    }

    /// Does one piece of what is to be done.
    pub(super) fn step(&mut self) -> Option<Done> {
        let job = self.jobs.pop_front()?;
        let file = job.file();
        match self.take(job) {
            Ok(done) => done,
            Err(error) => {
                self.add(Job::Forget(file));
                Some(Done::Failed(file, error.to_string()))
            }
        }
    }

    fn take(&mut self, job: Job) -> io::Result<Option<Done>> {
        match job {
            Job::Open(file, path) => self.open(file, &path).map(Some),
            Job::Read(file) => self.read(file).map(Some),
            Job::Save(file, name) => self.save(file, &name).map(|()| None),
            Job::Write(file, bytes, at) => self.write(file, bytes, at).map(|()| None),
            Job::Keep(file) => self.keep(file).map(|path| Some(Done::Kept(file, path))),
            Job::Forget(file) => {
                self.forget(file);
                Ok(None)
            }
        }
    }

    fn open(&mut self, file: FileId, path: &Path) -> io::Result<Done> {
        // To open a pipe would wait for whoever writes into it.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        let handle = File::open(path)?;
        let size = handle.metadata()?.len();
        self.read.insert(file, handle);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Done::Opened(file, name, size))
    }

    fn read(&mut self, file: FileId) -> io::Result<Done> {
        let handle = self.read.get_mut(&file).ok_or_else(gone)?;
        let mut bytes = Vec::with_capacity(PIECE);
        handle.take(PIECE as u64).read_to_end(&mut bytes)?;
        Ok(Done::Piece(file, bytes))
    }

    fn save(&mut self, file: FileId, name: &str) -> io::Result<()> {
        fs::create_dir_all(&self.downloads)?;
        let name = names::safe(name);
        for count in 0..MOST_NAMES {
            let hidden = self.downloads.join(format!(".palabre-{}-{count}.part", std::process::id()));
            match OpenOptions::new().write(true).create_new(true).open(&hidden) {
                Ok(handle) => {
                    self.saved.insert(file, Saved { handle, hidden, name });
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("too many unfinished files in the folder"))
    }

    /// Writes a piece; what is left of the bytes comes before all else.
    fn write(&mut self, file: FileId, bytes: Vec<u8>, at: usize) -> io::Result<()> {
        let saved = self.saved.get_mut(&file).ok_or_else(gone)?;
        let piece = bytes.get(at..).unwrap_or_default();
        let piece = piece.get(..PIECE).unwrap_or(piece);
        saved.handle.write_all(piece)?;
        self.backlog -= piece.len();
        let at = at + piece.len();
        if at < bytes.len() {
            self.jobs.push_front(Job::Write(file, bytes, at));
        }
        Ok(())
    }

    /// Gives the file its name. A link, unlike a new name, is never put over another file.
    fn keep(&mut self, file: FileId) -> io::Result<PathBuf> {
        let saved = self.saved.get(&file).ok_or_else(gone)?;
        for count in 1..MOST_NAMES {
            let name = if count == 1 { saved.name.clone() } else { names::other(&saved.name, count) };
            let path = self.downloads.join(name);
            match place(&saved.hidden, &path) {
                Ok(()) => {
                    self.saved.remove(&file);
                    return Ok(path);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("too many files of this name"))
    }

    fn forget(&mut self, file: FileId) {
        self.read.remove(&file);
        if let Some(saved) = self.saved.remove(&file) {
            // Somebody else may have taken it away.
            let _ = fs::remove_file(saved.hidden);
        }
    }
}

impl Drop for Files {
    /// Leaves nothing half done behind.
    fn drop(&mut self) {
        while let Some((_, saved)) = self.saved.pop_first() {
            let _ = fs::remove_file(saved.hidden);
        }
    }
}

impl Job {
    const fn file(&self) -> FileId {
        match self {
            Self::Open(file, _)
            | Self::Read(file)
            | Self::Save(file, _)
            | Self::Write(file, _, _)
            | Self::Keep(file)
            | Self::Forget(file) => *file,
        }
    }

    const fn size(&self) -> usize {
        match self {
            Self::Write(_, bytes, at) => bytes.len().saturating_sub(*at),
            _ => 0,
        }
    }
}

/// Moves a file to a name that nothing has.
fn place(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => {
            // The file has its name, whether or not the hidden one goes.
            let _ = fs::remove_file(from);
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // A disk that has no links: the name is taken first, then given to the file.
        Err(_) => {
            OpenOptions::new().write(true).create_new(true).open(to)?;
            fs::rename(from, to).inspect_err(|_| {
                // The name is not left behind without the file.
                let _ = fs::remove_file(to);
            })
        }
    }
}

fn gone() -> io::Error {
    io::Error::other("the file is not open")
}
