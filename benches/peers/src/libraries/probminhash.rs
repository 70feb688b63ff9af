//! probminhash 0.1.12: sketches of sets of hashes, without an index.
//!
//! It reads no text, so the plain tokeniser [`shingles`] makes the hashes, and its time counts.
//! Two of its sketches estimate the plain Jaccard similarity: SuperMinHash, and one-permutation
//! hashing with optimal densification.

use std::hash::BuildHasherDefault;

use probminhash::densminhash::OptDensMinHash;
use probminhash::superminhasher::{NoHashHasher, SuperMinHash, compute_superminhash_jaccard};

use super::{LANES, Sketcher};
use crate::exact::shingles;

/// Makes signatures by SuperMinHash.
pub struct Super(SuperMinHash<f32, u64, NoHashHasher>);

impl Default for Super {
    fn default() -> Self {
        Super(SuperMinHash::new(LANES, BuildHasherDefault::default()))
    }
}

impl Sketcher for Super {
    type Signature = Vec<f32>;

    fn sketch(&mut self, text: &str) -> Vec<f32> {
        self.0.reinit();
        self.0.sketch_slice(&shingles(text)).expect("a text of three words and more");
        self.0.get_hsketch().clone()
    }

    fn jaccard(&self, left: &Vec<f32>, right: &Vec<f32>) -> f64 {
        equal(left, right)
    }
}

/// Makes signatures by one-permutation hashing.
pub struct OnePermutation(OptDensMinHash<f32, u64, NoHashHasher>);

impl Default for OnePermutation {
    fn default() -> Self {
        OnePermutation(OptDensMinHash::new(LANES, BuildHasherDefault::default()))
    }
}

impl Sketcher for OnePermutation {
    type Signature = Vec<f32>;

    fn sketch(&mut self, text: &str) -> Vec<f32> {
        self.0.reinit();
        self.0.sketch_slice(&shingles(text)).expect("a text of three words and more");
        self.0.get_hsketch().clone()
    }

    fn jaccard(&self, left: &Vec<f32>, right: &Vec<f32>) -> f64 {
        equal(left, right)
    }
}

fn equal(left: &[f32], right: &[f32]) -> f64 {
    f64::from(compute_superminhash_jaccard(left, right).expect("sketches of one length"))
}
