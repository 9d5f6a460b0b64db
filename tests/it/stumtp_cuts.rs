//! U3 and U5 with the whole server: people talk, and their connections are cut at any byte, again and again.
//!
//! In: a seed. Out: nothing, or what was heard twice, too late or never. `PALABRE_SEED` tells one story alone.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use palabre::dialect::stories::{Answer, Request, Speaker, Style};
use palabre::dialect::stumtp::{FRAMING, Frame, begun, decode, resume};
use palabre::ids::ListenerId;
use palabre::reliable::{Arrival, Session};
use palabre::time::{Duration, Instant};
use palabre::wire::{Deframer, Terminated};

use crate::served::Served;
use crate::streamed::Line;
use crate::stumtp_client::served;

/// Names of different lengths: their addresses differ in that.
const PEOPLE: [&str; 3] = ["alice", "bob", "caro"];

/// Somebody whose program reconnects by itself.
struct Person {
    name: &'static str,
    from: SocketAddr,
    served: Served,
    line: Line,
    session: Session<String>,
    deframer: Deframer<Terminated>,
    token: Option<String>,
    is_up: bool,
    /// On the way to the server, and on the way back.
    out: Vec<u8>,
    back: Vec<u8>,
    said: Vec<String>,
    /// How many answers came, and what each of the others was heard to say.
    done: usize,
    heard: BTreeMap<String, Vec<String>>,
}

impl Person {
    fn new(served: &Served, name: &'static str) -> Self {
        let from = SocketAddr::from(([203, 0, 113, name.len() as u8], 50_000));
        let mut person = Self {
            name,
            from,
            served: served.clone(),
            line: Line::from(served, ListenerId(0), from),
            session: Session::new(),
            deframer: Deframer::new(FRAMING),
            token: None,
            is_up: false,
            out: Vec::new(),
            back: Vec::new(),
            said: Vec::new(),
            done: 0,
            heard: BTreeMap::new(),
        };
        person.opens();
        person
    }

    /// The first words on a connection.
    fn opens(&mut self) {
        match self.token.clone() {
            None => {
                self.put(0, None, &Request::Login { name: self.name.into() }.text(Style::Quoted).unwrap());
            }
            Some(token) => self.put(0, Some(self.session.seen()), &resume(&token)),
        }
    }

    /// The connection breaks: what is on the way is lost. The server may not have noticed yet.
    fn is_cut(&mut self, noticed: bool) {
        if noticed {
            self.line.dies();
        }
        self.line = Line::from(&self.served, ListenerId(0), self.from);
        self.session.disconnected();
        self.deframer = Deframer::new(FRAMING);
        self.is_up = false;
        self.out.clear();
        self.back.clear();
        self.opens();
    }

    fn put(&mut self, id: u64, ack: Option<u64>, text: &str) {
        Frame::Numbered { id, ack, text }.encode(&mut self.out).unwrap();
    }

    fn says(&mut self) {
        let text = format!("{} {}", self.name, self.said.len());
        self.said.push(text.clone());
        let speaker = Some(Speaker { room: "public".into(), name: self.name.into() });
        let request = Request::Say { speaker, text: text.into() }.text(Style::Quoted).unwrap();
        let id = self.session.send(request.clone(), request.len()).unwrap();
        if self.is_up {
            let ack = self.session.ride();
            self.put(id, ack, &request);
        }
    }

    /// So many bytes arrive at the server.
    fn sends(&mut self, count: usize) {
        let bytes: Vec<u8> = self.out.drain(..count.min(self.out.len())).collect();
        if !bytes.is_empty() {
            self.line.sends(&bytes);
        }
    }

    /// So many bytes arrive from the server.
    fn reads(&mut self, count: usize) {
        self.back.extend(self.line.heard());
        let bytes: Vec<u8> = self.back.drain(..count.min(self.back.len())).collect();
        let mut rest = &bytes[..];
        let mut units = Vec::new();
        while let Some(unit) = self.deframer.next(&mut rest).unwrap() {
            units.push(unit.into_owned());
        }
        units.iter().for_each(|unit| self.hears(decode(unit).unwrap()));
    }

