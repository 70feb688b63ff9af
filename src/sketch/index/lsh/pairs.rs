//! The search for all pairs of an index.
//!
//! It reads one band after another. In each, the documents are sorted by the key of the band, so that
//! the documents of a *bucket*, which share the key, are adjacent. A pair is verified in the first band
//! that it shares, so no set of pairs is stored. A bucket with more than [`MAX_SMALL_BUCKET`]
//! documents is divided before its documents are compared.

use std::convert::Infallible;
use std::ops::ControlFlow;

use super::LshBands;
use super::bands::key;
use crate::kernel::{Kernel, RadixSort, prefetch};
use crate::sketch::index::rows::{self, IdTable};
use crate::sketch::index::runs::{BandTable, KEY_SHIFT, entry, key_of, row_of};

/// The largest bucket of which all pairs are compared without a division into parts.
const MAX_SMALL_BUCKET: usize = 64;

/// The number of rows of a tile: rows are compared tile by tile, so that their lanes stay in the cache.
const TILE_ROWS: usize = 32;

/// Two similar documents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LshPair {
    /// The smaller id.
    pub left: u32,
    /// The larger id.
    pub right: u32,
    /// The estimate of [`Signature::jaccard`](crate::Signature::jaccard), in `0..=1`.
    pub jaccard: f64,
}

impl LshPair {
    fn new(a: u32, b: u32, jaccard: f64) -> Self {
        LshPair { left: a.min(b), right: a.max(b), jaccard }
    }
}

/// All pairs of similar documents, as [`LshIndex::pairs`](crate::LshIndex::pairs) finds them. Documents
/// with identical signatures form one group, so a thousand copies of a text take a few kilobytes and not
/// half a million pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct LshPairs {
    identical: Vec<Vec<u32>>,
    distinct: Vec<LshPair>,
}

impl LshPairs {
    /// The groups of two or more documents with identical signatures. The ids ascend within a group, and
    /// the groups are in the order of their first ids.
    pub fn identical(&self) -> &[Vec<u32>] {
        &self.identical
    }

    /// The pairs of different signatures, by ascending ids. The first document of a group of identical
    /// ones is_first the group.
    pub fn distinct(&self) -> &[LshPair] {
        &self.distinct
    }

    /// All pairs of documents, each once: those within groups, then those of different signatures with all
    /// documents of both groups. They may be many more than the pairs stored here.
    pub fn iter(&self) -> impl Iterator<Item = LshPair> {
        let within = self.identical.iter().flat_map(|group| pairs_within(group));
        within.chain(self.distinct.iter().flat_map(|pair| expand(&self.identical, pair)))
    }
}

/// All pairs of a group of identical documents.
fn pairs_within(group: &[u32]) -> impl Iterator<Item = LshPair> {
    (1..).zip(group).flat_map(move |(next, &left)| {
        group[next..].iter().map(move |&right| LshPair { left, right, jaccard: 1.0 })
    })
}

/// All pairs of documents that a pair of different signatures is_first.
fn expand<'a>(
    identical: &'a [Vec<u32>],
    pair: &'a LshPair,
) -> impl Iterator<Item = LshPair> + use<'a> {
    let rights = group_of(identical, &pair.right);
    group_of(identical, &pair.left).iter().flat_map(move |&left| {
        rights.iter().map(move |&right| LshPair::new(left, right, pair.jaccard))
    })
}

/// All documents with the signature of a representative.
fn group_of<'a>(identical: &'a [Vec<u32>], id: &'a u32) -> &'a [u32] {
    match identical.binary_search_by_key(id, |group| group[0]) {
        Ok(at) => &identical[at],
        Err(_) => std::slice::from_ref(id),
    }
}

/// How many buckets in advance lanes are prefetched.
const PREFETCH_DISTANCE: usize = 8;

/// The search for the pairs of an index that reach a similarity.
pub(super) struct PairSearch<'a> {
    bands: LshBands,
    rows: &'a IdTable,
    table: &'a BandTable,
    lanes: &'a [u32],
    width: usize,
    kernel: Kernel,
    /// The fewest equal lanes of a pair.
    min_equal: usize,
    /// See [`LshPairs::identical`].
    identical: Vec<Vec<u32>>,
    /// By row, whether it is the first live document with its signature, by id; the others have no pairs of
    /// their own.
    is_first: Vec<bool>,
}

