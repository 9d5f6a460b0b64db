//! What is recorded of what the engine is told and says.

use std::net::SocketAddr;

use palabre::capture::{Recorder, Seen, drop_comments, event_words, peer_comment};
use palabre::engine::{Config, Datagram, Departure, Event, Input, Listener, Output, Server};
use palabre::ids::{ConnectionId, ListenerId};
use palabre::time::Instant;
use palabre::wire::Payload;

const ORIGIN: u64 = 1_700_000_000_000_000;
const NOW: Instant = Instant::from_micros(7);
const UDP: ListenerId = ListenerId(0);
const TCP: ListenerId = ListenerId(1);
const CONNECTION: ConnectionId = ConnectionId(65_536);

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn server() -> [SocketAddr; 2] {
    [address("127.0.0.1:7401"), address("[::1]:7404")]
}

fn peer() -> SocketAddr {
    address("[::1]:50000")
}

fn recorder() -> Recorder {
    Recorder::new(ORIGIN, server().into())
}

/// One that knows the connection of `peer`.
fn connected() -> Recorder {
    let mut recorder = recorder();
    let opened = Input::Opened { listener: TCP, connection: CONNECTION, from: peer() };
    let event = recorder.input(NOW, &opened, Vec::new()).unwrap();
    assert_eq!(event.seen, Seen::Opened { from: peer(), to: server()[1] });
    recorder
}

fn told(recorder: &mut Recorder, input: Input<'_>) -> Option<Seen> {
    recorder.input(NOW, &input, Vec::new()).map(|event| event.seen)
}

fn said(recorder: &mut Recorder, output: &Output) -> Option<Seen> {
    recorder.output(NOW, output, Vec::new()).map(|event| event.seen)
}

fn sent(payload: Payload) -> Output {
    Output::Datagram(Datagram { listener: UDP, to: address("127.0.0.1:9"), payload })
}

#[test]
fn a_record_has_the_time_of_the_engine_after_that_of_its_clock() {
    let comments = vec![peer_comment("lucy")];
    let event = recorder().input(NOW, &Input::Stop, comments.clone()).unwrap();
    assert_eq!((event.at, event.packet), (ORIGIN + 7, 0));
    assert_eq!((event.seen, event.comments), (Seen::Note("stop".into()), comments));
    let timer = recorder().timer(NOW, Vec::new());
    assert_eq!((timer.at, timer.seen), (ORIGIN + 7, Seen::Note("timer".into())));
}

#[test]
fn datagrams_go_between_the_peer_and_the_listener() {
    let (peer, server) = (address("127.0.0.1:9"), server()[0]);
    let bytes = vec![1, 2, 3];
    let seen = told(&mut recorder(), Input::Datagram { listener: UDP, from: peer, bytes: &bytes });
    assert_eq!(seen, Some(Seen::Datagram { from: peer, to: server, bytes: bytes.clone(), missing: 0 }));
    let seen = said(&mut recorder(), &sent(Payload::new(&bytes)));
    assert_eq!(seen, Some(Seen::Datagram { from: server, to: peer, bytes, missing: 0 }));
}

#[test]
fn what_no_ip_packet_carries_is_noted() {
    let mut recorder = recorder();
    let of = |length: usize| sent(Payload::new(&vec![0; length]));
    assert!(matches!(said(&mut recorder, &of(65_507)), Some(Seen::Datagram { .. })));
    assert_eq!(said(&mut recorder, &of(65_508)), Some(Seen::Note("too long".into())));
}

#[test]
fn all_that_happens_on_a_connection_is_between_its_ends() {
    let mut recorder = connected();
    let (from, to) = (peer(), server()[1]);
    let bytes = Seen::Bytes { from, to, bytes: b"hi".into(), pushed: true };
    assert_eq!(told(&mut recorder, Input::Bytes { connection: CONNECTION, bytes: b"hi" }), Some(bytes));
    let written = Output::Bytes { connection: CONNECTION, bytes: b"ho".as_slice().into() };
    let bytes = Seen::Bytes { from: to, to: from, bytes: b"ho".into(), pushed: true };
    assert_eq!(said(&mut recorder, &written), Some(bytes));
    let taken = Input::Written { connection: CONNECTION, bytes: 2 };
    assert_eq!(told(&mut recorder, taken), Some(Seen::Acknowledged { from, to, bytes: 2 }));
    let ended = Input::Ended { connection: CONNECTION };
    assert_eq!(told(&mut recorder, ended), Some(Seen::Ended { from, to }));
    let close = Output::Close { connection: CONNECTION, flush: true };
    assert_eq!(said(&mut recorder, &close), Some(Seen::Ended { from: to, to: from }));
    assert_eq!(said(&mut recorder, &close), None, "it is forgotten");
}

