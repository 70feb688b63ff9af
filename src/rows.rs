//! Rows: the dense numbers under which an index keeps its documents, beside the ids of the caller.
//!
//! Whatever an index knows of a document stands in flat vectors at its row. The row of a removed
//! document goes to the next one, so the vectors are as long as the most documents that were in at
//! one time.

use std::collections::HashMap;

use ahash::RandomState;

use crate::error::{Error, ErrorKind};
use crate::memory;

/// Which row has which id, both ways.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    /// By row; that of a free row means nothing.
    ids: Vec<u32>,
    /// Only looked up, never walked: its order differs from run to run.
    by_id: HashMap<u32, u32, RandomState>,
    free: Vec<u32>,
}

impl Rows {
    /// Gives an id a row: a free one, or else the next. Refuses an id that has one.
    pub(crate) fn insert(&mut self, id: u32) -> Result<u32, Error> {
        if self.contains(id) {
            return Err(ErrorKind::RepeatedId { id: id.to_string() }.into());
        }
        let row = self.free.pop().unwrap_or(self.ids.len() as u32);
        put(&mut self.ids, row, &[id]);
        self.by_id.insert(id, row);
        Ok(row)
    }

    /// Frees the row of an id; which it was.
    pub(crate) fn remove(&mut self, id: u32) -> Option<u32> {
        let row = self.by_id.remove(&id)?;
        self.free.push(row);
        Some(row)
    }

    /// The id of a row that is not free.
    pub(crate) fn id(&self, row: u32) -> u32 {
        self.ids[row as usize]
    }

    /// Whether an id has a row.
    pub(crate) fn contains(&self, id: u32) -> bool {
        self.by_id.contains_key(&id)
    }

    /// How many ids have one.
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        (self.ids.capacity() + self.free.capacity()) * size_of::<u32>()
            + memory::of_map(&self.by_id)
    }
}

/// Writes what belongs to a row into a flat vector with as many values for every row. The row is
/// one that the vector has, or the next.
pub(crate) fn put<T: Copy>(values: &mut Vec<T>, row: u32, of_row: &[T]) {
    let start = row as usize * of_row.len();
    if start == values.len() {
        values.extend_from_slice(of_row);
    } else {
        values[start..start + of_row.len()].copy_from_slice(of_row);
    }
}

/// What [`put`] wrote for a row, of `width` values.
pub(crate) fn get<T>(values: &[T], width: usize, row: u32) -> &[T] {
    &values[row as usize * width..][..width]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freed_row_goes_to_the_next_id() {
        let mut rows = Rows::default();
        assert_eq!((rows.insert(70), rows.insert(80)), (Ok(0), Ok(1)));
        assert_eq!((rows.remove(70), rows.remove(70)), (Some(0), None));
        assert_eq!((rows.insert(90), rows.insert(70)), (Ok(0), Ok(2)));
        assert_eq!((rows.id(0), rows.id(1), rows.id(2), rows.len()), (90, 80, 70, 3));
    }

    #[test]
    fn an_id_that_is_in_is_refused_and_keeps_its_row() {
        let mut rows = Rows::default();
        assert_eq!(rows.insert(7), Ok(0));
        assert_eq!(rows.insert(7), Err(ErrorKind::RepeatedId { id: "7".to_owned() }.into()));
        assert_eq!((rows.remove(7), rows.len()), (Some(0), 0));
    }
}
