//! A session of Stories, in frames (B1).
//!
//! In: what happens to the connection. Out: frames. Must not know what a text says: that is the conversation's, which STUMTP
//! carries, too.

mod files;
mod line;
mod moves;
mod pairs;
mod peers;
mod talk;
mod votes;

use std::collections::VecDeque;

pub(super) use talk::Conversation;

use super::io::{Channel, Input, Output, PIECE};
use super::talk::{Answer, Ask, ConnectError, Event, Way, Why};
use super::tongue::{Desk, Tongue};
use crate::client::Ticket;
use crate::dialect::stories::{Answer as Said, DEFAULT_LIMIT, Form, Request, StoriesFraming, Style, frame};
use crate::time::{Duration, Instant};
use crate::wire::Deframer;

/// How long the server may take nothing of what we have for it: slow links take minutes for what is on its way already.
const UNREAD: Duration = Duration::from_secs(300);

/// How far the session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// There is no connection yet.
    Connecting,
    /// LOGIN was sent.
    SigningIn,
    /// We are on the server.
    In,
    /// It is over.
    Over,
}

/// A frame on its way to the server.
#[derive(Debug)]
struct Outgoing {
    bytes: Vec<u8>,
    /// How many of them were given to the connection.
    at: usize,
    file: Option<(String, u64)>,
}

/// A session.
#[derive(Debug)]
pub(super) struct Stories {
    state: State,
    talk: Conversation,
    deframer: Deframer<StoriesFraming>,
    out: VecDeque<Outgoing>,
    /// What was given to the connection is not on its way yet.
    is_writing: bool,
    /// What the user wanted before we were on the server.
    early: VecDeque<(Ticket, Ask)>,
    /// When the server was heard last, or had to be.
    heard_at: Instant,
    /// How much of a file that comes was told.
    told: usize,
    patience: Duration,
}

impl Stories {
    pub(super) fn new(desk: &mut Desk) -> Self {
        Self {
            state: State::Connecting,
            talk: Conversation::new(desk, DEFAULT_LIMIT),
            deframer: Deframer::new(StoriesFraming::answers(Form::Prefixed, DEFAULT_LIMIT)),
            out: VecDeque::new(),
            is_writing: false,
            early: VecDeque::new(),
            heard_at: Instant::ZERO,
            told: 0,
            patience: desk.config.patience,
        }
    }

    fn push(&mut self, text: &str, file: Option<(String, u64)>) {
        let mut bytes = Vec::with_capacity(text.len().saturating_add(4));
        frame(Form::Prefixed, text, &mut bytes);
        self.out.push_back(Outgoing { bytes, at: 0, file });
    }

    /// Gives the connection one piece after the other: a large frame must not fill the memory twice, and its progress is
    /// told.
    fn write(&mut self, now: Instant, desk: &mut Desk) {
        while let Some(line) = self.talk.poll_line() {
            self.push(&line.text, line.file);
        }
        if self.is_writing || self.out.is_empty() {
            return;
        }
        let mut bytes = Vec::new();
        while let Some(outgoing) = self.out.front_mut().filter(|_| bytes.len() < PIECE) {
            let rest = outgoing.bytes.get(outgoing.at..).unwrap_or_default();
            let piece = rest.get(..PIECE.saturating_sub(bytes.len())).unwrap_or(rest);
            bytes.extend_from_slice(piece);
            outgoing.at = outgoing.at.saturating_add(piece.len());
            if let Some((name, total)) = &outgoing.file {
                let done = share(*total, outgoing.at, outgoing.bytes.len());
                desk.tell(Event::Progress { name: name.clone(), way: Way::Out, done, total: *total });
            }
            if outgoing.at < outgoing.bytes.len() {
                break;
            }
            self.out.pop_front();
        }
        self.is_writing = true;
        self.heard_at = now;
        desk.send(Channel::SERVER, bytes);
    }

    fn read(&mut self, now: Instant, desk: &mut Desk, bytes: &[u8]) {
        self.heard_at = now;
        let mut rest = bytes;
        while self.state != State::Over {
            // The text is taken out: what it says may concern all of us.
            let text = match self.deframer.next(&mut rest) {
                Ok(None) => break,
                Ok(Some(frame)) => String::from_utf8(Form::Prefixed.content(&frame).to_vec()),
                Err(why) => return self.lost(desk, format!("the server does not speak Stories: {why}")),
            };
            match text {
                Ok(text) => self.hear(now, desk, &text),
                Err(_) => return self.lost(desk, "the server does not speak Stories: no UTF-8".into()),
            }
            self.told = 0;
        }
        self.tell_progress(desk);
    }

    fn hear(&mut self, now: Instant, desk: &mut Desk, text: &str) {
        match (self.state, Said::parse(text)) {
            (State::SigningIn, Ok(Some(Said::Rooms(rooms)))) => {
                self.state = State::In;
                self.talk.knows_rooms(rooms.into_iter().map(Into::into));
                desk.tell(Event::Registered);
                for (ticket, ask) in std::mem::take(&mut self.early) {
                    self.talk.ask(desk, ticket, ask);
                }
            }
            (State::SigningIn, Ok(Some(Said::Refused { why } | Said::Error { why }))) => {
                self.end(desk, Event::NotRegistered { why: ConnectError::Refused(why.into()) });
            }
            (State::In, _) => self.talk.hear(now, desk, text),
            _ => {}
        }
        if self.talk.is_over() && self.state == State::In {
            self.end(desk, Event::Disconnected);
        }
    }

