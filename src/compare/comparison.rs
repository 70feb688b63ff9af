//! The result of comparing two texts: how much they share, and where.
//!
//! Costs `O(n log n)` for the passages plus the cost of the alignment.

use crate::compare::alignment::Alignment;
use crate::compare::passages::{Passage, shared_passages};
use crate::score::evidence::Evidence;
use crate::score::relation::{Cuts, Level, Relation};
use crate::sketch::bottomk::Overlap;
use crate::sketch::shingle::{ShingleSet, Shingler};
use crate::text::language::Language;
use crate::text::words::Words;

/// How two texts are related: relation, score, exact counts of shared shingles, and shared passages.
///
/// Titles contribute to the score; counts and passages cover the texts alone.
///
/// ```
/// let left = "Nobody was hurt, harbour master Ida Rosk said. Divers will examine the hull.";
/// let right = "According to harbour master Ida Rosk, nobody was hurt.";
/// let comparison = retold::compare(left, right);
/// let passage = &comparison.passages()[0];
/// assert_eq!(&left[passage.left()], "harbour master Ida Rosk");
/// assert_eq!(&right[passage.right()], "harbour master Ida Rosk");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    evidence: Evidence,
    relation: Relation,
    level: Option<Level>,
    shared: [Overlap; 3],
    passages: Vec<Passage>,
    alignment: Alignment,
}

impl Comparison {
    /// Adds exact counts, passages and alignment to the evidence of two fingerprints.
    pub(crate) fn new(left: &str, right: &str, evidence: Evidence, cuts: &Cuts) -> Self {
        let words = (Words::new(left), Words::new(right));
        // One language for both texts, which does not depend on the side: the shared words are in it.
        let language = Language::of(&words.0).min(Language::of(&words.1));
        let passages = shared_passages(&words.0, &words.1, language);
        Comparison {
            relation: evidence.relation(cuts),
            level: evidence.level(cuts),
            evidence,
            shared: [1, 2, 3].map(|size| shared_shingles(size, &words.0, &words.1)),
            alignment: Alignment::new((left, &words.0), (right, &words.1), &passages, language),
            passages,
        }
    }

    /// The relation of the left text to the right one.
    pub fn relation(&self) -> Relation {
        self.relation
    }

    /// The closest level that the pair reaches, if any.
    pub fn level(&self) -> Option<Level> {
        self.level
    }

    /// The probability that the two tell the same story, in `0..=1`.
    pub fn score(&self) -> f32 {
        self.evidence.score()
    }

    /// The measurements that the score is computed from.
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// Exact counts of distinct shingles of 1, 2 or 3 words: on the left, on the right, shared.
    /// Jaccard similarity and both containments follow from them.
    ///
    /// # Panics
    /// If `size` is not 1, 2 or 3.
    pub fn shared(&self, size: usize) -> Overlap {
        self.shared[size - 1]
    }

    /// The passages that both texts contain word for word, in the order of the left text. Where
    /// passages would overlap the longer one wins: no character belongs to two of them.
    ///
    /// Case, punctuation and layout may differ. Runs of fewer than six words are left out unless
    /// their words are rare; runs of one or two words are always left out.
    pub fn passages(&self) -> &[Passage] {
        &self.passages
    }

    /// The sentences of both texts in pairs, with their differences, and the sentences that have no
    /// pair. Equals [`align()`](crate::align()) of the two texts.
    pub fn alignment(&self) -> &Alignment {
        &self.alignment
    }
}

/// Counts the distinct shingles of `size` words of two texts.
fn shared_shingles(size: usize, left: &Words, right: &Words) -> Overlap {
    let shingler = Shingler::of_words(size);
    let (left, right) = (ShingleSet::new(shingler, left), ShingleSet::new(shingler, right));
    Overlap { left: left.len(), right: right.len(), shared: left.shared(&right) }
}
