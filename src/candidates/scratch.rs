//! Counting what articles share with the one that is looked up.

use std::ops::Range;

use super::best::{Best, CandidateSource, SHINGLE, count, word};
use super::lists::{ShingleRun, TermLists, below, below_from, guessed};
use super::{CandidateKeys, MIN_SHARED_SHINGLES, MIN_SHARED_TERMS};
use crate::kernel::prefetch;

/// How many pairs of a shingle are asked for before they are read.
const MAX_AHEAD: usize = 32;

/// Buffers that one thread reuses from article to article.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// What each article shares, see [`count`]; all zero between look-ups.
    pub(super) sums: Vec<u16>,
    /// The ranks of the days of candidates by words.
    pub(super) window: Range<usize>,
    /// The ranks that are looked up.
    pub(super) ranges: [Range<usize>; 2],
    pub(super) background: Range<usize>,
    /// Where the lists of the keys are.
    all: Vec<Range<usize>>,
    /// The parts of lists that are read: how long, the place of the key, and where.
    lists: Vec<(usize, usize, [Range<usize>; 2])>,
    /// How long each list is, and of which key.
    order: Vec<(usize, usize)>,
    /// What the articles share that share enough of the keys of each source.
    pub(super) found: [Vec<(u16, u32)>; 2],
    /// The best of it.
    pub(super) best: Vec<Best>,
    pub(super) near: Vec<u32>,
    /// How many postings of each source are read at most.
    pub(super) most_postings: usize,
}

impl Scratch {
    fn make_room(&mut self, articles: usize) {
        if self.sums.len() < articles {
            self.sums.resize(articles, 0);
        }
    }

    /// Finds the articles that share at least two words.
    pub(super) fn count_terms(&mut self, lists: &TermLists, terms: &[u32], articles: usize) {
        if self.ranges.iter().all(Range::is_empty) {
            self.found[CandidateSource::Words as usize].clear();
            return;
        }
        self.make_room(self.ranges.iter().map(|range| range.end).max().unwrap_or(0));
        lists.lists(terms, &mut self.all);
        // Where the days in question begin is where it is guessed to be, or near.
        let first = self.ranges[0].start;
        let listed: &[u32] = &lists.ranks;
        for all in self.all.iter().filter(|all| !all.is_empty() && first > 0) {
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
    pub(super) fn count_listed_terms(&mut self, lists: &TermLists, places: &[u64]) {
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
        let (sums, found) = (&mut self.sums, &mut self.found[CandidateSource::Words as usize]);
        found.clear();
        let read = &self.lists[..readable];
        // The lists lie anywhere in memory: all are asked for before the first is read.
        for part in read.iter().flat_map(|(_, _, parts)| parts) {
            prefetch(&listed[part.clone()]);
        }
        for (_, place, parts) in read {
            for part in parts {
                let ranks = listed[part.clone()].iter().copied();
                add(sums, ranks, word(*place), MIN_SHARED_TERMS, found);
            }
        }
        take_sums(sums, found);
        for part in read.iter().flat_map(|(_, _, parts)| parts) {
            listed[part.clone()].iter().for_each(|&rank| sums[rank as usize] = 0);
        }
    }

    /// Finds the articles that share at least three shingles.
    pub(super) fn count_shingles(&mut self, run: &ShingleRun, hashes: &[u32], articles: usize) {
        self.make_room(articles);
        let (sums, found) = (&mut self.sums, &mut self.found[CandidateSource::Shingles as usize]);
        found.clear();
        let mut lists = run.lists(hashes);
        lists.sort_unstable_by_key(|list| list.len());
        let readable = readable(lists.iter().map(|list| list.len()), self.most_postings);
        let least = MIN_SHARED_SHINGLES.min(hashes.len() as u32);
        for list in &lists[..readable] {
            add(sums, list.iter().map(|&pair| pair as u32), SHINGLE, least, found);
        }
        take_sums(sums, found);
        for list in &lists[..readable] {
            list.iter().for_each(|&pair| sums[pair as u32 as usize] = 0);
        }
    }

    /// The same of an article that is listed, by the places of the shingles that others have as well.
    pub(super) fn count_listed_shingles(
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
        let (sums, found) = (&mut self.sums, &mut self.found[CandidateSource::Shingles as usize]);
        found.clear();
        let least = MIN_SHARED_SHINGLES.min(all as u32);
        let lists = shared.map(|list| &run.pairs[list]);
        lists.clone().for_each(|list| prefetch(&list[..list.len().min(MAX_AHEAD)]));
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

    /// Begins a look-up in an index that grows, of so many articles.
    pub(super) fn begin_growing(&mut self, articles: usize, most_postings: usize) {
        self.make_room(articles);
        self.most_postings = most_postings;
    }

    /// Finds the articles that share at least so many keys, of lists in the order of the keys. `added` is
    /// what a key of a place is worth.
    pub(super) fn count_growing(
        &mut self,
        source: CandidateSource,
        lists: &[&[u16]],
        added: impl Fn(usize) -> u16,
        least: u32,
    ) {
        let (sums, found) = (&mut self.sums, &mut self.found[source as usize]);
        found.clear();
        self.order.clear();
        self.order.extend(lists.iter().zip(0..).map(|(list, place)| (list.len(), place)));
        self.order.sort_unstable();
        let read = readable(self.order.iter().map(|&(len, _)| len), self.most_postings);
        for &(_, place) in &self.order[..read] {
            let ranks = lists[place].iter().map(|&rank| rank.into());
            add(sums, ranks, added(place), least, found);
        }
        take_sums(sums, found);
        for &(_, place) in &self.order[..read] {
            lists[place].iter().for_each(|&rank| sums[usize::from(rank)] = 0);
        }
    }

    /// Keeps those that share most of what was found, most first.
    pub(super) fn keep_best(
        &mut self,
        source: CandidateSource,
        own: usize,
        most: usize,
        least: &Best,
        admit: impl Fn(usize) -> bool,
    ) {
        let Scratch { found, best, .. } = self;
        best.clear();
        let found = found[source as usize].iter();
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
