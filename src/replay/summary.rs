//! What it comes to in the end.
//!
//! In: what was counted of each conversation. Out: a row for each peer, totals of packets. Must not know packets, nor how
//! rows are shown.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use super::Histogram;
use crate::engine::Dialect;

/// The most rows of people who are gone; what more there are share one a dialect.
const MOST_ROWS: usize = 4_096;

/// The reckoning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// By dialect, then by name or address.
    pub rows: Vec<Row>,
    /// What there was on the wire.
    pub packets: Packets,
}

/// One peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What he speaks.
    pub dialect: Dialect,
    /// Who it is.
    pub who: Who,
    /// What he sent; of two clients, the first one of `who`.
    pub sent: Way,
    /// What was sent to him.
    pub received: Way,
}

/// Of whom a row is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// He has a name.
    Named(Arc<str>),
    /// He has none, as far as could be seen.
    Unnamed(SocketAddr),
    /// Two clients who talk without the server.
    Both(String, String),
    /// All for whom there was no row any more.
    Others,
}

/// One way of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// Messages, repetitions included.
    pub messages: u64,
    /// Requests, each once.
    pub requests: u64,
    /// How often requests were sent in all; copies made by the network are not counted.
    pub tries: u64,
    /// Requests that were answered.
    pub answered: u64,
    /// Tries beyond the first of answered requests, but for those that wait for a person: each says that a try or an answer
    /// was lost, or late.
    pub repeated: u64,
    /// Requests that nobody answered.
    pub unanswered: u64,
    /// Messages that cannot be read.
    pub malformed: u64,
    /// Copies of requests that the network made.
    pub doubled: u64,
    /// Answers that came again.
    pub answers_again: u64,
    /// Messages that were sent again on another connection (U3).
    pub resent: u64,
    /// From request to answer as the capture saw them, of requests sent once (Karn's rule).
    pub round_trips: Histogram,
}

impl Way {
    /// All that is in `other` too.
    pub fn add(&mut self, other: &Self) {
        for (mine, others) in [
            (&mut self.messages, other.messages),
            (&mut self.requests, other.requests),
            (&mut self.tries, other.tries),
            (&mut self.answered, other.answered),
            (&mut self.repeated, other.repeated),
            (&mut self.unanswered, other.unanswered),
            (&mut self.malformed, other.malformed),
            (&mut self.doubled, other.doubled),
            (&mut self.answers_again, other.answers_again),
            (&mut self.resent, other.resent),
        ] {
            *mine = mine.saturating_add(others);
        }
        self.round_trips.add(&other.round_trips);
    }
}

/// What there was on the wire, in packets that brought something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Packets {
    /// UDP datagrams.
    pub udp: u64,
    /// TCP segments; those that only acknowledge may not be counted.
    pub tcp: u64,
    /// Those of UDP and TCP that nothing is known to listen for, and what is neither.
    pub passed_over: u64,
    /// What cannot be read.
    pub broken: u64,
    /// Those of which only the beginning is there; in streams, gaps.
    pub cut: u64,
    /// Those that the capture says it has missed.
    pub lost: u64,
}

/// The rows as they grow.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows(BTreeMap<(Dialect, Who), [Way; 2]>);

impl Rows {
    /// Counts what a peer sent, and what was sent to him.
    pub(super) fn add(&mut self, dialect: Dialect, who: Who, sent: &Way, received: &Way) {
        let is_known = self.0.contains_key(&(dialect, who.clone()));
        let who = if is_known || self.0.len() < MOST_ROWS { who } else { Who::Others };
        let [mine, his] = self.0.entry((dialect, who)).or_default();
        mine.add(sent);
        his.add(received);
    }

    /// All rows of others too.
    pub(super) fn take_in(&mut self, others: &Self) {
        for ((dialect, who), [sent, received]) in &others.0 {
            self.add(*dialect, who.clone(), sent, received);
        }
    }

    pub(super) fn into_rows(self) -> Vec<Row> {
        let row =
            |((dialect, who), [sent, received]): ((_, _), [Way; 2])| Row { dialect, who, sent, received };
        self.0.into_iter().map(row).collect()
    }
}
