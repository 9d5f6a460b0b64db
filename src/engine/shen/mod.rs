//! The server's side of Shen's protocol.
//!
//! In: datagrams of one listener. Out: datagrams, commands to the rooms. Must not know sockets or how a bit is packed.

use crate::engine::outgoing::{Outgoing, Purpose};
use crate::engine::tell::Said;
use crate::engine::traffic::Source;
use crate::engine::{Integrity, Server};
use crate::ids::{PeerId, UserId};
use crate::reliable::Request;
use crate::time::Instant;
use crate::vocab::Notice;
use crate::wire::Packet;

/// A request that others have to decide.
#[derive(Debug)]
pub(in crate::engine) struct Waiting {}

impl Server {
    pub(in crate::engine) fn shen_datagram(&mut self, _: Instant, _: Source, _: Integrity, _: &[u8]) {}

    pub(in crate::engine) fn shen_text(
        &mut self,
        _: Instant,
        _: &[UserId],
        _: Said<'_>,
    ) -> Vec<Request<Outgoing>> {
        Vec::new()
    }

    pub(in crate::engine) fn shen_notice(
        &mut self,
        _: Instant,
        _: PeerId,
        _: &Notice,
        _: Purpose,
    ) -> Option<Request<Outgoing>> {
        None
    }

    pub(in crate::engine) fn answer_undecided(&mut self, _: Instant, _: PeerId) {}
}

pub(in crate::engine) fn goodbye() -> Option<Packet> {
    None
}
pub(in crate::engine) fn empty_text() -> Option<Packet> {
    None
}
pub(in crate::engine) fn words_of_server(_: &str) -> Option<Packet> {
    None
}
pub(in crate::engine) fn missed(_: u32) -> String {
    String::new()
}
