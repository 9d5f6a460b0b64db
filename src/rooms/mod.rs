//! Who is on the server, which rooms there are, who is in them, and who hears what.
//!
//! In: users' [`Command`]s and the time. Out: an answer for the one who asked, and [`Effect`]s for the others. Must not
//! know dialects, addresses, numbers of a wire, or whether a message arrived.
//!
//! # Rulings
//! M5 (255 rooms), M7 (rooms), M8 (access), M9 (invitations), M10 (the public room), M11 (relay between members), S8
//! (proposals), S9 (admission), S10 (votes), S11 (names, managers, the end of a room), S12 (private means private), B4
//! (rooms that last), and two of our own:
//!
//! **M21, private means private.** A text on the wire names no room: it belongs to the room its author is in. When his
//! room closes under him he is back in the public room, but he may not know it yet, and his client may be repeating a
//! text that was meant for the private one. The server must not publish it. So from the closing on he is *unaware*, and
//! whatever he says is refused ([`Refusal::NotToldYet`]), until the notice of the closing has reached him (or was given
//! up), or he has moved by himself. So too for one who is moved out of a private room because a room he proposed opens
//! or a manager lets him in; and in a room he does not know of he can neither invite nor rename, change or end anything.
//!
//! **Who cannot be asked.** A user whose protocol has no words for it ([`Ability::Told`]) never manages a room and is let
//! in at once. He is told of a vote, and counts as agreeing when its time is over, unless he has left.

mod admission;
mod answers;
mod commands;
mod deadlines;
mod directory;
mod management;
mod moves;
mod proposals;
mod proposing;
mod questions;
mod room;
mod votes;

pub use directory::{MAX_NAME_BYTES, User};
pub use questions::{MAX_INVITATIONS, QUESTION_LIFETIME};
pub use room::{Lifetime, MAX_ROOMS, Room};

use std::collections::VecDeque;

use crate::ids::{QuestionId, RoomId, UserId};
use crate::time::Instant;
use crate::vocab::{Ability, Command, Effect, Outcome, Refusal};
use directory::Directory;
use proposals::Proposals;
use questions::{Destination, Matter, Questions};
use room::Rooms;
use votes::Votes;

/// All users and all rooms: a state machine without clock or network.
///
/// # Contract
/// - `now` never goes back from call to call.
/// - What is due at `now` happens first, whatever is called: a refused command can come with effects, but they are those
///   of time that has passed, never its own.
/// - Effects are appended, in the order they have to be told in. Each has at least one receiver, none twice.
/// - After [`Self::handle_timeout`], [`Self::poll_timeout`] is `None` or later than its `now`.
/// - An id whose owner is gone is answered by a refusal, by `None` or by an empty list.
#[derive(Debug, Default)]
pub struct RoomManager {
    users: Directory,
    /// Who is in the public room, in the order they came into it.
    public: Vec<UserId>,
    rooms: Rooms,
    questions: Questions,
    proposals: Proposals,
    votes: Votes,
    /// Whom nobody can object to any more, and where he wanted in. Empty between two calls.
    admitted: VecDeque<(UserId, RoomId)>,
}

impl RoomManager {
    /// A server with nobody on it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A centralised room that always exists, without a limit to its members (B4). What cannot be a room's name, or is one
    /// already, is left out.
    pub fn establish(&mut self, room: &str) {
        let _ = self.rooms.open_lasting(room, Lifetime::Permanent);
    }

    /// Somebody comes onto the server, into the public room; the others there are told.
    ///
    /// # Errors
    /// [`Refusal::BadName`] unless the name has 1 to [`MAX_NAME_BYTES`] bytes and no control character;
    /// [`Refusal::NameTaken`]. Then nothing has changed.
    pub fn enter(
        &mut self,
        now: Instant,
        name: &str,
        ability: Ability,
        effects: &mut Vec<Effect>,
    ) -> Result<UserId, Refusal> {
        self.handle_timeout(now, effects);
        let user = self.users.insert(name, ability)?;
        self.step_in(user, None, effects);
        Ok(user)
    }

    /// Somebody leaves the server; the others in his room are told, and those who wait for his answer (M9). What he
    /// waits for himself is withdrawn.
    pub fn exit(&mut self, now: Instant, user: UserId, effects: &mut Vec<Effect>) {
        self.handle_timeout(now, effects);
        self.withdraw_proposal(user);
        self.questions.withdraw_admission(user);
        self.step_out(user, effects);
        while let Some(question) = self.questions.take_of(user) {
            self.decline(&question, effects);
        }
        self.users.remove(user);
        self.admit_waiting(effects);
    }

    /// Carries out what `user` asks.
    ///
    /// # Errors
    /// The reason why it was not carried out; then the command has changed nothing and told nobody.
    pub fn apply(
        &mut self,
        now: Instant,
        user: UserId,
        command: Command<'_>,
        effects: &mut Vec<Effect>,
    ) -> Result<Outcome, Refusal> {
        self.handle_timeout(now, effects);
        if self.user(user).is_none() {
            return Err(Refusal::NoSuchUser);
        }
        let answer = self.carry_out(now, user, command, effects);
        self.admit_waiting(effects);
        answer
    }

