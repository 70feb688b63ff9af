//! Parts that are laid out: the newest one once it is large enough, others as one where they are of about
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

use super::part::{Keys, Laid, Part, Placed, is_tallied};
use crate::candidates::{CandidateIndex, LEFT_OUT, least_shingles};
use crate::corpus::boilerplate::Tally;
use crate::corpus::collection::Articles;
use crate::corpus::collection::Number;

impl Part {
    /// What is in, laid out with an index, after so many articles were taken out of the archive.
    pub(crate) fn indexed(&self, taken_out: u64) -> Part {
        let (mut laid, _) = laid_out(std::slice::from_ref(self), taken_out);
        let ranks = || 0..laid.numbers.len() as u32;
        let mut keys: Vec<u32> = Vec::with_capacity(laid.keys.places.len());
        ranks().for_each(|rank| keys.extend(laid.keys(rank)));
        let starts = std::iter::once(0).chain(laid.keys.ends.iter().copied());
        let listed = starts.zip(&*laid.keys.ends);
        let listed = listed.map(|(start, &end)| &keys[start as usize..end as usize]);
        let samples = ranks().map(|rank| laid.articles.sample(rank));
        let index = CandidateIndex::new(laid.days(), listed, samples.map(least_shingles));
        laid.index = Some(index);
        Part::of_laid(self.range(), Arc::new(laid))
    }

    /// What is in some parts that follow one another and have an index each, as one with an index, after
    /// so many articles were taken out of the archive. Linear.
    pub(crate) fn merged(parts: &[Part], taken_out: u64) -> Part {
        let (mut laid, ranks) = laid_out(parts, taken_out);
        let indexes = parts.iter().zip(&ranks);
        let indexes: Vec<(&CandidateIndex, &[u32])> = indexes
            .filter_map(|(part, ranks)| Some((part.laid.index.as_ref()?, &**ranks)))
            .collect();
        laid.index = Some(CandidateIndex::merged(laid.days(), &indexes));
        let range = match parts {
            [first, .., last] => first.range.start..last.range.end,
            [only] => only.range(),
            [] => 0..0,
        };
        Part::of_laid(range, Arc::new(laid))
    }

    /// What is in a part without an index, as if nothing had been taken out.
    pub(crate) fn closed_up(&self) -> Part {
        let mut closed_up = Part::starting(self.range.start);
        for (rank, number) in self.iter() {
            closed_up.leave_out_before(number);
            closed_up.push(&self.articles().kept(rank), self.placed(rank), self.laid.keys.of(rank));
        }
        closed_up.leave_out_before(self.range.end);
        closed_up
    }
}

/// What is in some parts in the order of days, undated ones last, and within a day in the order in which
/// they came, with a tally if they are many, still without an index; and the rank of each in it by part
/// and rank there.
fn laid_out(parts: &[Part], taken_out: u64) -> (Laid, Vec<Vec<u32>>) {
    let mut order: Vec<(i64, u32, u32)> = Vec::with_capacity(parts.iter().map(Part::len).sum());
    for (part, at) in parts.iter().zip(0..) {
        let days = |rank| part.articles().facts(rank).date.map_or(i64::MAX, |d| d.number().into());
        order.extend(part.iter().map(|(rank, _)| (days(rank), at, rank)));
    }
    // Each part is a run that rises, and the sort takes it as one.
    order.sort_by_key(|&(day, ..)| day);
    let mut laid = Laid {
        articles: Articles::with_room(parts.iter().map(Part::articles)),
        numbers: Vec::with_capacity(order.len()).into(),
        placed: Vec::with_capacity(order.len()).into(),
        keys: Keys::with_room(parts.iter().map(|part| &part.laid.keys)),
        laid_out_at: taken_out,
        index: None,
        tally: None,
    };
    let mut ranks: Vec<Vec<u32>> =
        parts.iter().map(|part| vec![LEFT_OUT; part.laid_out()]).collect();
    for (&(_, at, rank), place) in order.iter().zip(0..) {
        let part = &parts[at as usize];
        ranks[at as usize][rank as usize] = place;
        let number = part.laid.numbers[rank as usize];
        laid.keep(part.articles(), rank, number, part.placed(rank), part.laid.keys.of(rank));
    }
    if order.len() < parts.iter().map(Part::laid_out).sum() {
        // The room was for all that lies there.
        laid.articles.shrink_to_fit();
        laid.numbers.made().shrink_to_fit();
        laid.placed.made().shrink_to_fit();
        laid.keys.places.made().shrink_to_fit();
        laid.keys.ends.made().shrink_to_fit();
    }
    if is_tallied(laid.numbers.len()) {
        let tellings = (0u32..).zip(&*laid.placed).filter(|(_, row)| !Placed::of(row).is_reprint);
        laid.tally = Some(Tally::of(tellings.map(|(rank, _)| laid.articles.sample(rank))));
    }
    (laid, ranks)
}

