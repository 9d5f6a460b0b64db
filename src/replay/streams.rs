//! All connections.
//!
//! In: what is seen of streams. Out: messages, beginnings and ends, rows of the reckoning. Must not know datagrams.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

use super::boundary::{Direction, Next};
use super::logins::Login;
use super::ports::{Ports, Side};
use super::sessions::Sessions;
use super::summary::{Rows, Who};
use super::talk::kept;
use super::{End, Item, Message, Role, Way, What};
use crate::capture::Seen;
use crate::dialect::{matou, stories, stumtp};
use crate::dissect::dissect;
use crate::engine::Dialect;
use crate::wire::{Integrity, Scratch};

/// The most connections that are remembered; the half that was silent longest goes when there are more.
const MOST_CONNECTIONS: usize = 4_096;
/// The most bytes of unfinished messages, of all connections.
const MOST_HELD: usize = 64 << 20;
/// The most places where clients of Matou wait for each other that are remembered.
const MOST_DOORS: usize = 256;

/// Connections.
#[derive(Debug, Default)]
pub(super) struct Streams {
    /// By server and client.
    connections: BTreeMap<[SocketAddr; 2], Connection>,
    sessions: Sessions,
    /// Where clients of Matou wait for each other, the latest last (A4).
    doors: VecDeque<Door>,
    /// How many bytes of unfinished messages are held.
    held: usize,
    rows: Rows,
}

/// Where a client of Matou waits for another.
#[derive(Clone, Debug)]
struct Door {
    address: SocketAddr,
    host: Arc<str>,
    guest: Option<Arc<str>>,
}

#[derive(Debug)]
struct Connection {
    dialect: Dialect,
    /// The server first.
    ends: [SocketAddr; 2],
    directions: [Option<Direction>; 2],
    ended: [bool; 2],
    /// Whether its beginning was seen.
    is_whole: bool,
    /// Between two clients of Matou: who waited for the other.
    host: Option<Arc<str>>,
    login: Login,
    /// Whose the capture says it is.
    peer: Option<Arc<str>>,
    session: Option<Arc<str>>,
    ways: [Way; 2],
    heard: u64,
}

/// The packet, and when.
type When = (u64, u64);

impl Streams {
    /// Tells what was seen; whether somebody is known to listen there.
    pub(super) fn see(
        &mut self,
        ports: &Ports,
        when: When,
        seen: Seen,
        peer: Option<&str>,
        items: &mut VecDeque<Item>,
    ) -> bool {
        let is_opened = matches!(seen, Seen::Opened { .. });
        let Some((from, to)) = seen.ends() else { return false };
        let Some((key, by)) = self.find(ports, from, to, is_opened) else { return false };
        let Some(connection) = self.connections.get_mut(&key) else { return false };
        connection.heard = when.1;
        if connection.peer.is_none() {
            connection.peer = peer.map(kept);
        }
        let dialect = connection.dialect;
        match seen {
            Seen::Bytes { bytes, .. } => self.read(key, by, when, &bytes, items),
            Seen::Missing { bytes, .. } => {
                let before = connection.held(by);
                connection.login.misses();
                let why = connection.direction(by, &[]).miss(bytes);
                self.held = self.held.saturating_sub(before);
                let (from, to) = connection.between(by);
                items.push_back(item(when, What::PassedOver { from, to, dialect, why }));
            }
            Seen::Opened { .. } => {
                let (from, to) = connection.between(by);
                items.push_back(item(when, What::Opened { from, to, dialect }));
            }
            Seen::Window { is_open, .. } => {
                let (from, to) = connection.between(by);
                items.push_back(item(when, What::Window { from, to, is_open }));
            }
            Seen::Ended { .. } => self.ended(key, by, when, items),
            Seen::Reset { .. } => {
                let (from, to) = connection.between(by);
                items.push_back(item(when, What::Reset { from, to }));
                self.close(key);
            }
            _ => {}
        }
        true
    }

    /// The capture is over.
    pub(super) fn end(&mut self, when: When, items: &mut VecDeque<Item>) {
        for connection in self.connections.values() {
            for by in [1, 0] {
                connection.unfinished(by, when, items);
            }
        }
    }

    /// What came of all connections.
    pub(super) fn rows(&self, rows: &mut Rows) {
        rows.take_in(&self.rows);
        self.connections.values().for_each(|connection| connection.row(rows));
    }

