//! What comes on a connection of Stories, and who it comes from (B1, B3).
//!
//! In: whole frames. Out: the requests of people who have signed in, for the executor; answers to those who have not. Must
//! not know where a frame ends, nor what a request does.

use crate::dialect::stories::{Answer, Form, Request, Style, is_name, words};
use crate::engine::{DropReason, Server};
use crate::ids::{ConnectionId, UserId};
use crate::time::Instant;
use crate::vocab::Refusal;
use crate::wire::TooLong;

/// How a connection speaks.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::engine) struct Talk {
    /// As its first frame was marked.
    form: Option<Form>,
    /// As its LOGIN was written, or what came instead of it.
    style: Option<Style>,
}

impl Talk {
    /// How its frames are marked.
    pub(super) fn form(self) -> Form {
        self.form.unwrap_or(Form::Prefixed)
    }

    /// How it is answered (B2). Of one that has said nothing readable, lines are the older habit, like quotation marks.
    pub(super) fn style(self) -> Style {
        self.style.unwrap_or(if self.form() == Form::Lines { Style::Quoted } else { Style::Bar })
    }
}

/// What a JSON request is told before its author has signed in (B8).
const JSON_SIGN_IN_FIRST: &str = r#"{"type":"ERROR","seq":null,"code":"login","message":"LOGIN d'abord"}"#;

/// There are too many connections: says so, before this one is closed.
pub(in crate::engine) fn connection_refused(server: &mut Server, now: Instant, id: ConnectionId) {
    server.stories_tell(now, id, &Answer::Error { why: words::FULL.into() });
}

/// Nobody has signed in in time: says so, before the connection is closed.
pub(in crate::engine) fn login_is_late(server: &mut Server, now: Instant, id: ConnectionId) {
    server.stories_tell(now, id, &Answer::Error { why: words::TOO_LATE.into() });
}

impl Server {
    /// A whole frame has come.
    pub(in crate::engine) fn stories_message(&mut self, now: Instant, id: ConnectionId, frame: &[u8]) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        let talk = &mut connection.talk;
        talk.form = talk.form.or_else(|| Form::of(frame.iter().copied()));
        let (form, user) = (talk.form(), connection.user);
        let Ok(text) = simdutf8::basic::from_utf8(form.content(frame)) else {
            self.stats.drop(DropReason::Malformed);
            return self.stories_gives_up(now, id, words::NOT_UTF8);
        };
        match user {
            Some(user) => self.stories_request(now, user, text),
            None => self.stories_stranger(now, id, text),
        }
    }

    /// What comes is no frame: nothing after it can be read.
    pub(in crate::engine) fn stories_fault(
        &mut self,
        now: Instant,
        id: ConnectionId,
        form: Option<Form>,
        _fault: TooLong,
    ) {
        if let Some(connection) = self.connections.get_mut(id) {
            // It may be the first that came.
            connection.talk.form = connection.talk.form.or(form);
        }
        self.stats.drop(DropReason::Malformed);
        self.stories_gives_up(now, id, words::FRAME_TOO_LONG);
    }

    /// Tells somebody who has just signed in which rooms there are; the public one is not among them, he is in it.
    pub(in crate::engine) fn stories_welcome(&mut self, now: Instant, user: UserId) {
        let rooms = self.stories_rooms();
        let rooms = rooms.iter().map(|room| (**room).into()).collect();
        self.stories_say(now, user, &Answer::Rooms(rooms));
    }

    fn stories_gives_up(&mut self, now: Instant, id: ConnectionId, why: &str) {
        self.stories_tell(now, id, &Answer::Error { why: why.into() });
        self.expel(now, id, true);
    }

    fn stories_stranger(&mut self, now: Instant, id: ConnectionId, text: &str) {
        let (style, request) = Request::parse(text);
        if !matches!(request, Ok(Request::Json(_)))
            && let Some(connection) = self.connections.get_mut(id)
        {
            connection.talk.style = Some(style);
        }
        let answer = match request {
            Ok(Request::Login { name }) => match self.stories_login(now, id, &name) {
                Ok(user) => return self.stories_welcome(now, user),
                Err(why) => Answer::Refused { why: words::refused(why).into() },
            },
            Ok(Request::Quit) => return self.close(id, true),
            Ok(Request::Json(_)) => Answer::Json(JSON_SIGN_IN_FIRST.into()),
            Ok(_) => Answer::Refused { why: words::SIGN_IN_FIRST.into() },
            Err(fault) => Answer::Refused { why: words::fault(fault).into() },
        };
        self.stories_tell(now, id, &answer);
    }

    fn stories_login(&mut self, now: Instant, id: ConnectionId, name: &str) -> Result<UserId, Refusal> {
        if !is_name(name) {
            return Err(Refusal::BadName);
        }
        self.sign_in(now, id, name)
    }
}
