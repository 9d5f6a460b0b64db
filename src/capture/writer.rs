//! Writes a capture, as `spec/capture.md` has it.
//!
//! In: the header of a capture, events. Out: the bytes of a pcapng file that every tool reads. Must not know files, nor
//! what is said in them.

use std::borrow::Cow;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use etherparse::TcpHeader;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::pcapng::blocks::interface_statistics::{InterfaceStatisticsBlock, InterfaceStatisticsOption};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::{DataLink, Endianness, PcapError};

use super::packet;
use super::recorder::TOO_LONG;
use super::stream::Connections;
use super::{Event, Header, Seen};

/// The interface of packets, and that of notes.
const PACKETS: u32 = 0;
const NOTES: u32 = 1;
/// Units of time are 10 to the power of minus so many seconds.
const NANOSECONDS: u8 = 9;
/// The most bytes in a segment.
const SEGMENT: usize = 32 << 10;
/// The longest an option of a block can be, in bytes.
const LONGEST_OPTION: usize = u16::MAX as usize;

/// Writes a capture.
///
/// What a [`Recorder`](super::Recorder) tells is written; what only a reader can tell (a broken packet, a foreign one) is
/// left out. Nothing is buffered here.
pub struct Writer<W: Write> {
    file: PcapNgWriter<Counted<W>>,
    header: Header,
    connections: Connections,
    /// The packet that is being made; kept for its memory.
    packet: Vec<u8>,
    /// The time of the last record, in nanoseconds since 1970.
    last: u64,
}

impl<W: Write> Writer<W> {
    /// Begins a capture.
    ///
    /// # Errors
    /// When `out` does not take it; [`io::ErrorKind::InvalidInput`] when what the header says besides names is longer than
    /// some 32,000 bytes.
    pub fn new(out: W, header: &Header) -> io::Result<Self> {
        Ok(Self {
            file: begin(out, header)?,
            header: header.clone(),
            connections: Connections::default(),
            packet: Vec::new(),
            last: header.origin.saturating_mul(1_000),
        })
    }

    /// Writes what was seen.
    ///
    /// # Errors
    /// When the file does not take it: then part of it may be there.
    pub fn write(&mut self, event: &Event) -> io::Result<()> {
        self.last = event.at.saturating_mul(1_000);
        let comments = &event.comments;
        match &event.seen {
            Seen::Datagram { from, to, bytes, .. } => self.datagram((*from, *to), bytes, comments),
            Seen::Opened { from, to } => self.open(*from, *to, comments),
            Seen::Bytes { from, to, bytes, pushed } => self.bytes((*from, *to), bytes, *pushed, comments),
            Seen::Missing { from, to, bytes } => {
                self.connections.end(*from, *to).skip(*bytes);
                Ok(())
            }
            Seen::Acknowledged { from, to, bytes } => {
                self.connections.end(*from, *to).takes(*bytes);
                self.say((*from, *to), |_| {}, 0, &[], comments)
            }
            Seen::Window { from, to, is_open } => {
                self.connections.end(*from, *to).can_take(*is_open);
                self.say((*from, *to), |_| {}, 0, &[], comments)
            }
            Seen::Ended { from, to } => {
                self.say((*from, *to), |header| header.fin = true, 1, &[], comments)?;
                // Nothing follows: the engine has done with it.
                if self.connections.is_server(*from, *to) {
                    self.connections.forget(*from, *to);
                }
                Ok(())
            }
            Seen::Reset { from, to } => {
                let reset = |header: &mut TcpHeader| {
                    (header.rst, header.ack, header.acknowledgment_number) = (true, false, 0);
                };
                self.say((*from, *to), reset, 0, &[], comments)?;
                self.connections.forget(*from, *to);
                Ok(())
            }
            Seen::Note(line) => self.record(NOTES, line.as_bytes(), comments),
            Seen::Broken(_) | Seen::Foreign(_) => Ok(()),
        }
    }

