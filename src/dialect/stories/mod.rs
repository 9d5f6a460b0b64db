//! Stories: the protocol of commands in lines or in frames, and of JSON messages beside them.
//!
//! In: texts of messages. Out: what they mean, and texts to send. Must not know connections, time or rooms.
pub mod json;
