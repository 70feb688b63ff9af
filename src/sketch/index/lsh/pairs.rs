//! All pairs of an index at once.
//!
//! The bands are looked through one after another: in each the documents are sorted by its key, so
//! that those which share it stand beside each other.

use std::convert::Infallible;
use std::ops::ControlFlow;

use super::LshBands;
use super::bands::key;
use crate::kernel::{Kernel, RadixSort, prefetch};
use crate::sketch::index::rows::{self, IdTable};
use crate::sketch::index::runs::{BandTable, KEY, entry, key_of, row_of};

/// In a bucket of more documents, fewer than all pairs are looked at.
const HOT: usize = 64;

/// How many documents are compared with how many at a time: their lanes stay near to the processor.
const TILE: usize = 32;

/// Two documents that resemble each other.
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

/// All pairs of documents that resemble each other, as [`LshIndex::pairs`](crate::LshIndex::pairs)
/// finds them. Documents with identical signatures stand for one another, so a thousand copies of
/// one text take some kilobytes and not half a million pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct LshPairs {
    identical: Vec<Vec<u32>>,
    distinct: Vec<LshPair>,
}

impl LshPairs {
    /// The groups of two or more documents with identical signatures: ids rise in a group, and
    /// groups come in the order of their first ids.
    pub fn identical(&self) -> &[Vec<u32>] {
        &self.identical
    }

    /// The pairs of different signatures, by rising ids. Of a group of identical documents only the
    /// first one is here.
    pub fn distinct(&self) -> &[LshPair] {
        &self.distinct
    }

    /// All pairs of documents, each once: those within groups, then those of different signatures,
    /// with each document of a group in turn. They may be many more than are held here.
    pub fn iter(&self) -> impl Iterator<Item = LshPair> {
        let within = self.identical.iter().flat_map(|group| within(group));
        within.chain(self.distinct.iter().flat_map(|pair| spread(&self.identical, pair)))
    }
}

/// All pairs of identical documents.
fn within(group: &[u32]) -> impl Iterator<Item = LshPair> {
    (1..).zip(group).flat_map(move |(next, &left)| {
        group[next..].iter().map(move |&right| LshPair { left, right, jaccard: 1.0 })
    })
}

/// All pairs for which one of two different signatures stands.
fn spread<'a>(
    identical: &'a [Vec<u32>],
    pair: &'a LshPair,
) -> impl Iterator<Item = LshPair> + use<'a> {
    let rights = group(identical, &pair.right);
    group(identical, &pair.left).iter().flat_map(move |&left| {
        rights.iter().map(move |&right| LshPair::new(left, right, pair.jaccard))
    })
}

/// All documents with the signature of one that stands for them.
fn group<'a>(identical: &'a [Vec<u32>], id: &'a u32) -> &'a [u32] {
    match identical.binary_search_by_key(id, |group| group[0]) {
        Ok(at) => &identical[at],
        Err(_) => std::slice::from_ref(id),
    }
}

/// How many buckets ahead the lanes of one are asked for.
const AHEAD: usize = 8;

/// The pairs of an index that reach a similarity.
pub(super) struct Search<'a> {
    bands: LshBands,
    rows: &'a IdTable,
    table: &'a BandTable,
    lanes: &'a [u32],
    width: usize,
    kernel: Kernel,
    /// In how many lanes a pair is equal at least.
    wanted: usize,
    /// See [`LshPairs::identical`].
    identical: Vec<Vec<u32>>,
    /// By row, whether it stands for its signature: the one of the least id does.
    stands: Vec<bool>,
}

impl<'a> Search<'a> {
    /// Looks among the documents of a table, of which each has `width` lanes.
    pub(super) fn new(
        bands: LshBands,
        rows: &'a IdTable,
        table: &'a BandTable,
        lanes: &'a [u32],
        width: usize,
        min_jaccard: f64,
    ) -> Self {
        let is_enough = |equal: &usize| *equal as f64 / width as f64 >= min_jaccard;
        let wanted = (0..=width).find(is_enough).unwrap_or(width);
        let identical = Vec::new();
        let stands = (0..rows.next()).map(|row| rows.is_live(row)).collect();
        let kernel = Kernel::detect();
        let mut search =
            Search { bands, rows, table, lanes, width, kernel, wanted, identical, stands };
        search.group();
        search
    }

