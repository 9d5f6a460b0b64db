//! Connections, put back in order.
//!
//! In: segments as they were captured, out of order, twice, or never. Out: what the two ends said and did. Bounded in
//! connections and bytes: the longest silent go first. Must not know what is said.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::direction::{Direction, Piece, Way};
use super::transport::Segment;
use crate::capture::Seen;

/// How many connections are known at once.
const MOST_CONNECTIONS: usize = 4_096;
/// How much all may hold together, in bytes.
const MOST_HELD: usize = 64 << 20;

/// The two ends, the lesser address first.
type Pair = [SocketAddr; 2];

/// All connections.
#[derive(Debug, Default)]
pub(super) struct Streams {
    connections: BTreeMap<Pair, Connection>,
    /// By the packet in which they were heard last.
    silent: BTreeMap<u64, Pair>,
    held: usize,
}

/// One connection: what each end says, in the order of the pair.
#[derive(Debug, Default)]
struct Connection {
    last: u64,
    ends: [End; 2],
}

#[derive(Debug, Default)]
struct End {
    says: Direction,
    /// It can take nothing for now.
    is_full: bool,
    has_reset: bool,
}

impl Streams {
    /// Takes the segment in the packet of this number. `is_ours`: palabre has written it, so it is in its place.
    pub(super) fn hear(&mut self, packet: u64, segment: &Segment<'_>, is_ours: bool, told: &mut Vec<Seen>) {
        let (from, to) = (segment.from, segment.to);
        let (pair, is_second) = if from <= to { ([from, to], false) } else { ([to, from], true) };
        let says_something = segment.syn || segment.fin || segment.rst || segment.has_bytes();
        if !says_something && !self.connections.contains_key(&pair) {
            return;
        }
        let connection = self.connections.entry(pair).or_default();
        self.silent.remove(&connection.last);
        self.silent.insert(packet, pair);
        connection.last = packet;
        self.held = self.held.saturating_sub(connection.cost());
        connection.hear(pair, is_second, segment, is_ours, told);
        self.held = self.held.saturating_add(connection.cost());
        while self.connections.len() > MOST_CONNECTIONS || self.held > MOST_HELD {
            if !self.forget_one(told) {
                break;
            }
        }
    }

    /// Forgets the connection that was silent longest, and tells what it held; says whether there was one.
    pub(super) fn forget_one(&mut self, told: &mut Vec<Seen>) -> bool {
        let Some((_, pair)) = self.silent.pop_first() else { return false };
        if let Some(mut connection) = self.connections.remove(&pair) {
            self.held = self.held.saturating_sub(connection.cost());
            connection.flush(pair, told);
        }
        true
    }
}

impl Connection {
    fn hear(
        &mut self,
        pair: Pair,
        is_second: bool,
        segment: &Segment<'_>,
        is_ours: bool,
        told: &mut Vec<Seen>,
    ) {
        let (from, to) = (segment.from, segment.to);
        if segment.syn && segment.ack.is_none() && (is_ours || self.is_new(is_second, segment.seq)) {
            self.flush(pair, told);
            *self = Self { last: self.last, ..Self::default() };
            told.push(Seen::Opened { from, to });
        }
        let [first, second] = &mut self.ends;
        let (end, other) = if is_second { (second, first) } else { (first, second) };
        // A SYN counts one.
        let seq = segment.seq.wrapping_add(segment.syn.into());
        if segment.syn {
            end.says.begin(seq);
            // It answers to a SYN that was perhaps not captured.
            if let Some(ack) = segment.ack {
                other.says.begin(ack);
            }
        }
        if let Some(ack) = segment.ack {
            let bytes =
                other.says.acknowledge(ack, &mut Way { from: to, to: from, told, is_in_order: is_ours });
            if bytes > 0 {
                told.push(Seen::Acknowledged { from, to, bytes });
            }
        }
        let is_full = segment.window == 0;
        if !segment.rst && is_full != end.is_full {
            end.is_full = is_full;
            told.push(Seen::Window { from, to, is_open: !is_full });
        }
        let mut way = Way { from, to, told, is_in_order: is_ours };
        end.says.hear(
            seq,
            &Piece::Bytes { bytes: segment.bytes, pushed: segment.psh && segment.cut == 0 },
            &mut way,
        );
        let cut = seq.wrapping_add(low(segment.bytes.len()));
        end.says.hear(cut, &Piece::Cut(segment.cut), &mut way);
        if segment.fin {
            end.says.end(cut.wrapping_add(low(segment.cut)), &mut way);
        }
        if segment.rst && !end.has_reset {
            end.has_reset = true;
            self.flush(pair, told);
            told.push(Seen::Reset { from, to });
        }
    }

    /// Whether a SYN with this number begins another connection, and is not that of this one once more.
    fn is_new(&self, is_second: bool, seq: u32) -> bool {
        let [first, second] = &self.ends;
        let end = if is_second { second } else { first };
        let is_over = self.ends.iter().any(|end| end.has_reset || end.says.has_ended());
        is_over || !end.says.begins_with(seq.wrapping_add(1))
    }

    /// Tells what is held: what should come before it will not.
    fn flush(&mut self, [a, b]: Pair, told: &mut Vec<Seen>) {
        let [first, second] = &mut self.ends;
        first.says.flush(&mut Way { from: a, to: b, told, is_in_order: true });
        second.says.flush(&mut Way { from: b, to: a, told, is_in_order: true });
    }

    fn cost(&self) -> usize {
        self.ends.iter().map(|end| end.says.cost()).fold(0, usize::saturating_add)
    }
}

impl Segment<'_> {
    const fn has_bytes(&self) -> bool {
        !self.bytes.is_empty() || self.cut > 0
    }
}

/// A length as sequence numbers count.
fn low(length: usize) -> u32 {
    let [.., a, b, c, d] = (length as u64).to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}
