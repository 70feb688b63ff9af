//! The provenance of a family: which member was first, and from which member each other derives.
//!
//! The members are sorted by date, undated ones last. On one day the member that shares most phrases
//! with others is first, then the longest. A parent precedes its child, so there is no cycle.
//!
//! A phrase that the child shares with an earlier member but not with the candidate parent comes from
//! elsewhere, and each such phrase multiplies the parent's likelihood by `e^-½`
//! ([`FOREIGN_PHRASE_PENALTY`]). This separates a copy of a copy, which has the edits of that copy, from
//! a copy of the original. Between candidates with equal phrases the earlier one is likelier, in the
//! ratio `1 : 1/2 : 1/3 …`
//!
//! Phrases are the three-word shingles of bottom-k samples, so no text is needed. Time and memory are
//! linear in the number of members.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Deref;

use ahash::RandomState;

use crate::corpus::article::Date;
use crate::sketch::bottomk::Sample;

/// The loss of log-likelihood for each phrase of the child that the parent lacks and another earlier
/// member has.
const FOREIGN_PHRASE_PENALTY: f64 = 0.5;

/// The most members that are listed for a phrase, from the first.
const MAX_HOLDERS: usize = 64;

/// The most candidate parents: those that share most phrases which few other members have.
const MAX_PARENTS: usize = 16;

/// The fewest shared phrases of parent and child; one or two may be chance.
const MIN_PHRASES: usize = 3;

/// The least share of the child's phrases where the parent contains most of the child.
const MIN_CONTAINED: f64 = 0.5;

/// The fewest phrases which the parent alone has, of all earlier members, that show shared edits.
const MIN_EDITS: usize = 2;

/// The evidence for the position of an article in its family's tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Reason {
    /// No parent: the article is the first of its family.
    First,
    /// No parent: the article shares no phrases with an earlier member.
    Independent,
    /// The article has phrases that, of all earlier members, only the parent has, and other shared ones.
    SharesEdits,
    /// The parent contains most of the article.
    ContainsMost,
    /// The parent has some of the article's phrases, and is the likeliest of the earlier members.
    SharesPhrases,
}

impl Reason {
    /// The name in lower case, as in JSON: `first`, `independent`, `shares-edits`,
    /// `contains-most`, `shares-phrases`.
    pub fn name(self) -> &'static str {
        match self {
            Reason::First => "first",
            Reason::Independent => "independent",
            Reason::SharesEdits => "shares-edits",
            Reason::ContainsMost => "contains-most",
            Reason::SharesPhrases => "shares-phrases",
        }
    }
}

/// An article of a family and its most likely parent.
#[derive(Debug, Clone, PartialEq)]
pub struct Descent {
    id: String,
    parent: Option<usize>,
    certainty: f32,
    reason: Reason,
}

impl Descent {
    /// The article's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The index of the parent in [`Provenance::members`], always smaller than the article's own; `None`
    /// for the first member and for those that share nothing with an earlier one.
    pub fn parent(&self) -> Option<usize> {
        self.parent
    }

    /// The probability of this position, in `0..=1`. With a parent: that the article derives from this
    /// member and not from another, halved where the dates do not show which of the two was first.
    /// For the first member: one divided by the number of members that may have been first. 0 for
    /// an independent one. The probability follows from a model; it is not calibrated on known descents.
    pub fn certainty(&self) -> f32 {
        self.certainty
    }

    /// The evidence for this position.
    pub fn reason(&self) -> Reason {
        self.reason
    }
}

/// The tree of a family: the most likely parent of each member.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Provenance {
    members: Vec<Descent>,
}

impl Provenance {
    /// The members, each after its parent; the likely original is first.
    pub fn members(&self) -> &[Descent] {
        &self.members
    }

    /// The id of the likely original; empty where there are no members.
    pub fn first(&self) -> &str {
        self.members.first().map_or("", Descent::id)
    }
}

/// The attributes of a member that provenance needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Version<'a> {
    pub(crate) id: &'a str,
    pub(crate) date: Option<Date>,
    pub(crate) words: u32,
    pub(crate) sample: Sample<'a>,
}

