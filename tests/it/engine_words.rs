//! Short names for the messages that the engine's tests send and expect.
//!
//! In: strings and numbers. Out: bodies, datagrams. Must not know a server.

use palabre::dialect::msp::{Body, ErrorCode, Message, Name, RegisterStatus, Registration};
use palabre::vocab::Mode;

pub(crate) fn name(text: &str) -> Name<'_> {
    Name::new(text).unwrap()
}

pub(crate) fn connect(who: &str) -> Body<'_> {
    Body::Connect { name: Some(name(who)) }
}

pub(crate) const KEEP_ALIVE: Body<'static> = Body::Connect { name: None };

pub(crate) const fn registered(status: RegisterStatus, id: u8) -> Body<'static> {
    Body::ConnectReply(Registration::Registered { status, id })
}

pub(crate) const fn kept_alive(error: bool) -> Body<'static> {
    Body::ConnectReply(Registration::KeepAlive { error })
}

pub(crate) fn text(words: &str) -> Body<'_> {
    Body::Text { text: words.into(), order: None }
}

pub(crate) fn create(room: &str, mode: Mode, capacity: u8) -> Body<'_> {
    Body::CreateRoom { mode, room: name(room), capacity }
}

pub(crate) fn join(room: &str) -> Body<'_> {
    Body::JoinRoom { room: name(room) }
}

pub(crate) fn invite(user: &str) -> Body<'_> {
    Body::Invite { user: name(user) }
}

pub(crate) fn encoded(user: u8, seq: u16, body: Body<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    Message { user, seq, body }.encode(&mut bytes).unwrap();
    bytes
}

/// Whether `answer` is an ERREUR about a request of type `refused`, and its code. The words are for people.
#[track_caller]
pub(crate) fn assert_error(answer: &Body<'_>, refused: u8, code: ErrorCode) {
    let Body::Error { refused: about, code: why, .. } = answer else { panic!("no ERREUR: {answer:?}") };
    assert_eq!((*about, *why), (refused, code));
}
