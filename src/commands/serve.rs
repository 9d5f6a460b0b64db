//! `palabre serve`: the daemon.
//!
//! In: addresses, rooms, a directory, a file for a capture, options of the link. Out: one ready line a listener on standard
//! output, logs on standard error. Must not know a socket or a datagram.

mod capture;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use env_logger::Env;
use log::warn;
use palabre::daemon::{Daemon, Settings};
use palabre::dialect::stories::{LONGEST_ROOM_NAME, is_room_name};
use palabre::engine::{Config, Dialect, Listener};

use capture::CaptureOptions;

use super::Failure;
use super::reliability::ReliabilityOptions;
use super::values::socket_address;

/// Where each dialect is spoken when nothing is said of it.
const DEFAULT_PLACES: [&str; Dialect::ALL.len()] = [
    "msp=127.0.0.1:7401",
    "shen=127.0.0.1:7403",
    "matou=127.0.0.1:7404",
    "stories=127.0.0.1:7402",
    "stumtp=127.0.0.1:7400",
];
/// What the public room is called where rooms have names (B4).
const PUBLIC: &str = "public";

/// The arguments of `palabre serve`.
#[derive(Args, Debug)]
#[command(after_help = "\
A DIALECT is msp or shen, over UDP, or matou, stories or stumtp, over TCP: all their
users meet in the same rooms. An ADDRESS is a number or localhost: 127.0.0.1:7401,
[::1]:7403. The port 0 lets the system choose one. When it is ready, it prints a line
for each address.
RUST_LOG sets what is logged on standard error: error, warn, info, debug.")]
pub(crate) struct Serve {
    /// What to speak and where; may be repeated
    #[arg(long = "listen", value_name = "DIALECT=ADDRESS:PORT", value_parser = place)]
    #[arg(default_values = DEFAULT_PLACES)]
    listen: Vec<Place>,
    /// Rooms that always exist, where stories or stumtp is spoken
    #[arg(long, value_name = "NAME,NAME…", default_value = "room1,room2,room3", value_parser = rooms)]
    rooms: Rooms,
    /// Keep files people send, and names that belong to somebody, in
    /// this directory; without it they go with the server
    #[arg(long, value_name = "DIR", verbatim_doc_comment)]
    state: Option<PathBuf>,
    #[command(flatten)]
    capture: CaptureOptions,
    #[command(flatten)]
    link: ReliabilityOptions,
}

impl Serve {
    /// Serves until a signal comes.
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        env_logger::Builder::from_env(Env::default().default_filter_or("info")).format_target(false).init();
        let mut daemon =
            Daemon::bind(&self.settings()?).map_err(|error| Failure::Usage(error.to_string()))?;
        daemon
            .stop_on_signals()
            .map_err(|error| Failure::Broken(format!("cannot catch signals: {error}")))?;
        if let Err(error) = self.announce(&daemon) {
            // Whoever wanted to read it is gone; people may still want to talk.
            warn!("cannot print where I listen: {error}");
        }
        daemon.run().map_err(|error| Failure::Broken(format!("cannot wait for sockets: {error}")))?;
        Ok(ExitCode::SUCCESS)
    }

    fn settings(&self) -> Result<Settings, Failure> {
        let integrity = self.link.integrity();
        let listener = |place: &Place| {
            let dialect = place.dialect;
            Ok(Listener { dialect, integrity, timing: self.link.timing(dialect)? })
        };
        let listeners = self.listen.iter().map(listener).collect::<Result<_, Failure>>()?;
        let addresses = self.listen.iter().map(|place| place.address).collect();
        let config = Config { rooms: self.rooms.0.clone(), ..Config::new(listeners) };
        let (state, seed, capture) = (self.state.clone(), self.capture.seed, self.capture.settings());
        Ok(Settings { addresses, config, state, seed, capture })
    }

    fn announce(&self, daemon: &Daemon) -> io::Result<()> {
        let mut out = io::stdout().lock();
        for (place, address) in self.listen.iter().zip(daemon.local_addresses()) {
            writeln!(out, "listening {} {address}", place.dialect.name())?;
        }
        out.flush()
    }
}

/// One value of `--listen`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    dialect: Dialect,
    address: SocketAddr,
}

fn place(text: &str) -> Result<Place, String> {
    let Some((dialect, address)) = text.split_once('=') else {
        return Err("it has no '=': write msp=127.0.0.1:7401".into());
    };
    let Some(dialect) = Dialect::ALL.into_iter().find(|known| known.name() == dialect) else {
        return Err(format!("the dialect {dialect:?} is unknown: write msp, shen, matou, stories or stumtp"));
    };
    Ok(Place { dialect, address: socket_address(address)? })
}

/// The value of `--rooms`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rooms(Vec<String>);

fn rooms(text: &str) -> Result<Rooms, String> {
    let mut rooms: Vec<String> = Vec::new();
    for name in text.split(',') {
        if name.is_empty() || name.len() > LONGEST_ROOM_NAME {
            return Err(format!(
                "the name {name:?} has {} bytes: a room's has 1 to {LONGEST_ROOM_NAME}",
                name.len()
            ));
        }
        if !is_room_name(name) {
            return Err(format!("the name {name:?} has a control character or a '|'"));
        }
        if name == PUBLIC {
            return Err(format!("{PUBLIC:?} is the public room, which is there anyway: leave it out"));
        }
        if rooms.iter().any(|known| known == name) {
            return Err(format!("the name {name:?} is there twice"));
        }
        rooms.push(name.into());
    }
    Ok(Rooms(rooms))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Program {
        #[command(flatten)]
        serve: Serve,
    }

    #[test]
    fn without_listen_all_dialects_are_spoken_each_with_its_own_timer() {
        let settings = |arguments: &[&str]| {
            Program::try_parse_from([&["palabre"], arguments].concat())
                .unwrap()
                .serve
                .settings()
                .ok()
                .unwrap()
        };
        let all = settings(&[]);
        assert_eq!(all.config.listeners, Dialect::ALL.map(Listener::of));
        let ports = all.addresses.iter().map(|address| {
            assert!(address.ip().is_loopback());
            address.port()
        });
        assert_eq!(ports.collect::<Vec<_>>(), [7401, 7403, 7404, 7402, 7400]);
        assert_eq!((all.config.rooms, all.state), (["room1", "room2", "room3"].map(Into::into).into(), None));
        let one = settings(&["--listen", "shen=[::1]:9", "--tries", "3"]);
        assert_eq!(
            one.config.listeners.iter().map(|listener| listener.timing.tries).collect::<Vec<_>>(),
            [3]
        );
        assert_eq!(
            one.config.listeners.iter().map(|listener| listener.dialect).collect::<Vec<_>>(),
            [Dialect::Shen]
        );
    }

    #[test]
    fn b4_rooms_are_named_once_and_in_words_that_all_can_carry() {
        let names = |text| rooms(text).map(|rooms| rooms.0);
        let longest = "é".repeat(32);
        assert_eq!(names("a,les amis,Public"), Ok(["a", "les amis", "Public"].map(Into::into).into()));
        assert_eq!(names(&longest), Ok(vec![longest.clone()]));
        for text in ["", "a,", ",a", "a,b,a", "a|b", "a\tb", "a\u{85}", "public", &format!("{longest}e")] {
            assert!(names(text).is_err(), "{text:?}");
        }
    }
}
