//! Clusters verified pairs into groups, without chaining.
//!
//! Pairs are processed closest first. A pair merges the groups of its articles only if two conditions
//! hold at the level in question:
//!
//! * The merged group has a *hub*: an article with a verified pair to **every** other member. The
//!   representative is chosen among the hubs, so each member reaches the level's cut against it.
//! * At least *three in five* of the pairs between the two groups are verified, so a weekly round-up
//!   that covers two stories does not merge them.
//!
//! Connected components or single linkage would put `a` and `c` together because both resemble `b`.
//!
//! A pair that a condition needs and that is not among the edges is verified on demand. Groups of more
//! than [`MAX_FULL_GROUP`] members are checked in part, which keeps their cost linear.
//!
//! The levels are stages of one pass: groups of copies grow into groups of retellings, and those into
//! events, so they are nested. Ties are broken by the numbers of the articles. The caller numbers the
//! articles canonically, so the result depends on the pairs alone.

use std::collections::{HashMap, HashSet};

use ahash::RandomState;

use crate::score::relation::Level;

/// A verified pair of articles, `a < b`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Edge {
    pub(crate) a: u32,
    pub(crate) b: u32,
    /// The closest level that the pair reaches.
    pub(crate) level: Level,
    pub(crate) score: f32,
}

/// The articles of one family at one level.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Group {
    /// Ascending.
    pub(crate) members: Vec<u32>,
    /// The members that are paired with every other one. Ascending, never empty.
    pub(crate) hubs: Vec<u32>,
}

/// The most members of a group that are all tried as hubs. A larger group, such as the reprints of a
/// wire report, keeps at most [`MAX_HUBS`] of its hubs and finds no new ones, so its cost stays linear.
const MAX_FULL_GROUP: usize = 256;

/// Of a group of more members only leaders may represent it.
pub(crate) const MAX_TRIED_HUBS: usize = 16;

/// The most hubs of a large group.
const MAX_HUBS: usize = 16;

/// The most members of each group between which pairs are counted when two groups may merge.
const MAX_SAMPLED: usize = 16;

impl Group {
    /// A sample of the members, at equal steps in the order in which they joined.
    fn sample(&self) -> Vec<u32> {
        let step = self.members.len().div_ceil(MAX_SAMPLED).max(1);
        self.members.iter().step_by(step).copied().collect()
    }
}

/// Groups articles at each level of [`Level::ALL`], in the order of their first members. Articles
/// without a group at a level are left out of it. `verify` returns the closest level of a pair that is
/// not among `edges`. Takes `O(e log e)` for `e` pairs, plus, for each pair, work in proportion to the
/// members of the two groups that it may merge.
pub(crate) fn cluster(
    edges: &[Edge],
    verify: impl Fn(u32, u32) -> Option<Level>,
) -> [Vec<Group>; 3] {
    // Most articles of a collection are in no pair, so the others get dense numbers.
    let mut articles: Vec<u32> = edges.iter().flat_map(|edge| [edge.a, edge.b]).collect();
    articles.sort_unstable();
    articles.dedup();
    let mut numbers = vec![0; articles.last().map_or(0, |&last| last as usize + 1)];
    articles.iter().zip(0..).for_each(|(&article, number)| numbers[article as usize] = number);
    let number = |article: u32| numbers[article as usize];
    let edges: Vec<Edge> =
        edges.iter().map(|edge| Edge { a: number(edge.a), b: number(edge.b), ..*edge }).collect();
    let article = |number: u32| articles[number as usize];
    let levels = cluster_dense(articles.len(), &edges, |a, b| verify(article(a), article(b)));
    levels.map(|mut groups| {
        for Group { members, hubs } in &mut groups {
            members.iter_mut().chain(hubs).for_each(|member| *member = article(*member));
        }
        groups
    })
}

