//! The measures, on plain numbers without articles.
//!
//! A ratio with denominator 0 is `None`: `null` in JSON, `-` in the table.

use std::collections::HashMap;
use std::hash::Hash;

use serde::Serialize;

/// Precision, recall, and their harmonic mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Rates {
    pub(crate) precision: Option<f64>,
    pub(crate) recall: Option<f64>,
    pub(crate) f1: Option<f64>,
}

impl Rates {
    /// `hits` of the `reported` items are among the `relevant` ones.
    pub(crate) fn of_counts(hits: usize, reported: usize, relevant: usize) -> Self {
        Rates {
            precision: share(hits, reported),
            recall: share(hits, relevant),
            // From the counts: a run that reports nothing has no precision, but if there is something
            // to find it has an F1 of 0.
            f1: share(2 * hits, reported + relevant),
        }
    }
}

/// A ratio, if the whole is not 0.
pub(crate) fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The result of the best cut of a ranking: an upper bound, because it uses the labels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Oracle {
    pub(crate) f1: Option<f64>,
    /// The highest score that gives this F1 as the cut (`score >= threshold`).
    pub(crate) threshold: Option<f32>,
    pub(crate) average_precision: Option<f64>,
}

impl Oracle {
    /// Ranks pairs of a score and whether both are the same story. All `None` if no pair is.
    ///
    /// No cut separates equal scores, so they count as one step, in any order.
    pub(crate) fn new(mut scored: Vec<(f32, bool)>) -> Self {
        scored.sort_unstable_by(|x, y| y.0.total_cmp(&x.0));
        let relevant = scored.iter().filter(|(_, same)| *same).count();
        let mut oracle = Oracle { f1: None, threshold: None, average_precision: None };
        if relevant == 0 {
            return oracle;
        }
        let (mut hits, mut reported, mut average) = (0, 0, 0.0);
        for tied in scored.chunk_by(|x, y| x.0 == y.0) {
            let new = tied.iter().filter(|(_, same)| *same).count();
            hits += new;
            reported += tied.len();
            average += new as f64 / relevant as f64 * (hits as f64 / reported as f64);
            let f1 = Rates::of_counts(hits, reported, relevant).f1;
            if f1 > oracle.f1 {
                (oracle.f1, oracle.threshold) = (f1, Some(tied[0].0));
            }
        }
        Oracle { average_precision: Some(average), ..oracle }
    }
}

/// The number of pairs with a score in `from..to` (the last bin includes 1), and the share of them that
/// is the same story: about the score itself, if the score is calibrated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Tenth {
    pub(crate) from: f32,
    pub(crate) to: f32,
    pub(crate) pairs: usize,
    pub(crate) same: Option<f64>,
}

/// The ten tenths of the score, from the lowest.
pub(crate) fn reliability(scored: &[(f32, bool)]) -> Vec<Tenth> {
    let edge = |tenth: usize| tenth as f32 / 10.0;
    let mut counts = [(0, 0); 10];
    for &(score, same) in scored {
        let tenth = (1..10).filter(|&tenth| score >= edge(tenth)).count();
        counts[tenth].0 += 1;
        counts[tenth].1 += usize::from(same);
    }
    let tenth = |(at, &(pairs, same)): (usize, &(usize, usize))| Tenth {
        from: edge(at),
        to: edge(at + 1),
        pairs,
        same: share(same, pairs),
    };
    counts.iter().enumerate().map(tenth).collect()
}

/// The number of same-story pairs with a similarity in `j3_from..j3_to` (the first stratum includes 1),
/// and the share of them that is reported.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Stratum {
    pub(crate) j3_from: f64,
    pub(crate) j3_to: f64,
    pub(crate) pairs: usize,
    pub(crate) recall: Option<f64>,
}

/// The lower bounds of the strata, the most similar first.
const STRATA: [f64; 6] = [0.5, 0.2, 0.1, 0.05, 0.02, 0.0];

/// The strata of same-story pairs, each given as its Jaccard similarity of three-word shingles and
/// whether it is reported.
pub(crate) fn strata(pairs: &[(f64, bool)]) -> Vec<Stratum> {
    let mut j3_to = 1.0;
    let mut strata = Vec::new();
    for j3_from in STRATA {
        let inside = |j3: f64| j3 >= j3_from && (j3 < j3_to || j3_to == 1.0);
        let reported = pairs.iter().filter(|(j3, _)| inside(*j3)).map(|(_, reported)| *reported);
        let (all, found) = reported.fold((0, 0), |(n, k), yes| (n + 1, k + usize::from(yes)));
        strata.push(Stratum { j3_from, j3_to, pairs: all, recall: share(found, all) });
        j3_to = j3_from;
    }
    strata
}

/// Two groupings of the same items: `stories[i]` is the true group of item `i`, `families[i]` the found
/// one.
pub(crate) struct Partitions<'a> {
    stories: &'a [usize],
    families: &'a [usize],
    story_sizes: HashMap<usize, usize>,
    family_sizes: HashMap<usize, usize>,
    shared_sizes: HashMap<(usize, usize), usize>,
}

impl<'a> Partitions<'a> {
    /// Both slices have the same length.
    pub(crate) fn new(stories: &'a [usize], families: &'a [usize]) -> Self {
        Partitions {
            stories,
            families,
            story_sizes: sizes(stories.iter().copied()),
            family_sizes: sizes(families.iter().copied()),
            shared_sizes: sizes(stories.iter().copied().zip(families.iter().copied())),
        }
    }

    /// B-cubed: for each item, the share of its family that is of its story and the share of its story
    /// that is in its family, averaged over the items. F1 is the harmonic mean of the averages.
    pub(crate) fn b_cubed(&self) -> Rates {
        let things = self.stories.len();
        let (mut precision, mut recall) = (0.0, 0.0);
        for (story, family) in self.stories.iter().zip(self.families) {
            let shared = self.shared_sizes[&(*story, *family)] as f64;
            precision += shared / self.family_sizes[family] as f64;
            recall += shared / self.story_sizes[story] as f64;
        }
        let average = |sum: f64| (things > 0).then(|| sum / things as f64);
        Rates {
            precision: average(precision),
            recall: average(recall),
            // The number of items cancels out; an item shares itself, so neither sum is 0.
            f1: (things > 0)
                .then(|| 2.0 * precision * recall / (precision + recall) / things as f64),
        }
    }

    /// The Rand index adjusted for chance (Hubert and Arabie): 1 if both are the same, about 0 if they are
    /// independent.
    pub(crate) fn adjusted_rand(&self) -> f64 {
        let both = pairs_within(&self.shared_sizes);
        let (stories, families) =
            (pairs_within(&self.story_sizes), pairs_within(&self.family_sizes));
        let things = self.stories.len() as f64;
        let all = things * (things - 1.0) / 2.0;
        let largest = (stories + families) / 2.0;
        let by_chance = if all > 0.0 { stories * families / all } else { 0.0 };
        if largest == by_chance {
            // Both separate all items, or both join all: they agree.
            return 1.0;
        }
        (both - by_chance) / (largest - by_chance)
    }
}

fn sizes<K: Hash + Eq>(keys: impl Iterator<Item = K>) -> HashMap<K, usize> {
    let mut sizes = HashMap::new();
    keys.for_each(|key| *sizes.entry(key).or_default() += 1);
    sizes
}

/// The number of pairs of items in one group.
fn pairs_within<K>(sizes: &HashMap<K, usize>) -> f64 {
    // Summed as integers, so that the order of a hash map does not affect the last digit.
    sizes.values().map(|&size| size * (size - 1) / 2).sum::<usize>() as f64
}
