//! What the engine is told and says, for a capture.
//!
//! In: all inputs and outputs of the engine, for they pass here. Out: the same, unchanged; and records of them, where they
//! are wanted. Must not know what becomes of the records: it never waits for them.

mod parts;
mod queue;
mod thread;

use std::net::SocketAddr;
use std::ops::Deref;

pub(super) use parts::Parts;
use queue::Queue;

use crate::capture::{FORMAT, Header, Recorder, drop_comments, on_the_wire, peer_comment};
use crate::engine::{Config, Input, Output, Server, Stats};
use crate::time::Instant;

/// The engine, and who listens in. Looks go through to it; whatever changes it passes here.
#[derive(Debug)]
pub(super) struct Tapped {
    server: Server,
    tap: Option<Box<Tap>>,
}

/// Records what passes.
#[derive(Debug)]
struct Tap {
    recorder: Recorder,
    /// As they were when the last record of an input was made.
    stats: Stats,
    /// When the engine was last told something: what it says, it says then.
    now: Instant,
    queue: Queue,
}

impl Tapped {
    /// Nobody listens in.
    pub(super) const fn new(server: Server) -> Self {
        Self { server, tap: None }
    }

    /// From now on all is written to `parts`, in files of about `limit` bytes.
    ///
    /// # Errors
    /// When the file cannot be made, or the system gives no thread.
    pub(super) fn capture(&mut self, parts: Parts, limit: u64, header: Header) -> std::io::Result<()> {
        let recorder = Recorder::new(header.origin, header.addresses.clone());
        let queue = Queue::begin(parts, limit, header)?;
        let stats = self.server.stats().clone();
        self.tap = Some(Box::new(Tap { recorder, stats, now: Instant::ZERO, queue }));
        Ok(())
    }

    /// Nothing more is captured, and all that was is in the file afterwards.
    pub(super) fn finish(&mut self) {
        self.tap = None;
    }

    /// [`Server::handle_input`].
    pub(super) fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        self.server.handle_input(now, input);
        if let Some(tap) = &mut self.tap {
            tap.input(now, &input, &self.server);
            if tap.queue.is_over() {
                self.tap = None;
            }
        }
    }

    /// [`Server::handle_timeout`].
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.server.handle_timeout(now);
        if let Some(tap) = &mut self.tap {
            tap.timer(now, &self.server);
        }
    }

    /// [`Server::poll_output`].
    pub(super) fn poll_output(&mut self) -> Option<Output> {
        let output = self.server.poll_output()?;
        if let Some(tap) = &mut self.tap {
            tap.output(&output, &self.server);
        }
        Some(output)
    }
}

impl Deref for Tapped {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl Tap {
    fn input(&mut self, now: Instant, input: &Input<'_>, server: &Server) {
        let name = match *input {
            Input::Datagram { listener, from, .. } => server.name_at(listener, from),
            Input::Opened { connection, .. }
            | Input::Bytes { connection, .. }
            | Input::Written { connection, .. }
            | Input::Ended { connection }
            | Input::Closed { connection } => server.name_on(connection),
            Input::Stop => None,
        };
        let comments = self.comments(name, server);
        self.now = now;
        if let Some(event) = self.recorder.input(now, input, comments) {
            self.queue.push(event.into());
        }
    }

    fn timer(&mut self, now: Instant, server: &Server) {
        let comments = self.comments(None, server);
        self.now = now;
        let event = self.recorder.timer(now, comments);
        self.queue.push(event.into());
    }

    fn output(&mut self, output: &Output, server: &Server) {
        let name = match output {
            Output::Datagram(sent) => server.name_at(sent.listener, sent.to),
            Output::Bytes { connection, .. }
            | Output::Reading { connection, .. }
            | Output::Close { connection, .. } => server.name_on(*connection),
            Output::Event(_) => None,
        };
        let comments = name.map(peer_comment).into_iter().collect();
        if let Some(record) = self.recorder.said(self.now, output, comments) {
            self.queue.push(record);
        }
    }

    fn comments(&mut self, name: Option<&str>, server: &Server) -> Vec<String> {
        let mut comments: Vec<_> = name.map(peer_comment).into_iter().collect();
        comments.extend(drop_comments(&self.stats, server.stats()));
        self.stats.clone_from(server.stats());
        comments
    }
}

/// What a capture says about this server, before it has done anything.
pub(super) fn header(
    server: &Server,
    config: Config,
    seed: u64,
    origin: u64,
    addresses: Vec<SocketAddr>,
) -> Header {
    Header {
        palabre: env!("CARGO_PKG_VERSION").into(),
        format: FORMAT,
        part: 1,
        seed,
        origin,
        addresses: addresses.into_iter().map(on_the_wire).collect(),
        config,
        names: server.registry().iter().map(|(name, owner)| (name.into(), owner)).collect(),
        files: server.files_kept(),
    }
}
