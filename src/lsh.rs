//! Locality-sensitive hashing over MinHash bands: finds the signatures that resemble one another
//! without comparing each with each.
//!
//! The lanes of a signature are cut into bands. Documents with the same lanes in one whole band are
//! candidates: alike ones share a band almost surely, unlike ones almost never, and the number of
//! bands and of lanes in each decides what counts as alike (Indyk and Motwani, STOC 1998; Leskovec,
//! Rajaraman and Ullman, *Mining of Massive Datasets*, chapter 3).
//!
//! The bands of all documents share one table of [`Postings`], so a bucket costs no allocation.

use std::cmp::Ordering;

use crate::bytes::must_match;
use crate::error::{Error, must_be};
use crate::hash;
use crate::kernel::Kernel;
use crate::minhash::{Make, MinHasher, Signature};
use crate::postings::Postings;
use crate::rows::{self, Rows};

/// Into how many steps [`LshBands::for_threshold`] cuts each side of the threshold.
const STEPS: usize = 256;

/// How signatures are cut: into `bands` bands of `rows` lanes each.
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

/// What the two errors of an [`LshIndex`] cost beside each other; only their ratio counts.
///
/// The default weighs both the same. Where every candidate is verified, as by [`LshIndex::query`],
/// a false positive costs some time and a false negative is lost, so weigh the latter more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LshWeights {
    /// The cost of a candidate below the threshold, 0 or more.
    pub false_positive: f64,
    /// The cost of a document above the threshold that is no candidate, 0 or more.
    pub false_negative: f64,
}

impl Default for LshWeights {
    fn default() -> Self {
        LshWeights { false_positive: 1.0, false_negative: 1.0 }
    }
}

impl LshBands {
    /// `bands` bands of `rows` lanes. More bands find more, longer ones find less.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) if either is 0, or if their product is
    /// more than [`MinHasher::MAX_LANES`].
    pub fn new(bands: usize, rows: usize) -> Result<Self, Error> {
        let fits = bands.checked_mul(rows).is_some_and(is_lanes);
        let expected = "at least 1 by 1 and at most 4096 lanes in all";
        must_be(fits, "bands by rows", expected, format_args!("{bands} by {rows}"))?;
        Ok(LshBands { bands, rows })
    }

    /// The bands that err least about who is above the Jaccard similarity `threshold`, from
    /// signatures of `lanes` lanes. They may leave some lanes unused.
    ///
    /// With `P` for [`candidate_probability`](Self::candidate_probability), what is least is
    /// `false_positive × ∫ P` from 0 to the threshold and `false_negative × ∫ (1 − P)` from there
    /// to 1 together, as if all similarities were equally frequent. The integrals are midpoint sums
    /// of 256 steps each, made of multiplications and additions alone, so every machine picks the
    /// same. Among equals the fewest bands win, then the fewest rows.
    ///
    /// `O(n log n)` for `n` lanes: under a millisecond for 128, some 75 for 4096.
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
        // Beside the larger one, so that even huge weights leave the sums finite.
        let larger = weights.false_positive.max(weights.false_negative).max(f64::MIN_POSITIVE);
        let below = weights.false_positive / larger * threshold;
        let above = weights.false_negative / larger * (1.0 - threshold);
        let mut best = (f64::INFINITY, LshBands { bands: 1, rows: 1 });
        for rows in 1..=lanes {
            let one_misses: Vec<f64> = similarities.iter().map(|&s| 1.0 - power(s, rows)).collect();
            let mut all_miss = vec![1.0; one_misses.len()];
            for bands in 1..=lanes / rows {
                all_miss.iter_mut().zip(&one_misses).for_each(|(all, one)| *all *= one);
                let (low, high) = all_miss.split_at(STEPS);
                let error = below * (STEPS as f64 - low.iter().sum::<f64>())
                    + above * high.iter().sum::<f64>();
                if error < best.0 || error == best.0 && bands < best.1.bands {
                    best = (error, LshBands { bands, rows });
                }
            }
        }
        best.1
    }

    /// How many bands.
    pub fn bands(&self) -> usize {
        self.bands
    }

    /// How many lanes in each.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The probability that a pair of this Jaccard similarity shares a whole band,
    /// `1 − (1 − s^rows)^bands`. A similarity outside `0..=1` counts as the nearer end.
    ///
    /// It holds for independent lanes. Those of [`Signature`] are filled without repetition, so for
    /// small sets the step is steeper, by some .02 of probability at most in our measurements.
    pub fn candidate_probability(&self, similarity: f64) -> f64 {
        let one_misses = 1.0 - power(similarity.clamp(0.0, 1.0), self.rows);
        1.0 - power(one_misses, self.bands)
    }

    /// The key of each band: pinned hashes, so that chance meetings are the same everywhere.
    fn keys(self, lanes: &[u32]) -> impl Iterator<Item = u32> {
        let mut bytes = Vec::with_capacity((1 + self.rows) * size_of::<u32>());
        lanes.chunks_exact(self.rows).take(self.bands).zip(0u32..).map(move |(lanes, band)| {
            bytes.clear();
            bytes.extend(band.to_le_bytes());
            bytes.extend(lanes.iter().flat_map(|lane| lane.to_le_bytes()));
            (hash::bytes(&bytes) >> 32) as u32
        })
    }
}

