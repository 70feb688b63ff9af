//! Candidates: which articles are worth comparing at all.
//!
//! The articles stand in the order of their days, the undated ones last; the place of one in this
//! order is its *rank*. Two nets bring up candidates, at most 19 each.
//!
//! * **Distinctive words** catch retellings. Each article is listed under its 40 heaviest words.
//!   Candidates are the articles that share most of them, two at least. Where both are dated, they
//!   are at most seven days apart.
//! * **Least shingles** catch copies, however old. Each article is listed under its 16 least shingle
//!   hashes, a MinHash with one permutation; candidates share three of them. At Jaccard .5 that
//!   misses fewer than one pair in a hundred, and few articles share a shingle.
//!
//! What the bounds lose, measured on 12 277 articles of American news, most of them dated, with
//! 1 517 same-story pairs within three days: the two nets, and the friends of friends that the
//! detector adds, find .951 of them with 32 candidates an article. Banded MinHash finds a third.
//!
//! The cost of an article hardly grows with the collection. Lists are in the order of the ranks, so of
//! each only the days in question are read: for a dated article a window and its crowd. And they are read
//! rarest first until [`MOST_POSTINGS`] are read. What is then left out are the commonest of its
//! distinctive words, and a pair is lost only where neither of the two finds the other by the rest.
//!
//! Both nets are flat: sorted runs of ranks, made at once for a whole collection.

mod days;
mod lists;

use std::cmp::Ordering;
use std::ops::Range;

use crate::article::Date;
use crate::bottomk::Sample;
#[cfg(feature = "archive")]
use crate::column::Column;
use crate::kernel::prefetch;
use crate::terms::DISTINCTIVE;

use lists::{SharedShingles, ShingleRun, TermLists, below, below_from, guessed};

pub(crate) use days::Days;

/// How many distinctive words two articles share at least.
const SHARED_TERMS: u32 = 2;

/// The most candidates that each net brings up for an article.
pub(crate) const CANDIDATES: usize = 19;

/// How many days may lie between two candidates by words, where both are dated. Of same-story pairs
/// in dated news 98 % lie within three days.
const WINDOW_DAYS: i32 = 7;

/// How many of the least shingles lead to candidates.
const LEAST_SHINGLES: usize = 16;

/// How many of them two articles share at least. A text with fewer shingles than this shares all.
const SHARED_SHINGLES: u32 = 3;

/// The most postings of each net that are read for one article.
pub(crate) const MOST_POSTINGS: usize = 6_144;

/// How many pairs of a shingle are asked for before they are read.
const MOST_AHEAD: usize = 32;

/// How many articles, those next to it in the order of days, are an article's *crowd*: how alike
/// they are to it tells how much likeness means there. It is a number, not a span of days, so that
/// a score means the same in a collection of any size.
pub(crate) const CROWD: usize = 16_384;

/// The least shingles of a sample.
pub(crate) fn least_shingles(sample: Sample<'_>) -> &[u32] {
    &sample.values[..sample.values.len().min(LEAST_SHINGLES)]
}

