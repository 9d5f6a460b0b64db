//! The newer format: blocks of many kinds, in sections.
//!
//! In: the bytes of a file. Out: its packets, and what palabre wrote about a section. Must not know what is in a packet.

use std::io::Read;

use super::error::Fault;
use super::fields::{Fields, Order};
use super::file::{Found, LONGEST, Packet};
use super::interface::Interface;
use super::source::Source;
use crate::capture::Header;

/// The type of the block that begins a section: the same in both byte orders.
const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

const INTERFACE: u32 = 1;
/// Obsolete, but there are files with it.
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// What every block has besides its body: type, length, and the length again.
const FRAME_BYTES: u32 = 12;
/// How many interfaces a section may have.
const MOST_INTERFACES: usize = 65_536;
const COMMENT: u16 = 1;

/// The section that is being read.
#[derive(Debug)]
pub(super) struct PcapNg {
    order: Order,
    interfaces: Vec<Interface>,
    header: Option<Header>,
    /// When the last packet was seen: a simple packet does not say.
    last: u64,
}

impl PcapNg {
    /// Reads the header of the first section, behind its first four bytes.
    pub(super) fn begin<R: Read>(source: &mut Source<R>) -> Result<Self, Fault> {
        let mut this = Self { order: Order::Little, interfaces: Vec::new(), header: None, last: 0 };
        if !source.take(4)? {
            return Err(Fault::cut(0));
        }
        let length = source.taken().first_chunk().copied().unwrap_or_default();
        this.section(source, 0, length)?;
        Ok(this)
    }

