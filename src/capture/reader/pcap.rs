//! The classic format: a header, and packets one behind the other.
//!
//! In: the bytes of a file. Out: its packets. Must not know what is in a packet.

use std::io::Read;

use super::error::Fault;
use super::fields::{Fields, Order};
use super::file::{Found, LONGEST, Packet};
use super::source::Source;

/// The header behind the first four bytes.
const HEADER_BYTES: usize = 20;
/// What stands before each packet.
const RECORD_BYTES: usize = 16;

/// What the header says.
#[derive(Debug)]
pub(super) struct Pcap {
    order: Order,
    in_nanoseconds: bool,
    link: u32,
}

impl Pcap {
    /// Reads the header behind the first four bytes.
    pub(super) fn begin<R: Read>(
        source: &mut Source<R>,
        order: Order,
        in_nanoseconds: bool,
    ) -> Result<Self, Fault> {
        if !source.take(HEADER_BYTES)? {
            return Err(Fault::cut(0));
        }
        let mut fields = Fields::new(source.taken(), order);
        // Versions, time zone, accuracy and snap length: nobody fills them in with care.
        fields.bytes(16);
        // The upper half says whether there is a checksum behind each frame: it is cut off with the padding.
        let link = fields.u32().unwrap_or_default() & 0xffff;
        Ok(Self { order, in_nanoseconds, link })
    }

    pub(super) fn next<'a, R: Read>(&self, source: &'a mut Source<R>) -> Result<Option<Found<'a>>, Fault> {
        let byte = source.position();
        if !source.take(RECORD_BYTES)? {
            return if source.taken().is_empty() { Ok(None) } else { Err(Fault::cut(byte)) };
        }
        let mut fields = Fields::new(source.taken(), self.order);
        let mut number = || fields.u32().unwrap_or_default();
        let (seconds, fraction, kept, length) = (number(), number(), number(), number());
        if kept > LONGEST {
            return Err(Fault::damaged(byte, "a packet", kept));
        }
        if !source.take(kept as usize)? {
            return Err(Fault::cut(byte));
        }
        let fraction = if self.in_nanoseconds { fraction / 1_000 } else { fraction };
        let at = u64::from(seconds).saturating_mul(1_000_000).saturating_add(fraction.into());
        let length = kept.max(length) as usize;
        Ok(Some(Found::Packet(Packet {
            at,
            link: self.link,
            bytes: source.taken(),
            length,
            comments: Vec::new(),
            is_ours: false,
        })))
    }
}
