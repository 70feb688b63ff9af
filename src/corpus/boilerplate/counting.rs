//! How many articles have each phrase: counted for all phrases, or once for a part of the articles.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use super::MAX_DOCUMENT_FREQUENCY;
use crate::kernel::{RadixSort, prefetch};
use crate::parallel;
use crate::sketch::bottomk::Sample;
use crate::store::column::Column;

/// How many phrases are counted at a time: so few that their counters stay in the cache.
pub(super) const COUNTED: usize = 1 << 21;

/// The most parts that the phrases are counted in. More would save less than the look at every
/// sample costs that each of them takes.
const MAX_PARTS: usize = 32;

/// How many runs of parts may be counted at the same time.
const RUNS: usize = 4;

/// How many samples ahead the next phrases of one are asked for, and how many of them.
const AHEAD: usize = 8;
const READ: usize = 32;

/// Of about how many phrases it is read how they are spread over all values.
const SURVEYED: usize = 1 << 14;

/// The phrases, of the hashes within bounds, that enough articles have for boilerplate phrases, rising:
/// articles of these samples and of these phrase count tables.
pub(super) fn common(
    samples: Vec<Sample<'_>>,
    precounts: &[&PhraseCounts],
    within: RangeInclusive<u32>,
    at_a_time: usize,
) -> Vec<u32> {
    if precounts.is_empty() && samples.len() <= MAX_DOCUMENT_FREQUENCY / 2 {
        return Vec::new();
    }
    let reaches = Reaches::new(&samples, precounts, within.clone());
    in_parts(samples, within, at_a_time, |part, values, counting: &mut Counting, common| {
        let precounted =
            precounts.iter().flat_map(|phrase_counts| phrase_counts.counts(part.clone()));
        counting.sort_out_the_rare(values, precounted, &reaches);
        counting.often.sort_unstable();
        for same in counting.often.chunk_by(|(one, _), (other, _)| one == other) {
            let tellings: usize = same.iter().map(|&(_, count)| usize::from(count)).sum();
            if tellings >= reaches.needed_exactly(same[0].0) {
                common.push(same[0].0);
            }
        }
    })
}

