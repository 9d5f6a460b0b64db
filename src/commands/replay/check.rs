//! `palabre replay --check`: whether a server today says what the captured one said.
//!
//! In: files. Out: one line when it does; else the first difference, field by field; the exit code. Must not know how it is
//! compared.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use palabre::capture::{Event, Header, Reader, Unreadable};
use palabre::engine::Listener;
use palabre::replay::check::{
    Check, Difference, Equal, Fault, Loose, Row, Told, Trouble, Unchecked, warnings,
};
use serde_json::{Value, json};

use super::table::table;
use super::words::{clock, count, escaped, span};
use crate::commands::Failure;
use crate::commands::json::{ascii, object};
use crate::commands::style::{Look, Style};

/// It cannot be checked.
const UNCHECKED: u8 = 2;

const LOOSELY: &str =
    "no palabre wrote this capture: it is compared peer by peer, with a server of default settings";

/// A capture being read.
type Source = Box<dyn Read>;

/// What came of it.
struct Verdict {
    warnings: Vec<String>,
    /// When the capture begins, in microseconds since 1970.
    start: u64,
    found: Result<Equal, Trouble>,
}

/// What the server was, where the capture does not say.
pub(super) struct Server {
    pub(super) seed: u64,
    /// What is spoken at which port.
    pub(super) ports: Vec<(u16, Listener)>,
}

/// Checks the parts of one capture, in this order.
pub(super) fn run(
    files: &[PathBuf],
    server: Option<Server>,
    is_json: bool,
    style: Style,
) -> Result<ExitCode, Failure> {
    let verdict = verdict(files, server)?;
    let (shown, code) = if is_json { verdict.json() } else { verdict.text(style) };
    match io::stdout().lock().write_all(shown.as_bytes()) {
        // Whoever reads us knows enough; the exit code says the same.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Broken(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(ExitCode::from(code)),
    }
}

fn verdict(files: &[PathBuf], server: Option<Server>) -> Result<Verdict, Failure> {
    let mut headers = Vec::new();
    let mut sources = Vec::new();
    for path in files {
        let (header, source) = open(path)?;
        headers.extend(header);
        sources.push(source);
    }
    let mut warnings = headers.first().map(warnings).unwrap_or_default();
    let mut start = headers.first().map_or(0, |header| header.origin);
    let found = match server {
        Some(_) if !headers.is_empty() => {
            Err(unchecked("the capture says itself how the server was started: leave --seed out".into()))
        }
        Some(Server { seed, ports }) => {
            warnings.push(LOOSELY.into());
            loosely(Loose::new(ports, seed), sources, &mut start)
        }
        None => exactly(&headers, sources, &mut start),
    };
    Ok(Verdict { warnings, start, found })
}

/// A capture by palabre.
fn exactly(headers: &[Header], sources: Vec<Source>, start: &mut u64) -> Result<Equal, Trouble> {
    if headers.len() < sources.len() && !headers.is_empty() {
        return Err(unchecked("not all of these files were written by palabre".into()));
    }
    let mut check = Check::new(headers)?;
    // One part goes on where the one before ends, in the middle of a stream perhaps.
    let nothing: Source = Box::new(io::empty());
    let all: Source = sources.into_iter().fold(nothing, |all, part| Box::new(all.chain(part)));
    let mut is_first = true;
    each(all, |event| {
        *start = if std::mem::take(&mut is_first) { event.at } else { *start };
        check.event(event)
    })?;
    check.finish()
}

/// A capture by somebody else: each file is of a kind of its own.
fn loosely(mut check: Loose, sources: Vec<Source>, start: &mut u64) -> Result<Equal, Trouble> {
    let (mut is_first, mut before) = (true, 0);
    for source in sources {
        let mut last = before;
        each(source, |event| {
            *start = if std::mem::take(&mut is_first) { event.at } else { *start };
            last = event.packet.saturating_add(before);
            check.event(&Event { packet: last, ..event.clone() })
        })?;
        before = last;
    }
    match check.finish()? {
        Equal { packets: 0, .. } => {
            Err(unchecked("there is no packet of a port that is known (see --map)".into()))
        }
        equal => Ok(equal),
    }
}

/// Has each event of a file checked.
fn each(source: Source, mut check: impl FnMut(&Event) -> Result<(), Trouble>) -> Result<(), Trouble> {
    let broken = |why: Unreadable| unchecked(format!("all up to here is equal, but {why}"));
    let mut reader = Reader::open(source).map_err(broken)?;
    while let Some(event) = reader.next().map_err(broken)? {
        check(&event)?;
    }
    Ok(())
}

fn unchecked(why: String) -> Trouble {
    Trouble::Unchecked(Unchecked { packet: None, why })
}

