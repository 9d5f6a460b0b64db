//! Captures, told to people.
//!
//! In: what a capture tells, as [`Event`](crate::capture::Event)s. Out: a story: who said what to whom, what of it was a
//! repetition, an answer, or nothing that can be read; at the end a reckoning. Must not know files, clocks, terminals, nor
//! how a story is shown.
//!
//! Memory is bounded whatever comes: so many conversations, so many requests that wait for an answer, so many bytes of
//! messages that are not whole yet. What goes first is what was silent longest.

mod asked;
mod boundary;
pub mod check;
mod histogram;
mod item;
mod logins;
mod ports;
mod roles;
mod sessions;
mod story;
mod streams;
mod summary;
mod talk;
mod talks;

pub use histogram::Histogram;
pub use item::{End, Item, Mark, Message, Role, Unanswered, What};
pub use ports::{DEFAULTS, Ports};
pub use story::Story;
pub use summary::{Packets, Row, Summary, Way, Who};
