//! The division of signatures into bands, and the choice of bands for a threshold.

use crate::error::{Error, must_be};
use crate::hash::{fold, splitmix};
use crate::sketch::minhash::MinHasher;

/// The steps of the integral on each side of the threshold in [`LshBands::for_threshold`].
const INTEGRAL_STEPS: usize = 256;

/// A division of signatures into `bands` bands of `rows` lanes each.
///
/// ```
/// use retold::{LshBands, LshWeights};
/// let bands = LshBands::for_threshold(0.5, 128, LshWeights::default())?;
/// assert_eq!((bands.bands(), bands.rows()), (25, 5));
/// assert!(bands.candidate_probability(0.8) > 0.99);
/// assert!(bands.candidate_probability(0.2) < 0.01);
/// # Ok::<(), retold::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LshBands {
    bands: usize,
    rows: usize,
}

/// The relative costs of the two errors of an [`LshIndex`](crate::LshIndex); only their ratio matters.
///
/// The default gives both the same weight. Where every candidate is verified, as by
/// [`LshIndex::query`](crate::LshIndex::query), a false positive costs only time and a false negative is
/// lost, so give the latter more weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LshWeights {
    /// The cost of a candidate below the threshold, 0 or more.
    pub false_positive: f64,
    /// The cost of a document above the threshold that is not a candidate, 0 or more.
    pub false_negative: f64,
}

impl Default for LshWeights {
    fn default() -> Self {
        LshWeights { false_positive: 1.0, false_negative: 1.0 }
    }
}

impl LshBands {
    /// `bands` bands of `rows` lanes. More bands give more candidates, longer bands fewer.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) if either is 0, or if their product exceeds
    /// [`MinHasher::MAX_LANES`].
    pub fn new(bands: usize, rows: usize) -> Result<Self, Error> {
        let fits = bands.checked_mul(rows).is_some_and(is_lanes);
        let expected = "at least 1 by 1 and at most 4096 lanes in all";
        must_be(fits, "bands by rows", expected, format_args!("{bands} by {rows}"))?;
        Ok(LshBands { bands, rows })
    }

    /// The bands with the smallest weighted error at the Jaccard similarity `threshold`, for signatures of
    /// `lanes` lanes. They may leave some lanes unused.
    ///
    /// With `P` for [`candidate_probability`](Self::candidate_probability), the error is
    /// `false_positive × ∫ P` from 0 to the threshold plus `false_negative × ∫ (1 − P)` from the threshold
    /// to 1, which assumes that all similarities are equally frequent. The integrals are midpoint sums of
    /// 256 steps, computed with multiplications and additions only, so that every machine chooses the same
    /// bands. Among equals the fewest bands win, then the fewest rows.
    ///
    /// `O(n log n)` for `n` lanes: less than 1 ms for 128 lanes, about 75 ms for 4096.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) for a threshold outside `0..=1`, lanes
    /// outside `1..=4096`, and a weight that is negative or not finite.
    pub fn for_threshold(threshold: f64, lanes: usize, weights: LshWeights) -> Result<Self, Error> {
        must_be((0.0..=1.0).contains(&threshold), "threshold", "in 0..=1", threshold)?;
        must_be(is_lanes(lanes), "lanes", "in 1..=4096", lanes)?;
        for weight in [weights.false_positive, weights.false_negative] {
            let fits = weight.is_finite() && weight >= 0.0;
            must_be(fits, "weight", "finite and at least 0", weight)?;
        }
        Ok(Self::least_error(threshold, lanes, weights))
    }

