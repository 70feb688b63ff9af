//! Counts in how many articles each phrase occurs.
//!
//! Takes samples of articles and tables of earlier counts; gives the phrases that are frequent enough,
//! or a new table. The hashes are split into parts by value, so that the counters of one part fit into
//! the cache, and the parts are counted on several threads. The cost is linear in the sampled shingles.
//!
//! A hash map of all phrases would miss the cache for each of them. Instead [`Counting`] increments
//! small counters that several phrases share, and only the few phrases under a high counter are sorted
//! and counted exactly.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use super::{MAX_DOCUMENT_FREQUENCY, MAX_OF_ANY_SIZE, max_document_frequency};
use crate::kernel::{RadixSort, prefetch};
use crate::parallel;
use crate::sketch::bottomk::Sample;
use crate::store::column::Column;

/// The number of phrases in a part, about: their counters stay in the cache.
pub(super) const PART_SIZE: usize = 1 << 21;

/// The most parts. More of them save less than they cost, because each part visits every sample.
const MAX_PARTS: usize = 32;

/// The most runs of parts that are counted at the same time.
const MAX_RUNS: usize = 4;

/// The number of samples between the one that is read and the one that is prefetched.
const PREFETCH_DISTANCE: usize = 8;

/// The number of values of a sample that are prefetched.
const PREFETCH_LEN: usize = 32;

/// The number of phrases, about, whose values decide the bounds of the parts.
const SURVEY_SIZE: usize = 1 << 14;

/// Returns the phrases within the bounds that enough articles have to be boilerplate, rising: articles
/// of these samples and of these tables.
pub(super) fn frequent_phrases(
    samples: Vec<Sample<'_>>,
    tables: &[&PhraseCounts],
    within: RangeInclusive<u32>,
    part_size: usize,
) -> Vec<u32> {
    if tables.is_empty() && samples.len() <= MAX_DOCUMENT_FREQUENCY / 2 {
        return Vec::new();
    }
    let reaches = Reaches::new(&samples, tables, within.clone());
    in_parts(samples, within, part_size, |part, values, counting: &mut Counting, frequent| {
        let counted = tables.iter().flat_map(|table| table.counts(part.clone()));
        counting.keep_frequent(values, counted, &reaches);
        counting.often.sort_unstable();
        for same in counting.often.chunk_by(|(one, _), (other, _)| one == other) {
            let articles: usize = same.iter().map(|&(_, count)| usize::from(count)).sum();
            if articles >= reaches.needed_exactly(same[0].0) {
                frequent.push(same[0].0);
            }
        }
    })
}

/// Processes the phrases of some samples part by part: `work` takes a part of the hashes and its
/// phrases, once for each sample that has them. The results come in the order of the parts.
pub(super) fn in_parts<S: Default, R: Clone + Send>(
    mut samples: Vec<Sample<'_>>,
    within: RangeInclusive<u32>,
    part_size: usize,
    work: impl Fn(&RangeInclusive<u32>, &mut Vec<u32>, &mut S, &mut Vec<R>) + Sync + Send,
) -> Vec<R> {
    // Every part reads every sample, so they are visited in the order of their addresses.
    samples.sort_unstable_by_key(|sample| sample.values.as_ptr());
    let parts = parts(&samples, within, part_size);
    let runs: Vec<_> = parts.chunks(parts.len().div_ceil(MAX_RUNS)).collect();
    let found = parallel::map(&runs, Default::default, |(values, scratch), parts| {
        let first = parts.first().map_or(0, |part| *part.start());
        let from_first = |values: &[u32]| values.partition_point(|&value| value < first);
        let mut rests: Vec<&[u32]> =
            samples.iter().map(|sample| &sample.values[from_first(sample.values)..]).collect();
        let mut found = Vec::new();
        for part in *parts {
            next_part(&mut rests, part, values);
            work(part, values, scratch, &mut found);
        }
        found
    });
    found.concat()
}

