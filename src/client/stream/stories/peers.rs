//! Connections from us to somebody else, and the server between us when they fail (B7).
//!
//! In: whom the user wants to talk to, what the server says of it, our own channels. Out: requests, channels, texts. Must
//! not know how a text is carried to the server.
//!
//! The server says nothing when it has passed something on, only when it has not: so a question follows it, as it follows a
//! file.
//!
//! Both listen; who asked connects first, and the other one after a while, in case only that way is open. Whoever connects
//! shows the token first, so that nobody learns it by knocking at our port.

use std::net::{IpAddr, SocketAddr};

use core::num::NonZeroU16;

use super::line::{Heard, PeerLine};
use super::pairs::{Offer, Pair, Passed, Way};
use super::talk::Conversation;
use crate::client::Ticket;
use crate::client::stream::io::{Channel, Input, Output};
use crate::client::stream::talk::{Answer, Event, Fate, Question, QuestionId, Why};
use crate::client::stream::tongue::Desk;
use crate::dialect::stories::json::{
    Accept, Claimed, Get, Invite, Refuse, Relayed, Request, Requested, Role, Seq,
};
use crate::time::{Duration, Instant};

/// When the one who was asked connects, too.
const SECOND_TRY: Duration = Duration::from_secs(3);
/// When we say that no connection comes about; the server waits for 10 s.
const GIVE_UP: Duration = Duration::from_secs(8);
/// How long the server waits for our answer to somebody who asks.
const OFFER: Duration = Duration::from_secs(60);
/// How many may ask us at a time.
const MOST_OFFERS: usize = 64;
/// How many may knock at our port at a time.
const MOST_KNOCKING: usize = 8;

impl Conversation {
    pub(super) fn open_peer(&mut self, desk: &mut Desk, ticket: Ticket, user: String) {
        // Who asks us wants the same.
        let asks =
            self.peers.offers.iter().find(|(_, offer)| offer.from == user).map(|(question, _)| *question);
        if let Some(question) = asks {
            self.answer_offer(desk, question, true);
            desk.tell(Event::Moot(question));
            return desk.answer(ticket, Answer::Done);
        }
        if self.peers.find(&user).is_some() {
            let why = format!("there is a connection with {user} already, or one is under way");
            return desk.answer(ticket, Answer::Refused(why));
        }
        let pair = Pair::new(desk, user, Some(ticket));
        self.peers.pairs.push(pair);
    }

    pub(super) fn close_peer(&mut self, desk: &mut Desk, ticket: Ticket, user: &str) {
        let Some(mut pair) = self.peers.remove(user) else {
            return desk.answer(ticket, Answer::Refused(Why::NotOpen(user.into()).to_string()));
        };
        pair.close(desk);
        pair.conclude(desk, Answer::Refused("closed".into()));
        desk.answer(ticket, Answer::Done);
    }

    /// Says something to one person. On a connection of our own it has gone when the system has it.
    pub(super) fn tell_peer(&mut self, desk: &mut Desk, ticket: Ticket, user: String, text: String) {
        let Some(pair) = self.peers.find(&user).filter(|pair| pair.way != Way::None) else {
            return desk.give_up(ticket, Why::NotOpen(user));
        };
        match (pair.way, pair.token.clone()) {
            (Way::Direct(channel), _) => {
                pair.texts.push_back(ticket);
                let bytes = PeerLine::message(self.room.as_deref(), &self.name, &text);
                desk.send(channel, bytes);
            }
            (_, token) => {
                let (token, fence) = (token.unwrap_or_default(), self.seq());
                let relay = Relayed { token: token.clone(), data: text.into() };
                // No file has an empty label: the answer is an error, and comes after what is said of the text.
                let question = Request::GetFile(Get { seq: Some(fence.clone()), filename: String::new() });
                match self.say_json(&Request::P2pRelay(relay)).and_then(|()| self.say_json(&question)) {
                    Ok(()) => self.peers.passed.push_back(Passed { fence, token, ticket: Some(ticket) }),
                    Err(why) => desk.give_up(ticket, why),
                }
            }
        }
    }

    /// The server has answered a question of ours; whether it was one behind a text.
    pub(super) fn passed_on(&mut self, desk: &mut Desk, seq: &Seq) -> bool {
        if self.peers.passed.front().is_none_or(|passed| passed.fence != *seq) {
            return false;
        }
        if let Some(ticket) = self.peers.passed.pop_front().and_then(|passed| passed.ticket) {
            desk.tell(Event::Text { ticket, fate: Fate::Delivered });
        }
        true
    }

    /// Somebody asks us: once, and the server counts it no longer than we do.
    pub(super) fn peer_offers(&mut self, now: Instant, desk: &mut Desk, from: String) {
        let again = self.peers.offers.extract_if(.., |_, offer| offer.from == from).last();
        let oldest =
            if self.peers.offers.len() >= MOST_OFFERS { self.peers.offers.pop_first() } else { None };
        for (question, _) in again.into_iter().chain(oldest) {
            desk.tell(Event::Moot(question));
        }
        let question = QuestionId(self.question());
        desk.tell(Event::Question { question, by: from.clone(), what: Question::Private });
        self.peers.offers.insert(question, Offer { from, until: now + OFFER });
    }

