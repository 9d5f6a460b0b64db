//! What one end of a connection says, in order.
//!
//! In: pieces of a stream by their sequence numbers, and what the other end acknowledges. Out: each byte once, and where
//! some are missing. Must not know connections.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::capture::Seen;

/// How much may be held until what comes before it is there, in bytes.
const MOST_HELD: usize = 1 << 20;
/// How many pieces these may be: one that overlaps them all is compared with each.
const MOST_PIECES: usize = 1_024;
/// What a piece costs besides its bytes.
const PIECE_COST: usize = 64;
/// No window is larger, so no acknowledgement can be farther ahead.
const LARGEST_WINDOW: i64 = 1 << 30;

/// Who says it to whom, and where it is told.
#[derive(Debug)]
pub(super) struct Way<'a> {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) told: &'a mut Vec<Seen>,
    /// Whether what is not there yet will never come.
    pub(super) is_in_order: bool,
}

/// Some of a stream.
#[derive(Clone, Debug)]
pub(super) enum Piece<'a> {
    Bytes {
        bytes: &'a [u8],
        pushed: bool,
    },
    /// So many bytes that were not captured.
    Cut(usize),
}

#[derive(Debug)]
enum Held {
    Bytes { bytes: Vec<u8>, pushed: bool },
    Cut(usize),
}

/// One direction of a connection. Places are counted in bytes from the first that is known.
#[derive(Debug, Default)]
pub(super) struct Direction {
    /// The sequence number of place 0; unknown before anything was said.
    base: Option<u32>,
    /// The place of the next byte that is told.
    next: i64,
    /// Never overlapping, never before `next`.
    held: BTreeMap<i64, Held>,
    cost: usize,
    /// Where the end is.
    end: Option<i64>,
    has_ended: bool,
    /// The highest place that the other end has named.
    named: i64,
    /// Up to where it was told that the other end has it.
    acknowledged: i64,
}

impl Direction {
    /// Whether `seq` is the number of its first byte.
    pub(super) fn begins_with(&self, seq: u32) -> bool {
        self.base == Some(seq)
    }

    /// The number of its first byte, if none is known.
    pub(super) fn begin(&mut self, seq: u32) {
        self.base.get_or_insert(seq);
    }

    pub(super) const fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// How much memory its pieces take.
    pub(super) const fn cost(&self) -> usize {
        self.cost
    }

    /// Takes the next piece: its number, and its bytes.
    pub(super) fn hear(&mut self, seq: u32, piece: &Piece<'_>, way: &mut Way<'_>) {
        if self.has_ended || piece.len() == 0 {
            return;
        }
        self.begin(seq);
        let start = self.place(seq);
        let known = usize::try_from(self.next.saturating_sub(start)).unwrap_or(0);
        let Some(piece) = piece.after(known) else { return };
        let start = start.max(self.next);
        if self.held.is_empty() && start == self.next {
            self.tell(&piece, way);
        } else {
            self.hold(start, piece);
        }
        self.settle(way);
    }

    /// Nothing is said from this number on.
    pub(super) fn end(&mut self, seq: u32, way: &mut Way<'_>) {
        self.begin(seq);
        let place = self.place(seq);
        if place >= self.next {
            self.end.get_or_insert(place);
        }
        self.settle(way);
    }

    /// The other end has all before this number: how many bytes more than before.
    pub(super) fn acknowledge(&mut self, seq: u32, way: &mut Way<'_>) -> u64 {
        if self.base.is_none() {
            return 0;
        }
        let place = self.place(seq);
        if place.saturating_sub(self.next) <= LARGEST_WINDOW {
            self.named = self.named.max(place);
        }
        self.settle(way);
        let upto = self.named.min(self.next);
        let more = upto.saturating_sub(self.acknowledged);
        self.acknowledged = self.acknowledged.max(upto);
        u64::try_from(more).unwrap_or(0)
    }

    /// Tells all that is held: what is not there yet will not come.
    pub(super) fn flush(&mut self, way: &mut Way<'_>) {
        way.is_in_order = true;
        self.settle(way);
    }

    /// The place of a number: the nearest to the next byte that has it.
    fn place(&self, seq: u32) -> i64 {
        let [.., a, b, c, d] = self.next.to_be_bytes();
        let next = self.base.unwrap_or(seq).wrapping_add(u32::from_be_bytes([a, b, c, d]));
        self.next.saturating_add(seq.wrapping_sub(next).cast_signed().into())
    }

