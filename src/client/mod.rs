//! The other end: one user's session as a state machine, built like the server and from the same parts.
//!
//! In: [`Input`]s: datagrams, and what the user wants. Out: [`Output`]s: datagrams, and what the user may want to know.
//! Must not know sockets, clocks or terminals.
//!
//! What the user wants is done in the order he wanted it, one thing at a time, so that a text is never heard in a room it
//! was not meant for (M28). Each text has a visible [`Fate`]. In a decentralised room texts go straight to the other
//! members, and through the server to those who cannot be reached (M11).
//!
//! ```
//! use palabre::client::{Ask, Client, Config, Event, Input, Output, Ticket};
//! use palabre::engine::{self, Server};
//! use palabre::ids::ListenerId;
//! use palabre::time::Instant;
//!
//! // A server and a client in one room, without a network between them.
//! let now = Instant::ZERO;
//! let (here, there) = ("192.0.2.1:40000".parse()?, "192.0.2.9:7401".parse()?);
//! let mut server = Server::new(engine::Config::msp(), 1);
//! let mut client = Client::new(Config::new("alice", there), 2, now);
//! client.handle_input(now, Input::Ask(Ticket(1), Ask::Say("bonjour".into())));
//!
//! let mut events = Vec::new();
//! while let Some(output) = client.poll_output() {
//!     match output {
//!         Output::Event(event) => events.push(event),
//!         Output::Datagram { payload, .. } => {
//!             let bytes = payload.to_vec();
//!             server.handle_input(now, engine::Input::Datagram { listener: ListenerId(0), from: here, bytes: &bytes });
//!             while let Some(output) = server.poll_output() {
//!                 let engine::Output::Datagram(answer) = output else { continue };
//!                 let bytes = answer.payload.to_vec();
//!                 client.handle_input(now, Input::Datagram { from: there, bytes: &bytes });
//!             }
//!         }
//!     }
//! }
//! assert!(matches!(events.first(), Some(Event::Registered { id: 1 })));
//! assert!(matches!(events.last(), Some(Event::Text { ticket: Ticket(1), .. })));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod config;
mod direct;
#[cfg(feature = "net")]
pub mod driver;
mod io;
mod jobs;
mod members;
mod msp;
mod names;
mod questions;
mod receive;
mod replies;
mod session;
mod shen;
pub mod stream;
mod tongue;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

pub use config::{Config, Protocol};
pub use io::{
    Answer, Ask, ConnectError, Event, Fate, Input, Invitation, Output, Question, Refused, Speaker, Ticket,
    Why,
};

use crate::reliable::{AnyLink, Lane, Request, Timing};
use crate::time::{Duration, Instant};
use crate::vocab::Mode;
use crate::wire::{Packet, Payload, Scratch};
use direct::Spread;
use jobs::Job;
use members::Members;
use names::Names;
use questions::Offer;
use session::State;
use tongue::Wish;

/// The lane of what is done one at a time; a member who is reached through the server has a lane of his own.
const LANE: Lane = Lane(0);

/// The number that nobody has: asked for, it stands for everybody in our room.
const NOBODY: u16 = 0;

/// A link to the server, or to a member of our room, of either width.
type Line<P> = AnyLink<P, Payload>;

/// A request to the server.
#[derive(Clone, Debug)]
struct Outgoing {
    packet: Packet,
    purpose: Purpose,
}

/// Why we ask.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Purpose {
    /// To be registered.
    Register,
    /// To stay registered, or to see whether the server is there.
    KeepAlive,
    /// The job we are at.
    Job,
    /// To pass a text on to a member who cannot be reached directly.
    Relay(direct::Errand),
}

/// The private room we are in.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Room {
    name: String,
    mode: Mode,
}

/// Why we may be in another room than we think.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Doubt {
    /// A room of this name has closed. A notice says neither which of that name nor whether it came late.
    Closed(String),
    /// A move was given up: the server may have carried it out all the same.
    Unanswered,
    /// The server has moved us while we were moving, and nobody can tell which came first.
    Crossed,
}

/// One user's session with a server, in either protocol.
///
/// # Contract
/// - Ways in: [`Client::handle_input`], [`Client::handle_timeout`], [`Client::poll_timeout`], [`Client::poll_output`].
/// - `now` never goes back from call to call.
/// - After each `handle_…`, and after [`Client::new`], drain [`Client::poll_output`] and look at
///   [`Client::poll_timeout`] again. After [`Client::handle_timeout`] the next time is later than `now`.
/// - All datagrams leave from, and come to, one socket (M11): members of decentralised rooms talk to it too.
/// - Each [`Ask`] gets one last word: [`Event::Text`] with [`Fate::Delivered`] or [`Fate::GivenUp`], [`Event::Answered`],
///   or [`Event::Disconnected`].
#[derive(Debug)]
pub struct Client {
    config: Config,
    random: fastrand::Rng,
    last_now: Instant,
    scratch: Scratch,
    state: State,
    /// What each protocol knows besides; the other one's stays empty.
    msp: msp::Speech,
    shen: shen::Speech,
    link: Line<Outgoing>,
    keep_alive_at: Instant,
    /// The server has said that it stops: until then we ask often whether it is back.
    awaiting_return: Option<Instant>,
    /// Since when something waits for a sign of life of the server, and when it is asked for one next.
    silence: Option<(Instant, Instant)>,
    /// What is to be done, and what is being done.
    queue: VecDeque<Job>,
    current: Option<Job>,
    /// The server asked us to slow down until then.
    hold: Option<Instant>,
    room: Option<Room>,
    /// Why we do not know in which room we are; then we go back to the public one before anything else (M28).
    doubt: Option<Doubt>,
    /// Closing notices that are not acknowledged yet: a text meant for the room is still on its way (M21).
    closings: Vec<(u16, u32)>,
    names: Names,
    offers: BTreeMap<Invitation, Offer>,
    next_offer: u64,
    /// The invitation that we answered by coming, until it is known whether we got in.
    accepted: Option<(Ticket, Offer)>,
    members: Members,
    /// Texts of a decentralised room that not all members have yet.
    spreads: BTreeMap<Ticket, Spread>,
    /// Whether somebody came or went since the list of members was asked for.
    news: bool,
    /// When somebody unknown made us ask for it last.
    refreshed: Option<Instant>,
    outputs: VecDeque<Output>,
    dropped: u64,
}

