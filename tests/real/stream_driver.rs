//! The driver of the clients over TCP, at servers that mean no good.
#![expect(clippy::disallowed_types, reason = "these tests are about real sockets")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use palabre::client::stream::driver::StreamDriver;
use palabre::client::stream::{Config, Event, Protocol};
use palabre::dialect::matou::Message;
use palabre::time::Duration;

/// A server that lets in the first who comes, then talks without a pause. How many bytes it got rid of.
fn floods() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let written = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&written);
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let _ = stream.read(&mut [0; 64]);
        let mut words = Vec::new();
        let said = Message::Said { author: "bob".into(), text: "x".into() };
        for message in std::iter::once(Message::Connected { accepted: true }).chain(vec![said; 4_000]) {
            message.encode(&mut words).expect("it can be said");
        }
        // It ends when the client is gone.
        while stream.write_all(&words).is_ok() {
            count.fetch_add(words.len(), Ordering::SeqCst);
        }
    });
    (address, written)
}

#[test]
fn who_is_told_faster_than_he_listens_holds_the_server_back() {
    let (address, written) = floods();
    let mut driver = StreamDriver::connect(Config::new(Protocol::Matou, "alice", address)).expect("a driver");
    for _ in 0..3_000 {
        let event = driver.poll(Some(Duration::from_secs(20))).expect("a connection");
        assert!(matches!(event, Some(Event::Registered | Event::Heard { .. })), "{event:?}");
    }
    // What 3,000 events need, and what the system holds for both ends: not 64 KiB for each event.
    let written = written.load(Ordering::SeqCst);
    assert!(written < 32 << 20, "{written} bytes were read for 3,000 events");
}
