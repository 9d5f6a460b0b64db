//! `palabre decode`: datagrams for people who want to see every bit.
//!
//! In: datagrams in hex, as arguments or one a line. Out: a table or a JSON object for each. Must not know how a message
//! is laid out.

mod findings;
mod json;
mod table;

use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use clap::Args;

use super::dialect::Protocol;
use super::reliability::IntegrityKind;
use super::{Failure, hex};
use findings::Findings;

/// The arguments of `palabre decode`.
#[derive(Args, Debug)]
#[command(after_help = "\
HEX is a datagram, or a piece of a stream:
78080018 or 0x78080018 or 78:08:00:18 or '78 08 00 18'.
Several HEX of one byte each are one datagram. Without any HEX, standard input
is read: one datagram a line; blank lines are skipped, '#' starts a comment.
The exit code is 1 when a datagram is malformed or is not hex.")]
pub(crate) struct Decode {
    /// What the datagrams speak
    #[arg(long, value_enum)]
    protocol: Protocol,
    /// The checksum that ends every datagram
    #[arg(long, value_enum, value_name = "KIND", default_value_t)]
    integrity: IntegrityKind,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// The datagrams
    #[arg(value_name = "HEX")]
    datagrams: Vec<String>,
}

impl Decode {
    /// Shows all datagrams.
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let mut show = Show { decode: &self, out: io::stdout().lock(), first: true, malformed: false };
        let shown = if self.datagrams.is_empty() { show.lines(io::stdin().lock()) } else { show.arguments() };
        match shown {
            // Whoever reads us has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            Err(error) => return Err(Failure::Broken(format!("cannot decode: {error}"))),
            Ok(()) => {}
        }
        Ok(ExitCode::from(u8::from(show.malformed)))
    }
}

struct Show<'a, W> {
    decode: &'a Decode,
    out: W,
    first: bool,
    malformed: bool,
}

impl<W: Write> Show<'_, W> {
    fn arguments(&mut self) -> io::Result<()> {
        let datagrams = &self.decode.datagrams;
        // A datagram pasted without quotes: no message is as short as one byte.
        if datagrams.len() > 1 && datagrams.iter().all(|text| hex::parse(text).is_ok_and(|b| b.len() == 1)) {
            return self.datagram(&datagrams.join(" "));
        }
        datagrams.iter().try_for_each(|text| self.datagram(text))
    }

    fn lines(&mut self, mut input: impl BufRead) -> io::Result<()> {
        let mut line = Vec::new();
        while input.read_until(b'\n', &mut line)? > 0 {
            // What is not UTF-8 is not hex either, and is shown as such.
            let text = String::from_utf8_lossy(&line);
            let text = text.split('#').next().unwrap_or_default().trim();
            if !text.is_empty() {
                self.datagram(text)?;
            }
            line.clear();
        }
        Ok(())
    }

    fn datagram(&mut self, text: &str) -> io::Result<()> {
        for findings in Findings::of(text, self.decode.protocol.dialect(), self.decode.integrity.integrity())
        {
            self.malformed |= findings.is_wrong();
            let shown = if self.decode.json { json::line(&findings) } else { table::table(&findings) };
            if !self.decode.json && !self.first {
                self.out.write_all(b"\n")?;
            }
            self.first = false;
            self.out.write_all(shown.as_bytes())?;
        }
        Ok(())
    }
}
