//! Signals that end a session politely.
//!
//! In: SIGINT, SIGTERM, SIGHUP. Out: a flag, and a driver that wakes up. Must not know what leaving means.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use palabre::client::driver::Waker;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::{pipe, raise};

/// The shell's exit code for a program that SIGINT ended.
const ENDED_BY_SIGINT: i32 = 130;

/// The signals that came, and those that we sent to ourselves.
#[derive(Clone, Debug)]
pub(super) struct Interrupts(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    came: AtomicBool,
    /// A SIGINT of our own is on its way: it only ends the reading of a line.
    ours: AtomicBool,
}

impl Interrupts {
    /// Catches the signals from now on. One that comes before the last was looked at ends the program at once.
    pub(super) fn catch(waker: &Waker) -> io::Result<Self> {
        let interrupts = Self(Arc::new(Flags::default()));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            let (mut end, wake) = UnixStream::pair()?;
            pipe::register(signal, wake)?;
            let (interrupts, waker) = (interrupts.clone(), waker.clone());
            thread::spawn(move || {
                while end.read_exact(&mut [0]).is_ok() {
                    if signal == SIGINT && interrupts.take_ours() {
                        continue;
                    }
                    if interrupts.0.came.swap(true, Ordering::SeqCst) {
                        process::exit(ENDED_BY_SIGINT);
                    }
                    // Without it the flag is seen a little later.
                    let _ = waker.wake();
                }
            });
        }
        Ok(interrupts)
    }

    /// Whether one of them came since the last call.
    pub(super) fn came(&self) -> bool {
        self.0.came.swap(false, Ordering::SeqCst)
    }

    /// Interrupts whoever reads a line from the terminal.
    pub(super) fn interrupt_reader(&self) {
        self.0.ours.store(true, Ordering::SeqCst);
        let _ = raise(SIGINT);
    }

    /// Whether an interruption is our own doing, which is asked once for each.
    pub(super) fn take_ours(&self) -> bool {
        self.0.ours.swap(false, Ordering::SeqCst)
    }
}
