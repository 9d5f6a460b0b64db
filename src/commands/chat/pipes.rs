//! The front for scripts: standard input, output and error.
//!
//! In: lines from standard input. Out: what is heard on standard output as `<name> text`, everything else on standard
//! error as `* words`. Must not know what they mean.

use std::io::{self, BufRead, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;

use palabre::client::driver::Waker;

use super::escape;
use super::front::{Front, Typed};
use super::words::Place;

/// The longest line that is held in memory; what is longer is passed on in pieces.
const LONGEST_LINE: u64 = 1 << 20;
/// How many lines may wait to be taken.
const READ_AHEAD: usize = 16;

/// Standard input, output and error.
#[derive(Debug)]
pub(super) struct Pipes {
    lines: Receiver<Typed>,
    /// Why nothing can be written any more.
    broken: Option<io::Error>,
}

impl Pipes {
    /// Reads standard input from now on, and wakes the driver when there is something.
    pub(super) fn open(waker: Waker) -> Self {
        let (sender, lines) = sync_channel(READ_AHEAD);
        thread::spawn(move || {
            // Nobody to hand lines to: the session is over.
            let _ = read(&mut io::stdin().lock(), &sender, &waker);
        });
        Self { lines, broken: None }
    }

    /// Why writing has failed, unless the reader simply had enough.
    pub(super) fn fault(&self) -> Option<&io::Error> {
        self.broken.as_ref().filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
    }
}

impl Front for Pipes {
    fn next(&mut self, _: &Place) -> Option<Typed> {
        match self.lines.try_recv() {
            Ok(typed) => Some(typed),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Typed::End),
        }
    }

    fn heard(&mut self, name: &str, text: &str) {
        if self.broken.is_none() {
            let mut out = io::stdout().lock();
            let written = writeln!(out, "<{name}> {text}").and_then(|()| out.flush());
            self.broken = written.err();
        }
    }

    fn answer(&mut self, line: &str) {
        self.notice(line);
    }

    fn notice(&mut self, line: &str) {
        // Whoever closed standard error does not want to know.
        let _ = writeln!(io::stderr(), "* {line}");
    }

    fn hint_to_speak(&self, place: &Place) -> String {
        match place {
            Place::Room(name) => format!("/join {} lets you speak there", escape::text(name)),
            _ => "/leave lets you speak there".into(),
        }
    }

    fn shows_place(&self) -> bool {
        false
    }

    fn is_deaf(&self) -> bool {
        self.broken.is_some()
    }

    fn stop(&mut self) {}
}

/// Why reading ended early: the session is over.
struct Over;

fn read(input: &mut dyn BufRead, lines: &SyncSender<Typed>, waker: &Waker) -> Result<(), Over> {
    let hand_over = |typed| {
        lines.send(typed).map_err(|_| Over)?;
        waker.wake().map_err(|_| Over)
    };
    let mut bytes = Vec::new();
    let mut goes_on = false;
    loop {
        // What cannot be read is taken for the end.
        let count = input.take(LONGEST_LINE).read_until(b'\n', &mut bytes).unwrap_or(0);
        if count == 0 && bytes.is_empty() {
            return hand_over(Typed::End);
        }
        let ends = count == 0 || bytes.ends_with(b"\n");
        let rest = if ends { Vec::new() } else { cut_character(&mut bytes) };
        let text = String::from_utf8_lossy(line(&bytes)).into_owned();
        let typed = if goes_on { Typed::More(text) } else { Typed::Line { text, place: None } };
        hand_over(typed)?;
        goes_on = !ends;
        bytes = rest;
    }
}

/// A line without its end.
fn line(bytes: &[u8]) -> &[u8] {
    let Some(line) = bytes.strip_suffix(b"\n") else { return bytes };
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Takes away the beginning of a character whose end has not been read.
fn cut_character(bytes: &mut Vec<u8>) -> Vec<u8> {
    let unfinished = bytes.utf8_chunks().last().map_or(0, |chunk| chunk.invalid().len());
    bytes.split_off(bytes.len() - unfinished)
}
