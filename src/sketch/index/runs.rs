//! Sorted runs: the rows that have a key in a band, in immutable flat tables.
//!
//! For each band, a run holds one entry of key and row per row, sorted by key. Keys are hashes and so
//! uniform: the home slot of an entry is proportional to its key, and gaps absorb collisions. So a
//! search reads one cache line, and the searches for all bands of a sketch overlap their cache misses.
//! A run is built by radix sorts, without an allocation per key, and has no pointers. A hash table per
//! band would take several allocations and cache misses per key.
//!
//! The newest rows are in [`Postings`] until there are enough for a run. Runs of similar size are merged,
//! as in a log-structured merge tree (O'Neil, Cheng, Gawlick and O'Neil, Acta Informatica 33, 1996).

use crate::kernel::RadixSort;
use crate::sketch::index::postings::Postings;

/// The number of rows at which the postings become a run. It bounds the postings to the size of a cache.
const MAX_RECENT_ROWS: usize = 4096;

/// The least ratio of the lengths of two consecutive runs: with a smaller ratio they are merged.
const MIN_RATIO: usize = 2;

/// A slot without an entry; no row has this number.
const GAP: u64 = u64::MAX;

/// The most slots that a search reads in order before it continues by halving.
const MAX_LINEAR_SLOTS: usize = 16;

/// The number of last results that are checked for a repetition before a row is added.
const REPEAT_WINDOW: usize = 4;

/// The slots reserved for the entries that overflow the last home slot of a band.
const OVERFLOW_SLOTS: usize = 32;

/// A growing multimap from keys to rows, for a fixed number of bands. A key is a hash of its band too, so
/// that keys of different bands differ.
#[derive(Debug, Clone)]
pub(crate) struct BandTable {
    bands: usize,
    /// The longest first; the rows of a run are above those of the run before.
    runs: Vec<SortedRun>,
    /// The rows above those in runs, ascending.
    recent: Vec<u32>,
    postings: Postings,
}

impl BandTable {
    pub(crate) fn new(bands: usize) -> Self {
        BandTable { bands, runs: Vec::new(), recent: Vec::new(), postings: Postings::new() }
    }

    /// Adds rows under the keys that `key` gives for a row and a band. The rows ascend and are above all
    /// rows of the table. Amortised `O(bands × log rows)` per row.
    pub(crate) fn insert(
        &mut self,
        rows: impl IntoIterator<Item = u32>,
        key: impl Fn(u32, usize) -> u32,
    ) {
        let first = self.recent.len();
        self.recent.extend(rows);
        if self.recent.len() < MAX_RECENT_ROWS {
            for &row in &self.recent[first..] {
                (0..self.bands).for_each(|band| self.postings.insert(key(row, band), row));
            }
        } else {
            let run = SortedRun::new(self.bands, &self.recent, key);
            (self.recent, self.postings) = (Vec::new(), Postings::new());
            self.push(run);
        }
    }

    fn push(&mut self, mut run: SortedRun) {
        while let Some(before) = self.runs.pop_if(|before| before.len < run.len * MIN_RATIO) {
            run = before.merged(&run);
        }
        self.runs.push(run);
    }

    /// Appends the rows that have any of the keys, each given with its band. A row may be repeated.
    pub(crate) fn find(&self, keys: &[(usize, u32)], found: &mut Vec<u32>) {
        let mut homes = Vec::with_capacity(keys.len());
        for run in &self.runs {
            // Reads all home slots before it uses any, so that the processor overlaps the cache misses.
            homes.clear();
            homes.extend(keys.iter().map(|&(band, key)| {
                let home = run.starts[band] + run.home(key);
                (home, run.slots[home])
            }));
            for (&(home, first), &(band, key)) in homes.iter().zip(keys) {
                if first <= entry(key, u32::MAX - 1) {
                    for row in run.entries(band, key, home).iter().map(|&entry| row_of(entry)) {
                        // A row that shares this band probably shared the last one.
                        if !found[found.len().saturating_sub(REPEAT_WINDOW)..].contains(&row) {
                            found.push(row);
                        }
                    }
                }
            }
        }
        if !self.recent.is_empty() {
            for &(_, key) in keys {
                found.extend_from_slice(self.postings.get(key));
            }
        }
    }

