//! Packets and files of packets, made by other hands than those that read them.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::time::Duration;

use etherparse::PacketBuilder;
use palabre::capture::{Event, Reader, Seen, Unreadable};
use pcap_file::pcap::{PcapHeader, PcapWriter, RawPcapPacket};
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::{DataLink, Endianness, TsResolution};

pub(crate) const CLIENT: &str = "192.0.2.7:50001";
pub(crate) const SERVER: &str = "192.0.2.1:7401";

pub(crate) fn client() -> SocketAddr {
    CLIENT.parse().unwrap()
}

pub(crate) fn server() -> SocketAddr {
    SERVER.parse().unwrap()
}

/// All that a file tells, and the error in which it ends.
pub(crate) fn read(file: &[u8]) -> (Vec<Event>, Option<Unreadable>) {
    let mut reader = match Reader::open(file) {
        Ok(reader) => reader,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut events = Vec::new();
    loop {
        match reader.next() {
            Ok(Some(event)) => events.push(event),
            Ok(None) => return (events, None),
            Err(error) => {
                assert_eq!(reader.next(), Ok(None), "an error is said once, and is the last");
                return (events, Some(error));
            }
        }
    }
}

/// All that a whole file tells.
pub(crate) fn seen(file: &[u8]) -> Vec<Seen> {
    let (events, error) = read(file);
    assert_eq!(error, None);
    events.into_iter().map(|event| event.seen).collect()
}

/// An IP packet with a datagram from the client to the server.
pub(crate) fn udp(payload: &[u8]) -> Vec<u8> {
    udp_between(client(), server(), payload)
}

pub(crate) fn udp_between(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let builder = match (from, to) {
        (SocketAddr::V4(from), SocketAddr::V4(to)) => {
            PacketBuilder::ipv4(from.ip().octets(), to.ip().octets(), 64)
        }
        (SocketAddr::V6(from), SocketAddr::V6(to)) => {
            PacketBuilder::ipv6(from.ip().octets(), to.ip().octets(), 64)
        }
        _ => panic!("two of one family"),
    };
    let mut packet = Vec::new();
    builder.udp(from.port(), to.port()).write(&mut packet, payload).unwrap();
    packet
}

/// What is seen of such a datagram.
pub(crate) fn datagram(payload: &[u8]) -> Seen {
    Seen::Datagram { from: client(), to: server(), bytes: payload.to_vec(), missing: 0 }
}

/// A classic file with these packets, one a second.
pub(crate) fn pcap(link: u32, packets: &[Vec<u8>]) -> Vec<u8> {
    let whole: Vec<_> = packets.iter().map(|packet| (packet.clone(), packet.len())).collect();
    pcap_of(link, Endianness::Little, TsResolution::MicroSecond, &whole)
}

/// The same in any form; each packet with the length that it had.
pub(crate) fn pcap_of(
    link: u32,
    endianness: Endianness,
    ts_resolution: TsResolution,
    packets: &[(Vec<u8>, usize)],
) -> Vec<u8> {
    let header =
        PcapHeader { datalink: DataLink::from(link), endianness, ts_resolution, ..PcapHeader::default() };
    let mut writer = PcapWriter::with_header(Vec::new(), header).unwrap();
    for (ts_sec, (data, orig_len)) in (1..).zip(packets) {
        let ts_frac = if ts_resolution == TsResolution::NanoSecond { 5_999 } else { 5 };
        let (incl_len, orig_len) = (data.len() as u32, *orig_len as u32);
        let packet = RawPcapPacket { ts_sec, ts_frac, incl_len, orig_len, data: Cow::Borrowed(data) };
        writer.write_raw_packet(&packet).unwrap();
    }
    writer.into_writer()
}

/// An interface of a newer file.
pub(crate) fn interface(
    link: u32,
    options: Vec<InterfaceDescriptionOption<'static>>,
) -> InterfaceDescriptionBlock<'static> {
    InterfaceDescriptionBlock { linktype: DataLink::from(link), snaplen: 0, options }
}

/// A packet of a newer file; `ticks` in the unit of its interface.
pub(crate) fn enhanced(
    interface_id: u32,
    ticks: u64,
    data: &[u8],
    comments: &[&'static str],
) -> EnhancedPacketBlock<'static> {
    EnhancedPacketBlock {
        interface_id,
        timestamp: Duration::from_nanos(ticks),
        original_len: data.len() as u32,
        data: Cow::Owned(data.to_vec()),
        options: comments
            .iter()
            .map(|comment| EnhancedPacketOption::Comment(Cow::Borrowed(*comment)))
            .collect(),
    }
}
