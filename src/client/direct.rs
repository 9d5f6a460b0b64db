//! Texts in a decentralised room: straight to each member, through the server to who cannot be reached (M11).
//!
//! In: texts, answers, silence. Out: requests to members and to the server; one fate a text. Must not know how either is
//! repeated.

use std::net::SocketAddrV4;
use std::sync::Arc;

use super::jobs::Job;
use super::members::{self, Direct, Way};
use super::tongue::Wish;
use super::{Client, Event, Fate, NOBODY, Purpose, Ticket, Why};
use crate::reliable::{Lane, Patience};
use crate::time::{Duration, Instant};
use crate::wire::Packet;

/// A text on its way to several members.
#[derive(Debug, Default)]
pub(super) struct Spread {
    missing: usize,
    unreached: Vec<String>,
}

/// A text that the server passes on to one member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Errand {
    pub(super) ticket: Ticket,
    pub(super) to: String,
    pub(super) text: Arc<str>,
}

impl Client {
    /// Says something to every member.
    pub(super) fn spread(&mut self, ticket: Ticket, text: &str) {
        if text.is_empty() {
            return self.tell(Event::Text { ticket, fate: Fate::Delivered });
        }
        let mut parts: Vec<(Packet, Arc<str>)> = Vec::new();
        for part in self.parts(text) {
            match self.packet(Wish::Straight(part)) {
                Ok(packet) => parts.push((packet, part.into())),
                Err(_) => return self.give_up(ticket, Why::TooLong),
            }
        }
        let names = self.members.names();
        let missing = names.len().saturating_mul(parts.len());
        self.spreads.insert(ticket, Spread { missing, unreached: Vec::new() });
        for name in names {
            let settled = self.members.is_settled(self.last_now, &name);
            for (packet, text) in &parts {
                match self.members.get_mut(&name).filter(|member| settled && member.is_direct()) {
                    Some(member) => {
                        let text = Some((ticket, Arc::clone(text)));
                        member.link.send(members::request(Direct { packet: packet.clone(), text }));
                    }
                    None => self.relay(&name, ticket, Arc::clone(text)),
                }
            }
        }
        self.conclude(ticket);
    }

    /// A text has reached a member, or will not.
    pub(super) fn settle(&mut self, ticket: Ticket, unreached: Option<&str>) {
        if let Some(spread) = self.spreads.get_mut(&ticket) {
            spread.missing = spread.missing.saturating_sub(1);
            let new = unreached.filter(|name| !spread.unreached.iter().any(|known| known == name));
            spread.unreached.extend(new.map(String::from));
        }
        self.conclude(ticket);
    }

    fn conclude(&mut self, ticket: Ticket) {
        if self.spreads.get(&ticket).is_none_or(|spread| spread.missing > 0) {
            return;
        }
        let unreached = self.spreads.remove(&ticket).map(|spread| spread.unreached).unwrap_or_default();
        let fate = match unreached.is_empty() {
            true => Fate::Delivered,
            false => Fate::GivenUp(Why::Unreached(unreached)),
        };
        self.tell(Event::Text { ticket, fate });
    }

    /// Gives the server a text for one member, behind those it was given for him before.
    fn relay(&mut self, to: &str, ticket: Ticket, text: Arc<str>) {
        if !self.can_relay() {
            return self.settle(ticket, Some(to));
        }
        let id = self.names.id(to);
        let Some(member) = self.members.get_mut(to) else { return self.settle(ticket, None) };
        let is_known = id.is_some();
        let Some(id) = id.filter(|_| member.held.is_empty() && self.hold.is_none()) else {
            member.held.push_back((ticket, text));
            if !is_known {
                self.ask_directory(NOBODY);
            }
            return;
        };
        member.relaying += 1;
        let size = text.len();
        let errand = Errand { ticket, to: to.into(), text: Arc::clone(&text) };
        match self.request(Wish::Relay { to: id, text: &text }, Purpose::Relay(errand.clone())) {
            Ok(request) => {
                self.link.send(request.in_lane(relay_lane(id), size).with_patience(Patience::Park));
            }
            Err(_) => self.not_reached(&errand),
        }
    }

    /// Gives the server what was held back: an id was not known, or it had asked us to slow down.
    pub(super) fn send_held_relays(&mut self) {
        for name in self.members.names() {
            let known = self.names.id(&name).is_some();
            let Some(member) = self.members.get_mut(&name).filter(|_| known) else { continue };
            for (ticket, text) in std::mem::take(&mut member.held) {
                self.relay(&name, ticket, text);
            }
        }
    }

    /// The server does not say who is behind a name: nobody can pass anything on to him.
    pub(super) fn drop_held_relays(&mut self) {
        for name in self.members.names() {
            let known = self.names.id(&name).is_some();
            let Some(member) = self.members.get_mut(&name).filter(|_| !known) else { continue };
            for (ticket, _) in std::mem::take(&mut member.held) {
                self.settle(ticket, Some(&name));
            }
        }
    }

    /// The server has answered an errand.
    pub(super) fn relayed(&mut self, now: Instant, errand: &Errand, refused: bool) {
        self.errand_done(errand);
        self.members.relayed(now, &errand.to);
        if refused {
            self.members_changed();
        }
        self.settle(errand.ticket, refused.then_some(errand.to.as_str()));
    }

