//! Which rooms there have been, what they were called, and how their texts travelled.
//!
//! In: the rooms as the server has them, places as people know them. Out: whether these are the same. Must not know what
//! was said.

use std::collections::{BTreeMap, BTreeSet};

use palabre::client::Ticket;
use palabre::ids::RoomId;
use palabre::rooms::Room;
use palabre::vocab::Mode;

use super::journal::Program;
use super::person::Place;

/// All rooms there ever were.
#[derive(Debug, Default)]
pub(crate) struct Known {
    rooms: BTreeMap<RoomId, Past>,
    /// The names of the rooms into which people came without knowing them.
    unnamed: BTreeMap<(Program, String), String>,
    /// What people think that rooms are called in which they are.
    thought: BTreeSet<(Program, String, RoomId)>,
}

#[derive(Debug)]
struct Past {
    names: Vec<String>,
    modes: Vec<Mode>,
}

/// Where one will be who has accepted an invitation that does not name its room.
pub(crate) fn unnamed(ticket: Ticket) -> String {
    format!("?{}", ticket.0)
}

impl Known {
    /// The server has this room.
    pub(crate) fn look_at(&mut self, id: RoomId, room: &Room) {
        let past = self.rooms.entry(id).or_insert_with(|| Past { names: Vec::new(), modes: Vec::new() });
        if past.names.last().is_none_or(|name| **name != *room.name) {
            past.names.push(room.name.to_string());
        }
        if past.modes.last() != Some(&room.mode) {
            past.modes.push(room.mode);
        }
    }

    /// Somebody knows now where it is that he went.
    pub(crate) fn came_into(&mut self, by: Program, ticket: Ticket, room: &str) {
        self.unnamed.insert((by, unnamed(ticket)), room.into());
    }

    /// Somebody is told that his room has another name. The news does not say which room, and may be late: then he calls
    /// the one so that he is in, which is the one he means.
    pub(crate) fn is_renamed(&mut self, by: Program, name: &str, room: Option<RoomId>) {
        if let Some(room) = room {
            self.thought.insert((by, name.into(), room));
        }
    }

    /// Whether a place that somebody means is, or was, this room.
    pub(crate) fn is(&self, room: Option<RoomId>, by: Program, means: &Place) -> bool {
        match (room, means) {
            (None, None) => true,
            (Some(room), Some(name)) => {
                self.rooms.get(&room).is_some_and(|past| past.names.contains(self.name(by, name)))
                    || self.thought.contains(&(by, name.clone(), room))
            }
            _ => false,
        }
    }

    /// Whether texts of the room that somebody means ever went straight.
    pub(crate) fn was_direct(&self, by: Program, means: &Place) -> bool {
        let Some(name) = means else { return false };
        let name = self.name(by, name);
        self.rooms.values().any(|past| past.names.contains(name) && past.modes.contains(&Mode::Direct))
    }

    /// How many rooms had another mode than the one they were made with.
    pub(crate) fn mode_changes(&self) -> usize {
        self.rooms.values().map(|past| past.modes.len() - 1).sum()
    }

    fn name<'n>(&'n self, by: Program, name: &'n String) -> &'n String {
        // Nobody else looks up what begins like this.
        match name.starts_with('?') {
            true => self.unnamed.get(&(by, name.clone())).unwrap_or(name),
            false => name,
        }
    }
}
