//! An index that finds all SimHashes within a small Hamming distance of a given one, without a scan.
//!
//! The 64 bits form four blocks of 16. If two hashes differ in at most `d` bits, they differ in at most
//! `d / 4` bits of some block: in none for `d` up to 3, in one for `d` up to 7. So a search looks up
//! each block, and for `d` above 3 also each block with one bit flipped (after Manku, Jain and Das Sarma,
//! *Detecting near-duplicates for web crawling*, WWW 2007, with one table for all blocks).

use crate::error::{Error, must_be};
use crate::sketch::codec::must_match;
use crate::sketch::index::rows::{self, IdTable};
use crate::sketch::index::runs::BandTable;
use crate::sketch::simhash::SimHash;

/// The number of blocks of a hash.
const BLOCKS: u32 = 4;

/// The number of bits of a block.
const BLOCK_BITS: u32 = u64::BITS / BLOCKS;

/// A hash within the distance of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimHashMatch {
    /// The id of the hash.
    pub id: u32,
    /// The Hamming distance from the query.
    pub distance: u32,
}

/// A growing collection of [`SimHash`]es that finds *all* hashes within a Hamming distance of at most 7 of
/// a given one. Results depend only on the set of hashes in the index. It takes about 70 bytes per hash.
///
/// ```
/// use retold::{SimHash, SimHashIndex, SimHashMatch};
/// let hash = |bits| SimHash::weighted(&[(bits, 1)]);
/// let mut index = SimHashIndex::new();
/// index.insert(1, hash(0b1111))?;
/// index.insert(2, hash(u64::MAX))?;
/// assert_eq!(index.within(hash(0b0111), 3)?, [SimHashMatch { id: 1, distance: 1 }]);
/// # Ok::<(), retold::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SimHashIndex {
    /// The [`SimHash::shingle`] of the first hash.
    shingle: Option<u16>,
    rows: IdTable,
    /// The bits of each row.
    bits: Vec<u64>,
    /// The rows by block.
    table: BandTable,
}

impl Default for SimHashIndex {
    fn default() -> Self {
        Self::new()
    }
}

impl SimHashIndex {
    /// The largest distance of a query.
    pub const MAX_DISTANCE: u32 = 7;

    /// An empty index.
    pub fn new() -> Self {
        let table = BandTable::new(BLOCKS as usize);
        SimHashIndex { shingle: None, rows: IdTable::default(), bits: Vec::new(), table }
    }

    /// The number of hashes in the index.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the index is empty.
    pub fn is_empty(&self) -> bool {
        self.rows.len() == 0
    }

    /// Whether a hash with this id is in the index.
    pub fn contains(&self, id: u32) -> bool {
        self.rows.contains(id)
    }

