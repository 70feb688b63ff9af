//! Commonplaces: phrases that stand in so many articles of a collection that sharing one says
//! nothing of the story. An outlet's footer, a byline, "Source: …", the frame of a daily brief, an
//! idiom: what they have in common is that many articles have them, so they are learned by counting.

use std::ops::RangeInclusive;

use crate::bottomk::{Overlap, Sample};
use crate::kernel::prefetch;
use crate::parallel;

/// How many tellings may have a phrase before it is a commonplace. Few stories are told more often
/// in the same phrase.
const MOST_TELLINGS: usize = 16;

/// How many phrases are counted at a time: so few that their counters stay in the cache.
const COUNTED: usize = 1 << 21;

/// The most parts that the phrases are counted in. More would save less than the look at every
/// sample costs that each of them takes.
const MOST_PARTS: usize = 32;

/// How many runs of parts may be counted at the same time.
const RUNS: usize = 4;

/// How many samples ahead the next phrases of one are asked for, and how many of them.
const AHEAD: usize = 8;
const READ: usize = 32;

/// Of about how many phrases it is read how they are spread over all values.
const SURVEYED: usize = 1 << 14;

/// The phrases, by their shingle hashes, that more than [`MOST_TELLINGS`] articles have.
///
/// They are counted in the articles' samples. A sample shows all phrases of its article up to its
/// reach, so how many articles have a phrase is estimated from those that reach so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Commonplaces {
    /// Rising.
    hashes: Box<[u32]>,
    /// A bit for each value of [`spread`]; those of the hashes are set.
    filter: Box<[u64]>,
}

