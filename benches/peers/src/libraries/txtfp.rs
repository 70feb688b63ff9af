//! txtfp 0.3.2: MinHash of 64 bits and an index over it.
//!
//! Used as in its README, with its defaults: NFKC, simple case folding, words by Unicode's Annex 29,
//! XXH3 of each shingle joined by spaces. Its own benchmarks use another allocator.

use txtfp::{
    Canonicalizer, Fingerprinter, LshIndex, MinHashFingerprinter, MinHashSig, ShingleTokenizer,
    WordTokenizer, jaccard,
};

use super::{BANDS, LANES, PairOf, ROWS, Sketcher, THRESHOLD};

/// Makes signatures.
pub struct Txtfp(MinHashFingerprinter<ShingleTokenizer<WordTokenizer>, LANES>);

impl Default for Txtfp {
    fn default() -> Self {
        let shingles = ShingleTokenizer { k: 3, inner: WordTokenizer };
        Txtfp(MinHashFingerprinter::new(Canonicalizer::default(), shingles))
    }
}

/// Its signature.
pub type Signature = MinHashSig<LANES>;

impl Sketcher for Txtfp {
    type Signature = Signature;

    fn sketch(&mut self, text: &str) -> Signature {
        self.0.fingerprint(text).expect("a text with words")
    }

    fn jaccard(&self, left: &Signature, right: &Signature) -> f64 {
        f64::from(jaccard(left, right))
    }
}

/// A signature made of the values of another library.
pub fn of(lanes: &[u32]) -> Signature {
    let mut signature = Signature::empty();
    signature.hashes.iter_mut().zip(lanes).for_each(|(hash, lane)| *hash = u64::from(*lane));
    signature
}

/// Its index.
pub type Index = LshIndex<LANES>;

fn index() -> Index {
    LshIndex::with_bands_rows(BANDS, ROWS).expect("bands of all lanes")
}

/// An index of signatures, inserted one by one.
pub fn indexed(signatures: Vec<Signature>) -> Index {
    let mut index = index();
    (0..).zip(signatures).for_each(|(id, signature)| index.insert(id, signature));
    index
}

/// An index of signatures, inserted in one call.
pub fn indexed_at_once(signatures: Vec<Signature>) -> Index {
    let mut index = index();
    index.extend_par((0..).zip(signatures));
    index
}

/// The matches of each queried signature, each with the number of the query.
pub fn found(index: &Index, asked: &[Signature]) -> Vec<PairOf> {
    let mut pairs = Vec::new();
    for (id, signature) in (0..).zip(asked) {
        let found = index.query_with_threshold(signature, THRESHOLD as f32);
        pairs.extend(found.into_iter().map(|found| (id, found as u32)));
    }
    pairs
}

/// Copies: each text is queried, then inserted, so every pair is found once.
pub fn pairs(texts: &[&str]) -> Vec<PairOf> {
    let (mut sketcher, mut index) = (Txtfp::default(), index());
    let mut pairs = Vec::new();
    for (id, text) in (0..).zip(texts) {
        let signature = sketcher.sketch(text);
        let others = index.query_with_threshold(&signature, THRESHOLD as f32);
        pairs.extend(others.into_iter().map(|other| (other as u32, id)));
        index.insert(u64::from(id), signature);
    }
    pairs
}