    /// Inserts a hash. The first one fixes the shingling of all later ones, even after it is removed.
    ///
    /// Amortised `O(log hashes)`: some insertions merge sorted runs. For many hashes,
    /// [`insert_many`](Self::insert_many) is several times faster.
    ///
    /// # Errors
    /// [`ErrorKind::RepeatedId`](crate::ErrorKind::RepeatedId) if the id is in the index;
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) if the shingling differs from that of the
    /// first hash; [`ErrorKind::Full`](crate::ErrorKind::Full) beyond about 1.4 billion (10⁹) hashes. The
    /// index is then unchanged.
    pub fn insert(&mut self, id: u32, hash: SimHash) -> Result<(), Error> {
        self.insert_many([(id, hash)])
    }

    /// Inserts many hashes and sorts their blocks together. Later answers are the same as after single
    /// calls of [`insert`](Self::insert).
    ///
    /// # Errors
    /// The first error of [`insert`](Self::insert). The hashes before it are then in the index.
    pub fn insert_many(
        &mut self,
        hashes: impl IntoIterator<Item = (u32, SimHash)>,
    ) -> Result<(), Error> {
        let hashes = hashes.into_iter();
        let first = self.rows.next_row();
        self.rows.reserve(hashes.size_hint().0);
        let mut result = Ok(());
        for (id, hash) in hashes {
            result = self.store(id, hash);
            if result.is_err() {
                break;
            }
        }
        self.index_from(first);
        result
    }

    /// Stores a hash that the table does not have yet.
    fn store(&mut self, id: u32, hash: SimHash) -> Result<(), Error> {
        self.check(hash)?;
        self.rows.insert(id)?;
        self.shingle = Some(hash.shingle());
        self.bits.push(hash.bits());
        Ok(())
    }

    /// Adds the rows from `first` on to the table.
    fn index_from(&mut self, first: u32) {
        let bits = &self.bits;
        self.table.insert(first..self.rows.next_row(), |row, block| key(block, bits[row as usize]));
    }

    /// Removes a hash. Returns whether it was in the index. Amortised `O(1)`: when a third of the rows
    /// belongs to removed hashes, the table is built again from the others.
    pub fn remove(&mut self, id: u32) -> bool {
        let was_in = self.rows.remove(id);
        if self.rows.should_pack() {
            let kept = self.rows.pack();
            rows::retain_rows(&mut self.bits, 1, &kept);
            self.table = BandTable::new(BLOCKS as usize);
            self.index_from(0);
        }
        was_in
    }

    /// All hashes that differ from `hash` in at most `distance` bits: the nearest first, and equally near
    /// ones by ascending id.
    ///
    /// With uniform bits, a query reads 4/65536 of the collection for a distance up to 3, and 68/65536
    /// (one in a thousand) up to 7. Real texts share blocks more often.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) for a distance above
    /// [`MAX_DISTANCE`](Self::MAX_DISTANCE), [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) as
    /// for [`insert`](Self::insert).
    pub fn within(&self, hash: SimHash, distance: u32) -> Result<Vec<SimHashMatch>, Error> {
        must_be(distance <= Self::MAX_DISTANCE, "distance", "at most 7", distance)?;
        self.check(hash)?;
        let mut keys = Vec::new();
        for block in 0..BLOCKS as usize {
            keys.push((block, key(block, hash.bits())));
            if distance >= BLOCKS {
                let flipped = |bit: u32| hash.bits() ^ (1u64 << (block as u32 * BLOCK_BITS + bit));
                keys.extend((0..BLOCK_BITS).map(|bit| (block, key(block, flipped(bit)))));
            }
        }
        let mut rows = Vec::new();
        self.table.find(&keys, &mut rows);
        let differ = |row: u32| (self.bits[row as usize] ^ hash.bits()).count_ones();
        rows.retain(|&row| differ(row) <= distance && self.rows.is_live(row));
        // A hash that is near in several blocks was found through each.
        rows.sort_unstable();
        rows.dedup();
        let found =
            rows.iter().map(|&row| SimHashMatch { id: self.rows.id(row), distance: differ(row) });
        let mut found: Vec<SimHashMatch> = found.collect();
        found.sort_unstable_by_key(|found| (found.distance, found.id));
        Ok(found)
    }

    /// Bytes held on the heap.
    pub fn memory_usage(&self) -> usize {
        self.bits.capacity() * size_of::<u64>()
            + self.rows.memory_usage()
            + self.table.memory_usage()
    }

    /// An error if the shingling differs from that of the first hash.
    fn check(&self, hash: SimHash) -> Result<(), Error> {
        self.shingle.map_or(Ok(()), |shingle| must_match("shingle", shingle, hash.shingle()))
    }
}

