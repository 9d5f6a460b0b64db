//! Clients of Matou, a server made by hand, and the connections between them, all in memory.
//!
//! In: what people want, the passing of time, deaths. Out: what they are told, the files they have. Each turn moves at most
//! [`CHUNK`] bytes each way of each connection, so that what is long takes longer than what is short.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use palabre::client::Ticket;
use palabre::client::stream::{
    Ask, Channel, Config, Event, FileId, Input, Output, PIECE, Protocol, StreamClient,
};
use palabre::time::{Duration, Instant};

use super::server::Server;

pub(crate) const CHUNK: usize = 4_096;

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Person(usize, Channel),
    /// The server's, of the connection of this person.
    Server(usize),
}

#[derive(Debug)]
struct Pipe {
    ends: [End; 2],
    /// What each end has sent and the other has not got yet.
    sent: [VecDeque<u8>; 2],
    owes_word: [bool; 2],
    closed: [bool; 2],
}

#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) client: StreamClient,
    pub(crate) events: Vec<Event>,
    ip: IpAddr,
    /// The files that are read: what is in them, and how much was read.
    reading: BTreeMap<FileId, (Vec<u8>, usize)>,
    saving: BTreeMap<FileId, (String, Vec<u8>)>,
    pub(crate) kept: Vec<(String, Vec<u8>)>,
    pub(crate) disk_is_full: bool,
    last_ticket: u64,
}

#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) people: Vec<Person>,
    pub(crate) server: Server,
    pipes: Vec<Pipe>,
    pub(crate) doors: BTreeMap<SocketAddr, (usize, Channel)>,
    pub(crate) disk: BTreeMap<PathBuf, Vec<u8>>,
    last_port: u16,
    last_accepted: u32,
}

impl World {
    /// Somebody connects, and is let in unless the name is taken.
    pub(crate) fn comes(&mut self, name: &str) -> usize {
        let who = self.people.len();
        let ip = IpAddr::from([10, 0, 0, u8::try_from(who).unwrap() + 1]);
        let config = Config::new(Protocol::Matou, name, "10.9.9.9:7404".parse().unwrap());
        self.people.push(Person {
            client: StreamClient::new(config, 1, self.now),
            events: Vec::new(),
            ip,
            reading: BTreeMap::new(),
            saving: BTreeMap::new(),
            kept: Vec::new(),
            disk_is_full: false,
            last_ticket: 0,
        });
        self.server.arrives(who, ip);
        self.goes_on();
        who
    }

    /// Somebody wants something; nothing moves before [`World::goes_on`].
    pub(crate) fn wants(&mut self, who: usize, ask: Ask) -> Ticket {
        let person = &mut self.people[who];
        person.last_ticket += 1;
        let ticket = Ticket(person.last_ticket);
        self.input(who, Input::Ask(ticket, ask));
        ticket
    }

    /// The same, and everything that follows.
    pub(crate) fn asks(&mut self, who: usize, ask: Ask) -> Ticket {
        let ticket = self.wants(who, ask);
        self.goes_on();
        ticket
    }

    /// Turns until nothing moves.
    pub(crate) fn goes_on(&mut self) {
        for _ in 0..100_000 {
            if !self.turn() {
                return;
            }
        }
        panic!("it never comes to rest");
    }

    /// Lets time pass.
    pub(crate) fn waits(&mut self, time: Duration) {
        let until = self.now + time;
        loop {
            self.goes_on();
            let due = self.people.iter().filter_map(|person| person.client.poll_timeout()).min();
            self.now = due.filter(|due| *due <= until).unwrap_or(until).max(self.now);
            for who in 0..self.people.len() {
                if self.people[who].client.poll_timeout().is_some_and(|due| due <= self.now) {
                    self.people[who].client.handle_timeout(self.now);
                    self.drain(who);
                }
            }
            if self.now == until && due.is_none_or(|due| due > until) {
                return self.goes_on();
            }
        }
    }

