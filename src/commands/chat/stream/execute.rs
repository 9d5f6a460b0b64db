//! What each command asks of the client.
//!
//! In: a [`Command`]. Out: one request, or an answer at once. Must not know how a command was written.

use palabre::client::stream::{Ask, Protocol};
use palabre::dialect::matou;

use super::help::help;
use super::line::{Command, Which};
use super::session::{Pending, Session};
use crate::commands::chat::escape;
use crate::commands::chat::front::Front;
use crate::commands::chat::words::Place;

impl Session {
    pub(super) fn execute(&mut self, front: &mut dyn Front, command: Command) {
        match command {
            Command::Rooms => self.wait("/rooms".into(), Ask::ListRooms),
            Command::Who => self.wait("/who".into(), Ask::ListUsers),
            Command::Join(room) => {
                // What is said from now on is meant for that room, whether or not we get in.
                self.typing.believed =
                    if room == "public" { Place::Public } else { Place::Room(room.clone()) };
                self.wait(format!("/join {}", escape::text(&room)), Ask::Join(room));
            }
            Command::Leave => {
                self.typing.believed = Place::Public;
                self.wait("/leave".into(), Ask::Leave);
            }
            Command::Send { path, to } => {
                let shown = path.to_string_lossy().into_owned();
                let asked = format!("/file {}", escape::text(&shown));
                self.aside(asked, true, Ask::SendFile { path, to });
            }
            Command::Get(id) => self.aside(format!("/get {}", escape::text(&id)), true, Ask::Fetch { id }),
            Command::Vote(question) => {
                self.aside(format!("/vote {}", escape::excerpt(&question)), false, Ask::Vote(question));
            }
            Command::Answer { which, accept } => self.answer_question(front, &which, accept),
            Command::Open(user) => {
                let asked = format!("a connection with {}", escape::name(&user));
                if self.protocol == Protocol::Matou {
                    front.notice(&format!("asking {} for a private connection", escape::name(&user)));
                }
                // A person sees when somebody has agreed, and may talk on; a script cannot.
                if front.shows_place() {
                    self.aside(asked, false, Ask::Open(user));
                } else {
                    self.wait(asked, Ask::Open(user));
                }
            }
            Command::Close(user) => self.wait(format!("/close {}", escape::name(&user)), Ask::Close(user)),
            Command::Tell { user, text } => {
                let quoted = format!("{} to {}", escape::excerpt(&text), escape::name(&user));
                let ticket = self.driver.ask(Ask::Tell { user, text });
                self.texts.insert(ticket, quoted);
            }
            Command::Help => {
                for line in help(self.protocol) {
                    front.answer(line);
                }
            }
            Command::Quit => self.leave(front),
        }
    }

    /// No other line is taken before this is answered.
    fn wait(&mut self, asked: String, ask: Ask) {
        self.pending = Some(Pending { ticket: self.driver.ask(ask), asked, counts: false });
    }

    fn aside(&mut self, asked: String, counts: bool, ask: Ask) {
        self.aside.push(Pending { ticket: self.driver.ask(ask), asked, counts });
    }

    fn answer_question(&mut self, front: &mut dyn Front, which: &Which, accept: bool) {
        let open = self.questions.iter().rposition(|open| match which {
            Which::Latest => true,
            Which::Number(number) => open.number == *number,
            Which::Of(user) => is_same(self.protocol, &open.by, user),
        });
        let Some(at) = open else {
            return front.notice(match which {
                Which::Latest => "nobody asks you anything",
                _ => "there is no such question",
            });
        };
        let open = self.questions.remove(at);
        let word = if accept { "/yes" } else { "/no" };
        let ask = Ask::Answer { question: open.question, accept };
        self.wait(format!("{word} {}", open.number), ask);
    }
}

/// Whether two names are those of one person: Matou does not look at letter case (A1).
fn is_same(protocol: Protocol, one: &str, other: &str) -> bool {
    one == other || (protocol == Protocol::Matou && matou::folded(one) == matou::folded(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a1_matou_answers_somebody_in_any_letter_case_and_the_others_do_not() {
        assert!(is_same(Protocol::Matou, "Zoë", "zOË") && !is_same(Protocol::Matou, "zoë", "zoe"));
        assert!(is_same(Protocol::Stories, "bob", "bob") && !is_same(Protocol::Stories, "Bob", "bob"));
    }
}
