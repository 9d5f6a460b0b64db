//! What people who have signed in ask in words, whatever carries it (B2, B3, B8, U6).
//!
//! In: the text of a request. Out: commands to the rooms, and an answer. Must not know what carries either, nor what is in
//! a JSON object.

use std::borrow::Cow;

use crate::dialect::stories::{Answer, Request, Speaker, words};
use crate::engine::side::PUBLIC;
use crate::engine::{Counter, Departure, Dialect, Server};
use crate::ids::UserId;
use crate::time::Instant;
use crate::vocab::Command;

/// What is answered, or why nothing was done.
type Done<'a> = Result<Answer<'a>, Cow<'static, str>>;

impl Server {
    /// Carries out one request of somebody who has signed in, over STUMTP too (U6), and answers it.
    pub(in crate::engine) fn stories_request(&mut self, now: Instant, user: UserId, text: &str) {
        let done = match Request::parse(text).1 {
            Ok(Request::Json(text)) => return self.stories_json(now, user, text),
            Ok(Request::Bye { speaker }) => match self.stories_is_self(user, &speaker) {
                Ok(()) => return self.stories_bye(now, user),
                Err(why) => Err(why.into()),
            },
            Ok(Request::Quit) => return self.stories_quit(now, user),
            Ok(request) => self.stories_done(now, user, request),
            Err(fault) => Err(words::fault(fault).into()),
        };
        let answer = done.unwrap_or_else(|why| Answer::Refused { why });
        self.stories_say(now, user, &answer);
    }

    /// Whether somebody is in the room of this name, as this language calls it.
    pub(super) fn stories_is_in(&self, user: UserId, room: &str) -> bool {
        let own = self.rooms.user(user).and_then(|user| user.room);
        match own {
            None => room == PUBLIC,
            Some(own) => {
                room != PUBLIC && self.sides.of(Dialect::Stories).find_room(&self.rooms, room) == Some(own)
            }
        }
    }

    fn stories_done<'a>(&mut self, now: Instant, user: UserId, request: Request<'a>) -> Done<'a> {
        match request {
            Request::Login { .. } => Err(words::SIGNED_IN.into()),
            Request::Join { room } => self.stories_join(now, user, &room, false),
            Request::Enter { room } => self.stories_join(now, user, &room, true),
            Request::Say { speaker, text } => self.stories_speak(now, user, speaker.as_ref(), &text),
            Request::File { speaker, .. } => {
                self.stories_is_self(user, &speaker)?;
                Ok(Answer::Done)
            }
            Request::BeginSequence { id } => Ok(Answer::Complete { id, result: Answer::OK.into() }),
            Request::Json(_) | Request::Bye { .. } | Request::Quit | Request::Unknown { .. } => {
                Err(words::UNKNOWN.into())
            }
        }
    }

    /// Words with a room are for that one alone; those without one are for the room their author is in, if he can know
    /// which one that is (B10).
    fn stories_speak(
        &mut self,
        now: Instant,
        user: UserId,
        speaker: Option<&Speaker<'_>>,
        text: &str,
    ) -> Done<'static> {
        match speaker {
            Some(speaker) => self.stories_is_self(user, speaker)?,
            None if self.stories_is_hushed(now, user) => return Err(words::JUST_MOVED.into()),
            None => {}
        }
        if text.is_empty() {
            return Err(words::NOTHING_SAID.into());
        }
        if text.len() > self.config.limits.max_text {
            return Err(words::TEXT_TOO_LONG.into());
        }
        let said = self.rooms.apply(now, user, Command::Say { text }, &mut self.effects);
        said.map_err(words::refused)?;
        self.stats.add(Counter::Texts);
        Ok(Answer::Done)
    }

    /// Whether a command names the one who gives it, and the room he is in (B3).
    fn stories_is_self(&self, user: UserId, speaker: &Speaker<'_>) -> Result<(), &'static str> {
        if self.rooms.user(user).is_none_or(|user| *user.name != *speaker.name) {
            return Err(words::NOT_YOUR_NAME);
        }
        if self.stories_is_in(user, &speaker.room) { Ok(()) } else { Err(words::NOT_YOUR_ROOM) }
    }

    /// Out of a private room, or off the server (B2). Answered first: nobody is known any more afterwards.
    fn stories_bye(&mut self, now: Instant, user: UserId) {
        self.stories_say(now, user, &Answer::Done);
        if self.rooms.user(user).is_some_and(|user| user.room.is_some()) {
            return self.stories_leave(now, user);
        }
        let connection = self.peers.seats.get(user).and_then(|seat| seat.connection);
        self.sign_out(now, user, Departure::Disconnected);
        if let Some(id) = connection {
            self.await_login(now, id);
        }
    }

    fn stories_quit(&mut self, now: Instant, user: UserId) {
        let connection = self.peers.seats.get(user).and_then(|seat| seat.connection);
        self.sign_out(now, user, Departure::Disconnected);
        if let Some(id) = connection {
            self.close(id, true);
        }
    }
}
