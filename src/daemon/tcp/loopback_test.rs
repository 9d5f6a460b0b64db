//! Connections on loopback, turned by hand.
//!
//! In: the other end of a real socket. Out: steps. Must not know the engine.

#![expect(clippy::disallowed_types, reason = "the other end of a real socket")]

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener as StdListener, TcpStream as StdStream};

use mio::{Events, Poll};

use super::*;

const NOW: Instant = Instant::ZERO;

struct Bench {
    poll: Poll,
    streams: Streams,
    buffer: Vec<u8>,
}

impl Bench {
    fn new() -> Self {
        Self { poll: Poll::new().unwrap(), streams: Streams::new(1 << 20), buffer: vec![0; 16 << 10] }
    }

    /// One more connection, and its other end.
    fn connect(&mut self) -> (ConnectionId, StdStream) {
        self.connect_with(None)
    }

    /// The same, with an other end for which the system keeps no more than so much.
    fn connect_with(&mut self, window: Option<usize>) -> (ConnectionId, StdStream) {
        let listener = StdListener::bind("127.0.0.1:0").unwrap();
        if let Some(window) = window {
            socket2::SockRef::from(&listener).set_send_buffer_size(256 << 10).unwrap();
            socket2::SockRef::from(&listener).set_recv_buffer_size(window).unwrap();
        }
        let other = StdStream::connect(listener.local_addr().unwrap()).unwrap();
        if let Some(window) = window {
            socket2::SockRef::from(&other).set_recv_buffer_size(window).unwrap();
        }
        other.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let (accepted, _) = listener.accept().unwrap();
        accepted.set_nonblocking(true).unwrap();
        (self.streams.insert(TcpStream::from_std(accepted)), other)
    }

    /// Waits for at most so long, and does what there is to do.
    fn turn(&mut self, patience: Duration) -> Vec<(ConnectionId, Step)> {
        let mut steps = Vec::new();
        steps.extend(self.streams.watch_next(self.poll.registry()).map(|id| (id, Step::Gone)));
        let mut events = Events::with_capacity(16);
        self.poll.poll(&mut events, Some(patience)).unwrap();
        for event in &events {
            steps.extend(self.streams.wake(event).map(|id| (id, Step::Gone)));
        }
        for _ in 0..self.streams.readers() {
            let id = self.streams.next_reader().unwrap();
            steps.push((id, self.streams.read(id, &mut self.buffer)));
            self.streams.read_again_later(id);
        }
        steps.extend(std::iter::from_fn(|| self.streams.write_next(NOW)));
        steps.retain(|(_, step)| *step != Step::Nothing);
        steps
    }

    /// Turns until something happens.
    fn step(&mut self) -> Vec<(ConnectionId, Step)> {
        for _ in 0..1_000 {
            let wait = if self.streams.readers() > 0 { Duration::ZERO } else { Duration::from_secs(1) };
            let steps = self.turn(wait);
            if !steps.is_empty() {
                return steps;
            }
        }
        panic!("nothing happens");
    }

    /// Turns until nobody is left.
    fn turn_out(&mut self) {
        for _ in 0..1_000 {
            if self.streams.is_empty() {
                return;
            }
            assert_eq!(self.turn(Duration::from_secs(1)), [], "the engine has done with them");
        }
        panic!("somebody stays");
    }
}

#[test]
fn who_has_said_all_still_hears_what_is_written_afterwards() {
    let mut bench = Bench::new();
    let (id, mut other) = bench.connect();
    other.write_all(b"hello").unwrap();
    other.shutdown(Shutdown::Write).unwrap();
    assert_eq!(bench.step(), [(id, Step::Bytes(5))]);
    assert_eq!(bench.step(), [(id, Step::Ended)]);
    bench.streams.push(id, Arc::from(&b"good"[..]));
    assert_eq!(bench.streams.write_next(NOW), Some((id, Step::Bytes(4))));
    bench.streams.push(id, Arc::from(&b"bye"[..]));
    bench.streams.close(NOW, id, true);
    bench.turn_out();
    let mut heard = String::new();
    other.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "goodbye");
}

