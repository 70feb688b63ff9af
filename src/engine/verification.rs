//! Verifies pairs of a whole collection: the candidates first, then the neighbours of what they link.
//!
//! Candidates are bounded per article, so in a story of many versions not every version finds all
//! others. The second round closes this gap: the links of one article are compared with one another. It
//! costs at most [`MAX_NEIGHBOURS`] squared over two comparisons for each article.

use std::collections::HashSet;

use ahash::RandomState;

use super::answers::{Match, best_first};
use super::batch::{BatchBuffers, ComparedPair, Index, QueryArticle};
use super::reprints::Reprint;
use super::settings::Settings;
use crate::corpus::collection::Collection;
use crate::families::cluster::{Edge, Group};
use crate::parallel;
use crate::score::evidence::Evidence;
use crate::score::forms::share_a_mark;
use crate::score::relation::{Cuts, Level};

/// How many links of an article, best first, are followed to neighbours of neighbours.
pub(super) const MAX_NEIGHBOURS: usize = 24;

/// Of a group of more members only leaders may represent it.
const MAX_TRIED_HUBS: usize = 16;

/// Two parts of a page that share no name and score less have nothing in common.
const MAX_DIGEST_SCORE: f32 = 0.1;

/// The most parts of a page that are compared with one another.
const MAX_DIGEST_PARTS: usize = 16;

/// The rank of an article that tells the story of a query article, the level, and the evidence.
type VerifiedMatch = (u32, Level, Evidence);

impl Index {
    /// The pairs of ranks that reach a level, in order; and every pair that was compared, in no order.
    pub(crate) fn verified(
        &self,
        collection: &Collection,
        candidates: &[ComparedPair],
        cuts: &Cuts,
    ) -> (Vec<Edge>, Vec<(u32, u32)>) {
        let edge = |a, b, evidence: Evidence| {
            let level = evidence.level(cuts)?;
            Some(Edge { a, b, level, score: evidence.score() })
        };
        let mut edges = self.judge(collection, candidates, edge);
        let mut compared: Vec<(u32, u32)> = candidates.iter().map(|one| one.pair).collect();
        let neighbours = neighbours_of_neighbours(&edges, &compared);
        edges.extend(self.verify(collection, &neighbours, edge));
        // Two sorted runs, which a stable sort merges.
        edges.sort_by_key(|edge| (edge.a, edge.b));
        compared.extend(neighbours);
        (edges, compared)
    }

    /// Takes the excerpts out of the edges: each follows the article that contains it, as a reprint follows
    /// its leader, so that two excerpts of one article need not resemble each other. Of several that
    /// contain it, that is the one that scores most.
    ///
    /// A digest, a page with texts that have nothing in common, is no version of any of them: nothing
    /// follows it, and its edges with what it contains are dropped.
    pub(crate) fn take_excerpts(
        &self,
        collection: &Collection,
        edges: &mut Vec<Edge>,
    ) -> Vec<Edge> {
        let words = |rank| collection.articles().facts(self.number(rank)).words;
        let marks = |rank| collection.articles().marks(self.number(rank));
        let mut parts: Vec<Edge> = Vec::new();
        edges.retain(|edge| {
            let (a, b) = (words(edge.a), words(edge.b));
            let is_part = edge.level == Level::Copy && 2 * a.min(b) <= a.max(b);
            if is_part {
                let (whole, part) = if a < b { (edge.b, edge.a) } else { (edge.a, edge.b) };
                parts.push(Edge { a: whole, b: part, ..*edge });
            }
            !is_part
        });
        parts.sort_unstable_by_key(|edge| (edge.a, edge.b));
        let are_apart = |one: u32, other: u32| {
            !share_a_mark(marks(one), marks(other))
                && self.evidence(collection, one, other).score() < MAX_DIGEST_SCORE
        };
        let is_digest = |parts: &[Edge]| {
            let looked_at = &parts[..parts.len().min(MAX_DIGEST_PARTS)];
            let part_words: u32 = looked_at.iter().map(|edge| words(edge.b)).sum();
            let is_full = parts.len() > 2 || 5 * part_words >= 2 * words(parts[0].a);
            let pairs = looked_at.iter().enumerate();
            is_full
                && pairs
                    .clone()
                    .any(|(at, one)| looked_at[..at].iter().any(|other| are_apart(one.b, other.b)))
        };
        let mut excerpts: Vec<Edge> = parts
            .chunk_by(|one, other| one.a == other.a)
            .filter(|parts| !is_digest(parts))
            .flatten()
            .copied()
            .collect();
        excerpts.sort_unstable_by(|x, y| {
            x.b.cmp(&y.b).then(y.score.total_cmp(&x.score)).then(x.a.cmp(&y.a))
        });
        excerpts.dedup_by_key(|edge| edge.b);
        let is_excerpt = |rank: u32| excerpts.binary_search_by_key(&rank, |edge| edge.b).is_ok();
        edges.retain(|edge| !is_excerpt(edge.a) && !is_excerpt(edge.b));
        excerpts
    }

