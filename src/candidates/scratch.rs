//! Counting of shared keys: reads posting lists and sums, for each article, the keys that it shares with
//! the article of the look-up.
//!
//! An array with a sum for each article is faster than a hash table or a merge of the lists. Only the
//! sums of the postings that were read are reset, so a look-up costs as much as it reads.

use std::ops::Range;

use super::best::{Best, CandidateSource, SHINGLE_INCREMENT, shared_keys, word_increment};
use super::lists::{
    ListedHashes, ShingleRun, TermLists, count_below, count_below_from, expected_position,
};
use super::{
    BOTTOM_SHINGLES, CandidateKeys, MAX_CONTAINED, MIN_CONTAINED_SHINGLES, MIN_SHARED_SHINGLES,
    MIN_SHARED_TERMS,
};
use crate::kernel::prefetch;

/// The most pairs of a list that are prefetched: the processor itself prefetches the rest.
const MAX_PREFETCHED: usize = 32;

/// The result of the last look-up, and buffers that one thread reuses from look-up to look-up.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// The sum of each article, see [`shared_keys`]; all zero between look-ups.
    pub(super) sums: Vec<u16>,
    /// The ranks of dated articles that may be candidates by words.
    pub(super) window: Range<usize>,
    /// The ranks for which words are counted.
    pub(super) ranges: [Range<usize>; 2],
    pub(super) background: Range<usize>,
    /// The position of the list of each key.
    whole: Vec<Range<usize>>,
    /// The parts of lists within `ranges`: their length, the position of the key, and where they are.
    parts: Vec<(usize, usize, [Range<usize>; 2])>,
    /// The length of each list and the position of its key.
    order: Vec<(usize, usize)>,
    /// The hashes of a sample that may be listed.
    hashes: Vec<u32>,
    /// For each source, the sums and ranks of the articles that share enough keys.
    pub(super) found: [Vec<(u16, u32)>; 2],
    /// The best of them.
    pub(super) best: Vec<Best>,
    pub(super) near: Vec<u32>,
    /// The most postings of each source that are read.
    pub(super) max_postings: usize,
}

impl Scratch {
    /// Extends the sums to the ranks below `articles`.
    fn make_room(&mut self, articles: usize) {
        if self.sums.len() < articles {
            self.sums.resize(articles, 0);
        }
    }

    /// Finds the articles within `ranges` that share enough words.
    pub(super) fn count_terms(&mut self, lists: &TermLists, terms: &[u32], articles: usize) {
        if self.ranges.iter().all(Range::is_empty) {
            self.found[CandidateSource::Words as usize].clear();
            return;
        }
        self.make_room(self.ranges.iter().map(|range| range.end).max().unwrap_or(0));
        lists.lists(terms, &mut self.whole);
        // The searches below start at these positions.
        let first = self.ranges[0].start;
        let listed: &[u32] = &lists.ranks;
        for list in self.whole.iter().filter(|list| !list.is_empty() && first > 0) {
            let guess = expected_position(list.len(), first.min(articles - 1), articles);
            prefetch(&listed[list.start + guess..=list.start + guess]);
        }
        self.parts.clear();
        for (key, whole) in self.whole.iter().enumerate() {
            let list = &listed[whole.clone()];
            let parts = self.ranges.clone().map(|range| {
                let below = |end| whole.start + count_below(list, end, articles);
                if range.is_empty() { 0..0 } else { below(range.start)..below(range.end) }
            });
            self.parts.push((parts[0].len() + parts[1].len(), key, parts));
        }
        self.read_terms(listed);
    }

    /// Like [`Scratch::count_terms`] for an article of the index, by its positions in its own lists.
    pub(super) fn count_listed_terms(&mut self, lists: &TermLists, positions: &[u64]) {
        self.make_room(self.ranges.iter().map(|range| range.end).max().unwrap_or(0));
        let (listed, starts): (&[u32], &[u32]) = (&lists.ranks, &lists.starts);
        let unpack = |&at: &u64| ((at >> u32::BITS) as usize, at as u32 as usize);
        for (list, own) in positions.iter().map(unpack) {
            prefetch(&starts[list..list + 2]);
            prefetch(&listed[own..=own]);
        }
        self.parts.clear();
        for (key, (list, own)) in positions.iter().map(unpack).enumerate() {
            let start = starts[list] as usize;
            let list = &listed[start..starts[list + 1] as usize];
            let parts = self.ranges.clone().map(|range| {
                let below = |end| start + count_below_from(list, own - start, end);
                if range.is_empty() { 0..0 } else { below(range.start)..below(range.end) }
            });
            self.parts.push((parts[0].len() + parts[1].len(), key, parts));
        }
        self.read_terms(listed);
    }