    /// How much of a file that we want has come.
    fn tell_progress(&mut self, desk: &mut Desk) {
        let held = self.deframer.held();
        if held >= self.told.saturating_add(PIECE)
            && let Some((name, total)) = self.talk.awaited_file()
        {
            self.told = held;
            let done = u64::try_from(held).unwrap_or(u64::MAX).saturating_mul(3).saturating_div(4).min(total);
            desk.tell(Event::Progress { name: name.into(), way: Way::In, done, total });
        }
    }

    fn lost(&mut self, desk: &mut Desk, why: String) {
        let last = match self.state {
            State::Connecting => Event::NotRegistered { why: ConnectError::Unreachable(why) },
            State::SigningIn => Event::NotRegistered { why: ConnectError::Refused(why) },
            // Who has said goodbye and hears nothing more has left.
            State::In if self.talk.has_said_goodbye() => Event::Disconnected,
            _ => Event::Lost { why },
        };
        self.end(desk, last);
    }

    fn end(&mut self, desk: &mut Desk, last: Event) {
        if self.state == State::Over {
            return;
        }
        self.state = State::Over;
        desk.put(Output::Close(Channel::SERVER));
        for (ticket, ask) in std::mem::take(&mut self.early) {
            // Who wants to leave hears the last word of all this as everybody does.
            if ask != Ask::Disconnect {
                refuse(desk, ticket, &ask);
            }
        }
        self.talk.end(desk);
        desk.tell(last);
    }

    fn ask(&mut self, now: Instant, desk: &mut Desk, ticket: Ticket, ask: Ask) {
        match self.state {
            State::In => {
                if !self.talk.expects() {
                    self.heard_at = now;
                }
                self.talk.ask(desk, ticket, ask);
            }
            State::Over => refuse(desk, ticket, &ask),
            _ => self.early.push_back((ticket, ask)),
        }
    }

    /// When a silent server has been silent for too long.
    fn silence(&self) -> Option<Instant> {
        match self.state {
            State::Connecting | State::SigningIn => Some(self.heard_at + self.patience),
            // A file on its way may take its time, as long as some of it is taken.
            State::In if self.is_writing => Some(self.heard_at + self.patience.max(UNREAD)),
            State::In => self.talk.expects().then(|| self.heard_at + self.patience),
            State::Over => None,
        }
    }
}

/// There is no session for it.
pub(super) fn refuse(desk: &mut Desk, ticket: Ticket, ask: &Ask) {
    match ask {
        Ask::Say(_) | Ask::Tell { .. } => desk.give_up(ticket, Why::NotConnected),
        Ask::Disconnect => desk.tell(Event::Disconnected),
        _ => desk.answer(ticket, Answer::Refused(Why::NotConnected.to_string())),
    }
}

/// As much of `total` as `part` is of `whole`.
fn share(total: u64, part: usize, whole: usize) -> u64 {
    let wide = |number: usize| u128::try_from(number).unwrap_or(u128::MAX);
    let share = u128::from(total).saturating_mul(wide(part)).checked_div(wide(whole)).unwrap_or_default();
    u64::try_from(share).unwrap_or(total)
}

impl Tongue for Stories {
    fn start(&mut self, now: Instant, desk: &mut Desk) {
        self.heard_at = now;
        desk.put(Output::Connect { channel: Channel::SERVER, to: desk.config.server });
    }

    fn handle_input(&mut self, now: Instant, desk: &mut Desk, input: Input<'_>) {
        match input {
            Input::Ask(ticket, ask) => self.ask(now, desk, ticket, ask),
            Input::Opened(Channel::SERVER) if self.state == State::Connecting => {
                self.state = State::SigningIn;
                self.heard_at = now;
                let login = Request::Login { name: desk.config.name.as_str().into() };
                self.push(&login.text(Style::Quoted).unwrap_or_default(), None);
            }
            Input::Bytes { channel: Channel::SERVER, bytes } => self.read(now, desk, bytes),
            Input::Written(Channel::SERVER) => {
                self.is_writing = false;
                self.heard_at = now;
            }
            Input::Failed { channel: Channel::SERVER, why } => self.lost(desk, why),
            Input::Closed(Channel::SERVER) => {
                self.lost(desk, "the server has closed the connection".into());
            }
            // What is written when the session is over is still told.
            input => self.talk.input(desk, &input),
        }
        if self.state != State::Over {
            self.write(now, desk);
        }
    }

    fn handle_timeout(&mut self, now: Instant, desk: &mut Desk) {
        if self.silence().is_some_and(|due| due <= now) {
            match self.state {
                State::In => self.lost(desk, "the server does not answer".into()),
                _ => self.end(desk, Event::NotRegistered { why: ConnectError::Silence }),
            }
        }
        if self.state != State::Over {
            self.talk.handle_timeout(now, desk);
            self.write(now, desk);
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let talk = if self.state == State::Over { None } else { self.talk.poll_timeout() };
        [self.silence(), talk].into_iter().flatten().min()
    }

    fn is_idle(&self) -> bool {
        self.early.is_empty() && self.talk.is_idle()
    }

    fn room(&self) -> Option<&str> {
        self.talk.room()
    }
}
