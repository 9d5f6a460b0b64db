//! The numbers that people have on one wire: MSP's ids (M5, M20), Shen's handles (S3).
//!
//! In: who wants one, who gives one back. Out: a number, or who has it. Must not know what a number is used for.
//!
//! Those who speak the dialect are residents: a number of theirs is held by their peer until it has rested. People of
//! other dialects are guests: they get numbers from the same space when one is first needed to show them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::idpool::IdPool;
use crate::ids::{PeerId, UserId};
use crate::time::{Duration, Instant};

/// Who has a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// Somebody who speaks this dialect, or did until a moment ago.
    Resident(PeerId),
    /// Somebody of another dialect.
    Guest(UserId),
}

/// The numbers of one dialect.
#[derive(Debug)]
pub(super) struct Numbers {
    pool: IdPool,
    by_number: Vec<Option<Holder>>,
    guests: BTreeMap<UserId, u16>,
    /// Guests whose number was another guest's until they got it, and who have not been introduced since.
    unknown: BTreeSet<UserId>,
    most_guests: usize,
    /// Numbers of guests who have left, oldest first, and when each may be given to somebody else.
    resting: VecDeque<(Instant, u16)>,
}

impl Numbers {
    /// Numbers from 1 to `last`, at most `most_guests` of them for people of other dialects.
    pub(super) fn new(last: u16, most_guests: usize) -> Self {
        Self {
            pool: IdPool::new(last),
            by_number: vec![None; usize::from(last) + 1],
            guests: BTreeMap::new(),
            unknown: BTreeSet::new(),
            most_guests,
            resting: VecDeque::new(),
        }
    }

    /// No numbers: this dialect knows people by name.
    pub(super) fn none() -> Self {
        Self::new(0, 0)
    }

    /// A free number; the caller says with [`Self::settle`] who has it, or gives it back.
    pub(super) fn take(&mut self, now: Instant) -> Option<u16> {
        while let Some((_, number)) = self.resting.front().filter(|(until, _)| *until <= now) {
            self.pool.give_back(*number);
            self.resting.pop_front();
        }
        self.pool.take()
    }

    /// A free number for a resident, when need be that of the guest whom `silence` says to be silent longest (M20).
    pub(super) fn take_from_guests(&mut self, silence: impl Fn(UserId) -> Instant) -> Option<u16> {
        let (&guest, _) = self.guests.iter().min_by_key(|(guest, _)| silence(**guest))?;
        self.evict(guest)
    }

    /// `number` belongs to this peer from now on.
    pub(super) fn settle(&mut self, number: u16, peer: PeerId) {
        if let Some(entry) = self.by_number.get_mut(usize::from(number)) {
            *entry = Some(Holder::Resident(peer));
        }
    }

    /// A peer is forgotten: its number may be given to somebody else.
    pub(super) fn give_back(&mut self, number: u16) {
        if let Some(entry) = self.by_number.get_mut(usize::from(number)) {
            *entry = None;
        }
        self.pool.give_back(number);
    }

    /// Who has this number.
    pub(super) fn holder(&self, number: u16) -> Option<Holder> {
        *self.by_number.get(usize::from(number))?
    }

    /// The number of somebody of another dialect, if he has one.
    pub(super) fn guest(&self, guest: UserId) -> Option<u16> {
        self.guests.get(&guest).copied()
    }

    /// Gives a number to somebody of another dialect, if there is a free one for him.
    pub(super) fn admit_guest(&mut self, now: Instant, guest: UserId) -> Option<u16> {
        let number = if self.guests.len() < self.most_guests { self.take(now) } else { None }?;
        self.settle_guest(number, guest);
        Some(number)
    }

    /// The same; when there is none, he gets that of the guest whom `silence` says to be silent longest. Those who know the
    /// number know somebody else by it then: see [`Self::introduces`].
    pub(super) fn admit_speaker(
        &mut self,
        now: Instant,
        guest: UserId,
        silence: impl Fn(UserId) -> Instant,
    ) -> Option<u16> {
        let free = self.admit_guest(now, guest);
        if free.is_some() {
            return free;
        }
        let number = self.take_from_guests(silence)?;
        self.settle_guest(number, guest);
        self.unknown.insert(guest);
        Some(number)
    }

    /// Whether a guest has still to be introduced to those who know another by his number. The caller does it now.
    pub(super) fn introduces(&mut self, guest: UserId) -> bool {
        self.unknown.remove(&guest)
    }

    fn settle_guest(&mut self, number: u16, guest: UserId) {
        if let Some(entry) = self.by_number.get_mut(usize::from(number)) {
            *entry = Some(Holder::Guest(guest));
        }
        self.guests.insert(guest, number);
    }

    /// Somebody of another dialect has left the server: his number rests for a while (M5).
    pub(super) fn guest_left(&mut self, now: Instant, guest: UserId, rest: Duration) {
        if let Some(number) = self.evict(guest) {
            self.resting.push_back((now + rest, number));
        }
    }

    fn evict(&mut self, guest: UserId) -> Option<u16> {
        let number = self.guests.remove(&guest)?;
        self.unknown.remove(&guest);
        if let Some(entry) = self.by_number.get_mut(usize::from(number)) {
            *entry = None;
        }
        Some(number)
    }
}
