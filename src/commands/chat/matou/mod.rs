//! `palabre chat --protocol matou`: public talk through the server, private talk and files without it.
//!
//! In: a server, a name, a front. Out: an exit code. Must not know bytes or deadlines.

mod events;
mod line;
mod session;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use palabre::client::stream::driver::StreamDriver;
use palabre::client::stream::{Config, ConnectError, Protocol};
use palabre::dialect::matou;

use super::Fronts;
use super::escape;
use super::interrupts::Interrupts;
use crate::commands::Failure;
use session::{End, Session};

/// The port where a server speaks it unless it is told otherwise.
pub(super) const PORT: u16 = 7404;

/// What `/help` says.
const HELP: &[&str] = &[
    "/open USER                     ask somebody for a private connection",
    "/accept [USER]                 let somebody have one, the latest by default",
    "/close USER                    end it, when what you sent there is sent; twice:",
    "                               at once; of somebody who asks: refuse him",
    "/pv USER text                  say something to one with whom you have one",
    "/file USER PATH                send a file to one with whom you have one",
    "/who                           who has come or spoken since you are here",
    "/quit                          leave the server",
    "//text                         say \"/text\"; anything else is said as it stands",
];

/// Chats until the person, the server or a signal ends it.
pub(super) fn run(
    name: &str,
    server: SocketAddr,
    patience: Duration,
    downloads: PathBuf,
) -> Result<ExitCode, Failure> {
    let shown = escape::text(name);
    if !matou::is_name(name) {
        return Err(Failure::Broken(format!(
            "nobody can be called \"{shown}\": it takes 1 to 32 bytes, letters and digits alone: choose another \
             with --name"
        )));
    }
    let mut config = Config::new(Protocol::Matou, name, server);
    (config.patience, config.downloads) = (patience, downloads);
    let driver = StreamDriver::connect(config)
        .map_err(|error| Failure::Broken(format!("cannot wait for {server}: {error}")))?;
    let interrupts = Interrupts::catch(&driver.waker())
        .map_err(|error| Failure::Broken(format!("cannot catch signals: {error}")))?;
    let mut fronts = Fronts::open(HELP, driver.waker(), &interrupts);
    let mut session = Session::new(driver, format!("you are {shown} on {server}, in the public room"));
    let ended = session.run(fronts.front(), &interrupts);
    fronts.front().stop();
    match ended.map_err(|error| Failure::Broken(format!("cannot wait for {server}: {error}")))? {
        End::Left => {}
        End::Impatient => {
            return Err(Failure::Broken(format!("interrupted while {server} was waited for")));
        }
        End::Lost(why) => {
            let why = escape::text(&why);
            return Err(Failure::Broken(format!("the connection to {server} has ended: {why}")));
        }
        End::NotRegistered(why) => return Err(Failure::Broken(not_registered(&why, server, &shown))),
    }
    fronts.fault().map_or(Ok(()), Err)?;
    Ok(if session.given_up() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Why a session could not begin: what, where, what to do.
fn not_registered(why: &ConnectError, server: SocketAddr, name: &str) -> String {
    match why {
        ConnectError::Unreachable(why) => {
            let why = escape::text(why);
            format!(
                "cannot connect to {server}/tcp: {why}: check the address, and that `palabre serve` runs there"
            )
        }
        ConnectError::Silence => {
            format!("no answer from {server}/tcp: check the address, and that it speaks matou")
        }
        ConnectError::Refused(_) => {
            format!("the name {name} is taken on {server}: choose another with --name")
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_help_fits_a_terminal_of_80_columns() {
        for line in super::HELP {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}
