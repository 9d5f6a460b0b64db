//! How two people come to a connection of their own, and what is relayed when they do not (B7).
//!
//! In: who wants to meet whom, what they report, who leaves, the time. Out: whom to introduce, who falls back, to whom
//! something is relayed. Must not know addresses, nor how anybody is told.

use core::num::NonZeroU16;
use std::collections::BTreeMap;

use crate::engine::tokens::Token;
use crate::ids::UserId;
use crate::time::{Duration, Instant};

/// How long a request waits for an answer.
const OFFER: Duration = Duration::from_secs(60);
/// For how long a token may be shown.
pub(super) const TOKEN: Duration = Duration::from_secs(60);
/// How soon both must have said that the connection stands.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many requests of one person may wait, and how many connections of one are known.
const MOST: usize = 16;

/// Two people who have agreed to meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) caller: UserId,
    pub(super) callee: UserId,
}

impl Pair {
    /// The other one; `None` for a third.
    pub(super) fn other(self, user: UserId) -> Option<UserId> {
        match user {
            user if user == self.caller => Some(self.callee),
            user if user == self.callee => Some(self.caller),
            _ => None,
        }
    }

    /// Both.
    pub(super) const fn both(self) -> [UserId; 2] {
        [self.caller, self.callee]
    }
}

/// Somebody who waits for an answer to his request.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    port: NonZeroU16,
    until: Instant,
}

/// What has become of a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// They try; who has said that it stands.
    Trying { until: Instant, caller: bool, callee: bool },
    /// They have a connection.
    Direct,
    /// They have none: the server relays.
    Relayed,
}

/// Why a request comes to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It waits for an answer already, or too many do.
    Busy,
    /// Nobody has asked this.
    Unknown,
    /// The token opens nothing for this person, or nothing more of this kind.
    Token,
    /// The two have not fallen back.
    NotRelayed,
}

/// All requests and meetings.
#[derive(Debug, Default)]
pub(in crate::engine) struct Meetings {
    /// By who asked whom.
    offers: BTreeMap<(UserId, UserId), Waiting>,
    /// By token; `order` says which came first.
    met: BTreeMap<Token, (Pair, Stage, u64)>,
    order: u64,
}

impl Meetings {
    /// Somebody wants to meet another.
    ///
    /// # Errors
    /// [`Fault::Busy`].
    pub(super) fn ask(
        &mut self,
        now: Instant,
        from: UserId,
        to: UserId,
        port: NonZeroU16,
    ) -> Result<(), Fault> {
        let waiting = self.offers.keys().filter(|(asker, _)| *asker == from).count();
        if waiting >= MOST || self.offers.contains_key(&(from, to)) {
            return Err(Fault::Busy);
        }
        self.offers.insert((from, to), Waiting { port, until: now + OFFER });
        Ok(())
    }

    /// The other wants to, too: they are to be introduced, with this token. The answer is the port of the one who asked. Of
    /// an earlier meeting of the two nothing is known any more.
    ///
    /// # Errors
    /// [`Fault::Unknown`].
    pub(super) fn accept(&mut self, now: Instant, pair: Pair, token: Token) -> Result<NonZeroU16, Fault> {
        let offer = self.offers.remove(&(pair.caller, pair.callee)).ok_or(Fault::Unknown)?;
        self.met.retain(|_, (met, ..)| pair.other(met.caller) != Some(met.callee));
        for user in pair.both() {
            self.forget_the_oldest_of(user);
        }
        self.order = self.order.saturating_add(1);
        let stage = Stage::Trying { until: now + PATIENCE, caller: false, callee: false };
        self.met.insert(token, (pair, stage, self.order));
        Ok(offer.port)
    }

    /// The other does not want to.
    ///
    /// # Errors
    /// [`Fault::Unknown`].
    pub(super) fn refuse(&mut self, from: UserId, by: UserId) -> Result<(), Fault> {
        self.offers.remove(&(from, by)).map(|_| ()).ok_or(Fault::Unknown)
    }