/// The two nets over one collection.
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
    /// crowd: for [`CandidateIndex::near`] and [`CandidateIndex::crowd`].
    pub(crate) fn look_up(&self, keys: &CandidateKeys<'_>, scratch: &mut Scratch) {
        self.look_up_among(keys, self.days.crowd(keys.rank), MOST_POSTINGS, scratch);
    }

    /// The same with a crowd of its own, and so many postings that are read at most: of a part of a
    /// collection.
    pub(crate) fn look_up_among(
        &self,
        keys: &CandidateKeys<'_>,
        crowd: Range<usize>,
        most_postings: usize,
        scratch: &mut Scratch,
    ) {
        let articles = self.days.articles;
        self.begin(keys, crowd, most_postings, scratch);
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
        self.begin(keys, self.days.crowd(keys.rank), MOST_POSTINGS, scratch);
        let words = &places.words[keys.rank * DISTINCTIVE..][..keys.terms.len()];
        scratch.count_listed_terms(&self.terms, words);
        let shared = places.shared.of(keys.rank);
        scratch.count_listed_shingles(&self.shingles, shared, keys, articles);
    }

    /// Notes among whom an article is looked up.
    fn begin(
        &self,
        keys: &CandidateKeys<'_>,
        crowd: Range<usize>,
        most_postings: usize,
        scratch: &mut Scratch,
    ) {
        let Days { dates, articles, .. } = &self.days;
        scratch.most_postings = most_postings;
        scratch.ranges = match keys.date {
            None => [0..*articles, 0..0],
            Some(date) => {
                // Both have the article's own place, so what they make together has no gap.
                let window = self.days.window(date);
                let start = window.start.min(crowd.start);
                let end = window.end.max(crowd.end);
                [start..end, end.max(dates.len())..*articles]
            }
        };
        scratch.crowd = crowd;
    }

    /// Of the articles that were looked up those that share most distinctive words, within the
    /// window, and those that share least shingles: the ranks of what is worth comparing, rising. An
    /// article of the collection is among its own.
    pub(crate) fn near<'s>(&self, keys: &CandidateKeys<'_>, scratch: &'s mut Scratch) -> &'s [u32] {
        scratch.near.clear();
        for net in [Net::Words, Net::Shingles] {
            self.best(net, keys, &Best::ANY, scratch);
            scratch.near.extend(scratch.best.iter().map(|best| best.rank));
        }
        scratch.near.sort_unstable();
        scratch.near.dedup();
        &scratch.near
    }

    /// The best of one net that are as good as `least`, best first.
    pub(crate) fn best<'s>(
        &self,
        net: Net,
        keys: &CandidateKeys<'_>,
        least: &Best,
        scratch: &'s mut Scratch,
    ) -> &'s [Best] {
        let undated = self.days.dates.len();
        let window = keys.date.map_or(0..undated, |date| self.days.window(date));
        let is_near = |rank: usize| window.contains(&rank) || rank >= undated;
        // One more than the candidates: an article of the collection finds itself first.
        match net {
            Net::Words => scratch.keep_best(net, keys.rank, CANDIDATES + 1, least, is_near),
            Net::Shingles => scratch.keep_best(net, keys.rank, CANDIDATES + 1, least, |_| true),
        }
        &scratch.best
    }

    /// Of the articles that were looked up the `most` of the crowd that share most distinctive
    /// words, most first.
    pub(crate) fn crowd<'s>(
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
        let crowd = scratch.crowd.clone();
        scratch.keep_best(Net::Words, keys.rank, most, least, |rank| crowd.contains(&rank));
        &scratch.best
    }

    /// Whether an article that was looked up shares seven eighths of its least shingles with one of
    /// the same days that comes before it: of each story told in nearly the same words one telling
    /// stands for all.
    pub(crate) fn is_reprint(&self, keys: &CandidateKeys<'_>, scratch: &Scratch) -> bool {
        let most = (keys.shingles.len() * 7).div_ceil(8) as u16;
        scratch.found[Net::Shingles as usize].iter().any(|&(sum, rank)| {
            count(sum) >= most
                && (rank as usize) < keys.rank
                && self.days.are_near(rank, keys.rank as u32)
        })
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.days.memory_usage() + self.terms.memory_usage() + self.shingles.memory_usage()
    }
}

/// The sum of an article: how many keys it shares in the low bits, and above them what they are
/// worth, by which articles are ranked.
const COUNT_BITS: u32 = 6;

/// What a shared shingle adds to the sum.
const SHINGLE: u16 = 1 << COUNT_BITS | 1;

/// What a shared word adds to the sum: the heaviest word of an article as much as four of its
/// lightest.
fn word(place: usize) -> u16 {
    (8 + (DISTINCTIVE - place) as u16 / 2) << COUNT_BITS | 1
}

/// How many keys a sum is made of.
fn count(sum: u16) -> u16 {
    sum & ((1 << COUNT_BITS) - 1)
}

/// The two nets.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Net {
    Words,
    Shingles,
}

/// An article that shares keys with another one. The least is the best: it shares most, and among
/// equals it is nearest in the order of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Best {
    lacking: u16,
    distance: u32,
    pub(crate) rank: u32,
}

impl Ord for Best {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        // As one number, which is compared without a branch.
        let number = |&Best { lacking, distance, rank }: &Best| {
            u128::from(lacking) << 64 | u128::from(distance) << 32 | u128::from(rank)
        };
        number(self).cmp(&number(other))
    }
}

impl PartialOrd for Best {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Best {
    /// As good as which any other is.
    pub(crate) const ANY: Best = Best { lacking: u16::MAX, distance: u32::MAX, rank: u32::MAX };

    /// The same article by another number.
    pub(crate) fn named(self, rank: u32) -> Self {
        Best { rank, ..self }
    }