/// Moves the values of a part from the rests of some samples, which begin with them, into `values`.
fn next_part(rests: &mut [&[u32]], part: &RangeInclusive<u32>, values: &mut Vec<u32>) {
    values.clear();
    for at in 0..rests.len() {
        if let Some(rest) = rests.get(at + PREFETCH_DISTANCE) {
            prefetch(&rest[..rest.len().min(PREFETCH_LEN)]);
        }
        let rest = &mut rests[at];
        let of_part = rest.iter().take_while(|value| *value <= part.end()).count();
        let (of_part, others) = rest.split_at(of_part);
        values.extend_from_slice(of_part);
        *rest = others;
    }
}

/// Splits the bounds into rising parts with about `part_size` phrases of the samples each.
pub(super) fn parts(
    samples: &[Sample<'_>],
    within: RangeInclusive<u32>,
    part_size: usize,
) -> Vec<RangeInclusive<u32>> {
    let all: usize = samples.iter().map(|sample| sample.values.len()).sum();
    if all <= part_size {
        return vec![within];
    }
    let surveyed = samples.iter().step_by((all / SURVEY_SIZE).max(1));
    let mut values: Vec<u32> = surveyed.flat_map(|sample| sample.values).copied().collect();
    let surveyed = values.len().max(1);
    values.retain(|value| within.contains(value));
    values.sort_unstable();
    let count = (all * values.len() / surveyed).div_ceil(part_size).min(MAX_PARTS);
    let mut parts = Vec::new();
    let (mut first, end) = within.into_inner();
    for part in 1..count {
        let last = values.get(values.len() * part / count).copied().unwrap_or_default();
        if (first..end).contains(&last) {
            parts.push(first..=last);
            first = last + 1;
        }
    }
    parts.push(first..=end);
    parts
}

/// Maps a hash to one of `1 << bits` buckets. The hashes of a sample are the least of many, so their
/// high bits are not uniform and are mixed first.
pub(super) fn bucket_of(value: u32, bits: u32) -> usize {
    (value.wrapping_mul(0x9e37_79b1) >> (32 - bits)) as usize
}

/// The buffers of one thread that counts.
#[derive(Default)]
struct Counting {
    counters: Vec<u8>,
    /// Phrases that may be frequent, with the number of articles of each source.
    often: Vec<(u32, u8)>,
}

impl Counting {
    /// Fills `often` with all phrases that may be frequent enough, and a few others: from `values`, each
    /// from one article, and from counted phrases.
    fn keep_frequent(
        &mut self,
        values: &[u32],
        counted: impl Iterator<Item = (u32, u8)> + Clone,
        reaches: &Reaches<'_>,
    ) {
        let Counting { counters, often } = self;
        // Up to four values share a counter, which seldom makes a rare phrase look frequent. A counted
        // phrase has several articles, so it gets a counter of its own.
        let needed = values.len() / 4 + counted.clone().count();
        let bits = needed.next_power_of_two().trailing_zeros().clamp(6, 31);
        counters.clear();
        counters.resize(1 << bits, 0u8);
        let all = values.iter().map(|&value| (value, 1)).chain(counted);
        all.clone().for_each(|(value, count)| {
            let counter = &mut counters[bucket_of(value, bits)];
            *counter = counter.saturating_add(count);
        });
        often.clear();
        all.for_each(|(value, count)| {
            let total = usize::from(counters[bucket_of(value, bits)]);
            if total > MAX_DOCUMENT_FREQUENCY / 2
                && total >= reaches.needed(value).min(u8::MAX.into())
            {
                often.push((value, count));
            }
        });
    }
}

/// The reaches of samples, which say for each hash how many samples would contain it.
pub(super) struct Reaches<'a> {
    /// Those of the samples, then those of each table; each list rises.
    rising: Vec<Cow<'a, [u32]>>,
    /// Their number.
    all: usize,
    /// By the high bits of a value within the bounds, less `first`: the least count that any phrase with
    /// these bits needs.
    least_needed: Vec<usize>,
    first: usize,
    /// The number of high bits, which rises with the number of samples.
    bits: u32,
}

