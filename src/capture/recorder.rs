//! What the engine is told and says, as what a capture tells.
//!
//! In: inputs and outputs of the engine, at its own times. Out: [`Event`]s, as a reader of the file will tell them. Must
//! not know what a message says, nor how a file looks.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use super::packet::longest_datagram;
use super::words::event_words;
use super::{Event, Seen};
use crate::engine::{Event as Reported, Input, Output};
use crate::ids::{ConnectionId, ListenerId};
use crate::time::Instant;

/// The note that stands in the place of a datagram that no IP packet carries.
pub(super) const TOO_LONG: &str = "too long";

/// Tells what the engine is told and says. It knows which connection is whose: a capture knows only addresses.
///
/// It says a thing only where a packet can: an empty write, or a wish to read that changes nothing, is `None`. So what is
/// recorded and what is read from the file are the same.
///
/// ```
/// use palabre::capture::{Recorder, Seen};
/// use palabre::engine::Input;
/// use palabre::ids::ListenerId;
/// use palabre::time::Instant;
///
/// let mut recorder = Recorder::new(1_700_000_000_000_000, vec!["127.0.0.1:7401".parse()?]);
/// let input = Input::Datagram { listener: ListenerId(0), from: "127.0.0.1:9".parse()?, bytes: &[0x08] };
/// let event = recorder.input(Instant::from_micros(5), &input, Vec::new()).expect("it is a listener");
/// assert_eq!(event.at, 1_700_000_000_000_005);
/// assert!(matches!(event.seen, Seen::Datagram { .. }));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Recorder {
    origin: u64,
    addresses: Vec<SocketAddr>,
    connections: BTreeMap<ConnectionId, Ends>,
}

/// What the engine said, on its way to a capture. What it writes to a stream, which may be a whole file, is still shared
/// with all who get it.
#[derive(Clone, Debug)]
pub struct Record {
    /// Without the bytes that are shared.
    event: Event,
    shared: Option<Arc<[u8]>>,
}

impl Record {
    /// When it was, in microseconds since 1970; what was remarked; and what was seen, but for the bytes that are shared.
    #[must_use]
    pub const fn event(&self) -> &Event {
        &self.event
    }

    /// The bytes that others may have, too.
    #[must_use]
    pub const fn shared(&self) -> Option<&Arc<[u8]>> {
        self.shared.as_ref()
    }

    /// The event with a copy of its bytes.
    #[must_use]
    pub fn into_event(mut self) -> Event {
        if let (Some(shared), Seen::Bytes { bytes, .. }) = (self.shared, &mut self.event.seen) {
            *bytes = shared.to_vec();
        }
        self.event
    }
}

impl From<Event> for Record {
    fn from(event: Event) -> Self {
        Self { event, shared: None }
    }
}

/// The two ends of a connection.
#[derive(Clone, Copy, Debug)]
struct Ends {
    peer: SocketAddr,
    server: SocketAddr,
    /// Whether the engine wants to read it.
    is_read: bool,
}

impl Recorder {
    /// `origin_micros`: when the engine's clock began, in microseconds since 1970. `addresses`: where its listeners
    /// listen, in their order, as [`on_the_wire`] has them.
    #[must_use]
    pub const fn new(origin_micros: u64, addresses: Vec<SocketAddr>) -> Self {
        Self { origin: origin_micros, addresses, connections: BTreeMap::new() }
    }

