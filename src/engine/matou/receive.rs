//! What clients of Matou send, up to its meaning: who may say what now, and the answer to what is none (A1, A6).
//!
//! In: whole messages, or why there are none. Out: people who come and go, requests of those who are here. Must not know
//! how a stream was cut.

use crate::dialect::matou::{BadFrame, ErrorCode, Kind, Message, Why, is_name};
use crate::engine::{Departure, Dialect, DropReason, Server};
use crate::ids::{ConnectionId, UserId};
use crate::time::Instant;

impl Server {
    /// A whole message has come.
    pub(in crate::engine) fn matou_message(&mut self, now: Instant, id: ConnectionId, message: &[u8]) {
        let Some(user) = self.connections.get(id).map(|connection| connection.user) else { return };
        // The scratch is lent while the message is carried out: what it says is borrowed from there.
        let mut scratch = std::mem::take(&mut self.scratch);
        match (Message::decode(message, &mut scratch), user) {
            (Ok(Message::Connect { name }), None) => self.matou_connect(now, id, &name),
            (Ok(Message::SignOut), _) => self.matou_sign_out(now, id, user),
            (Ok(message), Some(user)) => self.matou_request(now, id, user, &message),
            (Ok(_), None) => self.matou_expel(now, id),
            // A name that is not UTF-8 is none.
            (Err(_), None) if Kind::peek(message) == Some(Kind::Connect) => self.matou_bad_name(now, id),
            (Err(_), _) => self.matou_expel(now, id),
        }
        self.scratch = scratch;
    }

    /// What comes is no message: nothing after it can be read.
    pub(in crate::engine) fn matou_fault(&mut self, now: Instant, id: ConnectionId, fault: BadFrame) {
        let is_stranger = self.connections.get(id).is_some_and(|connection| connection.user.is_none());
        let is_long_name = fault.kind == Some(Kind::Connect) && matches!(fault.why, Why::Excessive { .. });
        if is_stranger && is_long_name {
            return self.matou_bad_name(now, id);
        }
        self.matou_expel(now, id);
    }

    /// Somebody broke the rules: he is told so, if he is anybody, and his connection is closed (A6).
    pub(super) fn matou_expel(&mut self, now: Instant, id: ConnectionId) {
        self.stats.drop(DropReason::Malformed);
        if self.connections.get(id).is_some_and(|connection| connection.user.is_some()) {
            self.matou_write(now, id, &Message::Error(ErrorCode::Unknown));
        }
        self.expel(now, id, true);
    }

    /// Somebody says who he is. He hears first that he is here, and then that he came (A2).
    fn matou_connect(&mut self, now: Instant, id: ConnectionId, name: &str) {
        if !is_name(name) {
            return self.matou_bad_name(now, id);
        }
        self.matou_name_all();
        // What is a name here is one everywhere: if he does not get it, it is taken.
        let accepted = self.sign_in(now, id, name).ok();
        self.matou_write(now, id, &Message::Connected { accepted: accepted.is_some() });
        if let Some(user) = accepted {
            let name = self.matou_name(user).unwrap_or_else(|| name.into());
            self.matou_write(now, id, &Message::Arrived { name: (&*name).into() });
        }
    }

    /// A name that breaks the rules cannot be tried again (A1).
    fn matou_bad_name(&mut self, now: Instant, id: ConnectionId) {
        self.matou_write(now, id, &Message::Connected { accepted: false });
        self.expel(now, id, true);
    }

    fn matou_sign_out(&mut self, now: Instant, id: ConnectionId, user: Option<UserId>) {
        if let Some(user) = user {
            self.sign_out(now, user, Departure::Disconnected);
        }
        self.close(id, true);
    }

    /// Gives everybody the name he is known by here, in the order they came: a name is taken whatever its letter case, also
    /// by people of whom nobody here has heard yet (A1).
    fn matou_name_all(&mut self) {
        let names = &mut self.sides.of_mut(Dialect::Matou).users;
        if names.len() != self.rooms.users().count() {
            for (user, known) in self.rooms.users() {
                names.show(user, &known.name, |name| self.rooms.find(name));
            }
        }
    }
}
