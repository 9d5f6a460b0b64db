//! What is spoken where.
//!
//! In: ports, the header of a capture of palabre. Out: which of two ends listens, and for what. Must not know packets.
//!
//! What the caller maps wins; then comes what the server that wrote the capture says of itself; then the default ports.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::capture::Header;
use crate::engine::{Dialect, Listener};
use crate::wire::Integrity;

/// The default ports, and what is spoken there.
pub const DEFAULTS: [(u16, Dialect); 5] = [
    (7400, Dialect::Stumtp),
    (7401, Dialect::Msp),
    (7402, Dialect::Stories),
    (7403, Dialect::Shen),
    (7404, Dialect::Matou),
];

/// What is spoken at which port.
#[derive(Clone, Debug, Default)]
pub struct Ports {
    mapped: BTreeMap<u16, Dialect>,
    integrity: Integrity,
    listeners: Vec<(SocketAddr, Listener)>,
}

impl Ports {
    /// What is spoken at the ports of `mapped`, and what guards datagrams where the capture does not say.
    #[must_use]
    pub fn new(mapped: impl IntoIterator<Item = (u16, Dialect)>, integrity: Integrity) -> Self {
        Self { mapped: mapped.into_iter().collect(), integrity, listeners: Vec::new() }
    }

    /// The server that wrote the capture says where it listens, in place of what an earlier one said.
    pub fn learn(&mut self, header: &Header) {
        let listeners = header.config.listeners.iter().copied();
        self.listeners = header.addresses.iter().copied().zip(listeners).collect();
    }

    /// Whether the capture says itself where its server listens.
    pub(super) const fn has_learnt(&self) -> bool {
        !self.listeners.is_empty()
    }

    /// Which of the two listens, and for what; `None` when neither is known to. `to` when both are: a client speaks first.
    pub(super) fn server(
        &self,
        from: SocketAddr,
        to: SocketAddr,
        streamed: bool,
    ) -> Option<(Side, Listener)> {
        let ranks = [Self::mapped, Self::learnt, Self::default_at];
        ranks.into_iter().find_map(|rank| {
            let fits = |address| rank(self, address).filter(|found| found.dialect.is_streamed() == streamed);
            fits(to).map(|found| (Side::To, found)).or_else(|| fits(from).map(|found| (Side::From, found)))
        })
    }

    fn mapped(&self, address: SocketAddr) -> Option<Listener> {
        let dialect = *self.mapped.get(&address.port())?;
        let said = self.learnt(address).filter(|said| said.dialect == dialect);
        Some(said.unwrap_or_else(|| self.plain(dialect)))
    }

    fn learnt(&self, address: SocketAddr) -> Option<Listener> {
        let is_it = |listener: &SocketAddr| {
            listener.port() == address.port()
                && (listener.ip().is_unspecified()
                    || listener.ip().to_canonical() == address.ip().to_canonical())
        };
        self.listeners.iter().find(|(listener, _)| is_it(listener)).map(|(_, listener)| *listener)
    }

    fn default_at(&self, address: SocketAddr) -> Option<Listener> {
        let found = DEFAULTS.into_iter().find(|(port, _)| *port == address.port());
        found.map(|(_, dialect)| self.plain(dialect))
    }

    fn plain(&self, dialect: Dialect) -> Listener {
        Listener { integrity: self.integrity, ..Listener::of(dialect) }
    }
}

/// Which of two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    From,
    To,
}