#[test]
fn last_words_arrive_though_something_was_left_unread() {
    let mut bench = Bench::new();
    let (id, mut other) = bench.connect();
    other.write_all(&[7; 32 << 10]).unwrap();
    bench.streams.push(id, Arc::from(&b"no more"[..]));
    bench.streams.close(NOW, id, true);
    assert_eq!(bench.turn(Duration::ZERO), [], "what it says now is for nobody");
    let mut heard = String::new();
    other.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "no more");
    drop(other);
    bench.turn_out();
}

#[test]
fn who_goes_on_talking_while_he_is_let_go_is_cut_off() {
    let mut bench = Bench::new();
    let (id, mut other) = bench.connect();
    bench.streams.close(NOW, id, true);
    let talk = std::thread::spawn(move || while other.write_all(&[7; 4 << 10]).is_ok() {});
    bench.turn_out();
    talk.join().unwrap();
}

#[test]
fn who_is_not_to_be_read_is_not_and_is_afterwards() {
    let mut bench = Bench::new();
    let (id, mut other) = bench.connect();
    bench.streams.want(id, false);
    other.write_all(b"hello").unwrap();
    assert_eq!(bench.turn(Duration::from_millis(20)), []);
    bench.streams.want(id, true);
    assert_eq!(bench.step(), [(id, Step::Bytes(5))]);
}

#[test]
fn a_slow_reader_gets_all_of_it_as_he_takes_it() {
    const SIZE: usize = 8 << 20;
    let mut bench = Bench::new();
    let (id, mut other) = bench.connect();
    bench.streams.push(id, Arc::from(vec![7; SIZE]));
    let reader = std::thread::spawn(move || {
        let mut all = vec![0; SIZE];
        other.read_exact(&mut all).map(|()| all.iter().all(|byte| *byte == 7))
    });
    let mut taken = 0;
    let mut steps = 0;
    while taken < SIZE {
        for (_, step) in bench.step() {
            let Step::Bytes(bytes) = step else { panic!("{step:?}") };
            taken += bytes;
            steps += 1;
        }
    }
    assert!(reader.join().unwrap().unwrap());
    assert!(taken == SIZE && steps > 1, "{taken} bytes in {steps} steps");
}

