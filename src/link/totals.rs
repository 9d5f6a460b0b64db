//! What has happened on a link.
//!
//! In: nothing. Out: numbers to add up and to show. Must not know sockets, nor how they are shown.

/// One way of a link. For UDP the numbers are datagrams, for TCP bytes.
///
/// Always `sent + doubled == lost + overflowed + delivered + refused + under_way`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// What came to be passed on.
    pub sent: u64,
    /// What was lost by chance; of connections, what was under way when they were reset.
    pub lost: u64,
    /// What found no room in front of a slow line, or under way.
    pub overflowed: u64,
    /// Second copies.
    pub doubled: u64,
    /// Copies held up so that others overtook them.
    pub overtaken: u64,
    /// Copies with a bit flipped.
    pub damaged: u64,
    /// What was passed on.
    pub delivered: u64,
    /// What the system did not take, or for whom there was no socket.
    pub refused: u64,
    /// What is to be passed on later.
    pub under_way: u64,
    /// How many bytes were passed on.
    pub bytes: u64,
}

/// A link, both ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// From clients to the target.
    pub there: Traffic,
    /// From the target to clients.
    pub back: Traffic,
    /// How many clients, or connections, there are now.
    pub clients: u64,
    /// How many have come so far.
    pub come: u64,
    /// How many clients had to go, because they were silent or others needed the room; how many connections found none.
    pub gone: u64,
    /// How many connections were cut on purpose.
    pub cut: u64,
    /// How often the way there, or else the way back, has stalled.
    pub stalls: u64,
}
