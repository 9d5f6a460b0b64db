//! Somebody's client, whatever it speaks.
//!
//! In: what its user wants, the time. Out: the real client, asked in its own words. Must not know the network.

use palabre::client::stream::{self, StreamClient};
use palabre::client::{self, Ask, Client, Ticket};
use palabre::ids::ConnectionId;
use palabre::time::Instant;

use super::people::{dialect, listener, name, server, streamed};
use palabre::engine::Dialect;

/// Somebody's client.
#[derive(Debug)]
pub(super) enum Person {
    /// One that sends datagrams.
    Packed(Box<Client>),
    /// One with a connection, while there is one.
    Streamed(StreamClient, Option<ConnectionId>),
}

/// What a client tells its user.
#[derive(Debug)]
pub(super) enum Told {
    Packed(client::Event),
    Streamed(stream::Event),
}

impl Person {
    /// Somebody starts his client.
    pub(super) fn new(who: usize, seed: u64, now: Instant) -> Self {
        let (name, spoken) = (name(who), dialect(who));
        let server = server(spoken);
        if let Some(protocol) = streamed(who) {
            let config = stream::Config::new(protocol, name, server);
            return Self::Streamed(StreamClient::new(config, seed, now), None);
        }
        let mut config = match spoken {
            Dialect::Shen => client::Config::shen(name, server),
            _ => client::Config::new(name, server),
        };
        config.timing = listener(spoken).timing;
        Self::Packed(Box::new(Client::new(config, seed, now)))
    }

    /// He wants something. Over TCP the story has people talk, move and leave only.
    pub(super) fn ask(&mut self, now: Instant, ticket: Ticket, ask: Ask) {
        match self {
            Self::Packed(client) => client.handle_input(now, client::Input::Ask(ticket, ask)),
            Self::Streamed(client, _) => {
                let ask = match ask {
                    Ask::Say(text) => stream::Ask::Say(text),
                    Ask::Join(room) => stream::Ask::Join(room),
                    Ask::Leave => stream::Ask::Leave,
                    Ask::Disconnect => stream::Ask::Disconnect,
                    _ => return,
                };
                client.handle_input(now, stream::Input::Ask(ticket, ask));
            }
        }
    }

    /// When [`Person::handle_timeout`] is wanted next.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        match self {
            Self::Packed(client) => client.poll_timeout(),
            Self::Streamed(client, _) => client.poll_timeout(),
        }
    }

    /// Does what is due.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        match self {
            Self::Packed(client) => client.handle_timeout(now),
            Self::Streamed(client, _) => client.handle_timeout(now),
        }
    }

    /// Whether nothing that he wanted is still being done.
    pub(super) fn is_idle(&self) -> bool {
        match self {
            Self::Packed(client) => client.is_idle(),
            Self::Streamed(client, _) => client.is_idle(),
        }
    }

    /// His connection, if he has one.
    pub(super) const fn line(&self) -> Option<ConnectionId> {
        match self {
            Self::Packed(_) => None,
            Self::Streamed(_, line) => *line,
        }
    }
}