/// Parts that are being made one. It comes in their place when the archive has come to a number that was
/// fixed when it was begun, so what is found never depends on how long it takes.
#[derive(Debug)]
pub(crate) struct Merging {
    /// The numbers of the parts.
    pub(crate) range: Range<Number>,
    /// How many articles had been taken out of the archive when it was begun.
    pub(crate) taken_out: u64,
    /// When the next article has this number, it comes in.
    pub(crate) due: Number,
    /// When the next article has this number, a thread may do it; never if there was none.
    #[cfg_attr(not(feature = "parallel"), expect(dead_code, reason = "it is done when due"))]
    from: Option<Number>,
    /// What was taken out since it was begun.
    gone: Vec<Number>,
    work: Work,
}

#[derive(Debug)]
enum Work {
    ToDo(Vec<Part>),
    #[cfg(feature = "parallel")]
    /// A panic of it goes on where it is waited for, so nobody sees what it left half done.
    Doing(AssertUnwindSafe<JoinHandle<Part>>),
}

/// What is left where the work was taken.
impl Default for Work {
    fn default() -> Self {
        Work::ToDo(Vec::new())
    }
}

impl Merging {
    /// Some parts as they were when so many articles had been taken out. It is done from one number on,
    /// and due at another one.
    pub(crate) fn of(parts: Vec<Part>, taken_out: u64, (from, due): (Number, Number)) -> Self {
        let [start, end] =
            [parts.first().map(|part| part.range.start), parts.last().map(|part| part.range.end)];
        let range = start.unwrap_or(0)..end.unwrap_or(0);
        let (from, gone) = (Some(from), Vec::new());
        Merging { range, taken_out, due, from, gone, work: Work::ToDo(parts) }
    }

    /// Whether a thread is to do it when this is the number of the next article.
    #[cfg(feature = "parallel")]
    pub(crate) fn is_to_do(&self, next: Number) -> bool {
        matches!(self.work, Work::ToDo(_)) && self.from.is_some_and(|from| from <= next)
    }

    /// Lets a thread do it, and something more with what it comes to.
    #[cfg(feature = "parallel")]
    pub(crate) fn start(&mut self, then: impl FnOnce(Part) -> Part + Send + 'static) {
        let Work::ToDo(parts) = &self.work else { return };
        let (parts, taken_out) = (parts.clone(), self.taken_out);
        let work = move || {
            let merge = || then(Part::merged(&parts, taken_out));
            // Who waits for it may be a thread of the common pool, and wait there for all threads of it.
            match ThreadPoolBuilder::new().num_threads(1).build() {
                Ok(pool) => pool.install(merge),
                Err(_) => merge(),
            }
        };
        // Without a thread it is done when it is due.
        self.from = None;
        if let Ok(handle) = thread::Builder::new().name("retold merging".to_owned()).spawn(work) {
            self.work = Work::Doing(AssertUnwindSafe(handle));
        }
    }

    /// Takes an article out that is in one of the parts.
    pub(crate) fn remove(&mut self, number: Number) {
        self.gone.push(number);
    }

    /// What it comes to; waits for it.
    pub(crate) fn finish(mut self) -> Part {
        let mut part = match std::mem::take(&mut self.work) {
            Work::ToDo(parts) => Part::merged(&parts, self.taken_out),
            #[cfg(feature = "parallel")]
            Work::Doing(handle) => match handle.0.join() {
                Ok(part) => part,
                Err(panic) => resume_unwind(panic),
            },
        };
        self.gone.iter().for_each(|&number| part.remove(number));
        part
    }
}

/// Waits for the thread, which may be writing a file in a folder that has another writer later.
#[cfg(feature = "parallel")]
impl Drop for Merging {
    fn drop(&mut self) {
        if let Work::Doing(handle) = std::mem::take(&mut self.work) {
            let _ = handle.0.join();
        }
    }
}
