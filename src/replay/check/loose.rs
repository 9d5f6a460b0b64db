//! The same for captures by others, as well as it can be done.
//!
//! In: what listens where, a seed, [`Event`]s of a capture that was made beside the server, from its start. Out: as
//! [`Check`](super::Check). Must not know files.
//!
//! Such a capture does not say when the server looked at its clock, in which pieces it read and wrote, nor whom it heard
//! first of two who spoke at the same instant. So what is said to one peer is compared in its order, streams as streams, and
//! nothing across peers; what the peers say is told in the order of the capture; timers are run as late as the capture
//! allows: before something comes that comes later than they are due, or when the captured server says what this one does
//! not say yet. No packet says that the server is stopped: it is when it says what it would say then and does not otherwise.
//! What the peers acknowledge counts as written. Ends of connections are told, not compared. A server that was
//! given other limits, rooms or timers than the defaults, or names or files from before, will differ.

use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};

use super::difference::{self, Around};
use super::told::{Lines, Role};
use super::{Difference, Equal, Fault, Told, Trouble, Unchecked};
use crate::capture::{Event, Recorder, Seen};
use crate::engine::{Config, Input, Listener, Server};
use crate::time::{Duration, Instant};

/// How much later than a timer is due something must come, so that the timer was surely first.
const SLACK: Duration = Duration::from_millis(2);
/// How long before the end of a capture something must be due to be in it.
const PATIENCE: Duration = Duration::from_secs(1);
/// How much the server may have said to one peer that the capture does not have yet.
const MOST: usize = 16_384;
/// A file that is said is kept in pieces of so many bytes: the capture brings it in small ones.
const PIECE: usize = 64 << 10;

/// Feeds a capture that somebody else made to a server, and compares.
#[derive(Debug)]
pub struct Loose {
    server: Server,
    config: Config,
    recorder: Recorder,
    lines: Lines,
    /// When the capture begins.
    start: Option<u64>,
    now: Instant,
    /// When the server was told something last: a timer that was due before is late.
    handled: Instant,
    told: Told,
    is_stopped: bool,
    /// What the server has said and the capture has not brought, by whom and to whom, and whether in a stream.
    said: BTreeMap<(SocketAddr, SocketAddr, bool), VecDeque<Event>>,
    equal: Equal,
}

impl Loose {
    /// For a server with these listeners, by their ports, and the defaults; its seed.
    #[must_use]
    pub fn new(ports: impl IntoIterator<Item = (u16, Listener)>, seed: u64) -> Self {
        let (addresses, listeners): (Vec<_>, Vec<_>) =
            ports.into_iter().map(|(port, listener)| (anywhere(port), listener)).unzip();
        let config = Config::new(listeners);
        Self {
            server: Server::new(config.clone(), seed),
            recorder: Recorder::new(0, addresses.clone()),
            lines: Lines::new(&addresses, &config),
            config,
            start: None,
            now: Instant::ZERO,
            handled: Instant::ZERO,
            told: Told { packet: 0, at: 0, what: "nothing yet", from: None },
            is_stopped: false,
            said: BTreeMap::new(),
            equal: Equal::default(),
        }
    }

    /// The next thing the capture has. After an error there is nothing more to check.
    ///
    /// # Errors
    /// When the server says something else, or when this cannot be checked.
    pub fn event(&mut self, event: &Event) -> Result<(), Trouble> {
        let mut event = event.clone();
        if !self.is_ours(&mut event.seen) {
            return Ok(());
        }
        let start = *self.start.get_or_insert_with(|| {
            self.recorder = Recorder::new(event.at, self.lines.addresses().collect());
            event.at
        });
        let since = event.at.saturating_sub(start);
        self.equal.packets = self.equal.packets.saturating_add(1);
        self.equal.span = Duration::from_micros(since).max(self.equal.span);
        // Captures by others may be a little out of order.
        self.now = Instant::from_micros(since.min(1 << 62)).max(self.now);
        match self.lines.role(&event.seen, false) {
            // Whoever does not read does not acknowledge either, and that is told.
            _ if matches!(event.seen, Seen::Window { .. }) => Ok(()),
            Err(why) => Err(Unchecked::at(&event, why).into()),
            Ok(Role::Nothing) => Ok(()),
            Ok(Role::Said) => self.said(&event),
            Ok(Role::Told) => self.tell(&event),
        }
    }

    /// The capture has ended.
    ///
    /// # Errors
    /// When the server says something that should have been in it.
    pub fn finish(mut self) -> Result<Equal, Trouble> {
        self.run_timers(PATIENCE);
        let last = self.start.unwrap_or(0).saturating_add(self.now.as_micros());
        let due = last.saturating_sub(u64::try_from(PATIENCE.as_micros()).unwrap_or(0));
        let missing = self.said.values_mut().find_map(|said| said.pop_front().filter(|first| first.at < due));
        match missing {
            Some(missing) => Err(self.differs(Fault::Missing, Some(missing), None)),
            None => Ok(self.equal),
        }
    }

    /// Whether it is from or to a listener, whose address becomes that which it has here.
    fn is_ours(&self, seen: &mut Seen) -> bool {
        let is_streamed = difference::is_streamed(seen);
        let Some((from, to)) = seen.ends_mut() else { return matches!(seen, Seen::Broken(_)) };
        for end in [to, from] {
            if self.lines.listener(anywhere(end.port()), is_streamed).is_some() {
                *end = anywhere(end.port());
                return true;
            }
        }
        false
    }

