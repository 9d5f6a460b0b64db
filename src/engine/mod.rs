//! The whole server as a state machine: datagrams, streams and the time in; datagrams, streams and events out.
//!
//! In: [`Input`]s. Out: [`Output`]s. Must not know sockets, clocks, threads, files or logs; chance is a seed.
//!
//! It composes what does not know each other: a dialect turns bytes into messages, `reliable` says which of them are
//! new and repeats ours, the dialect's meaning turns requests into commands, `rooms` carries them out.
//!
//! ```
//! use palabre::dialect::msp::{Body, Message, Name};
//! use palabre::engine::{Config, Input, Output, Server};
//! use palabre::ids::ListenerId;
//! use palabre::time::Instant;
//!
//! let mut server = Server::new(Config::msp(), 7);
//! let hello = Message { user: 0, seq: 1, body: Body::Connect { name: Name::new("alice") } };
//! let mut bytes = Vec::new();
//! hello.encode(&mut bytes)?;
//! let from = "192.0.2.1:40000".parse()?;
//! server.handle_input(Instant::ZERO, Input::Datagram { listener: ListenerId(0), from, bytes: &bytes });
//!
//! let answer = std::iter::from_fn(|| server.poll_output()).find_map(|output| match output {
//!     Output::Datagram(datagram) => Some(datagram.payload.to_vec()),
//!     _ => None,
//! });
//! assert_eq!(answer.as_deref(), Some(&[0x17, 0xf8, 0x00, 0x08, 0x02][..])); // accepted, id 1
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod config;
mod deadlines;
mod idpool;
mod io;
mod limits;
mod matou;
mod msp;
mod names;
mod numbers;
mod outgoing;
mod peers;
mod presence;
mod registry;
mod shen;
mod side;
mod stats;
mod store;
mod stories;
mod streams;
mod stumtp;
mod tell;
mod tokens;
mod traffic;
mod upkeep;

use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;

pub use crate::wire::Integrity;
pub use config::{Config, Dialect, Limits, Listener, Rate};
pub use io::{Datagram, Departure, Event, Input, Output};
pub use registry::Registry;
pub use stats::{Counter, DropReason, Stats};
pub use store::{ContentId, FileRecord, FileStore, MemoryStore, NotAContentId, StoreError};

use crate::ids::{ConnectionId, ListenerId, PeerId, UserId};
use crate::rooms::RoomManager;
use crate::time::Instant;
use crate::vocab::Effect;
use crate::wire::Scratch;
use config::{Carriage, Packed};
use deadlines::Deadline;
use limits::Strangers;
use outgoing::Outgoing;
use peers::Peers;
use side::Sides;
use streams::Connections;
use tokens::Tokens;
use traffic::Source;

/// The server.
///
/// # Contract
/// - There are four ways in: [`Server::handle_input`], [`Server::handle_timeout`], [`Server::poll_timeout`] and
///   [`Server::poll_output`]. (The others only look.)
/// - `now` never goes back from call to call.
/// - After each `handle_…`, drain [`Server::poll_output`] and look at [`Server::poll_timeout`] again.
/// - Call [`Server::handle_timeout`] when that time has come, however busy the sockets are. Too early is harmless, too
///   late delays what is repeated. Afterwards the next time is later than `now`.
/// - The same inputs at the same times with the same seed give the same outputs.
/// - No input panics, and none makes the server forget what it has accepted: a text that was acknowledged to its author
///   reaches each member of his room once and in order, waits for him within the limits, or is counted as dropped and
///   reported to him.
#[derive(Debug)]
pub struct Server {
    config: Config,
    random: fastrand::Rng,
    last_now: Instant,
    scratch: Scratch,
    /// Where answers are encoded, kept from one to the next.
    encoded: Vec<u8>,
    peers: Peers,
    sides: Sides,
    rooms: RoomManager,
    registry: Registry,
    strangers: Strangers,
    connections: Connections,
    /// Connections for which far too much waits, to be let go before a verb returns.
    overwhelmed: BTreeSet<ConnectionId>,
    matou: matou::State,
    stories: stories::State,
    stumtp: stumtp::State,
    tokens: Tokens,
    /// Who came onto the server in this very step: people are told that he comes, not that he moves.
    arriving: Option<UserId>,
    outputs: VecDeque<Output>,
    /// What the rooms want told.
    effects: Vec<Effect>,
    /// How many people were moved: of two such notices the one with the higher number came later.
    moves: u64,
    /// Requests that came to nothing, to be looked at before a verb returns.
    losses: VecDeque<(PeerId, Outgoing)>,
    /// After [`Input::Stop`]: who has not acknowledged it yet.
    stopping: Option<BTreeSet<PeerId>>,
    stats: Stats,
}

impl Server {
    /// A server with nobody on it. `seed` decides everything that is left to chance.
    #[must_use]
    pub fn new(config: Config, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut rooms = RoomManager::new();
        if config.has_rooms() {
            config.rooms.iter().for_each(|room| rooms.establish(room));
        }
        Self {
            config,
            strangers: Strangers::new(random.u64(..)),
            random,
            last_now: Instant::ZERO,
            scratch: Scratch::new(),
            encoded: Vec::new(),
            peers: Peers::new(),
            sides: Sides::new(),
            rooms,
            registry: Registry::default(),
            connections: Connections::default(),
            overwhelmed: BTreeSet::new(),
            matou: matou::State::default(),
            stories: stories::State::default(),
            stumtp: stumtp::State::default(),
            // A stream of chance of its own: how many tokens are given changes nothing else.
            tokens: Tokens::new(&mut fastrand::Rng::with_seed(!seed)),
            arriving: None,
            outputs: VecDeque::new(),
            effects: Vec::new(),
            moves: 0,
            losses: VecDeque::new(),
            stopping: None,
            stats: Stats::default(),
        }
    }

