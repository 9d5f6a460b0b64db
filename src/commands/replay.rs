//! `palabre replay`: captures for people who want to know what happened.
//!
//! In: files with packets. Out: a transcript, or a JSON object for each message, and a summary. Must not know formats of
//! files, nor protocols.

mod ports;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::Failure;
use super::reliability::IntegrityKind;
use ports::Mapped;

/// The arguments of `palabre replay`.
#[derive(Args, Debug)]
#[command(after_help = "\
FILE is a capture by any tool, pcap or pcapng; several are the parts of one, in
this order. Messages are told by the port of one end: 7400 is stumtp, 7401 msp,
7402 stories, 7403 shen, 7404 matou; a capture by palabre says it itself.
The exit code is 1 when a file cannot be read to its end, or tells nothing.")]
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
    /// The captures
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

impl Replay {
    /// Tells all files.
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let first = self.files.first().map(|file| file.display().to_string()).unwrap_or_default();
        Err(Failure::Broken(format!("{first}: captures cannot be read yet")))
    }
}
