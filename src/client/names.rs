//! Who is behind an id.
//!
//! In: ids with their names as the server tells them, texts of ids that are not known yet. Out: names; texts, in order,
//! once their author's name is known. Must not know how the server is asked.

use std::collections::BTreeMap;

/// The names we have heard of, and the texts that wait for one.
///
/// A name is kept when its owner leaves: texts of his may still be on their way, and his id rests for a minute before
/// somebody else has it (M5).
#[derive(Debug, Default)]
pub(super) struct Names {
    known: BTreeMap<u16, String>,
    /// The id each name had last: who comes again may get another one.
    ids: BTreeMap<String, u16>,
    waiting: BTreeMap<u16, Vec<String>>,
}

impl Names {
    /// Forgets the names: in another room, or after a while, an id may be somebody else's.
    pub(super) fn forget(&mut self) {
        self.known.clear();
        self.ids.clear();
    }

    pub(super) fn learn(&mut self, id: u16, name: String) {
        self.ids.insert(name.clone(), id);
        self.known.insert(id, name);
    }

    pub(super) fn name(&self, id: u16) -> Option<&str> {
        self.known.get(&id).map(String::as_str)
    }

    pub(super) fn id(&self, name: &str) -> Option<u16> {
        self.ids.get(name).copied()
    }

    /// Whether we have heard of anybody else.
    pub(super) fn has_others_than(&self, name: &str) -> bool {
        self.ids.keys().any(|known| known != name)
    }

    /// Keeps a text until its author's name is known; true when he is not being asked for yet.
    pub(super) fn wait(&mut self, id: u16, text: String) -> bool {
        let waiting = self.waiting.entry(id).or_default();
        waiting.push(text);
        waiting.len() == 1
    }

    /// Whether texts of this author wait for his name: what he says next has to wait too.
    pub(super) fn is_waiting(&self, id: u16) -> bool {
        self.waiting.contains_key(&id)
    }

    /// Everybody whose texts wait for his name.
    pub(super) fn awaited(&self) -> Vec<u16> {
        self.waiting.keys().copied().collect()
    }

    /// The texts of an author that have waited long enough, oldest first.
    pub(super) fn release(&mut self, id: u16) -> Vec<String> {
        self.waiting.remove(&id).unwrap_or_default()
    }
}
