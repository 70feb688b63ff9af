//! Postings: the rows that have a key, for the newest rows of an index.
//!
//! An open-addressing hash table with eight bytes per slot maps a 32-bit key to its documents. A slot
//! holds a single document itself. Longer lists are in one shared arena, in blocks whose sizes are
//! powers of two, with a free list for each size. So no key has an allocation of its own, and memory
//! is within a small factor of the number of postings.

/// No document, or no block.
const NONE: u32 = u32::MAX;

/// The flag of a slot value that is the start of a block and not a document.
const LIST_FLAG: u32 = 1 << 31;

/// The size of the smallest block: a length and three documents.
const MIN_BLOCK: u32 = 4;

#[derive(Debug, Clone, Copy)]
struct PostingSlot {
    key: u32,
    /// A document, or the start of a block with [`LIST_FLAG`], or [`NONE`].
    value: u32,
}

const FREE: PostingSlot = PostingSlot { key: 0, value: NONE };

/// A multimap from 32-bit keys to documents below 2³¹ − 1.
#[derive(Debug, Clone, Default)]
pub(crate) struct Postings {
    /// Its length is a power of two, and at most three quarters of the slots are occupied.
    slots: Vec<PostingSlot>,
    keys: usize,
    /// Blocks: a length, that many documents in ascending order, then free space.
    arena: Vec<u32>,
    /// For each power of two, the first free block of that size, which holds the index of the next.
    free: [u32; 32],
}

impl Postings {
    /// An empty table, which allocates at the first insertion.
    pub(crate) fn new() -> Self {
        Postings { free: [NONE; 32], ..Self::default() }
    }

    /// The documents of `key` in ascending order. `O(1)`.
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

    /// Adds a document to a key. Amortised `O(1)` where documents come in ascending order. A repeated
    /// insertion has no effect.
    pub(crate) fn insert(&mut self, key: u32, document: u32) {
        debug_assert!(document < LIST_FLAG - 1);
        if (self.keys + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        match self.find(key) {
            Err(at) => {
                self.slots[at] = PostingSlot { key, value: document };
                self.keys += 1;
            }
            Ok(at) => {
                let Err(position) = self.documents(&self.slots[at]).binary_search(&document) else {
                    return;
                };
                self.make_room(at);
                let block = (self.slots[at].value & !LIST_FLAG) as usize;
                let len = self.arena[block] as usize;
                let documents = &mut self.arena[block + 1..=block + len + 1];
                documents.copy_within(position..len, position + 1);
                documents[position] = document;
                self.arena[block] += 1;
            }
        }
    }

    fn documents<'a>(&'a self, slot: &'a PostingSlot) -> &'a [u32] {
        if slot.value & LIST_FLAG == 0 {
            return std::slice::from_ref(&slot.value);
        }
        let block = (slot.value & !LIST_FLAG) as usize;
        &self.arena[block + 1..=block + self.arena[block] as usize]
    }

    /// The slot of a key, or the free slot where it belongs.
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

    /// The slot at which the search for a key starts. Mixes the key: some of its bits may be constant.
    fn home(&self, key: u32) -> usize {
        let mixed = u64::from(key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> (64 - self.slots.len().trailing_zeros())) as usize
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(16);
        let old = std::mem::replace(&mut self.slots, vec![FREE; size]);
        for slot in old.into_iter().filter(|slot| slot.value != NONE) {
            let at = self.find(slot.key).unwrap_or_else(|free| free);
            self.slots[at] = slot;
        }
    }

    /// Gives the list of a slot a block with room for one more document.
    fn make_room(&mut self, at: usize) {
        let value = self.slots[at].value;
        if value & LIST_FLAG == 0 {
            let block = self.allocate(MIN_BLOCK);
            self.arena[block as usize] = 1;
            self.arena[block as usize + 1] = value;
            self.slots[at].value = block | LIST_FLAG;
            return;
        }
        let block = value & !LIST_FLAG;
        let len = self.arena[block as usize];
        let size = block_size(len);
        if len + 1 == size {
            let target = self.allocate(size * 2);
            self.arena.copy_within(block as usize..=(block + len) as usize, target as usize);
            self.release(block, size);
            self.slots[at].value = target | LIST_FLAG;
        }
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

/// The size of the block for a list of `len` documents.
fn block_size(len: u32) -> u32 {
    (len + 1).next_power_of_two().max(MIN_BLOCK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    proptest! {
        /// Compares with the same insertions into a map of sets.
        #[test]
        fn behaves_like_a_map_of_sets(
            inserted in prop::collection::vec((0u32..12, 0u32..40), 0..400),
        ) {
            let mut postings = Postings::new();
            let mut model: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
            for (key, document) in inserted {
                // Few home slots, so that keys collide in the table.
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
