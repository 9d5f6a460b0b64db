//! IP packets that came in pieces, until the last piece is there.
//!
//! In: pieces. Out: what they are together, or that some never came. Bounded in packets, bytes and time. Must not know what
//! is carried.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::ip::Place;

/// How many packets may wait for their pieces.
const MOST_PACKETS: usize = 256;
/// How many bytes they may have together.
const MOST_BYTES: usize = 8 << 20;
/// What a piece costs besides its bytes.
const PIECE_COST: usize = 64;
/// How long a packet waits for its pieces, in microseconds: as long as Linux does.
const PATIENCE: u64 = 30_000_000;
/// The longest that pieces may be together.
const LONGEST: usize = 65_535;

/// Which pieces belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) from: IpAddr,
    pub(super) to: IpAddr,
    pub(super) id: u32,
    pub(super) protocol: u8,
}

/// Where a piece belongs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) id: u32,
    /// Bytes.
    pub(super) offset: usize,
    pub(super) is_last: bool,
}

/// A packet that is not whole yet.
#[derive(Debug)]
struct Packet {
    pieces: BTreeMap<usize, Vec<u8>>,
    bytes: usize,
    /// How long it will be: the last piece knows.
    length: Option<usize>,
    begun: Place,
}

/// Packets that are not whole yet.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    packets: BTreeMap<Key, Packet>,
    cost: usize,
    given_up: Vec<String>,
}

impl Fragments {
    /// Adds a piece; what all are together, when it was the last that was missing.
    ///
    /// # Errors
    /// Why it cannot be a piece.
    pub(super) fn add(
        &mut self,
        key: Key,
        piece: &Piece,
        bytes: &[u8],
        place: Place,
    ) -> Result<Option<Vec<u8>>, String> {
        let end = piece.offset.saturating_add(bytes.len());
        if end > LONGEST {
            return Err(format!("a piece of an IP packet ends at byte {end}, and it may have {LONGEST}"));
        }
        if bytes.is_empty() || (!piece.is_last && !bytes.len().is_multiple_of(8)) {
            return Err(format!("a piece of an IP packet has {} bytes", bytes.len()));
        }
        if !self.packets.contains_key(&key) {
            self.forget_old(place.at);
        }
        let packet = self.packets.entry(key).or_insert_with(|| Packet {
            pieces: BTreeMap::new(),
            bytes: 0,
            length: None,
            begun: place,
        });
        if !packet.pieces.contains_key(&piece.offset) {
            packet.bytes = packet.bytes.saturating_add(bytes.len());
            self.cost = self.cost.saturating_add(bytes.len()).saturating_add(PIECE_COST);
            packet.pieces.insert(piece.offset, bytes.to_vec());
        }
        if piece.is_last {
            packet.length = Some(end);
        }
        let whole = packet.whole();
        if whole.is_some() {
            self.remove(&key);
        }
        while self.packets.len() > MOST_PACKETS || self.cost > MOST_BYTES {
            if !self.give_up_oldest() {
                break;
            }
        }
        Ok(whole)
    }

    /// What became of packets whose pieces never came: a sentence each.
    pub(super) fn given_up(&mut self) -> impl Iterator<Item = String> + '_ {
        self.given_up.drain(..)
    }

    /// Gives up all that wait: nothing more comes.
    pub(super) fn finish(&mut self) {
        while self.give_up_oldest() {}
    }

    fn forget_old(&mut self, now: u64) {
        while self.oldest().is_some_and(|(_, begun)| now.saturating_sub(begun.at) > PATIENCE) {
            self.give_up_oldest();
        }
    }

    fn oldest(&self) -> Option<(Key, Place)> {
        let (key, packet) = self.packets.iter().min_by_key(|(_, packet)| packet.begun.packet)?;
        Some((*key, packet.begun))
    }

    fn give_up_oldest(&mut self) -> bool {
        let Some((key, begun)) = self.oldest() else { return false };
        self.remove(&key);
        let packet = begun.packet;
        self.given_up
            .push(format!("of the IP packet that begins in packet {packet}, some pieces are missing"));
        true
    }

    fn remove(&mut self, key: &Key) {
        if let Some(packet) = self.packets.remove(key) {
            let cost = packet.pieces.values().map(|piece| piece.len().saturating_add(PIECE_COST)).sum();
            self.cost = self.cost.saturating_sub(cost);
        }
    }
}

impl Packet {
    /// All pieces together. Where two overlap, the one that begins first is right.
    fn whole(&self) -> Option<Vec<u8>> {
        let length = self.length.filter(|length| self.bytes >= *length)?;
        let mut whole = Vec::with_capacity(length);
        for (offset, piece) in &self.pieces {
            let known = whole.len().checked_sub(*offset)?;
            whole.extend_from_slice(piece.get(known..).unwrap_or_default());
        }
        whole.truncate(length);
        (whole.len() == length).then_some(whole)
    }
}
