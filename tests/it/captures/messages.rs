//! Which messages a capture has, and which way they go.
//!
//! In: a capture. Out: each message that can be read: its dialect, its way, its name. Must not know which there should be.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use palabre::capture::Seen;
use palabre::dialect::stories::{Form, StoriesFraming};
use palabre::dialect::stumtp::{self, Frame};
use palabre::dissect::{dissect, messages};
use palabre::engine::{Dialect, Listener};
use palabre::wire::Deframer;

use super::shelf::Capture;

/// Which way something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    ToServer,
    ToClient,
}

pub(super) type Sighting = (Dialect, Way, String);

/// What one connection carried.
#[derive(Default)]
struct Line {
    to_server: Vec<u8>,
    to_client: Vec<u8>,
}

/// All that can be read.
pub(super) fn of(capture: &Capture) -> BTreeSet<Sighting> {
    let mut seen = BTreeSet::new();
    let mut lines = BTreeMap::<(SocketAddr, SocketAddr), Line>::new();
    for event in &capture.events {
        match &event.seen {
            Seen::Datagram { from, to, bytes, .. } => {
                let (listener, way, _) = ends(capture, *from, *to);
                let found = dissect(listener.dialect, listener.integrity, bytes);
                if let (Some(name), None) = (found.message, found.error) {
                    seen.insert((listener.dialect, way, name.into()));
                }
            }
            Seen::Opened { from, to } => {
                if let Some(line) = lines.insert((*to, *from), Line::default()) {
                    read(ends(capture, *from, *to).0.dialect, &line, &mut seen);
                }
            }
            Seen::Bytes { from, to, bytes, .. } => {
                let (_, way, place) = ends(capture, *from, *to);
                let line = lines.entry(place).or_default();
                match way {
                    Way::ToServer => line.to_server.extend(bytes),
                    Way::ToClient => line.to_client.extend(bytes),
                }
            }
            _ => {}
        }
    }
    for ((server, client), line) in &lines {
        read(ends(capture, *client, *server).0.dialect, line, &mut seen);
    }
    seen
}

/// The listener of the two, which way this goes, and the two: the server's end first.
#[track_caller]
fn ends(capture: &Capture, from: SocketAddr, to: SocketAddr) -> (Listener, Way, (SocketAddr, SocketAddr)) {
    let at = |address| capture.header.addresses.iter().position(|own| *own == address);
    let (index, way, place) = match (at(to), at(from)) {
        (Some(index), _) => (index, Way::ToServer, (to, from)),
        (None, Some(index)) => (index, Way::ToClient, (from, to)),
        (None, None) => panic!("{}: neither {from} nor {to} is the server", capture.name),
    };
    (capture.header.config.listeners[index], way, place)
}

fn read(dialect: Dialect, line: &Line, seen: &mut BTreeSet<Sighting>) {
    for (way, bytes) in [(Way::ToServer, &line.to_server), (Way::ToClient, &line.to_client)] {
        match dialect {
            Dialect::Stories => stories(way, line, bytes, seen),
            Dialect::Stumtp => messages(dialect, bytes).into_iter().for_each(|unit| stumtp(way, unit, seen)),
            _ => messages(dialect, bytes).into_iter().for_each(|message| {
                let found = dissect(dialect, Default::default(), message);
                if let (Some(name), None) = (found.message, found.error) {
                    seen.insert((dialect, way, name.into()));
                }
            }),
        }
    }
}

fn stories(way: Way, line: &Line, mut bytes: &[u8], seen: &mut BTreeSet<Sighting>) {
    let Some(form) = Form::of(line.to_server.iter().copied()) else { return };
    let mut deframer = Deframer::new(StoriesFraming::answers(form, 1 << 20));
    while let Ok(Some(frame)) = deframer.next(&mut bytes) {
        if let Ok(text) = std::str::from_utf8(form.content(&frame)) {
            seen.insert((Dialect::Stories, way, format!("{form:?}")));
            seen.extend(said(text).map(|said| (Dialect::Stories, way, said)));
        }
    }
}

fn stumtp(way: Way, unit: &[u8], seen: &mut BTreeSet<Sighting>) {
    let Ok(frame) = stumtp::decode(unit) else { return };
    let (form, text) = match frame {
        Frame::Ack(_) => ("acknowledgement", None),
        Frame::Plain(text) => ("plain text", Some(text)),
        Frame::Numbered { ack: None, text, .. } => ("numbered text", Some(text)),
        Frame::Numbered { ack: Some(_), text, .. } => ("numbered text that acknowledges", Some(text)),
    };
    seen.insert((Dialect::Stumtp, way, form.into()));
    seen.extend(text.and_then(said).map(|said| (Dialect::Stumtp, way, said)));
}

/// The type of an object; or a command, and the mark that is its style.
fn said(text: &str) -> Option<String> {
    if text.starts_with('{') {
        let object: serde_json::Value = serde_json::from_str(text).ok()?;
        return object["type"].as_str().map(|kind| format!("{{{kind}}}"));
    }
    let style = text.chars().find(|c| matches!(c, '"' | '|')).unwrap_or('"');
    let word = text.split(['"', '|', ' ']).next()?;
    Some(format!("{word}{style}"))
}
