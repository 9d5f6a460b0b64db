//! A client of STUMTP driven by hand: frames there, frames back, shown so that a test reads like a trace.
//!
//! In: numbers and texts. Out: `7^3 text` for a text with the number 7 that acknowledges 3, `^3` for an acknowledgement
//! alone, the text alone where it came plainly. Must not know sessions: the tests do.

use palabre::dialect::stumtp::{FRAMING, Frame, begun, decode};
use palabre::engine::{Config, Dialect, Listener};
use palabre::ids::ListenerId;
use palabre::wire::Deframer;

use crate::served::Served;
use crate::streamed::Line;

/// A server that speaks all five dialects, STUMTP first.
pub(crate) fn served() -> Served {
    let dialects = [Dialect::Stumtp, Dialect::Msp, Dialect::Shen, Dialect::Stories, Dialect::Matou];
    Served::new(Config::new(dialects.map(Listener::of).to_vec()))
}

/// One connection.
pub(crate) struct Talker {
    pub(crate) line: Line,
    /// What was heard is shown without the token, which is kept here.
    pub(crate) token: String,
}

impl Talker {
    /// Connects and says nothing.
    pub(crate) fn new(served: &Served) -> Self {
        Self { line: Line::new(served, ListenerId(0)), token: String::new() }
    }

    /// Connects, signs in with a session, and acknowledges the list of rooms.
    pub(crate) fn signed_in(served: &Served, name: &str) -> Self {
        let mut talker = Self::new(served);
        talker.says(0, &format!("LOGIN \"{name}\""));
        assert_eq!(talker.heard(), [SESSION, "1 DISPLAY_ROOM \"room1\" \"room2\" \"room3\""]);
        talker.acknowledges(1);
        talker
    }

    /// Connects without a number.
    pub(crate) fn plainly(served: &Served, name: &str) -> Self {
        let mut talker = Self::new(served);
        talker.says_plainly(&format!("LOGIN \"{name}\""));
        assert_eq!(talker.heard(), ["DISPLAY_ROOM \"room1\" \"room2\" \"room3\""]);
        talker
    }

    /// A new connection that goes on with the session of this one, having seen so many messages.
    pub(crate) fn resumes(&self, served: &Served, seen: u64) -> Self {
        let talker = Self { token: self.token.clone(), ..Self::new(served) };
        talker.frame(Frame::Numbered { id: 0, ack: Some(seen), text: &format!("RESUME \"{}\"", self.token) });
        talker
    }

    pub(crate) fn says(&self, id: u64, text: &str) {
        self.frame(Frame::Numbered { id, ack: None, text });
    }

    pub(crate) fn says_and_acknowledges(&self, id: u64, ack: u64, text: &str) {
        self.frame(Frame::Numbered { id, ack: Some(ack), text });
    }

    pub(crate) fn says_plainly(&self, text: &str) {
        self.frame(Frame::Plain(text));
    }

    pub(crate) fn acknowledges(&self, ack: u64) {
        self.frame(Frame::Ack(ack));
    }

    pub(crate) fn frame(&self, frame: Frame<'_>) {
        let mut bytes = Vec::new();
        frame.encode(&mut bytes).unwrap();
        self.line.sends(&bytes);
    }

    /// What came since this was asked last.
    pub(crate) fn heard(&mut self) -> Vec<String> {
        let bytes = self.line.heard();
        let (mut rest, mut deframer, mut shown) = (&bytes[..], Deframer::new(FRAMING), Vec::new());
        while let Some(unit) = deframer.next(&mut rest).unwrap() {
            shown.push(match decode(&unit).unwrap() {
                Frame::Plain(text) => text.to_owned(),
                Frame::Ack(ack) => format!("^{ack}"),
                Frame::Numbered { id, ack, text } => {
                    let text = begun(text).map_or(text, |token| {
                        token.clone_into(&mut self.token);
                        "SESSION"
                    });
                    format!("{id}{} {text}", ack.map(|ack| format!("^{ack}")).unwrap_or_default())
                }
            });
        }
        assert_eq!(deframer.held(), 0, "the server writes whole frames");
        shown
    }
}

/// The answer to a LOGIN.
pub(crate) const SESSION: &str = "0 SESSION";
