//! Bottom-k sketch: the `k` smallest shingle hashes of a text.
//!
//! The smallest hashes are a uniform sample of the shingles *without replacement*. Two samples are
//! comparable up to the smaller of their largest hashes (Cohen and Kaplan, *Summarizing data using
//! bottom-k sketches*, PODC 2007). A MinHash signature estimates only the Jaccard similarity. A
//! bottom-k sketch also estimates both containments, is exact for texts of at most `k` shingles, and
//! has a smaller error than `k` lanes, because a comparison uses up to `2k` shingles.

use crate::kernel::{BucketSort, Kernel};
use crate::sketch::shingle::{Shingler, ratio};
use crate::text::words::Words;

/// The bottom-k sketch of one text.
///
/// ```
/// use retold::{BottomK, Shingler, Words};
/// let of = |text| BottomK::new(128, Shingler::words(2).unwrap(), &Words::new(text));
/// let overlap = of("one two three four").overlap(&of("two three four"));
/// assert_eq!((overlap.jaccard(), overlap.of_right()), (2.0 / 3.0, 1.0));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BottomK {
    /// Ascending and distinct.
    values: Box<[u32]>,
    /// Whether the text has further shingles.
    cut: bool,
}

impl BottomK {
    /// The `k` smallest distinct 32-bit shingle hashes of a text. `O(n + k log k)`.
    pub fn new(k: usize, shingler: Shingler, words: &Words) -> Self {
        let mut hashes = Vec::with_capacity(words.len());
        shingler.hashes_into(words, &mut hashes);
        Self::of_hashes(k, &hashes)
    }

    /// The sketch of a set of pinned hashes. Repetitions have no effect.
    pub fn of_hashes(k: usize, hashes: &[u64]) -> Self {
        Self::in_buffers(k, 0, hashes, &mut Least::default())
    }

    /// The least `k` hashes, or all below a bound where those are more, up to [`Self::MAX_VALUES`]; with
    /// buffers that are kept.
    pub(crate) fn in_buffers(k: usize, all_below: u32, hashes: &[u64], least: &mut Least) -> Self {
        let mut values = &[][..];
        if hashes.len() > 2 * k {
            // Hashes are uniform, so a bound that k hashes pass is known in advance. It lets a quarter
            // more pass, to allow for repetitions and chance.
            let share = (k + k / 4 + 16) as u64;
            let bound = ((share << 32) / hashes.len() as u64) as u32;
            values = least.values(hashes, bound.max(all_below));
        }
        if values.len() <= k {
            values = least.values(hashes, u32::MAX);
        }
        let below = values.partition_point(|&value| value < all_below);
        let kept = below.max(k).min(Self::MAX_VALUES);
        let values = &values[..values.len().min(kept)];
        let last = values.last().copied().unwrap_or_default();
        let cut = values.len() == kept && hashes.iter().any(|hash| (hash >> 32) as u32 > last);
        BottomK { values: values.into(), cut }
    }

    /// The most values that are kept of a text.
    const MAX_VALUES: usize = u16::MAX as usize;

    /// The sampled hashes in rising order.
    pub fn values(&self) -> &[u32] {
        &self.values
    }

    /// The numbers of shingles within the range of hashes that both samples cover. `O(k)`.
    pub fn overlap(&self, other: &BottomK) -> Overlap {
        self.sample().overlap(other.sample())
    }

    pub(crate) fn sample(&self) -> Sample<'_> {
        Sample { values: &self.values, cut: self.cut }
    }

    /// Bytes held on the heap.
    pub fn memory_usage(&self) -> usize {
        size_of_val(&*self.values)
    }
}

/// Buffers in which the smallest hashes of one text after another are found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Least {
    values: Vec<u32>,
    sort: BucketSort<u32>,
}

impl Least {
    /// The distinct high halves of the hashes up to a bound, ascending.
    fn values(&mut self, hashes: &[u64], bound: u32) -> &[u32] {
        let values = &mut self.values;
        values.resize(hashes.len(), 0);
        let mut kept = 0;
        for hash in hashes {
            // Writes every value and advances only past those kept: a branch would mispredict.
            let value = (hash >> 32) as u32;
            values[kept] = value;
            kept += usize::from(value <= bound);
        }
        values.truncate(kept);
        // The factor that maps the values up to the bound to 256 buckets.
        let parts = (1 << 40) / (u64::from(bound) + 1);
        self.sort.sort(values, |value| ((u64::from(value) * parts) >> 32) as u8);
        values.dedup();
        values
    }
}

/// A borrowed [`BottomK`], from wherever its values are stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample<'a> {
    /// Ascending and distinct.
    pub(crate) values: &'a [u32],
    /// Whether the text has further shingles.
    pub(crate) cut: bool,
}

