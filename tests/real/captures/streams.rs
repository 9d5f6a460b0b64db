//! People on connections, byte by byte: Matou, Stories and STUMTP.
//!
//! In: what to say, what to wait for. Out: messages that came. Must not know what the server should do.

use std::cell::{Cell, RefCell};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};

use palabre::dialect::matou::{Frames, Kind, Message, Way};
use palabre::dialect::stories::{Form, StoriesFraming, frame};
use palabre::dialect::stumtp::{self, Frame, Head, Tail};
use palabre::wire::{Deframer, Framing, Scratch, Terminated};
use serde_json::Value;

use crate::program::LIMIT;

/// How often a connection may break while it is opened.
const MOST_RESUMES: usize = 50;

/// A connection and its messages.
pub(super) struct Line<F> {
    pub(super) stream: TcpStream,
    deframer: RefCell<Deframer<F>>,
    /// What has come and is no message yet.
    rest: RefCell<Vec<u8>>,
}

impl<F: Framing<Error: std::fmt::Debug>> Line<F> {
    pub(super) fn over(stream: TcpStream, framing: F) -> Self {
        stream.set_read_timeout(Some(LIMIT)).expect("a limit");
        stream.set_nodelay(true).expect("an option");
        Self { stream, deframer: RefCell::new(Deframer::new(framing)), rest: RefCell::default() }
    }

    fn to(server: SocketAddr, framing: F) -> Self {
        Self::over(TcpStream::connect(server).expect("somebody listens"), framing)
    }

    pub(super) fn sends(&self, bytes: &[u8]) {
        // A connection that is gone is noticed by who listens.
        let _ = (&self.stream).write_all(bytes);
    }

    /// The next message; `None` at the end of the connection.
    #[track_caller]
    pub(super) fn next(&self) -> Option<Vec<u8>> {
        self.try_next().expect("something comes in time")
    }

    /// The same within this time.
    pub(super) fn next_within(&self, limit: std::time::Duration) -> Option<Vec<u8>> {
        self.stream.set_read_timeout(Some(limit)).expect("a limit");
        let next = self.try_next().unwrap_or_default();
        self.stream.set_read_timeout(Some(LIMIT)).expect("a limit");
        next
    }

