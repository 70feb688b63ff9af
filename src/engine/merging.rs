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

use super::segment::{KeyPositions, Segment, SegmentData, has_phrase_counts};
use crate::candidates::{CandidateIndex, LEFT_OUT};
use crate::corpus::collection::{Articles, Number};

impl Segment {
    /// The present articles, sealed with an index. `removals` is how many articles were ever removed.
    pub(crate) fn indexed(&self, removals: u64) -> Segment {
        let (mut data, _) = sealed(std::slice::from_ref(self), removals);
        let ranks = || 0..data.numbers.len() as u32;
        let mut keys: Vec<u32> = Vec::with_capacity(data.keys.positions.len());
        ranks().for_each(|rank| keys.extend(data.keys(rank)));
        let starts = std::iter::once(0).chain(data.keys.ends.iter().copied());
        let listed = starts.zip(&*data.keys.ends);
        let listed = listed.map(|(start, &end)| &keys[start as usize..end as usize]);
        let shingles = ranks().map(|rank| data.listed_shingles(rank));
        let index = CandidateIndex::new(data.days(), listed, shingles);
        data.index = Some(index);
        Segment::of_data(self.range(), Arc::new(data))
    }

    /// The present articles of consecutive segments with an index, as one with an index. Linear, because
    /// it merges the indexes instead of sorting anew. `removals` is as for [`Segment::indexed`].
    pub(crate) fn merged(list: &[Segment], removals: u64) -> Segment {
        let (mut data, ranks) = sealed(list, removals);
        let indexes = list.iter().zip(&ranks);
        let indexes: Vec<(&CandidateIndex, &[u32])> = indexes
            .filter_map(|(segment, ranks)| Some((segment.data.index.as_ref()?, &**ranks)))
            .collect();
        data.index = Some(CandidateIndex::merged(data.days(), &indexes));
        let range = match list {
            [first, .., last] => first.range.start..last.range.end,
            [only] => only.range(),
            [] => 0..0,
        };
        Segment::of_data(range, Arc::new(data))
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
}

/// The present articles of some segments, sorted by day with undated ones last, and by arrival within a
/// day; with phrase counts if they are many, still without an index. Also the new rank of each article,
/// by segment and old rank.
fn sealed(list: &[Segment], removals: u64) -> (SegmentData, Vec<Vec<u32>>) {
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
        sealed_at: removals,
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
    if has_phrase_counts(data.numbers.len()) {
        data.phrase_counts = Some(data.count_phrases());
    }
    (data, ranks)
}

/// A planned merge of segments, which replaces them when the archive reaches the number `due`.
#[derive(Debug)]
pub(crate) struct SegmentMerge {
    /// The numbers that its segments cover.
    pub(crate) range: Range<Number>,
    /// How many articles had been removed from the archive when it was planned.
    pub(crate) removals: u64,
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
    /// Plans a merge of segments, snapshots of when `removals` articles had been removed. A thread may
    /// start at the number `from`; it takes effect at `due`.
    pub(crate) fn of(list: Vec<Segment>, removals: u64, (from, due): (Number, Number)) -> Self {
        let [start, end] = [
            list.first().map(|segment| segment.range.start),
            list.last().map(|segment| segment.range.end),
        ];
        let range = start.unwrap_or(0)..end.unwrap_or(0);
        let (from, removed) = (Some(from), Vec::new());
        SegmentMerge { range, removals, due, from, removed, work: Work::Pending(list) }
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
        let (list, removals) = (list.clone(), self.removals);
        let work = move || {
            let merge = || then(Segment::merged(&list, removals));
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
            Work::Pending(list) => Segment::merged(&list, self.removals),
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