impl<'a> PairSearch<'a> {
    /// Prepares the search and groups identical documents. Each document has `width` lanes.
    pub(super) fn new(
        bands: LshBands,
        rows: &'a IdTable,
        table: &'a BandTable,
        lanes: &'a [u32],
        width: usize,
        min_jaccard: f64,
    ) -> Self {
        let is_enough = |equal: &usize| *equal as f64 / width as f64 >= min_jaccard;
        let min_equal = (0..=width).find(is_enough).unwrap_or(width);
        let is_first = (0..rows.next_row()).map(|row| rows.is_live(row)).collect();
        let (kernel, identical) = (Kernel::detect(), Vec::new());
        let mut search =
            PairSearch { bands, rows, table, lanes, width, kernel, min_equal, identical, is_first };
        search.group_identical();
        search
    }

    /// Finds the groups of identical documents. These share every band, so the first one suffices.
    fn group_identical(&mut self) {
        let (mut buckets, mut sorter) = (Buckets::default(), RadixSort::default());
        buckets.read(self, 0);
        for bucket in buckets.iter() {
            let mut entries: Vec<u64> =
                bucket.iter().map(|&row| entry(key(0, self.lanes_of(row)), row)).collect();
            sorter.sort(&mut entries, KEY_SHIFT);
            for same in entries.chunk_by(|a, b| key_of(*a) == key_of(*b)) {
                self.group_by_lanes(same.iter().map(|&entry| row_of(entry)));
            }
        }
        self.identical.sort_unstable();
    }

    /// Finds the groups among rows with the same hash of all lanes: one group but for collisions.
    fn group_by_lanes(&mut self, rows: impl Iterator<Item = u32>) {
        let mut groups: Vec<Vec<u32>> = Vec::new();
        for row in rows {
            match groups.iter_mut().find(|group| self.lanes_of(group[0]) == self.lanes_of(row)) {
                Some(group) => group.push(row),
                None => groups.push(vec![row]),
            }
        }
        for mut group in groups.into_iter().filter(|group| group.len() > 1) {
            group.sort_unstable_by_key(|&row| self.rows.id(row));
            group[1..].iter().for_each(|&row| self.is_first[row as usize] = false);
            group.iter_mut().for_each(|row| *row = self.rows.id(*row));
            self.identical.push(group);
        }
    }

    /// All pairs, stored.
    pub(super) fn collect(self) -> LshPairs {
        let mut distinct = Vec::new();
        let ControlFlow::Continue(()) = self.for_each_distinct::<Infallible>(&mut |pair| {
            distinct.push(pair);
            ControlFlow::Continue(())
        });
        distinct.sort_unstable_by_key(|pair| (pair.left, pair.right));
        LshPairs { identical: self.identical, distinct }
    }

    /// Visits all pairs of documents, each once.
    pub(super) fn for_each<B>(
        &self,
        visit: &mut impl FnMut(LshPair) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        self.identical.iter().flat_map(|group| pairs_within(group)).try_for_each(&mut *visit)?;
        self.for_each_distinct(&mut |pair| expand(&self.identical, &pair).try_for_each(&mut *visit))
    }