    /// One of the two says that their connection stands: once, and before they fall back.
    ///
    /// # Errors
    /// [`Fault::Token`].
    pub(super) fn ready(&mut self, by: UserId, token: Token) -> Result<(), Fault> {
        let (pair, stage) = self.of(by, token)?;
        let Stage::Trying { caller, callee, .. } = stage else { return Err(Fault::Token) };
        let own = if by == pair.caller { &mut *caller } else { &mut *callee };
        if std::mem::replace(own, true) {
            return Err(Fault::Token);
        }
        if *caller && *callee {
            *stage = Stage::Direct;
        }
        Ok(())
    }

    /// One of the two says that their connection does not stand, or not any more: both fall back. Who says so when they
    /// have fallen back already says nothing new: `None`.
    ///
    /// # Errors
    /// [`Fault::Token`].
    pub(super) fn failed(&mut self, by: UserId, token: Token) -> Result<Option<Pair>, Fault> {
        let (pair, stage) = self.of(by, token)?;
        let before = std::mem::replace(stage, Stage::Relayed);
        Ok((before != Stage::Relayed).then_some(pair))
    }

    /// To whom something goes through the server.
    ///
    /// # Errors
    /// [`Fault::Token`] and [`Fault::NotRelayed`].
    pub(super) fn relay(&mut self, by: UserId, token: Token) -> Result<UserId, Fault> {
        let (pair, stage) = self.of(by, token)?;
        if *stage != Stage::Relayed {
            return Err(Fault::NotRelayed);
        }
        pair.other(by).ok_or(Fault::Token)
    }

    /// Somebody leaves the server: those who wait for his answer wait no more.
    pub(super) fn left(&mut self, user: UserId) -> Vec<UserId> {
        self.met.retain(|_, (pair, ..)| pair.other(user).is_none());
        let concerned = self.offers.extract_if(.., |(from, to), _| *from == user || *to == user);
        concerned.map(|((from, _), _)| from).filter(|from| *from != user).collect()
    }

    /// The next request that nobody has answered in time: who asked whom.
    pub(super) fn offer_due(&mut self, now: Instant) -> Option<(UserId, UserId)> {
        let (key, _) = self.offers.iter().find(|(_, waiting)| waiting.until <= now)?;
        let key = *key;
        self.offers.remove(&key).map(|_| key)
    }

    /// The next two who fall back because not both have said in time that their connection stands.
    pub(super) fn fallback_due(&mut self, now: Instant) -> Option<(Token, Pair)> {
        let is_due = |stage: &Stage| matches!(stage, Stage::Trying { until, .. } if *until <= now);
        let (token, (pair, stage, _)) = self.met.iter_mut().find(|(_, (_, stage, _))| is_due(stage))?;
        *stage = Stage::Relayed;
        Some((*token, *pair))
    }

    /// When the next of these is.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let trying = self.met.values().filter_map(|(_, stage, _)| match stage {
            Stage::Trying { until, .. } => Some(*until),
            Stage::Direct | Stage::Relayed => None,
        });
        self.offers.values().map(|waiting| waiting.until).chain(trying).min()
    }

    fn of(&mut self, user: UserId, token: Token) -> Result<(Pair, &mut Stage), Fault> {
        let met = self.met.get_mut(&token).filter(|(pair, ..)| pair.other(user).is_some());
        met.map(|(pair, stage, _)| (*pair, stage)).ok_or(Fault::Token)
    }

    /// Nobody says when a connection ends: only so many of each are known.
    fn forget_the_oldest_of(&mut self, user: UserId) {
        let own = || self.met.iter().filter(|(_, (pair, ..))| pair.other(user).is_some());
        if own().count() >= MOST
            && let Some(token) = own().min_by_key(|(_, (.., order))| *order).map(|(token, _)| *token)
        {
            self.met.remove(&token);
        }
    }
}
