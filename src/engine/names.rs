//! The names by which one dialect knows people, or rooms: their own where it can carry them, aliases otherwise.
//!
//! In: ids and names. Out: names that fit the dialect, no two alike; and ids again, when such a name comes back. Must not
//! know who is on the server: it asks its caller who has a name.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a dialect's names may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    /// The longest, in bytes and in characters.
    pub(super) bytes: usize,
    pub(super) chars: usize,
    /// Whether its names can have this character.
    pub(super) allows: fn(char) -> bool,
    /// What an alias has where they cannot.
    pub(super) instead: &'static str,
    /// The names that nobody can have there: they mean something else.
    pub(super) reserved: &'static [&'static str],
    /// What names that are alike there have in common, where they need not be the same.
    pub(super) folds: Option<fn(&str) -> String>,
}

/// What is left of a name of which nothing can be shown.
const NAMELESS: &str = "user";

impl Fit {
    fn fits(&self, name: &str) -> bool {
        !name.is_empty()
            && name.len() <= self.bytes
            && name.chars().count() <= self.chars
            && name.chars().all(self.allows)
            && !self.is_reserved(name)
    }

    /// Whether nobody can have this name.
    pub(super) fn is_reserved(&self, name: &str) -> bool {
        self.reserved.iter().any(|reserved| self.key(reserved) == self.key(name))
    }

    /// Names with the same key are alike.
    fn key<'a>(&self, name: &'a str) -> Cow<'a, str> {
        self.folds.map_or(Cow::Borrowed(name), |folded| Cow::Owned(folded(name)))
    }

    /// The start of a name, as far as it fits before a `suffix`.
    fn cut(&self, name: &str, suffix: &str) -> String {
        let name = name.replace(|c| !(self.allows)(c), self.instead);
        let name = if name.is_empty() { NAMELESS } else { &name };
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
        let is_known = |name: &str| self.owners.contains_key(&*self.fit.key(name));
        if self.fit.fits(name) && !is_known(name) {
            if self.fit.folds.is_some() {
                // The first of those that are alike there keeps his name.
                self.record(id, Arc::clone(name));
            }
            return Arc::clone(name);
        }
        let free = |alias: &str| {
            !is_known(alias)
                && !self.fit.is_reserved(alias)
                && holder(alias).is_none_or(|holder| holder == id)
        };
        let plain = self.fit.cut(name, "");
        let alias = if free(&plain) {
            plain
        } else {
            // Each of those before it belongs to somebody: there are fewer people than numbers.
            let numbered = (2_u32..).map(|number| self.fit.cut(name, &number.to_string()));
            numbered.into_iter().find(|alias| free(alias)).unwrap_or(plain)
        };
        let alias: Arc<str> = alias.into();
        self.record(id, Arc::clone(&alias));
        alias
    }

    fn record(&mut self, id: Id, shown: Arc<str>) {
        self.owners.insert(self.fit.key(&shown).into(), id);
        self.aliases.insert(id, shown);
    }

    /// A name for one who is gone, so that nobody can ask for him by it any more.
    pub(super) fn fit(&self, name: &str) -> String {
        self.fit.cut(name, "")
    }

    /// Whom this dialect calls so. His real name is understood too.
    pub(super) fn find(&self, name: &str, holder: impl Fn(&str) -> Option<Id>) -> Option<Id> {
        self.owner(name).or_else(|| holder(name))
    }

    /// Whose alias this is; he may be gone.
    pub(super) fn owner(&self, name: &str) -> Option<Id> {
        self.owners.get(&*self.fit.key(name)).copied()
    }

    /// Whether this is an alias: then nobody else can have it as his name in this dialect.
    pub(super) fn is_alias(&self, name: &str) -> bool {
        self.owner(name).is_some()
    }

    /// Whether nobody can have this name in this dialect.
    pub(super) fn is_reserved(&self, name: &str) -> bool {
        self.fit.is_reserved(name)
    }

    /// How many have an alias.
    pub(super) fn len(&self) -> usize {
        self.aliases.len()
    }

    /// Somebody is gone, or has another name.
    pub(super) fn forget(&mut self, id: Id) {
        if let Some(alias) = self.aliases.remove(&id) {
            self.owners.remove(&*self.fit.key(&alias));
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
        Names::new(FIT)
    }

    const FIT: Fit =
        Fit { bytes: 10, chars: 10, allows: |c| c != '#', instead: "_", reserved: &[], folds: None };

    #[test]
    fn a1_where_case_does_not_matter_the_first_of_two_keeps_his_name_and_nobody_gets_a_reserved_one() {
        let fit = Fit {
            allows: char::is_alphanumeric,
            instead: "",
            reserved: &["palabre"],
            folds: Some(str::to_lowercase),
            ..FIT
        };
        let mut names = Names::new(fit);
        let mut show = |id, name: &str| names.show(id, &name.into(), |_| None);
        assert_eq!(&*show(1, "Bob"), "Bob");
        assert_eq!(&*show(2, "bob"), "bob2");
        assert_eq!(&*show(3, "PALABRE"), "PALABRE2");
        assert_eq!((&*show(4, "***"), &*show(5, "+++")), ("user", "user2"));
        assert_eq!(&*show(1, "Bob"), "Bob");
        assert_eq!((names.find("BOB", |_| None), names.find("Bob2", |_| None)), (Some(1), Some(2)));
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
