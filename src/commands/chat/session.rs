//! One person's session: what is typed becomes requests, what happens becomes lines.
//!
//! In: typed lines, events of the driver. Out: requests, lines to a [`Front`], how it ended. Must not know whether the
//! front is a terminal or two pipes.
//!
//! A line is taken when the command before it has been answered, so that what is said after `/join` is said in the room
//! that was joined, or not at all: what was meant for a private room is never said in the public one (M28).

use std::collections::BTreeMap;
use std::io;

use palabre::client::driver::Driver;
use palabre::client::{Answer, Ask, ConnectError, Event, Fate, Invitation, Speaker, Ticket};

use super::escape;
use super::front::{Front, Typed};
use super::interrupts::Interrupts;
use super::line::Line;
use super::words::{self, Place};

/// The longest text, in bytes, that servers take (M25); what is longer is said in parts.
const LONGEST_TEXT: usize = 60_000;
/// How many texts may be on their way before the next line is read: a long pipe must not fill the memory.
const MOST_TEXTS: usize = 64;

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
struct Pending {
    ticket: Ticket,
    asked: String,
}

/// An invitation that waits for an answer of ours.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) number: u64,
    pub(super) invitation: Invitation,
    pub(super) room: String,
}

/// A session and what it knows besides the client.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) driver: Driver,
    /// What to say once we are registered.
    welcome: String,
    registered: bool,
    pending: Option<Pending>,
    /// The texts that are on their way, as they are quoted when they do not arrive.
    texts: BTreeMap<Ticket, String>,
    given_up: usize,
    /// Where the one who types believes to be: the last room he asked for, or was shown.
    pub(super) believed: Place,
    pub(super) invitations: Vec<Open>,
    invited: u64,
    delayed: bool,
    /// The line whose rest may still come is something to say.
    says: bool,
    leaving: bool,
    end: Option<End>,
}

impl Session {
    pub(super) const fn new(driver: Driver, welcome: String) -> Self {
        Self {
            driver,
            welcome,
            registered: false,
            pending: None,
            texts: BTreeMap::new(),
            given_up: 0,
            believed: Place::Public,
            invitations: Vec::new(),
            invited: 0,
            delayed: false,
            says: false,
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
                while let Some(event) = self.driver.poll(Some(std::time::Duration::ZERO))? {
                    self.event(front, event);
                }
                return Ok(end);
            }
            if let Some(event) = self.driver.poll(None)? {
                self.event(front, event);
            }
        }
    }

    /// Where we are.
    pub(super) fn place(&self) -> Place {
        Place::of(self.driver.client().room())
    }

    fn take_lines(&mut self, front: &mut dyn Front) {
        while self.pending.is_none() && self.texts.len() < MOST_TEXTS && !self.leaving && self.end.is_none() {
            match front.next(&self.place()) {
                None => break,
                Some(Typed::End) => self.leave(front),
                Some(Typed::More(text)) if self.says => self.say(front, &text),
                // The rest of a command that is too long: what was none is never said.
                Some(Typed::More(_)) => {}
                Some(Typed::Line { text, place }) => {
                    if let Some(place) = place {
                        self.believed = place;
                    }
                    let line = Line::read(&text);
                    self.says = matches!(line, Line::Say(_));
                    match line {
                        Line::Nothing => {}
                        Line::Say(text) => self.say(front, &text),
                        Line::Do(command) => self.execute(front, command),
                        Line::Wrong(why) => front.notice(&escape::text(&why)),
                    }
                }
            }
        }
    }

    fn say(&mut self, front: &mut dyn Front, text: &str) {
        let place = self.place();
        if place != self.believed {
            self.given_up += 1;
            return front.notice(&format!(
                "not said: {}: it was meant for {}, and you are in {place}; {}",
                escape::excerpt(text),
                self.believed,
                front.hint_to_speak()
            ));
        }
        let mut rest = text;
        while !rest.is_empty() {
            let (part, after) = rest.split_at(rest.floor_char_boundary(LONGEST_TEXT));
            let ticket = self.driver.ask(Ask::Say(part.into()));
            self.texts.insert(ticket, escape::excerpt(part));
            rest = after;
        }
    }

    /// Asks for what has an answer; no other line is taken before it has come.
    pub(super) fn ask(&mut self, asked: String, ask: Ask) {
        self.pending = Some(Pending { ticket: self.driver.ask(ask), asked });
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

    fn event(&mut self, front: &mut dyn Front, event: Event) {
        match event {
            Event::Registered { .. } => {
                self.registered = true;
                front.notice(&self.welcome);
            }
            Event::Forgotten => {
                self.registered = false;
                front.notice("the server does not know us any more: registering again");
            }
            Event::StillConnecting { why } => {
                front.notice(&format!("not connected yet: {why}; trying again"));
            }
            Event::NotRegistered { why } => {
                front.stop();
                self.end = Some(End::NotRegistered(why));
            }
            Event::Disconnected => self.end = Some(End::Left),
            Event::Heard { from: Speaker::Server, text } => front.notice(&escape::text(&text)),
            Event::Heard { from, text } => {
                front.heard(&escape::name(&from.to_string()), &escape::text(&text));
            }
            Event::Text { ticket, fate } => self.fate(front, ticket, fate),
            Event::Answered { ticket, answer } => self.answered(front, ticket, &answer),
            Event::Invited { invitation, by, room, mode } => {
                self.invited += 1;
                let number = self.invited;
                front.notice(&format!(
                    "{} invites you to the room {} ({}): /accept {number} or /decline {number}",
                    escape::name(&by),
                    escape::text(&room),
                    words::mode(mode)
                ));
                self.invitations.push(Open { number, invitation, room });
            }
            Event::Joined(name) => front.notice(&format!("{} has come into this room", escape::name(&name))),
            Event::Left(name) => front.notice(&format!("{} has left this room", escape::name(&name))),
            Event::Closed(room) => {
                front.notice(&format!(
                    "the room {} has closed: you are in {}",
                    escape::text(&room),
                    self.place()
                ));
            }
            Event::Declined(name) => front.notice(&format!("{} does not come", escape::name(&name))),
            Event::ServerStops => front.notice("the server stops"),
            // Only the other protocol has these.
            Event::Question { .. }
            | Event::Undecided { .. }
            | Event::ModeOffered
            | Event::Opened { .. }
            | Event::NotOpened
            | Event::ModeChanged(_)
            | Event::Renamed(_) => {}
        }
    }

    fn fate(&mut self, front: &mut dyn Front, ticket: Ticket, fate: Fate) {
        match fate {
            Fate::Delayed => {
                if !std::mem::replace(&mut self.delayed, true) {
                    front.notice("the server does not answer: what you say is kept and sent again");
                }
            }
            Fate::Delivered => {
                self.texts.remove(&ticket);
                self.delayed = false;
            }
            Fate::GivenUp(why) => {
                self.given_up += 1;
                let text = self.texts.remove(&ticket).unwrap_or_default();
                front.notice(&format!("not delivered: {text}: {}", escape::text(&why.to_string())));
            }
        }
    }

    fn answered(&mut self, front: &mut dyn Front, ticket: Ticket, answer: &Answer) {
        if matches!(answer, Answer::In { .. } | Answer::Left) {
            self.believed = self.place();
        }
        if let Some(pending) = self.pending.take_if(|pending| pending.ticket == ticket) {
            for line in words::answer(&pending.asked, answer) {
                front.answer(&line);
            }
        }
    }
}
