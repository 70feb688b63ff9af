//! MinHash: a fixed-size signature. The share of equal lanes estimates the Jaccard similarity of two sets.
//!
//! The lanes are filled by *Fast Similarity Sketching* (Dahlgaard, Knudsen and Thorup, FOCS 2017). In
//! each round every shingle hashes to one lane and to a value, and a lane keeps its smallest value.
//! Rounds continue until no lane is empty. A long text needs one round, so it costs one hash per
//! shingle, where `k` independent hash functions cost `k` per shingle. The estimate is unbiased. Its
//! error is at most that of `k` independent hash functions, and smaller for small sets.
//!
//! A value has the number of its round in its high bits, so the signature of a union is the lane-wise
//! minimum of the signatures.

use crate::error::{Error, must_be};
use crate::hash::splitmix;
use crate::kernel::{Kernel, Round};
use crate::sketch::codec::{self, Reader, must_match};
use crate::sketch::shingle::Shingler;
use crate::text::scanner::Scanner;
use crate::text::words::Words;

/// The value of an empty lane. Only the signature of an empty set has any.
const EMPTY: u32 = u32::MAX;

const MAGIC: &[u8; 4] = b"rtMH";

/// Makes [`Signature`]s.
///
/// ```
/// use retold::{MinHasher, Shingler, Words};
/// let hasher = MinHasher::default();
/// let shingler = Shingler::words(3)?;
/// let a = hasher.text(shingler, &Words::new("The ferry sank off Kelm on Monday night"));
/// let b = hasher.text(shingler, &Words::new("The ferry sank off Kelm on Monday"));
/// assert!(a.jaccard(&b)? > 0.5);
/// assert_eq!(retold::Signature::from_bytes(&a.to_bytes())?, a);
/// # Ok::<(), retold::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinHasher {
    lanes: usize,
    seed: u64,
    kernel: Kernel,
}

impl Default for MinHasher {
    /// 128 lanes, seed 1, the fastest kernel: a standard error of at most 0.044.
    fn default() -> Self {
        MinHasher { lanes: 128, seed: 1, kernel: Kernel::detect() }
    }
}

impl MinHasher {
    /// The most lanes of a signature.
    pub const MAX_LANES: usize = 4096;

    /// A hasher with `lanes` lanes. Signatures with different seeds are not comparable.
    ///
    /// # Errors
    /// If `lanes` is not a multiple of 8 in `8..=4096`.
    pub fn new(lanes: usize, seed: u64) -> Result<Self, Error> {
        let fits = lanes.is_multiple_of(8) && (8..=Self::MAX_LANES).contains(&lanes);
        must_be(fits, "lanes", "a multiple of 8 in 8..=4096", lanes)?;
        Ok(MinHasher { lanes, seed, ..Self::default() })
    }

    /// The same hasher with another kernel, which changes the speed and not the signatures.
    pub fn with_kernel(self, kernel: Kernel) -> Self {
        MinHasher { kernel, ..self }
    }

    /// The signature of the shingles of a text.
    pub fn text(&self, shingler: Shingler, words: &Words) -> Signature {
        let mut hashes = Vec::with_capacity(words.len());
        shingler.hashes_into(words, &mut hashes);
        Signature { shingle: shingler.code(), ..self.hashes(&hashes) }
    }

    /// Like [`MinHasher::text`], on the words of a scanner: several times faster.
    ///
    /// ```
    /// use retold::{MinHasher, Scanner, Shingler, Words};
    /// let (hasher, shingler) = (MinHasher::default(), Shingler::words(3)?);
    /// let mut scanner = Scanner::new();
    /// for text in ["The ferry sank off Kelm on Monday night", "The ferry sank off Kelm"] {
    ///     let signature = hasher.scan(shingler, &mut scanner, text);
    ///     assert_eq!(signature, hasher.text(shingler, &Words::new(text)));
    /// }
    /// # Ok::<(), retold::Error>(())
    /// ```
    pub fn scan(&self, shingler: Shingler, scanner: &mut Scanner, text: &str) -> Signature {
        let (scan, hashes) = scanner.scan_for_shingles(text);
        shingler.scan_into(&scan, hashes);
        Signature { shingle: shingler.code(), ..self.hashes(hashes) }
    }

    /// The signature of a set of pinned hashes, such as those of [`crate::ShingleSet`].
    /// Repetitions have no effect.
    ///
    /// One pass over the hashes for a set several times larger than the number of lanes `k`; for a set
    /// of `n` hashes, `O(k log k / n)` passes and at most `2k`.
    pub fn hashes(&self, hashes: &[u64]) -> Signature {
        let mut lanes = vec![EMPTY; self.lanes];
        if !hashes.is_empty() {
            self.fill(hashes, &mut lanes);
        }
        Signature { seed: self.seed, shingle: 0, lanes }
    }