    fn least_error(threshold: f64, lanes: usize, weights: LshWeights) -> Self {
        let similarities = midpoints(0.0, threshold).chain(midpoints(threshold, 1.0));
        let similarities: Vec<f64> = similarities.collect();
        // Divided by the larger weight, so that huge weights keep the sums finite.
        let larger = weights.false_positive.max(weights.false_negative).max(f64::MIN_POSITIVE);
        let below = weights.false_positive / larger * threshold;
        let above = weights.false_negative / larger * (1.0 - threshold);
        let mut best = (f64::INFINITY, LshBands { bands: 1, rows: 1 });
        for rows in 1..=lanes {
            let one_misses: Vec<f64> = similarities.iter().map(|&s| 1.0 - power(s, rows)).collect();
            let mut all_miss = vec![1.0; one_misses.len()];
            for bands in 1..=lanes / rows {
                all_miss.iter_mut().zip(&one_misses).for_each(|(all, one)| *all *= one);
                let (low, high) = all_miss.split_at(INTEGRAL_STEPS);
                let error = below * (INTEGRAL_STEPS as f64 - low.iter().sum::<f64>())
                    + above * high.iter().sum::<f64>();
                if error < best.0 || error == best.0 && bands < best.1.bands {
                    best = (error, LshBands { bands, rows });
                }
            }
        }
        best.1
    }

    /// The number of bands.
    pub fn bands(&self) -> usize {
        self.bands
    }

    /// The number of lanes per band.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The probability that a pair of this Jaccard similarity shares a whole band,
    /// `1 − (1 − s^rows)^bands`. A similarity outside `0..=1` counts as the nearer end.
    ///
    /// It holds for independent lanes. The lanes of a [`Signature`](crate::Signature) are filled without
    /// repetition, so for small sets the curve is slightly steeper; see the design page.
    pub fn candidate_probability(&self, similarity: f64) -> f64 {
        let one_misses = 1.0 - power(similarity.clamp(0.0, 1.0), self.rows);
        1.0 - power(one_misses, self.bands)
    }

    /// The lanes of one band.
    pub(super) fn slice(self, band: usize, lanes: &[u32]) -> &[u32] {
        &lanes[band * self.rows..][..self.rows]
    }

    /// The key of one band of a signature.
    #[inline]
    pub(super) fn key(self, band: usize, lanes: &[u32]) -> u32 {
        key(band, self.slice(band, lanes))
    }
}

/// A pinned hash of lanes and the number of their band, so that collisions are the same on every machine.
///
/// It folds two lanes at a time into the state, with both halves of the product with an odd factor, so
/// that every bit has an effect.
#[inline]
pub(super) fn key(band: usize, lanes: &[u32]) -> u32 {
    const FACTORS: [u64; 2] = [splitmix(1, 0) | 1, splitmix(1, 1) | 1];
    let (pairs, last) = lanes.as_chunks::<2>();
    let mut state = (band as u64 + 1).wrapping_mul(FACTORS[1]);
    for [low, high] in pairs {
        state = fold(state ^ (u64::from(*high) << 32 | u64::from(*low)), FACTORS[0]);
    }
    if let [last] = last {
        state = fold(state ^ u64::from(*last), FACTORS[0]);
    }
    (fold(state, FACTORS[1]) >> 32) as u32
}

fn is_lanes(lanes: usize) -> bool {
    (1..=MinHasher::MAX_LANES).contains(&lanes)
}

/// The midpoints of [`INTEGRAL_STEPS`] equal steps from `start` to `end`.
fn midpoints(start: f64, end: f64) -> impl Iterator<Item = f64> {
    let width = (end - start) / INTEGRAL_STEPS as f64;
    (0..INTEGRAL_STEPS).map(move |step| start + (step as f64 + 0.5) * width)
}

