//! A frame piece by piece, for people who want to see every byte.
//!
//! In: a frame from anywhere in a connection, good or bad. Out: a row for each piece, in order and without a gap, and what
//! is wrong with the next one. Must not know how rows are shown, nor what a command means.

use serde::de::IgnoredAny;

use super::framing::{DEFAULT_LIMIT, Form, StoriesFraming};
use super::style::{Fault as Wrong, Parts, Style};
use crate::wire::{Fault, Field, FieldRow, Framing, Malformed, Prefixed, Step, Value};

const LENGTH: Field = Field::new("LENGTH", 32);
const COMMAND: Field = Field::new("COMMAND", 8);
const ARGUMENT: Field = Field::new("ARGUMENT", 8);
const TEXT: Field = Field::new("TEXT", 8);
const JSON: Field = Field::new("JSON", 8);
const LINE_END: Field = Field::new("LINE_END", 8);
/// What follows a frame.
const END: Field = Field::new("end", 8);
/// White space after the last argument.
const PADDING: Field = Field::new("padding", 8);

/// Every piece that is a number, for those who describe the language elsewhere.
pub const NUMBERS: &[Field] = &[LENGTH];
/// Every piece that is a text.
pub const STRINGS: &[Field] = &[COMMAND, ARGUMENT, TEXT, JSON, LINE_END, PADDING];

/// The commands that have a name, each way.
pub const COMMANDS: [&str; 15] = [
    "LOGIN",
    "JOIN_ROOM",
    "ROOM",
    "MSG",
    "FILE",
    "BYE",
    "QUIT",
    "BEGIN_SEQUENCE",
    "DISPLAY_ROOM",
    "OK",
    "KO",
    "ERROR",
    "SYSTEM",
    "ADMIN_BROADCAST",
    "COMPLETE",
];

/// The form of frames out of the middle of a connection, or of its answers: what begins with a letter or a brace is a line,
/// for no length that is allowed begins so ([`MOST_LIMIT`](super::MOST_LIMIT)).
#[must_use]
pub fn form(frames: &[u8]) -> Form {
    match frames.first() {
        Some(b'A'..=b'Z' | b'a'..=b'z' | b'{') => Form::Lines,
        _ => Form::Prefixed,
    }
}

/// What a frame is called: its command, or `JSON`; `None` when it has no name.
#[must_use]
pub fn command(frame: &[u8]) -> Option<&'static str> {
    let form = form(frame);
    let text = core::str::from_utf8(form.content(frame)).ok()?.trim_start();
    if text.starts_with('{') {
        return Some("JSON");
    }
    let word = Parts::of(text).1.ok()?.word;
    COMMANDS.into_iter().find(|command| word.eq_ignore_ascii_case(command))
}

/// The pieces of a frame up to the first that is wrong, and what is wrong with it: the length where there is one, the
/// command with the delimiter after it, each argument with its delimiters.
pub fn dissect(frame: &[u8]) -> (Vec<FieldRow>, Result<(), Malformed>) {
    let mut rows = Vec::new();
    let result = Pieces { rows: &mut rows, bit: 0 }.frame(frame);
    (rows, result)
}

struct Pieces<'r> {
    rows: &'r mut Vec<FieldRow>,
    bit: usize,
}

impl Pieces<'_> {
    fn frame(&mut self, frame: &[u8]) -> Result<(), Malformed> {
        let form = form(frame);
        let end = self.end(form, frame)?;
        let (whole, left) = frame.split_at_checked(end).unwrap_or((frame, &[]));
        if form == Form::Prefixed {
            let length = whole.len().saturating_sub(Prefixed::PREFIX);
            self.row(LENGTH, Prefixed::PREFIX, Value::Number(length.try_into().unwrap_or(u64::MAX)));
        }
        let content = form.content(whole);
        let Ok(text) = core::str::from_utf8(content) else {
            return Err(self.wrong(TEXT, Fault::NotUtf8));
        };
        self.text(text)?;
        let shown = self.bit / 8;
        if shown < whole.len() {
            let end = if whole.ends_with(b"\r\n") { "\r\n" } else { "\n" };
            self.row(LINE_END, whole.len() - shown, Value::Text(end.into()));
        }
        if left.is_empty() {
            return Ok(());
        }
        Err(self.wrong(END, Fault::Leftover { bits: left.len().saturating_mul(8) }))
    }

    /// How many bytes the first frame has.
    fn end(&self, form: Form, frame: &[u8]) -> Result<usize, Malformed> {
        let field = if form == Form::Prefixed { LENGTH } else { TEXT };
        let left = frame.len().saturating_mul(8);
        let short = || self.wrong(field, Fault::Short { wanted: left.saturating_add(8), left });
        if frame.is_empty() {
            return Err(short());
        }
        match StoriesFraming::answers(form, DEFAULT_LIMIT).step(&[], frame) {
            Ok(Step::Last(end)) => Ok(end),
            Ok(Step::Part(_)) => Err(match (form, frame.first_chunk()) {
                (Form::Prefixed, Some(prefix)) => {
                    self.wrong(LENGTH, Fault::Disagrees(u32::from_be_bytes(*prefix).into()))
                }
                _ => short(),
            }),
            Err(long) => Err(self.wrong(field, Fault::Reserved(long.announced.unwrap_or(u64::MAX)))),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Malformed> {
        if text.trim_start().starts_with('{') {
            if serde_json::from_str::<IgnoredAny>(text).is_err() {
                return Err(self.wrong(JSON, Fault::NotJson));
            }
            self.row(JSON, text.len(), Value::Text(text.into()));
            return Ok(());
        }
        let parts = Parts::of(text).1.map_err(|_| self.wrong(COMMAND, Fault::Reserved(first(text))))?;
        self.row(COMMAND, text.len().saturating_sub(parts.rest.len()), Value::Text(parts.word.into()));
        if parts.style == Style::Bar && parts.word.eq_ignore_ascii_case("MSG") {
            self.row(TEXT, parts.rest.len(), Value::Text(parts.rest.into()));
            return Ok(());
        }
        let mut rest = Some(parts.rest);
        while let Some(before) = rest {
            let found = parts.next(&mut rest).map_err(|why| self.wrong(ARGUMENT, fault(why, before)))?;
            let taken = before.len().saturating_sub(rest.map_or(0, str::len));
            match found {
                Some(argument) => self.row(ARGUMENT, taken, Value::Text(argument.into())),
                None if taken > 0 => self.row(PADDING, taken, Value::Text(before.into())),
                None => {}
            }
        }
        Ok(())
    }

    fn row(&mut self, field: Field, bytes: usize, value: Value) {
        let bits = bytes.saturating_mul(8);
        self.rows.push(FieldRow { bit: self.bit, bits, name: field.name, value, meaning: None });
        self.bit = self.bit.saturating_add(bits);
    }

    const fn wrong(&self, field: Field, fault: Fault) -> Malformed {
        Malformed { field: field.name, bit: self.bit, fault }
    }
}

fn fault(why: Wrong, left: &str) -> Fault {
    match why {
        Wrong::Unterminated => Fault::Unterminated { longest: left.trim_start().len().saturating_sub(1) },
        _ => Fault::Reserved(first(left.trim_start())),
    }
}

/// The first character of a text, as a number.
fn first(text: &str) -> u64 {
    text.chars().next().map_or(0, |c| u32::from(c).into())
}
