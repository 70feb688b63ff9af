//! Story families: a group with its members, each compared with the representative.
//!
//! Takes the groups of `cluster` and a [`MemberSource`] that gives the facts of an article; returns
//! families. Invariant: every member reaches the level's cut against the representative. The cost of
//! a family is linear in its members; choosing the most central hub multiplies it by the hubs.
//! [`Series`] are groups of another kind, which stand beside the families.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use ahash::RandomState;

use crate::corpus::article::Date;
use crate::families::cluster::Group;
use crate::score::evidence::Evidence;
use crate::score::relation::{Cuts, Level, Relation};

/// How the representative of a family is chosen among its hubs: the members that reach the level's
/// cut against every other one. Ties go to the smaller id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Representative {
    /// The earliest by date; the most central if no hub is dated. The default.
    #[default]
    Earliest,
    /// The hub with the most words.
    Longest,
    /// The hub with the highest sum of scores to the other members.
    MostCentral,
}

/// The families of a collection at every level.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Families {
    pub(crate) level: Level,
    pub(crate) families: [Vec<Family>; 3],
    pub(crate) series: Vec<Series>,
    pub(crate) articles: usize,
}

impl Families {
    /// The families at the detector's level, each of at least two articles: largest first, then by the
    /// representative's id.
    pub fn iter(&self) -> std::slice::Iter<'_, Family> {
        self.at(self.level).iter()
    }

    /// The families at a level, each of at least two articles. Each is a subset of one family of the
    /// next looser level.
    pub fn at(&self, level: Level) -> &[Family] {
        &self.families[level as usize]
    }

    /// The number of families at the detector's level.
    pub fn len(&self) -> usize {
        self.at(self.level).len()
    }

    /// Whether there is no family at the detector's level.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// For each family of a level, in the order of [`Families::at`], its subsets that are families of
    /// the next closer level: the copies in a retelling, the retellings in an event. Empty lists at
    /// the closest level. Linear in the members.
    ///
    /// ```
    /// # use retold::{Article, Detector, Level};
    /// let wire = "A ferry with 212 passengers ran aground off Kelm on Monday night. Nobody was hurt, \
    ///             harbour master Ida Rosk said, and divers will examine the hull on Tuesday.";
    /// let mut detector = Detector::new();
    /// detector.insert(Article::new("wire", wire))?;
    /// detector.insert(Article::new("reprint", wire))?;
    /// let families = detector.families();
    /// let nested = families.nested(Level::Retelling);
    /// assert_eq!(nested[0], [&families.at(Level::Copy)[0]]);
    /// # Ok::<(), retold::Error>(())
    /// ```
    pub fn nested(&self, level: Level) -> Vec<Vec<&Family>> {
        let families = self.at(level);
        let mut nested = vec![Vec::new(); families.len()];
        let Some(closer) = Level::ALL[..level as usize].last() else { return nested };
        let family_of = family_of(families);
        for family in self.at(*closer) {
            if let Some(&at) = family_of.get(family.representative()) {
                nested[at].push(family);
            }
        }
        nested
    }

    /// The series: forms that were filled in for several towns, days or teams, and notices that stand under
    /// several titles. The largest first, then by the first id.
    ///
    /// Two fillings are two stories, so no family comes from what they share. An article may be in a family
    /// and in a series: the papers that print one filling are a family. A series that lies within one family
    /// at the detector's level is left out: more than the form holds it together.
    ///
    /// ```
    /// # use retold::{Article, Detector};
    /// let form = |town, mayor, sum| format!(
    ///     "The town of {town} will receive {sum} crowns from the fund for old bridges, the office of works \
    ///      said. The money pays for new railings, drains and a coat of paint. Mayor {mayor} thanked the \
    ///      fund and said that the work would begin as soon as the river is low. Those that are turned down \
    ///      get a letter with the reasons, and they may try again in the following spring.");
    /// let mut detector = Detector::new();
    /// detector.insert(Article::new("kelm", &form("Kelm", "Ida Rosk", 412_000)))?;
    /// detector.insert(Article::new("sarn", &form("Sarn", "Anna Grom", 98_500)))?;
    /// let families = detector.families();
    /// assert!(families.is_empty());
    /// assert_eq!(families.series()[0].fillings(), [["kelm"], ["sarn"]]);
    /// # Ok::<(), retold::Error>(())
    /// ```
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// The number of articles without a family at the detector's level.
    pub fn alone(&self) -> usize {
        self.articles - self.iter().map(Family::len).sum::<usize>()
    }
}

