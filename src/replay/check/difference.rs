//! The first thing in which a capture and a server differ, field by field.
//!
//! In: what the server says and what the capture has in its place. Out: rows, two values each. Must not know how they are
//! shown, nor how the difference was found.

use std::net::SocketAddr;

use super::compare::{Head, dropped};
use crate::capture::{Event, Seen};
use crate::dissect::{Dissection, dissect, messages};
use crate::engine::Listener;
use crate::wire::FieldRow;

/// The row with the wire name of a message.
const MESSAGE: &str = "message";

/// The first difference between a capture and what a server of today says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What sort of difference.
    pub fault: Fault,
    /// At which packet of the capture; `None`: at its end.
    pub packet: Option<u64>,
    /// When, in microseconds since 1970.
    pub at: u64,
    /// What the server had been told last.
    pub told: Told,
    /// What the server says; `None` where it says nothing.
    pub expected: Option<Said>,
    /// What the capture has; `None` where it has nothing.
    pub captured: Option<Said>,
}

/// A sort of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The capture has something else than the server says.
    Different,
    /// The capture does not have, at this place, what the server says.
    Missing,
    /// The capture has what the server does not say.
    TooMuch,
}

/// What a server was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The number of its packet; 0 when it was told nothing yet.
    pub packet: u64,
    /// When, in microseconds since 1970.
    pub at: u64,
    /// What it was, in a word or two.
    pub what: &'static str,
    /// By whom, if by a peer.
    pub from: Option<SocketAddr>,
}

/// One side of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What it is, in a word or two.
    pub what: &'static str,
    /// When, in microseconds since 1970.
    pub at: u64,
    /// From whom.
    pub from: Option<SocketAddr>,
    /// To whom.
    pub to: Option<SocketAddr>,
    /// What else there is to it: the words of a note, what was dropped.
    pub words: Option<String>,
    /// The bytes of the message, of a stream the message in which they differ.
    pub bytes: Vec<u8>,
    /// The message, field by field.
    pub message: Option<Dissection>,
}

/// A field, on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is called; a message's fields have their wire names.
    pub name: &'static str,
    /// What the server says.
    pub expected: Option<String>,
    /// What the capture has.
    pub captured: Option<String>,
}

impl Row {
    /// Whether the two are not the same.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.expected != self.captured
    }
}

/// What surrounds a difference.
#[derive(Debug)]
pub(super) struct Around {
    pub(super) told: Told,
    /// Whose words they are.
    pub(super) listener: Option<Listener>,
    pub(super) head: Option<Head>,
}

impl Around {
    /// The beginning of the message with which these bytes go on, if they do: it was written before, by itself.
    fn head_of(&self, event: &Event) -> Vec<u8> {
        let (Some(listener), Some((from, to, head))) = (self.listener, &self.head) else { return Vec::new() };
        let goes_on = matches!(&event.seen, Seen::Bytes { from: f, to: t, .. } if (f, t) == (from, to));
        let last = messages(listener.dialect, head).last().copied().unwrap_or_default();
        let is_whole = dissect(listener.dialect, listener.integrity, last).error.is_none();
        if goes_on && !is_whole { last.to_vec() } else { Vec::new() }
    }
}

impl Difference {
    /// `matched`: so many bytes of what is expected the capture has brought before.
    pub(super) fn new(
        fault: Fault,
        around: Around,
        mut expected: Option<Event>,
        matched: usize,
        captured: Option<&Event>,
    ) -> Self {
        let at = captured.or(expected.as_ref()).map_or(around.told.at, |event| event.at);
        let packet = captured.map(|event| event.packet);
        // What comes next in the capture is not what is missing: it only says where.
        let mut beside = captured
            .filter(|event| fault != Fault::Missing || is_same_way(expected.as_ref(), event))
            .cloned();
        if let Some(expected) = &mut expected {
            let head = around.head_of(expected);
            let matched = bytes(expected).and_then(|bytes| bytes.get(..matched)).unwrap_or_default();
            if let Some(beside) = beside.as_mut().filter(|beside| is_same_stream(beside, expected)) {
                put_before(beside, &[&head, matched].concat());
            }
            put_before(expected, &head);
        }
        let shared = match (expected.as_ref().and_then(bytes), beside.as_ref().and_then(bytes)) {
            (Some(a), Some(b)) => a.iter().zip(b).take_while(|(a, b)| a == b).count(),
            _ => 0,
        };
        let side = |event: Option<Event>| event.map(|event| Said::of(&event, around.listener, shared));
        Self { fault, packet, at, expected: side(expected), captured: side(beside), told: around.told }
    }

    /// Both sides, row by row, in order; those that are equal, too.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let sides = [self.expected.as_ref(), self.captured.as_ref()];
        let mut rows = Vec::new();
        let mut fact = |name, of: fn(&Said) -> Option<String>| {
            let [expected, captured] = sides.map(|side| side.and_then(of));
            if expected.is_some() || captured.is_some() {
                rows.push(Row { name, expected, captured });
            }
        };
        fact("what", |said| Some(said.what.into()));
        fact("time", |said| Some(said.at.to_string()));
        fact("from", |said| said.from.map(|from| from.to_string()));
        fact("to", |said| said.to.map(|to| to.to_string()));
        fact("words", |said| said.words.clone());
        fact("message", |said| {
            said.message.as_ref().map(|message| message.message.unwrap_or("unknown").into())
        });
        rows.extend(fields(sides));
        let mut fact = |name, of: fn(&Said) -> Option<String>| {
            let [expected, captured] = sides.map(|side| side.and_then(of));
            if expected.is_some() || captured.is_some() {
                rows.push(Row { name, expected, captured });
            }
        };
        fact("malformed", |said| {
            said.message.as_ref()?.error.as_ref().map(|e| format!("{}: {}", e.field, e.why))
        });
        fact("bytes", |said| (!said.bytes.is_empty()).then(|| hex(&said.bytes)));
        rows
    }

    /// What differs first: the name of its row. `None`: one side has nothing at all.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        if self.expected.is_none() || self.captured.is_none() {
            return None;
        }
        let differing: Vec<_> = self.rows().into_iter().filter(Row::differs).map(|row| row.name).collect();
        // What a message is called follows from its fields.
        differing.iter().find(|name| **name != MESSAGE).or(differing.first()).copied()
    }
}

