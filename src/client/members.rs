//! The other members of our decentralised room.
//!
//! In: their names and addresses, what is to be sent to them. Out: datagrams, and texts that did not arrive. Must not know
//! the server.

use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;

use super::{LANE, Line, Output, Ticket};
use crate::reliable::{Lost, Request};
use crate::time::{Duration, Instant};
use crate::wire::{Integrity, Packet, Payload};

/// How long the server may take to pass on a text before the next one goes straight.
const SETTLING: Duration = Duration::from_secs(10);

/// A request to another member: a text, or a probe without a ticket (M11).
#[derive(Clone, Debug)]
pub(super) struct Direct {
    pub(super) packet: Packet,
    pub(super) text: Option<(Ticket, Arc<str>)>,
}

/// How a member is reached. The table is in `spec/msp-states.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Straight.
    Direct,
    /// Through the server.
    Relayed,
}

/// The latest text that came straight from a member: when all our answers to it were lost, he sends it again through the
/// server (M27).
#[derive(Clone, Debug)]
pub(super) struct Latest {
    pub(super) seq: u16,
    pub(super) text: String,
    pub(super) copies: u32,
    /// When the first copy came.
    pub(super) at: Instant,
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) address: Option<SocketAddr>,
    pub(super) link: Line<Direct>,
    pub(super) way: Way,
    /// Texts for him that the server has not acknowledged yet, and those it has not been given.
    pub(super) relaying: usize,
    pub(super) held: VecDeque<(Ticket, Arc<str>)>,
    pub(super) latest: Option<Latest>,
}

impl Member {
    fn new(address: SocketAddrV4, link: Line<Direct>) -> Self {
        let address = reachable(address);
        let way = if address.is_some() { Way::Direct } else { Way::Relayed };
        Self { address, link, way, relaying: 0, held: VecDeque::new(), latest: None }
    }

    /// Whether nothing for him is on its way through the server: what was given to it first must arrive first.
    pub(super) fn is_direct(&self) -> bool {
        self.way == Way::Direct && self.relaying == 0 && self.held.is_empty()
    }

    /// Takes back all texts that he has not acknowledged, oldest first: also one that has just been given up.
    pub(super) fn take_back(&mut self) -> Vec<(Ticket, Arc<str>)> {
        let given_up = std::iter::from_fn(|| self.link.poll_lost()).map(|lost| match lost {
            Lost::GivenUp(direct) | Lost::Overflow(direct) => direct,
        });
        let mut texts: Vec<_> = given_up.filter_map(|direct| direct.text).collect();
        texts.extend(self.link.cancel_lane(LANE).into_iter().filter_map(|direct| direct.text));
        texts
    }
}

/// All of them, by name.
#[derive(Debug, Default)]
pub(super) struct Members {
    by_name: BTreeMap<String, Member>,
    /// When the server took the latest text for each, if that is not long ago.
    relayed: BTreeMap<String, Instant>,
    /// The same for the latest text for everybody.
    said: Option<Instant>,
}

impl Members {
    pub(super) fn clear(&mut self) {
        self.by_name.clear();
    }

    /// The server has taken a text for this member. Nobody tells us when he has it: for a while nothing goes to him
    /// straight, even if we meet him in another room by then (M14).
    pub(super) fn relayed(&mut self, now: Instant, name: &str) {
        self.relayed.retain(|_, last| now.since(*last) < SETTLING);
        self.relayed.insert(name.into(), now);
    }

    /// The server has taken a text for everybody: a room that is decentralised a moment later must not hear the next one
    /// first (M14).
    pub(super) const fn said(&mut self, now: Instant) {
        self.said = Some(now);
    }

    /// Whether what the server took for this member has had time to arrive.
    pub(super) fn is_settled(&self, now: Instant, name: &str) -> bool {
        let last = self.relayed.get(name).copied().max(self.said);
        last.is_none_or(|last| now.since(last) >= SETTLING)
    }

    /// Whether somebody is known under this name and at this address.
    pub(super) fn has(&self, name: &str, address: SocketAddrV4) -> bool {
        self.by_name.get(name).is_some_and(|known| known.address == reachable(address))
    }

    /// Takes somebody in, or notes that he is elsewhere now: then gives back what was on its way to his former address.
    /// What the server has for him stays with it.
    pub(super) fn insert(
        &mut self,
        name: &str,
        address: SocketAddrV4,
        link: Line<Direct>,
    ) -> Vec<(Ticket, Arc<str>)> {
        let mut member = Member::new(address, link);
        let mut unsettled = Vec::new();
        if let Some(mut former) = self.by_name.remove(name) {
            unsettled = former.take_back();
            (member.relaying, member.held) = (former.relaying, former.held);
        }
        self.by_name.insert(name.into(), member);
        unsettled
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<Member> {
        self.by_name.remove(name)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Member> {
        self.by_name.get_mut(name)
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.by_name.keys().cloned().collect()
    }

    /// Where everybody is; 0.0.0.0:0 is no address.
    pub(super) fn addresses(&self) -> impl Iterator<Item = (String, SocketAddrV4)> {
        self.by_name.iter().map(|(name, member)| match member.address {
            Some(SocketAddr::V4(address)) => (name.clone(), address),
            _ => (name.clone(), SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0)),
        })
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&String, &mut Member)> {
        self.by_name.iter_mut()
    }

    /// Who speaks from this address.
    pub(super) fn at(&self, from: SocketAddr) -> Option<String> {
        let (name, _) = self.by_name.iter().find(|(_, member)| member.address == Some(from))?;
        Some(name.clone())
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        for member in self.by_name.values_mut() {
            member.link.handle_timeout(now);
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.by_name.values().filter_map(|member| member.link.poll_timeout()).min()
    }

    /// The next member who did not answer, with what he did not answer.
    pub(super) fn poll_lost(&mut self) -> Option<(String, Direct)> {
        self.by_name.iter_mut().find_map(|(name, member)| {
            let (Lost::GivenUp(direct) | Lost::Overflow(direct)) = member.link.poll_lost()?;
            Some((name.clone(), direct))
        })
    }

    pub(super) fn transmit(&mut self, now: Instant, integrity: Integrity, outputs: &mut VecDeque<Output>) {
        for member in self.by_name.values_mut() {
            let Some(to) = member.address else { continue };
            while let Some(sent) = member.link.poll_transmit(now) {
                let packet = &sent.payload.packet;
                let payload = integrity.seal(Payload::shared(packet.stamp(sent.seq), packet.tail()));
                outputs.push_back(Output::Datagram { to, payload });
            }
        }
    }
}

/// The address, if it is one: 0.0.0.0:0 stands for none (M11).
fn reachable(address: SocketAddrV4) -> Option<SocketAddr> {
    (address.port() != 0 && !address.ip().is_unspecified()).then_some(address.into())
}

/// A text for a member, in order with the others for him, or a probe.
pub(super) fn request(direct: Direct) -> Request<Direct> {
    let size = direct.packet.tail().len();
    let in_order = direct.text.is_some();
    let request = Request::new(direct);
    if in_order { request.in_lane(LANE, size) } else { request }
}