    fn hears(&mut self, frame: Frame<'_>) {
        match frame {
            Frame::Ack(ack) => self.acknowledged(ack),
            Frame::Numbered { id: 0, ack, text } => {
                let token = begun(text).unwrap_or_else(|| panic!("{}: {text}", self.name));
                self.token = Some(token.to_owned());
                self.is_up = true;
                ack.into_iter().for_each(|ack| self.acknowledged(ack));
                let again: Vec<_> =
                    self.session.unacknowledged().map(|(id, text)| (id, text.clone())).collect();
                again.iter().for_each(|(id, text)| self.put(*id, None, text));
            }
            Frame::Numbered { id, ack, text } => {
                ack.into_iter().for_each(|ack| self.acknowledged(ack));
                match self.session.receive(self.served.now(), id) {
                    Arrival::New => self.takes(text),
                    Arrival::Seen => {}
                    Arrival::Gap => panic!("{}: a gap before {id} {text}", self.name),
                }
            }
            Frame::Plain(text) => panic!("{}: {text}", self.name),
        }
    }

    fn acknowledged(&mut self, ack: u64) {
        assert!(self.session.acknowledged(ack).is_ok(), "{}: {ack} was never sent", self.name);
    }

    fn takes(&mut self, text: &str) {
        match Answer::parse(text).unwrap().unwrap() {
            Answer::Done => self.done += 1,
            Answer::Said { name, text, .. } => {
                self.heard.entry(name.into_owned()).or_default().push(text.into_owned());
            }
            Answer::Rooms(_) | Answer::System { .. } => {}
            other => panic!("{}: {other:?}", self.name),
        }
    }

    fn waits(&mut self, now: Instant) {
        if let Some(ack) = self.session.handle_timeout(now) {
            Frame::Ack(ack).encode(&mut self.out).unwrap();
        }
    }
}

/// A story, and its check.
fn story(seed: u64) {
    let served = served();
    let mut random = fastrand::Rng::with_seed(seed);
    let mut people = PEOPLE.map(|name| Person::new(&served, name));
    for _ in 0..400 {
        // Who has not signed in yet hears nothing of what is said before.
        let all_here = people.iter().all(|person| person.session.seen() > 0);
        let person = &mut people[random.usize(..PEOPLE.len())];
        match random.u8(..20) {
            0..6 if all_here => person.says(),
            0..10 => person.sends(random.usize(1..90)),
            10..16 => person.reads(random.usize(1..90)),
            16..18 => served.passes(Duration::from_millis(random.u64(1..70))),
            _ if person.token.is_some() || random.u8(..3) == 0 => {
                // Before it has a token, a program can only begin afresh: the server must know that it is gone (U8).
                let noticed = person.token.is_none() || random.bool();
                person.is_cut(noticed);
            }
            _ => {}
        }
        people.iter_mut().for_each(|person| person.waits(served.now()));
    }
    for _ in 0..8 {
        for person in &mut people {
            person.sends(usize::MAX);
            person.reads(usize::MAX);
        }
        served.passes(Duration::from_millis(50));
        people.iter_mut().for_each(|person| person.waits(served.now()));
    }
    judged(seed, &people);
}

fn judged(seed: u64, people: &[Person]) {
    for person in people {
        assert_eq!(person.done, person.said.len(), "seed {seed}: {} is answered", person.name);
        assert_eq!(person.session.bytes(), 0, "seed {seed}: all of {} is acknowledged", person.name);
        for other in people.iter().filter(|other| other.name != person.name) {
            let heard = person.heard.get(other.name).cloned().unwrap_or_default();
            assert_eq!(heard, other.said, "seed {seed}: what {} hears of {}", person.name, other.name);
        }
    }
}

#[test]
fn u3_u5_everything_is_heard_once_and_in_order_however_connections_are_cut() {
    match std::env::var("PALABRE_SEED") {
        Ok(seed) => story(seed.parse().expect("a number")),
        Err(_) => (0..300).for_each(story),
    }
}
