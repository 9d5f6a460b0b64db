//! SIGTERM, SIGINT and the word of another thread as something the loop can wait for.
//!
//! In: signals, [`Stopper::stop`]. Out: a readable socket. Must not know what is done about them.
//!
//! A handler may do next to nothing, so it writes one byte to a socket pair whose other end the loop waits on. A second
//! signal does not wait for the loop: it ends the process there and then.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use mio::net::UnixStream;
use mio::{Interest, Registry, Token};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::{pipe, unregister};
use signal_hook::{SigId, flag};

/// Stops a daemon from another thread, as a signal would.
#[derive(Debug)]
pub struct Stopper(StdUnixStream);

impl Stopper {
    /// The daemon says goodbye, then [`Daemon::run`](super::Daemon::run) returns. Nothing happens when it has already.
    pub fn stop(&self) {
        // What keeps the byte from being written is that nobody waits for it any more.
        let _ = (&self.0).write(&[0]);
    }
}

/// What stops what runs, from its making to its end.
#[derive(Debug)]
pub(crate) struct Signals {
    wake: StdUnixStream,
    end: UnixStream,
    handlers: Vec<SigId>,
}

impl Signals {
    /// Nothing stops it yet; `token` becomes readable when something does.
    pub(crate) fn open(registry: &Registry, token: Token) -> io::Result<Self> {
        let (wake, end) = StdUnixStream::pair()?;
        wake.set_nonblocking(true)?;
        end.set_nonblocking(true)?;
        let mut end = UnixStream::from_std(end);
        registry.register(&mut end, token, Interest::READABLE)?;
        Ok(Self { wake, end, handlers: Vec::new() })
    }

    /// For another thread.
    pub(crate) fn stopper(&self) -> io::Result<Stopper> {
        self.wake.try_clone().map(Stopper)
    }

    /// Catches the signals from now on; `token` becomes readable when one comes.
    pub(crate) fn catch(registry: &Registry, token: Token) -> io::Result<Self> {
        let mut signals = Self::open(registry, token)?;
        signals.catch_more()?;
        Ok(signals)
    }

    /// Catches the signals, too.
    pub(crate) fn catch_more(&mut self) -> io::Result<()> {
        let caught = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            // In this order: the first signal finds the flag down and raises it, the next one finds it up. The exit code
            // is the shell's for a process that a signal ended.
            let ended = 128 + signal;
            self.handlers.push(flag::register_conditional_shutdown(signal, ended, Arc::clone(&caught))?);
            self.handlers.push(flag::register(signal, Arc::clone(&caught))?);
            self.handlers.push(pipe::register(signal, self.wake.try_clone()?)?);
        }
        Ok(())
    }

    /// Whether it was stopped since the last call.
    pub(crate) fn came(&mut self) -> bool {
        let mut bytes = [0; 16];
        loop {
            match self.end.read(&mut bytes) {
                Ok(count) => return count > 0,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for handler in self.handlers.drain(..) {
            unregister(handler);
        }
    }
}