/// What is found of the phrases of some samples, of one part of the hashes after the other: `work`
/// gets the part and its phrases, once for each sample that has them.
pub(super) fn in_parts<S: Default, R: Clone + Send>(
    mut samples: Vec<Sample<'_>>,
    within: RangeInclusive<u32>,
    at_a_time: usize,
    work: impl Fn(&RangeInclusive<u32>, &mut Vec<u32>, &mut S, &mut Vec<R>) + Sync + Send,
) -> Vec<R> {
    // Each part is read from all samples, so they had better follow one another in memory.
    samples.sort_unstable_by_key(|sample| sample.values.as_ptr());
    let parts = parts(&samples, within, at_a_time);
    let runs: Vec<_> = parts.chunks(parts.len().div_ceil(RUNS)).collect();
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

/// Takes the values of a part from the rests of some samples, which begin with them.
fn next_part(rests: &mut [&[u32]], part: &RangeInclusive<u32>, values: &mut Vec<u32>) {
    values.clear();
    for at in 0..rests.len() {
        if let Some(rest) = rests.get(at + AHEAD) {
            prefetch(&rest[..rest.len().min(READ)]);
        }
        let rest = &mut rests[at];
        let of_part = rest.iter().take_while(|value| *value <= part.end()).count();
        let (of_part, others) = rest.split_at(of_part);
        values.extend_from_slice(of_part);
        *rest = others;
    }
}

/// All values within bounds in parts, rising, such that each has about `at_a_time` phrases of the
/// samples.
pub(super) fn parts(
    samples: &[Sample<'_>],
    within: RangeInclusive<u32>,
    at_a_time: usize,
) -> Vec<RangeInclusive<u32>> {
    let all: usize = samples.iter().map(|sample| sample.values.len()).sum();
    if all <= at_a_time {
        return vec![within];
    }
    let surveyed = samples.iter().step_by((all / SURVEYED).max(1));
    let mut values: Vec<u32> = surveyed.flat_map(|sample| sample.values).copied().collect();
    let surveyed = values.len().max(1);
    values.retain(|value| within.contains(value));
    values.sort_unstable();
    let count = (all * values.len() / surveyed).div_ceil(at_a_time).min(MAX_PARTS);
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

/// Spreads the hashes, which are the least of many, over all numbers of some bits.
pub(super) fn bucket_of(value: u32, bits: u32) -> usize {
    (value.wrapping_mul(0x9e37_79b1) >> (32 - bits)) as usize
}

/// What one thread counts with.
#[derive(Default)]
struct Counting {
    counters: Vec<u8>,
    /// Phrases, and how many tellings have them.
    often: Vec<(u32, u8)>,
}

impl Counting {
    /// Leaves those phrases that may be in as many tellings as they need, and a few others: of the
    /// values, each of which is in one, and of those that were counted.
    fn sort_out_the_rare(
        &mut self,
        values: &[u32],
        precounted: impl Iterator<Item = (u32, u8)> + Clone,
        reaches: &Reaches<'_>,
    ) {
        let Counting { counters, often } = self;
        // Up to four phrases for each counter: together they seldom look frequent. Those of phrase count tables
        // are in several tellings each.
        let counted = values.len() / 4 + precounted.clone().count();
        let bits = counted.next_power_of_two().trailing_zeros().clamp(6, 31);
        counters.clear();
        counters.resize(1 << bits, 0u8);
        let all = values.iter().map(|&value| (value, 1)).chain(precounted);
        all.clone().for_each(|(value, count)| {
            let counter = &mut counters[bucket_of(value, bits)];
            *counter = counter.saturating_add(count);
        });
        often.clear();
        all.for_each(|(value, count)| {
            let counted = usize::from(counters[bucket_of(value, bits)]);
            if counted > MAX_DOCUMENT_FREQUENCY / 2
                && counted >= reaches.needed(value).min(u8::MAX.into())
            {
                often.push((value, count));
            }
        });
    }
}

/// How far the samples reach.
pub(super) struct Reaches<'a> {
    /// Those of one part after another, in each of which they rise.
    rising: Vec<Cow<'a, [u32]>>,
    /// How many there are.
    all: usize,
    /// For each value of the highest bits that there is within bounds, from the first one on, the
    /// least that any phrase with them needs.
    least_needed: Vec<usize>,
    first: usize,
    /// How many bits those are: the more samples, the more.
    bits: u32,
}

impl<'a> Reaches<'a> {
    const MAX_BITS: u32 = 12;

    /// Those of some samples and some phrase count tables, to be asked for values within bounds.
    pub(super) fn new(
        samples: &[Sample<'_>],
        precounts: &[&'a PhraseCounts],
        within: RangeInclusive<u32>,
    ) -> Self {
        let mut of_samples: Vec<u32> = samples.iter().map(Sample::reach).collect();
        of_samples.sort_unstable();
        let mut rising = vec![Cow::Owned(of_samples)];
        rising.extend(precounts.iter().map(|phrase_counts| Cow::Borrowed(phrase_counts.reaches())));
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

    /// In how many samples a phrase must be for it to be in more than [`MAX_DOCUMENT_FREQUENCY`] articles.
    pub(super) fn needed_exactly(&self, value: u32) -> usize {
        let reaching =
            |rising: &[u32]| rising.len() - rising.partition_point(|&reach| reach < value);
        let reaching: usize = self.rising.iter().map(|rising| reaching(rising)).sum();
        let most = MAX_DOCUMENT_FREQUENCY * reaching / self.all.max(1);
        // Where few samples reach, two that share a phrase must not be taken for many.
        most.max(MAX_DOCUMENT_FREQUENCY / 2) + 1
    }

    /// The same or less, sooner.
    fn needed(&self, value: u32) -> usize {
        self.least_needed[(value >> (32 - self.bits)) as usize - self.first]
    }
}

/// How many phrases are sorted at a time.
const SORTED: usize = 1 << 18;

/// How many phrases of one phrase count table are counted anew at a time, about.
pub(super) const SLICE: usize = if cfg!(test) { 1 << 8 } else { 1 << 16 };

/// More tellings than these need not be told apart: so many of one part make any phrase a commonplace.
const MAX_COUNTED: usize = MAX_DOCUMENT_FREQUENCY + 1;

/// The phrases that at least two of some tellings have, and how far their samples reach.
#[derive(Debug, Clone, Default)]
pub(crate) struct PhraseCounts {
    /// By their shingle hashes, rising.
    phrases: Column<u32>,
    /// Beside them how many tellings have each, up to [`MAX_COUNTED`].
    counts: Column<u8>,
    /// Of each telling, rising.
    reaches: Column<u32>,
}

impl PhraseCounts {
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
                    counted.map(|same| (same[0] + part.start(), same.len().min(MAX_COUNTED) as u8)),
                );
            },
        );
        let (phrases, counts): (Vec<u32>, Vec<u8>) = twice.into_iter().unzip();
        PhraseCounts { phrases: phrases.into(), counts: counts.into(), reaches: reaches.into() }
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

    /// In how many slices the phrases of some phrase count tables are counted anew: so many that the largest phrase count table
    /// has about as many phrases in each as are counted at a time.
    pub(crate) fn slices(precounts: &[&PhraseCounts]) -> usize {
        let largest = precounts.iter().map(|phrase_counts| phrase_counts.phrases.len()).max();
        largest.map_or(1, |phrases| phrases.div_ceil(SLICE).max(1))
    }

    /// The last hash of the slice that begins with this one.
    pub(crate) fn slice_end(precounts: &[&PhraseCounts], first: u32) -> u32 {
        let Some(largest) =
            precounts.iter().max_by_key(|phrase_counts| phrase_counts.phrases.len())
        else {
            return u32::MAX;
        };
        let size = largest.phrases.len().div_ceil(Self::slices(precounts));
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

/// What a file keeps of a phrase count table, and gives back.
#[cfg(feature = "archive")]
impl PhraseCounts {
    /// The arrays that it is made of: phrases, how many tellings have each, how far each sample reaches.
    pub(crate) fn columns(&self) -> (&[u32], &[u8], &[u32]) {
        (&self.phrases, &self.counts, &self.reaches)
    }

    /// The phrase count table that has these arrays.
    pub(crate) fn of_columns(
        phrases: Column<u32>,
        counts: Column<u8>,
        reaches: Column<u32>,
    ) -> Self {
        PhraseCounts { phrases, counts, reaches }
    }

    /// Whether these may be the arrays of a phrase count table of so many tellings, of whose samples all have so
    /// many values together.
    pub(crate) fn makes_sense(
        (phrases, counts, reaches): (&[u32], &[u8], &[u32]),
        tellings: usize,
        values: usize,
    ) -> bool {
        let may_be = |&count: &u8| (2..=MAX_COUNTED.min(tellings)).contains(&count.into());
        phrases.len() == counts.len()
            && reaches.len() == tellings
            && phrases.is_sorted_by(|one, two| one < two)
            && counts.iter().all(may_be)
            && counts.iter().map(|&count| usize::from(count)).sum::<usize>() <= values
            && reaches.is_sorted()
    }
}
