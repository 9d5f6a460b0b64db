//! `palabre serve` from its ready line to its exit code.

use palabre::daemon::{Daemon, Settings, Stopper};
use palabre::dialect::msp::{Body, Event, Kind, RegisterStatus, Registration, SERVER};
use palabre::wire::Integrity;

use crate::client::{Client, Flood};
use crate::program::{Ended, Program};

fn accepted(id: u8) -> Registration {
    Registration::Registered { status: RegisterStatus::Accepted, id }
}

/// Starts it with options that cannot be, and gives its one line.
#[track_caller]
fn refusal(options: &[&str]) -> String {
    let Ended { code, out, err } = Program::start(&[&["serve"], options].concat()).end();
    assert_eq!((code, out.len(), err.len()), (Some(2), 0, 1), "{options:?}: {err:?}");
    err.concat()
}

#[test]
fn it_says_where_it_listens_and_registers_who_asks() {
    let (_program, address) = Program::serve(&[]);
    assert!(address.ip().is_loopback() && address.port() != 0);
    assert_eq!(Client::new(address, Integrity::None).register("alice"), accepted(1));
    assert_eq!(Client::new(address, Integrity::None).register("bob"), accepted(2));
}

#[test]
fn each_listener_has_a_ready_line_with_its_real_port() {
    let program = Program::start(&["serve", "--listen", "msp=localhost:0", "--listen", "msp=127.0.0.1:0"]);
    let ports: Vec<u16> = [program.line(), program.line()]
        .iter()
        .map(|line| line.strip_prefix("listening msp 127.0.0.1:").unwrap().parse().unwrap())
        .collect();
    assert!(ports[0] != 0 && ports[1] != 0 && ports[0] != ports[1], "{ports:?}");
    let mut alice = Client::registered(([127, 0, 0, 1], ports[0]).into(), "alice");
    let mut bob = Client::registered(([127, 0, 0, 1], ports[1]).into(), "bob");
    assert_eq!(alice.ask(Body::Text { text: "bonjour".into(), order: None }), Body::TextReply);
    assert_eq!(bob.text_of(alice.id()), "bonjour");
}

#[test]
fn m12_a_signal_tells_those_who_can_read_it_and_ends_it_well() {
    for signal in ["TERM", "INT"] {
        let (program, address) = Program::serve(&[]);
        let mut alice = Client::registered(address, "alice");
        alice.say_hello();
        program.signal(signal);
        let told = alice.notification();
        assert_eq!((told.user, told.body), (SERVER, Body::Notification(Event::Stopping)));
        let ended = program.end();
        assert_eq!((ended.code, ended.out), (Some(0), vec![]), "{:?}", ended.err);
    }
}

#[test]
fn another_thread_stops_a_daemon_as_a_signal_would() {
    let mut daemon = Daemon::bind(&Settings::msp([([127, 0, 0, 1], 0).into()])).expect("a daemon");
    let address = daemon.local_addresses().next().expect("one");
    let stoppers = [daemon.stopper().expect("a stopper"), daemon.stopper().expect("another")];
    let ends = std::thread::spawn(move || daemon.run());
    let mut alice = Client::registered(address, "alice");
    alice.say_hello();
    stoppers.iter().for_each(Stopper::stop);
    assert_eq!(alice.notification().body, Body::Notification(Event::Stopping));
    assert!(ends.join().expect("nobody panics").is_ok());
    // It is over: nobody minds.
    stoppers.iter().for_each(Stopper::stop);
}

#[test]
fn a_signal_ends_it_even_when_nobody_acknowledges() {
    let (program, address) = Program::serve(&["--retransmit-timer", "5ms", "--tries", "2"]);
    let mut alice = Client::registered(address, "alice");
    alice.say_hello();
    drop(alice);
    program.signal("TERM");
    assert_eq!(program.end().code, Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let (program, address) = Program::serve(&["--retransmit-timer", "60s", "--tries", "2"]);
    let mut alice = Client::registered(address, "alice");
    alice.say_hello();
    program.signal("TERM");
    program.log_line_with("stopping");
    program.signal("TERM");
    assert_eq!(program.end().code, Some(128 + 15));
}

#[test]
fn arrivals_are_logged_with_names_that_cannot_command_a_terminal() {
    let (program, address) = Program::serve(&[]);
    let mut evil = Client::registered(address, "a\u{202e}\"");
    assert!(
        program.log_line_with("has come").contains(r#""a\u{202e}\"" has come: msp id 1, from 127.0.0.1:"#)
    );
    assert_eq!(evil.ask(Body::Disconnect), Body::DisconnectReply { refused: false });
    program.log_line_with("said goodbye");
}

#[test]
fn m13_what_is_due_is_done_however_busy_the_socket_is() {
    let (_program, address) = Program::serve(&[]);
    let mut alice = Client::registered(address, "alice");
    alice.say_hello();
    let _flood = Flood::start(address);
    let _bob = Client::registered(address, "bob");
    alice.is_asked_again(Kind::Notification);
}

#[test]
fn a_port_in_use_is_named_in_one_line() {
    let (_program, address) = Program::serve(&[]);
    let line = refusal(&["--listen", &format!("msp={address}")]);
    assert!(line.contains(&address.to_string()) && line.contains("in use"), "{line}");
}

#[test]
fn an_address_of_another_machine_is_named_in_one_line() {
    let line = refusal(&["--listen", "msp=192.0.2.1:0"]);
    assert!(line.contains("192.0.2.1:0") && line.contains("does not have that address"), "{line}");
}

#[test]
fn a_bad_option_is_named_in_one_line_with_what_would_be_good() {
    for (options, words) in [
        (["--listen", "irc=127.0.0.1:0"], ["\"irc\" is unknown", "write msp, shen, matou"]),
        (["--listen", "127.0.0.1:0"], ["no '='", "msp=127.0.0.1:7401"]),
        (["--listen", "msp=example.org:1"], ["\"example.org:1\"", "[::1]:7401"]),
        (["--rooms", "a,b,a"], ["--rooms", "\"a\" is there twice"]),
        (["--rooms", "public"], ["--rooms", "the public room"]),
        (["--tries", "0"], ["--tries", "from 1 to 100"]),
        (["--tries", "101"], ["--tries", "from 1 to 100"]),
        (["--retransmit-timer", "100"], ["--retransmit-timer", "has a unit"]),
        (["--retransmit-timer", "61s"], ["--retransmit-timer", "1ms to 60s"]),
        (["--integrity", "md5"], ["--integrity", "crc32"]),
        (["--colour", "red"], ["--colour", "--help"]),
    ] {
        let line = refusal(&options);
        assert!(words.iter().all(|word| line.contains(word)), "{line}");
    }
    let line = refusal(&["--retransmit-timer", "60s", "--tries", "3"]);
    assert!(line.contains("120 s") && line.contains("lower --tries"), "{line}");
}

#[test]
fn m16_with_a_checksum_only_datagrams_that_have_it_are_answered() {
    let (_program, address) = Program::serve(&["--integrity", "crc32"]);
    let mut plain = Client::new(address, Integrity::None);
    let connexion = [0x08, 0x00, 0x00, 0x0b, 0x0b, 0x63, 0x4b, 0x1b, 0x29, 0x18];
    assert!(!plain.is_answered(&connexion), "there is no trailer");
    let mut wrong = Integrity::Crc32.seal(palabre::wire::Payload::new(&connexion)).to_vec();
    wrong[4] ^= 0x10;
    assert!(!plain.is_answered(&wrong), "a bit has changed");
    assert_eq!(Client::new(address, Integrity::Crc32).register("alice"), accepted(1));
}
