//! `palabre replay`: captures for people who want to know what happened.
//!
//! In: files with packets. Out: a transcript, or a JSON object for each message, and a summary. Must not know formats of
//! files, nor protocols.

mod check;
mod fields;
mod json;
mod paragraph;
mod play;
mod ports;
mod summary;
mod table;
mod transcript;
mod words;

use std::io::{self, BufWriter};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use palabre::engine::Listener;
use palabre::replay::{DEFAULTS, Ports, Story};

use super::Failure;
use super::reliability::IntegrityKind;
use super::style::Style;
use super::values::seed;
use play::{Play, Show};
use ports::Mapped;
use transcript::Transcript;

/// The arguments of `palabre replay`.
#[derive(Args, Debug)]
#[command(after_help = "\
FILE is a capture by any tool, pcap or pcapng, and - is standard input; several
are the parts of one, in this order. Messages are told by the port of one end:
7400 is stumtp, 7401 msp, 7402 stories, 7403 shen, 7404 matou. A capture by
palabre says it itself.
The exit code is 1 when a file cannot be read to its end, or tells nothing.
--check is for captures by palabre serve --capture, whole: all parts, from the first.
Its exit code is 0 when all is equal, 1 when something differs, 2 when it cannot be
checked. With --seed it compares, as well as that can be done, what others captured
of a server that listens at the ports of --map and no others, or at all of the above.")]
pub(crate) struct Replay {
    /// What is spoken at this port; may be given several times
    #[arg(long, value_name = "PORT=DIALECT", value_parser = ports::mapped)]
    map: Vec<Mapped>,
    /// The checksum that ends every datagram, where the capture does not say
    #[arg(long, value_enum, value_name = "KIND", default_value_t)]
    integrity: IntegrityKind,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// Cut nothing, and show what is quiet otherwise
    #[arg(long)]
    full: bool,
    /// Do not tell it: say whether a server today, told the same at the
    /// same times, says the same; and if not, show the first difference
    #[arg(long, verbatim_doc_comment, conflicts_with = "full")]
    check: bool,
    /// The seed of the server, for --check of a capture that palabre has
    /// not written, made beside the server from its start
    #[arg(long, value_name = "N", value_parser = seed, requires = "check", verbatim_doc_comment)]
    seed: Option<u64>,
    /// The captures
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

impl Replay {
    /// Tells all files.
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        if self.check {
            return check::run(&self.files, self.server(), self.json, Style::of_stdout());
        }
        let out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        let told = if self.json {
            self.tell(json::Lines(out))
        } else {
            self.tell(Transcript::new(out, Style::of_stdout(), self.full))
        };
        match told {
            Ok(troubles) if troubles.is_empty() => Ok(ExitCode::SUCCESS),
            Ok(troubles) => Err(Failure::Broken(troubles.join("; "))),
            // Whoever reads us has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
            Err(error) => Err(Failure::Broken(format!("cannot write to standard output: {error}"))),
        }
    }

    /// The server that somebody else has captured.
    fn server(&self) -> Option<check::Server> {
        let seed = self.seed?;
        let ports = if self.map.is_empty() { &DEFAULTS[..] } else { &self.map };
        let integrity = self.integrity.integrity();
        let listener = |&(port, dialect): &Mapped| (port, Listener { integrity, ..Listener::of(dialect) });
        Some(check::Server { seed, ports: ports.iter().map(listener).collect() })
    }

    /// What was wrong, in words; errors are those of writing.
    fn tell(&self, show: impl Show) -> io::Result<Vec<String>> {
        let ports = Ports::new(self.map.iter().copied(), self.integrity.integrity());
        let mut play = Play::new(Story::new(ports), show);
        for file in &self.files {
            play.file(file)?;
        }
        play.end()
    }
}
