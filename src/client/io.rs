//! What goes into the client and what comes out of it.
//!
//! In and out: plain data. Inputs borrow; outputs own what they need and name where it goes.

use std::fmt;
use std::net::SocketAddr;

use crate::dialect::msp::{AccessStatus, CreateStatus, ErrorCode, RegisterStatus};
use crate::vocab::Mode;
use crate::wire::Payload;

/// What the caller calls one of his requests; its events quote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// A question that waits for an answer of ours: an invitation, and in Shen's protocol also whether somebody may come into
/// our room, or whether we agree to another mode of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Invitation(pub u64);

/// Something that happened outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// A datagram came.
    Datagram {
        /// From where: the server, or a member of one's decentralised room.
        from: SocketAddr,
        /// All its bytes.
        bytes: &'a [u8],
    },
    /// The user wants something. It is done after what he wanted before.
    Ask(Ticket, Ask),
}

/// What a user may want.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Say something to everybody in the room one is in by then. At most 60,000 bytes by most servers.
    Say(String),
    /// Make a private room and move into it. In MSP only: in Shen's protocol one invites somebody instead.
    Create {
        /// Its name, 1 to 50 bytes without '#' and control characters.
        room: String,
        /// How its texts travel.
        mode: Mode,
        /// The most members it may have, 2..=254.
        capacity: u8,
    },
    /// Move into a private room from the public one. Where its manager has to decide, we stay where we are until he has:
    /// [`Event::Undecided`] tells (S9). Texts that were wanted after this one and before that event are given up.
    Join(String),
    /// Move into another private room.
    Switch(String),
    /// Go back to the public room.
    Leave,
    /// Ask somebody into the private room one is in. In Shen's protocol several people, with commas between their names;
    /// and from the public room into a new one that one will manage: [`Event::ModeOffered`] comes before the answer (S8).
    Invite(String),
    /// Answer an invitation, or another question.
    Answer {
        /// Which.
        invitation: Invitation,
        /// Whether one comes, admits or agrees.
        accept: bool,
    },
    /// Say something to one person. In Shen's protocol only. Its fate is told as that of a text.
    Tell {
        /// His name.
        user: String,
        /// What is said.
        text: String,
    },
    /// Choose how the texts of the room travel that one invited to: the people are asked now, and [`Event::Opened`] or
    /// [`Event::NotOpened`] follows. In Shen's protocol only (S8).
    ChooseMode(Mode),
    /// Have the mode of the room changed that one manages, if all others agree. In Shen's protocol only (S10).
    ChangeMode(Mode),
    /// Name the room one invited to, before it opens. In Shen's protocol only (S8).
    Name(String),
    /// Give the room one is in another name. In Shen's protocol only (S11).
    Rename(String),
    /// End the room one manages. In Shen's protocol only (S11).
    Dissolve,
    /// Ask which private rooms there are.
    ListRooms,
    /// Ask who is in a room; `None` is everybody on the server.
    ListUsers(Option<String>),
    /// Leave the server.
    Disconnect,
}

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send a datagram.
    Datagram {
        /// To where.
        to: SocketAddr,
        /// Its bytes.
        payload: Payload,
    },
    /// Something the user may want to know.
    Event(Event),
}

/// Who said something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// Somebody whose name is known.
    Named(String),
    /// Somebody who has this id, and is gone.
    Unnamed(u8),
    /// The server.
    Server,
}

/// What one is asked to decide, besides invitations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Whether somebody may come into the room one manages (S9).
    Admission {
        /// Who.
        user: String,
    },
    /// Whether one agrees to another mode of one's room (S10).
    ModeChange {
        /// The mode it shall have.
        mode: Mode,
    },
}

impl fmt::Display for Speaker {
    /// The name; `#7` for somebody unknown with id 7, which nobody can be called in MSP; `*` for the server.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::Unnamed(id) => write!(f, "#{id}"),
            Self::Server => f.write_str("*"),
        }
    }
}

