//! Groupings of articles: what a listener knows by events alone, and how far two groupings agree.

use std::collections::{BTreeSet, HashMap};

use retold::{FamilyEvent, FamilyId};

/// Knows the families by what happened to them.
#[derive(Default)]
pub struct Listener {
    family_of: HashMap<String, FamilyId>,
    members: HashMap<FamilyId, BTreeSet<String>>,
    /// The highest id that was ever given.
    last: Option<FamilyId>,
    /// How many events there were.
    pub heard: usize,
}

impl Listener {
    /// Hears what happened.
    ///
    /// # Errors
    /// What is wrong with it: an id that is used again or was never heard of, an article that is in
    /// another family than the event says.
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

    /// Ids rise, so one that is above all others was never given before.
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

    /// The family of an article, as far as was heard.
    pub fn family_of(&self, article: &str) -> Option<FamilyId> {
        self.family_of.get(article).copied()
    }

    /// How many articles are in families.
    pub fn grouped(&self) -> usize {
        self.family_of.len()
    }
}

/// B-cubed F1 of two groupings of the same articles, each given as the group of each article; `None`
/// for one that stands alone.
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

/// A group by its number; who stands alone is one of its own.
type Group = Result<u64, usize>;

fn counts<T: std::hash::Hash + Eq + Copy>(items: &[T]) -> HashMap<T, usize> {
    let mut counts = HashMap::new();
    for item in items {
        *counts.entry(*item).or_insert(0) += 1;
    }
    counts
}