impl<'a> Reaches<'a> {
    const MAX_BITS: u32 = 12;

    /// Prepares look-ups of values within the bounds.
    pub(super) fn new(
        samples: &[Sample<'_>],
        tables: &[&'a PhraseCounts],
        within: RangeInclusive<u32>,
    ) -> Self {
        let mut of_samples: Vec<u32> = samples.iter().map(Sample::reach).collect();
        of_samples.sort_unstable();
        let mut rising = vec![Cow::Owned(of_samples)];
        rising.extend(tables.iter().map(|table| Cow::Borrowed(&*table.reaches)));
        let all: usize = rising.iter().map(|rising| rising.len()).sum();
        let bits = all.next_power_of_two().trailing_zeros().clamp(1, Self::MAX_BITS);
        let high = |value: u32| (value >> (32 - bits)) as usize;
        let highs = high(*within.start())..=high(*within.end());
        let first = *highs.start();
        let mut reaches = Reaches { rising, all, least_needed: Vec::new(), first, bits };
        let last_of = |high: usize| (high as u32) << (32 - bits) | (u32::MAX >> bits);
        reaches.least_needed = highs.map(|high| reaches.needed_exactly(last_of(high))).collect();
        reaches
    }

    /// Returns the number of samples with a phrase from which its document frequency is estimated above
    /// [`max_document_frequency`].
    pub(super) fn needed_exactly(&self, value: u32) -> usize {
        let reaching =
            |rising: &[u32]| rising.len() - rising.partition_point(|&reach| reach < value);
        let reaching: usize = self.rising.iter().map(|rising| reaching(rising)).sum();
        let most = max_document_frequency(self.all) * reaching / self.all.max(1);
        // Where few samples reach, two that share a phrase must not stand for many.
        most.max(MAX_DOCUMENT_FREQUENCY / 2) + 1
    }

    /// Returns a lower bound of [`Reaches::needed_exactly`], by one look-up.
    fn needed(&self, value: u32) -> usize {
        self.least_needed[(value >> (32 - self.bits)) as usize - self.first]
    }
}

/// The number of phrases in a part that is sorted.
const SORTED_PART_SIZE: usize = 1 << 18;

/// The number of phrases of a table that one recount covers, about.
pub(super) const SLICE_SIZE: usize = if cfg!(test) { 1 << 8 } else { 1 << 16 };

/// The largest count of a table: a phrase with as many articles is boilerplate whatever is added.
const MAX_COUNT: usize = MAX_OF_ANY_SIZE + 1;

/// The phrases that at least two articles of a group have, or at least one in a complete table, and the
/// reaches of their samples.
#[derive(Debug, Clone, Default)]
pub(crate) struct PhraseCounts {
    /// Shingle hashes, rising.
    phrases: Column<u32>,
    /// By phrase: the number of articles, up to [`MAX_COUNT`].
    counts: Column<u8>,
    /// One for each article, rising.
    reaches: Column<u32>,
}

impl PhraseCounts {
    /// Counts the phrases of some articles. Linear in the sampled shingles.
    pub(crate) fn of<'a>(samples: impl Iterator<Item = Sample<'a>>) -> Self {
        Self::counted(samples, 0..=u32::MAX, 2)
    }

    /// Counts the phrases of a range of hashes, those of one article as well.
    pub(crate) fn complete<'a>(
        samples: impl Iterator<Item = Sample<'a>>,
        hashes: RangeInclusive<u32>,
    ) -> Self {
        Self::counted(samples, hashes, 1)
    }