#[test]
fn who_takes_nothing_while_he_is_let_go_is_dropped_in_time_and_learns_that_something_is_lost() {
    let mut bench = Bench::new();
    let (id, mut other) = bench.connect();
    bench.streams.push(id, Arc::from(vec![7; 16 << 20]));
    bench.streams.close(NOW, id, true);
    assert_eq!(bench.turn(Duration::ZERO), []);
    assert_eq!(bench.streams.due(), Some(NOW + FLUSH));
    bench.streams.drop_overdue(NOW + FLUSH);
    assert!(bench.streams.is_empty() && bench.streams.due().is_none());
    let error = other.read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn a_reset_is_the_end_of_one_connection_whether_it_is_read_or_not() {
    for wanted in [true, false] {
        let mut bench = Bench::new();
        let (id, other) = bench.connect();
        let (others, _kept) = bench.connect();
        bench.streams.want(id, wanted);
        // A connection that nobody reads and nothing waits for is not watched at all.
        bench.streams.push(id, Arc::from(vec![7; 16 << 20]));
        assert!(matches!(bench.step()[..], [(_, Step::Bytes(_))]));
        socket2::SockRef::from(&other).set_linger(Some(Duration::ZERO)).unwrap();
        drop(other);
        assert_eq!(bench.step(), [(id, Step::Gone)]);
        bench.streams.push(others, Arc::from(&b"x"[..]));
        assert_eq!(bench.streams.write_next(NOW), Some((others, Step::Bytes(1))));
    }
}

#[test]
fn one_who_talks_all_the_time_is_read_once_while_each_other_is() {
    let mut bench = Bench::new();
    let (busy, mut talker) = bench.connect();
    let (quiet, mut other) = bench.connect();
    talker.write_all(&[7; 64 << 10]).unwrap();
    assert_eq!(bench.step(), [(busy, Step::Bytes(16 << 10))]);
    other.write_all(b"me too").unwrap();
    let mut before = 0;
    loop {
        let steps = bench.step();
        if steps.contains(&(quiet, Step::Bytes(6))) {
            break;
        }
        before += 1;
        assert!(before < 3, "he waits for his turn: {steps:?}");
    }
}

#[test]
fn of_many_who_are_let_go_the_one_who_had_longest_makes_room() {
    let mut bench = Bench::new();
    let mut others = Vec::new();
    for number in 0..MOST_LEAVING + 3 {
        let (id, other) = bench.connect();
        let now = NOW + Duration::from_millis(number as u64);
        bench.streams.push(id, Arc::from(vec![7; 16]));
        bench.streams.close(now, id, true);
        others.push(other);
    }
    assert_eq!((bench.streams.connections.len(), bench.streams.leaving.len()), (MOST_LEAVING, MOST_LEAVING));
}

#[test]
fn what_the_system_has_taken_arrives_though_its_reader_is_slower_than_we_linger() {
    const SIZE: usize = 200 << 10;
    let mut bench = Bench::new();
    let (id, mut other) = bench.connect_with(Some(4 << 10));
    bench.streams.push(id, Arc::from(vec![7; SIZE]));
    assert_eq!(bench.step(), [(id, Step::Bytes(SIZE))]);
    bench.streams.close(NOW, id, true);
    assert_eq!(bench.turn(Duration::ZERO), []);
    assert_eq!(bench.streams.due(), Some(NOW + LINGER));
    bench.streams.drop_overdue(NOW + LINGER);
    let mut all = Vec::new();
    other.read_to_end(&mut all).unwrap();
    assert_eq!(all.len(), SIZE);
}

#[test]
fn the_last_words_of_one_who_does_not_read_are_heard() {
    const SIZE: usize = 32 << 10;
    let mut bench = Bench::new();
    let (id, mut other) = bench.connect();
    bench.streams.push(id, Arc::from(&b"hello"[..]));
    assert_eq!(bench.streams.write_next(NOW), Some((id, Step::Bytes(5))));
    other.write_all(&[7; SIZE]).unwrap();
    // With something left unread this is a reset.
    while other.peek(&mut [0]).unwrap() == 0 {}
    drop(other);
    bench.streams.push(id, Arc::from(&b"an answer"[..]));
    assert_eq!(bench.streams.write_next(NOW), Some((id, Step::Bytes(9))));
    let (mut said, mut is_over) = (0, false);
    while !is_over {
        for (_, step) in bench.step() {
            match step {
                Step::Bytes(bytes) => said += bytes,
                _ => is_over = true,
            }
        }
    }
    assert_eq!(said, SIZE);
}

#[test]
fn a_slow_reader_who_takes_a_little_is_seen_to_take_it() {
    let mut bench = Bench::new();
    let (id, mut other) = bench.connect_with(Some(4 << 10));
    bench.streams.push(id, Arc::from(vec![7; 8 << 20]));
    while !bench.turn(Duration::from_millis(50)).is_empty() {}
    let mut taken = 0;
    for second in 1..=64 {
        other.read_exact(&mut [0; 4 << 10]).unwrap();
        bench.streams.nudge(NOW + Duration::from_secs(second));
        taken += usize::from(matches!(bench.streams.write_next(NOW), Some((_, Step::Bytes(1..)))));
    }
    // The poll would have told of it when a third of what the system holds was taken: once.
    assert!(taken > 2, "{taken} of 64 times");
}
