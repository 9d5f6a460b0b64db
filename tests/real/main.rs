//! The real program on real sockets of this machine. Every wait has a limit, no port is fixed, nothing sleeps.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that meets the unexpected must fail loudly")]

mod bad_link;
mod capture;
mod captures;
mod chat;
mod chat_matou;
mod chat_rooms;
mod chat_streams;
mod check;
mod client;
mod decode;
mod demo;
mod hall;
mod link;
mod link_tcp;
mod lossy;
mod people;
mod program;
mod replay;
mod serve;
mod shen;
mod state;
mod stream_driver;
mod talker;
mod tcp;
mod wireshark;
