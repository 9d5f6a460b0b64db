//! What can happen in a story about the rooms, and how it is answered: the words that a story's maker, the rooms' shadow
//! and the comparison of the two share.
//!
//! In: nothing. Out: plain data. Must not know any rule.

use palabre::vocab::{Mode, Refusal};

/// One step of a story. Whoever acts comes first.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Enter(&'static str),
    Exit(&'static str),
    Say(&'static str),
    SayTo(&'static str, &'static str),
    Create(&'static str, &'static str, Mode, u8),
    /// With these two, for so many, of at most so many rooms.
    Propose(&'static str, [&'static str; 2], u8, usize),
    Choose(&'static str, Mode),
    Name(&'static str, &'static str),
    Rename(&'static str, &'static str),
    ChangeMode(&'static str, Mode),
    Dissolve(&'static str),
    Join(&'static str, &'static str),
    Leave(&'static str),
    Invite(&'static str, &'static str),
    /// Answers the question that was put so many before the latest one, whoever it was put to.
    Answer(&'static str, usize, bool),
    /// Answers the oldest question put to him.
    AnswerOldest(&'static str, bool),
    /// The fate of a notice of a move that was not his own is known.
    Told(&'static str),
    /// Seconds pass.
    Wait(u64),
}

/// What a command gives: where it says so, the name of the room one is in afterwards.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Given {
    Done,
    Undecided,
    In(String),
}

pub(crate) type Answer = Result<Given, Refusal>;
