//! Who should hear what, worked out without any network, and who did.
//!
//! In: what people do and what their clients really tell them. Out: verdicts. Must not know datagrams.

use std::collections::{BTreeMap, BTreeSet};

use palabre::engine::Dialect;
use palabre::time::{Duration, Instant};

use super::people::{PEOPLE, dialect};

/// Something somebody said.
#[derive(Debug)]
struct Said {
    by: usize,
    text: &'static str,
    at: Instant,
    /// Who should hear it and has not.
    missing: BTreeSet<usize>,
}

/// What hearing something means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// He should hear it, now for the first time and in its place; so long after it was said.
    Right { by: usize, delay: Duration },
    /// He should not: it is not for him, he has it already, or something before it is missing.
    Wrong,
}

/// The rooms as they should be, and the texts that were said in them.
#[derive(Debug, Default)]
pub(super) struct Shadow {
    /// The room of each person on the server; the public one has no name.
    rooms: [Option<&'static str>; PEOPLE.len()],
    /// Who manages a room, where somebody does.
    managers: BTreeMap<&'static str, usize>,
    said: Vec<Said>,
    /// Who has still to learn that somebody came or left.
    news: BTreeSet<(usize, usize)>,
    expected: usize,
    right: usize,
    wrong: usize,
}

impl Shadow {
    /// Somebody is in a room from now on: `""` is the public one, `None` is nowhere.
    pub(super) fn moves(&mut self, who: usize, to: Option<&'static str>) {
        let Some(place) = self.rooms.get_mut(who) else { return };
        let from = std::mem::replace(place, to);
        if from == to {
            return;
        }
        for (other, room) in self.rooms.iter().enumerate() {
            // Shen's protocol has words for this only where somebody comes into a room that one manages (S9).
            let (arrives, concerned) = (*room == to, *room == from || *room == to);
            let is_told = match dialect(other) {
                Dialect::Shen => arrives && to.is_some_and(|to| self.managers.get(to) == Some(&other)),
                _ => concerned,
            };
            if is_told && other != who && room.is_some() {
                self.news.insert((other, who));
            }
        }
    }

    /// Somebody manages a room from now on, and is in it.
    pub(super) fn manages(&mut self, who: usize, room: &'static str) {
        self.moves(who, Some(room));
        self.managers.insert(room, who);
    }

    /// Somebody says something to everybody else in his room.
    pub(super) fn says(&mut self, at: Instant, by: usize, text: &'static str) {
        let room = self.rooms.get(by).copied().flatten();
        let hears = |(who, theirs): (usize, &Option<&str>)| {
            (who != by && room.is_some() && *theirs == room).then_some(who)
        };
        let missing: BTreeSet<usize> = self.rooms.iter().enumerate().filter_map(hears).collect();
        self.expected += missing.len();
        self.said.push(Said { by, text, at, missing });
    }

    /// A client told its user that it heard this.
    pub(super) fn hears(&mut self, at: Instant, who: usize, from: &str, text: &str) -> Verdict {
        let is_it = |said: &Said| said.text == text && PEOPLE.get(said.by) == Some(&from);
        let Some(index) = self.said.iter().position(is_it) else { return self.wrong() };
        let (before, rest) = self.said.split_at_mut(index);
        let Some(said) = rest.first_mut() else { return self.wrong() };
        let overtakes = before.iter().any(|other| other.by == said.by && other.missing.contains(&who));
        if !said.missing.remove(&who) || overtakes {
            return self.wrong();
        }
        self.right += 1;
        Verdict::Right { by: said.by, delay: at - said.at }
    }

    /// A client told its user that somebody came or left.
    pub(super) fn learns(&mut self, who: usize, words: &str) {
        self.news.retain(|(other, mover)| {
            *other != who || !PEOPLE.get(*mover).is_some_and(|name| words.contains(name))
        });
    }

    /// Whether everybody has heard and learnt everything.
    pub(super) fn is_settled(&self) -> bool {
        self.news.is_empty() && self.said.iter().all(|said| said.missing.is_empty())
    }

    /// How many texts were said; how many times they should be heard, were heard rightly, were heard wrongly.
    pub(super) fn totals(&self) -> [usize; 4] {
        [self.said.len(), self.expected, self.right, self.wrong]
    }

    const fn wrong(&mut self) -> Verdict {
        self.wrong += 1;
        Verdict::Wrong
    }
}
