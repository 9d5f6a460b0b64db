//! A hall full of people to tell stories about: names instead of ids, effects as lines of text.
//!
//! In: who does what, and when. Out: the answer, and who was told what. Must not know the rules it is used to check.

use palabre::ids::{QuestionId, UserId};
use palabre::rooms::RoomManager;
use palabre::time::Instant;
use palabre::vocab::{Command, Effect, Mode, Notice, Outcome, Refusal};

pub(crate) struct Hall {
    pub(crate) rooms: RoomManager,
    pub(crate) now: Instant,
    pub(crate) effects: Vec<Effect>,
    /// All invitations that ever went out, in order.
    pub(crate) invitations: Vec<QuestionId>,
    everybody_ever: Vec<(UserId, String)>,
}

impl Hall {
    /// A server with these people in the public room, and what they were told of each other forgotten.
    pub(crate) fn with(names: &[&str]) -> Self {
        let mut hall = Self {
            rooms: RoomManager::new(),
            now: Instant::ZERO,
            effects: Vec::new(),
            invitations: Vec::new(),
            everybody_ever: Vec::new(),
        };
        for name in names {
            hall.enters(name).unwrap();
        }
        hall.effects.clear();
        hall
    }

    pub(crate) fn enters(&mut self, name: &str) -> Result<UserId, Refusal> {
        let user = self.rooms.enter(self.now, name, &mut self.effects)?;
        self.everybody_ever.push((user, name.to_owned()));
        Ok(user)
    }

    #[track_caller]
    pub(crate) fn exits(&mut self, name: &str) {
        self.rooms.exit(self.now, self.id(name), &mut self.effects);
    }

    #[track_caller]
    pub(crate) fn does(&mut self, name: &str, command: Command<'_>) -> Result<Outcome, Refusal> {
        let told_before = self.effects.len();
        let answer = self.rooms.apply(self.now, self.id(name), command, &mut self.effects);
        for effect in self.effects.iter().skip(told_before) {
            if let Notice::Invited { invitation, .. } = effect.notice {
                self.invitations.push(invitation);
            }
        }
        answer
    }

    /// As [`Self::does`] for what has to succeed.
    #[track_caller]
    pub(crate) fn did(&mut self, name: &str, command: Command<'_>) -> Outcome {
        self.does(name, command).unwrap()
    }

    /// Lets time pass until `secs` seconds after the beginning.
    pub(crate) fn waits_until(&mut self, secs: u64) {
        self.now = Instant::from_secs(secs);
        self.rooms.handle_timeout(self.now, &mut self.effects);
        assert!(self.rooms.poll_timeout().is_none_or(|next| next > self.now));
    }

    /// The latest invitation that went out.
    #[track_caller]
    pub(crate) fn invitation(&self) -> QuestionId {
        *self.invitations.last().expect("an invitation")
    }

    /// What was told since the last look: one line for each effect, in order.
    #[track_caller]
    pub(crate) fn tells(&mut self, expected: &[&str]) {
        let effects = std::mem::take(&mut self.effects);
        let line = |effect: &Effect| format!("{}: {}", self.names(&effect.to), self.what(&effect.notice));
        assert_eq!(effects.iter().map(line).collect::<Vec<_>>(), expected);
    }

    /// As [`Self::tells`] for a machine to read: each receiver and what he was told.
    pub(crate) fn told_each(&mut self) -> Vec<(String, String)> {
        let effects = std::mem::take(&mut self.effects);
        let each = |effect: &Effect| {
            let what = self.what(&effect.notice);
            effect.to.iter().map(|&to| (self.name(to).to_owned(), what.clone())).collect::<Vec<_>>()
        };
        effects.iter().flat_map(each).collect()
    }

    #[track_caller]
    pub(crate) fn id(&self, name: &str) -> UserId {
        self.rooms.find(name).expect("somebody of this name")
    }

    /// The name of the room somebody is in.
    #[track_caller]
    pub(crate) fn room_of(&self, name: &str) -> String {
        let room = self.rooms.user(self.id(name)).unwrap().room;
        room.map_or("public".to_owned(), |id| self.rooms.room(id).unwrap().name.to_string())
    }

    /// Who is in a room, in order; "public" is the public one.
    pub(crate) fn members_of(&self, room: &str) -> String {
        let ids = match room {
            "public" => self.rooms.public(),
            _ => self.rooms.find_room(room).map_or(&[][..], |id| self.rooms.members(id)),
        };
        self.names(ids)
    }

    fn names(&self, ids: &[UserId]) -> String {
        ids.iter().map(|&id| self.name(id)).collect::<Vec<_>>().join(", ")
    }

    fn name(&self, id: UserId) -> &str {
        let found = self.everybody_ever.iter().find(|(user, _)| *user == id);
        found.map_or("somebody unknown", |(_, name)| name)
    }

    fn what(&self, notice: &Notice) -> String {
        match notice {
            Notice::Text { author, text } => format!("{} says {text}", self.name(*author)),
            Notice::Invited { by, room, mode, .. } => format!("{by} invites to {room} ({mode:?})"),
            Notice::Joined { user, room: None } => format!("{} joined public", self.name(*user)),
            Notice::Joined { user, room: Some(id) } => {
                format!("{} joined {}", self.name(*user), self.rooms.room(*id).unwrap().name)
            }
            Notice::Left { user, name } => {
                assert_eq!(self.name(*user), &**name);
                format!("{name} left")
            }
            Notice::Closed { room } => format!("{room} closed"),
            Notice::Declined { user } => format!("{user} declined"),
            Notice::CouldNotJoin { room, why } => format!("could not join {room}: {why}"),
        }
    }
}

pub(crate) fn say(text: &str) -> Command<'_> {
    Command::Say { text }
}

/// A centralised room for ten.
pub(crate) fn create(room: &str) -> Command<'_> {
    Command::Create { room, mode: Mode::Central, capacity: 10 }
}

pub(crate) fn join(room: &str) -> Command<'_> {
    Command::Join { room }
}

pub(crate) fn invite(user: &str) -> Command<'_> {
    Command::Invite { user }
}

pub(crate) const fn accept(invitation: QuestionId) -> Command<'static> {
    Command::Answer { invitation, accept: true }
}

pub(crate) const fn decline(invitation: QuestionId) -> Command<'static> {
    Command::Answer { invitation, accept: false }
}