    /// The same article, found as one that shares these distinctive words and is so far away.
    pub(crate) fn of_words(
        shared_places: impl Iterator<Item = usize>,
        distance: u32,
        rank: u32,
    ) -> Option<Self> {
        let sum = shared_places.map(word).sum::<u16>();
        (u32::from(count(sum)) >= SHARED_TERMS).then_some(Best {
            lacking: u16::MAX - sum,
            distance,
            rank,
        })
    }

    /// The same of so many shared shingles of `all`.
    pub(crate) fn of_shingles(shared: usize, all: usize, distance: u32, rank: u32) -> Option<Self> {
        let least = (SHARED_SHINGLES as usize).min(all);
        (shared >= least.max(1)).then_some(Best {
            lacking: u16::MAX - SHINGLE * shared as u16,
            distance,
            rank,
        })
    }
}

/// The best of several indexes together.
#[derive(Debug, Default)]
pub(crate) struct Bests {
    found: Vec<Best>,
    most: usize,
}

impl Bests {
    /// None yet; so many are kept.
    pub(crate) fn clear(&mut self, most: usize) {
        self.found.clear();
        self.most = most;
    }

    /// Adds some, and keeps the best.
    pub(crate) fn add(&mut self, more: impl IntoIterator<Item = Best>) {
        self.found.extend(more);
        if self.found.len() > self.most {
            self.found.select_nth_unstable(self.most - 1);
            self.found.truncate(self.most);
        }
    }

    /// As good as which another one must be to be among them.
    pub(crate) fn least(&self) -> Best {
        let is_full = self.found.len() == self.most;
        let worst = self.found.iter().max().filter(|_| is_full);
        worst.copied().unwrap_or(Best::ANY)
    }

    /// Their ranks, the best first.
    pub(crate) fn ranks(&mut self) -> impl Iterator<Item = u32> + Clone {
        self.found.sort_unstable();
        self.found.iter().map(|best| best.rank)
    }
}

/// Buffers that one thread reuses from article to article.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// What each article shares, see [`COUNT_BITS`]; all zero between look-ups.
    sums: Vec<u16>,
    /// The ranks that are looked up.
    ranges: [Range<usize>; 2],
    crowd: Range<usize>,
    /// Where the lists of the keys are.
    all: Vec<Range<usize>>,
    /// The parts of lists that are read: how long, the place of the key, and where.
    lists: Vec<(usize, usize, [Range<usize>; 2])>,
    /// What the articles share that share enough of the keys of each net.
    found: [Vec<(u16, u32)>; 2],
    /// The best of it.
    best: Vec<Best>,
    near: Vec<u32>,
    /// How many postings of each net are read at most.
    most_postings: usize,
}

impl Scratch {
    fn make_room(&mut self, articles: usize) {
        if self.sums.len() < articles {
            self.sums.resize(articles, 0);
        }
    }

    /// Finds the articles that share at least two words.
    fn count_terms(&mut self, lists: &TermLists, terms: &[u32], articles: usize) {
        if self.ranges.iter().all(Range::is_empty) {
            self.found[Net::Words as usize].clear();
            return;
        }
        self.make_room(self.ranges.iter().map(|range| range.end).max().unwrap_or(0));
        lists.lists(terms, &mut self.all);
        // Where the days in question begin is where it is guessed to be, or near.
        let first = self.ranges[0].start;
        let listed: &[u32] = &lists.ranks;
        for all in self.all.iter().filter(|all| !all.is_empty()) {
            let guess = all.start + guessed(all.len(), first.min(articles - 1), articles);
            prefetch(&listed[guess..=guess]);
        }
        self.lists.clear();
        for (place, all) in self.all.iter().enumerate() {
            let list = &listed[all.clone()];
            let parts = self.ranges.clone().map(|range| {
                let below = |end| all.start + below(list, end, articles);
                if range.is_empty() { 0..0 } else { below(range.start)..below(range.end) }
            });
            self.lists.push((parts[0].len() + parts[1].len(), place, parts));
        }
        self.read_terms(listed);
    }

