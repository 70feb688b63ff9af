//! Locality-sensitive hashing over MinHash bands: finds the signatures that resemble one another
//! without comparing each with each.
//!
//! The lanes of a signature are cut into bands. Documents with the same lanes in one whole band are
//! candidates: alike ones share a band almost surely, unlike ones almost never, and the number of
//! bands and of lanes in each decides what counts as alike (Indyk and Motwani, STOC 1998; Leskovec,
//! Rajaraman and Ullman, *Mining of Massive Datasets*, chapter 3).

mod bands;
mod pairs;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::convert::Infallible;
use std::ops::ControlFlow;

use crate::error::{Error, must_be};
use crate::kernel::Kernel;
use crate::sketch::codec::must_match;
use crate::sketch::index::rows::{self, IdTable};
use crate::sketch::index::runs::BandTable;
use crate::sketch::minhash::{Make, Signature};

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
    rows: IdTable,
    /// All lanes of each row, row after row.
    lanes: Vec<u32>,
    /// The rows of empty sets, rising: they are listed nowhere.
    empty: Vec<u32>,
    /// IdTable by the keys of their bands.
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
            rows: IdTable::default(),
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
    /// The bands are read one after another, and a pair is verified in the first band that it
    /// shares and nowhere else. Beside the answer that is `O(documents × bands)` time, some 20 bytes
    /// of memory for a document, and the time to verify the candidates.
    ///
    /// Thousands of documents that share little but one band, such as a footer of their outlet,
    /// are millions of candidates. In such a band most of them are never looked at, and no pair is
    /// lost: lanes on which all its documents agree are set aside, and the others are cut into as
    /// many parts that a pair which reaches `min_jaccard` has no room to differ in each. So only
    /// documents that share a part as well are compared, unless that would be more work than to
    /// compare all, which takes 10 to 100 nanoseconds a pair.
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
        Search::new(self.bands, &self.rows, &self.table, &self.lanes, self.width(), min_jaccard)
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
