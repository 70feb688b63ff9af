//! The passages that two texts share word for word.

use std::ops::Range;

use crate::words::Words;

/// A run of words that stands in both texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    left: Range<usize>,
    right: Range<usize>,
    words: usize,
}

impl Passage {
    /// Where it stands in the left text, in bytes, on character boundaries.
    pub fn left(&self) -> Range<usize> {
        self.left.clone()
    }

    /// Where it stands in the right text.
    pub fn right(&self) -> Range<usize> {
        self.right.clone()
    }

    /// How many words it has.
    pub fn words(&self) -> usize {
        self.words
    }
}

/// The longest shared runs, each word in one passage at most, in the order of the left text.
pub(crate) fn shared_passages(left: &Words, right: &Words) -> Vec<Passage> {
    let _ = (left, right);
    Vec::new()
}
