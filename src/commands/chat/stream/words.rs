//! The words for what happens in the protocols over TCP.
//!
//! In: events of the client. Out: lines to print, with everything that strangers wrote escaped. Must not know where they
//! are printed.

use std::net::SocketAddr;

use palabre::client::stream::{Answer, ConnectError, Protocol, Question};

use super::session::Pending;
use crate::commands::chat::escape;

/// What came of a command; `None` where an event has said it already.
pub(super) fn answer(pending: &Pending, answer: &Answer) -> Option<String> {
    let asked = &pending.asked;
    Some(match answer {
        Answer::In(room) => format!("you are in the room {}", escape::text(room)),
        Answer::Left => "you are in the public room".into(),
        Answer::Done => return None,
        Answer::Rooms(rooms) if rooms.is_empty() => "there are no rooms".into(),
        Answer::Rooms(rooms) => format!("rooms: {}", list(rooms)),
        Answer::Users(users) => format!("here: {}", list(users)),
        Answer::Sent { name, size, crc } => {
            format!("{} is sent: {size} bytes, CRC-32 {crc:08x}", escape::text(name))
        }
        Answer::Voted(count) => format!("{asked}: {count}"),
        Answer::Refused(why) => format!("{asked}: {}", escape::text(why)),
        Answer::Unanswered => format!("{asked}: no answer; it may have been done all the same"),
    })
}

/// What we are asked, and how to answer.
pub(super) fn question(protocol: Protocol, by: &str, what: &Question, number: u64) -> String {
    let how = format!("/yes {number} or /no {number}");
    match what {
        Question::Vote(question) => format!("{by} asks for a vote: {}: {how}", escape::text(question)),
        Question::Confirm(question) => format!("{by} asks you: {}: {how}", escape::text(question)),
        Question::Private if protocol == Protocol::Matou => {
            format!("{by} asks for a private connection: /accept {by} or /decline {by}")
        }
        Question::Private => format!("{by} wants to talk to you directly: {how}"),
    }
}

/// Why a session could not begin: what, where, what to do.
pub(super) fn not_registered(why: &ConnectError, server: SocketAddr, name: &str) -> String {
    match why {
        ConnectError::Unreachable(why) => {
            format!(
                "no connection to {server}/tcp: {}: check the address, and that `palabre serve` runs there",
                escape::text(why)
            )
        }
        ConnectError::Silence => {
            format!(
                "no answer from {server}/tcp: check the address, and that both ends have the same --protocol"
            )
        }
        ConnectError::Refused(why) if why.is_empty() => {
            format!("{server} does not let {name} in: choose another name with --name, or try again later")
        }
        ConnectError::Refused(why) => format!(
            "{server} does not let {name} in: {}: choose another name with --name, or try again later",
            escape::text(why)
        ),
    }
}

fn list(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| escape::name(name)).collect();
    names.join(", ")
}