impl Client {
    /// A client that registers at once. `seed` decides everything that is left to chance.
    #[must_use]
    pub fn new(config: Config, seed: u64, now: Instant) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let link = tongue::line(config.protocol, config.timing, random.u16(..));
        let mut client = Self {
            link,
            random,
            last_now: now,
            scratch: Scratch::new(),
            state: State::Connecting { attempt: 1, retry_at: None },
            msp: msp::Speech::default(),
            shen: shen::Speech::default(),
            keep_alive_at: now + config.keep_alive,
            awaiting_return: None,
            silence: None,
            queue: VecDeque::new(),
            current: None,
            hold: None,
            room: None,
            doubt: None,
            closings: Vec::new(),
            names: Names::default(),
            offers: BTreeMap::new(),
            next_offer: 0,
            accepted: None,
            members: Members::default(),
            spreads: BTreeMap::new(),
            news: false,
            refreshed: None,
            outputs: VecDeque::new(),
            dropped: 0,
            config,
        };
        client.register();
        client.pump(now);
        client
    }

    /// Something happened outside.
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        self.advance(now);
        match input {
            Input::Datagram { from, bytes } => self.datagram(now, from, bytes),
            Input::Ask(ticket, ask) => self.ask(ticket, ask),
        }
        self.pump(now);
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
        self.link.handle_timeout(now);
        self.members.handle_timeout(now);
        if self.hold.is_some_and(|until| until <= now) {
            self.hold = None;
            self.send_held_relays();
        }
        self.keep_session(now);
        self.shen_timeout(now);
        self.pump(now);
        debug_assert!(self.poll_timeout().is_none_or(|next| next > now), "a timeout must move forward");
    }

    /// When [`Client::handle_timeout`] is wanted next; `None` when the session has ended.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let silence = self.silence.map(|(_, probe)| probe);
        let waits = [self.hold, silence, self.session_timeout(), self.shen.poll_timeout()];
        waits.into_iter().chain([self.link.poll_timeout(), self.members.poll_timeout()]).flatten().min()
    }

    /// The next thing to be done outside, until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Whether nothing that the user wanted is still being done.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.spreads.is_empty()
            && self.shen.is_idle()
            && !self.current.iter().chain(&self.queue).any(Job::is_users)
    }

    /// The private room we are in, if we are in one.
    #[must_use]
    pub fn room(&self) -> Option<(&str, Mode)> {
        self.room.as_ref().map(|room| (room.name.as_str(), room.mode))
    }

    /// The round-trip time to the server, once it is known.
    #[must_use]
    pub fn round_trip(&self) -> Option<Duration> {
        self.link.round_trip()
    }

    /// Datagrams that were not for us, or not as they should be.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// How this client repeats what it asks.
    #[must_use]
    pub const fn timing(&self) -> Timing {
        self.config.timing
    }

    fn advance(&mut self, now: Instant) {
        debug_assert!(now >= self.last_now, "time went back from {} to {now}", self.last_now);
        self.last_now = now;
    }

    fn tell(&mut self, event: Event) {
        if let Event::Answered { ticket, answer } = &event {
            let came = matches!(answer, Answer::In { .. });
            self.conclude_acceptance(*ticket, came);
        }
        self.outputs.push_back(Output::Event(event));
    }

    /// Asks something of the server. What no message can carry is not asked.
    fn request(&mut self, wish: Wish<'_>, purpose: Purpose) -> Result<Request<Outgoing>, Refused> {
        let packet = self.packet(wish)?;
        Ok(Request::new(Outgoing { packet, purpose }))
    }

    /// Puts on the wire what is ready, starts what can be started, and looks after what came to nothing.
    fn pump(&mut self, now: Instant) {
        loop {
            let lost = self.follow_losses(now);
            self.acknowledge_closings(now);
            let started = self.start_jobs(now);
            if !lost && !started {
                break;
            }
        }
        while let Some(sent) = self.link.poll_transmit(now) {
            let packet = &sent.payload.packet;
            let payload = Payload::shared(packet.stamp(sent.seq), packet.tail());
            let payload = self.config.integrity.seal(payload);
            self.outputs.push_back(Output::Datagram { to: self.config.server, payload });
        }
        self.members.transmit(now, self.config.integrity, &mut self.outputs);
    }

    /// Sends an answer, or what else is not repeated.
    fn send(&mut self, to: SocketAddr, payload: Payload) {
        let payload = self.config.integrity.seal(payload);
        self.outputs.push_back(Output::Datagram { to, payload });
    }
}
