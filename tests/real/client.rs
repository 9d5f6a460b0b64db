//! A client of a few lines, independent of the library's own: one socket, one message at a time.
//!
//! In: what to ask, what to wait for. Out: messages that came. It asks again until it is answered, and acknowledges every
//! request once it waits for something.

#![expect(clippy::disallowed_types, reason = "these tests are about real sockets and real time")]

use std::net::{SocketAddr, UdpSocket};
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

    /// Waits for a request of this type.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, kind: Kind) -> Message<'static> {
        if let Some(index) = self.heard.iter().position(|message| message.kind() == kind) {
            return self.heard.remove(index);
        }
        self.next(LIMIT, |message| message.kind() == kind).unwrap_or_else(|| panic!("no {kind} in time"))
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
        let mut buffer = [0; 65_536];
        loop {
            let left = end.saturating_duration_since(now());
            if left.is_zero() {
                return None;
            }
            self.socket.set_read_timeout(Some(left)).expect("a timeout");
            let Ok(length) = self.socket.recv(&mut buffer) else { continue };
            let bytes = self.integrity.open(buffer.split_at(length).0).expect("a checksum that matches");
            let message = Message::decode(bytes, &mut Scratch::new()).expect("a message").into_owned();
            self.acknowledge(&message);
            if wanted(&message) {
                return Some(message);
            }
            if message.kind().is_request() {
                self.heard.push(message);
            }
        }
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
