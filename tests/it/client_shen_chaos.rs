//! Clients of Shen's protocol who do anything at any time, over a bad network with a real server.
//!
//! In: seeds. Out: laws that hold whatever happens: each request has one last word (S6), no text is heard twice, none is
//! heard in a room where its author was not (M28), and one that was delivered is heard by all who were with him. Must not
//! know datagrams.

use std::collections::BTreeMap;

use palabre::client::{Answer, Ask, Event, Fate, Invitation, Ticket};
use palabre::netsim::Conditions;
use palabre::time::{Duration, Instant};
use palabre::vocab::Mode;

use crate::shen_hall::{Hall, ms};

/// A text that was wanted, what became of it, and who heard it.
struct Said {
    by: usize,
    ticket: Ticket,
    at: Instant,
    fate: Option<(Instant, Fate)>,
    heard: BTreeMap<usize, Instant>,
}

/// How long it may take until somebody whom the server has moved knows it, or has what was said in the room before.
const LATE: Duration = Duration::from_secs(40);

/// A room, and whether it is doubtful.
type Whereabouts = (Option<String>, bool);

struct Story {
    hall: Hall,
    random: fastrand::Rng,
    open: BTreeMap<Ticket, usize>,
    /// Of those, the ones that may have moved their author although he does not know it yet.
    moving: BTreeMap<Ticket, usize>,
    said: BTreeMap<String, Said>,
    questions: Vec<(usize, Invitation)>,
    /// In which room each client thinks to be, whether he may have been moved, and since when; also the former ones.
    rooms: Vec<Vec<(Instant, Whereabouts)>>,
    names: u32,
    counts: BTreeMap<&'static str, usize>,
}

const ANYWHERE: &str = "?";

const PEOPLE: [&str; 5] = ["sheng", "lucy", "bob", "alice", "eve@"];

impl Story {
    fn new(seed: u64) -> Self {
        let mut hall = Hall::unregistered(&PEOPLE, seed);
        hall.passes(ms(1_000));
        let mut random = fastrand::Rng::with_seed(seed);
        let loss = random.f64() * 0.3;
        hall.net.set_default(Conditions {
            delay: ms(random.u64(1..300)),
            jitter: ms(random.u64(1..300)),
            duplicate: 0.05,
            loss,
            ..Conditions::default()
        });
        let rooms = PEOPLE.iter().map(|_| vec![(hall.now, (None, false))]).collect();
        Self {
            hall,
            random,
            open: BTreeMap::new(),
            moving: BTreeMap::new(),
            said: BTreeMap::new(),
            questions: Vec::new(),
            rooms,
            names: 0,
            counts: BTreeMap::new(),
        }
    }

    fn step(&mut self) {
        let who = self.random.usize(..PEOPLE.len());
        let ask = match self.random.u32(..26) {
            0..=8 => {
                self.names += 1;
                let text = format!("text {}", self.names);
                let ticket = self.hall.wants(who, Ask::Say(text.clone()));
                let said = Said { by: who, ticket, at: self.hall.now, fate: None, heard: BTreeMap::new() };
                self.said.insert(text, said);
                self.open.insert(ticket, who);
                return;
            }
            9..=10 => Ask::Leave,
            11..=12 => Ask::Join(self.some_room()),
            13..=14 => {
                let guests = [(); 2].map(|()| self.random.usize(..PEOPLE.len()));
                let guests = guests.map(|guest| PEOPLE[guest].trim_end_matches('@'));
                let ticket = self.hall.wants(who, Ask::Invite(guests.join(", ")));
                self.open.insert(ticket, who);
                Ask::ChooseMode(self.mode())
            }
            15..=16 => Ask::ChangeMode(self.mode()),
            17 => Ask::Dissolve,
            18 => Ask::ListRooms,
            _ => {
                if self.questions.is_empty() {
                    return;
                }
                let (who, invitation) = self.questions.remove(self.random.usize(..self.questions.len()));
                let accept = self.random.u8(..4) > 0;
                let ticket = self.hall.wants(who, Ask::Answer { invitation, accept });
                self.moving.extend(accept.then_some((ticket, who)));
                self.open.insert(ticket, who);
                return;
            }
        };
        let moves = matches!(ask, Ask::Join(_));
        let ticket = self.hall.wants(who, ask);
        self.open.insert(ticket, who);
        self.moving.extend(moves.then_some((ticket, who)));
    }

    fn mode(&mut self) -> Mode {
        if self.random.bool() { Mode::Direct } else { Mode::Central }
    }

    fn room(&self, who: usize) -> Option<String> {
        self.hall.clients[who].room().map(|(name, _)| name.into())
    }

    fn some_room(&mut self) -> String {
        let who = self.random.usize(..PEOPLE.len());
        self.room(who).unwrap_or_else(|| "messagerie1".into())
    }

    fn passes(&mut self, wait: Duration) {
        // In small steps, so that nobody is in a room unnoticed.
        for _ in 0..(wait.as_millis() / 20).max(1) {
            self.hall.passes(ms(20));
            self.notes();
        }
    }

    fn notes(&mut self) {
        for who in 0..PEOPLE.len() {
            let is_moving = self.moving.values().any(|moving| *moving == who);
            let here = (self.room(who), is_moving);
            if self.rooms[who].last().is_none_or(|(_, last)| *last != here) {
                self.rooms[who].push((self.hall.now, here));
            }
            for event in self.hall.told(who) {
                self.told(who, event);
            }
        }
    }

