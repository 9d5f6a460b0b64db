//! Packets as a network would have carried them.
//!
//! In: two addresses, a header's fields, bytes. Out: IP packets with right lengths and checksums. Must not know what came
//! before, nor where a packet is written.

use std::io;
use std::net::{IpAddr, SocketAddr};

use etherparse::{IpHeaders, PacketBuilder, PacketBuilderStep, TcpHeader};

/// How many routers could have passed it on.
const TIME_TO_LIVE: u8 = 64;

/// Appends the packet of a UDP datagram to `out`.
///
/// # Errors
/// When the datagram is longer than [`longest_datagram`].
pub(super) fn datagram(from: SocketAddr, to: SocketAddr, bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    ip(from.ip(), to.ip()).udp(from.port(), to.port()).write(out, bytes).map_err(io::Error::other)
}

/// Appends the packet of a TCP segment to `out`. The ports of `header` are those of the addresses.
///
/// # Errors
/// When there are more bytes than an IP packet holds.
pub(super) fn segment(
    (from, to): (SocketAddr, SocketAddr),
    header: TcpHeader,
    bytes: &[u8],
    out: &mut Vec<u8>,
) -> io::Result<()> {
    ip(from.ip(), to.ip()).tcp_header(header).write(out, bytes).map_err(io::Error::other)
}

/// The longest datagram that fits an IP packet between such addresses, in bytes.
pub(super) const fn longest_datagram(from: SocketAddr, to: SocketAddr) -> usize {
    // IPv6 does not count its own header.
    const UDP: usize = 8;
    const IPV4: usize = 20;
    let most = u16::MAX as usize - UDP;
    if from.is_ipv4() && to.is_ipv4() { most - IPV4 } else { most }
}

/// Where an address of each kind meets the other, both are of version 6.
fn ip(from: IpAddr, to: IpAddr) -> PacketBuilderStep<IpHeaders> {
    let six = |address| match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    };
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => PacketBuilder::ipv4(from.octets(), to.octets(), TIME_TO_LIVE),
        (from, to) => PacketBuilder::ipv6(six(from), six(to), TIME_TO_LIVE),
    }
}
