//! SimHash: 64 bits whose Hamming distance estimates the angle between two weighted sets
//! (Charikar, STOC 2002; for web pages Manku, Jain and Das Sarma, WWW 2007).

use crate::error::Error;
use crate::kernel::Kernel;
use crate::sketch::codec::{self, Reader, must_match};
use crate::sketch::shingle::Shingler;
use crate::text::scanner::Scanner;
use crate::text::words::Words;

const MAGIC: &[u8; 4] = b"rtSH";

/// A SimHash of 64 bits. Near-duplicates differ in few bits, unrelated texts in about 32.
///
/// ```
/// use retold::{Shingler, SimHash, Words};
/// let of = |text| SimHash::of_text(Shingler::words(1).unwrap(), &Words::new(text));
/// let a = of("the ferry sank off the coast of Kelm on monday night in a storm");
/// let b = of("the ferry sank off the coast of Kelm on monday in a storm");
/// let c = of("shares of the bank rose after the central bank cut its main rate");
/// assert!(a.distance(&b)? < a.distance(&c)?);
/// # Ok::<(), retold::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SimHash {
    bits: u64,
    shingle: u16,
}

impl SimHash {
    /// The SimHash of weighted features, each a pinned hash. The order has no effect, and a feature that
    /// occurs twice counts twice. A bit is set if the sum of its weighted votes is positive, so an empty
    /// list gives 0.
    pub fn weighted(features: &[(u64, i32)]) -> Self {
        let mut counters = [0i64; 64];
        Kernel::detect().vote(features, &mut counters);
        let bits = (0..64).fold(0, |bits, bit| bits | u64::from(counters[bit] > 0) << bit);
        SimHash { bits, shingle: 0 }
    }

    /// The SimHash of a text: every occurrence of a shingle is one vote.
    pub fn of_text(shingler: Shingler, words: &Words) -> Self {
        let mut hashes = Vec::with_capacity(words.len());
        shingler.hashes_into(words, &mut hashes);
        SimHash { bits: majority(&hashes), shingle: shingler.code() }
    }

    /// Like [`SimHash::of_text`], on the words of a scanner: several times faster.
    pub fn scan(shingler: Shingler, scanner: &mut Scanner, text: &str) -> Self {
        let (scan, hashes) = scanner.scan_for_shingles(text);
        shingler.scan_into(&scan, hashes);
        SimHash { bits: majority(hashes), shingle: shingler.code() }
    }

    /// The 64 bits.
    pub fn bits(&self) -> u64 {
        self.bits
    }

    /// [`Shingler::code`], 0 for features of unknown origin.
    pub(crate) fn shingle(&self) -> u16 {
        self.shingle
    }

    /// The Hamming distance, 0 to 64.
    ///
    /// # Errors
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) if they were made with different shinglings.
    pub fn distance(&self, other: &SimHash) -> Result<u32, Error> {
        must_match("shingle", self.shingle, other.shingle)?;
        Ok((self.bits ^ other.bits).count_ones())
    }

    /// The portable form: `rtSH`, scheme version (u16), shingling (u16, as in
    /// [`Signature::to_bytes`](crate::Signature::to_bytes)), bits (u64), little-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = codec::header(MAGIC);
        bytes.extend(self.shingle.to_le_bytes());
        bytes.extend(self.bits.to_le_bytes());
        bytes
    }

    /// Reads what [`SimHash::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the bytes are not a SimHash,
    /// [`ErrorKind::Version`](crate::ErrorKind::Version) if they have another scheme version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::open("SimHash", MAGIC, bytes)?;
        let shingle = u16::from_le_bytes(reader.take()?);
        let bits = u64::from_le_bytes(reader.take()?);
        reader.finish_u32s(0)?;
        Ok(SimHash { bits, shingle })
    }
}

