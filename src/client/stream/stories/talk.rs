//! What is said in the language of Stories, whatever carries it: its own frames, or the messages of STUMTP (U6).
//!
//! In: what the user wants, the texts of the server, files and channels of our own. Out: texts for the server, events. Must
//! not know how a text is carried, nor when there is a connection to the server.
//!
//! The style is that of the quotation marks: there every request has an answer, and each text names the room it is meant
//! for, so that the server refuses one that would be heard elsewhere (B2, B3).

use std::collections::VecDeque;

use super::files::Exchange;
use super::moves;
use super::pairs::Peers;
use super::votes::Votes;
use crate::client::Ticket;
use crate::client::stream::io::Input;
use crate::client::stream::talk::{Answer, Ask, Event, Fate, Why};
use crate::client::stream::tongue::Desk;
use crate::dialect::stories::json::{self, Reply, Seq};
use crate::dialect::stories::{Answer as Said, Request, Speaker, Style};
use crate::time::Instant;

/// What the public room is called (B4).
pub(super) const PUBLIC: &str = "public";

/// A text for the server.
#[derive(Debug)]
pub(in crate::client::stream) struct Line {
    pub(in crate::client::stream) text: String,
    /// The name and size of the file it brings, so that its progress can be told.
    pub(in crate::client::stream) file: Option<(String, u64)>,
}

/// A request that is answered by `OK` or `KO`, in the order of the requests.
#[derive(Debug)]
struct Waiting {
    ticket: Ticket,
    wanted: Wanted,
}

/// What it is about.
#[derive(Debug)]
enum Wanted {
    Text,
    /// To be in this room; `None` is the public one.
    Move(Option<String>),
    /// To send a file.
    File(Seq),
    /// To be gone.
    Bye,
}

/// What one user says and hears.
#[derive(Debug)]
pub(in crate::client::stream) struct Conversation {
    pub(super) name: String,
    pub(super) room: Option<String>,
    rooms: Vec<String>,
    /// The most bytes that a text for the server may have.
    pub(super) longest: usize,
    out: VecDeque<Line>,
    waiting: VecDeque<Waiting>,
    /// What the user wants after something that has to be done first.
    held: VecDeque<(Ticket, Ask)>,
    last_seq: u64,
    last_question: u64,
    pub(super) exchange: Exchange,
    pub(super) votes: Votes,
    pub(super) peers: Peers,
    is_over: bool,
}

impl Conversation {
    /// Somebody called `name` has signed in, by whatever carries at most `longest` bytes at a time.
    pub(in crate::client::stream) fn new(desk: &mut Desk, longest: usize) -> Self {
        Self {
            name: desk.config.name.clone(),
            room: None,
            rooms: Vec::new(),
            longest,
            out: VecDeque::new(),
            waiting: VecDeque::new(),
            held: VecDeque::new(),
            // Others must not have the same numbers, or two files might have the same label (B5).
            last_seq: desk.random.u32(1..).into(),
            last_question: 0,
            exchange: Exchange::default(),
            votes: Votes::default(),
            peers: Peers::default(),
            is_over: false,
        }
    }

    /// The rooms that the server has told of at sign-in.
    pub(in crate::client::stream) fn knows_rooms(&mut self, rooms: impl Iterator<Item = String>) {
        self.rooms = rooms.collect();
    }

    /// The room we are in; `None` is the public one.
    pub(in crate::client::stream) fn room(&self) -> Option<&str> {
        self.room.as_deref()
    }

    /// The next text for the server.
    pub(in crate::client::stream) fn poll_line(&mut self) -> Option<Line> {
        self.out.pop_front()
    }

    /// Whether the server owes an answer.
    pub(in crate::client::stream) fn expects(&self) -> bool {
        !self.waiting.is_empty() || self.exchange.expects() || self.peers.expects()
    }

    /// Whether nothing that the user wanted is still being done.
    pub(in crate::client::stream) fn is_idle(&self) -> bool {
        self.held.is_empty() && self.is_done()
    }

