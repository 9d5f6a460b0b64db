//! What happens becomes lines.
//!
//! In: events of the driver. Out: lines to a [`Front`], what the session knows from then on. Must not know what is typed.

use palabre::client::Ticket;
use palabre::client::stream::{Answer, Event, Fate, Protocol};

use super::progress::Done;
use super::session::{End, Open, Session};
use super::words;
use crate::commands::chat::escape;
use crate::commands::chat::front::Front;

impl Session {
    /// Something happened.
    pub(super) fn event(&mut self, front: &mut dyn Front, event: Event) {
        match event {
            Event::Registered => {
                self.registered = true;
                front.notice(&self.welcome);
            }
            Event::NotRegistered { why } => {
                front.stop();
                self.end = Some(End::NotRegistered(why));
            }
            Event::Lost { why } => {
                front.stop();
                self.end = Some(End::Lost(why));
            }
            Event::Disconnected => self.end = Some(End::Left),
            Event::Heard { from, text, alone } => {
                let name = escape::name(&from);
                // No name has this mark: nobody can look as if he spoke to one alone.
                let name = if alone { format!("{name} > you") } else { name.into_owned() };
                front.heard(&name, &escape::text(&text));
            }
            Event::Text { ticket, fate } => self.fate(front, ticket, fate),
            Event::Answered { ticket, answer } => self.answered(front, ticket, &answer),
            Event::Question { question, by, what } => {
                self.asked += 1;
                let number = self.asked;
                front.notice(&words::question(self.protocol, &escape::name(&by), &what, number));
                self.questions.push(Open { number, question, by });
            }
            Event::Moot(question) => {
                // One that we have answered is not among them any more.
                if let Some(at) = self.questions.iter().position(|open| open.question == question) {
                    let by = self.questions.remove(at).by;
                    front.notice(&format!("{} needs no answer any more", escape::name(&by)));
                }
            }
            Event::Progress { name, way, done, total } => {
                let now = self.driver.now();
                self.progress.show(front, now, Done { name: &name, way, done, total });
            }
            event => self.news(front, event),
        }
    }

    /// What others do.
    fn news(&mut self, front: &mut dyn Front, event: Event) {
        let words = match event {
            Event::Notice(words) => escape::text(&words).into_owned(),
            Event::StillConnecting { why } => {
                format!("no connection: {}; trying again, what you say is kept", escape::text(&why))
            }
            Event::Reconnected => "connected again; nothing is lost".into(),
            Event::Moved(_) => format!("you are in {} now", self.place()),
            Event::Joined(name) => format!("{} has come into this room", escape::name(&name)),
            Event::Left(name) => format!("{} has left this room", escape::name(&name)),
            Event::Voted { by, count } => format!("the vote of {}: {count}", escape::name(&by)),
            Event::Opened { user, direct } => {
                let way = if direct { "directly" } else { "through the server, there is no direct way" };
                let user = escape::name(&user);
                let file = match self.protocol {
                    Protocol::Matou => format!(", /file {user} PATH"),
                    Protocol::Stories | Protocol::Stumtp => String::new(),
                };
                format!("you talk to {user} {way}: /pv {user} text{file}")
            }
            Event::Closed { user, why } if why.is_empty() => {
                format!("the connection with {} has ended", escape::name(&user))
            }
            Event::Closed { user, why } => {
                format!("the connection with {} has ended: {}", escape::name(&user), escape::text(&why))
            }
            Event::FileOffered { id, name, size, by } => {
                let (by, id) = (escape::name(&by), escape::text(&id));
                format!("{by} has sent the file {} ({size} bytes): /get {id}", escape::text(&name))
            }
            Event::FileSaved { path, size, crc } => {
                let path = path.to_string_lossy();
                format!("saved as {}: {size} bytes, CRC-32 {crc:08x}", escape::text(&path))
            }
            Event::FileLost { name, why } => {
                self.given_up += 1;
                format!("the file {} is lost: {}", escape::text(&name), escape::text(&why))
            }
            // All others are told where they are met.
            _ => return,
        };
        front.notice(&words);
    }

    fn fate(&mut self, front: &mut dyn Front, ticket: Ticket, fate: Fate) {
        match fate {
            Fate::Delayed => self.delayed = true,
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

    fn answered(&mut self, front: &mut dyn Front, ticket: Ticket, answer: &Answer) {
        if matches!(answer, Answer::In(_) | Answer::Left) {
            self.typing.believed = self.place();
        }
        let pending = self.pending.take_if(|pending| pending.ticket == ticket).or_else(|| {
            let at = self.aside.iter().position(|pending| pending.ticket == ticket)?;
            Some(self.aside.remove(at))
        });
        let Some(pending) = pending else { return };
        if pending.counts && matches!(answer, Answer::Refused(_) | Answer::Unanswered) {
            self.given_up += 1;
        }
        if let Some(line) = words::answer(&pending, answer) {
            front.answer(&line);
        }
    }
}
