//! The words for what happens.
//!
//! In: events of the client. Out: lines to print, with everything that strangers wrote escaped. Must not know where they
//! are printed.

use std::fmt;
use std::net::SocketAddr;

use palabre::client::{Answer, ConnectError};
use palabre::dialect::msp::RegisterStatus;
use palabre::vocab::Mode;

use super::escape;

/// Where somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the public room.
    Public,
    /// In a private room.
    Room(String),
}

impl Place {
    /// The place of a client in this private room, if it is in one.
    pub(super) fn of(room: Option<(&str, Mode)>) -> Self {
        room.map_or(Self::Public, |(name, _)| Self::Room(name.into()))
    }

    /// As a prompt has it. A private room may have any name, but must not look like the public one.
    pub(super) fn prompt(&self) -> String {
        match self {
            Self::Public => "public".into(),
            Self::Room(name) if name == "public" => "\"public\"".into(),
            Self::Room(name) => escape::name(name).into_owned(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.write_str("the public room"),
            Self::Room(name) => write!(f, "the room {}", escape::text(name)),
        }
    }
}

/// How the texts of a room travel.
pub(super) const fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Central => "relayed by the server",
        Mode::Direct => "members talk directly",
    }
}

/// What the server answered to `asked`, a command as its user wrote it.
pub(super) fn answer(asked: &str, answer: &Answer) -> Vec<String> {
    match answer {
        Answer::In { room, mode: how } => {
            vec![format!("you are in the room {} ({})", escape::text(room), mode(*how))]
        }
        Answer::Left => vec!["you are in the public room".into()],
        Answer::Done => vec![format!("{asked}: it is on its way")],
        Answer::Rooms(rooms) if rooms.is_empty() => vec!["there is no private room".into()],
        Answer::Rooms(rooms) => rooms
            .iter()
            .map(|(name, how, members)| {
                let some = if *members == 1 { "member" } else { "members" };
                format!("room {}: {members} {some}, {}", escape::text(name), mode(*how))
            })
            .collect(),
        Answer::Users(names) if names.is_empty() => vec![format!("{asked}: nobody, or no such room")],
        Answer::Users(names) => {
            let names: Vec<_> = names.iter().map(|name| escape::name(name)).collect();
            vec![format!("{asked}: {}", names.join(", "))]
        }
        Answer::Refused(why) => vec![format!("{asked}: {}", escape::text(&why.to_string()))],
        Answer::Unanswered => {
            vec![format!("{asked}: the server does not answer; it may have been done all the same")]
        }
    }
}

/// Why a session could not begin, or go on: what, where, what to do.
pub(super) fn not_registered(why: ConnectError, server: SocketAddr, name: &str) -> String {
    match why {
        ConnectError::Silence => format!(
            "no answer from {server}/udp: check the address, that `palabre serve` runs there, and that both ends \
             have the same --integrity"
        ),
        ConnectError::Refused(RegisterStatus::NameTaken) => {
            format!("the name {name} is taken on {server}: choose another with --name")
        }
        ConnectError::Refused(RegisterStatus::InvalidName) => {
            format!("{server} does not take the name {name}: choose another with --name")
        }
        ConnectError::Refused(_) => format!("{server} is full: try again later"),
    }
}
