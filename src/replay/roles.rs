//! Which datagrams ask, and which answer what.
//!
//! In: a datagram taken apart, who sends it, what the other end has asked. Out: [`Part`]. Must not know time, nor what was
//! answered when.

use super::asked::Memory;
use crate::dialect::{msp, shen};
use crate::dissect::Dissection;
use crate::wire::Value;

/// What a datagram is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// It wants an answer.
    Request {
        /// What tells it from others of its sender; the lower 16 bits are its number.
        key: u32,
        /// A person may have to answer it.
        is_patient: bool,
    },
    /// It answers the first of these that was asked and is open, or else was asked.
    Answer([Option<u32>; 2]),
    /// It says neither.
    Unclear,
}

/// In the key of a request that is malformed: most often it is the copy of a right one that a link has changed on its way,
/// and what answers the right one does not answer this.
const MALFORMED: u32 = 1 << 31;

/// The part of a datagram of MSP (M1).
pub(super) fn msp(bytes: &[u8], dissection: &Dissection) -> Part {
    let Some(header) = msp::RawHeader::peek(bytes) else { return Part::Unclear };
    let key = |code: u8| u32::from(code) << 16 | u32::from(header.seq);
    let own = key(header.code) | malformed(dissection);
    // What has no type is answered too (M26).
    let Some(kind) = header.kind() else {
        return Part::Request { key: own, is_patient: false };
    };
    if kind.is_request() {
        return Part::Request { key: own, is_patient: kind == msp::Kind::Offer };
    }
    Part::Answer(match kind {
        msp::Kind::TextReply => [msp::Kind::Text, msp::Kind::Relay].map(|kind| Some(key(kind.code()))),
        msp::Kind::Error => {
            let refused = number(dissection, "TYPE_REFUSE").and_then(|code| u8::try_from(code).ok());
            [refused.map(|code| key(code) | MALFORMED), refused.map(key)]
        }
        _ => [header.code.checked_sub(1).map(key), None],
    })
}

/// Who sends a datagram of Shen's protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    Server,
    Client,
    /// A member of a decentralised room, to another.
    Member,
}

/// The part of a datagram of Shen's protocol: the type alone does not say it (S5). `others` are the requests of the one it
/// is sent to.
pub(super) fn shen(
    bytes: &[u8],
    dissection: &Dissection,
    sender: Sender,
    others: &Memory,
    digest: u64,
) -> Part {
    use shen::Kind;
    let Some(header) = shen::RawHeader::peek(bytes) else { return Part::Unclear };
    let Some(kind) = header.kind() else { return Part::Unclear };
    let key = u32::from(header.seq);
    let answers = match kind {
        Kind::Ack | Kind::ConnectRefused | Kind::NoSuchUser | Kind::ModeOffer | Kind::NoSuchReceiver => true,
        Kind::Accept | Kind::Decline => {
            sender == Sender::Client && others.get(key).is_some_and(|asked| asks(asked.message, kind))
        }
        // The server asks so too, but never under a number that is still open to the client.
        Kind::Denied | Kind::Elsewhere | Kind::RoomFull | Kind::UserList => {
            let fits = |asked: &&super::asked::Asked| asked.is_open() || asked.was_answered_by(digest);
            sender == Sender::Server
                && others.get(key).filter(fits).is_some_and(|asked| asks(asked.message, kind))
        }
        _ => false,
    };
    if answers {
        return Part::Answer([Some(key), None]);
    }
    let is_question = match kind {
        Kind::Invite => true,
        Kind::Relay => number(dissection, "EMITTER") == Some(0),
        _ => false,
    };
    Part::Request { key: key | malformed(dissection), is_patient: is_question && sender == Sender::Server }
}

const fn malformed(dissection: &Dissection) -> u32 {
    if dissection.error.is_some() { MALFORMED } else { 0 }
}

/// Whether a request of this name may be answered by this type (S5).
fn asks(message: Option<&'static str>, answer: shen::Kind) -> bool {
    use shen::Kind;
    let requests: &[Kind] = match answer {
        Kind::Accept | Kind::Decline => &[Kind::Relay, Kind::Invite],
        Kind::Denied => &[
            Kind::Join,
            Kind::Dissolve,
            Kind::Invite,
            Kind::ChooseMode,
            Kind::ChangeMode,
            Kind::NameRoom,
            Kind::RenameRoom,
        ],
        Kind::Elsewhere => &[Kind::Send],
        Kind::RoomFull => &[Kind::Join],
        Kind::UserList => &[Kind::ListUsers],
        _ => &[],
    };
    requests.iter().any(|request| message == Some(request.wire_name()))
}

/// The value of the first field of this name.
pub(super) fn number(dissection: &Dissection, field: &str) -> Option<u64> {
    numbers(dissection, field).next()
}

/// The values of all fields of this name.
pub(super) fn numbers(dissection: &Dissection, field: &str) -> impl Iterator<Item = u64> {
    dissection.fields.iter().filter(move |row| row.name == field).filter_map(|row| match row.value {
        Value::Number(number) => Some(number),
        _ => None,
    })
}

/// The text of the first field of this name.
pub(super) fn text<'d>(dissection: &'d Dissection, field: &str) -> Option<&'d str> {
    let row = dissection.fields.iter().find(|row| row.name == field)?;
    if let Value::Text(text) = &row.value { Some(text) } else { None }
}
