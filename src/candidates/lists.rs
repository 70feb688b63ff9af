//! Immutable posting lists: the ranks of the articles that have a key, in sorted arrays.
//!
//! Built in one radix sort, without an allocation per key. A directory by the high bits of a key narrows
//! a search to a few keys, so that a look-up reads about one cache line per array. A hash table would
//! take more memory and could not be mapped from a file as it is.

use std::ops::Range;

use super::BOTTOM_SHINGLES;
use crate::corpus::collection::MAX_ARTICLES;
use crate::kernel::{RadixSort, prefetch};
#[cfg(feature = "archive")]
use crate::parallel;
use crate::score::terms::DISTINCTIVE;
use crate::store::column::Column;
use crate::text::language::TERM_BITS;

/// Posting lists by term.
#[derive(Debug, Clone, Default)]
pub(super) struct TermLists {
    /// Ascending.
    pub(super) terms: Column<u32>,
    /// Where the list of each term starts in `ranks`, and the end of the last list.
    pub(super) starts: Column<u32>,
    /// The lists, each ascending.
    pub(super) ranks: Column<u32>,
    /// Where the terms with each value of the high bits start, and the end of the last.
    directory: Vec<u32>,
    /// How far a term is shifted down to give its index in the directory.
    shift: u32,
}

/// The bits that number a key of an article.
const KEY_BITS: u32 = usize::BITS - (DISTINCTIVE - 1).leading_zeros();

/// One number for each key of each rank, sorted: from the high bits on, the term, the rank, and the
/// position of the key among the keys of the rank.
fn listings<'k>(keys: impl Iterator<Item = (u32, &'k [u32])>) -> Vec<u64> {
    const { assert!(TERM_BITS + u32::BITS + KEY_BITS <= u64::BITS) }
    const { assert!(MAX_ARTICLES <= u32::MAX as usize / DISTINCTIVE, "starts have 32 bits") }
    const { assert!(BOTTOM_SHINGLES <= DISTINCTIVE, "the directory of shingles has 32 bits") }
    let listing = |rank: u64, key: u64, term: u32| {
        u64::from(term) << (u32::BITS + KEY_BITS) | rank << KEY_BITS | key
    };
    let of_rank = |(rank, keys): (u32, &'k [u32])| {
        keys.iter().zip(0u64..).map(move |(&term, key)| listing(rank.into(), key, term))
    };
    let mut listings: Vec<u64> = keys.flat_map(of_rank).collect();
    // The ranks ascend already, so sorting by term suffices.
    RadixSort::default().sort(&mut listings, u32::BITS + KEY_BITS);
    listings
}

fn term_of(listing: u64) -> u32 {
    (listing >> (u32::BITS + KEY_BITS)) as u32
}

fn rank_of(listing: u64) -> u32 {
    (listing >> KEY_BITS) as u32
}

fn key_of(listing: u64) -> usize {
    listing as usize & ((1 << KEY_BITS) - 1)
}