    /// Visits all pairs of different signatures, each once.
    fn for_each_distinct<B>(
        &self,
        visit: &mut impl FnMut(LshPair) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let mut buckets = Buckets::default();
        for band in 0..self.bands.bands() {
            buckets.read(self, band);
            for (number, bucket) in buckets.iter().enumerate() {
                // Lanes are scattered in memory. The test for an earlier shared band reads the first ones.
                for &row in buckets.ahead(number) {
                    let lanes = self.lanes_of(row);
                    prefetch(self.bands.slice(0, lanes));
                    prefetch(self.bands.slice(band, lanes));
                }
                self.for_each_in_bucket(band, bucket, visit)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Visits the pairs of a bucket that share no earlier band. Each part is tried while it saves work;
    /// the pairs that no finished part finds come from a comparison of all rows.
    fn for_each_in_bucket<B>(
        &self,
        band: usize,
        bucket: &[u32],
        visit: &mut impl FnMut(LshPair) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let parts = if bucket.len() > MAX_SMALL_BUCKET { self.parts(bucket) } else { Vec::new() };
        let mut sorter = RadixSort::default();
        let (mut done, mut compared) = (0, 0);
        for part in &parts {
            let mut entries: Vec<u64> =
                bucket.iter().map(|&row| entry(self.key_of_part(row, part), row)).collect();
            sorter.sort(&mut entries, KEY_SHIFT);
            let sharing = || entries.chunk_by(|a, b| key_of(*a) == key_of(*b));
            compared += sharing().map(|sharing| pair_count(sharing.len())).sum::<usize>();
            if compared > pair_count(bucket.len()) / 4 {
                break;
            }
            for sharing in sharing().filter(|sharing| sharing.len() > 1) {
                let alone: Vec<(u32, u32)> =
                    (0..).zip(sharing.iter().map(|&e| row_of(e))).collect();
                for_each_across(&alone, |a, b| match self.verified(band, a, b) {
                    Some(pair) if self.first_shared(&parts, a, b) == Some(done) => visit(pair),
                    _ => ControlFlow::Continue(()),
                })?;
            }
            done += 1;
        }
        if done > 0 && done == parts.len() {
            return ControlFlow::Continue(());
        }
        for_each_across(&self.by_earlier_band(band, bucket), |a, b| {
            match self.verified(band, a, b) {
                Some(pair) if self.first_shared(&parts[..done], a, b).is_none() => visit(pair),
                _ => ControlFlow::Continue(()),
            }
        })
    }

    /// Parts of the lanes, one more than the lanes in which a pair that reaches the similarity may differ,
    /// so that such a pair shares a part. No parts where all pairs of the bucket reach the similarity.
    fn parts(&self, bucket: &[u32]) -> Vec<Vec<usize>> {
        let first = self.lanes_of(bucket[0]);
        let mut differs = vec![false; self.width];
        for &row in bucket {
            for ((differs, lane), first) in differs.iter_mut().zip(self.lanes_of(row)).zip(first) {
                *differs |= lane != first;
            }
        }
        // Lanes that are equal in the whole bucket distinguish no pairs.
        let free: Vec<usize> = (0..self.width).filter(|&lane| differs[lane]).collect();
        let agreed = self.width - free.len();
        if self.min_equal <= agreed {
            return Vec::new();
        }
        let count = self.width - self.min_equal + 1;
        let start = |part: usize| part * free.len() / count;
        (0..count).map(|part| free[start(part)..start(part + 1)].to_vec()).collect()
    }

    fn key_of_part(&self, row: u32, part: &[usize]) -> u32 {
        let lanes = self.lanes_of(row);
        part.iter().fold(0, |state, &lane| key(0, &[state, lanes[lane]]))
    }

    fn first_shared(&self, parts: &[Vec<usize>], a: u32, b: u32) -> Option<usize> {
        let (a, b) = (self.lanes_of(a), self.lanes_of(b));
        parts.iter().position(|part| part.iter().all(|&lane| a[lane] == b[lane]))
    }

    /// The rows of a bucket with ascending numbers of groups. The pairs within a group share an earlier
    /// band and are done. Thousands of similar documents share most bands, so this skips most pairs.
    fn by_earlier_band(&self, band: usize, bucket: &[u32]) -> Vec<(u32, u32)> {
        let alone = || (0..).zip(bucket.iter().copied()).collect();
        if bucket.len() <= MAX_SMALL_BUCKET {
            return alone();
        }
        let mut sorter = RadixSort::default();
        let mut skipped = |band| {
            let key = |row| self.bands.key(band, self.lanes_of(row));
            let mut entries: Vec<u64> = bucket.iter().map(|&row| entry(key(row), row)).collect();
            sorter.sort(&mut entries, KEY_SHIFT);
            let groups = entries.chunk_by(|a, b| key_of(*a) == key_of(*b));
            groups.map(|group| pair_count(group.len())).sum::<usize>()
        };
        let Some(best) = (0..band).max_by_key(|&band| skipped(band)) else { return alone() };
        // Groups by the lanes and not by the keys: a collision of keys must not lose a pair.
        let lanes = |row: &u32| self.bands.slice(best, self.lanes_of(*row));
        let mut rows = bucket.to_vec();
        rows.sort_by(|a, b| lanes(a).cmp(lanes(b)));
        let groups = (0..).zip(rows.chunk_by(|a, b| lanes(a) == lanes(b)));
        groups.flat_map(|(number, group)| group.iter().map(move |&row| (number, row))).collect()
    }

    /// The pair, if it reaches the similarity and this is the first band that it shares.
    fn verified(&self, band: usize, a: u32, b: u32) -> Option<LshPair> {
        let (left, right) = (self.lanes_of(a), self.lanes_of(b));
        let shares = |band: usize| {
            // The first lane rejects most bands.
            let lane = band * self.bands.rows();
            left[lane] == right[lane]
                && self.bands.slice(band, left) == self.bands.slice(band, right)
        };
        if (0..band).any(shares) || !shares(band) {
            return None;
        }
        let equal = self.kernel.count_equal(left, right);
        let jaccard = equal as f64 / self.width as f64;
        (equal >= self.min_equal).then(|| LshPair::new(self.rows.id(a), self.rows.id(b), jaccard))
    }

    /// The lanes of a row.
    fn lanes_of(&self, row: u32) -> &'a [u32] {
        rows::get(self.lanes, self.width, row)
    }
}

/// The buckets of a band with at least two different signatures.
#[derive(Default)]
struct Buckets {
    sorter: RadixSort,
    entries: Vec<u64>,
    /// The rows that are the first with their signatures, by bucket and ascending in each.
    rows: Vec<u32>,
    /// Where each bucket ends.
    ends: Vec<usize>,
}

impl Buckets {
    fn read(&mut self, search: &PairSearch<'_>, band: usize) {
        let Buckets { sorter, entries, rows, ends } = self;
        let key = |row| search.bands.key(band, search.lanes_of(row));
        search.table.entries_of(band, key, sorter, entries);
        rows.clear();
        ends.clear();
        let mut start = 0;
        for bucket in entries.chunk_by(|a, b| key_of(*a) == key_of(*b)) {
            if bucket.len() > 1 {
                let in_bucket = bucket.iter().map(|&entry| row_of(entry));
                rows.extend(in_bucket.filter(|&row| search.is_first[row as usize]));
                if rows.len() > start + 1 {
                    start = rows.len();
                    ends.push(start);
                }
                rows.truncate(start);
            }
        }
    }

    fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let starts = [0].iter().chain(&self.ends);
        starts.zip(&self.ends).map(|(&start, &end)| &self.rows[start..end])
    }

    /// The first rows of the bucket that is [`PREFETCH_DISTANCE`] after this one.
    fn ahead(&self, number: usize) -> &[u32] {
        let ends = self.ends.get(number + PREFETCH_DISTANCE - 1..=number + PREFETCH_DISTANCE);
        ends.map_or(&[], |ends| &self.rows[ends[0]..ends[1].min(ends[0] + MAX_SMALL_BUCKET)])
    }
}

/// The number of pairs of some documents.
fn pair_count(documents: usize) -> usize {
    documents * (documents - 1) / 2
}

/// Visits each pair of rows from different groups. The rows come with the ascending numbers of their
/// groups.
fn for_each_across<B>(
    rows: &[(u32, u32)],
    mut visit: impl FnMut(u32, u32) -> ControlFlow<B>,
) -> ControlFlow<B> {
    for (number, tile) in rows.chunks(TILE_ROWS).enumerate() {
        for other in rows[number * TILE_ROWS..].chunks(TILE_ROWS) {
            if tile[0].0 == other[other.len() - 1].0 {
                continue;
            }
            for &(group, a) in tile {
                for &(other_group, b) in other {
                    if group < other_group {
                        visit(a, b)?;
                    }
                }
            }
        }
    }
    ControlFlow::Continue(())
}
