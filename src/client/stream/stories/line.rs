//! What two people say on a connection of their own (B7).
//!
//! In: bytes of it. Out: whether the other one has shown the token, texts; bytes to send. Must not know who he is.
//!
//! It speaks the frames of Stories: first each shows `P2P_HELLO`, then come messages.

use crate::dialect::stories::json::{Claimed, Request as Json};
use crate::dialect::stories::{Form, Request, Speaker, StoriesFraming, Style, frame};
use crate::wire::Deframer;

use super::talk::PUBLIC;

/// The most bytes of a message on it.
const LONGEST: usize = 512 << 10;
/// The most that is kept of somebody whose token we cannot judge yet.
const MOST_EARLY: usize = 4 << 10;

/// What was heard.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// He has shown the token; where he was first, we show it, too.
    Verified { answer: bool },
    /// He says something.
    Text(String),
    /// He is somebody else, or speaks something else.
    Fault,
}

/// One such connection.
#[derive(Debug)]
pub(super) struct PeerLine {
    deframer: Deframer<StoriesFraming>,
    /// We have opened it, and show the token first.
    is_ours: bool,
    is_verified: bool,
    /// What came before we knew the token.
    early: Vec<u8>,
}

impl PeerLine {
    pub(super) fn new(is_ours: bool) -> Self {
        let deframer = Deframer::new(StoriesFraming::answers(Form::Prefixed, LONGEST));
        Self { deframer, is_ours, is_verified: false, early: Vec::new() }
    }

    pub(super) const fn is_verified(&self) -> bool {
        self.is_verified
    }

    /// The bytes that show the token.
    pub(super) fn hello(token: &str) -> Vec<u8> {
        framed(&Json::P2pHello(Claimed { token: token.into() }).text())
    }

    /// The bytes of a text.
    pub(super) fn message(room: Option<&str>, name: &str, text: &str) -> Vec<u8> {
        let speaker = Speaker { room: room.unwrap_or(PUBLIC).into(), name: name.into() };
        let request = Request::Say { speaker: Some(speaker), text: text.into() };
        framed(&request.text(Style::Quoted).unwrap_or_default())
    }

    /// Bytes have come, or the token is known now.
    pub(super) fn read(&mut self, bytes: &[u8], token: Option<&str>) -> Vec<Heard> {
        self.early.extend_from_slice(bytes);
        let Some(token) = token else {
            return if self.early.len() > MOST_EARLY { vec![Heard::Fault] } else { Vec::new() };
        };
        let (early, mut heard) = (std::mem::take(&mut self.early), Vec::new());
        let mut rest = early.as_slice();
        loop {
            match self.deframer.next(&mut rest) {
                Ok(None) => return heard,
                Err(_) => heard.push(Heard::Fault),
                Ok(Some(frame)) => {
                    let content = Form::Prefixed.content(&frame);
                    match core::str::from_utf8(content)
                        .ok()
                        .and_then(|text| said(text, token, self.is_verified))
                    {
                        Some(Said::Token) => {
                            self.is_verified = true;
                            heard.push(Heard::Verified { answer: !self.is_ours });
                        }
                        Some(Said::Text(text)) => heard.push(Heard::Text(text)),
                        Some(Said::Nothing) => {}
                        None => heard.push(Heard::Fault),
                    }
                }
            }
            if heard.last() == Some(&Heard::Fault) {
                return heard;
            }
        }
    }
}

enum Said {
    Token,
    Text(String),
    Nothing,
}

/// What a frame says to one who has, or has not yet, seen the token.
fn said(text: &str, token: &str, verified: bool) -> Option<Said> {
    if !verified {
        return match Json::parse(text) {
            Ok(Json::P2pHello(claimed)) if claimed.token == token => Some(Said::Token),
            _ => None,
        };
    }
    Some(match Request::parse(text).1 {
        Ok(Request::Say { text, .. }) => Said::Text(text.into_owned()),
        _ => Said::Nothing,
    })
}

fn framed(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len().saturating_add(4));
    frame(Form::Prefixed, text, &mut bytes);
    bytes
}
