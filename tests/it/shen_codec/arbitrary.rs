//! Any message of Shen's that can be sent.

use palabre::dialect::shen::{Body, Entry, Format, Kind, Message};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::codec::arbitrary::{mode, text};

/// Any message.
pub(super) fn message() -> impl Strategy<Value = Message<'static>> {
    (0_u16..1024, body()).prop_map(|(seq, body)| Message { seq, body })
}

/// Any body, each type as likely as any other.
pub(super) fn body() -> impl Strategy<Value = Body<'static>> {
    select(Kind::ALL).prop_flat_map(|kind| match kind.format() {
        Format::Plain => line().prop_map(move |text| Body::plain(kind, text)).boxed(),
        Format::Speech => (handle(), handle(), line())
            .prop_map(move |(emitter, receiver, text)| Body::Speech {
                kind,
                emitter,
                receiver,
                text: text.into(),
            })
            .boxed(),
        Format::Room => (any::<bool>(), mode(), handle(), line())
            .prop_map(move |(private, mode, room, text)| Body::Room {
                kind,
                private,
                mode,
                room,
                text: text.into(),
            })
            .boxed(),
        Format::List => list().prop_map(Body::List).boxed(),
    })
}

/// Mostly short lists, sometimes as long as they can be.
fn list() -> impl Strategy<Value = Vec<Entry<'static>>> {
    prop_oneof![
        8 => vec(entry(text(80).boxed()), 0..=12),
        1 => vec(entry(Just("e".repeat(511)).boxed()), 2),
        1 => vec(entry(Just("ee".into()).boxed()), 512),
    ]
}

fn entry(text: BoxedStrategy<String>) -> impl Strategy<Value = Entry<'static>> {
    (handle(), any::<bool>(), 0_u16..4096, text).prop_map(|(room, private, user, text)| Entry {
        room,
        private,
        user,
        text: text.into(),
    })
}

/// A text of a message; some end like a line, some are as long as they can be.
fn line() -> impl Strategy<Value = String> {
    let end = prop_oneof![4 => Just(""), 1 => Just("\r"), 1 => Just("\n"), 1 => Just("\r\n")];
    prop_oneof![
        2 => Just(String::new()),
        8 => (text(100), end).prop_map(|(text, end)| text + end),
        2 => text(1_022),
        1 => Just("x".repeat(1_022)),
    ]
}

fn handle() -> impl Strategy<Value = u16> {
    0_u16..1024
}
