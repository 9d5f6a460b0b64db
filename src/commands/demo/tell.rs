//! From what happens to lines and verdicts.
//!
//! In: happenings of the world. Out: lines; what the shadow makes of them. Must not know what comes next.

use palabre::client::{Answer, Event, Fate, Speaker};
use palabre::engine::Dialect;

use super::people::{dialect, spoken};
use super::person::Told;
use super::shadow::Verdict;
use super::show::Mark;
use super::world::Happening;
use super::{Demo, Play};

impl Play {
    /// What is about to be seen.
    pub(super) fn header(&mut self, demo: &Demo) {
        for line in [
            format!("palabre demo: {} % loss each way, 25 to 45 ms, 2 % doubled, 5 % overtaken", demo.loss),
            format!("seed {}: the same seed tells the same story", demo.seed),
            "server and clients are the real ones; T = 100 ms (Shen's own: 2 s), M = 10 tries".into(),
            "UDP: Alice, Björn and Dunja speak MSP, Chidi and Emre Shen's protocol".into(),
            "TCP: Fatou speaks Matou, Goran Stories, Hana STUMTP; what is lost comes 200 ms".into(),
            "     later, and what is behind it waits".into(),
            "» said   ✗ lost   ↻ sent again   ‖ waits for what is lost".into(),
            "✓ heard, and how long after it was said".into(),
        ] {
            self.show.line(&line);
        }
    }

    /// Looks at what has happened.
    pub(super) fn look(&mut self) {
        while let Some(happening) = self.world.poll_happening() {
            match happening {
                Happening::Sent { from, to, what, attempt, lost } => {
                    self.show.sent(from, to, &what, attempt, lost);
                }
                Happening::Waits { from, to, what } => self.show.waits(from, to, &what),
                Happening::Event { who, event: Told::Packed(event) } => self.event(who, event),
                Happening::Event { who, event: Told::Streamed(event) } => self.streamed_event(who, event),
            }
        }
    }

    fn event(&mut self, who: usize, event: Event) {
        match event {
            Event::Heard { from: Speaker::Server, text } => self.shadow.learns(who, &text),
            Event::Heard { from, text } => self.heard(who, &from.to_string(), &text),
            Event::Joined(name) | Event::Left(name) => self.shadow.learns(who, &name),
            Event::Registered { id } => {
                self.arriving.remove(&who);
                let words = match dialect(who) {
                    Dialect::Msp => format!("is on the server, with id {id}"),
                    other => format!("is on the server, in {}", spoken(other)),
                };
                self.show.news(Mark::News, who, &words);
            }
            Event::Invited { invitation, by, room, .. } => {
                self.invitations.insert(who, invitation);
                let room = if room.is_empty() { "a room".into() } else { format!("\"{room}\"") };
                self.show.news(Mark::News, who, &format!("is invited to {room} by {by}"));
            }
            Event::Answered { answer: Answer::In { room, .. }, .. } => {
                self.show.news(Mark::News, who, &format!("is in \"{room}\""));
            }
            Event::Opened { room, .. } => {
                self.arriving.remove(&who);
                self.show.news(Mark::News, who, &format!("is in \"{room}\", which has opened"));
            }
            Event::Answered { answer: Answer::Done | Answer::Left, .. } | Event::ModeOffered => {}
            Event::Text { fate: Fate::Delivered, .. } => {}
            Event::Text { fate: Fate::Delayed, .. } => {
                self.show.news(Mark::News, who, "keeps what is said until the server is heard again");
            }
            Event::Text { fate: Fate::GivenUp(why), .. } => {
                self.given_up += 1;
                self.show.news(Mark::Wrong, who, &format!("has to give up a text: {why}"));
            }
            Event::StillConnecting { why } => {
                self.show.news(Mark::News, who, &format!("tries again: {why}"));
            }
            Event::NotRegistered { why } => {
                self.is_stuck = true;
                self.show.news(Mark::Wrong, who, &format!("cannot come: {why}"));
            }
            Event::Disconnected => self.show.news(Mark::News, who, "has left the server"),
            // Nothing of this belongs to the story.
            unexpected => self.show.news(Mark::Wrong, who, &format!("{unexpected:?}")),
        }
    }

    /// A client told its user that it heard this.
    pub(super) fn heard(&mut self, who: usize, from: &str, text: &str) {
        match self.shadow.hears(self.world.now, who, from, text) {
            Verdict::Right { by, delay } => self.show.heard(by, who, delay, text),
            Verdict::Wrong => {
                let words = format!("should not have heard now from {from}: \"{text}\"");
                self.show.news(Mark::Wrong, who, &words);
            }
        }
    }
}
