//! A server whose whole life is captured, and checked while it lives: a second one is told what the capture says, and has
//! to say the same.
//!
//! In: what a [`Server`] is told. Out: what it says; a panic when the check finds a difference. Must not know any dialect.

use std::net::SocketAddr;
use std::ops::Deref;

use palabre::capture::{Event, FORMAT, Header, Recorder, Seen, drop_comments};
use palabre::engine::{Config, Input, Output, Registry, Server};
use palabre::replay::check::{Check, Trouble};
use palabre::time::Instant;

/// When all captures of tests begin.
pub(crate) const ORIGIN: u64 = 1_700_000_000_000_000;

/// The server and its capture.
#[derive(Debug)]
pub(crate) struct Tape {
    server: Server,
    recorder: Recorder,
    header: Header,
    /// `None` once something happened that no capture can tell.
    check: Option<Check>,
    packets: u64,
    kept: Option<Vec<Event>>,
}

impl Tape {
    pub(crate) fn new(config: Config, seed: u64) -> Self {
        Self::with_registry(config, seed, Registry::default())
    }

    pub(crate) fn with_registry(config: Config, seed: u64, registry: Registry) -> Self {
        let header = header(&config, seed, &registry);
        let check = Some(Check::new(std::slice::from_ref(&header)).expect("the capture of a server"));
        Self::of(Server::with_registry(config, seed, registry), header, check)
    }

    /// A server of which nobody knows how it began.
    pub(crate) fn unknown(config: &Config, server: Server) -> Self {
        Self::of(server, header(config, 0, &Registry::default()), None)
    }

    fn of(server: Server, header: Header, check: Option<Check>) -> Self {
        let recorder = Recorder::new(ORIGIN, header.addresses.clone());
        Self { server, recorder, header, check, packets: 0, kept: None }
    }

    /// From now on the capture is kept, too.
    pub(crate) fn keep(&mut self) {
        assert_eq!(self.packets, 0, "a capture is kept from its beginning");
        self.kept = Some(Vec::new());
    }

    /// What was kept.
    pub(crate) fn capture(&self) -> (Header, Vec<Event>) {
        (self.header.clone(), self.kept.clone().expect("a capture that is kept"))
    }

    /// Whether a check goes on beside it.
    pub(crate) const fn is_checked(&self) -> bool {
        self.check.is_some()
    }

    pub(crate) fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        let before = self.server.stats().clone();
        self.server.handle_input(now, input);
        let comments = drop_comments(&before, self.server.stats());
        let event = self.recorder.input(now, &input, comments);
        if event.is_none() {
            self.check = None;
        }
        self.record(event);
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let before = self.server.stats().clone();
        self.server.handle_timeout(now);
        let event = self.recorder.timer(now, drop_comments(&before, self.server.stats()));
        self.record(Some(event));
    }

    pub(crate) fn poll_output(&mut self, now: Instant) -> Option<Output> {
        let output = self.server.poll_output()?;
        let event = self.recorder.output(now, &output, Vec::new());
        self.record(event);
        Some(output)
    }

    fn record(&mut self, event: Option<Event>) {
        let Some(mut event) = event else { return };
        self.packets += 1;
        event.packet = self.packets;
        match self.check.as_mut().map(|check| check.event(&event)) {
            None | Some(Ok(())) => {}
            // Two connections from one place at one time: no network has that.
            Some(Err(Trouble::Unchecked(_))) if matches!(event.seen, Seen::Opened { .. }) => {
                self.check = None;
            }
            Some(Err(Trouble::Unchecked(why))) => panic!("{why}"),
            Some(Err(Trouble::Differs(what))) => panic!("{what:#?} at {:?}", what.field()),
        }
        if let Some(kept) = &mut self.kept {
            kept.push(event);
        }
    }
}

impl Drop for Tape {
    fn drop(&mut self) {
        if let Some(check) = self.check.take().filter(|_| !std::thread::panicking()) {
            let end = check.finish();
            assert!(end.is_ok(), "{end:?}");
        }
    }
}

impl Deref for Tape {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

/// What the capture of such a server begins with.
fn header(config: &Config, seed: u64, registry: &Registry) -> Header {
    let address = |n: usize| SocketAddr::from(([203, 0, 113, 200], 7_400 + n as u16));
    Header {
        palabre: env!("CARGO_PKG_VERSION").into(),
        format: FORMAT,
        part: 1,
        seed,
        origin: ORIGIN,
        addresses: (0..config.listeners.len()).map(address).collect(),
        config: config.clone(),
        names: registry.iter().map(|(name, owner)| (name.into(), owner)).collect(),
        files: 0,
    }
}
