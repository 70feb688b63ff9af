//! Postings: which rows have a key, for the newest rows of an index.
//!
//! An open-addressing table of eight bytes a slot leads from a 32-bit key to its documents. A key
//! with one document keeps it in the slot; longer lists live in one shared arena, in blocks of
//! powers of two whose freed ones are used again. There is no allocation a key, and memory stays
//! within a small factor of the number of postings.

/// No slot, or no block.
const NONE: u32 = u32::MAX;

/// Set in a slot's value when it leads to a block and is not itself a document.
const LIST: u32 = 1 << 31;

/// The smallest block: its length and three documents.
const SMALLEST: u32 = 4;

#[derive(Debug, Clone, Copy)]
struct PostingSlot {
    key: u32,
    /// A document, or [`LIST`] and the start of a block, or [`NONE`].
    value: u32,
}

const FREE: PostingSlot = PostingSlot { key: 0, value: NONE };

/// A multimap from keys to documents, both 32 bits wide; documents are below 2³¹ − 1.
#[derive(Debug, Clone, Default)]
pub(crate) struct Postings {
    /// A power of two of slots, at most three quarters of them taken.
    slots: Vec<PostingSlot>,
    keys: usize,
    /// Blocks: a length, then as many documents in rising order, then room.
    arena: Vec<u32>,
    /// For each power of two the first free block of that size, which leads to the next.
    free: [u32; 32],
}

impl Postings {
    /// An empty table. Takes no memory until the first insertion.
    pub(crate) fn new() -> Self {
        Postings { free: [NONE; 32], ..Self::default() }
    }

    /// The documents of `key` in rising order. `O(1)`.
    #[inline]
    pub(crate) fn get(&self, key: u32) -> &[u32] {
        match self.find(key) {
            Ok(at) => self.documents(&self.slots[at]),
            Err(_) => &[],
        }
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.slots.capacity() * size_of::<PostingSlot>() + self.arena.capacity() * size_of::<u32>()
    }

    /// Adds a document to a key. Amortised `O(1)` where documents come in rising order. Adding it
    /// again changes nothing.
    pub(crate) fn insert(&mut self, key: u32, document: u32) {
        debug_assert!(document < LIST - 1);
        if (self.keys + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        match self.find(key) {
            Err(at) => {
                self.slots[at] = PostingSlot { key, value: document };
                self.keys += 1;
            }
            Ok(at) => {
                let Err(place) = self.documents(&self.slots[at]).binary_search(&document) else {
                    return;
                };
                self.make_room(at);
                let block = (self.slots[at].value & !LIST) as usize;
                let len = self.arena[block] as usize;
                let documents = &mut self.arena[block + 1..=block + len + 1];
                documents.copy_within(place..len, place + 1);
                documents[place] = document;
                self.arena[block] += 1;
            }
        }
    }

    fn documents<'a>(&'a self, slot: &'a PostingSlot) -> &'a [u32] {
        if slot.value & LIST == 0 {
            return std::slice::from_ref(&slot.value);
        }
        let block = (slot.value & !LIST) as usize;
        &self.arena[block + 1..=block + self.arena[block] as usize]
    }

    /// The slot of a key, or the free one where it would go.
    fn find(&self, key: u32) -> Result<usize, usize> {
        if self.slots.is_empty() {
            return Err(0);
        }
        let mask = self.slots.len() - 1;
        let mut at = self.home(key);
        loop {
            let slot = self.slots[at];
            if slot.value == NONE {
                return Err(at);
            }
            if slot.key == key {
                return Ok(at);
            }
            at = (at + 1) & mask;
        }
    }

    /// Where the search for a key begins. Keys are hashes, but callers may leave bits constant.
    fn home(&self, key: u32) -> usize {
        let spread = u64::from(key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (spread >> (64 - self.slots.len().trailing_zeros())) as usize
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(16);
        let old = std::mem::replace(&mut self.slots, vec![FREE; size]);
        for slot in old.into_iter().filter(|slot| slot.value != NONE) {
            let at = self.find(slot.key).unwrap_or_else(|free| free);
            self.slots[at] = slot;
        }
    }

    /// Makes sure that the list of a slot has a block with room for one more.
    fn make_room(&mut self, at: usize) {
        let value = self.slots[at].value;
        if value & LIST == 0 {
            let block = self.allocate(SMALLEST);
            self.arena[block as usize] = 1;
            self.arena[block as usize + 1] = value;
            self.slots[at].value = block | LIST;
            return;
        }
        let block = value & !LIST;
        let len = self.arena[block as usize];
        let size = block_size(len);
        if len + 1 == size {
            self.move_block(at, block, size, size * 2);
        }
    }

    fn move_block(&mut self, at: usize, block: u32, from: u32, to: u32) {
        let target = self.allocate(to);
        let used = self.arena[block as usize] as usize + 1;
        self.arena.copy_within(block as usize..block as usize + used, target as usize);
        self.release(block, from);
        self.slots[at].value = target | LIST;
    }

    fn allocate(&mut self, size: u32) -> u32 {
        let class = size.trailing_zeros() as usize;
        let first = self.free[class];
        if first != NONE {
            self.free[class] = self.arena[first as usize];
            return first;
        }
        let block = self.arena.len() as u32;
        self.arena.resize(self.arena.len() + size as usize, 0);
        block
    }

    fn release(&mut self, block: u32, size: u32) {
        let class = size.trailing_zeros() as usize;
        self.arena[block as usize] = self.free[class];
        self.free[class] = block;
    }
}

/// The block that holds a list of `len` documents and its length.
fn block_size(len: u32) -> u32 {
    (len + 1).next_power_of_two().max(SMALLEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    proptest! {
        /// The same insertions on a plain map of sets.
        #[test]
        fn behaves_like_a_map_of_sets(
            inserted in prop::collection::vec((0u32..12, 0u32..40), 0..400),
        ) {
            let mut postings = Postings::new();
            let mut model: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
            for (key, document) in inserted {
                // Few homes, so that keys meet in the table.
                let key = key.wrapping_mul(1 << 28);
                postings.insert(key, document);
                model.entry(key).or_default().insert(document);
            }
            for key in (0..12).map(|key: u32| key.wrapping_mul(1 << 28)) {
                let expected: Vec<u32> = model.get(&key).into_iter().flatten().copied().collect();
                prop_assert_eq!(postings.get(key), &expected[..]);
            }
        }
    }
}
