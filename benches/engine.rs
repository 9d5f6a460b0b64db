//! The whole server without sockets: texts said in a room, relayed, acknowledged by everybody.
//!
//! In: nothing. Out: how long one acknowledged delivery takes, and how many of them fit a second on one core. Each delivery
//! is a text encoded for its receiver, taken from the server's outputs, and its REPONSE_TEXTE decoded and matched; the
//! client's side of it (making those four bytes) is in the time too.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench that meets the unexpected must fail loudly"
)]

mod measure;

use std::net::SocketAddr;

use measure::{Group, Measure};
use palabre::dialect::msp::{Body, Header, Kind, Message, Name};
use palabre::engine::{Config, Counter, Input, Output, Rate, Server};
use palabre::ids::ListenerId;
use palabre::time::{Duration, Instant};
use palabre::wire::{BitReader, BitWriter};

const LISTENER: ListenerId = ListenerId(0);

/// A server with `people` in the public room, the first of whom talks.
struct Room {
    server: Server,
    now: Instant,
    text: String,
    seq: u16,
    datagram: Vec<u8>,
    answers: Vec<(SocketAddr, Vec<u8>)>,
}

impl Room {
    fn new(people: u8, text_bytes: usize) -> Self {
        let mut config = Config::msp();
        config.limits.requests = Rate { per_second: 1_000_000, burst: 1_000_000 };
        let mut room = Self {
            server: Server::new(config, 1),
            now: Instant::ZERO,
            text: "x".repeat(text_bytes),
            seq: 0,
            datagram: Vec::new(),
            answers: Vec::new(),
        };
        for id in 1..=people {
            let name = format!("user{id}");
            room.datagram.clear();
            let hello = Message { user: 0, seq: 1, body: Body::Connect { name: Name::new(&name) } };
            hello.encode(&mut room.datagram).expect("a short message");
            room.server.handle_input(
                room.now,
                Input::Datagram { listener: LISTENER, from: address(id), bytes: &room.datagram },
            );
            room.acknowledge();
        }
        room
    }

    /// The first of them says something; everybody else acknowledges it.
    fn say(&mut self) {
        self.seq = self.seq.wrapping_add(1);
        self.now = self.now + Duration::from_micros(50);
        self.datagram.clear();
        let text = Message {
            user: 1,
            seq: self.seq,
            body: Body::Text { text: self.text.as_str().into(), order: None },
        };
        text.encode(&mut self.datagram).expect("a short message");
        self.server.handle_input(
            self.now,
            Input::Datagram { listener: LISTENER, from: address(1), bytes: &self.datagram },
        );
        self.acknowledge();
        if self.server.poll_timeout().is_some_and(|due| due <= self.now) {
            self.server.handle_timeout(self.now);
        }
    }

    /// Answers everything the server asks, until it asks nothing more.
    fn acknowledge(&mut self) {
        loop {
            let mut count = 0;
            while let Some(output) = self.server.poll_output() {
                let Output::Datagram(out) = output else { continue };
                if self.answers.len() == count {
                    self.answers.push((out.to, Vec::with_capacity(64)));
                }
                let (to, bytes) = &mut self.answers[count];
                *to = out.to;
                bytes.clear();
                out.payload.copy_to(bytes);
                let header = Header::decode(&mut BitReader::new(bytes)).expect("a message");
                if header.kind == Kind::Text {
                    let id = out.to.port().to_be_bytes()[1];
                    bytes.clear();
                    let mut writer = BitWriter::new(bytes);
                    Header { kind: Kind::TextReply, user: id, seq: header.seq }.encode(&mut writer);
                    writer.finish();
                    count += 1;
                }
            }
            if count == 0 {
                return;
            }
            for (from, bytes) in &self.answers[..count] {
                self.server
                    .handle_input(self.now, Input::Datagram { listener: LISTENER, from: *from, bytes });
            }
        }
    }
}

/// Everybody has a port whose low byte is his id.
fn address(id: u8) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 0x9c00 | u16::from(id)))
}

fn main() {
    let measure = Measure::from_args();
    for people in [2, 50, 253] {
        let mut room = Room::new(people, 100);
        let before = room.server.stats().count(Counter::Deliveries);
        let group = Group::new(format!("a text of 100 bytes in a room of {people}"))
            .with("said, relayed and acknowledged by all", || room.say());
        let median = measure.run(group).first().copied().unwrap_or_default();
        let deliveries = f64::from(people - 1);
        println!("  {:<42} {:>10.1}", "for each acknowledged delivery", median / deliveries);
        println!("  {:<42} {:>10.0}", "acknowledged deliveries a second", deliveries / median * 1e9);
        assert!(room.server.stats().count(Counter::Deliveries) > before, "texts were delivered");
    }
}
