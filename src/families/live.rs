//! Families of a changing collection: verified pairs, groups, and family ids that last.
//!
//! Takes the verified pairs of added articles and the removed articles; returns what happened to the
//! families. Clustering all pairs after each change would cost as much as the collection, so only the
//! articles connected with the change are regrouped, at most about [`MAX_REGROUPED`].
//!
//! Invariant: `families` is the inverse of `family_of`, and between two changes each family has at
//! least two members.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::journal::Journal;
use crate::corpus::collection::{ByNumber, Number};
use crate::families::cluster::{Edge, Group, MAX_TRIED_HUBS, cluster};
use crate::families::family::{MemberSource, distinct};
use crate::score::relation::Level;

/// The id of a family. It lasts as long as the family exists, and is never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct FamilyId(pub(crate) u64);

impl FamilyId {
    /// The id as a number, for storage outside of the crate.
    pub fn number(self) -> u64 {
        self.0
    }
}

impl std::fmt::Display for FamilyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A change of a family; articles are given by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Founded { family: FamilyId, members: Vec<Number> },
    Joined { family: FamilyId, article: Number },
    Left { family: FamilyId, article: Number },
    Merged { from: FamilyId, into: FamilyId },
    Split { from: FamilyId, into: FamilyId, members: Vec<Number> },
    Ended { family: FamilyId },
}

/// The most articles that are reached before regrouping; the rest of their families comes on top.
const MAX_REGROUPED: usize = 128;

/// A verified pair, as listed for one of its articles: `number` is the other one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Link {
    pub(crate) number: Number,
    pub(crate) level: Level,
    pub(crate) score: f32,
}

/// No chain of articles is longer in which each follows the next: a text follows by two steps at most,
/// then an excerpt follows a text of twice its words.
#[cfg(feature = "archive")]
const MAX_CHAIN: usize = 64;

/// What a link of an article with another one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LinkKind {
    /// A verified pair.
    Paired,
    /// The article follows the other one.
    Follows,
    /// The other one follows the article.
    Followed,
}

impl LinkKind {
    /// All kinds, in the order of their stored numbers.
    #[cfg(feature = "archive")]
    pub(crate) const ALL: [LinkKind; 3] = [LinkKind::Paired, LinkKind::Follows, LinkKind::Followed];
}

/// The members of each family.
type FamilyMembers = BTreeMap<FamilyId, BTreeSet<Number>>;

/// The verified pairs of a changing collection, and the families that follow from them.
///
/// A change regroups the articles connected with it. Since unconnected pairs do not affect each other,
/// the families equal those that [`cluster`] makes of all pairs as long as at most [`MAX_REGROUPED`]
/// articles are connected; of a larger component only the nearest articles are regrouped.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveFamilies {
    links: ByNumber<Vec<Link>>,
    /// The leader of each reprint. Reprints have no other links: they are where their leader is.
    leaders: ByNumber<Link>,
    /// The reprints of each leader.
    reprints: ByNumber<Vec<Link>>,
    family_of: ByNumber<FamilyId>,
    families: FamilyMembers,
    /// The levels of pairs that clustering needed although they were no candidates: by the later
    /// article, then by the earlier one.
    verdicts: ByNumber<ByNumber<Option<Level>>>,
    /// The id of the next family.
    next: u64,
    /// The changes since the last commit.
    pub(crate) journal: Journal,
}

/// What grouping needs of the articles: a canonical order that depends on their contents alone, and the
/// level of a pair that was not compared yet.
pub(crate) trait Judge: MemberSource {
    fn sort(&self, articles: &mut [Number]);
    fn level(&self, one: Number, other: Number) -> Option<Level>;
}

impl LiveFamilies {
    /// The verified pairs of an article.
    pub(crate) fn links(&self, article: Number) -> &[Link] {
        self.links.get(&article).map_or(&[], Vec::as_slice)
    }

    /// The family of an article, if it has one.
    pub(crate) fn family_of(&self, article: Number) -> Option<FamilyId> {
        self.family_of.get(&article).copied()
    }

    /// The members of a family, ascending; none if the family does not exist.
    pub(crate) fn members(&self, family: FamilyId) -> impl Iterator<Item = Number> {
        self.families.get(&family).into_iter().flatten().copied()
    }

    /// The existing families, ascending.
    pub(crate) fn ids(&self) -> impl Iterator<Item = FamilyId> {
        self.families.keys().copied()
    }