fn is_lanes(lanes: usize) -> bool {
    (1..=MinHasher::MAX_LANES).contains(&lanes)
}

/// The middles of [`STEPS`] equal steps from `start` to `end`.
fn midpoints(start: f64, end: f64) -> impl Iterator<Item = f64> {
    let width = (end - start) / STEPS as f64;
    (0..STEPS).map(move |step| start + (step as f64 + 0.5) * width)
}

/// `base` to a whole power. `f64::powi` may give other last bits on other machines.
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

/// A document that resembles the one asked about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LshMatch {
    /// Its id.
    pub id: u32,
    /// The estimate of [`Signature::jaccard`], in `0..=1`.
    pub jaccard: f64,
}

/// A growing collection of signatures that finds those that resemble a given one, or each other.
///
/// Each document is listed under its bands. A document that shares a whole band is a *candidate*,
/// found with [`LshBands::candidate_probability`]. Bands are told apart by 32 bits, so some
/// `(documents × bands)² / 2³³` pairs are candidates by chance; [`query`](Self::query) and
/// [`top_k`](Self::top_k) look at all lanes of every candidate. Results depend on which documents
/// are in and on nothing else.
///
/// For each document it keeps 4 bytes a lane and 11 to 21 a band, or half of that where many share
/// the band; twice as much right after its vectors have grown.
///
/// ```
/// use retold::{LshIndex, LshWeights, MinHasher, Shingler, Words};
/// let (hasher, shingler) = (MinHasher::default(), Shingler::words(2)?);
/// let signature = |text| hasher.text(shingler, &Words::new(text));
/// let mut index = LshIndex::for_threshold(0.5, 128, LshWeights::default())?;
/// index.insert(1, &signature("The ferry sank off Kelm on Monday night in a heavy storm"))?;
/// index.insert(2, &signature("The central bank of Norland left its main rate alone"))?;
/// let found = index.query(&signature("The ferry sank off Kelm on Monday night in a storm"), 0.5)?;
/// assert_eq!(found.iter().map(|found| found.id).collect::<Vec<_>>(), [1]);
/// # Ok::<(), retold::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LshIndex {
    bands: LshBands,
    /// Of the first signature.
    make: Option<Make>,
    rows: Rows,
    /// All lanes of each row, row after row.
    lanes: Vec<u32>,
    /// Rows by the keys of their bands.
    postings: Postings,
}

impl LshIndex {
    /// An index that cuts signatures into `bands` bands of `rows` lanes.
    ///
    /// # Errors
    /// Those of [`LshBands::new`].
    pub fn new(bands: usize, rows: usize) -> Result<Self, Error> {
        LshBands::new(bands, rows).map(Self::with_bands)
    }

    /// An index for signatures of `lanes` lanes with the bands that err least about who is above
    /// the Jaccard similarity `threshold`; see [`LshBands::for_threshold`].
    ///
    /// # Errors
    /// Those of [`LshBands::for_threshold`].
    pub fn for_threshold(threshold: f64, lanes: usize, weights: LshWeights) -> Result<Self, Error> {
        LshBands::for_threshold(threshold, lanes, weights).map(Self::with_bands)
    }

    fn with_bands(bands: LshBands) -> Self {
        let (rows, postings) = (Rows::default(), Postings::new());
        LshIndex { bands, make: None, rows, lanes: Vec::new(), postings }
    }

    /// How signatures are cut here.
    pub fn bands(&self) -> LshBands {
        self.bands
    }

