//! Locality-sensitive hashing over MinHash bands: finds the signatures that resemble one another
//! without comparing each with each.
//!
//! The lanes of a signature are cut into bands. Documents with the same lanes in one whole band are
//! candidates: alike ones share a band almost surely, unlike ones almost never, and the number of
//! bands and of lanes in each decides what counts as alike (Indyk and Motwani, STOC 1998; Leskovec,
//! Rajaraman and Ullman, *Mining of Massive Datasets*, chapter 3).

mod bands;
mod pairs;

use std::cmp::Ordering;
use std::convert::Infallible;
use std::ops::ControlFlow;

use crate::bytes::must_match;
use crate::error::{Error, must_be};
use crate::kernel::Kernel;
use crate::minhash::{Make, Signature};
use crate::rows::{self, Rows};
use crate::runs::BandTable;

pub use bands::{LshBands, LshWeights};
use pairs::Search;
pub use pairs::{LshPair, LshPairs};

/// A document that resembles the one asked about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LshMatch {
    /// Its id.
    pub id: u32,
    /// The estimate of [`Signature::jaccard`], in `0..=1`.
    pub jaccard: f64,
}

/// A growing collection of signatures that finds those that resemble a given one, or each other.
///
/// Each document is listed under its bands. A document that shares a whole band is a *candidate*,
/// found with [`LshBands::candidate_probability`]. Bands are told apart by 32 bits, so some
/// `documents × bands / 2³²` documents are candidates of a signature by chance;
/// [`query`](Self::query) and [`top_k`](Self::top_k) look at all lanes of every candidate, and pairs
/// are looked for with all lanes at hand. Results depend on which documents are in and on nothing
/// else.
///
/// # Memory
///
/// For each document it keeps 4 bytes a lane, 11 a band and 15 to 25 beside: 870 bytes for 128
/// lanes in 32 bands, as measured for 100 000. Bands take twice as much while two parts of them are
/// merged, and lanes that came one by one up to twice as much, as vectors grow. The last 4095
/// documents that came one by one take some 16 bytes a band.
///
/// ```
/// use retold::{LshIndex, LshWeights, MinHasher, Shingler, Words};
/// let (hasher, shingler) = (MinHasher::default(), Shingler::words(2)?);
/// let signature = |text| hasher.text(shingler, &Words::new(text));
/// let mut index = LshIndex::for_threshold(0.5, 128, LshWeights::default())?;
/// index.insert(1, &signature("The ferry sank off Kelm on Monday night in a heavy storm"))?;
/// index.insert(2, &signature("The central bank of Norland left its main rate alone"))?;
/// let found = index.query(&signature("The ferry sank off Kelm on Monday night in a storm"), 0.5)?;
/// assert_eq!(found.iter().map(|found| found.id).collect::<Vec<_>>(), [1]);
/// # Ok::<(), retold::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LshIndex {
    bands: LshBands,
    /// Of the first signature.
    make: Option<Make>,
    rows: Rows,
    /// All lanes of each row, row after row.
    lanes: Vec<u32>,
    /// The rows of empty sets, rising: they are listed nowhere.
    empty: Vec<u32>,
    /// Rows by the keys of their bands.
    table: BandTable,
}

impl LshIndex {
    /// An index that cuts signatures into `bands` bands of `rows` lanes.
    ///
    /// # Errors
    /// Those of [`LshBands::new`].
    pub fn new(bands: usize, rows: usize) -> Result<Self, Error> {
        LshBands::new(bands, rows).map(Self::with_bands)
    }

    /// An index for signatures of `lanes` lanes with the bands that err least about who is above
    /// the Jaccard similarity `threshold`; see [`LshBands::for_threshold`].
    ///
    /// # Errors
    /// Those of [`LshBands::for_threshold`].
    pub fn for_threshold(threshold: f64, lanes: usize, weights: LshWeights) -> Result<Self, Error> {
        LshBands::for_threshold(threshold, lanes, weights).map(Self::with_bands)
    }

    fn with_bands(bands: LshBands) -> Self {
        LshIndex {
            bands,
            make: None,
            rows: Rows::default(),
            lanes: Vec::new(),
            empty: Vec::new(),
            table: BandTable::new(bands.bands()),
        }
    }

