//! What an operator can decide about the server.
//!
//! In: nothing. Out: plain data with the protocol's defaults. Must not know files, arguments or addresses.

use serde::{Deserialize, Serialize};

use crate::ids::ListenerId;
use crate::reliable::{Policy, Quota, Timing};
use crate::time::Duration;
use crate::wire::Integrity;

/// Which protocol a listener speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// The messaging session protocol, over UDP (`spec/msp.md`).
    Msp,
    /// Shen's protocol, over UDP (`spec/shen.md`).
    Shen,
    /// Matou, over TCP (`spec/matou.md`).
    Matou,
    /// Stories, over TCP (`spec/stories.md`).
    Stories,
    /// STUMTP, over TCP (`spec/stumtp.md`).
    Stumtp,
}

/// The dialects in datagrams, whose people are peers with a link of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Packed {
    /// See [`Dialect::Msp`].
    Msp,
    /// See [`Dialect::Shen`].
    Shen,
}

/// The dialects in streams, whose people have seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Streamed {
    /// See [`Dialect::Matou`].
    Matou,
    /// See [`Dialect::Stories`].
    Stories,
    /// See [`Dialect::Stumtp`].
    Stumtp,
}

/// How a dialect travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carriage {
    /// In datagrams.
    Datagrams(Packed),
    /// In a stream.
    Stream(Streamed),
}

impl From<Packed> for Dialect {
    fn from(dialect: Packed) -> Self {
        match dialect {
            Packed::Msp => Self::Msp,
            Packed::Shen => Self::Shen,
        }
    }
}

impl From<Streamed> for Dialect {
    fn from(dialect: Streamed) -> Self {
        match dialect {
            Streamed::Matou => Self::Matou,
            Streamed::Stories => Self::Stories,
            Streamed::Stumtp => Self::Stumtp,
        }
    }
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Msp, Self::Shen, Self::Matou, Self::Stories, Self::Stumtp];

    /// Its name in configurations and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Msp => "msp",
            Self::Shen => "shen",
            Self::Matou => "matou",
            Self::Stories => "stories",
            Self::Stumtp => "stumtp",
        }
    }

    /// Whether it is spoken over connections, not in datagrams.
    #[must_use]
    pub const fn is_streamed(self) -> bool {
        matches!(self.carriage(), Carriage::Stream(_))
    }

    pub(super) const fn carriage(self) -> Carriage {
        match self {
            Self::Msp => Carriage::Datagrams(Packed::Msp),
            Self::Shen => Carriage::Datagrams(Packed::Shen),
            Self::Matou => Carriage::Stream(Streamed::Matou),
            Self::Stories => Carriage::Stream(Streamed::Stories),
            Self::Stumtp => Carriage::Stream(Streamed::Stumtp),
        }
    }
}

/// One address the server is reached at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// What is spoken there.
    pub dialect: Dialect,
    /// Whether datagrams carry a checksum there. Streams have none.
    pub integrity: Integrity,
    /// How the server repeats what it asks there. In streams nothing is repeated.
    pub timing: Timing,
}

impl Listener {
    /// A plain MSP listener: T = 100 ms, M = 10, adaptive (M13).
    #[must_use]
    pub fn msp() -> Self {
        Self { dialect: Dialect::Msp, integrity: Integrity::None, timing: Timing::default() }
    }

    /// A plain listener of Shen's protocol: T = 2 s, its least, and M = 5 (S6).
    #[must_use]
    pub const fn shen() -> Self {
        Self { dialect: Dialect::Shen, integrity: Integrity::None, timing: SHEN_TIMING }
    }

    /// A plain listener of this dialect.
    #[must_use]
    pub fn of(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Shen => Self::shen(),
            dialect => Self { dialect, ..Self::msp() },
        }
    }
}

/// The timer of Shen's protocol (S6). It never adapts: 2 s is the least that the protocol allows.
const SHEN_TIMING: Timing = Timing { timer: Duration::from_secs(2), tries: 5, policy: Policy::Fixed };

