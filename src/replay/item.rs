//! What a story tells.
//!
//! In: nothing. Out: plain data that owns what it holds. Must not know how it was found out, nor how it is shown.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::dissect::Dissection;
use crate::engine::Dialect;

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The packet it is about: the one that ends a message; for what was never answered, the first try.
    pub packet: u64,
    /// When, in microseconds since 1970.
    pub at: u64,
    /// What the capture remarks about it.
    pub comments: Vec<String>,
    /// What it is.
    pub what: What,
}

/// What there is to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Somebody said something.
    Message(Message),
    /// Nobody answered a request in the time in which its sender repeats it, or until the capture ended.
    Unanswered(Unanswered),
    /// A client opened a connection.
    Opened {
        /// The client.
        from: End,
        /// Whom he wants to speak with.
        to: End,
        /// What is spoken there.
        dialect: Dialect,
    },
    /// Somebody says nothing more on a connection.
    Ended {
        /// Who.
        from: End,
        /// To whom.
        to: End,
    },
    /// Somebody ended a connection at once.
    Reset {
        /// Who.
        from: End,
        /// To whom.
        to: End,
    },
    /// Somebody takes nothing more of a stream for now, or goes on taking.
    Window {
        /// Who.
        from: End,
        /// Whose bytes.
        to: End,
        /// Whether he takes them.
        is_open: bool,
    },
    /// A part of a stream cannot be told.
    PassedOver {
        /// Who said it.
        from: End,
        /// To whom.
        to: End,
        /// What it speaks.
        dialect: Dialect,
        /// Why not, and how far.
        why: String,
    },
    /// A packet cannot be read: why.
    Broken(String),
    /// What the server that wrote the capture says of itself.
    Note(String),
    /// Only what the capture remarks about the packet.
    Remark,
}

/// Somebody at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Where.
    pub address: SocketAddr,
    /// What he is there.
    pub role: Role,
    /// Under which name the server knows him, once that is known; as it came, at most [`End::LONGEST_NAME`] bytes of it.
    pub name: Option<Arc<str>>,
    /// His number in MSP, once the server has given it, or his handle in Shen's protocol, once he has said it.
    pub id: Option<u16>,
}

impl End {
    /// The most bytes of a name that are kept.
    pub const LONGEST_NAME: usize = 255;
}

/// What somebody is in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The one whose port says what is spoken.
    Server,
    /// The other one; in a decentralised room both.
    Client,
}

/// A message, and what is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who says it.
    pub from: End,
    /// To whom.
    pub to: End,
    /// What it speaks.
    pub dialect: Dialect,
    /// How many bytes it has, what guards it included.
    pub bytes: usize,
    /// Its fields, and what is wrong with it.
    pub dissection: Dissection,
    /// How it belongs to others.
    pub marks: Vec<Mark>,
}

/// How a message belongs to others. Packets are those of the first try; times are in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It is the first answer to a request.
    Answers {
        /// The packet of the request.
        packet: u64,
        /// How long after the first try.
        after: u64,
        /// How many tries there were until then. Which of them it answers can be said only of one.
        tries: u32,
        /// The request had been told as unanswered.
        is_late: bool,
    },
    /// The answer has come before.
    AnswersAgain {
        /// The packet of the request.
        packet: u64,
        /// It is the second, third … answer.
        count: u32,
    },
    /// It answers nothing that was seen, or that is still remembered.
    AnswersNothing,
    /// Its sender says it again.
    Again {
        /// The packet of the first try.
        packet: u64,
        /// The second, third … try.
        attempt: u32,
        /// How long after the first try.
        after: u64,
    },
    /// It comes again sooner than any timer says it again: the network has doubled it.
    Doubled {
        /// The packet of the first try.
        packet: u64,
        /// How long after the last one.
        after: u64,
    },
    /// The capture has only the beginning of it.
    Cut {
        /// How many bytes are not there.
        missing: usize,
    },
}

/// A request that nobody answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// Who asked.
    pub from: End,
    /// Whom.
    pub to: End,
    /// What it speaks.
    pub dialect: Dialect,
    /// Its wire name.
    pub message: Option<&'static str>,
    /// Its number.
    pub number: u16,
    /// How often it was sent.
    pub tries: u32,
    /// How long there was no answer, in microseconds.
    pub waited: u64,
    /// The capture ended before anybody could know.
    pub at_the_end: bool,
}
