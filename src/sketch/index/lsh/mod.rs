//! Locality-sensitive hashing over MinHash bands: finds similar signatures without a comparison of
//! every pair.
//!
//! The lanes of a signature are divided into bands. Two documents whose lanes agree in a whole band are
//! candidates. The probability of this rises steeply with their similarity, and the number of bands and
//! of lanes per band fixes where it rises (Indyk and Motwani, STOC 1998; Leskovec, Rajaraman and Ullman,
//! *Mining of Massive Datasets*, chapter 3).

mod bands;
mod pairs;

use std::cmp::Ordering;
use std::convert::Infallible;
use std::ops::ControlFlow;

use crate::error::{Error, must_be};
use crate::kernel::Kernel;
use crate::sketch::codec::must_match;
use crate::sketch::index::rows::{self, IdTable};
use crate::sketch::index::runs::BandTable;
use crate::sketch::minhash::{Signature, SignatureSettings};

pub use bands::{LshBands, LshWeights};
use pairs::PairSearch;
pub use pairs::{LshPair, LshPairs};

/// A document that is similar to a query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LshMatch {
    /// The id of the document.
    pub id: u32,
    /// The estimate of [`Signature::jaccard`] with the query, in `0..=1`.
    pub jaccard: f64,
}

/// A growing collection of signatures that finds those similar to a given one, or to each other.
///
/// The index maps bands to documents. A document that shares a whole band with a query is a *candidate*,
/// with the probability [`LshBands::candidate_probability`]. The keys of bands have 32 bits, so about
/// `documents × bands / 2³²` documents are candidates of a query by chance. [`query`](Self::query),
/// [`top_k`](Self::top_k) and [`pairs`](Self::pairs) verify candidates by all lanes. Results depend only
/// on the set of documents in the index.
///
/// # Memory
///
/// For each document, 4 bytes per lane, 11 per band and 15 to 25 more: about 870 bytes for 128 lanes in
/// 32 bands. A merge of runs takes the memory of the bands twice for a time. Vectors of lanes that grow
/// by single insertions have up to twice the capacity. The last 4095 documents that were inserted
/// one by one take about 16 bytes per band.
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
    /// The settings of the first signature.
    settings: Option<SignatureSettings>,
    rows: IdTable,
    /// All lanes, by row.
    lanes: Vec<u32>,
    /// The rows of empty sets, ascending: the table does not have them.
    empty: Vec<u32>,
    /// The rows by the keys of their bands.
    table: BandTable,
}

impl LshIndex {
    /// An index that divides signatures into `bands` bands of `rows` lanes.
    ///
    /// # Errors
    /// Those of [`LshBands::new`].
    pub fn new(bands: usize, rows: usize) -> Result<Self, Error> {
        LshBands::new(bands, rows).map(Self::with_bands)
    }

    /// An index for signatures of `lanes` lanes, with the bands that best separate documents at the
    /// Jaccard similarity `threshold`; see [`LshBands::for_threshold`].
    ///
    /// # Errors
    /// Those of [`LshBands::for_threshold`].
    pub fn for_threshold(threshold: f64, lanes: usize, weights: LshWeights) -> Result<Self, Error> {
        LshBands::for_threshold(threshold, lanes, weights).map(Self::with_bands)
    }

    fn with_bands(bands: LshBands) -> Self {
        LshIndex {
            bands,
            settings: None,
            rows: IdTable::default(),
            lanes: Vec::new(),
            empty: Vec::new(),
            table: BandTable::new(bands.bands()),
        }
    }

    /// How the index divides signatures.
    pub fn bands(&self) -> LshBands {
        self.bands
    }

    /// The number of documents in the index.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the index is empty.
    pub fn is_empty(&self) -> bool {
        self.rows.len() == 0
    }

    /// Whether a document with this id is in the index.
    pub fn contains(&self, id: u32) -> bool {
        self.rows.contains(id)
    }