    /// Replaces `entries` by the entries of one band, sorted by key, then by row. `key` gives the key of a
    /// row in this band.
    pub(crate) fn entries_of(
        &self,
        band: usize,
        key: impl Fn(u32) -> u32,
        sorter: &mut RadixSort,
        entries: &mut Vec<u64>,
    ) {
        entries.clear();
        self.runs.iter().for_each(|run| run.entries_into(band, entries));
        entries.extend(self.recent.iter().map(|&row| entry(key(row), row)));
        if self.runs.len() != 1 || !self.recent.is_empty() {
            // Rows ascend from run to run, so sorting by key suffices.
            sorter.sort(entries, KEY_SHIFT);
        }
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        let runs = self.runs.iter().map(SortedRun::memory_usage).sum::<usize>();
        runs + self.recent.capacity() * size_of::<u32>() + self.postings.memory_usage()
    }
}

/// The sorted entries of each band, with gaps between them. An entry is at its home slot, which is
/// proportional to its key, or after it where earlier entries overflow.
#[derive(Debug, Clone)]
struct SortedRun {
    /// The number of rows; each is in every band.
    len: usize,
    /// Entries and [`GAP`]s, by band.
    slots: Vec<u64>,
    /// Where the slots of each band start.
    starts: Vec<usize>,
}

impl SortedRun {
    /// Builds a run of ascending rows.
    fn new(bands: usize, rows: &[u32], key: impl Fn(u32, usize) -> u32) -> Self {
        let mut run = SortedRun::with_room(bands, rows.len());
        // Computes all keys of a row together, while its sketch is in the cache.
        let mut keys = vec![0; bands * rows.len()];
        let mut columns: Vec<&mut [u32]> = keys.chunks_exact_mut(rows.len().max(1)).collect();
        for (at, &row) in rows.iter().enumerate() {
            for (band, column) in columns.iter_mut().enumerate() {
                column[at] = key(row, band);
            }
        }
        let (mut sorter, mut entries) = (RadixSort::default(), Vec::with_capacity(rows.len()));
        for column in &columns {
            entries.clear();
            entries.extend(column.iter().zip(rows).map(|(&key, &row)| entry(key, row)));
            sorter.sort(&mut entries, KEY_SHIFT);
            run.push_band(&entries);
        }
        run
    }

    /// Merges two runs; the rows of `self` are below those of `other`.
    fn merged(&self, other: &SortedRun) -> Self {
        let bands = self.starts.len();
        let mut run = SortedRun::with_room(bands, self.len + other.len);
        let mut entries = Vec::with_capacity(run.len);
        for band in 0..bands {
            entries.clear();
            self.entries_into(band, &mut entries);
            other.entries_into(band, &mut entries);
            // The stable sort detects the two sorted parts and merges them.
            entries.sort();
            run.push_band(&entries);
        }
        run
    }

    fn with_room(bands: usize, len: usize) -> Self {
        let slots = Vec::with_capacity(bands * (home_slots(len) + OVERFLOW_SLOTS));
        SortedRun { len, slots, starts: Vec::with_capacity(bands) }
    }

    fn push_band(&mut self, entries: &[u64]) {
        let start = self.slots.len();
        self.starts.push(start);
        for &entry in entries {
            let home = start + self.home(key_of(entry));
            if home > self.slots.len() {
                self.slots.resize(home, GAP);
            }
            self.slots.push(entry);
        }
        // A final gap ends every search in this band.
        let end = self.slots.len().max(start + home_slots(self.len)) + 1;
        self.slots.resize(end, GAP);
    }

    /// The home slot of a key, counted from the start of its band.
    #[inline]
    fn home(&self, key: u32) -> usize {
        ((u64::from(key) * home_slots(self.len) as u64) >> 32) as usize
    }

    /// Appends the entries of a band, without the gaps.
    fn entries_into(&self, band: usize, entries: &mut Vec<u64>) {
        let (slots, mut end) = (self.band(band), entries.len());
        entries.resize(end + slots.len(), GAP);
        for &slot in slots {
            // Writes every slot and advances only past entries: a branch would mispredict.
            entries[end] = slot;
            end += usize::from(slot != GAP);
        }
        entries.truncate(end);
    }

    fn band(&self, band: usize) -> &[u64] {
        let end = self.starts.get(band + 1).copied().unwrap_or(self.slots.len());
        &self.slots[self.starts[band]..end]
    }

