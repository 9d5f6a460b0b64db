//! A hall full of people to tell stories about: names instead of ids, effects as lines of text.
//!
//! In: who does what, and when. Out: the answer, and who was told what. Must not know the rules it is used to check.

use palabre::ids::{QuestionId, RoomId, UserId};
use palabre::rooms::RoomManager;
use palabre::time::Instant;
use palabre::vocab::{Ability, Command, Effect, Ending, Mode, Notice, Outcome, Question, Refusal};

pub(crate) struct Hall {
    pub(crate) rooms: RoomManager,
    pub(crate) now: Instant,
    pub(crate) effects: Vec<Effect>,
    /// All questions that were ever put to anybody, in order.
    pub(crate) questions: Vec<QuestionId>,
    everybody_ever: Vec<(UserId, String)>,
}

impl Hall {
    /// A server with these people in the public room, and what they were told of each other forgotten.
    pub(crate) fn with(names: &[&str]) -> Self {
        let mut hall = Self {
            rooms: RoomManager::new(),
            now: Instant::ZERO,
            effects: Vec::new(),
            questions: Vec::new(),
            everybody_ever: Vec::new(),
        };
        for name in names {
            hall.enters(name).unwrap();
        }
        hall.effects.clear();
        hall
    }

    /// As [`Self::with`], of people who can be asked.
    pub(crate) fn of_askable(names: &[&str]) -> Self {
        let mut hall = Self::with(&[]);
        for name in names {
            hall.enters_as(name, Ability::Asked).unwrap();
        }
        hall.effects.clear();
        hall
    }

    /// Somebody comes who can only be told.
    pub(crate) fn enters(&mut self, name: &str) -> Result<UserId, Refusal> {
        self.enters_as(name, Ability::Told)
    }

    pub(crate) fn enters_as(&mut self, name: &str, ability: Ability) -> Result<UserId, Refusal> {
        let told_before = self.effects.len();
        let entered = self.rooms.enter(self.now, name, ability, &mut self.effects);
        self.note_questions(told_before);
        let user = entered?;
        self.everybody_ever.push((user, name.to_owned()));
        Ok(user)
    }

    #[track_caller]
    pub(crate) fn exits(&mut self, name: &str) {
        let told_before = self.effects.len();
        self.rooms.exit(self.now, self.id(name), &mut self.effects);
        self.note_questions(told_before);
    }

    #[track_caller]
    pub(crate) fn does(&mut self, name: &str, command: Command<'_>) -> Result<Outcome, Refusal> {
        let told_before = self.effects.len();
        let answer = self.rooms.apply(self.now, self.id(name), command, &mut self.effects);
        self.note_questions(told_before);
        answer
    }

    fn note_questions(&mut self, told_before: usize) {
        for effect in self.effects.iter().skip(told_before) {
            if let Notice::Asked { question, .. } = effect.notice {
                self.questions.push(question);
            }
        }
    }

    /// As [`Self::does`] for what has to succeed.
    #[track_caller]
    pub(crate) fn did(&mut self, name: &str, command: Command<'_>) -> Outcome {
        self.does(name, command).unwrap()
    }

    /// Lets time pass until `secs` seconds after the beginning.
    pub(crate) fn waits_until(&mut self, secs: u64) {
        self.now = Instant::from_secs(secs);
        let told_before = self.effects.len();
        self.rooms.handle_timeout(self.now, &mut self.effects);
        self.note_questions(told_before);
        assert!(self.rooms.poll_timeout().is_none_or(|next| next > self.now));
    }

    /// The latest question that was put to anybody.
    #[track_caller]
    pub(crate) fn question(&self) -> QuestionId {
        *self.questions.last().expect("a question")
    }

    /// He answers the question that has waited longest for it.
    #[track_caller]
    pub(crate) fn says(&mut self, name: &str, accept: bool) -> Outcome {
        let question = self.rooms.oldest_question(self.id(name)).expect("a question to him");
        self.did(name, Command::Answer { question, accept })
    }

    /// He asks to come into the room of this name.
    #[track_caller]
    pub(crate) fn joins(&mut self, name: &str, room: &str) -> Result<Outcome, Refusal> {
        let room = self.room(room);
        self.does(name, Command::Join { room })
    }

    /// As [`Self::joins`] for what has to succeed.
    #[track_caller]
    pub(crate) fn joined(&mut self, name: &str, room: &str) -> Outcome {
        self.joins(name, room).unwrap()
    }

    #[track_caller]
    pub(crate) fn invites(&mut self, name: &str, user: &str) -> Result<Outcome, Refusal> {
        let user = self.id(user);
        self.does(name, Command::Invite { user })
    }

