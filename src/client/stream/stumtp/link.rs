//! The numbered messages of one session, over one connection after the other (U2 to U5).
//!
//! In: texts to say, units of the stream. Out: frames on the connection to the server, whether a message is new. Must not
//! know what a text says, nor when there is a connection.

use std::borrow::Cow;
use std::collections::VecDeque;

use crate::client::stream::io::Channel;
use crate::client::stream::tongue::Desk;
use crate::dialect::stumtp::{FRAMING, Head, Tail, carried};
pub(super) use crate::reliable::Arrival;
use crate::reliable::{Full, Session};
use crate::time::Instant;
use crate::wire::{Deframer, Terminated, TooLong};

/// One end of a session.
#[derive(Debug)]
pub(super) struct Link {
    session: Session<Tail>,
    /// What has no number yet: it has none while too much waits for an acknowledgement, or there is nobody to hear it.
    queue: VecDeque<Tail>,
    deframer: Deframer<Terminated>,
}

impl Default for Link {
    fn default() -> Self {
        Self { session: Session::new(), queue: VecDeque::new(), deframer: Deframer::new(FRAMING) }
    }
}

impl Link {
    /// Keeps a text until the other end has it. One that cannot be carried was refused before.
    pub(super) fn keep(&mut self, text: &str) {
        self.queue.extend(Tail::new(&carried(text)));
    }

    /// Sends what may be sent.
    pub(super) fn send(&mut self, desk: &mut Desk) {
        while let Some(tail) = self.queue.pop_front() {
            let size = tail.as_bytes().len();
            match self.session.send(tail.clone(), size) {
                Ok(number) => {
                    let ack = self.session.ride();
                    put(desk, &Head::numbered(number, ack), &tail);
                }
                Err(Full(tail)) => return self.queue.push_front(tail),
            }
        }
    }

    /// Sends again what has not arrived, as far as we know.
    pub(super) fn send_again(&self, desk: &mut Desk) {
        for (number, tail) in self.session.unacknowledged() {
            put(desk, &Head::numbered(number, None), tail);
        }
    }

    /// Goes on with the session of this token: with what we have seen of it.
    pub(super) fn resume(&self, desk: &mut Desk, token: &str) {
        let seen = Some(self.session.seen()).filter(|seen| *seen > 0);
        if let Ok(tail) = Tail::new(&format!("RESUME \"{token}\"")) {
            put(desk, &Head::numbered(0, seen), &tail);
        }
    }

    /// Says something outside the numbering (U5).
    pub(super) fn aside(desk: &mut Desk, text: &str) {
        if let Ok(tail) = Tail::new(&carried(text)) {
            put(desk, &Head::numbered(0, None), &tail);
        }
    }

    /// The next unit of the stream, cut off the front of `bytes`.
    pub(super) fn next(&mut self, bytes: &mut &[u8]) -> Result<Option<Vec<u8>>, TooLong> {
        Ok(self.deframer.next(bytes)?.map(Cow::into_owned))
    }

    /// The other end has everything up to this. An acknowledgement of what was never sent tells nothing.
    pub(super) fn acknowledged(&mut self, ack: Option<u64>) {
        if let Some(ack) = ack {
            let _ = self.session.acknowledged(ack).map(Iterator::count);
        }
    }

    /// A message with this number has come.
    pub(super) fn receive(&mut self, now: Instant, number: u64) -> Arrival {
        self.session.receive(now, number)
    }

    /// There is no connection any more; the next one begins at the beginning of a frame.
    pub(super) fn disconnected(&mut self) {
        self.session.disconnected();
        self.deframer = Deframer::new(FRAMING);
    }

    /// Whether something waits for an acknowledgement.
    pub(super) fn awaits(&self) -> bool {
        self.session.bytes() > 0
    }

    /// When an acknowledgement has to go alone (U4).
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.session.poll_timeout()
    }

    /// Does what is due.
    pub(super) fn handle_timeout(&mut self, now: Instant, desk: &mut Desk) {
        if let Some(ack) = self.session.handle_timeout(now) {
            desk.send(Channel::SERVER, Head::ack(ack).as_bytes().to_vec());
        }
    }
}

/// What names the session, in the answer to LOGIN or RESUME (U5).
pub(super) fn token(text: &str) -> Option<String> {
    let rest = text.trim().strip_prefix("SESSION")?.trim().strip_prefix('"')?.strip_suffix('"')?;
    (!rest.is_empty() && !rest.contains('"')).then(|| rest.to_owned())
}

fn put(desk: &mut Desk, head: &Head, tail: &Tail) {
    desk.send(Channel::SERVER, [head.as_bytes(), tail.as_bytes()].concat());
}
