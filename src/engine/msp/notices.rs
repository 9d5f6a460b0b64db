//! How the server tells people what the rooms want told.
//!
//! In: effects. Out: requests to the peers of those concerned. Must not know why something happened.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;

use super::{OWN_LANE, Outgoing, Purpose};
use crate::dialect::msp::{Body, Capabilities, Event, name, packet, words};
use crate::engine::{DropReason, Server};
use crate::ids::{PeerId, RoomId, UserId};
use crate::reliable::{Lane, Patience, Rank, Request};
use crate::time::Instant;
use crate::vocab::{Mode, Notice, Question};

impl Server {
    /// Tells everybody concerned what has happened, in order.
    pub(in crate::engine) fn deliver(&mut self, now: Instant) {
        for effect in std::mem::take(&mut self.effects) {
            self.tell(now, &effect.to, &effect.notice);
        }
    }

    fn tell(&mut self, now: Instant, to: &[UserId], notice: &Notice) {
        match notice {
            Notice::Text { author, text, .. } => self.pass_on(now, to, *author, text),
            Notice::Asked { question, what: Question::Invitation { name: by, room_name, mode, .. } } => {
                let offer = Body::Offer { by: name(by), mode: *mode, room: name(room_name) };
                if let Some(offer) = self.own(&offer, Purpose::Offer(*question)) {
                    let request = Request::new(offer).with_patience(Patience::Linger);
                    self.ask_all(now, to, &request);
                }
            }
            Notice::Joined { user, room } => {
                if let Some(event) = self.joined(*user, *room) {
                    self.tell_event(now, to, &event, Purpose::Notice);
                }
            }
            Notice::Left { user, name: who } => {
                let id = self.peers.number_of(*user).unwrap_or_default();
                self.tell_event(now, to, &Event::Left { id, user: name(who) }, Purpose::Notice);
            }
            Notice::Closed { name: room, .. } => {
                self.closings = self.closings.wrapping_add(1);
                let purpose = Purpose::Closing(self.closings);
                self.tell_event(now, to, &Event::Closed { room: name(room) }, purpose);
            }
            Notice::Declined { name: user, .. } => {
                self.tell_event(now, to, &Event::Declined { user: name(user) }, Purpose::Notice);
            }
            Notice::CouldNotJoin { room, why } => {
                for user in to {
                    if let Some(id) = self.peers.of(*user) {
                        self.tell_in_words(id, &format!("you could not join {room}: {why}"));
                        self.pump(now, id);
                    }
                }
            }
            _ => {}
        }
    }

    /// A text is encoded once; its receivers share all but the first four bytes.
    fn pass_on(&mut self, now: Instant, to: &[UserId], author: UserId, text: &Arc<str>) {
        let Some(author) = self.peers.number_of(author) else { return };
        let body = Body::Text { text: text.as_ref().into(), order: None };
        let Ok(packet) = packet(author, &body) else { return self.stats.drop(DropReason::Unencodable) };
        let outgoing = Outgoing { packet, purpose: Purpose::Text };
        let size = outgoing.size();
        let request = Request::new(outgoing).in_lane(Lane(author.into()), size).with_patience(Patience::Park);
        self.ask_all(now, to, &request);
    }

    fn joined(&self, user: UserId, room: Option<RoomId>) -> Option<Event<'static>> {
        let decentralised =
            room.and_then(|room| self.rooms.room(room)).is_some_and(|room| room.mode == Mode::Direct);
        let address =
            if decentralised { self.reachable_at(user) } else { SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0) };
        let user_name = name(&self.rooms.user(user)?.name).into_owned();
        Some(Event::Joined { id: self.peers.number_of(user)?, address, user: user_name })
    }

    /// As a NOTIFICATION to those who read it, in words to the others (M12).
    fn tell_event(&mut self, now: Instant, to: &[UserId], event: &Event<'_>, purpose: Purpose) {
        let text = words(event);
        let notification = self.own(&Body::Notification(event.clone()), purpose);
        let words = self.own(&Body::Text { text: text.into(), order: None }, purpose);
        let (Some(notification), Some(words)) = (notification, words) else { return };
        for user in to {
            let Some(id) = self.peers.of(*user) else { continue };
            let reads =
                self.peers.get(id).is_some_and(|peer| peer.capabilities.has(Capabilities::NOTIFICATIONS));
            let told = if reads { notification.clone() } else { words.clone() };
            self.ask(now, *user, in_own_lane(told));
        }
    }

    /// Says something to one peer that is worth no event of its own.
    pub(super) fn tell_in_words(&mut self, id: PeerId, text: &str) {
        self.say_to(id, text, Purpose::Words);
    }

    fn say_to(&mut self, id: PeerId, text: &str, purpose: Purpose) {
        let words = self.own(&Body::Text { text: text.into(), order: None }, purpose);
        if let (Some(words), Some(peer)) = (words, self.peers.get_mut(id)) {
            peer.link.send(in_own_lane(words));
        }
    }

    /// Somebody whose mailbox overflowed is back: he is told how much he missed (M17, M31), and where he is (M21).
    pub(super) fn tell_what_was_dropped(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        if let Some(closing) = peer.closing.take() {
            peer.link.send(in_own_lane(closing));
        }
        let missed = std::mem::take(&mut peer.texts_lost);
        let what = match missed {
            0 => return,
            1 => "a text for you was dropped".into(),
            n => format!("{n} texts for you were dropped"),
        };
        let words = format!("{what}: too many waited while you were away");
        self.say_to(id, &words, Purpose::Missed(missed));
    }

    fn own(&mut self, body: &Body<'_>, purpose: Purpose) -> Option<Outgoing> {
        let outgoing = Outgoing::from_server(body, purpose);
        if outgoing.is_err() {
            self.stats.drop(DropReason::Unencodable);
        }
        outgoing.ok()
    }

    fn ask_all(&mut self, now: Instant, to: &[UserId], request: &Request<Outgoing>) {
        for user in to {
            self.ask(now, *user, request.clone());
        }
    }

    /// Asks something of the peer through which `user` is reached, if he is still here.
    fn ask(&mut self, now: Instant, user: UserId, request: Request<Outgoing>) {
        let Some(id) = self.peers.of(user) else { return };
        if let Some(peer) = self.peers.get_mut(id).filter(|peer| peer.user == Some(user)) {
            peer.link.send(request);
            self.pump(now, id);
        }
    }
}

/// What the server says itself keeps its order, and yields to people's texts when a mailbox is full (M31).
fn in_own_lane(outgoing: Outgoing) -> Request<Outgoing> {
    let size = outgoing.size();
    let rank = if outgoing.purpose == Purpose::Notice { Rank::Notice } else { Rank::Text };
    Request::new(outgoing).in_lane(OWN_LANE, size).with_patience(Patience::Park).with_rank(rank)
}
