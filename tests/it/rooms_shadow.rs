//! The rules of the rooms, said a second time: slow, and obviously right. People are a list, each with the room he is
//! in; who has to be told of a move is found by comparing the list before with the list after.
//!
//! In: a [`Step`]. Out: the answer, and who is told what. Must not know how rooms are kept.

use std::collections::VecDeque;

use palabre::vocab::{Ability, Mode};

use super::rooms_story::{Answer, Given, Step};

/// Of people, rooms, proposals and votes alike: the how-manieth it was to come.
pub(crate) type Serial = u64;

#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) serial: Serial,
    pub(crate) name: &'static str,
    pub(crate) ability: Ability,
    pub(crate) room: Option<Serial>,
    pub(crate) moved: Serial,
    pub(crate) unaware: bool,
    /// Notices of moves that were not his own, and whose fate is open.
    pub(crate) untold: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Chamber {
    pub(crate) serial: Serial,
    pub(crate) name: String,
    pub(crate) mode: Mode,
    pub(crate) capacity: u8,
    pub(crate) manager: Option<Serial>,
}

/// What somebody was asked; once answered, withdrawn or run out it is not open any more.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) to: Serial,
    pub(crate) what: What,
    pub(crate) until: u64,
    pub(crate) open: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    Come { by: Serial, into: Into, name: String },
    LetIn { who: Serial, room: Serial },
    Agree { room: Serial },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Into {
    Room(Serial),
    Plan(Serial),
}