    /// Inserts a document. The first one fixes the settings of all later signatures, even after it is
    /// removed. The signature of an empty set is similar to nothing, so no query finds it.
    ///
    /// Amortised `O(lanes + bands × log documents)`: some insertions merge sorted runs. For many
    /// documents, [`insert_many`](Self::insert_many) is several times faster.
    ///
    /// # Errors
    /// [`ErrorKind::RepeatedId`](crate::ErrorKind::RepeatedId) if the id is in the index;
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) if seed, lanes or shingling differ from
    /// those of the first signature, or if it has fewer lanes than the bands need;
    /// [`ErrorKind::Full`](crate::ErrorKind::Full) beyond about 1.4 billion (10⁹) documents. The index is
    /// then unchanged.
    pub fn insert(&mut self, id: u32, signature: &Signature) -> Result<(), Error> {
        self.insert_many([(id, signature)])
    }

    /// Inserts many documents and sorts their bands together, in a fraction of the time of single calls
    /// of [`insert`](Self::insert). Later answers are the same. From 4096 documents on, it takes 4 bytes
    /// per band and 16 more per document for a time.
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
    /// The first error of [`insert`](Self::insert). The documents before it are then in the index.
    pub fn insert_many<'s>(
        &mut self,
        documents: impl IntoIterator<Item = (u32, &'s Signature)>,
    ) -> Result<(), Error> {
        let documents = documents.into_iter();
        let first = self.rows.next_row();
        let more = documents.size_hint().0;
        self.rows.reserve(more);
        let mut result = Ok(());
        for (id, signature) in documents {
            if self.lanes.len() == first as usize * self.width() {
                self.lanes.reserve(more * signature.lanes().len());
            }
            result = self.store(id, signature);
            if result.is_err() {
                break;
            }
        }
        self.index_from(first);
        result
    }

    /// Stores a document that the table does not have yet.
    fn store(&mut self, id: u32, signature: &Signature) -> Result<(), Error> {
        self.check(signature)?;
        let row = self.rows.insert(id)?;
        self.settings = Some(signature.settings());
        self.lanes.extend_from_slice(signature.lanes());
        if signature.is_empty() {
            self.empty.push(row);
        }
        Ok(())
    }

    /// Adds the rows from `first` on to the table.
    fn index_from(&mut self, first: u32) {
        let (bands, lanes, width) = (self.bands, &self.lanes, self.width());
        let is_not_empty = |row: &u32| self.empty.binary_search(row).is_err();
        self.table.insert((first..self.rows.next_row()).filter(is_not_empty), |row, band| {
            bands.key(band, rows::get(lanes, width, row))
        });
    }

    /// Removes a document. Returns whether it was in the index. Amortised `O(lanes + bands)`: when a third
    /// of the rows belongs to removed documents, the table is built again from the others.
    pub fn remove(&mut self, id: u32) -> bool {
        let was_in = self.rows.remove(id);
        if self.rows.should_pack() {
            let (kept, width) = (self.rows.pack(), self.width());
            rows::retain_rows(&mut self.lanes, width, &kept);
            let empty =
                (0u32..).zip(&kept).filter(|(_, was)| self.empty.binary_search(was).is_ok());
            self.empty = empty.map(|(row, _)| row).collect();
            self.table = BandTable::new(self.bands.bands());
            self.index_from(0);
        }
        was_in
    }

    /// The candidates whose estimated Jaccard similarity to `signature` is `min_jaccard` or more:
    /// the most similar first, and equally similar ones by ascending id. `O(lanes)` per candidate.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) for a `min_jaccard` outside `0..=1`,
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) as for [`insert`](Self::insert).
    pub fn query(&self, signature: &Signature, min_jaccard: f64) -> Result<Vec<LshMatch>, Error> {
        check_jaccard(min_jaccard)?;
        let mut found = self.verified(signature)?;
        found.retain(|found| found.jaccard >= min_jaccard);
        found.sort_unstable_by(best_first);
        Ok(found)
    }

    /// The `k` candidates that are most similar to `signature`, or all if there are fewer, in the order of
    /// [`query`](Self::query). `O(lanes)` per candidate.
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

    /// The documents that share a band with `signature`, by ascending id. They are not verified, so this
    /// reads no lanes.
    ///
    /// # Errors
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) as for [`insert`](Self::insert).
    pub fn candidates(&self, signature: &Signature) -> Result<Vec<u32>, Error> {
        let rows = self.candidate_rows(signature)?;
        let mut ids: Vec<u32> = rows.into_iter().map(|row| self.rows.id(row)).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// Every pair of documents that share a band, once, the smaller id first, in ascending order, whatever
    /// their similarity.
    ///
    /// It takes 8 bytes per pair, and a band that `n` documents share gives `n(n−1)/2` pairs. Where many
    /// documents may share a band, use [`pairs`](Self::pairs) or [`visit_pairs`](Self::visit_pairs).
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
    /// Documents with identical signatures form a group, and only the first of a group is compared with
    /// other documents, so many copies of one text give a small result. Where thousands of *different*
    /// signatures are similar to each other, the result has millions of pairs of 16 bytes;
    /// [`visit_pairs`](Self::visit_pairs) stores none of them and can stop early.
    ///
    /// # Cost
    ///
    /// The search reads one band after another and verifies a pair only in the first band that it shares.
    /// It takes `O(documents × bands)` time and about 20 bytes of memory per document, and the time to
    /// verify the candidates.
    ///
    /// Thousands of documents that share only one band, such as the footer of an outlet, form millions of
    /// candidate pairs. The search skips most of these and loses no pair, by the pigeonhole principle.
    /// It divides the lanes in which the documents of the band differ into parts, one more than the lanes
    /// in which a pair that reaches `min_jaccard` may differ. So such a pair agrees in at least one part,
    /// and only documents that share a part are compared. If this is more work than to compare all pairs
    /// of the band, the search compares all, at 10 to 100 nanoseconds per pair.
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
        check_jaccard(min_jaccard)?;
        Ok(self.search(min_jaccard).collect())
    }

    /// Calls `visit` once with every pair of [`pairs`](Self::pairs), pairs of identical documents
    /// included, until it breaks. It stores no pairs, so their number costs no memory.
    ///
    /// The order of the pairs has no meaning and depends on the history of insertions.
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
        check_jaccard(min_jaccard)?;
        Ok(self.search(min_jaccard).for_each(&mut visit))
    }

    fn search(&self, min_jaccard: f64) -> PairSearch<'_> {
        PairSearch::new(self.bands, &self.rows, &self.table, &self.lanes, self.width(), min_jaccard)
    }

    /// Bytes held on the heap.
    pub fn memory_usage(&self) -> usize {
        (self.lanes.capacity() + self.empty.capacity()) * size_of::<u32>()
            + self.rows.memory_usage()
            + self.table.memory_usage()
    }

    /// The number of lanes per row; 0 before the first insertion.
    fn width(&self) -> usize {
        self.settings.map_or(0, |settings| settings.lanes)
    }

    /// An error if a signature has too few lanes or other settings than the first one.
    fn check(&self, signature: &Signature) -> Result<(), Error> {
        let (needed, lanes) = (self.bands.bands() * self.bands.rows(), signature.lanes().len());
        if lanes < needed {
            must_match("lanes", needed as u64, lanes as u64)?;
        }
        self.settings.map_or(Ok(()), |settings| settings.must_match(signature.settings()))
    }

    /// The live rows that share a band with a signature, ascending.
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

    /// The candidates with their similarities, by ascending row.
    fn verified(&self, signature: &Signature) -> Result<Vec<LshMatch>, Error> {
        let (kernel, lanes) = (Kernel::detect(), signature.lanes());
        let compare = |row| {
            let equal = kernel.count_equal(lanes, rows::get(&self.lanes, self.width(), row));
            LshMatch { id: self.rows.id(row), jaccard: equal as f64 / lanes.len() as f64 }
        };
        Ok(self.candidate_rows(signature)?.into_iter().map(compare).collect())
    }
}

fn check_jaccard(min_jaccard: f64) -> Result<(), Error> {
    must_be((0.0..=1.0).contains(&min_jaccard), "min_jaccard", "in 0..=1", min_jaccard)
}

/// The most similar first, equally similar ones by ascending id.
fn best_first(a: &LshMatch, b: &LshMatch) -> Ordering {
    b.jaccard.total_cmp(&a.jaccard).then(a.id.cmp(&b.id))
}
