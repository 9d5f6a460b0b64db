//! IP packets: who sends what to whom, put together when it came in pieces.
//!
//! In: an IP packet, or as much of it as was captured. Out: what it carries. Must not know link layers, nor streams.

use std::borrow::Cow;
use std::net::IpAddr;

use etherparse::{
    IpAuthHeaderSlice, Ipv4HeaderSlice, Ipv6FragmentHeaderSlice, Ipv6HeaderSlice, Ipv6RawExtHeaderSlice,
};

use super::fragments::{Fragments, Key, Piece};

/// The protocols by their numbers in the header.
pub(super) mod protocols {
    pub(in super::super) const TCP: u8 = 6;
    pub(in super::super) const UDP: u8 = 17;
    pub(super) const HOP_BY_HOP: u8 = 0;
    pub(super) const ROUTING: u8 = 43;
    pub(super) const FRAGMENT: u8 = 44;
    pub(super) const AUTHENTICATION: u8 = 51;
    pub(super) const DESTINATION: u8 = 60;
}

/// What an IP packet carries.
#[derive(Debug)]
pub(super) struct Carried<'a> {
    pub(super) from: IpAddr,
    pub(super) to: IpAddr,
    pub(super) protocol: u8,
    pub(super) bytes: Cow<'a, [u8]>,
    /// How many bytes more it carried than were captured.
    pub(super) cut: usize,
}

/// Where and when a packet stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) packet: u64,
    /// Microseconds since 1970.
    pub(super) at: u64,
}

/// Reads a packet that had `length` bytes, of which these were kept; there may be padding behind it. `None`: the other
/// pieces are not here yet.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn carried<'a>(
    bytes: &'a [u8],
    length: usize,
    place: Place,
    fragments: &mut Fragments,
) -> Result<Option<Carried<'a>>, String> {
    let (mut carried, piece) = match bytes.first().map(|first| first >> 4) {
        Some(4) => version4(bytes, length)?,
        Some(6) => version6(bytes, length)?,
        Some(version) => return Err(format!("its IP header says version {version}")),
        None => return Err(cut_off("its IP header")),
    };
    let Some(piece) = piece else { return Ok(Some(carried)) };
    if carried.cut > 0 {
        return Err(cut_off("a piece of an IP packet"));
    }
    let key = Key { from: carried.from, to: carried.to, id: piece.id, protocol: carried.protocol };
    let Some(whole) = fragments.add(key, &piece, &carried.bytes, place)? else { return Ok(None) };
    let (protocol, length, further) = extensions(carried.protocol, &whole)?;
    if further.is_some() {
        return Err("its pieces are in pieces themselves".into());
    }
    carried.protocol = protocol;
    carried.bytes = Cow::Owned(whole.get(length..).unwrap_or_default().to_vec());
    Ok(Some(carried))
}

/// What is said when the snap length was too short.
pub(super) fn cut_off(what: &str) -> String {
    format!("{what} is cut off: it was captured with too short a snap length")
}

type Read<'a> = Result<(Carried<'a>, Option<Piece>), String>;

fn version4(bytes: &[u8], length: usize) -> Read<'_> {
    let header =
        Ipv4HeaderSlice::from_slice(bytes).map_err(|error| unreadable("IPv4", length, bytes, &error))?;
    let header_bytes = header.slice().len();
    let declared = match usize::from(header.total_len()) {
        // The card was to cut it into pieces: it was captured before.
        0 => length,
        declared if declared < header_bytes => {
            return Err(format!("its IPv4 header says {declared} bytes, and has {header_bytes} itself"));
        }
        declared => declared,
    };
    let (rest, cut) = within(bytes, header_bytes, declared, length)?;
    let piece = header.is_fragmenting_payload().then(|| Piece {
        id: header.identification().into(),
        offset: header.fragments_offset().byte_offset().into(),
        is_last: !header.more_fragments(),
    });
    let from = header.source_addr().into();
    let to = header.destination_addr().into();
    if piece.is_some() {
        let carried = Carried { from, to, protocol: header.protocol().0, bytes: rest.into(), cut };
        return Ok((carried, piece));
    }
    let (protocol, skipped, _) = extensions(header.protocol().0, rest)?;
    let bytes = rest.get(skipped..).unwrap_or_default().into();
    Ok((Carried { from, to, protocol, bytes, cut }, None))
}

fn version6(bytes: &[u8], length: usize) -> Read<'_> {
    let header =
        Ipv6HeaderSlice::from_slice(bytes).map_err(|error| unreadable("IPv6", length, bytes, &error))?;
    let header_bytes = header.slice().len();
    let declared = match usize::from(header.payload_length()) {
        0 => length,
        payload => payload.saturating_add(header_bytes),
    };
    let (rest, cut) = within(bytes, header_bytes, declared, length)?;
    let (protocol, skipped, piece) = extensions(header.next_header().0, rest)?;
    let bytes = rest.get(skipped..).unwrap_or_default().into();
    let (from, to) = (header.source_addr().into(), header.destination_addr().into());
    Ok((Carried { from, to, protocol, bytes, cut }, piece))
}

/// What was kept behind the header of a packet that says it has `declared` bytes, and how much was not.
fn within(bytes: &[u8], header: usize, declared: usize, length: usize) -> Result<(&[u8], usize), String> {
    if declared > length {
        return Err(format!("its IP header says {declared} bytes, and there were {length}"));
    }
    let kept = bytes.len().min(declared);
    Ok((bytes.get(header..kept).unwrap_or_default(), declared.saturating_sub(kept)))
}

fn unreadable(name: &str, length: usize, bytes: &[u8], error: &dyn core::fmt::Display) -> String {
    if bytes.len() < length {
        cut_off(&format!("its {name} header"))
    } else {
        format!("its {name} header cannot be read: {error}")
    }
}

/// Passes over headers between that of IP and what is carried: what follows them, how long they are, and whether this is
/// only a piece; what follows a piece's header belongs to all pieces together.
fn extensions(mut protocol: u8, bytes: &[u8]) -> Result<(u8, usize, Option<Piece>), String> {
    let mut skipped = 0_usize;
    loop {
        let rest = bytes.get(skipped..).unwrap_or_default();
        let wrong =
            |error: &dyn core::fmt::Display| format!("an extension of its IP header cannot be read: {error}");
        let (next, length) = match protocol {
            protocols::HOP_BY_HOP | protocols::ROUTING | protocols::DESTINATION => {
                let header = Ipv6RawExtHeaderSlice::from_slice(rest).map_err(|error| wrong(&error))?;
                (header.next_header().0, header.slice().len())
            }
            protocols::AUTHENTICATION => {
                let header = IpAuthHeaderSlice::from_slice(rest).map_err(|error| wrong(&error))?;
                (header.next_header().0, header.slice().len())
            }
            protocols::FRAGMENT => {
                let header = Ipv6FragmentHeaderSlice::from_slice(rest).map_err(|error| wrong(&error))?;
                let (next, length) = (header.next_header().0, header.slice().len());
                if header.is_fragmenting_payload() {
                    let piece = Piece {
                        id: header.identification(),
                        offset: header.fragment_offset().byte_offset().into(),
                        is_last: !header.more_fragments(),
                    };
                    return Ok((next, skipped.saturating_add(length), Some(piece)));
                }
                (next, length)
            }
            _ => return Ok((protocol, skipped, None)),
        };
        protocol = next;
        // Every header is longer than nothing, so this ends with the packet.
        skipped = skipped.saturating_add(length);
    }
}
