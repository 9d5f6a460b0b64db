//! From a datagram to a message.
//!
//! In: the bits, and room for the strings. Out: a [`Message`], or the first thing that is wrong. Must not know who watches.

use super::Message;
use crate::wire::{Fault, Malformed, Scratch, Trace};

pub(super) fn decode<'s, T: Trace>(
    _datagram: &[u8],
    _scratch: &'s mut Scratch,
    _trace: T,
) -> Result<Message<'s>, Malformed> {
    Err(Malformed { field: "TYPE", bit: 0, fault: Fault::NotUtf8 })
}