    /// The connection between these two, and which end `from` is.
    fn find(
        &mut self,
        ports: &Ports,
        from: SocketAddr,
        to: SocketAddr,
        is_opened: bool,
    ) -> Option<([SocketAddr; 2], usize)> {
        let known = [([to, from], 1), ([from, to], 0)];
        let known = known.into_iter().find(|(ends, _)| self.connections.contains_key(ends));
        if !is_opened && known.is_some() {
            return known;
        }
        if let Some((ends, _)) = known {
            self.close(ends);
        }
        let door = |at| self.doors.iter().rev().find(|door| door.address == at).cloned();
        let (side, dialect, door) = match ports.server(from, to, true) {
            Some((side, listener)) => (side, listener.dialect, None),
            None => match (door(to), door(from)) {
                (Some(door), _) => (Side::To, Dialect::Matou, Some(door)),
                (None, Some(door)) => (Side::From, Dialect::Matou, Some(door)),
                (None, None) => return None,
            },
        };
        // Who opens a connection is the client.
        let by = usize::from(is_opened || side == Side::To);
        if is_opened && side == Side::From {
            return None;
        }
        self.make_room();
        let ends = if by == 1 { [to, from] } else { [from, to] };
        let (host, guest) = door.map(|door| (door.host, door.guest)).unzip();
        let connection = Connection {
            dialect,
            ends,
            directions: [None, None],
            ended: [false; 2],
            is_whole: is_opened,
            host,
            login: Login::default(),
            peer: guest.flatten(),
            session: None,
            ways: <[Way; 2]>::default(),
            heard: 0,
        };
        self.connections.insert(ends, connection);
        Some((ends, by))
    }

    fn read(
        &mut self,
        key: [SocketAddr; 2],
        by: usize,
        when: When,
        bytes: &[u8],
        items: &mut VecDeque<Item>,
    ) {
        let Some(connection) = self.connections.get_mut(&key) else { return };
        let before = connection.held(by);
        let mut input = bytes;
        connection.direction(by, bytes);
        while let Some(next) = connection.directions.get_mut(by).and_then(Option::as_mut)
            && let Some(next) = next.next(&mut input)
        {
            let what = match next {
                Next::Message(bytes) => {
                    if by == 0 && connection.dialect == Dialect::Matou {
                        self.doors.extend(doors(&bytes, connection.name().as_ref()).into_iter().flatten());
                    }
                    What::Message(connection.message(by, when, &bytes, &mut self.sessions))
                }
                Next::PassedOver(why) => connection.passed_over(by, why),
            };
            items.push_back(item(when, what));
        }
        let many = self.doors.len().saturating_sub(MOST_DOORS);
        self.doors.drain(..many);
        self.held = self.held.saturating_sub(before).saturating_add(connection.held(by));
        if self.held > MOST_HELD {
            self.held = self.held.saturating_sub(connection.held(by));
            let why = connection.direction(by, &[]).give_up();
            items.push_back(item(when, connection.passed_over(by, why)));
        }
    }

    fn ended(&mut self, key: [SocketAddr; 2], by: usize, when: When, items: &mut VecDeque<Item>) {
        let Some(connection) = self.connections.get_mut(&key) else { return };
        connection.unfinished(by, when, items);
        let (from, to) = connection.between(by);
        items.push_back(item(when, What::Ended { from, to }));
        if let Some(ended) = connection.ended.get_mut(by) {
            *ended = true;
        }
        if connection.ended == [true; 2] {
            self.close(key);
        }
    }

    fn close(&mut self, key: [SocketAddr; 2]) {
        if let Some(connection) = self.connections.remove(&key) {
            self.held = self.held.saturating_sub(connection.held(0).saturating_add(connection.held(1)));
            connection.row(&mut self.rows);
        }
    }

    fn make_room(&mut self) {
        if self.connections.len() < MOST_CONNECTIONS {
            return;
        }
        let mut heard: Vec<_> = self.connections.values().map(|connection| connection.heard).collect();
        heard.sort_unstable();
        let median = heard.get(heard.len() / 2).copied().unwrap_or(0);
        let silent = self.connections.iter().filter(|(_, connection)| connection.heard <= median);
        let gone: Vec<_> = silent.map(|(key, _)| *key).collect();
        gone.into_iter().for_each(|key| self.close(key));
    }
}