    /// The server has no time for an errand.
    pub(super) fn relay_later(&mut self, now: Instant, errand: Errand) {
        // Not executed: it comes first when the server listens again, and what was to follow it comes behind it.
        self.slow_down(now);
        let lane = self.names.id(&errand.to).map(relay_lane);
        let behind = lane.map(|lane| self.cancel(lane)).unwrap_or_default();
        let Some(member) = self.members.get_mut(&errand.to) else {
            return self.settle(errand.ticket, None);
        };
        member.relaying = 0;
        let behind = behind.into_iter().filter_map(|outgoing| match outgoing.purpose {
            Purpose::Relay(errand) => Some((errand.ticket, errand.text)),
            _ => None,
        });
        let held = std::mem::take(&mut member.held);
        member.held = std::iter::once((errand.ticket, errand.text)).chain(behind).chain(held).collect();
    }

    /// The server could not be given an errand.
    pub(super) fn not_reached(&mut self, errand: &Errand) {
        self.errand_done(errand);
        self.settle(errand.ticket, Some(&errand.to));
    }

    fn errand_done(&mut self, errand: &Errand) {
        if let Some(member) = self.members.get_mut(&errand.to) {
            member.relaying = member.relaying.saturating_sub(1);
        }
    }

    /// Members who did not answer are reached through the server from now on; true when there were any.
    pub(super) fn follow_direct_losses(&mut self) -> bool {
        let mut any = false;
        while let Some((name, lost)) = self.members.poll_lost() {
            any = true;
            let Some(member) = self.members.get_mut(&name) else { continue };
            member.way = Way::Relayed;
            let mut texts: Vec<_> = lost.text.into_iter().collect();
            texts.extend(member.take_back());
            for (ticket, text) in texts {
                self.relay(&name, ticket, text);
            }
        }
        any
    }

    /// Sends an empty TEXTE, which opens the way through address translators and shows whether it is open (M11).
    pub(super) fn probe(&mut self, name: &str) {
        let Ok(packet) = self.packet(Wish::Straight("")) else { return };
        if let Some(member) = self.members.get_mut(name).filter(|member| member.address.is_some()) {
            member.link.send(members::request(Direct { packet, text: None }));
        }
    }

    /// Tries the straight way again with those who have one.
    pub(super) fn probe_relayed(&mut self) {
        let relayed: Vec<_> = self
            .members
            .iter_mut()
            .filter(|(_, member)| member.way == Way::Relayed)
            .map(|(name, _)| name.clone())
            .collect();
        for name in relayed {
            self.probe(&name);
        }
    }

    /// The server has listed the other members of our room.
    pub(super) fn learn_members(&mut self, listed: &[(String, SocketAddrV4)]) {
        for gone in self.members.names() {
            if !listed.iter().any(|(name, _)| *name == gone) {
                self.member_left(&gone);
            }
        }
        for (name, address) in listed {
            self.learn_member(name, *address);
        }
    }

    /// Somebody is a member of our decentralised room, at this address.
    pub(super) fn learn_member(&mut self, name: &str, address: SocketAddrV4) {
        if self.members.has(name, address) {
            return;
        }
        // Who has moved has started afresh: what was on its way to his former address goes through the server.
        let first = self.random.u16(..);
        let line = self.line(first);
        let unsettled = self.members.insert(name, address, line);
        self.probe(name);
        if self.names.id(name).is_none() {
            self.ask_directory(NOBODY);
        }
        for (ticket, text) in unsettled {
            self.relay(name, ticket, text);
        }
    }

    /// A member who has left needs no text any more.
    pub(super) fn member_left(&mut self, name: &str) {
        for (ticket, _) in self.take_back(name) {
            self.settle(ticket, None);
        }
        self.members.remove(name);
    }

    /// Everything that members lack comes to nothing.
    pub(super) fn abandon_spreads(&mut self, why: &Why) {
        for name in self.members.names() {
            self.take_back(&name);
        }
        for ticket in std::mem::take(&mut self.spreads).into_keys() {
            self.give_up(ticket, why.clone());
        }
    }

    /// Takes back every text for a member that is still on its way, whichever way that is.
    fn take_back(&mut self, name: &str) -> Vec<(Ticket, Arc<str>)> {
        let lane = self.names.id(name).map(relay_lane);
        let Some(member) = self.members.get_mut(name) else { return Vec::new() };
        let mut texts = member.take_back();
        let held = std::mem::take(&mut member.held);
        member.relaying = 0;
        let relayed = lane.map(|lane| self.cancel(lane)).unwrap_or_default();
        texts.extend(relayed.into_iter().filter_map(|outgoing| match outgoing.purpose {
            Purpose::Relay(errand) => Some((errand.ticket, errand.text)),
            _ => None,
        }));
        texts.extend(held);
        texts
    }

    /// Somebody came or went. That news names no room and may be of the one we have just left, so it is no list: in a
    /// decentralised room, where it decides who gets our texts, the server is asked for one (M36).
    pub(super) fn members_changed(&mut self) {
        self.news = true;
        self.refresh_if_new();
    }

    /// Asks for the list of members, if there was news since it was asked for last.
    pub(super) fn refresh_if_new(&mut self) {
        let asking = self.current == Some(Job::Refresh) || self.queue.contains(&Job::Refresh);
        if self.news && self.is_direct() && !asking {
            self.news = false;
            self.queue.push_front(Job::Refresh);
        }
    }

    /// Somebody whom we do not know speaks to us: he may have come into our room (M11). Anybody can do so, so the list is
    /// asked for at most once a second.
    pub(super) fn stranger_speaks(&mut self, now: Instant) {
        if self.refreshed.is_none_or(|last| now.since(last) >= Duration::from_secs(1)) {
            self.refreshed = Some(now);
            self.members_changed();
        }
    }
}

/// What goes to one member through the server keeps its order; lane 0 is that of the jobs.
const fn relay_lane(id: u16) -> Lane {
    Lane(id.saturating_add(1))
}
