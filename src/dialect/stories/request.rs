//! What people ask (B2).
//!
//! In: the text of a frame, or something to ask. Out: a [`Request`], and the style it is written in; or a text. Must not
//! know who asks, nor what is inside a JSON object.

use std::borrow::Cow;

use super::style::{Fault, Parts, Style, said};

/// What somebody asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// `LOGIN`: to be known under this name.
    Login {
        /// The name.
        name: Cow<'a, str>,
    },
    /// `JOIN_ROOM`: to move into a room that exists (B4).
    Join {
        /// The room's name.
        room: Cow<'a, str>,
    },
    /// `ROOM`: to move into a room, and to make it if it does not exist (B4).
    Enter {
        /// The room's name.
        room: Cow<'a, str>,
    },
    /// `MSG`: to say something to the room one is in.
    Say {
        /// The room and the name the speaker gives as his own, which only the style of quotation marks has.
        speaker: Option<Speaker<'a>>,
        /// What is said.
        text: Cow<'a, str>,
    },
    /// `FILE`: to announce a file, which a JSON object brings next (B5).
    File {
        /// The room and the name the speaker gives as his own.
        speaker: Speaker<'a>,
        /// The file's name.
        file: Cow<'a, str>,
    },
    /// `BYE`: out of a room; out of the public room: signed out.
    Bye {
        /// The room and the name the speaker gives as his own.
        speaker: Speaker<'a>,
    },
    /// `QUIT`: signed out. What follows the command does not matter.
    Quit,
    /// `BEGIN_SEQUENCE` in words: a sequence that is over at once (B6).
    BeginSequence {
        /// What names it in the answer.
        id: Cow<'a, str>,
    },
    /// A JSON object, or what begins like one.
    Json(&'a str),
    /// A command that this language does not have.
    Unknown {
        /// The command, in the letter case it came in.
        command: &'a str,
    },
}

/// Who speaks and where, as the speaker says (B3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaker<'a> {
    /// The room's name.
    pub room: Cow<'a, str>,
    /// The speaker's name.
    pub name: Cow<'a, str>,
}

impl<'a> Request<'a> {
    /// The request in the text of a frame, and the style it is written in: that of its first delimiter, and the quotation
    /// marks' where there is none. Commands may be in any letter case.
    ///
    /// # Errors
    /// In the second half, when the text is not a command or has not the arguments of its command.
    pub fn parse(text: &'a str) -> (Style, Result<Self, Fault>) {
        let text = text.trim_start();
        if text.starts_with('{') {
            return (Style::Quoted, Ok(Self::Json(text)));
        }
        let (style, parts) = Parts::of(text);
        (style, parts.and_then(|parts| Self::of(&parts)))
    }

    /// The text of a frame that asks this; `None` where the style cannot say it. A bar in an argument becomes '¦' between
    /// bars, but for the text of a message, which is the last thing there.
    #[must_use]
    pub fn text(&self, style: Style) -> Option<String> {
        let arguments = |word: &str, arguments: &[&str]| Some(said(style, word, arguments.iter().copied()));
        match (self, style) {
            (Self::Login { name }, _) => arguments("LOGIN", &[name]),
            (Self::Join { room }, _) => arguments("JOIN_ROOM", &[room]),
            (Self::Enter { room }, _) => arguments("ROOM", &[room]),
            (Self::Say { speaker: Some(Speaker { room, name }), text }, Style::Quoted) => {
                arguments("MSG", &[room, name, text])
            }
            (Self::Say { speaker: None, text }, Style::Bar) => Some(format!("MSG|{text}")),
            (Self::Say { .. }, _) => None,
            (Self::File { speaker, file }, _) => arguments("FILE", &[&speaker.room, &speaker.name, file]),
            (Self::Bye { speaker }, _) => arguments("BYE", &[&speaker.room, &speaker.name]),
            (Self::Quit, _) => Some("QUIT".to_owned()),
            (Self::BeginSequence { id }, _) => arguments("BEGIN_SEQUENCE", &[id]),
            (Self::Json(text), _) => Some((*text).to_owned()),
            (Self::Unknown { command }, _) => Some((*command).to_owned()),
        }
    }

    fn of(parts: &Parts<'a>) -> Result<Self, Fault> {
        let is = |command: &str| parts.word.eq_ignore_ascii_case(command);
        Ok(if is("LOGIN") {
            let [name] = parts.arguments()?;
            Self::Login { name }
        } else if is("JOIN_ROOM") {
            let [room] = parts.arguments()?;
            Self::Join { room }
        } else if is("ROOM") {
            let [room] = parts.arguments()?;
            Self::Enter { room }
        } else if is("MSG") {
            Self::say(parts)?
        } else if is("FILE") {
            let [room, name, file] = parts.arguments()?;
            Self::File { speaker: Speaker { room, name }, file }
        } else if is("BYE") {
            let [room, name] = parts.arguments()?;
            Self::Bye { speaker: Speaker { room, name } }
        } else if is("QUIT") {
            Self::Quit
        } else if is("BEGIN_SEQUENCE") {
            let [id] = parts.arguments()?;
            Self::BeginSequence { id }
        } else {
            Self::Unknown { command: parts.word }
        })
    }

    fn say(parts: &Parts<'a>) -> Result<Self, Fault> {
        Ok(match parts.style {
            Style::Quoted => {
                let [room, name, text] = parts.arguments()?;
                Self::Say { speaker: Some(Speaker { room, name }), text }
            }
            Style::Bar => Self::Say { speaker: None, text: Cow::Borrowed(parts.rest) },
        })
    }
}
