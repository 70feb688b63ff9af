//! Sealing one segment and merging several into one, in a background thread where possible.
//!
//! A merge reads snapshots of its segments, which are immutable but for tombstones, so it runs beside all
//! other work. It takes effect at an arrival that was fixed when it was planned; articles removed in
//! between are removed from the result. So no answer depends on how long the thread takes.

use std::ops::Range;
use std::sync::Arc;
#[cfg(feature = "parallel")]
use std::{
    panic::{AssertUnwindSafe, resume_unwind},
    thread::{self, JoinHandle},
};

#[cfg(feature = "parallel")]
use rayon::ThreadPoolBuilder;

use super::segment::{
    ArrivalStats, ArrivalStatsRow, KeyPositions, SealedAt, Segment, SegmentData, has_phrase_counts,
};
use crate::candidates::{CandidateIndex, LEFT_OUT};
use crate::corpus::boilerplate::PhraseCounts;
use crate::corpus::collection::{Articles, Number};

impl Segment {
    /// The present articles, sealed with an index.
    pub(crate) fn indexed(&self, sealed_at: SealedAt) -> Segment {
        let (data, _) = sealed(std::slice::from_ref(self), sealed_at);
        Segment::of_data(self.range(), Arc::new(data.indexed()))
    }

    /// The present articles of consecutive segments as one with an index, with other stats and distinctive
    /// words: `weigh` gives those of each rank.
    pub(crate) fn weighed_anew(
        list: &[Segment],
        sealed_at: SealedAt,
        weigh: impl FnOnce(&Articles) -> (Vec<ArrivalStatsRow>, KeyPositions),
    ) -> Segment {
        let (mut data, _) = sealed(list, sealed_at);
        let (stats, keys) = weigh(&data.articles);
        (data.stats, data.keys) = (stats.into(), keys);
        Segment::of_data(range_of(list), Arc::new(data.indexed()))
    }

    /// The present articles of consecutive segments with an index, as one with an index. Linear, because
    /// it merges the indexes instead of sorting anew.
    pub(crate) fn merged(list: &[Segment], sealed_at: SealedAt) -> Segment {
        let (mut data, ranks) = sealed(list, sealed_at);
        let indexes = list.iter().zip(&ranks);
        let indexes: Vec<(&CandidateIndex, &[u32])> = indexes
            .filter_map(|(segment, ranks)| Some((segment.data.index.as_ref()?, &**ranks)))
            .collect();
        data.index = Some(CandidateIndex::merged(data.days(), &indexes));
        data.count_phrases();
        Segment::of_data(range_of(list), Arc::new(data))
    }

    /// A segment without an index, rewritten without its removed articles.
    pub(crate) fn compacted(&self) -> Segment {
        let mut compacted = Segment::starting(self.range.start);
        for (rank, number) in self.iter() {
            compacted.skip_to(number);
            compacted.push(&self.articles().kept(rank), self.stats(rank), self.data.keys.of(rank));
        }
        compacted.skip_to(self.range.end);
        compacted
    }

    /// The present articles from a number on, by number, as a segment without an index.
    #[cfg(feature = "archive")]
    pub(crate) fn since(&self, first: Number) -> Segment {
        let mut data = SegmentData::default();
        for (number, rank) in self.present().filter(|&(number, _)| number >= first) {
            let keys = self.data.keys.of(rank);
            data.push_from(self.articles(), rank, number, self.stats(rank), keys);
        }
        Segment::of_data(first..self.range.end, Arc::new(data))
    }
}

/// The numbers that consecutive segments cover.
fn range_of(list: &[Segment]) -> Range<Number> {
    let ends = list.first().zip(list.last());
    ends.map_or(0..0, |(first, last)| first.range.start..last.range.end)
}

impl SegmentData {
    /// The same data with an index, and with phrase counts if the articles are many.
    fn indexed(mut self) -> Self {
        let ranks = || 0..self.numbers.len() as u32;
        let mut keys: Vec<u32> = Vec::with_capacity(self.keys.positions.len());
        ranks().for_each(|rank| keys.extend(self.keys(rank)));
        let starts = std::iter::once(0).chain(self.keys.ends.iter().copied());
        let listed = starts.zip(&*self.keys.ends);
        let listed = listed.map(|(start, &end)| &keys[start as usize..end as usize]);
        let shingles = ranks().map(|rank| self.listed_shingles(rank));
        self.index = Some(CandidateIndex::new(self.days(), listed, shingles));
        self.count_phrases();
        self
    }

    /// Counts the phrases of the articles that lead, if the articles are many.
    fn count_phrases(&mut self) {
        if has_phrase_counts(self.numbers.len()) {
            let leads = (0u32..).zip(&*self.stats).filter(|(_, row)| ArrivalStats::of(row).leads());
            let samples = leads.map(|(rank, _)| self.articles.sample(rank));
            self.phrase_counts = Some(PhraseCounts::of(samples));
        }
    }
}

