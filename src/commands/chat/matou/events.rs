//! What happens becomes lines.
//!
//! In: events of the driver. Out: lines to a [`Front`], what the session knows from then on. Must not know what is typed.

use palabre::client::Ticket;
use palabre::client::stream::{Answer, Event, Fate};

use super::session::{End, Session};
use crate::commands::chat::escape;
use crate::commands::chat::front::Front;
use crate::commands::chat::progress::size_of;

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
                let from = escape::name(&from);
                let whom = if alone { format!("{from} to you") } else { from.into_owned() };
                front.heard(&whom, &escape::text(&text));
            }
            Event::Text { ticket, fate } => self.fate(front, ticket, fate),
            Event::Answered { ticket, answer } => self.answered(front, ticket, answer),
            Event::Question { question, by, .. } => {
                let shown = escape::name(&by).into_owned();
                self.questions.push((question, by));
                front.notice(&format!(
                    "{shown} asks for a private connection: /accept {shown} or /close {shown}"
                ));
            }
            Event::Moot(question) => {
                if let Some(index) = self.questions.iter().position(|(known, _)| *known == question) {
                    let (_, by) = self.questions.remove(index);
                    front.notice(&format!("{} does not ask any more", escape::name(&by)));
                }
            }
            Event::Progress { name, way, done, total } => {
                let now = self.driver.now();
                self.bars.show(front, now, &name, way, done, total);
            }
            event => news(front, event),
        }
    }

    fn fate(&mut self, front: &mut dyn Front, ticket: Ticket, fate: Fate) {
        match fate {
            Fate::Delivered => drop(self.texts.remove(&ticket)),
            Fate::Delayed => {}
            Fate::GivenUp(why) => {
                // One that was told already has been interrupted.
                if let Some(text) = self.texts.remove(&ticket) {
                    self.given_up += 1;
                    front.notice(&format!("not delivered: {text}: {}", escape::text(&why.to_string())));
                }
            }
        }
    }

    fn answered(&mut self, front: &mut dyn Front, ticket: Ticket, answer: Answer) {
        let file = self.files.remove(&ticket);
        let is_file = file.is_some();
        let asked = file.or_else(|| self.asked.remove(&ticket)).unwrap_or_default();
        match answer {
            Answer::Sent { name, size, crc } => {
                let (name, size) = (escape::text(&name), size_of(size));
                front.notice(&format!("sent {name}: {size}, CRC-32 {crc:08x}"));
            }
            Answer::Users(names) => {
                let names: Vec<_> = names.iter().map(|name| escape::name(name)).collect();
                front.answer(&format!("seen here: {}", names.join(", ")));
            }
            Answer::Refused(why) => {
                self.given_up += usize::from(is_file);
                front.notice(&format!("{asked}: {}", escape::text(&why)));
            }
            // All others are told by what follows.
            _ if asked.starts_with("/open") => front.notice(&format!("{asked}: it is on its way")),
            _ => {}
        }
    }
}

/// What others do.
fn news(front: &mut dyn Front, event: Event) {
    let words = match event {
        Event::Notice(text) => escape::text(&text).into_owned(),
        Event::Joined(name) => format!("{} has come into this room", escape::name(&name)),
        Event::Left(name) => format!("{} has left this room", escape::name(&name)),
        Event::Opened { user, .. } => {
            let user = escape::name(&user);
            format!("the private connection with {user} is open: /pv {user} text, /file {user} PATH")
        }
        Event::Closed { user, why } if why.is_empty() => {
            format!("the private connection with {} has ended", escape::name(&user))
        }
        Event::Closed { user, why } => {
            format!("no private connection with {}: {}", escape::name(&user), escape::text(&why))
        }
        Event::FileSaved { path, size, crc } => {
            let path = path.to_string_lossy();
            format!("saved {}: {}, CRC-32 {crc:08x}", escape::text(&path), size_of(size))
        }
        Event::FileLost { name, why } => {
            format!("lost {}: {}", escape::text(&name), escape::text(&why))
        }
        // All others are of other protocols.
        _ => return,
    };
    front.notice(&words);
}
