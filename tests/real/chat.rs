//! Chatting through pipes: what is said arrives, what cannot be said is told.

#![expect(clippy::disallowed_types, reason = "a socket that never answers")]

use std::net::UdpSocket;

use crate::program::{Ended, Program};
use crate::talker::Talker;

#[track_caller]
fn fails_with(ended: &Ended, words: &str) {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let last = ended.err.last().expect("a line that says why");
    assert!(last.starts_with("palabre: ") && last.contains(words), "{ended:?}");
    assert_eq!(ended.err.iter().filter(|line| line.starts_with("palabre: ")).count(), 1, "{ended:?}");
}

#[test]
fn what_one_types_another_reads_line_by_line_whatever_is_in_it() {
    let (_server, address) = Program::serve(&[]);
    let bob = Talker::on(address, "bob");
    let mut alice = Talker::on(address, "Zoë");
    bob.sees("* Zoë has come into this room");
    alice.types("déjà vu 漢字 👩‍👩‍👧\n\n  spaces  \r\n//join me\n\u{1b}[31mred\u{202e}\n-- \ttab");
    for line in ["déjà vu 漢字 👩‍👩‍👧", "  spaces  ", "/join me", "\\u{1b}[31mred\\u{202e}", "-- \\ttab"]
    {
        bob.hears(&format!("<Zoë> {line}"));
    }
    alice.ends_well();
    bob.sees("* Zoë has left this room");
    bob.ends_well();
}

#[test]
fn m15_three_hundred_lines_at_once_arrive_in_order_however_slow_the_server_wants_them() {
    let (_server, address) = Program::serve(&[]);
    let bob = Talker::on(address, "bob");
    let lines: Vec<_> = (1..=300).map(|number| format!("line {number}")).collect();
    let mut alice = Talker::on(address, "alice");
    alice.types(&lines.join("\n"));
    alice.ends_well();
    for line in lines {
        bob.hears(&format!("<alice> {line}"));
    }
    bob.ends_well();
}

#[test]
fn m25_a_long_line_is_said_in_parts_that_end_between_characters() {
    let (_server, address) = Program::serve(&[]);
    let bob = Talker::on(address, "bob");
    let mut alice = Talker::on(address, "alice");
    let long = format!("x{}", "é".repeat(60_000));
    alice.types(&long);
    // 60,000 bytes each, less the half of a character.
    bob.hears(&format!("<alice> x{}", "é".repeat(29_999)));
    bob.hears(&format!("<alice> {}", "é".repeat(30_000)));
    bob.hears("<alice> é");
    alice.ends_well();
    bob.ends_well();
}

#[test]
fn the_rest_of_a_command_that_is_far_too_long_is_not_said() {
    let (_server, address) = Program::serve(&[]);
    let bob = Talker::on(address, "bob");
    let mut alice = Talker::on(address, "alice");
    alice.types(&format!("/join {}\nnext", "x".repeat(3 << 20)));
    alice.sees("a room's name has 1 to 50 bytes without '#'");
    bob.hears("<alice> next");
    alice.ends_well();
    bob.ends_well();
}

#[test]
fn input_that_is_not_utf_8_is_said_as_far_as_it_can_be_read() {
    let (_server, address) = Program::serve(&[]);
    let bob = Talker::on(address, "bob");
    let server = address.to_string();
    let alice =
        Program::start_with(&["chat", &server, "--name", "alice"], b"caf\xe9 \xffnoir\nend without newline");
    assert_eq!(alice.end().code, Some(0));
    bob.hears("<alice> caf\u{fffd} \u{fffd}noir");
    bob.hears("<alice> end without newline");
    bob.ends_well();
}

#[test]
fn m4_a_name_that_somebody_has_is_refused_in_one_line() {
    let (_server, address) = Program::serve(&[]);
    let bob = Talker::on(address, "bob");
    let other = Program::start(&["chat", &address.to_string(), "--name", "bob"]).end();
    fails_with(&other, &format!("the name bob is taken on {address}: choose another with --name"));
    bob.ends_well();
}

#[test]
fn a_server_that_never_answers_is_given_up_in_one_line() {
    let mute = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let address = mute.local_addr().expect("an address").to_string();
    let arguments = ["chat", &address, "--name", "alice", "--retransmit-timer", "10ms"];
    let ended = Program::start_with(&arguments, b"is anybody there?\n").end();
    fails_with(&ended, &format!("no answer from {address}/udp"));
    assert!(ended.err.iter().any(|line| line == "* not delivered: \"is anybody there?\": not connected"));
}

#[test]
fn what_cannot_be_is_told_before_anything_is_sent() {
    for name in ["", "elevenbytes", "a#b", "tab\t"] {
        fails_with(&Program::start(&["chat", "--name", name]).end(), "nobody can be called");
    }
    let unknown = Program::start(&["chat", "nowhere.invalid", "--name", "alice"]).end();
    fails_with(&unknown, "cannot find the host nowhere.invalid");
}

#[test]
fn m17_when_the_server_dies_each_text_that_was_given_up_has_a_line() {
    let (server, address) = Program::serve(&[]);
    let options = ["--patience", "1", "--retransmit-timer", "20ms"];
    let mut alice = Talker::with(address, "alice", &options);
    server.signal("KILL");
    server.end();
    alice.types("one\ntwo\nthree");
    let ended = alice.ends();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let lost: Vec<_> = ended.err.iter().filter(|line| line.starts_with("* not delivered")).collect();
    let line = |text| format!("* not delivered: \"{text}\": the server does not answer");
    assert_eq!(lost, [&line("one"), &line("two"), &line("three")]);
}

#[test]
fn a_signal_ends_a_session_as_politely_as_the_end_of_its_input() {
    let (_server, address) = Program::serve(&[]);
    let bob = Talker::on(address, "bob");
    for signal in ["INT", "TERM", "HUP"] {
        let mut alice = Talker::on(address, "alice");
        alice.types("hello");
        bob.hears("<alice> hello");
        alice.signal(signal);
        bob.sees("* alice has left this room");
        alice.ends_well();
    }
    bob.ends_well();
}

#[test]
fn a_reader_who_has_had_enough_ends_it_quietly() {
    let (_server, address) = Program::serve(&[]);
    let mut alice = Talker::on(address, "alice");
    let command = format!("'{}' chat {address} --name bob | head -n 1", env!("CARGO_BIN_EXE_palabre"));
    // Its input stays open for longer than this test may take.
    let (bob, stdin) = Program::start_shell(&command);
    alice.sees("* bob has come into this room");
    alice.types("enough");
    assert_eq!(bob.line(), "<alice> enough");
    alice.types("more");
    alice.sees("* bob has left this room");
    let ended = bob.end();
    assert!(!ended.err.iter().any(|line| line.contains("palabre: ") || line.contains("panic")), "{ended:?}");
    drop(stdin);
    alice.ends_well();
}
