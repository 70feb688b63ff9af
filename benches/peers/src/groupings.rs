//! Groupings of articles: by events alone, and the agreement of two groupings.

use std::collections::{BTreeSet, HashMap};

use retold::{FamilyEvent, FamilyId};

/// Follows the families by their events.
#[derive(Default)]
pub struct Listener {
    family_of: HashMap<String, FamilyId>,
    members: HashMap<FamilyId, BTreeSet<String>>,
    /// The highest id so far.
    last: Option<FamilyId>,
    /// Number of events so far.
    pub heard: usize,
}

impl Listener {
    /// Applies an event.
    ///
    /// # Errors
    /// The event, if it reuses an id, names an unknown one, or contradicts the family of an article.
    pub fn hear(&mut self, event: &FamilyEvent) -> Result<(), String> {
        self.heard += 1;
        let done = match event {
            FamilyEvent::Founded { family, members } => {
                self.found(*family) && members.iter().all(|member| self.put_in(member, *family))
            }
            FamilyEvent::Joined { family, article } => {
                self.members.contains_key(family) && self.put_in(article, *family)
            }
            FamilyEvent::Left { family, article } => self.take_out(article, *family),
            FamilyEvent::Merged { from, into } => {
                self.members.contains_key(into)
                    && self.end(*from).is_some_and(|members| {
                        members.iter().all(|member| self.put_in(member, *into))
                    })
            }
            FamilyEvent::Split { from, into, members } => {
                let leave = |listener: &mut Self, member: &String| {
                    listener.take_out(member, *from) && listener.put_in(member, *into)
                };
                self.found(*into) && members.iter().all(|member| leave(self, member))
            }
            FamilyEvent::Ended { family } => self.end(*family).is_some(),
            _ => false,
        };
        if done { Ok(()) } else { Err(format!("{event:?}")) }
    }

    /// Ids rise, so an id above all others is new.
    fn found(&mut self, family: FamilyId) -> bool {
        let is_new = self.last.is_none_or(|last| last < family);
        self.last = self.last.max(Some(family));
        self.members.insert(family, BTreeSet::new());
        is_new
    }

    fn put_in(&mut self, article: &str, family: FamilyId) -> bool {
        self.members.entry(family).or_default().insert(article.to_owned());
        self.family_of.insert(article.to_owned(), family).is_none()
    }

    fn take_out(&mut self, article: &str, family: FamilyId) -> bool {
        self.members.entry(family).or_default().remove(article);
        self.family_of.remove(article) == Some(family)
    }

    fn end(&mut self, family: FamilyId) -> Option<BTreeSet<String>> {
        let members = self.members.remove(&family)?;
        members.iter().for_each(|member| _ = self.family_of.remove(member));
        Some(members)
    }

    /// The family of an article by the events so far.
    pub fn family_of(&self, article: &str) -> Option<FamilyId> {
        self.family_of.get(article).copied()
    }

    /// Number of articles in families.
    pub fn grouped(&self) -> usize {
        self.family_of.len()
    }
}

/// B-cubed F1 of two groupings of the same articles, each given as the group of each article, `None`
/// for an article in no group.
pub fn agreement(one: &[Option<u64>], other: &[Option<u64>]) -> f64 {
    let groups = |of: &[Option<u64>]| -> Vec<Group> {
        let group = |(n, group): (usize, &Option<u64>)| group.ok_or(n);
        of.iter().enumerate().map(group).collect()
    };
    let (one, other) = (groups(one), groups(other));
    let both: Vec<_> = one.iter().copied().zip(other.iter().copied()).collect();
    let (sizes, other_sizes, shared) = (counts(&one), counts(&other), counts(&both));
    let (mut precision, mut recall) = (0.0, 0.0);
    for pair in &both {
        precision += shared[pair] as f64 / sizes[&pair.0] as f64;
        recall += shared[pair] as f64 / other_sizes[&pair.1] as f64;
    }
    2.0 * precision * recall / (precision + recall) / both.len() as f64
}

/// A group by its number; an article in no group is a group of its own.
type Group = Result<u64, usize>;

fn counts<T: std::hash::Hash + Eq + Copy>(items: &[T]) -> HashMap<T, usize> {
    let mut counts = HashMap::new();
    for item in items {
        *counts.entry(*item).or_insert(0) += 1;
    }
    counts
}