    /// The articles that tell the story of a query article at the level of the settings, best first.
    pub(crate) fn matches(
        &self,
        collection: &Collection,
        query: &QueryArticle,
        settings: &Settings,
    ) -> Vec<Match> {
        let mut found = self.verified_matches(collection, query, &query.near, &settings.cuts);
        let neighbours = self.neighbours_of(collection, query, &mut found, &settings.cuts);
        found.extend(self.verified_matches(collection, query, &neighbours, &settings.cuts));
        let followers = self.followers_of(query);
        found.extend(self.verified_matches(collection, query, &followers, &settings.cuts));
        let wanted = found.into_iter().filter(|&(_, level, _)| level <= settings.level);
        let id = |rank| collection.articles().id(self.number(rank));
        best_first(wanted.map(|(rank, _, evidence)| (id(rank), evidence)), &settings.cuts)
    }

    /// The reprints of each leader with the level that each reaches with it, in the order of the leaders.
    /// Each is compared with its leader itself. Linear in the reprints.
    pub(crate) fn followers(&self, collection: &Collection, cuts: &Cuts) -> Vec<Edge> {
        let reprints: Vec<(u32, Reprint)> =
            self.reprints().filter(|(_, reprint)| !reprint.is_notice).collect();
        let edge = |_: &mut (), &(b, Reprint { of: a, .. }): &(u32, Reprint)| {
            let evidence = self.evidence(collection, a, b);
            Some(Edge { a, b, level: evidence.level(cuts)?, score: evidence.score() })
        };
        let edges = parallel::map(&reprints, || (), edge);
        let mut edges: Vec<Edge> = edges.into_iter().flatten().collect();
        edges.sort_unstable_by_key(|edge| (edge.a, edge.b));
        edges
    }

    /// What follows the candidates of a query article, and the article with its id.
    fn followers_of(&self, query: &QueryArticle) -> Vec<u32> {
        let mut followed: HashSet<u32, RandomState> = query.near.iter().copied().collect();
        followed.extend(query.same_id);
        let mut followers = Vec::new();
        loop {
            let follows = |&(rank, reprint): &(u32, Reprint)| {
                !reprint.is_notice && followed.contains(&reprint.of) && !followed.contains(&rank)
            };
            let more: Vec<u32> = self.reprints().filter(follows).map(|(rank, _)| rank).collect();
            if more.is_empty() {
                break;
            }
            followed.extend(&more);
            followers.extend(more);
        }
        followers.retain(|&rank| Some(rank) != query.same_id);
        followers
    }

    /// The articles among `ranks` that reach any level with a query article.
    fn verified_matches(
        &self,
        collection: &Collection,
        query: &QueryArticle,
        ranks: &[u32],
        cuts: &Cuts,
    ) -> Vec<VerifiedMatch> {
        let verified = ranks.iter().filter_map(|&rank| {
            let evidence = query.evidence(collection, self, rank);
            Some((rank, evidence.level(cuts)?, evidence))
        });
        verified.collect()
    }

