//! Sessions of STUMTP, which go on when a connection breaks: who they are of, and what was said in them already.
//!
//! In: tokens, numbers. Out: names, repetitions. Must not know connections.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Mark;

/// The most sessions that are remembered; the half that was silent longest goes when there are more.
const MOST_SESSIONS: usize = 256;
/// The most numbers of a side that are remembered.
const MOST_NUMBERS: usize = 1_024;

/// Sessions by their tokens.
#[derive(Debug, Default)]
pub(super) struct Sessions(BTreeMap<Arc<str>, Session>);

#[derive(Debug, Default)]
struct Session {
    name: Option<Arc<str>>,
    /// When something was said last.
    heard: u64,
    /// What the server and the client have said: the packet, when, how often.
    said: [BTreeMap<u64, (u64, u64, u32)>; 2],
}

impl Sessions {
    /// A session has begun, or goes on: the name it is of.
    pub(super) fn begin(&mut self, token: &Arc<str>, at: u64, name: Option<&Arc<str>>) -> Option<Arc<str>> {
        if self.0.len() >= MOST_SESSIONS && !self.0.contains_key(token) {
            let mut heard: Vec<_> = self.0.values().map(|session| session.heard).collect();
            heard.sort_unstable();
            let median = heard.get(heard.len() / 2).copied().unwrap_or(0);
            self.0.retain(|_, session| session.heard > median);
        }
        let session = self.0.entry(token.clone()).or_default();
        session.heard = at;
        if name.is_some() {
            session.name = name.cloned();
        }
        session.name.clone()
    }

    /// Side `by` says message `number` of a session, which may be a repetition (U3).
    pub(super) fn say(
        &mut self,
        token: &str,
        by: usize,
        number: u64,
        (packet, at): (u64, u64),
    ) -> Option<Mark> {
        let session = self.0.get_mut(token)?;
        session.heard = at;
        let said = session.said.get_mut(by)?;
        if let Some((first, asked, tries)) = said.get_mut(&number) {
            *tries = tries.saturating_add(1);
            return Some(Mark::Again { packet: *first, attempt: *tries, after: at.saturating_sub(*asked) });
        }
        said.insert(number, (packet, at, 1));
        if said.len() > MOST_NUMBERS {
            said.pop_first();
        }
        None
    }
}
