//! A daemon that captures, and the ways to it.
//!
//! In: what is to be served, how bad a link is. Out: addresses; at the end, a finished capture. Must not know what is said.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};

use palabre::daemon::{CaptureSettings, Daemon, Settings, Stopper};
use palabre::engine::{Config, Dialect, Limits, Listener};
use palabre::link::{Carries, Flow, Link};
use palabre::netsim::Conditions;
use palabre::time::Duration;
use palabre::wire::Integrity;

/// How often a link looks whether it is over.
const LOOK: Duration = Duration::from_millis(20);

/// What a scene wants served.
pub(super) struct Setup {
    addresses: Vec<SocketAddr>,
    listeners: Vec<Listener>,
    /// What the daemon bears.
    pub(super) limits: Limits,
    /// The rooms that always exist.
    pub(super) rooms: Vec<String>,
}

impl Setup {
    pub(super) fn new() -> Self {
        let Config { limits, rooms, listeners } = Config::new(Vec::new());
        Self { addresses: Vec::new(), listeners, limits, rooms }
    }

    /// It listens at 127.0.0.1.
    pub(super) fn speaks(&mut self, dialect: Dialect) -> &mut Listener {
        self.speaks_at("127.0.0.1", dialect)
    }

    pub(super) fn speaks_at(&mut self, own: &str, dialect: Dialect) -> &mut Listener {
        self.addresses.push((own.parse::<std::net::IpAddr>().expect("an address"), 0).into());
        self.listeners.push(Listener::of(dialect));
        self.listeners.last_mut().expect("it was just put there")
    }

    /// With a checksum in its datagrams (M16).
    pub(super) fn guards(&mut self, dialect: Dialect) {
        self.speaks(dialect).integrity = Integrity::Crc32;
    }

    /// These listeners repeat after 50 ms, so that a bad link costs no minutes.
    pub(super) fn faster(&mut self, listeners: &[usize]) {
        for at in listeners {
            let listener = self.listeners.get_mut(*at).expect("a listener");
            listener.timing.timer = Duration::from_millis(50);
        }
    }

    /// All five, one after the other.
    pub(super) fn speaks_all(&mut self) {
        for dialect in Dialect::ALL {
            self.speaks(dialect);
        }
    }
}

/// A daemon that runs, until the stage is dropped.
pub(super) struct Stage {
    addresses: Vec<SocketAddr>,
    links: RefCell<Vec<BadLink>>,
    stopper: Stopper,
    daemon: Option<JoinHandle<()>>,
}

impl Stage {
    /// Starts it; what comes and goes stands in this file.
    pub(super) fn open(setup: Setup, seed: u64, path: &Path) -> Self {
        let Setup { addresses, listeners, limits, rooms } = setup;
        let config = Config { listeners, limits, rooms };
        let capture = Some(CaptureSettings { path: path.to_owned(), limit: 16 << 20 });
        let settings = Settings { addresses, config, state: None, seed: Some(seed), capture };
        let (say, hear) = channel();
        let daemon = thread::spawn(move || {
            let mut daemon = Daemon::bind(&settings).expect("a daemon");
            let addresses: Vec<_> = daemon.local_addresses().collect();
            say.send((addresses, daemon.stopper().expect("a stopper"))).expect("somebody waits");
            daemon.run().expect("it ends well");
        });
        let (addresses, stopper) = hear.recv().expect("it has started");
        Self { addresses, links: RefCell::default(), stopper, daemon: Some(daemon) }
    }

    /// Where the first listener listens, the second …
    pub(super) fn at(&self, listener: usize) -> SocketAddr {
        *self.addresses.get(listener).expect("a listener")
    }

    /// The way there over a bad link.
    pub(super) fn over(&self, listener: usize, conditions: Conditions, seed: u64) -> SocketAddr {
        self.by(listener, seed, Carries::Datagrams { there: conditions, back: conditions })
    }

    /// The way there by connections that take their time, and are cut again and again.
    pub(super) fn cut(&self, listener: usize, delay: Duration, every: Duration, seed: u64) -> SocketAddr {
        let slow = Flow { delay, ..Flow::default() };
        self.by(listener, seed, Carries::Streams { there: slow, back: slow, cut_every: Some(every) })
    }

    /// The way there by connections that take their time.
    pub(super) fn slow(&self, listener: usize, delay: Duration, seed: u64) -> SocketAddr {
        let slow = Flow { delay, jitter: delay, ..Flow::default() };
        self.by(listener, seed, Carries::Streams { there: slow, back: slow, cut_every: None })
    }

    fn by(&self, listener: usize, seed: u64, carries: Carries) -> SocketAddr {
        let to = self.at(listener);
        let link = BadLink::start(palabre::link::Settings { listen: (to.ip(), 0).into(), to, seed, carries });
        let address = link.address;
        self.links.borrow_mut().push(link);
        address
    }

    /// The operator stops the server.
    pub(super) fn stops(&self) {
        self.stopper.stop();
    }

    /// It has been stopped, and everything is written.
    pub(super) fn ends(mut self) {
        self.stopper.stop();
        let daemon = self.daemon.take().expect("it ends once");
        assert!(daemon.join().is_ok(), "the daemon ends well");
        self.links.borrow_mut().clear();
    }
}

/// A link in a thread, until it is dropped.
struct BadLink {
    address: SocketAddr,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl BadLink {
    fn start(settings: palabre::link::Settings) -> Self {
        let (say, hear) = channel();
        let over = Arc::new(AtomicBool::new(false));
        let own = Arc::clone(&over);
        let thread = Some(thread::spawn(move || {
            let mut link = Link::bind(&settings).expect("a link");
            say.send(link.address()).expect("somebody waits");
            while !own.load(Ordering::SeqCst) {
                link.turn(link.now() + LOOK).expect("it goes on");
            }
        }));
        Self { address: hear.recv().expect("it has started"), over, thread }
    }
}

impl Drop for BadLink {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A link that loses a fifth of all datagrams both ways, and doubles, delays and reorders some.
pub(super) fn bad() -> Conditions {
    Conditions {
        loss: 0.2,
        duplicate: 0.1,
        reorder: 0.1,
        reorder_delay: Duration::from_millis(30),
        delay: Duration::from_millis(5),
        jitter: Duration::from_millis(5),
        ..Conditions::default()
    }
}

/// A link that changes bits in a fifth of all datagrams.
pub(super) fn damaging() -> Conditions {
    Conditions { corrupt: 0.2, ..Conditions::default() }
}
