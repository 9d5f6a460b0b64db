//! `palabre chat`: a client for people and for scripts.
//!
//! In: a server, a name, lines. Out: what others say; an exit code. Must not know datagrams or deadlines.

mod address;
mod editor;
mod escape;
mod events;
mod execute;
mod front;
mod interrupts;
mod line;
mod options;
mod pipes;
mod protocol;
mod session;
mod spoken;
mod stream;
mod terminal;
mod typing;
mod words;

use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use palabre::client::ConnectError;
use palabre::client::driver::{Driver, Waker};

use super::Failure;
use super::reliability::ReliabilityOptions;
use address::Place;
use front::Front;
use interrupts::Interrupts;
use pipes::Pipes;
use protocol::Protocol;
use session::{End, Session};
use spoken::{Carried, Spoken};
use terminal::Terminal;

const ABOUT_PIPES: &str = "\
At a terminal /help lists what you can do besides talking.
Through pipes each line of standard input is said, or done when it begins with
'/'. Standard output has what is heard, as '<name> text', standard error the
rest. A line waits for the one before it, where others have to decide as well: a
room that opens or a manager who admits takes up to a minute. At the end of the
input it waits until all that was said has arrived, and leaves. Exit code 1: a
text or a file was given up, or the server could not be used.";

/// The arguments of `palabre chat`.
#[derive(Args, Debug)]
#[command(after_help = ABOUT_PIPES)]
pub(crate) struct Chat {
    /// Where the server listens; the port is that of the protocol
    /// unless given: 7401 for msp, 7403 shen, 7404 matou, 7402
    /// stories, 7400 stumtp
    #[arg(value_name = "HOST[:PORT]", default_value = "127.0.0.1", value_parser = address::place)]
    #[arg(verbatim_doc_comment)]
    server: Place,
    /// Who you want to be: 1 to 10 bytes without '#'; for shen 1 to
    /// 30 characters without ','; for matou 1 to 32 bytes of letters
    /// and digits; for stories and stumtp 1 to 32 bytes without '|'
    #[arg(long, verbatim_doc_comment)]
    name: String,
    /// What the server speaks there; the people are the same
    #[arg(long, value_enum, default_value_t)]
    protocol: Spoken,
    /// Wait so long for a server that went silent
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = patience)]
    patience: Duration,
    /// Keep files people send in this directory, made when the first
    /// one comes; matou, stories and stumtp only
    #[arg(long, value_name = "DIR", default_value = "downloads", verbatim_doc_comment)]
    downloads: PathBuf,
    #[command(flatten)]
    link: ReliabilityOptions,
}

impl Chat {
    /// Chats until the person, the server or a signal ends it.
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let server = self.server.resolve(self.protocol.port()).map_err(Failure::Broken)?;
        match self.protocol.carried() {
            Carried::Datagrams(protocol) => self.run_datagrams(protocol, server),
            Carried::Stream(protocol) => {
                stream::run(protocol, server, &self.name, self.patience, self.downloads)
            }
        }
    }

    fn run_datagrams(self, protocol: Protocol, server: SocketAddr) -> Result<ExitCode, Failure> {
        let Self { name, patience, link, .. } = self;
        let shown = escape::text(&name);
        if !protocol.is_user_name(&name) {
            let rule = protocol.user_rule();
            return Err(Failure::Broken(format!(
                "nobody can be called \"{shown}\": it takes {rule} and control characters: choose another with --name"
            )));
        }
        let mut config = protocol.config(&name, server);
        config.timing = link.timing(protocol.dialect())?;
        (config.integrity, config.patience) = (link.integrity(), patience);
        let driver = Driver::connect(config).map_err(|error| {
            Failure::Broken(format!("cannot open a UDP socket towards {server}: {error}"))
        })?;
        let interrupts = Interrupts::catch(&driver.waker())
            .map_err(|error| Failure::Broken(format!("cannot catch signals: {error}")))?;

        let mut fronts = Fronts::open(protocol.help(), &driver.waker(), &interrupts);
        let welcome = format!("you are {shown} on {server}, in the public room");
        let mut session = Session::new(driver, protocol, welcome);
        let ended = session.run(fronts.front(), &interrupts);
        fronts.front().stop();
        match ended.map_err(|error| Failure::Broken(format!("cannot wait for {server}: {error}")))? {
            End::Left => {}
            End::Impatient => {
                return Err(Failure::Broken(format!("interrupted while {server} was waited for")));
            }
            End::NotRegistered(why) => {
                let fault = session.driver.fault().filter(|_| why == ConnectError::Silence);
                let fault = fault.map(|fault| format!(" ({fault})")).unwrap_or_default();
                return Err(Failure::Broken(words::not_registered(protocol, why, server, &shown) + &fault));
            }
        }
        fronts.fault().map_or(Ok(()), Err)?;
        Ok(if session.given_up() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// The front that fits where we were started.
enum Fronts {
    Terminal(Terminal),
    Pipes(Pipes),
}

impl Fronts {
    fn open(help: &'static [&'static str], waker: &Waker, interrupts: &Interrupts) -> Self {
        if io::stdin().is_terminal() && io::stdout().is_terminal() {
            // A terminal on which no line can be edited is as good as two pipes.
            if let Ok(terminal) = Terminal::open(help, waker.clone(), interrupts.clone()) {
                return Self::Terminal(terminal);
            }
        }
        Self::Pipes(Pipes::open(waker.clone()))
    }

    fn front(&mut self) -> &mut dyn Front {
        match self {
            Self::Terminal(terminal) => terminal,
            Self::Pipes(pipes) => pipes,
        }
    }

    fn fault(&self) -> Option<Failure> {
        let Self::Pipes(pipes) = self else { return None };
        let words = |fault| format!("cannot write what was heard to standard output: {fault}");
        pipes.fault().map(words).map(Failure::Broken)
    }
}

fn patience(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| (1..=86_400).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| "it must be a whole number from 1 to 86400".into())
}
