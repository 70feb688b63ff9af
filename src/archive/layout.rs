//! When the articles of a shelf are laid out, and which parts are merged.

use std::ops::Range;

use super::merging::Merging;
use super::part::Part;
use super::shelf::{Shelf, tie_of_one};

/// So many articles that were taken out may lie in the newest part beside as many as are in.
const SPARE: usize = 64;

/// How much of the articles of a merging come before it is due, as one of so many.
const MERGING_TIME: u32 = 16;

impl Shelf {
    /// Gives back the room of all that was taken out.
    pub(crate) fn compact(&mut self) {
        self.mergings.clear();
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

    /// Gives back the room of parts of which nothing is in any more, and begins to merge those that have
    /// become small beside the ones after them, or of whose room half is not needed.
    pub(crate) fn tidy(&mut self) {
        let newest = self.parts.len() - 1;
        if 2 * self.parts[newest].len() + SPARE <= self.parts[newest].laid_out() {
            self.parts[newest] = self.parts[newest].closed_up();
        }
        let is_merging = |part: &Part| {
            self.mergings.iter().any(|merging| merging.range.contains(&part.range().start))
        };
        let mut at = 0;
        self.parts.retain(|part| {
            at += 1;
            at > newest || part.len() > 0 || is_merging(part)
        });
        let indexed = &self.parts[..self.parts.len() - 1];
        let mut begun = Vec::new();
        let mut at = 0;
        while let Some(part) = indexed.get(at) {
            let next = indexed.get(at + 1).filter(|next| !is_merging(next));
            // Neighbours are merged before the older one is less than half again as large, so that there
            // are few parts and each article is seldom laid out anew.
            let is_small = |next: &&Part| 2 * part.len() < 3 * next.len();
            let end = match next.filter(is_small) {
                _ if is_merging(part) => at,
                Some(_) => at + 2,
                None if 2 * part.len() <= part.laid_out() => at + 1,
                None => at,
            };
            if end > at {
                begun.push(at..end);
            }
            at = end.max(at + 1);
        }
        for parts in begun {
            let parts = self.parts[parts].to_vec();
            let articles: usize = parts.iter().map(Part::len).sum();
            let due = self.next() + (articles as u32).div_ceil(MERGING_TIME);
            self.mergings.push(Merging::of(parts, self.counters.taken_out, due, Vec::new()));
        }
        self.count_commonplaces();
    }

    /// Lays the newest articles out once they are enough, and puts what was merged in its place when it
    /// is due.
    pub(super) fn lay_out(&mut self) {
        let next = self.next();
        let mut is_new = false;
        while let Some(at) = self.mergings.iter().position(|merging| merging.due <= next) {
            let merging = self.mergings.remove(at);
            let Range { start, end } = merging.range.clone();
            let of = |number| self.parts.partition_point(|part| part.range().end <= number);
            let (first, last) = (of(start), of(end - 1));
            self.parts.splice(first..=last, [merging.finish()]);
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

    /// Lets a thread each do what is to be merged, and what is then to be done with the part.
    pub(crate) fn begin_mergings<F>(&mut self, mut then: impl FnMut() -> F)
    where
        F: FnOnce(Part) -> Part + Send + 'static,
    {
        let to_do = self.mergings.iter_mut().filter(|merging| merging.is_to_do());
        to_do.for_each(|merging| merging.begin(then()));
    }
}
