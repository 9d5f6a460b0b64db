//! Those who come on connections.

use std::cell::{Cell, RefCell};

use palabre::dialect::matou::{self, Message};
use palabre::dialect::stories::{Answer, Form, Request, Speaker, StoriesFraming, Style, frame};
use palabre::dialect::stumtp::{self, Frame};
use palabre::ids::ListenerId;
use palabre::wire::{Deframer, Framing, Scratch, Terminated};

use super::{Person, start};
use crate::served::Served;
use crate::streamed::Line;

/// The longest text that the server takes (M25).
const LONGEST: usize = 60_000;

/// A connection and what has come on it, message by message.
struct Inbox<F> {
    line: Line,
    deframer: RefCell<Deframer<F>>,
}

impl<F: Framing<Error: core::fmt::Debug>> Inbox<F> {
    fn new(served: &Served, at: ListenerId, framing: F) -> Self {
        Self { line: Line::new(served, at), deframer: RefCell::new(Deframer::new(framing)) }
    }

    fn takes_all(&self) -> Vec<Vec<u8>> {
        let (bytes, mut deframer) = (self.line.heard(), self.deframer.borrow_mut());
        let (mut rest, mut messages) = (&bytes[..], Vec::new());
        while let Some(message) = deframer.next(&mut rest).expect("a stream that can be read") {
            messages.push(message.into_owned());
        }
        assert_eq!(deframer.held(), 0, "whole messages");
        assert!(!self.line.is_closed(), "the connection stays");
        messages
    }
}

pub(super) struct Matou {
    inbox: Inbox<matou::Frames>,
    name: String,
}

impl Matou {
    pub(super) fn new(served: &Served, at: ListenerId, name: &str) -> Self {
        let person = Self {
            inbox: Inbox::new(served, at, matou::Frames { way: matou::Way::ToClient }),
            name: name.into(),
        };
        person.sends(&Message::Connect { name: name.into() });
        assert_eq!(
            person.takes()[..2],
            [Message::Connected { accepted: true }, Message::Arrived { name: name.to_owned().into() }]
        );
        person
    }

    fn sends(&self, message: &Message<'_>) {
        let mut bytes = Vec::new();
        message.encode(&mut bytes).unwrap();
        self.inbox.line.sends(&bytes);
    }

    fn takes(&self) -> Vec<Message<'static>> {
        let decoded = |bytes: &Vec<u8>| Message::decode(bytes, &mut Scratch::new()).unwrap().into_owned();
        self.inbox.takes_all().iter().map(decoded).collect()
    }

    fn said_by(&self, by: &str) -> String {
        let mut heard = String::new();
        for message in self.takes() {
            let Message::Said { author, text } = message else { panic!("{message:?}") };
            assert_eq!(author, by);
            assert!((1..=512).contains(&text.len()) && !text.chars().any(char::is_control), "{text:?}");
            heard.push_str(&text);
        }
        heard
    }
}

impl Person for Matou {
    fn can_say(&self, text: &str) -> String {
        start(&self.carries(text), 512)
    }

    fn says(&self, text: &str) {
        self.sends(&Message::Say { text: text.into() });
        assert_eq!(self.said_by(&self.name), text, "its echo");
    }

    fn joins(&self, _: &str) {
        panic!("there are no rooms");
    }

    fn hears(&self, author: &str) -> String {
        self.said_by(author)
    }

    fn carries(&self, text: &str) -> String {
        text.replace(char::is_control, " ")
    }

    fn is_quiet(&self) {
        self.takes();
    }
}

pub(super) struct Stories {
    inbox: Inbox<StoriesFraming>,
    form: Form,
    style: Style,
    name: String,
    room: RefCell<String>,
}

impl Stories {
    pub(super) fn new(served: &Served, at: ListenerId, name: &str, (form, style): (Form, Style)) -> Self {
        let inbox = Inbox::new(served, at, StoriesFraming::answers(form, 1 << 20));
        let person = Self { inbox, form, style, name: name.into(), room: RefCell::new("public".into()) };
        person.asks(&Request::Login { name: name.into() });
        person
    }

    fn asks(&self, request: &Request<'_>) -> Vec<String> {
        let mut bytes = Vec::new();
        frame(self.form, &request.text(self.style).expect("this style says it"), &mut bytes);
        self.inbox.line.sends(&bytes);
        self.takes()
    }

    fn takes(&self) -> Vec<String> {
        let text = |frame: &Vec<u8>| String::from_utf8(self.form.content(frame).to_vec()).unwrap();
        self.inbox.takes_all().iter().map(text).collect()
    }
}

impl Person for Stories {
    fn can_say(&self, text: &str) -> String {
        let text = start(text, LONGEST);
        if self.form == Form::Lines { text.replace(['\r', '\n'], " ") } else { text }
    }