/// A proposal. Without a mode it waits for one until `until`.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) serial: Serial,
    pub(crate) by: Serial,
    pub(crate) users: Vec<Serial>,
    pub(crate) name: Option<String>,
    pub(crate) capacity: u8,
    pub(crate) most: usize,
    pub(crate) mode: Option<Mode>,
    pub(crate) until: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Poll {
    /// Who has moved since is not concerned.
    pub(crate) serial: Serial,
    pub(crate) room: Serial,
    pub(crate) mode: Mode,
    pub(crate) until: u64,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Shadow {
    pub(crate) people: Vec<Person>,
    pub(crate) chambers: Vec<Chamber>,
    pub(crate) asked: Vec<Asked>,
    pub(crate) plans: Vec<Plan>,
    pub(crate) polls: Vec<Poll>,
    /// Who comes in, and where, because nobody is left to object.
    pub(crate) let_in: VecDeque<(Serial, Serial)>,
    pub(crate) seconds: u64,
    /// How many rooms had no name of their own.
    pub(crate) unnamed: u64,
    serials: Serial,
    told: Vec<(String, String)>,
}

impl Shadow {
    /// Takes a step. `None`: there is nobody to take it, or nothing to answer.
    pub(crate) fn take(&mut self, step: Step) -> (Option<Answer>, Vec<(String, String)>) {
        self.told.clear();
        let answer = self.carry_out(step);
        while let Some((who, room)) = self.let_in.pop_front() {
            self.admit(who, room);
        }
        let told = self.told.iter().map(|(who, what)| (who.clone(), self.resolve(what))).collect();
        let resolved = |given| match given {
            Given::In(room) => Given::In(self.resolve(&room)),
            given => given,
        };
        (answer.map(|answer| answer.map(resolved)), told)
    }

    /// The names of those in a room, in the order they came into it.
    pub(crate) fn members(&self, room: Option<Serial>) -> Vec<&'static str> {
        self.inside(room).iter().map(|person| person.name).collect()
    }

    /// Those in a room, in the order they came into it.
    pub(crate) fn inside(&self, room: Option<Serial>) -> Vec<Person> {
        let mut people: Vec<Person> =
            self.people.iter().filter(|person| person.room == room).cloned().collect();
        people.sort_by_key(|person| person.moved);
        people
    }

    /// The name of the room somebody is in.
    pub(crate) fn room_of(&self, person: &Person) -> String {
        person.room.map_or("public".to_owned(), |room| self.chamber(room).unwrap().name)
    }

    /// At which second something is due.
    pub(crate) fn next_deadline(&self) -> Option<u64> {
        let questions = self.asked.iter().filter(|asked| asked.open).map(|asked| asked.until);
        let plans = self.plans.iter().filter(|plan| plan.mode.is_none()).map(|plan| plan.until);
        questions.chain(plans).chain(self.polls.iter().map(|poll| poll.until)).min()
    }

    /// Which of all questions is the oldest that waits for this person: one that leads nowhere only when all do.
    pub(crate) fn oldest(&self, person: &Person) -> Option<usize> {
        let open = |index: &usize| self.asked[*index].open && self.asked[*index].to == person.serial;
        let mut all = (0..self.asked.len()).filter(open);
        all.clone().find(|index| self.leads_somewhere(*index)).or_else(|| all.next())
    }

    /// Whether a yes to a question can still lead somewhere.
    pub(crate) fn leads_somewhere(&self, question: usize) -> bool {
        let Asked { what, open, .. } = &self.asked[question];
        let is_there = match what {
            What::Come { into: Into::Room(room), .. } => self.chamber(*room).is_some(),
            What::Come { into: Into::Plan(plan), .. } => self.plans.iter().any(|it| it.serial == *plan),
            What::LetIn { .. } | What::Agree { .. } => true,
        };
        *open && is_there
    }

    /// Moves somebody, by his own wish or not. Between the two rooms he is nowhere: what his going brings about comes
    /// first.
    pub(crate) fn shift(&mut self, who: Serial, to: Option<Serial>, own: bool) {
        const NOWHERE: Option<Serial> = Some(Serial::MAX);
        let before = self.clone();
        let me = self.by_serial(who).unwrap();
        self.person_mut(who).room = NOWHERE;
        self.settle(me.room);
        let moved = self.serial();
        let person = self.person_mut(who);
        (person.room, person.moved) = (to, moved);
        if own {
            person.unaware = false;
            self.withdraw(|what| matches!(what, What::LetIn { who: applicant, .. } if *applicant == who));
        } else {
            person.unaware |= me.room.is_some();
            person.untold += 1;
        }
        for asked in self.asked.iter_mut().filter(|asked| asked.to == who) {
            let has_come =
                matches!(asked.what, What::Come { into: Into::Room(room), .. } if Some(room) == to);
            asked.open &= !has_come;
        }
        self.tell_moves(&before, me.name);
    }

    /// Somebody has left a room: it may close, need another manager, or have its vote decided.
    pub(crate) fn settle(&mut self, left: Option<Serial>) {
        let Some(room) = left else { return };
        let staying = self.inside(left);
        let manager = self.chamber(room).unwrap().manager;
        if staying.len() <= 1 {
            let name = self.chamber(room).unwrap().name;
            self.forget(room);
            for last in staying {
                self.send_back(last.serial, &format!("{name} closed"));
            }
        } else if manager.is_some_and(|manager| staying.iter().all(|person| person.serial != manager)) {
            self.succeed(room, &staying);
        } else {
            let is_there = |person: Serial| staying.iter().any(|other| other.serial == person);
            for asked in self.asked.iter_mut().filter(|asked| asked.what == What::Agree { room }) {
                asked.open &= is_there(asked.to);
            }
            self.look_at_poll(room);
        }
    }

    /// A room is no more, nor is what was asked about it.
    pub(crate) fn forget(&mut self, room: Serial) {
        self.end_poll(room);
        self.chambers.retain(|chamber| chamber.serial != room);
        for applicant in self.withdraw(|what| matches!(what, What::LetIn { room: into, .. } if *into == room))
        {
            self.tell_to(applicant, "not admitted: no such room".into());
        }
    }

    /// Somebody is back in the public room and did not go there himself.
    pub(crate) fn send_back(&mut self, who: Serial, news: &str) {
        let moved = self.serial();
        let person = self.person_mut(who);
        (person.room, person.moved, person.unaware) = (None, moved, true);
        person.untold += 1;
        self.tell_to(who, news.to_owned());
    }

    /// Whoever was together and is not any more sees the actor leave; whoever is together and was not before sees
    /// somebody come. The actor is told nothing of his own doing.
    pub(crate) fn tell_moves(&mut self, before: &Self, actor: &str) {
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
                    self.tell(me.name, format!("{} joined {}", other.name, tag_of(other.room)));
                }
            }
        }
    }

    /// Ends the questions that are about this; whoever waited for their answers comes back, in order.
    pub(crate) fn withdraw(&mut self, is_it: impl Fn(&What) -> bool) -> Vec<Serial> {
        let mut waited = Vec::new();
        for asked in self.asked.iter_mut().filter(|asked| asked.open && is_it(&asked.what)) {
            asked.open = false;
            if let What::LetIn { who, .. } = asked.what {
                waited.push(who);
            }
        }
        waited
    }

    pub(crate) fn tell(&mut self, who: &str, what: String) {
        self.told.push((who.to_owned(), what));
    }

    /// As [`Self::tell`], if he is still here.
    pub(crate) fn tell_to(&mut self, who: Serial, what: String) {
        if let Some(person) = self.by_serial(who) {
            self.tell(person.name, what);
        }
    }

    pub(crate) fn person(&self, name: &str) -> Option<Person> {
        self.people.iter().find(|person| person.name == name).cloned()
    }

    pub(crate) fn by_serial(&self, serial: Serial) -> Option<Person> {
        self.people.iter().find(|person| person.serial == serial).cloned()
    }

    pub(crate) fn person_mut(&mut self, serial: Serial) -> &mut Person {
        self.people.iter_mut().find(|person| person.serial == serial).unwrap()
    }

    pub(crate) fn chamber(&self, room: Serial) -> Option<Chamber> {
        self.chambers.iter().find(|chamber| chamber.serial == room).cloned()
    }

    pub(crate) fn chamber_mut(&mut self, room: Serial) -> &mut Chamber {
        self.chambers.iter_mut().find(|chamber| chamber.serial == room).unwrap()
    }

    pub(crate) fn serial(&mut self) -> Serial {
        self.serials += 1;
        self.serials
    }

    /// Puts the names that rooms have at the end of a step where they were mentioned.
    fn resolve(&self, text: &str) -> String {
        let name = |serial: &str| {
            let room = self.chamber(serial.parse().unwrap());
            room.map_or("a room that has closed".to_owned(), |room| room.name)
        };
        let mut parts = text.split('#');
        let mut resolved = parts.next().unwrap().to_owned();
        while let (Some(serial), Some(rest)) = (parts.next(), parts.next()) {
            resolved += &name(serial);
            resolved += rest;
        }
        resolved
    }
}

/// A mention of a room.
pub(crate) fn tag(room: Serial) -> String {
    format!("#{room}#")
}

fn tag_of(room: Option<Serial>) -> String {
    room.map_or("public".to_owned(), tag)
}