/// The key of a block: its number and its bits, mixed over all bits of the key by a bijection.
fn key(block: usize, bits: u64) -> u32 {
    let of_block = (bits >> (block as u32 * BLOCK_BITS)) as u16;
    ((block as u32) << BLOCK_BITS | u32::from(of_block)).wrapping_mul(0x9e37_79b1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::sketch::shingle::Shingler;
    use crate::text::words::Words;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn hash(bits: u64) -> SimHash {
        SimHash::weighted(&[(bits, 1)])
    }

    fn scan(hashes: &BTreeMap<u32, u64>, asked: u64, distance: u32) -> Vec<SimHashMatch> {
        let mut found: Vec<(u32, u32)> =
            hashes.iter().map(|(&id, bits)| ((bits ^ asked).count_ones(), id)).collect();
        found.retain(|found| found.0 <= distance);
        found.sort();
        found.into_iter().map(|(distance, id)| SimHashMatch { id, distance }).collect()
    }

    /// A hash at a small distance from a base; a repeated position flips a bit back.
    fn near(base: u64) -> impl Strategy<Value = u64> {
        prop::collection::vec(0u32..64, 0..10)
            .prop_map(move |flipped| flipped.into_iter().fold(base, |bits, bit| bits ^ 1 << bit))
    }

    #[test]
    fn every_distribution_of_bits_over_the_blocks_is_found() {
        let mut index = SimHashIndex::new();
        index.insert(1, hash(0)).unwrap();
        // Each octal digit is the number of set bits in one block.
        for digits in 0..8u32.pow(BLOCKS) {
            let ones = |block: u32| (1u64 << (digits >> (block * 3) & 7)) - 1;
            let bits =
                (0..BLOCKS).fold(0, |bits, block| bits | ones(block) << (block * BLOCK_BITS));
            let near = bits.count_ones();
            for distance in near.saturating_sub(1)..=SimHashIndex::MAX_DISTANCE {
                let expected = (near <= distance).then_some(SimHashMatch { id: 1, distance: near });
                let found = index.within(hash(bits), distance).unwrap();
                assert_eq!(found, Vec::from_iter(expected), "{bits:b} within {distance}");
            }
        }
    }

    #[test]
    fn a_distance_beyond_the_limit_is_refused_by_name() {
        let error = SimHashIndex::new().within(hash(0), SimHashIndex::MAX_DISTANCE + 1);
        assert_eq!(error.unwrap_err().to_string(), "distance must be at most 7, but is 8");
    }

    #[test]
    fn hashes_of_another_shingling_are_refused_even_after_the_first_is_removed() {
        let words = Words::new("one two three");
        let of = |size| SimHash::of_text(Shingler::words(size).unwrap(), &words);
        let mut index = SimHashIndex::new();
        index.insert(1, of(2)).unwrap();
        assert!(index.remove(1));
        for error in [index.insert(2, of(3)).unwrap_err(), index.within(of(3), 1).unwrap_err()] {
            let mismatch = ErrorKind::Mismatch { what: "shingle", expected: 2, found: 3 };
            assert_eq!(error.kind(), &mismatch);
        }
        assert!(index.is_empty());
    }

    proptest! {
        #[test]
        fn finds_what_a_scan_finds_after_any_insertions_and_removals(
            operations in prop::collection::vec(
                (0u8..4, 0u32..40, prop_oneof![near(0), near(u64::MAX / 5), any::<u64>()]),
                0..150,
            ),
            asked in prop_oneof![near(0), near(u64::MAX / 5), any::<u64>()],
        ) {
            let mut index = SimHashIndex::new();
            let mut naive = BTreeMap::new();
            for (kind, id, bits) in operations {
                if kind > 0 {
                    let is_new = !naive.contains_key(&id);
                    prop_assert_eq!(index.insert(id, hash(bits)).is_ok(), is_new);
                    naive.entry(id).or_insert(bits);
                } else {
                    prop_assert_eq!(index.remove(id), naive.remove(&id).is_some());
                }
                prop_assert_eq!(index.contains(id), naive.contains_key(&id));
            }
            prop_assert_eq!(index.len(), naive.len());
            for distance in 0..=SimHashIndex::MAX_DISTANCE {
                let found = index.within(hash(asked), distance).unwrap();
                prop_assert_eq!(found, scan(&naive, asked, distance));
            }
        }
    }
}
