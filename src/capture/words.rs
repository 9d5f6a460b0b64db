//! The words in which a capture, and the daemon's log, say what the engine reports.
//!
//! In: events, names, counters. Out: one line each, whatever a peer calls himself. Must not know who reads it.

use core::fmt;

use crate::engine::{Departure, Event, Stats};

/// The most comments of one reason at one record; a mailbox that is given up can lose thousands of texts at once.
const MOST_COMMENTS: u64 = 100;

/// What the engine reports, in words.
pub fn event_words(event: &Event) -> impl fmt::Display + '_ {
    Words(event)
}

/// The comment of a packet that is somebody's: `peer NAME`.
#[must_use]
pub fn peer_comment(name: &str) -> String {
    format!("peer {}", name.escape_debug())
}

/// The comments that say what was dropped between two looks at the counters: `dropped: REASON`, once for each, up to 100
/// of one reason.
#[must_use]
pub fn drop_comments(before: &Stats, after: &Stats) -> Vec<String> {
    let grown = before.drops().zip(after.drops());
    let comments = grown.flat_map(|((reason, before), (_, after))| {
        let times = after.wrapping_sub(before).min(MOST_COMMENTS);
        (0..times).map(move |_| format!("dropped: {reason}"))
    });
    comments.collect()
}

struct Words<'a>(&'a Event);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Event::Arrived { name, dialect, id, from } => {
                write!(f, "{name:?} has come: {}{}, from {from}", dialect.name(), number(*id, ""))
            }
            Event::NameClaimed { name, address } => write!(f, "{name:?} belongs to {address} from now on"),
            Event::Departed { name, id, why } => {
                write!(f, "{name:?} has gone:{} {}", number(*id, ","), reason(*why))
            }
            Event::TextsDropped { name } => write!(f, "a text for {name:?} was dropped: too many waited"),
            Event::Stopped => f.write_str("everybody who had to be told has been told"),
        }
    }
}

/// The number somebody has on his wire and what follows it, where people have one.
fn number(id: Option<u16>, then: &str) -> String {
    id.map(|id| format!(" id {id}{then}")).unwrap_or_default()
}

const fn reason(why: Departure) -> &'static str {
    match why {
        Departure::Disconnected => "said goodbye",
        Departure::Silent => "was silent for too long",
        Departure::Unanswered => "did not answer when the name was wanted",
        Departure::Unspoken => "never spoke, and the id was needed",
        Departure::Renamed => "came again under another name",
        Departure::Restarted => "came again under the same name",
        Departure::Expelled => "broke the rules of the connection, or did not read",
        Departure::Lapsed => "had no connection for too long, or too much waited",
    }
}
