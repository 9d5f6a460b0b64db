//! What each protocol over TCP does in its own way.
//!
//! In: inputs. Out: outputs, on the [`Desk`]. Must not know sockets, files or clocks.

use std::collections::VecDeque;
use std::fmt;

use super::config::{Config, Protocol};
use super::io::{Channel, FileId, Input, Output};
use super::matou::Matou;
use super::stories::Stories;
use super::stumtp::Stumtp;
use super::talk::{Answer, Event, Fate, Why};
use crate::client::Ticket;
use crate::time::Instant;

/// A session in the protocol of the configuration.
pub(super) fn of(desk: &mut Desk) -> Box<dyn Tongue> {
    match desk.config.protocol {
        Protocol::Matou => Box::new(Matou::new(&desk.config)),
        Protocol::Stories => Box::new(Stories::new(desk)),
        Protocol::Stumtp => Box::new(Stumtp::new(desk)),
    }
}

/// A session in one protocol.
pub(super) trait Tongue: fmt::Debug {
    /// The session begins.
    fn start(&mut self, now: Instant, desk: &mut Desk);

    /// Something happened outside.
    fn handle_input(&mut self, now: Instant, desk: &mut Desk, input: Input<'_>);

    /// Does what is due at `now`.
    fn handle_timeout(&mut self, now: Instant, desk: &mut Desk);

    /// When [`Tongue::handle_timeout`] is wanted next.
    fn poll_timeout(&self) -> Option<Instant>;

    /// Whether nothing that the user wanted is still being done.
    fn is_idle(&self) -> bool;

    /// The room we are in; `None` is the public one.
    fn room(&self) -> Option<&str>;
}

/// What all protocols need: a place for what is to be done outside, and numbers.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) config: Config,
    pub(super) random: fastrand::Rng,
    pub(super) outputs: VecDeque<Output>,
    last_channel: u32,
    last_file: u32,
}

impl Desk {
    pub(super) fn new(config: Config, seed: u64) -> Self {
        let random = fastrand::Rng::with_seed(seed);
        Self { config, random, outputs: VecDeque::new(), last_channel: Channel::SERVER.0, last_file: 0 }
    }

    /// A number for a channel that no other has.
    pub(super) const fn channel(&mut self) -> Channel {
        self.last_channel = (self.last_channel + 1) % Channel::FIRST_ACCEPTED.0;
        Channel(self.last_channel)
    }

    /// A number for a file.
    pub(super) const fn file(&mut self) -> FileId {
        self.last_file = self.last_file.wrapping_add(1);
        FileId(self.last_file)
    }

    /// Something is to be done outside.
    pub(super) fn put(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    /// Sends bytes.
    pub(super) fn send(&mut self, channel: Channel, bytes: Vec<u8>) {
        self.put(Output::Bytes { channel, bytes });
    }

    /// Tells the user something.
    pub(super) fn tell(&mut self, event: Event) {
        self.put(Output::Event(event));
    }

    /// Answers a request.
    pub(super) fn answer(&mut self, ticket: Ticket, answer: Answer) {
        self.tell(Event::Answered { ticket, answer });
    }

    /// Tells that a text is given up.
    pub(super) fn give_up(&mut self, ticket: Ticket, why: Why) {
        self.tell(Event::Text { ticket, fate: Fate::GivenUp(why) });
    }
}