/// The bits that are set in more than half of the hashes.
///
/// *Vertical counters* count all 64 bits at once: word `n` holds bit `n` of each of the 64 counts. A
/// tree of full adders sums eight hashes before a carry reaches the higher counters.
fn majority(hashes: &[u64]) -> u64 {
    let mut counters = [0u64; usize::BITS as usize];
    let (groups, rest) = hashes.as_chunks();
    for &[a, b, c, d, e, f, g, h] in groups {
        let [ones, twos, fours, ..] = &mut counters;
        let (sum, twos_a) = add(*ones, a, b);
        let (sum, twos_b) = add(sum, c, d);
        let (sum, twos_c) = add(sum, e, f);
        let (sum, twos_d) = add(sum, g, h);
        *ones = sum;
        let (sum, fours_a) = add(*twos, twos_a, twos_b);
        let (sum, fours_b) = add(sum, twos_c, twos_d);
        *twos = sum;
        let (sum, eights) = add(*fours, fours_a, fours_b);
        *fours = sum;
        count(&mut counters[3..], eights);
    }
    rest.iter().for_each(|&hash| count(&mut counters, hash));
    // Compares all counts with half of the number of hashes, from the highest bit down.
    let half = hashes.len() / 2;
    let (mut more, mut equal) = (0, u64::MAX);
    for (bit, counter) in counters.iter().enumerate().rev() {
        let half = if half >> bit & 1 == 1 { u64::MAX } else { 0 };
        more |= equal & counter & !half;
        equal &= !(counter ^ half);
    }
    more
}

/// A full adder for each bit position: the sum and the carry.
fn add(a: u64, b: u64, c: u64) -> (u64, u64) {
    let half = a ^ b;
    (half ^ c, a & b | half & c)
}

/// Adds one bit at each bit position to vertical counters.
fn count(counters: &mut [u64], mut carry: u64) {
    for counter in counters {
        if carry == 0 {
            return;
        }
        (*counter, carry) = (*counter ^ carry, *counter & carry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::mix;
    use proptest::prelude::*;

    #[test]
    fn a_heavier_feature_pulls_the_bits_to_its_side() {
        let (a, b) = (0xff00_ff00_ff00_ff00, 0x00ff_00ff_00ff_00ff);
        assert_eq!(SimHash::weighted(&[(a, 3), (b, 2)]).bits(), a);
        assert_eq!(SimHash::weighted(&[(a, 2), (b, 3)]).bits(), b);
        assert_eq!(SimHash::weighted(&[]).bits(), 0);
    }

    /// Charikar: a bit differs with the probability `angle / π`.
    #[test]
    fn the_mean_distance_estimates_the_angle() {
        const SIZE: u64 = 200;
        const TRIALS: u64 = 300;
        for shared in [0, 100, 160, 190] {
            let of = |start: u64| {
                let features: Vec<(u64, i32)> =
                    (start..start + SIZE).map(|n| (mix(n), 1)).collect();
                SimHash::weighted(&features)
            };
            let distance = |trial: u64| {
                let start = trial * 2 * SIZE + 1;
                of(start).distance(&of(start + SIZE - shared)).unwrap()
            };
            let mean = f64::from((0..TRIALS).map(distance).sum::<u32>()) / TRIALS as f64;
            let expected = 64.0 * (shared as f64 / SIZE as f64).acos() / std::f64::consts::PI;
            assert!((mean - expected).abs() < 1.0, "{shared}: {mean:.2}, not {expected:.2}");
        }
    }

    #[test]
    fn different_shingles_refuse_to_be_compared() {
        let words = Words::new("one two three");
        let of = |size| SimHash::of_text(Shingler::words(size).unwrap(), &words);
        assert!(of(1).distance(&of(2)).is_err());
    }

    proptest! {
        #[test]
        fn distance_is_a_metric(a: u64, b: u64, c: u64) {
            let of = |bits| SimHash { bits, shingle: 0 };
            let distance = |x, y| of(x).distance(&of(y)).unwrap();
            prop_assert_eq!(distance(a, b), distance(b, a));
            prop_assert_eq!(distance(a, a), 0);
            prop_assert!(distance(a, c) <= distance(a, b) + distance(b, c));
        }

        #[test]
        fn a_majority_is_a_vote_of_equal_weights(
            hashes in prop::collection::vec(any::<u64>(), 0..300), ands in 0usize..3,
        ) {
            // The AND of more hashes has fewer bits set.
            let of = |at: usize| (0..=ands).fold(u64::MAX, |bits, n| bits & hashes[(at + n) % hashes.len()]);
            let hashes: Vec<u64> = (0..hashes.len()).map(of).collect();
            let features: Vec<(u64, i32)> = hashes.iter().map(|&hash| (hash, 1)).collect();
            prop_assert_eq!(majority(&hashes), SimHash::weighted(&features).bits());
        }

        #[test]
        fn what_is_written_is_read_again(bits: u64, shingle: u16) {
            let hash = SimHash { bits, shingle };
            prop_assert_eq!(SimHash::from_bytes(&hash.to_bytes()), Ok(hash));
        }
    }
}
