//! Who told it first, and from whom the others have it.
//!
//! The members of a family are put in the order in which they may have been told: by date, undated
//! ones last. Of one day the one goes first that has most of what the others have, then the longer
//! one. Whoever comes later has its phrases from one that came before, or from nobody: so there is
//! no cycle.
//!
//! A phrase of the child that an earlier member has, and the supposed parent has not, must come from
//! elsewhere; each makes the parent less likely by a factor of `e^-½` ([`STRANGE`]). That is what
//! tells a copy of a copy from a copy of the original: it has the edits of the copy. Where phrases
//! do not tell two apart the earlier one is likelier, as `1`, `1/2`, `1/3` …
//!
//! Phrases are the three-word shingles of the samples that the detector keeps, so no text is needed.

use std::cmp::Reverse;
use std::collections::HashMap;

use ahash::RandomState;

use crate::corpus::article::Date;
use crate::sketch::bottomk::Sample;

/// By how much the logarithm of a parent's likelihood falls with each phrase of the child that it
/// lacks and another has.
const STRANGE: f64 = 0.5;

/// How many that have a phrase are looked at: the first ones.
const HOLDERS: usize = 64;

/// How many supposed parents are weighed: those that share most phrases which few others have.
const SUPPOSED: usize = 16;

/// The fewest shared phrases that make a parent; one or two may be chance.
const MIN_PHRASES: usize = 3;

/// How much of the child the parent has where the child is called mostly contained.
const MOST: f64 = 0.5;

/// How many phrases that no other earlier member has are edits which two share.
const MIN_EDITS: usize = 2;

/// Why an article stands where it does in a family's tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Reason {
    /// No parent: it is the first of the family.
    First,
    /// No parent: it shares no phrases with any that came before.
    Independent,
    /// Beside phrases that others have too it has such as, of all earlier ones, the parent alone has.
    SharesEdits,
    /// The parent has most of it.
    ContainsMost,
    /// The parent has some of its phrases, and more than any other earlier member.
    SharesPhrases,
}

impl Reason {
    /// The name in small letters, as in JSON: `first`, `independent`, `shares-edits`,
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

/// Where an article of a family most likely comes from.
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

    /// The place of the parent in [`Provenance::members`], always before this one; `None` of the
    /// first and of those that have nothing from an earlier one.
    pub fn parent(&self) -> Option<usize> {
        self.parent
    }

    /// How likely this is, in `0..=1`: of a parent, that the article has its phrases from this one and
    /// not from another member; half of that where the dates do not say which of the two was first.
    /// Of the first, that none of the others was; it shares that with all that may have been.
    /// 0 of an independent one. A model's probability, not measured on known descents.
    pub fn certainty(&self) -> f32 {
        self.certainty
    }

    /// Why.
    pub fn reason(&self) -> Reason {
        self.reason
    }
}

/// The tree of a family: from which member each most likely derives.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Provenance {
    members: Vec<Descent>,
}

impl Provenance {
    /// The members, each after its parent; the first one told it first.
    pub fn members(&self) -> &[Descent] {
        &self.members
    }

    /// The id of the member that told it first.
    pub fn first(&self) -> &str {
        self.members.first().map_or("", Descent::id)
    }
}

/// What is known of a member.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Version<'a> {
    pub(crate) id: &'a str,
    pub(crate) date: Option<Date>,
    pub(crate) words: u32,
    pub(crate) sample: Sample<'a>,
}

/// The tree of some versions, whatever order they are given in. Linear in their number.
pub(crate) fn provenance(mut versions: Vec<Version<'_>>) -> Provenance {
    in_order_of_telling(&mut versions);
    let mut holders: HashMap<u32, Vec<u32>, RandomState> = HashMap::default();
    let mut members = Vec::with_capacity(versions.len());
    for (at, version) in versions.iter().enumerate() {
        let (parent, certainty, reason) = match best_parent(&versions, at, &holders) {
            Some((parent, certainty, reason)) => (Some(parent), certainty, reason),
            None if at == 0 => (None, certainty_of_first(&versions), Reason::First),
            None => (None, 0.0, Reason::Independent),
        };
        members.push(Descent { id: version.id.to_owned(), parent, certainty, reason });
        for &phrase in version.sample.values {
            let holders = holders.entry(phrase).or_default();
            if holders.len() < HOLDERS {
                holders.push(at as u32);
            }
        }
    }
    Provenance { members }
}

