//! What people are told (B2, B9).
//!
//! In: something to say, or the text of a frame from a server. Out: the text of a frame, or an [`Answer`]. Must not know
//! to whom it is said, nor what is inside a JSON object.

use std::borrow::Cow;

use super::style::{Fault, Parts, Style, said};

/// The most rooms that are read out of one list: more are not a list but an attack.
const MOST_ROOMS: usize = 4_096;

/// What somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// `DISPLAY_ROOM`: signed in, and the rooms there are. The style of bars does not say it.
    Rooms(Vec<Cow<'a, str>>),
    /// `OK`: done. The style of bars does not say it.
    Done,
    /// `KO`: not done. `ERROR` in the style of bars, which has no other word for it; read back as [`Answer::Error`].
    Refused {
        /// Why; a server may leave it out.
        why: Cow<'a, str>,
    },
    /// `ERROR`: what came could not be understood.
    Error {
        /// Why.
        why: Cow<'a, str>,
    },
    /// `MSG`: somebody says something.
    Said {
        /// In which room; the style of bars does not say it.
        room: Option<Cow<'a, str>>,
        /// Who.
        name: Cow<'a, str>,
        /// What.
        text: Cow<'a, str>,
    },
    /// `SYSTEM`: what happens (B9).
    System {
        /// What, in words.
        words: Cow<'a, str>,
    },
    /// `ADMIN_BROADCAST`: a word from the operator (B9).
    Broadcast {
        /// What he says.
        words: Cow<'a, str>,
    },
    /// `COMPLETE` in words: a sequence is over (B6).
    Complete {
        /// The sequence.
        id: Cow<'a, str>,
        /// What came of it.
        result: Cow<'a, str>,
    },
    /// A JSON object, the same in both styles.
    Json(Cow<'a, str>),
}

impl<'a> Answer<'a> {
    /// What came of a sequence in words (B6).
    pub const OK: &'static str = "{'status': 'ok'}";

    /// The text of a frame that says this, never an empty one; `None` where the style says nothing, or
    /// lacks the room it has to name (B2).
    #[must_use]
    pub fn text(&self, style: Style) -> Option<String> {
        let say = |word: &str, arguments: &[&str]| Some(said(style, word, arguments.iter().copied()));
        match self {
            Self::Rooms(_) | Self::Done if style == Style::Bar => None,
            Self::Rooms(rooms) => Some(said(style, "DISPLAY_ROOM", rooms.iter().map(AsRef::as_ref))),
            Self::Done => Some("OK".to_owned()),
            Self::Refused { why } if style == Style::Quoted => say("KO", &[why]),
            Self::Refused { why } | Self::Error { why } => say("ERROR", &[why]),
            Self::Said { name, text, .. } if style == Style::Bar => say("MSG", &[name, text]),
            Self::Said { room, name, text } => say("MSG", &[room.as_deref()?, name, text]),
            Self::System { words } => say("SYSTEM", &[words]),
            Self::Broadcast { words } => say("ADMIN_BROADCAST", &[words]),
            Self::Complete { id, result } => say("COMPLETE", &[id, result]),
            Self::Json(text) => (!text.is_empty()).then(|| text.clone().into_owned()),
        }
    }

    /// The answer in the text of a frame; `None` for a word that no server of this language says.
    ///
    /// # Errors
    /// When the text does not keep the form of what it begins with.
    pub fn parse(text: &'a str) -> Result<Option<Self>, Fault> {
        let text = text.trim_start();
        if text.starts_with('{') {
            return Ok(Some(Self::Json(Cow::Borrowed(text))));
        }
        let parts = Parts::of(text).1?;
        let is = |word: &str| parts.word.eq_ignore_ascii_case(word);
        Ok(Some(if is("DISPLAY_ROOM") {
            Self::Rooms(rooms(&parts)?)
        } else if is("OK") {
            Self::Done
        } else if is("KO") {
            Self::Refused { why: words(&parts)? }
        } else if is("ERROR") {
            Self::Error { why: words(&parts)? }
        } else if is("MSG") {
            Self::message(&parts)?
        } else if is("SYSTEM") {
            Self::System { words: words(&parts)? }
        } else if is("ADMIN_BROADCAST") {
            Self::Broadcast { words: words(&parts)? }
        } else if is("COMPLETE") {
            let [id, result] = parts.arguments()?;
            Self::Complete { id, result }
        } else {
            return Ok(None);
        }))
    }

    fn message(parts: &Parts<'a>) -> Result<Self, Fault> {
        Ok(match parts.style {
            Style::Quoted => {
                let [room, name, text] = parts.arguments()?;
                Self::Said { room: Some(room), name, text }
            }
            Style::Bar => {
                let (name, text) = parts.rest.split_once('|').ok_or(Fault::Arguments { wanted: 2 })?;
                Self::Said { room: None, name: name.into(), text: text.into() }
            }
        })
    }
}

/// The one argument, which is for people; none at all is an empty one, and between bars it goes to the end.
fn words<'a>(parts: &Parts<'a>) -> Result<Cow<'a, str>, Fault> {
    match parts.style {
        Style::Bar => Ok(Cow::Borrowed(parts.rest)),
        Style::Quoted if parts.rest.trim().is_empty() => Ok(Cow::Borrowed("")),
        Style::Quoted => parts.arguments().map(|[words]| words),
    }
}

fn rooms<'a>(parts: &Parts<'a>) -> Result<Vec<Cow<'a, str>>, Fault> {
    let (mut rooms, mut rest) = (Vec::new(), Some(parts.rest));
    while let Some(room) = parts.next(&mut rest)? {
        if rooms.len() == MOST_ROOMS {
            return Err(Fault::Arguments { wanted: MOST_ROOMS });
        }
        rooms.push(room);
    }
    Ok(rooms)
}
