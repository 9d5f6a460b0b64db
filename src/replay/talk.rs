//! A conversation in datagrams, between a client and his server or between two members of a decentralised room.
//!
//! In: its datagrams, taken apart. Out: how they belong together, counts, the name of the client. Must not know other
//! conversations.

use std::net::SocketAddr;
use std::sync::Arc;

use super::asked::{Asking, Due, Habits, Memory};
use super::roles::{self, Part, Sender};
use super::{End, Mark, Way};
use crate::dialect::{msp, shen};
use crate::dissect::{Dissection, dissect};
use crate::engine::{Dialect, Listener};
use crate::reliable::Policy;
use crate::time::Duration;
use crate::wire::{Integrity, trailer};

/// The shortest gap of an adaptive timer (M30).
const LEAST_GAP: Duration = Duration::from_millis(5);

/// A conversation.
#[derive(Debug)]
pub(super) struct Talk {
    /// The server first, or the lower address of two members.
    pub(super) ends: [SocketAddr; 2],
    pub(super) listener: Listener,
    pub(super) is_direct: bool,
    /// When something was said last.
    pub(super) heard: u64,
    /// What each end has said.
    pub(super) ways: [Way; 2],
    /// What each end has asked.
    memories: [Memory; 2],
    habits: Habits,
    /// The number and the name of the registration that is not answered yet.
    wish: Option<(u16, Arc<str>)>,
}

/// A datagram.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'b> {
    pub(super) packet: u64,
    pub(super) at: u64,
    pub(super) bytes: &'b [u8],
    pub(super) missing: usize,
    /// Which end says it.
    pub(super) by: usize,
    /// It was seen where it was sent.
    pub(super) is_certain: bool,
}

/// What a datagram turned out to be.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) dissection: Dissection,
    pub(super) marks: Vec<Mark>,
    /// The request that is new, which it is, and until when an answer is waited for.
    pub(super) asked: Option<(u32, u64, u64)>,
    /// The client has this name from now on.
    pub(super) name: Option<Arc<str>>,
    /// The client has this number from now on.
    pub(super) id: Option<u16>,
}

impl Talk {
    pub(super) fn new(ends: [SocketAddr; 2], listener: Listener, is_direct: bool) -> Self {
        let timing = listener.timing;
        let gap = if timing.policy == Policy::Fixed { timing.timer } else { LEAST_GAP.min(timing.timer) };
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let habits = Habits {
            soonest: micros(gap) / 2,
            span: micros(timing.span()),
            numbers: if listener.dialect == Dialect::Shen { 512 } else { 1_024 },
            until_decided: listener.dialect == Dialect::Msp,
        };
        Self {
            ends,
            listener,
            is_direct,
            heard: 0,
            ways: <[Way; 2]>::default(),
            memories: <[Memory; 2]>::default(),
            habits,
            wish: None,
        }
    }

    /// Takes a datagram apart and finds its place.
    pub(super) fn hear(&mut self, said: &Said<'_>) -> Heard {
        self.heard = said.at;
        let integrity = if said.missing == 0 { self.listener.integrity } else { Integrity::None };
        let mut dissection = dissect(self.listener.dialect, integrity, said.bytes);
        let mut marks = Vec::new();
        if said.missing > 0 {
            // That it ends too early is nobody's fault but the capture's.
            dissection.error = None;
            marks.push(Mark::Cut { missing: said.missing });
        }
        let malformed = dissection.error.is_some();
        if let Some(way) = self.ways.get_mut(said.by) {
            way.messages = way.messages.saturating_add(1);
            way.malformed = way.malformed.saturating_add(malformed.into());
        }
        // What a link has changed may bear anybody's number.
        let is_changed = dissection.error.as_ref().is_some_and(|wrong| wrong.field == "CRC-32");
        let asked = if is_changed { None } else { self.place(said, &dissection, &mut marks) };
        let name = if malformed { None } else { self.name(said, &dissection) };
        let id = if malformed { None } else { self.id(said, &dissection, name.is_some()) };
        Heard { dissection, marks, asked, name, id }
    }

    /// Whether nobody has answered a request.
    pub(super) fn due(&mut self, by: usize, key: u32, index: u64, now: u64) -> Due {
        match (self.memories.get_mut(by), self.ways.get_mut(by)) {
            (Some(memory), Some(way)) => memory.due(key, index, now, &self.habits, way),
            _ => Due::Settled,
        }
    }

    /// Forgets a request; when it was repeated last if that was after `before`.
    pub(super) fn forget(&mut self, by: usize, key: u32, index: u64, before: u64) -> Option<u64> {
        self.memories.get_mut(by)?.forget(key, index, before)
    }