/// [`cluster`] for articles numbered below `count`.
fn cluster_dense(
    count: usize,
    edges: &[Edge],
    verify: impl Fn(u32, u32) -> Option<Level>,
) -> [Vec<Group>; 3] {
    let mut graph = Graph::new(count, edges, verify);
    let mut order: Vec<&Edge> = edges.iter().collect();
    order.sort_unstable_by(|x, y| {
        (x.level, y.score, x.a, x.b)
            .partial_cmp(&(y.level, x.score, y.a, y.b))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut clusters = Clusters::new(count);
    let mut rest = order.as_slice();
    Level::ALL.map(|level| {
        clusters.find_hubs(&mut graph, level);
        let stage = rest.partition_point(|edge| edge.level <= level);
        for edge in &rest[..stage] {
            clusters.try_merge(edge.a, edge.b, &mut graph, level);
        }
        rest = &rest[stage..];
        clusters.groups()
    })
}

/// The pairs of each article as adjacency lists, for binary search.
struct Graph<V> {
    /// The start of the neighbours of each article.
    starts: Vec<u32>,
    /// Ascending for each article.
    neighbours: Vec<(u32, Level)>,
    verify: V,
    /// Pairs `a < b` that were verified on demand.
    verified: HashMap<(u32, u32), Option<Level>, RandomState>,
}

impl<V: Fn(u32, u32) -> Option<Level>> Graph<V> {
    fn new(count: usize, edges: &[Edge], verify: V) -> Self {
        let mut both: Vec<(u32, u32, Level)> = edges
            .iter()
            .flat_map(|edge| [(edge.a, edge.b, edge.level), (edge.b, edge.a, edge.level)])
            .collect();
        both.sort_unstable();
        let mut starts = vec![0u32; count + 1];
        both.iter().for_each(|&(from, _, _)| starts[from as usize + 1] += 1);
        (0..count).for_each(|article| starts[article + 1] += starts[article]);
        let neighbours = both.into_iter().map(|(_, to, level)| (to, level)).collect();
        Graph { starts, neighbours, verify, verified: HashMap::default() }
    }

    fn is_paired(&mut self, a: u32, b: u32, level: Level) -> bool {
        let neighbours = &self.neighbours
            [self.starts[a as usize] as usize..self.starts[a as usize + 1] as usize];
        let reached = match neighbours.binary_search_by_key(&b, |&(to, _)| to) {
            Ok(at) => Some(neighbours[at].1),
            Err(_) => {
                let pair = (a.min(b), a.max(b));
                *self.verified.entry(pair).or_insert_with(|| (self.verify)(pair.0, pair.1))
            }
        };
        reached.is_some_and(|reached| reached <= level)
    }

    /// Whether an article is paired with each of some others, itself apart.
    fn is_paired_with_all(&mut self, hub: u32, others: &[u32], level: Level) -> bool {
        others.iter().all(|&other| other == hub || self.is_paired(hub, other, level))
    }

    /// Whether at least three in five of the pairs between samples of two groups hold.
    fn is_mostly_paired(&mut self, one: &Group, two: &Group, level: Level) -> bool {
        let (left, right) = (one.sample(), two.sample());
        let pairs = left.iter().flat_map(|&l| right.iter().map(move |&r| (l, r)));
        let verified = pairs.filter(|&(l, r)| self.is_paired(l, r, level)).count();
        verified * 5 >= left.len() * right.len() * 3
    }

    /// The hubs of two groups that are paired with every member of both, ascending.
    fn common_hubs(&mut self, one: &Group, two: &Group, level: Level) -> Vec<u32> {
        let is_large = one.members.len() + two.members.len() > MAX_FULL_GROUP;
        let mut hubs = Vec::new();
        for (from, other) in [(one, two), (two, one)] {
            // The smaller part of a large group gives no hubs, which saves a look at all members.
            if !is_large || from.members.len() >= other.members.len() {
                let reaching = |&&hub: &&u32| self.is_paired_with_all(hub, &other.members, level);
                hubs.extend(from.hubs.iter().filter(reaching));
            }
        }
        hubs.sort_unstable();
        if is_large {
            hubs.truncate(MAX_HUBS);
        }
        hubs
    }
}

/// The growing groups. A group is identified by the number of one of its members.
struct Clusters {
    group_of: Vec<u32>,
    groups: Vec<Group>,
    /// Two groups that did not merge, and their joint size: they are tried again only after one of
    /// them has grown.
    rejected: HashSet<(usize, usize, usize), RandomState>,
}

impl Clusters {
    fn new(count: usize) -> Self {
        let group_of: Vec<u32> = (0..count as u32).collect();
        let groups = group_of.iter().map(|&n| Group { members: vec![n], hubs: vec![n] }).collect();
        Clusters { group_of, groups, rejected: HashSet::default() }
    }

    /// Recomputes the hubs of every group, since more members may be hubs at a looser level.
    fn find_hubs(&mut self, graph: &mut Graph<impl Fn(u32, u32) -> Option<Level>>, level: Level) {
        self.rejected.clear();
        for Group { members, hubs } in &mut self.groups {
            if (2..=MAX_FULL_GROUP).contains(&members.len()) {
                let is_hub = |&member: &u32| graph.is_paired_with_all(member, members, level);
                *hubs = members.iter().copied().filter(is_hub).collect();
                hubs.sort_unstable();
            }
        }
    }

    /// Merges the groups of two articles if most pairs between them hold and a hub remains.
    fn try_merge(
        &mut self,
        a: u32,
        b: u32,
        graph: &mut Graph<impl Fn(u32, u32) -> Option<Level>>,
        level: Level,
    ) {
        let (one, two) = (self.group_of[a as usize] as usize, self.group_of[b as usize] as usize);
        if one == two {
            return;
        }
        let (left, right) = (one.min(two), one.max(two));
        let (one, two) = (&self.groups[left], &self.groups[right]);
        let size = one.members.len() + two.members.len();
        if self.rejected.contains(&(left, right, size)) {
            return;
        }
        let hubs = if graph.is_mostly_paired(one, two, level) {
            graph.common_hubs(one, two, level)
        } else {
            Vec::new()
        };
        if hubs.is_empty() {
            self.rejected.insert((left, right, size));
            return;
        }
        let (small, large) =
            if one.members.len() < two.members.len() { (left, right) } else { (right, left) };
        let moved = std::mem::take(&mut self.groups[small].members);
        moved.iter().for_each(|&member| self.group_of[member as usize] = large as u32);
        let group = &mut self.groups[large];
        group.members.extend(moved);
        group.hubs = hubs;
    }

    fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> =
            self.groups.iter().filter(|group| group.members.len() > 1).cloned().collect();
        groups.iter_mut().for_each(|group| group.members.sort_unstable());
        groups.sort_unstable_by(|x, y| x.members.cmp(&y.members));
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edge(a: u32, b: u32, level: Level, score: f32) -> Edge {
        Edge { a, b, level, score }
    }

    /// Verifies no pair beyond the given ones.
    fn no_other_pair(_: u32, _: u32) -> Option<Level> {
        None
    }

    #[test]
    fn a_chain_is_cut_where_most_pairs_are_missing() {
        let chain = [
            edge(0, 1, Level::Retelling, 0.90),
            edge(1, 2, Level::Retelling, 0.95),
            edge(2, 3, Level::Retelling, 0.93),
        ];
        let [copies, retellings, events] = cluster(&chain, no_other_pair);
        assert!(copies.is_empty());
        assert_eq!(retellings, [Group { members: vec![1, 2], hubs: vec![1, 2] }]);
        assert_eq!(events, retellings);
    }

    #[test]
    fn a_looser_level_makes_hubs_of_more_members() {
        let copies =
            [(0, 1), (2, 3), (0, 2), (0, 3), (1, 2)].map(|(a, b)| edge(a, b, Level::Copy, 1.0));
        let edges = [&copies[..], &[edge(1, 3, Level::Event, 0.6)]].concat();
        let [copies, _, events] = cluster(&edges, no_other_pair);
        assert_eq!(copies, [Group { members: vec![0, 1, 2, 3], hubs: vec![0, 2] }]);
        assert_eq!(events, [Group { members: vec![0, 1, 2, 3], hubs: vec![0, 1, 2, 3] }]);
    }

    #[test]
    fn a_needed_pair_that_was_not_given_is_verified() {
        let edges = [(0, 1), (1, 2)].map(|(a, b)| edge(a, b, Level::Retelling, 0.9));
        let verify = |a, b| ((a, b) == (0, 2)).then_some(Level::Retelling);
        assert_eq!(cluster(&edges, verify)[1][0].members, [0, 1, 2]);
        assert_eq!(cluster(&edges, no_other_pair)[1][0].members.len(), 2);
    }

    #[test]
    fn a_very_large_group_is_whole_though_few_of_its_pairs_are_given() {
        let count = 3 * MAX_FULL_GROUP as u32;
        let edges: Vec<Edge> = (0..count)
            .flat_map(|a| (1..4).map(move |step| (a, a + step)))
            .filter(|&(_, b)| b < count)
            .map(|(a, b)| edge(a, b, Level::Copy, 1.0))
            .collect();
        let [copies, _, events] = cluster(&edges, |_, _| Some(Level::Copy));
        assert_eq!((copies.len(), copies[0].members.len()), (1, count as usize));
        assert!((1..=MAX_HUBS).contains(&copies[0].hubs.len()));
        assert_eq!(events, copies);
    }

    fn any_edges() -> impl Strategy<Value = Vec<Edge>> {
        let level = prop::sample::select(Level::ALL.to_vec());
        prop::collection::btree_map((0u32..12, 0u32..12), (level, 0u8..4), 0..40).prop_map(
            |pairs| {
                pairs
                    .into_iter()
                    .filter(|((a, b), _)| a < b)
                    .map(|((a, b), (level, score))| edge(a, b, level, f32::from(score)))
                    .collect()
            },
        )
    }

    proptest! {
        #[test]
        fn every_member_is_paired_with_every_hub_and_levels_are_nested(edges in any_edges()) {
            let mut graph = Graph::new(12, &edges, no_other_pair);
            let levels = cluster(&edges, no_other_pair);
            for (level, groups) in Level::ALL.into_iter().zip(&levels) {
                for group in groups {
                    prop_assert!(!group.hubs.is_empty());
                    for &hub in &group.hubs {
                        prop_assert!(group.members.iter().all(|&m| m == hub || graph.is_paired(hub, m, level)));
                    }
                }
            }
            for (closer, looser) in [(0, 1), (1, 2)] {
                for group in &levels[closer] {
                    let within = |outer: &Group| group.members.iter().all(|m| outer.members.contains(m));
                    prop_assert!(levels[looser].iter().any(within));
                }
            }
        }

        #[test]
        fn the_order_of_the_pairs_does_not_matter(edges in any_edges(), turn in 0usize..40) {
            let expected = cluster(&edges, no_other_pair);
            let mut turned = edges.clone();
            turned.rotate_left(turn % edges.len().max(1));
            turned.reverse();
            prop_assert_eq!(cluster(&turned, no_other_pair), expected);
        }
    }
}
