//! What each step of a story does to the shadow of the rooms: the rulings, one after the other, in plain words.
//!
//! In: a step. Out: the answer, or `None` where nobody acts. Must not know how rooms are kept.

use palabre::vocab::{Ability, Mode, Refusal};

use super::rooms_shadow::{Asked, Into, Person, Plan, Poll, Serial, Shadow, What, tag};
use super::rooms_shadow_rules::check_capacity;
use super::rooms_story::{Answer, Given, Step};

/// Who comes by another protocol, and can only be told.
const TOLD: [&str; 2] = ["eve", "fay"];

/// What somebody does who is there.
type Act<'a> = &'a dyn Fn(&mut Shadow, &Person) -> Option<Answer>;

/// How long anybody may think.
const PATIENCE: u64 = 60;

pub(crate) fn ability(name: &str) -> Ability {
    if TOLD.contains(&name) { Ability::Told } else { Ability::Asked }
}

impl Shadow {
    pub(crate) fn carry_out(&mut self, step: Step) -> Option<Answer> {
        let (by, act): (_, Act<'_>) = match step {
            Step::Enter(name) => return Some(self.enter(name)),
            Step::Wait(seconds) => {
                (0..seconds).for_each(|_| self.second_passes());
                return None;
            }
            Step::Exit(by) => (by, &|it, me| it.exit(me)),
            Step::Told(by) => (by, &|it, me| it.hears(me)),
            Step::Say(by) => (by, &|it, me| Some(it.say(me, None))),
            Step::SayTo(by, to) => (by, &move |it, me| it.person(to).map(|you| it.say(me, Some(&you)))),
            Step::Create(by, room, mode, size) => (by, &move |it, me| Some(it.create(me, room, mode, size))),
            Step::Propose(by, users, size, most) => {
                (by, &move |it, me| Some(it.propose(me, &users, size, most)))
            }
            Step::Choose(by, mode) => (by, &move |it, me| Some(it.choose(me, mode))),
            Step::Name(by, room) => (by, &move |it, me| Some(it.name(me, room))),
            Step::Rename(by, room) => (by, &move |it, me| Some(it.rename(me, room))),
            Step::ChangeMode(by, mode) => (by, &move |it, me| Some(it.change_mode(me, mode))),
            Step::Dissolve(by) => (by, &|it, me| Some(it.dissolve(me))),
            Step::Join(by, room) => (by, &move |it, me| {
                let room = it.chambers.iter().find(|chamber| chamber.name == room)?.serial;
                Some(it.join(me, room))
            }),
            Step::Leave(by) => (by, &|it, me| Some(it.leave(me))),
            Step::Invite(by, to) => (by, &move |it, me| it.person(to).map(|you| it.invite(me, &you))),
            Step::Answer(by, back, yes) => (by, &move |it, me| {
                let index = it.asked.len().checked_sub(back + 1);
                Some(index.map_or(Err(Refusal::NoSuchInvitation), |index| it.answer(me, index, yes)))
            }),
            Step::AnswerOldest(by, yes) => {
                (by, &move |it, me| it.oldest(me).map(|index| it.answer(me, index, yes)))
            }
        };
        self.person(by).and_then(|me| act(self, &me))
    }

    fn enter(&mut self, name: &'static str) -> Answer {
        if self.person(name).is_some() {
            return Err(Refusal::NameTaken);
        }
        let before = self.clone();
        let (serial, ability) = (self.serial(), ability(name));
        let newcomer = Person { serial, name, ability, room: None, moved: serial, unaware: false, untold: 0 };
        self.people.push(newcomer);
        self.tell_moves(&before, name);
        Ok(Given::Done)
    }

    fn exit(&mut self, me: &Person) -> Option<Answer> {
        let before = self.clone();
        self.plans.retain(|plan| plan.by != me.serial);
        self.withdraw(|what| matches!(what, What::LetIn { who, .. } if *who == me.serial));
        self.people.retain(|person| person.serial != me.serial);
        self.settle(me.room);
        self.tell_moves(&before, me.name);
        while let Some(index) = self.oldest(me) {
            self.refuse(index, me.name);
        }
        None
    }

    fn second_passes(&mut self) {
        self.seconds += 1;
        let now = self.seconds;
        for index in 0..self.asked.len() {
            let Asked { to, until, open, .. } = self.asked[index];
            if open && until == now {
                let name = self.by_serial(to).unwrap().name;
                self.refuse(index, name);
            }
        }
        self.plans.retain(|plan| plan.mode.is_some() || plan.until > now);
        while let Some(poll) = self.polls.iter().find(|poll| poll.until == now) {
            self.decide(poll.room, true);
        }
    }

