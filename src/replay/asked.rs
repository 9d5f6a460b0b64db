//! What one end of a conversation has asked: repetitions, answers, what was never answered.
//!
//! In: requests and answers by what tells them apart, when they were seen. Out: [`Mark`]s, counts. Must not know what a
//! protocol calls a request, nor who speaks.
//!
//! A copy is a repetition, or the network has doubled it. A sender repeats no sooner than its shortest gap: 5 ms in MSP
//! (M30) or T where the timer is fixed, T in Shen's protocol (S6). So a copy that comes in less than half of that after the
//! last try is called doubled: half, because the first one may have been held up. A slower double cannot be told from a
//! repetition. What a capture of palabre has from its own server is never doubled: there it is written down before it is
//! sent.

use std::collections::BTreeMap;

use super::{Mark, Way};

/// A receiver remembers answers for so long (M32), in microseconds.
pub(super) const MEMORY: u64 = 180_000_000;
/// A person may take so long (M22, S8).
const PATIENCE: u64 = 60_000_000;

/// How requests are repeated, in microseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habits {
    /// A copy that comes sooner was not sent again.
    pub(super) soonest: u64,
    /// How long a request is repeated: M × T.
    pub(super) span: u64,
    /// After so many other requests a number means another one (M32, S6).
    pub(super) numbers: u64,
    /// What waits for a person is repeated until he has decided (M22); where not, an ACK comes first (S5).
    pub(super) until_decided: bool,
}

/// Something asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking {
    pub(super) packet: u64,
    pub(super) at: u64,
    /// Tells its bytes from others.
    pub(super) digest: u64,
    pub(super) message: Option<&'static str>,
    /// It waits for a person.
    pub(super) is_patient: bool,
    /// It was seen where it was sent, before any network.
    pub(super) is_certain: bool,
}

/// A request that was seen.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// Its first try.
    pub(super) packet: u64,
    pub(super) first: u64,
    last: u64,
    /// The longest time between two tries.
    gap: u64,
    pub(super) tries: u32,
    pub(super) message: Option<&'static str>,
    /// Which request of its sender it is.
    pub(super) index: u64,
    digest: u64,
    is_patient: bool,
    /// Its repetitions say that something was lost.
    is_telling: bool,
    /// It was told as unanswered.
    is_given_up: bool,
    answers: u32,
    /// Tells the last answer from others.
    answer: u64,
}

/// The requests of one end.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    asked: BTreeMap<u32, Asked>,
    count: u64,
    /// The smoothed round-trip time.
    round_trip: u64,
}

impl Memory {
    pub(super) fn get(&self, key: u32) -> Option<&Asked> {
        self.asked.get(&key)
    }

    /// A request is sent: `None` when it is a new one.
    pub(super) fn ask(&mut self, key: u32, asking: &Asking, habits: &Habits, way: &mut Way) -> Option<Mark> {
        if let Some(old) = self.asked.get_mut(&key) {
            let after = asking.at.saturating_sub(old.last);
            let others = self.count.saturating_sub(old.index);
            if old.digest == asking.digest && after <= MEMORY && others <= habits.numbers {
                if after < habits.soonest && !asking.is_certain {
                    way.doubled = way.doubled.saturating_add(1);
                    return Some(Mark::Doubled { packet: old.packet, after });
                }
                return Some(old.again(asking.at, after, way));
            }
        }
        let &Asking { packet, at, digest, message, is_patient, .. } = asking;
        way.requests = way.requests.saturating_add(1);
        way.tries = way.tries.saturating_add(1);
        let new = Asked {
            packet,
            first: at,
            last: at,
            gap: 0,
            tries: 1,
            message,
            index: self.count,
            digest,
            is_patient,
            is_telling: !(is_patient && habits.until_decided),
            is_given_up: false,
            answers: 0,
            answer: 0,
        };
        self.count = self.count.saturating_add(1);
        self.asked.insert(key, new);
        None
    }