    pub(super) const fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    pub(super) fn next<'a, R: Read>(
        &mut self,
        source: &'a mut Source<R>,
    ) -> Result<Option<Found<'a>>, Fault> {
        let kind = loop {
            let byte = source.position();
            if !source.take(8)? {
                return if source.taken().is_empty() { Ok(None) } else { Err(Fault::cut(byte)) };
            }
            let mut fields = Fields::new(source.taken(), self.order);
            let is_section = fields.rest().starts_with(&SECTION);
            let kind = fields.u32().unwrap_or_default();
            let bytes = fields.rest().first_chunk().copied().unwrap_or_default();
            let length = fields.u32().unwrap_or_default();
            if is_section {
                self.section(source, byte, bytes)?;
                continue;
            }
            if length < FRAME_BYTES || !length.is_multiple_of(4) {
                return Err(Fault::damaged(byte, "a block", length));
            }
            let is_packet = matches!(kind, PACKET | SIMPLE_PACKET | ENHANCED_PACKET);
            if length > LONGEST || !(is_packet || kind == INTERFACE) {
                self.pass(source, byte, length)?;
                if is_packet {
                    return Ok(Some(Found::Broken(format!(
                        "its block has {length} bytes: it is passed over"
                    ))));
                }
                continue;
            }
            if !source.take(length.saturating_sub(8) as usize)? {
                return Err(Fault::cut(byte));
            }
            if kind == INTERFACE {
                self.interface(source.taken(), byte)?;
                continue;
            }
            let (_, again) = source.taken().split_last_chunk().unwrap_or((&[], &[0; 4]));
            if Fields::new(again, self.order).u32() != Some(length) {
                return Ok(Some(Found::Broken("its block says two different lengths".into())));
            }
            break kind;
        };
        let (body, _) = source.taken().split_last_chunk::<4>().unwrap_or((&[], &[0; 4]));
        Ok(Some(self.packet(kind, body).unwrap_or_else(|| Found::Broken("its block is too short".into()))))
    }

    /// Reads the header of a section, behind type and length.
    fn section<R: Read>(&mut self, source: &mut Source<R>, byte: u64, length: [u8; 4]) -> Result<(), Fault> {
        let is_whole = source.take(4)?;
        self.order = match *source.taken() {
            [0x1a, 0x2b, 0x3c, 0x4d] => Order::Big,
            [0x4d, 0x3c, 0x2b, 0x1a] => Order::Little,
            _ if is_whole => {
                return Err(Fault::new(byte, "the header of a section is damaged: the rest cannot be read"));
            }
            _ => return Err(Fault::cut(byte)),
        };
        let length = Fields::new(&length, self.order).u32().unwrap_or_default();
        if !(28..=LONGEST).contains(&length) || !length.is_multiple_of(4) {
            return Err(Fault::damaged(byte, "the header of a section", length));
        }
        if !source.take(length.saturating_sub(FRAME_BYTES) as usize)? {
            return Err(Fault::cut(byte));
        }
        let (body, _) = source.taken().split_last_chunk::<4>().unwrap_or((&[], &[0; 4]));
        let mut fields = Fields::new(body, self.order);
        let version = fields.u16().unwrap_or_default();
        if version != 1 {
            return Err(Fault::new(byte, format!("this is pcapng of version {version}: only 1 can be read")));
        }
        // The minor version, and the length of the section.
        fields.bytes(10);
        self.interfaces.clear();
        let comments = fields
            .filter(|(code, _)| *code == COMMENT)
            .map(|(_, comment)| String::from_utf8_lossy(comment).into_owned());
        self.header = Header::read(comments).transpose().map_err(|why| {
            let advice = "read it with the palabre that wrote it";
            Fault::new(byte, format!("the header that palabre wrote cannot be read ({why}): {advice}"))
        })?;
        Ok(())
    }

    fn interface(&mut self, block: &[u8], byte: u64) -> Result<(), Fault> {
        if self.interfaces.len() >= MOST_INTERFACES {
            return Err(Fault::new(byte, format!("a section has more than {MOST_INTERFACES} interfaces")));
        }
        let (body, _) = block.split_last_chunk::<4>().unwrap_or((&[], &[0; 4]));
        let interface = Interface::read(Fields::new(body, self.order))
            .ok_or_else(|| Fault::new(byte, "an interface is damaged: its packets cannot be read"))?;
        self.interfaces.push(interface);
        Ok(())
    }

    fn pass<R: Read>(&self, source: &mut Source<R>, byte: u64, length: u32) -> Result<(), Fault> {
        if source.skip(length.saturating_sub(8).into())? { Ok(()) } else { Err(Fault::cut(byte)) }
    }

    /// `None`: the block is too short for what it must have.
    fn packet<'a>(&mut self, kind: u32, body: &'a [u8]) -> Option<Found<'a>> {
        let mut fields = Fields::new(body, self.order);
        let number = match kind {
            ENHANCED_PACKET => fields.u32()?,
            PACKET => {
                let number = fields.u16()?;
                // How many packets were lost before it.
                fields.u16()?;
                number.into()
            }
            _ => 0,
        };
        let Some(interface) = self.interfaces.get(number as usize) else {
            return Some(Found::Broken(format!(
                "it is of interface {number}, which the file does not describe"
            )));
        };
        let (kept, length) = if kind == SIMPLE_PACKET {
            let length = fields.u32()?;
            (interface.kept(length).min(u32::try_from(fields.rest().len()).ok()?), length)
        } else {
            let ticks = u64::from(fields.u32()?) << 32 | u64::from(fields.u32()?);
            self.last = interface.micros(ticks);
            (fields.u32()?, fields.u32()?)
        };
        let room = fields.rest().len();
        let Some(bytes) = fields.padded(kept as usize) else {
            return Some(Found::Broken(format!("it would have {kept} bytes, in its block are {room}")));
        };
        let comments = match kind {
            SIMPLE_PACKET => Vec::new(),
            _ => fields
                .filter(|(code, _)| *code == COMMENT)
                .map(|(_, comment)| String::from_utf8_lossy(comment).into_owned())
                .collect(),
        };
        let length = kept.max(length) as usize;
        Some(Found::Packet(Packet {
            at: self.last,
            link: interface.link,
            bytes,
            length,
            comments,
            is_ours: self.header.is_some(),
        }))
    }
}
