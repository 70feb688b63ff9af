//! Where articles stand in the order of days.

use std::ops::Range;

use super::{BACKGROUND_SAMPLE, WINDOW_DAYS};
use crate::corpus::article::Date;

/// Where the articles stand in the order of days. It takes as much room as there are different days.
#[derive(Debug, Clone, Default)]
pub(crate) struct Days {
    /// The days that articles are of, as [`Date::number`] counts: rising.
    days: Vec<i32>,
    /// Of each the rank of its first article.
    starts: Vec<u32>,
    /// How many articles are dated.
    pub(super) dated: usize,
    /// How many articles there are.
    pub(super) articles: usize,
}

impl Days {
    /// Articles in the order of their days.
    pub(crate) fn new(dates: impl ExactSizeIterator<Item = Option<Date>>) -> Self {
        let mut of = Days { articles: dates.len(), ..Days::default() };
        for day in dates.flatten().map(Date::number) {
            if of.days.last() != Some(&day) {
                of.days.push(day);
                of.starts.push(of.dated as u32);
            }
            of.dated += 1;
        }
        of
    }

    /// How many articles are of the days before one.
    fn before(&self, day: i32) -> usize {
        let at = self.days.partition_point(|&other| other < day);
        self.starts.get(at).map_or(self.dated, |&start| start as usize)
    }

    /// The day of a dated article.
    fn day(&self, rank: usize) -> Option<i32> {
        let upto = self.starts.partition_point(|&start| start as usize <= rank);
        (rank < self.dated).then(|| self.days[upto - 1])
    }

    /// The ranks of the dated articles that are at most seven days away.
    pub(super) fn window(&self, date: Date) -> Range<usize> {
        let day = date.number();
        self.before(day - WINDOW_DAYS)..self.before(day + WINDOW_DAYS + 1)
    }

    /// How many days may lie between candidates by words.
    pub(crate) const WINDOW: i32 = WINDOW_DAYS;

    /// The ranks of the dated articles of some days.
    pub(crate) fn between(&self, days: &Range<i32>) -> Range<usize> {
        self.before(days.start)..self.before(days.end)
    }

    /// How many articles have no date.
    pub(crate) fn undated(&self) -> usize {
        self.articles - self.dated
    }

    /// The ranks of the articles next to a place in the order.
    pub(super) fn background(&self, rank: usize) -> Range<usize> {
        let start = rank
            .saturating_sub(BACKGROUND_SAMPLE / 2)
            .min(self.articles.saturating_sub(BACKGROUND_SAMPLE));
        start..(start + BACKGROUND_SAMPLE).min(self.articles)
    }

    /// Where an article of a date, or of none, would be put in.
    pub(crate) fn place(&self, date: Option<Date>) -> usize {
        date.map_or(self.articles, |date| self.before(date.number()))
    }

    /// How many others are in the background of an article.
    pub(crate) fn others_in_background(&self, is_in: bool) -> usize {
        self.articles.min(BACKGROUND_SAMPLE) - usize::from(is_in)
    }

    /// Whether two articles, the first one of the lower rank, may be of about the same days.
    pub(super) fn are_near(&self, first: u32, second: u32) -> bool {
        match (self.day(first as usize), self.day(second as usize)) {
            (Some(first), Some(second)) => second - first <= WINDOW_DAYS,
            _ => true,
        }
    }

    pub(super) fn memory_usage(&self) -> usize {
        self.days.capacity() * size_of::<i32>() + self.starts.capacity() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn days_by_their_first_ranks_agree_with_a_day_for_each_article(
            mut days in prop::collection::vec(1u8..28, 0..40), undated in 0usize..4, asked in 1u8..28,
        ) {
            days.sort_unstable();
            let date = |day: u8| Date::new(2031, 5, day).unwrap();
            let dates = days.iter().map(|&day| Some(date(day))).chain((0..undated).map(|_| None));
            let dates: Vec<Option<Date>> = dates.collect();
            let of = Days::new(dates.iter().copied());
            let below = |day: i32| days.iter().filter(|&&other| date(other).number() < day).count();
            let day = date(asked).number();
            prop_assert_eq!((of.dated, of.articles), (days.len(), dates.len()));
            prop_assert_eq!(of.window(date(asked)), below(day - 7)..below(day + 8));
            prop_assert_eq!(of.between(&(day - 2..day)), below(day - 2)..below(day));
            prop_assert_eq!(of.place(Some(date(asked))), below(day));
            for (second, two) in dates.iter().enumerate() {
                for (first, one) in dates[..second].iter().enumerate() {
                    let are_near = one.zip(*two).is_none_or(|(one, two)| two.days_since(one) <= 7);
                    prop_assert_eq!(of.are_near(first as u32, second as u32), are_near);
                }
            }
        }
    }
}