    /// The entries of a key in a band; the search starts at its home slot, given as an index into `slots`.
    #[inline]
    fn entries(&self, band: usize, key: u32, home: usize) -> &[u64] {
        let (least, most) = (entry(key, 0), entry(key, u32::MAX - 1));
        let mut at = home;
        // From the home slot on, smaller entries come before all others.
        while self.slots[at] < least {
            at += 1;
            if at == home + MAX_LINEAR_SLOTS {
                let rest = &self.band(band)[at - self.starts[band]..];
                at += rest.partition_point(|&slot| slot < least);
                break;
            }
        }
        let found = &self.slots[at..];
        if found[0] > most {
            return &[];
        }
        let few = found.iter().take(MAX_LINEAR_SLOTS).take_while(|&&slot| slot <= most).count();
        if few < MAX_LINEAR_SLOTS {
            return &found[..few];
        }
        let rest = &self.band(band)[at - self.starts[band]..];
        &rest[..rest.partition_point(|&slot| slot <= most)]
    }

    fn memory_usage(&self) -> usize {
        self.slots.capacity() * size_of::<u64>() + self.starts.capacity() * size_of::<usize>()
    }
}

/// The number of home slots for the entries of a band: four for three entries.
fn home_slots(len: usize) -> usize {
    len + len / 3 + 1
}

/// A key and a row in one number that is ordered by key, then by row.
pub(crate) fn entry(key: u32, row: u32) -> u64 {
    u64::from(key) << 32 | u64::from(row)
}

/// The lowest bit of the key in an [`entry`].
pub(crate) const KEY_SHIFT: u32 = u32::BITS;

/// The key of an [`entry`].
pub(crate) fn key_of(entry: u64) -> u32 {
    (entry >> 32) as u32
}

/// The row of an [`entry`].
pub(crate) fn row_of(entry: u64) -> u32 {
    entry as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BANDS: usize = 3;

    /// Few different keys, at both ends of the range and in all digits of the radix sort, with the band.
    fn key(row: u32, band: usize) -> u32 {
        let value = ((row / 7) ^ band as u32) % 5;
        value.wrapping_mul(0x3333_3333) ^ band as u32
    }

    fn found(table: &BandTable, band: usize, key: u32) -> Vec<u32> {
        let mut found = Vec::new();
        // A search for one key repeats no row.
        table.find(&[(band, key)], &mut found);
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        /// Compares with a scan, for batches of all sizes with missing rows.
        #[test]
        fn rows_are_found_by_their_keys_in_whatever_batches_they_came(
            batches in prop::collection::vec(prop_oneof![1u32..40, 3000u32..9000], 0..12),
        ) {
            let mut table = BandTable::new(BANDS);
            let mut next = 0;
            let is_listed = |row: &u32| row % 11 != 3;
            for batch in batches {
                table.insert((next..next + batch).filter(is_listed), key);
                next += batch;
            }
            for band in 0..BANDS {
                for asked in (0..6).map(|value: u32| value.wrapping_mul(0x3333_3333) ^ band as u32) {
                    let expected: Vec<u32> =
                        (0..next).filter(is_listed).filter(|&row| key(row, band) == asked).collect();
                    prop_assert_eq!(found(&table, band, asked), expected);
                }
            }
            for band in 0..BANDS {
                let listed = (0..next).filter(is_listed).map(|row| entry(key(row, band), row));
                let mut expected: Vec<u64> = listed.collect();
                expected.sort_unstable();
                let (mut sorter, mut entries) = (RadixSort::default(), Vec::new());
                table.entries_of(band, |row| key(row, band), &mut sorter, &mut entries);
                prop_assert_eq!(entries, expected);
            }
        }
    }

    #[test]
    fn there_are_few_runs_and_the_longest_come_first() {
        let mut table = BandTable::new(1);
        for row in 0..200 * MAX_RECENT_ROWS as u32 {
            table.insert([row], |row, _| row.wrapping_mul(0x9e37_79b1));
        }
        let lengths: Vec<usize> = table.runs.iter().map(|run| run.len).collect();
        assert!(lengths.windows(2).all(|pair| pair[0] >= pair[1] * MIN_RATIO), "{lengths:?}");
        assert_eq!(lengths.iter().sum::<usize>() + table.recent.len(), 200 * MAX_RECENT_ROWS);
        assert_eq!(found(&table, 0, 5u32.wrapping_mul(0x9e37_79b1)), [5]);
    }
}