    fn hears(&mut self, me: &Person) -> Option<Answer> {
        let me = self.person_mut(me.serial);
        me.untold = me.untold.saturating_sub(1);
        me.unaware &= me.untold > 0;
        None
    }

    fn say(&mut self, me: &Person, to: Option<&Person>) -> Answer {
        if me.unaware {
            return Err(Refusal::NotToldYet);
        }
        match to {
            Some(you) if you.serial == me.serial => return Err(Refusal::NoSuchUser),
            Some(you) if you.room != me.room => return Err(Refusal::Elsewhere),
            Some(you) => self.tell(you.name, format!("{} whispers hm", me.name)),
            None => self.tell_others(me, &format!("{} says hm", me.name)),
        }
        Ok(Given::Done)
    }

    fn create(&mut self, me: &Person, name: &str, mode: Mode, capacity: u8) -> Answer {
        self.check_free(name)?;
        check_capacity(capacity)?;
        let room = self.build(name.to_owned(), mode, capacity, None);
        self.shift(me.serial, Some(room), true);
        Ok(Given::In(tag(room)))
    }

    fn propose(&mut self, me: &Person, users: &[&str], capacity: u8, most: usize) -> Answer {
        check_capacity(capacity)?;
        if self.plans.iter().any(|plan| plan.by == me.serial && plan.mode.is_some()) {
            return Err(Refusal::ProposalOpen);
        }
        self.plans.retain(|plan| plan.by != me.serial);
        let mut users: Vec<Serial> =
            users.iter().filter_map(|name| self.person(name)).map(|person| person.serial).collect();
        users.dedup();
        let (serial, until) = (self.serial(), self.seconds + PATIENCE);
        let plan = Plan { serial, by: me.serial, users, name: None, capacity, most, mode: None, until };
        self.plans.push(plan);
        Ok(Given::Done)
    }

    fn choose(&mut self, me: &Person, mode: Mode) -> Answer {
        let mine = |plan: &&mut Plan| plan.by == me.serial && plan.mode.is_none();
        let plan = self.plans.iter_mut().find(mine).ok_or(Refusal::NothingProposed)?;
        plan.mode = Some(mode);
        let plan = plan.clone();
        let guests: Vec<Person> = plan.users.iter().filter_map(|&user| self.by_serial(user)).collect();
        let guests: Vec<Person> = guests.into_iter().filter(|guest| guest.serial != me.serial).collect();
        if self.chambers.len() >= plan.most {
            self.give_up(plan.serial, Refusal::TooManyRooms);
        } else if guests.is_empty() {
            self.give_up(plan.serial, Refusal::NoSuchUser);
        } else {
            let numbered = |n| format!("messagerie{n}");
            let name = plan.name.unwrap_or_else(|| {
                let free = |n: &u64| self.check_free(&numbered(*n)).is_ok();
                let next = (self.unnamed + 1..).find(free).unwrap();
                self.unnamed = next;
                numbered(next)
            });
            self.plans.iter_mut().find(|it| it.serial == plan.serial).unwrap().name = Some(name.clone());
            for guest in guests {
                let into = Into::Plan(plan.serial);
                let what = What::Come { by: me.serial, into, name: name.clone() };
                self.tell(guest.name, format!("{} proposes and invites to {name} ({mode:?})", me.name));
                self.note(&guest, what, self.seconds + PATIENCE);
            }
        }
        Ok(Given::Done)
    }

    fn name(&mut self, me: &Person, name: &str) -> Answer {
        let Some(index) = self.plans.iter().position(|plan| plan.by == me.serial) else {
            return self.rename(me, name);
        };
        if self.plans[index].name.as_deref() != Some(name) {
            self.check_free(name)?;
            self.plans[index].name = Some(name.to_owned());
        }
        Ok(Given::Done)
    }

    fn rename(&mut self, me: &Person, name: &str) -> Answer {
        let room = self.known_room(me)?;
        if room.name != name {
            self.check_free(name)?;
            self.chamber_mut(room.serial).name = name.to_owned();
            self.tell_others(me, &format!("renamed {name}"));
        }
        Ok(Given::Done)
    }

