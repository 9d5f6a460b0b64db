//! A server and stream clients in virtual time: connections, files and direct channels in memory, cut where a test wants.
//!
//! In: what people want, time, where connections break. Out: what they were told, what they saved. Must not know any
//! protocol.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use palabre::client::Ticket;
use palabre::client::stream::{
    Ask, Channel, Config, Event, FileId, Input, Output, PIECE, Protocol, StreamClient,
};
use palabre::engine::{self, Dialect, Input as In, Listener, Output as Out, Server};
use palabre::ids::{ConnectionId, ListenerId};
use palabre::time::{Duration, Instant};

/// One person and everything around his client.
pub(crate) struct Seat {
    pub(crate) client: StreamClient,
    pub(crate) events: Vec<Event>,
    /// The connection to the server, and how many bytes it lets through each way before it breaks.
    connection: Option<ConnectionId>,
    budget: [usize; 2],
    /// Nobody can be reached directly from here or there.
    pub(crate) is_alone: bool,
    /// The server cannot be reached.
    pub(crate) is_offline: bool,
    listening: BTreeMap<u16, Channel>,
    channels: BTreeMap<Channel, (usize, Channel)>,
    pub(crate) files: BTreeMap<PathBuf, Vec<u8>>,
    reading: BTreeMap<FileId, (Vec<u8>, usize)>,
    saving: BTreeMap<FileId, (String, Vec<u8>)>,
    pub(crate) saved: Vec<(String, Vec<u8>)>,
    tickets: u64,
}

/// All of them.
pub(crate) struct World {
    pub(crate) now: Instant,
    server: Server,
    pub(crate) seats: Vec<Seat>,
    of: BTreeMap<ConnectionId, usize>,
    opened: u64,
    /// How many bytes each new connection lets through, when connections break.
    breaks: Option<fastrand::Rng>,
    pub(crate) broken: usize,
}

impl World {
    pub(crate) fn new() -> Self {
        let listeners = [Dialect::Stories, Dialect::Stumtp].map(Listener::of);
        let server = Server::new(engine::Config::new(listeners.to_vec()), 7);
        let (now, opened, broken) = (Instant::from_secs(1), 0, 0);
        Self { now, server, seats: Vec::new(), of: BTreeMap::new(), opened, breaks: None, broken }
    }

    /// Somebody comes.
    pub(crate) fn add(&mut self, protocol: Protocol, name: &str) -> usize {
        let config = Config::new(protocol, name, "192.0.2.1:7402".parse().unwrap());
        let client = StreamClient::new(config, self.seats.len() as u64 + 1, self.now);
        self.seats.push(Seat {
            client,
            events: Vec::new(),
            connection: None,
            budget: [usize::MAX; 2],
            is_alone: false,
            is_offline: false,
            listening: BTreeMap::new(),
            channels: BTreeMap::new(),
            files: BTreeMap::new(),
            reading: BTreeMap::new(),
            saving: BTreeMap::new(),
            saved: Vec::new(),
            tickets: 0,
        });
        self.settle();
        self.seats.len() - 1
    }

    /// From now on connections to the server break at random bytes; `None` ends that.
    pub(crate) fn breaks(&mut self, seed: Option<u64>) {
        self.breaks = seed.map(fastrand::Rng::with_seed);
        for who in 0..self.seats.len() {
            self.seats[who].budget = self.budget();
        }
    }

    pub(crate) fn ask(&mut self, who: usize, ask: Ask) -> Ticket {
        self.seats[who].tickets += 1;
        let ticket = Ticket(self.seats[who].tickets);
        self.input(who, Input::Ask(ticket, ask));
        self.settle();
        ticket
    }

    /// What his client wants done was looked at: it is done now.
    pub(crate) fn repeats(&mut self, who: usize, outputs: Vec<Output>) {
        for output in outputs {
            self.acts(who, output);
        }
        self.settle();
    }

    /// What he was told since the last time.
    pub(crate) fn events(&mut self, who: usize) -> Vec<Event> {
        std::mem::take(&mut self.seats[who].events)
    }

