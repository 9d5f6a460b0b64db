//! What each command asks of the server.
//!
//! In: a [`Command`]. Out: one request, or an answer at once. Must not know how a command was written.

use palabre::client::Ask;

use super::escape;
use super::front::Front;
use super::line::{Command, HELP};
use super::session::Session;
use super::words::Place;

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
                    Place::Public => Ask::Join(room.clone()),
                    Place::Room(_) => Ask::Switch(room.clone()),
                };
                self.go(asked, &room, ask);
            }
            Command::Switch(room) => {
                self.go(format!("/switch {}", escape::text(&room)), &room.clone(), Ask::Switch(room));
            }
            Command::Invite(user) => {
                self.ask(format!("/invite {}", escape::text(&user)), Ask::Invite(user));
            }
            Command::Answer { number, accept } => self.answer_invitation(front, number, accept),
            Command::Who(room) => self.who(room),
            Command::Leave => self.leave_room(front),
            Command::Help => {
                for line in HELP {
                    front.answer(line);
                }
            }
            Command::Quit => self.leave(front),
        }
    }

    /// Moves: what is said from now on is meant for that room, whether or not we get in.
    fn go(&mut self, asked: String, room: &str, ask: Ask) {
        self.believed = Place::Room(room.into());
        self.ask(asked, ask);
    }

    fn who(&mut self, room: Option<String>) {
        let place = room.map_or_else(|| self.place(), Place::Room);
        match place {
            Place::Public => self.ask("on the server".into(), Ask::ListUsers(None)),
            Place::Room(name) => {
                self.ask(format!("in the room {}", escape::text(&name)), Ask::ListUsers(Some(name)));
            }
        }
    }

    fn leave_room(&mut self, front: &mut dyn Front) {
        let knew = self.believed == self.place();
        self.believed = Place::Public;
        if knew || self.place() != Place::Public {
            self.ask("/leave".into(), Ask::Leave);
        } else {
            // The room has closed meanwhile, or was never entered: there is nothing left to leave.
            front.answer("you are in the public room");
        }
    }

    fn answer_invitation(&mut self, front: &mut dyn Front, number: Option<u64>, accept: bool) {
        let found = match number {
            Some(number) => self.invitations.iter().position(|open| open.number == number),
            None => self.invitations.len().checked_sub(1),
        };
        let Some(index) = found else {
            return front.notice(&match number {
                Some(number) => format!("there is no invitation {number}"),
                None => "nobody has invited you".into(),
            });
        };
        let open = self.invitations.remove(index);
        let ask = Ask::Answer { invitation: open.invitation, accept };
        let room = escape::text(&open.room);
        if accept {
            self.go(format!("/accept {room}"), &open.room, ask);
        } else {
            self.ask(format!("/decline {room}"), ask);
        }
    }
}
