//! How each dialect sees everybody: the numbers and names by which its people know the others.
//!
//! In: users, rooms, and what a wire calls them. Out: the one for the other. Must not know messages.

use std::sync::Arc;

use super::config::Dialect;
use super::matou;
use super::names::{Fit, Names};
use super::numbers::{Holder, Numbers};
use super::peers::Peers;
use crate::dialect::matou::{folded, legal};
use crate::ids::{RoomId, UserId};
use crate::rooms::RoomManager;
use crate::time::Instant;

/// What Stories calls the public room (B4).
pub(super) const PUBLIC: &str = "public";

/// What one dialect calls people and rooms.
#[derive(Debug)]
pub(super) struct Side {
    dialect: Dialect,
    pub(super) numbers: Numbers,
    pub(super) users: Names<UserId>,
    pub(super) rooms: Names<RoomId>,
}

/// All dialects' sides. Stories and STUMTP speak the same language: they share one.
#[derive(Debug)]
pub(super) struct Sides {
    msp: Side,
    shen: Side,
    matou: Side,
    stories: Side,
}

/// What most dialects can show: all but one character.
const ANY: Fit = Fit { bytes: 64, chars: 64, allows: |_| true, instead: "_", reserved: &[], folds: None };

impl Sides {
    pub(super) fn new() -> Self {
        let side = |dialect, numbers, users, rooms| Side {
            dialect,
            numbers,
            users: Names::new(users),
            rooms: Names::new(rooms),
        };
        let no_hash = Fit { allows: |c| c != '#', ..ANY };
        let no_comma = Fit { chars: 30, allows: |c| c != ',', ..ANY };
        let no_bar = Fit { allows: |c| c != '|' && !c.is_control(), ..ANY };
        let letters = Fit {
            bytes: 32,
            allows: legal,
            instead: "",
            reserved: &[matou::SERVER],
            folds: Some(folded),
            ..ANY
        };
        Self {
            // M5 and M20.
            msp: side(
                Dialect::Msp,
                Numbers::new(254, 100),
                Fit { bytes: 10, ..no_hash },
                Fit { bytes: 50, ..no_hash },
            ),
            // S3, S15 and S16.
            shen: side(Dialect::Shen, Numbers::new(1_023, 400), no_comma, no_comma),
            // A1. It knows no rooms (A7).
            matou: side(Dialect::Matou, Numbers::none(), letters, ANY),
            // B3 and B4.
            stories: side(
                Dialect::Stories,
                Numbers::none(),
                Fit { bytes: 32, ..no_bar },
                Fit { reserved: &[PUBLIC], ..no_bar },
            ),
        }
    }

    pub(super) const fn of(&self, dialect: Dialect) -> &Side {
        match dialect {
            Dialect::Msp => &self.msp,
            Dialect::Shen => &self.shen,
            Dialect::Matou => &self.matou,
            Dialect::Stories | Dialect::Stumtp => &self.stories,
        }
    }

    pub(super) const fn of_mut(&mut self, dialect: Dialect) -> &mut Side {
        match dialect {
            Dialect::Msp => &mut self.msp,
            Dialect::Shen => &mut self.shen,
            Dialect::Matou => &mut self.matou,
            Dialect::Stories | Dialect::Stumtp => &mut self.stories,
        }
    }

    /// All of them.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Side> {
        [&mut self.msp, &mut self.shen, &mut self.matou, &mut self.stories].into_iter()
    }
}

impl Side {
    /// The user who has this number.
    pub(super) fn user_of(&self, peers: &Peers, number: u16) -> Option<UserId> {
        match self.numbers.holder(number)? {
            Holder::Resident(peer) => peers.get(peer)?.user,
            Holder::Guest(user) => Some(user),
        }
    }

    /// The number by which this dialect knows a user, also just after he has left. A guest gets one when he has none, if need
    /// be another guest's.
    pub(super) fn number_of(&mut self, now: Instant, peers: &Peers, user: UserId) -> Option<u16> {
        self.number_if_free(now, peers, user).or_else(|| {
            peers.is_here(user).then_some(())?;
            self.numbers.admit_speaker(now, user, |guest| peers.heard(guest))
        })
    }

    /// The same, but a guest for whom no number is free stays without one: a list may be asked for at any time, and must not
    /// take their numbers from those who talk.
    pub(super) fn number_if_free(&mut self, now: Instant, peers: &Peers, user: UserId) -> Option<u16> {
        let peer = peers.of(user).and_then(|peer| peers.get(peer));
        if let Some(peer) = peer.filter(|peer| self.dialect == peer.dialect.into()) {
            return Some(peer.number);
        }
        if let Some(number) = self.numbers.guest(user) {
            return Some(number);
        }
        peers.is_here(user).then_some(())?;
        self.numbers.admit_guest(now, user)
    }

    /// What this dialect calls a user.
    pub(super) fn user_name(&mut self, rooms: &RoomManager, user: UserId, name: &Arc<str>) -> Arc<str> {
        self.users.show(user, name, |name| rooms.find(name))
    }

    /// What this dialect calls a room, which may have closed.
    pub(super) fn room_name(&mut self, rooms: &RoomManager, room: RoomId, name: &Arc<str>) -> Arc<str> {
        if self.rooms.owner(name).is_some_and(|owner| rooms.room(owner).is_none()) {
            self.rooms.retain(|other| rooms.room(other).is_some());
        }
        let before = self.rooms.len();
        let shown = self.rooms.show(room, name, |name| rooms.find_room(name));
        if self.rooms.len() > before {
            self.rooms.retain(|other| other == room || rooms.room(other).is_some());
        }
        shown
    }

    /// Whether this dialect calls some room so that really has another name: then no other can have it there.
    pub(super) fn is_room_alias(&self, rooms: &RoomManager, name: &str) -> bool {
        self.rooms.owner(name).is_some_and(|owner| rooms.room(owner).is_some())
    }

    /// The user whom this dialect calls so.
    pub(super) fn find_user(&self, rooms: &RoomManager, name: &str) -> Option<UserId> {
        self.users.find(name, |name| rooms.find(name))
    }

    /// The private room that this dialect calls so.
    pub(super) fn find_room(&self, rooms: &RoomManager, name: &str) -> Option<RoomId> {
        self.rooms.find(name, |name| rooms.find_room(name)).filter(|room| rooms.room(*room).is_some())
    }
}
