//! Two texts side by side: how much they share, and where.

use crate::compare::alignment::Alignment;
use crate::compare::passages::{Passage, shared_passages};
use crate::score::evidence::Evidence;
use crate::score::relation::{Cuts, Level, Relation};
use crate::sketch::bottomk::Overlap;
use crate::sketch::shingle::{ShingleSet, Shingler};
use crate::text::language::Language;
use crate::text::words::Words;

/// What two texts have to do with each other: a relation, a score, exact counts of what they
/// share, and the passages that stand in both.
///
/// Titles help to tell whether it is the same story; counts and passages are of the texts alone.
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
    /// Puts the evidence of two sketched texts beside what is counted in the texts themselves.
    pub(crate) fn new(left: &str, right: &str, evidence: Evidence, cuts: &Cuts) -> Self {
        let words = (Words::new(left), Words::new(right));
        // One language for both texts, the same whichever is on the left: what they share is in it.
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

    /// What the left text is to the right one.
    pub fn relation(&self) -> Relation {
        self.relation
    }

    /// The closest level that the two reach, if any.
    pub fn level(&self) -> Option<Level> {
        self.level
    }

    /// The probability that the two tell the same story, in `0..=1`.
    pub fn score(&self) -> f32 {
        self.evidence.score()
    }

    /// What the score is made of.
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// Exact counts of distinct shingles of 1, 2 or 3 words: on the left, on the right, on both
    /// sides. Jaccard similarity and both containments follow from them.
    ///
    /// # Panics
    /// If `size` is not 1, 2 or 3.
    pub fn shared(&self, size: usize) -> Overlap {
        self.shared[size - 1]
    }

    /// The passages that stand in both word for word, in the order of the left text. Long passages
    /// come before short ones where they would overlap: no character belongs to two of them.
    ///
    /// Case, punctuation and layout may differ. Runs of fewer than six words are left out unless
    /// their words are rare; runs of one or two words always are.
    pub fn passages(&self) -> &[Passage] {
        &self.passages
    }

    /// The two texts sentence by sentence: which say the same, where they differ, and what only one
    /// of the texts has. The same as [`align()`](crate::align()) of the two.
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
