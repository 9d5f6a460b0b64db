//! The line editor, in a thread of its own.
//!
//! In: turns: a prompt and what stands behind it. Out: for each the line that was typed, or what was on it when its prompt
//! had to change. Must not know who asks.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{Config, Context, Editor, Helper};

use super::interrupts::Interrupts;

/// One line to read.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) plain: String,
    pub(super) styled: String,
    /// What already stands left and right of the cursor.
    pub(super) draft: (String, String),
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Reading {
    /// This was typed.
    Line(String),
    /// The prompt had to change; this was on the line.
    Redraw((String, String)),
    /// Ctrl-C, Ctrl-D, or a terminal that is gone.
    End,
}

/// Sees every change of the line, and completes commands.
#[derive(Debug)]
pub(super) struct Drafts {
    draft: RefCell<(String, String)>,
    help: &'static [&'static str],
}

/// An editor with history, for this run only: what people say is not written to a disk. It completes the commands that
/// `help` begins its lines with.
pub(super) fn open(help: &'static [&'static str]) -> rustyline::Result<Editor<Drafts, DefaultHistory>> {
    let config = Config::builder().auto_add_history(true).build();
    let mut editor = Editor::with_config(config)?;
    editor.set_helper(Some(Drafts { draft: RefCell::default(), help }));
    Ok(editor)
}

/// Reads one line a turn, until there are no more turns or it is over.
pub(super) fn read(
    mut editor: Editor<Drafts, DefaultHistory>,
    turns: &Receiver<Turn>,
    interrupts: &Interrupts,
    is_over: &AtomicBool,
    hand_over: impl Fn(Reading),
) {
    for turn in turns {
        if is_over.load(Ordering::SeqCst) {
            return;
        }
        let (left, right) = &turn.draft;
        let reading = match editor.readline_with_initial(&(turn.plain, turn.styled), (left, right)) {
            Ok(line) => Reading::Line(line),
            Err(ReadlineError::Interrupted) if interrupts.take_ours() => {
                erase_line();
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
                Reading::Redraw(editor.helper().map(|drafts| drafts.draft.take()).unwrap_or_default())
            }
            Err(_) => Reading::End,
        };
        hand_over(reading);
    }
}

/// The editor has left the line it was interrupted on: take it away.
fn erase_line() {
    let mut out = io::stdout();
    let _ = out.write_all(b"\x1b[A\x1b[2K\r").and_then(|()| out.flush());
}

impl Helper for Drafts {}
impl Highlighter for Drafts {}
impl Validator for Drafts {}

impl Hinter for Drafts {
    type Hint = String;

    /// Hints nothing, but is asked after each change.
    fn hint(&self, line: &str, at: usize, _: &Context<'_>) -> Option<String> {
        if let Some((left, right)) = line.split_at_checked(at) {
            self.draft.replace((left.into(), right.into()));
        }
        None
    }
}

impl Completer for Drafts {
    type Candidate = String;

    /// Completes the name of a command.
    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let typed = line.get(..at).unwrap_or(line);
        let names = self.help.iter().flat_map(|help| help.split([' ', ',']));
        let names = names.filter(|name| name.len() > 1 && name.starts_with('/') && !name.starts_with("//"));
        let fits = names.filter(|name| !typed.is_empty() && name.starts_with(typed));
        Ok((0, fits.map(|name| format!("{name} ")).collect()))
    }
}
