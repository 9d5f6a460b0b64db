//! Files as they are written to those who want them, each once, however many are given it (B5).
//!
//! In: the bytes of files, and the connections they go to. Out: the same in base64, to be shared, as long as there is room.
//! Must not know what a connection is.
//!
//! Nobody can be made to read what he has asked for: without a bound, and without sharing, many who ask and do not read
//! would be given all memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::dialect::stories::json::FileBytes;
use crate::engine::ContentId;
use crate::ids::ConnectionId;

/// What is on its way.
#[derive(Default)]
pub(super) struct Lending {
    texts: BTreeMap<ContentId, Arc<[u8]>>,
    to: BTreeSet<(ConnectionId, ContentId)>,
}

impl Lending {
    /// The base64 of a file that is on its way to somebody else already.
    pub(super) fn share(&mut self, to: ConnectionId, content: ContentId) -> Option<Arc<[u8]>> {
        let text = self.texts.get(&content).map(Arc::clone)?;
        self.to.insert((to, content));
        Some(text)
    }

    /// The base64 of a file; `None` when more than `most` bytes would be on their way.
    pub(super) fn lend(
        &mut self,
        most: usize,
        to: ConnectionId,
        content: ContentId,
        bytes: &[u8],
    ) -> Option<Arc<[u8]>> {
        let lent: usize = self.texts.values().map(|text| text.len()).sum();
        if lent.saturating_add(bytes.len() / 3 * 4) > most {
            return None;
        }
        let text: Arc<[u8]> = FileBytes::text(bytes).into_bytes().into();
        self.texts.insert(content, Arc::clone(&text));
        self.to.insert((to, content));
        Some(text)
    }

    /// A connection has taken what waited for it, or is gone.
    pub(super) fn returned(&mut self, by: ConnectionId) {
        if self.to.is_empty() {
            return;
        }
        self.to.retain(|(to, _)| *to != by);
        let Self { texts, to } = self;
        texts.retain(|content, _| to.iter().any(|(_, lent)| lent == content));
    }
}

impl core::fmt::Debug for Lending {
    /// Without the bytes: they are many.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Lending({} files)", self.texts.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b5_a_file_is_lent_once_to_all_and_not_more_than_there_is_room_for() {
        let mut lending = Lending::default();
        let [one, other] = [ConnectionId(1), ConnectionId(2)];
        let [first, second] = [ContentId::of(b"first!"), ContentId::of(b"second")];
        let lent = lending.lend(12, one, first, b"first!").unwrap();
        assert!(Arc::ptr_eq(&lent, &lending.share(other, first).unwrap()));
        assert_eq!((&*lent, lending.lend(12, other, second, b"second")), (&b"Zmlyc3Qh"[..], None));
        lending.returned(one);
        assert_eq!(lending.lend(12, one, second, b"second"), None, "the other has it still");
        lending.returned(other);
        assert!(lending.lend(12, one, second, b"second").is_some());
        assert!(lending.share(other, first).is_none());
    }
}
