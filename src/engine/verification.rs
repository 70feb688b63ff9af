//! Verifies pairs of a whole collection: the candidates first, then the neighbours of what they link.
//!
//! Candidates are bounded per article, so in a story of many versions not every version finds all
//! others. The second round closes this gap: the links of one article are compared with one another. It
//! costs at most [`MAX_NEIGHBOURS`] squared over two comparisons for each article.

use std::collections::HashSet;

use ahash::RandomState;

use super::answers::{Match, best_first};
use super::batch::Index;
use super::query::QueryArticle;
use super::ranked::{ComparedPair, RankedArticles};
use super::settings::Settings;
use crate::corpus::collection::Articles;
use crate::families::cluster::Edge;
use crate::score::evidence::Evidence;
use crate::score::relation::{Cuts, Level};

/// How many links of an article, best first, are followed to neighbours of neighbours.
pub(super) const MAX_NEIGHBOURS: usize = 24;

/// What follows some articles, and what follows that, without these. `followers` gives what follows one
/// directly. Linear in all of them.
pub(super) fn all_followers<I: Iterator<Item = u32>>(
    mut followed: Vec<u32>,
    followers: impl Fn(u32) -> I,
) -> Vec<u32> {
    let mut known: HashSet<u32, RandomState> = followed.iter().copied().collect();
    let mut all = Vec::new();
    while let Some(article) = followed.pop() {
        let new: Vec<u32> = followers(article).filter(|&other| known.insert(other)).collect();
        followed.extend(&new);
        all.extend(new);
    }
    all
}

/// The rank of an article that tells the story of a query article, the level, and the evidence.
type VerifiedMatch = (u32, Level, Evidence);

impl RankedArticles {
    /// The pairs of ranks that reach a level, in order; and every pair that was compared, in no order.
    pub(crate) fn verified(
        &self,
        articles: &Articles,
        candidates: &[ComparedPair],
        cuts: &Cuts,
    ) -> (Vec<Edge>, Vec<(u32, u32)>) {
        let edge = |a, b, evidence| edge_at(cuts, a, b, evidence);
        let mut edges = self.judge(articles, candidates, edge);
        let mut compared: Vec<(u32, u32)> = candidates.iter().map(|one| one.pair).collect();
        let neighbours = neighbours_of_neighbours(&edges, &compared);
        edges.extend(self.verify(articles, &neighbours, edge));
        // Two sorted runs, which a stable sort merges.
        edges.sort_by_key(|edge| (edge.a, edge.b));
        compared.extend(neighbours);
        (edges, compared)
    }
}

impl Index {
    /// The articles that tell the story of a query article at the level of the settings, best first.
    pub(crate) fn matches(
        &self,
        articles: &Articles,
        query: &QueryArticle,
        settings: &Settings,
    ) -> Vec<Match> {
        let mut found = self.verified_matches(articles, query, &query.near, &settings.cuts);
        let neighbours = self.neighbours_of(articles, query, &mut found, &settings.cuts);
        found.extend(self.verified_matches(articles, query, &neighbours, &settings.cuts));
        let known = query.near.iter().copied().chain(query.same_id).collect();
        let followers = all_followers(known, |rank| self.ranked.following(rank));
        found.extend(self.verified_matches(articles, query, &followers, &settings.cuts));
        let wanted = found.into_iter().filter(|&(_, level, _)| level <= settings.level);
        let id = |rank| articles.id(self.ranked.number(rank));
        best_first(wanted.map(|(rank, _, evidence)| (id(rank), evidence)), &settings.cuts)
    }

    /// The articles among `ranks` that reach any level with a query article.
    fn verified_matches(
        &self,
        articles: &Articles,
        query: &QueryArticle,
        ranks: &[u32],
        cuts: &Cuts,
    ) -> Vec<VerifiedMatch> {
        let verified = ranks.iter().filter_map(|&rank| {
            let evidence = query.evidence(articles, self, rank);
            Some((rank, evidence.level(cuts)?, evidence))
        });
        verified.collect()
    }

    /// The links of a query article's best matches, without those that it was compared with already.
    fn neighbours_of(
        &self,
        articles: &Articles,
        query: &QueryArticle,
        found: &mut [VerifiedMatch],
        cuts: &Cuts,
    ) -> Vec<u32> {
        found.sort_unstable_by(|x, y| y.2.score().total_cmp(&x.2.score()).then(x.0.cmp(&y.0)));
        let mut buffers = Default::default();
        let mut neighbours = Vec::new();
        for &(rank, ..) in found.iter().take(MAX_NEIGHBOURS) {
            let near = self.near(articles, rank, &mut buffers);
            let is_link = |&other: &u32| {
                other != rank && self.ranked.evidence(articles, rank, other).level(cuts).is_some()
            };
            neighbours.extend(near.iter().copied().filter(is_link));
        }
        neighbours.sort_unstable();
        neighbours.dedup();
        neighbours.retain(|other| !query.near.contains(other) && Some(*other) != query.same_id);
        neighbours
    }
}

/// A pair as an edge, if it reaches a level.
pub(super) fn edge_at(cuts: &Cuts, a: u32, b: u32, evidence: Evidence) -> Option<Edge> {
    let level = evidence.level(cuts)?;
    Some(Edge { a, b, level, score: evidence.score() })
}

/// The pairs of articles with a link in common that were not compared yet, in order. `compared` must be
/// in order.
pub(super) fn neighbours_of_neighbours(edges: &[Edge], compared: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let both_ways = |edge: &Edge| [(edge.a, edge.score, edge.b), (edge.b, edge.score, edge.a)];
    let mut links: Vec<(u32, f32, u32)> = edges.iter().flat_map(both_ways).collect();
    links.sort_unstable_by(|x, y| x.0.cmp(&y.0).then(y.1.total_cmp(&x.1)).then(x.2.cmp(&y.2)));
    let mut pairs = Vec::new();
    for of_one in links.chunk_by(|x, y| x.0 == y.0) {
        let best = &of_one[..of_one.len().min(MAX_NEIGHBOURS)];
        for (at, &(_, _, one)) in best.iter().enumerate() {
            pairs.extend(best[at + 1..].iter().map(|&(_, _, two)| (one.min(two), one.max(two))));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    let mut compared = compared.iter().peekable();
    pairs.retain(|pair| {
        while compared.next_if(|&other| other < pair).is_some() {}
        compared.peek() != Some(&pair)
    });
    pairs
}
