//! find-simdoc 0.1.1: one bit of each MinHash value, and a join by sorting.
//!
//! It splits a text at one character and changes nothing else, so its input is prepared here: lower
//! case, and one space between words. Punctuation stays with the words. A signature of 128 values has
//! 128 bits, a 32nd of the size of others, and a larger error. Copies are searched with as many bits as
//! estimate a similarity of 0.5 as well as 128 whole values.

use find_simdoc::JaccardSearcher;
use find_simdoc::feature::{FeatureConfig, FeatureExtractor};
use find_simdoc::lsh::minhash::MinHasher;

use super::{LANES, PairOf, Sketcher, THRESHOLD};

/// Words of 64 bits. At a similarity of 0.5 the share of equal bits has a variance of `0.75 × 0.25 / n`
/// for `n` bits, and the estimate four times that; for `n` values it is `0.5 × 0.5 / n`.
const CHUNKS: usize = 3 * LANES / 64;

/// Makes signatures.
pub struct Simdoc {
    config: FeatureConfig,
    hasher: MinHasher,
    feature: Vec<u64>,
}

impl Default for Simdoc {
    fn default() -> Self {
        let config = FeatureConfig::new(3, Some(' '), 42).expect("a size of shingles");
        Simdoc { config, hasher: MinHasher::new(43), feature: Vec::new() }
    }
}

impl Sketcher for Simdoc {
    type Signature = Vec<u64>;

    fn sketch(&mut self, text: &str) -> Vec<u64> {
        FeatureExtractor::new(&self.config).extract(prepared(text), &mut self.feature);
        self.hasher.iter(&self.feature).take(LANES / 64).collect()
    }

    /// Half of the bits are equal by chance.
    fn jaccard(&self, left: &Vec<u64>, right: &Vec<u64>) -> f64 {
        let different: u32 = left.iter().zip(right).map(|(x, y)| (x ^ y).count_ones()).sum();
        1.0 - 2.0 * f64::from(different) / LANES as f64
    }
}

fn prepared(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut prepared = String::with_capacity(lower.len());
    for word in lower.split_whitespace() {
        prepared.push_str(word);
        prepared.push(' ');
    }
    prepared.pop();
    prepared
}

/// Copies.
pub fn pairs(texts: &[&str]) -> Vec<PairOf> {
    let texts = texts.iter().map(|text| prepared(text));
    let searcher = JaccardSearcher::new(3, Some(' '), Some(42)).expect("a size of shingles");
    let searcher = searcher.build_sketches(texts, CHUNKS).expect("texts with words");
    let pairs = searcher.search_similar_pairs(1.0 - THRESHOLD).into_iter();
    pairs.map(|(left, right, _)| (left as u32, right as u32)).collect()
}
