//! A capture, told from its beginning to its end.
//!
//! In: [`Event`]s, in order. Out: [`Item`]s, in the order of time; at the end a [`Summary`]. Must not know files, nor how
//! items are shown.

use std::collections::VecDeque;

use super::streams::Streams;
use super::summary::Packets;
use super::talks::{Datagram, Talks};
use super::{Item, Ports, Summary, What};
use crate::capture::{Event, Header, Seen};

/// What begins a comment that says whose packet it is.
const PEER: &str = "peer ";

/// A capture being told.
///
/// ```
/// use palabre::capture::{Event, Seen};
/// use palabre::replay::{Ports, Story, What};
///
/// let mut story = Story::new(Ports::default());
/// let (from, to) = ("192.0.2.1:40000".parse().unwrap(), "192.0.2.9:7401".parse().unwrap());
/// let bytes = vec![0x08, 0x00, 0x00, 0x0b, 0x0b, 0x63, 0x4b, 0x1b, 0x29, 0x18];
/// let seen = Seen::Datagram { from, to, bytes, missing: 0 };
/// story.hear(Event { packet: 1, at: 0, comments: Vec::new(), seen });
/// let Some(What::Message(message)) = story.next().map(|item| item.what) else { panic!() };
/// assert_eq!(message.dissection.message, Some("CONNEXION"));
/// ```
#[derive(Debug)]
pub struct Story {
    ports: Ports,
    talks: Talks,
    streams: Streams,
    packets: Packets,
    items: VecDeque<Item>,
    /// The packet of the last event.
    packet: u64,
    /// The time of the last event.
    now: u64,
}

impl Story {
    /// At the beginning, with what is known of ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self {
            ports,
            talks: Talks::default(),
            streams: Streams::default(),
            packets: Packets::default(),
            items: VecDeque::new(),
            packet: 0,
            now: 0,
        }
    }

    /// The server that wrote what follows says of itself where it listens.
    pub fn learn(&mut self, header: &Header) {
        self.ports.learn(header);
    }

    /// The capture says that it has missed so many packets.
    pub const fn lost(&mut self, packets: u64) {
        self.packets.lost = self.packets.lost.saturating_add(packets);
    }

    /// The next event; what there is to tell about it is given by [`Story::next`], which is to be asked until it gives
    /// nothing more. Packets are counted through all files.
    pub fn hear(&mut self, event: Event) {
        // One packet with a wrong time must not make all that follow it late.
        self.now = event.at;
        self.talks.pass(self.now, &mut self.items);
        let before = self.items.len();
        let Event { packet, at, comments, seen } = event;
        let is_new = packet != self.packet;
        self.packet = packet;
        let is_told = self.see((packet, at, is_new), seen, &comments);
        if comments.is_empty() {
            return;
        }
        // Whose packet it is needs no line of its own.
        let has_more = comments.iter().any(|comment| !comment.starts_with(PEER));
        match self.items.get_mut(before) {
            Some(item) => item.comments = comments,
            None if is_told && has_more => {
                self.items.push_back(Item { packet, at, comments, what: What::Remark });
            }
            None => {}
        }
    }

    /// The next thing to tell; `None` until another event is heard.
    #[expect(clippy::should_implement_trait, reason = "an iterator would not give more after it has ended")]
    pub fn next(&mut self) -> Option<Item> {
        self.items.pop_front()
    }

    /// There are no more events: what is open now is told as unanswered.
    pub fn end(&mut self) {
        self.talks.end(self.now, &mut self.items);
        self.streams.end((self.packet, self.now), &mut self.items);
    }

    /// What it comes to.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut rows = self.talks.rows();
        self.streams.rows(&mut rows);
        Summary { rows: rows.into_rows(), packets: self.packets }
    }

    /// Whether somebody is known to listen for it.
    fn see(&mut self, (packet, at, is_new): (u64, u64, bool), seen: Seen, comments: &[String]) -> bool {
        let peer = comments.iter().find_map(|comment| comment.strip_prefix(PEER));
        // What was escaped is not what the wire has.
        let peer = peer.filter(|name| !name.contains('\\') && self.ports.has_learnt());
        let what = match seen {
            Seen::Datagram { from, to, bytes, missing } => {
                count(&mut self.packets.udp, true);
                count(&mut self.packets.cut, missing > 0);
                let datagram = Datagram { packet, at, from, to, bytes: &bytes, missing, peer };
                let Some(message) = self.talks.hear(&self.ports, &datagram) else {
                    count(&mut self.packets.passed_over, true);
                    return false;
                };
                What::Message(message)
            }
            Seen::Note(note) => {
                let lost = note.strip_prefix("lost ").and_then(|count| count.parse().ok());
                self.lost(lost.unwrap_or(0));
                What::Note(note)
            }
            Seen::Broken(why) => {
                count(&mut self.packets.broken, true);
                What::Broken(why)
            }
            Seen::Foreign(_) => {
                count(&mut self.packets.passed_over, true);
                return false;
            }
            seen => {
                count(&mut self.packets.tcp, is_new);
                count(&mut self.packets.cut, matches!(seen, Seen::Missing { .. }));
                let is_told = self.streams.see(&self.ports, (packet, at), seen, peer, &mut self.items);
                count(&mut self.packets.passed_over, is_new && !is_told);
                return is_told;
            }
        };
        self.items.push_back(Item { packet, at, comments: Vec::new(), what });
        true
    }
}

fn count(counter: &mut u64, really: bool) {
    *counter = counter.saturating_add(really.into());
}
