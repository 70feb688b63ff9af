//! Details of a family that need its texts: paired sentences and likely sources; and its closer groups.

use std::collections::{BTreeSet, HashMap};

use retold::{Article, Families, Family, Level, Member, align, label};

use crate::collect::Collection;
use crate::common::aligned::{AlignmentEntry, Side};
use crate::common::report::{FamilyEntry, GroupEntry, OriginEntry, rounded};

/// The most members of a family in which every two are aligned. In a larger one each is aligned with the
/// representative and with its likely source.
const MAX_ALL_ALIGNED: usize = 10;

/// The most members of a family whose pairwise scores are written.
const MAX_SCORED: usize = 60;

/// The families of closer levels inside each family, by its level and representative.
pub struct Groups<'a> {
    inside: HashMap<(Level, &'a str), Vec<&'a Family>>,
}

impl<'a> Groups<'a> {
    pub fn new(families: &'a Families, level: Level) -> Self {
        let mut inside = HashMap::new();
        for level in Level::ALL.into_iter().filter(|&closer| closer <= level) {
            for (family, nested) in families.at(level).iter().zip(families.nested(level)) {
                inside.insert((level, family.representative()), nested);
            }
        }
        Self { inside }
    }

    /// The families of the next closer level inside one, the largest first.
    pub fn within(&self, family: &Family) -> Vec<GroupEntry<'a>> {
        let inside = self.inside.get(&(family.level(), family.representative()));
        let entry = |group: &&'a Family| GroupEntry {
            level: group.level().name(),
            members: group.members().iter().map(Member::id).collect(),
            closer: self.within(group),
        };
        inside.into_iter().flatten().map(entry).collect()
    }
}

/// Adds the most likely source of each member.
pub fn add_origins<'a>(
    entry: &mut FamilyEntry<'a>,
    family: &'a Family,
    collection: &'a Collection,
) {
    let tree = collection.detector.provenance(family);
    let ids: HashMap<&str, &'a str> = family.members().iter().map(|m| (m.id(), m.id())).collect();
    let parent = |at: usize| ids.get(tree.members().get(at)?.id()).copied();
    let mut origins: HashMap<&str, OriginEntry<'a>> = tree
        .members()
        .iter()
        .map(|descent| {
            let origin = OriginEntry {
                from: descent.parent().and_then(parent),
                certainty: rounded(descent.certainty().into()),
                reason: descent.reason().name(),
            };
            (descent.id(), origin)
        })
        .collect();
    for member in &mut entry.members {
        member.origin = origins.remove(member.id);
    }
}

/// Adds the label, the scores and the alignments.
pub fn add_details<'a>(family: &mut FamilyEntry<'a>, collection: &'a Collection) {
    let ids: Vec<&str> = family.members.iter().map(|member| member.id).collect();
    add_scores(family, &ids, collection);
    let articles: Vec<Article<'_>> = ids.iter().filter_map(|id| collection.article(id)).collect();
    family.label = Some(label(&articles));
    let sides: Vec<Side<'_>> =
        articles.iter().map(|article| Side::new(article.id(), article.text())).collect();
    let align = |(left, right): (usize, usize)| {
        let (left, right) = (&sides[left], &sides[right]);
        AlignmentEntry::new(left, right, &align(left.text, right.text))
    };
    family.alignments = Some(aligned_pairs(family, &ids).into_iter().map(align).collect());
}

/// The positions of the members to align, in order.
fn aligned_pairs(family: &FamilyEntry<'_>, ids: &[&str]) -> BTreeSet<(usize, usize)> {
    if ids.len() <= MAX_ALL_ALIGNED {
        return (0..ids.len())
            .flat_map(|right| (0..right).map(move |left| (left, right)))
            .collect();
    }
    let positions: HashMap<&str, usize> =
        ids.iter().enumerate().map(|(at, &id)| (id, at)).collect();
    let origins = family.members.iter().enumerate().filter_map(|(at, member)| {
        let from = *positions.get(member.origin.as_ref()?.from?)?;
        Some((at.min(from), at.max(from)))
    });
    origins.chain((1..ids.len()).map(|at| (0, at))).collect()
}

/// Adds the score and the containment of every two of the first members.
fn add_scores(family: &mut FamilyEntry<'_>, ids: &[&str], collection: &Collection) {
    let first = &ids[..ids.len().min(MAX_SCORED)];
    let mut contained = vec![vec![1.0; first.len()]; first.len()];
    let mut scores = Vec::with_capacity(first.len());
    for (at, id) in first.iter().enumerate() {
        let mut row = Vec::with_capacity(at);
        for (before, other) in first[..at].iter().enumerate() {
            // Both are in the detector.
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
