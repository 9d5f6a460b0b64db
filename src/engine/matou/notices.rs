//! How Matou says what the rooms want told (A2, A3, A5, A7).
//!
//! In: texts, notices, words of the server. Out: messages on connections. Must not know why something happened.

use std::borrow::Cow;
use std::sync::Arc;

use super::SERVER;
use crate::dialect::matou::{Message, carried};
use crate::engine::tell::Said;
use crate::engine::{Dialect, DropReason, Server};
use crate::ids::{ConnectionId, UserId};
use crate::time::Instant;
use crate::vocab::{Command, Notice};

/// A text in as many messages as it takes, shared by all who hear it.
#[derive(Debug, Default)]
pub(in crate::engine) struct Spoken {
    parts: Option<Vec<Arc<[u8]>>>,
}

impl Server {
    /// Somebody says something that this user hears. Whether it is said to him alone cannot be shown (S23).
    pub(in crate::engine) fn matou_text(
        &mut self,
        now: Instant,
        to: UserId,
        said: Said<'_>,
        spoken: &mut Spoken,
    ) {
        if spoken.parts.is_none() {
            let Some(author) = self.matou_name(said.author) else { return };
            spoken.parts = Some(self.matou_parts(&author, said.text));
        }
        for part in spoken.parts.iter().flatten() {
            self.write_to(now, to, std::slice::from_ref(part));
        }
    }

    /// Something has happened that this user is to know. He is always in the public room (A7): whoever comes or goes there
    /// comes and goes for him, whatever he speaks.
    pub(in crate::engine) fn matou_notice(&mut self, now: Instant, to: UserId, notice: &Notice) {
        match notice {
            Notice::Joined { user, .. } => {
                if let Some(name) = self.matou_name(*user) {
                    self.matou_write_to(now, to, &Message::Arrived { name: (&*name).into() });
                }
            }
            Notice::Left { user, name } => {
                let name = self.sides.of_mut(Dialect::Matou).user_name(&self.rooms, *user, name);
                self.matou_write_to(now, to, &Message::Left { name: (&*name).into() });
            }
            // He cannot come: whoever asks him need not wait (A12).
            Notice::Asked { question, .. } => {
                let decline = Command::Answer { question: *question, accept: false };
                let _ = self.rooms.apply(now, to, decline, &mut self.effects);
            }
            Notice::Closed { .. } | Notice::Opened { .. } | Notice::Admitted { .. } => self.rooms.told(to),
            _ => {}
        }
    }

    /// The server says something itself to this user.
    pub(in crate::engine) fn matou_says(&mut self, now: Instant, to: UserId, words: &str) {
        for part in self.matou_parts(SERVER, words) {
            self.write_to(now, to, &[part]);
        }
    }

    /// What somebody is called here.
    pub(super) fn matou_name(&mut self, user: UserId) -> Option<Arc<str>> {
        let known = self.rooms.user(user)?;
        Some(self.sides.of_mut(Dialect::Matou).user_name(&self.rooms, user, &known.name))
    }

    pub(super) fn matou_write_to(&mut self, now: Instant, user: UserId, message: &Message<'_>) {
        if let Some(id) = self.peers.seats.get(user).and_then(|seat| seat.connection) {
            self.matou_write(now, id, message);
        }
    }

    pub(super) fn matou_write(&mut self, now: Instant, id: ConnectionId, message: &Message<'_>) {
        if let Some(bytes) = self.matou_encoded(message) {
            self.write(now, id, &[bytes]);
        }
    }

    fn matou_parts(&mut self, author: &str, text: &str) -> Vec<Arc<[u8]>> {
        let said = |text: String| Message::Said { author: Cow::Borrowed(author), text: text.into() };
        carried(text).filter_map(|part| self.matou_encoded(&said(part))).collect()
    }

    fn matou_encoded(&mut self, message: &Message<'_>) -> Option<Arc<[u8]>> {
        self.encoded.clear();
        if message.encode(&mut self.encoded).is_err() {
            self.stats.drop(DropReason::Unencodable);
            return None;
        }
        Some(self.encoded.as_slice().into())
    }
}
