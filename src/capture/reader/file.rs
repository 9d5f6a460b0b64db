//! Which kind of capture it is, and its packets.
//!
//! In: the bytes of a file. Out: packets with the time, the link type and the comments they have. Must not know what is in a
//! packet.

use std::io::Read;

use super::error::Fault;
use super::fields::Order;
use super::pcap::Pcap;
use super::pcapng::PcapNg;
use super::source::Source;
use crate::capture::Header;

/// The longest packet or block that is taken into memory, in bytes.
pub(super) const LONGEST: u32 = 1 << 24;

/// A packet as it stands in the file.
#[derive(Debug)]
pub(super) struct Packet<'a> {
    /// Microseconds since 1970.
    pub(super) at: u64,
    /// The link type by its number in files.
    pub(super) link: u32,
    /// What was kept of it.
    pub(super) bytes: &'a [u8],
    /// How long it was.
    pub(super) length: usize,
    pub(super) comments: Vec<String>,
    /// Whether palabre has written it.
    pub(super) is_ours: bool,
}

/// The next thing in a file.
#[derive(Debug)]
pub(super) enum Found<'a> {
    Packet(Packet<'a>),
    /// A packet that cannot be taken out of the file, though the next one can.
    Broken(String),
}

/// A file of one of the two kinds.
#[derive(Debug)]
pub(super) struct File<R> {
    source: Source<R>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Pcap(Pcap),
    PcapNg(Box<PcapNg>),
}

impl<R: Read> File<R> {
    /// Reads what stands before the first packet.
    pub(super) fn open(inner: R) -> Result<Self, Fault> {
        let mut source = Source::new(inner);
        source.take(4)?;
        let kind = match *source.taken() {
            [0xa1, 0xb2, 0xc3, 0xd4] => Kind::Pcap(Pcap::begin(&mut source, Order::Big, false)?),
            [0xd4, 0xc3, 0xb2, 0xa1] => Kind::Pcap(Pcap::begin(&mut source, Order::Little, false)?),
            [0xa1, 0xb2, 0x3c, 0x4d] => Kind::Pcap(Pcap::begin(&mut source, Order::Big, true)?),
            [0x4d, 0x3c, 0xb2, 0xa1] => Kind::Pcap(Pcap::begin(&mut source, Order::Little, true)?),
            [0x0a, 0x0d, 0x0d, 0x0a] => Kind::PcapNg(Box::new(PcapNg::begin(&mut source)?)),
            [] => return Err(Fault::new(0, "the file is empty")),
            [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd] => {
                return Err(Fault::new(0, "the file is compressed: unpack it first"));
            }
            _ => return Err(Fault::new(0, "this is no capture: it is neither pcap nor pcapng")),
        };
        Ok(Self { source, kind })
    }

    /// The next packet; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Found<'_>>, Fault> {
        match &mut self.kind {
            Kind::Pcap(pcap) => pcap.next(&mut self.source),
            Kind::PcapNg(pcapng) => pcapng.next(&mut self.source),
        }
    }

    /// What palabre has written about the part that is being read.
    pub(super) fn header(&self) -> Option<&Header> {
        match &self.kind {
            Kind::Pcap(_) => None,
            Kind::PcapNg(pcapng) => pcapng.header(),
        }
    }
}
