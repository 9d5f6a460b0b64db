//! One person's session over TCP: what is typed becomes requests.
//!
//! In: typed lines, signals. Out: requests, how it ended. Must not know whether the front is a terminal or two pipes; what
//! events mean is in `events`.
//!
//! A line is taken when the command before it has been answered, so that what is said after `/join` is said in the room
//! that was joined, or not at all. Nobody waits for files and votes: they are done while one talks on.

use std::collections::BTreeMap;
use std::io;

use palabre::client::Ticket;
use palabre::client::stream::driver::StreamDriver;
use palabre::client::stream::{Ask, ConnectError, Protocol, QuestionId};
use palabre::time::Duration;

use super::line::{Command, read};
use super::progress::Progress;
use crate::commands::chat::escape;
use crate::commands::chat::front::Front;
use crate::commands::chat::interrupts::Interrupts;
use crate::commands::chat::typing::{Line, Talker, Typing, parts};
use crate::commands::chat::words::Place;

/// The longest text, in bytes, that servers take (M25); what is longer is said in parts.
const LONGEST_TEXT: usize = 60_000;
/// The same where a text has to fit into a message with all its quotation marks escaped (U7).
const LONGEST_STUMTP_TEXT: usize = 30_000;
/// How many texts may be on their way before the next line is read: a long pipe must not fill the memory.
const MOST_TEXTS: usize = 64;

/// How long one waits at a time for what is still written when a session is over.
const LAST_WAIT: Duration = Duration::from_millis(100);

/// How a session ended.
#[derive(Debug)]
pub(super) enum End {
    /// We have left.
    Left,
    /// The server is gone.
    Lost(String),
    /// We were not let in.
    NotRegistered(ConnectError),
    /// The person did not want to wait.
    Impatient,
}

/// A command that waits for its answer.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) ticket: Ticket,
    pub(super) asked: String,
    /// That it comes to nothing is as bad as a text that does not arrive.
    pub(super) counts: bool,
}

/// A question that waits for an answer of ours.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) number: u64,
    pub(super) question: QuestionId,
    pub(super) by: String,
}

/// A session and what it knows besides the client.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) driver: StreamDriver,
    pub(super) protocol: Protocol,
    /// What to say once we are registered.
    pub(super) welcome: String,
    pub(super) registered: bool,
    pub(super) pending: Option<Pending>,
    /// Commands that nobody waits for.
    pub(super) aside: Vec<Pending>,
    /// The texts that are on their way, as they are quoted when they do not arrive.
    pub(super) texts: BTreeMap<Ticket, String>,
    pub(super) given_up: usize,
    pub(super) typing: Typing,
    pub(super) questions: Vec<Open>,
    pub(super) asked: u64,
    pub(super) progress: Progress,
    pub(super) delayed: bool,
    leaving: bool,
    pub(super) end: Option<End>,
}

impl Session {
    pub(super) fn new(driver: StreamDriver, protocol: Protocol, welcome: String) -> Self {
        Self {
            driver,
            protocol,
            welcome,
            registered: false,
            pending: None,
            aside: Vec::new(),
            texts: BTreeMap::new(),
            given_up: 0,
            typing: Typing::new(),
            questions: Vec::new(),
            asked: 0,
            progress: Progress::default(),
            delayed: false,
            leaving: false,
            end: None,
        }
    }

    /// How much was given up: texts, and files.
    pub(super) const fn given_up(&self) -> usize {
        self.given_up
    }

    /// Runs until the person, the server or a signal ends it.
    pub(super) fn run(&mut self, front: &mut dyn Front, interrupts: &Interrupts) -> io::Result<End> {
        loop {
            self.take_lines(front);
            if interrupts.came() && self.end.is_none() {
                self.interrupted(front);
            }
            if front.is_deaf() {
                self.leave(front);
            }
            if let Some(end) = self.end.take() {
                self.finish(front, interrupts, &end)?;
                return Ok(end);
            }
            if let Some(event) = self.driver.poll(None)? {
                self.event(front, event);
            }
        }
    }

    /// What was pending has come to nothing: that too is told. A file that has come as a whole is still written, unless the
    /// person does not want to wait.
    fn finish(&mut self, front: &mut dyn Front, interrupts: &Interrupts, end: &End) -> io::Result<()> {
        let waits = |session: &Self| !matches!(end, End::Impatient) && !session.driver.is_idle();
        loop {
            let patience = if waits(self) { LAST_WAIT } else { Duration::ZERO };
            match self.driver.poll(Some(patience))? {
                Some(event) => self.event(front, event),
                None if waits(self) && !interrupts.came() => {}
                None => return Ok(()),
            }
        }
    }

    /// Where we are.
    pub(super) fn place(&self) -> Place {
        self.driver.client().room().map_or(Place::Public, |room| Place::Room(room.into()))
    }

    /// Says goodbye, after everything that was wanted is done or was given up.
    pub(super) fn leave(&mut self, front: &mut dyn Front) {
        if !self.leaving {
            self.leaving = true;
            front.stop();
            if self.delayed || !self.aside.is_empty() {
                front.notice("leaving when what is under way is done or given up; Ctrl-C does not wait");
            }
            self.driver.ask(Ask::Disconnect);
        }
    }

    /// The first interruption waits for what was said; one that comes while we wait already does not.
    fn interrupted(&mut self, front: &mut dyn Front) {
        if self.registered && !self.leaving {
            return self.leave(front);
        }
        front.stop();
        self.end = Some(End::Impatient);
        for text in std::mem::take(&mut self.texts).into_values() {
            self.given_up += 1;
            front.notice(&format!("not known to be delivered: {text}: interrupted"));
        }
    }
}

impl Talker for Session {
    type Command = Command;

    fn place(&self) -> Place {
        self.place()
    }

    fn typing(&mut self) -> &mut Typing {
        &mut self.typing
    }

    fn takes_lines(&self, _: &dyn Front) -> bool {
        let waits = self.pending.is_some() || self.texts.len() >= MOST_TEXTS;
        !waits && !self.leaving && self.end.is_none()
    }

    fn read(&self, line: &str) -> Line<Command> {
        read(self.protocol, line)
    }

    fn say_here(&mut self, text: &str) {
        let longest = if self.protocol == Protocol::Stumtp { LONGEST_STUMTP_TEXT } else { LONGEST_TEXT };
        for part in parts(text, longest) {
            let ticket = self.driver.ask(Ask::Say(part.into()));
            self.texts.insert(ticket, escape::excerpt(part));
        }
    }

    fn gave_up(&mut self) {
        self.given_up += 1;
    }

    fn execute(&mut self, front: &mut dyn Front, command: Command) {
        self.execute(front, command);
    }

    fn leave(&mut self, front: &mut dyn Front) {
        self.leave(front);
    }
}
