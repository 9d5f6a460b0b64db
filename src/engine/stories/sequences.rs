//! Questions of one to the others of his room, or to one alone (B6).
//!
//! In: questions, answers, who leaves, the time. Out: which questions are over, how, and who is to hear of it. Must not
//! know what a question is about, nor how anybody is told.

use std::collections::BTreeMap;

use super::files::Place;
use crate::dialect::stories::json::{Ballot, Counts, Outcome, Seq};
use crate::ids::UserId;
use crate::time::Instant;

/// A question that is open.
#[derive(Debug)]
struct Sequence {
    seq: Seq,
    until: Instant,
    /// Where it was begun.
    place: Place,
    asked: Asked,
}

#[derive(Debug)]
enum Asked {
    /// All who were asked, and what they have said.
    Vote(BTreeMap<UserId, Said>),
    Confirm(UserId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Nothing,
    Voted(Ballot),
    /// He has left before he said anything.
    Gone,
}

/// Why an answer does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The initiator has another one open.
    Busy,
    /// No such question is open.
    Unknown,
    /// It was put to others.
    Foreign,
    /// It was answered before.
    Double,
    /// Several have this `seq`, and it does not say whose is meant.
    Ambiguous,
}

/// A question that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Over {
    pub(super) initiator: UserId,
    pub(super) seq: Seq,
    pub(super) outcome: Outcome,
    /// Those who are told the result of a vote: all who were asked and are still there.
    pub(super) others: Vec<UserId>,
}

/// All open questions: one an initiator.
#[derive(Debug, Default)]
pub(in crate::engine) struct Sequences {
    by_initiator: BTreeMap<UserId, Sequence>,
}

impl Sequences {
    /// Puts a question to `voters`. When there are none it is over at once.
    ///
    /// # Errors
    /// [`Fault::Busy`].
    pub(super) fn begin_vote(
        &mut self,
        until: Instant,
        (by, place): (UserId, Place),
        seq: &Seq,
        voters: &[UserId],
    ) -> Result<Option<Over>, Fault> {
        let voters = voters.iter().map(|voter| (*voter, Said::Nothing)).collect();
        self.begin(by, Sequence { seq: seq.clone(), until, place, asked: Asked::Vote(voters) })?;
        Ok(self.end_if_all_voted(by))
    }

    /// Puts a question to one alone.
    ///
    /// # Errors
    /// [`Fault::Busy`].
    pub(super) fn begin_confirm(
        &mut self,
        until: Instant,
        by: UserId,
        seq: &Seq,
        to: UserId,
    ) -> Result<(), Fault> {
        self.begin(by, Sequence { seq: seq.clone(), until, place: None, asked: Asked::Confirm(to) })
    }

    /// Whether somebody has one open.
    pub(super) fn is_busy(&self, initiator: UserId) -> bool {
        self.by_initiator.contains_key(&initiator)
    }

    /// Somebody votes; the last one ends it. `from` is whose question he means, if he says so.
    ///
    /// # Errors
    /// All but [`Fault::Busy`].
    pub(super) fn vote(
        &mut self,
        by: UserId,
        seq: &Seq,
        from: Option<UserId>,
        ballot: Ballot,
    ) -> Result<Option<Over>, Fault> {
        let initiator = self.meant(seq, from, |asked| match asked {
            Asked::Vote(voters) => Some(voters.contains_key(&by)),
            Asked::Confirm(_) => None,
        })?;
        let Some(Sequence { asked: Asked::Vote(voters), .. }) = self.by_initiator.get_mut(&initiator) else {
            return Err(Fault::Unknown);
        };
        match voters.get_mut(&by) {
            Some(said @ Said::Nothing) => *said = Said::Voted(ballot),
            Some(Said::Voted(_)) => return Err(Fault::Double),
            Some(Said::Gone) | None => return Err(Fault::Foreign),
        }
        Ok(self.end_if_all_voted(initiator))
    }

    /// Somebody answers a question to him alone.
    ///
    /// # Errors
    /// [`Fault::Unknown`], [`Fault::Foreign`] and [`Fault::Ambiguous`].
    pub(super) fn confirm(
        &mut self,
        by: UserId,
        seq: &Seq,
        from: Option<UserId>,
        ok: bool,
    ) -> Result<Option<Over>, Fault> {
        let initiator = self.meant(seq, from, |asked| match asked {
            Asked::Confirm(to) => Some(*to == by),
            Asked::Vote(_) => None,
        })?;
        Ok(self.end(initiator, Outcome::Confirmed { ok, absent: false }))
    }

