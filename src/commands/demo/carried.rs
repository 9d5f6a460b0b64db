//! What a segment of a connection carries, as far as people notice.
//!
//! In: whole messages, their protocol, who sent them. Out: what each of them is, and by what a repetition is known. Must
//! not know who gets them.

use palabre::dialect::stories::{Answer, DEFAULT_LIMIT, Form, Request, StoriesFraming};
use palabre::dialect::{matou, stumtp};
use palabre::engine::Dialect;
use palabre::wire::{Deframer, Scratch};

use super::what::{Key, What};

/// Looks into the messages of a segment. A name is theirs who get them or have sent them.
pub(super) fn look_into(
    dialect: Dialect,
    by_server: bool,
    name: &str,
    bytes: &[u8],
) -> Vec<(What, Option<Key>)> {
    match dialect {
        Dialect::Matou => matou_messages(by_server, name, bytes),
        Dialect::Stumtp => stumtp_messages(by_server, bytes),
        _ => stories_messages(by_server, bytes),
    }
}

/// The server gives back what somebody says: that is how he learns that it has arrived (A3).
fn matou_messages(by_server: bool, name: &str, mut bytes: &[u8]) -> Vec<(What, Option<Key>)> {
    use matou::{Message, Way};
    let way = if by_server { Way::ToClient } else { Way::ToServer };
    let mut deframer = Deframer::new(matou::Frames { way });
    let mut scratch = Scratch::new();
    let mut found = Vec::new();
    while let Ok(Some(message)) = deframer.next(&mut bytes) {
        let what = match Message::decode(&message, &mut scratch) {
            Ok(Message::Said { author, .. }) if author == name => What::TextAnswer,
            Ok(Message::Say { text } | Message::Said { text, .. }) => What::Text(text.into_owned()),
            Ok(Message::Connect { .. }) => What::Request(Some("registration")),
            Ok(Message::SignOut) => What::Request(Some("goodbye")),
            _ => What::Answer,
        };
        found.push((what, None));
    }
    found
}

fn stories_messages(by_server: bool, mut bytes: &[u8]) -> Vec<(What, Option<Key>)> {
    let mut deframer = Deframer::new(StoriesFraming::answers(Form::Prefixed, DEFAULT_LIMIT));
    let mut found = Vec::new();
    while let Ok(Some(frame)) = deframer.next(&mut bytes) {
        let text = core::str::from_utf8(Form::Prefixed.content(&frame)).unwrap_or_default();
        found.push((command(by_server, text), None));
    }
    found
}

/// A message of STUMTP bears a number, and keeps it when it is sent again over another connection (U3).
fn stumtp_messages(by_server: bool, mut bytes: &[u8]) -> Vec<(What, Option<Key>)> {
    use stumtp::Frame;
    let mut deframer = Deframer::new(stumtp::FRAMING);
    let mut found = Vec::new();
    while let Ok(Some(unit)) = deframer.next(&mut bytes) {
        found.push(match stumtp::decode(&unit) {
            Ok(Frame::Numbered { id: 0, text, .. }) if stumtp::resumed(text).is_some() => {
                (What::Request(Some("resumption of the session")), None)
            }
            Ok(Frame::Numbered { id: 0, text, .. }) => (command(by_server, text), None),
            Ok(Frame::Numbered { id, text, .. }) => (command(by_server, text), Some((0, id))),
            Ok(Frame::Ack(_)) => (What::TextAnswer, None),
            _ => (What::Answer, None),
        });
    }
    found
}

fn command(by_server: bool, text: &str) -> What {
    if by_server {
        return match Answer::parse(text) {
            Ok(Some(Answer::Said { text, .. })) => What::Text(text.into_owned()),
            _ => What::Answer,
        };
    }
    What::Request(match Request::parse(text).1 {
        Ok(Request::Say { text, .. }) => return What::Text(text.into_owned()),
        Ok(Request::Login { .. }) => Some("registration"),
        Ok(Request::Join { .. } | Request::Enter { .. }) => Some("access to a room"),
        Ok(Request::Bye { .. } | Request::Quit) => Some("goodbye"),
        _ => None,
    })
}