    /// The same of an article that is listed, by its places in the lists of its terms.
    fn count_listed_terms(&mut self, lists: &TermLists, places: &[u64]) {
        self.make_room(self.ranges.iter().map(|range| range.end).max().unwrap_or(0));
        let (listed, starts): (&[u32], &[u32]) = (&lists.ranks, &lists.starts);
        let of = |place: u64| ((place >> u32::BITS) as usize, place as u32 as usize);
        for (list, own) in places.iter().map(|&place| of(place)) {
            prefetch(&starts[list..list + 2]);
            prefetch(&listed[own..=own]);
        }
        self.lists.clear();
        for (key, (list, own)) in places.iter().map(|&place| of(place)).enumerate() {
            let start = starts[list] as usize;
            let list = &listed[start..starts[list + 1] as usize];
            let parts = self.ranges.clone().map(|range| {
                let below = |end| start + below_from(list, own - start, end);
                if range.is_empty() { 0..0 } else { below(range.start)..below(range.end) }
            });
            self.lists.push((parts[0].len() + parts[1].len(), key, parts));
        }
        self.read_terms(listed);
    }

    /// Reads the parts of lists, the shortest first, as far as may be read.
    fn read_terms(&mut self, listed: &[u32]) {
        let lens = |lists: &[(usize, usize, _)]| lists.iter().map(|list| list.0).sum::<usize>();
        let mut readable = self.lists.len();
        if lens(&self.lists) > self.most_postings {
            self.lists.sort_unstable_by_key(|&(len, place, _)| (len, place));
            readable = self::readable(self.lists.iter().map(|list| list.0), self.most_postings);
        }
        let (sums, found) = (&mut self.sums, &mut self.found[Net::Words as usize]);
        found.clear();
        let read = &self.lists[..readable];
        for (_, place, parts) in read {
            for part in parts {
                let ranks = listed[part.clone()].iter().copied();
                add(sums, ranks, word(*place), SHARED_TERMS, found);
            }
        }
        take_sums(sums, found);
        for part in read.iter().flat_map(|(_, _, parts)| parts) {
            listed[part.clone()].iter().for_each(|&rank| sums[rank as usize] = 0);
        }
    }

    /// Finds the articles that share at least three shingles.
    fn count_shingles(&mut self, run: &ShingleRun, hashes: &[u32], articles: usize) {
        self.make_room(articles);
        let (sums, found) = (&mut self.sums, &mut self.found[Net::Shingles as usize]);
        found.clear();
        let mut lists = run.lists(hashes);
        lists.sort_unstable_by_key(|list| list.len());
        let readable = readable(lists.iter().map(|list| list.len()), self.most_postings);
        let least = SHARED_SHINGLES.min(hashes.len() as u32);
        for list in &lists[..readable] {
            add(sums, list.iter().map(|&pair| pair as u32), SHINGLE, least, found);
        }
        take_sums(sums, found);
        for list in &lists[..readable] {
            list.iter().for_each(|&pair| sums[pair as u32 as usize] = 0);
        }
    }

    /// The same of an article that is listed, by the places of the shingles that others have as well.
    fn count_listed_shingles(
        &mut self,
        run: &ShingleRun,
        shared: impl Iterator<Item = Range<usize>> + Clone,
        keys: &CandidateKeys<'_>,
        articles: usize,
    ) {
        let all = keys.shingles.len();
        let alone = all - shared.clone().count();
        if alone + shared.clone().map(|list| list.len()).sum::<usize>() > self.most_postings {
            return self.count_shingles(run, keys.shingles, articles);
        }
        self.make_room(articles);
        let (sums, found) = (&mut self.sums, &mut self.found[Net::Shingles as usize]);
        found.clear();
        let least = SHARED_SHINGLES.min(all as u32);
        let lists = shared.map(|list| &run.pairs[list]);
        lists.clone().for_each(|list| prefetch(&list[..list.len().min(MOST_AHEAD)]));
        // It finds itself by all of them.
        let own = keys.rank as u32;
        (0..alone).for_each(|_| add(sums, [own].into_iter(), SHINGLE, least, found));
        for list in lists.clone() {
            add(sums, list.iter().map(|&pair| pair as u32), SHINGLE, least, found);
        }
        take_sums(sums, found);
        sums[keys.rank] = 0;
        lists.flatten().for_each(|&pair| sums[pair as u32 as usize] = 0);
    }

