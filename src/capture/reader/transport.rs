//! UDP and TCP: the ports, and what is behind them.
//!
//! In: what an IP packet carries. Out: a datagram, or a segment of a stream. Checksums are not judged: a card may fill them
//! in after the packet was captured. Must not know link layers, nor what came before.

use std::net::SocketAddr;

use etherparse::{TcpHeaderSlice, UdpHeaderSlice};

use super::ip::{Carried, cut_off};
use crate::capture::Seen;

/// A segment of a stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) seq: u32,
    pub(super) ack: Option<u32>,
    pub(super) window: u16,
    pub(super) syn: bool,
    pub(super) fin: bool,
    pub(super) rst: bool,
    pub(super) psh: bool,
    pub(super) bytes: &'a [u8],
    /// How many bytes more it had than were captured.
    pub(super) cut: usize,
}

/// Reads a datagram.
///
/// # Errors
/// Why it is none.
pub(super) fn datagram(carried: &Carried<'_>) -> Result<Seen, String> {
    let header =
        UdpHeaderSlice::from_slice(&carried.bytes).map_err(|error| unreadable("UDP", carried, &error))?;
    let header_bytes = header.slice().len();
    let there = carried.bytes.len().saturating_add(carried.cut);
    let declared = match usize::from(header.length()) {
        // Only what is too long for the field has this; the length of the IP packet counts.
        0 => there,
        declared => declared,
    };
    if declared < header_bytes || declared > there {
        return Err(format!("its UDP header says {declared} bytes, and there are {there}"));
    }
    let kept = carried.bytes.len().min(declared);
    Ok(Seen::Datagram {
        from: SocketAddr::new(carried.from, header.source_port()),
        to: SocketAddr::new(carried.to, header.destination_port()),
        bytes: carried.bytes.get(header_bytes..kept).unwrap_or_default().to_vec(),
        missing: declared.saturating_sub(kept),
    })
}

/// Reads a segment.
///
/// # Errors
/// Why it is none.
pub(super) fn segment<'a>(carried: &'a Carried<'_>) -> Result<Segment<'a>, String> {
    let header =
        TcpHeaderSlice::from_slice(&carried.bytes).map_err(|error| unreadable("TCP", carried, &error))?;
    Ok(Segment {
        from: SocketAddr::new(carried.from, header.source_port()),
        to: SocketAddr::new(carried.to, header.destination_port()),
        seq: header.sequence_number(),
        ack: header.ack().then(|| header.acknowledgment_number()),
        window: header.window_size(),
        syn: header.syn(),
        fin: header.fin(),
        rst: header.rst(),
        psh: header.psh(),
        bytes: carried.bytes.get(header.slice().len()..).unwrap_or_default(),
        cut: carried.cut,
    })
}

fn unreadable(name: &str, carried: &Carried<'_>, error: &dyn core::fmt::Display) -> String {
    if carried.cut > 0 {
        cut_off(&format!("its {name} header"))
    } else {
        format!("its {name} header cannot be read: {error}")
    }
}
