//! The policy of sealing and merging: when the newest segment gets its index, and which segments merge.
//!
//! Every decision depends on counts of arrivals and removals only, never on time or threads, so that the
//! same calls give the same segments everywhere.

use std::ops::Range;

use super::merging::SegmentMerge;
use super::segment::Segment;
use super::segments::{SegmentSet, tie_of_one};

/// The newest segment is rewritten when its removed articles exceed its present ones by this many.
const MIN_EXCESS_REMOVED: usize = 64;

/// A merge is due after one arrival for every so many articles in it; this gives its thread time.
const MERGE_DELAY: u32 = 16;

impl SegmentSet {
    /// Finishes all merges and rewrites every segment that has removed articles.
    pub(crate) fn compact(&mut self) {
        self.finish_merges();
        let sealed_at = self.counters.sealed_at();
        for segment in self.list.iter_mut().filter(|segment| segment.len() < segment.stored()) {
            *segment = match segment.is_indexed() {
                true => Segment::merged(std::slice::from_ref(segment), sealed_at),
                false => segment.compacted(),
            };
        }
        self.by_id.shrink_to_fit(|&number| tie_of_one(&self.list, number));
        self.tidy();
    }

    /// Waits for all pending merges and puts them in place.
    pub(crate) fn finish_merges(&mut self) {
        while !self.merges.is_empty() {
            self.adopt(0);
        }
    }

    /// Drops empty segments, rewrites the newest one if much of it is removed, and plans merges.
    pub(crate) fn tidy(&mut self) {
        let last = self.list.len() - 1;
        let newest = &mut self.list[last];
        if 2 * newest.len() + MIN_EXCESS_REMOVED <= newest.stored() {
            *newest = newest.compacted();
        }
        let newest = self.list.split_off(last);
        let merges = &self.merges;
        self.list.retain(|segment| segment.len() > 0 || is_being_merged(merges, segment));
        for list in to_merge(&self.list, merges) {
            let list = self.list[list].to_vec();
            let articles: usize = list.iter().map(Segment::len).sum();
            let from = newest[0].range().end;
            let due = from.saturating_add((articles as u32).div_ceil(MERGE_DELAY));
            self.merges.push(SegmentMerge::of(list, self.counters.sealed_at(), (from, due)));
        }
        self.list.extend(newest);
        self.count_boilerplate();
    }

    /// Puts merges that are due in place, and seals the newest segment if it is full.
    pub(crate) fn seal_newest(&mut self) {
        let next = self.next();
        let mut is_new = false;
        while let Some(at) = self.merges.iter().position(|merge| merge.due <= next) {
            self.adopt(at);
            is_new = true;
        }
        if let Some(newest) =
            self.list.last_mut().filter(|segment| segment.range().len() >= self.newest as usize)
        {
            *newest = newest.indexed(self.counters.sealed_at());
            self.list.push(Segment::starting(next));
            is_new = true;
        }
        if is_new {
            self.tidy();
        }
    }

    /// Waits for a merge and replaces its segments by the merged one.
    fn adopt(&mut self, at: usize) {
        let merge = self.merges.remove(at);
        let Range { start, end } = merge.range.clone();
        let of = |number| self.list.partition_point(|segment| segment.range().end <= number);
        let (first, last) = (of(start), of(end - 1));
        self.list.splice(first..=last, [merge.finish()]);
    }

    /// Starts a thread for each merge that may begin. The thread then calls a function of `then` on the
    /// merged segment.
    #[cfg(feature = "parallel")]
    pub(crate) fn start_threads<F>(&mut self, mut then: impl FnMut() -> F)
    where
        F: FnOnce(Segment) -> Segment + Send + 'static,
    {
        let next = self.next();
        let startable = self.merges.iter_mut().filter(|merge| merge.is_startable(next));
        startable.for_each(|merge| merge.start(then()));
    }
}

/// Whether a segment is being merged.
fn is_being_merged(merges: &[SegmentMerge], segment: &Segment) -> bool {
    merges.iter().any(|merge| merge.range.contains(&segment.range().start))
}

/// The segments with an index that are to be merged, or rewritten alone.
///
/// Two neighbours merge when the older one has less than 1.5 times the articles of the newer one. The sizes
/// therefore form a geometric series: segments stay few, and each article is rewritten only a
/// logarithmic number of times. A segment is rewritten alone when half of it is removed.
fn to_merge(list: &[Segment], merges: &[SegmentMerge]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(segment) = list.get(at) {
        let next = list.get(at + 1).filter(|next| !is_being_merged(merges, next));
        let end = match next.filter(|next| 2 * segment.len() < 3 * next.len()) {
            _ if is_being_merged(merges, segment) => at,
            Some(_) => at + 2,
            None if 2 * segment.len() <= segment.stored() => at + 1,
            None => at,
        };
        if end > at {
            found.push(at..end);
        }
        at = end.max(at + 1);
    }
    found
}
