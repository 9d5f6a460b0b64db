//! The words that dialects and rooms share: what a user asks ([`Command`]), what it gives ([`Outcome`] or
//! [`Refusal`]), what users are told ([`Notice`]).
//!
//! In: nothing. Out: plain data. Must not know any wire, any number of a wire, or how a room works inside.

use core::fmt;
use std::sync::Arc;

use crate::ids::{QuestionId, RoomId, UserId};

/// How the texts of a private room travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The server relays them.
    Central,
    /// Members send them to each other.
    Direct,
}

/// What somebody's protocol has words for, beyond talking: whether the rooms may ask him something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ability {
    /// He can be told only what has happened: he never manages a room, never waits at a door, and is counted as agreeing
    /// to a vote when its time is over.
    Told,
    /// He can be asked: to admit somebody, to agree to something, to wait until others have decided.
    Asked,
}

/// What a user asks of the rooms. Names of people and rooms that exist are ids already: each dialect shows names in its
/// own way. Texts and new names are borrowed from the datagram that brought them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// Say something to everybody else in the room one is in.
    Say {
        /// What is said.
        text: &'a str,
    },
    /// Say something to one other person in the room one is in, public or private.
    SayTo {
        /// That person.
        to: UserId,
        /// What is said.
        text: &'a str,
    },
    /// Make a private room without a manager and move into it.
    Create {
        /// The room's name, unique on the server.
        room: &'a str,
        /// How its texts travel.
        mode: Mode,
        /// The most members it may have, 2..=254.
        capacity: u8,
    },
    /// Make a centralised private room that has no manager, takes any number and lives until it is empty, and move into it.
    Open {
        /// The room's name, unique on the server.
        room: &'a str,
    },
    /// Intend to make a private room with these people and to manage it. The mode is chosen next, within 60 s; a proposal
    /// whose mode is not chosen yet is replaced by a newer one.
    Propose {
        /// Whom to ask; oneself among them does not count.
        users: &'a [UserId],
        /// The most members the room may have, 2..=254.
        capacity: u8,
        /// The room is not opened when there are so many private rooms already.
        most_rooms: usize,
    },
    /// Choose how the texts of the proposed room travel, and have the people asked. It opens when the first accepts.
    Choose {
        /// How its texts travel.
        mode: Mode,
    },
    /// Name the proposed room while nobody has accepted yet; afterwards as [`Command::Rename`].
    Name {
        /// The name, unique on the server.
        room: &'a str,
    },
    /// Give the private room one is in another name.
    Rename {
        /// The name, unique on the server.
        room: &'a str,
    },
    /// Have the mode of the room one manages changed, if all others agree.
    ChangeMode {
        /// How its texts shall travel.
        mode: Mode,
    },
    /// End the room one manages.
    Dissolve,
    /// Move into a private room, if its manager lets one in. Asking for the room one is in changes nothing and succeeds.
    Join {
        /// The room.
        room: RoomId,
    },
    /// Go back to the public room.
    Leave,
    /// Ask somebody into the private room one is in.
    Invite {
        /// Whom.
        user: UserId,
    },
    /// Answer a question: come or not, admit or not, agree or not.
    Answer {
        /// Which.
        question: QuestionId,
        /// Whether the answer is yes.
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
    /// Others have to decide: [`Notice::Admitted`], [`Notice::NotAdmitted`] or [`Notice::VoteOver`] will tell.
    Undecided,
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
    /// The invitation, or whatever was asked, was withdrawn, has run out or was never put to one.
    NoSuchInvitation,
    /// Only the members of a decentralised room have texts passed on one by one, in a protocol that says so (M11).
    NotDecentralised,
    /// The person meant is in another room.
    Elsewhere,
    /// Only the manager of a room may do this.
    NotManager,
    /// The room's members are being asked about its mode already.
    VoteOpen,
    /// The people one has asked into a room one proposed have not answered yet.
    ProposalOpen,
    /// There is no proposal of one's own whose mode could be chosen, or it is out already.
    NothingProposed,
    /// The manager, or somebody who was asked to agree, said no or did not answer in time.
    Denied,
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
            Self::Elsewhere => "in another room",
            Self::NotManager => "only the manager may do this",
            Self::VoteOpen => "the members are being asked already",
            Self::ProposalOpen => "those you have asked have not answered yet",
            Self::NothingProposed => "nothing was proposed",
            Self::Denied => "not agreed",
        })
    }
}

