//! The private rooms: their names, their numbers, who is in them.
//!
//! In: what a room shall be, who comes and goes. Out: [`Room`]s. Must not know where somebody goes who leaves, nor whom
//! to tell: `moves` does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ids::{Key, RoomId, UserId};
use crate::vocab::{Mode, Refusal};

use super::directory::check_name;

/// The most private rooms there can be: a list names them in 8 bits (M5).
pub const MAX_ROOMS: usize = 255;

/// How many numbers every protocol has for rooms: handles go no further (S3). Higher ones are given only while all of
/// these are taken.
const COMMON_NUMBERS: u32 = 100;

/// The capacities a room may have: a room of one is none, and there are never more than 254 to put in (M5, M7).
const CAPACITIES: core::ops::RangeInclusive<u8> = 2..=254;

/// How long a room lives (B4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// Until one member is left, who has nobody to talk to (M7).
    Company,
    /// Until nobody is in it.
    Occupied,
    /// As long as the server runs: it was configured.
    Permanent,
}

/// A private room.
#[derive(Debug)]
pub struct Room {
    /// What everybody calls it; unique on the server.
    pub name: Arc<str>,
    /// How its texts travel.
    pub mode: Mode,
    /// The most members it may have, 2..=254; `None` when there is no such limit.
    pub capacity: Option<u8>,
    /// When it ends.
    pub lifetime: Lifetime,
    members: Vec<UserId>,
    manager: Option<UserId>,
}

impl Room {
    /// Its members in the order they joined. There is at least one, unless the room is permanent.
    #[must_use]
    pub fn members(&self) -> &[UserId] {
        &self.members
    }

    /// Who may admit people, have the mode changed and end it (S9, S10, S11); one of its members. `None` in a room that
    /// admits by itself.
    #[must_use]
    pub const fn manager(&self) -> Option<UserId> {
        self.manager
    }

    /// Whether nobody else fits in.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.capacity.is_some_and(|capacity| self.members.len() >= usize::from(capacity))
    }

    pub(super) fn push(&mut self, user: UserId) {
        self.members.push(user);
    }

    /// Takes a member out. Whether the room goes on without him (M7) is for [`Self::is_over`] to say.
    pub(super) fn remove(&mut self, user: UserId) {
        self.members.retain(|&member| member != user);
    }

    /// Whether the room ends now that somebody has left it (M7, B4). A room that nobody has joined yet is not asked,
    /// because nobody has left it.
    pub(super) fn is_over(&self) -> bool {
        match self.lifetime {
            Lifetime::Company => self.members.len() <= 1,
            Lifetime::Occupied => self.members.is_empty(),
            Lifetime::Permanent => false,
        }
    }
}

/// All private rooms, by number and by name.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    /// Sorted by number; a stale id is not found, its generation differs.
    by_id: BTreeMap<RoomId, Room>,
    by_name: BTreeMap<Arc<str>, RoomId>,
    /// Names of rooms that are proposed and not open yet (S8): nobody else can have them.
    reserved: BTreeSet<Arc<str>>,
    /// Where the search for a free number begins, so that a number which became free is not given out at once.
    next_slot: u32,
    generation: u32,
    /// How many names were made up. None is made up twice: somebody may still be told of the room that had it.
    made_up: u64,
}

impl Rooms {
    /// Opens an empty room, to be joined by its creator in the same breath.
    ///
    /// # Errors
    /// [`Refusal::BadName`], [`Refusal::NameTaken`], [`Refusal::CapacityTooSmall`], [`Refusal::CapacityTooLarge`] and
    /// [`Refusal::TooManyRooms`], tried in this order.
    pub(super) fn open(&mut self, name: &str, mode: Mode, capacity: u8) -> Result<RoomId, Refusal> {
        self.check_free(name)?;
        check_capacity(capacity)?;
        self.add(name, mode, Some(capacity), Lifetime::Company)
    }

    /// Opens an empty centralised room for any number of members, which does not end when one is left alone (B4).
    ///
    /// # Errors
    /// [`Refusal::BadName`], [`Refusal::NameTaken`] and [`Refusal::TooManyRooms`], tried in this order.
    pub(super) fn open_lasting(&mut self, name: &str, lifetime: Lifetime) -> Result<RoomId, Refusal> {
        self.check_free(name)?;
        self.add(name, Mode::Central, None, lifetime)
    }