    /// How signatures are cut here.
    pub fn bands(&self) -> LshBands {
        self.bands
    }

    /// How many documents are in.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no document is in.
    pub fn is_empty(&self) -> bool {
        self.rows.len() == 0
    }

    /// Whether a document of this id is in.
    pub fn contains(&self, id: u32) -> bool {
        self.rows.contains(id)
    }

    /// Puts a document in. The first one decides how all later ones must be made, even after it is
    /// removed. The signature of an empty set resembles nothing, so it is never found.
    ///
    /// Amortised `O(lanes + bands × log documents)`: now and then many documents are sorted anew.
    /// To put many in at once, [`insert_many`](Self::insert_many) is several times faster.
    ///
    /// # Errors
    /// [`ErrorKind::RepeatedId`](crate::ErrorKind::RepeatedId) if the id is in;
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) if seed, lanes or shingling differ from
    /// those of the first signature, or if it has fewer lanes than the bands need;
    /// [`ErrorKind::Full`](crate::ErrorKind::Full) beyond some 1.4 thousand million documents. The
    /// index is then unchanged.
    pub fn insert(&mut self, id: u32, signature: &Signature) -> Result<(), Error> {
        self.insert_many([(id, signature)])
    }

    /// Puts many documents in, with the same answers afterwards as if each were
    /// [inserted](Self::insert) alone, in a fraction of the time: their bands are sorted together.
    /// From 4096 documents on, 4 bytes a band and 16 a document are
    /// taken meanwhile.
    ///
    /// ```
    /// use retold::{LshIndex, MinHasher};
    /// let hasher = MinHasher::default();
    /// let signatures = [[1, 2, 3], [1, 2, 4]].map(|set| hasher.hashes(&set));
    /// let mut index = LshIndex::new(32, 4)?;
    /// index.insert_many((0..).zip(&signatures))?;
    /// assert_eq!(index.len(), 2);
    /// # Ok::<(), retold::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first one of [`insert`](Self::insert). The documents before it are then in.
    pub fn insert_many<'s>(
        &mut self,
        documents: impl IntoIterator<Item = (u32, &'s Signature)>,
    ) -> Result<(), Error> {
        let documents = documents.into_iter();
        let first = self.rows.next();
        let more = documents.size_hint().0;
        self.rows.reserve(more);
        let mut result = Ok(());
        for (id, signature) in documents {
            if self.lanes.len() == first as usize * self.width() {
                self.lanes.reserve(more * signature.lanes().len());
            }
            result = self.keep(id, signature);
            if result.is_err() {
                break;
            }
        }
        self.list(first);
        result
    }

    /// Keeps a document that is not listed yet.
    fn keep(&mut self, id: u32, signature: &Signature) -> Result<(), Error> {
        self.check(signature)?;
        let row = self.rows.insert(id)?;
        self.make = Some(signature.make());
        self.lanes.extend_from_slice(signature.lanes());
        if signature.is_empty() {
            self.empty.push(row);
        }
        Ok(())
    }

    /// Lists all rows from one on.
    fn list(&mut self, first: u32) {
        let (bands, lanes, width) =
            (self.bands, &self.lanes, self.make.map_or(0, |make| make.lanes));
        let is_listed = |row: &u32| self.empty.binary_search(row).is_err();
        self.table.list((first..self.rows.next()).filter(is_listed), |row, band| {
            bands.key(band, rows::get(lanes, width, row))
        });
    }

    /// Takes a document out; whether it was in. Amortised `O(lanes + bands)`: once a third of all
    /// that is kept belongs to removed documents, the others are sorted anew.
    pub fn remove(&mut self, id: u32) -> bool {
        let was_in = self.rows.remove(id);
        if self.rows.should_pack() {
            let (kept, width) = (self.rows.pack(), self.width());
            rows::keep(&mut self.lanes, width, &kept);
            let empty =
                (0u32..).zip(&kept).filter(|(_, was)| self.empty.binary_search(was).is_ok());
            self.empty = empty.map(|(row, _)| row).collect();
            self.table = BandTable::new(self.bands.bands());
            self.list(0);
        }
        was_in
    }

    /// The candidates whose estimated Jaccard similarity to `signature` is `min_jaccard` or more:
    /// the most similar first, equally similar ones by id. `O(lanes)` for each candidate.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) for a `min_jaccard` outside `0..=1`,
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) as for [`insert`](Self::insert).
    pub fn query(&self, signature: &Signature, min_jaccard: f64) -> Result<Vec<LshMatch>, Error> {
        must_be_jaccard(min_jaccard)?;
        let mut found = self.verified(signature)?;
        found.retain(|found| found.jaccard >= min_jaccard);
        found.sort_unstable_by(best_first);
        Ok(found)
    }

    /// The `k` candidates that are most similar to `signature`, in the order of
    /// [`query`](Self::query); fewer where there are not as many. `O(lanes)` for each candidate.
    ///
    /// # Errors
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) as for [`insert`](Self::insert).
    pub fn top_k(&self, signature: &Signature, k: usize) -> Result<Vec<LshMatch>, Error> {
        let mut found = self.verified(signature)?;
        if k < found.len() {
            found.select_nth_unstable_by(k, best_first);
            found.truncate(k);
        }
        found.sort_unstable_by(best_first);
        Ok(found)
    }

    /// The documents that share a band with `signature`, by rising id. Nothing more is verified,
    /// so their lanes are not looked at.
    ///
    /// # Errors
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) as for [`insert`](Self::insert).
    pub fn candidates(&self, signature: &Signature) -> Result<Vec<u32>, Error> {
        let rows = self.candidate_rows(signature)?;
        let mut ids: Vec<u32> = rows.into_iter().map(|row| self.rows.id(row)).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// Every pair of documents that share a band, once, the smaller id first, in rising order;
    /// unverified.
    ///
    /// 8 bytes for each pair, and a band that `n` documents share is `n(n−1)/2` pairs. Where many
    /// documents may share one, [`pairs`](Self::pairs) and [`visit_pairs`](Self::visit_pairs) are
    /// the way.
    pub fn candidate_pairs(&self) -> Vec<(u32, u32)> {
        let mut found = Vec::new();
        let ControlFlow::Continue(()) = self.search(0.0).for_each::<Infallible>(&mut |pair| {
            found.push((pair.left, pair.right));
            ControlFlow::Continue(())
        });
        found.sort_unstable();
        found
    }

    /// Every pair of documents that share a band and whose estimated Jaccard similarity is
    /// `min_jaccard` or more.
    ///
    /// Documents with identical signatures are put into a group and only the first of them is
    /// compared with others, so the result is small where there are many copies of one text. Where
    /// thousands of *different* signatures resemble each other, it has millions of pairs, 16 bytes
    /// each: [`visit_pairs`](Self::visit_pairs) holds none of them and may stop.
    ///
    /// # How long it takes
    ///
    /// The bands are sorted one after another, and a pair is verified in the first band that it
    /// shares and nowhere else. Beside the answer that is `O(documents × (lanes + bands))` time,
    /// some 60 bytes and 4 a band of memory for a document, and the time to verify the candidates.
    ///
    /// Thousands of documents that share little but one band, such as a footer of their outlet,
    /// are millions of candidates. In such a band most of them are never looked at, and no pair is
    /// lost: lanes on which all its documents agree are set aside, and the others are cut into as
    /// many parts that a pair which reaches `min_jaccard` has no room to differ in each. So only
    /// documents that share a part as well are compared, unless that would be more work than to
    /// compare all, some 10 nanoseconds a pair.
    ///
    /// ```
    /// use retold::{LshIndex, LshPair, MinHasher};
    /// let hasher = MinHasher::default();
    /// let set = |numbers: std::ops::Range<u64>| {
    ///     hasher.hashes(&numbers.map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect::<Vec<_>>())
    /// };
    /// let signatures = [set(1..900), set(60..900), set(1..900), set(5000..6000)];
    /// let mut index = LshIndex::new(32, 4)?;
    /// index.insert_many((0..).zip(&signatures))?;
    /// let pairs = index.pairs(0.8)?;
    /// assert_eq!(pairs.identical(), [[0, 2]]);
    /// assert_eq!(pairs.distinct().len(), 1);
    /// let ids: Vec<_> = pairs.iter().map(|pair| (pair.left, pair.right)).collect();
    /// assert_eq!(ids, [(0, 2), (0, 1), (1, 2)]);
    /// # Ok::<(), retold::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) for a `min_jaccard` outside `0..=1`.
    pub fn pairs(&self, min_jaccard: f64) -> Result<LshPairs, Error> {
        must_be_jaccard(min_jaccard)?;
        Ok(self.search(min_jaccard).collect())
    }

    /// Shows every pair of [`pairs`](Self::pairs) to `visit`, each once and identical documents
    /// too, until it breaks. Nothing is held for a pair, so the answer may be as large as it likes.
    ///
    /// The pairs come in an order of no meaning: with other insertions before, it is another.
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// # use retold::{LshIndex, MinHasher};
    /// # let signature = MinHasher::default().hashes(&[1, 2, 3]);
    /// # let mut index = LshIndex::new(32, 4)?;
    /// # index.insert_many([(1, &signature), (2, &signature), (3, &signature)])?;
    /// let mut first_two = Vec::new();
    /// let end = index.visit_pairs(0.9, |pair| {
    ///     first_two.push(pair);
    ///     if first_two.len() == 2 { ControlFlow::Break("enough") } else { ControlFlow::Continue(()) }
    /// })?;
    /// assert_eq!(end, ControlFlow::Break("enough"));
    /// # Ok::<(), retold::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) for a `min_jaccard` outside `0..=1`.
    pub fn visit_pairs<B>(
        &self,
        min_jaccard: f64,
        mut visit: impl FnMut(LshPair) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, Error> {
        must_be_jaccard(min_jaccard)?;
        Ok(self.search(min_jaccard).for_each(&mut visit))
    }

    fn search(&self, min_jaccard: f64) -> Search<'_> {
        let rows = self.rows.live_rows().filter(|row| self.empty.binary_search(row).is_err());
        Search::new(self.bands, &self.rows, &self.lanes, self.width(), rows.collect(), min_jaccard)
    }

    /// Bytes held on the heap.
    pub fn memory_usage(&self) -> usize {
        (self.lanes.capacity() + self.empty.capacity()) * size_of::<u32>()
            + self.rows.memory_usage()
            + self.table.memory_usage()
    }

    /// How many lanes each row has; 0 before the first.
    fn width(&self) -> usize {
        self.make.map_or(0, |make| make.lanes)
    }

    /// Refuses a signature that cannot be compared with those that are in.
    fn check(&self, signature: &Signature) -> Result<(), Error> {
        let (needed, lanes) = (self.bands.bands() * self.bands.rows(), signature.lanes().len());
        if lanes < needed {
            must_match("lanes", needed as u64, lanes as u64)?;
        }
        self.make.map_or(Ok(()), |make| make.must_match(signature.make()))
    }

    /// The rows that share a band with a signature, rising.
    fn candidate_rows(&self, signature: &Signature) -> Result<Vec<u32>, Error> {
        self.check(signature)?;
        let mut rows = Vec::new();
        if !signature.is_empty() {
            let key = |band| (band, self.bands.key(band, signature.lanes()));
            let keys: Vec<(usize, u32)> = (0..self.bands.bands()).map(key).collect();
            self.table.find(&keys, &mut rows);
        }
        rows.sort_unstable();
        rows.dedup();
        rows.retain(|&row| self.rows.is_live(row));
        Ok(rows)
    }

    /// The candidates with their similarity, in no useful order.
    fn verified(&self, signature: &Signature) -> Result<Vec<LshMatch>, Error> {
        let (kernel, lanes) = (Kernel::detect(), signature.lanes());
        let compare = |row| {
            let equal = kernel.count_equal(lanes, rows::get(&self.lanes, self.width(), row));
            LshMatch { id: self.rows.id(row), jaccard: equal as f64 / lanes.len() as f64 }
        };
        Ok(self.candidate_rows(signature)?.into_iter().map(compare).collect())
    }
}