    /// Adds the verified pairs of an article in both directions.
    pub(crate) fn add_links(&mut self, article: Number, found: &[Link]) {
        for &Link { number, level, score } in found {
            let backward = Link { number: article, level, score };
            append(self.links.entry(number).or_default(), &[backward]);
        }
        if !found.is_empty() {
            append(self.links.entry(article).or_default(), found);
        }
    }

    /// The article that an article follows, itself if it leads.
    pub(crate) fn followed(&self, article: Number) -> Number {
        self.leaders.get(&article).map_or(article, |link| link.number)
    }

    /// The article at the end of an article's chain of those that it follows, by links of a level.
    pub(crate) fn leader(&self, mut article: Number, level: Level) -> Number {
        while let Some(link) = self.leaders.get(&article).filter(|link| link.level <= level) {
            article = link.number;
        }
        article
    }

    /// The articles that follow an article.
    pub(crate) fn reprints(&self, leader: Number) -> &[Link] {
        self.reprints.get(&leader).map_or(&[], Vec::as_slice)
    }

    /// Lets a reprint follow an article that it was compared with, and no other one. Its pairs go: it is
    /// where that article is.
    pub(crate) fn follow(&mut self, reprint: Number, leader: Link) {
        self.take_links(reprint);
        if let Some(before) = self.leaders.insert(reprint, leader)
            && let Some(others) = self.reprints.get_mut(&before.number)
        {
            others.retain(|other| other.number != reprint);
        }
        let backward = Link { number: reprint, ..leader };
        append(self.reprints.entry(leader.number).or_default(), &[backward]);
    }

    /// Adds a link of an article with an earlier one.
    pub(crate) fn add_link(&mut self, article: Number, (kind, link): (LinkKind, Link)) {
        match kind {
            LinkKind::Paired => self.add_links(article, &[link]),
            LinkKind::Follows => self.follow(article, link),
            LinkKind::Followed => self.follow(link.number, Link { number: article, ..link }),
        }
    }

    /// Puts a reprint into the family of its leader, where it reaches the level. The same for a large
    /// family as for a small one.
    pub(crate) fn join(&mut self, reprint: Number, level: Level) -> Option<Event> {
        let &Link { number: leader, level: reached, .. } = self.leaders.get(&reprint)?;
        if reached > level {
            return None;
        }
        self.journal.note_relabelled(reprint);
        if let Some(family) = self.family_of(leader) {
            self.put_in(reprint, family);
            return Some(Event::Joined { family, article: reprint });
        }
        let family = self.new_id();
        self.journal.note_relabelled(leader);
        self.put_in(leader, family);
        self.put_in(reprint, family);
        Some(Event::Founded { family, members: vec![leader, reprint] })
    }

    fn new_id(&mut self) -> FamilyId {
        self.next += 1;
        FamilyId(self.next - 1)
    }

    /// Puts an article into a family.
    pub(crate) fn put_in(&mut self, article: Number, family: FamilyId) {
        self.family_of.insert(article, family);
        self.families.entry(family).or_default().insert(article);
    }

    /// Takes the reprints from a leader that is removed; each of them needs another one.
    pub(crate) fn take_reprints(&mut self, leader: Number) -> Vec<Number> {
        let reprints = self.reprints.remove(&leader).unwrap_or_default();
        reprints.iter().for_each(|link| _ = self.leaders.remove(&link.number));
        reprints.into_iter().map(|link| link.number).collect()
    }

    /// Removes the pairs of an article, and returns the articles that it was paired with.
    pub(crate) fn forget(&mut self, article: Number) -> Vec<Number> {
        self.journal.note_removed(article);
        if let Some(leader) = self.leaders.remove(&article)
            && let Some(others) = self.reprints.get_mut(&leader.number)
        {
            others.retain(|other| other.number != article);
            if others.is_empty() {
                self.reprints.remove(&leader.number);
            }
        }
        self.verdicts.remove(&article);
        self.take_links(article).iter().map(|link| link.number).collect()
    }

    /// Takes the verified pairs of an article, in both directions.
    fn take_links(&mut self, article: Number) -> Vec<Link> {
        let links = self.links.remove(&article).unwrap_or_default();
        for link in &links {
            if let Some(backward) = self.links.get_mut(&link.number) {
                backward.retain(|other| other.number != article);
                if backward.is_empty() {
                    self.links.remove(&link.number);
                }
            }
        }
        links
    }

