//! What may happen to a datagram on its way.

use proptest::prelude::*;
use proptest::sample::Index;

/// One thing a link or a person may do to a datagram.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Flip(Index),
    Set(Index, u8),
    Cut(Index),
    Append(u8),
    Drop(Index),
}

/// Any of them.
pub(crate) fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<Index>().prop_map(Change::Flip),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        any::<Index>().prop_map(Change::Cut),
        prop_oneof![Just(0), any::<u8>()].prop_map(Change::Append),
        any::<Index>().prop_map(Change::Drop),
    ]
}

/// Does it to a datagram.
pub(crate) fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Append(byte) => bytes.push(*byte),
        _ if bytes.is_empty() => {}
        Change::Flip(at) => {
            let bit = at.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        Change::Set(at, byte) => {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        Change::Cut(at) => bytes.truncate(at.index(bytes.len())),
        Change::Drop(at) => {
            bytes.remove(at.index(bytes.len()));
        }
    }
}