    /// His connection to the server breaks now.
    pub(crate) fn cuts(&mut self, who: usize) {
        if let Some(connection) = self.seats[who].connection.take() {
            self.broken += 1;
            self.of.remove(&connection);
            self.server.handle_input(self.now, In::Closed { connection });
            self.input(who, Input::Failed { channel: Channel::SERVER, why: "reset".into() });
            self.settle();
        }
    }

    /// Time passes; everybody does what is due when it is due.
    pub(crate) fn passes(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let clients = self.seats.iter().filter_map(|seat| seat.client.poll_timeout());
            let next = clients.chain(self.server.poll_timeout()).min().filter(|next| *next <= end);
            self.now = next.unwrap_or(end).max(self.now);
            self.server.handle_timeout(self.now);
            for seat in &mut self.seats {
                seat.client.handle_timeout(self.now);
            }
            self.settle();
            if next.is_none() {
                return;
            }
        }
    }

    fn budget(&mut self) -> [usize; 2] {
        self.breaks.as_mut().map_or([usize::MAX; 2], |random| [random.usize(1..900), random.usize(1..1_500)])
    }

    fn input(&mut self, who: usize, input: Input<'_>) {
        self.seats[who].client.handle_input(self.now, input);
    }

    /// Delivers everything until all is quiet.
    fn settle(&mut self) {
        loop {
            let mut quiet = true;
            for who in 0..self.seats.len() {
                while let Some(output) = self.seats[who].client.poll_output() {
                    quiet = false;
                    self.acts(who, output);
                }
            }
            while let Some(output) = self.server.poll_output() {
                quiet = false;
                self.served(output);
            }
            if quiet {
                return;
            }
        }
    }

    fn acts(&mut self, who: usize, output: Output) {
        match output {
            Output::Event(event) => self.seats[who].events.push(event),
            Output::Connect { channel: Channel::SERVER, .. } => self.connects(who),
            Output::Connect { channel, to } => self.meets(who, channel, to),
            Output::Listen { channel } => {
                let port = 10_000 + u16::try_from(channel.0).unwrap();
                self.seats[who].listening.insert(port, channel);
                self.input(who, Input::Listening { channel, port });
            }
            Output::Bytes { channel: Channel::SERVER, bytes } => self.sends(who, &bytes),
            Output::Bytes { channel, bytes } => {
                if let Some((other, theirs)) = self.seats[who].channels.get(&channel).copied() {
                    self.input(other, Input::Bytes { channel: theirs, bytes: &bytes });
                    self.input(who, Input::Written(channel));
                }
            }
            Output::Close(Channel::SERVER) => {
                if let Some(connection) = self.seats[who].connection.take() {
                    self.of.remove(&connection);
                    self.server.handle_input(self.now, In::Closed { connection });
                }
            }
            Output::Close(channel) => {
                self.seats[who].listening.retain(|_, listening| *listening != channel);
                if let Some((other, theirs)) = self.seats[who].channels.remove(&channel)
                    && self.seats[other].channels.remove(&theirs).is_some()
                {
                    self.input(other, Input::Closed(theirs));
                }
            }
            file => self.files(who, file),
        }
    }

    fn files(&mut self, who: usize, output: Output) {
        match output {
            Output::Open { file, path } => match self.seats[who].files.get(&path).cloned() {
                Some(bytes) => {
                    let size = bytes.len() as u64;
                    self.seats[who].reading.insert(file, (bytes, 0));
                    let name = path.file_name().unwrap().to_string_lossy().into_owned();
                    self.input(who, Input::FileOpened { file, name, size });
                }
                None => self.input(who, Input::FileFailed { file, why: "no such file".into() }),
            },
            Output::Read(file) => {
                let (bytes, at) = self.seats[who].reading.get_mut(&file).expect("an open file");
                let piece = bytes[*at..].iter().copied().take(PIECE).collect::<Vec<_>>();
                *at += piece.len();
                self.input(who, Input::Piece { file, bytes: &piece });
            }
            Output::Save { file, name } => drop(self.seats[who].saving.insert(file, (name, Vec::new()))),
            Output::Write { file, bytes } => {
                self.seats[who].saving.get_mut(&file).expect("a file").1.extend(bytes);
            }
            Output::Keep(file) => {
                let (name, bytes) = self.seats[who].saving.remove(&file).expect("a file");
                let path = PathBuf::from(&name);
                self.seats[who].saved.push((name, bytes));
                self.input(who, Input::Kept { file, path });
            }
            Output::Forget(file) => drop(self.seats[who].reading.remove(&file)),
            other => panic!("{other:?} was seen to before"),
        }
    }

    fn connects(&mut self, who: usize) {
        if self.seats[who].is_offline {
            return self.input(who, Input::Failed { channel: Channel::SERVER, why: "unreachable".into() });
        }
        self.opened += 1;
        let connection = ConnectionId(self.opened);
        self.of.insert(connection, who);
        self.seats[who].connection = Some(connection);
        self.seats[who].budget = self.budget();
        let protocol = self.seats[who].client.config().protocol;
        let listener = ListenerId(usize::from(protocol == Protocol::Stumtp));
        let from = SocketAddr::from(([203, 0, 113, u8::try_from(who + 1).unwrap()], 50_000));
        self.server.handle_input(self.now, In::Opened { listener, connection, from });
        self.input(who, Input::Opened(Channel::SERVER));
    }

    /// Somebody connects to another client, whom his address names.
    fn meets(&mut self, who: usize, channel: Channel, to: SocketAddr) {
        let std::net::IpAddr::V4(ip) = to.ip() else { panic!("addresses are IPv4 here") };
        let other = usize::from(ip.octets()[3]) - 1;
        let listener = self.seats[other].listening.get(&to.port()).copied();
        let Some(listener) = listener.filter(|_| !self.seats[who].is_alone && !self.seats[other].is_alone)
        else {
            return self.input(who, Input::Failed { channel, why: "unreachable".into() });
        };
        self.opened += 1;
        let theirs = Channel(Channel::FIRST_ACCEPTED.0 + u32::try_from(self.opened).unwrap());
        self.seats[who].channels.insert(channel, (other, theirs));
        self.seats[other].channels.insert(theirs, (who, channel));
        let from = SocketAddr::from(([203, 0, 113, u8::try_from(who + 1).unwrap()], 50_001));
        self.input(other, Input::Accepted { listener, channel: theirs, from });
        self.input(who, Input::Opened(channel));
    }

    fn sends(&mut self, who: usize, bytes: &[u8]) {
        let Some(connection) = self.seats[who].connection else { return };
        let budget = &mut self.seats[who].budget[0];
        let passing = &bytes[..bytes.len().min(*budget)];
        *budget -= passing.len();
        let is_over = *budget == 0;
        self.server.handle_input(self.now, In::Bytes { connection, bytes: passing });
        if is_over {
            return self.cuts(who);
        }
        self.input(who, Input::Written(Channel::SERVER));
    }

    fn served(&mut self, output: Out) {
        match output {
            Out::Bytes { connection, bytes } => {
                self.server.handle_input(self.now, In::Written { connection, bytes: bytes.len() });
                let Some(who) = self.of.get(&connection).copied() else { return };
                let budget = &mut self.seats[who].budget[1];
                let passing = &bytes[..bytes.len().min(*budget)];
                *budget -= passing.len();
                let is_over = *budget == 0;
                // In two pieces: a client has to put messages together.
                let (a, b) = passing.split_at(passing.len() / 2);
                self.input(who, Input::Bytes { channel: Channel::SERVER, bytes: a });
                self.input(who, Input::Bytes { channel: Channel::SERVER, bytes: b });
                if is_over {
                    self.cuts(who);
                }
            }
            Out::Close { connection, .. } => {
                if let Some(who) = self.of.remove(&connection) {
                    self.seats[who].connection = None;
                    self.input(who, Input::Closed(Channel::SERVER));
                }
            }
            _ => {}
        }
    }
}
