//! The server's side of MSP: what it does with each message, and how it says what the rooms want told.
//!
//! In: datagrams of one listener. Out: datagrams, commands to the rooms. Must not know sockets or how a bit is packed.
//!
//! `receive` finds out who speaks and whether it is new, `requests` carries out, `lists` says who is where, `notices` says what others are told.

mod lists;
mod notices;
mod receive;
mod requests;

pub(super) use notices::{empty_text, goodbye, missed, words_of_server};
