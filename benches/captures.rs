//! Captures without files: two people talk, the server is captured, and the capture is read, told and checked.
//!
//! In: nothing; `PALABRE_BIG=FILE` writes a capture of 100 MB there instead, to try programs on. Out: nanoseconds a packet.
//! Half of the packets are texts of 40 bytes, the others their acknowledgements.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench that meets the unexpected must fail loudly"
)]

mod measure;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::net::SocketAddr;

use measure::{Group, Measure};
use palabre::capture::{Event, FORMAT, Header, Reader, Recorder, Writer};
use palabre::dialect::msp;
use palabre::engine::{Config, Input, Integrity, Output, Rate, Server};
use palabre::ids::ListenerId;
use palabre::replay::check::Check;
use palabre::replay::{Ports, Story};
use palabre::time::{Duration, Instant};
use palabre::wire::Payload;

/// Texts in the capture that is measured. Each brings four packets: to the server, its answer, to the other, his answer.
const TEXTS: usize = 500;
/// How large the capture that is asked for is.
const BIG: u64 = 100_000_000;
const SERVER: &str = "127.0.0.1:7401";

/// A captured server and who talks there.
struct Talk<W: Write> {
    server: Server,
    recorder: Recorder,
    writer: Writer<W>,
    now: Instant,
    seq: u16,
}

impl<W: Write> Talk<W> {
    fn new(out: W) -> Self {
        let mut config = Config::msp();
        config.limits.requests = Rate { per_second: 1_000_000, burst: 1_000_000 };
        let addresses: Vec<SocketAddr> = vec![SERVER.parse().expect("an address")];
        let header = Header {
            palabre: env!("CARGO_PKG_VERSION").into(),
            format: FORMAT,
            part: 1,
            seed: 7,
            origin: 1_700_000_000_000_000,
            addresses: addresses.clone(),
            config: config.clone(),
            names: [].into(),
            files: 0,
        };
        let mut talk = Self {
            server: Server::new(config, header.seed),
            recorder: Recorder::new(header.origin, addresses),
            writer: Writer::new(out, &header).expect("a writer"),
            now: Instant::ZERO,
            seq: 0,
        };
        for person in [1, 2] {
            let name = format!("person{person}");
            talk.ask(person, 0, msp::Body::Connect { name: msp::Name::new(&name) });
        }
        talk
    }

    /// The first says something that the other acknowledges.
    fn say(&mut self) {
        let text = "x".repeat(40);
        self.ask(1, 1, msp::Body::Text { text: text.as_str().into(), order: None });
    }

    fn ask(&mut self, person: u16, user: u8, body: msp::Body<'_>) {
        self.now = self.now + Duration::from_micros(200);
        self.seq = self.seq.wrapping_add(1);
        let mut datagram = Vec::new();
        msp::Message { user, seq: self.seq, body }.encode(&mut datagram).expect("short");
        let mut said = vec![(person, datagram)];
        while let Some((person, bytes)) = said.pop() {
            let from = SocketAddr::from(([127, 0, 0, 1], 40_000 + person));
            let input = Input::Datagram { listener: ListenerId(0), from, bytes: &bytes };
            self.server.handle_input(self.now, input);
            self.record(|recorder, now| recorder.input(now, &input, Vec::new()));
            while let Some(output) = self.server.poll_output() {
                self.record(|recorder, now| recorder.output(now, &output, Vec::new()));
                if let Output::Datagram(out) = output {
                    // The first to come has the id 1, the next one 2.
                    let person = out.to.port() - 40_000;
                    said.extend(answer(&out.payload, person).map(|bytes| (person, bytes)));
                }
            }
        }
    }

    fn record(&mut self, tell: impl FnOnce(&mut Recorder, Instant) -> Option<Event>) {
        if let Some(event) = tell(&mut self.recorder, self.now) {
            self.writer.write(&event).expect("room");
        }
    }
}

/// What a client answers to a text; nothing to what is an answer itself.
fn answer(payload: &Payload, person: u16) -> Option<Vec<u8>> {
    let datagram = payload.to_vec();
    let header = msp::RawHeader::peek(&datagram)?;
    (header.kind()? == msp::Kind::Text).then(|| {
        let (mut bytes, user) = (Vec::new(), u8::try_from(person).expect("a small id"));
        let body = msp::Body::TextReply;
        msp::Message { user, seq: header.seq, body }.encode(&mut bytes).expect("short");
        bytes
    })
}

fn read(file: &[u8], mut each: impl FnMut(Event)) -> usize {
    let mut reader = Reader::open(file).expect("a capture");
    let mut count = 0;
    while let Some(event) = reader.next().expect("a whole one") {
        each(event);
        count += 1;
    }
    count
}

fn tell(file: &[u8]) -> usize {
    let mut story = Story::new(Ports::new(Vec::new(), Integrity::None));
    let mut items = 0;
    read(file, |event| {
        story.hear(event);
        items += std::iter::from_fn(|| story.next()).count();
    });
    items
}

fn check(file: &[u8]) -> u64 {
    let header = Reader::open(file).expect("a capture").header().cloned().expect("ours");
    let mut check = Check::new(&[header]).expect("one that can be checked");
    read(file, |event| check.event(&event).expect("equal"));
    check.finish().expect("equal").outputs
}

fn write_big(path: &str) -> io::Result<()> {
    let mut talk = Talk::new(BufWriter::new(File::create(path)?));
    while talk.writer.written() < BIG {
        talk.say();
    }
    talk.writer.finish(0)?.flush()
}

fn main() {
    if let Ok(path) = std::env::var("PALABRE_BIG") {
        return write_big(&path).expect("room on the disk");
    }
    let mut talk = Talk::new(Vec::new());
    (0..TEXTS).for_each(|_| talk.say());
    let file = talk.writer.finish(0).expect("memory");
    let packets = read(&file, drop);
    let medians = Measure::from_args().run(
        Group::new(format!("a capture of {packets} packets, {} bytes", file.len()))
            .with("read", || read(&file, drop))
            .with("read and told", || tell(&file))
            .with("read and checked", || check(&file)),
    );
    for (what, nanos) in ["read", "read and told", "read and checked"].into_iter().zip(medians) {
        println!("  {what}: {:.0} ns a packet", nanos / packets as f64);
    }
}
