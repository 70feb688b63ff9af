//! Commonplaces: phrases that stand in so many articles of a collection that sharing one says
//! nothing of the story. An outlet's footer, a byline, "Source: …", the frame of a daily brief, an
//! idiom: what they have in common is that many articles have them, so they are learned by counting.

use crate::bottomk::{BottomK, Overlap};

/// How many tellings may have a phrase before it is a commonplace. Few stories are told more often
/// in the same phrase.
const MOST_TELLINGS: usize = 13;

/// How many rounds the counting takes: the room for it is that much smaller.
const ROUNDS: u32 = 16;

/// The phrases, by their shingle hashes, that more than [`MOST_TELLINGS`] articles have.
///
/// They are counted in the articles' samples. Two samples are compared only where both are
/// complete, and there the counts see all but what longer texts hide.
#[derive(Debug, Clone, Default)]
pub(crate) struct Commonplaces {
    /// Rising.
    hashes: Box<[u32]>,
}

impl Commonplaces {
    /// Counts the phrases of some articles. `O(n log n)` for `n` sampled shingles.
    pub(crate) fn of<'a>(samples: impl Iterator<Item = &'a BottomK> + Clone) -> Self {
        let mut hashes = Vec::new();
        let mut counted: Vec<u32> = Vec::new();
        for round in 0..ROUNDS {
            let values = samples.clone().flat_map(|sample| sample.values());
            counted.clear();
            counted.extend(values.filter(|&value| value % ROUNDS == round));
            counted.sort_unstable();
            let same = counted.chunk_by(|a, b| a == b);
            hashes.extend(same.filter(|same| same.len() > MOST_TELLINGS).map(|same| same[0]));
        }
        hashes.sort_unstable();
        Commonplaces { hashes: hashes.into() }
    }

    /// What two samples have in common, and how many of the shared phrases are commonplaces.
    pub(crate) fn overlap(&self, left: &BottomK, right: &BottomK) -> (Overlap, usize) {
        let mut common = 0;
        let overlap = left.overlap_visiting(right, |value| {
            common += usize::from(self.hashes.binary_search(&value).is_ok());
        });
        (overlap, common)
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        size_of_val(&*self.hashes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::mix;

    fn sample(phrases: &[u64]) -> BottomK {
        let hashes: Vec<u64> = phrases.iter().map(|&phrase| mix(phrase + 1)).collect();
        BottomK::of_hashes(128, &hashes)
    }

    fn shared(samples: &[BottomK], left: &BottomK, right: &BottomK) -> usize {
        Commonplaces::of(samples.iter()).overlap(left, right).1
    }

    #[test]
    fn a_phrase_is_common_once_more_articles_have_it_than_tell_one_story() {
        let footer = 7;
        let mut samples: Vec<BottomK> =
            (0..MOST_TELLINGS as u64).map(|n| sample(&[footer, 100 + n, 100 + n / 2])).collect();
        let (left, right) = (sample(&[footer, 1, 2, 3]), sample(&[footer, 2, 3, 4]));
        assert_eq!(shared(&samples, &left, &right), 0);
        samples.push(left.clone());
        assert_eq!(shared(&samples, &left, &right), 1);
        assert_eq!(shared(&samples, &left, &samples[3]), 1);
        samples.reverse();
        assert_eq!(shared(&samples, &left, &right), 1);
    }
}
