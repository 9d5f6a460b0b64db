//! A bad link for connections.
//!
//! In: connections of clients. Out: one to the target for each, and what passes between the two, late, slowly, with stalls
//! and cuts. Must not know what is in the bytes.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;

use mio::event::Event;
use mio::net::TcpStream;
use mio::{Registry, Token};
use socket2::SockRef;

use super::connection::{Connection, Fate};
use super::course::{Course, Flow};
use super::stalls::now_and_then;
use super::{Carrier, LISTENER, MOST_CLIENTS, OTHER_WAY, Totals, Traffic};
use crate::daemon::TcpListener;
use crate::daemon::clock::Clock;
use crate::time::{Duration, Instant};

/// How much is read at once.
const RECEIVE_BUFFER: usize = 16 << 10;
/// How many are accepted in one turn.
const BUDGET: usize = 64;

/// All connections.
#[derive(Debug)]
pub(super) struct Streams {
    listener: TcpListener,
    target: SocketAddr,
    /// The way there, and the way back.
    courses: [Course; 2],
    connections: BTreeMap<usize, Connection>,
    /// The number of the last one that came; its two tokens follow from it, and none is used twice.
    last: usize,
    chance: fastrand::Rng,
    cut_every: Option<Duration>,
    come: u64,
    gone: u64,
    cut: u64,
    buffer: Vec<u8>,
}

impl Streams {
    pub(super) fn bind(
        listen: SocketAddr,
        target: SocketAddr,
        seed: u64,
        [there, back]: [Flow; 2],
        cut_every: Option<Duration>,
        registry: &Registry,
    ) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(listen, registry, LISTENER)?,
            target,
            courses: [Course::new(seed, seed, there), Course::new(seed ^ OTHER_WAY, seed, back)],
            connections: BTreeMap::new(),
            last: 0,
            // Else a cut would always come at the same share of its time as a stall of its own.
            chance: fastrand::Rng::with_seed(!seed),
            cut_every,
            come: 0,
            gone: 0,
            cut: 0,
            buffer: vec![0; RECEIVE_BUFFER],
        })
    }

    fn accept(&mut self, clock: &Clock, registry: &Registry) {
        for _ in 0..BUDGET {
            if !self.listener.is_readable() {
                return;
            }
            let Some((client, _)) = self.listener.accept(clock.now()) else { continue };
            self.come = self.come.wrapping_add(1);
            // Drawn for each in turn, whatever becomes of it: the fifth always lives as long.
            let life = self.cut_every.map(|mean| now_and_then(&mut self.chance, mean));
            let cut_at = life.map(|life| clock.now() + life);
            if let Err(client) = self.connect(client, cut_at, registry) {
                self.gone = self.gone.wrapping_add(1);
                let _ = client.map(|client| SockRef::from(&client).set_linger(Some(Duration::ZERO)));
            }
        }
    }

    /// Gives a client a connection to the target, or gives the client back.
    fn connect(
        &mut self,
        client: TcpStream,
        cut_at: Option<Instant>,
        registry: &Registry,
    ) -> Result<(), Option<TcpStream>> {
        if self.connections.len() >= MOST_CLIENTS {
            return Err(Some(client));
        }
        let Ok(target) = TcpStream::connect(self.target) else { return Err(Some(client)) };
        let mut connection = Connection::new(client, target, cut_at);
        self.last = self.last.wrapping_add(1);
        if connection.watch(registry, tokens(self.last)).is_err() {
            connection.abort();
            return Err(None);
        }
        self.connections.insert(self.last, connection);
        Ok(())
    }

    fn remove(&mut self, number: usize, is_over: bool) {
        let Some(connection) = self.connections.remove(&number) else { return };
        for (course, left) in self.courses.iter_mut().zip(connection.under_way()) {
            course.traffic.lost = course.traffic.lost.wrapping_add(left);
        }
        if !is_over {
            connection.abort();
        }
    }
}

impl Carrier for Streams {
    fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    fn wake(&mut self, event: &Event) {
        let Token(token) = event.token();
        if event.token() == LISTENER {
            self.listener.wake();
        } else if let Some(connection) = self.connections.get_mut(&(token / 2)) {
            connection.wake(token % 2 == 0, event);
        }
    }

    fn turn(&mut self, clock: &Clock, registry: &Registry) {
        self.listener.resume(clock.now());
        self.accept(clock, registry);
        let Self { connections, courses, buffer, cut, .. } = self;
        let mut done = Vec::new();
        for (&number, connection) in connections.iter_mut() {
            if connection.cut_at.is_some_and(|at| at <= clock.now()) {
                *cut = cut.wrapping_add(1);
                done.push((number, false));
                continue;
            }
            match connection.turn(clock, courses, buffer) {
                Fate::Open => {}
                Fate::Over => done.push((number, true)),
                Fate::Broken => done.push((number, false)),
            }
        }
        for (number, is_over) in done {
            self.remove(number, is_over);
        }
    }

    fn due(&self) -> Option<Instant> {
        let connections = self.connections.values().map(|connection| connection.due(&self.courses));
        connections.chain([self.listener.due()]).flatten().min()
    }

    fn is_busy(&self) -> bool {
        self.listener.is_readable() || self.connections.values().any(Connection::is_busy)
    }

    fn totals(&self) -> Totals {
        let under_way =
            |way: fn([u64; 2]) -> u64| self.connections.values().map(|it| way(it.under_way())).sum();
        let traffic = |course: &Course, under_way| Traffic {
            under_way,
            bytes: course.traffic.delivered,
            ..course.traffic
        };
        let [there, back] = &self.courses;
        Totals {
            there: traffic(there, under_way(|[there, _]| there)),
            back: traffic(back, under_way(|[_, back]| back)),
            clients: u64::try_from(self.connections.len()).unwrap_or(u64::MAX),
            come: self.come,
            gone: self.gone,
            cut: self.cut,
            stalls: there.working.count().max(back.working.count()),
        }
    }
}

/// Of the client's end, and of the target's.
const fn tokens(number: usize) -> [Token; 2] {
    let client = number.wrapping_mul(2);
    [Token(client), Token(client.wrapping_add(1))]
}