    /// Finds out which documents are identical: they share every band.
    fn group(&mut self) {
        let (mut buckets, mut sorter) = (Buckets::default(), RadixSort::default());
        buckets.read(self, 0);
        for bucket in buckets.iter() {
            let mut entries: Vec<u64> =
                bucket.iter().map(|&row| entry(key(0, self.of(row)), row)).collect();
            sorter.sort(&mut entries, KEY);
            for same in entries.chunk_by(|a, b| key_of(*a) == key_of(*b)) {
                self.group_among(same.iter().map(|&entry| row_of(entry)));
            }
        }
        self.identical.sort_unstable();
    }

    /// The same among a few rows, which come in more than one group only where two keys meet by
    /// chance.
    fn group_among(&mut self, rows: impl Iterator<Item = u32>) {
        let mut groups: Vec<Vec<u32>> = Vec::new();
        for row in rows {
            match groups.iter_mut().find(|group| self.of(group[0]) == self.of(row)) {
                Some(group) => group.push(row),
                None => groups.push(vec![row]),
            }
        }
        for mut group in groups.into_iter().filter(|group| group.len() > 1) {
            group.sort_unstable_by_key(|&row| self.rows.id(row));
            group[1..].iter().for_each(|&row| self.stands[row as usize] = false);
            group.iter_mut().for_each(|row| *row = self.rows.id(*row));
            self.identical.push(group);
        }
    }

    /// All pairs at once.
    pub(super) fn collect(self) -> LshPairs {
        let mut distinct = Vec::new();
        let ControlFlow::Continue(()) = self.for_each_distinct::<Infallible>(&mut |pair| {
            distinct.push(pair);
            ControlFlow::Continue(())
        });
        distinct.sort_unstable_by_key(|pair| (pair.left, pair.right));
        LshPairs { identical: self.identical, distinct }
    }

    /// Shows all pairs of documents, each once.
    pub(super) fn for_each<B>(
        &self,
        visit: &mut impl FnMut(LshPair) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        self.identical.iter().flat_map(|group| within(group)).try_for_each(&mut *visit)?;
        self.for_each_distinct(&mut |pair| spread(&self.identical, &pair).try_for_each(&mut *visit))
    }