    /// Whether we have said goodbye and the server has, too.
    pub(in crate::client::stream) const fn is_over(&self) -> bool {
        self.is_over
    }

    /// Whether we have said goodbye, and only the answer to that is missing.
    pub(in crate::client::stream) fn has_said_goodbye(&self) -> bool {
        self.waiting.iter().any(|one| matches!(one.wanted, Wanted::Bye))
    }

    /// The user wants something.
    pub(in crate::client::stream) fn ask(&mut self, desk: &mut Desk, ticket: Ticket, ask: Ask) {
        self.held.push_back((ticket, ask));
        self.go_on(desk);
    }

    /// The server says something.
    pub(in crate::client::stream) fn hear(&mut self, now: Instant, desk: &mut Desk, text: &str) {
        match Said::parse(text) {
            Ok(Some(Said::Json(text))) => self.hear_json(now, desk, &text),
            Ok(Some(said)) => self.hear_words(desk, said),
            // A word of a later version.
            Ok(None) | Err(_) => {}
        }
        self.go_on(desk);
    }

    /// Something happened to a file or to a channel of our own.
    pub(in crate::client::stream) fn input(&mut self, desk: &mut Desk, input: &Input<'_>) {
        self.file_input(desk, input);
        self.peer_input(desk, input);
        self.go_on(desk);
    }

    /// Does what is due.
    pub(in crate::client::stream) fn handle_timeout(&mut self, now: Instant, desk: &mut Desk) {
        self.peers_due(now, desk);
    }

    /// When [`Self::handle_timeout`] is wanted next.
    pub(in crate::client::stream) fn poll_timeout(&self) -> Option<Instant> {
        self.peers.poll_timeout()
    }

    /// There is no connection for a while: what is under way is late.
    pub(in crate::client::stream) fn delayed(&self, desk: &mut Desk) {
        for waiting in self.waiting.iter().filter(|waiting| matches!(waiting.wanted, Wanted::Text)) {
            desk.tell(Event::Text { ticket: waiting.ticket, fate: Fate::Delayed });
        }
    }

    /// There will be no server any more: everything that was wanted has its last word.
    pub(in crate::client::stream) fn end(&mut self, desk: &mut Desk) {
        self.is_over = true;
        for Waiting { ticket, wanted } in std::mem::take(&mut self.waiting) {
            match wanted {
                Wanted::Text => desk.give_up(ticket, Why::NotConnected),
                Wanted::Move(_) => desk.answer(ticket, Answer::Unanswered),
                // Those are told with the files; a goodbye needs no answer any more.
                Wanted::File(_) | Wanted::Bye => {}
            }
        }
        for (ticket, ask) in std::mem::take(&mut self.held) {
            match ask {
                Ask::Say(_) | Ask::Tell { .. } => desk.give_up(ticket, Why::NotConnected),
                Ask::Disconnect => {}
                _ => desk.answer(ticket, Answer::Unanswered),
            }
        }
        self.exchange.end(desk);
        self.votes.end(desk);
        self.peers.end(desk);
    }

    /// The next number for something of ours.
    pub(super) fn seq(&mut self) -> Seq {
        self.last_seq = self.last_seq.saturating_add(1);
        Seq::from(self.last_seq)
    }

    /// The next number for a question.
    pub(super) const fn question(&mut self) -> u64 {
        self.last_question += 1;
        self.last_question
    }

    /// The room we are in, as commands name it.
    pub(super) fn place(&self) -> &str {
        self.room.as_deref().unwrap_or(PUBLIC)
    }

    /// Says something to the server; what is too long is not said.
    pub(super) fn say(&mut self, text: String, file: Option<(String, u64)>) -> Result<(), Why> {
        if text.len() > self.longest {
            return Err(Why::TooLong);
        }
        self.out.push_back(Line { text, file });
        Ok(())
    }

    pub(super) fn say_json(&mut self, request: &json::Request) -> Result<(), Why> {
        self.say(request.text(), None)
    }

