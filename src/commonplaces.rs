//! Commonplaces: phrases that stand in so many articles of a collection that sharing one says
//! nothing of the story. An outlet's footer, a byline, "Source: …", the frame of a daily brief, an
//! idiom: what they have in common is that many articles have them, so they are learned by counting.

use crate::bottomk::{Overlap, Sample};

/// How many tellings may have a phrase before it is a commonplace. Few stories are told more often
/// in the same phrase.
const MOST_TELLINGS: usize = 16;

/// The most counters at a time, as a power of two.
const COUNTER_BITS: u32 = 24;

/// How many phrases are counted with them in one round: so few that few share one.
const COUNTED: usize = 1 << 23;

/// The phrases, by their shingle hashes, that more than [`MOST_TELLINGS`] articles have.
///
/// They are counted in the articles' samples. A sample shows all phrases of its article up to its
/// reach, so how many articles have a phrase is estimated from those that reach so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Commonplaces {
    /// Rising.
    hashes: Box<[u32]>,
}

impl Commonplaces {
    /// Counts the phrases of some articles. Linear in the sampled shingles.
    pub(crate) fn of<'a>(samples: impl Iterator<Item = Sample<'a>> + Clone) -> Self {
        let reaches = Reaches::new(samples.clone().map(|sample| sample.reach()).collect());
        let values = samples.clone().map(|sample| sample.values.len()).sum::<usize>();
        if reaches.rising.len() <= MOST_TELLINGS / 2 {
            return Commonplaces::default();
        }
        let rounds = values.div_ceil(COUNTED).next_power_of_two() as u32;
        let bits = (2 * values).next_power_of_two().trailing_zeros().clamp(1, COUNTER_BITS);
        let counter_of = |value: u32| (value.wrapping_mul(0x9e37_79b1) >> (32 - bits)) as usize;
        let (mut counters, mut often) = (vec![0u8; 1 << bits], Vec::new());
        let mut hashes = Vec::new();
        for round in 0..rounds {
            let visit = |work: &mut dyn FnMut(u32)| {
                for sample in samples.clone() {
                    let values = sample.values.iter().copied();
                    values.filter(|value| value & (rounds - 1) == round).for_each(&mut *work);
                }
            };
            // First the phrases that are too rare are sorted out, and a few others may stay.
            counters.fill(0);
            visit(&mut |value| {
                let counter = &mut counters[counter_of(value)];
                *counter = counter.saturating_add(1);
            });
            often.clear();
            visit(&mut |value| {
                let counted = usize::from(counters[counter_of(value)]);
                if counted > MOST_TELLINGS / 2
                    && counted >= reaches.needed(value).min(u8::MAX.into())
                {
                    often.push(value);
                }
            });
            often.sort_unstable();
            let same = often.chunk_by(|a, b| a == b);
            let common = same.filter(|same| same.len() >= reaches.needed_exactly(same[0]));
            hashes.extend(common.map(|same| same[0]));
        }
        hashes.sort_unstable();
        Commonplaces { hashes: hashes.into() }
    }

    /// What two samples have in common, and how many of the shared phrases are commonplaces.
    pub(crate) fn overlap(&self, left: Sample<'_>, right: Sample<'_>) -> (Overlap, usize) {
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
}
