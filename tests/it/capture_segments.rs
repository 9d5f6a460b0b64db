//! Segments of a connection between one client and one server, and what is told of them.

use std::net::SocketAddr;

use etherparse::{PacketBuilder, TcpHeader};
use palabre::capture::Seen;

use crate::capture_frames::{client, pcap, seen, server};

/// A segment, to be written down in short.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    from: SocketAddr,
    to: SocketAddr,
    pub(crate) header: TcpHeader,
    bytes: Vec<u8>,
}

/// From the client; flags are those of `S`YN, `A`CK, `P`SH, `F`IN and `R`ST.
pub(crate) fn up(flags: &str, seq: u32, ack: u32, bytes: &[u8]) -> Segment {
    between(client(), server(), flags, seq, ack, bytes)
}

/// From the server.
pub(crate) fn down(flags: &str, seq: u32, ack: u32, bytes: &[u8]) -> Segment {
    between(server(), client(), flags, seq, ack, bytes)
}

pub(crate) fn between(
    from: SocketAddr,
    to: SocketAddr,
    flags: &str,
    seq: u32,
    ack: u32,
    bytes: &[u8],
) -> Segment {
    let mut header = TcpHeader::new(from.port(), to.port(), seq, 65_535);
    let has = |flag| flags.contains(flag);
    (header.syn, header.ack, header.psh, header.fin, header.rst) =
        (has('S'), has('A'), has('P'), has('F'), has('R'));
    header.acknowledgment_number = ack;
    Segment { from, to, header, bytes: bytes.to_vec() }
}

impl Segment {
    pub(crate) fn window(mut self, window: u16) -> Self {
        self.header.window_size = window;
        self
    }

    pub(crate) fn packet(&self) -> Vec<u8> {
        let (SocketAddr::V4(from), SocketAddr::V4(to)) = (self.from, self.to) else { panic!("IPv4 here") };
        let mut packet = Vec::new();
        PacketBuilder::ipv4(from.ip().octets(), to.ip().octets(), 64)
            .tcp_header(self.header.clone())
            .write(&mut packet, &self.bytes)
            .unwrap();
        packet
    }
}

pub(crate) fn told(segments: &[Segment]) -> Vec<Seen> {
    let packets: Vec<_> = segments.iter().map(Segment::packet).collect();
    seen(&pcap(101, &packets))
}

pub(crate) fn opened() -> Seen {
    Seen::Opened { from: client(), to: server() }
}

pub(crate) fn says(bytes: &[u8], pushed: bool) -> Seen {
    Seen::Bytes { from: client(), to: server(), bytes: bytes.to_vec(), pushed }
}

pub(crate) fn answers(bytes: &[u8], pushed: bool) -> Seen {
    Seen::Bytes { from: server(), to: client(), bytes: bytes.to_vec(), pushed }
}

pub(crate) fn missing(bytes: u64) -> Seen {
    Seen::Missing { from: client(), to: server(), bytes }
}

pub(crate) fn ended() -> Seen {
    Seen::Ended { from: client(), to: server() }
}

/// The server has so many bytes more.
pub(crate) fn taken(bytes: u64) -> Seen {
    Seen::Acknowledged { from: server(), to: client(), bytes }
}