    /// Counts the postings of the parts, the shortest first, up to the limit of postings.
    fn read_terms(&mut self, listed: &[u32]) {
        let mut readable = self.parts.len();
        if self.parts.iter().map(|parts| parts.0).sum::<usize>() > self.max_postings {
            self.parts.sort_unstable_by_key(|&(len, key, _)| (len, key));
            readable = self::readable(self.parts.iter().map(|parts| parts.0), self.max_postings);
        }
        let (sums, found) = (&mut self.sums, &mut self.found[CandidateSource::Words as usize]);
        found.clear();
        let read = &self.parts[..readable];
        // The lists are scattered in memory: all are prefetched before any is read.
        for part in read.iter().flat_map(|(_, _, parts)| parts) {
            prefetch(&listed[part.clone()]);
        }
        for (_, key, parts) in read {
            for part in parts {
                let ranks = listed[part.clone()].iter().copied();
                add(sums, ranks, word_increment(*key), MIN_SHARED_TERMS, found);
            }
        }
        take_sums(sums, found);
        for part in read.iter().flat_map(|(_, _, parts)| parts) {
            listed[part.clone()].iter().for_each(|&rank| sums[rank as usize] = 0);
        }
    }

    /// Finds the articles of whose smallest shingles a text has enough, each with their number, most first.
    pub(super) fn count_contained(
        &mut self,
        run: &ShingleRun,
        listed: &ListedHashes,
        hashes: &[u32],
        articles: usize,
    ) {
        self.make_room(articles);
        let (sums, found) = (&mut self.sums, &mut self.found[CandidateSource::Shingles as usize]);
        found.clear();
        self.hashes.resize(hashes.len(), 0);
        let mut kept = 0;
        for &hash in hashes {
            // Writes every hash and advances only past those kept.
            self.hashes[kept] = hash;
            kept += usize::from(listed.may_have(hash));
        }
        self.hashes.truncate(kept);
        let lists = self.hashes.chunks(BOTTOM_SHINGLES).flat_map(|chunk| run.lists(chunk));
        let mut lists: Vec<&[u64]> = lists.filter(|list| !list.is_empty()).collect();
        lists.sort_unstable_by_key(|list| list.len());
        let readable = readable(lists.iter().map(|list| list.len()), self.max_postings);
        lists.truncate(readable);
        for list in &lists {
            for rank in list.iter().map(|&pair| pair as u32) {
                sums[rank as usize] += 1;
                if sums[rank as usize] == MIN_CONTAINED_SHINGLES {
                    found.push((0, rank));
                }
            }
        }
        take_sums(sums, found);
        let most_first = |&(sum, rank): &(u16, u32)| (u16::MAX - sum, rank);
        if found.len() > MAX_CONTAINED {
            found.select_nth_unstable_by_key(MAX_CONTAINED, most_first);
            found.truncate(MAX_CONTAINED);
        }
        found.sort_unstable_by_key(most_first);
        for list in &lists {
            list.iter().for_each(|&pair| sums[pair as u32 as usize] = 0);
        }
    }

    /// Finds the articles that share enough shingles.
    pub(super) fn count_shingles(&mut self, run: &ShingleRun, hashes: &[u32], articles: usize) {
        self.make_room(articles);
        let (sums, found) = (&mut self.sums, &mut self.found[CandidateSource::Shingles as usize]);
        found.clear();
        let mut lists = run.lists(hashes);
        lists.sort_unstable_by_key(|list| list.len());
        let readable = readable(lists.iter().map(|list| list.len()), self.max_postings);
        let least = MIN_SHARED_SHINGLES.min(hashes.len() as u32);
        for list in &lists[..readable] {
            add(sums, list.iter().map(|&pair| pair as u32), SHINGLE_INCREMENT, least, found);
        }
        take_sums(sums, found);
        for list in &lists[..readable] {
            list.iter().for_each(|&pair| sums[pair as u32 as usize] = 0);
        }
    }