impl TermLists {
    /// From the keys of some ranks, which ascend.
    pub(super) fn new<'k>(keys: impl Iterator<Item = (u32, &'k [u32])>) -> Self {
        Self::of_listings(&listings(keys))
    }

    /// Like [`TermLists::new`], with the positions of each rank in its own lists: [`DISTINCTIVE`] numbers
    /// for each rank, with the index of the list in the high half and an index into `ranks` in the low.
    pub(super) fn with_positions<'k>(
        keys: impl ExactSizeIterator<Item = &'k [u32]>,
    ) -> (Self, Vec<u64>) {
        let mut positions = vec![0; keys.len() * DISTINCTIVE];
        let listings = listings((0..).zip(keys));
        let lists = listings.chunk_by(|&one, &two| term_of(one) == term_of(two));
        let listed =
            (0u64..).zip(lists).flat_map(|(number, list)| list.iter().map(move |&l| (number, l)));
        for (position, (list, listing)) in (0u64..).zip(listed) {
            let of_key = rank_of(listing) as usize * DISTINCTIVE + key_of(listing);
            positions[of_key] = list << u32::BITS | position;
        }
        (Self::of_listings(&listings), positions)
    }

    fn of_listings(listings: &[u64]) -> Self {
        let (mut terms, mut starts) = (Vec::new(), Vec::new());
        let mut start = 0;
        for list in listings.chunk_by(|&one, &two| term_of(one) == term_of(two)) {
            terms.push(term_of(list[0]));
            starts.push(start);
            start += list.len() as u32;
        }
        starts.push(start);
        terms.shrink_to_fit();
        starts.shrink_to_fit();
        let ranks: Vec<u32> = listings.iter().map(|&listing| rank_of(listing)).collect();
        Self::of_columns(terms.into(), starts.into(), ranks.into())
    }

    /// From the arrays of such lists. Builds the directory.
    pub(super) fn of_columns(terms: Column<u32>, starts: Column<u32>, ranks: Column<u32>) -> Self {
        // About four terms for each entry of the directory.
        let bits = (terms.len() / 4).next_power_of_two().trailing_zeros().clamp(1, TERM_BITS);
        let shift = TERM_BITS - bits;
        let directory = directory(bits, terms.iter().map(|term| (term >> shift) as usize));
        TermLists { terms, starts, ranks, directory, shift }
    }

    /// Whether these arrays form valid lists of ranks below `articles`. Linear.
    #[cfg(feature = "archive")]
    pub(super) fn make_sense(
        terms: &[u32],
        starts: &[u32],
        ranks: &[u32],
        articles: usize,
    ) -> bool {
        let are_terms = terms.is_sorted_by(|one, two| one < two)
            && terms.last().is_none_or(|&last| last < 1 << TERM_BITS);
        let are_starts = starts.len() == terms.len() + 1
            && starts.first() == Some(&0)
            && starts.is_sorted()
            && starts.last().is_some_and(|&end| end as usize == ranks.len());
        let is_list = |list: &[u32]| {
            list.is_sorted_by(|one, two| one < two)
                && list.last().is_none_or(|&last| (last as usize) < articles)
        };
        let are_lists = |run: Range<usize>| {
            let mut ends = starts[run.start..=run.end].windows(2);
            ends.all(|ends| is_list(&ranks[ends[0] as usize..ends[1] as usize]))
        };
        are_terms && are_starts && parallel::all(terms.len(), are_lists)
    }

    /// Writes the position in `ranks` of the list of each term into `lists`; empty for an absent term.
    pub(super) fn lists(&self, terms: &[u32], lists: &mut Vec<Range<usize>>) {
        // The data is scattered in memory: each step prefetches all of it before it reads any.
        let directory = |term: u32| {
            let entry = (term >> self.shift) as usize;
            self.directory.get(entry..entry + 2).unwrap_or_default()
        };
        terms.iter().for_each(|&term| prefetch(directory(term)));
        lists.clear();
        lists.extend(terms.iter().map(|&term| match directory(term) {
            &[start, end] => start as usize..end as usize,
            _ => 0..0,
        }));
        lists.iter().for_each(|near| {
            prefetch(&self.terms[near.clone()]);
            prefetch(&self.starts[near.clone()]);
        });
        for (near, &term) in lists.iter_mut().zip(terms) {
            let at = self.terms[near.clone()].iter().position(|&other| other == term);
            *near = at.map_or(0..0, |at| {
                let at = near.start + at;
                self.starts[at] as usize..self.starts[at + 1] as usize
            });
        }
    }

    pub(super) fn memory_usage(&self) -> usize {
        let Self { terms, starts, ranks, directory, .. } = self;
        [terms, starts, ranks].map(Column::memory_usage).iter().sum::<usize>()
            + directory.capacity() * size_of::<u32>()
    }
}

/// Posting lists by shingle hash: one sorted array of pairs, and a directory into it.
#[derive(Debug, Clone, Default)]
pub(super) struct ShingleRun {
    /// A mixed hash in the high half, a rank in the low half; ascending.
    pub(super) pairs: Column<u64>,
    /// Where the pairs with each value of the high bits start, and the end of the last.
    directory: Vec<u32>,
    /// How far a mixed hash is shifted down to give its index in the directory.
    shift: u32,
}

/// For each rank, the lists of those of its shingles that other ranks have too.
#[derive(Debug)]
pub(super) struct SharedShingles {
    /// [`BOTTOM_SHINGLES`] numbers for each rank: the start of a list in the high half, its end in the
    /// low half.
    lists: Vec<u64>,
    /// How many of its numbers each rank uses.
    lens: Vec<u8>,
}

impl SharedShingles {
    /// The positions in [`ShingleRun::pairs`] of the lists of a rank.
    pub(super) fn of(&self, rank: usize) -> impl Iterator<Item = Range<usize>> + Clone {
        let lists = &self.lists[rank * BOTTOM_SHINGLES..][..usize::from(self.lens[rank])];
        lists.iter().map(|&list| (list >> u32::BITS) as usize..list as u32 as usize)
    }
}

/// Which shingle hashes are listed: a bit for each value of the high bits of a mixed hash. It tells of some
/// nine in ten hashes that no list has them, and reads one word for it.
#[derive(Debug)]
pub(crate) struct ListedHashes {
    bits: Vec<u64>,
    /// How far a mixed hash is shifted down to give its bit.
    shift: u32,
}

