//! Two texts side by side: how much they share, and where.

use crate::article::Article;
use crate::bottomk::Overlap;
use crate::error::Error;
use crate::evidence::{Cuts, Evidence, Level, Relation};
use crate::fingerprint::Fingerprint;
use crate::passages::{Passage, shared_passages};
use crate::shingle::{ShingleSet, Shingler};
use crate::terms::TermVector;
use crate::vocabulary::Vocabulary;
use crate::words::Words;

/// What two texts have to do with each other: a relation, a score, exact counts of what they
/// share, and the passages that stand in both.
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
}

/// Compares two texts without a collection: the rarity of words is the built-in prior's.
///
/// A text without words is unrelated to every other.
pub fn compare(left: &str, right: &str) -> Comparison {
    let articles = (Article::new("left", left), Article::new("right", right));
    compare_in(&articles.0, &articles.1, &Vocabulary::default(), &Cuts::DEFAULT)
        .unwrap_or_else(|_| Comparison::of_nothing())
}

/// Compares two articles in the light of a collection.
pub(crate) fn compare_in(
    left: &Article<'_>,
    right: &Article<'_>,
    vocabulary: &Vocabulary,
    cuts: &Cuts,
) -> Result<Comparison, Error> {
    let weighted = |article| {
        let fingerprint = Fingerprint::new(article)?;
        let vector = TermVector::new(&fingerprint, vocabulary);
        Ok::<_, Error>((fingerprint, vector))
    };
    let ((f, v), (g, w)) = (weighted(left)?, weighted(right)?);
    let evidence = Evidence::new((&f, &v), (&g, &w));
    let words = (Words::new(left.text()), Words::new(right.text()));
    let mut shared = [Overlap::default(); 3];
    for (size, shared) in (1..).zip(&mut shared) {
        let shingler = Shingler::words(size)?;
        let sets = (ShingleSet::new(shingler, &words.0), ShingleSet::new(shingler, &words.1));
        *shared =
            Overlap { left: sets.0.len(), right: sets.1.len(), shared: sets.0.shared(&sets.1) };
    }
    Ok(Comparison {
        relation: evidence.relation(cuts),
        level: evidence.level(cuts),
        evidence,
        shared,
        passages: shared_passages(&words.0, &words.1),
    })
}

impl Comparison {
    fn of_nothing() -> Self {
        Comparison {
            evidence: Evidence::default(),
            relation: Relation::Unrelated,
            level: None,
            shared: [Overlap::default(); 3],
            passages: Vec::new(),
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

    /// The passages that stand in both, in the order of the left text.
    pub fn passages(&self) -> &[Passage] {
        &self.passages
    }
}
