//! `palabre link` for datagrams: a client and a target of our own, and the real program in between.

#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the ends of a link are real, and so is its time"
)]

use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use crate::bad_link::{BadLink, Summary};
use crate::program::{Ended, LIMIT, Program};

/// So many small ones are held by the sockets of any system, should nobody read meanwhile.
const MANY: u32 = 200;
const END: u32 = u32::MAX;

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.set_read_timeout(Some(LIMIT)).expect("a timeout");
    socket
}

/// Waits for the next datagram: a signal that ends a wait is no reason to fail.
#[track_caller]
fn next_of(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = vec![0; 2_000];
    loop {
        match socket.recv_from(&mut buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            received => {
                let (length, from) = received.expect("a datagram in time");
                buffer.truncate(length);
                return (buffer, from);
            }
        }
    }
}

/// A client, and a target that a link leads to.
struct Ends {
    client: UdpSocket,
    target: UdpSocket,
    link: BadLink,
}

impl Ends {
    #[track_caller]
    fn of(options: &[&str]) -> Self {
        let (client, target) = (socket(), socket());
        let link = BadLink::towards(target.local_addr().expect("an address"), options);
        client.connect(link.address).expect("an address");
        Self { client, target, link }
    }

    /// Sends from the client to the target.
    fn send(&self, bytes: &[u8]) {
        self.client.send(bytes).expect("it is sent");
    }

    /// What the target hears next, and from whom.
    #[track_caller]
    fn heard(&self) -> (Vec<u8>, SocketAddr) {
        next_of(&self.target)
    }

    /// What the client hears next.
    #[track_caller]
    fn answered(&self) -> Vec<u8> {
        next_of(&self.client).0
    }

    /// Sends many numbered datagrams; which of them the target hears, in its order. The last ones, sent until one is
    /// heard, say that nothing of the others is left.
    fn fates(self) -> (Vec<u32>, Summary) {
        for number in 0..MANY {
            self.send(&number.to_be_bytes());
        }
        self.target.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout");
        let (mut heard, mut buffer, begin) = (Vec::new(), [0; 4], Instant::now());
        loop {
            assert!(begin.elapsed() < LIMIT, "the end is never heard");
            match self.target.recv(&mut buffer) {
                Ok(_) if u32::from_be_bytes(buffer) == END => return (heard, self.link.ends()),
                Ok(_) => heard.push(u32::from_be_bytes(buffer)),
                Err(_) => self.send(&END.to_be_bytes()),
            }
        }
    }
}

#[test]
fn losses_are_near_their_share_and_the_same_for_the_same_seed() {
    let run = |seed| Ends::of(&["--loss", "20%", "--seed", seed]).fates();
    let (heard, summary) = run("7");
    // Forty are lost on average; five standard deviations are 28.
    assert!((132..=188).contains(&heard.len()), "{} of {MANY}", heard.len());
    assert!(heard.is_sorted());
    let count = |name| summary.count("there", name);
    assert_eq!(count("sent"), count("lost") + count("delivered"));
    assert!(count("lost") >= u64::from(MANY) - heard.len() as u64);
    assert_eq!(run("7").0, heard);
    assert_ne!(run("8").0, heard);
}

#[test]
fn a_burst_loses_neighbours() {
    let (heard, summary) = Ends::of(&["--burst", "2%,10%,100%", "--seed", "3"]).fates();
    assert!(summary.count("there", "lost") > 0 && !heard.is_empty());
    let gap = heard.windows(2).map(|pair| pair[1] - pair[0] - 1).max();
    assert!(gap > Some(3), "{gap:?}: ten are lost at a time on average");
}

#[test]
fn each_way_takes_at_least_as_long_as_was_asked_for() {
    let ends = Ends::of(&["--delay", "50ms", "--jitter", "10ms"]);
    let begin = Instant::now();
    ends.send(b"there");
    let (heard, from) = ends.heard();
    assert!(begin.elapsed() >= Duration::from_millis(50), "{:?}", begin.elapsed());
    assert_eq!(heard, b"there");
    ends.target.send_to(b"and back", from).expect("it is sent");
    assert_eq!(ends.answered(), b"and back");
    assert!(begin.elapsed() >= Duration::from_millis(100), "{:?}", begin.elapsed());
    let summary = ends.link.ends();
    assert_eq!([summary.count("there", "bytes"), summary.count("back", "bytes")], [5, 8]);
    assert!(summary.says("clients: 1 came, 1 here, 0 gone"), "{summary:?}");
}

