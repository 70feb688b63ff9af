//! Finds all SimHashes within a small Hamming distance of a given one, without a scan.
//!
//! The 64 bits are four blocks of 16. Where two hashes differ in at most `d` bits, some block
//! differs in at most `d / 4` of them: none for `d` up to 3, one for `d` up to 7. So it is enough
//! to look up each block as it is, and for more than 3 also with each single bit of it flipped
//! (after Manku, Jain and Das Sarma, *Detecting near-duplicates for web crawling*, WWW 2007, with
//! one table for all blocks).

use crate::error::{Error, must_be};
use crate::sketch::codec::must_match;
use crate::sketch::index::rows::{self, IdTable};
use crate::sketch::index::runs::BandTable;
use crate::sketch::simhash::SimHash;

/// How many blocks a hash has.
const BLOCKS: u32 = 4;

/// How many bits a block has.
const BLOCK_BITS: u32 = u64::BITS / BLOCKS;

/// A hash near the one asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimHashMatch {
    /// Its id.
    pub id: u32,
    /// In how many bits the two differ.
    pub distance: u32,
}

/// A growing collection of [`SimHash`]es that finds *all* hashes within a Hamming distance of at
/// most 7 of a given one. Results depend on which hashes are in and on nothing else. It takes about
/// 70 bytes a hash.
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
    /// [`SimHash::shingle`] of the first hash.
    shingle: Option<u16>,
    rows: IdTable,
    /// The bits of each row.
    bits: Vec<u64>,
    /// IdTable by block.
    table: BandTable,
}

impl Default for SimHashIndex {
    fn default() -> Self {
        Self::new()
    }
}

impl SimHashIndex {
    /// The largest distance that can be asked for.
    pub const MAX_DISTANCE: u32 = 7;

    /// An index without hashes.
    pub fn new() -> Self {
        let table = BandTable::new(BLOCKS as usize);
        SimHashIndex { shingle: None, rows: IdTable::default(), bits: Vec::new(), table }
    }

    /// How many hashes are in.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no hash is in.
    pub fn is_empty(&self) -> bool {
        self.rows.len() == 0
    }

    /// Whether a hash of this id is in.
    pub fn contains(&self, id: u32) -> bool {
        self.rows.contains(id)
    }

    /// Puts a hash in. The first one decides of which shingles all later ones must be made, even
    /// after it is removed.
    ///
    /// Amortised `O(log hashes)`: now and then many hashes are sorted anew. To put many in at once,
    /// [`insert_many`](Self::insert_many) is several times faster.
    ///
    /// # Errors
    /// [`ErrorKind::RepeatedId`](crate::ErrorKind::RepeatedId) if the id is in;
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) if the shingles are others than those of
    /// the first hash; [`ErrorKind::Full`](crate::ErrorKind::Full) beyond some 1.4 thousand million
    /// hashes. The index is then unchanged.
    pub fn insert(&mut self, id: u32, hash: SimHash) -> Result<(), Error> {
        self.insert_many([(id, hash)])
    }

    /// Puts many hashes in, with the same answers afterwards as if each were
    /// [inserted](Self::insert) alone: their blocks are sorted together.
    ///
    /// # Errors
    /// The first one of [`insert`](Self::insert). The hashes before it are then in.
    pub fn insert_many(
        &mut self,
        hashes: impl IntoIterator<Item = (u32, SimHash)>,
    ) -> Result<(), Error> {
        let hashes = hashes.into_iter();
        let first = self.rows.next();
        self.rows.reserve(hashes.size_hint().0);
        let mut result = Ok(());
        for (id, hash) in hashes {
            result = self.keep(id, hash);
            if result.is_err() {
                break;
            }
        }
        self.list(first);
        result
    }

    /// Keeps a hash that is not listed yet.
    fn keep(&mut self, id: u32, hash: SimHash) -> Result<(), Error> {
        self.check(hash)?;
        self.rows.insert(id)?;
        self.shingle = Some(hash.shingle());
        self.bits.push(hash.bits());
        Ok(())
    }

    /// Lists all rows from one on.
    fn list(&mut self, first: u32) {
        let bits = &self.bits;
        self.table.list(first..self.rows.next(), |row, block| key(block, bits[row as usize]));
    }

    /// Takes a hash out; whether it was in. Amortised `O(1)`: once a third of all that is kept
    /// belongs to removed hashes, the others are sorted anew.
    pub fn remove(&mut self, id: u32) -> bool {
        let was_in = self.rows.remove(id);
        if self.rows.should_pack() {
            let kept = self.rows.pack();
            rows::keep(&mut self.bits, 1, &kept);
            self.table = BandTable::new(BLOCKS as usize);
            self.list(0);
        }
        was_in
    }

    /// All hashes that differ from `hash` in at most `distance` bits: the nearest first, equally
    /// near ones by id.
    ///
    /// Where the bits are uniform, this looks at 4/65536 of the collection for a distance up to 3,
    /// and at 68/65536 (one in a thousand) up to 7. Real texts share blocks more often.
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
        // A hash that is near in several blocks was found by each.
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

    /// Refuses a hash that cannot be compared with those that are in.
    fn check(&self, hash: SimHash) -> Result<(), Error> {
        self.shingle.map_or(Ok(()), |shingle| must_match("shingle", shingle, hash.shingle()))
    }
}

/// The key of a block: its number and its bits, spread over all of the key without a meeting.
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

    /// A hash in a few bits from a base; repeated places turn a bit back.
    fn near(base: u64) -> impl Strategy<Value = u64> {
        prop::collection::vec(0u32..64, 0..10)
            .prop_map(move |places| places.into_iter().fold(base, |bits, place| bits ^ 1 << place))
    }

    #[test]
    fn bits_are_found_however_they_fall_on_the_blocks() {
        let mut index = SimHashIndex::new();
        index.insert(1, hash(0)).unwrap();
        // Each digit of a number in base 8 is the count of bits in one block.
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
    fn hashes_of_other_shingles_are_refused_even_after_the_first_is_gone() {
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
