//! A user's session in one of the protocols over TCP, as a state machine without sockets, files or a clock.
//!
//! In: [`Input`]s: what connections and files bring, and what the user wants. Out: [`Output`]s: what to do with connections
//! and files, and what the user may want to know. Must not know terminals, nor how files are named on a disk.
//!
//! One [`StreamClient`] for all three protocols: each is a state machine of its own behind it.

mod config;
#[cfg(feature = "net")]
pub mod driver;
mod io;
mod matou;
pub mod names;
mod stories;
mod stumtp;
mod talk;
mod tongue;

pub use config::{Config, Protocol};
pub use io::{Channel, FileId, Input, Output, PIECE};
pub use talk::{Answer, Ask, ConnectError, Count, Event, Fate, Question, QuestionId, Way, Why};

use crate::time::Instant;
use tongue::{Desk, Tongue};

/// One user's session with a server.
///
/// # Contract
/// - Ways in: [`StreamClient::handle_input`], [`StreamClient::handle_timeout`], [`StreamClient::poll_timeout`],
///   [`StreamClient::poll_output`]. `now` never goes back from call to call.
/// - After each `handle_…`, and after [`StreamClient::new`], drain [`StreamClient::poll_output`] and look at
///   [`StreamClient::poll_timeout`] again. After [`StreamClient::handle_timeout`] the next time is later than `now`.
/// - Each [`Ask`] gets one last word: [`Event::Text`] with [`Fate::Delivered`] or [`Fate::GivenUp`], [`Event::Answered`],
///   or [`Event::Disconnected`]. The session ends with [`Event::Disconnected`], [`Event::NotRegistered`] or
///   [`Event::Lost`], after the last words of everything that was pending.
#[derive(Debug)]
pub struct StreamClient {
    desk: Desk,
    tongue: Box<dyn Tongue>,
    last_now: Instant,
}

impl StreamClient {
    /// A client that connects and signs in at once. `seed` decides everything that is left to chance.
    #[must_use]
    pub fn new(config: Config, seed: u64, now: Instant) -> Self {
        let mut desk = Desk::new(config, seed);
        let tongue = tongue::of(&mut desk);
        let mut client = Self { desk, tongue, last_now: now };
        client.tongue.start(now, &mut client.desk);
        client
    }

    /// Something happened outside.
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        self.advance(now);
        self.tongue.handle_input(now, &mut self.desk, input);
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
        self.tongue.handle_timeout(now, &mut self.desk);
        debug_assert!(self.poll_timeout().is_none_or(|next| next > now), "a timeout must move forward");
    }

    /// When [`StreamClient::handle_timeout`] is wanted next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.tongue.poll_timeout()
    }

    /// The next thing to be done outside, until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.desk.outputs.pop_front()
    }

    /// Whether nothing that the user wanted is still being done.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.tongue.is_idle()
    }

    /// The room we are in; `None` is the public one.
    #[must_use]
    pub fn room(&self) -> Option<&str> {
        self.tongue.room()
    }

    /// What the client was told when it was made.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.desk.config
    }

    fn advance(&mut self, now: Instant) {
        debug_assert!(now >= self.last_now, "time went back from {} to {now}", self.last_now);
        self.last_now = now;
    }
}
