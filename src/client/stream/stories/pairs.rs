//! Those with whom we have a connection of our own, or want one (B7).
//!
//! In: who, and what was agreed. Out: channels, last words. Must not know what is said to the server.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use super::line::PeerLine;
use crate::client::Ticket;
use crate::client::stream::io::{Channel, Output};
use crate::client::stream::talk::{Answer, Event, QuestionId, Why};
use crate::client::stream::tongue::Desk;
use crate::dialect::stories::json::Seq;
use crate::time::Instant;

/// How we talk to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    None,
    Direct(Channel),
    Relay,
}

/// Somebody, and the way to him.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) user: String,
    /// Our request, until there is a way.
    pub(super) ticket: Option<Ticket>,
    pub(super) we_asked: bool,
    pub(super) listener: Channel,
    pub(super) token: Option<String>,
    pub(super) address: Option<SocketAddr>,
    /// When we connect, and when we stop to wait.
    pub(super) dial_at: Option<Instant>,
    pub(super) give_up_at: Option<Instant>,
    pub(super) lines: BTreeMap<Channel, PeerLine>,
    pub(super) way: Way,
    /// Texts that are not on their way yet.
    pub(super) texts: VecDeque<Ticket>,
}

/// A text that the server passes on, and the question behind it: when that is answered, the text has been passed on.
#[derive(Debug)]
pub(super) struct Passed {
    pub(super) fence: Seq,
    pub(super) token: String,
    /// None when it is known to have failed.
    pub(super) ticket: Option<Ticket>,
}

/// Somebody who asks us.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) from: String,
    pub(super) until: Instant,
}

/// All of them, and those who ask us.
#[derive(Debug, Default)]
pub(super) struct Peers {
    pub(super) pairs: Vec<Pair>,
    pub(super) offers: BTreeMap<QuestionId, Offer>,
    pub(super) passed: VecDeque<Passed>,
}

impl Peers {
    pub(super) fn is_idle(&self) -> bool {
        self.passed.is_empty() && self.pairs.iter().all(|pair| pair.ticket.is_none() && pair.texts.is_empty())
    }

    /// Whether the server owes an answer.
    pub(super) fn expects(&self) -> bool {
        !self.passed.is_empty()
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let pairs = self.pairs.iter().flat_map(|pair| [pair.dial_at, pair.give_up_at]).flatten();
        pairs.chain(self.offers.values().map(|offer| offer.until)).min()
    }

    /// There is no server any more, and this is over.
    pub(super) fn end(&mut self, desk: &mut Desk) {
        for mut pair in std::mem::take(&mut self.pairs) {
            pair.close(desk);
            pair.conclude(desk, Answer::Unanswered);
        }
        for ticket in std::mem::take(&mut self.passed).into_iter().filter_map(|passed| passed.ticket) {
            desk.give_up(ticket, Why::NotConnected);
        }
        self.offers.clear();
    }

    pub(super) fn find(&mut self, user: &str) -> Option<&mut Pair> {
        self.pairs.iter_mut().find(|pair| pair.user == user)
    }

    pub(super) fn of_token(&mut self, token: &str) -> Option<&mut Pair> {
        self.pairs.iter_mut().find(|pair| pair.token.as_deref() == Some(token))
    }

    pub(super) fn remove(&mut self, user: &str) -> Option<Pair> {
        let at = self.pairs.iter().position(|pair| pair.user == user)?;
        Some(self.pairs.remove(at))
    }
}

impl Pair {
    pub(super) fn new(desk: &mut Desk, user: String, ticket: Option<Ticket>) -> Self {
        let listener = desk.channel();
        desk.put(Output::Listen { channel: listener });
        Self {
            user,
            we_asked: ticket.is_some(),
            ticket,
            listener,
            token: None,
            address: None,
            dial_at: None,
            give_up_at: None,
            lines: BTreeMap::new(),
            way: Way::None,
            texts: VecDeque::new(),
        }
    }

    /// Ends all its channels.
    pub(super) fn close(&mut self, desk: &mut Desk) {
        desk.put(Output::Close(self.listener));
        for channel in std::mem::take(&mut self.lines).into_keys() {
            desk.put(Output::Close(channel));
        }
        for ticket in std::mem::take(&mut self.texts) {
            desk.give_up(ticket, Why::NotOpen(self.user.clone()));
        }
        (self.dial_at, self.give_up_at) = (None, None);
    }

    pub(super) fn conclude(&mut self, desk: &mut Desk, answer: Answer) {
        if let Some(ticket) = self.ticket.take() {
            desk.answer(ticket, answer);
        }
    }

    /// There is a way.
    pub(super) fn opened(&mut self, desk: &mut Desk, way: Way) {
        self.way = way;
        (self.dial_at, self.give_up_at) = (None, None);
        desk.tell(Event::Opened { user: self.user.clone(), direct: way != Way::Relay });
        self.conclude(desk, Answer::Done);
    }

    pub(super) fn dial(&mut self, desk: &mut Desk) {
        self.dial_at = None;
        if let Some(to) = self.address {
            let channel = desk.channel();
            self.lines.insert(channel, PeerLine::new(true));
            desk.put(Output::Connect { channel, to });
        }
    }

    /// Another channel at whose end the right one is.
    pub(super) fn verified(&self) -> Option<Channel> {
        self.lines.iter().find(|(_, line)| line.is_verified()).map(|(channel, _)| *channel)
    }
}