    /// Moves the family of a replaced article to its new version.
    pub(crate) fn relabel(&mut self, old: Number, new: Number) {
        if let Some(family) = self.family_of.remove(&old) {
            self.family_of.insert(new, family);
            let members = self.families.entry(family).or_default();
            members.remove(&old);
            members.insert(new);
        }
    }

    /// The groups of some articles at one level. A needed pair without a link is judged once and cached.
    fn groups(
        &mut self,
        articles: &BTreeSet<Number>,
        level: Level,
        judge: &impl Judge,
    ) -> Vec<Group> {
        let mut order: Vec<Number> = articles.iter().copied().collect();
        judge.sort(&mut order);
        let positions: ByNumber<u32> = order.iter().copied().zip(0u32..).collect();
        let mut edges = Vec::new();
        for (&article, a) in order.iter().zip(0u32..) {
            for link in self.links(article) {
                if let Some(&b) = positions.get(&link.number).filter(|&&b| a < b) {
                    edges.push(Edge { a, b, level: link.level, score: link.score });
                }
            }
        }
        edges.sort_unstable_by_key(|edge| (edge.a, edge.b));
        let number = |position: u32| order[position as usize];
        let (verdicts, journal) = (&mut self.verdicts, &mut self.journal);
        let caches = RefCell::new((verdicts, journal));
        let [copies, retellings, events] = cluster(&edges, |a, b| {
            let (one, other) = (number(a), number(b));
            let (earlier, later) = (one.min(other), one.max(other));
            let (verdicts, journal) = &mut *caches.borrow_mut();
            *verdicts.entry(later).or_default().entry(earlier).or_insert_with(|| {
                journal.note_verdict(later, earlier);
                judge.level(one, other)
            })
        });
        let mut groups = match level {
            Level::Copy => copies,
            Level::Retelling => retellings,
            Level::Event => events,
        };
        for Group { members, hubs } in &mut groups {
            members.iter_mut().chain(hubs).for_each(|member| *member = number(*member));
        }
        groups
    }

    /// The verdict on a pair, if it is cached.
    pub(crate) fn verdicts(&self, later: Number, earlier: Number) -> Option<Option<Level>> {
        self.verdicts.get(&later)?.get(&earlier).copied()
    }

    /// The members of a family and its hubs: those that are paired with every other member.
    pub(crate) fn group(&self, family: FamilyId, level: Level, judge: &impl Judge) -> Group {
        let members: Vec<Number> = self.members(family).collect();
        let leads = |article: &Number| self.leader(*article, level) == *article;
        let leaders: Vec<Number> = members.iter().copied().filter(leads).collect();
        let verdict = |one: Number, other: Number| {
            let cached = self.verdicts(one.max(other), one.min(other));
            cached.unwrap_or_else(|| judge.level(one, other))
        };
        let is_paired = |one: Number, other: Number| {
            let links = self.links(one).iter().chain(self.leaders.get(&one));
            let link = links.chain(self.reprints(one)).find(|link| link.number == other);
            let reached = link.map_or_else(|| verdict(one, other), |link| Some(link.level));
            reached.is_some_and(|reached| reached <= level)
        };
        let distinct = distinct(&members, judge, |article| self.followed(article));
        // What leads is paired with all that lead, and what follows in a small family with all members.
        let is_hub = |hub: &&Number| {
            let others = match leads(hub) {
                true => &leaders,
                false if distinct.len() <= MAX_TRIED_HUBS => &distinct,
                false => return false,
            };
            others.iter().all(|&other| other == **hub || is_paired(**hub, other))
        };
        let mut hubs: Vec<Number> = distinct.iter().filter(is_hub).copied().collect();
        if hubs.is_empty() {
            // A pair that is judged anew may no longer hold.
            hubs.extend(leaders.iter().max_by_key(|&&member| self.links(member).len()));
        }
        Group { members, hubs }
    }