    fn fill(&self, hashes: &[u64], lanes: &mut [u32]) {
        let count = lanes.len();
        // Round numbers are below 2k; the rest of the 32 bits is the fraction of the value.
        let round_bits = (2 * count as u32).next_power_of_two().trailing_zeros();
        let round = |number: usize| Round {
            multiplier: splitmix(self.seed, number as u64) | 1,
            base: (number as u32) << (32 - round_bits),
            shift: round_bits,
        };
        for number in 0..count {
            self.kernel.place(hashes, round(number), lanes);
            if !lanes.contains(&EMPTY) {
                return;
            }
        }
        // Only very small sets reach this point. Each empty lane takes the smallest value of a round of
        // its own, so the signature is full after 2k rounds.
        for (index, lane) in lanes.iter_mut().enumerate().filter(|(_, lane)| **lane == EMPTY) {
            self.kernel.place(hashes, round(count + index), std::slice::from_mut(lane));
        }
    }
}

/// The settings of a signature. Two signatures are comparable if their settings are equal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SignatureSettings {
    seed: u64,
    /// The number of lanes.
    pub(crate) lanes: usize,
    shingle: u16,
}

impl SignatureSettings {
    /// An error that names the first setting that differs.
    pub(crate) fn must_match(self, other: SignatureSettings) -> Result<(), Error> {
        must_match("seed", self.seed, other.seed)?;
        must_match("lanes", self.lanes as u64, other.lanes as u64)?;
        must_match("shingle", self.shingle, other.shingle)
    }
}

/// The MinHash signature of a set: `k` lanes of 32 bits.
///
/// Two signatures are comparable if they have the same seed, number of lanes and shingling.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Signature {
    seed: u64,
    /// [`Shingler::code`], 0 for hashes of unknown origin.
    shingle: u16,
    lanes: Vec<u32>,
}

impl Signature {
    /// The lanes.
    pub fn lanes(&self) -> &[u32] {
        &self.lanes
    }

    /// The seed of the hasher.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Whether this is the signature of an empty set, which is similar to nothing.
    pub fn is_empty(&self) -> bool {
        self.lanes.contains(&EMPTY)
    }