    /// As [`Self::invites`] for what has to succeed.
    #[track_caller]
    pub(crate) fn invited(&mut self, name: &str, user: &str) -> Outcome {
        self.invites(name, user).unwrap()
    }

    /// Intends a room with these people, for ten, of at most a hundred rooms.
    pub(crate) fn proposes(&mut self, name: &str, users: &[&str]) -> Result<Outcome, Refusal> {
        let users: Vec<UserId> = users.iter().map(|user| self.id(user)).collect();
        self.does(name, Command::Propose { users: &users, capacity: 10, most_rooms: 100 })
    }

    /// Opens a room: the first proposes it and manages it, the others accept in turn. All must be askable.
    pub(crate) fn opens(&mut self, room: &str, people: &[&str]) -> RoomId {
        let (manager, others) = people.split_first().unwrap();
        self.proposes(manager, others).unwrap();
        self.did(manager, Command::Name { room });
        self.did(manager, Command::Choose { mode: Mode::Central });
        for other in others {
            self.says(other, true);
        }
        self.rooms.told(self.id(manager));
        self.effects.clear();
        self.room(room)
    }

    /// Who manages a room.
    #[track_caller]
    pub(crate) fn manager_of(&self, room: &str) -> Option<&str> {
        self.rooms.room(self.room(room)).unwrap().manager().map(|id| self.name(id))
    }

    #[track_caller]
    pub(crate) fn room(&self, name: &str) -> RoomId {
        self.rooms.find_room(name).expect("a room of this name")
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
            Notice::Text { author, text, alone } => {
                let how = if *alone { "whispers" } else { "says" };
                format!("{} {how} {text}", self.name(*author))
            }
            Notice::Asked { what, .. } => self.question_in_words(what),
            Notice::Opened { room } => format!("{} opened", self.room_name(*room)),
            Notice::NotOpened { why } => format!("not opened: {why}"),
            Notice::Joined { user, room: None } => format!("{} joined public", self.name(*user)),
            Notice::Joined { user, room: Some(id) } => {
                format!("{} joined {}", self.name(*user), self.room_name(*id))
            }
            Notice::Left { user, name } => {
                assert_eq!(self.name(*user), &**name);
                format!("{name} left")
            }
            Notice::Closed { name, why: Ending::Alone, .. } => format!("{name} closed"),
            Notice::Closed { name, why: Ending::Dissolved, .. } => format!("{name} dissolved"),
            Notice::Declined { name, .. } => format!("{name} declined"),
            Notice::CouldNotJoin { room, why } => format!("could not join {room}: {why}"),
            Notice::Admitted { room } => format!("admitted to {}", self.room_name(*room)),
            Notice::NotAdmitted { why } => format!("not admitted: {why}"),
            Notice::VoteHeld { mode } => format!("others vote for {mode:?}"),
            Notice::VoteOver { mode, agreed } => {
                format!("{mode:?} {}", if *agreed { "agreed" } else { "not agreed" })
            }
            Notice::ModeChanged { room, mode } => format!("{} is {mode:?} now", self.room_name(*room)),
            Notice::Renamed { name, .. } => format!("renamed {name}"),
            Notice::Manages { room } => format!("manages {}", self.room_name(*room)),
        }
    }

    fn question_in_words(&self, question: &Question) -> String {
        match question {
            Question::Invitation { by, name, room, room_name, mode } => {
                assert_eq!(self.name(*by), &**name);
                assert!(room.is_none_or(|room| self.room_name(room) == **room_name));
                let what = if room.is_some() { "invites" } else { "proposes and invites" };
                format!("{name} {what} to {room_name} ({mode:?})")
            }
            Question::Admission { user, name } => {
                assert_eq!(self.name(*user), &**name);
                format!("{name} wants in")
            }
            Question::Vote { mode } => format!("{mode:?}?"),
        }
    }

    /// What a room is called, or was when it closed in the same breath.
    pub(crate) fn room_name(&self, id: RoomId) -> String {
        self.rooms.room(id).map_or("a room that has closed".to_owned(), |room| room.name.to_string())
    }
}

pub(crate) fn say(text: &str) -> Command<'_> {
    Command::Say { text }
}

/// A centralised room for ten.
pub(crate) fn create(room: &str) -> Command<'_> {
    Command::Create { room, mode: Mode::Central, capacity: 10 }
}

pub(crate) const fn change_mode(mode: Mode) -> Command<'static> {
    Command::ChangeMode { mode }
}

pub(crate) const fn accept(question: QuestionId) -> Command<'static> {
    Command::Answer { question, accept: true }
}

pub(crate) const fn decline(question: QuestionId) -> Command<'static> {
    Command::Answer { question, accept: false }
}
