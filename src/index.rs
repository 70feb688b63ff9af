//! What depends on the collection as a whole: how much each word is worth, who is near whom.

use std::ops::Range;

use crate::article::Date;
use crate::candidates::{CandidateIndex, CandidateKeys, Scratch};
use crate::commonplaces::Commonplaces;
use crate::evidence::{Evidence, Side};
use crate::fingerprint::Fingerprint;
use crate::hash;
use crate::parallel;
use crate::terms::{TermVector, similarity};
use crate::vocabulary::Vocabulary;

/// An article as the detector keeps it.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) id: Box<str>,
    pub(crate) date: Option<Date>,
    pub(crate) fingerprint: Fingerprint,
}

/// An article weighed against the collection, in it or not.
#[derive(Debug, Clone, Default)]
struct Placed {
    vector: TermVector,
    /// How crowded its neighbourhood is, see [`density`].
    density: f32,
}

impl Placed {
    /// What the article is listed under.
    fn keys(&self, entry: &Entry) -> CandidateKeys {
        CandidateKeys::new(&entry.fingerprint, &self.vector, entry.date)
    }
}

/// The collection, ready to be asked. It belongs to one state of the detector: the weights follow
/// from what is in.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    /// Beside the entries; empty for removed ones.
    placed: Vec<Placed>,
    candidates: CandidateIndex,
    commonplaces: Commonplaces,
    /// How many articles are in.
    articles: usize,
}

/// Which neighbours of an article, closest first, tell how crowded its neighbourhood is. The
/// closest may be its own story; a story has few versions, a template or a topic has many texts.
const NEIGHBOURS: Range<usize> = 20..60;

/// What a neighbour counts that a small collection does not have: how close such neighbours are
/// among articles on one topic, since a small folder often has one.
const UNKNOWN_NEIGHBOUR: f32 = 0.18;

/// The mean similarity of an article's 20th to 60th closest neighbours among `others` articles.
/// One that is no candidate counts 0.
fn density(mut similarities: Vec<f32>, others: usize) -> f32 {
    similarities.sort_unstable_by(|x, y| y.total_cmp(x));
    let crowd = similarities.iter().take(NEIGHBOURS.end).skip(NEIGHBOURS.start);
    let unknown = NEIGHBOURS.end - others.clamp(NEIGHBOURS.start, NEIGHBOURS.end);
    (crowd.sum::<f32>() + unknown as f32 * UNKNOWN_NEIGHBOUR) / NEIGHBOURS.len() as f32
}

impl Index {
    /// Weighs every article by the counts of all, and lists it for the candidate nets. Linear in
    /// the articles and their candidates.
    pub(crate) fn new(entries: &[Option<Entry>], vocabulary: &Vocabulary) -> Self {
        let vector = |entry: &Entry| TermVector::new(&entry.fingerprint, vocabulary);
        let placed = parallel::map(
            entries,
            || (),
            |(), entry| Placed {
                vector: entry.as_ref().map(vector).unwrap_or_default(),
                density: 0.0,
            },
        );
        let articles = entries.iter().flatten().count();
        let commonplaces = Commonplaces::default();
        let mut index = Index { placed, candidates: CandidateIndex::new(), commonplaces, articles };
        for (entry, placed) in entries.iter().zip(&index.placed) {
            let keys = entry.as_ref().map(|entry| placed.keys(entry));
            let tie = entry.as_ref().map_or(0, |entry| hash::bytes(entry.id.as_bytes()));
            index.candidates.push(keys.as_ref(), tie);
        }
        let numbers: Vec<u32> = (0..entries.len() as u32).collect();
        index.commonplaces = index.count_commonplaces(entries, &numbers);
        let densities = parallel::map(&numbers, Scratch::default, |scratch, &number| {
            let Some(entry) = &entries[number as usize] else { return 0.0 };
            let placed = &index.placed[number as usize];
            let sketch = (&entry.fingerprint, &placed.vector, &placed.keys(entry));
            index.density(entries, sketch, Some(number), scratch)
        });
        index
            .placed
            .iter_mut()
            .zip(densities)
            .for_each(|(placed, density)| placed.density = density);
        index
    }

    /// The phrases that too many articles have. Reprints count once: a story that a hundred papers
    /// print in the same words does not make commonplaces of its phrases.
    fn count_commonplaces(&self, entries: &[Option<Entry>], numbers: &[u32]) -> Commonplaces {
        let counts = parallel::map(numbers, Scratch::default, |scratch, &number| {
            let fingerprint = &entries[number as usize].as_ref()?.fingerprint;
            let reprint = self.candidates.is_reprint(number, fingerprint, scratch);
            (!reprint).then(|| fingerprint.shingles())
        });
        Commonplaces::of(counts.iter().flatten().copied())
    }

    /// The candidates of an article of the collection, without itself.
    pub(crate) fn near(
        &self,
        entries: &[Option<Entry>],
        number: u32,
        scratch: &mut Scratch,
    ) -> Vec<u32> {
        let Some(entry) = &entries[number as usize] else { return Vec::new() };
        let keys = self.placed[number as usize].keys(entry);
        let found = self.candidates.find(&keys, scratch);
        found.iter().copied().filter(|&other| other != number).collect()
    }

