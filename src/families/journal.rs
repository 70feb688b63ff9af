//! The changes of families since the last commit.
//!
//! A journal that nobody reads stays empty, so a collection in memory does not grow by it.

use std::collections::BTreeSet;

use crate::corpus::collection::Number;

/// The changes since the last commit, apart from the new articles.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal {
    is_kept: bool,
    /// The removed articles, in the order of their removal.
    pub(crate) removed: Vec<Number>,
    /// The articles whose family changed.
    pub(crate) relabelled: BTreeSet<Number>,
    /// The judged pairs: the later article, then the earlier one.
    pub(crate) verdicts: Vec<(Number, Number)>,
}

impl Journal {
    /// A journal that records, for a collection that is committed.
    #[cfg(feature = "archive")]
    pub(crate) fn kept() -> Self {
        Journal { is_kept: true, ..Journal::default() }
    }

    pub(crate) fn note_removed(&mut self, article: Number) {
        if self.is_kept {
            self.removed.push(article);
        }
    }

    pub(crate) fn note_relabelled(&mut self, article: Number) {
        if self.is_kept {
            self.relabelled.insert(article);
        }
    }

    pub(crate) fn note_verdict(&mut self, later: Number, earlier: Number) {
        if self.is_kept {
            self.verdicts.push((later, earlier));
        }
    }
}
