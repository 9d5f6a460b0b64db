//! What follows in the shadow of the rooms from a step, an answer or a silence: who manages, who is let in, what is
//! decided.
//!
//! In: what has happened. Out: who is where, and who is told. Must not know how rooms are kept.

use palabre::vocab::{Ability, Mode, Refusal};

use super::rooms_shadow::{Asked, Chamber, Into, Person, Serial, Shadow, What, tag};
use super::rooms_story::{Answer, Given};

impl Shadow {
    /// The manager lets somebody in, or nobody is left to object.
    pub(crate) fn admit(&mut self, who: Serial, room: Serial) {
        match self.check_space(room) {
            Ok(()) => {
                self.shift(who, Some(room), false);
                self.tell_to(who, format!("admitted to {}", tag(room)));
            }
            Err(why) => self.tell_to(who, format!("not admitted: {why}")),
        }
    }

    /// A manager has left: who stays longest and can be asked comes after him.
    pub(crate) fn succeed(&mut self, room: Serial, staying: &[Person]) {
        self.end_poll(room);
        let heir = staying.iter().find(|person| person.ability == Ability::Asked);
        self.chamber_mut(room).manager = heir.map(|person| person.serial);
        let waiting: Vec<Asked> = self.asked.iter().filter(|asked| asked.open).cloned().collect();
        let applicants =
            self.withdraw(|what| matches!(what, What::LetIn { room: into, .. } if *into == room));
        if let Some(heir) = heir {
            self.tell(heir.name, format!("manages {}", tag(room)));
        }
        for who in applicants {
            let what = What::LetIn { who, room };
            let until = waiting.iter().find(|asked| asked.what == what).unwrap().until;
            match heir {
                Some(heir) => self.ask(heir, what, until),
                None => self.let_in.push_back((who, room)),
            }
        }
    }

    /// Ends a vote without a word.
    pub(crate) fn end_poll(&mut self, room: Serial) {
        self.polls.retain(|poll| poll.room != room);
        self.withdraw(|what| *what == What::Agree { room });
    }

    /// Whether all who were there when the vote began, and still are, have agreed.
    pub(crate) fn look_at_poll(&mut self, room: Serial) {
        let Some(poll) = self.polls.iter().find(|poll| poll.room == room).cloned() else { return };
        let waits = self.asked.iter().any(|asked| asked.open && asked.what == What::Agree { room });
        let since = |person: &Person| person.ability == Ability::Told && person.moved < poll.serial;
        if !waits && !self.inside(Some(room)).iter().any(since) {
            self.decide(room, true);
        }
    }

    pub(crate) fn decide(&mut self, room: Serial, agreed: bool) {
        let Some(poll) = self.polls.iter().find(|poll| poll.room == room).cloned() else { return };
        self.end_poll(room);
        let (mode, manager) = (poll.mode, self.chamber(room).unwrap().manager.unwrap());
        if agreed {
            self.chamber_mut(room).mode = mode;
            for member in self.inside(Some(room)).iter().filter(|member| member.serial != manager) {
                self.tell(member.name, format!("{} is {mode:?} now", tag(room)));
            }
        }
        let word = if agreed { "agreed" } else { "not agreed" };
        self.tell_to(manager, format!("{mode:?} {word}"));
    }

    /// The first has accepted what was proposed.
    pub(crate) fn open(&mut self, plan: Serial) -> Result<Serial, Refusal> {
        let index = self.plans.iter().position(|it| it.serial == plan).ok_or(Refusal::NoSuchRoom)?;
        let plan = self.plans[index].clone();
        if self.chambers.len() >= plan.most {
            self.give_up(plan.serial, Refusal::TooManyRooms);
            return Err(Refusal::TooManyRooms);
        }
        self.plans.remove(index);
        let room = self.build(plan.name.unwrap(), plan.mode.unwrap(), plan.capacity, Some(plan.by));
        self.shift(plan.by, Some(room), false);
        self.tell_to(plan.by, format!("{} opened", tag(room)));
        for asked in &mut self.asked {
            match &mut asked.what {
                What::Come { into, .. } if *into == Into::Plan(plan.serial) => *into = Into::Room(room),
                _ => {}
            }
        }
        Ok(room)
    }