impl<'a> IntoIterator for &'a Families {
    type Item = &'a Family;
    type IntoIter = std::slice::Iter<'a, Family>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Two or more articles that tell one story.
///
/// Every member reaches the level's cut against the representative directly: similarity along a chain
/// of articles makes no family.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    pub(crate) level: Level,
    /// The representative, then the others by falling score. Shared between the levels at which a
    /// family has the same members.
    pub(crate) members: Arc<[Member]>,
}

impl Family {
    /// The level of the family.
    pub fn level(&self) -> Level {
        self.level
    }

    /// The id of the representative.
    pub fn representative(&self) -> &str {
        self.members.first().map_or("", |member| member.id())
    }

    /// The members: the representative, then the others by falling score, then by id.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The number of articles, at least two.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Always false: a family has at least two members.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

/// An article of a family, and its relation to the representative.
///
/// A printing or an excerpt of another member may resemble the representative less than that one does. It
/// then [tells](Member::compared_with) which member it was compared with instead.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    pub(crate) id: String,
    pub(crate) compared_with: Option<String>,
    pub(crate) date: Option<Date>,
    pub(crate) words: usize,
    pub(crate) relation: Relation,
    pub(crate) evidence: Evidence,
}

impl Member {
    /// The caller's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The date, if the caller gave one.
    pub fn date(&self) -> Option<Date> {
        self.date
    }

    /// The number of words.
    pub fn words(&self) -> usize {
        self.words
    }

    /// The id of the member that relation, score, shares and evidence refer to; `None` where that is the
    /// representative.
    ///
    /// An article is a member by another one if it prints that one again or is cut from it, and does not
    /// reach the level with the representative, or a less close one than that one does.
    pub fn compared_with(&self) -> Option<&str> {
        self.compared_with.as_deref()
    }

    /// The relation to the member that it was [compared with](Member::compared_with), the representative
    /// unless told otherwise. The representative is identical to itself.
    pub fn relation(&self) -> Relation {
        self.relation
    }

    /// The probability that it tells the story of the member that it was compared with.
    pub fn score(&self) -> f32 {
        self.evidence.score()
    }

    /// Estimated Jaccard similarity of the three-word shingles of both.
    pub fn jaccard(&self) -> f64 {
        self.evidence.phrases.jaccard()
    }

    /// Estimated share of this article's three-word shingles that the other one contains.
    pub fn containment(&self) -> f64 {
        self.evidence.phrases.of_left()
    }

    /// The evidence of the pair; this article is on the left.
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }
}

/// Articles that fill in one form: grant notices, weather reports, results; or one notice, such as a consent
/// wall, under several titles.
///
/// Each was recognised beside some other one, not beside all: a form of ten thousand fillings is one
/// series at linear cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    fillings: Vec<Vec<String>>,
}

impl Series {
    /// A series in canonical order, from its fillings in any order.
    pub(crate) fn new(mut fillings: Vec<Vec<String>>) -> Self {
        fillings.iter_mut().for_each(|filling| filling.sort_unstable());
        fillings.sort_unstable();
        Series { fillings }
    }

    /// The ids of the articles of each filling, at least two fillings: an article, and those that print it
    /// again. Of a notice, each article under another title than the first is a filling. In order.
    pub fn fillings(&self) -> &[Vec<String>] {
        &self.fillings
    }

    /// The number of articles.
    pub fn len(&self) -> usize {
        self.fillings.iter().map(Vec::len).sum()
    }

