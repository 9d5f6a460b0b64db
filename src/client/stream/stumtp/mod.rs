//! A session of STUMTP: it outlives its connections, and loses nothing.
//!
//! In: what happens to the connection of the day. Out: frames, and a new connection when there is none. Must not know what
//! a text says: that is the conversation's, as in Stories (U6).

mod link;

use std::collections::VecDeque;

use super::io::{Channel, Input, Output};
use super::stories::{Conversation, refuse};
use super::talk::{Ask, ConnectError, Event};
use super::tongue::{Desk, Tongue};
use crate::client::Ticket;
use crate::dialect::stories::{Answer as Said, Request, Style};
use crate::dialect::stumtp::{Frame, LONGEST_TEXT};
use crate::time::{Duration, Instant};
use link::Link;

/// How long we wait before we connect again, at first and at most.
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How long the server keeps a session that has no connection (U5).
const KEPT: Duration = Duration::from_secs(600);

/// How far the session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A connection was asked for.
    Connecting,
    /// LOGIN or RESUME was sent.
    Opening,
    /// The session goes on.
    In,
    /// There is no connection, until then.
    Waiting(Instant),
    /// It is over.
    Over,
}

/// A session.
#[derive(Debug)]
pub(super) struct Stumtp {
    state: State,
    talk: Conversation,
    link: Link,
    /// What the user wanted before we were on the server.
    early: VecDeque<(Ticket, Ask)>,
    /// What names the session, once there is one.
    token: Option<String>,
    /// The rooms have been told, so we are on the server.
    is_known: bool,
    wait: Duration,
    /// Since when there is no connection, once that was told.
    away: Option<Instant>,
    /// The server was heard, or something was sent after a silence.
    heard_at: Instant,
    patience: Duration,
}

impl Stumtp {
    pub(super) fn new(desk: &mut Desk) -> Self {
        Self {
            state: State::Connecting,
            talk: Conversation::new(desk, LONGEST_TEXT),
            link: Link::default(),
            early: VecDeque::new(),
            token: None,
            is_known: false,
            wait: FIRST_WAIT,
            away: None,
            heard_at: Instant::ZERO,
            patience: desk.config.patience,
        }
    }

    /// Keeps what is to be said, and says it if there is somebody to hear it.
    fn write(&mut self, now: Instant, desk: &mut Desk) {
        let was_quiet = !self.link.awaits();
        while let Some(line) = self.talk.poll_line() {
            self.link.keep(&line.text);
        }
        if self.state == State::In {
            self.link.send(desk);
            if was_quiet && self.link.awaits() {
                self.heard_at = now;
            }
        }
    }

    fn opened(&mut self, now: Instant, desk: &mut Desk) {
        self.state = State::Opening;
        self.heard_at = now;
        match &self.token {
            Some(token) => self.link.resume(desk, token),
            None => {
                let login = Request::Login { name: desk.config.name.as_str().into() };
                Link::aside(desk, &login.text(Style::Quoted).unwrap_or_default());
            }
        }
    }

    fn read(&mut self, now: Instant, desk: &mut Desk, bytes: &[u8]) {
        self.heard_at = now;
        let mut rest = bytes;
        while matches!(self.state, State::Opening | State::In) {
            let unit = match self.link.next(&mut rest) {
                Ok(None) => break,
                Ok(Some(unit)) => unit,
                Err(why) => return self.cut(now, desk, &format!("the server does not speak STUMTP: {why}")),
            };
            match crate::dialect::stumtp::decode(&unit) {
                Ok(Frame::Numbered { id: 0, ack, text }) => self.aside(now, desk, ack, text),
                Ok(Frame::Numbered { id, ack, text }) if self.state == State::In => {
                    self.link.acknowledged(ack);
                    match self.link.receive(now, id) {
                        link::Arrival::New => self.hear(now, desk, text),
                        link::Arrival::Seen => {}
                        // Only a new connection brings what is missing.
                        link::Arrival::Gap => return self.cut(now, desk, "a message is missing"),
                    }
                }
                Ok(Frame::Ack(ack)) if self.state == State::In => self.link.acknowledged(Some(ack)),
                Ok(Frame::Plain(text)) => self.aside(now, desk, None, text),
                Ok(_) => {}
                Err(why) => return self.cut(now, desk, &format!("the server does not speak STUMTP: {why}")),
            }
        }
    }

    /// What is outside the numbering: the beginning of a connection, or a complaint (U5).
    fn aside(&mut self, now: Instant, desk: &mut Desk, ack: Option<u64>, text: &str) {
        if self.state == State::In {
            if let Ok(Some(Said::Error { why } | Said::Refused { why })) = Said::parse(text) {
                desk.tell(Event::Notice(why.into()));
            }
            return;
        }
        if let Some(token) = link::token(text) {
            self.state = State::In;
            self.wait = FIRST_WAIT;
            self.link.acknowledged(ack);
            if self.token.replace(token).is_some() {
                if self.away.take().is_some() && self.is_known {
                    desk.tell(Event::Reconnected);
                }
                self.link.send_again(desk);
            }
            return;
        }
        match Said::parse(text) {
            Ok(Some(Said::Refused { why } | Said::Error { why })) => self.refused(desk, why.into()),
            _ => self.cut(now, desk, "the server does not speak STUMTP"),
        }
    }