    /// What is known of two articles of the collection.
    pub(crate) fn evidence(&self, entries: &[Option<Entry>], left: u32, right: u32) -> Evidence {
        match (self.side(entries, left), self.side(entries, right)) {
            (Some(left), Some(right)) => Evidence::new(left, right, &self.commonplaces),
            _ => Evidence::default(),
        }
    }

    fn side<'a>(&'a self, entries: &'a [Option<Entry>], number: u32) -> Option<Side<'a>> {
        let Entry { fingerprint, date, .. } = entries[number as usize].as_ref()?;
        let Placed { vector, density } = &self.placed[number as usize];
        Some(Side { fingerprint, vector, density: *density, date: *date })
    }

    /// The density around an article that is in the collection with the number `own`, or outside.
    fn density(
        &self,
        entries: &[Option<Entry>],
        (fingerprint, vector, keys): (&Fingerprint, &TermVector, &CandidateKeys),
        own: Option<u32>,
        scratch: &mut Scratch,
    ) -> f32 {
        let found = self.candidates.neighbours(keys, NEIGHBOURS.end + 1, scratch);
        let similarities = found.iter().filter(|&&other| Some(other) != own).filter_map(|&other| {
            let entry = entries[other as usize].as_ref()?;
            let other = &self.placed[other as usize].vector;
            Some(similarity(fingerprint, vector, &entry.fingerprint, other).all)
        });
        density(similarities.collect(), self.articles - usize::from(own.is_some()))
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        let vectors: usize = self.placed.iter().map(|placed| placed.vector.memory_usage()).sum();
        vectors
            + self.placed.capacity() * size_of::<Placed>()
            + self.candidates.memory_usage()
            + self.commonplaces.memory_usage()
    }
}

/// An article from outside, weighed against a collection as if it were in.
pub(crate) struct Visitor {
    fingerprint: Fingerprint,
    date: Option<Date>,
    placed: Placed,
    /// The article of the collection that has its id.
    pub(crate) twin: Option<u32>,
    /// The articles of the collection that are worth comparing with it.
    pub(crate) near: Vec<u32>,
}

impl Visitor {
    /// Weighs an article from outside. An article of the collection with the number `twin`, which
    /// may be itself, is none of its neighbours.
    pub(crate) fn new(
        fingerprint: Fingerprint,
        date: Option<Date>,
        twin: Option<u32>,
        (entries, vocabulary, index): (&[Option<Entry>], &Vocabulary, &Index),
    ) -> Self {
        let vector = TermVector::new(&fingerprint, vocabulary);
        let keys = CandidateKeys::new(&fingerprint, &vector, date);
        let mut scratch = Scratch::default();
        let found = index.candidates.find(&keys, &mut scratch);
        let near: Vec<u32> = found.iter().copied().filter(|&other| Some(other) != twin).collect();
        let sketch = (&fingerprint, &vector, &keys);
        let density = index.density(entries, sketch, twin, &mut scratch);
        Visitor { fingerprint, date, placed: Placed { vector, density }, twin, near }
    }

    fn side(&self) -> Side<'_> {
        let Placed { vector, density } = &self.placed;
        Side { fingerprint: &self.fingerprint, vector, density: *density, date: self.date }
    }

    /// What is known of it and an article of the collection.
    pub(crate) fn evidence(
        &self,
        (entries, index): (&[Option<Entry>], &Index),
        other: u32,
    ) -> Option<Evidence> {
        Some(Evidence::new(self.side(), index.side(entries, other)?, &index.commonplaces))
    }

    /// What is known of two articles from outside.
    pub(crate) fn evidence_with(&self, other: &Visitor, index: &Index) -> Evidence {
        Evidence::new(self.side(), other.side(), &index.commonplaces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f32, expected: f32) {
        assert!((found - expected).abs() < 1e-6, "{found}, {expected}");
    }

    #[test]
    fn density_is_the_mean_of_the_middle_neighbours() {
        let rising = |count: u8| (0..count).map(|n| f32::from(n) / 100.0).collect();
        // Of .99, .98, … the 20th to the 60th are .79 to .40.
        near(density(rising(100), 500), 0.595);
        // Those that are no candidates count 0.
        near(density(rising(10), 500), 0.0);
        near(density(vec![0.8; 30], 500), 0.8 / 4.0);
    }

    #[test]
    fn a_small_collection_has_neighbours_of_the_usual_density() {
        near(density(vec![], 0), UNKNOWN_NEIGHBOUR);
        near(density(vec![0.9; 20], 20), UNKNOWN_NEIGHBOUR);
        near(density(vec![0.9; 30], 30), 0.9 / 4.0 + UNKNOWN_NEIGHBOUR * 3.0 / 4.0);
        near(density(vec![0.9; 60], 60), 0.9);
    }
}
