//! The connections of a capture that is being written: how far the numbers of each are.
//!
//! In: who says or takes how much. Out: headers of TCP with the numbers that are due. Bounded. Must not know what is said,
//! nor where it is written.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use etherparse::TcpHeader;

/// The window of who can take more.
const OPEN: u16 = u16::MAX;
/// How many connections are known at once. Only where records are lost can one stay that is over.
const MOST: usize = 65_536;

/// All connections, by client and server.
#[derive(Debug, Default)]
pub(super) struct Connections {
    by_ends: BTreeMap<(SocketAddr, SocketAddr), [End; 2]>,
}

/// One end of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    /// The number of its next byte.
    next: u32,
    /// The number of the next byte it has not acknowledged.
    taken: u32,
    window: u16,
}

/// Numbers begin at 0, and a SYN counts one.
const BEGUN: End = End { next: 1, taken: 1, window: OPEN };

impl Connections {
    /// `client` opens a connection to `server`; an earlier one between these two is over.
    pub(super) fn open(&mut self, client: SocketAddr, server: SocketAddr) {
        while self.by_ends.len() >= MOST {
            self.by_ends.pop_first();
        }
        self.by_ends.insert((client, server), [BEGUN; 2]);
    }

    /// It is over.
    pub(super) fn forget(&mut self, from: SocketAddr, to: SocketAddr) {
        self.by_ends.remove(&(from, to));
        self.by_ends.remove(&(to, from));
    }

    /// Whether `from` has accepted the connection.
    pub(super) fn is_server(&self, from: SocketAddr, to: SocketAddr) -> bool {
        self.by_ends.contains_key(&(to, from))
    }

    /// The end that is at `from`. One whose beginning was lost begins here.
    pub(super) fn end(&mut self, from: SocketAddr, to: SocketAddr) -> &mut End {
        if self.is_server(from, to) {
            return &mut self.by_ends.entry((to, from)).or_insert([BEGUN; 2])[1];
        }
        if !self.by_ends.contains_key(&(from, to)) {
            self.open(from, to);
        }
        &mut self.by_ends.entry((from, to)).or_insert([BEGUN; 2])[0]
    }
}

impl End {
    /// What it says next: the header, after which it has said `bytes` more.
    pub(super) fn says(&mut self, (from, to): (SocketAddr, SocketAddr), bytes: usize) -> TcpHeader {
        let mut header = TcpHeader::new(from.port(), to.port(), self.next, self.window);
        header.ack = true;
        header.acknowledgment_number = self.taken;
        self.skip(bytes as u64);
        header
    }

    /// It has said more than is written.
    pub(super) const fn skip(&mut self, bytes: u64) {
        self.next = self.next.wrapping_add(low(bytes));
    }

    /// It has taken more of what the other end says.
    pub(super) const fn takes(&mut self, bytes: u64) {
        self.taken = self.taken.wrapping_add(low(bytes));
    }

    /// Whether it can take more.
    pub(super) const fn can_take(&mut self, more: bool) {
        self.window = if more { OPEN } else { 0 };
    }
}

/// A length as sequence numbers count.
const fn low(bytes: u64) -> u32 {
    let [.., a, b, c, d] = bytes.to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}
