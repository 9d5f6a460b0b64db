//! Captures, told to people.
//!
//! In: what a capture tells, as [`Event`](crate::capture::Event)s. Out: a story: who said what to whom, what of it was a
//! repetition, an answer, or nothing that can be read; at the end a reckoning. Must not know files, clocks, terminals, nor
//! how a story is shown.