    /// The user has an answer; whether there is such a question.
    pub(super) fn answer_offer(&mut self, desk: &mut Desk, question: QuestionId, accept: bool) -> bool {
        let Some(Offer { from, .. }) = self.peers.offers.remove(&question) else { return false };
        if let Some(mut old) = self.peers.remove(&from) {
            old.close(desk);
        }
        if accept {
            let pair = Pair::new(desk, from, None);
            self.peers.pairs.push(pair);
        } else {
            // It is short, and can be said.
            let _ = self.say_json(&Request::P2pRefuse(Refuse { from }));
        }
        true
    }

    pub(super) fn peer_refuses(&mut self, desk: &mut Desk, user: &str) {
        if let Some(mut pair) = self.peers.remove(user) {
            pair.close(desk);
            pair.conclude(desk, Answer::Refused(format!("{user} does not want to")));
        }
    }

    /// Something of ours has come to nothing, and the server says only of what kind: the oldest of that kind.
    pub(super) fn peer_failed(&mut self, desk: &mut Desk, code: &str, why: &str) -> bool {
        if matches!(code, "token" | "not-relayed" | "too-long") {
            return self.not_passed_on(desk, code, why);
        }
        let waits = |pair: &&Pair| {
            let is_it = match code {
                // What we have accepted is not asked any more.
                "unknown" => !pair.we_asked,
                "user" => true,
                _ => pair.we_asked,
            };
            is_it && pair.token.is_none()
        };
        let user = self.peers.pairs.iter().find(waits).map(|pair| pair.user.clone());
        if let Some(user) = &user {
            self.peer_ends(desk, user, why);
        }
        user.is_some()
    }

    /// A text has not been passed on: the oldest of which that is not known.
    fn not_passed_on(&mut self, desk: &mut Desk, code: &str, why: &str) -> bool {
        let Some(passed) = self.peers.passed.front_mut() else { return false };
        let Some(ticket) = passed.ticket.take() else { return false };
        let token = passed.token.clone();
        desk.give_up(ticket, Why::Refused(why.into()));
        if code == "token"
            && let Some(user) = self.peers.of_token(&token).map(|pair| pair.user.clone())
        {
            self.peer_ends(desk, &user, why);
        }
        true
    }

    /// There is, or will be, no connection with somebody.
    fn peer_ends(&mut self, desk: &mut Desk, user: &str, why: &str) {
        let Some(mut pair) = self.peers.remove(user) else { return };
        pair.close(desk);
        if pair.ticket.is_some() {
            pair.conclude(desk, Answer::Refused(why.into()));
        } else {
            desk.tell(Event::Closed { user: user.into(), why: why.into() });
        }
    }

    /// Both agree, and know where the other is.
    pub(super) fn peer_invited(&mut self, now: Instant, desk: &mut Desk, invite: Invite) {
        let Some(pair) = self.peers.find(&invite.peer.name) else { return };
        let ip: Option<IpAddr> = invite.peer.ip.parse().ok();
        pair.address = ip.map(|ip| SocketAddr::new(ip, invite.peer.port));
        pair.token = Some(invite.token);
        pair.give_up_at = Some(now + GIVE_UP);
        match invite.role {
            Role::Caller => pair.dial(desk),
            Role::Callee => pair.dial_at = Some(now + SECOND_TRY),
        }
        // Who was quicker than the server has shown his token before we knew it.
        let knocking: Vec<Channel> = pair.lines.keys().copied().collect();
        for channel in knocking {
            self.peer_bytes(desk, channel, &[]);
        }
    }

    pub(super) fn peer_falls_back(&mut self, desk: &mut Desk, token: &str) {
        if let Some(pair) = self.peers.of_token(token) {
            pair.close(desk);
            pair.opened(desk, Way::Relay);
        }
    }

    pub(super) fn peer_relays(&mut self, desk: &mut Desk, relayed: &Relayed) {
        let Some(pair) = self.peers.of_token(&relayed.token) else { return };
        let text = relayed.data.as_str().map_or_else(|| relayed.data.to_string(), str::to_owned);
        desk.tell(Event::Heard { from: pair.user.clone(), text, alone: true });
    }

    /// Something has happened to a channel of our own.
    pub(super) fn peer_input(&mut self, desk: &mut Desk, input: &Input<'_>) {
        match input {
            Input::Listening { channel, port } => self.peer_listens(desk, *channel, *port),
            Input::Accepted { listener, channel, .. } => {
                let pair = self.peers.pairs.iter_mut().find(|pair| pair.listener == *listener);
                match pair.filter(|pair| pair.lines.len() < MOST_KNOCKING) {
                    Some(pair) => drop(pair.lines.insert(*channel, PeerLine::new(false))),
                    None => desk.put(Output::Close(*channel)),
                }
            }
            Input::Opened(channel) => {
                if let Some((token, pair)) = self.of_channel(*channel) {
                    let hello = PeerLine::hello(&token);
                    if pair.lines.contains_key(channel) {
                        desk.send(*channel, hello);
                    }
                }
            }
            Input::Bytes { channel, bytes } => self.peer_bytes(desk, *channel, bytes),
            Input::Written(channel) => {
                let pair = self.peers.pairs.iter_mut().find(|pair| pair.way == Way::Direct(*channel));
                for ticket in pair.into_iter().flat_map(|pair| std::mem::take(&mut pair.texts)) {
                    desk.tell(Event::Text { ticket, fate: Fate::Delivered });
                }
            }
            Input::Closed(channel) => self.peer_gone(desk, *channel, true),
            Input::Failed { channel, .. } => self.peer_gone(desk, *channel, false),
            _ => {}
        }
    }