    /// The articles nearest to the seeds by links, breadth first, with all members of their families; of
    /// reprints their leaders.
    fn connected(&self, seeds: &[Number], level: Level) -> BTreeSet<Number> {
        let mut reached = BTreeSet::new();
        let mut open: VecDeque<Number> = VecDeque::new();
        for seed in seeds.iter().map(|&seed| self.leader(seed, level)) {
            if reached.insert(seed) {
                open.push_back(seed);
            }
        }
        while let Some(article) = open.pop_front().filter(|_| reached.len() < MAX_REGROUPED) {
            for link in self.links(article) {
                if reached.insert(link.number) {
                    open.push_back(link.number);
                }
            }
        }
        // A seed that follows another article now may still have the family that it had before.
        let families = reached.iter().chain(seeds);
        let families: BTreeSet<FamilyId> =
            families.filter_map(|&article| self.family_of(article)).collect();
        let relatives = families.into_iter().flat_map(|family| self.members(family));
        reached.extend(relatives.map(|member| self.leader(member, level)));
        reached
    }

    /// Regroups the articles that are connected with the seeds or share a family with them, and returns
    /// the changes. `removed` are the removed articles, ascending.
    pub(crate) fn regroup(
        &mut self,
        seeds: &[Number],
        removed: &[Number],
        level: Level,
        judge: &impl Judge,
    ) -> Vec<Event> {
        // Most new articles have no pair and no family.
        let is_alone = |&article: &Number| {
            self.links(article).is_empty()
                && self.followed(article) == article
                && self.family_of(article).is_none()
        };
        if removed.is_empty() && seeds.iter().all(is_alone) {
            return Vec::new();
        }
        // A removed article may have been the only connection within its family.
        let old: BTreeSet<FamilyId> =
            removed.iter().filter_map(|&article| self.family_of(article)).collect();
        let former_members = old.iter().flat_map(|&family| self.members(family));
        let seeds = seeds.iter().copied().chain(former_members);
        let seeds = seeds.filter(|article| removed.binary_search(article).is_err());
        let seeds: Vec<Number> = seeds.collect();
        let mut reached = self.connected(&seeds, level);
        removed.iter().for_each(|article| _ = reached.remove(article));
        let groups = self.groups(&reached, level, judge);
        let groups = self.with_reprints(groups, &reached, level);
        let members = groups.iter().flatten().chain(seeds.iter()).copied();
        let is_other = |member: &Number| !reached.contains(member);
        let reprints: BTreeSet<Number> = members.filter(is_other).collect();
        let all = reached.iter().chain(&reprints).chain(removed).copied();
        self.put_in_families(all.collect(), &groups)
    }

    /// Replaces all links and families, and returns the changes. The links are of a later article with an
    /// earlier one; they must rise.
    pub(crate) fn replace(
        &mut self,
        links: impl Iterator<Item = (Number, LinkKind, Link)>,
        groups: &[BTreeSet<Number>],
    ) -> Vec<Event> {
        self.links.clear();
        self.leaders.clear();
        self.reprints.clear();
        self.verdicts.clear();
        links.for_each(|(article, kind, link)| self.add_link(article, (kind, link)));
        let all = self.family_of.keys().chain(groups.iter().flatten()).copied().collect();
        self.put_in_families(all, groups)
    }

    /// Takes articles out of their families and puts them into those of groups. All members of their
    /// families and of the groups must be among them.
    fn put_in_families(
        &mut self,
        articles: BTreeSet<Number>,
        groups: &[BTreeSet<Number>],
    ) -> Vec<Event> {
        let before: Vec<(Number, Option<FamilyId>)> =
            articles.iter().map(|&article| (article, self.family_of(article))).collect();
        let mut old = FamilyMembers::new();
        for article in articles {
            if let Some(family) = self.family_of.remove(&article) {
                old.entry(family).or_default().insert(article);
            }
        }
        old.keys().for_each(|family| _ = self.families.remove(family));
        let ids = self.assign_ids(&old, groups);
        for (group, &family) in groups.iter().zip(&ids) {
            group.iter().for_each(|&member| _ = self.family_of.insert(member, family));
            self.families.insert(family, group.clone());
        }
        for (article, label) in before {
            if self.family_of(article) != label {
                self.journal.note_relabelled(article);
            }
        }
        self.events(&old, groups, &ids)
    }

