//! What each command asks of the server.
//!
//! In: a [`Command`]. Out: one request, or an answer at once. Must not know how a command was written.

use palabre::client::Ask;
use palabre::vocab::Mode;

use super::escape;
use super::front::Front;
use super::line::{Command, Matter};
use super::session::{Aim, Offer, Open, Pending, Session};
use super::words::{self, Place};

impl Session {
    pub(super) fn execute(&mut self, front: &mut dyn Front, command: Command) {
        match command {
            Command::Rooms => self.ask("/rooms".into(), Ask::ListRooms),
            Command::Create { room, mode, capacity } => {
                let asked = format!("/create {}", escape::text(&room));
                self.go(asked, &room.clone(), Ask::Create { room, mode, capacity });
            }
            Command::Join(room) => {
                let asked = format!("/join {}", escape::text(&room));
                let ask = match self.place() {
                    Place::Room(_) => Ask::Switch(room.clone()),
                    _ => Ask::Join(room.clone()),
                };
                self.go(asked, &room, ask);
            }
            Command::Switch(room) => {
                self.go(format!("/switch {}", escape::text(&room)), &room.clone(), Ask::Switch(room));
            }
            Command::Invite(users) => {
                let asked = format!("/invite {}", escape::text(&users));
                self.ask_for(asked, None, Aim::Invite, Ask::Invite(users));
            }
            Command::Mode(mode) => self.choose_mode(front, mode),
            Command::Name(room) => {
                let shown = escape::text(&room).into_owned();
                let done = Some(format!("the room will be called {shown}"));
                self.ask_for(format!("/name {shown}"), done, Aim::Nothing, Ask::Name(room));
            }
            Command::Rename(room) => {
                let shown = escape::text(&room).into_owned();
                let asked = format!("/rename {shown}");
                if self.is_where_he_believes(front, &asked) {
                    let done = Some(format!("this room is called {shown} now"));
                    self.ask_for(asked, done, Aim::Rename(room.clone()), Ask::Rename(room));
                }
            }
            Command::Dissolve => {
                if self.is_where_he_believes(front, "/dissolve") {
                    self.typing.believed = Place::Public;
                    self.ask("/dissolve".into(), Ask::Dissolve);
                }
            }
            Command::Tell { user, text } => {
                let quoted = format!("{} to {}", escape::excerpt(&text), escape::name(&user));
                let ticket = self.driver.ask(Ask::Tell { user, text });
                self.texts.insert(ticket, quoted);
            }
            Command::Answer { to, number, accept } => self.answer_question(front, to, number, accept),
            Command::Who(room) => self.who(room),
            Command::Leave => self.leave_room(front),
            Command::Help => {
                for line in self.protocol.help() {
                    front.answer(line);
                }
            }
            Command::Quit => self.leave(front),
        }
    }

    /// Moves: what is said from now on is meant for that room, whether or not we get in.
    fn go(&mut self, asked: String, room: &str, ask: Ask) {
        self.typing.believed = Place::Room(room.into());
        self.ask(asked, ask);
    }

    fn who(&mut self, room: Option<String>) {
        let place = room.map_or_else(|| self.place(), Place::Room);
        match place {
            Place::Room(name) => {
                self.ask(format!("in the room {}", escape::text(&name)), Ask::ListUsers(Some(name)));
            }
            _ => self.ask("on the server".into(), Ask::ListUsers(None)),
        }
    }

    fn leave_room(&mut self, front: &mut dyn Front) {
        let knew = self.typing.believed == self.place();
        self.typing.believed = Place::Public;
        if knew || self.place() != Place::Public {
            self.ask("/leave".into(), Ask::Leave);
        } else {
            // The room has closed meanwhile, or was never entered: there is nothing left to leave.
            front.answer("you are in the public room");
        }
    }

    /// For the room one invites to while its offer is open, else for the room one manages.
    fn choose_mode(&mut self, front: &mut dyn Front, mode: Mode) {
        let asked = format!("/mode {}", if mode == Mode::Direct { "p2p" } else { "central" });
        match std::mem::take(&mut self.offer) {
            Offer::Open(until) if self.driver.now() < until => {
                self.begin_opening();
                let done = Some(format!("{asked}: they are asked; the room opens when the first comes"));
                self.ask_for(asked, done, Aim::Open, Ask::ChooseMode(mode));
            }
            Offer::None if self.place() != Place::Public => {
                if self.is_where_he_believes(front, &asked) {
                    // All others have a minute to agree: nobody should have to be silent for so long.
                    front.notice(&format!("{asked}: it is on its way"));
                    let done = Some(format!("all agree: {}", words::mode(mode)));
                    let ticket = self.driver.ask(Ask::ChangeMode(mode));
                    self.undecided.push((Pending { ticket, asked, done, aim: Aim::Nothing }, false));
                }
            }
            _ => {
                // What comes next is meant for a room that there is not.
                self.typing.believed = Place::invited_to();
                front.notice(&format!("{asked}: there is no room to choose it for: /invite somebody first"));
            }
        }
    }

    /// Whether a command about the room one is in can be meant for it.
    fn is_where_he_believes(&self, front: &mut dyn Front, asked: &str) -> bool {
        let place = self.place();
        if self.typing.believed != place {
            let meant = &self.typing.believed;
            front.notice(&format!("{asked}: it was meant for {meant}, and you are in {place}"));
        } else if place == Place::Public {
            front.notice(&format!("{asked}: you are in no private room"));
        }
        self.typing.believed == place && place != Place::Public
    }

    fn answer_question(&mut self, front: &mut dyn Front, matter: Matter, number: Option<u64>, accept: bool) {
        let is_it = |open: &Open| open.matter == matter && number.is_none_or(|number| open.number == number);
        let Some(index) = self.questions.iter().rposition(is_it) else {
            return front.notice(&words::no_question(matter, number));
        };
        let open = self.questions.remove(index);
        let word = match (matter, accept) {
            (Matter::Invitation, true) => "/accept",
            (Matter::Invitation, false) => "/decline",
            (Matter::Admission, true) => "/admit",
            (Matter::Admission, false) => "/refuse",
            (Matter::Vote, true) => "/agree",
            (Matter::Vote, false) => "/disagree",
        };
        if matter == Matter::Invitation && accept {
            self.typing.believed = open.leads_to;
        }
        let asked = format!("{word} {}", open.about);
        self.ask(asked.trim_end().into(), Ask::Answer { invitation: open.question, accept });
    }
}
