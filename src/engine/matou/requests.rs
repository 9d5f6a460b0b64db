//! What people of Matou ask for once they are here: to say something, to be brought together (A3, A4).
//!
//! In: messages of somebody who is signed in. Out: texts for the rooms, messages to him and to others. Must not know what
//! becomes of a private connection once both know of each other.

use std::borrow::Cow;

use super::private::Asked;
use crate::dialect::matou::{ErrorCode, Message, Ports, is_text};
use crate::engine::config::Streamed;
use crate::engine::{Counter, Dialect, Server};
use crate::ids::{ConnectionId, UserId};
use crate::time::Instant;
use crate::vocab::Command;

impl Server {
    /// Carries out what somebody asks.
    pub(super) fn matou_request(
        &mut self,
        now: Instant,
        id: ConnectionId,
        user: UserId,
        message: &Message<'_>,
    ) {
        self.stats.add(Counter::Requests);
        let answer = match message {
            Message::Say { text } if is_text(text) => return self.matou_say(now, user, text),
            Message::Ask { name } => self.matou_ask(now, user, name),
            Message::Accept { name } => self.matou_accept(now, user, name),
            Message::Offer { name, ports } => self.matou_offer(now, user, name, *ports),
            // A text that breaks the rules, a second COREQ.
            _ => return self.matou_expel(now, id),
        };
        if let Err(why) = answer {
            self.matou_write(now, id, &Message::Error(why));
        }
    }

    /// To everybody, and to himself: that is his echo (A3).
    fn matou_say(&mut self, now: Instant, user: UserId, text: &str) {
        if self.rooms.apply(now, user, Command::Say { text }, &mut self.effects).is_err() {
            return;
        }
        self.stats.add(Counter::Texts);
        if let Some(author) = self.matou_name(user) {
            let author = Cow::Borrowed(&*author);
            self.matou_write_to(now, user, &Message::Said { author, text: text.into() });
        }
    }

    /// PVCOREQ: the other is asked. Whether he answers is for him to say.
    fn matou_ask(&mut self, now: Instant, user: UserId, name: &str) -> Result<(), ErrorCode> {
        let asked = self.matou_other(name).ok_or(ErrorCode::NotConnected)?;
        if self.peers.seats.get(asked).is_none_or(|seat| seat.dialect != Streamed::Matou) {
            self.matou_write_to(now, user, &Message::Error(ErrorCode::NotConnected));
            let shown = self.matou_name(asked);
            self.matou_says(now, user, &no_channels(shown.as_deref().unwrap_or(name)));
            return Ok(());
        }
        match self.matou.private.ask(now, user, asked) {
            Asked::New => {
                if let Some(name) = self.matou_name(user) {
                    self.matou_write_to(now, asked, &Message::Asked { name: (&*name).into() });
                }
                Ok(())
            }
            Asked::Nothing => Ok(()),
            Asked::TooMany => Err(ErrorCode::Unknown),
        }
    }

    /// PVCOACC: who asked is told from where the other comes, and has to say where he waits.
    fn matou_accept(&mut self, now: Instant, user: UserId, name: &str) -> Result<(), ErrorCode> {
        let by = self.matou_other(name).ok_or(ErrorCode::NotConnected)?;
        if !self.matou.private.accept(now, by, user) {
            return Err(ErrorCode::NotAsked);
        }
        let address = self.peers.seats.get(user).map(|seat| seat.from.ip().to_canonical());
        if let Some((name, address)) = self.matou_name(user).zip(address) {
            self.matou_write_to(now, by, &Message::Expect { name: (&*name).into(), address });
        }
        Ok(())
    }

    /// PVCOPORT: who accepted is told where to go.
    fn matou_offer(&mut self, now: Instant, user: UserId, name: &str, ports: Ports) -> Result<(), ErrorCode> {
        ports.numbers().ok_or(ErrorCode::Unknown)?;
        let to = self.matou_other(name).ok_or(ErrorCode::NotConnected)?;
        if !self.matou.private.offer(now, user, to) {
            return Err(ErrorCode::NotAsked);
        }
        let address = self.peers.seats.get(user).map(|seat| seat.from.ip().to_canonical());
        if let Some((name, address)) = self.matou_name(user).zip(address) {
            self.matou_write_to(now, to, &Message::Meet { name: (&*name).into(), address, ports });
        }
        Ok(())
    }

    /// The user who is called so here, whatever he speaks.
    fn matou_other(&self, name: &str) -> Option<UserId> {
        let user = self.sides.of(Dialect::Matou).find_user(&self.rooms, name)?;
        self.rooms.user(user).map(|_| user)
    }
}

/// Why there can be no private connection.
fn no_channels(name: &str) -> String {
    format!("{name} speaks another protocol: there is no private connection with him")
}
