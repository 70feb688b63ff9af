//! gaoya 0.2.2: MinHash of 32 bits and an index over it.
//!
//! As its README does it, and faster: lower case by the standard library, words between ASCII white
//! space and punctuation (so curly quotes and dashes are part of words), no Unicode normalisation.
//! Its own `shingle_tokens` makes a `String` of each shingle; slices of words can be hashed as they
//! are, three times as fast, so that is measured. Its index, as its `new` makes it, keeps ids in hash
//! sets; of the containers that it offers instead, the fastest is [`Small`]. Pairs are found with that,
//! asking and then putting in, one by one, which is faster than to put all in at once and then ask.

use fnv::FnvBuildHasher;
use gaoya::minhash::{
    HashSetContainer, IdContainer, MinHashIndex, MinHasher, MinHasher32, SmallVecContainer,
    compute_minhash_similarity,
};
use gaoya::text::whitespace_split;

use super::{BANDS, LANES, PairOf, ROWS, Sketcher, THRESHOLD};

/// Makes signatures.
pub struct Gaoya(MinHasher32<FnvBuildHasher>);

impl Default for Gaoya {
    fn default() -> Self {
        Gaoya(MinHasher32::new(LANES))
    }
}

impl Sketcher for Gaoya {
    type Signature = Vec<u32>;

    fn sketch(&mut self, text: &str) -> Vec<u32> {
        let text = text.to_lowercase();
        let words: Vec<&str> = whitespace_split(&text).collect();
        self.0.create_signature(words.windows(3))
    }

    fn jaccard(&self, left: &Vec<u32>, right: &Vec<u32>) -> f64 {
        compute_minhash_similarity(left, right)
    }
}

/// Its index, by what it keeps ids in.
pub type Index<C> = MinHashIndex<u32, u32, C>;

/// What its `new` takes.
pub type HashSets = HashSetContainer<u32>;

/// The fastest that it offers.
pub type Small = SmallVecContainer<u32, 2>;

fn index<C: IdContainer<u32>>() -> Index<C> {
    MinHashIndex::new_index(BANDS, ROWS, THRESHOLD)
}

/// An index of signatures, one put in after the other.
pub fn indexed<C: IdContainer<u32>>(signatures: Vec<Vec<u32>>) -> Index<C> {
    let mut index = index();
    (0..).zip(signatures).for_each(|(id, signature)| index.insert(id, signature));
    index
}

/// An index of signatures, put in all at once.
pub fn indexed_at_once<C: IdContainer<u32>>(signatures: Vec<Vec<u32>>) -> Index<C> {
    let mut index = index();
    index.par_bulk_insert((0..signatures.len() as u32).collect(), signatures);
    index
}

/// Those of an index that are like the signatures asked for, each with the number that asked.
pub fn found<C: IdContainer<u32>>(index: &Index<C>, asked: &[Vec<u32>]) -> Vec<PairOf> {
    let mut pairs = Vec::new();
    for (id, signature) in (0..).zip(asked) {
        pairs.extend(index.query(signature).into_iter().map(|&found| (id, found)));
    }
    pairs
}

/// Copies: each text is asked for, then put in, so every pair is met once.
pub fn pairs(texts: &[&str]) -> Vec<PairOf> {
    let (mut sketcher, mut index) = (Gaoya::default(), index::<Small>());
    let mut pairs = Vec::new();
    for (id, text) in (0..).zip(texts) {
        let signature = sketcher.sketch(text);
        pairs.extend(index.query(&signature).into_iter().map(|&other| (other, id)));
        index.insert(id, signature);
    }
    pairs
}
