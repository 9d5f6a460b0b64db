//! How somebody is told something, whatever carries it to him: frames, lines, or a session of STUMTP (U6).
//!
//! In: answers, texts. Out: bytes for his connection or his session. Must not know why he is told.

use std::borrow::Cow;
use std::sync::Arc;

use super::exchange::MOST_OF_SESSION;
use crate::dialect::stories::{Answer, Form, Style, around, frame, words};
use crate::dialect::stumtp::LONGEST_TEXT;
use crate::engine::config::Streamed;
use crate::engine::side::PUBLIC;
use crate::engine::streams::Connection;
use crate::engine::tell::Said;
use crate::engine::{Dialect, Server};
use crate::ids::{ConnectionId, UserId};
use crate::time::Instant;

/// What carries a text to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carrier {
    /// A connection of Stories.
    Frames(Style, Form),
    /// A session of STUMTP, in the style of the quotation marks: that of its LOGIN (U5).
    Session,
}

impl Carrier {
    fn style(self) -> Style {
        match self {
            Self::Frames(style, _) => style,
            Self::Session => Style::Quoted,
        }
    }

    /// What this carries; `None` when there is nothing to say.
    fn bytes(self, answer: &Answer<'_>) -> Option<Arc<[u8]>> {
        let text = answer.text(self.style())?;
        match self {
            Self::Frames(_, form) => {
                let mut out = Vec::with_capacity(text.len().saturating_add(4));
                frame(form, &text, &mut out);
                Some(out.into())
            }
            Self::Session => {
                // These mark where its messages begin and end (U1).
                let is_mark = |c: char| matches!(c, '\u{1}'..='\u{3}' | '\u{6}');
                let text = if text.contains(is_mark) { text.replace(is_mark, " ") } else { text };
                Some(text.into_bytes().into())
            }
        }
    }
}

/// A text in the forms it was told in so far, shared by all who hear it so: each in the room that was named.
#[derive(Debug, Default)]
pub(in crate::engine) struct Spoken(Vec<Told>);

/// A text in one form.
#[derive(Debug)]
struct Told {
    carrier: Carrier,
    /// The room it names; `None` is the public one.
    room: Option<Arc<str>>,
    bytes: Arc<[u8]>,
}

impl Server {
    /// Tells somebody who has signed in something, as his connection or session says such things; nothing, where his style
    /// has no words for it (B2).
    pub(in crate::engine) fn stories_say(&mut self, now: Instant, to: UserId, answer: &Answer<'_>) {
        let Some(carrier) = self.stories_carrier(to) else { return };
        if let Some(bytes) = carrier.bytes(answer) {
            self.stories_carry(now, to, carrier, &bytes);
        }
    }

    /// Tells somebody a text whose middle is shared with others; false where it is too long for what carries it.
    pub(super) fn stories_lends(
        &mut self,
        now: Instant,
        to: UserId,
        before: &str,
        shared: &Arc<[u8]>,
        after: &str,
    ) -> bool {
        let size = before.len().saturating_add(shared.len()).saturating_add(after.len());
        match self.stories_carrier(to) {
            Some(Carrier::Frames(_, form)) => {
                let Some((head, end)) = around(form, size) else { return false };
                let before = [&head[..], before.as_bytes()].concat().into();
                let after = [after.as_bytes(), end].concat().into();
                self.write_to(now, to, &[before, Arc::clone(shared), after]);
            }
            Some(carrier @ Carrier::Session) => {
                if size > MOST_OF_SESSION {
                    return false;
                }
                let text = [before.as_bytes(), shared, after.as_bytes()].concat().into();
                self.stories_carry(now, to, carrier, &text);
            }
            None => {}
        }
        true
    }

    /// The same on a connection of Stories on which nobody may have signed in.
    pub(super) fn stories_tell(&mut self, now: Instant, id: ConnectionId, answer: &Answer<'_>) {
        let Some(talk) = self.connections.get(id).map(|connection| connection.talk) else { return };
        if let Some(bytes) = Carrier::Frames(talk.style(), talk.form()).bytes(answer) {
            self.write(now, id, &[bytes]);
        }
    }

