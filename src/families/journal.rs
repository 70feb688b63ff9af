//! What a commit has to write beside the articles that came.

use std::collections::BTreeSet;

use crate::corpus::collection::Number;

/// What changed since the last commit. An archive that is kept in memory has an empty one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal {
    is_kept: bool,
    /// The articles that were taken out, in this order.
    pub(crate) removed: Vec<Number>,
    /// Those that are in another family now, or in none.
    pub(crate) relabelled: BTreeSet<Number>,
    /// The pairs that were judged: the later article and the earlier one.
    pub(crate) verdicts: Vec<(Number, Number)>,
}

impl Journal {
    /// One that somebody will read.
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