#[test]
fn one_way_may_be_bad_alone() {
    for (way, copies) in [("there", [2, 1]), ("back", [1, 2]), ("both", [2, 2])] {
        let ends = Ends::of(&["--duplicate", "100", "--way", way]);
        ends.send(b"ask");
        let mut from = None;
        for _ in 0..copies[0] {
            let (heard, sender) = ends.heard();
            assert_eq!(heard, b"ask");
            from = Some(sender);
        }
        ends.target.send_to(b"answer", from.expect("somebody")).expect("it is sent");
        for _ in 0..copies[1] {
            assert_eq!(ends.answered(), b"answer");
        }
        let summary = ends.link.ends();
        let delivered = ["there", "back"].map(|way| summary.count(way, "delivered"));
        assert_eq!(
            (delivered, ["there", "back"].map(|way| summary.count(way, "doubled") + 1)),
            (copies, copies)
        );
    }
}

#[test]
fn a_damaged_datagram_has_one_wrong_bit() {
    let ends = Ends::of(&["--corrupt", "100%"]);
    for _ in 0..20 {
        ends.send(&[0; 9]);
        assert_eq!(ends.heard().0.iter().map(|byte| byte.count_ones()).sum::<u32>(), 1);
    }
    assert_eq!(ends.link.ends().count("there", "damaged"), 20);
}

#[test]
fn those_that_are_held_up_are_overtaken() {
    let ends = Ends::of(&["--reorder", "30%", "--reorder-by", "200ms", "--seed", "5"]);
    for number in 0..50 {
        ends.send(&[number]);
    }
    let mut heard: Vec<_> = (0..50).map(|_| ends.heard().0[0]).collect();
    assert!(!heard.is_sorted());
    heard.sort_unstable();
    assert_eq!(heard, (0..50).collect::<Vec<_>>());
    assert!(ends.link.ends().count("there", "overtaken") > 0);
}

#[test]
fn a_slow_line_takes_its_time_and_loses_what_does_not_fit() {
    let ends = Ends::of(&["--rate", "160kbit", "--queue", "3kB", "--way", "there"]);
    let begin = Instant::now();
    for _ in 0..20 {
        ends.send(&[0; 1_000]);
    }
    for passed in 1..=3 {
        assert_eq!(ends.heard().0.len(), 1_000);
        assert!(begin.elapsed() >= passed * Duration::from_millis(50), "{passed} in {:?}", begin.elapsed());
    }
    let summary = ends.link.ends();
    assert!(summary.count("there", "queue full") > 0, "{summary:?}");
}

#[test]
fn each_client_gets_the_answers_to_its_own_questions() {
    let ends = Ends::of(&[]);
    let other = socket();
    other.send_to(b"other", ends.link.address).expect("it is sent");
    let (heard, to_other) = ends.heard();
    assert_eq!(heard, b"other");
    ends.send(b"first");
    let (_, to_first) = ends.heard();
    assert_ne!(to_first, to_other);
    for (to, bytes) in [(to_other, b"for other"), (to_first, b"for first")] {
        ends.target.send_to(bytes, to).expect("it is sent");
    }
    assert_eq!(ends.answered(), b"for first");
    assert_eq!(next_of(&other), (b"for other".to_vec(), ends.link.address));
}

#[test]
fn a_target_that_is_not_there_harms_nothing_and_may_come_later() {
    // An address of this machine that no other test listens on: its port stays free.
    let listens = |port| UdpSocket::bind(SocketAddr::from(([127, 0, 83, 1], port))).expect("an address");
    let place = listens(0).local_addr().expect("an address");
    let link = BadLink::towards(place, &[]);
    let client = socket();
    client.connect(link.address).expect("an address");
    for _ in 0..10 {
        client.send(b"nobody hears it").expect("it is sent");
    }
    let target = listens(place.port());
    target.set_read_timeout(Some(LIMIT)).expect("a timeout");
    client.send(b"somebody hears it").expect("it is sent");
    let from = loop {
        let (heard, from) = next_of(&target);
        if heard == b"somebody hears it" {
            break from;
        }
    };
    target.send_to(b"and answers", from).expect("it is sent");
    assert_eq!(next_of(&client).0, b"and answers");
    let summary = link.ends();
    assert_eq!(summary.count("there", "sent"), 11);
}