    /// How many documents are in.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no document is in.
    pub fn is_empty(&self) -> bool {
        self.rows.len() == 0
    }

    /// Whether a document of this id is in.
    pub fn contains(&self, id: u32) -> bool {
        self.rows.contains(id)
    }

    /// Puts a document in. The first one decides how all later ones must be made, even after it is
    /// removed. The signature of an empty set resembles nothing, so it is never found.
    ///
    /// Amortised `O(lanes)`. Where rows of removed documents are used again, up to 4 bytes are
    /// moved for each document that shares a band.
    ///
    /// # Errors
    /// [`ErrorKind::RepeatedId`](crate::ErrorKind::RepeatedId) if the id is in;
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) if seed, lanes or shingling differ from
    /// those of the first signature, or if it has fewer lanes than the bands need;
    /// [`ErrorKind::Full`](crate::ErrorKind::Full) once the lists of shared bands take 2 GiB. The
    /// index is then unchanged.
    pub fn insert(&mut self, id: u32, signature: &Signature) -> Result<(), Error> {
        self.check(signature)?;
        self.postings.must_have_room(self.rows.len())?;
        let row = self.rows.insert(id)?;
        self.make = Some(signature.make());
        rows::put(&mut self.lanes, row, signature.lanes());
        if !signature.is_empty() {
            for key in self.bands.keys(signature.lanes()) {
                self.postings.insert(key, row);
            }
        }
        Ok(())
    }

    /// Takes a document out; whether it was in. `O(lanes)`, and up to 4 bytes are moved for each
    /// document that shares a band.
    pub fn remove(&mut self, id: u32) -> bool {
        let Some(row) = self.rows.remove(id) else { return false };
        // An empty signature is listed nowhere, and two bands of one document may have one key: a
        // key without the row is no mistake.
        for key in self.bands.keys(rows::get(&self.lanes, self.width(), row)) {
            self.postings.remove(key, row);
        }
        true
    }

    /// The candidates whose estimated Jaccard similarity to `signature` is `min_jaccard` or more:
    /// the most similar first, equally similar ones by id. `O(lanes)` for each candidate.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) for a `min_jaccard` outside `0..=1`,
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) as for [`insert`](Self::insert).
    pub fn query(&self, signature: &Signature, min_jaccard: f64) -> Result<Vec<LshMatch>, Error> {
        must_be((0.0..=1.0).contains(&min_jaccard), "min_jaccard", "in 0..=1", min_jaccard)?;
        let mut found = self.verified(signature)?;
        found.retain(|found| found.jaccard >= min_jaccard);
        found.sort_unstable_by(best_first);
        Ok(found)
    }

    /// The `k` candidates that are most similar to `signature`, in the order of
    /// [`query`](Self::query); fewer where there are not as many. `O(lanes)` for each candidate.
    ///
    /// # Errors
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) as for [`insert`](Self::insert).
    pub fn top_k(&self, signature: &Signature, k: usize) -> Result<Vec<LshMatch>, Error> {
        let mut found = self.verified(signature)?;
        if k < found.len() {
            found.select_nth_unstable_by(k, best_first);
            found.truncate(k);
        }
        found.sort_unstable_by(best_first);
        Ok(found)
    }

    /// The documents that share a band with `signature`, by rising id. Nothing more is verified,
    /// so their lanes are not looked at.
    ///
    /// # Errors
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) as for [`insert`](Self::insert).
    pub fn candidates(&self, signature: &Signature) -> Result<Vec<u32>, Error> {
        let rows = self.candidate_rows(signature)?;
        let mut ids: Vec<u32> = rows.into_iter().map(|row| self.rows.id(row)).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// Every pair of documents that share a band, once, the smaller id first, in rising order;
    /// unverified.
    ///
    /// `O(p log p)` time and 8 bytes of memory for each of the `p` pairs in one band, and a pair
    /// counts once for each band that it shares. A band that `n` documents have is `n(n−1)/2`
    /// pairs: take all but one of a group of equal documents out first where groups are large.
    pub fn candidate_pairs(&self) -> Vec<(u32, u32)> {
        let mut pairs = Vec::new();
        for rows in self.postings.lists() {
            for (place, &row) in rows.iter().enumerate() {
                let id = self.rows.id(row);
                let earlier = rows[..place].iter().map(|&row| self.rows.id(row));
                pairs.extend(earlier.map(|other| (id.min(other), id.max(other))));
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    /// Bytes held on the heap.
    pub fn memory_usage(&self) -> usize {
        self.lanes.capacity() * size_of::<u32>()
            + self.rows.memory_usage()
            + self.postings.memory_usage()
    }

    /// How many lanes each row has; 0 before the first.
    fn width(&self) -> usize {
        self.make.map_or(0, |make| make.lanes)
    }

    /// Refuses a signature that cannot be compared with those that are in.
    fn check(&self, signature: &Signature) -> Result<(), Error> {
        let (needed, lanes) = (self.bands.bands * self.bands.rows, signature.lanes().len());
        if lanes < needed {
            must_match("lanes", needed as u64, lanes as u64)?;
        }
        self.make.map_or(Ok(()), |make| make.must_match(signature.make()))
    }

    /// The rows that share a band with a signature, rising.
    fn candidate_rows(&self, signature: &Signature) -> Result<Vec<u32>, Error> {
        self.check(signature)?;
        let mut rows = Vec::new();
        if !signature.is_empty() {
            for key in self.bands.keys(signature.lanes()) {
                rows.extend_from_slice(self.postings.get(key));
            }
        }
        rows.sort_unstable();
        rows.dedup();
        Ok(rows)
    }

    /// The candidates with their similarity, in no useful order.
    fn verified(&self, signature: &Signature) -> Result<Vec<LshMatch>, Error> {
        let (kernel, lanes) = (Kernel::detect(), signature.lanes());
        let compare = |row| {
            let equal = kernel.count_equal(lanes, rows::get(&self.lanes, self.width(), row));
            LshMatch { id: self.rows.id(row), jaccard: equal as f64 / lanes.len() as f64 }
        };
        Ok(self.candidate_rows(signature)?.into_iter().map(compare).collect())
    }
}

/// The most similar first, equally similar ones by id.
fn best_first(a: &LshMatch, b: &LshMatch) -> Ordering {
    b.jaccard.total_cmp(&a.jaccard).then(a.id.cmp(&b.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::hash::mix;
    use crate::{Shingler, Words};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn bands_for(threshold: f64, lanes: usize, weights: LshWeights) -> (usize, usize) {
        let bands = LshBands::for_threshold(threshold, lanes, weights).unwrap();
        (bands.bands(), bands.rows())
    }

    fn signature(hashes: impl IntoIterator<Item = u64>) -> Signature {
        let hashes: Vec<u64> = hashes.into_iter().map(|n| mix(n + 1)).collect();
        MinHasher::new(32, 1).unwrap().hashes(&hashes)
    }

    /// The value of the function that the choice of bands makes least, on a finer grid.
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
    fn no_other_bands_err_less_than_the_chosen_ones() {
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
    fn at_the_ends_everything_or_only_the_same_is_a_candidate() {
        let even = LshWeights::default();
        assert_eq!(bands_for(0.0, 128, even), (128, 1));
        assert_eq!(bands_for(1.0, 128, even), (1, 128));
        // Nothing costs anything: the fewest bands and rows.
        let nothing = LshWeights { false_positive: 0.0, false_negative: 0.0 };
        assert_eq!(bands_for(0.5, 128, nothing), (1, 1));
    }

    #[test]
    fn settings_without_sense_are_refused() {
        let setting = |error: Error| matches!(error.kind(), ErrorKind::Setting { .. });
        for (bands, rows) in [(0, 4), (4, 0), (1025, 4), (usize::MAX, 2)] {
            assert!(setting(LshIndex::new(bands, rows).unwrap_err()));
        }
        assert!(LshIndex::new(1024, 4).is_ok());
        let even = LshWeights::default();
        for (threshold, lanes) in [(-0.1, 128), (1.1, 128), (f64::NAN, 128), (0.5, 0), (0.5, 4097)]
        {
            assert!(setting(LshIndex::for_threshold(threshold, lanes, even).unwrap_err()));
        }
        for weight in [-1.0, f64::NAN, f64::INFINITY] {
            let weights = LshWeights { false_positive: weight, ..even };
            assert!(setting(LshIndex::for_threshold(0.5, 128, weights).unwrap_err()));
        }
        let index = LshIndex::new(8, 2).unwrap();
        for least in [-0.1, 1.1, f64::NAN] {
            assert!(setting(index.query(&signature(0..9), least).unwrap_err()));
        }
    }

    /// Pairs of sets with a known similarity, one side in the index and the other asked for.
    #[test]
    fn recall_agrees_with_the_candidate_probability() {
        const TRIALS: u32 = 1000;
        let hasher = MinHasher::default();
        let bands = LshBands::for_threshold(0.5, 128, LshWeights::default()).unwrap();
        for (similarity, shared) in [(0.3, 300u64), (0.5, 500), (0.8, 800)] {
            let mut index = LshIndex::new(bands.bands(), bands.rows()).unwrap();
            // 1000 hashes in the union of each pair.
            let size = (1000 + shared) / 2;
            let set = |trial: u32, start: u64| -> Vec<u64> {
                let first = u64::from(trial) * 1000 + start;
                (first..first + size).map(|n| mix(n + 1)).collect()
            };
            for trial in 0..TRIALS {
                index.insert(trial, &hasher.hashes(&set(trial, 0))).unwrap();
            }
            let found = |&trial: &u32| {
                let other = hasher.hashes(&set(trial, 1000 - size));
                index.candidates(&other).unwrap().contains(&trial)
            };
            let recall = (0..TRIALS).filter(found).count() as f64 / f64::from(TRIALS);
            let expected = bands.candidate_probability(similarity);
            let standard_error = (expected * (1.0 - expected) / f64::from(TRIALS)).sqrt();
            assert!(
                (recall - expected).abs() < 3.0 * standard_error + 1e-3,
                "recall {recall:.4} at {similarity}, expected {expected:.4} ± {standard_error:.4}"
            );
        }
    }

    #[test]
    fn signatures_made_in_another_way_are_refused_even_after_the_first_is_gone() {
        let mut index = LshIndex::new(8, 2).unwrap();
        index.insert(1, &signature(0..9)).unwrap();
        assert!(index.remove(1));
        let words = Words::new("one two three");
        let others = [
            (MinHasher::new(32, 2).unwrap().hashes(&[1]), "seed"),
            (MinHasher::new(64, 1).unwrap().hashes(&[1]), "lanes"),
            (MinHasher::new(32, 1).unwrap().text(Shingler::words(2).unwrap(), &words), "shingle"),
        ];
        for (other, differs) in others {
            let errors = [
                index.insert(2, &other).unwrap_err(),
                index.query(&other, 0.5).unwrap_err(),
                index.top_k(&other, 3).unwrap_err(),
                index.candidates(&other).unwrap_err(),
            ];
            for error in errors {
                let ErrorKind::Mismatch { what, .. } = error.kind() else { panic!("{error}") };
                assert_eq!(*what, differs);
            }
        }
        assert!(index.is_empty());
    }

    #[test]
    fn a_signature_with_fewer_lanes_than_the_bands_need_is_refused() {
        let mut index = LshIndex::new(8, 5).unwrap();
        let mismatch = Err(ErrorKind::Mismatch { what: "lanes", expected: 40, found: 32 }.into());
        assert_eq!(index.insert(1, &signature(0..9)), mismatch);
        assert!(index.is_empty() && index.candidates(&signature(0..9)).is_err());
    }

    #[test]
    fn the_same_lanes_in_another_band_make_no_candidate() {
        let first = signature(0..9);
        let mut bytes = first.to_bytes();
        let lanes = bytes.len() - 32 * 4;
        bytes[lanes..].rotate_left(2 * 4);
        let moved = Signature::from_bytes(&bytes).unwrap();
        let mut index = LshIndex::new(16, 2).unwrap();
        index.insert(1, &first).unwrap();
        assert_eq!(moved.lanes()[..30], first.lanes()[2..]);
        assert_eq!(index.candidates(&moved), Ok(vec![]));
        assert_eq!(index.candidates(&first), Ok(vec![1]));
    }

    #[test]
    fn an_empty_signature_is_kept_but_never_found() {
        let mut index = LshIndex::new(8, 2).unwrap();
        let empty = signature([]);
        index.insert(1, &empty).unwrap();
        index.insert(2, &empty).unwrap();
        assert_eq!(index.candidates(&empty), Ok(vec![]));
        assert_eq!(index.query(&empty, 0.0), Ok(vec![]));
        assert_eq!(index.candidate_pairs(), []);
        assert!(index.contains(1) && index.len() == 2 && index.remove(1) && !index.remove(1));
    }

    #[test]
    fn removed_documents_leave_room_for_as_many_others() {
        let mut index = LshIndex::new(8, 2).unwrap();
        let mut usage = Vec::new();
        for round in 0..20 {
            let ids = round * 100..round * 100 + 100;
            for id in ids.clone() {
                index.insert(id, &signature(u64::from(id) / 3..u64::from(id) / 3 + 20)).unwrap();
            }
            usage.push(index.memory_usage());
            ids.for_each(|id| assert!(index.remove(id)));
        }
        assert!(usage[19] < usage[0] * 2, "{usage:?}");
    }

    /// Sets that overlap with their neighbours, and the empty set. Fixed, so that a chance meeting
    /// of keys cannot come and go between runs.
    fn pool() -> Vec<Signature> {
        let sets = (0..24u64).map(|n| signature(n * 2..n * 2 + 5 + n % 4 * 6));
        sets.chain([signature([])]).collect()
    }

    /// Compares every pair, and looks for a whole band that is equal.
    struct Naive(BTreeMap<u32, Signature>);

    impl Naive {
        const BANDS: LshBands = LshBands { bands: 7, rows: 2 };

        fn meet(a: &Signature, b: &Signature) -> bool {
            let bands = |s: &Signature| {
                s.lanes().chunks(Self::BANDS.rows).take(Self::BANDS.bands).map(Vec::from).collect()
            };
            let (x, y): (Vec<Vec<u32>>, Vec<Vec<u32>>) = (bands(a), bands(b));
            !a.is_empty() && !b.is_empty() && x.iter().zip(&y).any(|(x, y)| x == y)
        }

        fn candidates(&self, of: &Signature) -> Vec<u32> {
            self.0.iter().filter(|(_, s)| Self::meet(s, of)).map(|(id, _)| *id).collect()
        }

        fn pairs(&self) -> Vec<(u32, u32)> {
            let later = |id: u32| self.0.range(id + 1..);
            let pairs = self.0.iter().flat_map(|(&id, signature)| {
                later(id).filter(|(_, s)| Self::meet(s, signature)).map(move |(&b, _)| (id, b))
            });
            pairs.collect()
        }

        fn query(&self, of: &Signature, least: f64) -> Vec<LshMatch> {
            let score = |id| LshMatch { id, jaccard: self.0[&id].jaccard(of).unwrap() };
            let mut found: Vec<_> = self.candidates(of).into_iter().map(score).collect();
            found.retain(|found| found.jaccard >= least);
            // The ids rise already, and the sort is stable.
            found.sort_by(|a, b| b.jaccard.partial_cmp(&a.jaccard).unwrap());
            found
        }
    }

    proptest! {
        #[test]
        fn behaves_like_a_comparison_of_every_pair(
            operations in prop::collection::vec((any::<bool>(), 0u32..40, 0usize..25), 0..120),
            asked in 0usize..25,
            least in 0.0..=1.0,
            k in 0usize..12,
        ) {
            let pool = pool();
            let mut index = LshIndex::new(Naive::BANDS.bands, Naive::BANDS.rows).unwrap();
            let mut naive = Naive(BTreeMap::new());
            for (insert, id, which) in operations {
                if insert {
                    let is_new = !naive.0.contains_key(&id);
                    prop_assert_eq!(index.insert(id, &pool[which]).is_ok(), is_new);
                    naive.0.entry(id).or_insert_with(|| pool[which].clone());
                } else {
                    prop_assert_eq!(index.remove(id), naive.0.remove(&id).is_some());
                }
                prop_assert_eq!(index.contains(id), naive.0.contains_key(&id));
            }
            let asked = &pool[asked];
            prop_assert_eq!(index.len(), naive.0.len());
            prop_assert_eq!(index.candidates(asked).unwrap(), naive.candidates(asked));
            prop_assert_eq!(index.candidate_pairs(), naive.pairs());
            prop_assert_eq!(index.query(asked, least).unwrap(), naive.query(asked, least));
            let mut best = naive.query(asked, 0.0);
            best.truncate(k);
            prop_assert_eq!(index.top_k(asked, k).unwrap(), best);
        }

        #[test]
        fn whole_powers_are_those_of_repeated_multiplication(
            base in 0.0..=1.0,
            exponent in 0usize..200,
        ) {
            let expected = (0..exponent).fold(1.0, |product, _| product * base);
            prop_assert!((power(base, exponent) - expected).abs() <= 1e-12 * expected.max(1e-300));
        }
    }
}
