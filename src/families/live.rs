//! Families that live: who shares a story with whom, and under which lasting id.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::journal::Journal;
use crate::corpus::collection::{ByNumber, Number};
use crate::families::cluster::{Edge, Group, cluster};
use crate::score::relation::Level;

/// The id of a family. It stays with the members as long as the family lives, and is never given to
/// another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct FamilyId(pub(crate) u64);

impl FamilyId {
    /// The id as a number, to keep elsewhere.
    pub fn number(self) -> u64 {
        self.0
    }
}

impl std::fmt::Display for FamilyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What happened to a family, by the numbers of the articles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Founded { family: FamilyId, members: Vec<Number> },
    Joined { family: FamilyId, article: Number },
    Left { family: FamilyId, article: Number },
    Merged { from: FamilyId, into: FamilyId },
    Split { from: FamilyId, into: FamilyId, members: Vec<Number> },
    Ended { family: FamilyId },
}

/// How many articles are grouped anew at once, beside the rest of their families.
const MAX_REGROUPED: usize = 128;

/// One end of a verified pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Link {
    pub(crate) number: Number,
    pub(crate) level: Level,
    pub(crate) score: f32,
}

/// The verified pairs of a collection that changes, and the families that follow from them.
///
/// After every change what it reaches is grouped anew: pairs that are not connected do not touch one
/// another, so families are those that [`cluster`] makes of all pairs, as long as no more than
/// [`MAX_REGROUPED`] articles are connected. Of more the nearest are grouped anew.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveFamilies {
    links: ByNumber<Vec<Link>>,
    family_of: ByNumber<FamilyId>,
    families: BTreeMap<FamilyId, BTreeSet<Number>>,
    /// What was found of pairs that were no candidates but decide which groups belong together: by the
    /// later article, then by the earlier one.
    verdicts: ByNumber<ByNumber<Option<Level>>>,
    /// The id of the next family.
    next: u64,
    /// What changed since the last commit.
    pub(crate) journal: Journal,
}

/// What is needed to group articles: an order of them that follows from what they are, and the level
/// of a pair that was not compared yet.
pub(crate) trait Judge {
    fn sort(&self, articles: &mut [Number]);
    fn level(&self, one: Number, other: Number) -> Option<Level>;
}

impl LiveFamilies {
    /// The verified pairs of an article.
    pub(crate) fn links(&self, article: Number) -> &[Link] {
        self.links.get(&article).map_or(&[], Vec::as_slice)
    }

    /// The family of an article that is not alone.
    pub(crate) fn family_of(&self, article: Number) -> Option<FamilyId> {
        self.family_of.get(&article).copied()
    }

    /// The members of a family, rising; none of one that does not live.
    pub(crate) fn members(&self, family: FamilyId) -> impl Iterator<Item = Number> {
        self.families.get(&family).into_iter().flatten().copied()
    }

    /// The families that live, rising.
    pub(crate) fn ids(&self) -> impl Iterator<Item = FamilyId> {
        self.families.keys().copied()
    }

    /// Notes the verified pairs of an article.
    pub(crate) fn add_links(&mut self, article: Number, found: &[Link]) {
        for &Link { number, level, score } in found {
            self.links.entry(number).or_default().push(Link { number: article, level, score });
        }
        if !found.is_empty() {
            self.links.entry(article).or_default().extend_from_slice(found);
        }
    }

    /// Forgets the pairs of an article; those that it was paired with.
    pub(crate) fn forget(&mut self, article: Number) -> Vec<Number> {
        self.journal.note_removed(article);
        self.verdicts.remove(&article);
        let links = self.links.remove(&article).unwrap_or_default();
        for link in &links {
            if let Some(theirs) = self.links.get_mut(&link.number) {
                theirs.retain(|other| other.number != article);
                if theirs.is_empty() {
                    self.links.remove(&link.number);
                }
            }
        }
        links.iter().map(|link| link.number).collect()
    }

    /// The label of an article that is replaced goes over to its new version.
    pub(crate) fn relabel(&mut self, old: Number, new: Number) {
        if let Some(family) = self.family_of.remove(&old) {
            self.family_of.insert(new, family);
            let members = self.families.entry(family).or_default();
            members.remove(&old);
            members.insert(new);
        }
    }

