//! Row numbers: an index numbers its documents densely, in the order of insertion, and maps the ids of
//! the caller to these rows.
//!
//! An index keeps the data of its documents in flat vectors by row. A removed document leaves a *dead*
//! row. When there are more than half as many dead rows as live ones, the index is packed: the live
//! rows get new numbers in the same order.

use std::collections::HashMap;

use ahash::RandomState;

use crate::error::{Error, ErrorKind};

/// The most rows, dead ones included: postings hold 31-bit numbers.
const MAX_ROWS: usize = (1 << 31) - 1;

/// The map between ids and rows, in both directions.
#[derive(Debug, Clone, Default)]
pub(crate) struct IdTable {
    /// By row; the id of a dead row has no meaning.
    ids: Vec<u32>,
    live: Vec<bool>,
    /// Never iterated, because its order differs between runs of the program.
    by_id: HashMap<u32, u32, RandomState>,
}

impl IdTable {
    /// Gives an id the next row. An error if the id has a row or the table is full.
    pub(crate) fn insert(&mut self, id: u32) -> Result<u32, Error> {
        if self.ids.len() == MAX_ROWS {
            return Err(ErrorKind::Full { documents: self.len() }.into());
        }
        let row = self.ids.len() as u32;
        match self.by_id.entry(id) {
            std::collections::hash_map::Entry::Occupied(_) => {
                return Err(ErrorKind::RepeatedId { id: id.to_string() }.into());
            }
            std::collections::hash_map::Entry::Vacant(entry) => entry.insert(row),
        };
        self.ids.push(id);
        self.live.push(true);
        Ok(row)
    }

    /// Marks the row of an id as dead. Returns whether the id had a row.
    pub(crate) fn remove(&mut self, id: u32) -> bool {
        let Some(row) = self.by_id.remove(&id) else { return false };
        self.live[row as usize] = false;
        true
    }

    /// The row that the next id gets.
    pub(crate) fn next_row(&self) -> u32 {
        self.ids.len() as u32
    }

    /// Whether there are enough dead rows to pack. Packing costs amortised `O(1)` per removal, and flat
    /// vectors are at most half longer than their live data.
    pub(crate) fn should_pack(&self) -> bool {
        (self.ids.len() - self.len()) * 2 > self.len()
    }

    /// Renumbers the live rows in their order. Returns their old numbers.
    pub(crate) fn pack(&mut self) -> Vec<u32> {
        let kept: Vec<u32> = self.live_rows().collect();
        retain_rows(&mut self.ids, 1, &kept);
        self.live.clear();
        self.live.resize(kept.len(), true);
        for (&id, row) in self.ids.iter().zip(0..) {
            self.by_id.insert(id, row);
        }
        self.by_id.shrink_to(kept.len());
        kept
    }

    /// Reserves space for `more` ids.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.ids.reserve(more);
        self.live.reserve(more);
        self.by_id.reserve(more);
    }

    /// The id of a live row.
    pub(crate) fn id(&self, row: u32) -> u32 {
        self.ids[row as usize]
    }

    /// Whether the document of a row is still in the index.
    pub(crate) fn is_live(&self, row: u32) -> bool {
        self.live[row as usize]
    }

    /// The live rows, ascending.
    pub(crate) fn live_rows(&self) -> impl Iterator<Item = u32> {
        (0u32..).zip(&self.live).filter(|(_, live)| **live).map(|(row, _)| row)
    }

    /// Whether an id has a row.
    pub(crate) fn contains(&self, id: u32) -> bool {
        self.by_id.contains_key(&id)
    }

    /// The number of live rows.
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.ids.capacity() * size_of::<u32>() + self.live.capacity() + map_bytes(&self.by_id)
    }
}

/// The values of a row in a flat vector with `width` values per row.
pub(crate) fn get<T>(values: &[T], width: usize, row: u32) -> &[T] {
    &values[row as usize * width..][..width]
}

/// Keeps only the values of the rows `kept`, which ascend, in a flat vector with `width` values per row.
pub(crate) fn retain_rows<T: Copy>(values: &mut Vec<T>, width: usize, kept: &[u32]) {
    for (&from, to) in kept.iter().zip(0..) {
        let from = from as usize * width;
        values.copy_within(from..from + width, to * width);
    }
    values.truncate(kept.len() * width);
    values.shrink_to(values.len() * 2);
}

/// Bytes that a map holds on the heap, without those that its keys and values own.
fn map_bytes<K, V, S>(map: &HashMap<K, V, S>) -> usize {
    // hashbrown: a pair and a control byte per slot, 8/7 slots per entry of capacity.
    map.capacity() * 8 / 7 * (size_of::<(K, V)>() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_renumbers_the_live_rows_in_their_order() {
        let mut rows = IdTable::default();
        let mut values = Vec::new();
        for id in [70, 80, 90, 60] {
            assert_eq!(rows.insert(id), Ok(values.len() as u32 / 2));
            values.extend([id, id + 1]);
        }
        assert!(rows.remove(80) && !rows.remove(80) && !rows.should_pack());
        assert!(rows.remove(70) && rows.should_pack());
        assert_eq!(rows.live_rows().collect::<Vec<_>>(), [2, 3]);
        let kept = rows.pack();
        retain_rows(&mut values, 2, &kept);
        assert_eq!((kept, values), (vec![2, 3], vec![90, 91, 60, 61]));
        assert_eq!((rows.id(0), rows.id(1), rows.len()), (90, 60, 2));
        assert_eq!(rows.insert(80), Ok(2));
        assert!(rows.is_live(0) && rows.is_live(2) && !rows.contains(70));
    }

    #[test]
    fn an_id_that_is_in_is_refused_and_keeps_its_row() {
        let mut rows = IdTable::default();
        assert_eq!(rows.insert(7), Ok(0));
        assert_eq!(rows.insert(7), Err(ErrorKind::RepeatedId { id: "7".to_owned() }.into()));
        assert_eq!((rows.remove(7), rows.len()), (true, 0));
    }
}