    /// A message of the session, each once and in order.
    fn hear(&mut self, now: Instant, desk: &mut Desk, text: &str) {
        if !self.is_known
            && let Ok(Some(Said::Rooms(_))) = Said::parse(text)
        {
            self.is_known = true;
            self.away = None;
            desk.tell(Event::Registered);
            self.talk.hear(now, desk, text);
            for (ticket, ask) in std::mem::take(&mut self.early) {
                self.talk.ask(desk, ticket, ask);
            }
            return;
        }
        self.talk.hear(now, desk, text);
        if self.talk.is_over() {
            self.end(desk, Event::Disconnected);
        }
    }

    /// The server does not let us in, or does not know the session any more.
    fn refused(&mut self, desk: &mut Desk, why: String) {
        let last = if self.talk.has_said_goodbye() {
            Event::Disconnected
        } else if self.is_known {
            Event::Lost { why }
        } else {
            Event::NotRegistered { why: ConnectError::Refused(why) }
        };
        self.end(desk, last);
    }

    /// There is no connection any more, or it is of no use: soon there will be another.
    fn cut(&mut self, now: Instant, desk: &mut Desk, why: &str) {
        desk.put(Output::Close(Channel::SERVER));
        self.gone(now, desk, why);
    }

    fn gone(&mut self, now: Instant, desk: &mut Desk, why: &str) {
        let never = self.state == State::Connecting && self.token.is_none() && self.away.is_none();
        if never {
            return self.end(desk, Event::NotRegistered { why: ConnectError::Unreachable(why.to_owned()) });
        }
        self.link.disconnected();
        let since = *self.away.get_or_insert_with(|| {
            desk.tell(Event::StillConnecting { why: why.to_owned() });
            now
        });
        if self.token.is_none() && now.since(since) >= self.patience {
            // There is no session to lose, and whoever answers there may speak something else.
            return self.end(desk, Event::NotRegistered { why: ConnectError::Unreachable(why.to_owned()) });
        }
        if now.since(since) >= KEPT {
            return self.end(desk, Event::Lost { why: "no connection for ten minutes".into() });
        }
        self.talk.delayed(desk);
        self.state = State::Waiting(now + self.wait);
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
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

    fn ask(&mut self, desk: &mut Desk, ticket: Ticket, ask: Ask) {
        match (self.state, self.is_known) {
            (State::Over, _) => refuse(desk, ticket, &ask),
            (_, true) => self.talk.ask(desk, ticket, ask),
            (_, false) => self.early.push_back((ticket, ask)),
        }
    }

    /// When a silent server has been silent for too long.
    fn silence(&self) -> Option<Instant> {
        let waits = match self.state {
            State::Connecting | State::Opening => true,
            State::In => self.link.awaits(),
            State::Waiting(_) | State::Over => false,
        };
        waits.then(|| self.heard_at + self.patience)
    }
}

impl Tongue for Stumtp {
    fn start(&mut self, now: Instant, desk: &mut Desk) {
        self.state = State::Connecting;
        self.heard_at = now;
        desk.put(Output::Connect { channel: Channel::SERVER, to: desk.config.server });
    }

    fn handle_input(&mut self, now: Instant, desk: &mut Desk, input: Input<'_>) {
        match input {
            Input::Ask(ticket, ask) => self.ask(desk, ticket, ask),
            Input::Opened(Channel::SERVER) if self.state == State::Connecting => self.opened(now, desk),
            Input::Bytes { channel: Channel::SERVER, bytes } => self.read(now, desk, bytes),
            Input::Failed { channel: Channel::SERVER, why } if self.is_connected() => {
                self.gone(now, desk, &why);
            }
            Input::Closed(Channel::SERVER) if self.is_connected() => {
                self.gone(now, desk, "the server has closed the connection");
            }
            input => self.talk.input(desk, &input),
        }
        self.write(now, desk);
    }

    fn handle_timeout(&mut self, now: Instant, desk: &mut Desk) {
        if matches!(self.state, State::Waiting(until) if until <= now) {
            self.start(now, desk);
        }
        if self.silence().is_some_and(|due| due <= now) {
            if self.token.is_none() && self.state != State::In {
                self.end(desk, Event::NotRegistered { why: ConnectError::Silence });
            } else {
                self.cut(now, desk, "the server does not answer");
            }
        }
        if self.state == State::In {
            self.link.handle_timeout(now, desk);
        }
        if self.state != State::Over {
            self.talk.handle_timeout(now, desk);
        }
        self.write(now, desk);
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let own = match self.state {
            State::Waiting(until) => Some(until),
            State::In => self.link.poll_timeout(),
            _ => None,
        };
        let talk = if self.state == State::Over { None } else { self.talk.poll_timeout() };
        [own, self.silence(), talk].into_iter().flatten().min()
    }

    fn is_idle(&self) -> bool {
        self.early.is_empty() && self.talk.is_idle()
    }

    fn room(&self) -> Option<&str> {
        self.talk.room()
    }
}

impl Stumtp {
    const fn is_connected(&self) -> bool {
        matches!(self.state, State::Connecting | State::Opening | State::In)
    }
}