    /// Like [`Scratch::count_shingles`] for an article of the index, by the positions of the lists that it
    /// shares with others.
    pub(super) fn count_listed_shingles(
        &mut self,
        run: &ShingleRun,
        shared: impl Iterator<Item = Range<usize>> + Clone,
        keys: &CandidateKeys<'_>,
        articles: usize,
    ) {
        let all = keys.shingles.len();
        let unshared = all - shared.clone().count();
        if unshared + shared.clone().map(|list| list.len()).sum::<usize>() > self.max_postings {
            return self.count_shingles(run, keys.shingles, articles);
        }
        self.make_room(articles);
        let (sums, found) = (&mut self.sums, &mut self.found[CandidateSource::Shingles as usize]);
        found.clear();
        let least = MIN_SHARED_SHINGLES.min(all as u32);
        let lists = shared.map(|list| &run.pairs[list]);
        lists.clone().for_each(|list| prefetch(&list[..list.len().min(MAX_PREFETCHED)]));
        // An unshared shingle has a list of one: the article itself.
        let own = keys.rank as u32;
        (0..unshared).for_each(|_| add(sums, [own].into_iter(), SHINGLE_INCREMENT, least, found));
        for list in lists.clone() {
            add(sums, list.iter().map(|&pair| pair as u32), SHINGLE_INCREMENT, least, found);
        }
        take_sums(sums, found);
        sums[keys.rank] = 0;
        lists.flatten().for_each(|&pair| sums[pair as u32 as usize] = 0);
    }

    /// Starts a look-up in a growing index with ranks below `articles`.
    pub(super) fn begin_growing(&mut self, articles: usize, max_postings: usize) {
        self.make_room(articles);
        self.max_postings = max_postings;
    }

    /// Finds the articles of a growing index that share at least `least` keys. `lists` holds the list of
    /// each key, and `increment` gives what the key at a position adds to a sum.
    pub(super) fn count_growing(
        &mut self,
        source: CandidateSource,
        lists: &[&[u16]],
        increment: impl Fn(usize) -> u16,
        least: u32,
    ) {
        let (sums, found) = (&mut self.sums, &mut self.found[source as usize]);
        found.clear();
        self.order.clear();
        self.order.extend(lists.iter().zip(0..).map(|(list, key)| (list.len(), key)));
        self.order.sort_unstable();
        let read = readable(self.order.iter().map(|&(len, _)| len), self.max_postings);
        for &(_, key) in &self.order[..read] {
            let ranks = lists[key].iter().map(|&rank| rank.into());
            add(sums, ranks, increment(key), least, found);
        }
        take_sums(sums, found);
        for &(_, key) in &self.order[..read] {
            lists[key].iter().for_each(|&rank| sums[usize::from(rank)] = 0);
        }
    }

    /// Leaves in `best` the `most` best articles of one source that are no worse than `bound` and that
    /// `admit` accepts by rank, best first. `own` is the rank from which distances count. Linear.
    pub(super) fn keep_best(
        &mut self,
        source: CandidateSource,
        own: usize,
        most: usize,
        bound: &Best,
        admit: impl Fn(usize) -> bool,
    ) {
        let Scratch { found, best, .. } = self;
        best.clear();
        let found = found[source as usize].iter();
        let admitted = found
            .filter(|&&(sum, rank)| u16::MAX - sum <= bound.inverted_sum && admit(rank as usize))
            .map(|&(sum, rank)| Best {
                inverted_sum: u16::MAX - sum,
                distance: rank.abs_diff(own as u32),
                rank,
            });
        let reach = (bound.inverted_sum, bound.distance);
        best.extend(admitted.filter(|best| (best.inverted_sum, best.distance) <= reach));
        if best.len() > most {
            best.select_nth_unstable(most);
            best.truncate(most);
        }
        best.sort_unstable();
    }
}

/// The number of lists, in their order, that together have at most `most` postings.
fn readable(lens: impl Iterator<Item = usize>, most: usize) -> usize {
    let read = lens.scan(0, |read, len| {
        *read += len;
        Some(*read)
    });
    read.take_while(|&read| read <= most).count()
}

/// Adds an increment to the sums of ranks, and appends the ranks that now reach `least` shared keys to
/// `found`.
#[inline]
fn add(
    sums: &mut [u16],
    ranks: impl ExactSizeIterator<Item = u32>,
    increment: u16,
    least: u32,
    found: &mut Vec<(u16, u32)>,
) {
    let least = least as u16;
    let mut end = found.len();
    found.resize(end + ranks.len(), (0, 0));
    for rank in ranks {
        let sum = &mut sums[rank as usize];
        let was = *sum;
        *sum += increment;
        // Writes every rank and advances only past those found: a branch would mispredict.
        found[end].1 = rank;
        end += usize::from(shared_keys(was) < least) & usize::from(shared_keys(*sum) >= least);
    }
    found.truncate(end);
}

/// Replaces the sums in `found` by the final ones.
fn take_sums(sums: &[u16], found: &mut [(u16, u32)]) {
    found.iter_mut().for_each(|(sum, rank)| *sum = sums[*rank as usize]);
}
