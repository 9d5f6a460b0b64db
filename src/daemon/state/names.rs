//! The names of Shen's protocol on disk (S7).
//!
//! In: a file, a registry that has grown. Out: the registry as it was saved; the file, always whole. Must not know who
//! claims a name.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{StateError, is_file, write_whole};
use crate::engine::Registry;
use crate::time::{Duration, Instant};

const FILE: &str = "names.jsonl";
/// Names are saved at most so often: strangers can claim many, and a disk is slow.
const GAP: Duration = Duration::from_secs(1);
/// How long after a failure it is tried again.
const RETRY: Duration = Duration::from_secs(10);

/// The file, and when it is to be written.
#[derive(Debug)]
pub(in crate::daemon) struct Names {
    path: PathBuf,
    /// It is not written again before.
    rests_until: Instant,
    /// When it is to be written; `None` when it says what is so.
    due: Option<Instant>,
}

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(borrow)]
    name: std::borrow::Cow<'a, str>,
    address: IpAddr,
}

impl Names {
    /// Finds the file and reads what it says.
    pub(super) fn open(directory: &Path) -> Result<(Self, Registry), StateError> {
        let path = directory.join(FILE);
        let text = if is_file(&path)? {
            fs::read(&path).map_err(|source| StateError::System { path: path.clone(), source })?
        } else {
            Vec::new()
        };
        let registry =
            read(&text).map_err(|(line, why)| StateError::Broken { path: path.clone(), line, why })?;
        Ok((Self { path, rests_until: Instant::ZERO, due: None }, registry))
    }

    /// A name more belongs to somebody.
    pub(in crate::daemon) fn grown(&mut self, now: Instant) {
        self.due.get_or_insert(self.rests_until.max(now));
    }

    /// When the file is to be written.
    pub(in crate::daemon) const fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Writes the file, if it does not say what is so.
    ///
    /// # Errors
    /// What the system said. The file is as it was; it is tried again later.
    pub(in crate::daemon) fn save(&mut self, now: Instant, registry: &Registry) -> io::Result<()> {
        if self.due.take().is_none() {
            return Ok(());
        }
        self.rests_until = now + GAP;
        write(registry).and_then(|text| write_whole(&self.path, &text, true)).inspect_err(|_| {
            self.due = Some(now + RETRY);
        })
    }
}

fn write(registry: &Registry) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for (name, address) in registry.iter() {
        serde_json::to_writer(&mut text, &Line { name: name.into(), address })?;
        text.write_all(b"\n")?;
    }
    Ok(text)
}

/// All lines, or the first that is none, and why.
fn read(text: &[u8]) -> Result<Registry, (usize, String)> {
    let mut names: BTreeMap<Arc<str>, IpAddr> = BTreeMap::new();
    let lines = text.strip_suffix(b"\n").unwrap_or(text).split(|byte| *byte == b'\n');
    let mut last = 0;
    for (number, line) in (1..).zip(lines.filter(|_| !text.is_empty())) {
        last = number;
        let Line { name, address } =
            serde_json::from_slice(line).map_err(|error| (number, format!("it is no name: {error}")))?;
        if names.insert(Arc::from(&*name), address).is_some() {
            return Err((number, format!("the name {name:?} is there twice")));
        }
    }
    let count = names.len();
    let registry: Registry = names.into_iter().collect();
    if registry.iter().count() < count {
        return Err((last, "there are more names than a server has".into()));
    }
    Ok(registry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s7_what_is_written_is_read_whatever_the_names() {
        let names = [("a\"b\\\n", "192.0.2.1"), ("été", "2001:db8::1"), ("lucy", "192.0.2.1")];
        let registry: Registry =
            names.map(|(name, address)| (Arc::from(name), address.parse().unwrap())).into_iter().collect();
        let text = write(&registry).unwrap();
        assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), 3, "a line each");
        assert_eq!(read(&text), Ok(registry));
        assert_eq!(read(b""), Ok(Registry::default()));
    }

    #[test]
    fn a_line_that_is_no_name_is_told_by_its_number() {
        let good = r#"{"name":"lucy","address":"192.0.2.1"}"#;
        for bad in ["", "{", r#"{"name":"bob"}"#, r#"{"name":"bob","address":"home"}"#, "7", good] {
            let text = format!("{good}\n{bad}\n{good}\n");
            let (line, why) = read(text.as_bytes()).unwrap_err();
            assert!(line == 2 && !why.is_empty(), "{bad}: {line}: {why}");
        }
    }

    #[test]
    fn what_is_claimed_is_written_at_once_but_not_all_the_time() {
        let mut names = Names { path: "/nowhere/names".into(), rests_until: Instant::ZERO, due: None };
        let second = Instant::from_secs;
        names.grown(second(5));
        assert_eq!(names.due(), Some(second(5)));
        assert!(names.save(second(5), &Registry::default()).is_err(), "there is no such directory");
        assert_eq!(names.due(), Some(second(15)), "later again");
        names.due = None;
        names.grown(second(5));
        assert_eq!(names.due(), Some(second(6)));
    }
}
