//! What the articles of a part have in common, counted once.

use std::ops::RangeInclusive;

use super::MOST_TELLINGS;
use super::counting::in_parts;
use crate::bottomk::Sample;
use crate::column::Column;
use crate::kernel::RadixSort;

/// How many phrases are sorted at a time.
const SORTED: usize = 1 << 18;

/// How many phrases of one tally are counted anew at a time, about.
pub(super) const SLICE: usize = if cfg!(test) { 1 << 8 } else { 1 << 16 };

/// More tellings than these need not be told apart: so many of one part make any phrase a commonplace.
const MOST_COUNTED: usize = MOST_TELLINGS + 1;

/// The phrases that at least two of some tellings have, and how far their samples reach.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    /// By their shingle hashes, rising.
    phrases: Column<u32>,
    /// Beside them how many tellings have each, up to [`MOST_COUNTED`].
    counts: Column<u8>,
    /// Of each telling, rising.
    reaches: Column<u32>,
}

impl Tally {
    /// Counts the phrases of some tellings. Linear in the sampled shingles.
    pub(crate) fn of<'a>(samples: impl Iterator<Item = Sample<'a>>) -> Self {
        let samples: Vec<Sample<'a>> = samples.collect();
        let mut reaches: Vec<u32> = samples.iter().map(Sample::reach).collect();
        reaches.sort_unstable();
        let twice = in_parts(
            samples,
            0..=u32::MAX,
            SORTED,
            |part, values, sorter: &mut RadixSort<u32>, twice| {
                // All that the values of a part differ in are some lower bits.
                values.iter_mut().for_each(|value| *value -= part.start());
                sorter.sort(values, 0);
                let same = values.chunk_by(|one, other| one == other);
                let counted = same.filter(|same| same.len() > 1);
                twice.extend(
                    counted
                        .map(|same| (same[0] + part.start(), same.len().min(MOST_COUNTED) as u8)),
                );
            },
        );
        let (phrases, counts): (Vec<u32>, Vec<u8>) = twice.into_iter().unzip();
        Tally { phrases: phrases.into(), counts: counts.into(), reaches: reaches.into() }
    }

    /// The phrases within bounds, rising, and how many tellings have each.
    pub(super) fn counts(
        &self,
        within: RangeInclusive<u32>,
    ) -> impl ExactSizeIterator<Item = (u32, u8)> + Clone {
        let below = self.phrases.partition_point(|phrase| phrase < within.start());
        let upto = self.phrases.partition_point(|phrase| phrase <= within.end());
        let counts = self.counts[below..upto].iter().copied();
        self.phrases[below..upto].iter().copied().zip(counts)
    }

    /// How far the samples reach, rising.
    pub(super) fn reaches(&self) -> &[u32] {
        &self.reaches
    }

    /// In how many slices the phrases of some tallies are counted anew: so many that the largest tally
    /// has about as many phrases in each as are counted at a time.
    pub(crate) fn slices(tallies: &[&Tally]) -> usize {
        let largest = tallies.iter().map(|tally| tally.phrases.len()).max();
        largest.map_or(1, |phrases| phrases.div_ceil(SLICE).max(1))
    }

    /// The last hash of the slice that begins with this one.
    pub(crate) fn slice_end(tallies: &[&Tally], first: u32) -> u32 {
        let Some(largest) = tallies.iter().max_by_key(|tally| tally.phrases.len()) else {
            return u32::MAX;
        };
        let size = largest.phrases.len().div_ceil(Self::slices(tallies));
        let next = largest.phrases.partition_point(|&phrase| phrase < first) + size;
        match largest.phrases.get(next) {
            Some(&next) => next - 1,
            None => u32::MAX,
        }
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.phrases.memory_usage() + self.counts.memory_usage() + self.reaches.memory_usage()
    }
}

/// What a file keeps of a tally, and gives back.
#[cfg(feature = "archive")]
impl Tally {
    /// The arrays that it is made of: phrases, how many tellings have each, how far each sample reaches.
    pub(crate) fn columns(&self) -> (&[u32], &[u8], &[u32]) {
        (&self.phrases, &self.counts, &self.reaches)
    }

    /// The tally that has these arrays.
    pub(crate) fn of_columns(
        phrases: Column<u32>,
        counts: Column<u8>,
        reaches: Column<u32>,
    ) -> Self {
        Tally { phrases, counts, reaches }
    }

    /// Whether these may be the arrays of a tally of so many tellings, of whose samples all have so
    /// many values together.
    pub(crate) fn makes_sense(
        (phrases, counts, reaches): (&[u32], &[u8], &[u32]),
        tellings: usize,
        values: usize,
    ) -> bool {
        let may_be = |&count: &u8| (2..=MOST_COUNTED.min(tellings)).contains(&count.into());
        phrases.len() == counts.len()
            && reaches.len() == tellings
            && phrases.is_sorted_by(|one, two| one < two)
            && counts.iter().all(may_be)
            && counts.iter().map(|&count| usize::from(count)).sum::<usize>() <= values
            && reaches.is_sorted()
    }
}
