//! Matou's client: the public talk through the server, private connections without it (A8).
//!
//! In: inputs. Out: outputs, on the desk. Must not know sockets, files or clocks.
//!
//! `public` has what goes through the server. `meet` makes two people a private connection, a `link` is one that is open,
//! `incoming` and `outgoing` are the files on it, `partners` keeps everybody with whom there is something private.

mod incoming;
mod link;
mod meet;
mod outgoing;
mod partner;
mod partners;
mod progress;
mod public;
mod saving;

use std::collections::{BTreeMap, VecDeque};

use super::config::Config;
use super::io::{Channel, Input, Output};
use super::talk::{Answer, Ask, ConnectError, Event, Fate, Why};
use super::tongue::{Desk, Tongue};
use crate::client::Ticket;
use crate::dialect::matou::{Frames, Message, Way, carried, folded};
use crate::time::{Duration, Instant};
use crate::wire::{Deframer, Scratch};
use meet::say;
use partners::Partners;

/// A session in Matou.
#[derive(Debug)]
pub(super) struct Matou {
    /// Our name without letter case.
    us: String,
    patience: Duration,
    stage: Stage,
    frames: Deframer<Frames>,
    scratch: Scratch,
    /// What was wanted before we were let in.
    early: VecDeque<(Ticket, Ask)>,
    /// The parts of our texts that have not come back, and whether each is the last of its text (A3).
    echoes: VecDeque<(Ticket, bool)>,
    /// When a server that says nothing is given up.
    silence: Option<Instant>,
    /// Who is here, as far as we were told (A2): by the name without letter case.
    people: BTreeMap<String, String>,
    partners: Partners,
}

/// Where the session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// There is no answer to our COREQ yet.
    Arriving,
    /// We are in.
    Here,
    /// We go as soon as what was said and sent is away.
    Leaving,
    Over,
}

impl Matou {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            us: folded(&config.name),
            patience: config.patience,
            stage: Stage::Arriving,
            frames: Deframer::new(Frames { way: Way::ToClient }),
            scratch: Scratch::new(),
            early: VecDeque::new(),
            echoes: VecDeque::new(),
            silence: None,
            people: BTreeMap::new(),
            partners: Partners::new(&config.name),
        }
    }
}

impl Tongue for Matou {
    fn start(&mut self, now: Instant, desk: &mut Desk) {
        self.silence = Some(now + self.patience);
        desk.put(Output::Connect { channel: Channel::SERVER, to: desk.config.server });
    }

    fn handle_input(&mut self, now: Instant, desk: &mut Desk, input: Input<'_>) {
        match input {
            Input::Ask(ticket, ask) => self.ask(now, desk, ticket, ask),
            _ if self.stage == Stage::Over => {}
            Input::Opened(Channel::SERVER) => {
                say(desk, &Message::Connect { name: desk.config.name.clone().into() });
            }
            Input::Bytes { channel: Channel::SERVER, bytes } => self.heard(now, desk, bytes),
            Input::Written(Channel::SERVER) => {}
            Input::Failed { channel: Channel::SERVER, why } => self.lost(desk, &why),
            Input::Closed(Channel::SERVER) => self.lost(desk, "the server has closed the connection"),
            input => self.partners.handle_input(now, desk, input),
        }
        self.partners.watch(now);
        self.leave_when_done(desk);
    }

    fn handle_timeout(&mut self, now: Instant, desk: &mut Desk) {
        self.partners.handle_timeout(now, desk);
        if self.silence.is_some_and(|until| until <= now) {
            self.silent(desk);
        }
        self.leave_when_done(desk);
    }

    fn poll_timeout(&self) -> Option<Instant> {
        [self.silence, self.partners.poll_timeout()].into_iter().flatten().min()
    }

    fn is_idle(&self) -> bool {
        let asks = self.stage == Stage::Arriving || !self.early.is_empty() || !self.echoes.is_empty();
        !asks && self.stage != Stage::Leaving && self.partners.is_idle()
    }

    fn room(&self) -> Option<&str> {
        None
    }
}

