//! `palabre link --tcp`: a client and a target of our own, and the real program in between.

#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the ends of a link are real, and so is its time"
)]

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::bad_link::BadLink;
use crate::program::{LIMIT, Program};
use crate::talker::Talker;

/// A connection over a link, both its ends.
struct Ends {
    client: TcpStream,
    target: TcpStream,
    link: BadLink,
}

impl Ends {
    #[track_caller]
    fn of(options: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let place = listener.local_addr().expect("an address");
        let link = BadLink::towards(place, &[&["--tcp"], options].concat());
        let client = connected(&link);
        let (target, _) = listener.accept().expect("a connection");
        target.set_read_timeout(Some(LIMIT)).expect("a timeout");
        Self { client, target, link }
    }
}

fn connected(link: &BadLink) -> TcpStream {
    let client = TcpStream::connect(link.address).expect("it listens");
    client.set_read_timeout(Some(LIMIT)).expect("a timeout");
    client
}

/// The next bytes, as many as there are in `expected`.
#[track_caller]
fn hears(end: &mut TcpStream, expected: &[u8]) {
    let mut buffer = vec![0; expected.len()];
    end.read_exact(&mut buffer).expect("bytes in time");
    assert_eq!(buffer, expected);
}

/// Nothing but a reset is heard any more.
#[track_caller]
fn is_reset(end: &mut TcpStream) {
    let error = end.read_to_end(&mut Vec::new()).expect_err("no end");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn bytes_take_at_least_as_long_as_was_asked_for() {
    let Ends { mut client, mut target, link } = Ends::of(&["--delay", "50ms", "--jitter", "10ms"]);
    let begin = Instant::now();
    client.write_all(b"there").expect("it is sent");
    hears(&mut target, b"there");
    assert!(begin.elapsed() >= Duration::from_millis(50), "{:?}", begin.elapsed());
    target.write_all(b"and back").expect("it is sent");
    hears(&mut client, b"and back");
    assert!(begin.elapsed() >= Duration::from_millis(100), "{:?}", begin.elapsed());
    let summary = link.ends();
    assert_eq!([summary.count("there", "delivered"), summary.count("back", "delivered")], [5, 8]);
    assert!(summary.says("connections: 1 came, 1 open, 0 cut, 0 turned away; 0 stalls"), "{summary:?}");
}

#[test]
fn an_end_that_has_said_all_still_hears_the_other_one() {
    let Ends { mut client, mut target, link } = Ends::of(&["--delay", "5ms", "--jitter", "20ms"]);
    let question: Vec<_> = (0..300_000_u32).flat_map(u32::to_be_bytes).collect();
    let asked = question.clone();
    let server = thread::spawn(move || {
        let mut heard = Vec::new();
        target.read_to_end(&mut heard).expect("an end");
        assert!(heard == asked, "jitter never reorders");
        target.write_all(&heard).expect("it is sent");
    });
    client.write_all(&question).expect("it is sent");
    client.shutdown(Shutdown::Write).expect("it is connected");
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).expect("an end");
    assert!(answer == question);
    server.join().expect("it heard all");
    let summary = link.ends();
    assert_eq!((summary.count("there", "delivered"), summary.lost()), (1_200_000, 0));
    assert!(summary.says("connections: 1 came, 0 open, 0 cut"), "{summary:?}");
}

#[test]
fn a_slow_line_takes_its_time() {
    let Ends { mut client, mut target, link } = Ends::of(&["--rate", "800kbit", "--way", "there"]);
    let begin = Instant::now();
    client.write_all(&[7; 20_000]).expect("it is sent");
    hears(&mut target, &[7; 20_000]);
    assert!(begin.elapsed() >= Duration::from_millis(200), "{:?}", begin.elapsed());
    assert_eq!(link.ends().count("there", "delivered"), 20_000);
}