    /// The members of groups with the reprints that reach the level with their leader; and those of leaders
    /// that stand alone but for reprints.
    fn with_reprints(
        &self,
        groups: Vec<Group>,
        leaders: &BTreeSet<Number>,
        level: Level,
    ) -> Vec<BTreeSet<Number>> {
        let mut groups: Vec<BTreeSet<Number>> =
            groups.into_iter().map(|group| group.members.into_iter().collect()).collect();
        let grouped: BTreeSet<Number> = groups.iter().flatten().copied().collect();
        groups.extend(leaders.difference(&grouped).map(|&leader| BTreeSet::from([leader])));
        for group in &mut groups {
            let mut open: Vec<Number> = group.iter().copied().collect();
            while let Some(article) = open.pop() {
                let near = self.reprints(article).iter().filter(|link| link.level <= level);
                let near: Vec<Number> = near.map(|link| link.number).collect();
                group.extend(&near);
                open.extend(near);
            }
        }
        groups.retain(|group| group.len() > 1);
        groups
    }

    /// Removes a reprint from its family, if that stays a family.
    pub(crate) fn leave(&mut self, reprint: Number) -> Option<Event> {
        let family = self.family_of(reprint)?;
        let members = self.families.get_mut(&family).filter(|members| members.len() > 2)?;
        members.remove(&reprint);
        self.family_of.remove(&reprint);
        self.journal.note_relabelled(reprint);
        Some(Event::Left { family, article: reprint })
    }

    /// The ids of groups. A group takes the id of the old family with which it shares most members,
    /// among equals the oldest. If a group that shares more takes that id, the next one follows; a group
    /// that gets no old id gets a new one.
    fn assign_ids(&mut self, old: &FamilyMembers, groups: &[BTreeSet<Number>]) -> Vec<FamilyId> {
        let old_of = family_of_each(old);
        let mut claims: Vec<(usize, FamilyId, usize)> = Vec::new();
        for (position, group) in groups.iter().enumerate() {
            let of_members = group.iter().filter_map(|member| old_of.get(member).copied());
            let shared = count_by_family(of_members).into_iter();
            claims.extend(shared.map(|(family, shared)| (usize::MAX - shared, family, position)));
        }
        claims.sort_unstable();
        let mut ids: Vec<Option<FamilyId>> = vec![None; groups.len()];
        let mut taken = BTreeSet::new();
        for (_, family, position) in claims {
            if ids[position].is_none() && taken.insert(family) {
                ids[position] = Some(family);
            }
        }
        ids.into_iter().map(|id| id.unwrap_or_else(|| self.new_id())).collect()
    }

    /// The changes from the old families to the current groups: applied to the former, they give the
    /// latter.
    fn events(
        &self,
        old: &FamilyMembers,
        groups: &[BTreeSet<Number>],
        ids: &[FamilyId],
    ) -> Vec<Event> {
        let old_of = family_of_each(old);
        let current_ids: BTreeSet<FamilyId> = ids.iter().copied().collect();
        let mut events = Vec::new();
        let (mut merged, mut ended) = (BTreeMap::new(), BTreeSet::new());
        for (&from, members) in old {
            let now: BTreeSet<Option<FamilyId>> =
                members.iter().map(|&member| self.family_of(member)).collect();
            let families: Vec<FamilyId> = now.into_iter().flatten().collect();
            if families.is_empty() {
                events.push(Event::Ended { family: from });
                ended.insert(from);
                continue;
            }
            let left = members.iter().filter(|&&member| self.family_of(member).is_none());
            events.extend(left.map(|&article| Event::Left { family: from, article }));
            if let [into] = families[..]
                && into != from
                && old.contains_key(&into)
            {
                merged.insert(from, into);
                events.push(Event::Merged { from, into });
            }
        }
        for (group, &family) in groups.iter().zip(ids) {
            let parent = most_common(group.iter().filter_map(|member| old_of.get(member).copied()));
            let of_parent = |member: &Number| old_of.get(member).copied() == parent;
            let is_new = !old.contains_key(&family);
            if is_new {
                let members = group.iter().copied().filter(of_parent).collect();
                events.push(match parent {
                    Some(from) => Event::Split { from, into: family, members },
                    None => Event::Founded { family, members },
                });
            }
            for &article in group.iter().filter(|member| !is_new || !of_parent(member)) {
                let from = old_of.get(&article).copied();
                if from == Some(family) || from.and_then(|from| merged.get(&from)) == Some(&family)
                {
                    continue;
                }
                events.extend(from.map(|family| Event::Left { family, article }));
                events.push(Event::Joined { family, article });
            }
        }
        for &family in old.keys() {
            let has_members = current_ids.contains(&family) || merged.contains_key(&family);
            if !has_members && !ended.contains(&family) {
                events.push(Event::Ended { family });
            }
        }
        events
    }