    fn told(&mut self, who: usize, event: Event) {
        match event {
            Event::Text { fate: Fate::Delayed, .. } => {}
            Event::Text { ticket, fate } => {
                assert!(self.open.remove(&ticket).is_some(), "a second last word for {ticket:?}");
                let what = if fate == Fate::Delivered { "delivered" } else { "given up" };
                *self.counts.entry(what).or_default() += 1;
                let said = self.said.values_mut().find(|said| said.ticket == ticket).unwrap();
                said.fate = Some((self.hall.now, fate));
            }
            Event::Answered { ticket, answer } => {
                self.moving.remove(&ticket);
                if answer == Answer::Unanswered {
                    // He was moved, does not know where to, and goes home.
                    self.rooms[who].push((self.hall.now, (Some(ANYWHERE.into()), true)));
                }
                assert!(self.open.remove(&ticket).is_some(), "a second last word for {ticket:?}");
                if matches!(answer, Answer::In { .. }) {
                    *self.counts.entry("in").or_default() += 1;
                }
            }
            Event::Invited { invitation, .. } | Event::Question { question: invitation, .. } => {
                self.questions.push((who, invitation));
            }
            Event::Opened { .. } => *self.counts.entry("opened").or_default() += 1,
            Event::Heard { text, .. } if self.said.contains_key(&text) => {
                let said = self.said.get_mut(&text).unwrap();
                assert_ne!(said.by, who, "one's own text: {text}");
                let before = said.heard.insert(who, self.hall.now);
                // Who leaves a decentralised room and comes back does not know any more what came straight (M27).
                let moved = before.is_some_and(|before| self.rooms_of(who, before, self.hall.now).len() > 1);
                assert!(before.is_none() || moved, "{text} is heard twice by {}", PEOPLE[who]);
                *self.counts.entry("heard").or_default() += 1;
            }
            _ => {}
        }
    }

    /// The rooms that somebody thought to be in during this time.
    fn rooms_of(&self, who: usize, from: Instant, to: Instant) -> Vec<&Whereabouts> {
        let moves = &self.rooms[who];
        let ends = moves.iter().skip(1).map(|(at, _)| *at).chain([Instant::from_secs(u64::MAX)]);
        let during = moves.iter().zip(ends).filter(|((begins, _), ends)| *begins <= to && *ends >= from);
        during.map(|((_, room), _)| room).collect()
    }

    /// Nobody hears what was said where he was not, and who was there hears what was delivered.
    ///
    /// Gives how often somebody hears a text where he does not know to be: a manager may let him in after he has stopped
    /// waiting, and then he goes home, but hears what is said until he is there.
    fn judge(&self, seed: u64) -> usize {
        let mut strays = 0;
        for (text, said) in &self.said {
            let (settled, fate) = said.fate.clone().unwrap();
            let authors = self.rooms_of(said.by, said.at, settled + LATE);
            for (who, at) in &said.heard {
                let since = Instant::ZERO + said.at.since(Instant::ZERO + LATE);
                let hearers = self.rooms_of(*who, since, *at + LATE);
                let meet = |a: &Whereabouts, b: &Whereabouts| a.0 == b.0 || b.0.as_deref() == Some(ANYWHERE);
                let doubts = self.rooms_of(*who, *at, *at).iter().any(|(_, moving)| *moving);
                let met =
                    doubts || authors.iter().any(|author| hearers.iter().any(|hearer| meet(author, hearer)));
                strays += usize::from(!met);
            }
            let since = Instant::ZERO + said.at.since(Instant::ZERO + LATE);
            let [room @ (_, false)] = self.rooms_of(said.by, since, settled + LATE)[..] else { continue };
            for who in (0..PEOPLE.len()).filter(|who| *who != said.by && fate == Fate::Delivered) {
                let was_there = self.rooms_of(who, since, settled + LATE) == [room];
                let has_heard = said.heard.contains_key(&who);
                assert!(
                    has_heard || !was_there,
                    "seed {seed}: {} in {room:?} does not hear {text} of {}, said at {}",
                    PEOPLE[who],
                    PEOPLE[said.by],
                    said.at
                );
            }
        }
        strays
    }
}

#[test]
fn s6_m28_whatever_happens_each_request_has_one_last_word_and_no_text_is_heard_twice() {
    let mut totals: BTreeMap<&'static str, usize> = BTreeMap::new();
    for seed in 0..60 {
        let mut story = Story::new(seed);
        for _ in 0..120 {
            story.step();
            let wait = story.random.u64(1..1_500);
            story.passes(ms(wait));
        }
        story.hall.net.set_default(Conditions { delay: ms(20), ..Conditions::default() });
        story.passes(ms(200_000));
        assert!(story.open.is_empty(), "seed {seed}: no last word for {:?}", story.open);
        for (who, client) in story.hall.clients.iter().enumerate() {
            assert!(client.is_idle(), "seed {seed}: {} is not idle", PEOPLE[who]);
        }
        *totals.entry("strays").or_default() += story.judge(seed);
        for (what, count) in story.counts {
            *totals.entry(what).or_default() += count;
        }
    }
    assert!(totals["strays"] * 500 <= totals["heard"], "{totals:?}");
    for what in ["delivered", "given up", "in", "opened", "heard"] {
        assert!(totals.get(what).is_some_and(|count| *count > 50), "{totals:?}");
    }
}
