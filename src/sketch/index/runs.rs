//! Sorted runs: which rows have a key in a band, in flat tables that never change.
//!
//! A run holds, for each band, one entry of key and row for every row, sorted by key. Keys are
//! hashes and so spread evenly: an entry stands at the place that its key has in proportion, and
//! some gaps leave room for what chance brings together. So a search reads one line of memory, and
//! all searches for one sketch wait for memory at the same time. A run is made in one go by a radix
//! sort, without an allocation a key, and it has no pointers: a file could hold the same slots.
//!
//! The newest rows are in a table of [`Postings`] until they are many enough for a run of their own,
//! and runs of similar size are merged, as in a log-structured merge tree (O'Neil, Cheng, Gawlick
//! and O'Neil, Acta Informatica 33, 1996).

use crate::kernel::RadixSort;
use crate::sketch::index::postings::Postings;

/// How many rows are in postings before they become a run: a few megabytes, near to the processor.
const RECENT: usize = 4096;

/// A run is merged with the one before it that is less than so many times as long.
const GROWTH: usize = 2;

/// A slot without an entry; no row has this number.
const GAP: u64 = u64::MAX;

/// How many slots are looked at one after another before a search begins to leap.
const FAR: usize = 16;

/// Among how many of the last rows found a row is looked for before it is added to them.
const REPEATED: usize = 4;

/// Slots by which a band is usually longer than its places: what belongs to the last of them.
const ROOM: usize = 32;

/// A growing multimap from keys to rows, for a fixed number of bands. A key is a hash with a band
/// of its own: whoever makes keys mixes the number of the band in.
#[derive(Debug, Clone)]
pub(crate) struct BandTable {
    bands: usize,
    /// The longest first; rows rise from run to run.
    runs: Vec<SortedRun>,
    /// IdTable above those in runs, rising.
    recent: Vec<u32>,
    postings: Postings,
}

impl BandTable {
    pub(crate) fn new(bands: usize) -> Self {
        BandTable { bands, runs: Vec::new(), recent: Vec::new(), postings: Postings::new() }
    }

    /// Lists rows under their keys, given by row and band. The rows rise, and are above all that
    /// are listed. Amortised `O(bands × log rows)` for each.
    pub(crate) fn list(
        &mut self,
        rows: impl IntoIterator<Item = u32>,
        key: impl Fn(u32, usize) -> u32,
    ) {
        let listed = self.recent.len();
        self.recent.extend(rows);
        if self.recent.len() < RECENT {
            for &row in &self.recent[listed..] {
                (0..self.bands).for_each(|band| self.postings.insert(key(row, band), row));
            }
        } else {
            let run = SortedRun::new(self.bands, &self.recent, key);
            (self.recent, self.postings) = (Vec::new(), Postings::new());
            self.push(run);
        }
    }

    fn push(&mut self, mut run: SortedRun) {
        while let Some(before) = self.runs.pop_if(|before| before.len < run.len * GROWTH) {
            run = before.merged(&run);
        }
        self.runs.push(run);
    }