    /// The approximate number of bytes on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        let links = self.links.values().chain(self.reprints.values());
        let links = links.map(|links| links.capacity() * size_of::<Link>());
        let lists = self.links.capacity() + self.reprints.capacity();
        let members = self.families.values().map(|members| members.len() * 2 * size_of::<Number>());
        links.sum::<usize>()
            + members.sum::<usize>()
            + self.verdicts.values().map(|of| of.capacity() * 10 + 48).sum::<usize>()
            + lists * size_of::<(Number, Vec<Link>)>()
            + self.leaders.capacity() * size_of::<(Number, Link)>()
            + self.family_of.capacity() * size_of::<(Number, FamilyId)>()
    }
}

/// Access to the parts that a folder stores and restores.
#[cfg(feature = "archive")]
impl LiveFamilies {
    /// No families yet; `next` is the id of the first one.
    pub(crate) fn starting(next: u64) -> Self {
        LiveFamilies { next, ..LiveFamilies::default() }
    }

    /// The id of the next family.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// The links of an article with earlier ones, in the order in which they were found.
    pub(crate) fn earlier_links(&self, article: Number) -> impl Iterator<Item = (LinkKind, &Link)> {
        let paired = self.links(article).iter().map(|link| (LinkKind::Paired, link));
        let follows = self.leaders.get(&article).map(|link| (LinkKind::Follows, link));
        let followed = self.reprints(article).iter().map(|link| (LinkKind::Followed, link));
        let all = paired.chain(follows).chain(followed);
        all.filter(move |(_, link)| link.number < article)
    }

    /// The verdicts on pairs of a later article, ascending by the earlier one.
    pub(crate) fn verdicts_of(&self, later: Number) -> Vec<(Number, Option<Level>)> {
        let of = self.verdicts.get(&later).into_iter().flatten();
        let mut verdicts: Vec<_> = of.map(|(&earlier, &level)| (earlier, level)).collect();
        verdicts.sort_unstable_by_key(|&(earlier, _)| earlier);
        verdicts
    }

    /// Caches the verdict on a pair.
    pub(crate) fn put_verdict(&mut self, later: Number, earlier: Number, level: Option<Level>) {
        self.verdicts.entry(later).or_default().insert(earlier, level);
    }

    /// Drops the verdicts on pairs with a removed article.
    pub(crate) fn retain_verdicts(&mut self, is_in: impl Fn(Number) -> bool) {
        self.verdicts.retain(|&later, of_later| {
            of_later.retain(|&earlier, _| is_in(earlier));
            is_in(later) && !of_later.is_empty()
        });
    }

    /// Whether each family has at least two members, and each chain of followers ends.
    pub(crate) fn are_whole(&self) -> bool {
        let ends = |&article: &Number| {
            let chain =
                std::iter::successors(Some(article), |of| Some(self.leaders.get(of)?.number));
            chain.take(MAX_CHAIN + 1).count() <= MAX_CHAIN
        };
        self.families.values().all(|members| members.len() > 1) && self.leaders.keys().all(ends)
    }
}

/// Appends links. Most articles have one, so a vector that starts with a capacity of four and doubles would
/// leave two thirds of the memory unused.
fn append(links: &mut Vec<Link>, more: &[Link]) {
    if links.capacity() - links.len() < more.len() {
        links.reserve_exact(more.len() + links.len() / 2);
    }
    links.extend_from_slice(more);
}

/// The number of occurrences of each family.
fn count_by_family(families: impl Iterator<Item = FamilyId>) -> BTreeMap<FamilyId, usize> {
    let mut counts = BTreeMap::new();
    families.for_each(|family| *counts.entry(family).or_default() += 1);
    counts
}

/// The family of each member, the inverse of the map.
fn family_of_each(families: &FamilyMembers) -> ByNumber<FamilyId> {
    let each = families.iter();
    each.flat_map(|(&family, members)| members.iter().map(move |&member| (member, family)))
        .collect()
}

/// The most frequent family, the oldest of equals.
fn most_common(families: impl Iterator<Item = FamilyId>) -> Option<FamilyId> {
    let counts = count_by_family(families).into_iter().rev();
    counts.max_by_key(|&(_, count)| count).map(|(family, _)| family)
}
