//! What only the texts of a family can tell: which sentences belong together, which member comes
//! from which; and what its closer groups are.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use retold::{Families, Family, Level, Member, align};

use crate::collect::Collection;
use crate::common::aligned::{AlignmentEntry, Side};
use crate::common::report::{FamilyEntry, GroupEntry, rounded};

/// In a family of so many members and fewer, every two are aligned. In a larger one each is aligned
/// with the representative and with the member that it comes from.
const ALL_ALIGNED: usize = 6;

/// Of so many members the score of every two is written.
const SCORED: usize = 60;

/// The families of closer levels, by their members.
pub struct Groups<'a> {
    levels: Vec<HashMap<&'a str, &'a Family>>,
}

impl<'a> Groups<'a> {
    pub fn new(families: &'a Families, level: Level) -> Self {
        let closer = [Level::Copy, Level::Retelling].into_iter().filter(|&closer| closer < level);
        let by_member = |level| {
            let members = |family: &'a Family| {
                family.members().iter().map(move |member: &Member| (member.id(), family))
            };
            families.at(level).iter().flat_map(members).collect()
        };
        Self { levels: closer.map(by_member).collect() }
    }

    /// The closer families inside one: the closest first, then the largest, then by their
    /// representatives.
    pub fn within(&self, family: &'a Family) -> Vec<GroupEntry<'a>> {
        let mut groups = Vec::new();
        for level in &self.levels {
            // Levels are nested: the family of a member is in this one with all its members.
            let found = family.members().iter().filter_map(|member| level.get(member.id()));
            let found: HashMap<&str, &&Family> =
                found.map(|group| (group.representative(), group)).collect();
            let mut found: Vec<&Family> = found.into_values().copied().collect();
            found.sort_unstable_by_key(|group| {
                (Reverse(group.len()), group.representative())
            });
            groups.extend(found.into_iter().map(|group| GroupEntry {
                level: group.level().name(),
                members: group.members().iter().map(Member::id).collect(),
            }));
        }
        groups
    }
}

/// Adds the scores, where each member comes from, and the alignments.
pub fn add_details<'a>(family: &mut FamilyEntry<'a>, collection: &'a Collection) {
    let ids: Vec<&str> = family.members.iter().map(|member| member.id).collect();
    add_likeness(family, &ids, collection);
    let text = |id: &str| collection.about.get(id).and_then(|about| about.text.as_deref());
    let sides: Vec<Side<'_>> =
        ids.iter().map(|id| Side::new(id, text(id).unwrap_or_default())).collect();
    let align = |(left, right): (usize, usize)| {
        let (left, right) = (&sides[left], &sides[right]);
        AlignmentEntry::new(left, right, &align(left.text, right.text))
    };
    family.alignments = Some(aligned_pairs(family, &ids).into_iter().map(align).collect());
}

/// The places of the members to be aligned, in order.
fn aligned_pairs(family: &FamilyEntry<'_>, ids: &[&str]) -> BTreeSet<(usize, usize)> {
    if ids.len() <= ALL_ALIGNED {
        return (0..ids.len()).flat_map(|right| (0..right).map(move |left| (left, right))).collect();
    }
    let places: HashMap<&str, usize> = ids.iter().enumerate().map(|(at, &id)| (id, at)).collect();
    let origins = family.members.iter().enumerate().filter_map(|(at, member)| {
        let from = *places.get(member.origin.as_ref()?.from)?;
        Some((at.min(from), at.max(from)))
    });
    origins.chain((1..ids.len()).map(|at| (0, at))).collect()
}

/// The score of every two of the first members, and how much of each stands in each.
fn add_likeness(family: &mut FamilyEntry<'_>, ids: &[&str], collection: &Collection) {
    let first = &ids[..ids.len().min(SCORED)];
    let mut contained = vec![vec![1.0; first.len()]; first.len()];
    let mut scores = Vec::with_capacity(first.len());
    for (at, id) in first.iter().enumerate() {
        let mut row = Vec::with_capacity(at);
        for (before, other) in first[..at].iter().enumerate() {
            // Both are in.
            let Some(evidence) = collection.detector.evidence(id, other) else { continue };
            row.push(rounded(evidence.score().into()));
            contained[at][before] = rounded(evidence.phrases.of_left());
            contained[before][at] = rounded(evidence.phrases.of_right());
        }
        scores.push(row);
    }
    family.scores = Some(scores);
    family.contained = Some(contained);
}
