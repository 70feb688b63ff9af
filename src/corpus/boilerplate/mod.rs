//! BoilerplatePhrases: phrases that stand in so many articles of a collection that sharing one says
//! nothing of the story. An outlet's footer, a byline, "Source: …", the frame of a daily brief, an
//! idiom: what they have in common is that many articles have them, so they are learned by counting.
//!
//! A detector counts all its articles at once. Of an archive, the large parts keep a [`PhraseCounts`] of what
//! their own articles have in common, and the phrases are counted anew from those, one slice of their
//! hashes after the other, with the articles of the small parts. A phrase that only one article of a
//! part has is not in the part's phrase count table: at most as many articles are overlooked for each phrase as
//! there are phrase count tables.

mod counting;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use crate::sketch::bottomk::{Overlap, Sample};

pub(crate) use counting::PhraseCounts;
use counting::{COUNTED, bucket_of, common};

/// How many tellings may have a phrase before it is a commonplace. Few stories are told more often
/// in the same phrase.
const MAX_DOCUMENT_FREQUENCY: usize = 16;

/// The phrases, by their shingle hashes, that more than [`MAX_DOCUMENT_FREQUENCY`] articles have.
///
/// They are counted in the articles' samples. A sample shows all phrases of its article up to its
/// reach, so how many articles have a phrase is estimated from those that reach so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct BoilerplatePhrases {
    /// Rising.
    hashes: Box<[u32]>,
    /// A bit for each value of [`spread`]; those of the hashes are set.
    filter: Box<[u64]>,
}

impl BoilerplatePhrases {
    /// Counts the phrases of some articles. Linear in the sampled shingles.
    pub(crate) fn of<'a>(samples: impl Iterator<Item = Sample<'a>>) -> Self {
        BoilerplatePhrases::new(common(samples.collect(), &[], 0..=u32::MAX, COUNTED))
    }

    /// Counts the phrases of these hashes anew, in some articles and in the phrase count tables of others. Those of
    /// other hashes stay as they were counted.
    pub(crate) fn count_anew<'a>(
        &mut self,
        hashes: RangeInclusive<u32>,
        samples: impl Iterator<Item = Sample<'a>>,
        precounts: &[&PhraseCounts],
    ) {
        let below = self.hashes.partition_point(|hash| hash < hashes.start());
        let upto = self.hashes.partition_point(|hash| hash <= hashes.end());
        let found = common(samples.collect(), precounts, hashes, COUNTED);
        if found != self.hashes[below..upto] {
            let all = [&self.hashes[..below], &found, &self.hashes[upto..]].concat();
            *self = BoilerplatePhrases::new(all);
        }
    }

    /// The phrases of these hashes, which rise.
    pub(crate) fn new(hashes: Vec<u32>) -> Self {
        let bits = filter_bits(hashes.len());
        let mut filter = vec![0u64; (1 << bits) / 64].into_boxed_slice();
        for &hash in &hashes {
            let place = bucket_of(hash, bits);
            filter[place / 64] |= 1 << (place % 64);
        }
        BoilerplatePhrases { hashes: hashes.into(), filter }
    }

    /// The hashes of the phrases, rising.
    #[cfg(feature = "archive")]
    pub(crate) fn hashes(&self) -> &[u32] {
        &self.hashes
    }

    /// What two samples have in common, and how many of the shared phrases are boilerplate phrases.
    pub(crate) fn overlap(&self, left: Sample<'_>, right: Sample<'_>) -> (Overlap, usize) {
        let mut common = 0;
        let bits = filter_bits(self.hashes.len());
        let overlap = left.overlap_visiting(right, |value| {
            let place = bucket_of(value, bits);
            // Few of the shared phrases are looked for among the hashes in vain.
            let may_be =
                self.filter.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1);
            common += usize::from(may_be && self.hashes.binary_search(&value).is_ok());
        });
        (overlap, common)
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        size_of_val(&*self.hashes) + size_of_val(&*self.filter)
    }
}

/// How many bits the places in the filter of some hashes have: sixteen places for each hash.
fn filter_bits(hashes: usize) -> u32 {
    (16 * hashes).next_power_of_two().trailing_zeros().clamp(6, 31)
}