    /// Somebody is gone without a word: everything of his is cut, what was on its way in his sockets with it.
    pub(crate) fn dies(&mut self, who: usize) {
        let (his, rest) = std::mem::take(&mut self.pipes).into_iter().partition(|pipe| pipe.is_of(who));
        self.pipes = rest;
        for pipe in his {
            for end in pipe.ends {
                match end {
                    End::Person(other, channel) if other != who => {
                        self.input(other, Input::Failed { channel, why: "connection reset".into() });
                    }
                    End::Person(..) => {}
                    End::Server(_) => self.server.leaves(who),
                }
            }
        }
        self.serve();
        self.goes_on();
    }

    /// One turn of every connection; whether anything moved.
    pub(crate) fn turn(&mut self) -> bool {
        self.serve();
        for who in 0..self.people.len() {
            self.drain(who);
        }
        let mut moved = false;
        let mut index = 0;
        while index < self.pipes.len() {
            for from in [0, 1] {
                let Some(pipe) = self.pipes.get_mut(index) else { continue };
                let to = pipe.ends[1 - from];
                let count = pipe.sent[from].len().min(CHUNK);
                let bytes: Vec<u8> = pipe.sent[from].drain(..count).collect();
                let written = pipe.sent[from].is_empty() && std::mem::take(&mut pipe.owes_word[from]);
                let (sender, ended) = (pipe.ends[from], pipe.closed[from] && pipe.sent[from].is_empty());
                if ended {
                    self.pipes.remove(index);
                }
                moved |= count > 0 || written || ended;
                if count > 0 {
                    self.bytes(to, &bytes);
                }
                if written && let End::Person(who, channel) = sender {
                    self.input(who, Input::Written(channel));
                }
                if ended {
                    self.closed(to);
                    break;
                }
            }
            index += 1;
        }
        moved
    }

    /// Somebody from elsewhere connects to a socket that listens; says what it is called there.
    pub(crate) fn intrudes(&mut self, door: SocketAddr, from: SocketAddr) -> Channel {
        let (who, listener) = self.doors[&door];
        let channel = self.next_accepted();
        self.input(who, Input::Accepted { listener, channel, from });
        channel
    }

    /// Bytes that nobody has sent, on a connection of somebody.
    pub(crate) fn injects(&mut self, who: usize, channel: Channel, bytes: &[u8]) {
        self.input(who, Input::Bytes { channel, bytes });
        self.goes_on();
    }

    /// The connections between two people, as the first calls them: in the order in which they were made.
    pub(crate) fn between(&self, who: usize, other: usize) -> Vec<Channel> {
        let between = self.pipes.iter().filter(|pipe| pipe.is_of(who) && pipe.is_of(other));
        let ends = between.flat_map(|pipe| pipe.ends);
        ends.filter_map(|end| match end {
            End::Person(person, channel) if person == who => Some(channel),
            _ => None,
        })
        .collect()
    }

    /// What somebody was told since this was asked last.
    pub(crate) fn told(&mut self, who: usize) -> Vec<Event> {
        std::mem::take(&mut self.people[who].events)
    }

    fn input(&mut self, who: usize, input: Input<'_>) {
        self.people[who].client.handle_input(self.now, input);
        self.drain(who);
    }

    fn bytes(&mut self, to: End, bytes: &[u8]) {
        match to {
            End::Person(who, channel) => self.input(who, Input::Bytes { channel, bytes }),
            End::Server(who) => self.server.hears(who, bytes),
        }
    }

    fn closed(&mut self, end: End) {
        match end {
            End::Person(who, channel) => self.input(who, Input::Closed(channel)),
            End::Server(who) => self.server.leaves(who),
        }
    }

    /// Carries what the server says.
    fn serve(&mut self) {
        for (who, bytes) in std::mem::take(&mut self.server.says) {
            let end = self.pipes.iter_mut().find_map(|pipe| {
                let index = pipe.ends.iter().position(|end| *end == End::Server(who))?;
                Some(&mut pipe.sent[index])
            });
            if let Some(sent) = end {
                sent.extend(bytes);
            }
        }
    }

    fn drain(&mut self, who: usize) {
        while let Some(output) = self.people[who].client.poll_output() {
            self.output(who, output);
        }
    }