    /// The estimated Jaccard similarity: the share of equal lanes, and 0 if either set is empty.
    ///
    /// # Errors
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) if the two are not comparable.
    pub fn jaccard(&self, other: &Signature) -> Result<f64, Error> {
        self.settings().must_match(other.settings())?;
        if self.is_empty() || other.is_empty() {
            return Ok(0.0);
        }
        let equal = Kernel::detect().count_equal(&self.lanes, &other.lanes);
        Ok(equal as f64 / self.lanes.len() as f64)
    }

    /// The standard error of the estimate `jaccard` with this number of lanes, `√(j(1−j)/k)`. It is an
    /// upper bound, because the lanes are filled without repetition.
    ///
    /// ```
    /// let signature = retold::MinHasher::default().hashes(&[1, 2, 3]);
    /// assert!((signature.standard_error(0.5) - 0.0442).abs() < 0.0001);
    /// ```
    pub fn standard_error(&self, jaccard: f64) -> f64 {
        let j = jaccard.clamp(0.0, 1.0);
        (j * (1.0 - j) / self.lanes.len() as f64).sqrt()
    }

    /// Makes this the signature of the union of the two sets.
    ///
    /// # Errors
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) if the two are not comparable; this one is then
    /// unchanged.
    pub fn merge(&mut self, other: &Signature) -> Result<(), Error> {
        self.settings().must_match(other.settings())?;
        for (lane, &value) in self.lanes.iter_mut().zip(&other.lanes) {
            *lane = (*lane).min(value);
        }
        Ok(())
    }

    /// The settings of this signature.
    pub(crate) fn settings(&self) -> SignatureSettings {
        SignatureSettings { seed: self.seed, lanes: self.lanes.len(), shingle: self.shingle }
    }

    /// The portable form, little-endian: `rtMH`, scheme version (u16), seed (u64), shingling (u16: the
    /// size, with the highest bit set for characters; 0 for hashes of unknown origin), number of lanes
    /// (u32), the lanes (u32 each).
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = codec::header(MAGIC);
        bytes.extend(self.seed.to_le_bytes());
        bytes.extend(self.shingle.to_le_bytes());
        bytes.extend((self.lanes.len() as u32).to_le_bytes());
        bytes.extend(self.lanes.iter().flat_map(|lane| lane.to_le_bytes()));
        bytes
    }

    /// Reads what [`Signature::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the bytes are not a signature,
    /// [`ErrorKind::Version`](crate::ErrorKind::Version) if they have another scheme version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::open("MinHash signature", MAGIC, bytes)?;
        let seed = u64::from_le_bytes(reader.take()?);
        let shingle = u16::from_le_bytes(reader.take()?);
        let count = u32::from_le_bytes(reader.take()?) as usize;
        if !count.is_multiple_of(8) || !(8..=MinHasher::MAX_LANES).contains(&count) {
            return Err(reader.malformed("its number of lanes is not a multiple of 8 in 8..=4096"));
        }
        Ok(Signature { seed, shingle, lanes: reader.finish_u32s(count)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::hash::mix;
    use proptest::prelude::*;

    /// Two sets of `size` hashes of which `shared` are common.
    fn sets(size: u64, shared: u64, salt: u64) -> (Vec<u64>, Vec<u64>) {
        let hash = |n: u64| mix(mix(n + 1) ^ mix(salt + 77));
        ((0..size).map(hash).collect(), (size - shared..2 * size - shared).map(hash).collect())
    }

    #[test]
    fn the_error_at_128_lanes_is_below_037_and_unbiased() {
        let hasher = MinHasher::default();
        let (mut squares, mut sum, mut trials) = (0.0, 0.0, 0.0);
        for salt in 0..150 {
            for size in [30u64, 100, 300, 900] {
                for tenth in 0..=9 {
                    let shared = size * tenth / 10;
                    let exact = shared as f64 / (2 * size - shared) as f64;
                    let (a, b) = sets(size, shared, salt);
                    let error = hasher.hashes(&a).jaccard(&hasher.hashes(&b)).unwrap() - exact;
                    squares += error * error;
                    sum += error;
                    trials += 1.0f64;
                }
            }
        }
        let (rmse, bias) = ((squares / trials).sqrt(), sum / trials);
        assert!(rmse < 0.037 && bias.abs() < 0.002, "rmse {rmse:.4} bias {bias:.4}");
    }

    #[test]
    fn nothing_resembles_an_empty_set_not_even_another() {
        let hasher = MinHasher::default();
        let (empty, one) = (hasher.hashes(&[]), hasher.hashes(&[7]));
        assert_eq!(empty.jaccard(&empty), Ok(0.0));
        assert_eq!(empty.jaccard(&one), Ok(0.0));
        assert!(empty.is_empty() && !one.is_empty());
    }

    #[test]
    fn signatures_with_different_settings_refuse_to_be_compared() {
        let one = MinHasher::new(64, 1).unwrap().hashes(&[1]);
        let seed = MinHasher::new(64, 2).unwrap().hashes(&[1]);
        let lanes = MinHasher::new(128, 1).unwrap().hashes(&[1]);
        let what = |error: Result<f64, Error>| error.unwrap_err().to_string();
        assert!(what(one.jaccard(&seed)).starts_with("seed 1 cannot be compared with seed 2"));
        assert!(what(one.jaccard(&lanes)).starts_with("lanes 64"));
        let words = Words::new("one two three");
        let hasher = MinHasher::default();
        let two = hasher.text(Shingler::words(2).unwrap(), &words);
        let three = hasher.text(Shingler::words(3).unwrap(), &words);
        assert!(what(two.jaccard(&three)).starts_with("shingle 2"));
        assert!(MinHasher::new(12, 1).is_err());
    }

    #[test]
    fn bytes_of_another_version_or_kind_are_refused() {
        let mut bytes = MinHasher::default().hashes(&[1]).to_bytes();
        assert!(Signature::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        bytes[4] = 99;
        let error = Signature::from_bytes(&bytes).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Version { expected: 2, found: 99 }));
        bytes[0] = b'x';
        assert!(matches!(
            Signature::from_bytes(&bytes).unwrap_err().kind(),
            ErrorKind::Malformed { .. }
        ));
    }

    proptest! {
        #[test]
        fn merging_gives_the_signature_of_the_union(
            a in prop::collection::vec(any::<u64>(), 0..300),
            b in prop::collection::vec(any::<u64>(), 0..300),
            lanes in 1usize..20,
        ) {
            let hasher = MinHasher::new(lanes * 8, 3).unwrap();
            let union: Vec<u64> = a.iter().chain(&b).copied().collect();
            let mut merged = hasher.hashes(&a);
            merged.merge(&hasher.hashes(&b)).unwrap();
            prop_assert_eq!(merged, hasher.hashes(&union));
        }

        #[test]
        fn order_and_repetition_do_not_matter(mut a in prop::collection::vec(any::<u64>(), 1..50)) {
            let hasher = MinHasher::default();
            let first = hasher.hashes(&a);
            a.reverse();
            a.extend_from_within(..);
            prop_assert_eq!(hasher.hashes(&a), first);
        }

        #[test]
        fn every_kernel_makes_the_same_signature(a in prop::collection::vec(any::<u64>(), 0..200)) {
            let scalar = MinHasher::default().with_kernel(Kernel::scalar());
            prop_assert_eq!(scalar.hashes(&a), MinHasher::default().hashes(&a));
        }

        #[test]
        fn what_is_written_is_read_again(a in prop::collection::vec(any::<u64>(), 0..20), seed: u64) {
            let signature = MinHasher::new(16, seed).unwrap().hashes(&a);
            prop_assert_eq!(Signature::from_bytes(&signature.to_bytes()), Ok(signature));
        }
    }
}
