//! The rules of the rooms, said a second time: slow, and obviously right. People are a list, each with the room he is
//! in; who has to be told of a move is found by comparing the list before with the list after.
//!
//! In: a [`Step`]. Out: the answer, and who is told what. Must not know how rooms are kept.

use palabre::vocab::{Mode, Refusal};

/// One step of a story.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Enter(&'static str),
    Exit(&'static str),
    Say(&'static str),
    SayTo(&'static str, &'static str),
    Create(&'static str, &'static str, Mode, u8),
    Join(&'static str, &'static str),
    Leave(&'static str),
    Invite(&'static str, &'static str),
    /// Answers the invitation that went out so many before the latest one, whoever it was made to.
    Answer(&'static str, usize, bool),
    /// The fate of a closing notice is known.
    Told(&'static str),
    /// Seconds pass.
    Wait(u64),
}

/// The name of the room one is in afterwards, where the answer says so.
pub(crate) type Answer = Result<Option<&'static str>, Refusal>;

/// Of people and rooms alike: the how-manieth it was to come.
type Serial = u64;

#[derive(Clone, Debug)]
pub(crate) struct Person {
    serial: Serial,
    pub(crate) name: &'static str,
    room: Option<Serial>,
    moved: Serial,
    pub(crate) unaware: bool,
    closings: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Chamber {
    serial: Serial,
    pub(crate) name: &'static str,
    pub(crate) mode: Mode,
    pub(crate) capacity: u8,
}

#[derive(Clone, Debug)]
struct Asked {
    by: Serial,
    to: Serial,
    room: Serial,
    room_name: &'static str,
    since: u64,
    open: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Shadow {
    pub(crate) people: Vec<Person>,
    pub(crate) chambers: Vec<Chamber>,
    asked: Vec<Asked>,
    seconds: u64,
    serials: Serial,
    told: Vec<(String, String)>,
}

impl Shadow {
    /// Takes a step. `None`: there is nobody to take it, or nothing to answer.
    pub(crate) fn take(&mut self, step: Step) -> (Option<Answer>, Vec<(String, String)>) {
        self.told.clear();
        let before = self.clone();
        let (answer, actor) = match step {
            Step::Enter(name) => (Some(self.enter(name)), name),
            Step::Exit(name) => (None, self.exit(name)),
            Step::Wait(seconds) => (None, self.wait(seconds)),
            Step::Told(name) => (None, self.hears(name)),
            Step::Say(by) => (self.person(by).map(|me| self.say(&me, None)), by),
            Step::SayTo(by, to) => {
                (self.person(by).zip(self.person(to)).map(|(me, you)| self.say(&me, Some(&you))), by)
            }
            Step::Create(by, room, mode, size) => {
                (self.person(by).map(|me| self.create(&me, room, mode, size)), by)
            }
            Step::Join(by, room) => {
                let serial =
                    self.chambers.iter().find(|chamber| chamber.name == room).map(|room| room.serial);
                (self.person(by).map(|me| self.join(&me, serial)), by)
            }
            Step::Leave(by) => (self.person(by).map(|me| self.leave(&me)), by),
            Step::Invite(by, to) => (self.person(by).map(|me| self.invite(&me, to)), by),
            Step::Answer(by, back, yes) => (self.person(by).map(|me| self.answer(&me, back, yes)), by),
        };
        self.tell_moves(&before, actor);
        (answer, self.told.clone())
    }

    /// The names of those in a room, in the order they came into it.
    pub(crate) fn members(&self, room: Option<&str>) -> Vec<&'static str> {
        let room = room.map(|name| self.chambers.iter().find(|chamber| chamber.name == name).unwrap().serial);
        let mut people: Vec<&Person> = self.people.iter().filter(|person| person.room == room).collect();
        people.sort_by_key(|person| person.moved);
        people.iter().map(|person| person.name).collect()
    }

    /// The name of the room somebody is in.
    pub(crate) fn room_of(&self, person: &Person) -> &'static str {
        person.room.map_or("public", |room| self.chamber(room).unwrap().name)
    }

    /// At which second the first invitation runs out that somebody would be told of.
    pub(crate) fn next_expiry(&self) -> Option<u64> {
        let alive = |asked: &&Asked| asked.open && self.chamber(asked.room).is_some();
        self.asked.iter().filter(alive).map(|asked| asked.since + 60).min()
    }

    fn enter(&mut self, name: &'static str) -> Answer {
        if self.person(name).is_some() {
            return Err(Refusal::NameTaken);
        }
        let serial = self.serial();
        self.people.push(Person { serial, name, room: None, moved: serial, unaware: false, closings: 0 });
        Ok(None)
    }

    fn exit(&mut self, name: &'static str) -> &'static str {
        if let Some(me) = self.person(name) {
            for index in 0..self.asked.len() {
                if self.asked[index].open && self.asked[index].to == me.serial {
                    self.decline(index, name);
                }
            }
            self.people.retain(|person| person.serial != me.serial);
            self.settle(me.room);
        }
        name
    }

    fn wait(&mut self, seconds: u64) -> &'static str {
        self.seconds += seconds;
        for index in 0..self.asked.len() {
            let Asked { to, since, open, .. } = self.asked[index];
            if open && since + 60 <= self.seconds {
                let name = self.people.iter().find(|person| person.serial == to).unwrap().name;
                self.decline(index, name);
            }
        }
        "nobody"
    }

    fn hears(&mut self, name: &'static str) -> &'static str {
        if let Some(me) = self.people.iter_mut().find(|person| person.name == name) {
            me.closings = me.closings.saturating_sub(1);
            me.unaware &= me.closings > 0;
        }
        name
    }

    fn say(&mut self, me: &Person, to: Option<&Person>) -> Answer {
        if me.unaware {
            return Err(Refusal::NotToldYet);
        }
        if let Some(you) = to {
            let room = me.room.and_then(|room| self.chamber(room)).ok_or(Refusal::NotInPrivateRoom)?;
            if room.mode == Mode::Central {
                return Err(Refusal::NotDecentralised);
            }
            if you.room != me.room || you.serial == me.serial {
                return Err(Refusal::NoSuchUser);
            }
        }
        for other in self.people.clone() {
            let meant = to.is_none_or(|you| you.serial == other.serial);
            if meant && other.room == me.room && other.serial != me.serial {
                self.tell(other.name, format!("{} says hm", me.name));
            }
        }
        Ok(None)
    }

    fn create(&mut self, me: &Person, name: &'static str, mode: Mode, capacity: u8) -> Answer {
        if self.chambers.iter().any(|chamber| chamber.name == name) {
            return Err(Refusal::NameTaken);
        }
        match capacity {
            0..2 => return Err(Refusal::CapacityTooSmall),
            255 => return Err(Refusal::CapacityTooLarge),
            _ => {}
        }
        let serial = self.serial();
        self.chambers.push(Chamber { serial, name, mode, capacity });
        self.go(me, Some(serial));
        Ok(Some(name))
    }

    fn join(&mut self, me: &Person, room: Option<Serial>) -> Answer {
        let room = room.and_then(|room| self.chamber(room)).ok_or(Refusal::NoSuchRoom)?;
        let count = self.people.iter().filter(|person| person.room == Some(room.serial)).count();
        if me.room != Some(room.serial) {
            if count == usize::from(room.capacity) {
                return Err(Refusal::RoomFull);
            }
            self.go(me, Some(room.serial));
        }
        Ok(Some(room.name))
    }

    fn leave(&mut self, me: &Person) -> Answer {
        if me.room.is_none() && !me.unaware {
            return Err(Refusal::NotInPrivateRoom);
        }
        if me.room.is_some() {
            self.go(me, None);
        }
        self.person_mut(me.serial).unaware = false;
        Ok(None)
    }

    fn invite(&mut self, me: &Person, whom: &'static str) -> Answer {
        let room = me.room.and_then(|room| self.chamber(room)).ok_or(Refusal::NotInPrivateRoom)?;
        let you = self.person(whom).ok_or(Refusal::NoSuchUser)?;
        if you.room == me.room {
            return Err(Refusal::AlreadyMember);
        }
        let same = |asked: &Asked| asked.open && asked.to == you.serial && asked.room == room.serial;
        if !self.asked.iter().any(same) {
            let (since, room_name) = (self.seconds, room.name);
            let asked =
                Asked { by: me.serial, to: you.serial, room: room.serial, room_name, since, open: true };
            self.asked.push(asked);
            self.tell(whom, format!("{} invites to {} ({:?})", me.name, room.name, room.mode));
        }
        Ok(None)
    }

    fn answer(&mut self, me: &Person, back: usize, yes: bool) -> Answer {
        let index = self.asked.len().checked_sub(back + 1).ok_or(Refusal::NoSuchInvitation)?;
        let asked = self.asked[index].clone();
        if !asked.open || asked.to != me.serial {
            return Err(Refusal::NoSuchInvitation);
        }
        if !yes {
            self.decline(index, me.name);
            return Ok(None);
        }
        self.asked[index].open = false;
        self.join(me, Some(asked.room)).or_else(|why| {
            self.tell(me.name, format!("could not join {}: {why}", asked.room_name));
            Ok(None)
        })
    }

    fn decline(&mut self, index: usize, invitee: &str) {
        self.asked[index].open = false;
        let Asked { by, room, .. } = self.asked[index];
        let inviter = self.people.iter().find(|person| person.serial == by).map(|person| person.name);
        if let Some(inviter) = inviter.filter(|_| self.chamber(room).is_some()) {
            self.tell(inviter, format!("{invitee} declined"));
        }
    }

    /// Somebody goes by himself. Between the two rooms he is nowhere: what his going brings about comes first.
    fn go(&mut self, me: &Person, room: Option<Serial>) {
        const NOWHERE: Option<Serial> = Some(Serial::MAX);
        self.person_mut(me.serial).room = NOWHERE;
        self.settle(me.room);
        let moved = self.serial();
        let person = self.person_mut(me.serial);
        (person.room, person.moved, person.unaware) = (room, moved, false);
        for asked in self.asked.iter_mut().filter(|asked| asked.to == me.serial && Some(asked.room) == room) {
            asked.open = false;
        }
    }

    /// Somebody has left a room: if it was private and at most one is left in it, it closes.
    fn settle(&mut self, left: Option<Serial>) {
        let staying = self.people.iter().filter(|person| person.room == left).count();
        let Some(room) = left.filter(|_| staying <= 1) else { return };
        let name = self.chamber(room).unwrap().name;
        self.chambers.retain(|chamber| chamber.serial != room);
        let moved = self.serial();
        let last = self.people.iter_mut().find(|person| person.room == Some(room));
        if let Some(last) = last {
            (last.room, last.moved, last.unaware) = (None, moved, true);
            last.closings += 1;
            let last = last.name;
            self.tell(last, format!("{name} closed"));
        }
    }

    /// Whoever was together and is not any more sees the actor leave; whoever is together and was not before sees
    /// somebody come. The actor is told nothing of his own doing.
    fn tell_moves(&mut self, before: &Self, actor: &str) {
        let now = self.clone();
        for me in now.people.iter().filter(|person| person.name != actor) {
            let me_before = before.person(me.name).unwrap();
            for other in before.people.iter().filter(|person| person.serial != me.serial) {
                let gone = now.person(other.name).is_none_or(|later| later.room != other.room);
                // Of two who are together in a room that ends, only the actor leaves it.
                if other.room == me_before.room && gone {
                    self.tell(me.name, format!("{} left", other.name));
                }
            }
            for other in
                now.people.iter().filter(|person| person.serial != me.serial && person.room == me.room)
            {
                let came = before.person(other.name).is_none_or(|earlier| earlier.room != other.room);
                let i_stayed = me.room == me_before.room;
                if came && (i_stayed || other.name == actor) {
                    let room = other.room.map_or("public", |room| now.chamber(room).unwrap().name);
                    self.tell(me.name, format!("{} joined {room}", other.name));
                }
            }
        }
    }

    fn tell(&mut self, who: &str, what: String) {
        self.told.push((who.to_owned(), what));
    }

    fn person(&self, name: &str) -> Option<Person> {
        self.people.iter().find(|person| person.name == name).cloned()
    }

    fn person_mut(&mut self, serial: Serial) -> &mut Person {
        self.people.iter_mut().find(|person| person.serial == serial).unwrap()
    }

    fn chamber(&self, room: Serial) -> Option<Chamber> {
        self.chambers.iter().find(|chamber| chamber.serial == room).cloned()
    }

    fn serial(&mut self) -> Serial {
        self.serials += 1;
        self.serials
    }
}
