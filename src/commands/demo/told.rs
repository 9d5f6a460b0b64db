//! What clients over TCP tell, as lines and verdicts.
//!
//! In: their events. Out: lines; what the shadow makes of them. Must not know what comes next.

use palabre::client::stream::{Answer, Event, Fate};

use super::Play;
use super::people::{dialect, spoken};
use super::show::Mark;

impl Play {
    pub(super) fn streamed_event(&mut self, who: usize, event: Event) {
        match event {
            Event::Heard { from, text, .. } => self.heard(who, &from, &text),
            Event::Notice(words) | Event::Joined(words) | Event::Left(words) => {
                self.shadow.learns(who, &words);
            }
            Event::Registered => {
                self.arriving.remove(&who);
                let words = format!("is on the server, in {}", spoken(dialect(who)));
                self.show.news(Mark::News, who, &words);
            }
            Event::StillConnecting { why } => {
                self.show.news(Mark::News, who, &format!("tries again and again: {why}"));
            }
            Event::Reconnected => {
                self.waiting.remove(&who);
                self.show.news(Mark::News, who, "is connected again, and goes on where it was");
            }
            Event::Answered { answer: Answer::In(room), .. } => {
                self.show.news(Mark::News, who, &format!("is in \"{room}\""));
            }
            Event::Answered { answer: Answer::Done | Answer::Left, .. } | Event::Moved(_) => {}
            Event::Text { fate: Fate::Delivered, .. } => {}
            Event::Text { fate: Fate::Delayed, .. } => {
                // It is told of each text, and whenever there is still no connection.
                if self.waiting.insert(who) {
                    self.show.news(Mark::News, who, "keeps what is said until there is a connection");
                }
            }
            Event::Text { fate: Fate::GivenUp(why), .. } => {
                self.given_up += 1;
                self.show.news(Mark::Wrong, who, &format!("has to give up a text: {why}"));
            }
            Event::NotRegistered { why } => {
                self.is_stuck = true;
                self.show.news(Mark::Wrong, who, &format!("cannot come: {why}"));
            }
            Event::Lost { why } => {
                self.is_stuck = true;
                self.show.news(Mark::Wrong, who, &format!("is not on the server any more: {why}"));
            }
            Event::Disconnected => self.show.news(Mark::News, who, "has left the server"),
            // Nothing of this belongs to the story.
            unexpected => self.show.news(Mark::Wrong, who, &format!("{unexpected:?}")),
        }
    }
}
