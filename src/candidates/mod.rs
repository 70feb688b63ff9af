//! Candidate generation: selects the few articles that are worth comparing with a given one.
//!
//! Input: for each article its distinctive words, its smallest shingle hashes and its date. Output:
//! the ranks of candidates, and a background sample of the words that articles share by chance.
//! Uses `corpus`, `score`, `sketch` and the modules that they use.
//!
//! Articles are numbered in the order of their dates, undated ones last. This number is the *rank* of
//! an article. Two sources give at most [`MAX_CANDIDATES`] candidates each.
//!
//! * **Distinctive words** find retellings. An article is listed under its [`DISTINCTIVE`] heaviest
//!   words. Candidates share at least two of them, and the articles that share most come first. Two
//!   dated candidates are at most seven days apart.
//! * **Smallest shingles** find copies of any age. An article is listed under its 16 smallest shingle
//!   hashes, which is a MinHash with one permutation. Candidates share at least three of them: at
//!   Jaccard 0.5 this misses fewer than one pair in a hundred, and few unrelated articles share any.
//!
//! **Cost.** The cost for one article hardly grows with the collection, for two reasons. Posting lists
//! are sorted by rank, so a dated article reads only the part of each list that covers its window and
//! its background. And lists are read in order of length until [`MAX_POSTINGS`] postings are read, so
//! only the most frequent words of an article are skipped. A pair is lost only where neither article
//! finds the other through its rarer words. The design page gives the recall that these bounds keep.
//!
//! **Layout.** Both sources are flat sorted arrays of ranks, built at once for a whole collection or
//! merged from several indexes. [`GrowingIndex`] takes articles one by one instead.
//!
//! Banded MinHash is the obvious alternative; it finds a third of the pairs of retold stories.

mod best;
mod days;
mod growing;
mod lists;
mod merge;
mod scratch;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::corpus::article::Date;
use crate::score::terms::DISTINCTIVE;
use crate::sketch::bottomk::Sample;
#[cfg(feature = "archive")]
use crate::store::column::Column;

use lists::{SharedShingles, ShingleRun, TermLists};

pub(crate) use best::{Best, Bests, CandidateSource};
pub(crate) use days::{Days, Ranks};
pub(crate) use growing::GrowingIndex;
pub(crate) use lists::{ListedHashes, mix, shingle_pairs};
pub(crate) use merge::LEFT_OUT;
pub(crate) use scratch::Scratch;

/// The fewest distinctive words that two candidates share.
const MIN_SHARED_TERMS: u32 = 2;

/// The most candidates that each source gives for an article.
pub(crate) const MAX_CANDIDATES: usize = 19;

/// The most days between two dated candidates that share words. It exceeds the time within which news
/// is retold; see the design page.
const WINDOW_DAYS: i32 = 7;

/// How many of its smallest shingle hashes an article is listed under.
const BOTTOM_SHINGLES: usize = 16;

/// The fewest of these hashes that two candidates share. A text with fewer shingles shares all of its own.
const MIN_SHARED_SHINGLES: u32 = 3;

/// The most postings of each source that are read for one article. It bounds the time of a look-up;
/// see the design page for the recall that it costs.
pub(crate) const MAX_POSTINGS: usize = 6_144;

/// How many articles, adjacent in rank, form the *background* of an article. Their similarity to the
/// article shows how much similarity is due to chance. It is a number of articles and not of days, so
/// that a score has the same meaning in a collection of any size.
pub(crate) const BACKGROUND_SAMPLE: usize = if cfg!(test) { 96 } else { 16_384 };

/// The smallest shingles of a text that another one has at least for it to be looked at as an excerpt.
/// A text of sixty words has some seven within the reach of the longest text.
const MIN_CONTAINED_SHINGLES: u16 = 2;

/// The most excerpts that are looked at for one text.
const MAX_CONTAINED: usize = 64;

/// The hashes of a sample under which its article is listed.
pub(crate) fn bottom_shingles(sample: Sample<'_>) -> &[u32] {
    &sample.values[..sample.values.len().min(BOTTOM_SHINGLES)]
}

/// Both sources over one immutable collection.
#[derive(Debug, Clone, Default)]
pub(crate) struct CandidateIndex {
    days: Days,
    terms: TermLists,
    shingles: ShingleRun,
}

/// The arrays of a [`CandidateIndex`] except for the days, as a file holds them.
#[cfg(feature = "archive")]
#[derive(Debug, Clone)]
pub(crate) struct CandidateColumns<A, B> {
    /// The distinctive words, ascending.
    pub(crate) terms: A,
    /// Where the posting list of each term starts in `ranks`, and the end of the last list.
    pub(crate) starts: A,
    /// The posting lists, each ascending.
    pub(crate) ranks: A,
    /// A mixed shingle hash in the high half, a rank in the low half; ascending.
    pub(crate) pairs: B,
}

