//! The server on real sockets: the only place that knows a clock, chance, signals, files and the network.
//!
//! In: [`Settings`]. Out: a [`Daemon`] that listens, and that serves until it is told to stop. Must not know what a
//! datagram or a stream means: it carries bytes to the [engine](crate::engine) and back.
//!
//! ```no_run
//! use palabre::daemon::{Daemon, Settings};
//!
//! let mut daemon = Daemon::bind(&Settings::msp(["127.0.0.1:7401".parse()?]))?;
//! daemon.stop_on_signals()?;
//! daemon.run()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod carry;
pub(crate) mod clock;
mod faults;
mod listening;
mod outbox;
mod report;
mod run;
pub(crate) mod seed;
mod settings;
pub(crate) mod signals;
mod state;
mod tap;
mod tcp;
mod udp;

pub use run::Daemon;
pub use settings::{BindError, CaptureSettings, Settings};
pub use signals::Stopper;
pub use state::{DirectoryStore, StateError};
pub(crate) use tcp::TcpListener;
pub(crate) use udp::open as open_udp;
