//! Boilerplate phrases: phrases with such a high document frequency that a shared one is no evidence
//! of a shared story. A footer of an outlet, a byline, "Source: …", the frame of a daily brief and an
//! idiom look different, but all occur in many articles, so counting finds them without rules.
//!
//! Takes the samples of articles; gives the set of [`BoilerplatePhrases`]. There are two ways to count:
//!
//! * all samples at once, in time linear in the sampled shingles;
//! * for a collection that changes, a [`PhraseCounts`] of each large, immutable group of articles is
//!   made once. The set is then recounted from these tables and the samples of all other articles, one
//!   slice of the hashes after another, so that no single step takes long.
//!
//! How many articles a phrase needs grows with the collection, see [`max_document_frequency`]: a turn of
//! speech is in about the same share of all articles, so beside a fixed number ever more of the language
//! would be boilerplate.
//!
//! Such a table omits the phrases that only one of its articles has, which are most of them. So the count
//! of a phrase is never too high, and too low by at most the number of tables. A complete table of a range of
//! hashes omits none, for a count that must be exact.

mod counting;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use crate::sketch::bottomk::{Overlap, Sample};

pub(crate) use counting::PhraseCounts;
use counting::{PART_SIZE, bucket_of, frequent_phrases};

/// The most articles of a small collection that may contain a phrase that is not boilerplate. Few stories
/// have more versions that share one phrase.
const MAX_DOCUMENT_FREQUENCY: usize = 16;

/// The number of articles up to which a collection is small: the size of the sets that
/// [`MAX_DOCUMENT_FREQUENCY`] was chosen on.
const MAX_SMALL: usize = 1500;

/// The most articles that may contain a phrase that is not boilerplate in a collection of any size, so that
/// a count fits into a byte. Among a thousand million articles a hash is met by chance about a hundred
/// times, so chance does not reach it.
const MAX_OF_ANY_SIZE: usize = u8::MAX as usize - 1;

/// Returns the most of `articles` articles that may contain a phrase that is not boilerplate.
///
/// It grows with the square root of their number. Where a collection grows by more of the same sources,
/// each phrase keeps its share of the articles, and so would the bound; where it grows by other sources, the
/// footer of one keeps its number, and so would the bound. The square root is between the two (measured in
/// the design page).
fn max_document_frequency(articles: usize) -> usize {
    let grown = (MAX_DOCUMENT_FREQUENCY.pow(2).saturating_mul(articles) / MAX_SMALL).isqrt();
    grown.clamp(MAX_DOCUMENT_FREQUENCY, MAX_OF_ANY_SIZE)
}

/// The phrases, as shingle hashes, whose document frequency is above [`max_document_frequency`].
///
/// The frequency is estimated from samples. A sample holds all phrases of its article up to its largest
/// hash, its *reach*, so only the articles whose reach includes a phrase count for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct BoilerplatePhrases {
    /// Rising.
    hashes: Box<[u32]>,
    /// A bitmap by [`bucket_of`]; the bits of the hashes are set.
    filter: Box<[u64]>,
}

impl BoilerplatePhrases {
    /// Counts the phrases of these samples. Linear in the sampled shingles.
    pub(crate) fn of<'a>(samples: impl Iterator<Item = Sample<'a>>) -> Self {
        BoilerplatePhrases::new(frequent_phrases(samples.collect(), &[], 0..=u32::MAX, PART_SIZE))
    }

    /// Counts the phrases of a range of hashes, from [complete](PhraseCounts::complete) tables of all
    /// articles.
    pub(crate) fn of_tables(tables: &[&PhraseCounts], hashes: RangeInclusive<u32>) -> Self {
        BoilerplatePhrases::new(frequent_phrases(Vec::new(), tables, hashes, PART_SIZE))
    }

    /// Recounts the phrases of a range of hashes, from the samples of some articles and the tables of
    /// the others. Phrases outside the range stay.
    pub(crate) fn count_anew<'a>(
        &mut self,
        hashes: RangeInclusive<u32>,
        samples: impl Iterator<Item = Sample<'a>>,
        tables: &[&PhraseCounts],
    ) {
        let below = self.hashes.partition_point(|hash| hash < hashes.start());
        let upto = self.hashes.partition_point(|hash| hash <= hashes.end());
        let found = frequent_phrases(samples.collect(), tables, hashes, PART_SIZE);
        if found != self.hashes[below..upto] {
            let all = [&self.hashes[..below], &found, &self.hashes[upto..]].concat();
            *self = BoilerplatePhrases::new(all);
        }
    }

    /// Creates the set from its hashes, which rise.
    pub(crate) fn new(hashes: Vec<u32>) -> Self {
        let bits = filter_bits(hashes.len());
        let mut filter = vec![0u64; (1 << bits) / 64].into_boxed_slice();
        for &hash in &hashes {
            let bucket = bucket_of(hash, bits);
            filter[bucket / 64] |= 1 << (bucket % 64);
        }
        BoilerplatePhrases { hashes: hashes.into(), filter }
    }

    pub(crate) fn hashes(&self) -> &[u32] {
        &self.hashes
    }

    /// Returns the overlap of two samples, and the number of shared phrases that are boilerplate.
    pub(crate) fn overlap(&self, left: Sample<'_>, right: Sample<'_>) -> (Overlap, usize) {
        let mut boilerplate = 0;
        let bits = filter_bits(self.hashes.len());
        let overlap = left.overlap_visiting(right, |value| {
            let bucket = bucket_of(value, bits);
            // The filter saves most of the binary searches that find nothing.
            let word = self.filter.get(bucket / 64);
            let is_marked = word.is_some_and(|word| word >> (bucket % 64) & 1 == 1);
            boilerplate += usize::from(is_marked && self.hashes.binary_search(&value).is_ok());
        });
        (overlap, boilerplate)
    }

    pub(crate) fn memory_usage(&self) -> usize {
        size_of_val(&*self.hashes) + size_of_val(&*self.filter)
    }
}

/// Returns the bits of a bucket of the filter: sixteen buckets for each hash.
fn filter_bits(hashes: usize) -> u32 {
    (16 * hashes).next_power_of_two().trailing_zeros().clamp(6, 31)
}