    fn change_mode(&mut self, me: &Person, mode: Mode) -> Answer {
        let room = self.known_room(me)?;
        if room.manager != Some(me.serial) {
            return Err(Refusal::NotManager);
        }
        if room.mode == mode {
            return Ok(Given::Done);
        }
        if self.polls.iter().any(|poll| poll.room == room.serial) {
            return Err(Refusal::VoteOpen);
        }
        let (serial, until) = (self.serial(), self.seconds + PATIENCE);
        self.polls.push(Poll { serial, room: room.serial, mode, until });
        for member in self.inside(me.room).iter().filter(|member| member.serial != me.serial) {
            match member.ability {
                Ability::Asked => {
                    self.tell(member.name, format!("{mode:?}?"));
                    self.note(member, What::Agree { room: room.serial }, until);
                }
                Ability::Told => self.tell(member.name, format!("others vote for {mode:?}")),
            }
        }
        Ok(Given::Undecided)
    }

    fn dissolve(&mut self, me: &Person) -> Answer {
        let room = self.known_room(me)?;
        if room.manager != Some(me.serial) {
            return Err(Refusal::NotManager);
        }
        let (outside, inside) = (self.inside(None), self.inside(me.room));
        self.forget(room.serial);
        for member in inside {
            if member.serial == me.serial {
                let moved = self.serial();
                let me = self.person_mut(member.serial);
                (me.room, me.moved, me.unaware) = (None, moved, false);
                let mine = member.serial;
                self.withdraw(|what| matches!(what, What::LetIn { who, .. } if *who == mine));
            } else {
                self.send_back(member.serial, &format!("{} dissolved", room.name));
            }
            for other in &outside {
                self.tell(other.name, format!("{} joined public", member.name));
            }
        }
        Ok(Given::Done)
    }

    fn join(&mut self, me: &Person, id: Serial) -> Answer {
        let room = self.chamber(id).unwrap();
        let comes = |asked: &Asked| {
            let into = matches!(asked.what, What::Come { into, .. } if into == Into::Room(id));
            asked.open && asked.to == me.serial && into
        };
        let may = me.ability == Ability::Told || self.asked.iter().any(comes);
        let manager = room.manager.and_then(|manager| self.by_serial(manager));
        let Some(manager) = manager.filter(|_| !may && me.room != Some(id)) else {
            return self.come(me, id);
        };
        let what = What::LetIn { who: me.serial, room: id };
        if !self.asked.iter().any(|asked| asked.open && asked.what == what) {
            self.check_space(id)?;
            self.withdraw(|what| matches!(what, What::LetIn { who, .. } if *who == me.serial));
            self.ask(&manager, what, self.seconds + PATIENCE);
        }
        Ok(Given::Undecided)
    }

    fn leave(&mut self, me: &Person) -> Answer {
        match (me.room, me.unaware) {
            (None, false) => return Err(Refusal::NotInPrivateRoom),
            (None, true) => {
                self.person_mut(me.serial).unaware = false;
                self.withdraw(|what| matches!(what, What::LetIn { who, .. } if *who == me.serial));
            }
            (Some(_), _) => self.shift(me.serial, None, true),
        }
        Ok(Given::Done)
    }

    fn invite(&mut self, me: &Person, you: &Person) -> Answer {
        let room = self.known_room(me)?;
        if you.room == me.room {
            return Err(Refusal::AlreadyMember);
        }
        let into = Into::Room(room.serial);
        let same = |asked: &Asked| {
            asked.open
                && asked.to == you.serial
                && matches!(asked.what, What::Come { into: it, .. } if it == into)
        };
        if !self.asked.iter().any(same) {
            let what = What::Come { by: me.serial, into, name: room.name.clone() };
            self.tell(you.name, format!("{} invites to {} ({:?})", me.name, room.name, room.mode));
            self.note(you, what, self.seconds + PATIENCE);
        }
        Ok(Given::Done)
    }

    fn answer(&mut self, me: &Person, index: usize, yes: bool) -> Answer {
        let asked = self.asked[index].clone();
        if !asked.open || asked.to != me.serial {
            return Err(Refusal::NoSuchInvitation);
        }
        if !yes {
            self.refuse(index, me.name);
            return Ok(Given::Done);
        }
        self.asked[index].open = false;
        match asked.what {
            What::Come { into, name, .. } => {
                let came = match into {
                    Into::Room(room) => self.come(me, room),
                    Into::Plan(plan) => self.open(plan).and_then(|room| self.come(me, room)),
                };
                return came.or_else(|why| {
                    self.tell(me.name, format!("could not join {name}: {why}"));
                    Ok(Given::Done)
                });
            }
            What::LetIn { who, room } => self.admit(who, room),
            What::Agree { room } => self.look_at_poll(room),
        }
        Ok(Given::Done)
    }
}