    /// When [`Self::handle_timeout`] has something to do next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let ends =
            [self.questions.next_deadline(), self.proposals.next_deadline(), self.votes.next_deadline()];
        ends.into_iter().flatten().min()
    }

    /// Does what is due at `now`, the earliest first: questions nobody answered count as refused (M9, S8, S9, S10), a
    /// proposal whose mode nobody chose is withdrawn (S8), a vote that nobody refused is agreed (S10).
    pub fn handle_timeout(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        while let Some(due) = self.poll_timeout().filter(|&due| due <= now) {
            // Questions first: a vote is not agreed while one who was asked has not answered.
            if let Some(question) = self.questions.take_due(due) {
                self.decline(&question, effects);
            } else if let Some(proposal) = self.proposals.take_due(due) {
                self.forget_name(&proposal);
            } else if let Some(room) = self.votes.due(due) {
                self.decide(room, true, effects);
            }
        }
    }

    /// The fate of one [`Notice::Closed`](crate::vocab::Notice::Closed), [`Notice::Opened`](crate::vocab::Notice::Opened)
    /// or [`Notice::Admitted`](crate::vocab::Notice::Admitted) is known: `user` has acknowledged it, or it was dropped for
    /// good (M21). To be called exactly once for each such notice to him: while an older one is out, the news of it does
    /// not count for a newer one.
    pub fn told(&mut self, user: UserId) {
        if let Some(user) = self.users.user_mut(user) {
            user.awareness.told();
        }
    }

    /// The user of this id, if he is still here.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<&User> {
        self.users.user(id)
    }

    /// Whether `question` still waits for the answer of `user`.
    #[must_use]
    pub fn is_open(&self, user: UserId, question: QuestionId) -> bool {
        self.questions.is_open(user, question)
    }

    /// Whether `question` still waits for an answer and a yes can bring about something: an invitation into a room that
    /// has closed cannot.
    #[must_use]
    pub fn leads_somewhere(&self, question: QuestionId) -> bool {
        self.questions.open(question).is_some_and(|question| match question.matter {
            Matter::Invitation { into, .. } => self.leads(into),
            Matter::Admission { .. } | Matter::Vote { .. } => true,
        })
    }

    /// Which question has waited longest for the answer of `user`: the one that an answer without a number answers (S5).
    /// One that leads nowhere any more is meant only when there is no other.
    #[must_use]
    pub fn oldest_question(&self, user: UserId) -> Option<QuestionId> {
        let leading = self.questions.of(user).find(|open| self.leads_somewhere(open.id));
        leading.or_else(|| self.questions.of(user).next()).map(|open| open.id)
    }

    /// The invitation of `user` of which he was told the name that is meant; and whether the room has that name, or will
    /// have it when it opens.
    pub fn invited_as(&self, user: UserId, is_meant: impl Fn(&str) -> bool) -> Option<(QuestionId, bool)> {
        self.questions.of(user).find_map(|open| {
            let Matter::Invitation { into, room_name, .. } = &open.matter else { return None };
            let name = match into {
                Destination::Room(id) => Some(&self.rooms.room(*id)?.name),
                Destination::Proposal(id) => self.proposals.get(*id)?.name.as_ref(),
            };
            is_meant(room_name).then_some((open.id, name == Some(room_name)))
        })
    }

    /// Who has this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<UserId> {
        self.users.find(name)
    }

    /// Everybody, in the order they came onto the server.
    pub fn users(&self) -> impl Iterator<Item = (UserId, &User)> {
        self.users.iter()
    }

    /// The private room of this id, if it is still open.
    #[must_use]
    pub fn room(&self, id: RoomId) -> Option<&Room> {
        self.rooms.room(id)
    }

    /// Which private room has this name.
    #[must_use]
    pub fn find_room(&self, name: &str) -> Option<RoomId> {
        self.rooms.find(name)
    }

    /// All private rooms, in order of number.
    pub fn rooms(&self) -> impl Iterator<Item = (RoomId, &Room)> {
        self.rooms.iter()
    }

    /// Who is in a private room, in the order they joined it; nobody, if it has closed.
    #[must_use]
    pub fn members(&self, room: RoomId) -> &[UserId] {
        self.present(Some(room))
    }

    /// Who is in the public room, in the order they came into it.
    #[must_use]
    pub fn public(&self) -> &[UserId] {
        &self.public
    }

    fn carry_out(
        &mut self,
        now: Instant,
        user: UserId,
        command: Command<'_>,
        effects: &mut Vec<Effect>,
    ) -> Result<Outcome, Refusal> {
        match command {
            Command::Say { text } => self.say(user, text, effects),
            Command::SayTo { to, text } => self.say_to(user, to, text, effects),
            Command::Create { room, mode, capacity } => self.create(user, room, mode, capacity, effects),
            Command::Open { room } => self.open(user, room, effects),
            Command::Propose { users, capacity, most_rooms } => {
                self.propose(now, user, users, capacity, most_rooms)
            }
            Command::Choose { mode } => self.choose(now, user, mode, effects),
            Command::Name { room } => self.name(user, room, effects),
            Command::Rename { room } => self.rename(user, room, effects),
            Command::ChangeMode { mode } => self.change_mode(now, user, mode, effects),
            Command::Dissolve => self.dissolve(user, effects),
            Command::Join { room } => self.join(now, user, room, effects),
            Command::Leave => self.leave(user, effects),
            Command::Invite { user: whom } => self.invite(now, user, whom, effects),
            Command::Answer { question, accept } => self.answer(user, question, accept, effects),
        }
    }
}