    /// Does what is due.
    pub(super) fn peers_due(&mut self, now: Instant, desk: &mut Desk) {
        let mut failed = Vec::new();
        for pair in &mut self.peers.pairs {
            if pair.dial_at.take_if(|at| *at <= now).is_some() {
                pair.dial(desk);
            }
            if pair.give_up_at.take_if(|at| *at <= now).is_some() {
                failed.extend(pair.token.clone());
            }
        }
        for token in failed {
            self.reports(&token, false);
        }
        for (question, _) in self.peers.offers.extract_if(.., |_, offer| offer.until <= now) {
            desk.tell(Event::Moot(question));
        }
    }

    /// Our port is open: now the other one, or the server, can be told of it.
    fn peer_listens(&mut self, desk: &mut Desk, listener: Channel, port: u16) {
        let Some(pair) = self.peers.pairs.iter_mut().find(|pair| pair.listener == listener) else { return };
        let user = pair.user.clone();
        let Some(port) = NonZeroU16::new(port) else { return };
        let request = if pair.we_asked {
            Request::P2pRequest(Requested { to: user.clone(), port })
        } else {
            Request::P2pAccept(Accept { from: user.clone(), port })
        };
        if let Err(why) = self.say_json(&request)
            && let Some(mut pair) = self.peers.remove(&user)
        {
            pair.close(desk);
            pair.conclude(desk, Answer::Refused(why.to_string()));
        }
    }

    fn peer_bytes(&mut self, desk: &mut Desk, channel: Channel, bytes: &[u8]) {
        let Some(pair) = self.peers.pairs.iter_mut().find(|pair| pair.lines.contains_key(&channel)) else {
            return;
        };
        let (user, token) = (pair.user.clone(), pair.token.clone());
        let Some(line) = pair.lines.get_mut(&channel) else { return };
        for heard in line.read(bytes, token.as_deref()) {
            match heard {
                Heard::Verified { answer } => {
                    let token = token.clone().unwrap_or_default();
                    if answer {
                        desk.send(channel, PeerLine::hello(&token));
                    }
                    self.peer_verified(desk, channel, &token);
                }
                Heard::Text(text) => {
                    desk.tell(Event::Heard { from: user.clone(), text, alone: true });
                }
                Heard::Fault => {
                    desk.put(Output::Close(channel));
                    return self.peer_gone(desk, channel, false);
                }
            }
        }
    }

    /// The one at the other end has shown that he is who he should be.
    fn peer_verified(&mut self, desk: &mut Desk, channel: Channel, token: &str) {
        let Some(pair) = self.peers.of_token(token) else { return };
        // Both may have connected at once: what comes on the other channel is heard, too.
        if pair.way != Way::None {
            return;
        }
        desk.put(Output::Close(pair.listener));
        pair.opened(desk, Way::Direct(channel));
        self.reports(token, true);
    }

    /// A channel is gone: another one may be open, or come. One that was used and ended in order was closed by the other.
    fn peer_gone(&mut self, desk: &mut Desk, channel: Channel, in_order: bool) {
        if let Some(at) = self.peers.pairs.iter().position(|pair| pair.listener == channel) {
            let mut pair = self.peers.pairs.remove(at);
            pair.close(desk);
            return pair.conclude(desk, Answer::Refused("cannot listen for a connection".into()));
        }
        let Some(pair) = self.peers.pairs.iter_mut().find(|pair| pair.lines.contains_key(&channel)) else {
            return;
        };
        pair.lines.remove(&channel);
        if pair.way != Way::Direct(channel) {
            return;
        }
        pair.way = pair.verified().map_or(Way::None, Way::Direct);
        if pair.way != Way::None {
            return;
        }
        let (user, token) = (pair.user.clone(), pair.token.clone().unwrap_or_default());
        pair.close(desk);
        if in_order {
            self.peers.remove(&user);
            desk.tell(Event::Closed { user, why: String::new() });
        } else {
            self.reports(&token, false);
        }
    }

    fn reports(&mut self, token: &str, ready: bool) {
        let claimed = Claimed { token: token.into() };
        let report = if ready { Request::P2pReady(claimed) } else { Request::P2pFailed(claimed) };
        // It is short, and can be said.
        let _ = self.say_json(&report);
    }

    fn of_channel(&mut self, channel: Channel) -> Option<(String, &mut Pair)> {
        let pair = self.peers.pairs.iter_mut().find(|pair| pair.lines.contains_key(&channel))?;
        Some((pair.token.clone()?, pair))
    }
}
