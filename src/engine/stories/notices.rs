//! What has happened, in words: SYSTEM (B9).
//!
//! In: notices. Out: words to those concerned. Must not know why something happened.

use std::sync::Arc;

use crate::dialect::stories::words;
use crate::engine::side::PUBLIC;
use crate::engine::{Dialect, Server};
use crate::ids::{RoomId, UserId};
use crate::time::Instant;
use crate::vocab::{Notice, Question};

impl Server {
    /// Something has happened that this user is to know. (`self.arriving` is who came onto the server just now; who is
    /// not in the rooms any more has left it.)
    pub(in crate::engine) fn stories_notice(&mut self, now: Instant, to: UserId, notice: &Notice) {
        match notice {
            Notice::Closed { .. } | Notice::Opened { .. } | Notice::Admitted { .. } => {
                self.stories_was_moved(now, to);
            }
            Notice::Renamed { .. } => self.stories_is_placed(to),
            _ => {}
        }
        if let Some(words) = self.stories_words(to, notice) {
            self.stories_system(now, to, &words);
        }
    }

    fn stories_words(&mut self, to: UserId, notice: &Notice) -> Option<String> {
        Some(match notice {
            Notice::Joined { user, room } => {
                let name = self.stories_name(*user)?;
                if self.arriving == Some(*user) {
                    return Some(words::arrived(&name));
                }
                words::joined(&name, &self.stories_room_name(*room)?)
            }
            Notice::Left { user, name } => {
                let side = self.sides.of_mut(Dialect::Stories);
                let name = side.user_name(&self.rooms, *user, name);
                if self.rooms.user(*user).is_none() {
                    return Some(words::departed(&name));
                }
                // The one he leaves may have closed by now: its name is where this user still believes to be.
                words::left(&name, &self.stories_told_place(to))
            }
            Notice::Closed { room, name, .. } => {
                let side = self.sides.of_mut(Dialect::Stories);
                words::closed(&side.room_name(&self.rooms, *room, name), &self.stories_told_place(to))
            }
            Notice::Opened { .. } | Notice::Admitted { .. } => {
                let name = self.stories_name(to)?;
                words::joined(&name, &self.stories_told_place(to))
            }
            Notice::Asked { what, .. } => return self.stories_invitation(what),
            notice => return self.stories_other_words(to, notice),
        })
    }

    /// What seldom happens to somebody who can neither propose a room nor manage one.
    fn stories_other_words(&mut self, to: UserId, notice: &Notice) -> Option<String> {
        let side = self.sides.of_mut(Dialect::Stories);
        Some(match notice {
            Notice::Declined { user, name } => {
                words::does_not_come(&side.user_name(&self.rooms, *user, name))
            }
            Notice::CouldNotJoin { room, why } => words::could_not_join(&side.rooms.fit(room), *why),
            Notice::NotOpened { why } | Notice::NotAdmitted { why } => words::refused(*why).into(),
            Notice::VoteHeld { mode } => words::vote(*mode),
            Notice::ModeChanged { mode, .. } | Notice::VoteOver { mode, agreed: true } => {
                words::mode_changed(*mode)
            }
            Notice::Renamed { .. } => words::renamed(&self.stories_told_place(to)),
            _ => return None,
        })
    }

    /// Nobody can say yes or no in this language: who joins the room accepts.
    fn stories_invitation(&mut self, what: &Question) -> Option<String> {
        let Question::Invitation { by, name, room, room_name, .. } = what else { return None };
        let side = self.sides.of_mut(Dialect::Stories);
        let by = side.user_name(&self.rooms, *by, name);
        let room = match room {
            Some(room) => side.room_name(&self.rooms, *room, room_name),
            None => side.rooms.fit(room_name).into(),
        };
        Some(words::invited(&by, &room))
    }

    fn stories_room_name(&mut self, room: Option<RoomId>) -> Option<Arc<str>> {
        let Some(id) = room else { return Some(PUBLIC.into()) };
        let name = &self.rooms.room(id)?.name;
        Some(self.sides.of_mut(Dialect::Stories).room_name(&self.rooms, id, name))
    }
}
