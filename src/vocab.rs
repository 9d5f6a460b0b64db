//! The words that dialects and rooms share: what a user asks ([`Command`]), what it gives ([`Outcome`] or
//! [`Refusal`]), what users are told ([`Notice`]).
//!
//! In: nothing. Out: plain data. Must not know any wire, any number of a wire, or how a room works inside.

use core::fmt;
use std::sync::Arc;

use crate::ids::{InvitationId, RoomId, UserId};

/// How the texts of a private room travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The server relays them.
    Central,
    /// Members send them to each other.
    Direct,
}

/// What a user asks of the rooms. Texts and names are borrowed from the datagram that brought them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// Say something to everybody else in the room one is in.
    Say {
        /// What is said.
        text: &'a str,
    },
    /// Pass a text to one fellow member of a decentralised room whom one cannot reach directly.
    SayTo {
        /// The fellow member.
        to: UserId,
        /// What is said.
        text: &'a str,
    },
    /// Make a private room and move into it.
    Create {
        /// The room's name, unique on the server.
        room: &'a str,
        /// How its texts travel.
        mode: Mode,
        /// The most members it may have, 2..=254.
        capacity: u8,
    },
    /// Move into a private room. Asking for the room one is in changes nothing and succeeds.
    Join {
        /// The room's name.
        room: &'a str,
    },
    /// Go back to the public room.
    Leave,
    /// Ask somebody into the private room one is in.
    Invite {
        /// Whom.
        user: &'a str,
    },
    /// Answer an invitation.
    Answer {
        /// Which.
        invitation: InvitationId,
        /// Whether one comes.
        accept: bool,
    },
}

/// What a command that was carried out gives back to the one who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done and there is nothing to add.
    Done,
    /// One is now (or was already) in this private room.
    In(RoomId),
}

/// Why a command changed nothing. A normal answer, not a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The name is empty, too long or has characters that no dialect could show.
    BadName,
    /// A user or a room has this name already.
    NameTaken,
    /// A room for fewer than two.
    CapacityTooSmall,
    /// A room for more than there can be users.
    CapacityTooLarge,
    /// As many private rooms as can be listed exist already.
    TooManyRooms,
    /// No private room has this name (any more).
    NoSuchRoom,
    /// The room has as many members as it may.
    RoomFull,
    /// Nobody, or nobody who could be meant here, has this name or id.
    NoSuchUser,
    /// One has to be in a private room for this.
    NotInPrivateRoom,
    /// One was just moved out of a private room and has not been told yet: what was meant for it stays unsaid (M21).
    NotToldYet,
    /// The one invited is a member already, or oneself.
    AlreadyMember,
    /// The one invited has too many unanswered invitations.
    TooManyInvitations,
    /// The invitation was withdrawn, has run out or was never made.
    NoSuchInvitation,
    /// Only the members of a decentralised room have texts passed on one by one.
    NotDecentralised,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadName => "not a possible name",
            Self::NameTaken => "this name is taken",
            Self::CapacityTooSmall => "a room is for at least 2",
            Self::CapacityTooLarge => "a room is for at most 254",
            Self::TooManyRooms => "there are as many rooms as there can be",
            Self::NoSuchRoom => "no such room",
            Self::RoomFull => "the room is full",
            Self::NoSuchUser => "no such user here",
            Self::NotInPrivateRoom => "not in a private room",
            Self::NotToldYet => "your room has just closed",
            Self::AlreadyMember => "already a member",
            Self::TooManyInvitations => "too many open invitations",
            Self::NoSuchInvitation => "no such invitation",
            Self::NotDecentralised => "not a decentralised room",
        })
    }
}

/// What a user is told without having asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Somebody said something.
    Text {
        /// Who.
        author: UserId,
        /// What; one copy for all who hear it.
        text: Arc<str>,
    },
    /// Somebody asks one into a private room.
    Invited {
        /// What to quote in the answer.
        invitation: InvitationId,
        /// The name of the one who asks.
        by: Arc<str>,
        /// The room's name.
        room: Arc<str>,
        /// How its texts travel.
        mode: Mode,
    },
    /// Somebody came into the room one is in.
    Joined {
        /// Who.
        user: UserId,
        /// The room they came into; `None` is the public one.
        room: Option<RoomId>,
    },
    /// Somebody left the room one is in.
    Left {
        /// Who. May be gone from the server by the time this is told.
        user: UserId,
        /// The name of the one who left.
        name: Arc<str>,
    },
    /// One's private room has closed; one is back in the public room. What became of this notice has to be reported to
    /// the rooms, once for each: until then its receiver counts as unaware (M21).
    Closed {
        /// The name it had.
        room: Arc<str>,
    },
    /// Somebody declined one's invitation, or let it run out.
    Declined {
        /// The name of the one invited.
        user: Arc<str>,
    },
    /// An invitation one accepted led nowhere: the room is full or gone.
    CouldNotJoin {
        /// The room's name.
        room: Arc<str>,
        /// Why.
        why: Refusal,
    },
}

/// Something to tell to some users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// To whom: at least one, none twice, in the order they came into the room.
    pub to: Vec<UserId>,
    /// What.
    pub notice: Notice,
}