    /// Always false: a series has at least two fillings.
    pub fn is_empty(&self) -> bool {
        self.fillings.is_empty()
    }
}

/// Access to the facts of grouped articles, by number or rank.
pub(crate) trait MemberSource {
    fn id(&self, article: u32) -> &str;
    fn date(&self, article: u32) -> Option<Date>;
    fn words(&self, article: u32) -> usize;
    fn evidence(&self, one: u32, other: u32) -> Evidence;
    /// Whether two articles have the same words in the same order.
    fn have_same_words(&self, one: u32, other: u32) -> bool;
}

/// The members of a family, its representative first.
pub(crate) fn members(
    group: &Group,
    source: &impl MemberSource,
    policy: Representative,
    cuts: &Cuts,
    follows: &impl Fn(u32) -> u32,
) -> Vec<Member> {
    let mut hubs: Vec<HubFacts> = group
        .hubs
        .iter()
        .map(|&hub| first_printing(group, source, hub, follows))
        .map(|hub| HubFacts { hub, date: source.date(hub), words: source.words(hub) })
        .collect();
    // Ties go to the first id.
    hubs.sort_unstable_by_key(|facts| source.id(facts.hub));
    // What an article follows beyond its exact copies; itself if nothing.
    let original = |article: u32| {
        let mut of = follows(article);
        while source.have_same_words(of, article) && follows(of) != of {
            of = follows(of);
        }
        if source.have_same_words(of, article) { article } else { of }
    };
    let distinct = distinct(&group.members, source, follows);
    let centrality = |hub: u32| {
        let score = |&member: &u32| f64::from(source.evidence(hub, member).score());
        distinct.iter().map(score).sum::<f64>()
    };
    let representative = policy.choose(&hubs, centrality);
    let member = |&article: &u32| {
        let mut evidence = source.evidence(article, representative);
        let mut compared_with = None;
        let (direct, reached) = (follows(article), evidence.level(cuts));
        if ![article, representative].contains(&direct) && reached != Some(Level::Copy) {
            // What follows another article is a member by that one. An exact copy is compared as what it
            // copies, unless it comes too late for that.
            let original = original(article);
            let leader = if original == article { direct } else { original };
            let by_leader = source.evidence(article, leader);
            let is_closer = |reached| {
                let level = match original == article {
                    true => source.evidence(direct, representative).level(cuts),
                    false => by_leader.level(cuts),
                };
                level.is_some_and(|level| level < reached)
            };
            if reached.is_none_or(is_closer) {
                evidence = by_leader;
                compared_with = Some(source.id(leader).to_owned());
            }
        }
        Member {
            id: source.id(article).to_owned(),
            compared_with,
            date: source.date(article),
            words: source.words(article),
            relation: evidence.relation(cuts),
            evidence,
        }
    };
    let members = group.members.iter().map(member);
    let mut members: Vec<(f32, Member)> = members.map(|member| (member.score(), member)).collect();
    let first = source.id(representative);
    members.sort_unstable_by(|(x_score, x), (y_score, y)| {
        let leads = |member: &Member| member.id == first;
        let by_score = y_score.total_cmp(x_score).then_with(|| x.id.cmp(&y.id));
        leads(y).cmp(&leads(x)).then(by_score)
    });
    members.into_iter().map(|(_, member)| member).collect()
}

/// Members without those that have the same words as what they follow: exact copies pair alike, so more of
/// them change nothing.
pub(crate) fn distinct(
    members: &[u32],
    source: &impl MemberSource,
    follows: impl Fn(u32) -> u32,
) -> Vec<u32> {
    let is_distinct = |&member: &u32| {
        let of = follows(member);
        of == member || !source.have_same_words(of, member)
    };
    members.iter().copied().filter(is_distinct).collect()
}

