//! A made-up evening: who does what when, which links fail, which programs end. All of it follows from the seed.
//!
//! In: a seed. Out: a world that has lived through it and is quiet again, judged. Must not know what is right.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use palabre::client::{Ask, Invitation};
use palabre::netsim::Conditions;
use palabre::time::{Duration, Instant};

use super::setting::{Cast, setup, worst_weather};
use super::verdict::{Figures, judge};
use super::world::World;

/// Something that is to happen later.
#[derive(Clone, Copy, Debug)]
pub(super) enum Deed {
    Start(usize),
    Rejoin(SocketAddr),
    Reopen(SocketAddr, SocketAddr),
    Heal(SocketAddr, SocketAddr),
    Answer(usize, Invitation),
    Choose(usize),
    Weather,
}

/// One run.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(super) world: World,
    pub(super) chance: fastrand::Rng,
    pub(super) cast: Cast,
    later: BTreeMap<(Instant, u64), Deed>,
    /// Nodes whose program will start.
    coming: BTreeSet<usize>,
    deeds: u64,
    /// The worst the network is in this run.
    worst: Conditions,
    /// Milliseconds between two things that happen, on average.
    pace: u64,
}

/// Lives through the scenario of `seed`. Gives its figures and its length in virtual time.
pub(crate) fn run(seed: u64, cast: Cast, trace: bool) -> Result<(Figures, Duration), String> {
    let mut scenario = Scenario::new(seed, cast, trace);
    let longest = match cast {
        Cast::Msp => 120,
        Cast::Mixed => 180,
        Cast::Talkative => 40,
    };
    let end = scenario.world.now + Duration::from_secs(scenario.chance.u64(30..=longest));
    scenario.live(end);
    let figures = scenario.heal()?;
    Ok((figures, scenario.world.now.since(Instant::ZERO)))
}

