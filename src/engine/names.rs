//! The names by which one dialect knows people, or rooms: their own where it can carry them, aliases otherwise.
//!
//! In: ids and names. Out: names that fit the dialect, no two alike; and ids again, when such a name comes back. Must not
//! know who is on the server: it asks its caller who has a name.

use std::collections::BTreeMap;
use std::sync::Arc;

/// What a dialect's names may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    /// The longest, in bytes and in characters.
    pub(super) bytes: usize,
    pub(super) chars: usize,
    /// The character that its names cannot have; an alias has '_' there.
    pub(super) forbidden: char,
}

impl Fit {
    fn fits(&self, name: &str) -> bool {
        name.len() <= self.bytes && name.chars().count() <= self.chars && !name.contains(self.forbidden)
    }

    /// The start of a name, as far as it fits before a `suffix`.
    fn cut(&self, name: &str, suffix: &str) -> String {
        let name = name.replace(self.forbidden, "_");
        let (bytes, chars) =
            (self.bytes.saturating_sub(suffix.len()), self.chars.saturating_sub(suffix.len()));
        let end = name.char_indices().nth(chars).map_or(name.len(), |(end, _)| end);
        let start = name.get(..name.floor_char_boundary(end.min(bytes))).unwrap_or_default();
        format!("{start}{suffix}")
    }
}

/// The aliases of one dialect for people, or for rooms.
#[derive(Debug)]
pub(super) struct Names<Id> {
    fit: Fit,
    aliases: BTreeMap<Id, Arc<str>>,
    owners: BTreeMap<Arc<str>, Id>,
}

impl<Id: Copy + Ord> Names<Id> {
    pub(super) const fn new(fit: Fit) -> Self {
        Self { fit, aliases: BTreeMap::new(), owners: BTreeMap::new() }
    }

    /// What this dialect calls the one who is called `name`. It stays so until he is [forgotten](Self::forget).
    /// `holder` says who really has a name.
    pub(super) fn show(&mut self, id: Id, name: &Arc<str>, holder: impl Fn(&str) -> Option<Id>) -> Arc<str> {
        if let Some(alias) = self.aliases.get(&id) {
            return Arc::clone(alias);
        }
        if self.fit.fits(name) && !self.owners.contains_key(name) {
            return Arc::clone(name);
        }
        let free =
            |alias: &str| !self.owners.contains_key(alias) && holder(alias).is_none_or(|holder| holder == id);
        let plain = self.fit.cut(name, "");
        let alias = if free(&plain) {
            plain
        } else {
            // Each of those before it belongs to somebody: there are fewer people than numbers.
            let numbered = (2_u32..).map(|number| self.fit.cut(name, &number.to_string()));
            numbered.into_iter().find(|alias| free(alias)).unwrap_or(plain)
        };
        let alias: Arc<str> = alias.into();
        self.aliases.insert(id, Arc::clone(&alias));
        self.owners.insert(Arc::clone(&alias), id);
        alias
    }

    /// A name for one who is gone, so that nobody can ask for him by it any more.
    pub(super) fn fit(&self, name: &str) -> String {
        self.fit.cut(name, "")
    }

    /// Whom this dialect calls so. His real name is understood too.
    pub(super) fn find(&self, name: &str, holder: impl Fn(&str) -> Option<Id>) -> Option<Id> {
        self.owners.get(name).copied().or_else(|| holder(name))
    }

    /// Whose alias this is; he may be gone.
    pub(super) fn owner(&self, name: &str) -> Option<Id> {
        self.owners.get(name).copied()
    }

    /// Whether this is an alias: then nobody else can have it as his name in this dialect.
    pub(super) fn is_alias(&self, name: &str) -> bool {
        self.owners.contains_key(name)
    }

    /// How many have an alias.
    pub(super) fn len(&self) -> usize {
        self.aliases.len()
    }

    /// Somebody is gone, or has another name.
    pub(super) fn forget(&mut self, id: Id) {
        if let Some(alias) = self.aliases.remove(&id) {
            self.owners.remove(&alias);
        }
    }

    /// Forgets all who are gone.
    pub(super) fn retain(&mut self, lives: impl Fn(Id) -> bool) {
        self.aliases.retain(|id, _| lives(*id));
        self.owners.retain(|_, id| lives(*id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names<u8> {
        Names::new(Fit { bytes: 10, chars: 10, forbidden: '#' })
    }

    #[test]
    fn a_name_that_does_not_fit_is_cut_and_two_that_clash_are_numbered() {
        let mut names = names();
        let mut show =
            |id, name: &str| names.show(id, &name.into(), |held| (held == "abcdefghi2").then_some(9));
        assert_eq!(&*show(1, "lucy"), "lucy");
        assert_eq!(&*show(2, "abcdefghijklm"), "abcdefghij");
        assert_eq!(&*show(3, "abcdefghijklo"), "abcdefghi3", "somebody is really called abcdefghi2");
        assert_eq!(&*show(4, "ab#c"), "ab_c");
        assert_eq!(&*show(5, "éééééééé"), "ééééé", "cut at a character");
        assert_eq!(&*show(2, "abcdefghijklm"), "abcdefghij", "stable");
        assert_eq!(&*show(6, "abcdefghij"), "abcdefghi4", "his own name is somebody's alias already");
    }

    #[test]
    fn an_alias_that_comes_back_is_understood_until_its_owner_is_gone() {
        let mut names = names();
        names.show(2, &"abcdefghijklm".into(), |_| None);
        let real = |name: &str| (name == "abcdefghijklm").then_some(2);
        assert_eq!((names.find("abcdefghij", real), names.find("abcdefghijklm", real)), (Some(2), Some(2)));
        assert!(names.is_alias("abcdefghij"));
        names.forget(2);
        assert_eq!(names.find("abcdefghij", |_| None), None);
    }
}
