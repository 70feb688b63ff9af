//! The titles and texts of articles, if an archive keeps them.

use std::collections::BTreeMap;

#[cfg(feature = "archive")]
use super::text_file::TextFile;
use crate::corpus::article::Article;
use crate::corpus::collection::Number;
use crate::error::Error;

/// The title of an article, empty if there is none, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredText {
    pub(crate) title: String,
    pub(crate) text: String,
}

impl StoredText {
    pub(crate) fn of(article: &Article<'_>) -> Self {
        let title = article.get_title().unwrap_or_default().to_owned();
        StoredText { title, text: article.text().to_owned() }
    }
}

/// The texts since the last commit in memory, and the files of the others.
#[derive(Debug, Clone, Default)]
pub(crate) struct StoredTexts {
    pub(crate) fresh: BTreeMap<Number, StoredText>,
    /// By ascending numbers, which do not overlap.
    #[cfg(feature = "archive")]
    pub(crate) files: Vec<TextFile>,
}

impl StoredTexts {
    /// The text of an article, if it was kept.
    pub(crate) fn get(&self, number: Number) -> Result<Option<StoredText>, Error> {
        let fresh = self.fresh.get(&number);
        #[cfg(feature = "archive")]
        if fresh.is_none() {
            let next = self.files.partition_point(|file| file.first() <= number);
            let file = next.checked_sub(1).map(|at| &self.files[at]);
            return file.map_or(Ok(None), |file| file.get(number));
        }
        Ok(fresh.cloned())
    }

    /// Bytes held on the heap, approximately.
    pub(crate) fn memory_usage(&self) -> usize {
        let of_text = |text: &StoredText| text.title.capacity() + text.text.capacity();
        let texts: usize = self.fresh.values().map(of_text).sum();
        texts + self.fresh.len() * size_of::<(Number, StoredText)>()
    }
}