/// A file, and what palabre says at its beginning. It is opened once: a pipe cannot be read twice. `-`: standard input.
fn open(path: &Path) -> Result<(Option<Header>, Source), Failure> {
    let failed = |why: &dyn std::fmt::Display| Failure::Usage(format!("{}: {why}", path.display()));
    let mut source: Source = match path.to_str() {
        Some("-") => Box::new(io::stdin()),
        _ => Box::new(File::open(path).map_err(|why| failed(&why))?),
    };
    let mut read = Vec::new();
    let reader = Reader::open(Noted { source: &mut source, read: &mut read }).map_err(|why| failed(&why))?;
    let header = reader.header().cloned();
    Ok((header, Box::new(io::Cursor::new(read).chain(source))))
}

/// Remembers what was read, to be read again.
struct Noted<'a> {
    source: &'a mut Source,
    read: &'a mut Vec<u8>,
}

impl Read for Noted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.read.extend_from_slice(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

impl Verdict {
    fn text(&self, style: Style) -> (String, u8) {
        let mut out = String::new();
        for warning in &self.warnings {
            out.push_str(&style.paint(Look::Yellow, format_args!("mind: {}", escaped(warning))));
            out.push('\n');
        }
        let code = match &self.found {
            Ok(equal) => {
                let Equal { packets, inputs, outputs, span: time } = *equal;
                out.push_str(&style.paint(Look::Green, "equal"));
                out.push_str(&format!(
                    ": {}, {}, {}, over {}\n",
                    count(packets, "packet", "packets"),
                    count(inputs, "input", "inputs"),
                    count(outputs, "output", "outputs"),
                    span(u64::try_from(time.as_micros()).unwrap_or(u64::MAX)),
                ));
                0
            }
            Err(Trouble::Unchecked(why)) => {
                out.push_str(&style.paint(Look::Yellow, "cannot be checked"));
                out.push_str(&format!(": {}\n", escaped(&why.to_string())));
                UNCHECKED
            }
            Err(Trouble::Differs(difference)) => {
                self.differs(difference, style, &mut out);
                1
            }
        };
        (out, code)
    }

    fn differs(&self, difference: &Difference, style: Style, out: &mut String) {
        let place = match difference.packet {
            Some(packet) => format!("packet {packet}"),
            None => "the end of the capture".into(),
        };
        let since = super::words::since(difference.at.saturating_sub(self.start));
        let fault = match difference.fault {
            Fault::Different => "the server says something else",
            Fault::Missing => "the server says something before this, which is missing here",
            Fault::TooMuch => "the server does not say this",
        };
        out.push_str(&style.paint(Look::Red, "different"));
        out.push_str(&format!(" at {place}, {since} s ({}): {fault}\n", clock(difference.at)));
        out.push_str(&format!("after {}\n\n", told(&difference.told)));
        out.push_str(&table(&difference.rows(), style));
    }

    fn json(&self) -> (String, u8) {
        let (members, code) = match &self.found {
            Ok(Equal { packets, inputs, outputs, span }) => {
                let span = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
                let counts = [
                    ("packets", json!(packets)),
                    ("inputs", json!(inputs)),
                    ("outputs", json!(outputs)),
                    ("microseconds", json!(span)),
                ];
                ([&[("verdict", json!("equal"))], &counts[..]].concat(), 0)
            }
            Err(Trouble::Unchecked(Unchecked { packet, why })) => {
                let found = [("verdict", json!("unchecked")), ("packet", json!(packet)), ("why", json!(why))];
                (found.to_vec(), UNCHECKED)
            }
            Err(Trouble::Differs(difference)) => (members(difference), 1),
        };
        let all = object(&[&members[..], &[("warnings", json!(self.warnings))]].concat());
        let line = match &self.found {
            // Last, for they are long.
            Err(Trouble::Differs(difference)) => {
                format!("{},{}}}", all.strip_suffix('}').unwrap_or(&all), sides(difference))
            }
            _ => all,
        };
        (ascii(&line).into_owned() + "\n", code)
    }
}

fn members(difference: &Difference) -> Vec<(&'static str, Value)> {
    let fault = match difference.fault {
        Fault::Different => "different",
        Fault::Missing => "missing",
        Fault::TooMuch => "too much",
    };
    vec![
        ("verdict", json!("different")),
        ("fault", json!(fault)),
        ("packet", json!(difference.packet)),
        ("time", json!(difference.at)),
        ("field", json!(difference.field())),
    ]
}

/// What the server had been told, and what it says beside what the capture has.
fn sides(difference: &Difference) -> String {
    let Told { packet, at, what, from } = &difference.told;
    let told = object(&[
        ("packet", json!(packet)),
        ("time", json!(at)),
        ("what", json!(what)),
        ("from", json!(from)),
    ]);
    let row = |row: &Row| {
        object(&[
            ("name", json!(row.name)),
            ("server", json!(row.expected)),
            ("capture", json!(row.captured)),
            ("differs", json!(row.differs())),
        ])
    };
    let rows: Vec<_> = difference.rows().iter().map(row).collect();
    format!(r#""told":{told},"rows":[{}]"#, rows.join(","))
}

fn told(told: &Told) -> String {
    let from = told.from.map(|from| format!(" from {from}")).unwrap_or_default();
    match told.packet {
        0 => "nothing: it had been told nothing yet".into(),
        packet => format!("packet {packet}, which tells it: {}{from}", told.what),
    }
}