impl Sample<'_> {
    /// The largest hash up to which the sample holds all shingles of its text.
    pub(crate) fn reach(&self) -> u32 {
        match self.values.last() {
            Some(&last) if self.cut => last,
            _ => u32::MAX,
        }
    }

    /// As [`BottomK::overlap`].
    pub(crate) fn overlap(&self, other: Sample<'_>) -> Overlap {
        let (left, right) = self.comparable(&other);
        let shared = Kernel::detect().count_shared(left, right);
        Overlap { left: left.len(), right: right.len(), shared }
    }

    /// Like [`Sample::overlap`]; calls `visit` with each shared hash.
    pub(crate) fn overlap_visiting(
        &self,
        other: Sample<'_>,
        mut visit: impl FnMut(u32),
    ) -> Overlap {
        let (left, right) = self.comparable(&other);
        let mut shared = 0;
        Kernel::detect().for_each_shared(left, right, 0, |at, _| {
            shared += 1;
            visit(left[at]);
        });
        Overlap { left: left.len(), right: right.len(), shared }
    }

    /// The values of both within the range that both cover.
    fn comparable<'s>(&'s self, other: &'s Sample<'_>) -> (&'s [u32], &'s [u32]) {
        let reach = self.reach().min(other.reach());
        let within = |values: &'s [u32]| match values.last() {
            // One of the two is not searched.
            Some(&last) if last > reach => {
                &values[..values.partition_point(|&value| value <= reach)]
            }
            _ => values,
        };
        (within(self.values), within(other.values))
    }
}

/// The numbers of shingles of two texts and of those that they share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Overlap {
    /// Distinct shingles of the left text, or of its sample.
    pub left: usize,
    /// Distinct shingles of the right text, or of its sample.
    pub right: usize,
    /// Distinct shingles of both.
    pub shared: usize,
}

impl Overlap {
    /// The Jaccard similarity, in `0..=1`; 0 for two empty sets.
    pub fn jaccard(&self) -> f64 {
        ratio(self.shared, self.left + self.right - self.shared)
    }

    /// The containment of the left text in the right one, in `0..=1`.
    pub fn of_left(&self) -> f64 {
        ratio(self.shared, self.left)
    }

    /// The containment of the right text in the left one, in `0..=1`.
    pub fn of_right(&self) -> f64 {
        ratio(self.shared, self.right)
    }

    /// The containment of the shorter text in the longer one, in `0..=1`.
    pub fn of_shorter(&self) -> f64 {
        ratio(self.shared, self.left.min(self.right))
    }

    /// The same with left and right exchanged.
    pub fn flipped(self) -> Self {
        Overlap { left: self.right, right: self.left, shared: self.shared }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::mix;
    use proptest::prelude::*;

    #[test]
    fn estimates_of_long_texts_are_close_and_unbiased() {
        let (mut squares, mut sum, mut trials) = (0.0, 0.0, 0.0);
        for salt in 0..300u64 {
            for (left, right, shared) in [(1000, 1000, 500), (300, 1500, 300), (600, 600, 60)] {
                let hash = |n: u64| mix(mix(n + 1) ^ mix(salt + 99));
                let a: Vec<u64> = (0..left).map(hash).collect();
                let b: Vec<u64> = (left - shared..left - shared + right).map(hash).collect();
                let overlap = BottomK::of_hashes(128, &a).overlap(&BottomK::of_hashes(128, &b));
                let exact = shared as f64 / (left + right - shared) as f64;
                let error = overlap.jaccard() - exact;
                squares += error * error;
                sum += error;
                trials += 1.0f64;
            }
        }
        assert!((squares / trials).sqrt() < 0.03, "{}", (squares / trials).sqrt());
        assert!((sum / trials).abs() < 0.003, "{}", sum / trials);
    }

    proptest! {
        #[test]
        fn short_texts_are_counted_exactly(
            a in prop::collection::vec(0u64..60, 0..60),
            b in prop::collection::vec(0u64..60, 0..60),
        ) {
            let hashes = |ns: &[u64]| ns.iter().map(|&n| mix(n + 1)).collect::<Vec<_>>();
            let (x, y) = (BottomK::of_hashes(64, &hashes(&a)), BottomK::of_hashes(64, &hashes(&b)));
            let set = |ns: &[u64]| ns.iter().copied().collect::<std::collections::BTreeSet<_>>();
            let (s, t) = (set(&a), set(&b));
            let expected = Overlap { left: s.len(), right: t.len(), shared: s.intersection(&t).count() };
            prop_assert_eq!(x.overlap(&y), expected);
            prop_assert_eq!(y.overlap(&x), expected.flipped());
            let mut shared = Vec::new();
            x.sample().overlap_visiting(y.sample(), |value| shared.push(value));
            prop_assert_eq!(shared.len(), expected.shared);
        }

        #[test]
        fn the_smallest_distinct_hashes_are_kept_however_often_they_repeat(
            ns in prop::collection::vec(0u64..40, 0..200), k in 1usize..30,
        ) {
            let hashes: Vec<u64> = ns.iter().map(|&n| mix(n + 1)).collect();
            let mut expected: Vec<u32> = hashes.iter().map(|h| (h >> 32) as u32).collect();
            expected.sort_unstable();
            expected.dedup();
            let cut = expected.len() > k;
            expected.truncate(k);
            let found = BottomK::of_hashes(k, &hashes);
            prop_assert_eq!((found.values(), found.cut), (&expected[..], cut));
        }
    }
}
