//! Who somebody on a connection is, and which of his requests are answered by what.
//!
//! In: messages of a stream, each way. Out: his name once the server has taken it, [`Mark`]s. Must not know where messages
//! end.
//!
//! Only what is certain is told. Matou answers COREQ by CORES. Stories and STUMTP answer each command between quotation
//! marks by one of OK, KO, ERROR and DISPLAY_ROOM, in order; between bars they say nothing when all went well. What was
//! sent again in a session of STUMTP is answered on another connection, perhaps: there nothing is matched after RESUME, and
//! nowhere after something that the capture lacks.

use std::collections::VecDeque;
use std::sync::Arc;

use super::roles::{number, text};
use super::talk::kept;
use super::{Mark, Way};
use crate::dialect::stories::{self, Answer, Request, Style};
use crate::dialect::{matou, stumtp};
use crate::dissect::Dissection;
use crate::engine::Dialect;

/// The most requests that wait for answers on one connection: more than any server lets anybody have.
const MOST_OPEN: usize = 256;

/// Somebody on a connection.
#[derive(Debug, Default)]
pub(super) struct Login {
    pub(super) name: Option<Arc<str>>,
    /// What he wants to be known by.
    wish: Option<Wish>,
    /// Requests that will be answered in their order: packets and times.
    open: VecDeque<(u64, u64)>,
    /// Answers cannot be matched on this connection.
    is_lost: bool,
    /// The style of answers.
    style: Option<Style>,
}

#[derive(Clone, Debug)]
enum Wish {
    Name(Arc<str>),
    /// A session that is to go on: the answer says its token again.
    Session,
}

/// What a message on a connection brought about.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) mark: Option<Mark>,
    /// The session that goes on here, or has begun; and whether it goes on.
    pub(super) session: Option<(Arc<str>, bool)>,
}

/// A message: its packet, when, its bytes, what they are.
pub(super) type Said<'m> = (u64, u64, &'m [u8], &'m Dissection);

impl Login {
    /// The client says something.
    pub(super) fn asks(&mut self, dialect: Dialect, said: Said<'_>, way: &mut Way) {
        let (packet, at, bytes, dissection) = said;
        if dissection.error.is_some() {
            // It may be answered or not.
            self.is_lost = true;
            return;
        }
        let is_asked = match dialect {
            Dialect::Matou => {
                let name = text(dissection, "Username").map(|name| Wish::Name(kept(name)));
                let is_asked = matou::Kind::peek(bytes) == Some(matou::Kind::Connect);
                self.wish = if is_asked { name } else { self.wish.take() };
                is_asked
            }
            _ => words(dialect, bytes).is_some_and(|words| self.commands(dialect, words)),
        };
        if is_asked && !self.is_lost {
            way.requests = way.requests.saturating_add(1);
            way.tries = way.tries.saturating_add(1);
            self.open.push_back((packet, at));
            if self.open.len() > MOST_OPEN {
                self.is_lost = true;
            }
        }
    }

    /// The server says something.
    pub(super) fn answered(&mut self, dialect: Dialect, said: Said<'_>, way: &mut Way) -> Known {
        let (_, at, bytes, dissection) = said;
        let mut known = Known::default();
        let is_answer = match dialect {
            Dialect::Matou if matou::Kind::peek(bytes) == Some(matou::Kind::Connected) => {
                let is_accepted = number(dissection, "Acceptation") == Some(1);
                let wish = self.wish.take();
                if let Some(Wish::Name(name)) = wish.filter(|_| is_accepted) {
                    self.name = Some(name);
                }
                true
            }
            Dialect::Matou => false,
            _ => words(dialect, bytes).is_some_and(|words| self.says(words, &mut known)),
        };
        if is_answer
            && !self.is_lost
            && let Some((packet, asked)) = self.open.pop_front()
        {
            let after = at.saturating_sub(asked);
            way.answered = way.answered.saturating_add(1);
            way.round_trips.record(after);
            known.mark = Some(Mark::Answers { packet, after, tries: 1, is_late: false });
        }
        known
    }

    /// A part of the connection cannot be told: a request or an answer may be in it.
    pub(super) const fn misses(&mut self) {
        self.is_lost = true;
    }

    /// A command of the client's; whether it will be answered.
    fn commands(&mut self, dialect: Dialect, words: &str) -> bool {
        if stumtp::resumed(words).is_some() {
            self.wish = Some(Wish::Session);
            self.is_lost = true;
            return false;
        }
        let (style, request) = Request::parse(words);
        if let Ok(Request::Login { name }) = &request
            && self.name.is_none()
        {
            self.wish = Some(Wish::Name(kept(name)));
            // STUMTP answers in one style (U5).
            self.style = Some(if dialect == Dialect::Stumtp { Style::Quoted } else { style });
        }
        let silent = matches!(request, Ok(Request::Quit | Request::Json(_) | Request::BeginSequence { .. }));
        !silent && self.style == Some(Style::Quoted)
    }

    /// Words of the server's; whether they answer something.
    fn says(&mut self, words: &str, known: &mut Known) -> bool {
        if let Some(token) = stumtp::begun(words) {
            let (token, goes_on) = (kept(token), matches!(self.wish, Some(Wish::Session)));
            if let Some(Wish::Name(name)) = self.wish.take() {
                self.name = Some(name);
            }
            known.session = Some((token, goes_on));
            // Outside the numbering; the LOGIN is answered by DISPLAY_ROOM too.
            return false;
        }
        let Ok(Some(answer)) = Answer::parse(words) else { return false };
        let is_refused = matches!(answer, Answer::Refused { .. } | Answer::Error { .. });
        match self.wish.take() {
            Some(Wish::Name(name)) if !is_refused => self.name = Some(name),
            Some(Wish::Session) if is_refused => {
                // Nothing goes on here: something else may be tried.
                self.open.clear();
                self.is_lost = false;
            }
            _ => {}
        }
        is_refused || matches!(answer, Answer::Done | Answer::Rooms(_))
    }
}

/// The words in a message of Stories or of STUMTP.
fn words(dialect: Dialect, bytes: &[u8]) -> Option<&str> {
    if dialect != Dialect::Stumtp {
        return core::str::from_utf8(stories::form(bytes).content(bytes)).ok();
    }
    match stumtp::decode(bytes).ok()? {
        stumtp::Frame::Plain(text) | stumtp::Frame::Numbered { text, .. } => Some(text),
        stumtp::Frame::Ack(_) => None,
    }
}