impl ListedHashes {
    /// False where no article is listed under a hash; else it may be listed.
    pub(super) fn may_have(&self, hash: u32) -> bool {
        let bit = (mix(hash) >> self.shift) as usize;
        self.bits[bit / 64] >> (bit % 64) & 1 == 1
    }
}

/// The most pairs that are searched linearly; more are searched by halving.
const MAX_LINEAR_PAIRS: usize = 32;

/// Mixes a hash. The hashes are the smallest of their texts and so cluster near zero; a directory needs
/// them uniform. The function is a bijection, so different hashes stay different.
pub(crate) fn mix(hash: u32) -> u32 {
    hash.wrapping_mul(0x9e37_79b1).rotate_left(16).wrapping_mul(0x85eb_ca6b)
}

/// The pairs of a [`ShingleRun`]: of the hashes of some ranks, which ascend.
pub(crate) fn shingle_pairs<'k>(hashes: impl Iterator<Item = (u32, &'k [u32])>) -> Vec<u64> {
    let pair = |rank: u32, hash: &u32| u64::from(mix(*hash)) << 32 | u64::from(rank);
    let of_rank =
        |(rank, hashes): (u32, &'k [u32])| hashes.iter().map(move |hash| pair(rank, hash));
    let mut pairs: Vec<u64> = hashes.flat_map(of_rank).collect();
    // The ranks ascend already, so sorting by hash suffices.
    RadixSort::default().sort(&mut pairs, u32::BITS);
    pairs.shrink_to_fit();
    pairs
}

impl ShingleRun {
    /// From the hashes of each rank.
    pub(super) fn new<'k>(hashes: impl Iterator<Item = &'k [u32]>) -> Self {
        Self::of_column(shingle_pairs((0..).zip(hashes)).into())
    }

    /// From the array of such a run. Builds the directory.
    pub(super) fn of_column(pairs: Column<u64>) -> Self {
        // About eight pairs for each entry of the directory.
        let bits = (pairs.len() / 8).next_power_of_two().trailing_zeros().clamp(1, 31);
        let shift = 32 - bits;
        let directory = directory(bits, pairs.iter().map(|pair| (pair >> 32 >> shift) as usize));
        ShingleRun { pairs, directory, shift }
    }

    /// Whether these pairs form a valid run of ranks below `articles`. Linear.
    #[cfg(feature = "archive")]
    pub(super) fn make_sense(pairs: &[u64], articles: usize) -> bool {
        parallel::all(pairs.len(), |run| {
            pairs[run.start..pairs.len().min(run.end + 1)].is_sorted_by(|one, two| one < two)
                && pairs[run].iter().all(|&pair| (pair as u32 as usize) < articles)
        })
    }

    /// The lists of the hashes that several ranks have, by rank.
    pub(super) fn shared(&self, articles: usize) -> SharedShingles {
        let mut shared =
            SharedShingles { lists: vec![0; articles * BOTTOM_SHINGLES], lens: vec![0; articles] };
        let mut start = 0u64;
        for list in self.pairs.chunk_by(|one, two| one >> u32::BITS == two >> u32::BITS) {
            let end = start + list.len() as u64;
            if list.len() > 1 {
                for rank in list.iter().map(|&pair| pair as u32 as usize) {
                    let len = &mut shared.lens[rank];
                    shared.lists[rank * BOTTOM_SHINGLES + usize::from(*len)] =
                        start << u32::BITS | end;
                    *len += 1;
                }
            }
            start = end;
        }
        shared
    }

    /// Which hashes are listed. Linear in the pairs.
    pub(super) fn listed_hashes(&self) -> ListedHashes {
        // Eight bits a pair at least.
        let bits = (8 * self.pairs.len()).next_power_of_two().trailing_zeros().clamp(6, 32);
        let (mut set, shift) = (vec![0; (1 << bits) / 64], 32 - bits);
        for bit in self.pairs.iter().map(|pair| (pair >> 32 >> shift) as usize) {
            set[bit / 64] |= 1 << (bit % 64);
        }
        ListedHashes { bits: set, shift }
    }

    /// The pairs of each hash, with ascending ranks in their low halves.
    pub(super) fn lists(&self, hashes: &[u32]) -> [&[u64]; BOTTOM_SHINGLES] {
        let mut lists: [&[u64]; BOTTOM_SHINGLES] = [&[]; BOTTOM_SHINGLES];
        // The pairs are scattered in memory: all are prefetched before any is read.
        for (list, &hash) in lists.iter_mut().zip(hashes) {
            *list = self.bucket(hash);
            prefetch(&list[..list.len().min(MAX_LINEAR_PAIRS)]);
        }
        lists.iter_mut().zip(hashes).for_each(|(list, &hash)| *list = pairs_of_hash(list, hash));
        lists
    }

    /// The pairs under one entry of the directory, which contain those of a hash.
    fn bucket(&self, hash: u32) -> &[u64] {
        let entry = (mix(hash) >> self.shift) as usize;
        match self.directory.get(entry..).and_then(|directory| directory.first_chunk()) {
            Some(&[start, end]) => &self.pairs[start as usize..end as usize],
            None => &[],
        }
    }

    pub(super) fn memory_usage(&self) -> usize {
        self.pairs.memory_usage() + self.directory.capacity() * size_of::<u32>()
    }
}

