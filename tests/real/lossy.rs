//! A lossy link between real programs.

#![expect(clippy::disallowed_types, reason = "a proxy between real sockets")]

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::program::Program;
use crate::talker::Talker;

/// What the adaptive timer makes of losses depends on the time the scheduler takes: that is tested in virtual time.
const TIMER: &[&str] = &["--retransmit-timer", "20ms", "--fixed-timer"];
/// How often a proxy looks whether it is over.
const LOOK: Duration = Duration::from_millis(20);

/// Passes datagrams on, both ways, and drops a third of them. Each client has a socket of its own towards the server.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    front: Option<JoinHandle<()>>,
}

struct Shared {
    server: SocketAddr,
    front: UdpSocket,
    chance: Mutex<fastrand::Rng>,
    lost: AtomicU64,
    is_over: AtomicBool,
}

impl Proxy {
    pub(crate) fn towards(server: SocketAddr, seed: u64) -> Self {
        let front = socket();
        let address = front.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            server,
            front,
            chance: Mutex::new(fastrand::Rng::with_seed(seed)),
            lost: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
        });
        let own = Arc::clone(&shared);
        Self { address, shared, front: Some(thread::spawn(move || own.pass_to_server())) }
    }
}

impl Proxy {
    /// How many datagrams it has lost.
    pub(crate) fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        if let Some(front) = self.front.take() {
            let _ = front.join();
        }
    }
}

impl Shared {
    fn pass_to_server(self: Arc<Self>) {
        let mut backs: BTreeMap<SocketAddr, (Arc<UdpSocket>, JoinHandle<()>)> = BTreeMap::new();
        let mut buffer = [0; 65_536];
        while !self.is_over.load(Ordering::Relaxed) {
            let Ok((length, client)) = self.front.recv_from(&mut buffer) else { continue };
            let (back, _) = backs.entry(client).or_insert_with(|| {
                let back = Arc::new(socket());
                let (shared, own) = (Arc::clone(&self), Arc::clone(&back));
                (back, thread::spawn(move || shared.pass_to_client(&own, client)))
            });
            self.pass(back, self.server, buffer.split_at(length).0);
        }
        for (_, thread) in backs.into_values() {
            let _ = thread.join();
        }
    }

    fn pass_to_client(&self, back: &UdpSocket, client: SocketAddr) {
        let mut buffer = [0; 65_536];
        while !self.is_over.load(Ordering::Relaxed) {
            if let Ok((length, _)) = back.recv_from(&mut buffer) {
                self.pass(&self.front, client, buffer.split_at(length).0);
            }
        }
    }

    fn pass(&self, socket: &UdpSocket, to: SocketAddr, bytes: &[u8]) {
        let drops = self.chance.lock().expect("nobody panics").u8(..3) == 0;
        if drops {
            self.lost.fetch_add(1, Ordering::Relaxed);
        } else {
            let _ = socket.send_to(bytes, to);
        }
    }
}

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.set_read_timeout(Some(LOOK)).expect("a timeout");
    socket
}

#[test]
fn m13_nothing_is_lost_between_two_people_when_a_third_of_all_datagrams_is() {
    let (_server, address) = Program::serve(TIMER);
    let proxy = Proxy::towards(address, 7);
    let mut alice = Talker::with(proxy.address, "alice", TIMER);
    let mut bob = Talker::with(proxy.address, "bob", TIMER);
    let lines = |whose: &str| (1..=40).map(|number| format!("{whose} {number}")).collect::<Vec<_>>();
    alice.types(&lines("from alice").join("\n"));
    bob.types(&lines("from bob").join("\n"));
    for (of_alice, of_bob) in lines("from alice").into_iter().zip(lines("from bob")) {
        bob.hears(&format!("<alice> {of_alice}"));
        alice.hears(&format!("<bob> {of_bob}"));
    }
    alice.ends_well();
    bob.ends_well();
    let lost = proxy.lost();
    assert!(lost > 80, "{lost} datagrams were lost: a third of more than 320");
}