    /// The groups that some articles form at one level. A pair that is none of links is judged once.
    fn groups(
        &mut self,
        articles: &BTreeSet<Number>,
        level: Level,
        judge: &impl Judge,
    ) -> Vec<Group> {
        let mut order: Vec<Number> = articles.iter().copied().collect();
        judge.sort(&mut order);
        let places: ByNumber<u32> = order.iter().copied().zip(0u32..).collect();
        let mut edges = Vec::new();
        for (&article, a) in order.iter().zip(0u32..) {
            for link in self.links(article) {
                if let Some(&b) = places.get(&link.number).filter(|&&b| a < b) {
                    edges.push(Edge { a, b, level: link.level, score: link.score });
                }
            }
        }
        edges.sort_unstable_by_key(|edge| (edge.a, edge.b));
        let number = |place: u32| order[place as usize];
        let (verdicts, journal) = (&mut self.verdicts, &mut self.journal);
        let known = RefCell::new((verdicts, journal));
        let [copies, retellings, events] = cluster(&edges, |a, b| {
            let (one, other) = (number(a), number(b));
            let (earlier, later) = (one.min(other), one.max(other));
            let (verdicts, journal) = &mut *known.borrow_mut();
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

    /// The members of a family, and those of them that are paired with every other one.
    pub(crate) fn group(&self, family: FamilyId, level: Level, judge: &impl Judge) -> Group {
        let members: Vec<Number> = self.members(family).collect();
        let paired = |one: Number, other: Number| {
            let link = self.links(one).iter().find(|link| link.number == other);
            let verdicts = || {
                let known =
                    self.verdicts.get(&one.max(other)).and_then(|of| of.get(&one.min(other)));
                known.copied().unwrap_or_else(|| judge.level(one, other))
            };
            let found = link.map_or_else(verdicts, |link| Some(link.level));
            one == other || found.is_some_and(|found| found <= level)
        };
        let is_hub = |&&hub: &&Number| members.iter().all(|&member| paired(hub, member));
        let mut hubs: Vec<Number> = members.iter().filter(is_hub).copied().collect();
        if hubs.is_empty() {
            // Judged anew, a pair may no longer hold.
            hubs.extend(members.iter().max_by_key(|&&member| self.links(member).len()));
        }
        Group { members, hubs }
    }

    /// The articles nearest to some, by pairs, with all of their families.
    fn connected(&self, seeds: impl IntoIterator<Item = Number>) -> BTreeSet<Number> {
        let mut reached = BTreeSet::new();
        let mut open: VecDeque<Number> = VecDeque::new();
        for seed in seeds {
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
        let families: BTreeSet<FamilyId> =
            reached.iter().filter_map(|&article| self.family_of(article)).collect();
        reached.extend(families.into_iter().flat_map(|family| self.members(family)));
        reached
    }

    /// Groups anew what some articles are connected with, now or by their families; what happened.
    /// `gone`, rising, are articles that are not in any more.
    pub(crate) fn regroup(
        &mut self,
        seeds: &[Number],
        removed: &[Number],
        level: Level,
        judge: &impl Judge,
    ) -> Vec<Event> {
        // Most articles that come are alone, and were in no family before.
        let is_alone =
            |&article: &Number| self.links(article).is_empty() && self.family_of(article).is_none();
        if removed.is_empty() && seeds.iter().all(is_alone) {
            return Vec::new();
        }
        // A family whose pairs fell apart may not be connected any more.
        let old: BTreeSet<FamilyId> =
            removed.iter().filter_map(|&article| self.family_of(article)).collect();
        let relatives = old.iter().flat_map(|&family| self.members(family));
        let seeds = seeds.iter().copied().chain(relatives);
        let seeds = seeds.filter(|article| removed.binary_search(article).is_err());
        let mut reached = self.connected(seeds);
        removed.iter().for_each(|article| _ = reached.remove(article));
        let groups = self.groups(&reached, level, judge);
        let labels: Vec<(Number, Option<FamilyId>)> = (reached.iter().chain(removed))
            .map(|&article| (article, self.family_of(article)))
            .collect();
        let mut old: BTreeMap<FamilyId, BTreeSet<Number>> = BTreeMap::new();
        for &article in reached.iter().chain(removed) {
            if let Some(family) = self.family_of.remove(&article) {
                old.entry(family).or_default().insert(article);
            }
        }
        old.keys().for_each(|family| _ = self.families.remove(family));
        let groups: Vec<BTreeSet<Number>> =
            groups.into_iter().map(|group| group.members.into_iter().collect()).collect();
        let names = self.name(&old, &groups);
        for (group, &family) in groups.iter().zip(&names) {
            group.iter().for_each(|&member| _ = self.family_of.insert(member, family));
            self.families.insert(family, group.clone());
        }
        for (article, label) in labels {
            if self.family_of(article) != label {
                self.journal.note_relabelled(article);
            }
        }
        self.events(&old, &groups, &names)
    }

    /// The ids of groups: of the old families that a group has members of the one of which it has
    /// most, among equals the oldest, unless a group that has more of it takes it.
    fn name(
        &mut self,
        old: &BTreeMap<FamilyId, BTreeSet<Number>>,
        groups: &[BTreeSet<Number>],
    ) -> Vec<FamilyId> {
        let old_of = family_of_each(old);
        let mut claims: Vec<(usize, FamilyId, usize)> = Vec::new();
        for (place, group) in groups.iter().enumerate() {
            let of_members = group.iter().filter_map(|member| old_of.get(member).copied());
            let shared = counted(of_members).into_iter();
            claims.extend(shared.map(|(family, shared)| (usize::MAX - shared, family, place)));
        }
        claims.sort_unstable();
        let mut names: Vec<Option<FamilyId>> = vec![None; groups.len()];
        let mut taken = BTreeSet::new();
        for (_, family, place) in claims {
            if names[place].is_none() && taken.insert(family) {
                names[place] = Some(family);
            }
        }
        let mut new = || {
            self.next += 1;
            FamilyId(self.next - 1)
        };
        names.into_iter().map(|name| name.unwrap_or_else(&mut new)).collect()
    }

    /// What became of old families. MemberSource to one who knows them, it gives the families that are now.
    fn events(
        &self,
        old: &BTreeMap<FamilyId, BTreeSet<Number>>,
        groups: &[BTreeSet<Number>],
        names: &[FamilyId],
    ) -> Vec<Event> {
        let old_of = family_of_each(old);
        let names_now: BTreeSet<FamilyId> = names.iter().copied().collect();
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
        for (group, &family) in groups.iter().zip(names) {
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
            let has_members = names_now.contains(&family) || merged.contains_key(&family);
            if !has_members && !ended.contains(&family) {
                events.push(Event::Ended { family });
            }
        }
        events
    }

    /// Bytes held on the heap, nearly.
    pub(crate) fn memory_usage(&self) -> usize {
        let links = self.links.values().map(|links| links.capacity() * size_of::<Link>());
        let members = self.families.values().map(|members| members.len() * 2 * size_of::<Number>());
        links.sum::<usize>()
            + members.sum::<usize>()
            + self.verdicts.values().map(|of| of.capacity() * 10 + 48).sum::<usize>()
            + self.links.capacity() * size_of::<(Number, Vec<Link>)>()
            + self.family_of.capacity() * size_of::<(Number, FamilyId)>()
    }
}

/// What a folder keeps of the families, and gives back.
#[cfg(feature = "archive")]
impl LiveFamilies {
    /// No families yet; the first one will have this id.
    pub(crate) fn starting(next: u64) -> Self {
        LiveFamilies { next, ..LiveFamilies::default() }
    }

    /// The id of the next family.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// The verified pairs of an article with earlier ones, in the order in which they were found.
    pub(crate) fn earlier_links(&self, article: Number) -> impl Iterator<Item = &Link> {
        self.links(article).iter().filter(move |link| link.number < article)
    }

    /// What was found of the judged pairs of a later article, by rising earlier ones.
    pub(crate) fn verdicts_of(&self, later: Number) -> Vec<(Number, Option<Level>)> {
        let of = self.verdicts.get(&later).into_iter().flatten();
        let mut verdicts: Vec<_> = of.map(|(&earlier, &level)| (earlier, level)).collect();
        verdicts.sort_unstable_by_key(|&(earlier, _)| earlier);
        verdicts
    }

    /// What was found of a judged pair, if it is still known.
    pub(crate) fn verdicts(&self, later: Number, earlier: Number) -> Option<Option<Level>> {
        self.verdicts.get(&later)?.get(&earlier).copied()
    }

    /// Notes what was found of a pair.
    pub(crate) fn put_verdict(&mut self, later: Number, earlier: Number, level: Option<Level>) {
        self.verdicts.entry(later).or_default().insert(earlier, level);
    }

    /// Forgets what was found of pairs of which one is not in any more.
    pub(crate) fn retain_verdicts(&mut self, is_in: impl Fn(Number) -> bool) {
        self.verdicts.retain(|&later, of_later| {
            of_later.retain(|&earlier, _| is_in(earlier));
            is_in(later) && !of_later.is_empty()
        });
    }

    /// Puts an article in a family.
    pub(crate) fn put_in(&mut self, article: Number, family: FamilyId) {
        self.family_of.insert(article, family);
        self.families.entry(family).or_default().insert(article);
    }

    /// Whether each family has two members at least.
    pub(crate) fn are_whole(&self) -> bool {
        self.families.values().all(|members| members.len() > 1)
    }
}

/// How often each comes.
fn counted(families: impl Iterator<Item = FamilyId>) -> BTreeMap<FamilyId, usize> {
    let mut counts = BTreeMap::new();
    families.for_each(|family| *counts.entry(family).or_default() += 1);
    counts
}

/// The families of their members.
fn family_of_each(families: &BTreeMap<FamilyId, BTreeSet<Number>>) -> ByNumber<FamilyId> {
    let each = families.iter();
    each.flat_map(|(&family, members)| members.iter().map(move |&member| (member, family)))
        .collect()
}

/// The one that comes most often, the first of equals.
fn most_common(families: impl Iterator<Item = FamilyId>) -> Option<FamilyId> {
    counted(families).into_iter().rev().max_by_key(|&(_, count)| count).map(|(family, _)| family)
}