/// What somebody is asked to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Whether he comes into a private room.
    Invitation {
        /// Who invites. May be gone from the server by the time this is told.
        by: UserId,
        /// His name.
        name: Arc<str>,
        /// The room; `None` while it is only proposed.
        room: Option<RoomId>,
        /// The room's name; that of a proposed room may still change.
        room_name: Arc<str>,
        /// How its texts travel.
        mode: Mode,
    },
    /// Whether somebody may come into the room he manages.
    Admission {
        /// Who wants to come in.
        user: UserId,
        /// His name.
        name: Arc<str>,
    },
    /// Whether he agrees to another mode of his room.
    Vote {
        /// How its texts shall travel.
        mode: Mode,
    },
}

/// Why a private room has closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// One member was left.
    Alone,
    /// Its manager has ended it.
    Dissolved,
}

/// What a user is told without having asked.
///
/// Three of them move their receiver: [`Notice::Closed`], [`Notice::Opened`] and [`Notice::Admitted`]. What became of
/// each of these has to be reported to the rooms, once for each receiver: until then he may count as unaware (M21).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Somebody said something.
    Text {
        /// Who.
        author: UserId,
        /// What; one copy for all who hear it.
        text: Arc<str>,
        /// Whether it was said to this one hearer alone.
        alone: bool,
    },
    /// Somebody has to decide something; whether it is still open, the rooms say.
    Asked {
        /// What to quote in the answer.
        question: QuestionId,
        /// What is asked.
        what: Question,
    },
    /// The room one proposed is open, and one is in it.
    Opened {
        /// The room.
        room: RoomId,
    },
    /// Nobody came into the room one proposed, or it could not be opened.
    NotOpened {
        /// Why.
        why: Refusal,
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
    /// One's private room has closed; one is back in the public room.
    Closed {
        /// The room it was.
        room: RoomId,
        /// The name it had.
        name: Arc<str>,
        /// Why it closed.
        why: Ending,
    },
    /// Somebody declined one's invitation, or let it run out.
    Declined {
        /// Who was invited.
        user: UserId,
        /// His name.
        name: Arc<str>,
    },
    /// An invitation one accepted led nowhere: the room is full or gone.
    CouldNotJoin {
        /// The room's name.
        room: Arc<str>,
        /// Why.
        why: Refusal,
    },
    /// The manager lets one in: one is in the room now.
    Admitted {
        /// The room.
        room: RoomId,
    },
    /// One does not get in.
    NotAdmitted {
        /// Why: [`Refusal::Denied`], [`Refusal::RoomFull`] or [`Refusal::NoSuchRoom`].
        why: Refusal,
    },
    /// Told to those who cannot be asked: the others vote about the room's mode, and one is counted as agreeing.
    VoteHeld {
        /// How its texts shall travel.
        mode: Mode,
    },
    /// What became of the change of mode one wanted.
    VoteOver {
        /// How the texts were to travel.
        mode: Mode,
        /// Whether all agreed; then they do.
        agreed: bool,
    },
    /// The texts of one's room travel another way from now on.
    ModeChanged {
        /// The room.
        room: RoomId,
        /// The way.
        mode: Mode,
    },
    /// One's room has another name.
    Renamed {
        /// The room.
        room: RoomId,
        /// The name.
        name: Arc<str>,
    },
    /// One manages the room one is in from now on: its manager has left.
    Manages {
        /// The room.
        room: RoomId,
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
