//! The sources over articles that come one after the other.

use super::best::{Best, CandidateSource, SHINGLE, word};
use super::scratch::Scratch;
use super::{BOTTOM_SHINGLES, MIN_SHARED_SHINGLES, MIN_SHARED_TERMS};
use crate::kernel::prefetch;
use crate::score::terms::DISTINCTIVE;

/// An index of some thousand articles in the order in which they come. What is looked up in it is found
/// as in a [`CandidateIndex`](super::CandidateIndex), but for the days: whoever asks looks at them.
#[derive(Debug, Clone, Default)]
pub(crate) struct GrowingIndex {
    terms: GrowingLists,
    shingles: GrowingLists,
}

impl GrowingIndex {
    /// The most articles that it takes.
    #[cfg(feature = "archive")]
    pub(crate) const MAX_ARTICLES: u32 = u16::MAX as u32;

    /// Lists an article under its distinctive words and its least shingles.
    pub(crate) fn push(&mut self, rank: u32, terms: impl Iterator<Item = u32>, shingles: &[u32]) {
        terms.for_each(|term| self.terms.push(term, rank as u16));
        shingles.iter().for_each(|&shingle| self.shingles.push(shingle, rank as u16));
    }

    /// Takes an article out that is listed under these.
    pub(crate) fn remove(&mut self, rank: u32, terms: impl Iterator<Item = u32>, shingles: &[u32]) {
        terms.for_each(|term| self.terms.remove(term, rank as u16));
        shingles.iter().for_each(|&shingle| self.shingles.remove(shingle, rank as u16));
    }

    /// Looks up what an article is listed under: for [`GrowingIndex::found`]. Its ranks are below
    /// `articles`.
    pub(crate) fn look_up(
        &self,
        terms: &[u32],
        shingles: &[u32],
        articles: usize,
        most_postings: usize,
        scratch: &mut Scratch,
    ) {
        scratch.begin_growing(articles, most_postings);
        let mut lists = [&[][..]; DISTINCTIVE];
        self.terms.lists(terms, &mut lists);
        scratch.count_growing(
            CandidateSource::Words,
            &lists[..terms.len()],
            word,
            MIN_SHARED_TERMS,
        );
        let mut lists = [&[][..]; BOTTOM_SHINGLES];
        self.shingles.lists(shingles, &mut lists);
        let least = MIN_SHARED_SHINGLES.min(shingles.len() as u32);
        scratch.count_growing(
            CandidateSource::Shingles,
            &lists[..shingles.len()],
            |_| SHINGLE,
            least,
        );
    }

    /// What a source brought up. `days` is how far away the article of a rank is.
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

/// Ranks by keys: a table of keys, and one array with the list of each, which moves to the end when it
/// outgrows its place.
#[derive(Debug, Clone, Default)]
struct GrowingLists {
    slots: Vec<ListSlot>,
    taken: usize,
    ranks: Vec<u16>,
}

/// Where the list of a key is; one without room is of no key.
#[derive(Debug, Clone, Copy, Default)]
struct ListSlot {
    key: u32,
    start: u32,
    len: u16,
    room: u16,
}

/// The slots of the smallest table.
const MIN_SLOTS: usize = 1 << 10;

impl GrowingLists {
    /// Where the search for a key begins.
    fn home(&self, key: u32) -> usize {
        let bits = self.slots.len().trailing_zeros();
        (key.wrapping_mul(0x9e37_79b1) >> (u32::BITS - bits)) as usize
    }

    /// The slot of a key, or the free one that would be its own. There are slots.
    fn slot(&self, key: u32) -> usize {
        let mut at = self.home(key);
        while self.slots[at].room > 0 && self.slots[at].key != key {
            at = (at + 1) & (self.slots.len() - 1);
        }
        at
    }

    fn push(&mut self, key: u32, rank: u16) {
        if 3 * self.taken >= 2 * self.slots.len() {
            let slots = vec![ListSlot::default(); (2 * self.slots.len()).max(MIN_SLOTS)];
            let old = std::mem::replace(&mut self.slots, slots);
            for slot in old.into_iter().filter(|slot| slot.room > 0) {
                let at = self.slot(slot.key);
                self.slots[at] = slot;
            }
        }
        let at = self.slot(key);
        let slot = &mut self.slots[at];
        if slot.len == slot.room {
            self.taken += usize::from(slot.room == 0);
            let old = slot.start as usize..slot.start as usize + usize::from(slot.len);
            let room = slot.room.saturating_mul(2).max(1);
            *slot = ListSlot { key, start: self.ranks.len() as u32, len: slot.len, room };
            self.ranks.extend_from_within(old);
            self.ranks.resize(slot.start as usize + usize::from(room), 0);
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
        if let Some(place) = list.iter().position(|&other| other == rank) {
            list[place..].rotate_left(1);
            *len -= 1;
        }
    }

    /// The lists of some keys.
    fn lists<'l>(&'l self, keys: &[u32], lists: &mut [&'l [u16]]) {
        if self.slots.is_empty() {
            return;
        }
        // They lie anywhere in memory: of each step all are asked for before the first is read.
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
        fn what_grows_finds_what_is_found_in_what_was_made_at_once(
            articles in prop::collection::vec(any_keys(), 1..50), (terms, shingles) in any_keys(),
            gone in any::<prop::sample::Index>(), most_postings in 0usize..600,
        ) {
            let mut growing = GrowingIndex::default();
            for (rank, (terms, shingles)) in (0..).zip(&articles) {
                growing.push(rank, terms.iter().copied(), shingles);
            }
            let gone = gone.index(articles.len());
            growing.remove(gone as u32, articles[gone].0.iter().copied(), &articles[gone].1);
            let mut left = articles.clone();
            left[gone] = (Vec::new(), Vec::new());

            let (len, mut scratch) = (articles.len(), Scratch::default());
            let found = |scratch: &Scratch| scratch.found.clone().map(|mut found| {
                found.sort_unstable();
                found
            });
            growing.look_up(&terms, &shingles, len, most_postings, &mut scratch);
            let of_growing = found(&scratch);

            let days = Days::new(left.iter().map(|_| None));
            let (all_terms, all_shingles) =
                (left.iter().map(|keys| &keys.0[..]), left.iter().map(|keys| &keys.1[..]));
            let index = CandidateIndex::new(days, all_terms, all_shingles);
            let keys = CandidateKeys { terms: &terms, shingles: &shingles, date: None, rank: len };
            index.look_up_among(&keys, 0..len, most_postings, &mut scratch);
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
                let place = list.iter().position(|&other| other == rank);
                match (put, place) {
                    (true, None) => {
                        lists.push(key, rank);
                        list.push(rank);
                    }
                    (false, Some(place)) => {
                        lists.remove(key, rank);
                        list.remove(place);
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
