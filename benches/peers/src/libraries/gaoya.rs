//! gaoya 0.2.2: MinHash of 32 bits and an index over it, in two forms: as in its README, and in its
//! fastest form.
//!
//! Both use lower case by the standard library, words between ASCII white space and punctuation (so
//! curly quotes and dashes are part of words), and no Unicode normalisation.
//!
//! [`ByReadme`] is its README's example with shingles of three words instead of one: its own
//! `shingle_tokens`, which makes a `String` of each shingle, and its index as `new` makes it, which keeps
//! ids in hash sets and is queried by `query_owned`. The example inserts all texts first and makes every
//! signature again to query it; here each text is queried and then inserted with one signature, which
//! takes less time and finds each pair once.
//!
//! [`Gaoya`] hashes slices of words without copying, which takes two thirds of the time; [`Small`] is the
//! fastest of the containers that the index offers. A query before each insertion is faster than
//! inserting all and then querying.

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

/// Makes signatures with the functions of its README.
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

/// Its index, by the container of ids.
pub type Index<C> = MinHashIndex<u32, u32, C>;

/// The container that its `new` takes.
pub type HashSets = HashSetContainer<u32>;

/// The fastest container that it offers.
pub type Small = SmallVecContainer<u32, 2>;

fn index<C: IdContainer<u32>>() -> Index<C> {
    MinHashIndex::new_index(BANDS, ROWS, THRESHOLD)
}

/// An index of signatures, inserted one by one.
pub fn indexed<C: IdContainer<u32>>(signatures: Vec<Vec<u32>>) -> Index<C> {
    let mut index = index();
    (0..).zip(signatures).for_each(|(id, signature)| index.insert(id, signature));
    index
}

/// An index of signatures, inserted in one call.
pub fn indexed_at_once<C: IdContainer<u32>>(signatures: Vec<Vec<u32>>) -> Index<C> {
    let mut index = index();
    index.par_bulk_insert((0..signatures.len() as u32).collect(), signatures);
    index
}

/// The matches of each queried signature, each with the number of the query.
pub fn found<C: IdContainer<u32>>(index: &Index<C>, asked: &[Vec<u32>]) -> Vec<PairOf> {
    let mut pairs = Vec::new();
    for (id, signature) in (0..).zip(asked) {
        pairs.extend(index.query(signature).into_iter().map(|&found| (id, found)));
    }
    pairs
}

/// Copies: each text is queried, then inserted, so every pair is found once.
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

/// The same as in its README.
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