impl Commonplaces {
    /// Counts the phrases of some articles. Linear in the sampled shingles.
    pub(crate) fn of<'a>(samples: impl Iterator<Item = Sample<'a>>) -> Self {
        let mut samples: Vec<Sample<'a>> = samples.collect();
        // Each part is read from all samples, so they had better follow one another in memory.
        samples.sort_unstable_by_key(|sample| sample.values.as_ptr());
        Self::counted(&samples, COUNTED)
    }

    /// The same, some at a time.
    fn counted(samples: &[Sample<'_>], at_a_time: usize) -> Self {
        if samples.len() <= MOST_TELLINGS / 2 {
            return Commonplaces::default();
        }
        let reaches = Reaches::new(samples.iter().map(Sample::reach).collect());
        let parts = parts(samples, at_a_time);
        let runs: Vec<_> = parts.chunks(parts.len().div_ceil(RUNS)).collect();
        let found = parallel::map(&runs, Counting::default, |counting, parts| {
            counting.common(samples, parts, &reaches)
        });
        Commonplaces::new(found.concat())
    }

    fn new(hashes: Vec<u32>) -> Self {
        let bits = filter_bits(hashes.len());
        let mut filter = vec![0u64; (1 << bits) / 64].into_boxed_slice();
        for &hash in &hashes {
            let place = spread(hash, bits);
            filter[place / 64] |= 1 << (place % 64);
        }
        Commonplaces { hashes: hashes.into(), filter }
    }

    /// What two samples have in common, and how many of the shared phrases are commonplaces.
    pub(crate) fn overlap(&self, left: Sample<'_>, right: Sample<'_>) -> (Overlap, usize) {
        let mut common = 0;
        let bits = filter_bits(self.hashes.len());
        let overlap = left.overlap_visiting(right, |value| {
            let place = spread(value, bits);
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

/// Spreads the hashes, which are the least of many, over all numbers of some bits.
fn spread(value: u32, bits: u32) -> usize {
    (value.wrapping_mul(0x9e37_79b1) >> (32 - bits)) as usize
}

/// All values in parts, rising, such that each has about `at_a_time` phrases of the samples.
fn parts(samples: &[Sample<'_>], at_a_time: usize) -> Vec<RangeInclusive<u32>> {
    let all: usize = samples.iter().map(|sample| sample.values.len()).sum();
    let count = all.div_ceil(at_a_time).min(MOST_PARTS);
    let surveyed = samples.iter().step_by((all / SURVEYED).max(1));
    let mut values: Vec<u32> = surveyed.flat_map(|sample| sample.values).copied().collect();
    values.sort_unstable();
    let mut parts = Vec::new();
    let mut first = 0;
    for part in 1..count {
        let last = values.get(values.len() * part / count).copied().unwrap_or_default();
        if (first..u32::MAX).contains(&last) {
            parts.push(first..=last);
            first = last + 1;
        }
    }
    parts.push(first..=u32::MAX);
    parts
}

/// What one thread counts with.
#[derive(Default)]
struct Counting {
    /// The phrases of a part, once for each sample that has them.
    values: Vec<u32>,
    counters: Vec<u8>,
    often: Vec<u32>,
}

impl Counting {
    /// The phrases of some parts, one after the other, that are in more samples than they need,
    /// rising.
    fn common(
        &mut self,
        samples: &[Sample<'_>],
        parts: &[RangeInclusive<u32>],
        reaches: &Reaches,
    ) -> Vec<u32> {
        let first = parts.first().map_or(0, |part| *part.start());
        let from_first = |values: &[u32]| values.partition_point(|&value| value < first);
        let mut rests: Vec<&[u32]> =
            samples.iter().map(|sample| &sample.values[from_first(sample.values)..]).collect();
        let mut common = Vec::new();
        for part in parts {
            self.values.clear();
            for at in 0..rests.len() {
                if let Some(rest) = rests.get(at + AHEAD) {
                    prefetch(&rest[..rest.len().min(READ)]);
                }
                let rest = &mut rests[at];
                let of_part = rest.iter().take_while(|value| *value <= part.end()).count();
                let (values, others) = rest.split_at(of_part);
                self.values.extend_from_slice(values);
                *rest = others;
            }
            self.sort_out_the_rare(reaches);
            self.often.sort_unstable();
            let same = self.often.chunk_by(|a, b| a == b);
            let common_of_part = same.filter(|same| same.len() >= reaches.needed_exactly(same[0]));
            common.extend(common_of_part.map(|same| same[0]));
        }
        common
    }

    /// Leaves those phrases that may be in as many samples as they need, and a few others.
    fn sort_out_the_rare(&mut self, reaches: &Reaches) {
        let Counting { values, counters, often } = self;
        // Up to four phrases for each counter: together they seldom look frequent.
        let bits = (values.len() / 4).next_power_of_two().trailing_zeros().clamp(6, 31);
        counters.clear();
        counters.resize(1 << bits, 0u8);
        for &value in &*values {
            let counter = &mut counters[spread(value, bits)];
            *counter = counter.saturating_add(1);
        }
        often.clear();
        for &value in &*values {
            let counted = usize::from(counters[spread(value, bits)]);
            if counted > MOST_TELLINGS / 2 && counted >= reaches.needed(value).min(u8::MAX.into()) {
                often.push(value);
            }
        }
    }
}

/// How far the samples reach.
struct Reaches {
    rising: Vec<u32>,
    /// For each value of the highest bits the least that any phrase with them needs.
    least_needed: Vec<usize>,
    /// How many bits those are: the more samples, the more.
    bits: u32,
}

impl Reaches {
    const MOST_BITS: u32 = 12;

    fn new(mut rising: Vec<u32>) -> Self {
        rising.sort_unstable();
        let bits = rising.len().next_power_of_two().trailing_zeros().clamp(1, Self::MOST_BITS);
        let mut reaches = Reaches { rising, least_needed: Vec::new(), bits };
        let last_of = |high: u32| high << (32 - bits) | (u32::MAX >> bits);
        reaches.least_needed =
            (0..1 << bits).map(|high| reaches.needed_exactly(last_of(high))).collect();
        reaches
    }

    /// In how many samples a phrase must be for it to be in more than [`MOST_TELLINGS`] articles.
    fn needed_exactly(&self, value: u32) -> usize {
        let reaching = self.rising.len() - self.rising.partition_point(|&reach| reach < value);
        let most = MOST_TELLINGS * reaching / self.rising.len().max(1);
        // Where few samples reach, two that share a phrase must not be taken for many.
        most.max(MOST_TELLINGS / 2) + 1
    }

    /// The same or less, sooner.
    fn needed(&self, value: u32) -> usize {
        self.least_needed[(value >> (32 - self.bits)) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bottomk::BottomK;
    use crate::hash::mix;
    use proptest::prelude::*;
    use std::collections::HashMap;

    fn sample(phrases: &[u64]) -> BottomK {
        let hashes: Vec<u64> = phrases.iter().map(|&phrase| mix(phrase + 1)).collect();
        BottomK::of_hashes(128, &hashes)
    }

    fn shared(samples: &[BottomK], left: &BottomK, right: &BottomK) -> usize {
        let commonplaces = Commonplaces::of(samples.iter().map(BottomK::sample));
        commonplaces.overlap(left.sample(), right.sample()).1
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

    /// The hashes that enough samples have, each counted by itself.
    fn counted_one_by_one(samples: &[Sample<'_>]) -> Vec<u32> {
        let reaches = Reaches::new(samples.iter().map(Sample::reach).collect());
        let mut counts: HashMap<u32, usize> = HashMap::new();
        let values = samples.iter().flat_map(|sample| sample.values);
        values.for_each(|&value| *counts.entry(value).or_default() += 1);
        let common = counts.into_iter().filter(|&(value, n)| n >= reaches.needed_exactly(value));
        let mut common: Vec<u32> = common.map(|(value, _)| value).collect();
        common.sort_unstable();
        common
    }

    proptest! {
        #[test]
        fn counting_in_parts_finds_what_counting_one_by_one_does(
            phrases in prop::collection::vec(prop::collection::vec(0u64..90, 0..40), 9..60),
            k in 8usize..40, at_a_time in 1usize..900,
        ) {
            let samples: Vec<BottomK> = phrases
                .iter()
                .map(|of_one| {
                    let hash = |&phrase: &u64| mix(phrase * phrase / 60 + 1);
                    BottomK::of_hashes(k, &of_one.iter().map(hash).collect::<Vec<u64>>())
                })
                .collect();
            let samples: Vec<Sample<'_>> = samples.iter().map(BottomK::sample).collect();
            let commonplaces = Commonplaces::counted(&samples, at_a_time);
            let expected = counted_one_by_one(&samples);
            prop_assert_eq!(&*commonplaces.hashes, &expected[..]);
            // Beside itself a sample shows which of its phrases are common.
            for &sample in &samples {
                let common = sample.values.iter().filter(|value| expected.contains(value)).count();
                prop_assert_eq!(commonplaces.overlap(sample, sample).1, common);
            }
        }

        #[test]
        fn parts_follow_one_another_over_all_values(
            mut values in prop::collection::vec(any::<u32>(), 0..99), at_a_time in 1usize..40,
        ) {
            values.sort_unstable();
            values.dedup();
            let samples = [Sample { values: &values, cut: false }];
            let parts = parts(&samples, at_a_time);
            prop_assert_eq!((parts[0].start(), parts[parts.len() - 1].end()), (&0, &u32::MAX));
            for two in parts.windows(2) {
                prop_assert_eq!(two[0].end() + 1, *two[1].start());
            }
        }
    }
}
