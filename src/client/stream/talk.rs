//! What people want of a client of a protocol over TCP, and what they are told.
//!
//! In and out: plain data. Must not know connections, bytes or any protocol.

use std::fmt;
use std::path::PathBuf;

use crate::client::Ticket;

/// A question that waits for an answer of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuestionId(pub u64);

/// What a user may want. What a protocol has no words for is answered with [`Answer::Refused`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Say something to everybody in the room one is in by then. Its fate is told.
    Say(String),
    /// Say something to one person, with whom one has a private connection. Its fate is told.
    Tell {
        /// His name.
        user: String,
        /// What is said.
        text: String,
    },
    /// Move into a room.
    Join(String),
    /// Go back to the public room.
    Leave,
    /// Ask which rooms there are.
    ListRooms,
    /// Ask who is here, as far as we have been told. In Matou only.
    ListUsers,
    /// Send a file: to one person with whom one has a private connection, or to the room.
    SendFile {
        /// Where it is.
        path: PathBuf,
        /// To whom; `None` is everybody in the room.
        to: Option<String>,
    },
    /// Have a file sent that somebody has offered to the room.
    Fetch {
        /// What the offer called it ([`Event::FileOffered`]).
        id: String,
    },
    /// Ask the others in the room to vote.
    Vote(String),
    /// Answer a question, or take an offered private connection.
    Answer {
        /// Which.
        question: QuestionId,
        /// Whether yes or no.
        accept: bool,
    },
    /// Ask somebody for a private connection.
    Open(String),
    /// End the private connection with somebody.
    Close(String),
    /// Leave the server.
    Disconnect,
}

/// Something the user may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The server has let us in: we are in the public room.
    Registered,
    /// There is no connection, and another one is tried.
    StillConnecting {
        /// Why.
        why: String,
    },
    /// There is a connection again; everything goes on where it was.
    Reconnected,
    /// The server did not let us in, or could not be reached: nothing works from here on.
    NotRegistered {
        /// Why.
        why: ConnectError,
    },
    /// The connection has ended against our will: nothing works from here on.
    Lost {
        /// Why.
        why: String,
    },
    /// We are not on the server any more, as we wanted.
    Disconnected,
    /// The server has put us into this room; `None` is the public one.
    Moved(Option<String>),
    /// Somebody said something.
    Heard {
        /// Who.
        from: String,
        /// What.
        text: String,
        /// Whether to us alone.
        alone: bool,
    },
    /// The server tells something, in its own words.
    Notice(String),
    /// Somebody came.
    Joined(String),
    /// Somebody left.
    Left(String),
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
    /// We are asked something.
    Question {
        /// What to quote in the answer.
        question: QuestionId,
        /// Who asks.
        by: String,
        /// What.
        what: Question,
    },
    /// A question needs no answer any more.
    Moot(QuestionId),
    /// A vote that somebody else has begun is over.
    Voted {
        /// Who began it.
        by: String,
        /// The votes.
        count: Count,
    },
    /// A private connection is open.
    Opened {
        /// With whom.
        user: String,
        /// Whether nobody is between us; otherwise what is said goes through the server.
        direct: bool,
    },
    /// A private connection has ended, or did not come about.
    Closed {
        /// With whom.
        user: String,
        /// Why, where there is something to say.
        why: String,
    },
    /// Somebody has a file for the room.
    FileOffered {
        /// What to ask for it by ([`Ask::Fetch`]).
        id: String,
        /// What he calls it.
        name: String,
        /// Its size in bytes.
        size: u64,
        /// Who.
        by: String,
    },
    /// A file is on its way, and this much of it is done.
    Progress {
        /// What it is called.
        name: String,
        /// To us or from us.
        way: Way,
        /// Bytes that are done.
        done: u64,
        /// All its bytes.
        total: u64,
    },
    /// Somebody's file has come, and is as it should be.
    FileSaved {
        /// Where it is now.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
        /// The CRC-32 of its bytes.
        crc: u32,
    },
    /// A file did not come, or did not go.
    FileLost {
        /// What it is called.
        name: String,
        /// Why.
        why: String,
    },
}

/// Which way a file goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To us.
    In,
    /// From us.
    Out,
}

/// What we are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// To vote about this.
    Vote(String),
    /// To confirm this.
    Confirm(String),
    /// For a private connection.
    Private,
}

/// How people have voted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many said yes.
    pub yes: u64,
    /// How many said no.
    pub no: u64,
    /// How many said nothing.
    pub absent: u64,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} yes, {} no, {} without a vote", self.yes, self.no, self.absent)
    }
}

/// What became of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The server, or the one it was for, has it.
    Delivered,
    /// The link fails; it is kept, and sent again.
    Delayed,
    /// It will not be sent any more, and this is why.
    GivenUp(Why),
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The server refused it, with these words.
    Refused(String),
    /// The room it was meant for is not the one we are in.
    RoomGone,
    /// There is no private connection with that user.
    NotOpen(String),
    /// It is longer than the protocol can carry.
    TooLong,
    /// It has characters that the protocol cannot carry.
    BadText,
    /// There is no connection, or we are leaving.
    NotConnected,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) if why.is_empty() => f.write_str("the server refused it"),
            Self::Refused(why) => write!(f, "the server refused it: {why}"),
            Self::RoomGone => f.write_str("the room it was meant for is gone"),
            Self::NotOpen(user) => write!(f, "there is no private connection with {user}"),
            Self::TooLong => f.write_str("it is too long for this protocol"),
            Self::BadText => f.write_str("it has characters that this protocol cannot carry"),
            Self::NotConnected => f.write_str("not connected"),
        }
    }
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// We are in this room.
    In(String),
    /// We are back in the public room.
    Left,
    /// It is done, or on its way.
    Done,
    /// The rooms there are.
    Rooms(Vec<String>),
    /// Those who are here, ourselves among them, as far as we have been told.
    Users(Vec<String>),
    /// The file has been sent.
    Sent {
        /// What it is called.
        name: String,
        /// Its size in bytes.
        size: u64,
        /// The CRC-32 of its bytes.
        crc: u32,
    },
    /// The vote is over.
    Voted(Count),
    /// It was not done; this is why.
    Refused(String),
    /// The server does not answer. It may have been done all the same.
    Unanswered,
}

/// Why a session did not begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectError {
    /// No connection came about.
    Unreachable(String),
    /// The server did not answer.
    Silence,
    /// It said no, in these words.
    Refused(String),
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => f.write_str(why),
            Self::Silence => f.write_str("the server does not answer"),
            Self::Refused(why) if why.is_empty() => f.write_str("the server does not let us in"),
            Self::Refused(why) => write!(f, "the server does not let us in: {why}"),
        }
    }
}
