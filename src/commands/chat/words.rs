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
use super::line::Matter;
use super::protocol::Protocol;
use super::session::Pending;

/// Where somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the public room.
    Public,
    /// In a private room.
    Room(String),
    /// In a room whose name is not known yet: what to call it, safe to print.
    Other(String),
}

impl Place {
    /// The place of a client in this private room, if it is in one.
    pub(super) fn of(room: Option<(&str, Mode)>) -> Self {
        room.map_or(Self::Public, |(name, _)| Self::Room(name.into()))
    }

    /// The room one has invited to (S8).
    pub(super) fn invited_to() -> Self {
        Self::Other("the room you invite to".into())
    }

    /// As a prompt has it. A private room may have any name, but must not look like the public one.
    pub(super) fn prompt(&self) -> String {
        match self {
            Self::Public => "public".into(),
            Self::Room(name) if name == "public" => "\"public\"".into(),
            Self::Room(name) => escape::name(name).into_owned(),
            Self::Other(words) => words.clone(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.write_str("the public room"),
            Self::Room(name) => write!(f, "the room {}", escape::text(name)),
            Self::Other(words) => f.write_str(words),
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

/// What the server answered to a command.
pub(super) fn answer(protocol: Protocol, pending: &Pending, answer: &Answer) -> Vec<String> {
    let asked = &pending.asked;
    match answer {
        Answer::In { room, mode: how } => {
            vec![format!("you are in the room {} ({})", escape::text(room), mode(*how))]
        }
        Answer::Left => vec!["you are in the public room".into()],
        Answer::Done => vec![pending.done.clone().unwrap_or_else(|| format!("{asked}: it is on its way"))],
        Answer::Rooms(rooms) if rooms.is_empty() => vec!["there is no private room".into()],
        Answer::Rooms(rooms) => rooms
            .iter()
            .map(|(name, how, members)| {
                let some = if *members == 1 { "member" } else { "members" };
                let line = format!("room {}: {members} {some}", escape::text(name));
                // Shen's lists do not say how the texts of other people's rooms travel.
                match protocol {
                    Protocol::Msp => format!("{line}, {}", mode(*how)),
                    Protocol::Shen => line,
                }
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

/// There is no such question.
pub(super) fn no_question(matter: Matter, number: Option<u64>) -> String {
    match (matter, number) {
        (Matter::Invitation, Some(number)) => format!("there is no invitation {number}"),
        (Matter::Invitation, None) => "nobody has invited you".into(),
        (Matter::Admission, None) => "nobody asks to come in".into(),
        (Matter::Vote, None) => "nobody asks whether you agree".into(),
        (_, Some(number)) => format!("there is no such question {number}"),
    }
}

/// Why a session has not begun. Shen's protocol has one refusal for everything (S5).
pub(super) fn not_connected(protocol: Protocol, why: ConnectError) -> String {
    match (protocol, why) {
        (Protocol::Shen, ConnectError::Refused(_)) => "the server does not let us in under this name".into(),
        (_, why) => why.to_string(),
    }
}

/// Why a session could not begin, or go on: what, where, what to do.
pub(super) fn not_registered(
    protocol: Protocol,
    why: ConnectError,
    server: SocketAddr,
    name: &str,
) -> String {
    match why {
        ConnectError::Silence => format!(
            "no answer from {server}/udp: check the address, that `palabre serve` runs there, and that both ends \
             have the same --protocol and --integrity"
        ),
        ConnectError::Refused(_) if protocol == Protocol::Shen => format!(
            "{server} does not let {name} in: the name is taken, or belongs to another address, or the server is \
             full: choose another with --name"
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
