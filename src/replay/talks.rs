//! All conversations in datagrams.
//!
//! In: datagrams. Out: messages with what belongs to them, what was never answered, rows of the reckoning. Must not know
//! streams.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

use super::asked::{self, Asked};
use super::ports::{Ports, Side};
use super::summary::{Rows, Who};
use super::talk::{Said, Talk, kept};
use super::{End, Item, Message, Role, Unanswered, What};
use crate::engine::Listener;

/// The most conversations that are remembered; the half that was silent longest goes when there are more.
const MOST_TALKS: usize = 4_096;
/// The most requests that are remembered, of all conversations.
const MOST_REQUESTS: usize = 131_072;

/// Conversations.
#[derive(Debug, Default)]
pub(super) struct Talks {
    by_ends: BTreeMap<[SocketAddr; 2], u64>,
    /// By a number that is never used twice.
    talks: BTreeMap<u64, Talk>,
    next: u64,
    /// The clients of servers.
    people: BTreeMap<SocketAddr, Person>,
    /// When requests are over, the next first; some are settled by then.
    due: BinaryHeap<Reverse<(u64, Request)>>,
    /// All requests that are remembered, with when they were heard of; the oldest first.
    remembered: VecDeque<(u64, Request)>,
    /// What came of conversations that are forgotten.
    rows: Rows,
}

/// A request: its conversation, the end that asked, its key there, which of its end it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Request {
    talk: u64,
    by: usize,
    key: u32,
    index: u64,
}

#[derive(Clone, Debug)]
struct Person {
    listener: Listener,
    name: Option<Arc<str>>,
    id: Option<u16>,
}

/// A datagram as it was captured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Datagram<'b> {
    pub(super) packet: u64,
    pub(super) at: u64,
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) bytes: &'b [u8],
    pub(super) missing: usize,
    /// Whose it is, if the capture says so.
    pub(super) peer: Option<&'b str>,
}

impl Talks {
    /// A datagram is told; `None` when nothing is known to listen for it.
    pub(super) fn hear(&mut self, ports: &Ports, datagram: &Datagram<'_>) -> Option<Message> {
        let &Datagram { packet, at, from, to, bytes, missing, peer } = datagram;
        let id = self.find(ports, from, to)?;
        let talk = self.talks.get_mut(&id)?;
        let by = usize::from(talk.ends.first() != Some(&from));
        let is_certain = ports.has_learnt() && by == 0 && !talk.is_direct;
        let heard = talk.hear(&Said { packet, at, bytes, missing, by, is_certain });
        let (dialect, is_direct) = (talk.listener.dialect, talk.is_direct);
        if let Some((key, index, deadline)) = heard.asked {
            let request = Request { talk: id, by, key, index };
            self.due.push(Reverse((deadline, request)));
            self.remembered.push_back((at, request));
        }
        if !is_direct && let Some(person) = self.people.get_mut(if by == 0 { &to } else { &from }) {
            if heard.name.is_some() {
                person.name = heard.name;
            } else if person.name.is_none() {
                person.name = peer.map(kept);
            }
            person.id = heard.id.or(person.id);
        }
        let [from, to] =
            [(from, by == 0), (to, by != 0)].map(|(end, first)| self.somebody(end, first && !is_direct));
        let (dissection, marks) = (heard.dissection, heard.marks);
        Some(Message { from, to, dialect, bytes: bytes.len().saturating_add(missing), dissection, marks })
    }

    /// Tells what nobody has answered by `now`, and forgets what is too old.
    pub(super) fn pass(&mut self, now: u64, items: &mut VecDeque<Item>) {
        while let Some(Reverse((deadline, request))) = self.due.peek().copied()
            && deadline <= now
        {
            self.due.pop();
            let Some(talk) = self.talks.get_mut(&request.talk) else { continue };
            match talk.due(request.by, request.key, request.index, deadline) {
                asked::Due::Settled => {}
                asked::Due::At(later) => self.due.push(Reverse((later, request))),
                asked::Due::Unanswered(asked) => {
                    items.extend(self.unanswered(request, &asked, deadline, false));
                }
            }
        }
        let before = now.saturating_sub(asked::MEMORY);
        while let Some(&(heard, request)) = self.remembered.front()
            && (heard < before || self.remembered.len() > MOST_REQUESTS)
        {
            let before = if heard < before { before } else { u64::MAX };
            self.remembered.pop_front();
            let talk = self.talks.get_mut(&request.talk);
            let last = talk.and_then(|talk| talk.forget(request.by, request.key, request.index, before));
            self.remembered.extend(last.map(|last| (last, request)));
        }
        // A heap cannot drop what is settled before it is due.
        if self.due.len() > MOST_REQUESTS.saturating_mul(2) {
            let remembered: std::collections::BTreeSet<_> =
                self.remembered.iter().map(|(_, it)| *it).collect();
            self.due.retain(|Reverse((_, request))| remembered.contains(request));
        }
    }

