//! Parts that are sealed: the newest one once it is large enough, others as one where they are of about
//! one size, or anew where much was taken out. The large ones are made beside everything else.

use std::ops::Range;
use std::sync::Arc;
#[cfg(feature = "parallel")]
use std::{
    panic::{AssertUnwindSafe, resume_unwind},
    thread::{self, JoinHandle},
};

#[cfg(feature = "parallel")]
use rayon::ThreadPoolBuilder;

use super::segment::{ArrivalStats, Keys, Segment, SegmentData, is_tallied};
use crate::candidates::{CandidateIndex, LEFT_OUT, bottom_shingles};
use crate::corpus::boilerplate::PhraseCounts;
use crate::corpus::collection::Articles;
use crate::corpus::collection::Number;

impl Segment {
    /// What is in, sealed with an index, after so many articles were taken out of the archive.
    pub(crate) fn indexed(&self, taken_out: u64) -> Segment {
        let (mut data, _) = sealed(std::slice::from_ref(self), taken_out);
        let ranks = || 0..data.numbers.len() as u32;
        let mut keys: Vec<u32> = Vec::with_capacity(data.keys.places.len());
        ranks().for_each(|rank| keys.extend(data.keys(rank)));
        let starts = std::iter::once(0).chain(data.keys.ends.iter().copied());
        let listed = starts.zip(&*data.keys.ends);
        let listed = listed.map(|(start, &end)| &keys[start as usize..end as usize]);
        let samples = ranks().map(|rank| data.articles.sample(rank));
        let index = CandidateIndex::new(data.days(), listed, samples.map(bottom_shingles));
        data.index = Some(index);
        Segment::of_data(self.range(), Arc::new(data))
    }

    /// What is in some segments that follow one another and have an index each, as one with an index, after
    /// so many articles were taken out of the archive. Linear.
    pub(crate) fn merged(list: &[Segment], taken_out: u64) -> Segment {
        let (mut data, ranks) = sealed(list, taken_out);
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

    /// What is in a segment without an index, as if nothing had been taken out.
    pub(crate) fn closed_up(&self) -> Segment {
        let mut closed_up = Segment::starting(self.range.start);
        for (rank, number) in self.iter() {
            closed_up.leave_out_before(number);
            closed_up.push(&self.articles().kept(rank), self.stats(rank), self.data.keys.of(rank));
        }
        closed_up.leave_out_before(self.range.end);
        closed_up
    }
}

/// What is in some segments in the order of days, undated ones last, and within a day in the order in which
/// they came, with a phrase count table if they are many, still without an index; and the rank of each in it by segment
/// and rank there.
fn sealed(list: &[Segment], taken_out: u64) -> (SegmentData, Vec<Vec<u32>>) {
    let mut order: Vec<(i64, u32, u32)> = Vec::with_capacity(list.iter().map(Segment::len).sum());
    for (segment, at) in list.iter().zip(0..) {
        let days =
            |rank| segment.articles().facts(rank).date.map_or(i64::MAX, |d| d.number().into());
        order.extend(segment.iter().map(|(rank, _)| (days(rank), at, rank)));
    }
    // Each segment is a run that rises, and the sort takes it as one.
    order.sort_by_key(|&(day, ..)| day);
    let mut data = SegmentData {
        articles: Articles::with_room(list.iter().map(Segment::articles)),
        numbers: Vec::with_capacity(order.len()).into(),
        stats: Vec::with_capacity(order.len()).into(),
        keys: Keys::with_room(list.iter().map(|segment| &segment.data.keys)),
        sealed_at: taken_out,
        index: None,
        phrase_counts: None,
    };
    let mut ranks: Vec<Vec<u32>> =
        list.iter().map(|segment| vec![LEFT_OUT; segment.sealed()]).collect();
    for (&(_, at, rank), place) in order.iter().zip(0..) {
        let segment = &list[at as usize];
        ranks[at as usize][rank as usize] = place;
        let number = segment.data.numbers[rank as usize];
        data.keep(
            segment.articles(),
            rank,
            number,
            segment.stats(rank),
            segment.data.keys.of(rank),
        );
    }
    if order.len() < list.iter().map(Segment::sealed).sum() {
        // The room was for all that is stored there.
        data.articles.shrink_to_fit();
        data.numbers.made().shrink_to_fit();
        data.stats.made().shrink_to_fit();
        data.keys.places.made().shrink_to_fit();
        data.keys.ends.made().shrink_to_fit();
    }
    if is_tallied(data.numbers.len()) {
        let tellings =
            (0u32..).zip(&*data.stats).filter(|(_, row)| !ArrivalStats::of(row).is_reprint);
        data.phrase_counts =
            Some(PhraseCounts::of(tellings.map(|(rank, _)| data.articles.sample(rank))));
    }
    (data, ranks)
}

/// Parts that are being made one. It comes in their place when the archive has come to a number that was
/// fixed when it was begun, so what is found never depends on how long it takes.
#[derive(Debug)]
pub(crate) struct SegmentMerge {
    /// The numbers of the segments.
    pub(crate) range: Range<Number>,
    /// How many articles had been taken out of the archive when it was begun.
    pub(crate) taken_out: u64,
    /// When the next article has this number, it comes in.
    pub(crate) due: Number,
    /// When the next article has this number, a thread may do it; never if there was none.
    #[cfg_attr(not(feature = "parallel"), expect(dead_code, reason = "it is done when due"))]
    from: Option<Number>,
    /// What was taken out since it was begun.
    removed: Vec<Number>,
    work: Work,
}

#[derive(Debug)]
enum Work {
    ToDo(Vec<Segment>),
    #[cfg(feature = "parallel")]
    /// A panic of it goes on where it is waited for, so nobody sees what it left half done.
    Doing(AssertUnwindSafe<JoinHandle<Segment>>),
}

/// What is left where the work was taken.
impl Default for Work {
    fn default() -> Self {
        Work::ToDo(Vec::new())
    }
}

impl SegmentMerge {
    /// Some segments as they were when so many articles had been taken out. It is done from one number on,
    /// and due at another one.
    pub(crate) fn of(list: Vec<Segment>, taken_out: u64, (from, due): (Number, Number)) -> Self {
        let [start, end] = [
            list.first().map(|segment| segment.range.start),
            list.last().map(|segment| segment.range.end),
        ];
        let range = start.unwrap_or(0)..end.unwrap_or(0);
        let (from, removed) = (Some(from), Vec::new());
        SegmentMerge { range, taken_out, due, from, removed, work: Work::ToDo(list) }
    }

