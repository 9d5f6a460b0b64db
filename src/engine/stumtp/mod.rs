//! STUMTP: sessions that outlive their connections, and the frames they travel in (U1 to U7).
//!
//! In: whole frames of a connection; requests and answers of Stories' language. Out: the one for the other. Must not know
//! what a request means.
mod opening;
mod receive;
mod send;

pub(super) use send::{connection_refused, login_is_late};

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::tokens::Token;
use super::{Departure, Server};
use crate::dialect::stumtp::FRAMING;
use crate::ids::UserId;
use crate::reliable::Session;
use crate::time::{Duration, Instant};

/// How long a session without a connection is kept (U5).
const PATIENCE: Duration = Duration::from_secs(600);

/// What outlives a connection.
#[derive(Debug)]
struct Kept {
    token: Token,
    /// The texts of the messages that wait for an acknowledgement.
    session: Session<Arc<[u8]>>,
    /// The numbers of those messages that tell him of a move, while he has not acknowledged them (M21).
    moves: VecDeque<u64>,
    /// What is being carried out came without a number, and is answered so (U1).
    is_plain: bool,
    /// Since when there is no connection.
    away: Option<Instant>,
    /// Whether each of the two things that may be due has its entry.
    armed: [bool; 2],
}

/// What may be due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// An acknowledgement may have to go alone (U4).
    Acknowledge,
    /// A session may have been without a connection for too long (U5).
    Lapse,
}

/// The sessions. Who speaks without numbers has none.
#[derive(Debug, Default)]
pub(super) struct State {
    kept: BTreeMap<UserId, Kept>,
    by_token: BTreeMap<Token, UserId>,
    /// One entry of a kind for each session at most: what has moved to a later time is entered again when it is due.
    due: BTreeSet<(Instant, Due, UserId)>,
    /// For whom more waits than may, to be let go before a verb returns.
    pub(super) overflowed: BTreeSet<UserId>,
    end: End,
}

/// What ends a text, shared by all of them.
#[derive(Debug)]
struct End(Arc<[u8]>);

impl Default for End {
    fn default() -> Self {
        Self([FRAMING.end].into())
    }
}

impl State {
    /// When [`Server::stumtp_due`] has something to do.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.due.first().map(|(at, ..)| *at)
    }

    fn begin(&mut self, user: UserId, token: Token) {
        let (session, moves) = (Session::new(), VecDeque::new());
        let kept = Kept { token, session, moves, is_plain: false, away: None, armed: [false; 2] };
        self.kept.insert(user, kept);
        self.by_token.insert(token, user);
    }

    /// Sees to it that what may be due is looked at then.
    fn arm(&mut self, user: UserId) {
        let Some(kept) = self.kept.get_mut(&user) else { return };
        for due in [Due::Acknowledge, Due::Lapse] {
            let Some(armed) = kept.armed.get_mut(due as usize) else { continue };
            let at = match due {
                Due::Acknowledge => kept.session.poll_timeout(),
                Due::Lapse => kept.away.map(|since| since + PATIENCE),
            };
            if let Some(at) = at.filter(|_| !*armed) {
                *armed = true;
                self.due.insert((at, due, user));
            }
        }
    }

    fn pop(&mut self, now: Instant) -> Option<(Due, UserId)> {
        self.due.first().filter(|(at, ..)| *at <= now)?;
        let (_, due, user) = self.due.pop_first()?;
        if let Some(armed) = self.kept.get_mut(&user).and_then(|kept| kept.armed.get_mut(due as usize)) {
            *armed = false;
        }
        Some((due, user))
    }
}

impl Server {
    /// Does what is due.
    pub(super) fn stumtp_due(&mut self, now: Instant) {
        while let Some((due, user)) = self.stumtp.pop(now) {
            match due {
                Due::Acknowledge => self.stumtp_acknowledges(now, user),
                Due::Lapse => {
                    let away = self.stumtp.kept.get(&user).and_then(|kept| kept.away);
                    if away.is_some_and(|since| since + PATIENCE <= now) {
                        self.stumtp_ends(now, user);
                    }
                }
            }
            self.stumtp.arm(user);
            self.settle(now);
        }
    }

    /// A session was without a connection for too long, or too much waits for it: its user is gone (U5).
    pub(super) fn stumtp_ends(&mut self, now: Instant, user: UserId) {
        let connection = self.peers.seats.get(user).and_then(|seat| seat.connection);
        self.sign_out(now, user, Departure::Lapsed);
        if let Some(id) = connection {
            self.close(id, false);
        }
    }

    /// A user leaves the server: his session is over.
    pub(super) fn stumtp_left(&mut self, user: UserId) {
        if let Some(kept) = self.stumtp.kept.remove(&user) {
            self.stumtp.by_token.remove(&kept.token);
        }
        self.stumtp.overflowed.remove(&user);
    }
}