#[test]
fn it_ends_when_its_time_is_over_or_a_signal_comes() {
    let begin = Instant::now();
    let ended = Program::start(&["link", "--to", "127.0.0.1:9", "--for", "100ms", "--seed", "1"]).end();
    assert!(begin.elapsed() >= Duration::from_millis(100));
    let lines: Vec<_> =
        ended.out.iter().map(|line| line.split([':', ' ']).next().unwrap_or_default()).collect();
    assert_eq!((ended.code, lines), (Some(0), vec!["listening", "after", "there", "back", "clients"]));
    for signal in ["TERM", "INT"] {
        let program = Program::start(&["link", "--to", "127.0.0.1:9"]);
        assert!(program.line().starts_with("listening 127.0.0.1:"));
        let seed = program.line();
        assert!(seed.strip_prefix("seed ").is_some_and(|seed| seed.parse::<u64>().is_ok()), "{seed}");
        program.signal(signal);
        let ended = program.end();
        assert_eq!((ended.code, ended.out.len(), ended.err), (Some(0), 4, vec![]));
    }
}

#[test]
fn what_cannot_be_is_refused_in_one_line() {
    let taken = socket();
    let taken = taken.local_addr().expect("an address").to_string();
    // Nobody is there any more.
    let there = socket().local_addr().expect("an address").to_string();
    let everywhere = there.replace("127.0.0.1", "0.0.0.0");
    for (options, words) in [
        (&["--loss", "120%"][..], "it must be from 0% to 100%"),
        (&["--burst", "5%"], "it takes three, as 5%,20%,80%"),
        (&["--delay", "50"], "a duration has a unit"),
        (&["--delay", "61s"], "it must be from 0ms to 60s"),
        (&["--rate", "64kbps"], "as 9600bit, 64kbit or 1.5mbit (not kbps"),
        (&["--rate", "64kbit", "--queue", "0"], "a number of bytes"),
        (&["--queue", "16kB"], "--queue is for --rate"),
        (&["--reorder-by", "5ms"], "--reorder-by is for --reorder"),
        (&["--way", "up"], "[possible values: both, there, back]"),
        (&["--seed", "yesterday"], "--seed"),
        (&["--for", "0ms"], "it must be from 1ms to 24h"),
        (&["--cut-every", "1s"], "--cut-every is for --tcp"),
        (&["--stall-every", "1s", "--stall-for", "1s"], "--stall-every is for --tcp"),
        (&["--tcp", "--stall-every", "1s"], "--stall-for"),
        (&["--tcp", "--loss", "1%"], "--loss is not for --tcp: TCP repairs"),
        (&["--tcp", "--burst", "1,1,1"], "--burst is not for --tcp: TCP repairs"),
        (&["--tcp", "--duplicate", "1%"], "--duplicate is not for --tcp: TCP repairs"),
        (&["--tcp", "--reorder", "1%"], "--reorder is not for --tcp: TCP repairs"),
        (&["--tcp", "--corrupt", "1%"], "--corrupt is not for --tcp: TCP repairs"),
        (&["--tcp", "--rate", "1kbit", "--queue", "1kB"], "--queue is not for --tcp"),
        (&["--listen", "example.org:1"], "is no address and port"),
        (&["--listen", "127.0.0.1:9"], "the link would send everything to itself"),
        (&["--listen", &everywhere, "--to", &there], "the link would send everything to itself"),
        (&["--listen", &everywhere, "--to", &there, "--tcp"], "the link would send everything to itself"),
        (&["--listen", &taken], "cannot listen on 127.0.0.1:"),
    ] {
        let to = if options.contains(&"--to") { &[][..] } else { &["--to", "127.0.0.1:9"] };
        let Ended { code, out, err } = Program::start(&[&["link"], to, options].concat()).end();
        assert_eq!((code, out.len(), err.len()), (Some(2), 0, 1), "{options:?}: {err:?}");
        assert!(err[0].contains(words), "{options:?}: {err:?}");
    }
    for to in ["127.0.0.1:0", "0.0.0.0:9", "localhost"] {
        let Ended { code, err, .. } = Program::start(&["link", "--to", to]).end();
        assert_eq!((code, err.len()), (Some(2), 1), "{to}: {err:?}");
    }
}