impl Said {
    /// `shared`: so many of its bytes are the same on both sides.
    fn of(event: &Event, listener: Option<Listener>, shared: usize) -> Self {
        let all = bytes(event).unwrap_or_default();
        let found = listener.map(|listener| {
            let mut passed = 0_usize;
            let whole = messages(listener.dialect, all);
            let differing = whole.iter().find(|message| {
                passed = passed.saturating_add(message.len());
                passed > shared
            });
            let message = differing.or(whole.last()).copied().unwrap_or_default();
            (message, dissect(listener.dialect, listener.integrity, message))
        });
        let (message, dissection) = found.map_or((all, None), |(message, found)| (message, Some(found)));
        let note = match &event.seen {
            Seen::Note(note) => Some(note.clone()),
            Seen::Bytes { pushed: false, .. } => Some("the stream goes on".into()),
            _ => None,
        };
        let words: Vec<_> = note.into_iter().chain(dropped(event)).collect();
        Self {
            what: what(&event.seen),
            at: event.at,
            from: from(&event.seen),
            to: to(&event.seen),
            words: (!words.is_empty()).then(|| words.join(", ")),
            message: dissection.filter(|_| !message.is_empty()),
            bytes: message.to_vec(),
        }
    }
}

/// The fields of both messages. Those that have the same name stand beside one another.
fn fields(sides: [Option<&Said>; 2]) -> Vec<Row> {
    let [expected, captured] =
        sides.map(|side| side.and_then(|said| said.message.as_ref()).map_or(&[][..], |found| &found.fields));
    let mut rows = Vec::new();
    let (mut ours, mut theirs) = (expected.iter(), captured.iter());
    loop {
        match (ours.as_slice().first(), theirs.as_slice().first()) {
            (None, None) => return rows,
            (Some(a), Some(b)) if a.name == b.name => {
                rows.push(Row { name: a.name, expected: Some(value(a)), captured: Some(value(b)) });
                ours.next();
                theirs.next();
            }
            // The side that has the other's name further on has something before it.
            (Some(a), b) if b.is_none_or(|b| ours.as_slice().iter().any(|row| row.name == b.name)) => {
                rows.push(Row { name: a.name, expected: Some(value(a)), captured: None });
                ours.next();
            }
            (_, Some(b)) => {
                rows.push(Row { name: b.name, expected: None, captured: Some(value(b)) });
                theirs.next();
            }
            (Some(a), None) => {
                rows.push(Row { name: a.name, expected: Some(value(a)), captured: None });
                ours.next();
            }
        }
    }
}

fn value(row: &FieldRow) -> String {
    match &row.meaning {
        Some(meaning) => format!("{} ({})", row.value, meaning.escape_debug()),
        None => row.value.to_string(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn put_before(event: &mut Event, before: &[u8]) {
    if let Seen::Bytes { bytes, .. } = &mut event.seen {
        bytes.splice(..0, before.iter().copied());
    }
}

fn is_same_stream(a: &Event, b: &Event) -> bool {
    let is_bytes = |event: &Event| matches!(event.seen, Seen::Bytes { .. });
    is_bytes(a) && is_bytes(b) && a.seen.ends() == b.seen.ends()
}

fn bytes(event: &Event) -> Option<&[u8]> {
    match &event.seen {
        Seen::Datagram { bytes, .. } | Seen::Bytes { bytes, .. } => Some(bytes),
        _ => None,
    }
}

/// Whether both are said by the server.
fn is_same_way(expected: Option<&Event>, captured: &Event) -> bool {
    expected.is_some_and(|expected| match (from(&expected.seen), from(&captured.seen)) {
        (Some(a), Some(b)) => a == b,
        _ => matches!((&expected.seen, &captured.seen), (Seen::Note(_), Seen::Note(_))),
    })
}

/// What it is, in a word or two.
pub(super) fn what(seen: &Seen) -> &'static str {
    match seen {
        Seen::Datagram { .. } => "datagram",
        Seen::Opened { .. } => "connection",
        Seen::Bytes { .. } => "bytes",
        Seen::Missing { .. } => "missing bytes",
        Seen::Acknowledged { .. } => "acknowledgement",
        Seen::Window { is_open: true, .. } => "open window",
        Seen::Window { .. } => "closed window",
        Seen::Ended { .. } => "end",
        Seen::Reset { .. } => "reset",
        Seen::Note(note) if note == "timer" => "timer",
        Seen::Note(note) if note == "stop" => "stop",
        Seen::Note(_) => "note",
        Seen::Broken(_) => "broken packet",
        Seen::Foreign(_) => "foreign packet",
    }
}

/// Whether it belongs to a stream.
pub(super) const fn is_streamed(seen: &Seen) -> bool {
    !matches!(seen, Seen::Datagram { .. })
}

pub(super) fn from(seen: &Seen) -> Option<SocketAddr> {
    seen.ends().map(|(from, _)| from)
}

pub(super) fn to(seen: &Seen) -> Option<SocketAddr> {
    seen.ends().map(|(_, to)| to)
}