    /// A request with a place in the line of those that wait for `OK` or `KO`.
    pub(super) fn announce_file(&mut self, ticket: Ticket, seq: Seq, file: &str) -> Result<(), Why> {
        let request = Request::File { speaker: self.speaker(), file: file.into() };
        self.request(ticket, request.text(Style::Quoted), Wanted::File(seq))
    }

    fn speaker(&self) -> Speaker<'_> {
        Speaker { room: self.place().into(), name: self.name.as_str().into() }
    }

    fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.exchange.is_idle() && self.votes.is_idle() && self.peers.is_idle()
    }

    /// Starts what can be started: a move after what belongs to the room, all else after a move.
    fn go_on(&mut self, desk: &mut Desk) {
        while let Some((_, ask)) = self.held.front() {
            let moves = self.waiting.iter().any(|one| matches!(one.wanted, Wanted::Move(_)));
            let may = match ask {
                Ask::Disconnect => self.is_done(),
                Ask::Join(_) | Ask::Leave => !moves && !self.exchange.is_sending(),
                _ => !moves,
            };
            if !may {
                break;
            }
            let Some((ticket, ask)) = self.held.pop_front() else { break };
            self.start(desk, ticket, ask);
        }
    }

    fn start(&mut self, desk: &mut Desk, ticket: Ticket, ask: Ask) {
        match ask {
            Ask::Say(text) => {
                let request = Request::Say { speaker: Some(self.speaker()), text: text.into() };
                match self.request(ticket, request.text(Style::Quoted), Wanted::Text) {
                    Ok(()) => {}
                    Err(why) => desk.give_up(ticket, why),
                }
            }
            Ask::Join(room) => {
                let wanted = Wanted::Move((room != PUBLIC).then(|| room.clone()));
                self.moves(desk, ticket, room, wanted);
            }
            // By its name and not by BYE, which has to name the room that we leave: it may have closed.
            Ask::Leave => self.moves(desk, ticket, PUBLIC.into(), Wanted::Move(None)),
            Ask::ListRooms => desk.answer(ticket, Answer::Rooms(self.rooms.clone())),
            Ask::ListUsers => {
                desk.answer(ticket, Answer::Refused("this protocol does not tell who is there".into()));
            }
            Ask::SendFile { path, to: None } => self.send_file(desk, ticket, path),
            Ask::SendFile { to: Some(_), .. } => {
                desk.answer(ticket, Answer::Refused("files are for the room".into()));
            }
            Ask::Fetch { id } => self.fetch(desk, ticket, &id),
            Ask::Vote(question) => self.begin_vote(desk, ticket, &question),
            Ask::Answer { question, accept } => {
                let known = self.answer_vote(question, accept) || self.answer_offer(desk, question, accept);
                let no = || Answer::Refused("there is no such question".into());
                desk.answer(ticket, if known { Answer::Done } else { no() });
            }
            Ask::Open(user) => self.open_peer(desk, ticket, user),
            Ask::Close(user) => self.close_peer(desk, ticket, &user),
            Ask::Tell { user, text } => self.tell_peer(desk, ticket, user, text),
            Ask::Disconnect => self.goodbye(ticket),
        }
    }

    fn request(&mut self, ticket: Ticket, text: Option<String>, wanted: Wanted) -> Result<(), Why> {
        self.say(text.ok_or(Why::BadText)?, None)?;
        self.waiting.push_back(Waiting { ticket, wanted });
        Ok(())
    }

    fn moves(&mut self, desk: &mut Desk, ticket: Ticket, room: String, wanted: Wanted) {
        let request = Request::Join { room: room.into() };
        if let Err(why) = self.request(ticket, request.text(Style::Quoted), wanted) {
            desk.answer(ticket, Answer::Refused(why.to_string()));
        }
    }

    /// Out of the public room is off the server; out of another one it is only back to the public one (B2).
    fn goodbye(&mut self, ticket: Ticket) {
        if self.room.is_some() {
            let join = Request::Join { room: PUBLIC.into() };
            self.held.push_front((ticket, Ask::Disconnect));
            // Both are short, and can be said.
            let _ = self.request(ticket, join.text(Style::Quoted), Wanted::Move(None));
            self.room = None;
            return;
        }
        let bye = Request::Bye { speaker: self.speaker() }.text(Style::Quoted);
        if let Some(bye) = bye {
            let _ = self.say(bye, None);
        }
        self.waiting.push_back(Waiting { ticket, wanted: Wanted::Bye });
    }

    fn hear_words(&mut self, desk: &mut Desk, said: Said<'_>) {
        match said {
            Said::Said { name, text, .. } => {
                desk.tell(Event::Heard { from: name.into(), text: text.into(), alone: false });
            }
            Said::System { words } => {
                if let Some(room) = moves::place(&words, &self.name, self.place()) {
                    self.room = (room != PUBLIC).then(|| room.to_owned());
                    desk.tell(Event::Moved(self.room.clone()));
                }
                desk.tell(Event::Notice(words.into()));
            }
            Said::Broadcast { words } => desk.tell(Event::Notice(words.into())),
            Said::Done => self.answered(desk, Ok(())),
            Said::Refused { why } => self.answered(desk, Err(why.into())),
            Said::Error { why } if self.waiting.is_empty() => desk.tell(Event::Notice(why.into())),
            Said::Error { why } => self.answered(desk, Err(why.into())),
            Said::Rooms(rooms) => self.rooms = rooms.into_iter().map(Into::into).collect(),
            Said::Complete { .. } | Said::Json(_) => {}
        }
    }

    /// The oldest request that waits is answered.
    fn answered(&mut self, desk: &mut Desk, answer: Result<(), String>) {
        let Some(Waiting { ticket, wanted }) = self.waiting.pop_front() else { return };
        match (wanted, answer) {
            (Wanted::Text, Ok(())) => desk.tell(Event::Text { ticket, fate: Fate::Delivered }),
            (Wanted::Text, Err(why)) => desk.give_up(ticket, Why::Refused(why)),
            (Wanted::Move(room), Ok(())) => {
                self.room.clone_from(&room);
                // A goodbye that has to pass through the public room says nothing of it.
                if self.held.front().is_none_or(|(of, _)| *of != ticket) {
                    desk.answer(ticket, room.map_or(Answer::Left, Answer::In));
                }
            }
            (Wanted::Move(_), Err(why)) => desk.answer(ticket, Answer::Refused(why)),
            (Wanted::File(seq), answer) => self.file_announced(desk, &seq, answer),
            (Wanted::Bye, _) => self.is_over = true,
        }
    }

    fn hear_json(&mut self, now: Instant, desk: &mut Desk, text: &str) {
        // What is no message of this version says nothing to us.
        let Ok(reply) = Reply::parse(text) else { return };
        match reply {
            Reply::FileAvailable(available) => self.file_offered(desk, available),
            Reply::SendFile(file) => self.file_came(desk, file),
            Reply::Ack(_) => {}
            Reply::VoteRequest(request) => self.vote_wanted(desk, request),
            Reply::SequenceResult(result) => self.vote_over(desk, &result),
            Reply::ConfirmRequest(request) => self.confirm_wanted(desk, request),
            Reply::Complete(complete) => self.sequence_complete(desk, &complete),
            Reply::P2pOffer(offer) => self.peer_offers(now, desk, offer.from),
            Reply::P2pRefused(refused) => self.peer_refuses(desk, &refused.from),
            Reply::P2pInvite(invite) => self.peer_invited(now, desk, invite),
            Reply::P2pFallback(claimed) => self.peer_falls_back(desk, &claimed.token),
            Reply::P2pRelay(relayed) => self.peer_relays(desk, &relayed),
            Reply::Error(failure) => {
                let why = if failure.message.is_empty() { &failure.code } else { &failure.message }.clone();
                let known = match &failure.seq {
                    Some(seq) => {
                        self.passed_on(desk, seq)
                            || self.file_failed(desk, seq, &why)
                            || self.vote_failed(desk, seq, &why)
                    }
                    None => self.peer_failed(desk, &failure.code, &why),
                };
                if !known {
                    desk.tell(Event::Notice(why));
                }
            }
        }
    }
}
