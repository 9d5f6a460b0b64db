//! The one source of chance.
//!
//! In: nothing. Out: a number that nobody outside can guess. Must not know what it is for.

use std::hash::{BuildHasher, RandomState};

/// A seed for [`Server::new`](crate::engine::Server::new).
///
/// The standard library asks the system for random keys when it makes a hasher, and a keyed hash of nothing is as hard
/// to guess as they are. That costs no dependency, cannot fail, and works without `/dev` in a bare chroot. What hangs
/// on it are first sequence numbers and the buckets of strangers, not secrets.
pub(crate) fn seed() -> u64 {
    RandomState::new().hash_one(())
}
