//! How people of this language change rooms, and what they know of it (B4, B10).
//!
//! In: a room's name, or a move that somebody else has caused. Out: commands to the rooms, an answer. Must not know how an
//! answer is carried.

use std::borrow::Cow;
use std::sync::Arc;

use crate::dialect::stories::{Answer, Style, is_name, words};
use crate::engine::side::PUBLIC;
use crate::engine::{Dialect, Server};
use crate::ids::UserId;
use crate::time::{Duration, Instant};
use crate::vocab::{Command, Outcome, Refusal};

/// How long words that name no room stay unsaid after their author was moved out of a private room (B10).
const HUSH: Duration = Duration::from_secs(1);

impl Server {
    /// Moves somebody into the room of this name; if there is none and he `makes` it, it lives until it is empty (B4).
    pub(super) fn stories_join(
        &mut self,
        now: Instant,
        user: UserId,
        room: &str,
        makes: bool,
    ) -> Result<Answer<'static>, Cow<'static, str>> {
        match self.stories_move(now, user, room, makes) {
            Ok(Outcome::Done | Outcome::In(_)) => {}
            Ok(Outcome::Undecided) => return Err(words::refused(Refusal::Denied).into()),
            Err(why) => return Err(words::refused(why).into()),
        }
        self.stories_has_moved(now, user);
        if self.stories_style(user) == Style::Quoted {
            return Ok(Answer::Done);
        }
        // Between bars the mover hears what the others hear: there is no OK.
        let name = self.stories_name(user).unwrap_or_default();
        Ok(Answer::System { words: words::joined(&name, &self.stories_told_place(user)).into() })
    }

    /// Takes somebody back to the public room by his own wish.
    pub(super) fn stories_leave(&mut self, now: Instant, user: UserId) {
        // Who is there already has what he wants.
        let _ = self.rooms.apply(now, user, Command::Leave, &mut self.effects);
        self.stories_has_moved(now, user);
    }

    /// Somebody else has moved this user. Words that he meant for the private room he was in must not be heard in another
    /// one, but nothing on the wire says when he knows (B10).
    pub(super) fn stories_was_moved(&mut self, now: Instant, user: UserId) {
        // In a session he acknowledges it: till then the rooms themselves refuse what he says (M21).
        if !self.stumtp_moves(user) {
            if self.rooms.user(user).is_some_and(crate::rooms::User::is_unaware) {
                self.stories.hushed.insert(user, now + HUSH);
            }
            self.rooms.told(user);
        }
        self.stories_is_placed(user);
        self.exchange_left(now, user, false);
    }

    /// Whether this user's words that name no room stay unsaid: until he has had the time to read why, or moves by himself
    /// (B10).
    pub(super) fn stories_is_hushed(&mut self, now: Instant, user: UserId) -> bool {
        let Some(until) = self.stories.hushed.get(&user) else { return false };
        let is_hushed = now < *until || !self.stories_is_read(user);
        if !is_hushed {
            self.stories.hushed.remove(&user);
        }
        is_hushed
    }

    /// What is in the list that a newcomer gets: every room but the public one, those of the configuration first.
    pub(super) fn stories_rooms(&mut self) -> Vec<Arc<str>> {
        let side = self.sides.of_mut(Dialect::Stories);
        self.rooms.rooms().map(|(id, room)| side.room_name(&self.rooms, id, &room.name)).collect()
    }

    /// Notes where somebody knows himself to be from now on.
    pub(super) fn stories_is_placed(&mut self, user: UserId) {
        let own = self.rooms.user(user).and_then(|user| user.room);
        match own.and_then(|own| Some((own, self.rooms.room(own)?))) {
            None => drop(self.stories.places.remove(&user)),
            Some((id, room)) => {
                let name = self.sides.of_mut(Dialect::Stories).room_name(&self.rooms, id, &room.name);
                self.stories.places.insert(user, name);
            }
        }
    }

    fn stories_has_moved(&mut self, now: Instant, user: UserId) {
        // What he is told of the room he comes from belongs there.
        self.deliver(now);
        self.stories.hushed.remove(&user);
        self.stories_is_placed(user);
        self.exchange_left(now, user, false);
    }

    fn stories_move(
        &mut self,
        now: Instant,
        user: UserId,
        name: &str,
        makes: bool,
    ) -> Result<Outcome, Refusal> {
        let side = self.sides.of(Dialect::Stories);
        let command = if name == PUBLIC {
            self.stories_leave(now, user);
            return Ok(Outcome::Done);
        } else if let Some(room) = side.find_room(&self.rooms, name) {
            Command::Join { room }
        } else if let Some((question, accept)) =
            self.rooms.invited_as(user, |told| side.rooms.fit(told) == name)
        {
            // A room that opens only when somebody comes: he is the first (M22).
            let answer = Command::Answer { question, accept };
            let came = self.rooms.apply(now, user, answer, &mut self.effects)?;
            return if matches!(came, Outcome::In(_)) { Ok(came) } else { Err(Refusal::NoSuchRoom) };
        } else if !makes {
            return Err(Refusal::NoSuchRoom);
        } else if !is_name(name) {
            return Err(Refusal::BadName);
        } else {
            Command::Open { room: name }
        };
        self.rooms.apply(now, user, command, &mut self.effects)
    }
}
