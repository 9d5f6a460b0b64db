//! Captures for the dissector: packets around bytes, in files of their own.
//!
//! In: datagrams, streams, cuts. Out: a file. Must not know what the bytes say.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::time::Duration;

use etherparse::PacketBuilder;
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapWriter};
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::PcapNgBlock;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::{DataLink, TsResolution};

/// The server of all captures.
pub(crate) const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const CLIENT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
/// Above all ports that other dissectors know.
const FIRST_PORT: u16 = 50_000;
const TTL: u8 = 64;
const WINDOW: u16 = u16::MAX;

/// Packets in their order, a millisecond apart.
#[derive(Default)]
pub(crate) struct Packets(Vec<Vec<u8>>);

impl Packets {
    /// The address of a client.
    pub(crate) fn client(number: usize) -> SocketAddrV4 {
        let port = u16::try_from(number).ok().and_then(|number| FIRST_PORT.checked_add(number));
        SocketAddrV4::new(CLIENT, port.expect("so many clients have ports"))
    }

    /// A datagram.
    pub(crate) fn datagram(&mut self, from: SocketAddrV4, to: SocketAddrV4, bytes: &[u8]) {
        let builder = PacketBuilder::ipv4(from.ip().octets(), to.ip().octets(), TTL);
        self.write(|out| builder.udp(from.port(), to.port()).write(out, bytes));
    }

    /// The bytes of a connection one way, opened before and ended after, in segments of these sizes, again and again.
    pub(crate) fn stream(&mut self, from: SocketAddrV4, to: SocketAddrV4, bytes: &[u8], sizes: &[usize]) {
        let mut talk = self.open(from, to);
        let (mut rest, mut sizes) = (bytes, sizes.iter().cycle());
        while !rest.is_empty() {
            let size = sizes.next().map_or(rest.len(), |size| (*size).min(rest.len()));
            let (segment, after) = rest.split_at(size);
            talk.say(self, segment);
            rest = after;
        }
        talk.end(self);
    }

    /// Opens a connection.
    pub(crate) fn open(&mut self, from: SocketAddrV4, to: SocketAddrV4) -> Talk {
        let builder = PacketBuilder::ipv4(from.ip().octets(), to.ip().octets(), TTL);
        self.write(|out| builder.tcp(from.port(), to.port(), 0, WINDOW).syn().write(out, &[]));
        let builder = PacketBuilder::ipv4(to.ip().octets(), from.ip().octets(), TTL);
        self.write(|out| builder.tcp(to.port(), from.port(), 0, WINDOW).syn().ack(1).write(out, &[]));
        Talk { from, to, said: 1, heard: 1 }
    }

    /// Writes a file with them.
    pub(crate) fn save(&self, name: &str) -> PathBuf {
        self.save_cut(name, usize::MAX)
    }

    /// Writes a file with at most so many bytes of each.
    pub(crate) fn save_cut(&self, name: &str, snap: usize) -> PathBuf {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let file = std::fs::File::create(&path).expect("a file");
        let header = PcapHeader {
            datalink: DataLink::RAW,
            ts_resolution: TsResolution::MicroSecond,
            ..PcapHeader::default()
        };
        let mut writer = PcapWriter::with_header(std::io::BufWriter::new(file), header).expect("a header");
        for (at, packet) in times().zip(&self.0) {
            let length = u32::try_from(packet.len()).expect("a length");
            let kept = packet.get(..snap).unwrap_or(packet);
            writer.write_packet(&PcapPacket::new(at, length, kept)).expect("a packet");
        }
        path
    }

    fn write<E: std::fmt::Debug>(&mut self, packet: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) {
        let mut out = Vec::new();
        packet(&mut out).expect("a packet");
        self.0.push(out);
    }
}

/// A connection that is open.
pub(crate) struct Talk {
    from: SocketAddrV4,
    to: SocketAddrV4,
    said: u32,
    heard: u32,
}

impl Talk {
    /// The one who opened it says something.
    pub(crate) fn say(&mut self, packets: &mut Packets, bytes: &[u8]) {
        let (from, to) = (self.from, self.to);
        segment(packets, (from, to), (self.said, self.heard), bytes);
        self.said = self.said.wrapping_add(u32::try_from(bytes.len()).expect("a length"));
    }

    /// The other one does.
    pub(crate) fn answer(&mut self, packets: &mut Packets, bytes: &[u8]) {
        let (from, to) = (self.to, self.from);
        segment(packets, (from, to), (self.heard, self.said), bytes);
        self.heard = self.heard.wrapping_add(u32::try_from(bytes.len()).expect("a length"));
    }

    /// Nothing more is said.
    pub(crate) fn end(self, packets: &mut Packets) {
        let builder = PacketBuilder::ipv4(self.from.ip().octets(), self.to.ip().octets(), TTL);
        let end = builder.tcp(self.from.port(), self.to.port(), self.said, WINDOW).fin().ack(self.heard);
        packets.write(|out| end.write(out, &[]));
    }
}

fn segment(
    packets: &mut Packets,
    (from, to): (SocketAddrV4, SocketAddrV4),
    (seq, ack): (u32, u32),
    bytes: &[u8],
) {
    let builder = PacketBuilder::ipv4(from.ip().octets(), to.ip().octets(), TTL);
    let segment = builder.tcp(from.port(), to.port(), seq, WINDOW).psh().ack(ack);
    packets.write(|out| segment.write(out, bytes));
}

/// Writes a file with notes, as palabre's own captures have them, on an interface of this name.
pub(crate) fn notes(name: &str, interface: &'static str, notes: &[&str]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut writer = PcapNgWriter::new(std::fs::File::create(&path).expect("a file")).expect("a section");
    let options = vec![InterfaceDescriptionOption::IfName(interface.into())];
    let interface = InterfaceDescriptionBlock { linktype: DataLink::USER0, snaplen: 0, options };
    writer.write_block(&interface.into_block()).expect("an interface");
    for (timestamp, note) in times().zip(notes) {
        let original_len = u32::try_from(note.len()).expect("a length");
        let data = note.as_bytes().into();
        let note = EnhancedPacketBlock { interface_id: 0, timestamp, original_len, data, options: vec![] };
        writer.write_block(&note.into_block()).expect("a note");
    }
    path
}

fn times() -> impl Iterator<Item = Duration> {
    (1_700_000_000_000..).map(Duration::from_millis)
}