    /// A question is answered with no, or not at all.
    pub(crate) fn refuse(&mut self, index: usize, name: &str) {
        self.asked[index].open = false;
        match self.asked[index].what.clone() {
            What::Come { by, into: Into::Room(room), .. } => {
                if self.chamber(room).is_some() {
                    self.tell_to(by, format!("{name} declined"));
                }
            }
            What::Come { into: Into::Plan(plan), .. } => {
                let leads_there = |asked: &Asked| matches!(asked.what, What::Come { into: Into::Plan(it), .. } if it == plan);
                if !self.asked.iter().any(|asked| asked.open && leads_there(asked)) {
                    self.give_up(plan, Refusal::Denied);
                }
            }
            What::LetIn { who, .. } => self.tell_to(who, "not admitted: not agreed".into()),
            What::Agree { room } => self.decide(room, false),
        }
    }

    /// Nothing comes of a proposal.
    pub(crate) fn give_up(&mut self, plan: Serial, why: Refusal) {
        if let Some(index) = self.plans.iter().position(|it| it.serial == plan) {
            let plan = self.plans.remove(index);
            self.tell_to(plan.by, format!("not opened: {why}"));
        }
    }

    /// Into a room whose manager need not be asked.
    pub(crate) fn come(&mut self, me: &Person, room: Serial) -> Answer {
        if self.chamber(room).is_none() || self.by_serial(me.serial).unwrap().room != Some(room) {
            self.check_space(room)?;
            self.shift(me.serial, Some(room), true);
        }
        Ok(Given::In(tag(room)))
    }

    pub(crate) fn build(
        &mut self,
        name: String,
        mode: Mode,
        capacity: u8,
        manager: Option<Serial>,
    ) -> Serial {
        let serial = self.serial();
        let manager = manager.filter(|&by| self.by_serial(by).is_some_and(|by| by.ability == Ability::Asked));
        self.chambers.push(Chamber { serial, name, mode, capacity, manager });
        serial
    }

    /// Whether one more fits in.
    pub(crate) fn check_space(&self, room: Serial) -> Result<(), Refusal> {
        let room = self.chamber(room).ok_or(Refusal::NoSuchRoom)?;
        let is_full = self.inside(Some(room.serial)).len() >= usize::from(room.capacity);
        if is_full { Err(Refusal::RoomFull) } else { Ok(()) }
    }

    /// Whether no room has this name, nor a room that is proposed.
    pub(crate) fn check_free(&self, name: &str) -> Result<(), Refusal> {
        let is_taken = self.chambers.iter().any(|room| room.name == name)
            || self.plans.iter().any(|plan| plan.name.as_deref() == Some(name));
        if is_taken { Err(Refusal::NameTaken) } else { Ok(()) }
    }

    /// The private room he is in, if he knows it.
    pub(crate) fn known_room(&self, me: &Person) -> Result<Chamber, Refusal> {
        let room = me.room.ok_or(Refusal::NotInPrivateRoom)?;
        if me.unaware { Err(Refusal::NotToldYet) } else { Ok(self.chamber(room).unwrap()) }
    }

    pub(crate) fn tell_others(&mut self, me: &Person, what: &str) {
        for other in self.inside(me.room).iter().filter(|other| other.serial != me.serial) {
            self.tell(other.name, what.to_owned());
        }
    }

    /// Asks a manager whether somebody may come in.
    pub(crate) fn ask(&mut self, manager: &Person, what: What, until: u64) {
        if let What::LetIn { who, .. } = what {
            let name = self.by_serial(who).unwrap().name;
            self.tell(manager.name, format!("{name} wants in"));
        }
        self.note(manager, what, until);
    }

    pub(crate) fn note(&mut self, to: &Person, what: What, until: u64) {
        self.asked.push(Asked { to: to.serial, what, until, open: true });
    }
}

pub(crate) const fn check_capacity(capacity: u8) -> Result<(), Refusal> {
    match capacity {
        0..2 => Err(Refusal::CapacityTooSmall),
        2..255 => Ok(()),
        255 => Err(Refusal::CapacityTooLarge),
    }
}
