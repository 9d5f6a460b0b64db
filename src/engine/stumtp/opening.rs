//! How sessions begin, lose their connection and find another one (U5).
//!
//! In: LOGIN and RESUME; connections that are gone. Out: sessions with a connection or without. Must not know what is said
//! in them.

use super::Kept;
use crate::dialect::stories::{self, Answer, Request, is_name};
use crate::dialect::stumtp::{resumed, session, words};
use crate::engine::tokens::Token;
use crate::engine::{Departure, Server};
use crate::ids::{ConnectionId, UserId};
use crate::time::Instant;

impl Server {
    /// Something outside the numbering: LOGIN begins a session, RESUME continues one.
    pub(super) fn stumtp_opens(&mut self, now: Instant, id: ConnectionId, ack: Option<u64>, text: &str) {
        if self.connections.get(id).is_some_and(|connection| connection.user.is_some()) {
            return self.stumtp_refuses(now, id, stories::words::SIGNED_IN);
        }
        if let Some(token) = resumed(text) {
            return match self.stumtp_session_of(token) {
                Some((user, token)) => self.stumtp_resumes(now, id, (user, token), ack),
                None => self.stumtp_refuses(now, id, words::NO_SESSION),
            };
        }
        let user = match self.stumtp_login(now, id, text) {
            Ok(user) => user,
            Err(answer) => return self.stumtp_answers(now, id, &answer, true),
        };
        let token = self.tokens.next();
        self.stumtp.begin(user, token);
        self.stumtp_says_aside(now, id, None, &session(&token.to_string()));
        self.stories_welcome(now, user);
    }

    /// The same without a number: somebody signs in whose messages have none (U1). Nothing is kept for him.
    pub(super) fn stumtp_opens_plainly(&mut self, now: Instant, id: ConnectionId, text: &str) {
        match self.stumtp_login(now, id, text) {
            Ok(user) => self.stories_welcome(now, user),
            Err(answer) => self.stumtp_answers(now, id, &answer, false),
        }
    }

    /// The connection of a session is gone, or about to be closed: the session waits for the next one. Who has none is
    /// signed out.
    pub(in crate::engine) fn stumtp_detached(&mut self, now: Instant, user: UserId, id: ConnectionId) {
        if self.peers.seats.get(user).is_none_or(|seat| seat.connection != Some(id)) {
            return;
        }
        let Some(kept) = self.stumtp.kept.get_mut(&user) else {
            return self.sign_out(now, user, Departure::Disconnected);
        };
        kept.session.disconnected();
        kept.away = Some(now);
        self.rise(user);
        self.stumtp.arm(user);
    }

    fn stumtp_login(
        &mut self,
        now: Instant,
        id: ConnectionId,
        text: &str,
    ) -> Result<UserId, Answer<'static>> {
        let refused = |why: &'static str| Answer::Refused { why: why.into() };
        match Request::parse(text).1 {
            Ok(Request::Login { name }) if is_name(&name) => {
                self.stumtp_gives_back(now, id, &name);
                self.sign_in(now, id, &name).map_err(|why| refused(stories::words::refused(why)))
            }
            Ok(Request::Login { .. }) => Err(refused(stories::words::BAD_NAME)),
            _ => Err(refused(stories::words::SIGN_IN_FIRST)),
        }
    }

    /// A program whose LOGIN was answered in vain, because its connection broke, has no token: it may sign in again from
    /// the same address, as long as nothing was ever heard from it in the session that holds its name (U8).
    fn stumtp_gives_back(&mut self, now: Instant, id: ConnectionId, name: &str) {
        let Some(user) = self.rooms.find(name) else { return };
        let seat = self.peers.seats.get(user).map(|seat| seat.from.ip());
        let from = self.connections.get(id).map(|connection| connection.from.ip());
        let is_unheard = |kept: &Kept| kept.away.is_some() && kept.session.is_unheard();
        if seat == from && self.stumtp.kept.get(&user).is_some_and(is_unheard) {
            self.sign_out(now, user, Departure::Lapsed);
        }
    }

    fn stumtp_session_of(&self, token: &str) -> Option<(UserId, Token)> {
        let token = Token::parse(token)?;
        self.stumtp.by_token.get(&token).map(|user| (*user, token))
    }

    /// A session goes on by this connection; one that it still has is closed, whatever waits there.
    fn stumtp_resumes(
        &mut self,
        now: Instant,
        id: ConnectionId,
        (user, token): (UserId, Token),
        ack: Option<u64>,
    ) {
        // He acknowledges what was never sent: what he remembers is another session.
        if ack.is_some_and(|ack| !self.stumtp_takes_ack(user, ack)) {
            return self.stumtp_refuses(now, id, words::NEVER_SENT);
        }
        if let Some(old) = self.rise(user) {
            self.close(old, false);
        }
        self.take_seat(user, id);
        let Some(kept) = self.stumtp.kept.get_mut(&user) else { return };
        kept.session.disconnected();
        kept.away = None;
        let seen = kept.session.seen();
        self.stumtp_says_aside(now, id, Some(seen), &session(&token.to_string()));
        self.stumtp_sends_again(now, user, id);
    }
}
