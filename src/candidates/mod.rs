//! Candidates: which articles are worth comparing at all.
//!
//! The articles stand in the order of their days, the undated ones last; the place of one in this
//! order is its *rank*. Two sources bring up candidates, at most 19 each.
//!
//! * **Distinctive words** catch retellings. Each article is listed under its 40 heaviest words.
//!   Candidates are the articles that share most of them, two at least. Where both are dated, they
//!   are at most seven days apart.
//! * **Least shingles** catch copies, however old. Each article is listed under its 16 least shingle
//!   hashes, a MinHash with one permutation; candidates share three of them. At Jaccard .5 that
//!   misses fewer than one pair in a hundred, and few articles share a shingle.
//!
//! What the bounds lose, measured on 12 277 articles of American news, most of them dated, with
//! 1 517 same-story pairs within three days: the two sources, and the friends of friends that the
//! detector adds, find .951 of them with 32 candidates an article. Banded MinHash finds a third.
//!
//! The cost of an article hardly grows with the collection. Lists are in the order of the ranks, so of
//! each only the days in question are read: for a dated article a window and its background. And they are read
//! rarest first until [`MAX_POSTINGS`] are read. What is then left out are the commonest of its
//! distinctive words, and a pair is lost only where neither of the two finds the other by the rest. That
//! costs next to nothing with up to some 60 000 articles within those days. Of a million the same 12 277
//! articles were taken to be a sample, and words given up as if all had as many more: .498 of the pairs
//! were then found by 6 144 postings, .783 by 24 576, .877 by 49 152.
//!
//! Both sources are flat: sorted runs of ranks, made at once for a whole collection, or merged from those of
//! several. Of articles that still come the lists grow.

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

use best::count;
use lists::{SharedShingles, ShingleRun, TermLists};

pub(crate) use best::{Best, Bests, CandidateSource};
pub(crate) use days::Days;
pub(crate) use growing::GrowingIndex;
pub(crate) use merge::LEFT_OUT;
pub(crate) use scratch::Scratch;

/// How many distinctive words two articles share at least.
const MIN_SHARED_TERMS: u32 = 2;

/// The most candidates that each source brings up for an article.
pub(crate) const MAX_CANDIDATES: usize = 19;

/// How many days may lie between two candidates by words, where both are dated. Of same-story pairs
/// in dated news 98 % lie within three days.
const WINDOW_DAYS: i32 = 7;

/// How many of the least shingles lead to candidates.
const BOTTOM_SHINGLES: usize = 16;

/// How many of them two articles share at least. A text with fewer shingles than this shares all.
const MIN_SHARED_SHINGLES: u32 = 3;

/// The most postings of each source that are read for one article.
pub(crate) const MAX_POSTINGS: usize = 6_144;

/// How many articles, those next to it in the order of days, are an article's *background*: how alike
/// they are to it tells how much likeness means there. It is a number, not a span of days, so that
/// a score means the same in a collection of any size.
pub(crate) const BACKGROUND_SAMPLE: usize = 16_384;

/// The least shingles of a sample.
pub(crate) fn bottom_shingles(sample: Sample<'_>) -> &[u32] {
    &sample.values[..sample.values.len().min(BOTTOM_SHINGLES)]
}

/// The two sources over one collection.
#[derive(Debug, Clone, Default)]
pub(crate) struct CandidateIndex {
    days: Days,
    terms: TermLists,
    shingles: ShingleRun,
}

/// The arrays that a [`CandidateIndex`] is made of beside the days, to be kept in a file.
#[cfg(feature = "archive")]
#[derive(Debug, Clone)]
pub(crate) struct CandidateColumns<A, B> {
    /// The distinctive words, rising, where the list of each begins with the end of the last, and the
    /// ranks, rising in each list.
    pub(crate) terms: A,
    pub(crate) starts: A,
    pub(crate) ranks: A,
    /// A spread shingle hash in the high half, a rank in the low half; rising.
    pub(crate) pairs: B,
}

#[cfg(feature = "archive")]
impl CandidateColumns<&[u32], &[u64]> {
    /// Whether they may be those of an index of so many articles. Linear.
    pub(crate) fn make_sense(&self, articles: usize) -> bool {
        let &CandidateColumns { terms, starts, ranks, pairs } = self;
        TermLists::make_sense(terms, starts, ranks, articles)
            && ShingleRun::make_sense(pairs, articles)
    }
}

