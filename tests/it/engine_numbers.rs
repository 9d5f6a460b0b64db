//! The numbers of the server's requests, before and after a program starts again (M4).
//!
//! In: two raw clients. Out: where the server's NUM_SEQ goes on. Must not know what the requests say.

use std::net::SocketAddr;

use palabre::dialect::msp::{Body, Kind, Message, Name};
use palabre::engine::{Config, Input, Output, Server};
use palabre::ids::ListenerId;
use palabre::time::Instant;
use palabre::wire::Scratch;

/// Gives the server a message; says under which numbers it then asked something of that address.
fn says(
    server: &mut Server,
    now: Instant,
    from: SocketAddr,
    message: &Message<'_>,
    to: SocketAddr,
) -> Vec<u16> {
    let mut bytes = Vec::new();
    message.encode(&mut bytes).unwrap();
    server.handle_input(now, Input::Datagram { listener: ListenerId(0), from, bytes: &bytes });
    let mut numbers = Vec::new();
    while let Some(output) = server.poll_output() {
        let Output::Datagram(sent) = output else { continue };
        let bytes = sent.payload.to_vec();
        let mut scratch = Scratch::new();
        let message = Message::decode(&bytes, &mut scratch).unwrap();
        if sent.to == to && message.kind() == Kind::Text {
            numbers.push(message.seq);
        }
    }
    numbers
}

#[test]
fn m4_after_a_restart_the_server_counts_from_far_away_so_that_no_late_copy_passes_for_something_new() {
    let mut server = Server::new(Config::msp(), 1);
    let now = Instant::from_secs(1);
    let (alice, bob): (SocketAddr, SocketAddr) = (([192, 0, 2, 1], 1).into(), ([192, 0, 2, 2], 2).into());
    let connect = |name, seq| Message { user: 0, seq, body: Body::Connect { name: Name::new(name) } };
    let text = |seq| Message { user: 2, seq, body: Body::Text { text: "bonjour".into(), order: None } };
    says(&mut server, now, alice, &connect("alice", 1), alice);
    let before = says(&mut server, now, bob, &connect("bob", 1), alice);
    let mut last = *before.last().expect("she is told in words that bob has come");
    for restart in 2..20 {
        says(&mut server, now, alice, &connect("alice", restart), alice);
        let after = says(&mut server, now, bob, &text(restart), alice);
        let first = *after.first().expect("the text");
        let steps = first.wrapping_sub(last);
        assert!((0x7f00..=0x8100).contains(&steps), "from {last} to {first}");
        last = first;
    }
}
