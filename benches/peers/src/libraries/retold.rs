//! retold itself.
//!
//! Unicode normalisation (NFKC), full case folding, words of every script.

use std::hint::black_box;

use retold::{
    Article, Detector, Families, Level, LshIndex, MinHasher, Scanner, Shingler, Signature,
};

use super::{BANDS, LANES, PairOf, ROWS, Sketcher, THRESHOLD};

/// Makes signatures.
pub struct Retold {
    hasher: MinHasher,
    shingler: Shingler,
    scanner: Scanner,
}

impl Default for Retold {
    fn default() -> Self {
        let hasher = MinHasher::new(LANES, 1).expect("a number of lanes");
        let shingler = Shingler::words(3).expect("a size of shingles");
        Retold { hasher, shingler, scanner: Scanner::new() }
    }
}

impl Sketcher for Retold {
    type Signature = Signature;

    fn sketch(&mut self, text: &str) -> Signature {
        self.hasher.scan(self.shingler, &mut self.scanner, text)
    }

    fn jaccard(&self, left: &Signature, right: &Signature) -> f64 {
        left.jaccard(right).expect("one hasher made both")
    }
}

/// Makes the fingerprint that the detector keeps of each text.
pub fn fingerprints(texts: &[&str]) {
    let mut sketcher = retold::Sketcher::new();
    for text in texts {
        let fingerprint = sketcher.fingerprint(&Article::new("", text));
        drop(black_box(fingerprint.expect("a text with words")));
    }
}

/// An index of signatures, inserted one by one.
pub fn indexed(signatures: &[Signature]) -> LshIndex {
    let mut index = LshIndex::new(BANDS, ROWS).expect("bands");
    for (id, signature) in (0..).zip(signatures) {
        index.insert(id, signature).expect("a new id");
    }
    index
}

/// An index of signatures, inserted in one call.
pub fn indexed_at_once(signatures: &[Signature]) -> LshIndex {
    let mut index = LshIndex::new(BANDS, ROWS).expect("bands");
    index.insert_many((0..).zip(signatures)).expect("new ids");
    index
}

/// The matches of each queried signature, each with the number of the query.
pub fn found(index: &LshIndex, asked: &[Signature]) -> Vec<PairOf> {
    let mut pairs = Vec::new();
    for (id, signature) in (0..).zip(asked) {
        let matches = index.query(signature, THRESHOLD).expect("one hasher made all");
        pairs.extend(matches.into_iter().map(|found| (id, found.id)));
    }
    pairs
}

/// Copies by signatures: the verified candidates of an index.
pub fn pairs(texts: &[&str]) -> Vec<PairOf> {
    let mut sketcher = Retold::default();
    let signatures: Vec<Signature> = texts.iter().map(|text| sketcher.sketch(text)).collect();
    let index = indexed_at_once(&signatures);
    let pairs = index.pairs(THRESHOLD).expect("a similarity");
    pairs.iter().map(|pair| (pair.left, pair.right)).collect()
}

/// A detector at a level with all articles.
pub fn detector(level: Level, articles: &[Article<'_>]) -> Detector {
    let mut detector = Detector::builder().level(level).build().expect("default settings");
    detector.insert_many(articles).into_iter().for_each(|done| done.expect("a new article"));
    detector
}

/// Families by the detector. At the copy level it cuts by containment, not by Jaccard.
pub fn families(level: Level, articles: &[Article<'_>]) -> Families {
    detector(level, articles).families()
}

/// The verified pairs of those families. Ids end with the number of the article.
pub fn pairs_by_detector(level: Level, articles: &[Article<'_>]) -> Vec<PairOf> {
    let detector = detector(level, articles);
    let number =
        |id: &str| id.rsplit('/').next().and_then(|id| id.parse().ok()).unwrap_or(u32::MAX);
    let pairs =
        detector.pairs(level).into_iter().map(|pair| (number(pair.left), number(pair.right)));
    pairs.map(|(left, right)| (left.min(right), left.max(right))).collect()
}
