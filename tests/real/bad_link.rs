//! `palabre link` as a child process.
//!
//! In: where it leads, how bad it is. Out: where it listens, and its counters at the end.

use std::net::SocketAddr;

use crate::program::{Ended, Program};

/// A running `palabre link`.
pub(crate) struct BadLink {
    program: Program,
    pub(crate) address: SocketAddr,
}

/// What it says at its end.
#[derive(Debug)]
pub(crate) struct Summary {
    lines: Vec<String>,
}

impl BadLink {
    /// Starts it, and waits until it listens.
    #[track_caller]
    pub(crate) fn towards(target: SocketAddr, options: &[&str]) -> Self {
        let target = target.to_string();
        let program = Program::start(&[&["link", "--to", &target], options].concat());
        let ready = program.line();
        let address = ready.strip_prefix("listening ").and_then(|address| address.parse().ok());
        Self { program, address: address.expect("the ready line") }
    }

    /// Stops it; it has to end well.
    #[track_caller]
    pub(crate) fn ends(self) -> Summary {
        self.program.signal("TERM");
        self.ends_by_itself()
    }

    /// Waits until it ends; it has to end well.
    #[track_caller]
    pub(crate) fn ends_by_itself(self) -> Summary {
        let Ended { code, out, err } = self.program.end();
        assert_eq!((code, err), (Some(0), vec![]), "{out:?}");
        Summary { lines: out }
    }
}

impl Summary {
    /// A counter of one way: `there` or `back`.
    #[track_caller]
    pub(crate) fn count(&self, way: &str, name: &str) -> u64 {
        let line = self.lines.iter().find_map(|line| line.strip_prefix(way)?.strip_prefix(": "));
        let words = line.and_then(|line| line.split(", ").find_map(|part| part.strip_prefix(name)));
        let number = words.and_then(|words| words.split_whitespace().next()?.parse().ok());
        number.unwrap_or_else(|| panic!("no {name} of {way} in {:?}", self.lines))
    }

    /// What both ways have lost.
    #[track_caller]
    pub(crate) fn lost(&self) -> u64 {
        self.count("there", "lost") + self.count("back", "lost")
    }

    /// Whether there is a line with these words.
    pub(crate) fn says(&self, words: &str) -> bool {
        self.lines.iter().any(|line| line.contains(words))
    }
}