impl Scenario {
    fn new(seed: u64, cast: Cast, trace: bool) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        let setup = setup(&mut chance, cast, trace);
        let worst = worst_weather(&mut chance, cast, setup.msp.integrity);
        let pace = if cast == Cast::Talkative { chance.u64(2..5) } else { chance.u64(20..400) };
        Self {
            world: World::new(setup),
            chance,
            cast,
            later: BTreeMap::new(),
            coming: BTreeSet::new(),
            deeds: 0,
            worst,
            pace,
        }
    }

    fn live(&mut self, end: Instant) {
        self.world.net.set_default(self.worst);
        for n in 0..self.world.nodes.len() {
            let when = self.chance.u64(..3_000);
            self.start_later(n, when);
        }
        self.do_later(5_000, Deed::Weather);
        while self.world.now < end {
            let wait = self.chance.u64(..=2 * self.pace);
            let next = (self.world.now + Duration::from_millis(wait)).min(end);
            self.pass(next);
            self.something_happens();
        }
    }

    /// Lets time pass, with all that was to happen meanwhile.
    fn pass(&mut self, until: Instant) {
        while let Some(entry) = self.later.first_entry().filter(|entry| entry.key().0 <= until) {
            let ((at, _), deed) = entry.remove_entry();
            while self.world.step(at) {}
            self.do_now(deed);
        }
        while self.world.step(until) {}
    }

    pub(super) fn do_later(&mut self, millis: u64, deed: Deed) {
        self.deeds += 1;
        self.later.insert((self.world.now + Duration::from_millis(millis), self.deeds), deed);
    }

    /// Starts a program after a pause that is longer than any copy of what the former one sent is under way.
    fn start_later(&mut self, n: usize, millis: u64) {
        self.coming.insert(n);
        self.do_later(millis, Deed::Start(n));
    }

    fn do_now(&mut self, deed: Deed) {
        match deed {
            Deed::Start(n) => {
                self.coming.remove(&n);
                let elsewhere = self.chance.u8(..4) == 0;
                self.world.start(n, elsewhere);
            }
            Deed::Reopen(from, to) => self.world.net.set(from, to, self.worst),
            Deed::Rejoin(place) => self.world.net.rejoin(place),
            Deed::Heal(a, b) => self.world.net.heal(a, b),
            Deed::Answer(n, invitation) => self.answers(n, invitation),
            Deed::Choose(n) => self.chooses(n),
            Deed::Weather => {
                let calm = Conditions { loss: 0.0, burst: None, corrupt: 0.0, ..self.worst };
                let weather = if self.chance.u8(..3) == 0 { calm } else { self.worst };
                self.world.net.set_default(weather);
                let wait = self.chance.u64(2_000..15_000);
                self.do_later(wait, Deed::Weather);
            }
        }
    }

    fn something_happens(&mut self) {
        let n = self.chance.usize(..self.world.nodes.len());
        let node = &self.world.nodes[n];
        if node.client.is_none() || node.person.has_ended {
            if self.chance.u8(..8) == 0 && !self.coming.contains(&n) {
                self.world.kill(n);
                self.start_later(n, 2_000);
            }
            return;
        }
        if let Some(question) = self.open_question(n)
            && self.chance.u8(..3) == 0
        {
            // Now and then somebody is asked something whom others cannot wait for.
            let longest = if self.chance.u8(..6) == 0 { 55_000 } else { 3_000 };
            let wait = self.chance.u64(..longest);
            return self.do_later(wait, Deed::Answer(n, question));
        }
        if self.cast == Cast::Talkative {
            return self.says(n);
        }
        match self.chance.u8(..100) {
            0..=2 => self.trouble(n),
            3 => self.cut_two(n),
            4..=30 => self.moves_about(n),
            31..=34 => self.lists(n),
            35..=37 => (0..self.chance.usize(2..25)).for_each(|_| self.says(n)),
            _ => self.says(n),
        }
    }

    /// A link is cut for a while, or a program ends: without a word, or as its user wants.
    fn trouble(&mut self, n: usize) {
        match self.chance.u8(..8) {
            0 => self.world.ask(n, Ask::Disconnect),
            1 => {
                self.world.kill(n);
                let down = self.chance.u64(2_000..8_000);
                self.start_later(n, down);
            }
            2 => self.one_way(n),
            kind => {
                self.world.net.isolate(self.world.nodes[n].address);
                let longest = if kind < 4 { 40_000 } else { 12_000 };
                let away = self.chance.u64(200..longest);
                self.do_later(away, Deed::Rejoin(self.world.nodes[n].address));
            }
        }
    }

    /// One hears nothing any more, or is not heard: what he asks is done, and he does not know it.
    fn one_way(&mut self, n: usize) {
        let (client, server) = (self.world.nodes[n].address, self.world.server_place(n));
        let (from, to) = if self.chance.u8(..3) > 0 { (server, client) } else { (client, server) };
        self.world.net.set(from, to, Conditions { loss: 1.0, burst: None, ..self.worst });
        let closed = self.chance.u64(500..25_000);
        self.do_later(closed, Deed::Reopen(from, to));
    }

    /// Two clients do not reach each other: in a decentralised room they need the server.
    fn cut_two(&mut self, n: usize) {
        let other = self.chance.usize(..self.world.nodes.len());
        if other != n {
            let (one, another) = (self.world.nodes[n].address, self.world.nodes[other].address);
            self.world.net.cut(one, another);
            let apart = self.chance.u64(1_000..30_000);
            self.do_later(apart, Deed::Heal(one, another));
        }
    }

    /// The network is good again; all comes to an end.
    fn heal(&mut self) -> Result<Figures, String> {
        let mild = Conditions { delay: self.worst.delay, ..Conditions::default() };
        self.world.net.set_default(mild);
        self.later.retain(|_, deed| matches!(deed, Deed::Start(_) | Deed::Answer(..) | Deed::Choose(_)));
        let places: Vec<_> = self.world.journal.places().collect();
        for (n, place) in places.iter().enumerate() {
            self.world.net.rejoin(*place);
            for server in self.world.server_places() {
                self.world.net.set_both(*place, server, mild);
            }
            for other in places.iter().skip(n) {
                self.world.net.heal(*place, *other);
            }
        }
        let mut verdict = Err("never judged".into());
        for _ in 0..100 {
            let next = self.world.now + Duration::from_secs(2);
            self.pass(next);
            verdict = judge(&self.world);
            if verdict.is_ok() {
                break;
            }
        }
        verdict
    }
}
