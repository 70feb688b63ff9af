//! Groups the articles of a whole collection: from verified pairs to families at every level.
//!
//! What prints or contains another text is no matter of clustering: a reprint follows its leader, an
//! excerpt the article that contains it. The rest is clustered, and then each group takes in what follows
//! its members. So a text that ten thousand papers print costs the clustering nothing.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ahash::RandomState;

use super::ranked::RankedArticles;
use super::settings::Settings;
use super::verification::edge_at;
use crate::corpus::article::Date;
use crate::corpus::collection::Articles;
use crate::families::cluster::{Edge, Group, MAX_TRIED_HUBS, cluster};
use crate::families::family::{Family, Member, MemberSource, distinct, listed, members};
use crate::parallel;
use crate::score::evidence::Evidence;
use crate::score::forms::share_a_mark;
use crate::score::relation::{Cuts, Level};

/// Two parts of a page that share no name and score less have nothing in common.
const MAX_DIGEST_SCORE: f32 = 0.1;

/// The most parts of a page that are compared with one another.
const MAX_DIGEST_PARTS: usize = 16;

/// The groups of a collection at every level, and the pairs that they follow from; all by rank.
pub(crate) struct Grouping {
    /// The verified pairs of articles that follow none, in order.
    pub(crate) edges: Vec<Edge>,
    /// Each article that follows another one, which is on the left; in order.
    pub(crate) followers: Vec<Edge>,
    /// The groups of each level, in the order of their first members.
    pub(crate) levels: [Vec<Group>; 3],
}

impl Grouping {
    /// What each article follows that follows another one.
    fn followed(&self) -> HashMap<u32, u32, RandomState> {
        self.followers.iter().map(|edge| (edge.b, edge.a)).collect()
    }
}

impl RankedArticles {
    /// The families at every level, by the [verified](RankedArticles::verified) pairs of the leaders.
    pub(crate) fn families(
        &self,
        articles: &Articles,
        edges: Vec<Edge>,
        settings: &Settings,
    ) -> [Vec<Family>; 3] {
        let Settings { representative, ref cuts, .. } = *settings;
        let mut grouping = self.grouping(articles, edges, cuts);
        let followed = grouping.followed();
        let follows = |rank: u32| followed.get(&rank).copied().unwrap_or(rank);
        let source = ByRank(articles, self);
        let mut closer: (Vec<Group>, Vec<Arc<[Member]>>) = Default::default();
        Level::ALL.map(|level| {
            let groups = std::mem::take(&mut grouping.levels[level as usize]);
            // Most groups are the same as at the closer level, so their members are reused.
            let of_group = |(): &mut (), group: &Group| {
                let same = closer.0.binary_search(group).ok();
                let new = || members(group, &source, representative, cuts, &follows).into();
                same.map_or_else(new, |at| closer.1[at].clone())
            };
            let members = parallel::map(&groups, || (), of_group);
            let families = listed(level, &members);
            closer = (groups, members);
            families
        })
    }

    /// Groups the articles by the verified pairs of the leaders.
    pub(crate) fn grouping(
        &self,
        articles: &Articles,
        mut edges: Vec<Edge>,
        cuts: &Cuts,
    ) -> Grouping {
        let excerpts = self.take_excerpts(articles, &mut edges);
        let mut followers = self.followers(articles, cuts);
        followers.extend(excerpts);
        followers.sort_unstable_by_key(|edge| (edge.a, edge.b));
        let mut levels = cluster(&edges, |a, b| self.evidence(articles, a, b).level(cuts));
        let mut closer = Vec::new();
        for (groups, level) in levels.iter_mut().zip(Level::ALL) {
            *groups = with_followers(std::mem::take(groups), &followers, level);
            let reached = followers.iter().filter(|edge| edge.level <= level);
            let followers = reached.map(|edge| edge.b).collect();
            let hubs = |_: &mut (), group: &Group| {
                self.hubs(articles, group, &closer, &followers, (level, cuts))
            };
            let hubs = parallel::map(groups, || (), hubs);
            groups.iter_mut().zip(hubs).for_each(|(group, hubs)| group.hubs = hubs);
            closer.clone_from(groups);
        }
        Grouping { edges, followers, levels }
    }

