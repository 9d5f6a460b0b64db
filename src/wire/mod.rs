//! Bits and bytes: cursors over a datagram and the trailer that guards it; the messages in a stream.
//!
//! In: a slice that came from a network, or numbers and strings to send. Out: numbers and strings, or [`Malformed`],
//! which says where and why. Must not know any message of any protocol, any peer, any clock.
mod deframer;
mod error;
mod integrity;
mod packet;
mod payload;
mod reader;
mod rows;
mod scratch;
mod shift;
mod trace;
mod writer;

pub use deframer::{Deframer, Framing, Prefixed, Step, Terminated, TooLong};
pub use error::{Fault, Malformed};
pub use integrity::{Integrity, TRAILER_BYTES, open, trailer};
pub use packet::Packet;
pub use payload::Payload;
pub use reader::BitReader;
pub use rows::{FieldRow, Rows, Value};
pub use scratch::{Arena, Scratch};
pub use trace::{Field, NoTrace, Trace};
pub use writer::BitWriter;
