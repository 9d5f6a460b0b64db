//! Chatting in one of the protocols over TCP.
//!
//! In: a server, a name, a folder for files. Out: an exit code. Must not know connections or bytes.

mod events;
mod execute;
mod help;
mod line;
mod progress;
mod session;
mod words;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use palabre::client::stream::driver::StreamDriver;
use palabre::client::stream::{Config, Protocol};

use super::interrupts::Interrupts;
use super::{Failure, Fronts, escape};
use help::help;
use session::{End, Session};

/// Chats until the person, the server or a signal ends it.
pub(super) fn run(
    protocol: Protocol,
    server: SocketAddr,
    name: &str,
    patience: Duration,
    downloads: PathBuf,
) -> Result<ExitCode, Failure> {
    let shown = escape::text(name);
    if !line::is_user_name(protocol, name) {
        let rule = line::user_rule(protocol);
        return Err(Failure::Broken(format!(
            "nobody can be called \"{shown}\": it takes {rule}: choose another with --name"
        )));
    }
    let config = Config { patience, downloads, ..Config::new(protocol, name, server) };
    let driver = StreamDriver::connect(config)
        .map_err(|error| Failure::Broken(format!("cannot open a connection to {server}: {error}")))?;
    let interrupts = Interrupts::catch(&driver.waker())
        .map_err(|error| Failure::Broken(format!("cannot catch signals: {error}")))?;
    let mut fronts = Fronts::open(help(protocol), &driver.waker(), &interrupts);
    let welcome = format!("you are {shown} on {server}, in the public room");
    let mut session = Session::new(driver, protocol, welcome);
    let ended = session.run(fronts.front(), &interrupts);
    fronts.front().stop();
    match ended.map_err(|error| Failure::Broken(format!("cannot wait for {server}: {error}")))? {
        End::Left => {}
        End::Impatient => {
            return Err(Failure::Broken(format!("interrupted while {server} was waited for")));
        }
        End::Lost(why) => {
            return Err(Failure::Broken(format!(
                "the session with {server} is lost: {}",
                escape::text(&why)
            )));
        }
        End::NotRegistered(why) => {
            return Err(Failure::Broken(words::not_registered(&why, server, &shown)));
        }
    }
    fronts.fault().map_or(Ok(()), Err)?;
    Ok(if session.given_up() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