    /// Takes the excerpts out of the edges: each follows the article that contains it, as a reprint follows
    /// its leader, so that two excerpts of one article need not resemble each other. Of several that
    /// contain it, that is the one that scores most.
    ///
    /// A digest, a page with texts that have nothing in common, is no version of any of them: nothing
    /// follows it, and its edges with what it contains are dropped.
    fn take_excerpts(&self, articles: &Articles, edges: &mut Vec<Edge>) -> Vec<Edge> {
        let words = |rank| articles.facts(self.number(rank)).words;
        let marks = |rank| articles.marks(self.number(rank));
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
                && self.evidence(articles, one, other).score() < MAX_DIGEST_SCORE
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

    /// The reprints of each leader with the level that each reaches with it, in the order of the leaders.
    /// Each is compared with its leader itself. Linear in the reprints.
    pub(crate) fn followers(&self, articles: &Articles, cuts: &Cuts) -> Vec<Edge> {
        self.verify(articles, self.followed_pairs(), |a, b, evidence| edge_at(cuts, a, b, evidence))
    }

    /// The hubs of a group; in a small one also the followers that are paired with every other member: any of
    /// them may represent it. Who does so among the same members at the closer level does so here.
    fn hubs(
        &self,
        articles: &Articles,
        Group { members, hubs }: &Group,
        closer: &[Group],
        followers: &HashSet<u32, RandomState>,
        (level, cuts): (Level, &Cuts),
    ) -> Vec<u32> {
        let follows = |rank: u32| self.reprint(rank).map_or(rank, |reprint| reprint.of);
        let distinct = distinct(members, &ByRank(articles, self), follows);
        if distinct.len() > MAX_TRIED_HUBS {
            return hubs.clone();
        }
        let same = closer.binary_search_by(|other| other.members.cmp(members));
        let known = same.map_or(&[][..], |at| &closer[at].hubs);
        // By the positions of two members, the lower one first.
        let mut paired = [[None; MAX_TRIED_HUBS]; MAX_TRIED_HUBS];
        let mut is_paired = |x: usize, y: usize| {
            let (x, y) = (x.min(y), x.max(y));
            let compare = || {
                let reached = self.evidence(articles, distinct[x], distinct[y]).level(cuts);
                reached.is_some_and(|reached| reached <= level)
            };
            x == y || *paired[x][y].get_or_insert_with(compare)
        };
        let is_hub = |&(at, rank): &(usize, u32)| {
            followers.contains(&rank)
                && (known.contains(&rank) || (0..distinct.len()).all(|other| is_paired(at, other)))
        };
        let more = distinct.iter().copied().enumerate().filter(is_hub).map(|(_, rank)| rank);
        let mut hubs: Vec<u32> = hubs.iter().copied().chain(more).collect();
        hubs.sort_unstable();
        hubs
    }
}

/// Articles by their ranks.
struct ByRank<'a>(&'a Articles, &'a RankedArticles);

impl MemberSource for ByRank<'_> {
    fn id(&self, rank: u32) -> &str {
        self.0.id(self.1.number(rank))
    }

    fn date(&self, rank: u32) -> Option<Date> {
        self.0.facts(self.1.number(rank)).date
    }

    fn words(&self, rank: u32) -> usize {
        self.0.facts(self.1.number(rank)).words as usize
    }

    fn evidence(&self, one: u32, other: u32) -> Evidence {
        self.1.evidence(self.0, one, other)
    }

    fn have_same_words(&self, one: u32, other: u32) -> bool {
        let content = |rank| self.0.facts(self.1.number(rank)).content;
        content(one) == content(other)
    }
}

/// Groups of articles with those that follow them at a level, and theirs; and articles that stand alone but
/// for what follows them. `followers` are in order, the one that is followed on the left. The groups are
/// in the order of their first members.
fn with_followers(mut groups: Vec<Group>, followers: &[Edge], level: Level) -> Vec<Group> {
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
