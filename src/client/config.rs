//! What a client has to know before it starts.
//!
//! In: nothing. Out: plain data. Must not know sockets or clocks.

use std::net::SocketAddr;

use crate::reliable::{Policy, Timing};
use crate::time::Duration;
use crate::wire::Integrity;

/// What the client and its server speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// The messaging session protocol (`spec/msp.md`).
    #[default]
    Msp,
    /// Shen's protocol (`spec/shen.md`).
    Shen,
}

/// Who the client is, where its server is, how it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The name to register under. In MSP: 1 to 10 bytes without '#' and control characters. In Shen's protocol: 1 to 30
    /// characters, at most 64 bytes, without comma and control characters (S15).
    pub name: String,
    /// What is spoken.
    pub protocol: Protocol,
    /// Where the server listens.
    pub server: SocketAddr,
    /// How requests are repeated.
    pub timing: Timing,
    /// Whether datagrams carry a checksum (M16): as the server has it.
    pub integrity: Integrity,
    /// How often the server is told that we are still there; 45 s in the protocol.
    pub keep_alive: Duration,
    /// How often registration is tried, M tries each, before the client gives up.
    pub attempts: u32,
    /// For how long a server may be silent, while something waits for it, before what waits is given up.
    pub patience: Duration,
}

impl Config {
    /// A client called `name` of the server at `server`, with MSP's defaults.
    #[must_use]
    pub fn new(name: &str, server: SocketAddr) -> Self {
        Self {
            name: name.into(),
            protocol: Protocol::Msp,
            server,
            timing: Timing::default(),
            integrity: Integrity::None,
            keep_alive: Duration::from_secs(45),
            attempts: 3,
            patience: Duration::from_secs(10),
        }
    }

    /// The same for a server that speaks Shen's protocol: T = 2 s, its least, and M = 5 (S6).
    #[must_use]
    pub fn shen(name: &str, server: SocketAddr) -> Self {
        let timing = Timing { timer: Duration::from_secs(2), tries: 5, policy: Policy::Fixed };
        Self { protocol: Protocol::Shen, timing, ..Self::new(name, server) }
    }
}
