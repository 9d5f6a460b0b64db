//! What a daemon is told before it starts, and why it cannot.
//!
//! In: addresses and the engine's own limits. Out: plain data, and words for the operator. Must not know where settings
//! come from.

use core::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::state::StateError;
use crate::engine::{Config, Dialect, Listener};

/// All a daemon needs to know before it starts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens: one address for each listener of `config`, in the same order. Port 0 lets the system choose.
    pub addresses: Vec<SocketAddr>,
    /// What is spoken there, and how.
    pub config: Config,
    /// The directory for what outlives the daemon: files people have sent, and the names of Shen's protocol. Without one
    /// they go with the daemon.
    pub state: Option<PathBuf>,
    /// What chance begins with; `None`: what nobody can guess. With the same seed, and the same inputs at the same times,
    /// a server says the same again, so its first sequence numbers and tokens can be guessed.
    pub seed: Option<u64>,
    /// Whether all that comes and goes is written to a file.
    pub capture: Option<CaptureSettings>,
}

/// Where a capture is written (`spec/capture.md` of the repository).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureSettings {
    /// The file; one that is there is renamed (`talk.pcapng` becomes `talk.1.pcapng`). A pipe or a device is written to as
    /// it is, without end.
    pub path: PathBuf,
    /// At how many bytes another file begins.
    pub limit: u64,
}

impl Settings {
    /// Plain MSP listeners, and the protocol's defaults.
    #[must_use]
    pub fn msp(addresses: impl IntoIterator<Item = SocketAddr>) -> Self {
        let addresses: Vec<_> = addresses.into_iter().collect();
        let config = Config::new(vec![Listener::msp(); addresses.len()]);
        Self { addresses, config, state: None, seed: None, capture: None }
    }
}

/// Why a daemon cannot start. Its words name what, where and what to do, on one line.
#[derive(Debug)]
pub enum BindError {
    /// There is nothing to listen on.
    NoListener,
    /// There are not as many addresses as listeners.
    Unmatched {
        /// How many addresses there are.
        addresses: usize,
        /// How many listeners.
        listeners: usize,
    },
    /// An address cannot be listened on.
    Address {
        /// What was to be spoken there.
        dialect: Dialect,
        /// Which.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// What a daemon before this one has left cannot be used.
    State(StateError),
    /// The file of the capture cannot be made.
    Capture {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system gives no way to wait for several sockets.
    Poll(io::Error),
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoListener => f.write_str("there is no address to listen on: name at least one"),
            Self::Unmatched { addresses, listeners } => {
                write!(f, "there are {addresses} addresses for {listeners} listeners: each needs one")
            }
            Self::Address { dialect, address, source } => {
                let transport = if dialect.is_streamed() { "tcp" } else { "udp" };
                write!(f, "cannot listen on {address}/{transport}: ")?;
                match source.kind() {
                    io::ErrorKind::AddrInUse => {
                        f.write_str("the port is in use: stop the program that has it or choose another port")
                    }
                    io::ErrorKind::AddrNotAvailable => f.write_str(
                        "this machine does not have that address: choose one it has, or 0.0.0.0 or [::] for all",
                    ),
                    io::ErrorKind::PermissionDenied => {
                        write!(f, "{source}: choose a port from 1024 up, or grant CAP_NET_BIND_SERVICE")
                    }
                    _ => write!(f, "{source}"),
                }
            }
            Self::State(source) => write!(f, "{source}"),
            Self::Capture { path, source } if source.kind() == io::ErrorKind::NotFound => {
                write!(f, "cannot write {}: its directory is not there: make it first", path.display())
            }
            Self::Capture { path, source } => write!(f, "cannot write {}: {source}", path.display()),
            Self::Poll(source) => write!(f, "cannot wait for sockets: {source}"),
        }
    }
}

impl std::error::Error for BindError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NoListener | Self::Unmatched { .. } => None,
            Self::Address { source, .. } | Self::Capture { source, .. } | Self::Poll(source) => Some(source),
            Self::State(source) => source.source(),
        }
    }
}