/// Puts what may have been told first first.
fn in_order_of_telling(versions: &mut [Version<'_>]) {
    let mut counts: HashMap<u32, u64, RandomState> = HashMap::default();
    for version in versions.iter() {
        version.sample.values.iter().for_each(|&phrase| *counts.entry(phrase).or_default() += 1);
    }
    // How many phrases of others a text has, from its sample.
    let common = |version: &Version<'_>| {
        let values = version.sample.values;
        let shared: u64 = values.iter().map(|phrase| counts[phrase] - 1).sum();
        shared * u64::from(version.words) / values.len().max(1) as u64
    };
    versions.sort_by_cached_key(|version| {
        let Version { id, date, words, .. } = *version;
        (date.is_none(), date, Reverse(common(version)), Reverse(words), id.to_owned())
    });
}

/// One of all that may have been the first.
fn certainty_of_first(versions: &[Version<'_>]) -> f32 {
    let first = versions[0].date;
    let others = versions.iter().filter(|version| version.date.is_none() || version.date == first);
    1.0 / others.count() as f32
}

/// A member that another may have its phrases from.
struct Supposed {
    at: usize,
    /// How likely it is beside the others.
    weight: f64,
    shared: usize,
    /// Its share of the child's phrases.
    contained: f64,
}

fn best_parent(
    versions: &[Version<'_>],
    child: usize,
    holders: &HashMap<u32, Vec<u32>, RandomState>,
) -> Option<(usize, f32, Reason)> {
    let own = versions[child].sample;
    // Each phrase has one vote for those that it may come from.
    let mut votes: HashMap<u32, f64, RandomState> = HashMap::default();
    let mut known = Vec::new();
    for phrase in own.values {
        let Some(holders) = holders.get(phrase) else { continue };
        known.push(*phrase);
        for &holder in holders {
            *votes.entry(holder).or_default() += 1.0 / holders.len() as f64;
        }
    }
    let mut supposed: Vec<(u32, f64)> = votes.into_iter().collect();
    supposed.sort_unstable_by(|x, y| y.1.total_cmp(&x.1).then(x.0.cmp(&y.0)));
    supposed.truncate(SUPPOSED);
    supposed.sort_unstable_by_key(|&(at, _)| at);
    let weigh = |(rank, &(at, _)): (usize, &(u32, f64))| {
        let sample = versions[at as usize].sample;
        let overlap = own.overlap_visiting(sample, |_| ());
        let reach = own.reach().min(sample.reach());
        let within = known.partition_point(|&phrase| phrase <= reach);
        // Of the whole sample, as far as the two can be compared.
        let scale = own.values.len() as f64 / overlap.left.max(1) as f64;
        let lacking = within.saturating_sub(overlap.shared) as f64 * scale;
        Supposed {
            at: at as usize,
            weight: libm::exp(-STRANGE * lacking) / (rank + 1) as f64,
            shared: overlap.shared,
            contained: overlap.of_left(),
        }
    };
    let supposed: Vec<Supposed> = supposed.iter().enumerate().map(weigh).collect();
    let all: f64 = supposed.iter().map(|parent| parent.weight).sum();
    let is_enough = |parent: &&Supposed| {
        parent.shared >= MIN_PHRASES || parent.contained >= MOST && parent.shared > 0
    };
    let best = supposed
        .iter()
        .filter(is_enough)
        .reduce(|best, next| if next.weight > best.weight { next } else { best })?;
    let (from, to) = (versions[best.at].date, versions[child].date);
    let is_before = from.zip(to).is_some_and(|(from, to)| from < to);
    let certainty = best.weight / all * if is_before { 1.0 } else { 0.5 };
    let is_alone = |phrase: &&u32| holders[*phrase] == [best.at as u32];
    let edits = known.iter().filter(is_alone).count();
    let reason = if edits >= MIN_EDITS && edits < best.shared {
        Reason::SharesEdits
    } else if best.contained >= MOST {
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

    /// The phrases of a made-up text; each number is one.
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
    fn a_copy_of_an_edited_copy_comes_from_that_one() {
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
    fn reprints_come_from_the_first_and_surely_only_where_dates_say_so() {
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
        // From either of two, and more likely from the first.
        assert_eq!(dated.members()[2].parent(), Some(0));
        assert!((dated.members()[2].certainty() - 2.0 / 3.0).abs() < 1e-6);
        let undated = of([None; 3]);
        assert!((undated.members()[0].certainty() - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!(undated.members()[1].certainty(), 0.5);
    }

    #[test]
    fn one_that_shares_nothing_is_independent() {
        let (one, other): (Vec<u32>, Vec<u32>) = ((0..40).collect(), (38..90).collect());
        let versions = vec![version("one", Some(1), &one), version("other", Some(2), &other)];
        let expected =
            [member("one", None, Reason::First), member("other", None, Reason::Independent)];
        assert_eq!(tree(versions), expected);
    }

    proptest! {
        /// A tree whatever the members are, and the same in any order.
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
