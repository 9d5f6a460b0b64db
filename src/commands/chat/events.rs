//! What happens becomes lines.
//!
//! In: events of the driver. Out: lines to a [`Front`], what the session knows from then on. Must not know what is typed.

use palabre::client::{Answer, Event, Fate, Invitation, Question, Speaker, Ticket};

use super::escape;
use super::front::Front;
use super::line::Matter;
use super::session::{Aim, End, OFFER, Offer, Open, Pending, Session};
use super::words::{self, Place};

impl Session {
    /// Something happened.
    pub(super) fn event(&mut self, front: &mut dyn Front, event: Event) {
        match event {
            Event::Registered { .. } => {
                self.registered = true;
                self.told = Place::Public;
                front.notice(&self.welcome);
            }
            Event::Forgotten => {
                self.registered = false;
                (self.opening, self.offer) = (None, Offer::None);
                front.notice("the server does not know us any more: registering again");
            }
            Event::StillConnecting { why } => {
                let why = words::not_connected(self.protocol, why);
                front.notice(&format!("not connected yet: {why}; trying again"));
            }
            Event::NotRegistered { why } => {
                front.stop();
                self.end = Some(End::NotRegistered(why));
            }
            Event::Disconnected => self.end = Some(End::Left),
            Event::Heard { from: Speaker::Server, text } => front.notice(&escape::text(&text)),
            Event::Heard { from, text } => {
                front.heard(&escape::name(&from.to_string()), &escape::text(&text));
            }
            Event::Text { ticket, fate } => self.fate(front, ticket, fate),
            Event::Answered { ticket, answer } => self.answered(front, ticket, &answer),
            Event::Undecided { ticket } => self.undecided(front, ticket),
            Event::ModeOffered => self.mode_offered(),
            event => self.news(front, event),
        }
    }

    /// What others do.
    fn news(&mut self, front: &mut dyn Front, event: Event) {
        let words = match event {
            Event::Invited { invitation, by, room, mode } => {
                let number = self.number();
                let by = escape::name(&by).into_owned();
                let mode = words::mode(mode);
                let (about, leads_to, room) = if room.is_empty() {
                    (by.clone(), Place::Other(format!("the room of {by}")), "a room".into())
                } else {
                    let shown = escape::text(&room).into_owned();
                    let words = format!("the room {shown}");
                    (shown, Place::Room(room), words)
                };
                self.questions.push(Open {
                    number,
                    question: invitation,
                    matter: Matter::Invitation,
                    about,
                    leads_to,
                });
                format!("{by} invites you to {room} ({mode}): /accept {number} or /decline {number}")
            }
            Event::Question { question, what } => self.question(question, what),
            Event::Opened { room, mode } => {
                self.opening = None;
                self.told = Place::Room(room);
                if self.typing.believed == Place::invited_to() {
                    self.typing.believed = self.told.clone();
                }
                format!("{} is open ({}): you are in it", self.told, words::mode(mode))
            }
            Event::NotOpened => {
                self.opening = None;
                format!("nobody comes into {}: you are in {}", Place::invited_to(), self.place())
            }
            Event::ModeChanged(mode) => {
                format!("the mode of this room has changed: {}", words::mode(mode))
            }
            Event::Renamed(name) => {
                self.renamed(name);
                format!("this room is called {} now", self.told.prompt())
            }
            Event::Joined(name) => format!("{} has come into this room", escape::name(&name)),
            Event::Left(name) => format!("{} has left this room", escape::name(&name)),
            Event::Closed(room) => {
                self.told = Place::Public;
                format!("the room {} has closed: you are in {}", escape::text(&room), self.place())
            }
            Event::Declined(name) => format!("{} does not come", escape::name(&name)),
            Event::ServerStops => "the server stops".into(),
            // All others are told where they are met.
            _ => return,
        };
        front.notice(&words);
    }

