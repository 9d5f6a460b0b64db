//! What messages mean to the rooms, and how the rooms' answers are said.
//!
//! In: a request's [`Body`], a [`Refusal`], an [`Event`]. Out: a [`Command`], the [`Body`] of a response, words. Must not
//! know who is registered, when anything happened, or what became of it.

use std::borrow::Cow;

use super::{Access, AccessStatus, Body, CreateStatus, ErrorCode, Event, Kind, Name, room_name, user_name};
use crate::ids::{RoomId, UserId};
use crate::vocab::{Command, Mode, Refusal};

/// Who and what is meant by the numbers and names of this wire.
pub trait Known {
    /// The user behind an id.
    fn user_of(&self, id: u8) -> Option<UserId>;
    /// The user whom this wire calls so.
    fn user(&self, name: &str) -> Option<UserId>;
    /// The private room that this wire calls so.
    fn room(&self, name: &str) -> Option<RoomId>;
}

/// What a request asks of the rooms; `None` when it asks nothing of them. `known` finds who and what is meant.
///
/// # Errors
/// A name that breaks the rules is one that nobody has (M3), and so is an id.
pub fn command<'m>(body: &'m Body<'_>, known: &impl Known) -> Option<Result<Command<'m>, Refusal>> {
    let command = match body {
        Body::Text { text, .. } => Ok(Command::Say { text }),
        Body::Relay { to, text, .. } => {
            known.user_of(*to).map(|to| Command::SayTo { to, text }).ok_or(Refusal::NoSuchUser)
        }
        Body::CreateRoom { mode, room, capacity } => room_name(room)
            .map(|room| Command::Create { room, mode: *mode, capacity: *capacity })
            .ok_or(Refusal::BadName),
        Body::JoinRoom { room } | Body::SwitchRoom { room } => {
            let room = room_name(room).and_then(|room| known.room(room));
            room.map(|room| Command::Join { room }).ok_or(Refusal::NoSuchRoom)
        }
        Body::LeaveRoom => Ok(Command::Leave),
        Body::Invite { user } => {
            let user = user_name(user).and_then(|user| known.user(user));
            user.map(|user| Command::Invite { user }).ok_or(Refusal::NoSuchUser)
        }
        _ => return None,
    };
    Some(command)
}

/// How a request of type `kind` is refused. `mode` is that of the room it was about, if there is one.
#[must_use]
pub fn refused(kind: Kind, why: Refusal, mode: Mode) -> Body<'static> {
    let status = match (kind, why) {
        (Kind::CreateRoom, Refusal::BadName) => Some(created(CreateStatus::InvalidName)),
        (Kind::CreateRoom, Refusal::NameTaken) => Some(created(CreateStatus::NameTaken)),
        (Kind::CreateRoom, Refusal::CapacityTooSmall) => Some(created(CreateStatus::CapacityTooSmall)),
        (Kind::JoinRoom, Refusal::NoSuchRoom) => {
            Some(Body::JoinRoomReply(no_access(mode, AccessStatus::NoSuchRoom)))
        }
        (Kind::JoinRoom, Refusal::RoomFull) => {
            Some(Body::JoinRoomReply(no_access(mode, AccessStatus::RoomFull)))
        }
        (Kind::SwitchRoom, Refusal::NoSuchRoom) => {
            Some(Body::SwitchRoomReply(no_access(mode, AccessStatus::NoSuchRoom)))
        }
        (Kind::SwitchRoom, Refusal::RoomFull) => {
            Some(Body::SwitchRoomReply(no_access(mode, AccessStatus::RoomFull)))
        }
        (Kind::LeaveRoom, _) => Some(Body::LeaveRoomReply { refused: true }),
        _ => None,
    };
    status.unwrap_or_else(|| error(kind.code(), error_code(why), why.to_string()))
}

/// An ERREUR. A reason that is too long for it is cut at a character.
#[must_use]
pub fn error<'a>(refused: u8, code: ErrorCode, reason: impl Into<Cow<'a, str>>) -> Body<'a> {
    let mut reason = reason.into();
    let end = reason.floor_char_boundary(usize::from(u8::MAX));
    if end < reason.len() {
        reason.to_mut().truncate(end);
    }
    Body::Error { refused, code, reason }
}

/// The same in words, for those who do not read NOTIFICATION (M12).
#[must_use]
pub fn words(event: &Event<'_>) -> String {
    match event {
        Event::Joined { user, .. } => format!("{user} has come into this room"),
        Event::Left { user, .. } => format!("{user} has left this room"),
        Event::Closed { room } => format!("the room {room} has closed: you are back in the public room"),
        Event::ModeChanged(Mode::Central) => "texts of this room now go through the server".into(),
        Event::ModeChanged(Mode::Direct) => "members of this room now send texts to each other".into(),
        Event::Renamed { room } => format!("this room is called {room} now"),
        Event::Declined { user } => format!("{user} does not come"),
        Event::Stopping => "the server stops".into(),
    }
}

/// A name as this wire can carry it. Names of this dialect's own users and rooms always fit.
#[must_use]
pub fn name(text: &str) -> Name<'_> {
    Name::new(text).unwrap_or_default()
}

const fn created(status: CreateStatus) -> Body<'static> {
    Body::CreateRoomReply { status, room: 0 }
}

const fn no_access(mode: Mode, status: AccessStatus) -> Access<'static> {
    match mode {
        Mode::Central => Access::Central(status),
        Mode::Direct => Access::Direct { status, peers: Vec::new() },
    }
}

const fn error_code(why: Refusal) -> ErrorCode {
    match why {
        Refusal::NoSuchUser | Refusal::Elsewhere => ErrorCode::NO_SUCH_USER,
        Refusal::NotInPrivateRoom | Refusal::NotToldYet => ErrorCode::NOT_IN_PRIVATE_ROOM,
        Refusal::CapacityTooLarge => ErrorCode::OUT_OF_RANGE,
        Refusal::BadName
        | Refusal::NameTaken
        | Refusal::CapacityTooSmall
        | Refusal::TooManyRooms
        | Refusal::NoSuchRoom
        | Refusal::RoomFull
        | Refusal::AlreadyMember
        | Refusal::TooManyInvitations
        | Refusal::NoSuchInvitation
        | Refusal::NotDecentralised
        | Refusal::NotManager
        | Refusal::VoteOpen
        | Refusal::ProposalOpen
        | Refusal::NothingProposed
        | Refusal::Denied => ErrorCode::NOT_ALLOWED,
    }
}