    /// A request is answered; `asker` is the way of requests, `answerer` that of answers.
    pub(super) fn answer(
        &mut self,
        key: u32,
        (at, digest): (u64, u64),
        [asker, answerer]: [&mut Way; 2],
    ) -> Option<Mark> {
        let asked = self.asked.get_mut(&key)?;
        asked.answers = asked.answers.saturating_add(1);
        let after = at.saturating_sub(asked.first);
        let is_late = asked.is_given_up && asked.answers == 1;
        // Another answer than before says something new: a person has made up his mind (S5).
        if asked.answers > 1 && asked.answer == digest {
            answerer.answers_again = answerer.answers_again.saturating_add(1);
            return Some(Mark::AnswersAgain { packet: asked.packet, count: asked.answers });
        }
        asked.answer = digest;
        if asked.answers == 1 {
            asker.answered = asker.answered.saturating_add(1);
            asker.repeated = asker.repeated.saturating_add(asked.repeated());
            asker.unanswered = asker.unanswered.saturating_sub(is_late.into());
            if asked.tries == 1 && !asked.is_patient {
                asker.round_trips.record(after);
                self.round_trip = self.round_trip.max(1).saturating_mul(7).saturating_add(after) / 8;
            }
        }
        Some(Mark::Answers { packet: asked.packet, after, tries: asked.tries, is_late })
    }

    /// Until when a new request is waited for.
    pub(super) fn deadline(&self, key: u32, habits: &Habits) -> u64 {
        self.asked.get(&key).map_or(0, |asked| asked.deadline(habits, self.round_trip))
    }

    /// Whether request `index` of this key is over by `now`, and unanswered.
    pub(super) fn due(&mut self, key: u32, index: u64, now: u64, habits: &Habits, way: &mut Way) -> Due {
        let round_trip = self.round_trip;
        let open = |asked: &&mut Asked| asked.index == index && asked.answers == 0 && !asked.is_given_up;
        let Some(asked) = self.asked.get_mut(&key).filter(open) else { return Due::Settled };
        let deadline = asked.deadline(habits, round_trip);
        if deadline > now {
            return Due::At(deadline);
        }
        asked.is_given_up = true;
        way.unanswered = way.unanswered.saturating_add(1);
        Due::Unanswered(asked.clone())
    }

    /// Forgets request `index` of this key, unless something was heard of it after `before`: when that was.
    pub(super) fn forget(&mut self, key: u32, index: u64, before: u64) -> Option<u64> {
        let last = self.asked.get(&key).filter(|asked| asked.index == index)?.last;
        if last > before {
            return Some(last);
        }
        self.asked.remove(&key);
        None
    }

    /// Numbers start afresh (M4): what is answered means nothing any more, but for the request that says so.
    pub(super) fn restart(&mut self, but: Option<u32>) {
        self.asked.retain(|key, asked| asked.answers == 0 || Some(*key) == but);
    }
}

/// What has become of a request.
#[derive(Clone, Debug)]
pub(super) enum Due {
    /// It was answered, told, or forgotten.
    Settled,
    /// It is waited for until then.
    At(u64),
    /// Nobody has answered.
    Unanswered(Asked),
}

impl Asked {
    pub(super) const fn is_open(&self) -> bool {
        self.answers == 0
    }

    /// Whether this is the answer it was given.
    pub(super) const fn was_answered_by(&self, digest: u64) -> bool {
        self.answers > 0 && self.answer == digest
    }

    /// How often it had to be repeated. That a person takes his time is nobody's loss.
    fn repeated(&self) -> u64 {
        if self.is_telling { self.tries.saturating_sub(1).into() } else { 0 }
    }

    fn again(&mut self, at: u64, after: u64, way: &mut Way) -> Mark {
        self.tries = self.tries.saturating_add(1);
        self.last = at;
        self.gap = self.gap.max(after);
        way.tries = way.tries.saturating_add(1);
        way.repeated = way.repeated.saturating_add(u64::from(!self.is_open() && self.is_telling));
        Mark::Again { packet: self.packet, attempt: self.tries, after: at.saturating_sub(self.first) }
    }

    /// M × T after the first try; longer on a slow link, where the timer has grown (M30): its answers and the gaps
    /// between tries say so.
    fn deadline(&self, habits: &Habits, round_trip: u64) -> u64 {
        let patience = if self.is_patient { PATIENCE } else { habits.span.max(round_trip.saturating_mul(4)) };
        let next = if self.tries > 1 { self.last.saturating_add(self.gap.saturating_mul(2)) } else { 0 };
        self.first.saturating_add(patience).max(next)
    }
}
