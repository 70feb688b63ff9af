//! What only the texts of a family can tell: which sentences belong together, which member comes
//! from which; and what its closer groups are.

use std::collections::{BTreeSet, HashMap};

use retold::{Article, Families, Family, Level, Member, align};

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
                (std::cmp::Reverse(group.len()), group.representative())
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
pub fn add_details(family: &mut FamilyEntry<'_>, collection: &Collection) {
    let ids: Vec<&str> = family.members.iter().map(|member| member.id).collect();
    family.scores = Some(scores(&ids, collection));
    let text = |id| collection.about.get(id).and_then(|about| about.text.as_deref());
    let sides: Vec<Side<'_>> =
        ids.iter().map(|id| Side::new(id, text(id).unwrap_or_default())).collect();
    let origins = &family.members.iter().map(|member| member.origin.as_ref().map(|o| o.from)).collect::<Vec<_>>();
    let pairs = aligned_pairs(&ids, origins);
    let align = |(left, right): (usize, usize)| {
        let (left, right) = (&sides[left], &sides[right]);
        AlignmentEntry::new(left, right, &align(left.text, right.text))
    };
    family.alignments = Some(pairs.into_iter().map(align).collect());
}

fn scores(ids: &[&str], collection: &Collection) -> Vec<Vec<f64>> {
    let score = |one, other| {
        let evidence = collection.detector.evidence(one, other);
        evidence.map_or(0.0, |evidence| rounded(evidence.score().into()))
    };
    let first = &ids[..ids.len().min(SCORED)];
    first
        .iter()
        .enumerate()
        .map(|(at, id)| first[..at].iter().map(|before| score(id, before)).collect())
        .collect()
}
