//! `palabre demo`: eight people of five protocols, one server, and a network that loses a third of everything.
//!
//! In: how bad the network is, a seed. Out: what is said, lost, sent again and heard, as it happens; then a reckoning. Must
//! not know sockets: server and clients are the real ones, the network between them is not.

mod carried;
mod lines;
mod pace;
mod people;
mod person;
mod reckon;
mod shadow;
mod show;
mod story;
mod streams;
mod tell;
mod told;
mod what;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use palabre::client::{Ask, Invitation};
use palabre::netsim::Conditions;
use palabre::time::Instant;

use super::Failure;
use pace::Pace;
use shadow::Shadow;
use show::{Mark, Show};
use story::{Act, STORY, Step};
use world::World;

/// How much virtual time the story may take; with the usual loss it takes half a minute.
const LIMIT: Instant = Instant::from_secs(300);
/// How many members the rooms may have.
const CAPACITY: u8 = 5;
/// In the shadow, the public room has no name.
const PUBLIC: &str = "";

/// The arguments of `palabre demo`.
#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// How many of a hundred datagrams and segments are lost each way: 0 to 60
    #[arg(long, value_name = "PERCENT", default_value = "30", value_parser = clap::value_parser!(u8).range(0..=60))]
    loss: u8,
    /// The same number gives the same story, losses included
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    seed: u64,
    /// How fast time passes: 2 is twice as fast, 0 is as fast as possible
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = speed)]
    speed: f64,
    /// The same as --speed 0
    #[arg(long, conflicts_with = "speed")]
    fast: bool,
}

impl Demo {
    /// Plays the story. The exit code is 1 when not everybody has heard everything.
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let mut play = Play::new(&self);
        play.header(&self);
        let pace = Pace::start(if self.fast { 0.0 } else { self.speed });
        while let Some(next) = play.next() {
            pace.wait_for(next);
            play.go_on(next);
        }
        let good = play.reckoning();
        match play.show.broken().map(io::Error::kind) {
            None | Some(io::ErrorKind::BrokenPipe) if good => Ok(ExitCode::SUCCESS),
            None | Some(io::ErrorKind::BrokenPipe) => Ok(ExitCode::FAILURE),
            Some(_) => Err(Failure::Broken("cannot write to standard output".into())),
        }
    }

    fn conditions(&self) -> Conditions {
        Conditions {
            loss: f64::from(self.loss) / 100.0,
            duplicate: 0.02,
            reorder: 0.05,
            reorder_delay: Duration::from_millis(60),
            delay: Duration::from_millis(25),
            jitter: Duration::from_millis(20),
            ..Conditions::default()
        }
    }
}

/// A story being played.
struct Play {
    world: World,
    shadow: Shadow,
    show: Show,
    steps: &'static [Step],
    /// When the last step was made.
    last_step: Instant,
    /// Who has come and is not registered yet, or is not yet in the room that has opened for him.
    arriving: BTreeSet<usize>,
    /// Who has invited to rooms that nobody has come into yet.
    hosts: BTreeMap<&'static str, usize>,
    invitations: BTreeMap<usize, Invitation>,
    /// Whose texts have been told to wait for a connection.
    waiting: BTreeSet<usize>,
    given_up: usize,
    /// Somebody could not even be registered: the story cannot go on.
    is_stuck: bool,
}

impl Play {
    fn new(demo: &Demo) -> Self {
        Self {
            world: World::new(demo.seed, demo.conditions()),
            shadow: Shadow::default(),
            show: Show::new(),
            steps: STORY,
            last_step: Instant::ZERO,
            arriving: BTreeSet::new(),
            hosts: BTreeMap::new(),
            invitations: BTreeMap::new(),
            waiting: BTreeSet::new(),
            given_up: 0,
            is_stuck: false,
        }
    }

    /// When something happens next; `None` at the end.
    fn next(&self) -> Option<Instant> {
        let world = self.world.poll_timeout();
        let next = match self.steps.first() {
            None if self.is_settled() => None,
            None => world,
            Some(step) => {
                let due = self.last_step + step.after;
                // One that is due waits for something that the world will bring.
                world.into_iter().chain((due > self.world.now || self.is_ready(step)).then_some(due)).min()
            }
        };
        let over = self.is_stuck || self.show.broken().is_some();
        next.map(|next| next.max(self.world.now)).filter(|next| *next <= LIMIT && !over)
    }

    fn go_on(&mut self, now: Instant) {
        self.world.run(now);
        self.show.now = now;
        self.look();
        while let Some(step) = self.steps.first()
            && self.last_step + step.after <= now
            && self.is_ready(step)
        {
            self.last_step = now;
            self.steps = self.steps.get(1..).unwrap_or_default();
            self.act(step.act);
            self.look();
        }
    }

    fn is_ready(&self, step: &Step) -> bool {
        let invited = match step.act {
            Act::Accept(who, _) => self.invitations.contains_key(&who),
            _ => true,
        };
        invited && (!step.settled || self.is_settled())
    }

    fn is_settled(&self) -> bool {
        self.arriving.is_empty() && self.world.is_idle() && self.shadow.is_settled()
    }

    fn act(&mut self, act: Act) {
        let now = self.world.now;
        match act {
            Act::Tell(words) => self.show.tell(words),
            Act::Arrive(who) => {
                self.arriving.insert(who);
                self.shadow.moves(who, Some(PUBLIC));
                self.world.arrive(who);
            }
            Act::Say(who, text) => {
                self.show.said(who, text);
                self.shadow.says(now, who, text);
                self.world.ask(who, Ask::Say(text.into()));
            }
            Act::Create(who, room, mode) => {
                self.shadow.moves(who, Some(room));
                self.world.ask(who, Ask::Create { room: room.into(), mode, capacity: CAPACITY });
            }
            Act::Invite(who, whom) => {
                self.world.ask(who, Ask::Invite(people::name(whom).into()));
            }
            Act::Propose(who, whom, room, mode) => {
                let names = whom.iter().map(|whom| people::name(*whom)).collect::<Vec<_>>().join(", ");
                self.hosts.insert(room, who);
                for ask in [Ask::Invite(names), Ask::Name(room.into()), Ask::ChooseMode(mode)] {
                    self.world.ask(who, ask);
                }
            }
            Act::Accept(who, room) => {
                if let Some(invitation) = self.invitations.remove(&who) {
                    if let Some(host) = self.hosts.remove(room) {
                        self.arriving.insert(host);
                        self.shadow.manages(host, room);
                    }
                    self.shadow.moves(who, Some(room));
                    self.world.ask(who, Ask::Answer { invitation, accept: true });
                }
            }
            Act::Join(who, room) => {
                self.shadow.moves(who, Some(room));
                self.world.ask(who, Ask::Join(room.into()));
            }
            Act::Cut(who) => {
                self.show.news(Mark::Lost, who, "is cut off from everybody");
                self.world.cut(who);
            }
            Act::Heal(who) => {
                self.world.heal(who);
                self.show.news(Mark::Delivered, who, "is on the network again");
            }
            Act::Depart(who) => {
                self.shadow.moves(who, None);
                self.world.ask(who, Ask::Disconnect);
            }
        }
    }
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed| (0.0..=1000.0).contains(speed));
    speed.ok_or_else(|| "it must be a number from 0 to 1000".into())
}
