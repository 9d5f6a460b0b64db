//! What stands before an IP packet.
//!
//! In: a packet and its link type. Out: the IP packet in it, or in a few words what it is instead. Must not know what is in
//! an IP packet.

use super::fields::{Fields, Order};

/// What a packet has behind its link layer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Inside<'a> {
    /// An IP packet, and perhaps padding.
    Ip(&'a [u8]),
    /// What user 0 has put there.
    User(&'a [u8]),
    Foreign(&'static str),
    /// The link layer itself is not whole.
    Cut,
}

/// Link types by their numbers in files.
mod links {
    pub(super) const NULL: u32 = 0;
    pub(super) const ETHERNET: u32 = 1;
    pub(super) const LOOP: u32 = 108;
    pub(super) const COOKED: u32 = 113;
    pub(super) const USER0: u32 = 147;
    pub(super) const COOKED2: u32 = 276;
    /// 12 and 14 are what some systems call 101 outside of files; 228 and 229 are one version each.
    pub(super) const RAW: [u32; 5] = [101, 12, 14, 228, 229];
}

/// The tags of virtual networks: four bytes each, the last two say what follows.
const TAGS: [u16; 3] = [0x8100, 0x88a8, 0x9100];

/// Takes the link layer off.
pub(super) fn inside(link: u32, bytes: &[u8]) -> Inside<'_> {
    let mut fields = Fields::new(bytes, Order::Big);
    let inside = match link {
        links::ETHERNET => fields.bytes(12).and_then(|_| tagged(fields)),
        links::COOKED => fields.bytes(14).and_then(|_| tagged(fields)),
        links::COOKED2 => cooked2(fields),
        links::NULL | links::LOOP => family(fields),
        links::USER0 => Some(Inside::User(bytes)),
        link if links::RAW.contains(&link) => Some(Inside::Ip(bytes)),
        _ => Some(Inside::Foreign("of a link type that is not read")),
    };
    inside.unwrap_or(Inside::Cut)
}

/// A type of Ethernet, perhaps that of a tag, and what follows.
fn tagged(mut fields: Fields<'_>) -> Option<Inside<'_>> {
    loop {
        let kind = fields.u16()?;
        if !TAGS.contains(&kind) {
            return Some(typed(kind, fields.rest()));
        }
        fields.u16()?;
    }
}

fn cooked2(mut fields: Fields<'_>) -> Option<Inside<'_>> {
    let kind = fields.u16()?;
    fields.bytes(18)?;
    if TAGS.contains(&kind) {
        fields.u16()?;
        return tagged(fields);
    }
    Some(typed(kind, fields.rest()))
}

/// The address family of the machine that captured, in its own byte order.
fn family(mut fields: Fields<'_>) -> Option<Inside<'_>> {
    let family = fields.u32()?;
    // A family is small; in the other byte order it would be huge.
    Some(match family.min(family.swap_bytes()) {
        2 | 10 | 24 | 28 | 30 => Inside::Ip(fields.rest()),
        _ => Inside::Foreign("of another family than IP"),
    })
}

const fn typed(kind: u16, rest: &[u8]) -> Inside<'_> {
    match kind {
        0x0800 | 0x86dd => Inside::Ip(rest),
        0x0806 => Inside::Foreign("ARP"),
        0x8863 | 0x8864 => Inside::Foreign("PPP over Ethernet"),
        0x88cc => Inside::Foreign("LLDP"),
        0..0x0600 => Inside::Foreign("IEEE 802.3 with LLC"),
        _ => Inside::Foreign("of another Ethernet type than IP"),
    }
}