    /// In which style somebody is told things; the quotation marks for one who is not there.
    pub(super) fn stories_style(&self, user: UserId) -> Style {
        self.stories_carrier(user).map_or(Style::Quoted, Carrier::style)
    }

    /// Somebody says something that this user hears.
    pub(in crate::engine) fn stories_text(
        &mut self,
        now: Instant,
        to: UserId,
        said: Said<'_>,
        spoken: &mut Spoken,
    ) {
        let Some(carrier) = self.stories_carrier(to) else { return };
        let room = self.stories.places.get(&to).map(Arc::clone);
        let known = spoken.0.iter().find(|copy| copy.carrier == carrier && copy.room == room);
        let bytes = match known {
            Some(copy) => Arc::clone(&copy.bytes),
            None => {
                let Some(name) = self.stories_name(said.author) else { return };
                let named = Some(Cow::Borrowed(room.as_deref().unwrap_or(PUBLIC)));
                let text = Cow::Borrowed(said.text);
                let answer = Answer::Said { room: named, name: (*name).into(), text };
                let Some(bytes) = carrier.bytes(&answer) else { return };
                spoken.0.push(Told { carrier, room, bytes: Arc::clone(&bytes) });
                bytes
            }
        };
        if carrier == Carrier::Session && bytes.len() > LONGEST_TEXT {
            return self.stories_text_in_halves(now, to, said);
        }
        self.stories_carry(now, to, carrier, &bytes);
    }

    /// A text that is too long for one message of a session, with all its escapes, goes in several (U7).
    fn stories_text_in_halves(&mut self, now: Instant, to: UserId, said: Said<'_>) {
        let middle = said.text.floor_char_boundary(said.text.len() / 2);
        let (first, second) = said.text.split_at(middle);
        for text in [first, second] {
            self.stories_text(now, to, Said { text, ..said }, &mut Spoken::default());
        }
    }

    /// The server says something itself to this user: SYSTEM (B9).
    pub(in crate::engine) fn stories_system(&mut self, now: Instant, to: UserId, words: &str) {
        self.stories_say(now, to, &Answer::System { words: words.into() });
    }

    /// The operator stops the server: this user hears it as a word of his (B9).
    pub(in crate::engine) fn stories_stops(&mut self, now: Instant, to: UserId) {
        self.stories_say(now, to, &Answer::Broadcast { words: words::STOPPING.into() });
    }

    /// What this language calls somebody who is on the server.
    pub(super) fn stories_name(&mut self, user: UserId) -> Option<Arc<str>> {
        let name = &self.rooms.user(user)?.name;
        Some(self.sides.of_mut(Dialect::Stories).user_name(&self.rooms, user, name))
    }

    /// The room somebody was last told that he is in.
    pub(super) fn stories_told_place(&self, user: UserId) -> Arc<str> {
        self.stories.places.get(&user).map_or_else(|| PUBLIC.into(), Arc::clone)
    }

    /// Whether all that was said to somebody is on its way to him; of a session nobody knows.
    pub(super) fn stories_is_read(&self, user: UserId) -> bool {
        let seat = self.peers.seats.get(user).filter(|seat| seat.dialect == Streamed::Stories);
        let connection = seat.and_then(|seat| self.connections.get(seat.connection?));
        connection.is_some_and(Connection::has_taken_all)
    }

    fn stories_carrier(&self, user: UserId) -> Option<Carrier> {
        let seat = self.peers.seats.get(user)?;
        match seat.dialect {
            Streamed::Stories => {
                let talk = self.connections.get(seat.connection?)?.talk;
                Some(Carrier::Frames(talk.style(), talk.form()))
            }
            Streamed::Stumtp => Some(Carrier::Session),
            Streamed::Matou => None,
        }
    }

    fn stories_carry(&mut self, now: Instant, to: UserId, carrier: Carrier, bytes: &Arc<[u8]>) {
        match carrier {
            Carrier::Frames(..) => self.write_to(now, to, &[Arc::clone(bytes)]),
            Carrier::Session => self.stumtp_send(now, to, bytes),
        }
    }
}