    /// The links of a query article's best matches, without those that it was compared with already.
    fn neighbours_of(
        &self,
        collection: &Collection,
        query: &QueryArticle,
        found: &mut [VerifiedMatch],
        cuts: &Cuts,
    ) -> Vec<u32> {
        found.sort_unstable_by(|x, y| y.2.score().total_cmp(&x.2.score()).then(x.0.cmp(&y.0)));
        let mut buffers = BatchBuffers::default();
        let mut neighbours = Vec::new();
        for &(rank, ..) in found.iter().take(MAX_NEIGHBOURS) {
            let near = self.near(collection, rank, &mut buffers);
            let is_link = |&other: &u32| {
                other != rank && self.evidence(collection, rank, other).level(cuts).is_some()
            };
            neighbours.extend(near.iter().copied().filter(is_link));
        }
        neighbours.sort_unstable();
        neighbours.dedup();
        neighbours.retain(|other| !query.near.contains(other) && Some(*other) != query.same_id);
        neighbours
    }
}

impl Index {
    /// Finds which followers of small groups are paired with every other member too: any of them may
    /// represent the group.
    pub(crate) fn try_followers_as_hubs(
        &self,
        collection: &Collection,
        groups: &mut [Group],
        (level, cuts): (Level, &Cuts),
    ) {
        for Group { members, hubs } in groups.iter_mut().filter(|group| {
            group.members.len() <= MAX_TRIED_HUBS && group.members.len() > group.hubs.len()
        }) {
            let is_paired = |one: u32, other: u32| {
                let reached = self.evidence(collection, one, other).level(cuts);
                one == other || reached.is_some_and(|reached| reached <= level)
            };
            let follows = |&&member: &&u32| member as usize >= self.all_ranks().len();
            let is_hub = |&&hub: &&u32| members.iter().all(|&member| is_paired(hub, member));
            let more: Vec<u32> = members.iter().filter(follows).filter(is_hub).copied().collect();
            hubs.extend(more);
            hubs.sort_unstable();
        }
    }
}

/// Groups of articles with those that follow them at a level, and theirs; and articles that stand alone but
/// for what follows them. `followers` are in order, the one that is followed on the left. The groups are
/// in the order of their first members.
pub(crate) fn with_followers(
    mut groups: Vec<Group>,
    followers: &[Edge],
    level: Level,
) -> Vec<Group> {
    let of = |leader: u32| {
        let start = followers.partition_point(|edge| edge.a < leader);
        let of_leader = followers[start..].iter().take_while(move |edge| edge.a == leader);
        of_leader.filter(|edge| edge.level <= level).map(|edge| edge.b)
    };
    let follows: HashSet<u32, RandomState> =
        followers.iter().filter(|edge| edge.level <= level).map(|edge| edge.b).collect();
    let grouped: HashSet<u32, RandomState> =
        groups.iter().flat_map(|group| group.members.iter().copied()).collect();
    let leaders = followers.chunk_by(|one, other| one.a == other.a).map(|of_one| of_one[0].a);
    let alone = leaders.filter(|leader| !grouped.contains(leader) && !follows.contains(leader));
    groups.extend(alone.map(|leader| Group { members: vec![leader], hubs: vec![leader] }));
    for group in &mut groups {
        let mut at = 0;
        while let Some(&member) = group.members.get(at) {
            group.members.extend(of(member));
            at += 1;
        }
        group.members.sort_unstable();
    }
    groups.retain(|group| group.members.len() > 1);
    groups.sort_unstable();
    groups
}

/// The pairs of articles with a link in common that were not compared yet, in order. `compared` must be
/// in order.
fn neighbours_of_neighbours(edges: &[Edge], compared: &[(u32, u32)]) -> Vec<(u32, u32)> {
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
