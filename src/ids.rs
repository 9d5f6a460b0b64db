//! Names for things inside the server: numbers with a generation, so that a stale one never meets a new owner.
//!
//! In: a slot of a slab and the generation its owner was given. Out: [`PeerId`], [`UserId`], [`RoomId`],
//! [`ListenerId`], [`ConnectionId`]. Must not know what a peer, a user or a room is, nor the numbers any wire uses for them.

/// A slot and the number of the owner it had: two owners of one slot differ in `generation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) slot: u32,
    pub(crate) generation: u32,
}

macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(crate) Key);

        impl $name {
            /// The slot this owner has while it lives; another owner may have it afterwards.
            #[must_use]
            pub const fn slot(self) -> usize {
                self.0.slot as usize
            }
        }
    };
}

key! {
    /// One remote socket that talks to one of our listeners.
    PeerId
}
key! {
    /// One person, whatever the dialect.
    UserId
}
key! {
    /// One private room.
    RoomId
}

impl RoomId {
    /// The number people see, from 1.
    #[must_use]
    pub const fn number(self) -> usize {
        self.slot() + 1
    }
}

/// One of the addresses the daemon listens on, in the order of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListenerId(pub usize);

/// One stream of bytes to a remote socket. The shell numbers them and never uses a number twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// A question put to somebody, who may take his time to answer it: an invitation, an admission, a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuestionId(pub u64);
