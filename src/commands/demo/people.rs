//! Who the people are, what they speak, and where everybody is.
//!
//! In: nothing. Out: names, protocols, addresses. Must not know what anybody does.

use std::net::SocketAddr;

use palabre::client::stream::Protocol;
use palabre::engine::{Dialect, Listener};
use palabre::ids::ListenerId;
use palabre::reliable::{Policy, Timing};
use palabre::time::Duration;

/// The people, by number.
pub(super) const PEOPLE: [&str; 8] = ["Alice", "Björn", "Chidi", "Dunja", "Emre", "Fatou", "Goran", "Hana"];

/// What each of them speaks.
const SPEAK: [Dialect; PEOPLE.len()] = [
    Dialect::Msp,
    Dialect::Msp,
    Dialect::Shen,
    Dialect::Msp,
    Dialect::Shen,
    Dialect::Matou,
    Dialect::Stories,
    Dialect::Stumtp,
];

/// What the server speaks.
const LISTEN: [Dialect; 5] = Dialect::ALL;

/// Somebody on the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    Server,
    Person(usize),
}

/// What somebody is called.
pub(super) fn name(who: usize) -> &'static str {
    PEOPLE.get(who).copied().unwrap_or_default()
}

/// What somebody speaks.
pub(super) fn dialect(who: usize) -> Dialect {
    SPEAK.get(who).copied().unwrap_or(Dialect::Msp)
}

/// What somebody's client over TCP speaks; `None` for those who send datagrams.
pub(super) fn streamed(who: usize) -> Option<Protocol> {
    match dialect(who) {
        Dialect::Msp | Dialect::Shen => None,
        Dialect::Matou => Some(Protocol::Matou),
        Dialect::Stories => Some(Protocol::Stories),
        Dialect::Stumtp => Some(Protocol::Stumtp),
    }
}

/// What a protocol is called in a sentence.
pub(super) const fn spoken(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Msp => "MSP",
        Dialect::Shen => "Shen's protocol",
        Dialect::Matou => "Matou",
        Dialect::Stories => "Stories",
        Dialect::Stumtp => "STUMTP",
    }
}

/// The server's listeners.
pub(super) fn listeners() -> Vec<Listener> {
    LISTEN.map(listener).into()
}

/// Shen's timer would be 2 s: on this network a laboratory's setting tells the same story sooner.
pub(super) fn listener(dialect: Dialect) -> Listener {
    match dialect {
        Dialect::Shen => {
            let timing = Timing { timer: Duration::from_millis(100), tries: 10, policy: Policy::Fixed };
            Listener { timing, ..Listener::shen() }
        }
        dialect => Listener::of(dialect),
    }
}

/// Addresses for documentation, so that nobody takes them for real ones.
pub(super) fn address(who: usize) -> SocketAddr {
    let host = u8::try_from(who).unwrap_or(u8::MAX).saturating_add(1);
    SocketAddr::from(([192, 0, 2, host], 40_000))
}

/// Where the server listens for a protocol.
pub(super) fn server(dialect: Dialect) -> SocketAddr {
    let port = match dialect {
        Dialect::Stumtp => 7400,
        Dialect::Msp => 7401,
        Dialect::Stories => 7402,
        Dialect::Shen => 7403,
        Dialect::Matou => 7404,
    };
    SocketAddr::from(([192, 0, 2, 254], port))
}

pub(super) fn listener_at(address: SocketAddr) -> ListenerId {
    ListenerId(LISTEN.iter().position(|dialect| server(*dialect) == address).unwrap_or_default())
}

pub(super) fn listener_address(listener: ListenerId) -> SocketAddr {
    server(LISTEN.get(listener.0).copied().unwrap_or(Dialect::Msp))
}

pub(super) fn node(address: SocketAddr) -> Node {
    let who = (0..PEOPLE.len()).find(|who| self::address(*who) == address);
    who.map_or(Node::Server, Node::Person)
}
