//! Exact values of what the libraries estimate.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_64;

/// The hashes of all three-word shingles of a text, in order and with repetitions, by the simplest
/// tokeniser: lower case, and words between characters that are neither letter nor digit.
pub fn shingles(text: &str) -> Vec<u64> {
    let text = text.to_lowercase();
    let words = text.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<u64> = words.map(|word| xxh3_64(word.as_bytes())).collect();
    let mix = |hash: u64, word: u64| (hash.rotate_left(23) ^ word).wrapping_mul(ODD);
    let shingle = |words: &[u64]| words.iter().fold(0, |hash, &word| mix(hash, word));
    words.windows(3).map(shingle).map(|hash| hash ^ (hash >> 32)).collect()
}

/// The golden ratio, as a multiplier.
const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

fn set(text: &str) -> Vec<u64> {
    let mut set = shingles(text);
    set.sort_unstable();
    set.dedup();
    set
}

/// The Jaccard similarity of the sets of three-word shingles of two texts.
pub fn jaccard(left: &str, right: &str) -> f64 {
    let (left, right) = (set(left), set(right));
    let shared = left.iter().filter(|shingle| right.binary_search(shingle).is_ok()).count();
    shared as f64 / (left.len() + right.len() - shared) as f64
}

/// The similarity of two texts of a collection.
#[derive(Clone, Copy, Default)]
pub struct Likeness {
    /// Shared shingles divided by the union.
    pub jaccard: f64,
    /// Shared shingles divided by those of the shorter text.
    pub containment: f64,
}

/// All pairs whose Jaccard or containment is at least `least`, each with the smaller number first.
pub fn pairs(texts: &[&str], least: f64) -> HashMap<(u32, u32), Likeness> {
    let sets: Vec<Vec<u64>> = texts.iter().map(|text| set(text)).collect();
    let mut holders: HashMap<u64, Vec<u32>> = HashMap::new();
    let mut pairs = HashMap::new();
    let mut shared = vec![0u32; texts.len()];
    for (number, set) in sets.iter().enumerate() {
        for shingle in set {
            let earlier = holders.entry(*shingle).or_default();
            earlier.iter().for_each(|&other| shared[other as usize] += 1);
            earlier.push(number as u32);
        }
        for (other, shared) in shared[..number].iter_mut().enumerate() {
            let shared = f64::from(std::mem::take(shared));
            let (one, two) = (set.len() as f64, sets[other].len() as f64);
            let likeness = Likeness {
                jaccard: shared / (one + two - shared),
                containment: shared / one.min(two),
            };
            if likeness.jaccard.max(likeness.containment) >= least {
                pairs.insert((other as u32, number as u32), likeness);
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Corpus;

    #[test]
    fn all_pairs_have_the_similarity_that_each_has_alone() {
        let corpus = Corpus::new(120);
        let texts = corpus.texts_that(|_| true);
        let pairs = pairs(&texts, 0.2);
        for right in 0..texts.len() {
            for left in 0..right {
                let alone = jaccard(texts[left], texts[right]);
                match pairs.get(&(left as u32, right as u32)) {
                    Some(likeness) => assert_eq!(likeness.jaccard, alone),
                    None => assert!(alone < 0.2, "{left} and {right} are {alone} alike"),
                }
            }
        }
        assert!(pairs.len() > 10, "copies are among them");
    }
}
