//! The subcommands, one file each.
//!
//! In: the program's arguments. Out: an exit code: 0 when all went well, 1 when something did not, 2 when the arguments
//! ask for what cannot be. Must not know what a subcommand does.

mod chat;
mod decode;
mod demo;
mod dialect;
mod hex;
mod json;
mod link;
mod reliability;
mod replay;
mod serve;
mod style;
mod values;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

/// A chat daemon for links where TCP stalls.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Palabre {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Run the server until SIGTERM or SIGINT
    Serve(serve::Serve),
    /// Talk to the people on a server
    Chat(chat::Chat),
    /// Watch eight people of five protocols talk over a network that loses a third of everything
    Demo(demo::Demo),
    /// Show datagrams field by field
    Decode(decode::Decode),
    /// Tell what is in a capture: who said what to whom, what was lost
    Replay(replay::Replay),
    /// Be a bad link for anybody's UDP or TCP
    Link(Box<link::LinkCommand>),
}

impl Palabre {
    /// What the arguments ask for.
    pub(crate) fn from_arguments() -> Result<Self, Failure> {
        Self::try_parse().map_err(Failure::from)
    }

    /// Does it.
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        match self.command {
            Command::Serve(serve) => serve.run(),
            Command::Chat(chat) => chat.run(),
            Command::Demo(demo) => demo.run(),
            Command::Decode(decode) => decode.run(),
            Command::Replay(replay) => replay.run(),
            Command::Link(link) => link.run(),
        }
    }
}

/// Why the program ends without having done what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It was asked for help, or for nothing: what to print.
    Help(clap::Error),
    /// The arguments ask for what cannot be: one line.
    Usage(String),
    /// Something went wrong: one line.
    Broken(String),
}

impl Failure {
    /// Tells the operator, and says which exit code it is.
    pub(crate) fn report(self) -> ExitCode {
        let (words, code) = match self {
            Self::Help(help) => {
                // Nobody is left to hear that it could not be printed.
                let _ = help.print();
                return ExitCode::from(u8::try_from(help.exit_code()).unwrap_or(2));
            }
            Self::Usage(words) => (words, 2),
            Self::Broken(words) => (words, 1),
        };
        let _ = writeln!(io::stderr(), "palabre: {words}");
        ExitCode::from(code)
    }
}

impl From<clap::Error> for Failure {
    /// One line instead of a page: journals and scripts read it too.
    fn from(error: clap::Error) -> Self {
        use clap::error::ErrorKind;
        match error.kind() {
            ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Self::Help(error),
            _ => Self::Usage(in_one_line(&error.to_string())),
        }
    }
}

/// A clap message without its "error:", its usage and its last paragraph.
fn in_one_line(message: &str) -> String {
    let lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    let told: Vec<_> =
        lines.take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more")).collect();
    let told = told.join(" ");
    format!("{} (see --help)", told.strip_prefix("error: ").unwrap_or(&told))
}
