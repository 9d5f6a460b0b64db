//! The lines of a list: who is where (S4).
//!
//! In: names, handles and addresses. Out: an [`Entry`] whose text says the same, and back; entries in as many pages as they
//! need. Must not know who asks for the list.

use std::net::SocketAddrV4;

use super::Entry;
use super::header::MOST_TEXT;

/// What lists call the public room.
pub const PUBLIC_ROOM: &str = "publique";

/// What an entry says in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed<'e> {
    /// The name of the room; [`PUBLIC_ROOM`] for the public one, which the entry's STATUS tells from a private one that
    /// is called so.
    pub room: &'e str,
    /// The name of the user.
    pub user: &'e str,
    /// Where members of a decentralised room send him texts; `None` where only the server can reach him.
    pub address: Option<SocketAddrV4>,
}

/// An entry: "room, user", or "room, user, ip:port" with an address. `room` is a private room's handle and name; without
/// it he is in the public one. Names that keep the rules (S15) always fit.
#[must_use]
pub fn entry(
    room: Option<(u16, &str)>,
    user: u16,
    name: &str,
    address: Option<SocketAddrV4>,
) -> Entry<'static> {
    let (handle, room_name) = room.unwrap_or((0, PUBLIC_ROOM));
    let text = match address {
        Some(address) => format!("{room_name}, {name}, {address}"),
        None => format!("{room_name}, {name}"),
    };
    Entry { room: handle, private: room.is_some(), user, text: text.into() }
}

/// What an entry says in words; `None` when there are not two or three of them. A third that is no address is passed
/// over, and so is the end of a line: other servers may send one here, too (S2).
#[must_use]
pub fn listed<'e>(entry: &'e Entry<'_>) -> Option<Listed<'e>> {
    let text =
        entry.text.strip_suffix('\n').map_or(&*entry.text, |line| line.strip_suffix('\r').unwrap_or(line));
    let (room, rest) = text.split_once(',')?;
    let mut parts = rest.split(',').map(|part| part.strip_prefix(' ').unwrap_or(part));
    let (user, address) = (parts.next()?, parts.next());
    let address = address.and_then(|address| address.parse().ok());
    parts.next().is_none().then_some(Listed { room, user, address })
}

/// The entries in their order, in pages of at most 1,024 bytes of text; at least one page, be it empty. An entry has
/// under half of that.
#[must_use]
pub fn pages(entries: Vec<Entry<'_>>) -> Vec<Vec<Entry<'_>>> {
    let mut pages = Vec::new();
    let mut page = Vec::new();
    let mut bytes = 0_usize;
    for entry in entries {
        let with_it = bytes.saturating_add(entry.text.len());
        if with_it > MOST_TEXT {
            bytes = entry.text.len();
            pages.push(core::mem::replace(&mut page, vec![entry]));
        } else {
            bytes = with_it;
            page.push(entry);
        }
    }
    pages.push(page);
    pages
}