    /// Whether a thread is to do it when this is the number of the next article.
    #[cfg(feature = "parallel")]
    pub(crate) fn is_to_do(&self, next: Number) -> bool {
        matches!(self.work, Work::ToDo(_)) && self.from.is_some_and(|from| from <= next)
    }

    /// Lets a thread do it, and something more with what it comes to.
    #[cfg(feature = "parallel")]
    pub(crate) fn start(&mut self, then: impl FnOnce(Segment) -> Segment + Send + 'static) {
        let Work::ToDo(list) = &self.work else { return };
        let (list, taken_out) = (list.clone(), self.taken_out);
        let work = move || {
            let merge = || then(Segment::merged(&list, taken_out));
            // Who waits for it may be a thread of the common pool, and wait there for all threads of it.
            match ThreadPoolBuilder::new().num_threads(1).build() {
                Ok(pool) => pool.install(merge),
                Err(_) => merge(),
            }
        };
        // Without a thread it is done when it is due.
        self.from = None;
        if let Ok(handle) = thread::Builder::new().name("retold merge".to_owned()).spawn(work) {
            self.work = Work::Doing(AssertUnwindSafe(handle));
        }
    }

    /// Takes an article out that is in one of the segments.
    pub(crate) fn remove(&mut self, number: Number) {
        self.removed.push(number);
    }

    /// What it comes to; waits for it.
    pub(crate) fn finish(mut self) -> Segment {
        let mut segment = match std::mem::take(&mut self.work) {
            Work::ToDo(list) => Segment::merged(&list, self.taken_out),
            #[cfg(feature = "parallel")]
            Work::Doing(handle) => match handle.0.join() {
                Ok(segment) => segment,
                Err(panic) => resume_unwind(panic),
            },
        };
        self.removed.iter().for_each(|&number| segment.remove(number));
        segment
    }
}

/// Waits for the thread, which may be writing a file in a folder that has another writer later.
#[cfg(feature = "parallel")]
impl Drop for SegmentMerge {
    fn drop(&mut self) {
        if let Work::Doing(handle) = std::mem::take(&mut self.work) {
            let _ = handle.0.join();
        }
    }
}