/// Something the user may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// We are registered, in the public room.
    Registered {
        /// Our id; 0 in Shen's protocol, which does not tell it.
        id: u8,
    },
    /// The server did not know us any more; we register anew and will be in the public room.
    Forgotten,
    /// Registration was tried in vain and is tried again.
    StillConnecting {
        /// Why it was in vain.
        why: ConnectError,
    },
    /// Registration is given up: nothing works from here on.
    NotRegistered {
        /// Why.
        why: ConnectError,
    },
    /// Somebody said something.
    Heard {
        /// Who.
        from: Speaker,
        /// What.
        text: String,
    },
    /// What became of a text.
    Text {
        /// Which.
        ticket: Ticket,
        /// What became of it.
        fate: Fate,
    },
    /// The answer to another request.
    Answered {
        /// Which.
        ticket: Ticket,
        /// What it is.
        answer: Answer,
    },
    /// Somebody asks us into a room.
    Invited {
        /// What to quote in the answer.
        invitation: Invitation,
        /// Who asks.
        by: String,
        /// The room; empty in Shen's protocol, where it has no name yet.
        room: String,
        /// How its texts travel.
        mode: Mode,
    },
    /// We are asked something else. The answer is wanted within a minute.
    Question {
        /// What to quote in the answer.
        question: Invitation,
        /// What is asked.
        what: Question,
    },
    /// The manager of the room we want to join has to decide. We stay where we are, and what is said is said there; the
    /// answer comes when he has decided.
    Undecided {
        /// The request to join.
        ticket: Ticket,
    },
    /// The people we invite will be asked when we have chosen the mode of the room ([`Ask::ChooseMode`]).
    ModeOffered,
    /// The room we invited to is open, and we are in it.
    Opened {
        /// Its name.
        room: String,
        /// How its texts travel.
        mode: Mode,
    },
    /// Nobody comes into the room we invited to.
    NotOpened,
    /// The texts of our room travel another way now.
    ModeChanged(Mode),
    /// Our room has another name now.
    Renamed(String),
    /// Somebody came into our room.
    Joined(String),
    /// Somebody left our room.
    Left(String),
    /// Our room has closed, or we had to leave it because it was not certain that we are in it; we are back in the
    /// public one.
    Closed(String),
    /// Somebody does not come.
    Declined(String),
    /// The server says that it stops.
    ServerStops,
    /// We are not on the server any more, as we wanted.
    Disconnected,
}

/// What became of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The server has it, or in a decentralised room every member has it or the server has it for him.
    Delivered,
    /// The link fails; it is sent again as soon as the server is heard from.
    Delayed,
    /// It will not be sent any more, and this is why. Some may have heard it.
    GivenUp(Why),
}

/// Why a text was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The server is silent.
    Silence,
    /// The room it was meant for is not ours any more, or never was.
    RoomGone,
    /// The server refused it.
    Refused(ErrorCode, String),
    /// These members of a decentralised room could not be reached.
    Unreached(Vec<String>),
    /// It is longer than a datagram.
    TooLong,
    /// We are not registered, or leaving.
    NotConnected,
}

impl Why {
    /// A text that was refused like any other request.
    pub(super) fn of(refused: Refused) -> Self {
        match refused {
            Refused::Error(code, reason) => Self::Refused(code, reason),
            Refused::BadName => Self::TooLong,
            other => Self::Refused(ErrorCode::NOT_ALLOWED, other.to_string()),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silence => f.write_str("the server does not answer"),
            Self::RoomGone => f.write_str("the room it was meant for is gone"),
            Self::Refused(code, reason) if reason.is_empty() => write!(f, "the server refused it: {code}"),
            Self::Refused(_, reason) => write!(f, "the server refused it: {reason}"),
            Self::Unreached(names) => write!(f, "not reached: {}", names.join(", ")),
            Self::TooLong => f.write_str("it is too long for a datagram"),
            Self::NotConnected => f.write_str("not connected"),
        }
    }
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// We are in this private room.
    In {
        /// Its name.
        room: String,
        /// How its texts travel.
        mode: Mode,
    },
    /// We are back in the public room.
    Left,
    /// The invitation is on its way, or the answer to one.
    Done,
    /// The private rooms: name, mode, number of members.
    Rooms(Vec<(String, Mode, u8)>),
    /// Those who are there.
    Users(Vec<String>),
    /// It was refused, and nothing has changed.
    Refused(Refused),
    /// The server does not answer. It may have been done all the same.
    Unanswered,
}

/// Why something was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The room was not made.
    Create(CreateStatus),
    /// We did not get into the room.
    Access(AccessStatus),
    /// We are in no private room.
    NotInPrivateRoom,
    /// The server's reason.
    Error(ErrorCode, String),
    /// There is no such invitation.
    NoSuchInvitation,
    /// A name that the protocol cannot carry.
    BadName,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create(CreateStatus::InvalidName) | Self::BadName => f.write_str("not a possible name"),
            Self::Create(CreateStatus::NameTaken) => f.write_str("there is a room of this name"),
            Self::Create(CreateStatus::CapacityTooSmall) => f.write_str("a room is for at least 2"),
            Self::Access(AccessStatus::NoSuchRoom) => f.write_str("there is no such room"),
            Self::Access(AccessStatus::RoomFull) => f.write_str("the room is full"),
            Self::NotInPrivateRoom => f.write_str("you are in no private room"),
            Self::NoSuchInvitation => f.write_str("there is no such invitation"),
            Self::Error(code, reason) if reason.is_empty() => code.fmt(f),
            Self::Error(_, reason) => f.write_str(reason),
            Self::Create(_) | Self::Access(_) => f.write_str("refused"),
        }
    }
}

/// Why registration failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectError {
    /// The server did not answer.
    Silence,
    /// It said no.
    Refused(RegisterStatus),
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Silence => "the server does not answer",
            Self::Refused(RegisterStatus::InvalidName) => "the server does not take this name",
            Self::Refused(RegisterStatus::NameTaken) => "the name is taken",
            Self::Refused(_) => "the server is full",
        })
    }
}