    fn question(&mut self, question: Invitation, what: Question) -> String {
        let number = self.number();
        let (matter, about, words) = match what {
            Question::Admission { user } => {
                let user = escape::name(&user).into_owned();
                let words = format!("{user} asks to come in: /admit {number} or /refuse {number}");
                (Matter::Admission, user, words)
            }
            Question::ModeChange { mode } => {
                let words = format!(
                    "the manager wants another mode for this room ({}): /agree {number} or /disagree {number}",
                    words::mode(mode)
                );
                (Matter::Vote, String::new(), words)
            }
        };
        self.questions.push(Open { number, question, matter, about, leads_to: Place::Public });
        words
    }

    /// The next number for a question.
    const fn number(&mut self) -> u64 {
        self.asked += 1;
        self.asked
    }

    /// Our room has another name. Who believes to be elsewhere believes so still.
    fn renamed(&mut self, name: String) {
        let knew = self.typing.believed == self.told;
        self.told = Place::Room(name);
        if knew {
            self.typing.believed = self.told.clone();
        }
    }

    fn fate(&mut self, front: &mut dyn Front, ticket: Ticket, fate: Fate) {
        match fate {
            Fate::Delayed => {
                if !std::mem::replace(&mut self.delayed, true) {
                    front.notice("the server does not answer: what you say is kept and sent again");
                }
            }
            Fate::Delivered => {
                self.texts.remove(&ticket);
                self.delayed = false;
            }
            Fate::GivenUp(why) => {
                self.given_up += 1;
                let text = self.texts.remove(&ticket).unwrap_or_default();
                front.notice(&format!("not delivered: {text}: {}", escape::text(&why.to_string())));
            }
        }
    }

    /// The answer to the invitation comes next. Without an offer people are asked into the room we are in (S19).
    fn mode_offered(&mut self) {
        self.offer = Offer::Open(self.driver.now() + OFFER);
        if let Some(pending) = self.pending.as_mut().filter(|pending| pending.aim == Aim::Invite) {
            let asked = &pending.asked;
            pending.done =
                Some(format!("{asked}: they are asked when you choose: /mode central or /mode p2p"));
        }
    }

    /// A manager has to decide: until he has, we stay where we are (S9).
    fn undecided(&mut self, front: &mut dyn Front, ticket: Ticket) {
        if let Some(pending) = self.pending.take_if(|pending| pending.ticket == ticket) {
            let asked = &pending.asked;
            front.notice(&format!("{asked}: its manager is asked; until then you are in {}", self.place()));
            self.undecided.push((pending, true));
        }
    }

    fn answered(&mut self, front: &mut dyn Front, ticket: Ticket, answer: &Answer) {
        match answer {
            Answer::In { room, .. } => self.told = Place::Room(room.clone()),
            Answer::Left => self.told = Place::Public,
            _ => {}
        }
        if matches!(answer, Answer::In { .. } | Answer::Left) {
            self.typing.believed = self.told.clone();
        }
        let Some(pending) = self.answered_command(ticket) else { return };
        match (&pending.aim, answer) {
            (Aim::Invite, Answer::Refused(_) | Answer::Unanswered) => self.offer = Offer::Refused,
            (Aim::Open, Answer::Refused(_) | Answer::Unanswered) => self.opening = None,
            (Aim::Rename(name), Answer::Done) => self.renamed(name.clone()),
            _ => {}
        }
        for line in words::answer(self.protocol, &pending, answer) {
            front.answer(&line);
        }
    }

    /// The command that this is the answer to.
    fn answered_command(&mut self, ticket: Ticket) -> Option<Pending> {
        let is_it = |pending: &Pending| pending.ticket == ticket;
        self.pending.take_if(|pending| is_it(pending)).or_else(|| {
            let index = self.undecided.iter().position(|(pending, _)| is_it(pending))?;
            Some(self.undecided.remove(index).0)
        })
    }
}