/// Where the articles of an index stand in their lists, noted while the lists are made: who looks a whole
/// collection up has nothing left to search for. Some 450 bytes an article.
#[derive(Debug)]
pub(crate) struct OwnPlaces {
    words: Vec<u64>,
    shared: SharedShingles,
}

/// What an article is listed under, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CandidateKeys<'a> {
    /// Its distinctive words, heaviest first.
    pub(crate) terms: &'a [u32],
    pub(crate) shingles: &'a [u32],
    pub(crate) date: Option<Date>,
    /// Its rank; of an article from outside the one that it would have.
    pub(crate) rank: usize,
}

impl CandidateIndex {
    /// Lists articles in the order of their ranks: their days, their distinctive words, and their
    /// least shingles.
    pub(crate) fn new<'k>(
        days: Days,
        terms: impl Iterator<Item = &'k [u32]>,
        shingles: impl Iterator<Item = &'k [u32]>,
    ) -> Self {
        CandidateIndex { days, terms: TermLists::new(terms), shingles: ShingleRun::new(shingles) }
    }

    /// The same, and what spares the articles that are listed a search each time that one is [looked
    /// up](CandidateIndex::look_up_listed).
    pub(crate) fn with_places<'k>(
        days: Days,
        terms: impl ExactSizeIterator<Item = &'k [u32]>,
        shingles: impl Iterator<Item = &'k [u32]>,
    ) -> (Self, OwnPlaces) {
        let (terms, words) = TermLists::with_places(terms);
        let shingles = ShingleRun::new(shingles);
        let shared = shingles.shared(days.articles);
        (CandidateIndex { days, terms, shingles }, OwnPlaces { words, shared })
    }

    /// Articles of some indexes in the order of their ranks here, which each index has beside it by the
    /// ranks there, rising; [`LEFT_OUT`] for one that is left out. The same as [`CandidateIndex::new`] of
    /// them, without sorting.
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

    /// The arrays that it is made of beside the days.
    #[cfg(feature = "archive")]
    pub(crate) fn columns(&self) -> CandidateColumns<&[u32], &[u64]> {
        let TermLists { terms, starts, ranks, .. } = &self.terms;
        CandidateColumns { terms, starts, ranks, pairs: &self.shingles.pairs }
    }

    /// The index that has these arrays, which [make sense](CandidateColumns::make_sense).
    #[cfg(feature = "archive")]
    pub(crate) fn of_columns(
        days: Days,
        columns: CandidateColumns<Column<u32>, Column<u64>>,
    ) -> Self {
        let CandidateColumns { terms, starts, ranks, pairs } = columns;
        let terms = TermLists::of_columns(terms, starts, ranks);
        CandidateIndex { days, terms, shingles: ShingleRun::of_column(pairs) }
    }

    /// Looks up what an article is listed under, the words among the articles of its days and of its
    /// background: for [`CandidateIndex::near`] and [`CandidateIndex::background`].
    pub(crate) fn look_up(&self, keys: &CandidateKeys<'_>, scratch: &mut Scratch) {
        self.look_up_among(keys, self.days.background(keys.rank), MAX_POSTINGS, scratch);
    }

    /// The same with a background of its own, and so many postings that are read at most: of a part of a
    /// collection.
    pub(crate) fn look_up_among(
        &self,
        keys: &CandidateKeys<'_>,
        background: Range<usize>,
        most_postings: usize,
        scratch: &mut Scratch,
    ) {
        let articles = self.days.articles;
        self.begin(keys, background, most_postings, scratch);
        scratch.count_terms(&self.terms, keys.terms, articles);
        scratch.count_shingles(&self.shingles, keys.shingles, articles);
    }

    /// The same as [`CandidateIndex::look_up`] of an article that is listed.
    pub(crate) fn look_up_listed(
        &self,
        keys: &CandidateKeys<'_>,
        places: &OwnPlaces,
        scratch: &mut Scratch,
    ) {
        let articles = self.days.articles;
        self.begin(keys, self.days.background(keys.rank), MAX_POSTINGS, scratch);
        let words = &places.words[keys.rank * DISTINCTIVE..][..keys.terms.len()];
        scratch.count_listed_terms(&self.terms, words);
        let shared = places.shared.of(keys.rank);
        scratch.count_listed_shingles(&self.shingles, shared, keys, articles);
    }

    /// Notes among whom an article is looked up.
    fn begin(
        &self,
        keys: &CandidateKeys<'_>,
        background: Range<usize>,
        most_postings: usize,
        scratch: &mut Scratch,
    ) {
        let &Days { dated, articles, .. } = &self.days;
        scratch.most_postings = most_postings;
        (scratch.window, scratch.ranges) = match keys.date {
            None => (0..dated, [0..articles, 0..0]),
            Some(date) => {
                // Both have the article's own place, so what they make together has no gap.
                let window = self.days.window(date);
                let start = window.start.min(background.start);
                let end = window.end.max(background.end);
                (window, [start..end, end.max(dated)..articles])
            }
        };
        scratch.background = background;
    }

    /// Of the articles that were looked up those that share most distinctive words, within the
    /// window, and those that share least shingles: the ranks of what is worth comparing, rising. An
    /// article of the collection is among its own.
    pub(crate) fn near<'s>(&self, keys: &CandidateKeys<'_>, scratch: &'s mut Scratch) -> &'s [u32] {
        scratch.near.clear();
        for source in [CandidateSource::Words, CandidateSource::Shingles] {
            self.best(source, keys, &Best::ANY, scratch);
            scratch.near.extend(scratch.best.iter().map(|best| best.rank));
        }
        scratch.near.sort_unstable();
        scratch.near.dedup();
        &scratch.near
    }

    /// The best of one source that are as good as `least`, best first.
    pub(crate) fn best<'s>(
        &self,
        source: CandidateSource,
        keys: &CandidateKeys<'_>,
        least: &Best,
        scratch: &'s mut Scratch,
    ) -> &'s [Best] {
        let (window, undated) = (scratch.window.clone(), self.days.dated);
        let is_near = |rank: usize| window.contains(&rank) || rank >= undated;
        // One more than the candidates: an article of the collection finds itself first.
        match source {
            CandidateSource::Words => {
                scratch.keep_best(source, keys.rank, MAX_CANDIDATES + 1, least, is_near)
            }
            CandidateSource::Shingles => {
                scratch.keep_best(source, keys.rank, MAX_CANDIDATES + 1, least, |_| true)
            }
        }
        &scratch.best
    }

    /// Of the articles that were looked up the `most` of the background that share most distinctive
    /// words, most first.
    pub(crate) fn background<'s>(
        &self,
        keys: &CandidateKeys<'_>,
        most: usize,
        scratch: &'s mut Scratch,
    ) -> &'s [Best] {
        self.crowd_of(keys, most, &Best::ANY, scratch)
    }

    /// The same of those that are as good as `least`.
    pub(crate) fn crowd_of<'s>(
        &self,
        keys: &CandidateKeys<'_>,
        most: usize,
        least: &Best,
        scratch: &'s mut Scratch,
    ) -> &'s [Best] {
        let background = scratch.background.clone();
        scratch.keep_best(CandidateSource::Words, keys.rank, most, least, |rank| {
            background.contains(&rank)
        });
        &scratch.best
    }

    /// Whether an article that was looked up shares seven eighths of its least shingles with one of
    /// the same days that comes before it: of each story told in nearly the same words one telling
    /// stands for all.
    pub(crate) fn is_reprint(&self, keys: &CandidateKeys<'_>, scratch: &Scratch) -> bool {
        let mut alike = alike(keys, scratch);
        alike.any(|rank| (rank as usize) < keys.rank && self.days.are_near(rank, keys.rank as u32))
    }

    /// The same of an article that comes after all that are listed.
    pub(crate) fn is_reprint_of_any(&self, keys: &CandidateKeys<'_>, scratch: &Scratch) -> bool {
        let is_near = |rank: usize| scratch.window.contains(&rank) || rank >= self.days.dated;
        alike(keys, scratch).any(|rank| is_near(rank as usize))
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.days.memory_usage() + self.terms.memory_usage() + self.shingles.memory_usage()
    }
}

/// Those of the articles that were looked up that share seven eighths of the least shingles.
fn alike(keys: &CandidateKeys<'_>, scratch: &Scratch) -> impl Iterator<Item = u32> {
    let most = (keys.shingles.len() * 7).div_ceil(8) as u16;
    let found = scratch.found[CandidateSource::Shingles as usize].iter();
    found.filter(move |&&(sum, _)| count(sum) >= most).map(|&(_, rank)| rank)
}