    /// Keeps those that share most of what was found, most first.
    fn keep_best(
        &mut self,
        net: Net,
        own: usize,
        most: usize,
        least: &Best,
        admit: impl Fn(usize) -> bool,
    ) {
        let Scratch { found, best, .. } = self;
        best.clear();
        let found = found[net as usize].iter();
        let admitted = found
            .filter(|&&(sum, rank)| u16::MAX - sum <= least.lacking && admit(rank as usize))
            .map(|&(sum, rank)| Best {
                lacking: u16::MAX - sum,
                distance: rank.abs_diff(own as u32),
                rank,
            });
        let reach = (least.lacking, least.distance);
        best.extend(admitted.filter(|best| (best.lacking, best.distance) <= reach));
        if best.len() > most {
            best.select_nth_unstable(most);
            best.truncate(most);
        }
        best.sort_unstable();
    }
}

/// How many of the lists, the shortest first, are read before there are too many postings.
fn readable(lens: impl Iterator<Item = usize>, most: usize) -> usize {
    let read = lens.scan(0, |read, len| {
        *read += len;
        Some(*read)
    });
    read.take_while(|&read| read <= most).count()
}

/// Adds what a shared key is worth to the sums of some ranks; those that then share `least` keys for
/// the first time are found.
#[inline]
fn add(
    sums: &mut [u16],
    ranks: impl ExactSizeIterator<Item = u32>,
    added: u16,
    least: u32,
    found: &mut Vec<(u16, u32)>,
) {
    let least = least as u16;
    let mut end = found.len();
    found.resize(end + ranks.len(), (0, 0));
    for rank in ranks {
        let sum = &mut sums[rank as usize];
        let was = *sum;
        *sum += added;
        // Each is written, and the next one over it if it was not found: no branch to guess.
        found[end].1 = rank;
        end += usize::from(count(was) < least) & usize::from(count(*sum) >= least);
    }
    found.truncate(end);
}

