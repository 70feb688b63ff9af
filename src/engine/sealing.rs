//! When the articles of a segment set are sealed, and which segments are merged.

use std::ops::Range;

use super::merging::SegmentMerge;
use super::segment::Segment;
use super::segments::{SegmentSet, tie_of_one};

/// So many articles that were taken out may are stored in the newest segment beside as many as are in.
const GAPS: usize = 64;

/// How much of the articles of a merge come before it is due, as one of so many.
const MERGE_DELAY: u32 = 16;

impl SegmentSet {
    /// Gives back the room of all that was taken out.
    pub(crate) fn compact(&mut self) {
        while !self.merges.is_empty() {
            self.adopt(0);
        }
        let taken_out = self.counters.taken_out;
        for segment in self.list.iter_mut().filter(|segment| segment.len() < segment.sealed()) {
            *segment = match segment.is_indexed() {
                true => Segment::merged(std::slice::from_ref(segment), taken_out),
                false => segment.closed_up(),
            };
        }
        self.by_id.shrink_to_fit(|&number| tie_of_one(&self.list, number));
        self.tidy();
    }

    /// Gives back the room of segments of which nothing is in any more, and finds what is to be merged.
    pub(crate) fn tidy(&mut self) {
        let last = self.list.len() - 1;
        let newest = &mut self.list[last];
        if 2 * newest.len() + GAPS <= newest.sealed() {
            *newest = newest.closed_up();
        }
        let newest = self.list.split_off(last);
        let merges = &self.merges;
        self.list.retain(|segment| segment.len() > 0 || is_being_merged(merges, segment));
        for list in to_merge(&self.list, merges) {
            let list = self.list[list].to_vec();
            let articles: usize = list.iter().map(Segment::len).sum();
            let from = newest[0].range().end;
            let due = from.saturating_add((articles as u32).div_ceil(MERGE_DELAY));
            self.merges.push(SegmentMerge::of(list, self.counters.taken_out, (from, due)));
        }
        self.list.extend(newest);
        self.count_boilerplate();
    }

    /// Lays the newest articles out once they are enough, and puts what was merged in its place when it
    /// is due.
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
            *newest = newest.indexed(self.counters.taken_out);
            self.list.push(Segment::starting(next));
            is_new = true;
        }
        if is_new {
            self.tidy();
        }
    }

    /// Puts what was merged in the place of the segments that it was made of; waits for it.
    fn adopt(&mut self, at: usize) {
        let merge = self.merges.remove(at);
        let Range { start, end } = merge.range.clone();
        let of = |number| self.list.partition_point(|segment| segment.range().end <= number);
        let (first, last) = (of(start), of(end - 1));
        self.list.splice(first..=last, [merge.finish()]);
    }

    /// Lets a thread each do what is to be merged, and what is then to be done with the segment.
    #[cfg(feature = "parallel")]
    pub(crate) fn start_threads<F>(&mut self, mut then: impl FnMut() -> F)
    where
        F: FnOnce(Segment) -> Segment + Send + 'static,
    {
        let next = self.next();
        let to_do = self.merges.iter_mut().filter(|merge| merge.is_to_do(next));
        to_do.for_each(|merge| merge.start(then()));
    }
}

/// Whether a segment is being merged.
fn is_being_merged(merges: &[SegmentMerge], segment: &Segment) -> bool {
    merges.iter().any(|merge| merge.range.contains(&segment.range().start))
}

/// Which of the segments with an index are to be merged, or sealed anew alone. Neighbours are merged before
/// the older one is less than half again as large: so there are few segments, and each article is seldom laid
/// out anew. One alone is when half of its room is not needed.
fn to_merge(list: &[Segment], merges: &[SegmentMerge]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(segment) = list.get(at) {
        let next = list.get(at + 1).filter(|next| !is_being_merged(merges, next));
        let end = match next.filter(|next| 2 * segment.len() < 3 * next.len()) {
            _ if is_being_merged(merges, segment) => at,
            Some(_) => at + 2,
            None if 2 * segment.len() <= segment.sealed() => at + 1,
            None => at,
        };
        if end > at {
            found.push(at..end);
        }
        at = end.max(at + 1);
    }
    found
}
