//! What an operator can decide about the server.
//!
//! In: nothing. Out: plain data with the protocol's defaults. Must not know files, arguments or addresses.

use crate::ids::ListenerId;
use crate::reliable::{Policy, Quota, Timing};
use crate::time::Duration;
use crate::wire::Integrity;

/// Which protocol a listener speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// The messaging session protocol, over UDP (`spec/msp.md`).
    Msp,
    /// Shen's protocol, over UDP (`spec/shen.md`).
    Shen,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Msp, Self::Shen];

    /// Its name in configurations and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Msp => "msp",
            Self::Shen => "shen",
        }
    }
}

/// One address the server is reached at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    /// What is spoken there.
    pub dialect: Dialect,
    /// Whether datagrams carry a checksum there.
    pub integrity: Integrity,
    /// How the server repeats what it asks there.
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
}

/// The timer of Shen's protocol (S6). It never adapts: 2 s is the least that the protocol allows.
const SHEN_TIMING: Timing = Timing { timer: Duration::from_secs(2), tries: 5, policy: Policy::Fixed };

/// All the server needs to know before it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Its listeners; a [`ListenerId`](crate::ids::ListenerId) is an index into these.
    pub listeners: Vec<Listener>,
    /// What it bears.
    pub limits: Limits,
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
        Self { listeners, limits: Limits::default() }
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tokens that come back a second; at least 1.
    pub per_second: u32,
    /// Tokens there can be at most; at least 1.
    pub burst: u32,
}

/// How much one peer may ask of the server, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
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
            unspoken: Duration::from_secs(10),
        }
    }
}
