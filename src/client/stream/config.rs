//! What a client of a protocol over TCP has to know before it starts.
//!
//! In: nothing. Out: plain data. Must not know sockets or clocks.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::time::Duration;

/// What the client and its server speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Matou (`spec/matou.md`).
    Matou,
    /// Stories (`spec/stories.md`), in its style of quotation marks.
    Stories,
    /// STUMTP (`spec/stumtp.md`).
    Stumtp,
}

/// Who the client is, and where its server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The name to be known by: 1 to 32 bytes; each protocol has rules of its own besides (A1, B3).
    pub name: String,
    /// What is spoken.
    pub protocol: Protocol,
    /// Where the server listens.
    pub server: SocketAddr,
    /// For how long a server may be silent, while something waits for it, before that is given up.
    pub patience: Duration,
    /// The folder for files that others send, made when the first one comes.
    pub downloads: PathBuf,
}

impl Config {
    /// A client called `name` of the server at `server`.
    #[must_use]
    pub fn new(protocol: Protocol, name: &str, server: SocketAddr) -> Self {
        Self {
            name: name.into(),
            protocol,
            server,
            patience: Duration::from_secs(10),
            downloads: PathBuf::from("downloads"),
        }
    }
}