/// All the server needs to know before it starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Its listeners; a [`ListenerId`](crate::ids::ListenerId) is an index into these.
    pub listeners: Vec<Listener>,
    /// What it bears.
    pub limits: Limits,
    /// The rooms that always exist where there is a listener of Stories or STUMTP (B4). What is no possible name of a room
    /// is left out.
    pub rooms: Vec<String>,
}

impl Config {
    /// One plain MSP listener, and defaults.
    #[must_use]
    pub fn msp() -> Self {
        Self::new(vec![Listener::msp()])
    }

    /// These listeners, and defaults.
    #[must_use]
    pub fn new(listeners: Vec<Listener>) -> Self {
        let rooms = ["room1", "room2", "room3"].map(String::from).into();
        Self { listeners, limits: Limits::default(), rooms }
    }

    /// Whether rooms are configured to exist (B4).
    pub(super) fn has_rooms(&self) -> bool {
        let with = [Dialect::Stories, Dialect::Stumtp];
        self.listeners.iter().any(|listener| with.contains(&listener.dialect))
    }

    /// Whether datagrams of a listener carry a checksum.
    pub(super) fn integrity(&self, listener: ListenerId) -> Integrity {
        self.listeners.get(listener.0).map(|listener| listener.integrity).unwrap_or_default()
    }

    /// How a listener repeats what it asks.
    pub(super) fn timing(&self, listener: ListenerId) -> Timing {
        self.listeners.get(listener.0).map(|listener| listener.timing).unwrap_or_default()
    }
}

/// A token bucket: so many in a burst, so many a second after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Tokens that come back a second; at least 1.
    pub per_second: u32,
    /// Tokens there can be at most; at least 1.
    pub burst: u32,
}

/// How much one peer may ask of the server, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Requests of one registered peer (M15).
    pub requests: Rate,
    /// Answers to unregistered sources of one network, a /32 or a /64 (M15).
    pub strangers_of_a_network: Rate,
    /// Answers to all unregistered sources together (M15).
    pub strangers: Rate,
    /// The longest text, in bytes (M25).
    pub max_text: usize,
    /// What may wait for one silent receiver (M17).
    pub mailbox: Quota,
    /// A peer that is silent for so long is gone (M5).
    pub silence: Duration,
    /// An id is not given to somebody else for so long (M5).
    pub id_rest: Duration,
    /// Connections that may be open.
    pub connections: usize,
    /// Connections that one address may have open.
    pub connections_of_address: usize,
    /// The longest message of Stories, in bytes (B1).
    pub max_frame: usize,
    /// The largest file, in bytes (B5).
    pub max_file: usize,
    /// The most files that are kept; the oldest go for new ones (B5).
    pub files: usize,
    /// The most bytes of all files together, likewise. Files alike count each (B5).
    pub file_bytes: u64,
    /// How many bytes of files, in base64, may be on their way to those who want them; each counts once (B5).
    pub files_on_the_way: usize,
    /// What may wait for a slow reader beyond the message being written, in bytes, before he has to go on reading (A6);
    /// at 16 times as much he is let go at once.
    pub backlog: usize,
    /// How long such a reader may take nothing.
    pub idle_reader: Duration,
    /// How many bytes of messages of which only a part has come may be held for all connections together.
    pub half_messages: usize,
    /// How long half a message may wait for its other half; a message that keeps coming has a second more for each KiB.
    pub half_message: Duration,
    /// When ids run out, one whose holder said nothing for so long after his CONNEXION is taken back (M15).
    pub unspoken: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: Rate { per_second: 50, burst: 200 },
            strangers_of_a_network: Rate { per_second: 200, burst: 1_000 },
            strangers: Rate { per_second: 5_000, burst: 10_000 },
            max_text: 60_000,
            mailbox: Quota::default(),
            silence: Duration::from_secs(3 * 45),
            id_rest: Duration::from_secs(60),
            connections: 1_024,
            connections_of_address: 64,
            max_frame: 24 << 20,
            max_file: 16 << 20,
            files: 256,
            file_bytes: 1 << 30,
            files_on_the_way: 256 << 20,
            backlog: 1 << 20,
            idle_reader: Duration::from_secs(10),
            half_messages: 256 << 20,
            half_message: Duration::from_secs(60),
            unspoken: Duration::from_secs(10),
        }
    }
}
