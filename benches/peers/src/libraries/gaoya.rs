//! gaoya 0.2.2: MinHash of 32 bits and an index over it. Twice: as its README does it, and in the
//! fastest form that it has.
//!
//! Both: lower case by the standard library, words between ASCII white space and punctuation (so
//! curly quotes and dashes are part of words), no Unicode normalisation.
//!
//! [`ByReadme`] is its README's example with three words for one: its own `shingle_tokens`, which
//! makes a `String` of each shingle, and its index as `new` makes it, which keeps ids in hash sets and
//! is asked by `query_owned`. The example puts all in first and makes every signature a second time to
//! ask for it; here each text is asked for and then put in by one signature, which takes less time and
//! meets each pair once.
//!
//! [`Gaoya`] hashes slices of words as they are, which takes two thirds of the time; of the
//! containers that the index offers, the fastest is [`Small`]. Pairs are found by asking and then
//! putting in, one by one, which is faster than to put all in at once and then ask.

use fnv::FnvBuildHasher;
use gaoya::minhash::{
    HashSetContainer, IdContainer, MinHashIndex, MinHasher, MinHasher32, SmallVecContainer,
    compute_minhash_similarity,
};
use gaoya::text::{shingle_tokens, whitespace_split};

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

/// Makes signatures by the functions of its README.
pub struct ByReadme(MinHasher32<FnvBuildHasher>);

impl Default for ByReadme {
    fn default() -> Self {
        ByReadme(MinHasher32::new(LANES))
    }
}

impl Sketcher for ByReadme {
    type Signature = Vec<u32>;

    fn sketch(&mut self, text: &str) -> Vec<u32> {
        let text = text.to_lowercase();
        let words = whitespace_split(&text).collect();
        self.0.create_signature(shingle_tokens(&words, 3))
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

/// The same as its README does it.
pub fn pairs_by_readme(texts: &[&str]) -> Vec<PairOf> {
    let mut sketcher = ByReadme::default();
    let mut index = MinHashIndex::new(BANDS, ROWS, THRESHOLD);
    let mut pairs = Vec::new();
    for (id, text) in (0..).zip(texts) {
        let signature = sketcher.sketch(text);
        pairs.extend(index.query_owned(&signature).into_iter().map(|other| (other, id)));
        index.insert(id, signature);
    }
    pairs
}
