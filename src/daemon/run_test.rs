//! One turn of the loop at a time, on loopback.
//!
//! In: a socket as full as it gets. Out: what a turn does about it. Must not know anything of a message but its type.

#![expect(clippy::disallowed_types, reason = "the other end of a real socket")]

use std::net::UdpSocket;

use super::super::carry::BUDGET;
use super::*;

/// CONNEXION, "alice": she gets the id 1.
const ALICE: [u8; 10] = [0x08, 0x00, 0x00, 0x0b, 0x0b, 0x63, 0x4b, 0x1b, 0x29, 0x18];
/// BONJOUR of the id 1: she reads notifications.
const HELLO: [u8; 7] = [0xb8, 0x08, 0x00, 0x10, 0x08, 0x00, 0x08];
/// CONNEXION, "bob".
const BOB: [u8; 8] = [0x08, 0x00, 0x00, 0x0b, 0x13, 0x7b, 0x11, 0x18];
/// The type NOTIFICATION.
const NOTIFICATION: u8 = 27;

/// A daemon that is turned by hand; it repeats each 2 ms.
fn daemon() -> Daemon {
    let mut settings = Settings::msp([([127, 0, 0, 1], 0).into()]);
    settings.config.listeners[0].timing.timer = Duration::from_millis(2);
    settings.config.listeners[0].timing.tries = 1_000;
    Daemon::bind(&settings).expect("a free port")
}

fn turn(daemon: &mut Daemon) {
    daemon.turn(&mut Events::with_capacity(4)).expect("a poll that works");
}

fn client(daemon: &Daemon) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.connect(daemon.local_addresses().next().expect("a listener")).expect("an address");
    socket.set_read_timeout(Some(Duration::from_millis(10))).expect("a timeout");
    socket
}

/// The types of all messages that came, once nothing has come for 10 ms.
fn types_heard(client: &UdpSocket) -> Vec<u8> {
    let mut buffer = [0; 2_048];
    std::iter::from_fn(|| client.recv(&mut buffer).ok().map(|_| buffer[0] >> 3)).collect()
}

#[test]
fn m13_what_is_due_is_sent_again_in_a_turn_that_leaves_datagrams_unread() {
    let mut daemon = daemon();
    let (alice, bob) = (client(&daemon), client(&daemon));
    for (client, datagram) in [(&alice, &ALICE[..]), (&alice, &HELLO), (&bob, &BOB)] {
        client.send(datagram).expect("loopback takes it");
        turn(&mut daemon);
    }
    // Ten quiet milliseconds: what she does not acknowledge is due now.
    assert_eq!(types_heard(&alice).last(), Some(&NOTIFICATION));

    for _ in 0..BUDGET + 10 {
        bob.send(&[0]).expect("loopback takes it");
    }
    turn(&mut daemon);
    assert!(daemon.listeners.iter().all(Listening::is_readable), "a budget was read, there is more");
    assert_eq!(daemon.patience(), Duration::ZERO);
    assert_eq!(types_heard(&alice).first(), Some(&NOTIFICATION), "again");
}