    fn tell(&mut self, event: &Event) -> Result<(), Trouble> {
        self.run_timers(SLACK);
        let (packet, at) = (event.packet, event.at);
        self.told =
            Told { packet, at, what: difference::what(&event.seen), from: difference::from(&event.seen) };
        match self.lines.input(&event.seen) {
            Ok(Some(input)) => {
                self.handled = self.now;
                self.recorder.input(self.now, &input, Vec::new());
                self.server.handle_input(self.now, input);
            }
            // The server has closed the connection, and the peer does not know yet.
            Ok(None) | Err(_) => return Ok(()),
        }
        self.lines.is_told(&event.seen);
        self.equal.inputs = self.equal.inputs.saturating_add(1);
        self.listen()
    }

    /// Runs what is due, if it has been for longer than this.
    fn run_timers(&mut self, slack: Duration) {
        while let Some(due) = self.server.poll_timeout().filter(|due| *due + slack <= self.now) {
            self.handled = self.handled.max(due);
            self.server.handle_timeout(self.handled);
            // A server that says too much is found out when it is told something next.
            let _ = self.listen();
        }
    }

    /// Remembers what the server says.
    fn listen(&mut self) -> Result<(), Trouble> {
        while let Some(output) = self.server.poll_output() {
            self.lines.is_said(&output);
            let Some(event) = self.recorder.output(self.handled, &output, Vec::new()) else { continue };
            let Some(key) = key(&event) else { continue };
            let said = self.said.entry(key).or_default();
            said.extend(pieces(event));
            if said.len() > MOST {
                let first = said.pop_front();
                return Err(self.differs(Fault::Missing, first, None));
            }
        }
        Ok(())
    }

    fn said(&mut self, event: &Event) -> Result<(), Trouble> {
        let Some(key) = key(event) else { return Ok(()) };
        if !self.has_said(key, event) {
            // What it says only when its time has come.
            self.run_timers(Duration::ZERO);
            if !self.has_said(key, event) {
                let first = self.said.get(&key).and_then(VecDeque::front).cloned();
                if self.stops_and_says(key, event) {
                    return Ok(());
                }
                let fault = if first.is_some() { Fault::Different } else { Fault::TooMuch };
                return Err(self.differs(fault, first, Some(event)));
            }
        }
        self.equal.outputs = self.equal.outputs.saturating_add(1);
        Ok(())
    }

    /// Whether it says this when it is stopped now. If not it does not matter any more that it is.
    fn stops_and_says(&mut self, key: (SocketAddr, SocketAddr, bool), event: &Event) -> bool {
        if std::mem::replace(&mut self.is_stopped, true) {
            return false;
        }
        self.handled = self.now;
        self.server.handle_input(self.now, Input::Stop);
        let said = self.listen().is_ok() && self.has_said(key, event);
        self.equal.inputs = self.equal.inputs.saturating_add(said.into());
        self.equal.outputs = self.equal.outputs.saturating_add(said.into());
        said
    }

    /// Whether the server has said this, too; then it is not waited for any more.
    fn has_said(&mut self, key: (SocketAddr, SocketAddr, bool), event: &Event) -> bool {
        let Some(said) = self.said.get_mut(&key) else { return false };
        let found = match &event.seen {
            Seen::Bytes { bytes, .. } => return takes(said, bytes),
            // A datagram may have been lost before it was captured.
            _ => said.iter().position(|said| said.seen == event.seen),
        };
        found.and_then(|at| said.remove(at)).is_some()
    }

    fn differs(&self, fault: Fault, expected: Option<Event>, captured: Option<&Event>) -> Trouble {
        let found = [expected.as_ref(), captured].into_iter().flatten().find_map(|event| {
            self.lines.listener(difference::from(&event.seen)?, difference::is_streamed(&event.seen))
        });
        let listener = found.and_then(|listener| self.config.listeners.get(listener.0)).copied();
        let around = Around { told: self.told.clone(), listener, head: None };
        // The time is not compared, so it does not differ.
        let at = captured.map(|event| event.at);
        let expected = expected.map(|event| Event { at: at.unwrap_or(event.at), ..event });
        Difference::new(fault, around, expected, 0, captured).into()
    }
}

/// The same in pieces that are not long.
fn pieces(event: Event) -> Vec<Event> {
    match &event.seen {
        Seen::Bytes { from, to, bytes, .. } if bytes.len() > PIECE => {
            let piece = |bytes: &[u8]| Event {
                seen: Seen::Bytes { from: *from, to: *to, bytes: bytes.to_vec(), pushed: false },
                comments: Vec::new(),
                ..event
            };
            bytes.chunks(PIECE).map(piece).collect()
        }
        _ => vec![event],
    }
}

/// Takes these bytes off the front of what was said in a stream, if they are there.
fn takes(said: &mut VecDeque<Event>, bytes: &[u8]) -> bool {
    let ours = said.iter().map_while(|event| match &event.seen {
        Seen::Bytes { bytes, .. } => Some(bytes),
        _ => None,
    });
    let mut ours = ours.flatten();
    if !bytes.iter().all(|byte| ours.next() == Some(byte)) {
        return false;
    }
    let mut left = bytes.len();
    while left > 0 {
        let Some(Event { seen: Seen::Bytes { bytes, .. }, .. }) = said.front_mut() else { return false };
        let taken = left.min(bytes.len());
        bytes.drain(..taken);
        left = left.saturating_sub(taken);
        if bytes.is_empty() {
            said.pop_front();
        }
    }
    true
}

/// Who says it to whom; `None` for what is not compared.
fn key(event: &Event) -> Option<(SocketAddr, SocketAddr, bool)> {
    match &event.seen {
        Seen::Datagram { from, to, .. } => Some((*from, *to, false)),
        Seen::Bytes { from, to, .. } => Some((*from, *to, true)),
        _ => None,
    }
}

/// Where every listener of this port is, whatever address it is reached at.
fn anywhere(port: u16) -> SocketAddr {
    (Ipv4Addr::UNSPECIFIED, port).into()
}