impl Matou {
    /// The user wants something.
    fn ask(&mut self, now: Instant, desk: &mut Desk, ticket: Ticket, ask: Ask) {
        match self.stage {
            Stage::Arriving => return self.early.push_back((ticket, ask)),
            Stage::Here => {}
            Stage::Leaving | Stage::Over => return refuse(desk, ticket, &ask),
        }
        let done = match ask {
            Ask::Say(text) => return self.say(now, desk, ticket, &text),
            Ask::Tell { user, text } => return self.partners.tell(desk, ticket, &user, text),
            Ask::SendFile { path, to: Some(user) } => {
                return self.partners.send_file(desk, ticket, &user, path);
            }
            Ask::ListUsers => {
                return desk.answer(ticket, Answer::Users(self.people.values().cloned().collect()));
            }
            Ask::Open(user) => self.partners.open(now, desk, &user),
            Ask::Close(user) => self.partners.close(desk, &user),
            Ask::Answer { question, accept } => self.partners.answer(now, desk, question, accept),
            Ask::Disconnect => {
                self.stage = Stage::Leaving;
                return;
            }
            Ask::SendFile { to: None, .. } => Err("a file goes to somebody one has opened".into()),
            Ask::Join(_) | Ask::Leave | Ask::ListRooms => Err("this protocol has no rooms".into()),
            Ask::Fetch { .. } => Err("whoever has a file sends it".into()),
            Ask::Vote(_) => Err("this protocol has no votes".into()),
        };
        let answer = done.map_or_else(Answer::Refused, |()| Answer::Done);
        desk.answer(ticket, answer);
    }

    fn say(&mut self, now: Instant, desk: &mut Desk, ticket: Ticket, text: &str) {
        let parts: Vec<_> = carried(text).collect();
        let Some(last) = parts.len().checked_sub(1) else {
            return desk.tell(Event::Text { ticket, fate: Fate::Delivered });
        };
        for (index, part) in parts.into_iter().enumerate() {
            say(desk, &Message::Say { text: part.into() });
            self.echoes.push_back((ticket, index == last));
        }
        self.silence.get_or_insert(now + self.patience);
    }

    /// Nothing has come for too long.
    fn silent(&mut self, desk: &mut Desk) {
        match self.stage {
            Stage::Arriving => self.not_registered(desk, ConnectError::Silence),
            _ => self.lost(desk, "the server does not answer"),
        }
    }

    /// The connection to the server has come to nothing, or to its end.
    fn lost(&mut self, desk: &mut Desk, why: &str) {
        match self.stage {
            Stage::Arriving => self.not_registered(desk, ConnectError::Unreachable(why.into())),
            Stage::Here | Stage::Leaving => {
                self.end(desk);
                desk.tell(Event::Lost { why: why.into() });
            }
            Stage::Over => {}
        }
    }

    fn not_registered(&mut self, desk: &mut Desk, why: ConnectError) {
        self.end(desk);
        desk.tell(Event::NotRegistered { why });
    }

    /// Goes, if that is wanted and nothing waits any more.
    fn leave_when_done(&mut self, desk: &mut Desk) {
        let waits = !self.echoes.is_empty() || !self.partners.is_idle() || self.partners.is_receiving();
        if self.stage == Stage::Leaving && !waits {
            say(desk, &Message::SignOut);
            self.end(desk);
            desk.tell(Event::Disconnected);
        }
    }

    /// Everything ends, and what waited has its last word.
    fn end(&mut self, desk: &mut Desk) {
        self.stage = Stage::Over;
        self.silence = None;
        for (ticket, is_last) in std::mem::take(&mut self.echoes) {
            if is_last {
                desk.give_up(ticket, Why::NotConnected);
            }
        }
        for (ticket, ask) in std::mem::take(&mut self.early) {
            refuse(desk, ticket, &ask);
        }
        self.partners.end(desk);
        desk.put(Output::Close(Channel::SERVER));
    }
}

/// Nothing can be done for the user any more.
fn refuse(desk: &mut Desk, ticket: Ticket, ask: &Ask) {
    match ask {
        Ask::Say(_) | Ask::Tell { .. } => desk.give_up(ticket, Why::NotConnected),
        Ask::Disconnect => {}
        _ => desk.answer(ticket, Answer::Refused(Why::NotConnected.to_string())),
    }
}
