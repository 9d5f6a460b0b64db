//! What the server says: who is here, what is said to everybody, who wants something private.
//!
//! In: bytes of the server. Out: events; news for the private connections. Must not know what the user wants next.

use super::{Matou, Stage};
use crate::client::stream::talk::{ConnectError, Event, Fate};
use crate::client::stream::tongue::Desk;
use crate::dialect::matou::{ErrorCode, Message, folded};
use crate::time::Instant;

/// What servers of this project call themselves where they say something (A4).
const SERVER: &str = "palabre";
/// How many people are remembered: more than any server has.
const MOST_PEOPLE: usize = 1 << 16;

impl Matou {
    /// Bytes of the server.
    pub(super) fn heard(&mut self, now: Instant, desk: &mut Desk, mut bytes: &[u8]) {
        if self.stage != Stage::Arriving {
            self.silence = (!self.echoes.is_empty()).then_some(now + self.patience);
        }
        loop {
            let message = match self.frames.next(&mut bytes) {
                Ok(Some(message)) => Message::decode(&message, &mut self.scratch)
                    .map(Message::into_owned)
                    .map_err(|malformed| malformed.to_string()),
                Ok(None) => return,
                Err(bad) => Err(bad.to_string()),
            };
            match message {
                Ok(message) => self.message(now, desk, message),
                Err(why) => return self.lost(desk, &format!("what the server says cannot be read: {why}")),
            }
            if self.stage == Stage::Over {
                return;
            }
        }
    }

    fn message(&mut self, now: Instant, desk: &mut Desk, message: Message<'_>) {
        match message {
            Message::Connected { accepted } => self.let_in(now, desk, accepted),
            Message::Arrived { name } => self.arrived(desk, &name),
            Message::Left { name } => {
                if self.people.remove(&folded(&name)).is_some() {
                    desk.tell(Event::Left(name.clone().into_owned()));
                }
                self.partners.left(desk, &name);
            }
            Message::Said { author, text } => self.said(now, desk, &author, text.into_owned()),
            Message::Asked { name } => self.partners.asked(now, desk, &name),
            Message::Expect { name, address } => self.partners.expect(now, desk, &name, address),
            Message::Meet { name, address, ports } => self.partners.meet(now, desk, &name, address, ports),
            Message::Error(code) => self.error(desk, code),
            // The framing lets nothing else through that comes from a server.
            _ => {}
        }
    }

    fn let_in(&mut self, now: Instant, desk: &mut Desk, accepted: bool) {
        if self.stage != Stage::Arriving {
            return;
        }
        if !accepted {
            return self.not_registered(desk, ConnectError::Refused("the name is taken".into()));
        }
        self.stage = Stage::Here;
        self.silence = None;
        desk.tell(Event::Registered);
        for (ticket, ask) in std::mem::take(&mut self.early) {
            self.ask(now, desk, ticket, ask);
        }
    }

    fn arrived(&mut self, desk: &mut Desk, name: &str) {
        let key = folded(name);
        if self.knows(key.clone(), name) && key != self.us {
            desk.tell(Event::Joined(name.into()));
        }
    }

    /// Somebody is here; whether that is news.
    fn knows(&mut self, key: String, name: &str) -> bool {
        if self.people.len() >= MOST_PEOPLE && !self.people.contains_key(&key) {
            return true;
        }
        self.people.insert(key, name.into()).is_none()
    }

    /// Somebody said something to everybody: what we said has arrived when it comes back (A3).
    fn said(&mut self, now: Instant, desk: &mut Desk, author: &str, text: String) {
        let key = folded(author);
        if key == self.us
            && let Some((ticket, is_last)) = self.echoes.pop_front()
        {
            if is_last {
                desk.tell(Event::Text { ticket, fate: Fate::Delivered });
            }
            self.silence = (!self.echoes.is_empty()).then_some(now + self.patience);
        } else if author == SERVER {
            desk.tell(Event::Notice(text));
        } else {
            // Those who were here before us are first heard of when they speak (A2).
            if !self.people.contains_key(&key) {
                self.knows(key, author);
            }
            desk.tell(Event::Heard { from: author.into(), text, alone: false });
        }
    }

    fn error(&mut self, desk: &mut Desk, code: ErrorCode) {
        let is_known = match code {
            ErrorCode::NotConnected => {
                let people = &self.people;
                self.partners.not_connected(desk, |key| people.contains_key(key))
            }
            ErrorCode::NotAsked => self.partners.not_asked(desk),
            ErrorCode::Unknown => false,
        };
        if !is_known {
            desk.tell(Event::Notice(format!("the server reports an error: {code}")));
        }
    }
}
