//! SIGTERM and SIGINT as something the loop can wait for.
//!
//! In: signals. Out: a readable socket. Must not know what is done about them.
//!
//! A handler may do next to nothing, so it writes one byte to a socket pair whose other end the loop waits on. A second
//! signal does not wait for the loop: it ends the process there and then.

use std::io::{self, Read};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use mio::net::UnixStream;
use mio::{Interest, Registry, Token};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::{pipe, unregister};
use signal_hook::{SigId, flag};

/// The signals that stop what runs, from its making to its end.
#[derive(Debug)]
pub(crate) struct Signals {
    end: UnixStream,
    handlers: Vec<SigId>,
}

impl Signals {
    /// Catches the signals from now on; `token` becomes readable when one comes.
    pub(crate) fn catch(registry: &Registry, token: Token) -> io::Result<Self> {
        let (wake, end) = StdUnixStream::pair()?;
        end.set_nonblocking(true)?;
        let mut end = UnixStream::from_std(end);
        registry.register(&mut end, token, Interest::READABLE)?;
        let mut signals = Self { end, handlers: Vec::new() };
        let caught = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            // In this order: the first signal finds the flag down and raises it, the next one finds it up. The exit code
            // is the shell's for a process that a signal ended.
            let ended = 128 + signal;
            signals.handlers.push(flag::register_conditional_shutdown(signal, ended, Arc::clone(&caught))?);
            signals.handlers.push(flag::register(signal, Arc::clone(&caught))?);
            signals.handlers.push(pipe::register(signal, wake.try_clone()?)?);
        }
        Ok(signals)
    }

    /// Whether a signal has come since the last call.
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
