//! Which network address each name of Shen's protocol belongs to (S7).
//!
//! In: names and the addresses that use them. Out: whether an address may use a name; all of them, to be saved. Must not
//! know files, nor who is on the server now.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// The names that addresses have taken. A name belongs to the address that used it first, also after its owner has left
/// and after a restart of the server.
///
/// Anybody can send a datagram, so both the names of one address and all names together are bounded: what is beyond that
/// is refused, and nobody loses a name to somebody else.
///
/// ```
/// use palabre::engine::Registry;
///
/// let saved = [("lucy", "192.0.2.1"), ("bob", "192.0.2.2")];
/// let registry: Registry = saved.map(|(name, at)| (name.into(), at.parse().expect("an address"))).into_iter().collect();
/// let again: Vec<_> = registry.iter().map(|(name, at)| format!("{name} {at}")).collect();
/// assert_eq!(again, ["bob 192.0.2.2", "lucy 192.0.2.1"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
    owners: BTreeMap<Arc<str>, IpAddr>,
    /// How many names each address has.
    shares: BTreeMap<IpAddr, usize>,
}

impl Registry {
    /// The most names there can be.
    pub const MOST: usize = 131_072;
    /// The most names one address can have.
    pub const MOST_OF_ONE: usize = 8_192;

    /// Whether `address` may use `name`: it is its own, or nobody's and there is room for it.
    #[must_use]
    pub fn allows(&self, name: &str, address: IpAddr) -> bool {
        let address = address.to_canonical();
        match self.owners.get(name) {
            Some(owner) => *owner == address,
            None => self.owners.len() < Self::MOST && self.share(address) < Self::MOST_OF_ONE,
        }
    }

    /// The address to which `name` belongs.
    #[must_use]
    pub fn owner(&self, name: &str) -> Option<IpAddr> {
        self.owners.get(name).copied()
    }

    /// All names and the addresses they belong to, in order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, IpAddr)> {
        self.owners.iter().map(|(name, owner)| (&**name, *owner))
    }

    /// `name` belongs to `address` from now on, if it may; true when that is news.
    pub(super) fn claim(&mut self, name: &str, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let is_news = self.allows(name, address) && !self.owners.contains_key(name);
        if is_news {
            self.owners.insert(name.into(), address);
            *self.shares.entry(address).or_default() += 1;
        }
        is_news
    }

    fn share(&self, address: IpAddr) -> usize {
        self.shares.get(&address).copied().unwrap_or(0)
    }
}

impl FromIterator<(Arc<str>, IpAddr)> for Registry {
    /// Of a name that comes twice the first owner counts.
    fn from_iter<I: IntoIterator<Item = (Arc<str>, IpAddr)>>(saved: I) -> Self {
        let mut registry = Self::default();
        for (name, address) in saved {
            registry.claim(&name, address);
        }
        registry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s7_one_address_cannot_take_all_names() {
        let mut registry = Registry::default();
        let (greedy, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let taken = (0..10_000).filter(|n| registry.claim(&format!("name{n}"), greedy)).count();
        assert_eq!(taken, Registry::MOST_OF_ONE);
        assert!(registry.allows("name7", greedy) && !registry.allows("name7", other));
        assert!(registry.claim("other", other));
    }

    #[test]
    fn s7_all_names_together_are_bounded_and_nobody_loses_one() {
        let mut registry = Registry::default();
        let address = |n: usize| IpAddr::from([10, 0, 0, u8::try_from(n / Registry::MOST_OF_ONE).unwrap()]);
        (0..Registry::MOST).for_each(|n| assert!(registry.claim(&format!("name{n}"), address(n))));
        let late = IpAddr::from([192, 0, 2, 1]);
        assert!(!registry.allows("late", late) && !registry.claim("late", late));
        assert!(registry.allows("name0", address(0)));
    }
}
