//! The answers about verified pairs: matches of one article, and pairs of a collection.

use crate::score::evidence::Evidence;
use crate::score::relation::{Cuts, Level, Relation};

/// An article of the collection that tells the same story as a query article.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// Its id.
    pub id: String,
    /// What the query article is to it.
    pub relation: Relation,
    /// The probability that the two tell the same story.
    pub score: f32,
    /// The evidence on the pair, with the query article on the left.
    pub evidence: Evidence,
}

/// The matches of some ids with their evidence, best first, then by id.
pub(super) fn best_first<'a>(
    found: impl Iterator<Item = (&'a str, Evidence)>,
    cuts: &Cuts,
) -> Vec<Match> {
    let of = |(id, evidence): (&str, Evidence)| Match {
        id: id.to_owned(),
        relation: evidence.relation(cuts),
        score: evidence.score(),
        evidence,
    };
    let mut matches: Vec<Match> = found.map(of).collect();
    matches.sort_unstable_by(|x, y| y.score.total_cmp(&x.score).then_with(|| x.id.cmp(&y.id)));
    matches
}

/// Two articles of the collection that tell the same story.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair<'a> {
    /// The smaller id.
    pub left: &'a str,
    /// The larger id.
    pub right: &'a str,
    /// The closest level that they reach.
    pub level: Level,
    /// What the left article is to the right one.
    pub relation: Relation,
    /// The probability that the two tell the same story.
    pub score: f32,
    /// The evidence on the pair.
    pub evidence: Evidence,
}