    /// Counts the phrases within the bounds that at least `least` articles have.
    fn counted<'a>(
        samples: impl Iterator<Item = Sample<'a>>,
        within: RangeInclusive<u32>,
        least: usize,
    ) -> Self {
        let samples: Vec<Sample<'a>> = samples.collect();
        let mut reaches: Vec<u32> = samples.iter().map(Sample::reach).collect();
        reaches.sort_unstable();
        let twice = in_parts(
            samples,
            within,
            SORTED_PART_SIZE,
            |part, values, sorter: &mut RadixSort<u32>, twice| {
                // The values of a part then differ in their low bits only, so the sort has fewer passes.
                values.iter_mut().for_each(|value| *value -= part.start());
                sorter.sort(values, 0);
                let same = values.chunk_by(|one, other| one == other);
                let repeated = same.filter(|same| same.len() >= least);
                let count =
                    |same: &[u32]| (same[0] + part.start(), same.len().min(MAX_COUNT) as u8);
                twice.extend(repeated.map(count));
            },
        );
        let (phrases, counts): (Vec<u32>, Vec<u8>) = twice.into_iter().unzip();
        PhraseCounts { phrases: phrases.into(), counts: counts.into(), reaches: reaches.into() }
    }

    /// Returns the phrases within the bounds, rising, each with its number of articles.
    pub(super) fn counts(
        &self,
        within: RangeInclusive<u32>,
    ) -> impl ExactSizeIterator<Item = (u32, u8)> + Clone {
        let below = self.phrases.partition_point(|phrase| phrase < within.start());
        let upto = self.phrases.partition_point(|phrase| phrase <= within.end());
        let counts = self.counts[below..upto].iter().copied();
        self.phrases[below..upto].iter().copied().zip(counts)
    }

    /// Returns the number of slices of a recount from these tables: the largest table has at most
    /// [`SLICE_SIZE`] phrases in each.
    pub(crate) fn slices(tables: &[&PhraseCounts]) -> usize {
        let largest = tables.iter().map(|table| table.phrases.len()).max();
        largest.map_or(1, |phrases| phrases.div_ceil(SLICE_SIZE).max(1))
    }

    /// Returns the last hash of the slice that begins with `first`.
    pub(crate) fn slice_end(tables: &[&PhraseCounts], first: u32) -> u32 {
        let Some(largest) = tables.iter().max_by_key(|table| table.phrases.len()) else {
            return u32::MAX;
        };
        let size = largest.phrases.len().div_ceil(Self::slices(tables));
        let next = largest.phrases.partition_point(|&phrase| phrase < first) + size;
        largest.phrases.get(next).map_or(u32::MAX, |next| next - 1)
    }

    pub(crate) fn memory_usage(&self) -> usize {
        self.phrases.memory_usage() + self.counts.memory_usage() + self.reaches.memory_usage()
    }
}

/// The columns of a table, as a file stores them.
impl PhraseCounts {
    pub(crate) fn columns(&self) -> (&[u32], &[u8], &[u32]) {
        (&self.phrases, &self.counts, &self.reaches)
    }

    pub(crate) fn of_columns(
        phrases: Column<u32>,
        counts: Column<u8>,
        reaches: Column<u32>,
    ) -> Self {
        PhraseCounts { phrases, counts, reaches }
    }

    /// Returns whether these can be the columns of a table of `articles` articles whose samples have
    /// `values` values in total.
    #[cfg(feature = "archive")]
    pub(crate) fn makes_sense(
        (phrases, counts, reaches): (&[u32], &[u8], &[u32]),
        articles: usize,
        values: usize,
    ) -> bool {
        Self::are_counts((phrases, counts, reaches), 2)
            && reaches.len() == articles
            && counts.iter().map(|&count| usize::from(count)).sum::<usize>() <= values
    }

    /// Returns whether these can be the columns of a table of phrases that at least `least` articles have.
    pub(crate) fn are_counts(
        (phrases, counts, reaches): (&[u32], &[u8], &[u32]),
        least: usize,
    ) -> bool {
        let is_valid = |&count: &u8| (least..=MAX_COUNT.min(reaches.len())).contains(&count.into());
        phrases.len() == counts.len()
            && phrases.is_sorted_by(|one, two| one < two)
            && counts.iter().all(is_valid)
            && reaches.is_sorted()
    }
}
