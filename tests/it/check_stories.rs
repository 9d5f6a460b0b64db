//! Whatever was captured checks: stories that nobody thought of, and those of the corpus.
//!
//! In: bytes that are read as a story. Out: nothing, or a panic of the tape. Must not know what is said.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use palabre::engine::{Config, Dialect, Input, Listener, Output};
use palabre::ids::{ConnectionId, ListenerId};
use palabre::time::{Duration, Instant};
use proptest::prelude::*;

use crate::bodies::engine_five::Story;
use crate::check_equal::check;
use crate::taped::Tape;

/// Matou, Stories and STUMTP.
const STREAMED: std::ops::Range<usize> = 2..5;

struct Play {
    tape: Tape,
    now: Instant,
    opened: u16,
    /// The listener of each connection, whether its far end reads, and what waits for it.
    wires: BTreeMap<ConnectionId, (usize, bool, usize)>,
    sent: u64,
}

/// Plays a story: it is checked while it is played, and once more when it is told.
fn play(data: &[u8]) {
    let mut story = Story::new(data);
    let mut config = Config::new(Dialect::ALL.map(Listener::of).into());
    (config.limits.connections, config.limits.connections_of_address) = (12, 5);
    (config.limits.max_text, config.limits.backlog) = (600, 2_000);
    let mut tape = Tape::new(config, u64::from(story.byte()));
    tape.keep();
    let mut play = Play { tape, now: Instant::from_secs(1), opened: 0, wires: BTreeMap::new(), sent: 0 };
    while !story.is_over() {
        play.step(&mut story);
    }
    play.waits(Duration::from_secs(200));
    assert!(play.tape.is_checked(), "nothing happened that a capture cannot tell");
    let (header, events) = play.tape.capture();
    assert!(check(&header, &events).is_ok(), "again");
}

impl Play {
    fn step(&mut self, story: &mut Story<'_>) {
        let connection = story.below(self.wires.len().max(1));
        let wire = self.wires.iter().nth(connection).map(|(id, (listener, ..))| (*id, *listener));
        match (story.below(16), wire) {
            (0, _) | (_, None) => self.opens(story),
            (1, _) => self.waits(Duration::from_millis(u64::from(story.u16()))),
            (2, _) if story.below(8) == 0 => self.waits(Duration::from_secs(u64::from(story.byte()) * 4)),
            (3, _) => self.datagram(story),
            (4, Some((connection, _))) if story.below(4) == 0 => self.gone(connection, story.below(2) == 0),
            (5, Some((connection, _))) => {
                let wire = self.wires.get_mut(&connection).unwrap();
                wire.1 = !wire.1;
                self.take();
            }
            (6, Some((connection, _))) => {
                let len = story.below(40);
                let bytes = story.take(len);
                self.input(Input::Bytes { connection, bytes });
            }
            (7, _) if story.byte() == 0xff => self.input(Input::Stop),
            (_, Some((connection, listener))) => self.says(connection, listener, story),
        }
    }

    fn opens(&mut self, story: &mut Story<'_>) {
        let listener = STREAMED.start + story.below(STREAMED.len());
        self.opened += 1;
        let from = SocketAddr::from(([192, 0, 2, (story.byte() & 3) + 1], 1_000 + self.opened));
        let connection = ConnectionId(u64::from(self.opened));
        self.wires.insert(connection, (listener, true, 0));
        self.input(Input::Opened { listener: ListenerId(listener), connection, from });
    }

    /// Says something sensible, in two pieces.
    fn says(&mut self, connection: ConnectionId, listener: usize, story: &mut Story<'_>) {
        self.sent += 1;
        let bytes = match listener {
            2 => story.matou(),
            3 => story.stories(),
            _ => story.stumtp(self.sent, 0, "00"),
        };
        let (before, after) = bytes.split_at(story.below(bytes.len().max(1)));
        self.input(Input::Bytes { connection, bytes: before });
        self.input(Input::Bytes { connection, bytes: after });
    }

    fn gone(&mut self, connection: ConnectionId, politely: bool) {
        if politely {
            return self.input(Input::Ended { connection });
        }
        self.wires.remove(&connection);
        self.input(Input::Closed { connection });
    }

    fn datagram(&mut self, story: &mut Story<'_>) {
        let (listener, host) = (story.below(2), story.byte() & 1);
        let from = SocketAddr::from(([198, 51, 100, host + 1], 1_000));
        let bytes = if listener == 0 { story.msp() } else { story.shen() };
        self.input(Input::Datagram { listener: ListenerId(listener), from, bytes: &bytes });
    }

    /// What the server has done with is not told anything any more, and no packet is without bytes.
    fn input(&mut self, input: Input<'_>) {
        if let Input::Bytes { connection, bytes } = input
            && (bytes.is_empty() || !self.wires.contains_key(&connection))
        {
            return;
        }
        self.tape.handle_input(self.now, input);
        self.drain();
        self.take();
    }

    fn take(&mut self) {
        let takes = |wire: &(usize, bool, usize)| wire.1 && wire.2 > 0;
        while let Some((&connection, wire)) = self.wires.iter_mut().find(|(_, wire)| takes(wire)) {
            let bytes = std::mem::take(&mut wire.2);
            self.tape.handle_input(self.now, Input::Written { connection, bytes });
            self.drain();
        }
    }

    fn waits(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(next) = self.tape.poll_timeout().filter(|next| *next <= end) {
            self.now = next.max(self.now);
            self.tape.handle_timeout(self.now);
            self.drain();
            self.take();
        }
        self.now = end;
    }

    fn drain(&mut self) {
        while let Some(output) = self.tape.poll_output(self.now) {
            match output {
                Output::Bytes { connection, bytes } => {
                    self.wires.get_mut(&connection).unwrap().2 += bytes.len();
                }
                Output::Close { connection, .. } => drop(self.wires.remove(&connection)),
                _ => {}
            }
        }
    }
}

#[test]
fn every_story_of_the_corpus_checks() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/engine_five");
    let files: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 10);
    files.iter().for_each(|file| play(&std::fs::read(file).unwrap()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_was_captured_checks(story in proptest::collection::vec(any::<u8>(), 0..1_500)) {
        play(&story);
    }
}
