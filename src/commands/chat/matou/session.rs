//! One person's session: what is typed becomes requests.
//!
//! In: typed lines, signals. Out: requests, how it ended. Must not know whether the front is a terminal or two pipes; what
//! events mean is in `events`.
//!
//! No line waits for the one before it: what is said to somebody with whom there is no connection yet is kept until there
//! is one, and files go beside everything else.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use palabre::client::Ticket;
use palabre::client::stream::driver::StreamDriver;
use palabre::client::stream::{Ask, ConnectError, QuestionId};

use super::HELP;
use super::line::{Command, Line};
use crate::commands::chat::escape;
use crate::commands::chat::front::{Front, Typed};
use crate::commands::chat::interrupts::Interrupts;
use crate::commands::chat::progress::Bars;
use crate::commands::chat::words::Place;

/// How many texts and files may be on their way before the next line is read: a long pipe must not fill the memory.
const MOST_PENDING: usize = 64;

/// How a session ended.
#[derive(Debug)]
pub(super) enum End {
    /// We have left.
    Left,
    /// The server did not let us in.
    NotRegistered(ConnectError),
    /// The server is gone.
    Lost(String),
    /// The person did not want to wait.
    Impatient,
}

/// A session and what it knows besides the client.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) driver: StreamDriver,
    /// What to say once we are registered.
    pub(super) welcome: String,
    pub(super) registered: bool,
    /// The texts that are on their way, as they are quoted when they do not arrive.
    pub(super) texts: BTreeMap<Ticket, String>,
    /// The files likewise.
    pub(super) files: BTreeMap<Ticket, String>,
    /// The other requests.
    pub(super) asked: BTreeMap<Ticket, String>,
    pub(super) given_up: usize,
    /// Who asks us for a private connection, the latest last.
    pub(super) questions: Vec<(QuestionId, String)>,
    pub(super) bars: Bars,
    /// The line whose rest may still come is a text to everybody, or to this person.
    says: Option<Option<String>>,
    leaving: bool,
    pub(super) end: Option<End>,
}

impl Session {
    pub(super) fn new(driver: StreamDriver, welcome: String) -> Self {
        Self {
            driver,
            welcome,
            registered: false,
            texts: BTreeMap::new(),
            files: BTreeMap::new(),
            asked: BTreeMap::new(),
            given_up: 0,
            questions: Vec::new(),
            bars: Bars::default(),
            says: None,
            leaving: false,
            end: None,
        }
    }

    /// How many texts and files were given up.
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
                // What was pending has come to nothing: that too is told.
                while let Some(event) = self.driver.poll(Some(Duration::ZERO))? {
                    self.event(front, event);
                }
                return Ok(end);
            }
            if let Some(event) = self.driver.poll(None)? {
                self.event(front, event);
            }
        }
    }

    fn takes_lines(&self) -> bool {
        let pending = self.texts.len() + self.files.len() + self.asked.len();
        pending < MOST_PENDING && !self.leaving && self.end.is_none()
    }

    fn take_lines(&mut self, front: &mut dyn Front) {
        while self.takes_lines() {
            match front.next(&Place::Public) {
                None => break,
                Some(Typed::End) => self.leave(front),
                Some(Typed::More(text)) => match self.says.clone() {
                    Some(to) => self.say(to, text),
                    // The rest of a command that is too long: what was none is never said.
                    None => {}
                },
                Some(Typed::Line { text, .. }) => {
                    self.says = None;
                    match Line::read(&text) {
                        Line::Nothing => {}
                        Line::Say(text) => self.say(None, text),
                        Line::Do(command) => self.execute(front, command),
                        Line::Wrong(why) => front.notice(&escape::text(&why)),
                    }
                }
            }
        }
    }

    fn say(&mut self, to: Option<String>, text: String) {
        self.says = Some(to.clone());
        let mut quoted = escape::excerpt(&text);
        let ask = match to {
            None => Ask::Say(text),
            Some(user) => {
                quoted = format!("{quoted} to {user}");
                Ask::Tell { user, text }
            }
        };
        let ticket = self.driver.ask(ask);
        self.texts.insert(ticket, quoted);
    }

    fn execute(&mut self, front: &mut dyn Front, command: Command) {
        match command {
            Command::Open(user) => {
                self.questions.retain(|(_, by)| *by != user);
                self.ask(format!("/open {user}"), Ask::Open(user));
            }
            Command::Accept(user) => self.accept(front, user.as_deref()),
            Command::Close(user) => {
                self.questions.retain(|(_, by)| *by != user);
                self.ask(format!("/close {user}"), Ask::Close(user));
            }
            Command::Tell { user, text } => self.say(Some(user), text),
            Command::File { user, path } => {
                let asked = format!("/file {user} {}", escape::text(&path.to_string_lossy()));
                let ticket = self.driver.ask(Ask::SendFile { path, to: Some(user) });
                self.files.insert(ticket, asked);
            }
            Command::Who => self.ask("/who".into(), Ask::ListUsers),
            Command::Help => HELP.iter().for_each(|line| front.answer(line)),
            Command::Quit => self.leave(front),
        }
    }

    fn accept(&mut self, front: &mut dyn Front, user: Option<&str>) {
        let is_meant = |(_, by): &(QuestionId, String)| user.is_none_or(|user| user == by);
        let Some(index) = self.questions.iter().rposition(is_meant) else {
            let who = user.unwrap_or("nobody");
            let negation = if user.is_some() { "does not ask" } else { "asks" };
            return front.notice(&format!("/accept: {who} {negation} for a private connection"));
        };
        let (question, by) = self.questions.remove(index);
        self.ask(format!("/accept {by}"), Ask::Answer { question, accept: true });
    }

    fn ask(&mut self, asked: String, ask: Ask) {
        let ticket = self.driver.ask(ask);
        self.asked.insert(ticket, asked);
    }

    /// Says goodbye, after everything that was said and sent is away, or was given up.
    pub(super) fn leave(&mut self, front: &mut dyn Front) {
        if !self.leaving {
            self.leaving = true;
            front.stop();
            if !self.files.is_empty() {
                front.notice("leaving when the files are sent; Ctrl-C does not wait");
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
        let (texts, files) = (std::mem::take(&mut self.texts), std::mem::take(&mut self.files));
        for text in texts.into_values().chain(files.into_values()) {
            self.given_up += 1;
            front.notice(&format!("not known to be delivered: {text}: interrupted"));
        }
    }
}