    fn says(&self, text: &str) {
        let room = self.room.borrow();
        let speaker = Speaker { room: (&**room).into(), name: (&*self.name).into() };
        let speaker = (self.style == Style::Quoted).then_some(speaker);
        let answers = self.asks(&Request::Say { speaker, text: text.into() });
        let answer = if self.style == Style::Quoted { vec!["OK".to_owned()] } else { Vec::new() };
        assert_eq!(answers, answer, "{text:?}");
    }

    fn joins(&self, room: &str) {
        let answers = self.asks(&Request::Join { room: room.into() });
        assert!(!answers.iter().any(|answer| answer.starts_with("KO") || answer.starts_with("ERROR")));
        self.room.replace(room.into());
    }

    fn hears(&self, author: &str) -> String {
        let mut heard = String::new();
        for told in self.takes() {
            let Ok(Some(Answer::Said { room, name, text })) = Answer::parse(&told) else {
                panic!("{told:?}")
            };
            assert_eq!(name, author);
            assert!(room.is_none_or(|room| room == *self.room.borrow()));
            heard.push_str(&text);
        }
        heard
    }

    fn carries(&self, text: &str) -> String {
        let text = if self.style == Style::Bar { text.replace('|', "¦") } else { text.into() };
        if self.form == Form::Lines { text.replace(['\r', '\n'], " ") } else { text }
    }

    fn is_quiet(&self) {
        self.takes();
    }
}

pub(super) struct Stumtp {
    inbox: Inbox<Terminated>,
    name: String,
    room: RefCell<String>,
    sent: Cell<u64>,
    seen: Cell<u64>,
}

impl Stumtp {
    pub(super) fn new(served: &Served, at: ListenerId, name: &str) -> Self {
        let inbox = Inbox::new(served, at, stumtp::FRAMING);
        let (room, sent, seen) = (RefCell::new("public".into()), Cell::new(0), Cell::new(0));
        let person = Self { inbox, name: name.into(), room, sent, seen };
        let login = Request::Login { name: name.into() }.text(Style::Quoted).unwrap();
        person.sends(&Frame::Numbered { id: 0, ack: None, text: &login });
        let answers = person.takes();
        assert!(answers.iter().any(|answer| answer.starts_with("SESSION")), "{answers:?}");
        person
    }

    fn sends(&self, frame: &Frame<'_>) {
        let mut bytes = Vec::new();
        frame.encode(&mut bytes).unwrap();
        self.inbox.line.sends(&bytes);
    }

    fn asks(&self, request: &Request<'_>) -> Vec<String> {
        self.sent.set(self.sent.get() + 1);
        let (id, ack) = (self.sent.get(), Some(self.seen.get()).filter(|seen| *seen > 0));
        let text = request.text(Style::Quoted).unwrap();
        self.sends(&Frame::Numbered { id, ack, text: &text });
        self.takes()
    }

    /// What came, in order and without a gap; acknowledged.
    fn takes(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for unit in self.inbox.takes_all() {
            match stumtp::decode(&unit).unwrap() {
                Frame::Numbered { id, text, .. } => {
                    if id > 0 {
                        assert_eq!(id, self.seen.get() + 1);
                        self.seen.set(id);
                    }
                    texts.push(text.to_owned());
                }
                Frame::Ack(ack) => assert!(ack <= self.sent.get()),
                Frame::Plain(text) => panic!("plain: {text:?}"),
            }
        }
        if !texts.is_empty() && self.seen.get() > 0 {
            self.sends(&Frame::Ack(self.seen.get()));
        }
        texts
    }
}

impl Person for Stumtp {
    fn can_say(&self, text: &str) -> String {
        start(&stumtp::carried(text), LONGEST / 2)
    }

    fn says(&self, text: &str) {
        let room = self.room.borrow().clone();
        let speaker = Some(Speaker { room: (&*room).into(), name: (&*self.name).into() });
        assert_eq!(self.asks(&Request::Say { speaker, text: text.into() }), ["OK"], "{text:?}");
    }

    fn joins(&self, room: &str) {
        assert_eq!(self.asks(&Request::Join { room: room.into() }), ["OK"]);
        self.room.replace(room.into());
    }

    fn hears(&self, author: &str) -> String {
        let mut heard = String::new();
        for told in self.takes() {
            let Ok(Some(Answer::Said { room, name, text })) = Answer::parse(&told) else {
                panic!("{told:?}")
            };
            assert_eq!(name, author);
            assert_eq!(room.unwrap(), *self.room.borrow());
            heard.push_str(&text);
        }
        heard
    }

    fn carries(&self, text: &str) -> String {
        stumtp::carried(text).into()
    }

    fn is_quiet(&self) {
        self.takes();
    }
}