#[cfg(feature = "archive")]
impl CandidateColumns<&[u32], &[u64]> {
    /// Whether these arrays form a valid index of `articles` articles. Linear.
    pub(crate) fn make_sense(&self, articles: usize) -> bool {
        let &CandidateColumns { terms, starts, ranks, pairs } = self;
        TermLists::make_sense(terms, starts, ranks, articles)
            && ShingleRun::make_sense(pairs, articles)
    }
}

/// The positions of each article in its own posting lists, recorded while the lists are built, so that
/// a look-up of every article of the index searches no list. About 450 bytes an article.
#[derive(Debug)]
pub(crate) struct OwnPlaces {
    terms: Vec<u64>,
    shared: SharedShingles,
}

/// The keys that an article is listed under, and its rank.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CandidateKeys<'a> {
    /// The distinctive words, heaviest first.
    pub(crate) terms: &'a [u32],
    /// The [`bottom_shingles`].
    pub(crate) shingles: &'a [u32],
    pub(crate) date: Option<Date>,
    /// The rank; for an article outside the index, the rank that it would get.
    pub(crate) rank: usize,
}

impl CandidateIndex {
    /// Builds the index from the days, the distinctive words and the smallest shingles of all articles,
    /// each in the order of ranks.
    pub(crate) fn new<'k>(
        days: Days,
        terms: impl Iterator<Item = &'k [u32]>,
        shingles: impl Iterator<Item = &'k [u32]>,
    ) -> Self {
        let terms = TermLists::new((0..).zip(terms));
        CandidateIndex { days, terms, shingles: ShingleRun::new(shingles) }
    }

    /// An index for look-ups of some of the articles that `days` counts: from the distinctive words of the
    /// articles in their [halo](Days::halo), with ascending ranks, and the [`shingle_pairs`] of the hashes in
    /// their samples.
    pub(crate) fn of_halo<'k>(
        days: Days,
        terms: impl Iterator<Item = (u32, &'k [u32])>,
        shingles: Vec<u64>,
    ) -> Self {
        let shingles = ShingleRun::of_column(shingles.into());
        CandidateIndex { days, terms: TermLists::new(terms), shingles }
    }

    /// Like [`CandidateIndex::new`], with the positions that [`CandidateIndex::look_up_listed`] needs.
    pub(crate) fn with_places<'k>(
        days: Days,
        terms: impl ExactSizeIterator<Item = &'k [u32]>,
        shingles: impl Iterator<Item = &'k [u32]>,
    ) -> (Self, OwnPlaces) {
        let (terms, own_terms) = TermLists::with_positions(terms);
        let shingles = ShingleRun::new(shingles);
        let shared = shingles.shared(days.articles);
        (CandidateIndex { days, terms, shingles }, OwnPlaces { terms: own_terms, shared })
    }

    /// Merges indexes without sorting them again. Each index comes with the new ranks of its articles,
    /// by old rank and ascending; [`LEFT_OUT`] marks an article to drop. The result equals
    /// [`CandidateIndex::new`] of the articles that remain.
    pub(crate) fn merged(days: Days, indexes: &[(&CandidateIndex, &[u32])]) -> Self {
        let terms: Vec<_> = indexes.iter().map(|(index, ranks)| (&index.terms, *ranks)).collect();
        let shingles: Vec<_> =
            indexes.iter().map(|(index, ranks)| (&index.shingles, *ranks)).collect();
        let (terms, shingles) = (TermLists::merged(&terms), ShingleRun::merged(&shingles));
        CandidateIndex { days, terms, shingles }
    }

    pub(crate) fn days(&self) -> &Days {
        &self.days
    }

    /// The arrays of the index except for the days.
    #[cfg(feature = "archive")]
    pub(crate) fn columns(&self) -> CandidateColumns<&[u32], &[u64]> {
        let TermLists { terms, starts, ranks, .. } = &self.terms;
        CandidateColumns { terms, starts, ranks, pairs: &self.shingles.pairs }
    }

    /// The index with these arrays, which the caller has [checked](CandidateColumns::make_sense).
    #[cfg(feature = "archive")]
    pub(crate) fn of_columns(
        days: Days,
        columns: CandidateColumns<Column<u32>, Column<u64>>,
    ) -> Self {
        let CandidateColumns { terms, starts, ranks, pairs } = columns;
        let terms = TermLists::of_columns(terms, starts, ranks);
        CandidateIndex { days, terms, shingles: ShingleRun::of_column(pairs) }
    }

    /// Counts the keys that articles share with a given one, and leaves the counts in `scratch` for
    /// [`CandidateIndex::near`] and [`CandidateIndex::background`]. Words are counted only in the window
    /// and in the background of the article.
    pub(crate) fn look_up(&self, keys: &CandidateKeys<'_>, scratch: &mut Scratch) {
        self.look_up_among(keys, self.days.background(keys.rank), MAX_POSTINGS, scratch);
    }

    /// Like [`CandidateIndex::look_up`] with a given background and a given limit of postings, for an
    /// index over one part of a collection.
    pub(crate) fn look_up_among(
        &self,
        keys: &CandidateKeys<'_>,
        background: Range<usize>,
        max_postings: usize,
        scratch: &mut Scratch,
    ) {
        let articles = self.days.articles;
        self.begin(keys, background, max_postings, scratch);
        scratch.count_terms(&self.terms, keys.terms, articles);
        scratch.count_shingles(&self.shingles, keys.shingles, articles);
    }

    /// Like [`CandidateIndex::look_up`] for an article of the index, without searches in the lists.
    pub(crate) fn look_up_listed(
        &self,
        keys: &CandidateKeys<'_>,
        places: &OwnPlaces,
        scratch: &mut Scratch,
    ) {
        let articles = self.days.articles;
        self.begin(keys, self.days.background(keys.rank), MAX_POSTINGS, scratch);
        let own_terms = &places.terms[keys.rank * DISTINCTIVE..][..keys.terms.len()];
        scratch.count_listed_terms(&self.terms, own_terms);
        let shared = places.shared.of(keys.rank);
        scratch.count_listed_shingles(&self.shingles, shared, keys, articles);
    }

    /// Sets the ranks that the look-up of an article reads.
    fn begin(
        &self,
        keys: &CandidateKeys<'_>,
        background: Range<usize>,
        max_postings: usize,
        scratch: &mut Scratch,
    ) {
        let &Days { dated, articles, .. } = &self.days;
        scratch.max_postings = max_postings;
        (scratch.window, scratch.ranges) = match keys.date {
            None => (0..dated, [0..articles, 0..0]),
            Some(date) => {
                // Window and background both contain the article's rank, so their union has no gap.
                let window = self.days.window(date);
                let start = window.start.min(background.start);
                let end = window.end.max(background.end);
                (window, [start..end, end.max(dated)..articles])
            }
        };
        scratch.background = background;
    }

    /// The candidates of both sources after a look-up: ranks, ascending. An article of the index is among
    /// its own candidates.
    pub(crate) fn near<'s>(&self, keys: &CandidateKeys<'_>, scratch: &'s mut Scratch) -> &'s [u32] {
        scratch.near.clear();
        for source in [CandidateSource::Words, CandidateSource::Shingles] {
            self.best(source, keys, &Best::WORST, scratch);
            scratch.near.extend(scratch.best.iter().map(|best| best.rank));
        }
        scratch.near.sort_unstable();
        scratch.near.dedup();
        &scratch.near
    }

    /// The best candidates of one source that are no worse than `bound`, best first.
    pub(crate) fn best<'s>(
        &self,
        source: CandidateSource,
        keys: &CandidateKeys<'_>,
        bound: &Best,
        scratch: &'s mut Scratch,
    ) -> &'s [Best] {
        let (window, undated) = (scratch.window.clone(), self.days.dated);
        let is_near = |rank: usize| window.contains(&rank) || rank >= undated;
        // One more than the candidates: an article of the index finds itself first.
        let most = MAX_CANDIDATES + 1;
        match source {
            CandidateSource::Words => scratch.keep_best(source, keys.rank, most, bound, is_near),
            CandidateSource::Shingles => {
                scratch.keep_best(source, keys.rank, most, bound, |_| true)
            }
        }
        &scratch.best
    }

    /// The `most` articles of the background that share most distinctive words, most first.
    pub(crate) fn background<'s>(
        &self,
        keys: &CandidateKeys<'_>,
        most: usize,
        scratch: &'s mut Scratch,
    ) -> &'s [Best] {
        self.crowd_of(keys, most, &Best::WORST, scratch)
    }

    /// Like [`CandidateIndex::background`], limited to articles that are no worse than `bound`.
    pub(crate) fn crowd_of<'s>(
        &self,
        keys: &CandidateKeys<'_>,
        most: usize,
        bound: &Best,
        scratch: &'s mut Scratch,
    ) -> &'s [Best] {
        let background = scratch.background.clone();
        scratch.keep_best(CandidateSource::Words, keys.rank, most, bound, |rank| {
            background.contains(&rank)
        });
        &scratch.best
    }

    /// What [`CandidateIndex::contained`] passes over most of a sample by.
    pub(crate) fn listed_hashes(&self) -> ListedHashes {
        self.shingles.listed_hashes()
    }

    /// The articles that a text may contain, by its whole sample: those of which it has
    /// [`MIN_CONTAINED_SHINGLES`] of the smallest shingles, each with their number, most first and at most
    /// [`MAX_CONTAINED`]. It does not matter how long the text is beside them. The text itself is among
    /// them.
    pub(crate) fn contained<'s>(
        &self,
        sample: Sample<'_>,
        listed: &ListedHashes,
        scratch: &'s mut Scratch,
    ) -> &'s [(u16, u32)] {
        scratch.max_postings = MAX_POSTINGS;
        scratch.count_contained(&self.shingles, listed, sample.values, self.days.articles);
        &scratch.found[CandidateSource::Shingles as usize]
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.days.memory_usage() + self.terms.memory_usage() + self.shingles.memory_usage()
    }
}