fn must_be_jaccard(min_jaccard: f64) -> Result<(), Error> {
    must_be((0.0..=1.0).contains(&min_jaccard), "min_jaccard", "in 0..=1", min_jaccard)
}

/// The most similar first, equally similar ones by id.
fn best_first(a: &LshMatch, b: &LshMatch) -> Ordering {
    b.jaccard.total_cmp(&a.jaccard).then(a.id.cmp(&b.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::hash::mix;
    use crate::{MinHasher, Shingler, Words};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn signature(hashes: impl IntoIterator<Item = u64>) -> Signature {
        let hashes: Vec<u64> = hashes.into_iter().map(|n| mix(n + 1)).collect();
        MinHasher::new(32, 1).unwrap().hashes(&hashes)
    }

    #[test]
    fn settings_without_sense_are_refused() {
        let setting = |error: Error| matches!(error.kind(), ErrorKind::Setting { .. });
        for (bands, rows) in [(0, 4), (4, 0), (1025, 4), (usize::MAX, 2)] {
            assert!(setting(LshIndex::new(bands, rows).unwrap_err()));
        }
        assert!(LshIndex::new(1024, 4).is_ok());
        let even = LshWeights::default();
        for (threshold, lanes) in [(-0.1, 128), (1.1, 128), (f64::NAN, 128), (0.5, 0), (0.5, 4097)]
        {
            assert!(setting(LshIndex::for_threshold(threshold, lanes, even).unwrap_err()));
        }
        for weight in [-1.0, f64::NAN, f64::INFINITY] {
            let weights = LshWeights { false_positive: weight, ..even };
            assert!(setting(LshIndex::for_threshold(0.5, 128, weights).unwrap_err()));
        }
        let index = LshIndex::new(8, 2).unwrap();
        for least in [-0.1, 1.1, f64::NAN] {
            assert!(setting(index.query(&signature(0..9), least).unwrap_err()));
        }
    }

    /// Pairs of sets with a known similarity, one side in the index and the other asked for.
    #[test]
    fn recall_agrees_with_the_candidate_probability() {
        const TRIALS: u32 = 1000;
        let hasher = MinHasher::default();
        let bands = LshBands::for_threshold(0.5, 128, LshWeights::default()).unwrap();
        for (similarity, shared) in [(0.3, 300u64), (0.5, 500), (0.8, 800)] {
            let mut index = LshIndex::new(bands.bands(), bands.rows()).unwrap();
            // 1000 hashes in the union of each pair.
            let size = (1000 + shared) / 2;
            let set = |trial: u32, start: u64| -> Vec<u64> {
                let first = u64::from(trial) * 1000 + start;
                (first..first + size).map(|n| mix(n + 1)).collect()
            };
            for trial in 0..TRIALS {
                index.insert(trial, &hasher.hashes(&set(trial, 0))).unwrap();
            }
            let found = |&trial: &u32| {
                let other = hasher.hashes(&set(trial, 1000 - size));
                index.candidates(&other).unwrap().contains(&trial)
            };
            let recall = (0..TRIALS).filter(found).count() as f64 / f64::from(TRIALS);
            let expected = bands.candidate_probability(similarity);
            let standard_error = (expected * (1.0 - expected) / f64::from(TRIALS)).sqrt();
            assert!(
                (recall - expected).abs() < 3.0 * standard_error + 1e-3,
                "recall {recall:.4} at {similarity}, expected {expected:.4} ± {standard_error:.4}"
            );
        }
    }

    #[test]
    fn signatures_made_in_another_way_are_refused_even_after_the_first_is_gone() {
        let mut index = LshIndex::new(8, 2).unwrap();
        index.insert(1, &signature(0..9)).unwrap();
        assert!(index.remove(1));
        let words = Words::new("one two three");
        let others = [
            (MinHasher::new(32, 2).unwrap().hashes(&[1]), "seed"),
            (MinHasher::new(64, 1).unwrap().hashes(&[1]), "lanes"),
            (MinHasher::new(32, 1).unwrap().text(Shingler::words(2).unwrap(), &words), "shingle"),
        ];
        for (other, differs) in others {
            let errors = [
                index.insert(2, &other).unwrap_err(),
                index.query(&other, 0.5).unwrap_err(),
                index.top_k(&other, 3).unwrap_err(),
                index.candidates(&other).unwrap_err(),
            ];
            for error in errors {
                let ErrorKind::Mismatch { what, .. } = error.kind() else { panic!("{error}") };
                assert_eq!(*what, differs);
            }
        }
        assert!(index.is_empty());
    }

    #[test]
    fn a_signature_with_fewer_lanes_than_the_bands_need_is_refused() {
        let mut index = LshIndex::new(8, 5).unwrap();
        let mismatch = Err(ErrorKind::Mismatch { what: "lanes", expected: 40, found: 32 }.into());
        assert_eq!(index.insert(1, &signature(0..9)), mismatch);
        assert!(index.is_empty() && index.candidates(&signature(0..9)).is_err());
    }

    #[test]
    fn the_same_lanes_in_another_band_make_no_candidate() {
        let first = signature(0..9);
        let mut bytes = first.to_bytes();
        let lanes = bytes.len() - 32 * 4;
        bytes[lanes..].rotate_left(2 * 4);
        let moved = Signature::from_bytes(&bytes).unwrap();
        let mut index = LshIndex::new(16, 2).unwrap();
        index.insert(1, &first).unwrap();
        assert_eq!(moved.lanes()[..30], first.lanes()[2..]);
        assert_eq!(index.candidates(&moved), Ok(vec![]));
        assert_eq!(index.candidates(&first), Ok(vec![1]));
    }

    #[test]
    fn an_empty_signature_is_kept_but_never_found() {
        let mut index = LshIndex::new(8, 2).unwrap();
        let empty = signature([]);
        index.insert(1, &empty).unwrap();
        index.insert(2, &empty).unwrap();
        assert_eq!(index.candidates(&empty), Ok(vec![]));
        assert_eq!(index.query(&empty, 0.0), Ok(vec![]));
        assert_eq!(index.candidate_pairs(), []);
        assert!(index.contains(1) && index.len() == 2 && index.remove(1) && !index.remove(1));
    }

    #[test]
    fn removed_documents_leave_room_for_as_many_others() {
        let mut index = LshIndex::new(8, 2).unwrap();
        let mut usage = Vec::new();
        for round in 0..20 {
            let ids = round * 100..round * 100 + 100;
            for id in ids.clone() {
                index.insert(id, &signature(u64::from(id) / 3..u64::from(id) / 3 + 20)).unwrap();
            }
            usage.push(index.memory_usage());
            ids.for_each(|id| assert!(index.remove(id)));
        }
        assert!(usage[19] < usage[0] * 2, "{usage:?}");
    }

    /// Sets that overlap with their neighbours, and the empty set. Fixed, so that a chance meeting
    /// of keys cannot come and go between runs.
    fn pool() -> Vec<Signature> {
        let sets = (0..24u64).map(|n| signature(n * 2..n * 2 + 5 + n % 4 * 6));
        sets.chain([signature([])]).collect()
    }

    /// Compares every pair, and looks for a whole band that is equal.
    struct Naive(BTreeMap<u32, Signature>);

    impl Naive {
        const BANDS: usize = 7;
        const ROWS: usize = 2;

        fn meet(a: &Signature, b: &Signature) -> bool {
            let bands = |s: &Signature| {
                s.lanes().chunks(Self::ROWS).take(Self::BANDS).map(Vec::from).collect()
            };
            let (x, y): (Vec<Vec<u32>>, Vec<Vec<u32>>) = (bands(a), bands(b));
            !a.is_empty() && !b.is_empty() && x.iter().zip(&y).any(|(x, y)| x == y)
        }

        fn candidates(&self, of: &Signature) -> Vec<u32> {
            self.0.iter().filter(|(_, s)| Self::meet(s, of)).map(|(id, _)| *id).collect()
        }

        fn pairs(&self) -> Vec<(u32, u32)> {
            let later = |id: u32| self.0.range(id + 1..);
            let pairs = self.0.iter().flat_map(|(&id, signature)| {
                later(id).filter(|(_, s)| Self::meet(s, signature)).map(move |(&b, _)| (id, b))
            });
            pairs.collect()
        }

        fn query(&self, of: &Signature, least: f64) -> Vec<LshMatch> {
            let score = |id| LshMatch { id, jaccard: self.0[&id].jaccard(of).unwrap() };
            let mut found: Vec<_> = self.candidates(of).into_iter().map(score).collect();
            found.retain(|found| found.jaccard >= least);
            // The ids rise already, and the sort is stable.
            found.sort_by(|a, b| b.jaccard.partial_cmp(&a.jaccard).unwrap());
            found
        }
    }

    /// A signature of these very lanes.
    fn of_lanes(lanes: &[u32]) -> Signature {
        let mut bytes = MinHasher::new(lanes.len(), 1).unwrap().hashes(&[]).to_bytes();
        let header = bytes.len() - lanes.len() * 4;
        bytes.truncate(header);
        bytes.extend(lanes.iter().flat_map(|lane| lane.to_le_bytes()));
        Signature::from_bytes(&bytes).unwrap()
    }

    /// Some lanes of a document are those of everybody, with exceptions; the others are its own.
    fn lanes_of(document: u64, width: usize, common: usize, exceptions: u64) -> Vec<u32> {
        let lane = |lane: usize| {
            let own = mix(document * 4096 + lane as u64 + 1);
            if lane < common && own % 1000 >= exceptions { lane as u32 } else { own as u32 >> 1 }
        };
        (0..width).map(lane).collect()
    }

    fn index_of(bands: (usize, usize), lanes: impl Iterator<Item = Vec<u32>>) -> LshIndex {
        let signatures: Vec<Signature> = lanes.map(|lanes| of_lanes(&lanes)).collect();
        let mut index = LshIndex::new(bands.0, bands.1).unwrap();
        index.insert_many((0..).zip(&signatures)).unwrap();
        index
    }

    /// However a bucket of hundreds is cut into parts or separated, nothing is lost.
    #[test]
    fn pairs_in_hot_buckets_are_those_that_a_scan_finds() {
        for (common, exceptions) in [(2, 0), (12, 0), (12, 60), (20, 30), (29, 20), (32, 60)] {
            // Four of a family are more alike than the others.
            let family =
                |n: u64| (0..32).map(move |lane| (lane, if lane % 3 == 0 { n / 4 } else { n }));
            let lanes = |n: u64| -> Vec<u32> {
                family(n).map(|(lane, of)| lanes_of(of, 32, common, exceptions)[lane]).collect()
            };
            let all: Vec<Vec<u32>> = (0..400).chain(5..9).map(lanes).collect();
            let index = index_of((16, 2), all.iter().cloned());
            for least in [0.0, 0.3, 0.5, 0.66, 0.9, 1.0] {
                let mut expected = Vec::new();
                for (left, a) in all.iter().enumerate() {
                    for (right, b) in all.iter().enumerate().skip(left + 1) {
                        let equal = a.iter().zip(b).filter(|(x, y)| x == y).count();
                        let jaccard = equal as f64 / 32.0;
                        let meet = a.chunks(2).zip(b.chunks(2)).any(|(x, y)| x == y);
                        if meet && jaccard >= least {
                            expected.push((left as u32, right as u32, jaccard));
                        }
                    }
                }
                let tuple = |pair: LshPair| (pair.left, pair.right, pair.jaccard);
                let mut found: Vec<_> = index.pairs(least).unwrap().iter().map(tuple).collect();
                let mut visited = Vec::new();
                let _ = index.visit_pairs::<()>(least, |pair| {
                    visited.push(tuple(pair));
                    ControlFlow::Continue(())
                });
                let order = |a: &(u32, u32, f64), b: &_| a.partial_cmp(b).unwrap();
                found.sort_by(order);
                visited.sort_by(order);
                assert!(found == expected, "{common} {exceptions} {least}: {}", found.len());
                assert!(visited == expected, "{common} {exceptions} {least}: {}", visited.len());
            }
        }
    }

    /// Twenty thousand documents in one bucket are two hundred million pairs.
    #[test]
    fn hot_buckets_take_no_time_that_the_answer_does_not() {
        const MANY: u64 = 20_000;
        // Identical.
        let index = index_of((32, 4), (0..MANY).map(|_| lanes_of(1, 128, 0, 0)));
        let pairs = index.pairs(0.5).unwrap();
        assert_eq!((pairs.identical()[0].len(), pairs.distinct().len()), (MANY as usize, 0));
        // The same in nearly half of all lanes, and in 15 whole bands.
        let index = index_of((32, 4), (0..MANY).map(|n| lanes_of(n, 128, 62, 0)));
        assert_eq!(index.pairs(0.5).unwrap().distinct(), []);
        // Nearly identical; only those of which each lane is equal are asked for.
        let index = index_of((32, 4), (0..MANY).map(|n| lanes_of(n, 128, 128, 8)));
        let pairs = index.pairs(1.0).unwrap();
        assert!(pairs.identical()[0].len() > 1000 && pairs.distinct().is_empty());
        // All pairs are an answer, and nobody waits for them.
        let mut seen = 0;
        let end = index.visit_pairs(0.5, |_| {
            seen += 1;
            if seen == 1000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!((end, seen), (Ok(ControlFlow::Break(())), 1000));
    }

    #[test]
    fn of_many_documents_those_before_a_refused_one_are_in() {
        let mut index = LshIndex::new(8, 2).unwrap();
        let all = [signature(0..9), signature(1..9), signature([]), signature(3..9)];
        let documents = [(1, &all[0]), (2, &all[1]), (1, &all[2]), (3, &all[3])];
        let repeated = Err(ErrorKind::RepeatedId { id: "1".to_owned() }.into());
        assert_eq!(index.insert_many(documents), repeated);
        assert_eq!((index.len(), index.contains(3)), (2, false));
        assert_eq!(index.query(&all[0], 1.0).unwrap()[0].id, 1);
    }

    /// Enough for several runs, and for rows to be packed.
    #[test]
    fn many_at_once_are_found_as_those_that_came_one_by_one() {
        let signatures: Vec<Signature> =
            (0..9000).map(|n| signature(n / 3 * 7..n / 3 * 7 + 10 + n % 3)).collect();
        let documents = || (0u32..).zip(&signatures);
        let mut one_by_one = LshIndex::new(8, 2).unwrap();
        documents().for_each(|(id, signature)| one_by_one.insert(id, signature).unwrap());
        let mut at_once = LshIndex::new(8, 2).unwrap();
        at_once.insert_many(documents()).unwrap();
        for index in [&mut one_by_one, &mut at_once] {
            (0..9000).filter(|id| id % 5 < 2).for_each(|id| assert!(index.remove(id)));
        }
        let mut fresh = LshIndex::new(8, 2).unwrap();
        fresh.insert_many(documents().filter(|(id, _)| id % 5 >= 2)).unwrap();
        for signature in signatures.iter().step_by(37) {
            let expected = fresh.query(signature, 0.0).unwrap();
            assert!(!expected.is_empty());
            assert_eq!(one_by_one.query(signature, 0.0).unwrap(), expected);
            assert_eq!(at_once.query(signature, 0.0).unwrap(), expected);
        }
        let pairs = fresh.pairs(0.5).unwrap();
        assert_eq!(one_by_one.pairs(0.5).unwrap(), pairs);
        assert_eq!(at_once.pairs(0.5).unwrap(), pairs);
    }

    proptest! {
        #[test]
        fn behaves_like_a_comparison_of_every_pair(
            operations in prop::collection::vec((any::<bool>(), 0u32..40, 0usize..25), 0..120),
            asked in 0usize..25,
            least in 0.0..=1.0,
            k in 0usize..12,
        ) {
            let pool = pool();
            let mut index = LshIndex::new(Naive::BANDS, Naive::ROWS).unwrap();
            let mut naive = Naive(BTreeMap::new());
            for (insert, id, which) in operations {
                if insert {
                    let is_new = !naive.0.contains_key(&id);
                    prop_assert_eq!(index.insert(id, &pool[which]).is_ok(), is_new);
                    naive.0.entry(id).or_insert_with(|| pool[which].clone());
                } else {
                    prop_assert_eq!(index.remove(id), naive.0.remove(&id).is_some());
                }
                prop_assert_eq!(index.contains(id), naive.0.contains_key(&id));
            }
            let asked = &pool[asked];
            prop_assert_eq!(index.len(), naive.0.len());
            prop_assert_eq!(index.candidates(asked).unwrap(), naive.candidates(asked));
            prop_assert_eq!(index.candidate_pairs(), naive.pairs());
            prop_assert_eq!(index.query(asked, least).unwrap(), naive.query(asked, least));
            let mut best = naive.query(asked, 0.0);
            best.truncate(k);
            prop_assert_eq!(index.top_k(asked, k).unwrap(), best);
        }

    }
}