/// `base` to an integer power. `f64::powi` may give other last bits on other machines.
fn power(mut base: f64, mut exponent: usize) -> f64 {
    let mut result = 1.0;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result *= base;
        }
        base *= base;
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bands_for(threshold: f64, lanes: usize, weights: LshWeights) -> (usize, usize) {
        let bands = LshBands::for_threshold(threshold, lanes, weights).unwrap();
        (bands.bands(), bands.rows())
    }

    /// The error that the choice of bands minimises, on a finer grid.
    fn error_of(bands: LshBands, threshold: f64, weights: LshWeights) -> f64 {
        let error = |step: usize| {
            let similarity = (step as f64 + 0.5) / 5_000.0;
            let found = bands.candidate_probability(similarity);
            let missed = 1.0 - found;
            if similarity < threshold {
                weights.false_positive * found
            } else {
                weights.false_negative * missed
            }
        };
        (0..5_000).map(error).sum::<f64>() / 5_000.0
    }

    #[test]
    fn no_other_bands_have_a_smaller_error_than_the_chosen_ones() {
        for (positive, negative) in [(1.0, 1.0), (1.0, 9.0), (3.0, 1.0)] {
            let weights = LshWeights { false_positive: positive, false_negative: negative };
            for threshold in [0.2, 0.5, 0.9] {
                let chosen = LshBands::for_threshold(threshold, 24, weights).unwrap();
                let least = error_of(chosen, threshold, weights);
                for rows in 1..=24 {
                    for bands in 1..=24 / rows {
                        let error = error_of(LshBands { bands, rows }, threshold, weights);
                        assert!(error > least - 1e-4, "{bands} by {rows}: {error}, not {least}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_chosen_bands_do_not_change() {
        let even = LshWeights::default();
        let chosen = [0.3, 0.5, 0.7, 0.8, 0.9].map(|threshold| bands_for(threshold, 128, even));
        assert_eq!(chosen, [(37, 3), (25, 5), (14, 9), (9, 13), (5, 25)]);
        let keen = LshWeights { false_negative: 9.0, ..even };
        assert_eq!(bands_for(0.5, 128, keen), (32, 4));
        let huge = LshWeights { false_positive: f64::MAX / 9.0, false_negative: f64::MAX };
        assert_eq!(bands_for(0.5, 128, huge), (32, 4));
    }

    #[test]
    fn at_the_extreme_thresholds_everything_or_only_identical_signatures_are_candidates() {
        let even = LshWeights::default();
        assert_eq!(bands_for(0.0, 128, even), (128, 1));
        assert_eq!(bands_for(1.0, 128, even), (1, 128));
        // Without costs, the fewest bands and rows win.
        let nothing = LshWeights { false_positive: 0.0, false_negative: 0.0 };
        assert_eq!(bands_for(0.5, 128, nothing), (1, 1));
    }

    #[test]
    fn keys_do_not_change() {
        let lanes = [1, 2, 3, 4, 5];
        let bands = LshBands { bands: 2, rows: 2 };
        let keys = [bands.key(0, &lanes), bands.key(1, &lanes), key(0, &lanes), key(0, &[1])];
        assert_eq!(keys, [2_882_608_866, 2_972_763_994, 1_740_463_557, 3_215_125_158]);
    }

    /// The values are as small as the smallest values of long texts.
    #[test]
    fn keys_collide_as_rarely_as_random_numbers() {
        for (band, rows) in [(0, 1), (3, 1), (0, 2), (7, 3), (31, 4)] {
            let of = |n: u32| {
                let mut lanes = [7, 0, 9, 1];
                lanes[rows - 1] = n * 5;
                key(band, &lanes[..rows])
            };
            let mut keys: Vec<u32> = (0..100_000).map(of).collect();
            let in_first_half = keys.iter().filter(|key| **key < 1 << 31).count();
            keys.sort_unstable();
            keys.dedup();
            let collisions = 100_000 - keys.len();
            assert!(collisions <= 8, "{collisions} collisions where 1.2 are expected");
            assert!(in_first_half.abs_diff(50_000) < 800, "{in_first_half} of 100 000");
        }
    }

    proptest! {
        #[test]
        fn integer_powers_agree_with_repeated_multiplication(
            base in 0.0..=1.0,
            exponent in 0usize..200,
        ) {
            let expected = (0..exponent).fold(1.0, |product, _| product * base);
            prop_assert!((power(base, exponent) - expected).abs() <= 1e-12 * expected.max(1e-300));
        }
    }
}
