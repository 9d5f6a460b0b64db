//! Who is on the server, and under which name.
//!
//! In: names that people ask for. Out: [`UserId`]s, and the [`User`] behind each. Must not know rooms from the inside,
//! dialects, or the aliases they make of a name.

use std::collections::BTreeMap;
use std::sync::Arc;

use slab::Slab;

use crate::ids::{Key, RoomId, UserId};
use crate::vocab::{Ability, Refusal};

/// The longest name a user or a room may have, in bytes of UTF-8.
pub const MAX_NAME_BYTES: usize = 64;

/// Somebody who is on the server.
#[derive(Debug)]
pub struct User {
    /// What everybody calls him; unique on the server.
    pub name: Arc<str>,
    /// The private room he is in; `None` is the public one.
    pub room: Option<RoomId>,
    /// Whether he can be asked something.
    pub ability: Ability,
    pub(super) awareness: Awareness,
}

impl User {
    /// Whether he was moved out of a private room by another's doing and may not know it yet (M21).
    #[must_use]
    pub const fn is_unaware(&self) -> bool {
        self.awareness.unaware
    }
}

/// What somebody who was moved by another's doing knows of it (M21).
#[derive(Debug, Default)]
pub(super) struct Awareness {
    unaware: bool,
    /// Notices of such moves whose fate is still open. The news of an older move must not pass for that of a newer one.
    untold: u32,
}

impl Awareness {
    /// Another moves him and a notice goes out to him. What he has said to the public room on the way here, anybody may
    /// hear: only one who was in a private room is unaware from now on.
    pub(super) const fn moved_unasked(&mut self, was_private: bool) {
        self.unaware |= was_private;
        self.untold = self.untold.saturating_add(1);
    }

    /// He moved by himself: he knows where he is, whatever notices are still on their way.
    pub(super) const fn moved_himself(&mut self) {
        self.unaware = false;
    }

    /// One such notice has arrived, or was given up.
    pub(super) const fn told(&mut self) {
        self.untold = self.untold.saturating_sub(1);
        if self.untold == 0 {
            self.unaware = false;
        }
    }
}

/// Everybody on the server, by id, by name and in the order they came.
#[derive(Debug, Default)]
pub(super) struct Directory {
    slots: Slab<(UserId, User)>,
    by_name: BTreeMap<Arc<str>, UserId>,
    arrivals: Vec<UserId>,
    generation: u32,
}

impl Directory {
    /// Takes in somebody new, who is in the public room to begin with.
    ///
    /// # Errors
    /// [`Refusal::BadName`] and [`Refusal::NameTaken`].
    pub(super) fn insert(&mut self, name: &str, ability: Ability) -> Result<UserId, Refusal> {
        check_name(name)?;
        if self.by_name.contains_key(name) {
            return Err(Refusal::NameTaken);
        }
        let vacant = self.slots.vacant_entry();
        // More than 2^32 users do not fit in memory; were it possible, there would be no room for this one.
        let slot = u32::try_from(vacant.key()).map_err(|_| Refusal::NameTaken)?;
        self.generation = self.generation.wrapping_add(1);
        let id = UserId(Key { slot, generation: self.generation });
        let name: Arc<str> = Arc::from(name);
        let awareness = Awareness::default();
        vacant.insert((id, User { name: Arc::clone(&name), room: None, ability, awareness }));
        self.by_name.insert(name, id);
        self.arrivals.push(id);
        Ok(id)
    }

    /// Forgets somebody; his name is free again.
    pub(super) fn remove(&mut self, id: UserId) -> Option<User> {
        self.user(id)?;
        let (_, user) = self.slots.try_remove(id.slot())?;
        self.by_name.remove(&user.name);
        self.arrivals.retain(|&other| other != id);
        Some(user)
    }

    /// The user of this id, if he is still the one it was given to.
    pub(super) fn user(&self, id: UserId) -> Option<&User> {
        self.slots.get(id.slot()).filter(|(holder, _)| *holder == id).map(|(_, user)| user)
    }

    /// As [`Self::user`], to change him.
    pub(super) fn user_mut(&mut self, id: UserId) -> Option<&mut User> {
        self.slots.get_mut(id.slot()).filter(|(holder, _)| *holder == id).map(|(_, user)| user)
    }

    /// Who has this name.
    pub(super) fn find(&self, name: &str) -> Option<UserId> {
        self.by_name.get(name).copied()
    }

    /// Everybody, in the order they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = (UserId, &User)> {
        self.arrivals.iter().filter_map(|&id| Some((id, self.user(id)?)))
    }
}

/// Whether a user or a room may be called so: 1 to [`MAX_NAME_BYTES`] bytes, no control character.
pub(super) fn check_name(name: &str) -> Result<(), Refusal> {
    let fits = (1..=MAX_NAME_BYTES).contains(&name.len());
    if fits && !name.chars().any(char::is_control) { Ok(()) } else { Err(Refusal::BadName) }
}