#[test]
fn a_connection_that_is_gone_is_forgotten_whoever_ends_it() {
    let (from, to) = (peer(), server()[1]);
    let mut recorder = connected();
    let closed = Input::Closed { connection: CONNECTION };
    assert_eq!(told(&mut recorder, closed), Some(Seen::Reset { from, to }));
    assert_eq!(told(&mut recorder, closed), None);
    let close = Output::Close { connection: CONNECTION, flush: false };
    assert_eq!(said(&mut connected(), &close), Some(Seen::Reset { from: to, to: from }));
}

#[test]
fn what_no_packet_can_say_is_not_recorded() {
    let mut recorder = connected();
    let reading = |wanted| Output::Reading { connection: CONNECTION, wanted };
    let window = |is_open| Some(Seen::Window { from: server()[1], to: peer(), is_open });
    assert_eq!(said(&mut recorder, &reading(true)), None, "it is read from the start");
    assert_eq!(said(&mut recorder, &reading(false)), window(false));
    assert_eq!(said(&mut recorder, &reading(false)), None);
    assert_eq!(said(&mut recorder, &reading(true)), window(true));
    let nothing = Output::Bytes { connection: CONNECTION, bytes: [].into() };
    assert_eq!(said(&mut recorder, &nothing), None);
    assert_eq!(told(&mut recorder, Input::Bytes { connection: ConnectionId(1), bytes: b"?" }), None);
    let nowhere = Input::Datagram { listener: ListenerId(2), from: peer(), bytes: b"?" };
    assert_eq!(told(&mut recorder, nowhere), None);
}

#[test]
fn reports_and_names_are_one_line_whatever_a_peer_calls_himself() {
    let gone = Event::Departed { name: "a\nb".into(), id: None, why: Departure::Silent };
    let note = said(&mut recorder(), &Output::Event(gone.clone()));
    let line = r#"event "a\nb" has gone: was silent for too long"#;
    assert_eq!(note, Some(Seen::Note(line.into())));
    assert_eq!(line, format!("event {}", event_words(&gone)));
    assert_eq!(peer_comment("a\n\"é"), "peer a\\n\\\"é");
}

#[test]
fn each_drop_is_a_comment_and_there_are_not_too_many() {
    let mut server = Server::new(Config::msp(), 1);
    let mut drops = |times: u16| {
        let before = server.stats().clone();
        for _ in 0..times {
            server.handle_input(NOW, Input::Datagram { listener: UDP, from: peer(), bytes: &[] });
        }
        drop_comments(&before, server.stats())
    };
    assert_eq!(drops(0), [""; 0]);
    assert_eq!(drops(2), ["dropped: too short"; 2]);
    assert_eq!(drops(1_000).len(), 100);
}

#[test]
fn the_server_says_who_is_at_an_address_and_on_a_connection() {
    let mut server =
        Server::new(Config::new(vec![Listener::msp(), Listener::of(palabre::engine::Dialect::Stumtp)]), 1);
    // CONNEXION, "alice".
    let alice = [0x08, 0x00, 0x00, 0x0b, 0x0b, 0x63, 0x4b, 0x1b, 0x29, 0x18];
    assert_eq!(server.name_at(UDP, peer()), None);
    server.handle_input(NOW, Input::Datagram { listener: UDP, from: peer(), bytes: &alice });
    assert_eq!(server.name_at(UDP, peer()), Some("alice"));
    assert_eq!(server.name_on(CONNECTION), None);
    server.handle_input(NOW, Input::Opened { listener: TCP, connection: CONNECTION, from: peer() });
    assert_eq!(server.name_on(CONNECTION), None);
}
