//! The lines of the demonstration.
//!
//! In: what happens. Out: one line each, at most 80 columns wide. Must not know why it happens.

use std::io::{self, Write};

use palabre::time::{Duration, Instant};

use super::people::{self, Node};
use super::what::What;
use crate::commands::style::{Look, Style, look_of};

/// How many characters of a text fit.
const LONGEST_TEXT: usize = 38;
/// Whom a text is for.
const ALL_THERE: &str = "the room";

/// What a line is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    Said,
    Lost,
    Again,
    Waits,
    Delivered,
    News,
    Wrong,
}

impl Mark {
    const fn look(self) -> (char, Look) {
        match self {
            Self::Said => ('»', Look::Bold),
            Self::Lost => ('✗', Look::Red),
            Self::Again => ('↻', Look::Yellow),
            Self::Waits => ('‖', Look::Yellow),
            Self::Delivered => ('✓', Look::Green),
            Self::News => ('·', Look::Dim),
            Self::Wrong => ('!', Look::Red),
        }
    }
}

/// Standard output, and whether it can still be written to.
#[derive(Debug)]
pub(super) struct Show {
    /// The time that lines bear.
    pub(super) now: Instant,
    style: Style,
    broken: Option<io::Error>,
}

impl Show {
    pub(super) fn new() -> Self {
        Self { now: Instant::ZERO, style: Style::of_stdout(), broken: None }
    }

    /// Why writing has failed, if it has.
    pub(super) const fn broken(&self) -> Option<&io::Error> {
        self.broken.as_ref()
    }

    /// A line as it stands.
    pub(super) fn line(&mut self, line: &str) {
        if self.broken.is_none() {
            let mut out = io::stdout().lock();
            self.broken = writeln!(out, "{line}").and_then(|()| out.flush()).err();
        }
    }

    /// A line of the narrator.
    pub(super) fn tell(&mut self, words: &str) {
        let words = self.style.paint(Look::Bold, words);
        self.line(&format!("\n{words}"));
    }

    /// Good or bad in the end.
    pub(super) fn verdict(&mut self, good: bool, words: &str) {
        let words = self.style.paint(if good { Look::Green } else { Look::Red }, words);
        self.line(&words);
    }

    /// Something somebody did, or that happened to him.
    pub(super) fn news(&mut self, mark: Mark, who: usize, words: &str) {
        let line = format!("{} {}", self.person(who), words);
        self.at(mark, &line);
    }

    /// Somebody says something to all in his room.
    pub(super) fn said(&mut self, by: usize, text: &str) {
        self.way(Mark::Said, Node::Person(by), ALL_THERE, "", text);
    }

    /// Somebody heard it.
    pub(super) fn heard(&mut self, by: usize, who: usize, delay: Duration, text: &str) {
        let delay = format!("{} ms", delay.as_millis());
        self.way(Mark::Delivered, Node::Person(by), name(Node::Person(who)), &delay, text);
    }

    /// A message left; those that are lost or sent again are worth a line, and of the answers only a text's.
    pub(super) fn sent(&mut self, from: Node, to: Node, what: &What, attempt: u32, lost: bool) {
        let (mark, detail) = match (lost, attempt) {
            (true, 1) => (Mark::Lost, "lost".into()),
            (true, _) => (Mark::Lost, format!("try {attempt}")),
            (false, 1) => return,
            (false, _) => (Mark::Again, format!("try {attempt}")),
        };
        match what {
            What::Text(text) => self.way(mark, from, name(to), &detail, text),
            What::TextAnswer => self.plain_way(mark, from, name(to), &detail, "acknowledgement"),
            What::Request(Some(words)) => self.plain_way(mark, from, name(to), &detail, words),
            What::Request(None) | What::Answer => {}
        }
    }

    /// A message is there and cannot be read yet.
    pub(super) fn waits(&mut self, from: Node, to: Node, what: &What) {
        if let What::Text(text) = what {
            self.way(Mark::Waits, from, name(to), "waits", text);
        }
    }

    fn way(&mut self, mark: Mark, from: Node, to: &str, detail: &str, text: &str) {
        let quoted = match text.char_indices().nth(LONGEST_TEXT) {
            None => format!("\"{text}\""),
            Some((end, _)) => format!("\"{}…\"", text.split_at(end).0),
        };
        self.plain_way(mark, from, to, detail, &quoted);
    }

    fn plain_way(&mut self, mark: Mark, from: Node, to: &str, detail: &str, words: &str) {
        let from = match from {
            Node::Server => format!("{:>6}", name(from)),
            Node::Person(who) => self.person(who),
        };
        self.at(mark, &format!("{from} → {to:<9}  {detail:<9}{words}"));
    }

    fn person(&self, who: usize) -> String {
        let name = name(Node::Person(who));
        self.style.paint(look_of(name), format_args!("{name:>6}"))
    }

    fn at(&mut self, mark: Mark, line: &str) {
        let (sign, look) = mark.look();
        let sign = self.style.paint(look, sign);
        let micros = self.now.as_micros();
        self.line(&format!("{:>3}.{:03} {sign} {line}", micros / 1_000_000, micros / 1_000 % 1_000));
    }
}

fn name(node: Node) -> &'static str {
    match node {
        Node::Server => "server",
        Node::Person(who) => people::name(who),
    }
}