    /// Tells what can be told.
    fn settle(&mut self, way: &mut Way<'_>) {
        loop {
            while let Some(entry) = self.held.first_entry().filter(|entry| *entry.key() <= self.next) {
                let held = entry.remove();
                self.cost = self.cost.saturating_sub(held.as_piece().cost());
                self.tell(&held.as_piece(), way);
            }
            if self.end.is_some_and(|end| end <= self.next) {
                return self.close(way);
            }
            let first = self.held.first_key_value().map(|(place, _)| *place);
            let Some(beyond) = first.into_iter().chain(self.end).min() else { return };
            let is_full = self.cost > MOST_HELD || self.held.len() > MOST_PIECES;
            if !(way.is_in_order || is_full || self.named >= beyond) {
                return;
            }
            way.missing(beyond.saturating_sub(self.next).unsigned_abs());
            self.next = beyond;
        }
    }

    fn close(&mut self, way: &mut Way<'_>) {
        if !self.has_ended {
            self.has_ended = true;
            self.held.clear();
            self.cost = 0;
            way.told.push(Seen::Ended { from: way.from, to: way.to });
        }
    }

    fn tell(&mut self, piece: &Piece<'_>, way: &mut Way<'_>) {
        match piece {
            Piece::Bytes { bytes, pushed } => way.bytes(bytes, *pushed),
            Piece::Cut(count) => way.missing(*count as u64),
        }
        self.next = self.next.saturating_add_unsigned(piece.len() as u64);
    }

    /// Keeps what is not held yet of a piece that begins at `start`.
    fn hold(&mut self, mut start: i64, piece: Piece<'_>) {
        let mut rest = Some(piece);
        if let Some((place, held)) = self.held.range(..=start).next_back() {
            let end = place.saturating_add_unsigned(held.as_piece().len() as u64);
            let known = usize::try_from(end.saturating_sub(start)).unwrap_or(0);
            rest = rest.and_then(|piece| piece.after(known));
            start = start.max(end);
        }
        while let Some(piece) = rest {
            let following = self.held.range(start..).next();
            let (room, known) = following.map_or((usize::MAX, 0), |(place, held)| {
                (usize::try_from(place.saturating_sub(start)).unwrap_or(usize::MAX), held.as_piece().len())
            });
            let skipped = room.saturating_add(known);
            rest = piece.after(skipped);
            if let Some(held) = piece.before(room) {
                self.cost = self.cost.saturating_add(held.as_piece().cost());
                self.held.insert(start, held);
            }
            start = start.saturating_add_unsigned(skipped as u64);
        }
    }
}

impl<'a> Piece<'a> {
    const fn len(&self) -> usize {
        match self {
            Self::Bytes { bytes, .. } => bytes.len(),
            Self::Cut(count) => *count,
        }
    }

    const fn cost(&self) -> usize {
        match self {
            Self::Bytes { bytes, .. } => bytes.len().saturating_add(PIECE_COST),
            Self::Cut(_) => PIECE_COST,
        }
    }

    /// What is left without the first `count` bytes, if anything is.
    fn after(&self, count: usize) -> Option<Self> {
        let left = self.len().checked_sub(count).filter(|left| *left > 0)?;
        Some(match self {
            Self::Bytes { bytes, pushed } => {
                Self::Bytes { bytes: bytes.get(count..).unwrap_or_default(), pushed: *pushed }
            }
            Self::Cut(_) => Self::Cut(left),
        })
    }

    /// The first `count` bytes to keep, if there are any. Only the last byte of a piece can be pushed.
    fn before(&self, count: usize) -> Option<Held> {
        let count = count.min(self.len());
        (count > 0).then(|| match self {
            Self::Bytes { bytes, pushed } => Held::Bytes {
                bytes: bytes.get(..count).unwrap_or_default().to_vec(),
                pushed: *pushed && count == bytes.len(),
            },
            Self::Cut(_) => Held::Cut(count),
        })
    }
}

impl Held {
    fn as_piece(&self) -> Piece<'_> {
        match self {
            Self::Bytes { bytes, pushed } => Piece::Bytes { bytes, pushed: *pushed },
            Self::Cut(count) => Piece::Cut(*count),
        }
    }
}

impl Way<'_> {
    fn bytes(&mut self, bytes: &[u8], pushed: bool) {
        self.told.push(Seen::Bytes { from: self.from, to: self.to, bytes: bytes.to_vec(), pushed });
    }

    fn missing(&mut self, bytes: u64) {
        self.told.push(Seen::Missing { from: self.from, to: self.to, bytes });
    }
}
