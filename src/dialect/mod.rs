//! Messages of each protocol, to and from bytes.
//!
//! In: datagrams, bytes of streams, or messages to send. Out: messages, or bytes. Must not know time, peers or sockets:
//! nothing here waits or remembers.
mod codes;
pub mod matou;
pub mod msp;
pub mod shen;
pub mod stories;
pub mod stumtp;