    /// The engine was told this at `now`. `None`: no packet could say it, as of a connection that is not known.
    pub fn input(&mut self, now: Instant, input: &Input<'_>, comments: Vec<String>) -> Option<Event> {
        let seen = match *input {
            Input::Datagram { listener, from, bytes } => {
                datagram(on_the_wire(from), self.address(listener)?, bytes.to_vec())
            }
            Input::Opened { listener, connection, from } => self.opened(listener, connection, from)?,
            Input::Bytes { connection, bytes } => {
                let Ends { peer: from, server: to, .. } = self.ends(connection)?;
                if bytes.is_empty() {
                    return None;
                }
                Seen::Bytes { from, to, bytes: bytes.to_vec(), pushed: true }
            }
            Input::Written { connection, bytes } => {
                let Ends { peer: from, server: to, .. } = self.ends(connection)?;
                let bytes = u64::try_from(bytes).ok().filter(|bytes| *bytes > 0)?;
                Seen::Acknowledged { from, to, bytes }
            }
            Input::Ended { connection } => {
                let Ends { peer: from, server: to, .. } = self.ends(connection)?;
                Seen::Ended { from, to }
            }
            Input::Closed { connection } => {
                let Ends { peer: from, server: to, .. } = self.connections.remove(&connection)?;
                Seen::Reset { from, to }
            }
            Input::Stop => Seen::Note("stop".into()),
        };
        Some(self.event(now, seen, comments))
    }

    /// The engine said this at `now`. `None`: as above.
    pub fn output(&mut self, now: Instant, output: &Output, comments: Vec<String>) -> Option<Event> {
        self.said(now, output, comments).map(Record::into_event)
    }

    /// The same, but the bytes of a stream are not copied yet: for those who must not take long.
    pub fn said(&mut self, now: Instant, output: &Output, comments: Vec<String>) -> Option<Record> {
        let mut shared = None;
        let seen = match output {
            Output::Datagram(sent) => {
                datagram(self.address(sent.listener)?, on_the_wire(sent.to), sent.payload.to_vec())
            }
            Output::Bytes { connection, bytes } => {
                let Ends { peer: to, server: from, .. } = self.ends(*connection)?;
                if bytes.is_empty() {
                    return None;
                }
                shared = Some(Arc::clone(bytes));
                Seen::Bytes { from, to, bytes: Vec::new(), pushed: true }
            }
            Output::Reading { connection, wanted } => {
                let ends = self.connections.get_mut(connection)?;
                if core::mem::replace(&mut ends.is_read, *wanted) == *wanted {
                    return None;
                }
                Seen::Window { from: ends.server, to: ends.peer, is_open: *wanted }
            }
            Output::Close { connection, flush } => {
                let Ends { peer: to, server: from, .. } = self.connections.remove(connection)?;
                if *flush { Seen::Ended { from, to } } else { Seen::Reset { from, to } }
            }
            Output::Event(event) => Seen::Note(format!("event {}", event_words(&reported(event)))),
        };
        Some(Record { event: self.event(now, seen, comments), shared })
    }

    /// The engine was told the time.
    #[must_use]
    pub fn timer(&self, now: Instant, comments: Vec<String>) -> Event {
        self.event(now, Seen::Note("timer".into()), comments)
    }

    fn opened(&mut self, listener: ListenerId, connection: ConnectionId, peer: SocketAddr) -> Option<Seen> {
        let (peer, server) = (on_the_wire(peer), self.address(listener)?);
        self.connections.insert(connection, Ends { peer, server, is_read: true });
        Some(Seen::Opened { from: peer, to: server })
    }

    fn address(&self, listener: ListenerId) -> Option<SocketAddr> {
        self.addresses.get(listener.0).copied()
    }

    fn ends(&self, connection: ConnectionId) -> Option<Ends> {
        self.connections.get(&connection).copied()
    }

    fn event(&self, now: Instant, seen: Seen, comments: Vec<String>) -> Event {
        Event { packet: 0, at: self.origin.saturating_add(now.as_micros()), comments, seen }
    }
}

/// An address as packets have it: a link-local one of IPv6 without the interface it is reached by.
#[must_use]
pub fn on_the_wire(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip(), address.port())
}

/// What is reported, as a server reports it that has its peers' addresses from a capture.
fn reported(event: &Reported) -> Reported {
    let mut event = event.clone();
    if let Reported::Arrived { from, .. } = &mut event {
        *from = on_the_wire(*from);
    }
    event
}

fn datagram(from: SocketAddr, to: SocketAddr, bytes: Vec<u8>) -> Seen {
    if bytes.len() > longest_datagram(from, to) {
        return Seen::Note(TOO_LONG.into());
    }
    Seen::Datagram { from, to, bytes, missing: 0 }
}