/// The tree of some versions. Does not depend on their order; linear in their number.
pub(crate) fn provenance(versions: Vec<Version<'_>>) -> Provenance {
    let (mut versions, counts) = numbered(versions);
    sort_by_likely_order(&mut versions, &counts);
    let mut earlier = Earlier {
        holders: vec![Vec::new(); counts.len()],
        votes: vec![0.0; versions.len()],
        voted: Vec::new(),
    };
    let mut members = Vec::with_capacity(versions.len());
    for (at, version) in versions.iter().enumerate() {
        let (parent, certainty, reason) = match best_parent(&versions, at, &mut earlier) {
            Some((parent, certainty, reason)) => (Some(parent), certainty, reason),
            None if at == 0 => (None, certainty_of_first(&versions), Reason::First),
            None => (None, 0.0, Reason::Independent),
        };
        members.push(Descent { id: version.id.to_owned(), parent, certainty, reason });
        for &phrase in &version.phrases {
            let holders = &mut earlier.holders[phrase as usize];
            if holders.len() < MAX_HOLDERS {
                holders.push(at as u32);
            }
        }
    }
    Provenance { members }
}

/// A version whose phrases are numbered.
struct Numbered<'a> {
    version: Version<'a>,
    /// The number of each value of its sample.
    phrases: Vec<u32>,
}

impl<'a> Deref for Numbered<'a> {
    type Target = Version<'a>;

    fn deref(&self) -> &Version<'a> {
        &self.version
    }
}

/// Numbers the phrases, so that each is hashed once; and the number of versions that have each.
fn numbered(versions: Vec<Version<'_>>) -> (Vec<Numbered<'_>>, Vec<u64>) {
    let mut numbers: HashMap<u32, u32, RandomState> = HashMap::default();
    let mut counts: Vec<u64> = Vec::new();
    let mut number = |phrase: &u32| {
        let number = *numbers.entry(*phrase).or_insert(counts.len() as u32);
        if number as usize == counts.len() {
            counts.push(0);
        }
        counts[number as usize] += 1;
        number
    };
    let versions = versions.into_iter().map(|version| {
        let phrases = version.sample.values.iter().map(&mut number).collect();
        Numbered { version, phrases }
    });
    (versions.collect(), counts)
}

/// Sorts versions by their likely order of publication. `counts` is the number of versions that have each
/// phrase.
fn sort_by_likely_order(versions: &mut [Numbered<'_>], counts: &[u64]) {
    // The number of phrases shared with others, extrapolated from the sample to the whole text.
    let common = |version: &Numbered<'_>| {
        let phrases = &version.phrases;
        let shared: u64 = phrases.iter().map(|&phrase| counts[phrase as usize] - 1).sum();
        shared * u64::from(version.words) / phrases.len().max(1) as u64
    };
    versions.sort_by_cached_key(|numbered| {
        let Version { id, date, words, .. } = numbered.version;
        (date.is_none(), date, Reverse(common(numbered)), Reverse(words), id.to_owned())
    });
}

/// What is known of the members before a child.
struct Earlier {
    /// By phrase: the first members that have it.
    holders: Vec<Vec<u32>>,
    /// By member; all zero between children.
    votes: Vec<f64>,
    /// The members with votes.
    voted: Vec<u32>,
}

impl Earlier {
    /// The members that share most phrases which few others have, in order. Each phrase divides one vote
    /// among the members that it may come from.
    fn candidates(&mut self, inherited: &[(u32, u32)]) -> Vec<u32> {
        let Earlier { holders, votes, voted } = self;
        for &(_, phrase) in inherited {
            let holders = &holders[phrase as usize];
            let vote = 1.0 / holders.len() as f64;
            for &holder in holders {
                let votes = &mut votes[holder as usize];
                if *votes == 0.0 {
                    voted.push(holder);
                }
                *votes += vote;
            }
        }
        let take = |at: u32| (at, std::mem::take(&mut votes[at as usize]));
        let mut candidates: Vec<(u32, f64)> = voted.drain(..).map(take).collect();
        if candidates.len() > MAX_PARENTS {
            let most_first =
                |x: &(u32, f64), y: &(u32, f64)| y.1.total_cmp(&x.1).then(x.0.cmp(&y.0));
            candidates.select_nth_unstable_by(MAX_PARENTS, most_first);
            candidates.truncate(MAX_PARENTS);
        }
        let mut candidates: Vec<u32> = candidates.into_iter().map(|(at, _)| at).collect();
        candidates.sort_unstable();
        candidates
    }
}

