//! Stories: commands in words, `COMMAND "arg"` or `COMMAND|arg`, and JSON objects, in frames over TCP.
//!
//! In: a stream of bytes, or something to say. Out: [`Request`]s and [`Answer`]s, or frames. Must not know whether a
//! request is allowed or sensible. The content of a STUMTP message is this language too.
mod answer;
mod dissect;
mod framing;
pub mod json;
mod names;
mod request;
mod style;
pub mod words;

pub use answer::Answer;
pub use dissect::{COMMANDS, NUMBERS, STRINGS, command, dissect, form};
pub use framing::{DEFAULT_LIMIT, Form, MOST_LIMIT, StoriesFraming, around, frame};
pub use names::{LONGEST_NAME, LONGEST_ROOM_NAME, is_name, is_room_name};
pub use request::{Request, Speaker};
pub use style::{Fault, Style};
