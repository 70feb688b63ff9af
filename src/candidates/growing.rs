//! An index of candidates that takes articles one by one and gives them up again.
//!
//! Each key leads to a posting list in a shared array, through an open-addressing hash table. The sorted
//! arrays of [`CandidateIndex`](super::CandidateIndex) are smaller and faster to read, but an insertion
//! would move all of them.

use super::best::{Best, CandidateSource, SHINGLE_INCREMENT, word_increment};
use super::scratch::Scratch;
use super::{BOTTOM_SHINGLES, MIN_SHARED_SHINGLES, MIN_SHARED_TERMS};
use crate::kernel::prefetch;
use crate::score::terms::DISTINCTIVE;

/// Both sources over at most 65 535 articles, numbered as they arrive. A look-up counts the same shared
/// keys as in a [`CandidateIndex`](super::CandidateIndex), but of articles of all days: the caller
/// filters by date.
#[derive(Debug, Clone, Default)]
pub(crate) struct GrowingIndex {
    terms: GrowingLists,
    shingles: GrowingLists,
}

impl GrowingIndex {
    /// The most articles that it holds: a rank is 16 bits wide.
    #[cfg(feature = "archive")]
    pub(crate) const MAX_ARTICLES: u32 = u16::MAX as u32;

    /// Lists an article under its distinctive words and its smallest shingles. Amortised `O(keys)`.
    pub(crate) fn push(
        &mut self,
        rank: u32,
        terms: impl Iterator<Item = u32> + Clone,
        shingles: &[u32],
    ) {
        self.terms.push_all(terms, rank as u16);
        self.shingles.push_all(shingles.iter().copied(), rank as u16);
    }

    /// Removes an article that is listed under these keys. Linear in the lengths of its lists.
    pub(crate) fn remove(&mut self, rank: u32, terms: impl Iterator<Item = u32>, shingles: &[u32]) {
        terms.for_each(|term| self.terms.remove(term, rank as u16));
        shingles.iter().for_each(|&shingle| self.shingles.remove(shingle, rank as u16));
    }

    /// Counts the keys that articles share with a given one, and leaves the counts in `scratch` for
    /// [`GrowingIndex::found`]. All ranks of the index are below `articles`.
    pub(crate) fn look_up(
        &self,
        terms: &[u32],
        shingles: &[u32],
        articles: usize,
        max_postings: usize,
        scratch: &mut Scratch,
    ) {
        use CandidateSource::{Shingles, Words};
        scratch.begin_growing(articles, max_postings);
        let mut lists = [&[][..]; DISTINCTIVE];
        self.terms.lists(terms, &mut lists);
        scratch.count_growing(Words, &lists[..terms.len()], word_increment, MIN_SHARED_TERMS);
        let mut lists = [&[][..]; BOTTOM_SHINGLES];
        self.shingles.lists(shingles, &mut lists);
        let lists = &lists[..shingles.len()];
        let least = MIN_SHARED_SHINGLES.min(shingles.len() as u32);
        scratch.count_growing(Shingles, lists, |_| SHINGLE_INCREMENT, least);
    }

    /// All articles that share enough keys of one source, unsorted. `days` gives the distance of an
    /// article in days.
    pub(crate) fn found(
        source: CandidateSource,
        scratch: &Scratch,
        days: impl Fn(u32) -> u32,
    ) -> impl Iterator<Item = Best> {
        let found = scratch.found[source as usize].iter();
        found.map(move |&(sum, rank)| Best::of_sum(sum, days(rank), rank))
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.terms.memory_usage() + self.shingles.memory_usage()
    }
}

/// Posting lists by key: a hash table with linear probing, and one array that holds all lists. A list
/// that is full moves to the end of the array with twice the capacity; the space it leaves is not used
/// again, so the array has room for at most about three times the postings.
#[derive(Debug, Clone, Default)]
struct GrowingLists {
    slots: Vec<ListSlot>,
    occupied: usize,
    ranks: Vec<u16>,
}

/// The position of the list of a key. A free slot has capacity 0.
#[derive(Debug, Clone, Copy, Default)]
struct ListSlot {
    key: u32,
    start: u32,
    len: u16,
    capacity: u16,
}

/// The length of the smallest table.
const MIN_SLOTS: usize = 1 << 10;

impl GrowingLists {
    /// The slot at which the search for a key starts.
    fn home(&self, key: u32) -> usize {
        let mixed = u64::from(key.wrapping_mul(0x9e37_79b1));
        ((mixed * self.slots.len() as u64) >> u32::BITS) as usize
    }

    /// The slot of a key, or the free slot where it belongs. The table must not be empty.
    fn slot(&self, key: u32) -> usize {
        let mut at = self.home(key);
        while self.slots[at].capacity > 0 && self.slots[at].key != key {
            at = if at + 1 < self.slots.len() { at + 1 } else { 0 };
        }
        at
    }

    /// Adds an article to the lists of all its keys.
    fn push_all(&mut self, keys: impl Iterator<Item = u32> + Clone, rank: u16) {
        // Slots are scattered in memory, so all are prefetched before the first is read.
        if !self.slots.is_empty() {
            keys.clone().map(|key| self.home(key)).for_each(|at| prefetch(&self.slots[at..=at]));
        }
        keys.for_each(|key| self.push(key, rank));
    }

