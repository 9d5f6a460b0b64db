//! Who may know whom: read from the sources, so that a shortcut is noticed when it is taken.
//!
//! `wire`, `reliable` and `rooms` never meet; `dialect` never waits; only `daemon`, `link` and the client's driver
//! touch the outside. What is not in the table below has no place in the house yet.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each part of the house, and the parts it may name.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("ids", &[]),
    ("vocab", &["ids"]),
    ("wire", &[]),
    ("reliable", &["time"]),
    ("rooms", &["ids", "time", "vocab"]),
    ("dialect", &["ids", "vocab", "wire"]),
    ("engine", &["dialect", "ids", "reliable", "rooms", "time", "vocab", "wire"]),
    ("client", &["dialect", "reliable", "time", "vocab", "wire"]),
    ("netsim", &["time"]),
    ("link", &["daemon", "netsim", "time"]),
    ("dissect", &["dialect", "engine", "wire"]),
    ("capture", &["engine", "ids", "time", "wire"]),
    ("replay", &["capture", "dialect", "dissect", "engine", "ids", "reliable", "time", "wire"]),
    ("daemon", &["capture", "engine", "ids", "time", "wire"]),
];

/// The only files of the core's folders that may touch the outside: they are built with the feature `net`.
const OUTSIDE: &[&str] = &[
    "client/driver.rs",
    "client/stream/driver/files.rs",
    "client/stream/driver/mod.rs",
    "client/stream/driver/sockets.rs",
];

/// What may be named only outside the core.
const OF_THE_OUTSIDE: &[&str] = &[
    "mio::",
    "socket2::",
    "signal_hook::",
    "std::fs",
    "std::thread",
    "std::process",
    "std::env",
    "UdpSocket",
];

/// The longest a file may be, in lines.
const LONGEST_FILE: usize = 400;

struct Source {
    /// Below `src`, with `/`.
    name: String,
    text: String,
}

impl Source {
    /// `wire` for `wire/bits.rs`, `time` for `time.rs`.
    fn part(&self) -> &str {
        self.name.split(['/', '.']).next().unwrap()
    }

    /// The lines that are code.
    fn code(&self) -> impl Iterator<Item = &str> {
        self.text.lines().map(str::trim).filter(|line| !line.starts_with("//"))
    }

    /// The parts this file names as `crate::part` or `palabre::part`.
    fn knows(&self) -> BTreeSet<&str> {
        self.code()
            .flat_map(|line| line.split("crate::").skip(1))
            .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap())
            .collect()
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                found.push(Source { name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    assert!(found.len() > 30, "the sources are where they are looked for");
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

#[test]
fn each_part_knows_only_the_parts_it_may_know() {
    let mut faults = Vec::new();
    for source in sources() {
        let part = source.part();
        if ["lib", "main", "commands"].contains(&part) || OUTSIDE.contains(&source.name.as_str()) {
            continue;
        }
        let Some((_, allowed)) = MAY_KNOW.iter().find(|(name, _)| *name == part) else {
            faults.push(format!("{}: the part `{part}` is not in the table", source.name));
            continue;
        };
        for known in source.knows() {
            if known != part && !allowed.contains(&known) {
                faults.push(format!("{}: `{part}` must not know `{known}`", source.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_core_names_nothing_of_the_outside() {
    let mut faults = Vec::new();
    for source in sources() {
        if ["main", "commands", "daemon", "link"].contains(&source.part())
            || OUTSIDE.contains(&source.name.as_str())
        {
            continue;
        }
        for line in source.code() {
            for name in OF_THE_OUTSIDE.iter().filter(|name| line.contains(**name)) {
                faults.push(format!("{}: names {name}: {line}", source.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn each_file_says_what_it_is_and_ends_before_it_gets_long() {
    let mut faults = Vec::new();
    for source in sources() {
        if !source.text.starts_with("//!") {
            faults.push(format!(
                "{}: does not open with what enters, what leaves and what it must not know",
                source.name
            ));
        }
        let lines = source.text.lines().count();
        if lines > LONGEST_FILE {
            faults.push(format!("{}: {lines} lines", source.name));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The rulings that this version keeps, by the letter of their protocol; M18 and M19 are reserved for later ones.
const RULINGS: [(char, &[std::ops::RangeInclusive<u32>]); 5] =
    [('m', &[1..=17, 20..=37]), ('s', &[1..=27]), ('a', &[1..=14]), ('b', &[1..=11]), ('u', &[1..=8])];

#[test]
fn each_ruling_of_a_protocol_is_named_by_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    let mut folders = vec![root.join("tests"), root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let tests: Vec<&str> = text.lines().map(str::trim).filter(|line| line.starts_with("fn ")).collect();
    let rulings = RULINGS.into_iter().flat_map(|(letter, numbers)| {
        numbers.iter().cloned().flatten().map(move |number| format!("{letter}{number}"))
    });
    let missing: Vec<_> = rulings.filter(|ruling| !tests.iter().any(|test| names(test, ruling))).collect();
    assert!(missing.is_empty(), "no test is named after {missing:?}");
}

/// Whether a test's name begins with this ruling, among others perhaps: `fn m14_s6_…` names both.
fn names(test: &str, ruling: &str) -> bool {
    let words = test.strip_prefix("fn ").unwrap_or_default().split('_');
    let is_ruling = |word: &&str| {
        let number = word.strip_prefix(['m', 's', 'a', 'b', 'u']).unwrap_or_default();
        number.parse::<u32>().is_ok()
    };
    words.take_while(is_ruling).any(|word| word == ruling)
}
