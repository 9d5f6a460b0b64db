//! STUMTP: texts in a stream, each ended by one byte, numbered so that none is lost when the stream breaks.
//!
//! In: one unit of the stream, or a [`Frame`] to send. Out: the [`Frame`], or bytes. Must not know whether a number is new,
//! nor what a text asks for.
//!
//! ```
//! use palabre::dialect::stumtp::{Frame, Head, Tail, decode};
//!
//! let text = Tail::new("MSG \"public\" \"alice\" \"bonjour\"")?;
//! let unit = [Head::numbered(7, Some(4)).as_bytes(), text.as_bytes()].concat();
//! assert!(unit.starts_with(b"\x017\x064\x02MSG"));
//! assert!(matches!(decode(&unit)?, Frame::Numbered { id: 7, ack: Some(4), .. }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
mod decode;
mod dissect;
mod encode;
mod frame;
mod opening;
pub mod words;

pub use decode::{DECIMALS, MARKS, Refused, STRINGS, decode};
pub use dissect::dissect;
pub use encode::{Head, Tail, Unencodable, carried};
pub use frame::{FRAMING, Frame, LONGEST_HEAD, LONGEST_TEXT, is_framed};
pub use opening::{begun, resume, resumed, session};
