//! The whole server without sockets: texts said in a room, relayed, acknowledged by everybody.
//!
//! In: nothing. Out: how long one acknowledged delivery takes, and how many of them fit a second on one core, in a room of
//! either protocol and in one of both. Each delivery is a text encoded for its receiver, taken from the server's outputs,
//! and its acknowledgement decoded and matched; the client's side of it (making those four bytes) is in the time too.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench that meets the unexpected must fail loudly"
)]

mod measure;

use std::net::SocketAddr;

use measure::{Group, Measure};
use palabre::dialect::{msp, shen};
use palabre::engine::{Config, Counter, Dialect, Input, Listener, Output, Rate, Server};
use palabre::ids::ListenerId;
use palabre::time::{Duration, Instant};
use palabre::wire::{BitReader, BitWriter};

/// Where each protocol is spoken.
const MSP: ListenerId = ListenerId(0);
const SHEN: ListenerId = ListenerId(1);

/// A server with people in the public room, the first of whom talks.
struct Room {
    server: Server,
    now: Instant,
    text: String,
    speaker: ListenerId,
    seq: u16,
    datagram: Vec<u8>,
    answers: Vec<(ListenerId, SocketAddr, Vec<u8>)>,
}

impl Room {
    /// Of `people`, each speaks one of these protocols in turn.
    fn new(people: u8, speaks: &[Dialect], text_bytes: usize) -> Self {
        let mut config = Config::new(vec![Listener::msp(), Listener::shen()]);
        config.limits.requests = Rate { per_second: 1_000_000, burst: 1_000_000 };
        let mut room = Self {
            server: Server::new(config, 1),
            now: Instant::ZERO,
            text: "x".repeat(text_bytes),
            speaker: listener(speaks[0]),
            seq: 1,
            datagram: Vec::new(),
            answers: Vec::new(),
        };
        for (id, dialect) in (1..=people).zip(speaks.iter().cycle()) {
            let name = format!("user{id}");
            room.datagram.clear();
            match dialect {
                Dialect::Msp => {
                    let body = msp::Body::Connect { name: msp::Name::new(&name) };
                    msp::Message { user: 0, seq: 1, body }.encode(&mut room.datagram).expect("short");
                }
                _ => {
                    let body = shen::Body::plain(shen::Kind::Connect, name);
                    shen::Message { seq: 1, body }.encode(&mut room.datagram).expect("short");
                }
            }
            room.hand_in(listener(*dialect), address(id));
            room.acknowledge();
        }
        room
    }

    /// The first of them says something; everybody else acknowledges it.
    fn say(&mut self) {
        self.now = self.now + Duration::from_micros(50);
        self.datagram.clear();
        let text = self.text.as_str().into();
        if self.speaker == MSP {
            self.seq = self.seq.wrapping_add(1);
            let body = msp::Body::Text { text, order: None };
            msp::Message { user: 1, seq: self.seq, body }.encode(&mut self.datagram).expect("short");
        } else {
            self.seq = (self.seq + 1) % 1_024;
            let body = shen::Body::Speech { kind: shen::Kind::Send, emitter: 0, receiver: 0, text };
            shen::Message { seq: self.seq, body }.encode(&mut self.datagram).expect("short");
        }
        self.hand_in(self.speaker, address(1));
        self.acknowledge();
        if self.server.poll_timeout().is_some_and(|due| due <= self.now) {
            self.server.handle_timeout(self.now);
        }
    }

    fn hand_in(&mut self, listener: ListenerId, from: SocketAddr) {
        self.server.handle_input(self.now, Input::Datagram { listener, from, bytes: &self.datagram });
    }

    /// Answers everything the server asks, until it asks nothing more.
    fn acknowledge(&mut self) {
        loop {
            let mut count = 0;
            while let Some(output) = self.server.poll_output() {
                let Output::Datagram(out) = output else { continue };
                if self.answers.len() == count {
                    self.answers.push((out.listener, out.to, Vec::with_capacity(64)));
                }
                let (listener, to, bytes) = &mut self.answers[count];
                (*listener, *to) = (out.listener, out.to);
                bytes.clear();
                out.payload.copy_to(bytes);
                let asks = if out.listener == MSP {
                    acknowledge_msp(bytes, out.to.port().to_be_bytes()[1])
                } else {
                    acknowledge_shen(bytes)
                };
                count += usize::from(asks);
            }
            if count == 0 {
                return;
            }
            for (listener, from, bytes) in &self.answers[..count] {
                let input = Input::Datagram { listener: *listener, from: *from, bytes };
                self.server.handle_input(self.now, input);
            }
        }
    }
}

/// Puts the acknowledgement of a text in its place; false for what is no text.
fn acknowledge_msp(bytes: &mut Vec<u8>, id: u8) -> bool {
    let header = msp::Header::decode(&mut BitReader::new(bytes)).expect("a message");
    bytes.clear();
    let mut writer = BitWriter::new(bytes);
    msp::Header { kind: msp::Kind::TextReply, user: id, seq: header.seq }.encode(&mut writer);
    writer.finish();
    header.kind == msp::Kind::Text
}

fn acknowledge_shen(bytes: &mut Vec<u8>) -> bool {
    let header = shen::RawHeader::peek(bytes).expect("a message");
    bytes.clear();
    let body = shen::Body::plain(shen::Kind::Ack, "");
    shen::Message { seq: header.seq, body }.encode(bytes).expect("short");
    header.kind() == Some(shen::Kind::Relay)
}

const fn listener(dialect: Dialect) -> ListenerId {
    match dialect {
        Dialect::Msp => MSP,
        _ => SHEN,
    }
}

/// Everybody has a port whose low byte is his number.
fn address(id: u8) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 0x9c00 | u16::from(id)))
}

fn main() {
    let measure = Measure::from_args();
    let both = [Dialect::Msp, Dialect::Shen];
    for (who, speaks) in [("MSP", &both[..1]), ("Shen", &both[1..]), ("both", &both[..])] {
        for people in [2, 50, 253] {
            let mut room = Room::new(people, speaks, 100);
            let before = room.server.stats().count(Counter::Deliveries);
            let group = Group::new(format!("{who}: a text of 100 bytes in a room of {people}"))
                .with("said, relayed and acknowledged by all", || room.say());
            let median = measure.run(group).first().copied().unwrap_or_default();
            let deliveries = f64::from(people - 1);
            println!("  {:<42} {:>10.1}", "for each acknowledged delivery", median / deliveries);
            println!("  {:<42} {:>10.0}", "acknowledged deliveries a second", deliveries / median * 1e9);
            assert!(room.server.stats().count(Counter::Deliveries) > before, "texts were delivered");
        }
    }
}
