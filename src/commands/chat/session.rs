//! One person's session: what is typed becomes requests.
//!
//! In: typed lines, signals. Out: requests, how it ended. Must not know whether the front is a terminal or two pipes; what
//! events mean is in `events`.
//!
//! A line is taken when the command before it has been answered, so that what is said after `/join` is said in the room
//! that was joined, or not at all: what was meant for a private room is never said in the public one (M28). Where others
//! have to decide first (S8, S9), a script waits for them, too; a person sees where he is, and may talk on.

use std::collections::BTreeMap;
use std::io;

use palabre::client::driver::Driver;
use palabre::client::{Ask, ConnectError, Invitation, Ticket};
use palabre::time::{Duration, Instant};

use super::escape;
use super::front::Front;
use super::interrupts::Interrupts;
use super::line::{Command, Matter, read};
use super::protocol::Protocol;
use super::typing::{Line, Talker, Typing, parts};
use super::words::Place;

/// The longest text, in bytes, that servers take (M25); what is longer is said in parts.
const LONGEST_TEXT: usize = 60_000;
/// How many texts may be on their way before the next line is read: a long pipe must not fill the memory.
const MOST_TEXTS: usize = 64;
/// How long a room may take to open: 60 s by the server (S8), and some air for what is told late.
const OPENING: Duration = Duration::from_secs(75);
/// How long an offer of the modes is open (S8).
pub(super) const OFFER: Duration = Duration::from_secs(60);

/// How a session ended.
#[derive(Debug)]
pub(super) enum End {
    /// We have left.
    Left,
    /// We were not registered, or not any more.
    NotRegistered(ConnectError),
    /// The person did not want to wait until we were.
    Impatient,
}

/// A command that waits for its answer.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) ticket: Ticket,
    pub(super) asked: String,
    /// What to say when it is done.
    pub(super) done: Option<String>,
    pub(super) aim: Aim,
}

/// What else follows from the answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    Nothing,
    /// The mode may be offered.
    Invite,
    /// A room opens.
    Open,
    /// The room has this name.
    Rename(String),
}

/// The offer of the modes for a room one invites to (S8).
#[derive(Debug, Default)]
pub(super) enum Offer {
    /// Nobody was invited.
    #[default]
    None,
    /// A mode may be chosen until then.
    Open(Instant),
    /// The invitation was refused: the mode chosen next is that of no room.
    Refused,
}

/// A question that waits for an answer of ours.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) number: u64,
    pub(super) question: Invitation,
    pub(super) matter: Matter,
    /// What it is about, safe to print.
    pub(super) about: String,
    /// Where one is who says yes to an invitation.
    pub(super) leads_to: Place,
}

/// A session and what it knows besides the client.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) driver: Driver,
    pub(super) protocol: Protocol,
    /// What to say once we are registered.
    pub(super) welcome: String,
    pub(super) registered: bool,
    pub(super) pending: Option<Pending>,
    /// Commands about which others have to decide, with whether they lead elsewhere.
    pub(super) undecided: Vec<(Pending, bool)>,
    pub(super) offer: Offer,
    /// The room we invited to has not opened yet; until when it may.
    pub(super) opening: Option<Instant>,
    /// The texts that are on their way, as they are quoted when they do not arrive.
    pub(super) texts: BTreeMap<Ticket, String>,
    pub(super) given_up: usize,
    pub(super) typing: Typing,
    /// Where he was told that he is.
    pub(super) told: Place,
    pub(super) questions: Vec<Open>,
    pub(super) asked: u64,
    pub(super) delayed: bool,
    leaving: bool,
    pub(super) end: Option<End>,
}

impl Session {
    pub(super) const fn new(driver: Driver, protocol: Protocol, welcome: String) -> Self {
        Self {
            driver,
            protocol,
            welcome,
            registered: false,
            pending: None,
            undecided: Vec::new(),
            offer: Offer::None,
            opening: None,
            texts: BTreeMap::new(),
            given_up: 0,
            typing: Typing::new(),
            told: Place::Public,
            questions: Vec::new(),
            asked: 0,
            delayed: false,
            leaving: false,
            end: None,
        }
    }

    /// How many texts were given up.
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
            let patience = self.opening.map(|until| until - self.driver.now());
            if let Some(event) = self.driver.poll(patience)? {
                self.event(front, event);
            }
            if self.opening.take_if(|until| *until <= self.driver.now()).is_some() {
                front.notice(&format!(
                    "nothing was heard of the room you invited to: you are in {}",
                    self.place()
                ));
            }
        }
    }

    /// Where we are.
    pub(super) fn place(&self) -> Place {
        Place::of(self.driver.client().room())
    }

    /// Asks for what has an answer; no other line is taken before it has come.
    pub(super) fn ask(&mut self, asked: String, ask: Ask) {
        self.ask_for(asked, None, Aim::Nothing, ask);
    }

    /// The same, with what to say when it is done, and what else follows.
    pub(super) fn ask_for(&mut self, asked: String, done: Option<String>, aim: Aim, ask: Ask) {
        self.pending = Some(Pending { ticket: self.driver.ask(ask), asked, done, aim });
    }

    /// The room one has invited to opens from now on, or does not.
    pub(super) fn begin_opening(&mut self) {
        self.typing.believed = Place::invited_to();
        self.opening = Some(self.driver.now() + OPENING);
    }

    /// Says goodbye, after everything that was said has arrived or was given up.
    pub(super) fn leave(&mut self, front: &mut dyn Front) {
        if !self.leaving {
            self.leaving = true;
            front.stop();
            if self.delayed {
                front.notice("leaving when what was said has arrived or is given up; Ctrl-C does not wait");
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

    fn takes_lines(&self, front: &dyn Front) -> bool {
        let moves = self.opening.is_some() || self.undecided.iter().any(|(_, moves)| *moves);
        let waits =
            self.pending.is_some() || self.texts.len() >= MOST_TEXTS || (moves && !front.shows_place());
        !waits && !self.leaving && self.end.is_none()
    }

    fn read(&self, line: &str) -> Line<Command> {
        read(self.protocol, line)
    }

    fn say_here(&mut self, text: &str) {
        for part in parts(text, LONGEST_TEXT) {
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