/// A directory of `2^bits` entries: where the keys of each entry start, and the end of the last.
/// `entries` is the entry of each key.
fn directory(bits: u32, entries: impl Iterator<Item = usize>) -> Vec<u32> {
    let mut directory = vec![0u32; (1 << bits) + 1];
    entries.for_each(|entry| directory[entry + 1] += 1);
    let mut sum = 0;
    for start in &mut directory {
        sum += *start;
        *start = sum;
    }
    directory
}

/// The pairs of a hash among sorted pairs.
fn pairs_of_hash(pairs: &[u64], hash: u32) -> &[u64] {
    let hash = u64::from(mix(hash));
    let (below, same) = (|pair: &u64| (pair >> 32) < hash, |pair: &u64| (pair >> 32) == hash);
    let (start, len) = if pairs.len() <= MAX_LINEAR_PAIRS {
        // A full scan has no branch that could mispredict and stall the next look-up.
        let count = |is: &dyn Fn(&u64) -> bool| pairs.iter().filter(|pair| is(pair)).count();
        (count(&below), count(&same))
    } else {
        let start = pairs.partition_point(below);
        (start, pairs[start..].partition_point(same))
    };
    &pairs[start..start + len]
}

/// The number of ranks in a list that are below `rank`, in a collection of `articles`.
///
/// Most words occur evenly over time, so the search gallops from the interpolated position. In a long
/// list it reads one or two cache lines, where a binary search reads a dozen.
pub(super) fn count_below(list: &[u32], rank: usize, articles: usize) -> usize {
    if rank >= articles || list.is_empty() {
        return list.len();
    }
    if rank == 0 {
        return 0;
    }
    count_below_from(list, expected_position(list.len(), rank, articles), rank)
}

/// Like [`count_below`], from a guess of the result that must be an index into the list.
pub(super) fn count_below_from(list: &[u32], guess: usize, rank: usize) -> usize {
    let is_below = |at: usize| (list[at] as usize) < rank;
    let (mut low, mut high, mut step) = (guess, guess, 8);
    if is_below(guess) {
        while high < list.len() && is_below(high) {
            low = high;
            high += step;
            step *= 2;
        }
    } else {
        while low > 0 && !is_below(low) {
            high = low;
            low = low.saturating_sub(step);
            step *= 2;
        }
    }
    let high = high.min(list.len());
    low + list[low..high].partition_point(|&other| (other as usize) < rank)
}

/// The position of `rank` in a list of `len` ranks that are evenly distributed below `articles`.
pub(super) fn expected_position(len: usize, rank: usize, articles: usize) -> usize {
    (len as u64 * rank as u64 / articles as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_galloping_search_agrees_with_a_binary_search(
            list in prop::collection::btree_set(0u32..300, 0..200), rank in 0usize..310,
        ) {
            let list: Vec<u32> = list.into_iter().collect();
            let expected = list.partition_point(|&other| (other as usize) < rank);
            prop_assert_eq!(count_below(&list, rank, 300), expected);
            for guess in 0..list.len() {
                prop_assert_eq!(count_below_from(&list, guess, rank), expected);
            }
        }

        #[test]
        fn every_pair_of_a_shingle_is_listed(
            shingles in prop::collection::vec(prop::collection::btree_set(any::<u32>(), 0..6), 0..40),
        ) {
            let shingles: Vec<Vec<u32>> = shingles.into_iter().map(Vec::from_iter).collect();
            let run = ShingleRun::new(shingles.iter().map(|hashes| &hashes[..]));
            for hash in shingles.iter().flatten() {
                let found: Vec<u32> = run.lists(&[*hash])[0].iter().map(|&pair| pair as u32).collect();
                let expected =
                    (0..).zip(&shingles).filter(|(_, hashes)| hashes.contains(hash)).map(|(n, _)| n);
                prop_assert_eq!(found, expected.collect::<Vec<u32>>());
            }
        }
    }
}