#[test]
fn nothing_passes_during_a_stall() {
    // Twenty milliseconds of a link that works for one at a time: about twenty stalls.
    let stalls = ["--stall-every", "1ms", "--stall-for", "20ms", "--delay", "20ms", "--way", "there"];
    let Ends { mut client, mut target, link } = Ends::of(&stalls);
    let begin = Instant::now();
    client.write_all(b"patience").expect("it is sent");
    hears(&mut target, b"patience");
    assert!(begin.elapsed() >= Duration::from_millis(100), "{:?}", begin.elapsed());
    assert!(!link.ends().says(" 0 stalls"));
}

#[test]
fn a_cut_resets_both_ends() {
    let Ends { mut client, mut target, link } = Ends::of(&["--cut-every", "20ms", "--seed", "2"]);
    is_reset(&mut client);
    is_reset(&mut target);
    assert!(link.ends().says("connections: 1 came, 0 open, 1 cut"));
}

#[test]
fn a_reset_is_passed_on_behind_what_was_said_before() {
    for is_client in [true, false] {
        let Ends { client, target, link } = Ends::of(&["--delay", "20ms"]);
        let (mut breaks, mut hears_it) = if is_client { (client, target) } else { (target, client) };
        let begin = Instant::now();
        breaks.write_all(b"last words").expect("it is sent");
        hears(&mut hears_it, b"last words");
        SockRef::from(&breaks).set_linger(Some(Duration::ZERO)).expect("an option");
        drop(breaks);
        is_reset(&mut hears_it);
        assert!(begin.elapsed() >= Duration::from_millis(40), "{:?}", begin.elapsed());
        assert!(link.ends().says("1 came, 0 open, 0 cut"));
    }
}

#[test]
fn who_writes_to_an_end_that_is_gone_is_told_by_a_reset() {
    let Ends { mut client, target, link } = Ends::of(&["--delay", "5ms"]);
    drop(target);
    // The end of the target's words comes first.
    assert_eq!(client.read_to_end(&mut Vec::new()).expect("an end"), 0);
    let begin = Instant::now();
    while client.write_all(b"is anybody there?").is_ok() {
        assert!(begin.elapsed() < LIMIT, "nobody says that nobody is there");
        thread::yield_now();
    }
    let summary = link.ends();
    assert!(summary.count("there", "sent") > 0 && summary.says("1 came, 0 open"), "{summary:?}");
}

#[test]
fn a_target_that_is_not_there_resets_its_clients_and_harms_nothing() {
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let link = BadLink::towards(nobody, &["--tcp"]);
    for _ in 0..3 {
        is_reset(&mut connected(&link));
    }
    assert!(link.ends().says("connections: 3 came, 0 open"));
}

#[test]
fn who_sends_too_much_has_to_wait() {
    let Ends { mut client, target, link } = Ends::of(&["--delay", "60s"]);
    client.set_write_timeout(Some(Duration::from_millis(300))).expect("a timeout");
    let (chunk, mut written) = ([0; 65_536], 0);
    while let Ok(count) = client.write(&chunk) {
        written += count;
        assert!(written < 64 << 20, "it takes everything");
    }
    let summary = link.ends();
    assert!(summary.count("there", "sent") <= (256 + 16) << 10, "{summary:?}");
    assert_eq!(summary.count("there", "delivered"), 0);
    drop(target);
}

#[test]
fn people_of_stumtp_lose_nothing_over_connections_that_are_cut() {
    let server = Program::start(&["serve", "--listen", "stumtp=127.0.0.1:0"]);
    let ready = server.line();
    let place = ready.strip_prefix("listening stumtp ").and_then(|place| place.parse().ok());
    let bad = ["--tcp", "--cut-every", "300ms", "--delay", "5ms", "--seed", "3"];
    let link = BadLink::towards(place.expect("an address"), &bad);
    let on_link = |name| Talker::with(link.address, name, &["--protocol", "stumtp"]);
    let (mut alice, bob) = (on_link("alice"), on_link("bob"));
    for number in 1..=40 {
        alice.types(&format!("word {number}"));
        bob.hears(&format!("<alice> word {number}"));
    }
    let summary = link.ends();
    assert!(!summary.says(" 0 cut"), "{summary:?}");
}
