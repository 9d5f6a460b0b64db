//! The front for people: a line to edit, and above it what happens.
//!
//! In: keys. Out: lines; what is heard and what happens, printed above the prompt so that it is never torn. Must not know
//! what a line means.
//!
//! Two threads: one waits in the line editor, one hands it what to print, for that can block. The editor has no way to be
//! told that it is over, or that its prompt has to change: but it ends at a SIGINT, so we send ourselves one.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use palabre::client::driver::Waker;
use rustyline::ExternalPrinter;

use super::editor::{self, Reading, Turn};
use super::front::{Front, Typed};
use super::interrupts::Interrupts;
use super::words::Place;
use crate::commands::style::{Look, Style, look_of};

/// How long the editor has to print what it was given before it is told that it is over.
const LAST_PRINTS: Duration = Duration::from_millis(20);
/// How long it has to notice a signal, and how often it gets one.
const NOTICE: Duration = Duration::from_millis(50);
const SIGNALS: u32 = 40;

/// A terminal.
#[derive(Debug)]
pub(super) struct Terminal {
    style: Style,
    interrupts: Interrupts,
    /// What the editor is to read next; dropped when there is nothing more to read.
    turns: Option<Sender<Turn>>,
    readings: Receiver<Reading>,
    /// Where the prompt says we are, while a line is being read.
    shown: Option<Place>,
    /// The editor was told that the prompt has to change.
    is_changing: bool,
    /// What was on the line when its prompt had to change.
    draft: (String, String),
    /// Where its writer was when he began it: nobody sees a prompt change in time to hold back the Enter key.
    begun_in: Option<Place>,
    /// What was printed last is a line that is rewritten.
    rewritten: bool,
    is_over: Arc<AtomicBool>,
    /// What is to be printed; none when the terminal is our own again.
    screen: Option<Sender<String>>,
    printing: Option<JoinHandle<()>>,
}

impl Terminal {
    /// Takes over the terminal. The Tab key completes the commands of `help`.
    ///
    /// # Errors
    /// When it is none that lines can be edited on.
    pub(super) fn open(
        help: &'static [&'static str],
        waker: Waker,
        interrupts: Interrupts,
    ) -> rustyline::Result<Self> {
        let (turns, wanted) = channel();
        let (sender, readings) = channel();
        let (screen, lines) = channel();
        let is_over = Arc::new(AtomicBool::new(false));
        let mut editor = editor::open(help)?;
        let printer = editor.create_external_printer()?;
        let printing = thread::spawn(move || print(printer, &lines));
        let (ours, over) = (interrupts.clone(), Arc::clone(&is_over));
        thread::spawn(move || {
            editor::read(editor, &wanted, &ours, &over, |reading| {
                // When the session is over, nobody wants to know.
                let _ = sender.send(reading);
                let _ = waker.wake();
            });
        });
        Ok(Self {
            style: Style::of_stdout(),
            interrupts,
            turns: Some(turns),
            readings,
            shown: None,
            is_changing: false,
            draft: Default::default(),
            begun_in: None,
            rewritten: false,
            is_over,
            screen: Some(screen),
            printing: Some(printing),
        })
    }

    /// Shows the prompt of `place`, with what was typed after the former one.
    fn prompt(&mut self, place: &Place) {
        match &self.shown {
            None => {
                let plain = format!("{}> ", place.prompt());
                let styled = self.style.paint(Look::Bold, &plain);
                let turn = Turn { plain, styled, draft: std::mem::take(&mut self.draft) };
                if let Some(turns) = &self.turns {
                    // An editor that is gone has said that there is no more.
                    let _ = turns.send(turn);
                    self.shown = Some(place.clone());
                }
            }
            Some(shown) if shown != place && !self.is_changing => {
                self.is_changing = true;
                self.interrupts.interrupt_reader();
            }
            Some(_) => {}
        }
    }

    fn print(&mut self, line: String) {
        self.rewritten = false;
        let left = match &self.screen {
            Some(screen) => screen.send(line).err().map(|unsent| unsent.0),
            None => Some(line),
        };
        if let Some(line) = left {
            // A terminal that is gone sends SIGHUP.
            let _ = writeln!(io::stdout(), "{line}");
        }
    }
}

impl Front for Terminal {
    fn next(&mut self, place: &Place) -> Option<Typed> {
        while let Ok(reading) = self.readings.try_recv() {
            let shown = self.shown.take();
            self.is_changing = false;
            match reading {
                Reading::Line(text) => {
                    self.rewritten = false;
                    return Some(Typed::Line { text, place: self.begun_in.take().or(shown) });
                }
                Reading::End => return Some(Typed::End),
                Reading::Redraw(draft) => {
                    let was_begun = draft != Default::default();
                    self.begun_in = self.begun_in.take().or(shown).filter(|_| was_begun);
                    self.draft = draft;
                }
            }
        }
        self.prompt(place);
        None
    }

    fn heard(&mut self, name: &str, text: &str) {
        let name = self.style.paint(look_of(name), format_args!("<{name}>"));
        self.print(format!("{name} {text}"));
    }

    fn answer(&mut self, line: &str) {
        self.print(line.into());
    }

    fn notice(&mut self, line: &str) {
        self.print(self.style.paint(Look::Dim, format_args!("* {line}")));
    }

    fn rewrites(&self) -> bool {
        true
    }

    fn rewrite(&mut self, line: &str) {
        // Up one line, and what stands there is erased: the prompt is drawn again below.
        let over = if self.rewritten { "\x1b[1A\r\x1b[2K" } else { "" };
        let line = self.style.paint(Look::Dim, format_args!("* {line}"));
        self.print(format!("{over}{line}"));
        self.rewritten = true;
    }

    fn hint_to_speak(&self, _: &Place) -> String {
        "the Up key brings it back".into()
    }

    fn shows_place(&self) -> bool {
        true
    }

    fn is_deaf(&self) -> bool {
        false
    }

    fn stop(&mut self) {
        if self.turns.take().is_none() {
            return;
        }
        self.is_over.store(true, Ordering::SeqCst);
        let mut patience = LAST_PRINTS;
        for _ in 0..SIGNALS {
            match self.readings.recv_timeout(patience) {
                // The reader has let go of the terminal, and of the printer: that one ends, too.
                Err(RecvTimeoutError::Disconnected) => {
                    self.screen = None;
                    let _ = self.printing.take().map(JoinHandle::join);
                    break;
                }
                Err(RecvTimeoutError::Timeout) => self.interrupts.interrupt_reader(),
                Ok(_) => {}
            }
            patience = NOTICE;
        }
        self.screen = None;
    }
}

/// Prints above the prompt while there is one, and on its own otherwise.
fn print(mut printer: impl ExternalPrinter, lines: &Receiver<String>) {
    for line in lines {
        if printer.print(format!("{line}\n")).is_err() {
            let _ = writeln!(io::stdout(), "{line}");
        }
    }
}
