//! How far files are.
//!
//! In: how much of a file is done. Out: a bar, when there is one to show. Must not know where it is shown.

use std::collections::BTreeMap;

use palabre::client::stream::Way;

use crate::commands::chat::escape;

/// Files smaller than this are done before anybody looks.
const WORTH_IT: u64 = 256 << 10;
/// How many steps a bar has.
const STEPS: u64 = 10;

/// The files that are under way.
#[derive(Debug, Default)]
pub(super) struct Progress {
    shown: BTreeMap<(String, bool), u64>,
}

impl Progress {
    /// The bar, if it has become longer.
    pub(super) fn bar(&mut self, name: &str, way: Way, done: u64, total: u64) -> Option<String> {
        if total < WORTH_IT {
            return None;
        }
        let step = u128::from(done.min(total)) * u128::from(STEPS) / u128::from(total);
        let step = u64::try_from(step).unwrap_or(STEPS);
        let key = (name.to_owned(), way == Way::In);
        let shown = self.shown.insert(key.clone(), step);
        if step == STEPS {
            self.shown.remove(&key);
        }
        if shown.is_some_and(|shown| shown >= step) || step == 0 {
            return None;
        }
        let length = usize::try_from(step).unwrap_or_default();
        let bar = format!("{:.<10}", "#".repeat(length));
        let arrow = if way == Way::In { "<-" } else { "->" };
        Some(format!("[{bar}] {}% {arrow} {}", step * (100 / STEPS), escape::text(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_shown_when_it_has_become_longer() {
        let (mut progress, total) = (Progress::default(), 1 << 20);
        assert_eq!(progress.bar("a", Way::In, 0, total), None);
        let half = Some("[#####.....] 50% <- a".to_owned());
        assert_eq!(progress.bar("a", Way::In, total / 2, total), half);
        assert_eq!(progress.bar("a", Way::In, total / 2 + 1, total), None);
        assert_eq!(progress.bar("a", Way::In, total, total), Some("[##########] 100% <- a".into()));
        assert_eq!(progress.bar("small", Way::Out, 10, 10), None);
    }
}