/// Writes the sums beside what was found.
fn take_sums(sums: &[u16], found: &mut [(u16, u32)]) {
    found.iter_mut().for_each(|(sum, rank)| *sum = sums[*rank as usize]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone)]
    struct Listed {
        terms: Vec<u32>,
        shingles: Vec<u32>,
        date: Option<Date>,
    }

    impl Listed {
        fn keys(&self, rank: usize) -> CandidateKeys<'_> {
            let Listed { terms, shingles, date } = self;
            CandidateKeys { terms, shingles, date: *date, rank }
        }
    }

    fn listed(terms: &[u32], shingles: &[u32], day: u8) -> Listed {
        let date = Date::new(2031, 5, day);
        Listed { terms: terms.to_vec(), shingles: shingles.to_vec(), date }
    }

    fn index(articles: &[Listed]) -> CandidateIndex {
        CandidateIndex::new(
            Days::new(articles.iter().map(|article| article.date)),
            articles.iter().map(|article| &article.terms[..]),
            articles.iter().map(|article| &article.shingles[..]),
        )
    }

    /// Keys of few values, so that articles meet; day 0 is no date.
    fn any_listed() -> impl Strategy<Value = Listed> {
        let some = |most| {
            prop::collection::btree_set(0u32..9, 0..most).prop_map(Vec::from_iter).prop_shuffle()
        };
        (some(7), some(5), 0u8..20)
            .prop_map(|(terms, shingles, day)| listed(&terms, &shingles, day))
    }

    /// In the order of the days.
    fn any_articles(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Listed>> {
        prop::collection::vec(any_listed(), count).prop_map(|mut articles| {
            articles.sort_by_key(|article| (article.date.is_none(), article.date));
            articles
        })
    }

    fn shared(a: &[u32], b: &[u32]) -> u32 {
        a.iter().filter(|key| b.contains(key)).count() as u32
    }

    proptest! {
        #[test]
        fn candidates_share_enough_keys_and_words_within_the_window(
            articles in any_articles(1..12), asked in any_listed(),
        ) {
            let is_candidate = |other: &Listed| {
                let far = asked.date.zip(other.date).is_some_and(|(a, b)| a.days_since(b).abs() > 7);
                let least = SHARED_SHINGLES.min(asked.shingles.len() as u32).max(1);
                !far && shared(&asked.terms, &other.terms) >= SHARED_TERMS
                    || shared(&asked.shingles, &other.shingles) >= least
            };
            let expected: Vec<u32> =
                (0..).zip(&articles).filter(|(_, other)| is_candidate(other)).map(|(n, _)| n).collect();
            let index = index(&articles);
            let mut scratch = Scratch::default();
            for (rank, article) in articles.iter().enumerate() {
                // Nothing of one look-up is left for the next.
                index.look_up(&article.keys(rank), &mut scratch);
            }
            let keys = asked.keys(index.days().place(asked.date));
            index.look_up(&keys, &mut scratch);
            prop_assert_eq!(index.near(&keys, &mut scratch), expected);
        }

        #[test]
        fn a_listed_article_finds_by_its_places_what_a_search_finds(
            articles in any_articles(1..60), most in 0usize..3,
        ) {
            let (index, places) = CandidateIndex::with_places(
                Days::new(articles.iter().map(|article| article.date)),
                articles.iter().map(|article| &article.terms[..]),
                articles.iter().map(|article| &article.shingles[..]),
            );
            let (mut searching, mut listed) = (Scratch::default(), Scratch::default());
            let found = |scratch: &Scratch| {
                let mut found = scratch.found.clone();
                found.iter_mut().for_each(|found| found.sort_unstable());
                found
            };
            for (rank, article) in articles.iter().enumerate() {
                let keys = article.keys(rank);
                index.look_up(&keys, &mut searching);
                index.look_up_listed(&keys, &places, &mut listed);
                prop_assert_eq!(found(&listed), found(&searching));
                prop_assert_eq!(
                    index.crowd(&keys, most, &mut listed), index.crowd(&keys, most, &mut searching)
                );
                prop_assert_eq!(index.near(&keys, &mut listed), index.near(&keys, &mut searching));
            }
        }

        #[test]
        fn those_that_share_most_are_found(articles in any_articles(30..60)) {
            let asked = listed(&[0, 1, 2, 3, 4, 5], &[], 0);
            let index = index(&articles);
            let (keys, mut scratch) = (asked.keys(30), Scratch::default());
            index.look_up(&keys, &mut scratch);
            let crowd: Vec<u32> =
                index.crowd(&keys, 10, &mut scratch).iter().map(|best| best.rank).collect();
            let share = |rank: &u32| shared(&asked.terms, &articles[*rank as usize].terms);
            prop_assert!(crowd.is_sorted_by_key(|rank| std::cmp::Reverse(share(rank))));
            let least = crowd.last().map_or(0, share);
            let more = (0..articles.len() as u32).filter(|rank| share(rank) > least.max(1));
            prop_assert!(more.count() <= crowd.len());
        }
    }

    #[test]
    fn the_rarest_words_are_looked_up_until_the_limit() {
        let mut articles = vec![listed(&[1, 2, 3], &[], 0); MOST_POSTINGS];
        articles[7] = listed(&[1, 2, 3, 70, 71, 72], &[], 0);
        let index = index(&articles);
        let mut scratch = Scratch::default();
        let mut find = |terms: &[u32]| {
            let asked = listed(terms, &[], 0);
            index.look_up(&asked.keys(7), &mut scratch);
            index.near(&asked.keys(7), &mut scratch).to_vec()
        };
        assert_eq!(find(&[1, 2, 3, 70, 71, 72]), [7]);
        // One common word can still be read, the next one not.
        assert_eq!(find(&[1, 2, 3]), []);
    }

    #[test]
    fn a_reprint_comes_after_its_like_within_the_window() {
        let sixteen: Vec<u32> = (0..16).collect();
        let [most, fewer] = [(14, 50), (13, 90)].map(|(same, other)| {
            sixteen.iter().map(|&n| if n < same { n } else { n + other }).collect::<Vec<u32>>()
        });
        let articles = [
            listed(&[], &sixteen, 1),
            listed(&[], &most, 3),
            listed(&[], &fewer, 4),
            listed(&[], &sixteen, 30),
            listed(&[], &sixteen, 0),
        ];
        let index = index(&articles);
        let mut scratch = Scratch::default();
        let found = (0..).zip(&articles).map(|(rank, article)| {
            index.look_up(&article.keys(rank), &mut scratch);
            index.is_reprint(&article.keys(rank), &scratch)
        });
        assert_eq!(found.collect::<Vec<bool>>(), [false, true, false, false, true]);
    }

    #[test]
    fn a_crowd_is_of_one_size_wherever_the_article_stands() {
        let days = Days { dates: Vec::new(), articles: 3 * CROWD };
        for rank in [0, 5, CROWD, 3 * CROWD - 1] {
            let crowd = days.crowd(rank);
            assert!(crowd.len() == CROWD && crowd.contains(&rank));
        }
        assert_eq!(Days { dates: Vec::new(), articles: 7 }.crowd(3), 0..7);
    }
}