    fn try_next(&self) -> std::io::Result<Option<Vec<u8>>> {
        let (mut deframer, mut rest) = (self.deframer.borrow_mut(), self.rest.borrow_mut());
        loop {
            let mut left = &rest[..];
            let message =
                deframer.next(&mut left).expect("a stream that can be read").map(|found| found.to_vec());
            let taken = rest.len() - left.len();
            rest.drain(..taken);
            if message.is_some() {
                return Ok(message);
            }
            let mut piece = [0; 4_096];
            match (&self.stream).read(&mut piece) {
                Ok(0) => return Ok(None),
                Ok(count) => rest.extend_from_slice(piece.split_at(count).0),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }

    /// The connection ends, whatever is said before.
    #[track_caller]
    pub(super) fn is_ended(&self) {
        while self.next().is_some() {}
    }

    /// The connection ends, whatever the bytes before are.
    pub(super) fn drains(&self) {
        let _ = (&self.stream).read_to_end(&mut Vec::new());
    }

    /// He says nothing more, but reads on.
    pub(super) fn says_no_more(&self) {
        self.stream.shutdown(Shutdown::Write).expect("a half-close");
    }

    /// The connection breaks.
    pub(super) fn breaks(self) {
        socket2::SockRef::from(&self.stream)
            .set_linger(Some(palabre::time::Duration::ZERO))
            .expect("an option");
    }
}

/// Somebody of Matou.
pub(super) type Matou = Line<Frames>;

impl Matou {
    pub(super) fn stranger(server: SocketAddr) -> Self {
        Self::to(server, Frames { way: Way::ToClient })
    }

    #[track_caller]
    pub(super) fn on(server: SocketAddr, name: &str) -> Self {
        let own = Self::stranger(server);
        own.says(&Message::Connect { name: name.into() });
        own.hears(|message| *message == Message::Connected { accepted: true });
        own.hears(|message| matches!(message, Message::Arrived { .. }));
        own
    }

    pub(super) fn says(&self, message: &Message<'_>) {
        let mut bytes = Vec::new();
        message.encode(&mut bytes).expect("a message that can be written");
        self.sends(&bytes);
    }

    /// The next message that is wanted; others are passed over.
    #[track_caller]
    pub(super) fn hears(&self, wanted: impl Fn(&Message<'_>) -> bool) -> Message<'static> {
        loop {
            let bytes = self.next().expect("it comes before the end");
            let message = Message::decode(&bytes, &mut Scratch::new()).expect("a message").into_owned();
            if wanted(&message) {
                return message;
            }
        }
    }

    #[track_caller]
    pub(super) fn hears_kind(&self, kind: Kind) {
        self.hears(|message| message.kind() == kind);
    }
}

/// Somebody of Stories.
pub(super) struct Stories {
    pub(super) line: Line<StoriesFraming>,
    form: Form,
}

impl Stories {
    pub(super) fn stranger(server: SocketAddr, form: Form) -> Self {
        Self::over(TcpStream::connect(server).expect("somebody listens"), form)
    }

    pub(super) fn over(stream: TcpStream, form: Form) -> Self {
        Self { line: Line::over(stream, StoriesFraming::answers(form, 1 << 20)), form }
    }

    /// Signed in, in the style of the quotation marks, with frames.
    #[track_caller]
    pub(super) fn quoted(server: SocketAddr, name: &str) -> Self {
        let own = Self::stranger(server, Form::Prefixed);
        own.says(&format!("LOGIN \"{name}\""));
        own.hears("DISPLAY_ROOM");
        own
    }

    /// Signed in, in the style of the bars: LOGIN is not answered then, what is no command is.
    #[track_caller]
    pub(super) fn barred(server: SocketAddr, name: &str) -> Self {
        let own = Self::stranger(server, Form::Prefixed);
        own.says(&format!("LOGIN|{name}"));
        own.says("NONSENSE");
        own.hears("ERROR|commande inconnue");
        own
    }

    pub(super) fn says(&self, text: &str) {
        let mut bytes = Vec::new();
        frame(self.form, text, &mut bytes);
        self.line.sends(&bytes);
    }

    /// The next text with these words in it; others are passed over.
    #[track_caller]
    pub(super) fn hears(&self, words: &str) -> String {
        loop {
            let Some(bytes) = self.line.next() else { panic!("it ends before {words:?}") };
            let text = String::from_utf8(self.form.content(&bytes).to_vec()).expect("UTF-8");
            if text.contains(words) {
                return text;
            }
        }
    }

    /// The next object of this type.
    #[track_caller]
    pub(super) fn hears_object(&self, kind: &str) -> Value {
        let text = self.hears(&format!("\"type\":\"{kind}\""));
        serde_json::from_str(&text).expect("an object")
    }
}

/// Somebody of STUMTP who has a session, or none.
pub(super) struct Stumtp {
    pub(super) line: Line<Terminated>,
    said: Cell<u64>,
    taken: Cell<u64>,
    token: RefCell<String>,
    /// What he said and what is not acknowledged yet: it is said again on the next connection (U3).
    kept: RefCell<Vec<(u64, String)>>,
}

impl Stumtp {
    pub(super) fn stranger(server: SocketAddr) -> Self {
        let line = Line::to(server, stumtp::FRAMING);
        let (said, taken) = (Cell::new(0), Cell::new(0));
        Self { line, said, taken, token: RefCell::default(), kept: RefCell::default() }
    }

    /// In a session.
    #[track_caller]
    pub(super) fn on(server: SocketAddr, name: &str) -> Self {
        let own = Self::stranger(server);
        own.opens(name);
        own
    }

    #[track_caller]
    pub(super) fn opens(&self, name: &str) {
        self.says_as(0, None, &format!("LOGIN \"{name}\""));
        let begun = self.hears("SESSION");
        *self.token.borrow_mut() = stumtp::begun(&begun).expect("a token").into();
        self.hears("DISPLAY_ROOM");
    }

    /// His connection breaks, and his session goes on where it was, over another one.
    #[track_caller]
    pub(super) fn resumes(self, server: SocketAddr) -> Self {
        self.while_away(server, || {})
    }

    /// The same, and something happens while he is away.
    #[track_caller]
    pub(super) fn while_away(self, server: SocketAddr, then: impl FnOnce()) -> Self {
        let (mut own, line) = self.at_another(server);
        line.breaks();
        then();
        for _ in 0..MOST_RESUMES {
            if own.asks_to_resume() {
                return own;
            }
            // The new one broke, too.
            own = own.at_another(server).0;
        }
        panic!("every connection breaks");
    }

    /// The same, though the old connection still stands: it is closed.
    #[track_caller]
    pub(super) fn takes_over(self, server: SocketAddr) -> Self {
        let (own, line) = self.at_another(server);
        assert!(own.asks_to_resume());
        line.is_ended();
        own
    }

    /// With another connection; and the old one.
    fn at_another(self, server: SocketAddr) -> (Self, Line<Terminated>) {
        let Self { line, said, taken, token, kept } = self;
        (Self { line: Line::to(server, stumtp::FRAMING), said, taken, token, kept }, line)
    }

    /// Whether the session goes on.
    #[track_caller]
    fn asks_to_resume(&self) -> bool {
        let text = stumtp::resume(&self.token.borrow());
        self.says_as(0, Some(self.taken.get()), &text);
        let goes_on = self.heard("SESSION").is_some();
        for (number, text) in self.kept.borrow().iter() {
            self.says_as(*number, None, text);
        }
        goes_on
    }

    /// The next message of his, which acknowledges what he has taken.
    pub(super) fn says(&self, text: &str) {
        self.said.set(self.said.get() + 1);
        self.kept.borrow_mut().push((self.said.get(), text.to_owned()));
        self.says_as(self.said.get(), Some(self.taken.get()), text);
    }

    pub(super) fn says_as(&self, id: u64, ack: Option<u64>, text: &str) {
        let tail = Tail::new(text).expect("a text that can be carried");
        self.line.sends(&[Head::numbered(id, ack).as_bytes(), tail.as_bytes()].concat());
    }

    /// A text without a number.
    pub(super) fn says_plainly(&self, text: &str) {
        self.line.sends(Tail::new(text).expect("a text that can be carried").as_bytes());
    }

    /// Acknowledges what he has taken, and says nothing.
    pub(super) fn acknowledges(&self) {
        self.line.sends(Head::ack(self.taken.get()).as_bytes());
    }

    /// The next text with these words in it.
    #[track_caller]
    pub(super) fn hears(&self, words: &str) -> String {
        self.heard(words).unwrap_or_else(|| panic!("it ends before {words:?}"))
    }

    /// The same; `None` when the connection ends before.
    #[track_caller]
    pub(super) fn heard(&self, words: &str) -> Option<String> {
        loop {
            let unit = self.line.next()?;
            let frame = stumtp::decode(&unit).expect("a frame");
            self.takes(&frame);
            let (Frame::Plain(text) | Frame::Numbered { text, .. }) = frame else { continue };
            if text.contains(words) {
                return Some(text.to_owned());
            }
        }
    }

    /// What he has said is acknowledged alone.
    #[track_caller]
    pub(super) fn is_acknowledged(&self) {
        loop {
            let unit = self.line.next().expect("it comes before the end");
            let frame = stumtp::decode(&unit).expect("a frame");
            self.takes(&frame);
            if frame == Frame::Ack(self.said.get()) {
                return;
            }
        }
    }

    /// The numbers of what came.
    fn takes(&self, frame: &Frame<'_>) {
        if let Frame::Numbered { id, .. } = frame
            && *id == self.taken.get() + 1
        {
            self.taken.set(*id);
        }
        if let Frame::Ack(ack) | Frame::Numbered { ack: Some(ack), .. } = frame {
            self.kept.borrow_mut().retain(|(number, _)| number > ack);
        }
    }
}
