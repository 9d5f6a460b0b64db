//! What people who have signed in ask in JSON: files, sequences, meetings (B5 to B8).
//!
//! In: the text of a request, who leaves or moves, the time. Out: what is due for each. Must not know what carries it.

use core::fmt::Display;

use super::files::Files;
use super::meetings::Meetings;
use super::sequences::Sequences;
use crate::dialect::stories::Answer;
use crate::dialect::stories::json::{Failure, Reply, Request, Seq, words};
use crate::engine::config::Streamed;
use crate::engine::{Dialect, Server};
use crate::ids::UserId;
use crate::time::Instant;

/// The longest text that a message of STUMTP carries with its header, in bytes (U7).
pub(super) const MOST_OF_SESSION: usize = 65_000;

/// Files, sequences and meetings.
#[derive(Debug, Default)]
pub(in crate::engine) struct Exchange {
    pub(in crate::engine) files: Files,
    pub(super) sequences: Sequences,
    pub(super) meetings: Meetings,
}

impl Exchange {
    /// When [`Server::exchange_due`] has something to do.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.sequences.poll_timeout().into_iter().chain(self.meetings.poll_timeout()).min()
    }
}

/// Why a request comes to nothing: the code for programs (B11), and words for people.
pub(super) type No = (&'static str, &'static str);

impl Server {
    /// Carries out a JSON request of somebody who has signed in, and answers it.
    pub(in crate::engine) fn stories_json(&mut self, now: Instant, user: UserId, text: &str) {
        // What is over by now is over before the request comes.
        self.exchange_due(now);
        let request = match Request::parse(text) {
            Ok(request) => request,
            Err(fault) => {
                let is_about_file = fault.kind.is_some_and(is_about_files);
                return self.json_error(
                    now,
                    user,
                    fault.seq.as_ref(),
                    (fault.wrong.code(), &fault),
                    is_about_file,
                );
            }
        };
        let is_about_file = is_about_files(request.kind());
        let (seq, done) = match request {
            Request::SendFile(file) => (Some(file.seq.clone()), self.json_send_file(now, user, file)),
            Request::GetFile(get) => (get.seq.clone(), self.json_get_file(now, user, get)),
            Request::BeginSequence(begin) => (Some(begin.seq.clone()), self.json_begin(now, user, begin)),
            Request::Vote(vote) => (Some(vote.seq.clone()), self.json_vote(now, user, &vote)),
            Request::Confirm(confirm) => (Some(confirm.seq.clone()), self.json_confirm(now, user, &confirm)),
            Request::P2pRequest(wanted) => (None, self.json_p2p_request(now, user, &wanted)),
            Request::P2pAccept(accept) => (None, self.json_p2p_accept(now, user, &accept)),
            Request::P2pRefuse(refuse) => (None, self.json_p2p_refuse(now, user, &refuse)),
            Request::P2pHello(_) => (None, Err(("type", words::NOT_FOR_SERVERS))),
            Request::P2pReady(claimed) => (None, self.json_p2p_ready(user, &claimed)),
            Request::P2pFailed(claimed) => (None, self.json_p2p_failed(now, user, &claimed)),
            Request::P2pRelay(relayed) => (None, self.json_p2p_relay(now, user, relayed)),
        };
        if let Err((code, message)) = done {
            self.json_error(now, user, seq.as_ref(), (code, &message), is_about_file);
        }
    }

    /// Somebody leaves the server, or is in another room now: what he began there, and what was asked of him, is void.
    pub(super) fn exchange_left(&mut self, now: Instant, user: UserId, leaves_server: bool) {
        let place = self.rooms.user(user).and_then(|user| user.room);
        let (over, cancelled) = self.stories.exchange.sequences.left(user, (!leaves_server).then_some(place));
        for over in over {
            self.json_over(now, over);
        }
        if let Some(seq) = cancelled {
            self.json_error(now, user, Some(&seq), ("cancelled", &words::CANCELLED), false);
        }
        if leaves_server {
            for waiting in self.stories.exchange.meetings.left(user) {
                self.json_refused(now, waiting, user);
            }
        }
        self.forget_files();
    }

    /// Does what is due.
    pub(super) fn exchange_due(&mut self, now: Instant) {
        while let Some(over) = self.stories.exchange.sequences.due(now) {
            self.json_over(now, over);
        }
        self.meetings_due(now);
    }

    /// Sends a JSON message to somebody, unless it is too long for what carries it: false.
    pub(super) fn json_say(&mut self, now: Instant, to: UserId, reply: &Reply) -> bool {
        let text = reply.text();
        let is_session = self.peers.seats.get(to).is_some_and(|seat| seat.dialect == Streamed::Stumtp);
        if is_session && text.len() > MOST_OF_SESSION {
            return false;
        }
        self.stories_say(now, to, &Answer::Json(text.into()));
        true
    }

    /// Says that a request came to nothing. About files the style of the bars has words of its own (B5).
    fn json_error(
        &mut self,
        now: Instant,
        to: UserId,
        seq: Option<&Seq>,
        (code, message): (&str, &dyn Display),
        is_about_file: bool,
    ) {
        let message = message.to_string();
        if is_about_file && self.stories_style(to) == crate::dialect::stories::Style::Bar {
            return self.stories_say(now, to, &Answer::Error { why: message.into() });
        }
        let failure = Failure { seq: seq.cloned(), code: code.into(), message };
        self.json_say(now, to, &Reply::Error(failure));
    }

    /// Somebody of this language, by the name it knows him by.
    pub(super) fn json_user(&self, name: &str) -> Option<UserId> {
        let user = self.sides.of(Dialect::Stories).find_user(&self.rooms, name)?;
        self.speaks_json(user).then_some(user)
    }

    /// Whether somebody can be asked something in JSON.
    pub(super) fn speaks_json(&self, user: UserId) -> bool {
        let seat = self.peers.seats.get(user);
        seat.is_some_and(|seat| matches!(seat.dialect, Streamed::Stories | Streamed::Stumtp))
    }

    /// Everybody else in the room somebody is in.
    pub(super) fn others_of(&self, user: UserId) -> Vec<UserId> {
        let room = self.rooms.user(user).and_then(|user| user.room);
        let all = room.map_or_else(|| self.rooms.public(), |room| self.rooms.members(room));
        all.iter().copied().filter(|other| *other != user).collect()
    }
}

fn is_about_files(kind: &str) -> bool {
    matches!(kind, "SEND_FILE" | "GET_FILE")
}
