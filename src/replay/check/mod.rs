//! Whether a server today says what the captured one said.
//!
//! In: the headers of a capture of palabre, then its [`Event`]s. Out: the first [`Difference`], why it cannot be checked, or
//! what was found equal. Must not know files, nor how a difference is shown.
//!
//! What the peers did is told to a fresh [`Server`] at the times at which it happened. What it has to say to each of these
//! must be what the capture has before the next one: the same things in the same order, byte for byte, at the same time.
//! Nothing is read ahead, so this needs no more memory than the server.

mod compare;
mod difference;
mod setting;
mod told;

use core::fmt;

pub use difference::{Difference, Fault, Row, Said, Told};
pub use setting::warnings;

use crate::capture::{Event, Header, Recorder, drop_comments};
use crate::engine::{Config, Server, Stats};
use crate::time::{Duration, Instant};
use compare::{Fit, Head, Waiting};
use difference::Around;
use told::{Lines, Role};

/// Feeds a capture to a server, and compares.
#[derive(Debug)]
pub struct Check {
    server: Server,
    config: Config,
    recorder: Recorder,
    origin: u64,
    lines: Lines,
    now: Instant,
    /// What the server has to say next, as far as it was looked at.
    waiting: Option<Waiting>,
    /// What it has said last on a stream, which may be the beginning of a message.
    head: Option<Head>,
    told: Told,
    /// What was counted when the server had been told something last.
    stats: Stats,
    equal: Equal,
    first: Option<u64>,
}

/// How much was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Equal {
    /// The packets and notes that brought something.
    pub packets: u64,
    /// What the server was told.
    pub inputs: u64,
    /// What it said.
    pub outputs: u64,
    /// From the first packet to the last.
    pub span: Duration,
}

/// Why a check ends before the capture does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The server says something else.
    Differs(Box<Difference>),
    /// What follows cannot be checked.
    Unchecked(Unchecked),
}

/// Why something cannot be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unchecked {
    /// At which packet; `None`: not from the first.
    pub packet: Option<u64>,
    /// In words.
    pub why: String,
}

impl Check {
    /// For the capture that begins with these headers, one a part.
    ///
    /// # Errors
    /// When they are not those of one whole capture in order, in a format that is known, of a server there can be.
    pub fn new(headers: &[Header]) -> Result<Self, Unchecked> {
        let header = setting::whole(headers)?;
        let config = header.config.clone();
        let server = Server::with_registry(config.clone(), header.seed, header.registry());
        Ok(Self {
            server,
            recorder: Recorder::new(header.origin, header.addresses.clone()),
            origin: header.origin,
            lines: Lines::new(&header.addresses, &config),
            config,
            now: Instant::ZERO,
            waiting: None,
            head: None,
            told: Told { packet: 0, at: header.origin, what: "nothing yet", from: None },
            stats: Stats::default(),
            equal: Equal::default(),
            first: None,
        })
    }

    /// The next thing the capture has. After an error there is nothing more to check.
    ///
    /// # Errors
    /// When the server says something else, or when this cannot be checked.
    pub fn event(&mut self, event: &Event) -> Result<(), Trouble> {
        self.equal.packets = self.equal.packets.saturating_add(1);
        let first = *self.first.get_or_insert(event.at);
        self.equal.span = Duration::from_micros(event.at.saturating_sub(first));
        self.look();
        match self.lines.role(&event.seen, self.waiting.is_some()) {
            Err(why) => Err(Unchecked::at(event, why).into()),
            Ok(Role::Nothing) => Ok(()),
            Ok(Role::Said) => self.said(event),
            Ok(Role::Told) => self.tell(event),
        }
    }

    /// The capture has ended.
    ///
    /// # Errors
    /// When the server had more to say.
    pub fn finish(mut self) -> Result<Equal, Trouble> {
        self.look();
        match self.waiting.take() {
            Some(waiting) => Err(self.differs(Fault::Missing, Some(waiting), None)),
            None => Ok(self.equal),
        }
    }