    /// The same, with the names that were taken before it was started (S7).
    #[must_use]
    pub fn with_registry(config: Config, seed: u64, registry: Registry) -> Self {
        Self { registry, ..Self::new(config, seed) }
    }

    /// Something happened outside.
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        self.advance(now);
        // What the rooms have decided by now is told first: it is the fate of older requests, not of the one that comes.
        self.rooms.handle_timeout(now, &mut self.effects);
        self.settle(now);
        match input {
            Input::Datagram { listener, from, bytes } => {
                self.stats.add(Counter::Received);
                let source = Source { listener, address: from };
                match self.config.listeners.get(listener.0).copied() {
                    None => self.stats.drop(DropReason::NoSuchListener),
                    Some(_) if from.port() == 0 => self.stats.drop(DropReason::Unanswerable),
                    Some(found) => match found.dialect.carriage() {
                        Carriage::Datagrams(Packed::Msp) => {
                            self.msp_datagram(now, source, found.integrity, bytes);
                        }
                        Carriage::Datagrams(Packed::Shen) => {
                            self.shen_datagram(now, source, found.integrity, bytes);
                        }
                        Carriage::Stream(_) => self.stats.drop(DropReason::NoSuchListener),
                    },
                }
            }
            Input::Opened { listener, connection, from } => self.opened(now, listener, connection, from),
            Input::Bytes { connection, bytes } => self.bytes(now, connection, bytes),
            Input::Written { connection, bytes } => self.written(now, connection, bytes),
            Input::Ended { connection } => self.ended(now, connection, false),
            Input::Closed { connection } => self.ended(now, connection, true),
            Input::Stop => self.stop(now),
        }
        self.settle(now);
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
        while let Some(due) = self.peers.deadlines.pop(now) {
            match due {
                Deadline::Retransmit(peer) => self.retransmit(now, peer),
                Deadline::Silence(peer) => self.judge_silence(now, peer),
                Deadline::WakeUp(peer) => self.wake_up(now, peer),
                Deadline::Rested(peer) => self.forget(peer),
                Deadline::Undecided(peer) => self.answer_undecided(now, peer),
                Deadline::Login(connection) => self.judge_login(now, connection),
                Deadline::Half(connection) => self.judge_half(now, connection),
                Deadline::Reader(connection) => self.judge_reader(now, connection),
                Deadline::Paused(connection) => self.judge_paused(now, connection),
            }
            self.settle(now);
        }
        self.matou_due(now);
        self.stories_due(now);
        self.stumtp_due(now);
        self.settle(now);
        self.rooms.handle_timeout(now, &mut self.effects);
        self.settle(now);
        debug_assert!(self.poll_timeout().is_none_or(|next| next > now), "a timeout must move forward");
    }

    /// When [`Server::handle_timeout`] is wanted next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let due = [
            self.peers.deadlines.next(),
            self.rooms.poll_timeout(),
            self.matou.poll_timeout(),
            self.stories.poll_timeout(),
            self.stumtp.poll_timeout(),
        ];
        due.into_iter().flatten().min()
    }

    /// The next thing to be done outside, until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// What was counted so far.
    #[must_use]
    pub const fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Which address each name of Shen's protocol belongs to (S7): to be saved, and given to [`Server::with_registry`]
    /// when the server is started again.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The users and rooms.
    #[must_use]
    pub const fn rooms(&self) -> &RoomManager {
        &self.rooms
    }

    /// Whom a dialect knows by this number: an id or a handle. `None` when nobody has it.
    #[must_use]
    pub fn holder(&self, dialect: Dialect, number: u16) -> Option<UserId> {
        self.sides.of(dialect).user_of(&self.peers, number)
    }

    /// The name of who speaks from this address, or did until a moment ago.
    #[must_use]
    pub fn name_at(&self, listener: ListenerId, address: SocketAddr) -> Option<&str> {
        let peer = self.peers.at(listener, address)?;
        self.peers.get(peer).map(|peer| &*peer.name)
    }

    /// The name of who has signed in on this connection.
    #[must_use]
    pub fn name_on(&self, connection: ConnectionId) -> Option<&str> {
        let user = self.connections.get(connection)?.user?;
        self.peers.seats.get(user).map(|seat| &*seat.name)
    }

    fn advance(&mut self, now: Instant) {
        debug_assert!(now >= self.last_now, "time went back from {} to {now}", self.last_now);
        self.last_now = now;
    }

    /// Follows up what the last step caused, until nothing is left to do.
    fn settle(&mut self, now: Instant) {
        loop {
            if !self.effects.is_empty() {
                self.deliver(now);
            } else if let Some((peer, lost)) = self.losses.pop_front() {
                self.lost(now, peer, lost);
            } else if !self.overwhelmed.is_empty() {
                self.abandon_overwhelmed(now);
            } else if let Some(user) = self.stumtp.overflowed.pop_first() {
                self.stumtp_ends(now, user);
            } else {
                break;
            }
        }
        self.arriving = None;
        if self.stopping.as_ref().is_some_and(BTreeSet::is_empty) {
            self.stopping = None;
            self.outputs.push_back(Output::Event(Event::Stopped));
        }
    }
}