    /// Adds the rows that have one of some keys, each with its band. A row may come repeatedly.
    pub(crate) fn find(&self, keys: &[(usize, u32)], found: &mut Vec<u32>) {
        let mut homes = Vec::with_capacity(keys.len());
        for run in &self.runs {
            // All homes are looked at before any is worked on, so that the processor waits for many
            // places of memory at a time.
            homes.clear();
            homes.extend(keys.iter().map(|&(band, key)| {
                let home = run.starts[band] + run.home(key);
                (home, run.slots[home])
            }));
            for (&(home, first), &(band, key)) in homes.iter().zip(keys) {
                if first <= entry(key, u32::MAX - 1) {
                    for row in run.entries(band, key, home).iter().map(|&entry| row_of(entry)) {
                        // One that shares this band likely shared the last one.
                        if !found[found.len().saturating_sub(REPEATED)..].contains(&row) {
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

    /// The entries of one band, sorted by key, then by row. `key` is that under which a row is listed
    /// there.
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
            // IdTable rise from run to run.
            sorter.sort(entries, KEY);
        }
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        let runs = self.runs.iter().map(SortedRun::memory_usage).sum::<usize>();
        runs + self.recent.capacity() * size_of::<u32>() + self.postings.memory_usage()
    }
}

/// The entries of each band, sorted, with gaps between them: the place of a key is in proportion to
/// the key, or after it where the entries before it need more room.
#[derive(Debug, Clone)]
struct SortedRun {
    /// How many rows are in; each is in every band.
    len: usize,
    /// Entries and [`GAP`]s, band after band.
    slots: Vec<u64>,
    /// Where the slots of each band begin.
    starts: Vec<usize>,
}

impl SortedRun {
    /// Sorts rows, which rise, by the keys of each band.
    fn new(bands: usize, rows: &[u32], key: impl Fn(u32, usize) -> u32) -> Self {
        let mut run = SortedRun::with_room(bands, rows.len());
        // All keys of a row at a time, while its sketch is near.
        let mut keys = vec![0; bands * rows.len()];
        let mut columns: Vec<&mut [u32]> = keys.chunks_exact_mut(rows.len().max(1)).collect();
        for (place, &row) in rows.iter().enumerate() {
            for (band, column) in columns.iter_mut().enumerate() {
                column[place] = key(row, band);
            }
        }
        let (mut sorter, mut entries) = (RadixSort::default(), Vec::with_capacity(rows.len()));
        for column in &columns {
            entries.clear();
            entries.extend(column.iter().zip(rows).map(|(&key, &row)| entry(key, row)));
            sorter.sort(&mut entries, KEY);
            run.push_band(&entries);
        }
        run
    }

    /// One run of two; the rows of `self` are below those of `other`.
    fn merged(&self, other: &SortedRun) -> Self {
        let bands = self.starts.len();
        let mut run = SortedRun::with_room(bands, self.len + other.len);
        let mut entries = Vec::with_capacity(run.len);
        for band in 0..bands {
            entries.clear();
            self.entries_into(band, &mut entries);
            other.entries_into(band, &mut entries);
            // This sort finds out that two sorted parts are only to be merged.
            entries.sort();
            run.push_band(&entries);
        }
        run
    }

    fn with_room(bands: usize, len: usize) -> Self {
        let slots = Vec::with_capacity(bands * (places(len) + ROOM));
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
        // Every search in this band ends at a gap, if at nothing else.
        let end = self.slots.len().max(start + places(self.len)) + 1;
        self.slots.resize(end, GAP);
    }

    /// Where an entry of this key would be if it were alone, from the start of its band.
    #[inline]
    fn home(&self, key: u32) -> usize {
        ((u64::from(key) * places(self.len) as u64) >> 32) as usize
    }

    /// Adds the entries of a band, without the gaps.
    fn entries_into(&self, band: usize, entries: &mut Vec<u64>) {
        let (slots, mut end) = (self.band(band), entries.len());
        entries.resize(end + slots.len(), GAP);
        for &slot in slots {
            // Without a jump: where a gap comes is a toss of a coin.
            entries[end] = slot;
            end += usize::from(slot != GAP);
        }
        entries.truncate(end);
    }

    fn band(&self, band: usize) -> &[u64] {
        let end = self.starts.get(band + 1).copied().unwrap_or(self.slots.len());
        &self.slots[self.starts[band]..end]
    }

    /// The entries of a key in a band; the search begins at its home.
    #[inline]
    fn entries(&self, band: usize, key: u32, home: usize) -> &[u64] {
        let (least, most) = (entry(key, 0), entry(key, u32::MAX - 1));
        let mut at = home;
        // From the home of a key on, all that is less than it comes before all that is not.
        while self.slots[at] < least {
            at += 1;
            if at == home + FAR {
                let rest = &self.band(band)[at - self.starts[band]..];
                at += rest.partition_point(|&slot| slot < least);
                break;
            }
        }
        let found = &self.slots[at..];
        if found[0] > most {
            return &[];
        }
        let few = found.iter().take(FAR).take_while(|&&slot| slot <= most).count();
        if few < FAR {
            return &found[..few];
        }
        let rest = &self.band(band)[at - self.starts[band]..];
        &rest[..rest.partition_point(|&slot| slot <= most)]
    }

    fn memory_usage(&self) -> usize {
        self.slots.capacity() * size_of::<u64>() + self.starts.capacity() * size_of::<usize>()
    }
}

/// How many places there are for the entries of a band: four for three.
fn places(len: usize) -> usize {
    len + len / 3 + 1
}

/// A key and a row in one number, so that numbers rise as keys do.
pub(crate) fn entry(key: u32, row: u32) -> u64 {
    u64::from(key) << 32 | u64::from(row)
}

/// From which bit on an [`entry`] has its key.
pub(crate) const KEY: u32 = u32::BITS;

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

    /// Keys with few values, at both ends of the range and in all digits, and the band mixed in.
    fn key(row: u32, band: usize) -> u32 {
        let value = ((row / 7) ^ band as u32) % 5;
        value.wrapping_mul(0x3333_3333) ^ band as u32
    }

    fn found(table: &BandTable, band: usize, key: u32) -> Vec<u32> {
        let mut found = Vec::new();
        table.find(&[(band, key)], &mut found);
        // Each key alone: nothing is repeated.
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        /// Batches of all sizes, rows left out: a scan finds the same.
        #[test]
        fn rows_are_found_by_their_keys_however_they_came(
            batches in prop::collection::vec(prop_oneof![1u32..40, 3000u32..9000], 0..12),
        ) {
            let mut table = BandTable::new(BANDS);
            let mut next = 0;
            let is_listed = |row: &u32| row % 11 != 3;
            for batch in batches {
                table.list((next..next + batch).filter(is_listed), key);
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
        for row in 0..200 * RECENT as u32 {
            table.list([row], |row, _| row.wrapping_mul(0x9e37_79b1));
        }
        let lengths: Vec<usize> = table.runs.iter().map(|run| run.len).collect();
        assert!(lengths.windows(2).all(|pair| pair[0] >= pair[1] * GROWTH), "{lengths:?}");
        assert_eq!(lengths.iter().sum::<usize>() + table.recent.len(), 200 * RECENT);
        assert_eq!(found(&table, 0, 5u32.wrapping_mul(0x9e37_79b1)), [5]);
    }
}