    fn place(
        &mut self,
        said: &Said<'_>,
        dissection: &Dissection,
        marks: &mut Vec<Mark>,
    ) -> Option<(u32, u64, u64)> {
        let digest = u64::from(u32::from_be_bytes(trailer(&[said.bytes]))) << 32 | said.bytes.len() as u64;
        let [first, second] = &mut self.memories;
        let [first_way, second_way] = &mut self.ways;
        let (mine, others, way, others_way) = match said.by {
            0 => (first, second, first_way, second_way),
            _ => (second, first, second_way, first_way),
        };
        let part = match self.listener.dialect {
            Dialect::Shen => {
                let sender = match (self.is_direct, said.by) {
                    (true, _) => Sender::Member,
                    (false, 0) => Sender::Server,
                    (false, _) => Sender::Client,
                };
                roles::shen(said.bytes, dissection, sender, others, digest)
            }
            _ => roles::msp(said.bytes, dissection),
        };
        match part {
            Part::Request { key, is_patient } => {
                let &Said { packet, at, is_certain, .. } = said;
                let message = dissection.message;
                let asking = Asking { packet, at, digest, message, is_patient, is_certain };
                let mark = mine.ask(key, &asking, &self.habits, way);
                marks.extend(mark);
                let is_new = mark.is_none();
                let index = mine.get(key).filter(|_| is_new)?.index;
                Some((key, index, mine.deadline(key, &self.habits)))
            }
            Part::Answer(keys) => {
                let known = |key: &u32| others.get(*key).is_some();
                let open = |key: &u32| others.get(*key).is_some_and(super::asked::Asked::is_open);
                let keys = || keys.into_iter().flatten();
                let key = keys().find(open).or_else(|| keys().find(known));
                let mark = key.and_then(|key| others.answer(key, (said.at, digest), [others_way, way]));
                marks.push(mark.unwrap_or(Mark::AnswersNothing));
                None
            }
            Part::Unclear => None,
        }
    }

    /// The name under which the client is registered from now on.
    fn name(&mut self, said: &Said<'_>, dissection: &Dissection) -> Option<Arc<str>> {
        if self.is_direct {
            return None;
        }
        match self.listener.dialect {
            Dialect::Shen => {
                let header = shen::RawHeader::peek(said.bytes)?;
                match (said.by, header.kind()?) {
                    (1, shen::Kind::Connect) => self.wishes(header.seq, roles::text(dissection, "TEXT")),
                    (0, shen::Kind::Ack) => self.granted(header.seq),
                    _ => None,
                }
            }
            _ => {
                let header = msp::RawHeader::peek(said.bytes)?;
                match (said.by, header.kind()?) {
                    (1, msp::Kind::Connect) => self.wishes(header.seq, roles::text(dissection, "USER_NAME")),
                    (0, msp::Kind::ConnectReply) => {
                        let accepted = roles::number(dissection, "STATUT_INSCRIPTION") == Some(0);
                        let name = if accepted { self.granted(header.seq) } else { None };
                        if name.is_some() {
                            let but = u32::from(msp::Kind::Connect.code()) << 16 | u32::from(header.seq);
                            self.memories.iter_mut().for_each(|memory| memory.restart(Some(but)));
                        }
                        name
                    }
                    _ => None,
                }
            }
        }
    }

    /// The number of the client, where a message says it.
    fn id(&self, said: &Said<'_>, dissection: &Dissection, is_named: bool) -> Option<u16> {
        let id = match (self.listener.dialect, said.by) {
            // The first one is the server's own.
            (Dialect::Msp, 0) if is_named => roles::numbers(dissection, "ID_USER").nth(1),
            (Dialect::Shen, 1) if !self.is_direct => roles::number(dissection, "EMITTER"),
            _ => None,
        };
        id.and_then(|id| u16::try_from(id).ok()).filter(|id| *id > 0)
    }

    fn wishes(&mut self, seq: u16, name: Option<&str>) -> Option<Arc<str>> {
        let name = name.map(|name| name.trim_end_matches(['\r', '\n'])).filter(|name| !name.is_empty())?;
        self.wish = Some((seq, kept(name)));
        None
    }

    fn granted(&mut self, seq: u16) -> Option<Arc<str>> {
        self.wish.take_if(|(wished, _)| *wished == seq).map(|(_, name)| name)
    }
}

/// As much of a name as is kept.
pub(super) fn kept(name: &str) -> Arc<str> {
    name.get(..name.floor_char_boundary(End::LONGEST_NAME)).unwrap_or(name).into()
}