    /// The capture is over: tells what is not answered yet.
    pub(super) fn end(&mut self, now: u64, items: &mut VecDeque<Item>) {
        let mut open: Vec<_> = self.due.drain().map(|Reverse((_, request))| request).collect();
        open.sort_unstable();
        for request in open {
            let Some(talk) = self.talks.get_mut(&request.talk) else { continue };
            if let asked::Due::Unanswered(asked) = talk.due(request.by, request.key, request.index, u64::MAX)
            {
                items.extend(self.unanswered(request, &asked, now, true));
            }
        }
    }

    /// What came of all conversations.
    pub(super) fn rows(&self) -> Rows {
        let mut rows = self.rows.clone();
        self.talks.values().for_each(|talk| self.row(talk, &mut rows));
        rows
    }

    /// The number of the conversation between these two.
    fn find(&mut self, ports: &Ports, from: SocketAddr, to: SocketAddr) -> Option<u64> {
        let known = self.by_ends.get(&[to, from]).or_else(|| self.by_ends.get(&[from, to]));
        if known.is_some() {
            return known.copied();
        }
        let (ends, listener, is_direct) = match ports.server(from, to, false) {
            Some((Side::To, listener)) => ([to, from], listener, false),
            Some((Side::From, listener)) => ([from, to], listener, false),
            None => ([from.min(to), from.max(to)], self.shared(from, to)?, true),
        };
        self.make_room();
        let [_, client] = ends;
        if !is_direct {
            self.people.insert(client, Person { listener, name: None, id: None });
        }
        let id = self.next;
        self.next = id.saturating_add(1);
        self.by_ends.insert(ends, id);
        self.talks.insert(id, Talk::new(ends, listener, is_direct));
        Some(id)
    }

    /// What two clients both speak with a server.
    fn shared(&self, one: SocketAddr, other: SocketAddr) -> Option<Listener> {
        let [one, other] = [one, other].map(|end| self.people.get(&end).map(|person| person.listener));
        one.filter(|one| other.is_some_and(|other| other.dialect == one.dialect))
    }

    fn make_room(&mut self) {
        if self.talks.len() < MOST_TALKS {
            return;
        }
        let mut heard: Vec<_> = self.talks.values().map(|talk| talk.heard).collect();
        heard.sort_unstable();
        let median = heard.get(heard.len() / 2).copied().unwrap_or(0);
        let mut rows = core::mem::take(&mut self.rows);
        let gone: Vec<_> =
            self.talks.iter().filter(|(_, talk)| talk.heard <= median).map(|(id, _)| *id).collect();
        for id in gone {
            let Some(talk) = self.talks.remove(&id) else { continue };
            self.row(&talk, &mut rows);
            self.by_ends.remove(&talk.ends);
            let [_, client] = talk.ends;
            self.people.remove(&client);
        }
        self.rows = rows;
    }

    fn row(&self, talk: &Talk, rows: &mut Rows) {
        let [first, second] = talk.ends.map(|end| self.somebody(end, false));
        let [by_first, by_second] = &talk.ways;
        if talk.is_direct {
            let [first, second] = [first, second]
                .map(|end| end.name.map_or_else(|| end.address.to_string(), |name| name.as_ref().to_owned()));
            rows.add(talk.listener.dialect, Who::Both(first, second), by_first, by_second);
        } else {
            let who = second.name.map_or(Who::Unnamed(second.address), Who::Named);
            rows.add(talk.listener.dialect, who, by_second, by_first);
        }
    }

    fn end_of(&self, talk: &Talk, end: usize) -> Option<End> {
        Some(self.somebody(*talk.ends.get(end)?, end == 0 && !talk.is_direct))
    }

    fn somebody(&self, address: SocketAddr, is_server: bool) -> End {
        if is_server {
            return End { address, role: Role::Server, name: None, id: None };
        }
        let person = self.people.get(&address);
        let name = person.and_then(|person| person.name.clone());
        End { address, role: Role::Client, name, id: person.and_then(|person| person.id) }
    }

    fn unanswered(&self, request: Request, asked: &Asked, at: u64, at_the_end: bool) -> Option<Item> {
        let talk = self.talks.get(&request.talk)?;
        let what = What::Unanswered(Unanswered {
            from: self.end_of(talk, request.by)?,
            to: self.end_of(talk, 1_usize.saturating_sub(request.by))?,
            dialect: talk.listener.dialect,
            message: asked.message,
            number: u16::try_from(request.key & 0xffff).unwrap_or(0),
            tries: asked.tries,
            waited: at.saturating_sub(asked.first),
            at_the_end,
        });
        Some(Item { packet: asked.packet, at, comments: Vec::new(), what })
    }
}