/// The present articles of some segments, sorted by day with undated ones last, and by arrival within a
/// day; still without an index and phrase counts. Also the new rank of each article, by segment and old
/// rank.
fn sealed(list: &[Segment], sealed_at: SealedAt) -> (SegmentData, Vec<Vec<u32>>) {
    let mut order: Vec<(i64, u32, u32)> = Vec::with_capacity(list.iter().map(Segment::len).sum());
    for (segment, at) in list.iter().zip(0..) {
        let days =
            |rank| segment.articles().facts(rank).date.map_or(i64::MAX, |d| d.number().into());
        order.extend(segment.iter().map(|(rank, _)| (days(rank), at, rank)));
    }
    // Each sealed segment is a sorted run, which the stable sort exploits.
    order.sort_by_key(|&(day, ..)| day);
    let mut data = SegmentData {
        articles: Articles::with_room(list.iter().map(Segment::articles)),
        numbers: Vec::with_capacity(order.len()).into(),
        stats: Vec::with_capacity(order.len()).into(),
        keys: KeyPositions::with_room(list.iter().map(|segment| &segment.data.keys)),
        sealed_at,
        index: None,
        phrase_counts: None,
    };
    let mut ranks: Vec<Vec<u32>> =
        list.iter().map(|segment| vec![LEFT_OUT; segment.stored()]).collect();
    for (&(_, at, rank), new_rank) in order.iter().zip(0..) {
        let segment = &list[at as usize];
        ranks[at as usize][rank as usize] = new_rank;
        let number = segment.data.numbers[rank as usize];
        data.push_from(
            segment.articles(),
            rank,
            number,
            segment.stats(rank),
            segment.data.keys.of(rank),
        );
    }
    if order.len() < list.iter().map(Segment::stored).sum() {
        // The capacity was for all stored articles, removed ones included.
        data.articles.shrink_to_fit();
        data.numbers.made().shrink_to_fit();
        data.stats.made().shrink_to_fit();
        data.keys.positions.made().shrink_to_fit();
        data.keys.ends.made().shrink_to_fit();
    }
    (data, ranks)
}

/// A planned merge of segments, which replaces them when the archive reaches the number `due`.
#[derive(Debug)]
pub(crate) struct SegmentMerge {
    /// The numbers that its segments cover.
    pub(crate) range: Range<Number>,
    /// When it was planned; the merged segment has the same.
    pub(crate) sealed_at: SealedAt,
    /// It takes effect when the next article has this number.
    pub(crate) due: Number,
    /// A thread may start it from this number on; `None` once one was started, or failed to.
    #[cfg_attr(not(feature = "parallel"), expect(dead_code, reason = "it is done when due"))]
    from: Option<Number>,
    /// The articles of its segments that were removed since it was planned.
    pub(crate) removed: Vec<Number>,
    work: Work,
}

#[derive(Debug)]
enum Work {
    Pending(Vec<Segment>),
    #[cfg(feature = "parallel")]
    /// Unwind safe, because a panic of the thread is resumed in [`SegmentMerge::finish`].
    Running(AssertUnwindSafe<JoinHandle<Segment>>),
}

/// Nothing to do: left behind by `mem::take`.
impl Default for Work {
    fn default() -> Self {
        Work::Pending(Vec::new())
    }
}

impl SegmentMerge {
    /// Plans a merge of segments, snapshots of the moment `sealed_at`. A thread may start at the number
    /// `from`; it takes effect at `due`.
    pub(crate) fn of(
        list: Vec<Segment>,
        sealed_at: SealedAt,
        (from, due): (Number, Number),
    ) -> Self {
        let range = range_of(&list);
        let (from, removed) = (Some(from), Vec::new());
        SegmentMerge { range, sealed_at, due, from, removed, work: Work::Pending(list) }
    }

    /// Whether a thread may start it when `next` is the number of the next article.
    #[cfg(feature = "parallel")]
    pub(crate) fn is_startable(&self, next: Number) -> bool {
        matches!(self.work, Work::Pending(_)) && self.from.is_some_and(|from| from <= next)
    }

    /// Starts a thread that merges and then calls `then` on the merged segment.
    #[cfg(feature = "parallel")]
    pub(crate) fn start(&mut self, then: impl FnOnce(Segment) -> Segment + Send + 'static) {
        let Work::Pending(list) = &self.work else { return };
        let (list, sealed_at) = (list.clone(), self.sealed_at);
        let work = move || {
            let merge = || then(Segment::merged(&list, sealed_at));
            // A pool of its own: a thread of the global pool may wait for this one, which would deadlock
            // if this one needed the global pool.
            match ThreadPoolBuilder::new().num_threads(1).build() {
                Ok(pool) => pool.install(merge),
                Err(_) => merge(),
            }
        };
        // If no thread can be started, the merge is done when it is due.
        self.from = None;
        if let Ok(handle) = thread::Builder::new().name("retold merge".to_owned()).spawn(work) {
            self.work = Work::Running(AssertUnwindSafe(handle));
        }
    }

    /// The merged segment, without the articles removed since. Waits for the thread, or merges now.
    pub(crate) fn finish(mut self) -> Segment {
        let mut segment = match std::mem::take(&mut self.work) {
            Work::Pending(list) => Segment::merged(&list, self.sealed_at),
            #[cfg(feature = "parallel")]
            Work::Running(handle) => match handle.0.join() {
                Ok(segment) => segment,
                Err(panic) => resume_unwind(panic),
            },
        };
        self.removed.iter().for_each(|&number| segment.remove(number));
        segment
    }
}

/// Waits for the thread: it may be writing to a folder that another writer locks next.
#[cfg(feature = "parallel")]
impl Drop for SegmentMerge {
    fn drop(&mut self) {
        if let Work::Running(handle) = std::mem::take(&mut self.work) {
            let _ = handle.0.join();
        }
    }
}
