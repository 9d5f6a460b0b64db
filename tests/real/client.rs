//! A client of a few lines, independent of the library's own: one socket, one message at a time.
//!
//! In: what to ask, what to wait for. Out: messages that came. It asks again until it is answered, and acknowledges every
//! request once it waits for something.

#![expect(clippy::disallowed_types, reason = "these tests are about real sockets and real time")]

use std::collections::BTreeSet;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use palabre::dialect::msp::{Body, Capabilities, Kind, Message, NOBODY, Name, Registration};
use palabre::wire::{Integrity, Payload, Scratch};

use crate::program::LIMIT;

/// How long to wait before asking again.
const AGAIN: Duration = Duration::from_millis(200);

pub(crate) struct Client {
    socket: UdpSocket,
    integrity: Integrity,
    id: u8,
    seq: u16,
    /// Requests that were acknowledged and not waited for yet.
    heard: Vec<Message<'static>>,
}

impl Client {
    /// A client that nobody knows.
    pub(crate) fn new(server: SocketAddr, integrity: Integrity) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        socket.connect(server).expect("an address");
        Self { socket, integrity, id: NOBODY, seq: 0, heard: Vec::new() }
    }

    /// A client that is registered.
    #[track_caller]
    pub(crate) fn registered(server: SocketAddr, name: &str) -> Self {
        let mut client = Self::new(server, Integrity::None);
        let registration = client.register(name);
        assert_ne!(client.id, NOBODY, "{name}: {registration:?}");
        client
    }

    /// Asks for a name; takes the id that is given.
    #[track_caller]
    pub(crate) fn register(&mut self, name: &str) -> Registration {
        let answer = self.ask(Body::Connect { name: Name::new(name).map(Name::into_owned) });
        let Body::ConnectReply(registration) = answer else { panic!("{answer:?}") };
        if let Registration::Registered { id, .. } = registration {
            self.id = id;
        }
        registration
    }

    /// Says that it can read notifications.
    #[track_caller]
    pub(crate) fn say_hello(&mut self) {
        let answer = self.ask(Body::Hello { version: 1, capabilities: Capabilities::NOTIFICATIONS });
        assert!(matches!(answer, Body::HelloReply { .. }), "{answer:?}");
    }

    pub(crate) const fn id(&self) -> u8 {
        self.id
    }

    /// Asks until it is answered.
    #[track_caller]
    pub(crate) fn ask(&mut self, body: Body<'_>) -> Body<'static> {
        self.seq += 1;
        let seq = self.seq;
        let request = Message { user: self.id, seq, body };
        let end = after(LIMIT);
        while now() < end {
            self.send(&request);
            if let Some(answer) = self.next(AGAIN, |m| m.seq == seq && !m.kind().is_request()) {
                return answer.body;
            }
        }
        panic!("no answer to {request:?}");
    }

    /// Waits for a notification.
    #[track_caller]
    pub(crate) fn notification(&mut self) -> Message<'static> {
        self.wait_for(|message| message.kind() == Kind::Notification)
    }

    /// Waits for a text of this author.
    #[track_caller]
    pub(crate) fn text_of(&mut self, author: u8) -> String {
        let message = self.wait_for(|message| message.kind() == Kind::Text && message.user == author);
        let Body::Text { text, .. } = message.body else { panic!("{message:?}") };
        text.into_owned()
    }

    #[track_caller]
    fn wait_for(&mut self, wanted: impl Fn(&Message<'_>) -> bool) -> Message<'static> {
        if let Some(index) = self.heard.iter().position(&wanted) {
            return self.heard.remove(index);
        }
        self.next(LIMIT, wanted).expect("it comes in time")
    }

    /// Waits until the same request has come twice, and does not acknowledge it.
    #[track_caller]
    pub(crate) fn is_asked_again(&mut self, kind: Kind) {
        let mut seen = BTreeSet::new();
        let end = after(LIMIT);
        while now() < end {
            if let Some(message) = self.receive(end).filter(|message| message.kind() == kind)
                && !seen.insert(message.seq)
            {
                return;
            }
        }
        panic!("no {kind} came twice in time");
    }

    /// Sends bytes as they are, and says whether anything comes back soon.
    pub(crate) fn is_answered(&mut self, bytes: &[u8]) -> bool {
        self.socket.send(bytes).expect("sent");
        self.socket.set_read_timeout(Some(AGAIN)).expect("a timeout");
        self.socket.recv(&mut [0; 2048]).is_ok()
    }

    /// The next message that is wanted; requests are acknowledged, and those that are not wanted are kept.
    fn next(&mut self, limit: Duration, wanted: impl Fn(&Message<'_>) -> bool) -> Option<Message<'static>> {
        let end = after(limit);
        while now() < end {
            let Some(message) = self.receive(end) else { continue };
            self.acknowledge(&message);
            if wanted(&message) {
                return Some(message);
            }
            if message.kind().is_request() {
                self.heard.push(message);
            }
        }
        None
    }

    /// What comes next, if anything does before `end`.
    fn receive(&self, end: Instant) -> Option<Message<'static>> {
        let left = end.saturating_duration_since(now()).max(Duration::from_millis(1));
        self.socket.set_read_timeout(Some(left)).expect("a timeout");
        let mut buffer = [0; 65_536];
        let length = self.socket.recv(&mut buffer).ok()?;
        let bytes = self.integrity.open(buffer.split_at(length).0).expect("a checksum that matches");
        Some(Message::decode(bytes, &mut Scratch::new()).expect("a message").into_owned())
    }

    fn acknowledge(&self, request: &Message<'_>) {
        let body = match request.kind() {
            Kind::Text => Body::TextReply,
            Kind::Notification => Body::NotificationReply,
            _ => return,
        };
        self.send(&Message { user: self.id, seq: request.seq, body });
    }

    fn send(&self, message: &Message<'_>) {
        let mut bytes = Vec::new();
        message.encode(&mut bytes).expect("a message that can be written");
        let sealed = self.integrity.seal(Payload::new(&bytes)).to_vec();
        // A server that is gone may be reported here, for an earlier datagram.
        let _ = self.socket.send(&sealed);
    }
}

#[expect(clippy::disallowed_methods, reason = "a limit of a real wait")]
fn now() -> Instant {
    Instant::now()
}

fn after(limit: Duration) -> Instant {
    now() + limit
}

/// Sends what is too short to be a message, faster than one process can read it, until it is dropped.
pub(crate) struct Flood {
    over: Arc<AtomicBool>,
    senders: Vec<JoinHandle<()>>,
}

impl Flood {
    pub(crate) fn start(server: SocketAddr) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let sender = |_| {
            let (over, client) = (Arc::clone(&over), Client::new(server, Integrity::None));
            std::thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    // A full buffer is what is wanted.
                    let _ = client.socket.send(&[0]);
                }
            })
        };
        let senders = (0..4).map(sender).collect();
        Self { over, senders }
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        for sender in self.senders.drain(..) {
            let _ = sender.join();
        }
    }
}
