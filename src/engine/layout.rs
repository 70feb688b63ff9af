//! When the articles of a shelf are laid out, and which parts are merged.

use std::ops::Range;

use super::merging::Merging;
use super::part::Part;
use super::shelf::{Shelf, tie_of_one};

/// So many articles that were taken out may lie in the newest part beside as many as are in.
const GAPS: usize = 64;

/// How much of the articles of a merging come before it is due, as one of so many.
const MERGING_TIME: u32 = 16;

impl Shelf {
    /// Gives back the room of all that was taken out.
    pub(crate) fn compact(&mut self) {
        while !self.mergings.is_empty() {
            self.adopt(0);
        }
        let taken_out = self.counters.taken_out;
        for part in self.parts.iter_mut().filter(|part| part.len() < part.laid_out()) {
            *part = match part.is_indexed() {
                true => Part::merged(std::slice::from_ref(part), taken_out),
                false => part.closed_up(),
            };
        }
        self.by_id.shrink_to_fit(|&number| tie_of_one(&self.parts, number));
        self.tidy();
    }

    /// Gives back the room of parts of which nothing is in any more, and finds what is to be merged.
    pub(crate) fn tidy(&mut self) {
        let last = self.parts.len() - 1;
        let newest = &mut self.parts[last];
        if 2 * newest.len() + GAPS <= newest.laid_out() {
            *newest = newest.closed_up();
        }
        let newest = self.parts.split_off(last);
        let mergings = &self.mergings;
        self.parts.retain(|part| part.len() > 0 || is_merging(mergings, part));
        for parts in to_merge(&self.parts, mergings) {
            let parts = self.parts[parts].to_vec();
            let articles: usize = parts.iter().map(Part::len).sum();
            let from = newest[0].range().end;
            let due = from.saturating_add((articles as u32).div_ceil(MERGING_TIME));
            self.mergings.push(Merging::of(parts, self.counters.taken_out, (from, due)));
        }
        self.parts.extend(newest);
        self.count_commonplaces();
    }

    /// Lays the newest articles out once they are enough, and puts what was merged in its place when it
    /// is due.
    pub(crate) fn lay_out(&mut self) {
        let next = self.next();
        let mut is_new = false;
        while let Some(at) = self.mergings.iter().position(|merging| merging.due <= next) {
            self.adopt(at);
            is_new = true;
        }
        if let Some(newest) =
            self.parts.last_mut().filter(|part| part.range().len() >= self.newest as usize)
        {
            *newest = newest.indexed(self.counters.taken_out);
            self.parts.push(Part::starting(next));
            is_new = true;
        }
        if is_new {
            self.tidy();
        }
    }

    /// Puts what was merged in the place of the parts that it was made of; waits for it.
    fn adopt(&mut self, at: usize) {
        let merging = self.mergings.remove(at);
        let Range { start, end } = merging.range.clone();
        let of = |number| self.parts.partition_point(|part| part.range().end <= number);
        let (first, last) = (of(start), of(end - 1));
        self.parts.splice(first..=last, [merging.finish()]);
    }

    /// Lets a thread each do what is to be merged, and what is then to be done with the part.
    #[cfg(feature = "parallel")]
    pub(crate) fn start_threads<F>(&mut self, mut then: impl FnMut() -> F)
    where
        F: FnOnce(Part) -> Part + Send + 'static,
    {
        let next = self.next();
        let to_do = self.mergings.iter_mut().filter(|merging| merging.is_to_do(next));
        to_do.for_each(|merging| merging.start(then()));
    }
}

/// Whether a part is being merged.
fn is_merging(mergings: &[Merging], part: &Part) -> bool {
    mergings.iter().any(|merging| merging.range.contains(&part.range().start))
}

/// Which of the parts with an index are to be merged, or laid out anew alone. Neighbours are merged before
/// the older one is less than half again as large: so there are few parts, and each article is seldom laid
/// out anew. One alone is when half of its room is not needed.
fn to_merge(parts: &[Part], mergings: &[Merging]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(part) = parts.get(at) {
        let next = parts.get(at + 1).filter(|next| !is_merging(mergings, next));
        let end = match next.filter(|next| 2 * part.len() < 3 * next.len()) {
            _ if is_merging(mergings, part) => at,
            Some(_) => at + 2,
            None if 2 * part.len() <= part.laid_out() => at + 1,
            None => at,
        };
        if end > at {
            found.push(at..end);
        }
        at = end.max(at + 1);
    }
    found
}