    fn add(
        &mut self,
        name: &str,
        mode: Mode,
        capacity: Option<u8>,
        lifetime: Lifetime,
    ) -> Result<RoomId, Refusal> {
        let id = self.free_id().ok_or(Refusal::TooManyRooms)?;
        let name: Arc<str> = Arc::from(name);
        let (members, manager) = (Vec::new(), None);
        let room = Room { name: Arc::clone(&name), mode, capacity, lifetime, members, manager };
        self.by_id.insert(id, room);
        self.by_name.insert(name, id);
        Ok(id)
    }

    /// Keeps a name for a room that is not open yet.
    ///
    /// # Errors
    /// [`Refusal::BadName`], [`Refusal::NameTaken`].
    pub(super) fn reserve(&mut self, name: &str) -> Result<Arc<str>, Refusal> {
        self.check_free(name)?;
        let name: Arc<str> = Arc::from(name);
        self.reserved.insert(Arc::clone(&name));
        Ok(name)
    }

    /// As [`Self::reserve`], when nobody has said which: the next of "messagerie1", "messagerie2" … that is free.
    pub(super) fn reserve_any(&mut self) -> Arc<str> {
        loop {
            self.made_up = self.made_up.wrapping_add(1);
            if let Ok(name) = self.reserve(&format!("messagerie{}", self.made_up)) {
                return name;
            }
        }
    }

    /// Others can have a name that was reserved.
    pub(super) fn release(&mut self, name: &str) {
        self.reserved.remove(name);
    }

    /// Gives a room another name.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::BadName`], [`Refusal::NameTaken`]; then it keeps the one it has.
    pub(super) fn rename(&mut self, id: RoomId, name: &str) -> Result<Arc<str>, Refusal> {
        self.check_free(name)?;
        let room = self.by_id.get_mut(&id).ok_or(Refusal::NoSuchRoom)?;
        self.by_name.remove(&room.name);
        room.name = Arc::from(name);
        self.by_name.insert(Arc::clone(&room.name), id);
        Ok(Arc::clone(&room.name))
    }

    pub(super) fn set_mode(&mut self, id: RoomId, mode: Mode) {
        if let Some(room) = self.by_id.get_mut(&id) {
            room.mode = mode;
        }
    }

    pub(super) fn set_manager(&mut self, id: RoomId, manager: Option<UserId>) {
        if let Some(room) = self.by_id.get_mut(&id) {
            room.manager = manager;
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.by_id.len()
    }

    /// Ends a room and hands out what it was.
    pub(super) fn close(&mut self, id: RoomId) -> Option<Room> {
        let room = self.by_id.remove(&id)?;
        self.by_name.remove(&room.name);
        Some(room)
    }

    pub(super) fn room(&self, id: RoomId) -> Option<&Room> {
        self.by_id.get(&id)
    }

    pub(super) fn room_mut(&mut self, id: RoomId) -> Option<&mut Room> {
        self.by_id.get_mut(&id)
    }

    pub(super) fn find(&self, name: &str) -> Option<RoomId> {
        self.by_name.get(name).copied()
    }

    /// All rooms in order of number.
    pub(super) fn iter(&self) -> impl Iterator<Item = (RoomId, &Room)> {
        self.by_id.iter().map(|(&id, room)| (id, room))
    }

    fn check_free(&self, name: &str) -> Result<(), Refusal> {
        check_name(name)?;
        let is_taken = self.by_name.contains_key(name) || self.reserved.contains(name);
        if is_taken { Err(Refusal::NameTaken) } else { Ok(()) }
    }

    /// The next free number after the one given out last, round and round among those that all protocols have.
    fn free_id(&mut self) -> Option<RoomId> {
        let limit = u32::try_from(MAX_ROOMS).ok()?;
        let common = (self.next_slot..COMMON_NUMBERS).chain(0..self.next_slot);
        let slot = common.chain(COMMON_NUMBERS..limit).find(|&slot| self.is_free(slot))?;
        if slot < COMMON_NUMBERS {
            self.next_slot = slot.saturating_add(1);
        }
        self.generation = self.generation.wrapping_add(1);
        Some(RoomId(Key { slot, generation: self.generation }))
    }

    fn is_free(&self, slot: u32) -> bool {
        let (first, last) = (Key { slot, generation: 0 }, Key { slot, generation: u32::MAX });
        self.by_id.range(RoomId(first)..=RoomId(last)).next().is_none()
    }
}

/// Whether a room can be for so many.
///
/// # Errors
/// [`Refusal::CapacityTooSmall`], [`Refusal::CapacityTooLarge`].
pub(super) const fn check_capacity(capacity: u8) -> Result<(), Refusal> {
    if capacity < *CAPACITIES.start() {
        return Err(Refusal::CapacityTooSmall);
    }
    if capacity > *CAPACITIES.end() {
        return Err(Refusal::CapacityTooLarge);
    }
    Ok(())
}
