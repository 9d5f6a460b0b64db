//! Captures: files with packets and when they were seen.
//!
//! In: the bytes of a capture, by any tool (pcap, pcapng); or what the server sees and says. Out: [`Event`]s in the order of
//! the file, with streams put back in order; or the bytes of a capture, as `spec/capture.md` has it. Must not know files,
//! clocks, nor what a message says.

mod event;
mod header;
mod packet;
mod reader;
mod recorder;
mod stream;
mod words;
mod writer;

pub use event::{Event, Seen};
pub use header::{FORMAT, Header};
pub use reader::{Reader, Unreadable};
pub use recorder::{Record, Recorder, on_the_wire};
pub use words::{drop_comments, event_words, peer_comment};
pub use writer::Writer;