    /// Somebody leaves the server, or is in a room now (`to`): his own question is cancelled, and he is asked nothing more. A
    /// question from one to another goes on when somebody only moves. The answers are those questions that are over now,
    /// and the `seq` of the one that was cancelled.
    pub(super) fn left(&mut self, user: UserId, to: Option<Place>) -> (Vec<Over>, Option<Seq>) {
        let ends = |sequence: &Sequence| match sequence.asked {
            Asked::Vote(_) => to != Some(sequence.place),
            Asked::Confirm(_) => to.is_none(),
        };
        let cancels = self.by_initiator.get(&user).is_some_and(ends);
        let cancelled = cancels.then(|| self.by_initiator.remove(&user)).flatten().map(|own| own.seq);
        let concerned = self.by_initiator.iter().filter(|(_, sequence)| ends(sequence));
        let initiators: Vec<UserId> = concerned.map(|(initiator, _)| *initiator).collect();
        let mut over = Vec::new();
        for initiator in initiators {
            let Some(sequence) = self.by_initiator.get_mut(&initiator) else { continue };
            over.extend(match &mut sequence.asked {
                Asked::Vote(voters) => {
                    if let Some(said @ Said::Nothing) = voters.get_mut(&user) {
                        *said = Said::Gone;
                    }
                    self.end_if_all_voted(initiator)
                }
                Asked::Confirm(by) if *by == user => {
                    self.end(initiator, Outcome::Confirmed { ok: false, absent: true })
                }
                Asked::Confirm(_) => None,
            });
        }
        (over, cancelled)
    }

    /// The next question whose time is over at `now`.
    pub(super) fn due(&mut self, now: Instant) -> Option<Over> {
        let due = self.by_initiator.iter().filter(|(_, sequence)| sequence.until <= now);
        let (initiator, sequence) = due.min_by_key(|(_, sequence)| sequence.until)?;
        let outcome = match &sequence.asked {
            Asked::Vote(voters) => Outcome::Votes(counts(voters)),
            Asked::Confirm(_) => Outcome::Confirmed { ok: false, absent: true },
        };
        self.end(*initiator, outcome)
    }

    /// When the next one is.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.by_initiator.values().map(|sequence| sequence.until).min()
    }

    fn begin(&mut self, by: UserId, sequence: Sequence) -> Result<(), Fault> {
        if self.is_busy(by) {
            return Err(Fault::Busy);
        }
        self.by_initiator.insert(by, sequence);
        Ok(())
    }

    /// Whose question somebody answers. `asks` says of a question of the kind he answers whether it was put to him.
    fn meant(
        &self,
        seq: &Seq,
        from: Option<UserId>,
        asks: impl Fn(&Asked) -> Option<bool>,
    ) -> Result<UserId, Fault> {
        let of_this = self
            .by_initiator
            .iter()
            .filter(|(by, sequence)| sequence.seq == *seq && from.is_none_or(|from| from == **by));
        let (mut mine, mut is_known) = (None, false);
        for (initiator, sequence) in of_this {
            let Some(is_asked) = asks(&sequence.asked) else { continue };
            is_known = true;
            if is_asked && mine.replace(*initiator).is_some() {
                return Err(Fault::Ambiguous);
            }
        }
        mine.ok_or(if is_known { Fault::Foreign } else { Fault::Unknown })
    }

    fn end_if_all_voted(&mut self, initiator: UserId) -> Option<Over> {
        let Asked::Vote(voters) = &self.by_initiator.get(&initiator)?.asked else { return None };
        let is_over = voters.values().all(|said| *said != Said::Nothing);
        let outcome = Outcome::Votes(counts(voters));
        is_over.then(|| self.end(initiator, outcome)).flatten()
    }

    fn end(&mut self, initiator: UserId, outcome: Outcome) -> Option<Over> {
        let Sequence { seq, asked, .. } = self.by_initiator.remove(&initiator)?;
        let others = match asked {
            Asked::Vote(voters) => {
                let here = voters.into_iter().filter(|(_, said)| *said != Said::Gone);
                here.map(|(voter, _)| voter).collect()
            }
            Asked::Confirm(_) => Vec::new(),
        };
        Some(Over { initiator, seq, outcome, others })
    }
}

fn counts(voters: &BTreeMap<UserId, Said>) -> Counts {
    let count = |wanted: Said| voters.values().filter(|said| **said == wanted).count();
    let (yes, no) = (count(Said::Voted(Ballot::Yes)), count(Said::Voted(Ballot::No)));
    Counts { yes, no, absent: voters.len().saturating_sub(yes).saturating_sub(no) }
}
