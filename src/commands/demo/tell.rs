//! From what happens to lines and verdicts, and the reckoning at the end.
//!
//! In: happenings of the world. Out: lines; what the shadow makes of them. Must not know what comes next.

use palabre::client::{Answer, Event, Fate, Speaker};
use palabre::engine::Dialect;

use super::shadow::Verdict;
use super::show::Mark;
use super::world::{Happening, dialect};
use super::{Demo, Play};

impl Play {
    /// What is about to be seen.
    pub(super) fn header(&mut self, demo: &Demo) {
        for line in [
            format!("palabre demo: {} % loss each way, 25 to 45 ms, 2 % doubled, 5 % overtaken", demo.loss),
            format!("seed {}: the same seed tells the same story", demo.seed),
            "server and clients are the real ones; T = 100 ms (Shen's own: 2 s), M = 10 tries".into(),
            "Alice, Björn and Dunja speak MSP, Chidi and Emre speak Shen's protocol".into(),
            "» said   ✗ lost   ↻ sent again   ✓ heard, and how long after it was said".into(),
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
                Happening::Event { who, event } => self.event(who, event),
            }
        }
    }

    fn event(&mut self, who: usize, event: Event) {
        let now = self.world.now;
        match event {
            Event::Heard { from: Speaker::Server, text } => self.shadow.learns(who, &text),
            Event::Heard { from, text } => {
                let from = from.to_string();
                match self.shadow.hears(now, who, &from, &text) {
                    Verdict::Right { by, delay } => self.show.heard(by, who, delay, &text),
                    Verdict::Wrong => {
                        let words = format!("should not have heard now from {from}: \"{text}\"");
                        self.show.news(Mark::Wrong, who, &words);
                    }
                }
            }
            Event::Joined(name) | Event::Left(name) => self.shadow.learns(who, &name),
            Event::Registered { id } => {
                self.arriving.remove(&who);
                let words = match dialect(who) {
                    Dialect::Msp => format!("is on the server, with id {id}"),
                    _ => "is on the server, in Shen's protocol".into(),
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

    /// Says what it came to; true when everybody has heard everything he should, and nothing else.
    pub(super) fn reckoning(&mut self) -> bool {
        let [texts, expected, right, wrong] = self.shadow.totals();
        let network = self.world.counters();
        let percent = network.lost * 100 / network.sent.max(1);
        self.show.line("");
        for line in [
            format!("texts          {texts} said, to be heard {expected} times"),
            format!(
                "datagrams      {} sent, {} doubled, {} overtaken",
                network.sent, network.duplicated, network.reordered
            ),
            format!("lost           {} ({percent} %)", network.lost),
            format!("sent again     {}", self.world.retransmissions()),
        ] {
            self.show.line(&line);
        }
        let good = right == expected && wrong == 0 && self.given_up == 0 && self.steps.is_empty();
        let words = if good {
            format!("delivered = all: {right} of {expected}, each once and in order")
        } else {
            format!(
                "not all: {right} of {expected} delivered, {wrong} wrongly, {} given up, {} steps not reached",
                self.given_up,
                self.steps.len()
            )
        };
        self.show.verdict(good, &words);
        good
    }
}