    fn output(&mut self, who: usize, output: Output) {
        let now = self.now;
        let person = &mut self.people[who];
        match output {
            Output::Event(event) => person.events.push(event),
            Output::Connect { channel, to } => self.connect(who, channel, to),
            Output::Listen { channel } => {
                self.last_port += 1;
                self.doors.insert(SocketAddr::new(person.ip, self.last_port), (who, channel));
                person.client.handle_input(now, Input::Listening { channel, port: self.last_port });
            }
            Output::Bytes { channel, bytes } => {
                if let Some((pipe, index)) = self.end(who, channel) {
                    pipe.sent[index].extend(bytes);
                    pipe.owes_word[index] = true;
                }
            }
            Output::Close(channel) => {
                self.doors.retain(|_, door| *door != (who, channel));
                if let Some((pipe, index)) = self.end(who, channel) {
                    pipe.closed[index] = true;
                }
            }
            output => self.file(who, output),
        }
    }

    fn file(&mut self, who: usize, output: Output) {
        let now = self.now;
        let person = &mut self.people[who];
        let failed = |file| Input::FileFailed { file, why: "no space".into() };
        match output {
            Output::Open { file, path } => match self.disk.get(&path) {
                None => person.client.handle_input(now, failed(file)),
                Some(bytes) => {
                    person.reading.insert(file, (bytes.clone(), 0));
                    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                    let size = self.server.sizes.get(&name).copied().unwrap_or(bytes.len() as u64);
                    person.client.handle_input(now, Input::FileOpened { file, name, size });
                }
            },
            Output::Read(file) => {
                let (bytes, at) = person.reading.get_mut(&file).unwrap();
                let piece = bytes[*at..].chunks(PIECE).next().unwrap_or_default().to_vec();
                *at += piece.len();
                person.client.handle_input(now, Input::Piece { file, bytes: &piece });
            }
            Output::Save { file, .. } if person.disk_is_full => {
                person.client.handle_input(now, failed(file));
            }
            Output::Save { file, name } => drop(person.saving.insert(file, (name, Vec::new()))),
            Output::Write { file, bytes } => person.saving.get_mut(&file).unwrap().1.extend(bytes),
            Output::Keep(file) => {
                let (name, bytes) = person.saving.remove(&file).unwrap();
                let path = PathBuf::from(&name);
                person.kept.push((name, bytes));
                person.client.handle_input(now, Input::Kept { file, path });
            }
            Output::Forget(file) => {
                person.saving.remove(&file);
                person.reading.remove(&file);
            }
            other => panic!("{other:?} is not about a file"),
        }
    }

    /// Whether somebody has no file half written or half read.
    pub(crate) fn is_tidy(&self, who: usize) -> bool {
        self.people[who].saving.is_empty() && self.people[who].reading.is_empty()
    }

    fn connect(&mut self, who: usize, channel: Channel, to: SocketAddr) {
        let ours = End::Person(who, channel);
        if channel == Channel::SERVER {
            self.join(ours, End::Server(who));
            return self.people[who].client.handle_input(self.now, Input::Opened(channel));
        }
        let Some((other, listener)) = self.doors.get(&to).copied() else {
            let why = "connection refused".into();
            return self.people[who].client.handle_input(self.now, Input::Failed { channel, why });
        };
        let accepted = self.next_accepted();
        self.join(ours, End::Person(other, accepted));
        let from = SocketAddr::new(self.people[who].ip, 40_000);
        self.people[who].client.handle_input(self.now, Input::Opened(channel));
        self.input(other, Input::Accepted { listener, channel: accepted, from });
    }

    fn join(&mut self, one: End, other: End) {
        self.pipes.push(Pipe {
            ends: [one, other],
            sent: Default::default(),
            owes_word: [false; 2],
            closed: [false; 2],
        });
    }

    fn end(&mut self, who: usize, channel: Channel) -> Option<(&mut Pipe, usize)> {
        let ours = End::Person(who, channel);
        self.pipes.iter_mut().find_map(|pipe| {
            let index = pipe.ends.iter().position(|end| *end == ours)?;
            Some((pipe, index))
        })
    }

    fn next_accepted(&mut self) -> Channel {
        self.last_accepted += 1;
        Channel(Channel::FIRST_ACCEPTED.0 + self.last_accepted)
    }
}

impl Pipe {
    fn is_of(&self, who: usize) -> bool {
        self.ends.iter().any(|end| match end {
            End::Person(person, _) | End::Server(person) => *person == who,
        })
    }
}