/// One divided by the number of versions that may have been the first.
fn certainty_of_first(versions: &[Numbered<'_>]) -> f32 {
    let first = versions[0].date;
    let others = versions.iter().filter(|version| version.date.is_none() || version.date == first);
    1.0 / others.count() as f32
}

/// An earlier member that another may derive from.
struct ParentCandidate {
    at: usize,
    /// Its likelihood, relative to the other candidates.
    weight: f64,
    shared: usize,
    /// The share of the child's phrases that it has.
    contained: f64,
}

fn best_parent(
    versions: &[Numbered<'_>],
    child: usize,
    earlier: &mut Earlier,
) -> Option<(usize, f32, Reason)> {
    let own = versions[child].sample;
    // The phrases that earlier members have, with their numbers.
    let phrases = own.values.iter().copied().zip(versions[child].phrases.iter().copied());
    let is_inherited = |&(_, phrase): &(u32, u32)| !earlier.holders[phrase as usize].is_empty();
    let inherited: Vec<(u32, u32)> = phrases.filter(is_inherited).collect();
    let candidates = earlier.candidates(&inherited);
    let weighed = |(rank, &at): (usize, &u32)| {
        let sample = versions[at as usize].sample;
        let overlap = own.overlap(sample);
        let reach = own.reach().min(sample.reach());
        let within = inherited.partition_point(|&(value, _)| value <= reach);
        // Scales the comparable part of the child's sample to the whole of it.
        let scale = own.values.len() as f64 / overlap.left.max(1) as f64;
        let foreign = within.saturating_sub(overlap.shared) as f64 * scale;
        ParentCandidate {
            at: at as usize,
            weight: libm::exp(-FOREIGN_PHRASE_PENALTY * foreign) / (rank + 1) as f64,
            shared: overlap.shared,
            contained: overlap.of_left(),
        }
    };
    let candidates: Vec<ParentCandidate> = candidates.iter().enumerate().map(weighed).collect();
    let all: f64 = candidates.iter().map(|parent| parent.weight).sum();
    let is_enough = |parent: &&ParentCandidate| {
        parent.shared >= MIN_PHRASES || parent.contained >= MIN_CONTAINED && parent.shared > 0
    };
    let best = candidates
        .iter()
        .filter(is_enough)
        .reduce(|best, next| if next.weight > best.weight { next } else { best })?;
    let (from, to) = (versions[best.at].date, versions[child].date);
    let is_before = from.zip(to).is_some_and(|(from, to)| from < to);
    let certainty = best.weight / all * if is_before { 1.0 } else { 0.5 };
    let is_edit =
        |&&(_, phrase): &&(u32, u32)| earlier.holders[phrase as usize] == [best.at as u32];
    let edits = inherited.iter().filter(is_edit).count();
    let reason = if edits >= MIN_EDITS && edits < best.shared {
        Reason::SharesEdits
    } else if best.contained >= MIN_CONTAINED {
        Reason::ContainsMost
    } else {
        Reason::SharesPhrases
    };
    Some((best.at, certainty as f32, reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A made-up version; each number is a phrase.
    fn version<'a>(id: &'a str, day: Option<u8>, phrases: &'a [u32]) -> Version<'a> {
        let date = day.and_then(|day| Date::new(2031, 5, day));
        let sample = Sample { values: phrases, cut: false };
        Version { id, date, words: phrases.len() as u32 + 2, sample }
    }

    /// Each member with its parent.
    fn tree(versions: Vec<Version<'_>>) -> Vec<(String, Option<String>, Reason)> {
        let tree = provenance(versions);
        let name = |at: usize| tree.members[at].id.clone();
        let members = tree.members.iter();
        members.map(|member| (member.id.clone(), member.parent.map(name), member.reason)).collect()
    }

    fn member(id: &str, parent: Option<&str>, reason: Reason) -> (String, Option<String>, Reason) {
        (id.to_owned(), parent.map(str::to_owned), reason)
    }

    #[test]
    fn a_copy_of_an_edited_copy_derives_from_that_copy() {
        let original: Vec<u32> = (0..40).collect();
        let edited: Vec<u32> = (0..30).chain(100..110).collect();
        let again: Vec<u32> = (0..20).chain(100..110).chain(200..205).collect();
        let plain: Vec<u32> = (5..38).chain([300]).collect();
        let versions = vec![
            version("again", Some(4), &again),
            version("plain", Some(4), &plain),
            version("edited", Some(3), &edited),
            version("original", Some(2), &original),
        ];
        let mut expected = [
            member("original", None, Reason::First),
            member("edited", Some("original"), Reason::ContainsMost),
            member("plain", Some("original"), Reason::SharesEdits),
            member("again", Some("edited"), Reason::SharesEdits),
        ];
        let mut found = tree(versions.clone());
        found[1..].sort();
        expected[1..].sort();
        assert_eq!(found, expected);
        assert!(provenance(versions).members().iter().all(|member| member.certainty() > 0.9));
    }

    #[test]
    fn reprints_derive_from_the_first_and_with_certainty_only_where_dates_show_it() {
        let phrases: Vec<u32> = (0..40).collect();
        let of = |days: [Option<u8>; 3]| {
            let named = ["a", "b", "c"].into_iter().zip(days);
            provenance(named.map(|(id, day)| version(id, day, &phrases)).collect())
        };
        let dated = of([Some(3), Some(1), Some(3)]);
        assert_eq!(dated.first(), "b");
        assert_eq!(dated.members()[0].certainty(), 1.0);
        assert_eq!(dated.members()[1].parent(), Some(0));
        assert_eq!(dated.members()[1].certainty(), 1.0);
        assert_eq!(dated.members()[1].reason(), Reason::ContainsMost);
        // It may derive from either of two, and more likely from the first.
        assert_eq!(dated.members()[2].parent(), Some(0));
        assert!((dated.members()[2].certainty() - 2.0 / 3.0).abs() < 1e-6);
        let undated = of([None; 3]);
        assert!((undated.members()[0].certainty() - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!(undated.members()[1].certainty(), 0.5);
    }

    #[test]
    fn a_member_that_shares_nothing_is_independent() {
        let (one, other): (Vec<u32>, Vec<u32>) = ((0..40).collect(), (38..90).collect());
        let versions = vec![version("one", Some(1), &one), version("other", Some(2), &other)];
        let expected =
            [member("one", None, Reason::First), member("other", None, Reason::Independent)];
        assert_eq!(tree(versions), expected);
    }

    proptest! {
        #[test]
        fn every_member_has_one_parent_before_it_and_their_order_does_not_matter(
            members in prop::collection::vec(
                (prop::option::of(1u8..4), prop::collection::btree_set(0u32..60, 0..40)), 1..24,
            ),
            turn in any::<prop::sample::Index>(),
        ) {
            let members: Vec<(String, Option<u8>, Vec<u32>)> = (0..).zip(members)
                .map(|(at, (day, phrases))| (format!("m{at}"), day, phrases.into_iter().collect()))
                .collect();
            let versions: Vec<Version<'_>> =
                members.iter().map(|(id, day, phrases)| version(id, *day, phrases)).collect();
            let tree = provenance(versions.clone());
            prop_assert_eq!(tree.members().len(), versions.len());
            for (at, member) in tree.members().iter().enumerate() {
                prop_assert!(member.parent().is_none_or(|parent| parent < at));
                prop_assert!((0.0..=1.0).contains(&member.certainty()));
                prop_assert_eq!(member.reason() == Reason::First, at == 0);
            }
            let mut turned = versions;
            turned.rotate_left(turn.index(members.len()));
            prop_assert_eq!(provenance(turned), tree);
        }
    }
}
