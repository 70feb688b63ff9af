//! From verified pairs to families, without chaining.
//!
//! Pairs are taken closest first, and two groups become one only where the result has a *hub*: an
//! article with a verified pair, at the level in question, to **every** other member. The
//! representative is chosen among the hubs, so each member reaches the level's cut against it.
//! `a` like `b` and `b` like `c` never puts `a` and `c` together without a hub for both.
//!
//! The levels are stages of one pass: families of copies grow into families of retellings, and
//! those into events, so they are nested. Ties are broken by the order of the articles, which the
//! caller makes canonical: the result depends on the pairs alone.

use crate::evidence::Level;

/// A verified pair of articles, `a < b`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Edge {
    pub(crate) a: u32,
    pub(crate) b: u32,
    /// The closest level that the pair reaches.
    pub(crate) level: Level,
    pub(crate) score: f32,
}

/// Articles that belong together at one level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// Rising.
    pub(crate) members: Vec<u32>,
    /// The members that are paired with every other one. Rising, never empty.
    pub(crate) hubs: Vec<u32>,
}

/// Groups `count` articles at each level of [`Level::ALL`]; articles that are alone at a level are
/// in none of its groups. `O(e log e)` for `e` pairs, and for each pair at most a look at the
/// members of the two groups that it would join.
pub(crate) fn cluster(count: usize, edges: &[Edge]) -> [Vec<Group>; 3] {
    let graph = Graph::new(count, edges);
    let mut order: Vec<&Edge> = edges.iter().collect();
    order.sort_unstable_by(|x, y| {
        (x.level, y.score, x.a, x.b)
            .partial_cmp(&(y.level, x.score, y.a, y.b))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut clusters = Clusters::new(count);
    let mut rest = order.as_slice();
    Level::ALL.map(|level| {
        clusters.find_hubs(&graph, level);
        let stage = rest.partition_point(|edge| edge.level <= level);
        for edge in &rest[..stage] {
            clusters.try_to_join(edge.a, edge.b, &graph, level);
        }
        rest = &rest[stage..];
        clusters.groups()
    })
}

/// The pairs of each article, for looking one up.
struct Graph {
    /// Where the neighbours of each article start.
    starts: Vec<u32>,
    /// Rising for each article.
    neighbours: Vec<(u32, Level)>,
}

impl Graph {
    fn new(count: usize, edges: &[Edge]) -> Self {
        let mut both: Vec<(u32, u32, Level)> = edges
            .iter()
            .flat_map(|edge| [(edge.a, edge.b, edge.level), (edge.b, edge.a, edge.level)])
            .collect();
        both.sort_unstable();
        let mut starts = vec![0u32; count + 1];
        both.iter().for_each(|&(from, _, _)| starts[from as usize + 1] += 1);
        (0..count).for_each(|article| starts[article + 1] += starts[article]);
        Graph { starts, neighbours: both.into_iter().map(|(_, to, level)| (to, level)).collect() }
    }

    fn of(&self, article: u32) -> &[(u32, Level)] {
        let article = article as usize;
        &self.neighbours[self.starts[article] as usize..self.starts[article + 1] as usize]
    }

    fn joined(&self, a: u32, b: u32, level: Level) -> bool {
        let neighbours = self.of(a);
        neighbours.binary_search_by_key(&b, |&(to, _)| to).is_ok_and(|at| neighbours[at].1 <= level)
    }
}

/// The groups while they grow. A group is named by one of its members.
struct Clusters {
    group_of: Vec<u32>,
    groups: Vec<Group>,
}

impl Clusters {
    fn new(count: usize) -> Self {
        let group_of: Vec<u32> = (0..count as u32).collect();
        let groups = group_of.iter().map(|&n| Group { members: vec![n], hubs: vec![n] }).collect();
        Clusters { group_of, groups }
    }

    /// Finds the hubs of every group anew: a looser level may make hubs of more members.
    fn find_hubs(&mut self, graph: &Graph, level: Level) {
        let group_of = &self.group_of;
        for group in self.groups.iter_mut().filter(|group| group.members.len() > 1) {
            let name = group_of[group.members[0] as usize];
            group.hubs = group
                .members
                .iter()
                .copied()
                .filter(|&member| {
                    let inside = |&&(to, reached): &&(u32, Level)| {
                        reached <= level && group_of[to as usize] == name
                    };
                    graph.of(member).iter().filter(inside).count() + 1 == group.members.len()
                })
                .collect();
        }
    }

    /// Joins the groups of two articles if that leaves at least one hub.
    fn try_to_join(&mut self, a: u32, b: u32, graph: &Graph, level: Level) {
        let (left, right) =
            (self.group_of[a as usize] as usize, self.group_of[b as usize] as usize);
        if left == right {
            return;
        }
        let reaching_all = |from: &Group, other: &Group| -> Vec<u32> {
            let all =
                |hub: u32| other.members.iter().all(|&member| graph.joined(hub, member, level));
            from.hubs.iter().copied().filter(|&hub| all(hub)).collect()
        };
        let mut hubs = reaching_all(&self.groups[left], &self.groups[right]);
        hubs.extend(reaching_all(&self.groups[right], &self.groups[left]));
        if hubs.is_empty() {
            return;
        }
        hubs.sort_unstable();
        let (small, large) = if self.groups[left].members.len() < self.groups[right].members.len() {
            (left, right)
        } else {
            (right, left)
        };
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

    #[test]
    fn a_chain_is_cut_where_it_has_no_hub() {
        let chain = [
            edge(0, 1, Level::Retelling, 0.90),
            edge(1, 2, Level::Retelling, 0.95),
            edge(2, 3, Level::Retelling, 0.93),
        ];
        let [copies, retellings, events] = cluster(4, &chain);
        assert!(copies.is_empty());
        assert_eq!(retellings, [Group { members: vec![1, 2, 3], hubs: vec![2] }]);
        assert_eq!(events, retellings);
    }

    #[test]
    fn a_looser_level_makes_hubs_of_more_members() {
        let edges = [
            edge(0, 1, Level::Copy, 1.0),
            edge(1, 2, Level::Copy, 1.0),
            edge(0, 2, Level::Event, 0.6),
        ];
        let [copies, _, events] = cluster(3, &edges);
        assert_eq!(copies[0].hubs, [1]);
        assert_eq!(events[0].hubs, [0, 1, 2]);
        let joined =
            [&edges[..], &[edge(0, 3, Level::Event, 0.7), edge(1, 3, Level::Event, 0.7)]].concat();
        assert_eq!(cluster(4, &joined)[2][0].hubs, [0, 1]);
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
            let graph = Graph::new(12, &edges);
            let levels = cluster(12, &edges);
            for (level, groups) in Level::ALL.into_iter().zip(&levels) {
                for group in groups {
                    prop_assert!(!group.hubs.is_empty());
                    for &hub in &group.hubs {
                        prop_assert!(group.members.iter().all(|&m| m == hub || graph.joined(hub, m, level)));
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
            let expected = cluster(12, &edges);
            let mut turned = edges.clone();
            turned.rotate_left(turn % edges.len().max(1));
            turned.reverse();
            prop_assert_eq!(cluster(12, &turned), expected);
        }
    }
}
