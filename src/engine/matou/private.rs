//! Private connections, as far as they go through the server: who has asked whom, and what is due next (A4).
//!
//! In: requests, consents, offers of ports, ends; the time. Out: whether each comes in its order. Must not know names,
//! addresses or messages.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::UserId;
use crate::time::{Duration, Instant};

/// How long a request waits for its answer, and an answer for the ports (A4).
const PATIENCE: Duration = Duration::from_secs(60);
/// The most requests of one person that wait at a time (A13).
const MOST: usize = 16;

/// What was asked and has not led to a connection yet.
#[derive(Debug, Default)]
pub(super) struct Private {
    /// By who asked, and whom.
    pending: BTreeMap<UserId, BTreeMap<UserId, Pending>>,
    ends: BTreeSet<(Instant, UserId, UserId)>,
}

#[derive(Clone, Copy, Debug)]
struct Pending {
    /// Whether the one who was asked has accepted: then the ports are due.
    accepted: bool,
    until: Instant,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The other is to be told.
    New,
    /// It is on its way already, or meant for oneself.
    Nothing,
    /// Too many of one's requests wait.
    TooMany,
}

impl Private {
    /// `by` wants a connection with `to`.
    pub(super) fn ask(&mut self, now: Instant, by: UserId, to: UserId) -> Asked {
        self.expire(now);
        let pending = self.pending.get(&by);
        if by == to || pending.is_some_and(|pending| pending.contains_key(&to)) {
            return Asked::Nothing;
        }
        if pending.is_some_and(|pending| pending.len() >= MOST) {
            return Asked::TooMany;
        }
        self.enter(now, by, to, false);
        Asked::New
    }

    /// `to` accepts what `by` asked; false when there is nothing to accept. The ports are due next.
    pub(super) fn accept(&mut self, now: Instant, by: UserId, to: UserId) -> bool {
        self.expire(now);
        let is_asked = self.take(by, to, false);
        if is_asked {
            self.enter(now, by, to, true);
        }
        is_asked
    }

    /// `by` says where he waits for `to`; false when that was not due. It ends the request.
    pub(super) fn offer(&mut self, now: Instant, by: UserId, to: UserId) -> bool {
        self.expire(now);
        self.take(by, to, true)
    }

    /// Somebody is gone: what he asked for, and what he was asked.
    pub(super) fn forget(&mut self, user: UserId) {
        self.pending.remove(&user);
        self.pending.retain(|_, pending| {
            pending.remove(&user);
            !pending.is_empty()
        });
        self.ends.retain(|(_, by, to)| *by != user && *to != user);
    }

    /// When the first request has waited for too long.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.ends.first().map(|(end, ..)| *end)
    }

    /// Forgets what has waited for too long.
    pub(super) fn expire(&mut self, now: Instant) {
        while let Some((_, by, to)) = self.ends.first().copied().filter(|(end, ..)| *end <= now) {
            self.remove(by, to);
        }
    }

    fn enter(&mut self, now: Instant, by: UserId, to: UserId, accepted: bool) {
        let until = now + PATIENCE;
        self.pending.entry(by).or_default().insert(to, Pending { accepted, until });
        self.ends.insert((until, by, to));
    }

    /// Takes out a request that has come as far as this.
    fn take(&mut self, by: UserId, to: UserId, accepted: bool) -> bool {
        let found = self.pending.get(&by).and_then(|pending| pending.get(&to));
        let is_due = found.is_some_and(|pending| pending.accepted == accepted);
        if is_due {
            self.remove(by, to);
        }
        is_due
    }

    fn remove(&mut self, by: UserId, to: UserId) {
        let Some(of_one) = self.pending.get_mut(&by) else { return };
        if let Some(pending) = of_one.remove(&to) {
            self.ends.remove(&(pending.until, by, to));
        }
        if of_one.is_empty() {
            self.pending.remove(&by);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Key;

    const START: Instant = Instant::from_secs(1);
    const MINOU: UserId = user(1);
    const FELIX: UserId = user(2);

    const fn user(slot: u32) -> UserId {
        UserId(Key { slot, generation: 0 })
    }

    #[test]
    fn a4_each_step_comes_after_the_one_before_it_and_once() {
        let mut private = Private::default();
        assert!(!private.accept(START, MINOU, FELIX) && !private.offer(START, MINOU, FELIX));
        assert_eq!(private.ask(START, MINOU, FELIX), Asked::New);
        assert_eq!(private.ask(START, MINOU, FELIX), Asked::Nothing);
        assert!(!private.offer(START, MINOU, FELIX), "not accepted yet");
        assert!(!private.accept(START, FELIX, MINOU), "who asks cannot accept for the other");
        assert!(private.accept(START, MINOU, FELIX) && !private.accept(START, MINOU, FELIX));
        assert_eq!(private.ask(START, MINOU, FELIX), Asked::Nothing, "the ports are due");
        assert!(private.offer(START, MINOU, FELIX) && !private.offer(START, MINOU, FELIX));
        assert_eq!(private.ask(START, MINOU, FELIX), Asked::New);
    }

    #[test]
    fn a4_each_step_has_60_seconds_and_nothing_is_left_after_them() {
        let mut private = Private::default();
        private.ask(START, MINOU, FELIX);
        let last = START + Duration::from_secs(59);
        assert!(private.accept(last, MINOU, FELIX));
        assert_eq!(private.poll_timeout(), Some(last + PATIENCE));
        assert!(!private.offer(last + PATIENCE, MINOU, FELIX));
        assert_eq!(private.poll_timeout(), None);
        private.ask(START, FELIX, MINOU);
        private.expire(START + PATIENCE);
        assert!(private.pending.is_empty() && private.ends.is_empty());
    }

    #[test]
    fn a4_who_goes_takes_along_what_he_asked_and_what_he_was_asked() {
        let mut private = Private::default();
        for (by, to) in [(MINOU, FELIX), (FELIX, MINOU), (FELIX, user(3))] {
            assert_eq!(private.ask(START, by, to), Asked::New);
        }
        private.forget(MINOU);
        assert!(!private.accept(START, MINOU, FELIX) && !private.accept(START, FELIX, MINOU));
        assert!(private.accept(START, FELIX, user(3)));
        private.forget(FELIX);
        assert!(private.pending.is_empty() && private.ends.is_empty());
    }

    #[test]
    fn a13_one_person_has_at_most_16_requests_waiting() {
        let mut private = Private::default();
        assert!((1..=16).all(|other| private.ask(START, user(0), user(other)) == Asked::New));
        assert_eq!(private.ask(START, user(0), user(17)), Asked::TooMany);
        assert_eq!(private.ask(START, user(17), user(0)), Asked::New);
        assert!(private.accept(START, user(0), user(1)) && private.offer(START, user(0), user(1)));
        assert_eq!(private.ask(START, user(0), user(17)), Asked::New);
        assert_eq!(private.ask(START + PATIENCE, user(0), user(18)), Asked::New);
    }
}
