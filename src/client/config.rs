//! What a client has to know before it starts.
//!
//! In: nothing. Out: plain data. Must not know sockets or clocks.

use std::net::SocketAddr;

use crate::reliable::Timing;
use crate::time::Duration;
use crate::wire::Integrity;

/// Who the client is, where its server is, how it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The name to register under: 1 to 10 bytes without '#' and control characters.
    pub name: String,
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
    /// A client called `name` of the server at `server`, with the protocol's defaults.
    #[must_use]
    pub fn new(name: &str, server: SocketAddr) -> Self {
        Self {
            name: name.into(),
            server,
            timing: Timing::default(),
            integrity: Integrity::None,
            keep_alive: Duration::from_secs(45),
            attempts: 3,
            patience: Duration::from_secs(10),
        }
    }
}