    fn push(&mut self, key: u32, rank: u16) {
        if 3 * self.occupied >= 2 * self.slots.len() {
            // By a quarter: a table that doubles is two thirds free at first.
            let len = (self.slots.len() + self.slots.len() / 4).max(MIN_SLOTS);
            let slots = vec![ListSlot::default(); len];
            let old = std::mem::replace(&mut self.slots, slots);
            for slot in old.into_iter().filter(|slot| slot.capacity > 0) {
                let at = self.slot(slot.key);
                self.slots[at] = slot;
            }
        }
        let at = self.slot(key);
        let slot = &mut self.slots[at];
        if slot.len == slot.capacity {
            self.occupied += usize::from(slot.capacity == 0);
            let old = slot.start as usize..slot.start as usize + usize::from(slot.len);
            let capacity = slot.capacity.saturating_mul(2).max(1);
            *slot = ListSlot { key, start: self.ranks.len() as u32, len: slot.len, capacity };
            let end = self.ranks.len() + usize::from(capacity);
            if end > self.ranks.capacity() {
                // By an eighth, as the columns of articles.
                self.ranks.reserve_exact(usize::from(capacity) + self.ranks.len() / 8);
            }
            self.ranks.extend_from_within(old);
            self.ranks.resize(end, 0);
        }
        self.ranks[slot.start as usize + usize::from(slot.len)] = rank;
        slot.len += 1;
    }

    fn remove(&mut self, key: u32, rank: u16) {
        if self.slots.is_empty() {
            return;
        }
        let at = self.slot(key);
        let ListSlot { start, len, .. } = &mut self.slots[at];
        let list = &mut self.ranks[*start as usize..][..usize::from(*len)];
        if let Some(at) = list.iter().position(|&other| other == rank) {
            list[at..].rotate_left(1);
            *len -= 1;
        }
    }

    /// Writes the list of each key into `lists`.
    fn lists<'l>(&'l self, keys: &[u32], lists: &mut [&'l [u16]]) {
        if self.slots.is_empty() {
            return;
        }
        // Slots and lists are scattered in memory: each step prefetches all of them before it reads one.
        keys.iter().map(|&key| self.home(key)).for_each(|at| prefetch(&self.slots[at..=at]));
        for (list, &key) in lists.iter_mut().zip(keys) {
            let ListSlot { start, len, .. } = self.slots[self.slot(key)];
            *list = &self.ranks[start as usize..][..usize::from(len)];
            prefetch(list);
        }
    }

    fn memory_usage(&self) -> usize {
        self.slots.capacity() * size_of::<ListSlot>() + self.ranks.capacity() * size_of::<u16>()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CandidateIndex, CandidateKeys, Days};
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn any_keys() -> impl Strategy<Value = (Vec<u32>, Vec<u32>)> {
        let keys = |most| prop::collection::hash_set(1u32..60, 0..most).prop_map(Vec::from_iter);
        (keys(DISTINCTIVE), keys(BOTTOM_SHINGLES))
    }

    proptest! {
        #[test]
        fn a_growing_index_finds_what_an_index_built_at_once_finds(
            articles in prop::collection::vec(any_keys(), 1..50), (terms, shingles) in any_keys(),
            removed in any::<prop::sample::Index>(), max_postings in 0usize..600,
        ) {
            let mut growing = GrowingIndex::default();
            for (rank, (terms, shingles)) in (0..).zip(&articles) {
                growing.push(rank, terms.iter().copied(), shingles);
            }
            let removed = removed.index(articles.len());
            let (removed_terms, removed_shingles) = &articles[removed];
            growing.remove(removed as u32, removed_terms.iter().copied(), removed_shingles);
            let mut left = articles.clone();
            left[removed] = (Vec::new(), Vec::new());

            let (len, mut scratch) = (articles.len(), Scratch::default());
            let found = |scratch: &Scratch| scratch.found.clone().map(|mut found| {
                found.sort_unstable();
                found
            });
            growing.look_up(&terms, &shingles, len, max_postings, &mut scratch);
            let of_growing = found(&scratch);

            let days = Days::new(left.iter().map(|_| None));
            let (all_terms, all_shingles) =
                (left.iter().map(|keys| &keys.0[..]), left.iter().map(|keys| &keys.1[..]));
            let index = CandidateIndex::new(days, all_terms, all_shingles);
            let keys = CandidateKeys { terms: &terms, shingles: &shingles, date: None, rank: len };
            index.look_up_among(&keys, 0..len, max_postings, &mut scratch);
            prop_assert_eq!(of_growing, found(&scratch));
        }

        #[test]
        fn lists_behave_like_a_map_of_vectors(
            steps in prop::collection::vec((any::<bool>(), 0u32..50, 0u16..40), 0..400),
            apart in prop::sample::select(vec![1u32, 1 << 7, 1 << 20]),
        ) {
            let mut lists = GrowingLists::default();
            let mut model: BTreeMap<u32, Vec<u16>> = BTreeMap::new();
            for (put, key, rank) in steps {
                let key = key * apart;
                let list = model.entry(key).or_default();
                let at = list.iter().position(|&other| other == rank);
                match (put, at) {
                    (true, None) => {
                        lists.push(key, rank);
                        list.push(rank);
                    }
                    (false, Some(at)) => {
                        lists.remove(key, rank);
                        list.remove(at);
                    }
                    _ => {}
                }
            }
            for key in (0..60).map(|key| key * apart) {
                let mut found = [&[][..]; 1];
                lists.lists(&[key], &mut found);
                prop_assert_eq!(found[0], model.get(&key).map_or(&[][..], Vec::as_slice));
            }
        }
    }
}
