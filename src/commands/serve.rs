//! `palabre serve`: the daemon.
//!
//! In: addresses and link options. Out: one ready line a listener on standard output, logs on standard error. Must not
//! know a socket or a datagram.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use clap::Args;
use env_logger::Env;
use log::warn;
use palabre::daemon::{Daemon, Settings};
use palabre::engine::{Config, Dialect, Listener};

use super::Failure;
use super::link::LinkOptions;

/// The arguments of `palabre serve`.
#[derive(Args, Debug)]
#[command(after_help = "\
A DIALECT is msp or shen: all their users meet in the same rooms. An ADDRESS is a
number or localhost: 127.0.0.1:7401, [::1]:7403. The port 0 lets the system choose
one. When it is ready, it prints a line for each address.
RUST_LOG sets what is logged on standard error: error, warn, info, debug.")]
pub(crate) struct Serve {
    /// What to speak and where; may be repeated
    #[arg(long = "listen", value_name = "DIALECT=ADDRESS:PORT", value_parser = place)]
    #[arg(default_values = ["msp=127.0.0.1:7401", "shen=127.0.0.1:7403"])]
    listen: Vec<Place>,
    #[command(flatten)]
    link: LinkOptions,
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
        let config = Config::new(listeners);
        Ok(Settings { addresses, config })
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
        return Err(format!("the dialect {dialect:?} is unknown: write msp or shen"));
    };
    Ok(Place { dialect, address: socket_address(address)? })
}

/// Names are not looked up: a daemon that starts before the network is up must not wait for it.
fn socket_address(text: &str) -> Result<SocketAddr, String> {
    let local = text
        .strip_prefix("localhost:")
        .and_then(|port| port.parse().ok())
        .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    local.or_else(|| text.parse().ok()).ok_or_else(|| {
        format!("{text:?} is no address and port: write 127.0.0.1:7401, [::1]:7401 or localhost:7401")
    })
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
    fn without_listen_both_dialects_are_spoken_each_with_its_own_timer() {
        let settings = |arguments: &[&str]| {
            Program::try_parse_from([&["palabre"], arguments].concat())
                .unwrap()
                .serve
                .settings()
                .ok()
                .unwrap()
        };
        let both = settings(&[]);
        assert_eq!(both.config.listeners, [Listener::msp(), Listener::shen()]);
        assert_eq!(
            both.addresses,
            ["127.0.0.1:7401", "127.0.0.1:7403"].map(|address| address.parse().unwrap())
        );
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
    fn an_address_is_numeric_or_localhost_and_has_a_port() {
        for (text, address) in [
            ("127.0.0.1:7401", "127.0.0.1:7401"),
            ("0.0.0.0:0", "0.0.0.0:0"),
            ("[::1]:7401", "[::1]:7401"),
            ("localhost:65535", "127.0.0.1:65535"),
        ] {
            assert_eq!(socket_address(text), Ok(address.parse().unwrap()), "{text}");
        }
        for text in ["", "7401", "127.0.0.1", "::1:7401", "localhost", "localhost:65536", "example.org:1"] {
            assert!(socket_address(text).is_err(), "{text}");
        }
    }
}
