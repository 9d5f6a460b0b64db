//! Who is on the server, which rooms there are, who is in them, and who hears what.
//!
//! In: users' [`Command`]s and the time. Out: an answer for the one who asked, and [`Effect`]s for the others. Must not
//! know dialects, addresses, numbers of a wire, or whether a message arrived.
//!
//! # Rulings
//! M5 (255 rooms), M7 (rooms), M8 (access), M9 (invitations), M10 (the public room), M11 (relay between members), and
//! one of our own:
//!
//! **M21, private means private.** A text on the wire names no room: it belongs to the room its author is in. When his
//! room closes under him he is back in the public room, but he may not know it yet, and his client may be repeating a
//! text that was meant for the private one. The server must not publish it. So from the closing on he is *unaware*, and
//! whatever he says is refused ([`Refusal::NotToldYet`]), until the notice of the closing has reached him (or was given
//! up), or he has moved by himself.

mod commands;
mod directory;
mod invitations;
mod moves;
mod room;

pub use directory::{MAX_NAME_BYTES, User};
pub use invitations::{INVITATION_LIFETIME, MAX_INVITATIONS};
pub use room::{MAX_ROOMS, Room};

use crate::ids::{QuestionId, RoomId, UserId};
use crate::time::Instant;
use crate::vocab::{Ability, Command, Effect, Outcome, Refusal};
use directory::Directory;
use invitations::Invitations;
use room::Rooms;

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
    invitations: Invitations,
}

impl RoomManager {
    /// A server with nobody on it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
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
        _ability: Ability,
        effects: &mut Vec<Effect>,
    ) -> Result<UserId, Refusal> {
        self.handle_timeout(now, effects);
        let user = self.users.insert(name)?;
        self.step_in(user, None, effects);
        Ok(user)
    }

    /// Somebody leaves the server; the others in his room are told, and those who wait for his answer (M9).
    pub fn exit(&mut self, now: Instant, user: UserId, effects: &mut Vec<Effect>) {
        self.handle_timeout(now, effects);
        self.step_out(user, effects);
        while let Some(invitation) = self.invitations.take_of(user) {
            self.decline(&invitation, effects);
        }
        self.users.remove(user);
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
        match command {
            Command::Say { text } => self.say(user, text, effects),
            Command::SayTo { to, text } => self.say_to(user, to, text, effects),
            Command::Create { room, mode, capacity } => self.create(user, room, mode, capacity, effects),
            Command::Join { room } => self.join(user, room, effects),
            Command::Leave => self.leave(user, effects),
            Command::Invite { user: whom } => self.invite(now, user, whom, effects),
            Command::Answer { question, accept } => self.answer(user, question, accept, effects),
            _ => Err(Refusal::NotManager),
        }
    }

    /// When [`Self::handle_timeout`] has something to do next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.invitations.next_expiry()
    }

    /// Does what is due at `now`: invitations nobody answered are declined (M9).
    pub fn handle_timeout(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        while let Some(invitation) = self.invitations.take_expired(now) {
            self.decline(&invitation, effects);
        }
    }

    /// The fate of one [`Notice::Closed`](crate::vocab::Notice::Closed) is known: `user` has acknowledged it, or it was
    /// dropped for good (M21). To be called exactly once for each such notice to him: while an older one is out, the
    /// news of it does not count for a newer one.
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

    /// Whether `invitation` still waits for the answer of `user` (M9).
    #[must_use]
    pub fn is_open(&self, user: UserId, invitation: QuestionId) -> bool {
        self.invitations.is_open(user, invitation)
    }

    /// Whether `invitation` still waits for an answer and its room is still open.
    #[must_use]
    pub fn leads_somewhere(&self, invitation: QuestionId) -> bool {
        self.invitations.room(invitation).is_some_and(|room| self.rooms.room(room).is_some())
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
}