    /// Something the captured server was told: this one is told the same.
    fn tell(&mut self, event: &Event) -> Result<(), Trouble> {
        if let Some(waiting) = self.waiting.take() {
            return Err(self.differs(Fault::Missing, Some(waiting), Some(event)));
        }
        self.now = self.time(event)?;
        self.head = None;
        let (packet, at) = (event.packet, event.at);
        self.told =
            Told { packet, at, what: difference::what(&event.seen), from: difference::from(&event.seen) };
        match self.lines.input(&event.seen).map_err(|why| Unchecked::at(event, why))? {
            None => self.server.handle_timeout(self.now),
            Some(input) => {
                self.recorder.input(self.now, &input, Vec::new());
                self.server.handle_input(self.now, input);
            }
        }
        self.lines.is_told(&event.seen);
        self.equal.inputs = self.equal.inputs.saturating_add(1);
        self.compare_drops(event)
    }

    /// Something the captured server said: this one has to say it next.
    fn said(&mut self, event: &Event) -> Result<(), Trouble> {
        let Some(mut waiting) = self.waiting.take() else {
            return Err(self.differs(Fault::TooMuch, None, Some(event)));
        };
        match waiting.meets(event) {
            Fit::Partly => self.waiting = Some(waiting),
            Fit::Wholly => {
                self.equal.outputs = self.equal.outputs.saturating_add(1);
                self.head = waiting.into_head();
            }
            Fit::Not => {
                let fault = if self.comes_later(event) { Fault::Missing } else { Fault::Different };
                return Err(self.differs(fault, Some(waiting), Some(event)));
            }
        }
        Ok(())
    }

    /// Whether the server says this, too, but not next.
    fn comes_later(&mut self, event: &Event) -> bool {
        std::iter::from_fn(|| {
            self.look();
            self.waiting.take()
        })
        .any(|mut later| later.meets(event) != Fit::Not)
    }

    /// Fetches what the server has to say next, if that is not known.
    fn look(&mut self) {
        while self.waiting.is_none() {
            let Some(output) = self.server.poll_output() else { return };
            self.lines.is_said(&output);
            self.waiting = self.recorder.output(self.now, &output, Vec::new()).map(Waiting::new);
        }
    }

    /// What was dropped when the server was told this must be what the capture says of it.
    fn compare_drops(&mut self, event: &Event) -> Result<(), Trouble> {
        let after = self.server.stats().clone();
        let mut dropped = drop_comments(&std::mem::replace(&mut self.stats, after.clone()), &after);
        dropped.sort_unstable();
        if dropped == compare::dropped(event) {
            return Ok(());
        }
        let expected = Event { comments: dropped, ..event.clone() };
        Err(self.differs(Fault::Different, Some(Waiting::new(expected)), Some(event)))
    }

    /// The engine's time at this event.
    fn time(&self, event: &Event) -> Result<Instant, Unchecked> {
        // Beyond it nothing could be due later than now.
        const END: u64 = 1 << 62;
        let Some(since) = event.at.checked_sub(self.origin).filter(|since| *since < END) else {
            return Err(Unchecked::at(event, "its time is not one of the server's clock".into()));
        };
        let now = Instant::from_micros(since);
        if now < self.now {
            let back = self.now - now;
            return Err(Unchecked::at(
                event,
                format!("its time lies {back:?} before that of what came before it"),
            ));
        }
        Ok(now)
    }

    fn differs(&self, fault: Fault, expected: Option<Waiting>, captured: Option<&Event>) -> Trouble {
        let found = |event: &Event| {
            let ends = [difference::from(&event.seen), difference::to(&event.seen)];
            ends.into_iter()
                .flatten()
                .find_map(|end| self.lines.listener(end, difference::is_streamed(&event.seen)))
        };
        let (expected, matched) = expected.map(Waiting::into_parts).unzip();
        let listener = [expected.as_ref(), captured].into_iter().flatten().find_map(found);
        let listener = listener.and_then(|listener| self.config.listeners.get(listener.0)).copied();
        let around = Around { told: self.told.clone(), listener, head: self.head.clone() };
        Difference::new(fault, around, expected, matched.unwrap_or(0), captured).into()
    }
}

impl Unchecked {
    fn at(event: &Event, why: String) -> Self {
        Self { packet: Some(event.packet), why }
    }
}

impl From<Unchecked> for Trouble {
    fn from(unchecked: Unchecked) -> Self {
        Self::Unchecked(unchecked)
    }
}

impl From<Difference> for Trouble {
    fn from(difference: Difference) -> Self {
        Self::Differs(Box::new(difference))
    }
}

impl fmt::Display for Unchecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.packet {
            Some(packet) => write!(f, "packet {packet}: {}", self.why),
            None => f.write_str(&self.why),
        }
    }
}

impl core::error::Error for Unchecked {}