/// The printing with the smallest id of those that have a leader's words and date: they compare alike.
fn first_printing(
    group: &Group,
    source: &impl MemberSource,
    leader: u32,
    follows: &impl Fn(u32) -> u32,
) -> u32 {
    let is_same = |&article: &u32| {
        let follows = follows(article) == leader && source.date(article) == source.date(leader);
        article == leader || follows && source.have_same_words(article, leader)
    };
    let same = group.members.iter().copied().filter(is_same);
    same.min_by_key(|&article| source.id(article)).unwrap_or(leader)
}

/// A hub with the facts by which a representative is chosen.
struct HubFacts {
    hub: u32,
    date: Option<Date>,
    words: usize,
}

impl Representative {
    /// Chooses among hubs in canonical order; the first of equals wins. `centrality` is the sum of a
    /// hub's scores to the members. It is costly, so it is computed only where it decides.
    fn choose(self, hubs: &[HubFacts], centrality: impl Fn(u32) -> f64) -> u32 {
        let earliest = || {
            let dated = hubs.iter().filter_map(|facts| Some((facts.date?, facts.hub)));
            dated.min_by_key(|&(date, _)| date).map(|(_, hub)| hub)
        };
        let chosen = match self {
            Representative::Earliest => earliest(),
            Representative::Longest => {
                hubs.iter().min_by_key(|facts| Reverse(facts.words)).map(|facts| facts.hub)
            }
            Representative::MostCentral => None,
        };
        let most_central = || {
            let central = hubs.iter().map(|facts| (centrality(facts.hub), facts.hub));
            central.reduce(|best, next| if next.0 > best.0 { next } else { best })
        };
        chosen.or_else(|| most_central().map(|(_, hub)| hub)).unwrap_or_default()
    }
}

/// The families of some member lists: largest first, then by the representative's id.
pub(crate) fn listed(level: Level, members: &[Arc<[Member]>]) -> Vec<Family> {
    let family = |members: &Arc<[Member]>| Family { level, members: members.clone() };
    let mut families: Vec<Family> = members.iter().map(family).collect();
    families.sort_unstable_by(|x, y| {
        y.len().cmp(&x.len()).then_with(|| x.representative().cmp(y.representative()))
    });
    families
}

/// The position of each member's family.
fn family_of(families: &[Family]) -> HashMap<&str, usize, RandomState> {
    let of_one = |(at, family)| Family::members(family).iter().map(move |member| (member.id(), at));
    families.iter().enumerate().flat_map(of_one).collect()
}

/// The series that do not lie within one of some families: largest first, then by the first id.
pub(crate) fn listed_series(all: impl Iterator<Item = Series>, families: &[Family]) -> Vec<Series> {
    let family_of = family_of(families);
    let is_apart = |series: &Series| {
        let mut of_each = series.fillings.iter().flatten().map(|id| family_of.get(id.as_str()));
        let first = of_each.next().flatten();
        first.is_none() || of_each.any(|other| other != first)
    };
    let mut all: Vec<Series> = all.filter(is_apart).collect();
    all.sort_unstable_by(|x, y| y.len().cmp(&x.len()).then_with(|| x.fillings.cmp(&y.fillings)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(ids: &[&str]) -> Family {
        let member = |id: &&str| Member {
            id: (*id).to_owned(),
            compared_with: None,
            date: None,
            words: 9,
            relation: Relation::Retelling,
            evidence: Evidence::default(),
        };
        Family { level: Level::Retelling, members: ids.iter().map(member).collect() }
    }

    fn series(ids: &[&str]) -> Series {
        Series::new(ids.iter().map(|&id| vec![id.to_owned()]).collect())
    }

    #[test]
    fn a_series_within_one_family_is_left_out_and_the_largest_comes_first() {
        let families = [family(&["a", "b", "c"]), family(&["d", "e"])];
        let all = [&["c", "a"][..], &["x", "y"], &["b", "z"], &["z2", "c", "d"], &["e", "d"]];
        let found = listed_series(all.into_iter().map(series), &families);
        assert_eq!(found, [&["c", "d", "z2"][..], &["b", "z"], &["x", "y"]].map(series));
    }
}