    /// Shows all pairs of different signatures, each once.
    fn for_each_distinct<B>(
        &self,
        visit: &mut impl FnMut(LshPair) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let mut buckets = Buckets::default();
        for band in 0..self.bands.bands() {
            buckets.read(self, band);
            for (number, bucket) in buckets.iter().enumerate() {
                // They lie anywhere in memory. Most that share a band share one of the first as well.
                for &row in buckets.ahead(number) {
                    let lanes = self.of(row);
                    prefetch(self.bands.of(0, lanes));
                    prefetch(self.bands.of(band, lanes));
                }
                self.for_each_in_bucket(band, bucket, visit)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Shows the pairs in a bucket that share no band before this one.
    fn for_each_in_bucket<B>(
        &self,
        band: usize,
        bucket: &[u32],
        visit: &mut impl FnMut(LshPair) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let parts = if bucket.len() > HOT { self.parts(bucket) } else { Vec::new() };
        let mut sorter = RadixSort::default();
        let (mut done, mut looked_at) = (0, 0);
        for part in &parts {
            let mut entries: Vec<u64> =
                bucket.iter().map(|&row| entry(self.key_of_part(row, part), row)).collect();
            sorter.sort(&mut entries, KEY);
            let sharing = || entries.chunk_by(|a, b| key_of(*a) == key_of(*b));
            looked_at += sharing().map(|sharing| pairs_of(sharing.len())).sum::<usize>();
            if looked_at > pairs_of(bucket.len()) / 4 {
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
        for_each_across(&self.separated(band, bucket), |a, b| match self.verified(band, a, b) {
            Some(pair) if self.first_shared(&parts[..done], a, b).is_none() => visit(pair),
            _ => ControlFlow::Continue(()),
        })
    }

    /// Lanes cut into parts, of which each pair in a bucket that reaches the similarity shares one:
    /// there is one more than lanes in which such a pair may differ. None where all pairs reach it.
    fn parts(&self, bucket: &[u32]) -> Vec<Vec<usize>> {
        let first = self.of(bucket[0]);
        let mut differs = vec![false; self.width];
        for &row in bucket {
            for ((differs, lane), first) in differs.iter_mut().zip(self.of(row)).zip(first) {
                *differs |= lane != first;
            }
        }
        // Where all agree, no pair is told from another.
        let free: Vec<usize> = (0..self.width).filter(|&lane| differs[lane]).collect();
        let agreed = self.width - free.len();
        if self.wanted <= agreed {
            return Vec::new();
        }
        let count = self.width - self.wanted + 1;
        let start = |part: usize| part * free.len() / count;
        (0..count).map(|part| free[start(part)..start(part + 1)].to_vec()).collect()
    }

    fn key_of_part(&self, row: u32, part: &[usize]) -> u32 {
        let lanes = self.of(row);
        part.iter().fold(0, |state, &lane| key(0, &[state, lanes[lane]]))
    }

    fn first_shared(&self, parts: &[Vec<usize>], a: u32, b: u32) -> Option<usize> {
        let (a, b) = (self.of(a), self.of(b));
        parts.iter().position(|part| part.iter().all(|&lane| a[lane] == b[lane]))
    }

    /// The rows of a bucket in groups, numbered in rising order, such that all pairs within one
    /// share a band before this one. Where thousands resemble each other, they share most bands.
    fn separated(&self, band: usize, bucket: &[u32]) -> Vec<(u32, u32)> {
        let alone = || (0..).zip(bucket.iter().copied()).collect();
        if bucket.len() <= HOT {
            return alone();
        }
        let mut sorter = RadixSort::default();
        let mut within = |band| {
            let key = |row| self.bands.key(band, self.of(row));
            let mut entries: Vec<u64> = bucket.iter().map(|&row| entry(key(row), row)).collect();
            sorter.sort(&mut entries, KEY);
            let groups = entries.chunk_by(|a, b| key_of(*a) == key_of(*b));
            groups.map(|group| pairs_of(group.len())).sum::<usize>()
        };
        let Some(best) = (0..band).max_by_key(|&band| within(band)) else { return alone() };
        // By the lanes themselves: a chance meeting of keys must not lose a pair.
        let lanes = |row: &u32| self.bands.of(best, self.of(*row));
        let mut rows = bucket.to_vec();
        rows.sort_by(|a, b| lanes(a).cmp(lanes(b)));
        let groups = (0..).zip(rows.chunk_by(|a, b| lanes(a) == lanes(b)));
        groups.flat_map(|(number, group)| group.iter().map(move |&row| (number, row))).collect()
    }

    /// A pair that reaches the similarity, if this is the first band that it shares.
    fn verified(&self, band: usize, a: u32, b: u32) -> Option<LshPair> {
        let (left, right) = (self.of(a), self.of(b));
        let shares = |band: usize| {
            // Most differ in the first lane already.
            let lane = band * self.bands.rows();
            left[lane] == right[lane] && self.bands.of(band, left) == self.bands.of(band, right)
        };
        if (0..band).any(shares) || !shares(band) {
            return None;
        }
        let equal = self.kernel.count_equal(left, right);
        let jaccard = equal as f64 / self.width as f64;
        (equal >= self.wanted).then(|| LshPair::new(self.rows.id(a), self.rows.id(b), jaccard))
    }

    /// The lanes of a row.
    fn of(&self, row: u32) -> &'a [u32] {
        rows::get(self.lanes, self.width, row)
    }
}

/// Those documents of a band that share its key with others.
#[derive(Default)]
struct Buckets {
    sorter: RadixSort,
    entries: Vec<u64>,
    /// The rows that stand for their signatures, bucket after bucket, rising in each.
    rows: Vec<u32>,
    /// Where each bucket ends.
    ends: Vec<usize>,
}

impl Buckets {
    fn read(&mut self, search: &Search<'_>, band: usize) {
        let Buckets { sorter, entries, rows, ends } = self;
        let key = |row| search.bands.key(band, search.of(row));
        search.table.entries_of(band, key, sorter, entries);
        rows.clear();
        ends.clear();
        let mut start = 0;
        for bucket in entries.chunk_by(|a, b| key_of(*a) == key_of(*b)) {
            if bucket.len() > 1 {
                let standing = bucket.iter().map(|&entry| row_of(entry));
                rows.extend(standing.filter(|&row| search.stands[row as usize]));
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

    /// Those of a bucket some way behind this one that are few enough to ask for at once.
    fn ahead(&self, number: usize) -> &[u32] {
        let ends = self.ends.get(number + AHEAD - 1..=number + AHEAD);
        ends.map_or(&[], |ends| &self.rows[ends[0]..ends[1].min(ends[0] + HOT)])
    }
}

/// How many pairs so many documents are.
fn pairs_of(documents: usize) -> usize {
    documents * (documents - 1) / 2
}

/// Shows each pair of rows from different groups. The rows come with the numbers of their groups,
/// which rise.
fn for_each_across<B>(
    rows: &[(u32, u32)],
    mut visit: impl FnMut(u32, u32) -> ControlFlow<B>,
) -> ControlFlow<B> {
    for (number, tile) in rows.chunks(TILE).enumerate() {
        for other in rows[number * TILE..].chunks(TILE) {
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