    /// How many bytes of this part are written.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.file.get_ref().bytes
    }

    /// Sees to it that nothing written waits in `out`.
    ///
    /// # Errors
    /// When the file does not take it.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.get_mut().flush()
    }

    /// Ends this part, of which `lost` records are missing. [`Writer::begin_part`] goes on.
    ///
    /// # Errors
    /// When the file does not take it.
    pub fn finish_part(&mut self, lost: u64) -> io::Result<()> {
        let block = InterfaceStatisticsBlock {
            interface_id: PACKETS,
            // The format has the upper half first, the library the lower one.
            timestamp: self.last.rotate_left(32),
            options: vec![InterfaceStatisticsOption::IsbIfDrop(lost)],
        };
        self.file.write_pcapng_block(block).map_err(io_error)?;
        self.flush()
    }

    /// Goes on in another file, as the next part. The connections go on too: their numbers continue.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn begin_part(&mut self, out: W) -> io::Result<()> {
        self.header.part = self.header.part.saturating_add(1);
        self.file = begin(out, &self.header)?;
        Ok(())
    }

    /// Ends the capture: `lost` records of this part are missing. Gives the file back.
    ///
    /// # Errors
    /// When the file does not take the end.
    pub fn finish(mut self, lost: u64) -> io::Result<W> {
        self.finish_part(lost)?;
        Ok(self.file.into_inner().out)
    }

    fn datagram(
        &mut self,
        (from, to): (SocketAddr, SocketAddr),
        bytes: &[u8],
        comments: &[String],
    ) -> io::Result<()> {
        if bytes.len() > packet::longest_datagram(from, to) {
            return self.record(NOTES, TOO_LONG.as_bytes(), comments);
        }
        self.packet.clear();
        packet::datagram(from, to, bytes, &mut self.packet)?;
        self.record_packet(comments)
    }

    fn open(&mut self, client: SocketAddr, server: SocketAddr, comments: &[String]) -> io::Result<()> {
        self.connections.open(client, server);
        let syn = |header: &mut TcpHeader| {
            (header.syn, header.sequence_number) = (true, 0);
        };
        let first = |header: &mut TcpHeader| {
            syn(header);
            (header.ack, header.acknowledgment_number) = (false, 0);
        };
        self.say((client, server), first, 0, &[], comments)?;
        self.say((server, client), syn, 0, &[], &[])?;
        self.say((client, server), |_| {}, 0, &[], &[])
    }

    fn bytes(
        &mut self,
        ends: (SocketAddr, SocketAddr),
        bytes: &[u8],
        pushed: bool,
        comments: &[String],
    ) -> io::Result<()> {
        let mut segments = bytes.chunks(SEGMENT).peekable();
        let mut comments = comments;
        while let Some(segment) = segments.next() {
            let psh = pushed && segments.peek().is_none();
            self.say(ends, |header| header.psh = psh, segment.len(), segment, comments)?;
            comments = &[];
        }
        Ok(())
    }

    /// Writes a segment; `counts` is how far it moves the numbers.
    fn say(
        &mut self,
        (from, to): (SocketAddr, SocketAddr),
        flags: impl FnOnce(&mut TcpHeader),
        counts: usize,
        bytes: &[u8],
        comments: &[String],
    ) -> io::Result<()> {
        let mut header = self.connections.end(from, to).says((from, to), counts);
        flags(&mut header);
        self.packet.clear();
        packet::segment((from, to), header, bytes, &mut self.packet)?;
        self.record_packet(comments)
    }

    fn record_packet(&mut self, comments: &[String]) -> io::Result<()> {
        let packet = std::mem::take(&mut self.packet);
        let result = self.record(PACKETS, &packet, comments);
        self.packet = packet;
        result
    }

    fn record(&mut self, interface: u32, data: &[u8], comments: &[String]) -> io::Result<()> {
        let block = EnhancedPacketBlock {
            interface_id: interface,
            // The library writes its nanoseconds as they are, which is what the interfaces say.
            timestamp: Duration::from_nanos(self.last),
            original_len: u32::try_from(data.len()).unwrap_or(u32::MAX),
            data: Cow::Borrowed(data),
            options: comments.iter().map(|comment| EnhancedPacketOption::Comment(option(comment))).collect(),
        };
        self.file.write_pcapng_block(block).map_err(io_error)?;
        Ok(())
    }
}

/// The section and the two interfaces.
fn begin<W: Write>(out: W, header: &Header) -> io::Result<PcapNgWriter<Counted<W>>> {
    let comments = header.comments();
    if let Some(comment) = comments.iter().find(|comment| comment.len() > LONGEST_OPTION) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "what the file says about the server has {} bytes, and {LONGEST_OPTION} fit",
                comment.len()
            ),
        ));
    }
    let mut options: Vec<_> =
        comments.into_iter().map(|comment| SectionHeaderOption::Comment(comment.into())).collect();
    options.push(SectionHeaderOption::UserApplication(format!("palabre {}", header.palabre).into()));
    let section =
        SectionHeaderBlock { endianness: Endianness::Little, options, ..SectionHeaderBlock::default() };
    let mut file = PcapNgWriter::with_section_header(Counted { out, bytes: 0 }, section).map_err(io_error)?;
    for (name, linktype) in [("palabre", DataLink::RAW), ("palabre-engine", DataLink::USER0)] {
        let options = vec![
            InterfaceDescriptionOption::IfName(name.into()),
            InterfaceDescriptionOption::IfTsResol(NANOSECONDS),
        ];
        let block = InterfaceDescriptionBlock { linktype, snaplen: 0, options };
        file.write_pcapng_block(block).map_err(io_error)?;
    }
    Ok(file)
}

/// As much of a text as an option can have.
fn option(text: &str) -> Cow<'_, str> {
    text.get(..text.floor_char_boundary(LONGEST_OPTION)).unwrap_or_default().into()
}

fn io_error(error: PcapError) -> io::Error {
    match error {
        PcapError::IoError(error) => error,
        other => io::Error::other(other),
    }
}

/// Counts what is written.
#[derive(Debug)]
struct Counted<W> {
    out: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.bytes = self.bytes.saturating_add(count as u64);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
