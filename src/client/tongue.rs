//! Where the two protocols part: what both can say, and who says it how.
//!
//! In: a [`Wish`], a receipt, a decision. Out: packets and payloads of the protocol that is spoken. What comes goes the
//! other way, as [`Said`] or [`No`]. Must not know any wire: `msp` and `shen` do.

use std::net::{SocketAddr, SocketAddrV4};

use super::jobs::Job;
use super::questions::Offer;
use super::{Client, Line, Outgoing, Protocol, Refused};
use crate::reliable::{AnyLink, Lane, Quota, Timing};
use crate::time::Instant;
use crate::vocab::Mode;
use crate::wire::{Packet, Payload};

/// Something to ask of the server, or of a member.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wish<'a> {
    /// To be registered under our name.
    Register,
    /// To stay registered, or to see whether the server is there.
    StillHere,
    /// The job we are at; of a long text, its first part.
    Job(&'a Job),
    /// A member of our decentralised room shall hear this; nothing is a probe (M11, S13).
    Straight(&'a str),
    /// The server shall pass this on to one member.
    Relay {
        /// His number.
        to: u16,
        /// What is said.
        text: &'a str,
    },
}

/// What a receipt is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Receipt {
    /// A text.
    Text,
    /// Something that has happened.
    News,
}

/// What the server says to the job we are at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// It is done, and there is nothing to add.
    Done,
    /// We are in the private room that the job leads to, or that we asked about.
    In {
        /// How its texts travel.
        mode: Mode,
        /// Its other members, if it is a decentralised one. 0.0.0.0:0 is no address.
        members: Vec<(String, SocketAddrV4)>,
    },
    /// We are in the public room.
    Left,
    /// Numbers, and whose they are.
    Directory(Vec<(u16, String)>),
    /// The private rooms.
    Rooms(Vec<(String, Mode, u8)>),
    /// Who is there.
    Users(Vec<String>),
}

/// How the server refuses the job we are at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum No {
    /// It has no time: the same may be asked again a little later.
    Busy(Refused),
    /// It speaks as if we were not in the private room that we think we are in.
    NotThere(Refused),
    /// Nothing has changed.
    Because(Refused),
}

impl No {
    pub(super) fn why(self) -> Refused {
        match self {
            Self::Busy(why) | Self::NotThere(why) | Self::Because(why) => why,
        }
    }
}

impl Client {
    /// The message that says it.
    ///
    /// # Errors
    /// When no message can.
    pub(super) fn packet(&self, wish: Wish<'_>) -> Result<Packet, Refused> {
        match self.config.protocol {
            Protocol::Msp => self.msp_packet(wish),
            Protocol::Shen => self.shen_packet(wish),
        }
    }

    /// The parts in which a text is said: one where the protocol has messages for long texts.
    pub(super) fn parts<'t>(&self, text: &'t str) -> Vec<&'t str> {
        match self.config.protocol {
            Protocol::Msp => vec![text],
            Protocol::Shen => super::shen::parts(text),
        }
    }

    /// The answer to something that was only to be heard.
    pub(super) fn receipt(&self, seq: u16, what: Receipt) -> Payload {
        match self.config.protocol {
            Protocol::Msp => self.msp_receipt(seq, what),
            Protocol::Shen => super::shen::receipt(seq),
        }
    }

    /// The answer to a question.
    pub(super) fn decision(&self, offer: &Offer, accept: bool) -> Payload {
        match self.config.protocol {
            Protocol::Msp => self.msp_decision(offer, accept),
            Protocol::Shen => super::shen::decision(offer, accept),
        }
    }

    /// What one who comes does next, to know that he is in, and how the room's texts travel.
    pub(super) fn follow_up(&self, ticket: super::Ticket, offer: &Offer) -> Option<Job> {
        match self.config.protocol {
            Protocol::Msp => super::msp::follow_up(ticket, offer),
            Protocol::Shen => super::shen::follow_up(ticket, offer),
        }
    }

    pub(super) fn understand(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        match self.config.protocol {
            Protocol::Msp => self.msp_datagram(now, from, bytes),
            Protocol::Shen => self.shen_datagram(now, from, bytes),
        }
    }

    /// What else is done once we are registered.
    pub(super) fn greet(&mut self) {
        match self.config.protocol {
            Protocol::Msp => self.msp_greet(),
            Protocol::Shen => {}
        }
    }

    /// What we know of the server is over with the registration.
    pub(super) fn lose_tongue(&mut self) {
        self.msp = super::msp::Speech::default();
        self.shen_forget();
    }

    /// Whether the server can tell who has a number.
    pub(super) const fn has_directory(&self) -> bool {
        match self.config.protocol {
            Protocol::Msp => self.msp.has_directory(),
            Protocol::Shen => true,
        }
    }

    /// Whether the server passes texts on to single members.
    pub(super) const fn can_relay(&self) -> bool {
        match self.config.protocol {
            Protocol::Msp => self.msp.can_relay(),
            Protocol::Shen => true,
        }
    }

    /// Asks from time to time who is in our decentralised room, where nobody tells who has left (S13).
    pub(super) fn look_around(&mut self) {
        if self.config.protocol == Protocol::Shen {
            self.members_changed();
        }
    }

    /// Whether asking for the room we are in brings us back into it if we are not: then nobody has to go home to be sure.
    pub(super) const fn can_ask_for_our_room(&self) -> bool {
        matches!(self.config.protocol, Protocol::Msp)
    }

    /// We are elsewhere: numbers may be other people's there.
    pub(super) fn numbers_changed(&mut self) {
        match self.config.protocol {
            Protocol::Msp => {
                self.names.forget();
                self.ask_directory(super::NOBODY);
            }
            // A text brings its author's name along, and a number is the same in all rooms (S3, S14).
            Protocol::Shen => {}
        }
    }

    /// Asks no more for anything in this lane.
    pub(super) fn cancel(&mut self, lane: Lane) -> Vec<Outgoing> {
        let sent = self.link.sent_in(lane);
        let cancelled = self.link.cancel_lane(lane);
        if let (Protocol::Shen, Some(seq), Some(asked)) = (self.config.protocol, sent, cancelled.first()) {
            // A response does not say that it is one: what still comes under this number must be known for it (S5).
            self.is_over(self.last_now, seq, asked);
        }
        cancelled
    }

    /// A link of the right width.
    pub(super) fn line<P>(&mut self, first: u16) -> Line<P> {
        line(self.config.protocol, self.config.timing, first)
    }
}

/// A link to the server, or to a member of our room.
pub(super) fn line<P>(protocol: Protocol, timing: Timing, first: u16) -> Line<P> {
    match protocol {
        Protocol::Msp => AnyLink::wide(timing, Quota::default(), first),
        Protocol::Shen => AnyLink::narrow(timing, Quota::default(), first),
    }
}
