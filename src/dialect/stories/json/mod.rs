//! The JSON messages of Stories (B5 to B8): files, sequences, peer to peer.
//!
//! In: the text of a message, or a message to send. Out: the message, or its text. Must not know who sends it, nor whether
//! it is allowed.
//!
//! What strangers send is read with care: nothing in it is kept that its type does not call for, and nothing is deeper or
//! longer than its type needs.
mod bytes;
mod fault;
mod fields;
mod messages;
mod seq;
pub mod words;

pub use bytes::FileBytes;
pub use fault::{Fault, Wrong};
pub use fields::{
    Accept, Ack, Availability, Ballot, Begin, Claimed, Complete, Confirm, ConfirmRequest, Counts, Failure,
    Get, Invite, Meta, Offer, Outcome, Peer, Refuse, Refused, Relayed, Requested, Role, SentFile,
    SequenceResult, Vote, VoteRequest,
};
pub use messages::{MOST_PLAIN, Reply, Request};
pub use seq::{MOST_SEQ, Seq};