impl Connection {
    /// A message that side `by` has said.
    fn message(&mut self, by: usize, when: When, bytes: &[u8], sessions: &mut Sessions) -> Message {
        let (packet, at) = when;
        let dialect = self.dialect;
        let dissection = dissect(dialect, Integrity::None, bytes);
        let [server, client] = &mut self.ways;
        let way = if by == 0 { &mut *server } else { &mut *client };
        way.messages = way.messages.saturating_add(1);
        way.malformed = way.malformed.saturating_add(dissection.error.is_some().into());
        let mut marks = Vec::new();
        if let (Some(token), Some(number)) = (&self.session, numbered(dialect, bytes)) {
            marks.extend(sessions.say(token, by, number, when));
        }
        let said = (packet, at, bytes, &dissection);
        if marks.is_empty() && by == 1 {
            self.login.asks(dialect, said, client);
        } else if marks.is_empty() {
            let known = self.login.answered(dialect, said, client);
            marks.extend(known.mark);
            if let Some((token, goes_on)) = known.session {
                let name = if goes_on { None } else { self.login.name.as_ref() };
                self.login.name = sessions.begin(&token, at, name).or_else(|| self.login.name.take());
                self.session = Some(token);
            }
        } else {
            let way = if by == 0 { server } else { client };
            way.resent = way.resent.saturating_add(1);
        }
        let (from, to) = self.between(by);
        Message { from, to, dialect, bytes: bytes.len(), dissection, marks }
    }

    fn passed_over(&mut self, by: usize, why: String) -> What {
        self.login.misses();
        let (from, to) = self.between(by);
        What::PassedOver { from, to, dialect: self.dialect, why }
    }

    /// Tells what is wrong with the end of a direction.
    fn unfinished(&self, by: usize, when: When, items: &mut VecDeque<Item>) {
        let direction = self.directions.get(by).and_then(Option::as_ref);
        if let Some(why) = direction.and_then(Direction::end) {
            let (from, to) = self.between(by);
            items.push_back(item(when, What::PassedOver { from, to, dialect: self.dialect, why }));
        }
    }

    /// A direction, begun if it is not yet; `first` are its first bytes then.
    fn direction(&mut self, by: usize, first: &[u8]) -> &mut Direction {
        let [server, client] = &mut self.directions;
        let (mine, other) = if by == 0 { (server, client) } else { (client, server) };
        let known = other.as_ref().and_then(Direction::form);
        // Only the first bytes of a client say the form for sure (B1).
        let guess = || (by == 0 || !self.is_whole).then(|| stories::form(first));
        let dialect = self.dialect;
        mine.get_or_insert_with(|| Direction::new(dialect, known.or_else(guess)))
    }

    fn held(&self, by: usize) -> usize {
        self.directions.get(by).and_then(Option::as_ref).map_or(0, Direction::held)
    }

    /// Who speaks, and to whom.
    fn between(&self, by: usize) -> (End, End) {
        let [server, client] = self.ends;
        let role = if self.host.is_some() { Role::Client } else { Role::Server };
        let server = End { address: server, role, name: self.host.clone(), id: None };
        let client = End { address: client, role: Role::Client, name: self.name(), id: None };
        if by == 0 { (server, client) } else { (client, server) }
    }

    fn name(&self) -> Option<Arc<str>> {
        self.login.name.as_ref().or(self.peer.as_ref()).cloned()
    }

    fn row(&self, rows: &mut Rows) {
        let [server, client] = &self.ways;
        let [_, address] = self.ends;
        let who = match (&self.host, self.name()) {
            (Some(host), name) => {
                let name = name.map_or_else(|| address.to_string(), |name| name.as_ref().to_owned());
                Who::Both(name, host.as_ref().to_owned())
            }
            (None, Some(name)) => Who::Named(name),
            (None, None) => Who::Unnamed(address),
        };
        rows.add(self.dialect, who, client, server);
    }
}

fn item((packet, at): When, what: What) -> Item {
    Item { packet, at, comments: Vec::new(), what }
}

/// Where a client waits for `guest`, for messages and for files, if a message of Matou says it.
fn doors(bytes: &[u8], guest: Option<&Arc<str>>) -> Option<[Door; 2]> {
    if matou::Kind::peek(bytes) != Some(matou::Kind::Meet) {
        return None;
    }
    let mut scratch = Scratch::new();
    let message = matou::Message::decode(bytes, &mut scratch).ok()?;
    let matou::Message::Meet { name, address, ports } = message else { return None };
    let (messages, files) = ports.numbers()?;
    let door = |port| Door { address: (address, port).into(), host: kept(&name), guest: guest.cloned() };
    Some([messages, files].map(door))
}

/// The number of a message that is sent again until it is acknowledged (U2).
fn numbered(dialect: Dialect, bytes: &[u8]) -> Option<u64> {
    if dialect != Dialect::Stumtp {
        return None;
    }
    match stumtp::decode(bytes).ok()? {
        stumtp::Frame::Numbered { id, .. } => Some(id).filter(|id| *id > 0),
        _ => None,
    }
}
